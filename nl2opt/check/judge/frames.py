"""Canonical -> the same in frames: each column counted as x = start + step * x'.

So models that count a column in other units, from another start or the other way round come out alike: it starts at a
finite bound, runs the way the first objective wants it small, and a continuous one is counted in units of that
objective, else of its own range, else of what a row allows or asks for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import inf

from nl2opt.check.judge.canonical import Canonical
from nl2opt.check.judge.terms import Atom, Condition, Form, Limit, Number, Rational, Terms, columns_in, form_of, tidy
from nl2opt.check.judge.translation import Image, Translation

MOST_TURNED = 3
"""Families of columns that are tried both ways round."""
Frame = tuple[Fraction, Fraction]
"""(start, step)."""


@dataclass(frozen=True)
class Framed:
    """The rows and goals of a canonical form over its columns in their frames, in the order of its own.

    ``elements`` are pairs (that a column takes an element, in the canonical form; the same in frames). ``undirected``
    are families of which some columns could as well be counted the other way round; ``frames`` those of the columns of
    the canonical form.
    """

    columns: tuple[Atom, ...]
    elements: tuple[tuple[Atom, Atom], ...]
    rows: tuple[Condition, ...]
    goals: tuple[Number, ...]
    undirected: frozenset[str]
    frames: Mapping[Atom, Frame]


def turnings(undirected: Set[str]) -> Iterator[frozenset[str]]:
    """Families of which some columns could as well be counted the other way round -> the choices of those that are."""
    families = sorted(undirected)
    for count in range(1, len(families) + 1 if len(families) <= MOST_TURNED else 1):
        yield from map(frozenset, combinations(families, count))


def framed(
    c: Canonical, turned: Set[str] = frozenset(), named: Set[Atom] = frozenset(), *, affine: bool = False
) -> Framed:
    """A canonical form -> it in frames.

    ``turned`` are undirected families to be counted the other way round; ``named`` the columns with a namesake in the
    other form, which count the same thing and so start where they are written and run up. ``affine``: the unit of the
    objective may differ, so that no column is counted in it.
    """
    frames, undirected = frames_of(c, turned, named, affine=affine)
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
    goals = tuple(t.even(translation.number(g.form)) for g in c.goals)
    return Framed(tuple(columns), tuple(elements), rows, goals, undirected, frames)


def _at(x: Limit, start: Fraction, step: Fraction) -> Limit:
    """A bound in a frame."""
    if isinstance(x, float):
        return x if step > 0 else -x
    return tidy((x - start) / step)


def frames_of(
    c: Canonical, turned: Set[str], named: Set[Atom], *, affine: bool = False
) -> tuple[dict[Atom, Frame], frozenset[str]]:
    """Columns -> their frames, and the families some of whose columns could as well be counted the other way round."""
    weights = _weights(c.goals[0].form) if c.goals else {}
    pulls = _pulls(c)
    frames: dict[Atom, Frame] = {}
    undirected: set[str] = set()
    open_: set[Atom] = set()
    for x in c.kept:
        if x.args[2] == "element":
            continue
        weight = Fraction(weights.get(x, 0))
        down = False if x in named else _runs_down(x, weight, pulls[x])
        if down is None:
            undirected.add(x.args[0])
            down = x.args[0] in turned
        near = x.high if down else x.low
        step = Fraction(1)
        if not x.whole and x not in named:
            if weight and not affine:
                step = 1 / abs(weight)
            elif x.low > -inf and x.high < inf:
                step = Fraction(x.high) - Fraction(x.low)
            else:
                open_.add(x)
        start = Fraction(0) if isinstance(near, float) or x in named else Fraction(near)
        frames[x] = (start, -step if down else step)
    for x, step in _units(c, frames, open_) if open_ else ():
        frames[x] = (frames[x][0], step * frames[x][1])
    return frames, frozenset(undirected)


def _units(c: Canonical, frames: Mapping[Atom, Frame], columns: Set[Atom]) -> Iterator[tuple[Atom, Fraction]]:
    """Columns without a range or a price -> the least amount that alone makes up the constant of a row."""
    least: dict[Atom, Fraction] = {}
    for row in c.rows:
        form = form_of(row.condition)
        if form is None or columns.isdisjoint(form.terms):
            continue
        constant = form.const + sum(k * frames[a][0] for a, k in form.terms.items() if a in frames)
        if constant:
            for a, k in form.terms.items():
                if a in columns:
                    amount = abs(constant / Fraction(k))
                    least[a] = min(amount, least.get(a, amount))
    yield from least.items()


def _weights(goal: Number) -> dict[Atom, Rational]:
    """Column -> its coefficient in an objective; of one that stands in products too it would change with the start."""
    if not isinstance(goal, Form):
        return {}
    nested = {x for a in goal.terms if a.op != "column" for x in columns_in(a)}
    return {x: k for x, k in goal.terms.items() if x not in nested}


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
