"""Ground -> Canonical: one form for the many ways of writing the same rows.

Each step keeps the set of solutions over the columns that stay, and the value of every objective there: a row of one
column is a bound, rows over the same sum keep the tightest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf

from nl2opt.check.judge.grounding import Goal, Ground, Place, Row, ground
from nl2opt.check.judge.terms import Atom, Limit, Terms, form_of, tidy
from nl2opt.ir.instance import Instance

PASSES = 4
"""Bounds found in rows may make other rows bounds; so often that is looked at."""


@dataclass(frozen=True)
class Canonical:
    """The reduced ground form: ``terms`` its atoms, ``first`` the ground form as it was written.

    ``gone`` are the columns that were eliminated, each with the word for how; ``kept`` those that stay.
    """

    terms: Terms
    ground: Ground
    first: Ground
    rows: tuple[Row, ...]
    goals: tuple[Goal, ...]
    gone: dict[Place, str]
    infeasible: bool

    @property
    def kept(self) -> tuple[Atom, ...]:
        """The columns that stay."""
        return tuple(c.atom for c in self.ground.columns if c.atom is not None and (c.name, c.key) not in self.gone)

    def without(self, column: Atom, how: str, rows: Iterable[Row], goals: Iterable[Goal]) -> Canonical:
        """The form with a column eliminated."""
        kept = tuple(rows)
        infeasible = any(r.condition is False for r in kept)
        gone = {**self.gone, (column.args[0], column.args[1]): how}
        return replace(
            self, rows=tightest(kept), goals=tuple(goals), gone=gone, infeasible=self.infeasible or infeasible
        )


def canonical(instance: Instance) -> Canonical:
    """Instance -> Canonical. Raises NotCanonical, EvaluationError, LimitExceeded."""
    bounds: dict[Place, tuple[Limit, Limit]] = {}
    found = ground(instance)
    first = found
    for _ in range(PASSES):
        tighter = dict(_bounds_in(found))
        if not tighter:
            break
        for place, (low, high) in tighter.items():
            before = bounds.get(place, (-inf, inf))
            bounds[place] = (max(low, before[0]), min(high, before[1]))
        found = ground(instance, bounds)
    infeasible = any(r.condition is False for r in found.rows)
    return Canonical(found.terms, found, first, tightest(found.rows), found.goals, {}, infeasible)


def _bounds_in(g: Ground) -> Iterable[tuple[Place, tuple[Limit, Limit]]]:
    """Rows of one column -> the bounds they are."""
    found: dict[Place, tuple[Limit, Limit]] = {}
    for row in g.rows:
        form = form_of(row.condition)
        if form is None or len(form.terms) != 1:
            continue
        ((a, c),) = form.terms.items()
        if a.op != "column" or a.args[2] != "number":
            continue
        limit = tidy(Fraction(-form.const) / c)
        low, high = found.get((a.args[0], a.args[1]), (-inf, inf))
        found[a.args[0], a.args[1]] = (low, min(high, limit)) if c > 0 else (max(low, limit), high)
    return found.items()


def tightest(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows without those that are known and without repetition; of parallel ones the tightest."""
    best: dict[object, Row] = {}
    for row in rows:
        if isinstance(row.condition, bool):
            continue
        form = form_of(row.condition)
        place: object = row.condition if form is None else form.key[0]
        before = best.get(place)
        limit = None if before is None else form_of(before.condition)
        if before is None or (form is not None and limit is not None and form.const > limit.const):
            best[place] = row
    return tuple(best.values())
