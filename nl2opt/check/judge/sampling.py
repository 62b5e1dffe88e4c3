"""Both models solved on new data: another status or optimum on one of the data sets tells them apart."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

from nl2opt.check.judge.optima import CLOSE, status
from nl2opt.check.judge.points import Values
from nl2opt.check.judge.resample import Ties, drawn, renumbered
from nl2opt.check.judge.side import Clock, Side
from nl2opt.check.judge.terms import NotCanonical, form_of
from nl2opt.check.judge.verdict import Verdict
from nl2opt.errors import DataError, EvaluationError, LimitExceeded
from nl2opt.ir.instance import Instance
from nl2opt.solvers.result import Termination

TOLD = 40
"""Redrawn numbers that are named."""


def renewed(a: Side, b: Side, tied: Ties, rng: random.Random) -> tuple[Side, Side] | None:
    numbers = drawn(tied.common, rng)
    try:
        one, two = renumbered(a.instance, numbers), renumbered(b.instance, numbers)
    except (DataError, EvaluationError, LimitExceeded):
        return None
    return a.like(one), b.like(two)


def resampled(a: Side, b: Side, tied: Ties, clock: Clock, count: int, rng: random.Random) -> Verdict:
    """What solving both on new data says. Numbers of one side that are not tied make no difference conclusive."""
    counted = 1 if a.finished and b.finished else 0
    exercised = set(_tight(a)) if counted else set()
    optima: set[float] = (
        {round(a.result.objective, 6)} if a.result is not None and a.result.objective is not None else set()
    )
    for _ in range(2 * count):
        if counted > count or clock.left <= 0 or not tied.common or not tied.complete:
            break
        pair = renewed(a, b, tied, rng)
        if pair is None:
            continue
        one, two = pair
        if one.result is None or not one.finished or not two.finished:
            continue
        apart = status(one, two, _redrawn(a.instance, one.instance, len(tied.common)))
        if apart is not None:
            return replace(apart, data_sets=counted + 1)
        if one.result.termination is Termination.OPTIMAL:
            counted += 1
            exercised |= set(_tight(one))
            optima.add(round(one.result.objective or 0.0, 6))
    loose = tuple(dict.fromkeys(c.name for c in a.instance.model.constraints if c.name not in exercised))
    if not counted:
        reason = a.why_not or b.why_not or "no route solved both of them"
        return Verdict("undecided", "none", "this data", reason=reason, ambiguous=untied(tied))
    if counted == 1:
        return Verdict("agrees", "optima", "this data", data_sets=1, unexercised=loose, ambiguous=untied(tied))
    return Verdict(
        "agrees", "resampled", "these data sets", data_sets=counted, unexercised=loose, ambiguous=untied(tied)
    )


def _redrawn(before: Instance, after: Instance, count: int) -> str:
    """The cells of parameters that hold another number now, as they can be typed in again."""
    cells = [
        f"{name}{list(map(str, key)) if key else ''} = {_decimal(value)}".replace("'", "")
        for name, values in after.parameters.items()
        if values.elements is None
        for key, value, was in zip(values.domain.keys, values.exact, before.parameters[name].exact, strict=True)
        if value != was
    ]
    if not cells:
        return f"{count} numbers redrawn"
    more = f", and {len(cells) - TOLD} more" if len(cells) > TOLD else ""
    return ", ".join(cells[:TOLD]) + more


def _decimal(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"{float(value):.12g}"


def _tight(side: Side) -> list[str]:
    """The constraints that have no slack at the optimal solution; all that are no comparison count as tight."""
    if side.canonical is None or side.result is None or side.result.point is None:
        return []
    values = Values(side.instance, side.canonical.first, side.result.point)
    found = []
    for row in side.canonical.first.rows:
        form = form_of(row.condition)
        try:
            if form is not None and values.slack(form) > CLOSE:
                continue
        except NotCanonical:
            continue
        found.append(row.source)
    return found


def untied(tied: Ties) -> tuple[str, ...]:
    return tuple(
        f"{float(v):g} only in the {side}"
        for side, values in (("reference", tied.reference_only), ("candidate", tied.candidate_only))
        for v in values
    )
