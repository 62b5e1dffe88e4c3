"""What an expression is worth before solving: a constant, an affine form, a chosen element, or a condition.

Numbers are exact (`int` where whole, else `Fraction`). Conditions are `bool` where known, else a tree of `Row`s: a
whole-number linear form whose value lies in a span. Spans are sorted, disjoint, closed integer intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import TypeAlias, TypeGuard

from nl2opt.ir.model import Element

INFINITY = float("inf")

Exact: TypeAlias = int | Fraction
Bound: TypeAlias = int | float
"""A whole bound, or plus or minus infinity; whole numbers compare exactly with infinity."""

Span: TypeAlias = tuple[tuple[Bound, Bound], ...]
EVERYTHING: Span = ((-INFINITY, INFINITY),)


class Affine:
    """`const + sum(coefficient * variable)`; variables are positions in the proto, no coefficient is 0."""

    __slots__ = ("const", "terms")

    def __init__(self, terms: dict[int, Exact], const: Exact = 0) -> None:
        self.terms = terms
        self.const = const

    @property
    def key(self) -> tuple[object, ...]:
        """A hashable form, equal for equal affine forms."""
        return (tuple(sorted(self.terms.items())), self.const)

    def __repr__(self) -> str:
        return " + ".join([*(f"{c}*v{v}" for v, c in self.terms.items()), str(self.const)])


@dataclass(frozen=True, slots=True)
class Choice:
    """The element `elements[index]`: what a variable `in` a set of labels or tuples takes."""

    index: Affine
    elements: tuple[Element, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """A hashable form."""
        return (self.index.key, self.elements)


@dataclass(frozen=True, slots=True)
class Row:
    """`sum(terms)` lies in ``span``; the sum itself lies between ``low`` and ``high``, which bound the complement."""

    terms: tuple[tuple[int, int], ...]
    span: Span
    low: Bound
    high: Bound


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Same:
    """Both hold or neither does."""

    left: Formula
    right: Formula


@dataclass(frozen=True, slots=True)
class Native:
    """A constraint CP-SAT has of its own.

    ``post`` writes it under enforcement literals; ``opposite`` is its negation as a formula (and may raise
    Unsupported). Equal only to itself.
    """

    post: Callable[[tuple[int, ...]], None]
    opposite: Callable[[], Formula]

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


Formula: TypeAlias = bool | Row | Every | Some | Same | Native
CONDITIONS = Row | Every | Some | Same | Native
FORMULAS = bool | CONDITIONS

Scalar: TypeAlias = int | float | Fraction | str | tuple["Scalar", ...] | Affine | Choice | Formula
"""Any value an expression may have; tuples hold coordinates, a float is an infinity."""


def is_exact(value: Scalar) -> TypeGuard[Exact]:
    """True for a finite number known before solving, truth included."""
    return isinstance(value, int | Fraction)


def tidy(value: Exact) -> Exact:
    """Exact number -> the same, as int where whole."""
    return value.numerator if type(value) is Fraction and value.denominator == 1 else value


def conjunction(parts: Iterable[Formula]) -> Formula:
    """Formulas -> all of them, flat; known ones folded."""
    flat: list[Formula] = []
    for part in parts:
        if part is True:
            continue
        if part is False:
            return False
        flat.extend(part.parts if isinstance(part, Every) else (part,))
    if not flat:
        return True
    return flat[0] if len(flat) == 1 else Every(tuple(flat))


def disjunction(parts: Iterable[Formula]) -> Formula:
    """Formulas -> at least one of them, flat; known ones folded."""
    flat: list[Formula] = []
    for part in parts:
        if part is False:
            continue
        if part is True:
            return True
        flat.extend(part.parts if isinstance(part, Some) else (part,))
    if not flat:
        return False
    return flat[0] if len(flat) == 1 else Some(tuple(flat))


def negation(f: Formula) -> Formula:
    """Formula -> its opposite, pushed down to the rows."""
    match f:
        case bool():
            return not f
        case Row(terms, span, low, high):
            return Row(terms, complement(span, low, high), low, high)
        case Every(parts):
            return disjunction(map(negation, parts))
        case Some(parts):
            return conjunction(map(negation, parts))
        case Same(left, right):
            return Same(negation(left), right)
        case Native():
            return f.opposite()


def equivalence(left: Formula, right: Formula) -> Formula:
    """Both or neither; known sides folded."""
    if isinstance(left, bool):
        return right if left else negation(right)
    if isinstance(right, bool):
        return left if right else negation(left)
    return Same(left, right)


# spans ---------------------------------------------------------------------------------------------------------------


def span_of(values: Iterable[int]) -> Span:
    """Whole values -> the span that holds exactly these."""
    out: list[tuple[Bound, Bound]] = []
    for v in sorted(set(values)):
        if out and out[-1][1] == v - 1:
            out[-1] = (out[-1][0], v)
        else:
            out.append((v, v))
    return tuple(out)


def intersect(a: Span, b: Span) -> Span:
    """Two spans -> what both hold."""
    out = []
    for low, high in a:
        for other_low, other_high in b:
            lowest, highest = max(low, other_low), min(high, other_high)
            if lowest <= highest:
                out.append((lowest, highest))
    return tuple(sorted(out))


def complement(span: Span, low: Bound, high: Bound) -> Span:
    """A span inside [low, high] -> the rest of [low, high]."""
    out: list[tuple[Bound, Bound]] = []
    start = low
    for a, b in span:
        if start <= a - 1:
            out.append((start, a - 1))
        start = b + 1
    if start <= high and start != INFINITY:
        out.append((start, high))
    return tuple(out)


def size(span: Span) -> Bound:
    """How many values a span holds."""
    return sum(b - a + 1 for a, b in span)


def members(span: Span) -> Iterable[int]:
    """A finite span -> its values, in order."""
    for a, b in span:
        yield from range(int(a), int(b) + 1)


# affine forms --------------------------------------------------------------------------------------------------------


def combine(a: Affine | Exact, b: Affine | Exact, factor: Exact = 1) -> Affine | Exact:
    """a + factor * b."""
    if not isinstance(b, Affine):
        if isinstance(a, Affine):
            return Affine(a.terms, tidy(a.const + factor * b))
        return tidy(a + factor * b)
    if not isinstance(a, Affine):
        a = Affine({}, a)
    terms = dict(a.terms)
    for v, c in b.terms.items():
        new = tidy(terms.get(v, 0) + factor * c)
        if new:
            terms[v] = new
        else:
            terms.pop(v, None)
    const = tidy(a.const + factor * b.const)
    return Affine(terms, const) if terms else const


def times(a: Affine | Exact, factor: Exact) -> Affine | Exact:
    """factor * a."""
    if not isinstance(a, Affine):
        return tidy(a * factor)
    if not factor:
        return 0
    return Affine({v: tidy(c * factor) for v, c in a.terms.items()}, tidy(a.const * factor))


def denominator(*values: Affine | Exact) -> int:
    """The least whole number that makes every coefficient and constant whole."""
    parts = [1]
    for value in values:
        if isinstance(value, Affine):
            parts.extend(c.denominator for c in value.terms.values())
            parts.append(value.const.denominator)
        else:
            parts.append(value.denominator)
    return lcm(*parts)


def whole_row(a: Affine) -> tuple[tuple[tuple[int, int], ...], Fraction, bool]:
    """Affine form -> (terms, r, flipped): whole coprime terms, the first positive, with `a == 0` where `terms == r`.

    `a` grows with the terms, or falls with them where flipped.
    """
    scale = lcm(*(c.denominator for c in a.terms.values()))
    items = sorted((v, int(c * scale)) for v, c in a.terms.items())
    divisor = gcd(*(c for _, c in items))
    if items[0][1] < 0:
        divisor = -divisor
    terms = tuple((v, c // divisor) for v, c in items)
    return terms, Fraction(-a.const * scale) / divisor, divisor < 0
