"""The text's account: every number an item quotes is held by an item that quotes it (P07)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from nl2opt.check.places import Findings, Place, places, spots
from nl2opt.check.provenance import Span, account, is_counted, locate
from nl2opt.check.sources import CONVENTIONS
from nl2opt.ir.infer.ranges import range_values
from nl2opt.ir.infer.scope import mentioned
from nl2opt.ir.model import Constraint, Model, NamedExpression, Nested, Objective, Over, Parameter, Set, Value, Variable
from nl2opt.ir.nodes import Call, Expr, Number
from nl2opt.ir.passage import Quantity, segment
from nl2opt.ir.walk import subexpressions

_DIGIT = re.compile(r"\d")
_PAIR = re.compile(r"\d+/\d+")
"""Two numbers at once, as often as a fraction: `45/20`."""

_AGAIN = re.compile(r"\b(?:his|its|their|the|these|those)\s$", re.I)
"""Words before a number that was told before."""

MOST_COUNTED = 12
"""Up to here a number in words may count what is listed."""


@dataclass(frozen=True, slots=True)
class Holding:
    """An item that quotes the text: its spans, the numbers it holds itself, and those of what it mentions."""

    place: Place
    item: object
    spans: tuple[Span, ...]
    own: tuple[Fraction, ...]
    reached: Mapping[str, frozenset[Fraction]]


def check_values(model: Model, found: Findings) -> None:
    """Quantities that items quote and whose value none of these holds, neither as told nor converted.

    A table holds a number for every place where it quotes one: told twice in its quotes, it stands in it twice, unless
    the table is full. What only sets, variables and outputs quote may be held by any item. Small numbers in words
    mostly count what the model lists: `five patients`, where a depot makes it six. What data bring nobody can see here.
    """
    provenance = account(model)
    holdings = list(_holdings(model))
    everywhere = frozenset(abs(v) for v in _values(model))
    for use in provenance.quantities:
        q = use.piece
        if not isinstance(q, Quantity) or not use.places or not is_counted(q, provenance.sizes):
            continue
        if q.id in provenance.told:
            continue
        quoting = [h for h in holdings if any(a < q.end and q.start < b for a, b in h.spans)]
        stating = [h for h in quoting if isinstance(h.item, Parameter | Constraint | NamedExpression | Objective)]
        counting = q.kind == "number" and q.value <= MOST_COUNTED and not _DIGIT.search(q.text)
        listed = bool({q.value - 1, q.value + 1} & provenance.sizes) or q.value in everywhere
        if counting and (not stating or (listed and not any(isinstance(h.item, Parameter) for h in quoting))):
            continue
        if any(isinstance(h.item, Parameter) and _open(h.item) for h in quoting):
            continue
        held = frozenset().union(*(_held(h, q, holdings) for h in quoting)) if stating else everywhere
        if _AGAIN.search(model.text, max(0, q.start - 8), q.start):
            held = everywhere
        pair = [Fraction(n) for n in q.text.split("/")] if _PAIR.fullmatch(q.text) else [Fraction(-1)]
        if q.value not in (0, 1) and not held & forms_of(q) and not held.issuperset(pair):
            found.add("P07", f"{q.sentence}, {q.id}", q.text, "its value in an item that quotes it", "use it")


def _open(p: Parameter) -> bool:
    """True for a parameter whose values data bring: the quote tells of them."""
    return p.value is None and p.rows is None


def _held(h: Holding, q: Quantity, holdings: Sequence[Holding]) -> frozenset[Fraction]:
    """What an item may explain a quantity by; a table that quotes the text explains nothing told elsewhere."""
    away = {
        t.place.name for t in holdings
        if isinstance(t.item, Parameter) and t.item.over and not any(a < q.end and q.start < b for a, b in t.spans)
    }  # fmt: skip
    return frozenset(h.own) | frozenset().union(*(v for name, v in h.reached.items() if name not in away))


def forms_of(q: Quantity) -> frozenset[Fraction]:
    """The values a quantity may take in a model: as told, as a percentage or its rest, inverted, or by a convention."""
    v = q.value
    forms = {v}
    if q.kind in ("percent", "fraction"):
        forms |= {1 - v, 1 + v, 100 * v}
    if q.kind in ("multiple", "fraction") and v:
        forms.add(1 / v)
    conversions = (*CONVENTIONS, Fraction(10**6))
    factors = (*conversions, *(1 / c for c in conversions))
    converted = {abs(f * c) for f in forms for c in factors} - {0, 1}
    return frozenset({abs(f) for f in forms} | converted)


def _holdings(model: Model) -> Iterator[Holding]:
    for place, item in places(model):
        spans = tuple(s for a in place.anchors if (s := locate(model.text, a)))
        if spans:
            own = tuple(abs(v) for v in _own(place, model))
            yield Holding(place, item, spans, own, _reached(item, model))


def _own(place: Place, model: Model) -> Iterator[Fraction]:
    """The numbers written in an item itself."""
    for spot in spots(model):
        if (spot.place.section, spot.place.position) == (place.section, place.position):
            yield from (n.value for n in subexpressions(spot.expr) if isinstance(n, Number))
            yield from _of_over(spot.over)
    if place.section == "parameters":
        yield from _of_data(model.parameters[place.position])
    if place.section == "sets":
        yield from _of_set(model.sets[place.position])


def _of_over(over: Over) -> Iterator[Fraction]:
    for g in over:
        for e in (g.source, *g.conditions):
            yield from (n.value for n in subexpressions(e) if isinstance(n, Number))


def _of_data(p: Parameter) -> Iterator[Fraction]:
    stack: list[Value] = [p.value] if p.value is not None else []
    while stack:
        cell = stack.pop()
        if isinstance(cell, Nested):
            stack.extend(cell.items)
        else:
            yield from (n.value for n in subexpressions(cell) if isinstance(n, Number))
    for row in p.rows or ():
        yield from (n.value for n in row if isinstance(n, Number))
    if isinstance(p.default, Number):
        yield p.default.value


def _of_set(s: Set) -> Iterator[Fraction]:
    """Numbers among the elements, those in labels too."""
    if isinstance(s.elements, tuple):
        for e in s.elements:
            for c in e if isinstance(e, tuple) else (e,):
                yield from (Fraction(d) for d in re.findall(r"\d+", str(c)))
    elif isinstance(s.elements, Call):
        yield from (Fraction(v) for v in range_values(s.elements.args) or () if isinstance(v, int))


def _reached(item: object, model: Model) -> dict[str, frozenset[Fraction]]:
    """The numbers of everything an item mentions, through named expressions and bounds, by name."""
    found: dict[str, frozenset[Fraction]] = {}
    seen: set[str] = set()
    stack = [n for e in expressions_of(item) for n in mentioned(e)]
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        symbol = model.symbols.get(name)
        stack += [n for e in expressions_of(symbol) for n in mentioned(e)]
        match symbol:
            case Parameter():
                found[name] = frozenset(abs(v) for v in _of_data(symbol))
            case Set():
                found[name] = frozenset(_of_set(symbol))
            case NamedExpression() | Variable():
                written = (n for e in expressions_of(symbol) for n in subexpressions(e))
                found[name] = frozenset(abs(n.value) for n in written if isinstance(n, Number))
            case _:
                continue
    return found


def expressions_of(item: object) -> Iterator[Expr]:
    """The expressions of an item, those of its indices among them."""
    for g in getattr(item, "over", ()):
        yield g.source
        yield from g.conditions
    for name in ("expr", "lower", "upper", "within", "penalty", "elements", "value"):
        stack = [getattr(item, name, None)]
        while stack:
            e = stack.pop()
            if isinstance(e, Nested):
                stack.extend(e.items)
            elif isinstance(e, Expr):
                yield e


def _values(model: Model) -> Iterator[Fraction]:
    """Every number of a model; those of its assumptions too."""
    for spot in spots(model):
        yield from (n.value for n in subexpressions(spot.expr) if isinstance(n, Number))
        yield from _of_over(spot.over)
    for p in model.parameters:
        yield from _of_data(p)
    for s in model.sets:
        yield from _of_set(s)
    for text in model.assumptions:
        yield from (q.value for q in segment(text).quantities)
