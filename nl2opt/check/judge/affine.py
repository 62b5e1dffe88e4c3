"""Two linear sides -> an affine map under which their rows are each other's: columns substituted, or eliminated.

What is left of a limit (its slack) does not change when columns are written over other ones. Scaled to its greatest
value it is the same number in both models; how these numbers hang together, the projection onto the space they span,
is the same matrix but for the order of the limits. An isomorphism finds the order, and the columns of one over those
of the other follow by solving. That is a guess: a proof tells whether it was right.
Source: J. Gouveia et al., Which nonnegative matrices are slack matrices?, 2013 (slack matrices up to the scale and the
order of their rows are polytopes up to affine maps).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, inf, isinf

import highspy
import numpy as np
from numpy.typing import NDArray

from nl2opt.check.judge.held import by_images, held_alike
from nl2opt.check.judge.isomorphism import Graph, OutOfTime, isomorphism
from nl2opt.check.judge.labels import common_words, labels_of, naming, shared
from nl2opt.check.judge.matching import Matching
from nl2opt.check.judge.side import Clock, Side
from nl2opt.check.judge.terms import Atom, Form, Number, form_of, tidy
from nl2opt.check.judge.translation import Image

MOST_COLUMNS = 60
MOST_LIMITS = 150
"""Sizes up to which a map is looked for."""
GRAIN = 1e5
"""Entries of the projections are compared to so many parts of 1."""
SHIFT = 0.123456789
"""Where the parts begin, so that no common fraction lies on a boundary."""
IDLE = 1e-7
"""A limit that is passed by at most this, relative to its largest term, where it is left out is idle."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """A linear side over its free columns: ``hull`` each column over them (and 1), ``limits`` the scaled slacks, with
    the objectives and 1 as the last of them."""

    columns: tuple[Atom, ...]
    free: tuple[Atom, ...]
    hull: Mapping[Atom, Form | Number]
    limits: Floats
    fixed: int


def by_affine_map(a: Side, b: Side, clock: Clock) -> Matching | None:
    """The matching by an affine map; None where a side is not linear, or none was found."""
    one = _shape(a, clock)
    two = _shape(b, clock) if one is not None else None
    if one is None or two is None or one.limits.shape != two.limits.shape or one.fixed != two.fixed:
        return None
    left, right = _graph(one), _graph(two)
    try:
        found = isomorphism(left, right, min(1.0, clock.left))
    except OutOfTime:
        return None
    if found is None:
        return None
    order = [found[i] for i in range(len(one.limits))]
    candidate = _images(a, one, one.limits, b, two, two.limits[order])
    reference = _images(b, two, two.limits[order], a, one, one.limits)
    found_map = Matching({}, candidate, reference, "an affine map", False)
    free = held_alike(a, b, by_images(found_map), set(one.free), set(two.free))
    return found_map if free and _keeps_names(a, b, candidate) else None


def _keeps_names(a: Side, b: Side, candidate: Mapping[Atom, Image]) -> bool:
    """Columns that carry the same names are the same, and a column that is another one has the labels both know."""
    mine, theirs = shared(a, b)
    words = common_words(a, b)
    for y, image in candidate.items():
        x = next(iter(image.terms)) if isinstance(image, Form) and len(image.terms) == 1 else None
        if y in theirs.named and (x not in mine.named or image != _itself(a, b, y)):
            return False
        if x is not None and labels_of(x, words) != labels_of(y, words):
            return False
    return True


def _itself(a: Side, b: Side, y: Atom) -> Number | None:
    """The column of the same name."""
    assert a.canonical is not None
    assert b.canonical is not None
    called = naming(a.canonical, b.canonical)
    place = called(y.args[0], y.args[1])
    return next((a.canonical.terms.of(x) for (n, k), x in a.atoms.items() if called(n, k) == place), None)


def _shape(side: Side, clock: Clock) -> Shape | None:
    c = side.canonical
    if c is None or c.infeasible or not c.kept or len(c.kept) > MOST_COLUMNS:
        return None
    rows = [form_of(r.condition) for r in c.rows]
    goals = [g.form for g in c.goals]
    told = [f for f in (*rows, *goals) if isinstance(f, Form)]
    if None in rows or any(x.op != "column" or x.args[2] == "element" for f in told for x in f.terms):
        return None
    limits: list[Form] = [f for f in rows if f is not None]
    for x in c.kept:
        for end, sign in ((x.low, -1), (x.high, 1)):
            if not isinstance(end, float):
                limits.append(Form({x: sign}, -sign * end))
    hull = _hull(side, limits)
    free = tuple(x for x in c.kept if x not in hull)
    if not free or not limits or len(limits) > MOST_LIMITS:
        return None
    over = np.array([_row(_over(side, f, hull), free) for f in limits])
    over = over[np.abs(over[:, :-1]).max(axis=1) > 0]
    aims = np.array([_row(_over(side, f, hull), free) for f in goals]).reshape(len(goals), len(free) + 1)
    scaled = _scaled(-over, aims, clock)
    if scaled is None:
        return None
    last = np.zeros((1, len(free) + 1))
    last[0, -1] = 1
    return Shape(c.kept, free, hull, np.vstack([*scaled, last]), len(goals) + 1)


def _hull(side: Side, limits: Sequence[Form]) -> dict[Atom, Form | Number]:
    """The columns that equations give, over those they leave free."""
    assert side.canonical is not None
    t = side.canonical.terms
    known = set(limits)
    hull: dict[Atom, Form | Number] = {}
    for f in limits:
        if t.scale(f, -1) not in known:
            continue
        rest = _over(side, f, hull)
        if not isinstance(rest, Form):
            continue
        column = min(rest.terms, key=lambda x: (abs(rest.terms[x]) != 1, x.id))
        value = t.scale(t.minus(rest, t.scale(t.of(column), rest.terms[column])), Fraction(-1) / rest.terms[column])
        for x, form in hull.items():
            if isinstance(form, Form) and column in form.terms:
                k = form.terms[column]
                hull[x] = t.add(form, t.scale(t.of(column), -k), t.scale(value, k))
        hull[column] = value
    return hull


def _over(side: Side, f: Number, hull: Mapping[Atom, Form | Number]) -> Number:
    """A form over the free columns."""
    assert side.canonical is not None
    t = side.canonical.terms
    if not isinstance(f, Form):
        return f
    return t.add(f.const, *(t.scale(hull.get(x, t.of(x)), k) for x, k in f.terms.items()))


def _row(f: Number, free: Sequence[Atom]) -> list[float]:
    if not isinstance(f, Form):
        return [0.0] * len(free) + [float(f)]
    return [*(float(f.terms.get(x, 0)) for x in free), float(f.const)]


def _scaled(slacks: Floats, aims: Floats, clock: Clock) -> tuple[Floats, Floats] | None:
    """The slacks that can be 0, each divided by its greatest value where the first objective is near its optimum; and
    the objectives, divided by that.

    None where a slack has no greatest value there.
    """
    best = 0.0
    size = np.maximum(np.abs(slacks).max(axis=1, keepdims=True), 1e-9)
    slacks = np.unique(np.round(slacks / size, 12), axis=0)
    lp = _Program(slacks)
    kept = []
    for k in range(len(slacks)):
        if clock.left <= 0:
            return None
        if lp.least(k) < -IDLE:
            kept.append(k)
        else:
            lp.drop(k)
    if len(aims):
        best = lp.minimum(aims[0])
        if isinf(best):
            return None
        lp.add(-aims[0], best + max(1.0, abs(best)))
    out = []
    for k in kept:
        greatest = lp.greatest(slacks[k])
        if isinf(greatest) or greatest < IDLE:
            return None
        out.append(slacks[k] / greatest)
    return np.array(out).reshape(len(out), slacks.shape[1]), aims / max(1.0, abs(best))


class _Program:
    """Free columns within limits: `slack >= 0` for each."""

    def __init__(self, slacks: Floats) -> None:
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        self.columns = slacks.shape[1] - 1
        for _ in range(self.columns):
            self.highs.addVar(-highspy.kHighsInf, highspy.kHighsInf)
        self.slacks = slacks
        for row in slacks:
            self.add(row, 0.0)

    def add(self, row: Floats, more: float) -> None:
        """`row + more >= 0`."""
        at = np.flatnonzero(row[:-1]).astype(np.int32)
        self.highs.addRow(-row[-1] - more, highspy.kHighsInf, len(at), at, row[at])

    def drop(self, k: int) -> None:
        """The k-th limit is none."""
        self.highs.changeRowBounds(k, -highspy.kHighsInf, highspy.kHighsInf)

    def least(self, k: int) -> float:
        """How far the k-th slack would fall without its own limit."""
        self.drop(k)
        found = self.minimum(self.slacks[k])
        self.highs.changeRowBounds(k, -self.slacks[k][-1], highspy.kHighsInf)
        return found

    def greatest(self, row: Floats) -> float:
        """The greatest value of a form."""
        return -self.minimum(-row)

    def minimum(self, row: Floats) -> float:
        """The least value of a form; -inf where there is none."""
        self.highs.changeColsCost(self.columns, np.arange(self.columns, dtype=np.int32), row[:-1])
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return -inf
        value: float = self.highs.getObjectiveValue()
        return value + float(row[-1])


def _graph(shape: Shape) -> Graph:
    """The projection onto the space of the limits as a graph: one vertex a limit, one edge for what two share."""
    u, s, _ = np.linalg.svd(shape.limits, full_matrices=False)
    basis = u[:, s > 1e-9 * s.max()]
    projection = basis @ basis.T
    graph = Graph()
    n = len(shape.limits)
    for i in range(n):
        graph.vertex(max(0, i - (n - shape.fixed) + 1), floor(projection[i, i] * GRAIN + SHIFT))
    for i in range(n):
        for j in range(i):
            shared = floor(projection[i, j] * GRAIN + SHIFT)
            if shared:
                graph.edge(i, j, shared)
                graph.edge(j, i, shared)
    return graph


def _images(by: Side, mine: Shape, own: Floats, other: Side, theirs: Shape, limits: Floats) -> dict[Atom, Image]:
    """The columns of the other side over this one's, where the k-th limits are each other's."""
    assert by.canonical is not None
    t = by.canonical.terms
    told, *_ = np.linalg.lstsq(limits, own, rcond=None)  # (free columns of the other, 1) over (this one's, 1)
    free: dict[Atom, Number] = {}
    for y, row in zip(theirs.free, told[:-1], strict=True):
        terms = (t.scale(t.of(x), _rational(k)) for x, k in zip(mine.free, row[:-1], strict=True))
        free[y] = t.add(_rational(row[-1]), *terms)
    images: dict[Atom, Image] = dict(free)
    for y, form in theirs.hull.items():
        if isinstance(form, Form):
            images[y] = t.add(form.const, *(t.scale(free[x], k) for x, k in form.terms.items()))
        else:
            images[y] = form
    return images


def _rational(value: float) -> int | Fraction:
    near = Fraction(float(value)).limit_denominator(1000)
    if abs(float(near) - value) > 1e-5 * (1 + abs(value)):
        near = Fraction(float(value)).limit_denominator(10**6)
    return tidy(near)
