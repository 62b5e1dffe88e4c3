"""Two models -> the same models on new data: cells of parameters of equal value stay equal, whatever else they are.

Every cell of the reference's parameters belongs to the class of its value, and the candidate's cells of that value to
the same class; a class takes a new value on both sides at once. 0, 1 and -1, what shapes the model (sets, subscripts,
exponents) and literals stay, and so does a value that one side has oftener than the other: it may stand there for
something else. Where one side has cells or literals that the other has not, the two might differ on new data though
both are right on these, so there is no new data.
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
from nl2opt.ir.model import Model, Parameter
from nl2opt.ir.nodes import Aggregate, Binary, Call, Comprehension, Expr, Number, Subscript
from nl2opt.ir.walk import free_names, scopes, subexpressions

FIXED = frozenset((Fraction(0), Fraction(1), Fraction(-1)))
"""Values that are structure more often than data."""
_SHAPING = frozenset(("range", "prev", "next", "position", "first", "last", "len", "round"))

Numbers = dict[Fraction, Fraction]
"""Value of a class -> its new value."""


@dataclass(frozen=True, slots=True)
class Ties:
    """The classes both sides have equally often, those they have not, and the values that only one of them has.

    ``literals``: both have the same numbers outside their data.
    """

    common: tuple[Fraction, ...]
    uneven: tuple[Fraction, ...]
    reference_only: tuple[Fraction, ...]
    candidate_only: tuple[Fraction, ...]
    literals: bool = True

    @property
    def complete(self) -> bool:
        """True where every number of one side is tied to one of the other."""
        return self.literals and not self.reference_only and not self.candidate_only


def ties(reference: Instance, candidate: Instance) -> Ties:
    """Two instances -> the classes of their numbers."""
    a, b = Counter(_cells_of(reference)), Counter(_cells_of(candidate))
    shared = sorted(a.keys() & b.keys())
    return Ties(
        tuple(v for v in shared if a[v] == b[v]), tuple(v for v in shared if a[v] != b[v]),
        tuple(sorted(a.keys() - b.keys())), tuple(sorted(b.keys() - a.keys())),
        set(_literals(reference.model)) == set(_literals(candidate.model)),
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

    model = replace(instance.model, parameters=tuple(map(_emptied, instance.model.parameters)))
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


def _emptied(p: Parameter) -> Parameter:
    """A parameter without the values it has, unless they follow from others."""
    derived = isinstance(p.value, Expr) and not isinstance(p.value, Number)
    return p if derived or (p.value is None and p.rows is None) else replace(p, value=None, rows=None, default=None)


def _cells_of(instance: Instance) -> Iterator[Fraction]:
    """Every number in the data of an instance that new data may change."""
    kept = _shaping(instance.model)
    for p in instance.model.parameters:
        derived = isinstance(p.value, Expr) and not isinstance(p.value, Number)
        values = instance.parameters[p.name]
        if p.name not in kept and not derived and values.elements is None:
            yield from (v for v in values.exact if v not in FIXED)


def _literals(model: Model) -> Iterator[Fraction]:
    """Every number in the expressions of a model."""
    for _, exprs in scopes(model):
        for e in exprs:
            for node in subexpressions(e):
                if isinstance(node, Number) and node.value not in FIXED:
                    yield abs(node.value)


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
