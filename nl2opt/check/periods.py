"""Sets -> the periods they run through: Months are months, `mon, tue, wed` are days, T is some time."""

from __future__ import annotations

import re

from nl2opt.check.unit_names import forms
from nl2opt.ir.model import Model, Over, Set
from nl2opt.ir.nodes import Call, Comprehension, Expr, Name, SetOperation, Subscript

LENGTHS = {
    "second": 0, "minute": 1, "slot": 2, "hour": 2, "shift": 3, "day": 4, "night": 4, "week": 5, "month": 6,
    "quarter": 7, "season": 7, "year": 8, "period": 8, "horizon": 9,
}  # fmt: skip
"""Period -> its rank by length."""

ANY = "*"
_SOME_TIME = frozenset(("t", "tt", "time", "period", "slot", "step", "stage", "round", "horizon", "interval", "epoch"))
_LABELS = {
    "day": ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    "month": ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
}


def periods_of(over: Over, model: Model) -> frozenset[str]:
    """Index bindings -> the periods they run through."""
    found: set[str] = set()
    for g in over:
        found |= _of(g.source, model, 0) or {ANY for t in g.targets if t in _SOME_TIME}
    return frozenset(found)


def _of(source: Expr, model: Model, depth: int) -> set[str]:
    match source:
        case Name(name) | Subscript(name, _):
            named = _named(name)
            symbol = model.symbols.get(name)
            if named or not isinstance(symbol, Set) or depth > 8:
                return named
            if isinstance(symbol.elements, tuple):
                return _labelled([str(e).lower() for e in symbol.elements])
            return _of(symbol.elements, model, depth + 1) if isinstance(symbol.elements, Expr) else set()
        case SetOperation(_, left, right):
            return _of(left, model, depth) | _of(right, model, depth)
        case Comprehension(_, _, generators):
            return {p for g in generators for p in _of(g.source, model, depth + 1)}
        case Call("range", args, _):
            return {p for a in args if isinstance(a, Name) for p in _named(a.name)}
        case _:
            return set()


def _named(name: str) -> set[str]:
    """The words of a set's name -> periods."""
    words = [w.lower() for w in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)]
    singular = [f for w in words for f in forms(w)]
    found = {w for w in singular if w in LENGTHS and w not in _SOME_TIME}
    return found or ({ANY} if _SOME_TIME.intersection(singular) else set())


def _labelled(elements: list[str]) -> set[str]:
    found = {p for p, heads in _LABELS.items() if elements and all(e[:3] in heads for e in elements)}
    if not found and elements and all(re.fullmatch(r"(?:q|quarter)[ _]?\d", e) for e in elements):
        found = {"quarter"}
    return found
