"""Two readings of one text -> the sentences that grammar reads with ease and tags read otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from nl2opt.formulate.embedded.assembly import Parse
from nl2opt.formulate.embedded.declarations import Bound, Comparison, Constraint, LinearRow, Share, TotalBound
from nl2opt.formulate.embedded.direct import Direct
from nl2opt.formulate.embedded.direct.limits import declared
from nl2opt.formulate.embedded.direct.statements import Limit

EASE: Final = 0.3
"""A sentence that costs grammar no more than this was hardly misread."""

Row = tuple[tuple[tuple[int, Fraction], ...], str, Fraction]
"""Weights by amount, side (at least, or equal), bound."""


def disagreements(direct: Direct, tagged: Parse) -> tuple[str, ...]:
    """Ids of the sentences whose limits on named amounts are not among those of the tags; none where the two do not
    speak of the same amounts."""
    same = _same_amounts(direct, tagged)
    if same is None:
        return ()
    count = len(tagged.decisions)
    known = {row for c in tagged.constraints if (row := _row(c, {d: d for d in range(count)}, count)) is not None}
    found = []
    for read in direct.sentences:
        way = read.ways[0]
        limits = [s for s in way.statements if isinstance(s, Limit)]
        if not way.complete or way.cost > EASE or len(limits) < len(way.statements):
            continue
        told = [c for limit in limits if (c := declared(limit, ((limit.start, limit.end),), count)) is not None]
        rows = [row for c in told if (row := _row(c, same, count)) is not None]
        if any(row not in known for row in rows):
            found.append(read.sentence.id)
    return tuple(found)


def _same_amounts(direct: Direct, tagged: Parse) -> dict[int, int] | None:
    """Each amount of the grammar as one of the tags, by the places where the text names them."""
    found: dict[int, int] = {}
    for d, decision in enumerate(tagged.decisions):
        places = decision.places
        for called in direct.roster.called:
            if (
                any(a < called.end and called.start < b for a, b in places)
                and found.setdefault(called.decision, d) != d
            ):
                return None
    count = len(tagged.decisions)
    return found if len(direct.roster.names) == len(found) == len(set(found.values())) == count else None


def _row(constraint: Constraint, same: Mapping[int, int], count: int) -> Row | None:
    """A constraint in one form; None where it says nothing, or is no linear limit."""
    weights: dict[int, Fraction] = {}
    match constraint:
        case Bound():
            weights, bound = {constraint.decision: Fraction(1)}, constraint.bound.value
        case TotalBound():
            weights, bound = dict.fromkeys(constraint.members, Fraction(1)), constraint.bound.value
        case LinearRow():
            weights = {d: c.value for d, c in enumerate(constraint.cells) if c is not None and c.value}
            bound = constraint.bound.value
        case Share():
            weights = {d: (d == constraint.decision) - constraint.part.value for d in range(count)}
            bound = Fraction(0)
        case Comparison():
            factor = constraint.factor.value if constraint.factor else Fraction(1)
            weights = {constraint.left: Fraction(1)}
            for d in (constraint.right, *constraint.others):
                weights[d] = weights.get(d, Fraction(0)) - factor
            bound = constraint.offset.value if constraint.offset else Fraction(0)
        case _:
            return None
    sign = -1 if constraint.op == "<=" else 1
    told = {same[d]: sign * w for d, w in weights.items() if w}
    if not told or (bound == 0 and min(told.values()) >= 0 and constraint.op != "=="):
        return None
    lead = abs(told[min(told)])
    if constraint.op == "==" and told[min(told)] < 0:
        lead = -lead
    return (
        tuple(sorted((d, w / lead) for d, w in told.items())),
        "==" if constraint.op == "==" else ">=",
        sign * bound / lead,
    )
