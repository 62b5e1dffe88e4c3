"""Text -> Roster: which names stand for the amounts to decide, by the text's own symbols and lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nl2opt.formulate.embedded.contexts import CONCEPTS
from nl2opt.formulate.embedded.words import STOP, Word, root, split_words

MOST: Final = 12
"""A list of more names than this is none of amounts to decide."""
_SERIES: Final = ("WXYZ", "ABCDEFGH", "PQRS", "UV", "MN")
_APART: Final = r"(?:(?<![\w'’.&-])|(?<=(?<![\w.])\d)|(?<=(?<![\w])\d\d)|(?<=\.\d))"
"""Where a symbol may begin: apart from other words, or behind the number that weighs it."""
_LETTER: Final = re.compile(rf"{_APART}([A-Z]|[wxyz])(?![\w&]|['’](?!s\b)|-[a-z]|\.[A-Za-z])")
_NUMBERED: Final = re.compile(rf"{_APART}([A-Za-z])_?\{{?(\d{{1,2}})\}}?(?![\w%])")
_ARTICLE: Final = re.compile(
    r"\s+(?!(?:costs?|must|should|cannot|may|has|needs?|requires?|takes?|yields?|is|are|gives?|brings?|and|or|minus|plus|"
    r"uses?|earns?|sells?)\b)[a-z]"
)
"""What follows `A` where it is no symbol."""
_NOUN_AND_NUMBER: Final = re.compile(r"(?<![\w'’.-])([A-Za-z]{3,})\s+(\d{1,2})(?![\w%.,]*\d)(?![\w%])")
_BREAKERS: Final = STOP | frozenset(
    """
    combined together respectively including namely such like plus minus times twice thrice double half must cannot
    can could may should will would be is are was were has have had not each every per due to with without within
    among between across given using by versus or and but while whereas if as at from into in on of for the a an both
    all any produces produce made make produced costing priced sold hired minimize maximize minimizing maximizing
    exceed represent represents three two four five six different new main available total overall allocate allocating
    plan planning how many much number
    """.split()  # noqa: SIM905  (a list of words reads better so)
)
"""Words that end a name."""
_MONEY: Final = CONCEPTS["gain"] | CONCEPTS["cost"]
_VERBS: Final = frozenset(
    map(
        root,
        """
        builds makes produces sells grows plants uses rents hires buys offers mixes blends bakes prints transports ships
        stores employs runs operates manufactures designs creates prepares serves stocks breeds raises
        """.split(),  # noqa: SIM905  (a list of words reads better so)
    )
)
"""What a firm does with the things it lists."""
_SAID: Final = re.compile(
    r"\s*(?:represents?|denotes?|stands? for|focus(?:es|ing) on|is focused on|, focusing on)\s+", re.I
)


@dataclass(frozen=True, slots=True)
class Called:
    """A place where the text names an amount: offsets and which amount."""

    start: int
    end: int
    decision: int


NEARLY = 0.9
"""The share of symbols that a noun stands before, so that it belongs to their names."""


@dataclass(frozen=True, slots=True)
class Roster:
    """The amounts of a text, by name, and every place that names one, in order, disjoint.

    `symbols` are letters or numbered nouns: whoever writes them means to compute.
    """

    names: tuple[str, ...]
    called: tuple[Called, ...]
    symbols: bool = False


def rosters(text: str) -> list[Roster]:
    """What the amounts may be, likeliest first: symbols before listed nouns."""
    return [*_by_symbols(text), *_by_numbers(text), *_by_lists(text)]


def _by_numbers(text: str) -> list[Roster]:
    """A noun with numbers, 1, 2, 3 and so on: `Supplier 1, Supplier 2`."""
    found: dict[str, list[tuple[int, int, int, str]]] = {}
    for match in _NOUN_AND_NUMBER.finditer(text):
        if root(match[1]) and match[1].lower() not in _BREAKERS:
            found.setdefault(root(match[1]), []).append((match.start(), match.end(), int(match[2]), match[1]))
    made = []
    for places in found.values():
        counts = Counter(number for _, _, number, _ in places)
        many = len(counts)
        if 2 <= many <= MOST and set(counts) == set(range(1, many + 1)) and min(counts.values()) > 1:
            names = tuple(next(f"{noun} {k}" for _, _, n, noun in places if n == k) for k in range(1, many + 1))
            made.append(Roster(names, tuple(Called(a, b, n - 1) for a, b, n, _ in places), symbols=True))
    return made


def _by_symbols(text: str) -> list[Roster]:
    found: dict[str, list[tuple[int, int, str]]] = {}
    for match in _LETTER.finditer(text):
        letter = match[1].upper()
        series = next((s for s in _SERIES if letter in s), "others")
        opens = re.search(r"(?:^|[.!?:;\n(])\s*$", text[: match.start()]) is not None
        if letter == "I" or (match[1] == "A" and opens and _ARTICLE.match(text, match.end())):
            continue
        found.setdefault(series, []).append((match.start(), match.end(), letter))
    for match in _NUMBERED.finditer(text):
        letter = match[1].upper()
        found.setdefault(f"{letter}1", []).append((match.start(), match.end(), f"{letter}{int(match[2])}"))
    ranked = sorted(found.values(), key=lambda places: -len(places))
    ranked.append([place for series, places in found.items() if not series[-1].isdigit() for place in places])
    made = []
    for places in ranked:
        counts = Counter(symbol for _, _, symbol in places)
        symbols = sorted((s for s, n in counts.items() if n > 1), key=lambda s: (len(s), s[1:] and s))
        if 2 <= len(symbols) <= MOST:
            made.append(_named(text, symbols, places))
        elif 2 <= len(counts) <= MOST:
            named = _named(text, sorted(counts, key=lambda s: (len(s), s[1:] and s)), places)
            if all(sum(c.decision == d for c in named.called) > 1 for d in range(len(counts))):
                made.append(named)
    return made


def _named(text: str, symbols: Sequence[str], places: Sequence[tuple[int, int, str]]) -> Roster:
    number = {symbol: d for d, symbol in enumerate(symbols)}
    called = [Called(a, b, number[s]) for a, b, s in places if s in number]
    aliases: dict[tuple[str, ...], int] = {}
    for place in called:
        for phrase in _aliases(text, place):
            roots = tuple(w.root for w in split_words(phrase) if w.root)
            if roots:
                known = aliases.setdefault(roots, place.decision)
                if known != place.decision:
                    aliases[roots] = -1
    for roots in [r for r in aliases if any(set(r) < set(other) and len(r) == 1 for other in aliases)]:
        del aliases[roots]
    heads = Counter(r for roots in aliases for r in set(roots))
    for roots, decision in list(aliases.items()):
        if len(roots) > 1 and heads[roots[0]] == 1:
            aliases.setdefault(roots[:1], decision)
    words = [w for w in split_words(text) if w.root]
    for roots, decision in sorted(aliases.items(), key=lambda entry: -len(entry[0])):
        if decision >= 0 and not _generic(roots, called, words):
            called += [Called(a, b, decision) for a, b in _occurrences(words, roots)]
    noun = _class_noun(text, [(a, b) for a, b, s in places if s in number])
    names = (f"{noun} {symbol}" if noun else symbol for symbol in symbols)
    return Roster(tuple(names), tuple(_disjoint(called)), symbols=True)


def _class_noun(text: str, places: Sequence[tuple[int, int]]) -> str:
    """The noun that stands before nearly all symbols: `truck` of "truck A and truck B"; '' where there is none."""
    before = [match[1].lower() for a, _ in places if (match := re.search(r"([A-Za-z][A-Za-z-]+) $", text[:a]))]
    roots = Counter(root(word) for word in before if word not in _BREAKERS and root(word))
    if not roots or roots.most_common(1)[0][1] < NEARLY * len(places):
        return ""
    return next(word for word in before if root(word) == roots.most_common(1)[0][0])


def _generic(roots: tuple[str, ...], called: Sequence[Called], words: Sequence[Word]) -> bool:
    """A class noun, `project` before two different symbols, names neither."""
    before: set[int] = set()
    for place in called:
        last = [w for w in words if w.end <= place.start][-len(roots) :]
        if tuple(w.root for w in last) == roots and place.start - last[-1].end <= 3:
            before.add(place.decision)
    return len(before) > 1


def _aliases(text: str, place: Called) -> Iterator[str]:
    """Nouns that the text sets beside a symbol: `solar power (X)`, `X (solar power)`, `X represents solar power`."""
    before, after = text[: place.start], text[place.end :]
    match = re.search(r"\((?:[a-z]+\s+)?\s*$", before)
    if match and re.match(r"\s*\)", after):
        words = re.split(r"[,;:.()]|\b(?:and|or)\b", before[: match.start()])[-1]
        kept: list[str] = []
        for word in reversed(words.split()):
            if word.lower() in _BREAKERS or len(kept) == 3 or not re.fullmatch(r"[A-Za-z&-]+", word):
                break
            kept.insert(0, word)
        yield _recurring(text, kept)
    if (match := re.match(r"\s*\(([A-Za-z][A-Za-z -]{2,40})\)", after)) and not re.search(
        r"\b(?:multipl|count|doubl|times|integer)", match[1]
    ):
        yield match[1]
    if match := _SAID.match(after):
        kept = []
        for word in re.findall(r"[A-Za-z-]+|[.,;:()]", after[match.end() : match.end() + 60]):
            if word.lower() in _BREAKERS or not word[0].isalpha() or len(kept) == 3:
                break
            kept.append(word)
        yield " ".join(kept)


def _recurring(text: str, words: Sequence[str]) -> str:
    """The longest end of a phrase that the text has again, else all of it: `rye` of "miller grinds rye"."""
    every = [w for w in split_words(text) if w.root]
    for start in range(len(words)):
        tail = " ".join(words[start:])
        if len(_occurrences(every, tuple(w.root for w in split_words(tail) if w.root))) > 1:
            return tail
    return " ".join(words)


def _occurrences(words: Sequence[Word], roots: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where a phrase stands; nowhere, if it has no word."""
    n = len(roots)
    return (
        []
        if not n
        else [
            (words[k].start, words[k + n - 1].end)
            for k in range(len(words) - n + 1)
            if tuple(w.root for w in words[k : k + n]) == roots and words[k + n - 1].end - words[k].start < 24 * n
        ]
    )


