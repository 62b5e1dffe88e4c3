"""Numbers that variables decide -> the number that a choice, a product, an extreme or a quotient of them is.

Where a number takes few values it is spelled out: a literal for each value, one of which holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, floor

from nl2opt.ground.plain import smooth
from nl2opt.ground.plain.forms import (
    FORMULAS,
    INFINITY,
    OPEN,
    Affine,
    Bound,
    Choice,
    Exact,
    Formula,
    Number,
    Scalar,
    every,
    has_boundary,
    minus,
    opposite,
    plus,
    scaled,
    some,
    tidy,
    weighted,
)
from nl2opt.ground.plain.store import FINEST, Store, common_step
from nl2opt.ground.plain.unsupported import unsupported
from nl2opt.ir.limits import is_power_small
from nl2opt.ir.model import Element

MOST = 1000
"""The most values an index, a base or a divisor is spelled out for."""

SPELLED = 64
"""A factor of more values than these is spelled out in bits, if it is not spelled out already."""

MOST_IN_BITS = 2**16
"""The most values of a factor that is spelled out in bits: beyond them, parts differ by less than the tolerance."""

Cases = Sequence[tuple[Exact, Formula]]


def few(s: Store, x: Number, most: int = MOST) -> bool:
    """True where ``x`` takes at most ``most`` values, known before solving."""
    return not isinstance(x, Affine) or s.known(x) is not None or values_of(s, x) <= most


def values_of(s: Store, x: Affine) -> Bound:
    """How many values the bounds of its columns leave to ``x``; infinity where it is continuous or unbounded."""
    step = s.step(x)
    low, high = s.span(x)
    return (high - low) // step + 1 if step and low > -INFINITY and high < INFINITY else INFINITY


def spelled(s: Store, x: Number, construct: str, most: int = MOST) -> Cases:
    """A number -> each value it can take, with the condition that it takes it: exactly one of them holds."""
    if not isinstance(x, Affine):
        return ((x, True),)
    found = s.known(x)
    if found is not None:
        return found
    if not few(s, x, most):
        raise unsupported(construct, s.where, f"values from {float(s.span(x)[0]):g} to {float(s.span(x)[1]):g}")
    ((column, c), *others) = x.terms
    if not others and (s.is_binary(column) or (c, x.const) != (1, 0)):
        base = Affine(((column, 1),))
        zero = s.compare(base, "==")
        if s.is_binary(column):
            s.cases[base] = ((0, zero), (1, opposite(zero)))
        else:
            spelled(s, base, construct, most)
        return s.known(x) or ()
    step = Fraction(s.step(x))
    low, high = s.span(x)
    first = x.const + step * ceil((Fraction(low) - x.const) / step)
    values = [tidy(first + k * step) for k in range(floor((Fraction(high) - first) / step) + 1)]
    picks: list[Formula] = [s.binary() for _ in values]
    s.require(s.compare(minus(s.total(picks), 1), "=="))
    chosen = weighted((v, s.count(p)) for v, p in zip(values, picks, strict=True))
    s.require(s.compare(minus(chosen, x), "=="))
    s.cases[x] = tuple(zip(values, picks, strict=True))
    return s.cases[x]


def of_cases(s: Store, cases: Cases) -> Number:
    """(value, condition) pairs of which exactly one holds -> its value, a column from the least to the greatest.

    The sum of the conditions, each by its value, is that value too, but its bounds would be those of a sum.
    """
    values = [v for v, _ in cases]
    first = min(values)
    step = common_step([Fraction(v - first) for v in values])
    if len(cases) <= 2 or not step or step < FINEST * max(Fraction(1), *(abs(Fraction(v)) for v in values)):
        return weighted((v, s.count(f)) for v, f in cases)
    k = s.column(0, tidy((max(values) - first) / step), True)
    assert isinstance(k, Affine)
    places = tuple((tidy((v - first) / step), f) for v, f in cases)
    s.require(s.compare(minus(weighted((n, s.count(f)) for n, f in places), k), "=="))
    if len(set(values)) == len(values):
        s.cases[k] = places
    return plus(first, scaled(k, step))


def decided(s: Store, f: Formula) -> Formula:
    """A condition -> one reading of it: at the boundary of a continuous row it and its negation could both be taken."""
    return s.exact(f) if has_boundary(f) else f


def coordinate_cases(s: Store, value: Scalar) -> Sequence[tuple[Scalar, Formula]]:
    """A number, an element or a choice -> what it can be, each with the condition that it is."""
    if isinstance(value, Choice):
        return tuple(zip(value.elements, value.picks, strict=True))
    if isinstance(value, OPEN):
        value = decided(s, value)
        return ((0, opposite(value)), (1, value))
    if isinstance(value, Affine):
        return spelled(s, value, "an index over many values")
    return ((int(value) if isinstance(value, bool) else value, True),)


def choose(s: Store, cases: Sequence[tuple[Formula, Scalar]]) -> Scalar:
    """(condition, value) pairs of which exactly one condition holds where it matters -> the value that goes with it."""
    cases = [(decided(s, f), v) for f, v in cases if f is not False]
    if len(cases) == 1:
        return cases[0][1]
    if cases and all(isinstance(v, FORMULAS) for _, v in cases):
        return some(every((f, v)) for f, v in cases)  # type: ignore[arg-type]
    if any(isinstance(v, Choice | str | tuple) for _, v in cases):
        return _choice(s, cases)
    numbers = [(f, s.number(v)) for f, v in cases]
    if all(not isinstance(v, Affine) for _, v in numbers):
        return weighted((v, s.count(f)) for f, v in numbers)  # type: ignore[misc]
    low = min(s.span(v)[0] for _, v in numbers)
    high = max(s.span(v)[1] for _, v in numbers)
    z = one_of(s, [v for _, v in numbers], low, high)
    for f, v in numbers:
        s.require(some((opposite(f), s.compare(minus(z, v), "=="))))
    return z


def one_of(s: Store, numbers: Sequence[Number], low: Bound, high: Bound) -> Number:
    """A new number within the bounds that can equal each of the given ones.

    Where all of them take separate values, so does it: a multiple of their common step from one of them on.
    """
    steps = [Fraction(s.step(x)) for x in numbers if isinstance(x, Affine)]
    consts = [Fraction(x.const if isinstance(x, Affine) else x) for x in numbers]
    step = common_step([*steps, *(c - consts[0] for c in consts)])
    if not all(steps) or step < FINEST:
        return s.column(low, high, False)
    least, most = (x if isinstance(x, float) else tidy((Fraction(x) - consts[0]) / step) for x in (low, high))
    k = s.column(least, most, True)
    return weighted(((step, k), (1, consts[0])))


def is_whole(s: Store, x: Number) -> bool:
    """True where a number takes whole values only."""
    const = x.const if isinstance(x, Affine) else x
    step = Fraction(s.step(x))
    return step > 0 and step.denominator == 1 and Fraction(const).denominator == 1


def _choice(s: Store, cases: Sequence[tuple[Formula, Scalar]]) -> Choice:
    """Elements and choices of them -> one choice; equal elements are gathered."""
    picks: dict[Element, list[Formula]] = {}
    for f, value in cases:
        for element, pick in coordinate_cases(s, value):
            if not isinstance(element, str | int | tuple):
                raise unsupported("a label as a number", s.where)
            picks.setdefault(element, []).append(every((f, pick)))  # type: ignore[arg-type]
    return Choice(tuple(picks), tuple(some(p) for p in picks.values()))


def product(s: Store, a: Number, b: Number) -> Number:
    """a * b: where both vary, the one of fewer values is spelled out, in values or in bits."""
    if not isinstance(a, Affine):
        return scaled(b, a)
    if not isinstance(b, Affine):
        return scaled(a, b)
    if values_of(s, b) < values_of(s, a):
        a, b = b, a
    if _is_smooth(s, a, b):
        return smooth.product_of(s, a, b)
    if a == b:
        cases = spelled(s, a, "a product of variables")
        squares = weighted((v * v, s.count(f)) for v, f in cases)
        return a if squares == a else of_cases(s, [(v * v, f) for v, f in cases])
    if not few(s, a, MOST_IN_BITS) or -INFINITY in s.span(b) or INFINITY in s.span(b):
        return s.number(choose(s, [(f, scaled(b, v)) for v, f in spelled(s, a, "a product of variables")]))
    return _bounded_product(s, a, b)


def _is_smooth(s: Store, a: Affine, b: Affine) -> bool:
    """True where a product is left to the solver: it takes products, and neither factor is a binary column.

    Fractions that take separate values keep their steps, which a column for the product would not.
    """
    if not smooth.taken(s) or values_of(s, a) <= 2:
        return False
    return not (s.step(a) and s.step(b)) or (is_whole(s, a) and is_whole(s, b)) or not few(s, a, MOST_IN_BITS)


def _bounded_product(s: Store, a: Affine, b: Affine) -> Number:
    """a * b of a bounded b, by parts of it that go with the values of a, or with its bits.

    Theorem: with rest = b - least(b) within 0..m and parts p_v in 0..m * (a = v) that add up to rest, p_v is the
    rest where a = v and 0 elsewhere, so that a * b = least(b) * a + sum of v * p_v. It is exact, and its relaxation is
    the convex hull of its points.
    """
    least, most = s.span(b)
    assert not isinstance(least, float) and not isinstance(most, float)
    rest, m = minus(b, least), most - least
    parts: list[tuple[Exact, Number]] = []
    if few(s, a, SPELLED):
        cases = spelled(s, a, "a product of variables")
        for v, f in cases:
            part = s.column(0, m, False)
            s.require(s.compare(minus(part, scaled(s.count(f), m)), "<="))
            parts.append((v, part))
        s.require(s.compare(minus(weighted((1, part) for _, part in parts), rest), "=="))
    else:
        first, bits = _bits(s, a)
        parts.append((first, rest))
        for weight, bit in bits:
            part = s.column(0, m, False)
            s.require(s.compare(minus(part, scaled(bit, m)), "<="))
            s.require(s.compare(minus(part, rest), "<="))
            s.require(s.compare(minus(part, minus(rest, minus(m, scaled(bit, m)))), ">="))
            parts.append((weight, part))
    value = weighted(((least, a), *parts))
    ends = [tidy(Fraction(x) * y) for x in s.span(a) for y in (least, most)]
    p, q = Fraction(s.step(a)), Fraction(s.step(b))
    step = common_step([p * q, p * b.const, q * a.const]) if q else Fraction(0)
    return _held(s, value, min(ends), max(ends), a.const * b.const, step)


def _held(s: Store, value: Number, low: Exact, high: Exact, origin: Exact, step: Exact) -> Number:
    """A form -> ``origin`` and multiples of ``step`` (0: anything) from ``low`` to ``high``, held equal to it."""
    if step:
        k = s.column(ceil(Fraction(low - origin) / step), floor(Fraction(high - origin) / step), True)
        held = plus(origin, scaled(k, step))
    else:
        held = s.column(low, high, False)
    s.require(s.compare(minus(value, held), "=="))
    return held


def _bits(s: Store, a: Affine) -> tuple[Exact, list[tuple[Exact, Number]]]:
    """A number of separate values -> its least value, and bits with the weights that make up the rest."""
    if a not in s.bits:
        step, low = Fraction(s.step(a)), Fraction(s.span(a)[0])
        first = a.const + step * ceil((low - a.const) / step)
        left = int(values_of(s, a)) - 1
        weights: list[int] = []
        while left > 0:
            weights.append(min(2 ** len(weights), left))
            left -= weights[-1]
        bits: list[tuple[Exact, Number]] = [(tidy(step * w), s.count(s.binary())) for w in weights]
        s.require(s.compare(minus(plus(tidy(first), weighted(bits)), a), "=="))
        s.bits[a] = (tidy(first), bits)
    return s.bits[a]


def power(s: Store, base: Number, exponent: Exact) -> Number | None:
    """base ** exponent; None where a constant base has no such power."""
    if not isinstance(base, Affine):
        return raised(base, exponent)
    whole = tidy(exponent)
    if isinstance(whole, int) and 0 <= whole <= 1:
        return base if whole else 1
    if not few(s, base):
        if isinstance(whole, int) and whole > 0 and whole % 2 == 0:
            raise unsupported("a product of variables", s.where, f"a variable to the power {whole}")
        raise unsupported("a power of a variable", s.where, f"exponent {exponent}")
    return tabled(s, base, lambda v: raised(v, whole), "a power of a variable")[0]


def exponential(s: Store, base: Number, exponent: Affine) -> tuple[Number, Formula]:
    """base ** exponent, and the condition that it is defined: exp(exponent * log(base)), of a positive base."""
    if (not isinstance(base, Affine) and (base <= 0 or few(s, exponent, SPELLED))) or not smooth.taken(s):
        if isinstance(base, Affine):
            raise unsupported("a power of a variable", s.where, "a variable to a variable power")
        return tabled(s, exponent, lambda k: raised(base, k), "a power of a variable")
    if isinstance(base, Affine):
        logarithm, needs = smooth.function_of(s, "log", base)
        return smooth.function_of(s, "exp", product(s, logarithm, exponent))[0], needs
    return smooth.function_of(s, "exp", scaled(exponent, Fraction(repr(math.log(base)))))


def raised(base: Exact, exponent: Exact) -> Exact | None:
    """base ** exponent of constants; None where there is no real value, or one beyond all limits."""
    exponent = tidy(exponent)
    if base == 0 and exponent < 0:
        return None
    if isinstance(exponent, int):
        fraction = Fraction(base)
        return tidy(fraction**exponent) if is_power_small(fraction, exponent) else None
    if base < 0:
        return None
    try:
        return tidy(Fraction(repr(float(base) ** float(exponent))))
    except (OverflowError, ValueError):
        return None


def tabled(s: Store, x: Number, f: Callable[[Exact], Exact | None], construct: str) -> tuple[Number, Formula]:
    """A function of a number of few values -> its value, and the condition that it has one."""
    cases = spelled(s, x, construct)
    found = [(f(v), pick) for v, pick in cases]
    value = of_cases(s, [(y if y is not None else 0, pick) for y, pick in found])
    return value, every(opposite(pick) for y, pick in found if y is None)


def maximum(s: Store, values: Sequence[Number]) -> Number:
    """The greatest of one or more numbers."""
    spans = {v: s.span(v) for v in values}
    anchor = max(spans, key=lambda v: spans[v][0])
    kept = [anchor, *(v for v in spans if v != anchor and spans[v][1] > spans[anchor][0])]
    if len(kept) == 1:
        return anchor
    z = one_of(s, kept, spans[anchor][0], max(spans[v][1] for v in kept))
    for v in kept:
        s.require(s.compare(minus(z, v), ">="))
    s.require(some(s.compare(minus(z, v), "<=") for v in kept))
    return z


def minimum(s: Store, values: Sequence[Number]) -> Number:
    """The least of one or more numbers."""
    return scaled(maximum(s, [scaled(v, -1) for v in values]), -1)


def absolute(s: Store, x: Number) -> Number:
    """|x|."""
    low, high = s.span(x)
    if low >= 0:
        return x
    return scaled(x, -1) if high <= 0 else maximum(s, (x, scaled(x, -1)))


def quotient(s: Store, a: Number, b: Number) -> tuple[Number, Formula]:
    """a / b, and the condition that it is defined; a divisor that varies is spelled out."""
    if not isinstance(b, Affine):
        return scaled(a, Fraction(1) / b), True
    if smooth.taken(s) and not few(s, b, SPELLED):
        return smooth.quotient_of(s, a, b)
    cases = spelled(s, b, "division by a variable")
    value = choose(s, [(f, scaled(a, Fraction(1) / v)) for v, f in cases if v != 0])
    return s.number(value), every(opposite(f) for v, f in cases if v == 0)


def floor_quotient(s: Store, a: Number, b: Number) -> tuple[Number, Formula]:
    """a // b, and the condition that it is defined."""
    if not isinstance(b, Affine):
        return _floor(s, a, b), True
    cases = spelled(s, b, "division by a variable")
    value = choose(s, [(f, _floor(s, a, v)) for v, f in cases if v != 0])
    return s.number(value), every(opposite(f) for v, f in cases if v == 0)


def _floor(s: Store, a: Number, b: Exact) -> Number:
    """The whole q with q <= a / b < q + 1."""
    ratio = scaled(a, Fraction(1) / b)
    if not isinstance(ratio, Affine):
        return floor(ratio)
    if not s.step(ratio):
        raise unsupported("floor, remainder of a continuous expression", s.where)
    if is_whole(s, ratio):
        return ratio
    low, high = (x if abs(x) == INFINITY else floor(x) for x in s.span(ratio))
    q = s.column(low, high, True)
    s.require(s.compare(minus(q, ratio), "<="))
    s.require(s.compare(minus(ratio, plus(q, 1)), "<"))
    return q
