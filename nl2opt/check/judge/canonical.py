"""Ground -> Canonical: one form for the many ways of writing the same rows.

Each step keeps the set of solutions over the columns that stay, and the value of every objective there: a row of one
column is a bound, rows over the same sum keep the tightest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor, inf

from nl2opt.check.judge.grounding import Bounds, Goal, Ground, Place, Row, ground
from nl2opt.check.judge.terms import Atom, Limit, NotCanonical, Terms, form_of, tidy
from nl2opt.check.judge.translation import Image, Translation
from nl2opt.ir.instance import Instance

PASSES = 4
"""Bounds found in rows may make other rows bounds; so often that is looked at."""


@dataclass(frozen=True)
class Canonical:
    """The reduced ground form: ``terms`` its atoms, ``first`` the ground form as it was written.

    ``gone`` are the columns that were eliminated, each with the word for how; ``kept`` those that stay; ``made`` new
    ones among them, each the number its binary digits (the lowest first) write.
    """

    terms: Terms
    ground: Ground
    first: Ground
    rows: tuple[Row, ...]
    goals: tuple[Goal, ...]
    gone: dict[Place, str]
    infeasible: bool
    made: Mapping[Atom, tuple[Atom, ...]] = field(default_factory=dict)

    @property
    def kept(self) -> tuple[Atom, ...]:
        """The columns that stay."""
        found = [c.atom for c in self.ground.columns if c.atom is not None]
        return tuple(x for x in (*found, *self.made) if (x.args[0], x.args[1]) not in self.gone)

    def without(self, column: Atom, how: str, rows: Iterable[Row], goals: Iterable[Goal]) -> Canonical:
        """The form with a column eliminated."""
        gone = {**self.gone, (column.args[0], column.args[1]): how}
        return fitted(replace(self, rows=tuple(rows), goals=tuple(goals), gone=gone))


def canonical(instance: Instance) -> Canonical:
    """Instance -> Canonical. Raises NotCanonical, EvaluationError, LimitExceeded."""
    bounds: dict[Place, tuple[Limit, Limit]] = {}
    found = ground(instance)
    first = found
    for _ in range(PASSES):
        tighter = _bounds_in(found.rows)
        if not tighter:
            break
        for place, (low, high) in tighter.items():
            before = bounds.get(place, (-inf, inf))
            bounds[place] = (max(low, before[0]), min(high, before[1]))
        found = ground(instance, bounds)
    infeasible = any(r.condition is False for r in found.rows)
    return Canonical(found.terms, found, first, tightest(found.rows), found.goals, {}, infeasible)


def fitted(c: Canonical) -> Canonical:
    """A form whose rows have changed -> the tightest of them, those of one column made its bounds, or its value."""
    for _ in range(PASSES):
        if any(r.condition is False for r in c.rows):
            return replace(c, rows=(), infeasible=True)
        limits = _bounds_in(c.rows)
        if not limits:
            break
        try:
            c = _within(c, limits)
        except NotCanonical:
            break
    return replace(c, rows=tightest(c.rows))


def _within(c: Canonical, limits: Bounds) -> Canonical:
    """The form with tighter bounds of some columns, those that have one value left replaced by it."""
    t = c.terms
    images: dict[Atom, Image] = {x: t.of(x) for x in c.kept if x.args[2] != "element"}
    new: dict[Atom, Atom | None] = {}
    told: list[Row] = []
    for x in c.kept:
        if x.args[2] == "element":
            images[x] = tuple(t.atom("is", (x, k), 0, 1, whole=True, condition=True) for k in range(int(x.high) + 1))
        elif (x.args[0], x.args[1]) in limits:
            low, high = limits[x.args[0], x.args[1]]
            low, high = max(low, x.low), min(high, x.high)
            if x.whole:
                low = low if isinstance(low, float) else ceil(low)
                high = high if isinstance(high, float) else floor(high)
            if low > high:
                told.append(Row(False, x.args[0], x.args[1]))
            elif low == high and not isinstance(low, float):
                images[x], new[x] = tidy(low), None
            else:
                narrower = t.column(x.args[0], x.args[1], low, high, x.whole, f"from {low} to {high}")
                images[x], new[x] = t.of(narrower), narrower
    translation = Translation(t, images)
    told += [replace(r, condition=translation.condition(r.condition)) for r in c.rows]
    goals = tuple(replace(g, form=translation.number(g.form)) for g in c.goals)
    columns = tuple(
        replace(k, atom=new[k.atom], value=images[k.atom]) if k.atom in new else k for k in c.ground.columns
    )
    made = {column: digits for x, digits in c.made.items() if (column := new.get(x, x)) is not None}
    return replace(c, ground=replace(c.ground, columns=columns), rows=tuple(told), goals=goals, made=made)


def _bounds_in(rows: Iterable[Row]) -> dict[Place, tuple[Limit, Limit]]:
    """Rows of one column -> the bounds they are; rows that hold at one end of all their columns -> these ends."""
    found: dict[Place, tuple[Limit, Limit]] = {}
    for row in rows:
        form = form_of(row.condition)
        if form is None or any(a.op != "column" or a.args[2] == "element" for a in form.terms):
            continue
        least = form.const + sum(c * (a.low if c > 0 else a.high) for a, c in form.terms.items())
        if len(form.terms) != 1 and least != 0:
            continue
        for a, c in form.terms.items():
            limit = tidy(Fraction(-form.const) / c) if len(form.terms) == 1 else a.low if c > 0 else a.high
            low, high = found.get((a.args[0], a.args[1]), (-inf, inf))
            found[a.args[0], a.args[1]] = (low, min(high, limit)) if c > 0 else (max(low, limit), high)
    return found


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
