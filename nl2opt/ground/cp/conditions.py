"""Two values -> the condition that they are equal, ordered, or one a member of the other; tables and differences."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from nl2opt.ground.cp.arithmetic import Numeric, element
from nl2opt.ground.cp.builder import Builder
from nl2opt.ground.cp.unsupported import unsupported
from nl2opt.ground.cp.values import (
    CONDITIONS,
    FORMULAS,
    Affine,
    Choice,
    Formula,
    Native,
    Scalar,
    combine,
    conjunction,
    denominator,
    disjunction,
    equivalence,
    negation,
    times,
)
from nl2opt.ir.instance import SetValue, flat
from nl2opt.ir.model import Element
from nl2opt.ir.nodes import CompareOp

Atomic = str | int
Coordinate = Affine | Choice | Atomic | Fraction


def compare(b: Builder, op: CompareOp, left: Scalar, right: Scalar) -> Formula:
    """`left op right`."""
    if op in ("==", "!="):
        same = equal(b, left, right)
        return same if op == "==" else negation(same)
    if isinstance(left, float) or isinstance(right, float):
        return _compare_infinite(b, op, left, right)
    return b.compare(combine(b.number(left), b.number(right), -1), op)


def _compare_infinite(b: Builder, op: CompareOp, left: Scalar, right: Scalar) -> Formula:
    """Every finite value lies between the infinities."""
    x = left if isinstance(left, float) else 0
    y = right if isinstance(right, float) else 0
    return {"<=": x <= y, ">=": x >= y, "<": x < y, ">": x > y, "==": x == y, "!=": x != y}[op]


def equal(b: Builder, left: Scalar, right: Scalar) -> Formula:
    """Both are the same number, element or truth."""
    if isinstance(left, FORMULAS) and isinstance(right, FORMULAS):
        return equivalence(left, right)
    if isinstance(left, float) or isinstance(right, float):
        return _compare_infinite(b, "==", left, right)
    if isinstance(left, tuple) or isinstance(right, tuple):
        return _equal_tuples(b, left, right)
    if isinstance(left, Choice) and isinstance(right, Choice):
        return _equal_choices(b, left, right)
    if isinstance(left, Choice):
        return b.is_in(left.index, [i for i, e in enumerate(left.elements) if e == right])
    if isinstance(right, Choice):
        return equal(b, right, left)
    if isinstance(left, str) or isinstance(right, str):
        return left == right
    return b.compare(combine(b.number(left), b.number(right), -1), "==")


def _equal_choices(b: Builder, left: Choice, right: Choice) -> Formula:
    if left.elements == right.elements and len(set(left.elements)) == len(left.elements):
        return b.compare(combine(left.index, right.index, -1), "==")
    code = {e: i for i, e in enumerate(dict.fromkeys((*left.elements, *right.elements)))}
    return b.compare(combine(coded(b, left, code), coded(b, right, code), -1), "==")


def coded(b: Builder, value: Scalar, code: dict[Element, int]) -> Numeric:
    """Element or choice -> its number in a common code."""
    if isinstance(value, Choice):
        return element(b, value.index, {i: code[e] for i, e in enumerate(value.elements)})
    return code[value]  # type: ignore[index]


def coordinates(b: Builder, value: Scalar) -> tuple[Scalar, ...]:
    """Value -> its coordinates: a tuple's items, a chosen tuple's choices, else itself."""
    if isinstance(value, tuple):
        return tuple(c for item in value for c in coordinates(b, item))
    if isinstance(value, Choice) and isinstance(value.elements[0], tuple):
        return tuple(
            part(b, value.index, [flat(e)[k] for e in value.elements]) for k in range(len(flat(value.elements[0])))
        )
    return (value,)


def part(b: Builder, index: Numeric, values: Sequence[Element]) -> Scalar:
    """`values[index]`: a number where all values are, else a choice."""
    if not isinstance(index, Affine):
        return values[int(index)]
    if all(isinstance(v, int) for v in values):
        return element(b, index, {i: v for i, v in enumerate(values) if isinstance(v, int)})
    return Choice(index, tuple(values))


def _equal_tuples(b: Builder, left: Scalar, right: Scalar) -> Formula:
    if isinstance(left, Choice) and isinstance(right, tuple) and all(isinstance(r, str | int) for r in right):
        return b.is_in(left.index, [i for i, e in enumerate(left.elements) if e == right])
    if isinstance(right, Choice) and isinstance(left, tuple) and all(isinstance(x, str | int) for x in left):
        return _equal_tuples(b, right, left)
    return _by_parts(b, left, right)


def _by_parts(b: Builder, left: Scalar, right: Scalar) -> Formula:
    p, q = coordinates(b, left), coordinates(b, right)
    if len(p) != len(q):
        return False
    return conjunction([equal(b, x, y) for x, y in zip(p, q, strict=True)])


def is_member(b: Builder, item: Scalar, collection: SetValue) -> Formula:
    """The item is an element of a set known before solving."""
    if isinstance(item, Choice):
        return b.is_in(item.index, [i for i, e in enumerate(item.elements) if e in collection])
    if isinstance(item, tuple):
        return in_table(b, coordinates(b, item), [flat(e) for e in collection])
    if isinstance(item, Affine):
        return b.is_in(item, [e for e in collection if isinstance(e, int)])
    if isinstance(item, CONDITIONS):
        return equal_any(b, item, [e for e in collection if isinstance(e, int)])
    if isinstance(item, float):
        return False
    return item in collection


def equal_any(b: Builder, item: Scalar, others: Sequence[Scalar]) -> Formula:
    """The item equals one of the others."""
    return disjunction([equal(b, item, o) for o in others])


def in_table(b: Builder, items: tuple[Scalar, ...], rows: Sequence[tuple[Atomic, ...]]) -> Formula:
    """The tuple of items is one of the rows."""
    if rows and len(rows[0]) != len(items):
        return False
    free = [k for k, v in enumerate(items) if isinstance(v, Affine | Choice | CONDITIONS)]
    fixed = [k for k in range(len(items)) if k not in free]
    kept = [r for r in rows if all(r[k] == items[k] for k in fixed)]
    if not kept:
        return False
    if not free:
        return True
    if len(free) == 1:
        return is_member(b, items[free[0]], SetValue("", tuple(dict.fromkeys(r[free[0]] for r in kept))))
    columns: list[Numeric] = []
    tuples: list[list[int | None]] = [[] for _ in kept]
    for k in free:
        value = items[k]
        if isinstance(value, Choice):
            places: dict[Element, list[int]] = {}
            for i, e in enumerate(value.elements):
                places.setdefault(e, []).append(i)
            code = {e: p[0] for e, p in places.items()}
            columns.append(value.index if len(code) == len(value.elements) else coded(b, value, code))
            for t, r in zip(tuples, kept, strict=True):
                t.append(code.get(r[k]))
        else:
            number = b.number(value)
            d = denominator(number)
            columns.append(times(number, d))
            for t, r in zip(tuples, kept, strict=True):
                entry = r[k]
                t.append(entry * d if isinstance(entry, int) else None)
    whole = [[x for x in t if x is not None] for t in tuples if None not in t]
    return table(b, columns, whole)


def table(b: Builder, columns: Sequence[Numeric], rows: Sequence[Sequence[int]]) -> Formula:
    """The whole values, in order, are one of the rows."""
    if not rows:
        return False
    singles = [b.single(c) for c in columns]

    def posted(negated: bool) -> Native:
        def post(under: tuple[int, ...]) -> None:
            b.charge(len(rows) * len(singles))
            c = b.constraint(under).table
            for s in singles:
                b.write(c.exprs.add(), s)
            c.values.extend([x for r in rows for x in r])
            c.negated = negated

        return Native(post, lambda: other[not negated])

    other = {False: posted(False), True: posted(True)}
    return other[False]


def differ(b: Builder, values: Sequence[Scalar]) -> Formula:
    """The values, all numbers or all elements, are pairwise different."""
    if len(values) < 2:
        return True
    if any(isinstance(v, Choice | str | tuple) for v in values):
        return _differ_elements(b, values)
    _, whole = b.scaled(*(b.number(v) for v in values))
    return _differ_numbers(b, whole)


def _differ_numbers(b: Builder, whole: Sequence[Numeric]) -> Formula:
    pairs = combinations(whole, 2)
    if len(whole) == 2 or not any(isinstance(v, Affine) for v in whole):
        return conjunction([b.compare(combine(x, y, -1), "!=") for x, y in pairs])
    singles = [b.single(v) for v in whole]

    def post(under: tuple[int, ...]) -> None:
        c = b.constraint(under).all_diff
        b.charge(len(singles))
        for s in singles:
            b.write(c.exprs.add(), s)

    return Native(post, lambda: disjunction([b.compare(combine(x, y, -1), "==") for x, y in combinations(whole, 2)]))


def _differ_elements(b: Builder, values: Sequence[Scalar]) -> Formula:
    if any(isinstance(v, tuple) and not all(isinstance(x, str | int) for x in v) for v in values):
        return conjunction([negation(equal(b, x, y)) for x, y in combinations(values, 2)])
    elements: dict[Element, int] = {}
    for v in values:
        for e in v.elements if isinstance(v, Choice) else (v,):
            if not isinstance(e, str | int | tuple):
                raise unsupported("a symbolic set", b.where, "labels and numbers in one all_different")
            elements.setdefault(e, len(elements))  # type: ignore[arg-type]
    return _differ_numbers(b, [coded(b, v, elements) for v in values])
