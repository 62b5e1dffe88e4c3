"""Products, powers, quotients and smooth functions of numbers -> a column each, defined by a nonlinear equation.

Only a store that was made to hold them takes them (`Store.smooth` is a list): SCIP with a nonlinear solver reads it.
An equation is total, whatever its arguments are, so that it may stand whether or not the condition around it must hold:
where a function has no value, it is taken of a column within its domain, and that this column is the argument is what
the enclosing condition needs.
"""

from __future__ import annotations

import math
from fractions import Fraction

from nl2opt.ground.plain.forms import (
    INFINITY,
    Affine,
    Bound,
    Demand,
    Equation,
    Exact,
    Formula,
    Number,
    Operation,
    every,
    minus,
    tidy,
)
from nl2opt.ground.plain.store import Store

LARGEST = 1e15
"""Bounds of a defined column beyond this are left out: they would be no help."""


def taken(s: Store) -> bool:
    """True where the store holds nonlinear equations."""
    return s.smooth is not None


def defined(s: Store, operation: Operation, args: tuple[Number, ...]) -> Number:
    """A column that equals the operation. Its bounds are what the bounds of the arguments imply."""
    assert s.smooth is not None
    for equation in s.smooth:
        if (equation.operation, equation.args) == (operation, args):
            return Affine(((equation.column, 1),))
    low, high = _image(operation, [s.span(a) for a in args], args)
    whole = operation in ("product", "power") and all(_is_whole(s, a) for a in args)
    column = s.column(_outward(low), _outward(high), whole)
    assert isinstance(column, Affine)
    s.smooth.append(Equation(column.terms[0][0], operation, args))
    s.charge(sum(len(a.terms) for a in args if isinstance(a, Affine)))
    return column


def within(s: Store, x: Affine, low: Exact) -> tuple[Number, Formula]:
    """A number -> one that is at least ``low``, and the condition that it is the same."""
    least, most = s.span(x)
    if least >= low:
        return x, True
    inside = s.column(low, max(most, low), False)
    return inside, s.compare(minus(inside, x), "==", continuous=True)


def product_of(s: Store, a: Affine, b: Affine) -> Number:
    """a * b."""
    if a == b:
        return defined(s, "power", (a, 2))
    return defined(s, "product", (a, b) if (a.terms, a.const) <= (b.terms, b.const) else (b, a))


def quotient_of(s: Store, a: Number, b: Affine) -> tuple[Number, Formula]:
    """a / b: a column that times b is a, and what it needs: that it is, and a divisor that is not 0."""
    low, high = s.span(b)
    limit: tuple[Bound, Bound] = (-INFINITY, INFINITY)
    if low > 0 or high < 0:
        ends: list[float] = [_divided(x, y) for x in s.span(a) for y in (low, high)]
        limit = (_outward(min(ends)), _outward(max(ends)))
    value = s.column(*limit, False)
    assert isinstance(value, Affine)
    same = s.compare(minus(product_of(s, value, b), a), "==", continuous=True)
    apart: Formula = True if low > 0 or high < 0 else Demand(True, "division by a variable that may be 0")
    return value, every((same, apart))


def power_of(s: Store, base: Affine, exponent: Exact) -> tuple[Number, Formula]:
    """base ** exponent, and what it needs."""
    exponent = tidy(exponent)
    if isinstance(exponent, int) and exponent > 0:
        return defined(s, "power", (base, exponent)), True
    if isinstance(exponent, int):
        return quotient_of(s, 1, _affine(defined(s, "power", (base, -exponent))) if exponent < -1 else base)
    inside, needs = within(s, base, 0)
    if not isinstance(inside, Affine) or exponent > 0:
        return defined(s, "power", (inside, exponent)), needs
    value, more = quotient_of(s, 1, _affine(defined(s, "power", (inside, -exponent))))
    return value, every((needs, more))


def function_of(s: Store, name: Operation, x: Number) -> tuple[Number, Formula]:
    """exp, log, sqrt, sin, cos of a number, and what it needs."""
    assert isinstance(x, Affine)
    if name in ("log", "sqrt"):
        inside, needs = within(s, x, 0)
        return defined(s, name, (inside,)), needs
    return defined(s, name, (x,)), True


def _affine(x: Number) -> Affine:
    assert isinstance(x, Affine)
    return x


def _is_whole(s: Store, x: Number) -> bool:
    step = Fraction(s.step(x))
    const = Fraction(x.const if isinstance(x, Affine) else x)
    return step > 0 and step.denominator == 1 and const.denominator == 1


def _divided(x: Bound, y: Bound) -> float:
    if abs(y) == INFINITY:
        return 0.0 if abs(x) != INFINITY else math.copysign(INFINITY, float(x) * math.copysign(1, y))
    return INFINITY * math.copysign(1, float(x) * float(y)) if abs(x) == INFINITY else float(Fraction(x) / Fraction(y))


def _outward(x: Bound) -> Bound:
    """A bound computed in floating point -> one that is surely outside, or none."""
    return x if abs(float(x)) <= LARGEST else math.copysign(INFINITY, x)


def _image(operation: Operation, spans: list[tuple[Bound, Bound]], args: tuple[Number, ...]) -> tuple[Bound, Bound]:
    """Bounds of arguments -> bounds of the value, rounded outward."""
    low, high = (float(x) for x in spans[0])
    ends: list[float]
    match operation:
        case "sin" | "cos":
            return -1, 1
        case "product":
            ends = [x * float(y) if x and y else 0.0 for x in (low, high) for y in spans[1]]
        case "power":
            exponent = args[1]
            assert not isinstance(exponent, Affine)
            ends = [_raised(x, exponent) for x in (low, high)]
            if low < 0 < high:
                ends.append(0.0)
        case "exp":
            ends = [_raised(math.e, Fraction(x)) if abs(x) != INFINITY else (0.0 if x < 0 else INFINITY)
                    for x in (low, high)]  # fmt: skip
        case "log":
            ends = [-INFINITY if x <= 0 else math.log(x) for x in (low, high)]
        case "sqrt":
            ends = [math.sqrt(max(x, 0.0)) for x in (low, high)]
    least, most = min(ends), max(ends)
    if operation in ("product", "power") and all(x == int(x) for x in ends if abs(x) != INFINITY):
        return (x if abs(x) == INFINITY else int(x) for x in (least, most))  # type: ignore[return-value]
    slack = 1e-9
    return least - slack * (1 + abs(least)), most + slack * (1 + abs(most))


def _raised(x: float, exponent: Exact) -> float:
    try:
        return float(x) ** (int(exponent) if exponent == int(exponent) else float(exponent))
    except OverflowError:
        return INFINITY if x > 0 or int(exponent) % 2 == 0 else -INFINITY
