"""Spans and quantities -> items: what each number of the text is used for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Literal

from nl2opt.formulate.embedded.mentions import Mention
from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.numerals import number_value
from nl2opt.formulate.text import Passage, Quantity

Role = Literal["param", "limit", "factor", "loose", "name"]
"""A coefficient, a limit, the factor of a comparison, a number no span covers, a number inside a name."""


@dataclass(frozen=True, slots=True)
class Item:
    """A quantity in its role. `trust` is the tagger's probability of it, `doubtful` that of the opposite."""

    quantity: Quantity
    role: Role
    doubtful: float
    tagged: bool = True
    trust: float = 1.0
    times: Fraction = Fraction(1)
    """What the written number was multiplied by: 700 for `four times as much` as 700."""

    @property
    def start(self) -> int:
        """Offset of the number."""
        return self.quantity.start

    @property
    def end(self) -> int:
        """Offset after the number."""
        return self.quantity.end

    @property
    def money(self) -> bool:
        """Whether a currency sign stands beside the number."""
        return bool(self.quantity.currency)


_OF_ANOTHER = re.compile(
    r"\s*(?:times\s+)?(?:(?:as (?:many|much)|of the (?:number|amount|quantity|size|total number) of|the (?:number|"
    r"amount|quantity)|"
    r"of (?:those|that|what)\b|of the (?:\w+\s+){0,3}?(?:allocated|assigned|invested|dedicated|spent))|"
    r"of the number\b|number (?:of|to)\b|that of\b)",
    re.I,
)
_OF_WHOLE = re.compile(
    r"\s*of (?:the |its |their |his |her |our |all |overall )*(?:total|all|whole|overall|entire|combined|every)\b|"
    r"\s*of (?:the )?(?:total|all)\b",
    re.I,
)


def items_of(passage: Passage, spans: Sequence[Span], mentions: Sequence[Mention]) -> list[Item]:
    """An item for every quantity of the text."""
    items: list[Item] = []
    text = passage.text
    for quantity in _with_span_numbers(passage, spans, mentions):
        span = next(
            (s for s in spans if s.label in ("PARAM", "LIMIT") and s.start < quantity.end and quantity.start < s.end),
            None,
        )
        inside = any(m.start <= quantity.start and quantity.end <= m.end for m in mentions)
        if inside and not any(m.start == quantity.start and m.end == quantity.end for m in mentions):
            items.append(Item(quantity, "name", 0.0, False))
            continue
        if span is None and (inside or quantity.kind in ("name", "time")):
            items.append(Item(quantity, "name", 0.0, False))
            continue
        if span is None and any(s.label == "VAR" and s.start < quantity.start and quantity.end <= s.end for s in spans):
            items.append(Item(quantity, "param", 0.0))
            continue
        if span is None and quantity.text.lower() in _NOUGHT:
            items.append(Item(quantity, "param", 0.0))
            continue
        if span is None:
            factor = quantity.kind == "multiple" or (
                quantity.kind == "fraction" and _compares(text, quantity, mentions)
            )
            items.append(Item(quantity, "factor" if factor else "loose", 1.0, False))
            continue
        if quantity.value == 1 and _is_basis(text, quantity, mentions):
            items.append(Item(quantity, "name", 0.0, False))
            continue
        other = "LIMIT" if span.label == "PARAM" else "PARAM"
        doubtful, trust = span.scores.get(other, 0.0), span.scores.get(span.label, 1.0)
        if quantity.kind == "multiple" or _compares(text, quantity, mentions):
            items.append(Item(quantity, "factor", doubtful, True, trust))
        elif span.label == "PARAM" and not (
            quantity.kind in ("percent", "fraction") and _OF_WHOLE.match(text, quantity.end)
        ):
            items.append(Item(quantity, "param", doubtful, True, trust))
        else:
            items.append(Item(quantity, "limit", doubtful, True, trust))
    return items


_AS_MUCH: Final = re.compile(r"\s*(?:as (?:much|many)|that(?: much| amount)?|of that)?\s*(?=[.,;]|$|\band\b)", re.I)


