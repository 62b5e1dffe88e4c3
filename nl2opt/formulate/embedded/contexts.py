"""Item -> bag of words: what the words around a number say it measures, and how alike two bags are."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nl2opt.formulate.embedded.mentions import Mention
from nl2opt.formulate.embedded.roles import Item
from nl2opt.formulate.embedded.words import Word, alike, root, split_words
from nl2opt.formulate.text import Passage

Bag = Mapping[str, float]
"""Root -> weight. Roots with a colon are kinds of words: `c:cost`, `u:hour`."""


def _roots(words: str) -> frozenset[str]:
    return frozenset(root(word) for word in words.split())


CONCEPTS: Final[Mapping[str, frozenset[str]]] = {
    "gain": _roots(
        "profit profits profitable revenue earn earns earning earnings income return returns gain net nets sale "
        "sales interest "
        "yield yields fundraise"
    ),
    "cost": _roots(
        "cost costs costing expense expenses expensive price spend spending budget pay paid wage wages salary bill fee "
        "charge charges capital afford maintenance"
    ),
    "time": _roots("time hour hours minute minutes second seconds day days week weeks shift duration long"),
    "crowd": _roots(
        "people person customer customers viewer viewers audience user users reader readers exposure reach client "
        "clients patient patients passenger passengers tourist worker workers employee staff"
    ),
    "dirt": _roots("pollution emission emissions pollutant carbon co2 dioxide waste garbage"),
    "area": _roots("acre acres hectare hectares land space area ft feet square meter"),
    "load": _roots("carry transport hold deliver move ship haul store capacity"),
}
MONEY: Final = "$"
MEASURES: Final = _roots(
    "hour minute second day week month year kg g mg lb oz ton gallon litre ml cup unit liter meter km mile kwh watt mw "
    "acre hectare sq ft foot cm mm inch calorie gram au percent serving spoon pint quart box item piece"
)
VAGUE: Final = _roots("unit units each per total amount")
_STOP_MARKS: Final = frozenset(".;:!?")
_BREAKS: Final = frozenset(["while", "whereas", "but", "however", "although", "though", "if", "because", "since"])


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds a number. `unit` is the root right after it ("$" for money), `nouns` the first words after it."""

    unit: str
    bag: Bag
    bare: bool
    nouns: frozenset[str] = frozenset()


@dataclass(slots=True)
class Surroundings:
    """The words of a text with their owners, made once for a parse."""

    passage: Passage
    words: Sequence[Word]
    mention_of: list[int]
    item_of: list[int]
    sentence_of: list[int]

    @classmethod
    def of(cls, passage: Passage, items: Sequence[Item], mentions: Sequence[Mention]) -> Surroundings:
        """Mark which words belong to mentions and to numbers."""
        words = split_words(passage.text)
        mention_of = _owners(words, [(m.start, m.end) for m in mentions])
        item_of = _owners(words, [(i.start, i.end) for i in items])
        sentence_of = _owners(words, [(s.start, s.end) for s in passage.sentences])
        return cls(passage, words, mention_of, item_of, sentence_of)

    def first_word_at(self, offset: int) -> int:
        """Index of the first word that starts at or after an offset."""
        low, high = 0, len(self.words)
        while low < high:
            middle = (low + high) // 2
            if self.words[middle].start < offset:
                low = middle + 1
            else:
                high = middle
        return low


def _owners(words: Sequence[Word], places: Sequence[tuple[int, int]]) -> list[int]:
    owners = [-1] * len(words)
    k = 0
    for w, word in enumerate(words):
        while k < len(places) and places[k][1] <= word.start:
            k += 1
        if k < len(places) and places[k][0] < word.end:
            owners[w] = k
    return owners


def contexts(around: Surroundings, items: Sequence[Item]) -> list[Context]:
    """The context of every item."""
    found: list[Context] = []
    carried: dict[int, dict[str, float]] = {}
    for k, item in enumerate(items):
        at = around.first_word_at(item.start)
        after = around.first_word_at(item.end)
        sentence = around.sentence_of[at] if at < len(around.words) else -1
        right, unit = _right(around, after, k)
        left = _left(around, at, sentence)
        if item.money:
            unit = MONEY
            right[MONEY] = 0.6
        if any(name != unit and name not in MEASURES for name in right):
            left = {name: 0.5 * weight for name, weight in left.items()}
        bag: dict[str, float] = {}
        for part in (left, right):
            for name, weight in part.items():
                bag[name] = max(bag.get(name, 0.0), weight)
        bare = not any(name != unit and name not in MEASURES for name in bag)
        if bare and sentence in carried:
            for name, weight in carried[sentence].items():
                bag.setdefault(name, 0.6 * weight)
        if not bare and left:
            carried[sentence] = left
        found.append(Context(unit, _with_concepts(bag), bare, _nouns(around, after, k)))
    text = around.passage.text
    for k in range(len(items) - 2, -1, -1):
        both = items[k].role == items[k + 1].role == "param"
        if both and _LISTED.fullmatch(text[items[k].end : items[k + 1].start]) and not found[k].nouns:
            found[k] = found[k + 1]
    return found


_LISTED: Final = re.compile(r"\s*(?:,\s*(?:and\s+|or\s+)?|and\s+|or\s+)[$£€]?")
"""What stands between the numbers of a list that share the noun after the last: `7, 4 and 5 hours`."""


