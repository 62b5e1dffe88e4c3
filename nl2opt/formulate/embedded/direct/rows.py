"""Weights told here and there -> rows: one number for each amount, and what it measures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from nl2opt.formulate.embedded.contexts import CONCEPTS
from nl2opt.formulate.embedded.direct.linear import Weight
from nl2opt.formulate.embedded.direct.roster import Roster
from nl2opt.formulate.embedded.direct.statements import Weights
from nl2opt.formulate.embedded.measures import conversion
from nl2opt.formulate.embedded.words import split_words
from nl2opt.formulate.text import Passage, Quantity

_VAGUE: Final = frozenset(("unit", "each", "per", "respect", "amount", "cost"))
_CONCEPT: Final = {root: name for name, roots in CONCEPTS.items() if name in ("gain", "cost") for root in roots}


@dataclass
class Row:
    """Numbers for amounts; `measures` are the roots of what they are counted in, `words` those around them."""

    of: dict[int, Weight] = field(default_factory=dict)
    measures: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    sentences: frozenset[str] = frozenset()
    places: tuple[tuple[int, int], ...] = ()


def rows_of(passage: Passage, told: Sequence[Weights], roster: Roster) -> list[Row]:
    """Weights in text order -> rows; what tells of other amounts in the same measure continues a row."""
    found: list[Row] = []
    count = len(roster.names)
    own = {w.root for name in roster.names for w in split_words(name)}
    for weights in told:
        sentence = passage.sentence_at(weights.start)
        home = sentence.id if sentence else ""
        measures = frozenset(m for w in weights.of.values() for q in w.sources if (m := measure(passage, q)))
        words = _words(passage, weights) - own
        row = next((r for r in reversed(found) if _continues(r, weights, measures, words, home, count)), None)
        if row is None:
            row = Row()
            found.append(row)
        row.of |= weights.of
        row.measures |= measures
        row.words |= words
        row.sentences |= {home}
        row.places = (*row.places, (weights.start, weights.end))
    return found


def _continues(
    row: Row, weights: Weights, measures: frozenset[str], words: frozenset[str], home: str, count: int
) -> bool:
    if set(row.of) & set(weights.of) or len(row.of) == count:
        return False
    if row.measures and measures:
        return bool(row.measures & measures)
    return home in row.sentences or bool(row.words & words)


def measure(passage: Passage, quantity: Quantity) -> str:
    """What a number counts: "$" for money, else the noun behind it; "" where it says nothing."""
    if quantity.currency:
        return "$"
    after = split_words(passage.text[quantity.end : quantity.end + 40])
    first = next((w for w in after if w.root), None)
    if (
        first is not None
        and first.root in _VAGUE
        and (of := re.match(r"\s*[\w-]+ of (?=[a-z])", passage.text[quantity.end :]))
    ):
        after = split_words(passage.text[quantity.end + of.end() : quantity.end + of.end() + 30])
        return next((w.root for w in after if w.root), "")
    if first is None or first.start > 12 or first.root in _VAGUE or not first.text[0].isalpha():
        return ""
    gap = passage.text[quantity.end : quantity.end + first.start]
    return "" if re.search(r"[.,;:()]|\b(?:for|in|on|to|per|each|and)\b", gap) else first.root


def _words(passage: Passage, weights: Weights) -> frozenset[str]:
    """The words of gain and cost around some weights, with the sentence's beginning."""
    sentence = passage.sentence_at(weights.start)
    start = sentence.start if sentence else weights.start
    roots = {w.root for w in split_words(passage.text[start : weights.end + 20]) if w.root}
    return frozenset(r for r in roots if r in _CONCEPT or r in _VAGUE - {"unit", "each"} or len(r) > 4)


def mixed_units(row: Row) -> bool:
    """Whether a row counts in two units of which one converts into the other: hours beside minutes."""
    measures = sorted(row.measures)
    return any(conversion(a, b) not in (None, 1) for a in measures for b in measures if a != b)
