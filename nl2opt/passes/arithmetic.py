"""Expressions put together with the arithmetic a reader would do: 0 + a is a, 1 * a is a, max(0, 0) is 0."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

from nl2opt.ir.nodes import (
    ONE,
    ZERO,
    Add,
    Aggregate,
    Boolean,
    Call,
    Expr,
    Generator,
    Mul,
    Neg,
    Not,
    Number,
    add,
    mul,
    negative,
)


def plus(*terms: Expr) -> Expr:
    """Sum with its numbers added up; the number comes last, or first where the sum would begin with a minus."""
    flat: list[Expr] = []
    total = Fraction(0)
    joined = add(*terms)
    for t in joined.terms if isinstance(joined, Add) else (joined,):
        if isinstance(t, Number | Boolean):
            total += t.value
        else:
            flat.append(t)
    if not total and flat:
        return add(*flat)
    number = Number(total)
    return add(number, *flat) if total > 0 and flat and isinstance(flat[0], Neg) else add(*flat, number)


def minus(left: Expr, right: Expr) -> Expr:
    """Difference with its numbers added up."""
    return plus(left, negated(right))


def negated(e: Expr) -> Expr:
    """-e, carried into sums and to the number of a product."""
    match e:
        case Add(terms):
            return add(*(negated(t) for t in terms))
        case Mul((Number(value), *rest)):
            return times(Number(-value), *rest)
        case _:
            return negative(e)


def times(*factors: Expr) -> Expr:
    """Product with its numbers multiplied; 0 ends it, 1 is left out."""
    flat: list[Expr] = []
    total = Fraction(1)
    product = mul(*factors)
    for f in product.factors if isinstance(product, Mul) else (product,):
        while isinstance(f, Neg):
            total, f = -total, f.arg
        if isinstance(f, Number | Boolean):
            total *= f.value
        else:
            flat.append(f)
    if total == 0 or not flat:
        return Number(total)
    if total == 1:
        return mul(*flat)
    return negative(mul(*flat)) if total == -1 else mul(Number(total), *flat)


def extreme(function: Literal["min", "max"], args: Iterable[Expr]) -> Expr:
    """`min(...)` or `max(...)` with its numbers and repetitions taken together."""
    choose = min if function == "min" else max
    numbers: list[Fraction] = []
    rest: list[Expr] = []
    for a in args:
        for part in a.args if isinstance(a, Call) and a.function == function else (a,):
            if isinstance(part, Number | Boolean):
                numbers.append(Fraction(part.value))
            elif part not in rest:
                rest.append(part)
    if numbers:
        rest.insert(0, Number(choose(numbers)))
    return rest[0] if len(rest) == 1 else Call(function, tuple(rest))


def total(body: Expr, generators: tuple[Generator, ...]) -> Expr:
    """`sum(body for ...)`; a sum of zeros is 0."""
    return ZERO if body == ZERO else Aggregate("sum", body, generators)


def complement(literal: Expr) -> Expr:
    """A 0/1 expression -> 1 minus it."""
    return literal.arg if isinstance(literal, Not) else plus(ONE, negated(literal))
