"""Two models -> the same models on new data: numbers of equal value stay equal, whatever else they are.

Every number of the reference (a cell of a parameter, a literal) belongs to the class of its value, and the candidate's
numbers of that value to the same class; a class takes a new value on both sides at once. 0, 1 and -1, and what shapes
the model (sets, ranges, subscripts, exponents), stay, and so does a value that one side has oftener than the other: it
may stand there for something else. Numbers that only one side has are not tied: on new data the two might then differ
though both are right, so there is no new data.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from nl2opt.ir.bind import bind
from nl2opt.ir.instance import Instance, ParameterValue
from nl2opt.ir.model import Model, Nested, Parameter, Value
from nl2opt.ir.nodes import Aggregate, Binary, Call, Comprehension, Expr, Number, Subscript
from nl2opt.ir.walk import free_names, map_children, scopes, subexpressions

FIXED = frozenset((Fraction(0), Fraction(1), Fraction(-1)))
"""Values that are structure more often than data."""
_SHAPING = frozenset(("range", "prev", "next", "position", "first", "last", "len", "round"))

Numbers = dict[Fraction, Fraction]
"""Value of a class -> its new value."""


@dataclass(frozen=True, slots=True)
class Ties:
    """The classes both sides have equally often, those they have not, and the values that only one of them has."""

    common: tuple[Fraction, ...]
    uneven: tuple[Fraction, ...]
    reference_only: tuple[Fraction, ...]
    candidate_only: tuple[Fraction, ...]

    @property
    def complete(self) -> bool:
        """True where every number of one side is tied to one of the other."""
        return not self.reference_only and not self.candidate_only


def ties(reference: Instance, candidate: Instance) -> Ties:
    """Two instances -> the classes of their numbers."""
    a, b = Counter(_values(reference)), Counter(_values(candidate))
    shared = sorted(a.keys() & b.keys())
    return Ties(
        tuple(v for v in shared if a[v] == b[v]), tuple(v for v in shared if a[v] != b[v]),
        tuple(sorted(a.keys() - b.keys())), tuple(sorted(b.keys() - a.keys())),
    )  # fmt: skip


def drawn(values: tuple[Fraction, ...], rng: random.Random) -> Numbers:
    """Classes -> new values of the same kind (sign, whole or not, share or not), all of them different, in new order.

    The order of nearby values may change, so that what is dominated on one data set need not be on the next.
    """
    new: Numbers = {}
    taken: set[Fraction] = set(FIXED)
    for v in values:
        for _ in range(100):
            factor = Fraction(rng.randint(55, 190), 100)
            fresh = _like(v, factor, rng)
            if fresh not in taken:
                break
        taken.add(fresh)
        new[v] = fresh
    return new


def _like(v: Fraction, factor: Fraction, rng: random.Random) -> Fraction:
    size = abs(v)
    if size.denominator == 1:
        step = max(1, round(size * factor))
        fresh = Fraction(step if step > 1 else rng.choice((2, 3)))
    elif size < 1:
        fresh = min(size * factor, (1 + size) / 2).limit_denominator(1000) or size
    else:
        fresh = (size * factor).limit_denominator(max(10, size.denominator))
    return fresh if v > 0 else -fresh


def renumbered(instance: Instance, numbers: Numbers) -> Instance:
    """An instance -> the same one with each class at its new value. Raises DataError where the data no longer fit."""
    kept = _shaping(instance.model)

    def f(value: Fraction) -> Fraction:
        return numbers.get(value, value)

    model = _mapped(instance.model, f, kept)
    data: dict[str, Any] = {
        s.name: list(instance.sets[s.name].elements) for s in model.sets if s.elements is None and not s.over
    }
    for s in model.sets:
        if s.elements is None and s.over:
            data[s.name] = {
                k if len(k) > 1 else k[0]: list(v.elements) for k, v in instance.indexed_sets[s.name].items()
            }
    for p in model.parameters:
        if isinstance(p.value, Expr) and not isinstance(p.value, Number):
            continue  # derived: follows from the others
        value = instance.parameters[p.name]
        data[p.name] = _cells(p, value, (lambda x: x) if p.name in kept or value.elements is not None else f)
    return bind(model, data)


def _cells(p: Parameter, value: ParameterValue, f: Callable[[Fraction], Fraction]) -> Any:
    cells: list[Any] = list(value.elements) if value.elements is not None else [f(v) for v in value.exact]
    if not p.over:
        return cells[0]
    return [
        [*key, *(cell if isinstance(cell, tuple) else (cell,))]
        for key, cell in zip(value.domain.keys, cells, strict=True)
    ]


def _values(instance: Instance) -> Iterator[Fraction]:
    """Every number of an instance that new data may change."""
    model = instance.model
    kept = _shaping(model)
    seen: list[Fraction] = []

    def note(value: Fraction) -> Fraction:
        seen.append(value)
        return value

    _mapped(model, note, kept)
    for p in model.parameters:
        derived = isinstance(p.value, Expr) and not isinstance(p.value, Number)
        values = instance.parameters[p.name]
        if p.name not in kept and not derived and values.elements is None:
            seen.extend(values.exact)
    yield from (v for v in seen if v not in FIXED)


def _shaping(model: Model) -> frozenset[str]:
    """Parameters that shape the model: those of sets, ranges, subscripts, exponents."""
    found: set[str] = set()
    for over, exprs in scopes(model):
        for g in over:
            found |= free_names(g.source)
        for e in exprs:
            for node in subexpressions(e):
                match node:
                    case Subscript(_, index):
                        found |= frozenset().union(*map(free_names, index))
                    case Aggregate(_, _, generators) | Comprehension(_, _, generators):
                        for g in generators:
                            found |= free_names(g.source)
                    case Call(function, args, _) if function in _SHAPING:
                        found |= frozenset().union(*map(free_names, args))
                    case Binary("**", _, right):
                        found |= free_names(right)
    for s in model.sets:
        if isinstance(s.elements, Expr):
            found |= free_names(s.elements)
    return frozenset(found & {p.name for p in model.parameters})


def _mapped(model: Model, f: Callable[[Fraction], Fraction], kept: frozenset[str]) -> Model:
    """The model with every literal that is data replaced; values of parameters are the caller's."""

    def deep(e: Expr) -> Expr:
        match e:
            case Number(value):
                return e if value in FIXED else Number(f(value))
            case Subscript():
                return e
            case Call(function, _, _) if function in _SHAPING:
                return e
            case Binary("**", left, right):
                return Binary("**", deep(left), right)
            case Aggregate(function, body, generators):
                return Aggregate(function, deep(body), generators)
            case Comprehension(kind, body, generators):
                return Comprehension(kind, deep(body), generators)
            case _:
                return map_children(e, deep)

    def maybe(e: Expr | None) -> Expr | None:
        return None if e is None else deep(e)

    def of_parameter(p: Parameter) -> Parameter:
        value: Value | None = p.value
        if isinstance(value, Expr) and not isinstance(value, Number):
            return replace(p, value=deep(value))
        if isinstance(value, Nested | Number) or p.rows is not None:
            return replace(p, value=None, rows=None, default=None)
        return p

    return replace(
        model,
        parameters=tuple(
            p
            if p.name in kept and p.value is not None and isinstance(p.value, Expr) and not isinstance(p.value, Number)
            else of_parameter(p)
            for p in model.parameters
        ),
        variables=tuple(replace(v, lower=maybe(v.lower), upper=maybe(v.upper)) for v in model.variables),
        expressions=tuple(replace(n, expr=deep(n.expr)) for n in model.expressions),
        constraints=tuple(replace(c, expr=deep(c.expr), penalty=maybe(c.penalty)) for c in model.constraints),
        objectives=tuple(replace(o, expr=deep(o.expr)) for o in model.objectives),
    )
