"""Two values -> the condition that they are equal or ordered; an item in a collection; values that differ."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from nl2opt.ground.plain.arithmetic import choose, coordinate_cases, few
from nl2opt.ground.plain.forms import (
    FORMULAS,
    Affine,
    Choice,
    Formula,
    Row,
    Scalar,
    alike,
    every,
    minus,
    opposite,
    some,
)
from nl2opt.ground.plain.store import Store
from nl2opt.ground.plain.unsupported import unsupported
from nl2opt.ir.instance import SetValue, flat
from nl2opt.ir.nodes import CompareOp

BOUNDARY = Row(Affine(()), "<=", 0)
"""`r <= r` of a continuous r: at the boundary wherever r is, so that it may be taken to hold, and to fail. Likewise
`r == r` can be required and cannot be tested."""

SMALL = 50
"""Numbers of at most so many values are spelled out to tell them apart."""


def compare(s: Store, op: CompareOp, left: Scalar, right: Scalar, continuous: bool) -> Formula:
    """``left op right``; ``continuous``: a side reads a variable declared real."""
    if continuous and not any(isinstance(v, float | Choice | str | tuple) for v in (left, right)):
        difference = minus(s.number(left), s.number(right))
        if difference != 0:
            return s.compare(difference, op, continuous)
        return Row(Affine(()), op, 0) if op in ("==", "!=") else BOUNDARY
    if op in ("==", "!="):
        same = equal(s, left, right)
        return same if op == "==" else opposite(same)
    if isinstance(left, float) or isinstance(right, float):
        x = left if isinstance(left, float) else 0.0
        y = right if isinstance(right, float) else 0.0
        return {"<=": x <= y, ">=": x >= y, "<": x < y, ">": x > y}[op]
    return s.compare(minus(s.number(left), s.number(right)), op)


def equal(s: Store, left: Scalar, right: Scalar) -> Formula:
    """Both are the same number, element or truth."""
    if isinstance(left, FORMULAS) and isinstance(right, FORMULAS):
        return alike(left, right)
    if isinstance(left, float) or isinstance(right, float):
        return isinstance(left, float) and isinstance(right, float) and left == right
    if isinstance(left, tuple) or isinstance(right, tuple):
        return _equal_tuples(s, left, right)
    if isinstance(left, Choice) or isinstance(right, Choice):
        return _equal_choices(s, left, right)
    if isinstance(left, str) or isinstance(right, str):
        return left == right
    difference = minus(s.number(left), s.number(right))
    if isinstance(difference, Affine) and (cases := s.known(difference)) is not None:
        return some(pick for v, pick in cases if v == 0)
    return s.compare(difference, "==")


def _equal_choices(s: Store, left: Scalar, right: Scalar) -> Formula:
    other = dict(coordinate_cases(s, right))
    return some(every((pick, other[e])) for e, pick in coordinate_cases(s, left) if e in other)


def coordinates(s: Store, value: Scalar) -> tuple[Scalar, ...]:
    """Value -> its coordinates: a tuple's items, a chosen tuple's choices, else itself."""
    if isinstance(value, tuple):
        return tuple(c for item in value for c in coordinates(s, item))
    if isinstance(value, Choice) and value.elements and isinstance(value.elements[0], tuple):
        rows = [flat(e) for e in value.elements]
        return tuple(
            choose(s, [(pick, row[k]) for row, pick in zip(rows, value.picks, strict=True)])
            for k in range(len(rows[0]))
        )  # fmt: skip
    return (value,)


def _equal_tuples(s: Store, left: Scalar, right: Scalar) -> Formula:
    for one, two in ((left, right), (right, left)):
        if isinstance(one, Choice) and isinstance(two, tuple) and all(isinstance(c, str | int) for c in two):
            return some(pick for e, pick in zip(one.elements, one.picks, strict=True) if e == two)
    a, b = coordinates(s, left), coordinates(s, right)
    return len(a) == len(b) and every(equal(s, x, y) for x, y in zip(a, b, strict=True))


def member(s: Store, item: Scalar, collection: SetValue) -> Formula:
    """The item is an element of a set known before solving."""
    if isinstance(item, Choice):
        return some(pick for e, pick in zip(item.elements, item.picks, strict=True) if e in collection)
    if isinstance(item, tuple):
        rows = [flat(e) for e in collection]
        parts = coordinates(s, item)
        if not rows or len(rows[0]) != len(parts):
            return False
        for part in parts:
            _prepare(s, part)
        return some(every(equal(s, p, c) for p, c in zip(parts, row, strict=True)) for row in rows)
    if isinstance(item, float):
        return False
    if isinstance(item, str):
        return item in collection
    _prepare(s, item)
    return some(equal(s, item, e) for e in collection)


def _prepare(s: Store, item: Scalar) -> None:
    """Spell out a number of few values, so that each equality is a literal."""
    if isinstance(item, Affine) and s.known(item) is None and few(s, item, SMALL):
        coordinate_cases(s, item)


def differ(s: Store, values: Sequence[Scalar]) -> Formula:
    """The values, all numbers or all elements, are pairwise different."""
    if len(values) == 2 or any(isinstance(v, tuple) for v in values):
        return every(opposite(equal(s, a, b)) for a, b in combinations(values, 2))
    numbers = [v if isinstance(v, Choice | str | tuple) else s.number(v) for v in values]
    if not all(few(s, v, SMALL) for v in numbers if isinstance(v, Affine)):
        if any(isinstance(v, Choice | str) for v in numbers):
            raise unsupported("a label as a number", s.where)
        return every(opposite(equal(s, a, b)) for a, b in combinations(numbers, 2))
    takers: dict[Scalar, list[Formula]] = {}
    for v in numbers:
        for value, pick in coordinate_cases(s, v):
            takers.setdefault(value, []).append(pick)
    return every(s.compare(minus(s.total(p), 1), "<=") for p in takers.values())