def _disjoint(called: Sequence[Called]) -> list[Called]:
    kept: list[Called] = []
    for place in sorted(called, key=lambda c: (c.start, -c.end)):
        if not kept or place.start >= kept[-1].end:
            kept.append(place)
    return kept


def _by_lists(text: str) -> list[Roster]:
    """Lists of nouns that come again and again: `wheat, corn and rye`."""
    every = _merged(text)
    words = [w for w in every if w.root]
    scored: list[tuple[float, tuple[tuple[str, ...], ...], tuple[str, ...]]] = []
    seen: set[frozenset[tuple[str, ...]]] = set()
    for items in _lists(every):
        shared = Counter(r for item in items for r in {w.root for w in item})
        chosen = [_best_phrase(words, item, shared) for item in items]
        if any(c is None for c in chosen):
            continue
        phrases = tuple(c[0] for c in chosen if c is not None)
        key = frozenset(phrases)
        if len(key) < len(phrases) or key in seen:
            continue
        seen.add(key)
        counts = [c[2] for c in chosen if c is not None]
        if min(counts) >= 2:
            scored.append((min(counts) + 2.0 * len(phrases), phrases, tuple(c[1] for c in chosen if c is not None)))
    scored.sort(key=lambda entry: -entry[0])
    made = []
    for _, phrases, names in scored[:3]:
        called = [Called(a, b, d) for d, roots in enumerate(phrases) for a, b in _occurrences(words, roots)]
        made.append(Roster(names, tuple(_disjoint(called))))
    return made


