"""Numbers -> numbers: the scalar functions of the language, exact wherever the arguments are.

Each returns None where the function has no value (division by zero, root of a negative number); the caller decides
whether that is an error or makes a condition false. Source: docs/SEMANTICS.md, Expressions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from nl2opt.ir.limits import is_power_small

Number = int | Fraction | float

ROUNDING = Fraction(1, 10**6)
"""How far a solver's float may stand outside the range of a function, relative to 1 + |its end|."""


def canonical(value: Number) -> Number:
    """A whole fraction -> the integer; anything else as it is."""
    return value.numerator if type(value) is Fraction and value.denominator == 1 else value


def is_exact(value: Number) -> bool:
    """True for integers, Booleans and fractions."""
    return isinstance(value, int | Fraction)


def within(value: Number, low: Number, high: Number) -> Number:
    """A float that a solver left outside the range of a function by no more than rounding -> the end it is beyond.

    Source: docs/SEMANTICS.md, The referee. An exact number, and a float farther outside, stay as they are.
    """
    if is_exact(value) or low <= value <= high:
        return value
    end = low if value < low else high
    return end if abs(float(value) - float(end)) <= ROUNDING * (1 + abs(float(end))) else value


def divide(a: Number, b: Number) -> Number | None:
    """a / b, exact for exact arguments; None for b = 0."""
    if b == 0:
        return None
    return canonical(Fraction(a) / Fraction(b)) if is_exact(a) and is_exact(b) else _float(lambda: float(a) / float(b))


def floor_divide(a: Number, b: Number) -> Number | None:
    """The floor of a / b; None for b = 0."""
    return None if b == 0 else _finite(lambda: a // b if is_exact(a) and is_exact(b) else float(a) // float(b))


def remainder(a: Number, b: Number) -> Number | None:
    """a - b * (a // b): the sign of the divisor; None for b = 0."""
    return None if b == 0 else _finite(lambda: canonical(a % b))


def power(a: Number, b: Number) -> Number | None:
    """a ** b: exact for an exact base and a whole exponent, else the real power; None where that has no real value."""
    b = canonical(b)
    if a == 0 and b < 0:
        return None
    if is_exact(a) and isinstance(b, int):
        base = Fraction(a)
        if not is_power_small(base, b):
            return None
        return canonical(base**b)
    if isinstance(b, int):
        return _finite(lambda: float(a) ** b)
    return None if a < 0 else _finite(lambda: float(a) ** float(b))


def square_root(a: Number) -> Number | None:
    """The root of a, exact for squares of rationals; None below 0."""
    a = within(a, 0, math.inf)
    if a < 0:
        return None
    if is_exact(a):
        f = Fraction(a)
        root = Fraction(math.isqrt(f.numerator), math.isqrt(f.denominator))
        if root * root == f:
            return canonical(root)
    return _float(lambda: math.sqrt(a))


def logarithm(a: Number) -> Number | None:
    """The natural logarithm; None unless a > 0."""
    return None if a <= 0 else 0 if a == 1 else _float(lambda: math.log(a))


def rounded(a: Number, digits: int = 0) -> Number | None:
    """a rounded to ``digits`` decimals, halves to even as in Python."""
    if abs(digits) > 300:
        return None
    if is_exact(a):
        return canonical(round(Fraction(a), digits))
    value = _float(lambda: round(float(a), digits))
    return int(value) if value is not None and digits <= 0 else value


def _finite(compute: Callable[[], Number]) -> Number | None:
    try:
        value = compute()
    except (OverflowError, ZeroDivisionError, ValueError):
        return None
    return value if not isinstance(value, float) or math.isfinite(value) else None


def _float(compute: Callable[[], float]) -> float | None:
    try:
        return compute()
    except (OverflowError, ZeroDivisionError, ValueError):
        return None


def _whole(rounding: Callable[[Number], int]) -> Callable[[Number], Number | None]:
    return lambda a: _finite(lambda: rounding(a))


SCALAR: dict[str, Callable[[Number], Number | None]] = {
    "abs": lambda a: -a if a < 0 else a,
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
    "sqrt": square_root,
    "log": logarithm,
    "exp": lambda a: 1 if a == 0 else _float(lambda: math.exp(a)),
    "sin": lambda a: 0 if a == 0 else _float(lambda: math.sin(a)),
    "cos": lambda a: 1 if a == 0 else _float(lambda: math.cos(a)),
}
"""Functions of one number, by name."""