def scaled_coefficients(passage: Passage, items: Sequence[Item], mentions: Sequence[Mention]) -> list[Item]:
    """`X earns 700 and Y earns four times as much`: the second coefficient is a multiple of the first."""
    found: list[Item] = []
    for item in items:
        home = passage.sentence_at(item.start)
        if item.role == "factor" and home is not None and _AS_MUCH.match(passage.text, item.end, home.end):
            named = [m for m in mentions if home.start <= m.start < item.start]
            given = [i for i in found if i.role == "param" and home.start <= i.start]
            if named and given and given[-1].end <= named[-1].start:
                earlier = given[-1].quantity
                value = item.quantity.value * earlier.value
                quantity = replace(item.quantity, value=value, kind=earlier.kind, currency=earlier.currency)
                item = replace(item, quantity=quantity, role="param", times=earlier.value)
        found.append(item)
    return found


def _is_basis(text: str, quantity: Quantity, mentions: Sequence[Mention]) -> bool:
    """`producing 1 kg of X requires 3 hours`: the one is what the other numbers are told for."""
    after = [m for m in mentions if m.start >= quantity.end]
    if not after or len(text[quantity.end : after[0].start].split()) > 3:
        return False
    lead = re.search(
        r"\b(?:produc\w+|mak\w+|for|each|per|prepar\w+|grow\w*|sell\w*|one)\s*$", text[: quantity.start], re.I
    )
    tail = re.match(
        r"[\w\s-]{0,25}?\b(?:requires?|takes?|uses?|needs?|costs?|contains?|consumes?|has|gives?|yields?)\b",
        text[after[0].end :],
    )
    return lead is not None and tail is not None


_NOUGHT: Final = frozenset({"nothing", "none"})
_OF_NOUGHT: Final = re.compile(r"\s+(?:[a-z]+s?\s+)?(nothing|none)\b(?!\s+of)", re.I)


def _noughts(passage: Passage, spans: Sequence[Span], mentions: Sequence[Mention]) -> list[Quantity]:
    """Coefficients of zero told in words, where others are told in numbers: `rapeseed 190 and peas nothing`."""
    found = []
    for mention in mentions:
        match = _OF_NOUGHT.match(passage.text, mention.end)
        home = passage.sentence_at(mention.start)
        if match is None or home is None or match.end() > home.end:
            continue
        if any(s.label == "PARAM" and home.start <= s.start < home.end for s in spans):
            found.append(Quantity("N0", match.start(1), match.end(1), match[1], Fraction(0), "number", home.id))
    return found


def _with_span_numbers(passage: Passage, spans: Sequence[Span], mentions: Sequence[Mention]) -> list[Quantity]:
    """The quantities, and any number that a span marks and the cutting of the text left aside."""
    found = list(passage.quantities)
    for span in spans:
        if span.label not in ("PARAM", "LIMIT"):
            continue
        if any(span.start < q.end and q.start < span.end for q in found):
            continue
        value = number_value(span.text)
        home = passage.sentence_at(span.start)
        if value is not None and home is not None:
            kind: Literal["number", "multiple"] = "multiple" if "times" in span.text.lower() else "number"
            found.append(Quantity("N0", span.start, span.end, span.text, value, kind, home.id))
    found += _noughts(passage, spans, mentions)
    found.sort(key=lambda q: q.start)
    return [replace(q, id=f"N{k}") for k, q in enumerate(found, start=1)]


def _compares(text: str, quantity: Quantity, mentions: Sequence[Mention]) -> bool:
    """Whether a fraction or number is taken of another decision: `a third of the number of Y`, `3 as many`."""
    after = text[quantity.end : quantity.end + 120]
    stop = re.search(r"[.;?!]\s", after)
    after = after[: stop.start()] if stop else after
    if _OF_WHOLE.match(after):
        return False
    match = _OF_ANOTHER.match(after)
    if match is None:
        return quantity.kind in ("fraction", "percent") and _of_other_name(text, quantity, mentions)
    edge = quantity.end + match.end()
    reach = quantity.end + len(after)
    return any(edge - 2 <= m.start <= min(reach, edge + 50) for m in mentions)


def _of_other_name(text: str, quantity: Quantity, mentions: Sequence[Mention]) -> bool:
    """`... the chairs sold is at most a third of the tables sold`: another decision is named before and after."""
    start = max(text.rfind(mark, 0, quantity.start) for mark in (". ", ",", ";", "\n")) + 1
    before = [m for m in mentions if start <= m.start < quantity.start]
    gap = re.compile(r"\s*of\s+(?:the\s+|all\s+)?[\"“]?")
    match = gap.match(text, quantity.end)
    after = [m for m in mentions if match is not None and abs(m.start - match.end()) <= 1]
    return bool(before and after) and before[-1].decision != after[0].decision
