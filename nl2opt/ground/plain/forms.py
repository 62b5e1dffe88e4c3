"""What an expression is worth before solving: an exact number, an affine form, a choice of elements, a condition.

Numbers are `int` where whole, else `Fraction`. A condition is `bool` where known, else a tree over literals (a binary
column is 1, or is 0) and rows (an affine form compared with 0). Everything is hashable, so that equal conditions share
the binary column that stands for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal as OneOf
from typing import TypeAlias

from nl2opt.ir.model import Element

INFINITY = float("inf")
Exact: TypeAlias = int | Fraction
Bound: TypeAlias = int | Fraction | float
"""An exact bound, or plus or minus infinity."""


@dataclass(frozen=True, slots=True)
class Affine:
    """``sum(c * column) + const``; terms are sorted by column, without zeros; only a row at its boundary has none."""

    terms: tuple[tuple[int, Exact], ...]
    const: Exact = 0


@dataclass(frozen=True, slots=True)
class Literal:
    """A binary column that is 1 (or 0, where not ``positive``)."""

    column: int
    positive: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """``affine op 0``. Of a ``step`` above 0 the affine takes only multiples of it; of 0 it is continuous.

    ``strict`` stays only where the affine is continuous: it is held as closed, but its negation is exact.
    """

    affine: Affine
    op: OneOf["<=", "==", "!="]
    step: Exact
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Junction:
    """All of the parts, or any of them."""

    every: bool
    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """A condition over columns of its own: it can be required, under a literal too, but not negated."""

    formula: Formula
    construct: str


Formula = bool | Literal | Row | Junction | Demand
FORMULAS = bool | Literal | Row | Junction | Demand
OPEN = Literal | Row | Junction | Demand
"""Formulas that are not known."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An element that variables decide: at most one of the conditions holds, exactly one where it is defined."""

    elements: tuple[Element, ...]
    picks: tuple[Formula, ...]


Number: TypeAlias = int | Fraction | Affine
Operation = OneOf["product", "power", "exp", "log", "sqrt", "sin", "cos"]


@dataclass(frozen=True, slots=True)
class Equation:
    """``column == operation(args)``; of "power" the second argument is a constant."""

    column: int
    operation: Operation
    args: tuple[Number, ...]


Scalar = int | Fraction | float | Affine | Choice | Formula | str | tuple["Scalar", ...]
"""What a walk yields; floats are infinities only, a tuple may hold coordinates that variables decide."""


# numbers -------------------------------------------------------------------------------------------------------------


def tidy(x: Exact) -> Exact:
    """A whole fraction -> the integer."""
    return x.numerator if isinstance(x, Fraction) and x.denominator == 1 else x


def affine(terms: Mapping[int, Exact], const: Exact) -> Number:
    """Terms and a constant -> an affine form, or the constant where no term is left."""
    kept = tuple((v, tidy(c)) for v, c in sorted(terms.items()) if c)
    return Affine(kept, tidy(const)) if kept else tidy(const)


def weighted(parts: Iterable[tuple[Exact, Number]]) -> Number:
    """(weight, number) pairs -> their weighted sum."""
    terms: dict[int, Exact] = {}
    const: Exact = 0
    for weight, part in parts:
        if isinstance(part, Affine):
            const += weight * part.const
            for v, c in part.terms:
                terms[v] = terms.get(v, 0) + weight * c
        else:
            const += weight * part
    return affine(terms, const)


def plus(a: Number, b: Number) -> Number:
    """a + b."""
    return weighted(((1, a), (1, b)))


def minus(a: Number, b: Number) -> Number:
    """a - b."""
    return weighted(((1, a), (-1, b)))


def scaled(a: Number, factor: Exact) -> Number:
    """factor * a."""
    return weighted(((factor, a),))


# conditions ----------------------------------------------------------------------------------------------------------


def every(parts: Iterable[Formula]) -> Formula:
    """All of the parts."""
    return _joined(parts, True)


def some(parts: Iterable[Formula]) -> Formula:
    """Any of the parts."""
    return _joined(parts, False)


def _joined(parts: Iterable[Formula], is_every: bool) -> Formula:
    kept: dict[Formula, None] = {}
    for part in parts:
        if isinstance(part, bool):
            if part is not is_every:
                return part
        elif isinstance(part, Junction) and part.every is is_every:
            kept.update(dict.fromkeys(part.parts))
        else:
            kept[part] = None
    if not kept:
        return is_every
    return next(iter(kept)) if len(kept) == 1 else Junction(is_every, tuple(kept))


def opposite(f: Formula) -> Formula:
    """The negation, pushed down to literals and rows. A `Demand` stays wrapped and is refused where it is used."""
    match f:
        case bool():
            return not f
        case Literal():
            return replace(f, positive=not f.positive)
        case Junction(is_every, parts):
            return _joined(map(opposite, parts), not is_every)
        case Row(Affine(()), "<="):
            return f
        case Row(form, "<=", step, strict):
            if step:
                return Row(_affine(weighted(((-1, form), (1, step)))), "<=", step)
            return Row(_affine(scaled(form, -1)), "<=", 0, not strict)
        case Row(op=op):
            return replace(f, op="!=" if op == "==" else "==")
        case Demand(_, construct):
            return Demand(False, construct)


def _affine(x: Number) -> Affine:
    assert isinstance(x, Affine)
    return x


def has_boundary(f: Formula) -> bool:
    """True where a continuous row stands in it."""
    match f:
        case Row(step=step):
            return step == 0
        case Junction(_, parts):
            return any(map(has_boundary, parts))
        case Demand(inner):
            return has_boundary(inner)
        case _:
            return False


def alike(a: Formula, b: Formula) -> Formula:
    """Both hold or both fail."""
    return every((some((opposite(a), b)), some((a, opposite(b)))))