def _right(around: Surroundings, start: int, own: int) -> tuple[dict[str, float], str]:
    bag: dict[str, float] = {}
    unit = ""
    weight = 1.0
    steps = 0
    for w in range(start, len(around.words)):
        word = around.words[w]
        if around.item_of[w] not in (-1, own) or word.text in _STOP_MARKS or word.low in _BREAKS:
            break
        if word.text == "," or (word.low in ("and", "or") and _new_statement(around, w + 1)):
            break
        if around.mention_of[w] >= 0:
            weight = min(weight, 0.5)
            continue
        if not word.root or word.root == "%":
            continue
        steps += 1
        if steps > 9:
            break
        if not unit and steps == 1:
            unit = word.root
            bag[word.root] = 0.6
            continue
        bag[word.root] = max(bag.get(word.root, 0.0), weight)
        weight *= 0.9
    return bag, unit


def _nouns(around: Surroundings, start: int, own: int) -> frozenset[str]:
    """What the number counts: `units`, `pollution` in "5 units of pollution per day"; empty after money."""
    found: list[str] = []
    for w in range(start, min(start + 6, len(around.words))):
        word = around.words[w]
        if (
            around.item_of[w] not in (-1, own)
            or around.mention_of[w] >= 0
            or not (word.text[0].isalpha() or word.text in "%-")
        ):
            break
        if word.low in ("of", "the", "a", "an") and found:
            continue
        if not word.root or word.text in "%-":
            if found:
                break
            continue
        found.append(word.root)
        if len(found) == 3:
            break
    return frozenset(found)


def _new_statement(around: Surroundings, start: int) -> bool:
    """Whether a number or a decision follows before the clause ends."""
    for w in range(start, min(start + 12, len(around.words))):
        if around.words[w].text in ".;:!?,":
            return False
        if around.item_of[w] >= 0 or around.mention_of[w] >= 0:
            return True
    return False


def _is_label(around: Surroundings, colon: int, sentence: int) -> bool:
    """Whether no more than three words of the sentence stand before a colon: `Doctors: 850 min`."""
    first = colon
    while first > 0 and around.sentence_of[first - 1] == sentence:
        first -= 1
    return 0 < colon - first <= 3 and all(around.item_of[w] < 0 for w in range(first, colon))


def _left(around: Surroundings, at: int, sentence: int) -> dict[str, float]:
    bag: dict[str, float] = {}
    weight = 0.9
    steps = 0
    for w in range(at - 1, -1, -1):
        word = around.words[w]
        if around.item_of[w] >= 0 or around.sentence_of[w] != sentence or word.text in ".;!?,":
            break
        if word.text == ":" and not _is_label(around, w, sentence):
            break
        if word.low in _BREAKS:
            break
        if around.mention_of[w] >= 0 or not word.root:
            continue
        steps += 1
        if steps > 7:
            break
        bag[word.root] = max(bag.get(word.root, 0.0), weight)
        weight *= 0.9
    return bag


def _with_concepts(bag: Mapping[str, float]) -> dict[str, float]:
    full = dict(bag)
    for concept, members in CONCEPTS.items():
        weight = max((w for name, w in bag.items() if name in members), default=0.0)
        if weight:
            full[f"c:{concept}"] = 0.5 * weight
    return full


def words_bag(words: Iterable[str]) -> dict[str, float]:
    """A bag of loose words, each of weight one, with their concepts."""
    return _with_concepts({name: 1.0 for name in words if name})


class Likeness:
    """How alike two bags are: a cosine in which words found around many numbers count little."""

    def __init__(self, bags: Sequence[Bag]) -> None:
        counts = Counter(name for bag in bags for name in bag)
        self._size = max(len(bags), 1)
        self._rarity = {name: math.log(1 + self._size / count) for name, count in counts.items()}
        self._default = math.log(1 + self._size)

    def rarity(self, name: str) -> float:
        """Weight of a word; the fewer numbers it stands beside, the more."""
        return self._rarity.get(name, self._default)

    def __call__(self, left: Bag, right: Bag) -> float:
        if not left or not right:
            return 0.0
        total = 0.0
        for name, weight in left.items():
            if name in right:
                total += weight * right[name] * self.rarity(name) ** 2
                continue
            if ":" in name:
                continue
            best = max(
                ((alike(name, other), other) for other in right if ":" not in other and other not in left),
                default=(0.0, ""),
            )
            if best[0] > 0:
                total += 0.8 * best[0] * weight * right[best[1]] * self.rarity(name) * self.rarity(best[1])
        return total / (self._norm(left) * self._norm(right))

    def _norm(self, bag: Bag) -> float:
        return math.sqrt(sum((weight * self.rarity(name)) ** 2 for name, weight in bag.items())) or 1.0


def mean_bag(bags: Sequence[Bag]) -> dict[str, float]:
    """The average of several bags."""
    total: dict[str, float] = {}
    for bag in bags:
        for name, weight in bag.items():
            total[name] = total.get(name, 0.0) + weight / len(bags)
    return total


def unit_conflict(left: Context, right: Context, left_item: Item, right_item: Item) -> float:
    """A penalty when two numbers cannot be of one kind: money and hours, percent and pieces."""
    penalty = 0.0
    if left_item.money != right_item.money:
        dollars = {left.unit, right.unit} & {MONEY}
        if not (dollars and (left.unit == right.unit)):
            penalty += 0.5
    if (left_item.quantity.kind == "percent") != (right_item.quantity.kind == "percent"):
        penalty += 0.4
    if left.unit != right.unit and left.unit in MEASURES and right.unit in MEASURES:
        penalty += 0.2
    if left.nouns and right.nouns and not any(alike(a, b) for a in left.nouns - VAGUE for b in right.nouns - VAGUE):
        penalty += 0.25
    return penalty


__all__ = ["Bag", "Context", "Likeness", "Surroundings", "contexts", "mean_bag", "re", "unit_conflict", "words_bag"]
