"""Text -> what is optimised: the sense, the words that name it, and how well a row or a plain count fits them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nl2opt.formulate.embedded.contexts import CONCEPTS, VAGUE, Likeness, words_bag
from nl2opt.formulate.embedded.declarations import Sense
from nl2opt.formulate.embedded.rows import Row
from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.embedded.words import alike, split_words
from nl2opt.formulate.text import Passage

_MIN: Final = re.compile(
    r"\b(?:minimi[sz]\w*|minimum|minimal|reduc\w*|decreas\w*|lowest|least|cheapest|fewest|shortest|smallest|lower|save)\b",
    re.I,
)
_MAX: Final = re.compile(
    r"\b(?:maximi[sz]\w*|maximum|maximal|highest|greatest|largest|biggest|most|increas\w*|optimal|best|as (?:many|"
    r"much) \w+ as)\b",
    re.I,
)
_VERBS: Final = re.compile(r"\b(?:minimi[sz]\w*|maximi[sz]\w*)\b", re.I)
_CHANGES: Final = re.compile(
    r"\b(?:reduce|decrease|lower|increase|cut)\s+(?:the|their|its|his|her|total|overall|costs?|time)\b", re.I
)
_WEAKER: Final = re.compile(
    r"\b(?:(?:the|a|at|with|find|obtain|achieve|get)\s+(?:minimum|maximum|minimal|maximal|lowest|highest|least|most|greatest|"
    r"largest|smallest|cheapest|fewest))\b(?!\s+of\s+\d)",
    re.I,
)
_END: Final = re.compile(
    r"[.?!;:]|,|\b(?:if|given|while|whereas|subject|assuming|such that|so that|without|but|within|by (?:\w+ing))\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Aim:
    """What the text wants: the sense, the bag of its words, the phrase after "number of", where it stands."""

    sense: Sense
    bag: Mapping[str, float]
    phrase: str
    counted: tuple[str, ...]
    place: tuple[int, int]


_POSSIBLE: Final = re.compile(
    r"\bas (?:(many|much|high|large|great|big|long)|(few|little|low|small|short|cheap)(?:ly)?)\b"
    r"[^.?!;]{0,80}?\bas possible\b",
    re.I,
)
"""\"As many parcels as possible\" says the aim and its side where no verb does."""


def find_aim(passage: Passage, spans: Sequence[Span]) -> Aim | None:
    """The objective's words; None when the text asks for nothing to be made large or small."""
    text = passage.text
    places = [(s.start, s.end) for s in spans if s.label == "OBJ_DIR"]
    verbs = [m.span() for m in _VERBS.finditer(text)]
    tagged = [p for p in places if _sense(text[p[0] : p[1]]) is not None]
    pool = [p for p in tagged if any(v[0] < p[1] and p[0] < v[1] for v in verbs)] or tagged or verbs
    possible = None if verbs else next(iter(_POSSIBLE.finditer(text)), None)
    if possible is not None:
        pool = [(possible.start(), possible.end(1 if possible[1] else 2))]
    if not pool:
        pool = [(m.start(), m.start() + len(m[0].split()[0])) for m in _CHANGES.finditer(text, 2 * len(text) // 3)]
    if not pool:
        pool = [m.span() for m in _WEAKER.finditer(text)] or places
    if not pool:
        return None
    place = pool[-1]
    sense = _sense(text[place[0] : place[1]]) or "maximize"
    if possible is not None:
        sense = "maximize" if possible[1] else "minimize"
    stop = _END.search(text, place[1])
    end = stop.start() if stop else len(text)
    phrase = text[place[1] : end].strip()
    if len(split_words(phrase)) == 0 or not any(w.root for w in split_words(phrase)):
        start = max(text.rfind(mark, 0, place[0]) for mark in (". ", "? ", "\n", ", ")) + 1
        phrase = text[start : place[0]].strip()
        end = place[1]
    core = re.split(r"\b(?:to|that|which|who)\b", phrase)[0]
    named = core if any(w.root for w in split_words(core)) else phrase
    roots = [
        w.root
        for w in split_words(named)
        if w.root and w.root not in ("total", "overall", "average", "her", "daily", "weekly")
    ]
    bag = words_bag(roots[:8])
    for position, name in enumerate(roots[:8]):
        bag[name] = 1.0 - 0.08 * position
    counted: tuple[str, ...] = ()
    if match := re.search(
        r"\b(?:numbers?|amounts?|quantit(?:y|ies)|count) of\s+(.*)", re.split(r"\bwith\b", phrase)[0], re.I
    ):
        counted = _counted(match[1])
    return Aim(sense, bag, phrase, counted, (place[0], end))


def _counted(phrase: str) -> tuple[str, ...]:
    """What is counted: `sales` in "sales of ice cream", `gas` in "units of gas"."""
    for part in re.split(r"\bof\b", phrase):
        roots = tuple(w.root for w in split_words(part) if w.root)
        if roots and set(roots) - VAGUE:
            return roots
    return ()


def _sense(words: str) -> Sense | None:
    if _MIN.search(words):
        return "minimize"
    if _MAX.search(words):
        return "maximize"
    return None


def row_affinity(aim: Aim, row: Row, likeness: Likeness, named: float) -> float:
    """How well a row fits the objective's words, 0 to about 1.3.

    `named` is the part of its cells that are tagged as the objective.
    """
    score = 1.5 * likeness(aim.bag, row.bag)
    if row.unit and row.unit in aim.bag:
        score += 0.25
    if aim.counted and re.search(r"\bnumbers? of\b", aim.phrase, re.I):
        counts = any(alike(noun, word) > 0.6 for noun in row.nouns for word in aim.counted[:3])
        score = score if counts else min(score, 0.4) - 0.3
    gain = any(name in CONCEPTS["gain"] for name in aim.bag)
    cost = any(name in CONCEPTS["cost"] for name in aim.bag)
    if (gain or cost) and row.money:
        score += 0.2
    if aim.sense == "maximize" and "c:cost" in row.bag and "c:gain" not in row.bag and not cost:
        score -= 0.2
    if aim.sense == "minimize" and "c:gain" in row.bag and "c:cost" not in row.bag and not gain:
        score -= 0.2
    return min(score, 1.0) + 0.3 * named


def count_affinity(aim: Aim, heads: frozenset[str], names: frozenset[str], measures: frozenset[str]) -> float:
    """How well "the number of everything" fits the objective's words."""
    words = aim.counted[:6]
    if words:
        first = words[:2]
        if any(w in heads for w in first):
            return 0.95
        if any(w in names for w in first):
            return 0.8
        if words[0] in measures:
            return 0.8
        if any(w in heads for w in words):
            return 0.65
        if re.match(r"\s*(?:the |their |his |her )?(?:total |overall |whole )*numbers? of", aim.phrase, re.I):
            return 0.5
        return 0.25
    bag_words = set(aim.bag)
    if bag_words & heads or bag_words & names:
        return 0.5
    if bag_words & measures or ("time" in bag_words and measures & CONCEPTS["time"]):
        return 0.6
    return 0.1
