"""Limits and weights of amounts -> declarations: bounds, totals, comparisons, weighted rows."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from nl2opt.formulate.embedded.declarations import (
    Bound,
    Cell,
    Comparison,
    Constraint,
    LinearRow,
    Op,
    Place,
    Share,
    TotalBound,
)
from nl2opt.formulate.embedded.direct.linear import Linear, Weight
from nl2opt.formulate.embedded.direct.statements import Limit

_FLIPPED: Mapping[Op, Op] = {"<=": ">=", ">=": "<=", "==": "=="}


def cell_of(weight: Weight, place: Place, times: Fraction = Fraction(1)) -> Cell:
    """A number as the document wants it, at its last source; one that the text does not write has no quantity."""
    value = weight.value * times
    if not weight.sources:
        return Cell(value, "", place)
    source = weight.sources[-1]
    return Cell(value, source.id, (source.start, source.end))


def declared(limit: Limit, places: tuple[Place, ...], count: int) -> Constraint | None:
    """The plainest declaration that says `left op 0`; None where no amount is left in it."""
    left = limit.left
    weights = {d: w for d, w in left.weights.items() if w.value != 0}
    place = (limit.start, limit.end)
    op = limit.op
    if not weights:
        return None
    if len(weights) == 1:
        ((decision, w),) = weights.items()
        side = op if w.value > 0 else _FLIPPED[op]
        return Bound(decision, side, cell_of(left.constant, place, -1 / w.value), places)
    bound = cell_of(left.constant, place, Fraction(-1))
    if all(w.value == 1 for w in weights.values()):
        return TotalBound(tuple(sorted(weights)), op, bound, places)
    share = _share(left, weights, op, places, place, count)
    if share is not None:
        return share
    compared = _comparison(left, weights, op, places, place)
    if compared is not None:
        return compared
    if all(w.value < 0 for w in weights.values()):
        weights = {d: Weight(-w.value, w.sources) for d, w in weights.items()}
        op, bound = _FLIPPED[op], cell_of(left.constant, place)
    cells = tuple(cell_of(weights[d], place) if d in weights else None for d in range(count))
    return LinearRow(cells, op, bound, "weighted", places)


def _share(
    left: Linear, weights: Mapping[int, Weight], op: Op, places: tuple[Place, ...], place: Place, count: int
) -> Share | None:
    """`X op p of everything`, told with one number."""
    if len(weights) != count or left.constant.value != 0:
        return None
    for d in weights:
        rest = [w for other, w in weights.items() if other != d]
        part = -rest[0].value
        alike = all(-w.value == part and w.sources == weights[d].sources for w in rest)
        if alike and len(weights[d].sources) == 1 and 0 < part < 1 and weights[d].value == 1 - part:
            return Share(d, op, cell_of(Weight(part, weights[d].sources), place), places)
    return None


def _comparison(
    left: Linear, weights: Mapping[int, Weight], op: Op, places: tuple[Place, ...], place: Place
) -> Comparison | None:
    """`X op f Y + b` where one weight is one and the other below zero."""
    if len(weights) != 2:
        return None
    for one, other in (tuple(weights), tuple(weights)[::-1]):
        if weights[one].value == 1 and weights[other].value < 0:
            factor = None if weights[other].value == -1 else cell_of(weights[other], place, Fraction(-1))
            offset = None if left.constant.value == 0 else cell_of(left.constant, place, Fraction(-1))
            return Comparison(one, op, other, factor, offset, places)
    return None
