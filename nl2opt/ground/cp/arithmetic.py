"""Arithmetic over variables -> variables defined by native constraints: products, max, abs, `//`, powers, elements.

Every definition is total: it holds for any value of the arguments, so that a part that is undefined or not chosen never
cuts off a solution. Where a value is undefined, the condition under which it is defined is returned beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor

from nl2opt.ground.cp.builder import Builder
from nl2opt.ground.cp.unsupported import unsupported
from nl2opt.ground.cp.values import (
    INFINITY,
    Affine,
    Bound,
    Exact,
    Formula,
    combine,
    conjunction,
    disjunction,
    intersect,
    members,
    negation,
    span_of,
    tidy,
    times,
)

Numeric = Affine | Exact


def product(b: Builder, x: Numeric, y: Numeric) -> Numeric:
    """x * y."""
    if not isinstance(x, Affine):
        return times(y, x)
    if not isinstance(y, Affine):
        return times(x, y)
    d, (p,) = b.scaled(x)
    e, (q,) = b.scaled(y)
    assert isinstance(p, Affine) and isinstance(q, Affine)
    if _is_binary(b, q) and not _is_binary(b, p):
        p, q = q, p
    keys = sorted((p.key, q.key), key=repr)
    key = ("product", *keys)
    if key not in b.memo:
        b.memo[key] = _switched(b, p, q) if _is_binary(b, p) else _multiplied(b, p, q)
    result: Numeric = b.memo[key]
    return times(result, Fraction(1, d * e))


def _is_binary(b: Builder, a: Affine) -> bool:
    return b.whole_bounds(a) == (0, 1)


def _switched(b: Builder, switch: Affine, value: Affine) -> Numeric:
    """0/1 value times whole value, by enforcement."""
    on = b.compare(combine(switch, 1, -1), ">=")
    if _is_binary(b, value):
        return b.count(conjunction((on, b.compare(combine(value, 1, -1), ">="))))
    return choose(b, on, value, 0)


def _multiplied(b: Builder, p: Affine, q: Affine) -> Numeric:
    (a, c), (d, e) = b.whole_bounds(p), b.whole_bounds(q)
    corners = [_corner(s, t) for s in (a, c) for t in (d, e)]
    low = min(corners)
    if p.key == q.key:
        low = 0 if a <= 0 <= c else min(corners)
    z = Affine({b.variable(((low, max(corners)),)): 1})
    if not b.dry:
        c_ = b.constraint().int_prod
        b.write(c_.target, z)
        b.write(c_.exprs.add(), b.single(p))
        b.write(c_.exprs.add(), b.single(q))
    return z


def _corner(s: Bound, t: Bound) -> Bound:
    return 0 if s == 0 or t == 0 else s * t


def power(b: Builder, base: Numeric, exponent: int) -> Numeric:
    """base ** exponent for a whole exponent >= 0, as a product of squares."""
    if not isinstance(base, Affine):
        return tidy(base**exponent)
    if exponent == 0:
        return 1
    half = power(b, base, exponent // 2)
    square = product(b, half, half)
    return product(b, square, base) if exponent % 2 else square


def maximum(b: Builder, values: Sequence[Numeric]) -> Numeric:
    """The greatest of one or more values."""
    d, whole = b.scaled(*values)
    known = [int(v) for v in whole if not isinstance(v, Affine)]
    free = {v.key: v for v in whole if isinstance(v, Affine)}
    least = max([*known, *(b.whole_bounds(v)[0] for v in free.values())])
    parts: list[Numeric] = [v for v in free.values() if b.whole_bounds(v)[1] >= least]
    if known and max(known) == least:
        parts = [v for v in parts if b.whole_bounds(v)[1] > least]
        if not any(b.whole_bounds(v)[0] >= least for v in parts):
            parts.append(max(known))
    if len(parts) == 1:
        return times(parts[0], Fraction(1, d))
    key = ("max", *sorted((repr(v.key) if isinstance(v, Affine) else repr(v)) for v in parts))
    if key not in b.memo:
        high = max(b.whole_bounds(v)[1] for v in parts)
        z = Affine({b.variable(((least, high),)): 1})
        if not b.dry:
            c = b.constraint().lin_max
            b.write(c.target, z)
            for v in parts:
                b.write(c.exprs.add(), v)
        b.memo[key] = z
    greatest: Numeric = b.memo[key]
    return times(greatest, Fraction(1, d))


def minimum(b: Builder, values: Sequence[Numeric]) -> Numeric:
    """The least of one or more values."""
    return times(maximum(b, [times(v, -1) for v in values]), -1)


def absolute(b: Builder, value: Numeric) -> Numeric:
    """|value|."""
    if not isinstance(value, Affine):
        return value if value >= 0 else -value
    low, high = b.bounds(value)
    if low >= 0:
        return value
    opposite = times(value, -1)
    return opposite if high <= 0 else maximum(b, [value, opposite])


def divide_floor(b: Builder, x: Numeric, y: Numeric) -> tuple[Numeric, Formula]:
    """x // y and the condition under which it is defined. A constant y is not 0."""
    if not isinstance(x, Affine) and not isinstance(y, Affine):
        return floor(Fraction(x) / y), True
    _, (p, q) = b.scaled(x, y)
    key = ("floor", p.key if isinstance(p, Affine) else p, q.key if isinstance(q, Affine) else q)
    if key not in b.memo:
        b.memo[key] = _divided(b, p, q)
    result: tuple[Numeric, Formula] = b.memo[key]
    return result


