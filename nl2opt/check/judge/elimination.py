"""Canonical -> the same with columns less: slacks, greatest values that are minimized, columns an equation defines.

What a solution is then leaves the column out, so that it goes only where the other model has no column for it.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Set
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

from nl2opt.check.judge.canonical import Canonical
from nl2opt.check.judge.definitions import definitions, without
from nl2opt.check.judge.digits import gathered
from nl2opt.check.judge.grounding import Goal, Row
from nl2opt.check.judge.labels import naming
from nl2opt.check.judge.terms import Atom, Form, NotCanonical, Number, columns_in, form_of
from nl2opt.check.judge.translation import Image, Translation

MOST = 300
"""Columns eliminated one by one."""


def without_surplus(c: Canonical, other: Canonical | None, seconds: float) -> Canonical:
    """The form with as many columns as the other one has, as far as columns can be eliminated; without it, the least.

    Those of a kind (bounds, type, weight) of which the other has fewer go first. What has a namesake in the other form
    stays: it could be another one there, and it would go unseen.
    """
    kept = other.kept if other is not None else ()
    called = naming(c, *([other] if other is not None else []))
    named = {called(x.name, x.key) for x in other.ground.columns} if other is not None else set()
    c = gathered(c, [x for x in c.kept if called(x.args[0], x.args[1]) in named]) if len(c.kept) > len(kept) else c
    end = time.perf_counter() + seconds
    for _ in range(MOST):
        if time.perf_counter() > end or c.infeasible or len(c.kept) <= len(kept):
            break
        surplus = Counter(_kind(c, x) for x in c.kept) - Counter(_kind(other, x) for x in kept if other is not None)
        free = {x for x in c.kept if called(x.args[0], x.args[1]) not in named}
        first = {x for x in free if _kind(c, x) in surplus}
        found = _eliminated(c, first) or _eliminated(c, free)
        if found is None:
            break
        c = found
    return c


def _eliminated(c: Canonical, allowed: Set[Atom]) -> Canonical | None:
    return _slack(c, allowed) or _deviations(c, allowed) or _epigraph(c, allowed) or _defined(c, allowed)


def _kind(c: Canonical, x: Atom) -> tuple[object, ...]:
    weights = tuple(g.form.terms.get(x, 0) if isinstance(g.form, Form) else 0 for g in c.goals)
    return (x.low, x.high, x.whole, x.args[2] == "element", weights)


class _Occurrences:
    """Where each column stands: in which linear rows, how often in goals, and whether inside other atoms."""

    def __init__(self, c: Canonical) -> None:
        self.linear: dict[Atom, list[int]] = defaultdict(list)
        self.aims: Counter[Atom] = Counter()
        self.nested: set[Atom] = set()
        self._seen: set[int] = set()
        for i, row in enumerate(c.rows):
            form = form_of(row.condition)
            if form is None:
                self._dive(row.condition)
                continue
            for a in form.terms:
                if a.op == "column":
                    self.linear[a].append(i)
                else:
                    self._dive(a)
        for goal in c.goals:
            for a in goal.form.terms if isinstance(goal.form, Form) else ():
                if a.op == "column":
                    self.aims[a] += 1
                else:
                    self._dive(a)

    def _dive(self, x: object) -> None:
        stack = [x]
        while stack:
            x = stack.pop()
            if isinstance(x, Atom):
                if x.id in self._seen:
                    continue
                self._seen.add(x.id)
                if x.op == "column":
                    self.nested.add(x)
                else:
                    stack.extend(x.args)
            elif isinstance(x, Form):
                stack.extend(x.terms)


def _bounded(c: Canonical, column: Atom, value: Number, like: Row) -> Iterator[Row]:
    """The bounds of a column as rows over its value."""
    for bound, sign in ((column.low, 1), (column.high, -1)):
        if not isinstance(bound, float):  # sign * (bound - value) <= 0
            excess = c.terms.scale(c.terms.minus(bound, value), sign)
            yield replace(like, condition=c.terms.at_most_zero(excess))


def _slack(c: Canonical, allowed: Set[Atom]) -> Canonical | None:
    """A column that stands in one equation alone, and nowhere else: the equation with its bounds."""
    found = _Occurrences(c)
    for column, places in found.linear.items():
        if len(places) != 2 or column in found.aims or column in found.nested or column not in allowed:
            continue
        form, other = form_of(c.rows[places[0]].condition), form_of(c.rows[places[1]].condition)
        assert form is not None and other is not None
        if c.terms.scale(form, -1) != other:
            continue
        value = c.terms.scale(without(c.terms, form, column), Fraction(-1) / form.terms[column])
        if column.whole and not c.terms.is_whole(value):
            continue
        kept = [r for i, r in enumerate(c.rows) if i not in places]
        return c.without(column, "slack", [*kept, *_bounded(c, column, value, c.rows[places[0]])], c.goals)
    return None


def _epigraph(c: Canonical, allowed: Set[Atom]) -> Canonical | None:
    """A column that one goal presses down (or up) on values it must not pass: the greatest (least) of them."""
    if len(c.goals) != 1 or not isinstance(c.goals[0].form, Form):
        return None
    goal, form, t = c.goals[0], c.goals[0].form, c.terms
    found = _Occurrences(c)
    for column in found.aims:
        if column in found.nested or column not in allowed:
            continue
        weight = form.terms[column]
        sign = 1 if weight > 0 else -1  # minimized: rows hold it from below
        rows = [(c.rows[i], f) for i in found.linear.get(column, ()) if (f := form_of(c.rows[i].condition)) is not None]
        holding = [f for _, f in rows if f.terms[column] * sign < 0]
        if not holding:
            continue
        lifted: list[Number] = [
            t.scale(without(c.terms, f, column), 1 / abs(Fraction(f.terms[column]))) for f in holding
        ]
        if column.whole and not all(t.is_whole(f) for f in lifted):
            continue  # sign * column >= each of lifted
        near = column.low if sign > 0 else column.high
        if not isinstance(near, float):
            lifted.append(near * sign)
        value = t.scale(t.maximum(lifted), sign)
        kept = [r for i, r in enumerate(c.rows) if i not in found.linear[column]]
        for row, f in rows:  # what presses it down must leave room for the value
            if f.terms[column] * sign > 0:
                reached = t.add(without(c.terms, f, column), t.scale(value, f.terms[column]))
                kept.append(replace(row, condition=t.at_most_zero(reached)))
        kept += [r for r in _bounded(c, column, value, rows[0][0]) if r.condition is not True]
        lower = t.add(without(c.terms, form, column), t.scale(value, weight))
        return c.without(column, "epigraph", kept, [replace(goal, form=lower)])
    return None


def _deviations(c: Canonical, allowed: Set[Atom]) -> Canonical | None:
    """Two columns, above and below, whose difference an equation gives and which both cost: its two parts."""
    if len(c.goals) != 1 or not isinstance(c.goals[0].form, Form):
        return None
    goal, form, t = c.goals[0], c.goals[0].form, c.terms
    found = _Occurrences(c)
    rows = {f: i for i, r in enumerate(c.rows) if (f := form_of(r.condition)) is not None}
    for f, i in rows.items():
        j = rows.get(Form({x: -k for x, k in f.terms.items()}, -f.const))
        if j is None:
            continue
        free = [x for x in f.terms if x in allowed and x.low == 0 and len(found.linear[x]) == 2
                and x not in found.nested and form.terms.get(x, 0) > 0]  # fmt: skip
        for above, below in permutations(free, 2):
            k = f.terms[above]
            if k <= 0 or f.terms[below] != -k:
                continue
            difference = t.scale(without(t, without(t, f, above), below), Fraction(-1, 1) / k)
            if (above.whole or below.whole) and not t.is_whole(difference):
                continue
            opposite = t.scale(difference, -1)
            size = t.maximum((difference, opposite))
            worth = without(t, without(t, form, above), below)
            for column, part in ((above, difference), (below, opposite)):
                half = t.scale(t.add(size, part), Fraction(form.terms[column]) / 2)
                worth = t.add(worth, half)
            kept = [r for n, r in enumerate(c.rows) if n not in (i, j)]
            for column, part in ((above, difference), (below, opposite)):
                if not isinstance(column.high, float):
                    kept.append(replace(c.rows[i], condition=t.at_most_zero(t.minus(part, column.high))))
            less = c.without(above, "deviation", kept, [replace(goal, form=worth)])
            return less.without(below, "deviation", less.rows, less.goals)
    return None


def _defined(c: Canonical, allowed: Set[Atom]) -> Canonical | None:
    """A column that an equation gives from others: its value in its place. The one that leaves the fewest rows."""
    found = _Occurrences(c)
    t = c.terms
    best: tuple[tuple[int, int], Atom, Number, int] | None = None
    for column, values, sign, i in definitions(t, c.rows, (x for x in allowed if x.args[2] != "element")):
        value = t.scale(t.maximum(values), sign)
        low, high = t.span(value)
        rank = ((low < column.low) + (high > column.high), len(found.linear[column]) + (column in found.nested))
        if (best is None or rank < best[0]) and column not in columns_in(value):
            best = (rank, column, value, i)
    if best is None:
        return None
    _, column, value, place = best
    images: dict[Atom, Image] = {x: t.of(x) for x in c.kept if x is not column and x.args[2] != "element"}
    for x in c.kept:
        if x.args[2] == "element":
            images[x] = tuple(t.atom("is", (x, k), 0, 1, whole=True, condition=True) for k in range(int(x.high) + 1))
    translation = Translation(t, {**images, column: value})
    try:
        others = [r for i, r in enumerate(c.rows) if i != place]  # what defines it holds of its value
        rows: list[Row] = [replace(r, condition=translation.condition(r.condition)) for r in others]
        goals: list[Goal] = [replace(g, form=translation.number(g.form)) for g in c.goals]
    except NotCanonical:
        return None
    return c.without(column, "defined", [*rows, *_bounded(c, column, value, c.rows[place])], goals)
