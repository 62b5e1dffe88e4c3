"""Canonical -> the same in frames: each column counted as x = start + step * x'.

So models that count a column in other units, from another start or the other way round come out alike: it starts at a
finite bound, runs the way the first objective wants it small, and a continuous one is counted in units of that
objective, else of its own range.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from math import inf

from nl2opt.check.judge.canonical import Canonical
from nl2opt.check.judge.terms import Atom, Condition, Form, Limit, Number, Terms, form_of, tidy
from nl2opt.check.judge.translation import Image, Translation

Frame = tuple[Fraction, Fraction]
"""(start, step)."""


@dataclass(frozen=True)
class Framed:
    """The rows and goals of a canonical form over its columns in their frames, in the order of its own.

    ``elements`` are pairs (that a column takes an element, in the canonical form; the same in frames). ``undirected``
    are families of which some columns could as well be counted the other way round.
    """

    columns: tuple[Atom, ...]
    elements: tuple[tuple[Atom, Atom], ...]
    rows: tuple[Condition, ...]
    goals: tuple[Number, ...]
    undirected: frozenset[str]


def framed(c: Canonical, turned: frozenset[str] = frozenset()) -> Framed:
    """A canonical form -> it in frames; ``turned`` are undirected families to be counted the other way round."""
    frames, undirected = _frames(c, turned)
    t = Terms()
    images: dict[Atom, Image] = {}
    columns = []
    elements: list[tuple[Atom, Atom]] = []
    for x in c.kept:
        start, step = frames.get(x, (Fraction(0), Fraction(1)))
        ends = sorted(_at(e, start, step) for e in (x.low, x.high))
        column = t.column(x.args[0], x.args[1], ends[0], ends[1], x.whole, x.args[2])
        columns.append(column)
        if x.args[2] == "element":
            size = int(x.high) + 1
            taken = [t.atom("is", (column, k), 0, 1, whole=True, condition=True) for k in range(size)]
            images[x] = taken
            elements += [(c.terms.atom("is", (x, k), 0, 1, whole=True, condition=True), e) for k, e in enumerate(taken)]
        else:
            images[x] = t.add(t.scale(t.of(column), tidy(step)), tidy(start))
    translation = Translation(t, images)
    rows = tuple(translation.condition(r.condition) for r in c.rows)
    goals = tuple(translation.number(g.form) for g in c.goals)
    return Framed(tuple(columns), tuple(elements), rows, goals, undirected)


def _at(x: Limit, start: Fraction, step: Fraction) -> Limit:
    """A bound in a frame."""
    if isinstance(x, float):
        return x if step > 0 else -x
    return tidy((x - start) / step)


def _frames(c: Canonical, turned: frozenset[str]) -> tuple[dict[Atom, Frame], frozenset[str]]:
    """Columns -> their frames, and the families some of whose columns could as well be counted the other way round."""
    goal = c.goals[0].form if c.goals else 0
    weights = goal.terms if isinstance(goal, Form) else {}
    pulls = _pulls(c)
    frames: dict[Atom, Frame] = {}
    undirected: set[str] = set()
    for x in c.kept:
        if x.args[2] != "number":
            continue
        weight = Fraction(weights.get(x, 0))
        down = _runs_down(x, weight, pulls[x])
        if down is None:
            undirected.add(x.args[0])
            down = x.args[0] in turned
        near = x.high if down else x.low
        step = Fraction(1)
        if not x.whole:
            if weight:
                step = 1 / abs(weight)
            elif x.low > -inf and x.high < inf:
                step = Fraction(x.high) - Fraction(x.low)
        start = Fraction(0) if isinstance(near, float) else Fraction(near)
        frames[x] = (start, -step if down else step)
    return frames, frozenset(undirected)


def _runs_down(x: Atom, weight: Fraction, pulls: list[Fraction]) -> bool | None:
    """True where a column is counted downwards; None where nothing says which way."""
    if (x.low == -inf) != (x.high == inf):
        return x.low == -inf
    if weight:
        return weight < 0
    up, down = sorted(pulls), sorted(-p for p in pulls)
    return None if up == down else up < down


def _pulls(c: Canonical) -> dict[Atom, list[Fraction]]:
    """Column -> its coefficients in the rows, each relative to the largest of its row."""
    found: dict[Atom, list[Fraction]] = defaultdict(list)
    for row in c.rows:
        form = form_of(row.condition)
        if form is None:
            continue
        largest = max(abs(Fraction(k)) for k in form.terms.values())
        for a, k in form.terms.items():
            found[a].append(k / largest)
    return found
