"""Anchors and text -> the numbers they contain: digits, words, percentages, and the factors of conventions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

from nl2opt.ir.model import Anchor
from nl2opt.ir.numerals import GROUPS, MAGNITUDES, MULTIPLES, PARTS, TENS, UNITS, words_value
from nl2opt.ir.passage import segment

CONVENTIONS: dict[Fraction, str] = {
    Fraction(value): name
    for value, name in (
        (60, "minutes an hour, seconds a minute"),
        (3600, "seconds an hour"),
        (24, "hours a day"),
        (7, "days a week"),
        (12, "months a year, pieces a dozen"),
        (52, "weeks a year"),
        (365, "days a year"),
        (100, "percent, centimetres a metre, cents"),
        (1000, "grams a kilogram, metres a kilometre"),
    )
}
"""Factors everybody knows, so that `5 * 60` minutes of "5 hours" needs no quote for 60."""

_WORDS = re.compile(r"[^\W\d_]+")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
"""Thousands apart: `2,000` is no 2."""

_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


@lru_cache(maxsize=512)
def numbers_of_text(text: str) -> frozenset[Fraction]:
    """Text -> every number it contains, by value: `40 %` is 2/5 and also 40, `1,500` is 1500, `three` is 3."""
    found: set[Fraction] = set()
    for q in segment(text).quantities:
        found.add(q.value)
        if q.kind in ("percent", "fraction"):
            found.add(1 - q.value)
    for match in _DIGITS.finditer(text):
        digits = match.group()
        plain = digits.replace(",", "")
        if plain.count(".") <= 1:
            found.add(Fraction(plain))
        if not _GROUPED.fullmatch(digits) and digits.replace(",", ".").count(".") <= 1:
            found.add(Fraction(digits.replace(",", ".")))
    return frozenset(found | _spelled(text))


def _spelled(text: str) -> set[Fraction]:
    """Every number a word of the text may spell, even where it counts nothing: `two of them`, `a quarter`, `twice`."""
    found: set[Fraction] = set()
    words = [w.lower() for w in _WORDS.findall(text)]
    for i, word in enumerate(words):
        found |= {Fraction(v[word]) for v in (UNITS, TENS, MAGNITUDES, GROUPS, MULTIPLES) if word in v}
        if word in PARTS:
            part = Fraction(1, PARTS[word])
            count = UNITS.get(words[i - 1], 1) if i else 1
            found |= {part, 1 - part, count * part}
        for j in range(i + 2, min(i + 8, len(words)) + 1):
            if (value := words_value(words[i:j])) is not None:
                found.add(value)
    return found


def shares_of_anchors(anchors: Iterable[Anchor]) -> frozenset[Fraction]:
    """Anchors of an item -> the parts its quotes tell, which are plain numbers: `40 %` is 2/5, and leaves 3/5."""
    found: set[Fraction] = set()
    for a in anchors:
        if a.kind == "quote":
            parts = [q.value for q in segment(a.text).quantities if q.kind in ("percent", "fraction")]
            found.update(v for part in parts for v in (part, 1 - part))
    return frozenset(found)


def numbers_of_anchors(anchors: Iterable[Anchor]) -> frozenset[Fraction]:
    """Anchors of an item -> every number its quotes and conventions contain."""
    found: set[Fraction] = set()
    for a in anchors:
        found |= numbers_of_text(a.text)
        if a.kind == "convention":
            found |= set(CONVENTIONS)
    return frozenset(found)
