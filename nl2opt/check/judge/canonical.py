"""Ground -> Canonical: one form for the many ways of writing the same rows.

Each step keeps the set of solutions over the columns that stay, and the value of every objective there: a row of one
column is a bound, rows over the same sum keep the tightest, a slack column makes two inequalities of its equation. On
request a column that only has to lie above some values and is minimized is the greatest of them: what a solution is
then leaves that column out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf

from nl2opt.check.judge.grounding import Goal, Ground, Place, Row, ground
from nl2opt.check.judge.terms import Atom, Form, Limit, Number, Terms, form_of, tidy
from nl2opt.ir.instance import Instance

PASSES = 4
"""Bounds found in rows may make other rows bounds; so often that is looked at."""


@dataclass(frozen=True)
class Canonical:
    """The reduced ground form. ``gone`` are columns that were eliminated, each with the word for how."""

    ground: Ground
    rows: tuple[Row, ...]
    goals: tuple[Goal, ...]
    gone: dict[Place, str]
    infeasible: bool

    @property
    def kept(self) -> tuple[Atom, ...]:
        """The columns that stay."""
        return tuple(c.atom for c in self.ground.columns if c.atom is not None and (c.name, c.key) not in self.gone)


_Step = tuple[Atom, list[Row], list[Goal]]
_Rule = Callable[[Terms, list[Row], list[Goal]], _Step | None]


def canonical(instance: Instance, *, lift: bool = False) -> Canonical:
    """Instance -> Canonical; ``lift`` eliminates columns that stand for a greatest or least value.

    Raises NotCanonical, EvaluationError, LimitExceeded.
    """
    bounds: dict[Place, tuple[Limit, Limit]] = {}
    found = ground(instance)
    for _ in range(PASSES):
        tighter = dict(_bounds_in(found))
        if not tighter:
            break
        for place, (low, high) in tighter.items():
            before = bounds.get(place, (-inf, inf))
            bounds[place] = (max(low, before[0]), min(high, before[1]))
        found = ground(instance, bounds)
    flipped = frozenset(_pressed_up(found))
    return _reduced(ground(instance, bounds, flipped) if flipped else found, (_slack, _epigraph) if lift else (_slack,))


def _pressed_up(g: Ground) -> Iterable[Place]:
    """Bounded columns that the first goal wants large: counted from above they are columns it wants small."""
    form = g.goals[0].form if g.goals else 0
    for a, c in form.terms.items() if isinstance(form, Form) else ():
        if a.op == "column" and a.args[2] == "number" and c < 0 and a.low > -inf and a.high < inf:
            yield a.args[0], a.args[1]


def _bounds_in(g: Ground) -> Iterable[tuple[Place, tuple[Limit, Limit]]]:
    """Rows of one column -> the bounds they are."""
    found: dict[Place, tuple[Limit, Limit]] = {}
    for row in g.rows:
        form = _linear(row)
        if form is None or len(form.terms) != 1:
            continue
        ((a, c),) = form.terms.items()
        if a.op != "column" or a.args[2] != "number":
            continue
        limit = tidy(Fraction(-form.const) / c)
        low, high = found.get((a.args[0], a.args[1]), (-inf, inf))
        found[a.args[0], a.args[1]] = (low, min(high, limit)) if c > 0 else (max(low, limit), high)
    return found.items()


def _linear(row: Row) -> Form | None:
    """A row `form <= 0` -> the form; None for any other condition."""
    return form_of(row.condition)


def _reduced(g: Ground, steps: tuple[_Rule, ...]) -> Canonical:
    infeasible = any(r.condition is False for r in g.rows)
    rows = _tightest([r for r in g.rows if not isinstance(r.condition, bool)])
    goals = list(g.goals)
    gone: dict[Place, str] = {}
    changed = True
    while changed and not infeasible:
        changed = False
        for step in steps:
            out = step(g.terms, rows, goals)
            if out is not None:
                column, rows, goals = out
                gone[column.args[0], column.args[1]] = step.__name__[1:]
                infeasible = any(r.condition is False for r in rows)
                rows = _tightest([r for r in rows if not isinstance(r.condition, bool)])
                changed = True
    return Canonical(g, tuple(rows), tuple(goals), gone, infeasible)


def _tightest(rows: list[Row]) -> list[Row]:
    """Rows without repetition; of parallel ones the tightest."""
    best: dict[object, Row] = {}
    for row in rows:
        form = _linear(row)
        place: object = row.condition if form is None else form.key[0]
        before = best.get(place)
        tightest = None if before is None else _linear(before)
        if before is None or (form is not None and tightest is not None and form.const > tightest.const):
            best[place] = row
    return list(best.values())


def _occurrences(rows: list[Row], goals: list[Goal]) -> tuple[dict[Atom, list[int]], Counter[Atom], set[Atom]]:
    """Column -> the linear rows it stands in; how often it stands in goals; columns inside other atoms."""
    linear: dict[Atom, list[int]] = defaultdict(list)
    aims: Counter[Atom] = Counter()
    nested: set[Atom] = set()
    seen: set[int] = set()
    for i, row in enumerate(rows):
        form = _linear(row)
        if form is None:
            _dive(row.condition, nested, seen)
            continue
        for a in form.terms:
            if a.op == "column":
                linear[a].append(i)
            else:
                _dive(a, nested, seen)
    for goal in goals:
        for a in goal.form.terms if isinstance(goal.form, Form) else ():
            if a.op == "column":
                aims[a] += 1
            else:
                _dive(a, nested, seen)
    return linear, aims, nested


def _dive(x: object, nested: set[Atom], seen: set[int]) -> None:
    stack = [x]
    while stack:
        x = stack.pop()
        if isinstance(x, Atom):
            if x.id in seen:
                continue
            seen.add(x.id)
            if x.op == "column":
                nested.add(x)
            else:
                stack.extend(x.args)
        elif isinstance(x, Form):
            stack.extend(x.terms)


def _slack(t: Terms, rows: list[Row], goals: list[Goal]) -> _Step | None:
    """A continuous column that stands in one equation alone, and nowhere else: the equation with its bounds."""
    linear, aims, nested = _occurrences(rows, goals)
    for column, places in linear.items():
        if len(places) != 2 or column.whole or column in aims or column in nested:
            continue
        form, other = _linear(rows[places[0]]), _linear(rows[places[1]])
        assert form is not None and other is not None
        if t.scale(form, -1) != other:
            continue
        c = form.terms[column]
        rest = t.add(form, t.scale(t.of(column), -c))  # c * column = -rest
        kept = [r for i, r in enumerate(rows) if i not in places]
        first = rows[places[0]]
        for bound, sign in ((column.low, 1), (column.high, -1)):
            if not isinstance(bound, float):  # sign * (bound - column) <= 0, column = -rest / c
                value = t.scale(t.add(bound, t.scale(rest, Fraction(1) / c)), sign)
                kept.append(replace(first, condition=t.at_most_zero(value)))
        return column, kept, goals
    return None


def _epigraph(t: Terms, rows: list[Row], goals: list[Goal]) -> _Step | None:
    """A column that one goal presses down (or up) on values it must not pass: the greatest (least) of them."""
    linear, aims, nested = _occurrences(rows, goals)
    for column, count in aims.items():
        if count != 1 or column in nested or len(goals) != 1:
            continue
        goal = goals[0]
        assert isinstance(goal.form, Form)
        c = goal.form.terms[column]
        sign = 1 if c > 0 else -1  # minimized: rows hold it from below
        forms = [f for i in linear.get(column, ()) if (f := _linear(rows[i])) is not None]
        if not forms or any(f.terms[column] * sign > 0 for f in forms):
            continue
        lifted: list[Number] = [t.scale(_without(t, f, column), 1 / abs(Fraction(f.terms[column]))) for f in forms]
        if column.whole and not all(t.is_whole(f) for f in lifted):
            continue  # sign * column >= each of lifted
        near, far = (column.low, column.high) if sign > 0 else (column.high, column.low)
        if not isinstance(near, float):
            lifted.append(near * sign)
        value = t.scale(t.maximum(lifted), sign)
        kept = [r for i, r in enumerate(rows) if i not in linear[column]]
        if not isinstance(far, float):
            first = rows[linear[column][0]]
            kept += [replace(first, condition=t.at_most_zero(t.minus(f, far * sign))) for f in lifted]
        form = t.add(_without(t, goal.form, column), t.scale(value, c))
        return column, kept, [replace(goal, form=form)]
    return None


def _without(t: Terms, form: Form, column: Atom) -> Number:
    return t.add(form, t.scale(t.of(column), -form.terms[column]))