def _divided(b: Builder, p: Numeric, q: Numeric) -> tuple[Numeric, Formula]:
    if not isinstance(q, Affine):
        if q < 0:
            p, q = times(p, -1), -q
        low, high = b.whole_bounds(p)
        span = tuple(v if isinstance(v, float) else v // int(q) for v in (low, high))
        z = Affine({b.variable(((span[0], span[1]),)): 1})
        rest = combine(p, z, -q)
        b.require(conjunction((b.compare(rest, ">="), b.compare(combine(rest, q - 1, -1), "<="))))
        return z, True
    nonzero = [v for v in members(b.values(q)) if v] if b.whole_bounds(q)[0] <= 0 <= b.whole_bounds(q)[1] else None
    defined: Formula = True
    if nonzero is not None:
        if not nonzero:
            return 0, False
        divisor, defined = restrict(b, q, nonzero)
        if not isinstance(divisor, Affine):
            value, inner = _divided(b, p, divisor)
            return value, conjunction((defined, inner))
        q = divisor
    low, high = b.whole_bounds(p)
    reach = max(abs(low), abs(high))
    z = Affine({b.variable(((-reach, reach),)): 1})
    rest = combine(p, product(b, z, q), -1)
    positive = b.compare(q, ">")
    below = conjunction((b.compare(rest, ">="), b.compare(combine(rest, q, -1), "<")))
    above = conjunction((b.compare(rest, "<="), b.compare(combine(rest, q, -1), ">")))
    b.require(disjunction((negation(positive), below)))
    b.require(disjunction((positive, above)))
    return z, defined


def restrict(b: Builder, index: Affine, allowed: Sequence[int]) -> tuple[Numeric, Formula]:
    """A value -> one that takes allowed values only and equals it wherever that is allowed, and that condition."""
    inside = b.is_in(index, allowed)
    if inside is True:
        return index, True
    if len(allowed) == 1 or inside is False:
        return allowed[0], inside
    key = ("restrict", index.key, tuple(allowed))
    if key not in b.memo:
        copy = Affine({b.variable(intersect(span_of(allowed), ((-INFINITY, INFINITY),))): 1})
        b.require(b.compare(combine(index, copy, -1), "=="), (b.literal(inside, positive=False),))
        b.memo[key] = copy
    result: Affine = b.memo[key]
    return result, inside


def choose(b: Builder, condition: Formula, then: Numeric, otherwise: Numeric) -> Numeric:
    """`then` where the condition holds, else `otherwise`."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    if not isinstance(then, Affine) and not isinstance(otherwise, Affine):
        return combine(otherwise, times(b.count(condition), tidy(then - otherwise)))
    d, (p, q) = b.scaled(then, otherwise)
    literal = b.literal(condition)
    key = ("choose", literal, repr(p), repr(q))
    if key not in b.memo:
        (low, high), (lowest, highest) = b.whole_bounds(p), b.whole_bounds(q)
        z = Affine({b.variable(((min(low, lowest), max(high, highest)),)): 1})
        b.require(b.compare(combine(z, p, -1), "=="), (literal,))
        b.require(b.compare(combine(z, q, -1), "=="), (-literal - 1,))
        b.memo[key] = z
    result: Numeric = b.memo[key]
    return times(result, Fraction(1, d))


def element(b: Builder, index: Numeric, table: Mapping[int, Numeric]) -> Numeric:
    """`table[index]`; the index takes no value outside the table."""
    if not isinstance(index, Affine):
        return table[int(index)]
    keys = sorted(table)
    line = _line(keys, table)
    if line is not None:
        return combine(times(index, line[0]), line[1])
    d, whole = b.scaled(*(table[k] for k in keys))
    entries = tuple(v.key if isinstance(v, Affine) else v for v in whole)
    key = ("element", index.key, tuple(keys), entries)
    if key not in b.memo:
        b.memo[key] = _looked_up(b, b.single(index), keys, whole)
    result: Numeric = b.memo[key]
    return times(result, Fraction(1, d))


def _line(keys: Sequence[int], table: Mapping[int, Numeric]) -> tuple[Exact, Exact] | None:
    """(slope, offset) where the table is a straight line of constants."""
    first = table[keys[0]]
    if isinstance(first, Affine):
        return None
    slope: Exact = 0
    if len(keys) > 1:
        second = table[keys[1]]
        if isinstance(second, Affine):
            return None
        slope = tidy(Fraction(second - first) / (keys[1] - keys[0]))
    for k in keys:
        value = table[k]
        if isinstance(value, Affine) or value != first + slope * (k - keys[0]):
            return None
    return slope, tidy(first - slope * keys[0])


def _looked_up(b: Builder, index: Affine | int, keys: Sequence[int], whole: Sequence[Numeric]) -> Numeric:
    """Element constraint over dense whole entries; a sparse index is first turned into its ordinal."""
    if not isinstance(index, Affine):
        return whole[keys.index(index)]
    width = keys[-1] - keys[0] + 1
    if width > 4 * len(keys) + 64:
        ordinal = Affine({b.variable(((0, len(keys) - 1),)): 1})
        if not b.dry:
            c = b.constraint().table
            b.write(c.exprs.add(), index)
            b.write(c.exprs.add(), ordinal)
            c.values.extend([x for i, k in enumerate(keys) for x in (k, i)])
        return _looked_up(b, ordinal, range(len(keys)), whole)
    if all(not isinstance(v, Affine) for v in whole) and len(set(map(int, map(_constant, whole)))) <= 1000:
        span = span_of(int(_constant(v)) for v in whole)
    else:
        bounds = [b.whole_bounds(v) for v in whole]
        span = ((min(x for x, _ in bounds), max(y for _, y in bounds)),)
    z = Affine({b.variable(span): 1})
    if not b.dry:
        b.charge(width)
        c = b.constraint().element
        b.write(c.linear_index, combine(index, keys[0], -1))
        b.write(c.linear_target, z)
        entry = dict(zip(keys, whole, strict=True))
        for k in range(keys[0], keys[-1] + 1):
            b.write(c.exprs.add(), _single(b, entry.get(k, 0)))
    return z


def _single(b: Builder, value: Numeric) -> Numeric:
    return b.single(value)


def _constant(value: Numeric) -> Exact:
    assert not isinstance(value, Affine)
    return value


def tabulate(b: Builder, x: Numeric, f: Mapping[int, Exact], construct: str) -> tuple[Numeric, Formula]:
    """A function given by its values at whole x -> its value at x, and the condition under which it has one."""
    if not isinstance(x, Affine):
        key = tidy(x)
        if isinstance(key, int) and key in f:
            return f[key], True
        return 0, False
    if not f:
        return 0, False
    low, high = b.whole_bounds(x)
    if low == -INFINITY or high == INFINITY:
        raise unsupported(construct, b.where, "an argument without a finite bound")
    inside, defined = restrict(b, x, sorted(f))
    return element(b, inside, f), defined
