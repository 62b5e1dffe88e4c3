"""Word tags -> Span: pieces with clean borders, whatever a tagger did at their edges.

Numbers come out whole ("one hundred thousand", "1.5 million", "30 %", "three times", "1/3") and bare (no
currency, no comma after "65000,"); names come out without articles, possessives and marks around them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulate.embedded.spans import LABELS, OUTSIDE, Span
from nl2opt.formulate.embedded.wordpiece import Word, word_set

Floats = NDArray[np.float32]

_UNITS: Final = word_set(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
)
_MAGNITUDES: Final = word_set("hundred thousand million billion dozen hundreds thousands millions")
_FRACTIONS: Final = word_set("half halves third thirds quarter quarters fourth fourths fifth fifths tenth tenths")
_SCALES: Final = frozenset(["%", "percent", "times", "fold"])
_QUOTES: Final = {"“": "”", '"': '"', "'": "'", "‘": "’", "”": "”", "«": "»"}
_SIGNS: Final = frozenset(["%", "≤", "≥", "<", ">", "="])
_NUMBERS: Final = frozenset(["PARAM", "LIMIT"])
_ARTICLES: Final = word_set("a an the each every per either both this that these those by with via using")
_EXTREMES: Final = word_set("least most maximum minimum")
_STOPS: Final = word_set(
    "a an the at to of on in by for and or must should can be is it rate average number additional"
)
"""Words that state no direction, alone or together."""
_DIGITS: Final = re.compile(r"\d+(?:[.,]\d+)*|\.\d+")

Tagged = tuple[str, int, int]
"""(label, first word, one past the last word)"""


def to_spans(text: str, words: Sequence[Word], tags: Sequence[str], shares: Floats) -> list[Span]:
    """Spans of a tagged text; `shares` holds for each word a probability for each of LABELS and OUTSIDE."""
    lower = [text[w.start : w.end].lower() for w in words]
    runs = number_runs(lower)
    pieces: list[Tagged] = []
    for tagged in _groups(tags):
        pieces += [piece for piece in _trimmed(tagged, lower, runs) if not pieces or piece[1] >= pieces[-1][2]]
    return [
        Span(
            label,
            words[a].start,
            words[b - 1].end,
            text[words[a].start : words[b - 1].end],
            _mean(shares[a:b]),
        )
        for label, a, b in pieces
    ]


def _mean(shares: Floats) -> Mapping[str, float]:
    mean = shares.mean(axis=0)
    return {label: float(mean[i]) for i, label in enumerate((*LABELS, OUTSIDE))}


def _groups(tags: Sequence[str]) -> list[Tagged]:
    """BIO tags as pieces; an I- without a B- begins a piece."""
    groups: list[Tagged] = []
    for i, tag in enumerate(tags):
        if tag == OUTSIDE:
            continue
        if tag.startswith("I-") and groups and groups[-1][2] == i and groups[-1][0] == tag[2:]:
            groups[-1] = (tag[2:], groups[-1][1], i + 1)
        else:
            groups.append((tag[2:], i, i + 1))
    return groups


def number_runs(lower: Sequence[str]) -> dict[int, tuple[int, int]]:
    """Word index -> (first, one past last) of the number it belongs to, the words that scale it included."""
    runs: dict[int, tuple[int, int]] = {}
    i = 0
    while i < len(lower):
        end = _number_end(lower, i)
        for k in range(i, end):
            runs[k] = (i, end)
        i = max(end, i + 1)
    return runs


def _number_end(lower: Sequence[str], i: int) -> int:
    """One past the number that begins at word i, or i where none does."""

    def at(k: int) -> str:
        return lower[k] if k < len(lower) else ""

    end = i
    if _DIGITS.fullmatch(at(i)):
        end = i + 1
        if at(end) == "/" and at(end + 1).isdigit():
            end += 2
        while at(end) in _MAGNITUDES or at(end) == "k":
            end += 1
    elif at(i) in _UNITS or (at(i) in _MAGNITUDES and at(i) != "dozen"):
        end = i + 1
        while True:
            if at(end) in _UNITS or at(end) in _MAGNITUDES:
                end += 1
            elif at(end) in ("and", "-") and at(end + 1) in _UNITS and (at(end) == "-" or at(end - 1) in _MAGNITUDES):
                end += 2
            else:
                break
        if at(end) in _FRACTIONS:
            end += 1
        elif at(end) == "-" and at(end + 1) in _FRACTIONS:
            end += 2
    elif at(i) in _FRACTIONS or at(i) in ("twice", "thrice", "double", "triple", "dozen"):
        end = i + 1
    if end > i and at(end) in _SCALES:
        end += 1
    return end


def _trimmed(tagged: Tagged, lower: Sequence[str], runs: Mapping[int, tuple[int, int]]) -> list[Tagged]:
    label, a, b = tagged
    if label in _NUMBERS:
        whole = sorted({runs[k] for k in range(a, b) if k in runs})
        if whole:
            return [(label, first, last) for first, last in whole if not _sign_restriction(lower, first)]
    if label == "VAR" and "by" in lower[a : b - 1]:  # "transporting by van"; not so "stand-by unit"
        cut = b - 1 - lower[a : b - 1][::-1].index("by") - a
        a += cut if lower[a + cut - 2 : a + cut - 1] != ["-"] else 0
    while a < b and _is_edge(lower[a:b], label):
        a += 1
    while a < b and (drop := _tail(lower[a:b], label)):
        b -= drop
    if label == "CONST_DIR" and a < b:
        a, b = _whole_direction(lower, a, b)
        if all(word in _STOPS for word in lower[a:b]):
            return []
    return [(label, a, b)] if a < b else []


def _whole_direction(lower: Sequence[str], a: int, b: int) -> tuple[int, int]:
    """The direction with the half of "at least" and "at most" that a tag may miss."""
    if lower[b - 1] == "at" and b < len(lower) and lower[b] in _EXTREMES:
        b += 1
    if lower[a] in _EXTREMES and a and lower[a - 1] == "at":
        a -= 1
    return a, b


def _sign_restriction(lower: Sequence[str], first: int) -> bool:
    """Whether the number is the 0 of an aside such as "x1, x2 >= 0"."""
    if lower[first] != "0" or first == 0:
        return False
    return lower[first - 1] in ("≥", "⩾") or (lower[first - 1] == "=" and first > 1 and lower[first - 2] == ">")


def _is_edge(words: Sequence[str], label: str) -> bool:
    """Whether the first word is no part of the piece: a mark, or an article before a name."""
    first = words[0]
    if first in _QUOTES:
        return _QUOTES[first] not in words[1:]
    if not first[0].isalnum():
        return first not in _SIGNS
    return label == "VAR" and first in _ARTICLES


def _tail(words: Sequence[str], label: str) -> int:
    """How many of the last words are no part of the piece: a mark, a possessive."""
    last = words[-1]
    if len(words) > 2 and last == "s" and words[-2] in ("'", "’"):
        return 2
    if last[0].isalnum() or last in _SIGNS:
        return 0
    paired = (last == ")" and "(" in words) or any(last == b and a in words[:-1] for a, b in _QUOTES.items())
    return 0 if label == "VAR" and (paired or last == "+") else 1