def _best_phrase(
    words: Sequence[Word], item: Sequence[Word], shared: Mapping[str, int]
) -> tuple[tuple[str, ...], str, int] | None:
    """The part of a listed name by which it is called most often, the longest of these."""
    best: tuple[int, int, tuple[str, ...], str] | None = None
    name = (0, "")
    for size in range(1, len(item) + 1):
        for start in range(len(item) - size + 1):
            part = item[start : start + size]
            roots = tuple(w.root for w in part)
            if not all(roots) or (size == 1 and len(roots[0]) < 3):
                continue
            if size == 1 and len(item) > 1 and (shared[roots[0]] > 1 or roots[0] in _MONEY):
                continue
            count = len(_occurrences(words, roots))
            told = " ".join(w.text for w in part)
            if count > 1 and size > name[0]:
                name = (size, told)
            option = (count, size, roots, told)
            if best is None or option[:2] > best[:2]:
                best = option
    return None if best is None else (best[2], name[1] or best[3], best[0])


def _merged(text: str) -> list[Word]:
    """The words, with a digit that is part of one: `CO2`."""
    words: list[Word] = []
    for word in split_words(text):
        if words and word.text.isdigit() and word.start == words[-1].end and words[-1].text.isalpha():
            last = words.pop()
            joined = last.text + word.text
            words.append(Word(joined, last.start, word.end, joined.lower()))
        else:
            words.append(word)
    return words


def _lists(words: Sequence[Word]) -> Iterator[list[list[Word]]]:
    """Every `a, b and c` of one to three words each."""
    for k, word in enumerate(words):
        if word.low not in ("and", "or") or k == 0:
            continue
        right = _run(words[k + 1 : k + 5], forwards=True)
        if not right:
            continue
        items = [right]
        at = k - 1
        if words[at].text == ",":
            at -= 1
        while at >= 0:
            left = _run(words[max(0, at - 3) : at + 1], forwards=False)
            if not left or len(items) == MOST:
                break
            at -= len(left)
            if at >= 1 and words[at].low in ("a", "an", "the"):
                at -= 1
            verbs = [k for k, word in enumerate(left[:-1]) if word.root in _VERBS]
            verb = verbs[-1] + 1 if verbs else int(at >= 0 and words[at].low == "to" and len(left) > 1)
            left = left[verb:]
            items.insert(0, left)
            if at < 1 or words[at].text != ",":
                break
            at -= 1
        yield from (items[k:] for k in range(len(items) - 1))
        if len(items) > 1 and any(len(item) > 1 for item in items):
            yield [item[-1:] for item in items]


def _run(words: Sequence[Word], forwards: bool) -> list[Word]:
    """The words of one name: up to a mark or a word that names nothing."""
    kept: list[Word] = []
    for word in words if forwards else reversed(words):
        if not word.text[0].isalpha() or word.low in _BREAKERS or len(kept) == 3:
            if forwards and not kept and word.low in ("the", "a", "an", "for", "in", "of", "each", "to"):
                continue
            break
        kept.append(word)
    return kept if forwards else kept[::-1]


__all__ = ["MOST", "Called", "Roster", "root", "rosters"]
