"""Global constraints over ground values -> native constraints at the root, decomposed where they are reified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from nl2opt.ground.cp.arithmetic import Numeric, element, product, tabulate
from nl2opt.ground.cp.builder import Builder
from nl2opt.ground.cp.conditions import equal, is_member
from nl2opt.ground.cp.unsupported import unsupported
from nl2opt.ground.cp.values import (
    INFINITY,
    Affine,
    Choice,
    Exact,
    Formula,
    Native,
    Scalar,
    combine,
    conjunction,
    disjunction,
    negation,
    tidy,
)
from nl2opt.ir.instance import SetValue
from nl2opt.ir.model import Element


def circuit(b: Builder, nodes: Sequence[Element], successors: Sequence[Scalar], partial: bool) -> Formula:
    """Following the successors is one tour through all nodes; with ``partial`` through those that move."""
    if not nodes:
        return True
    place = {n: i for i, n in enumerate(nodes)}
    inside = conjunction([is_member(b, s, SetValue("", tuple(nodes))) for s in successors])
    if len(nodes) == 1:
        return inside

    def post(under: tuple[int, ...]) -> None:
        b.charge(len(nodes) ** 2)
        c = b.constraint(under).circuit
        for i, s in enumerate(successors):
            for n in nodes:
                if place[n] == i and not partial:
                    b.require(negation(equal(b, s, n)), under)
                    continue
                arc = equal(b, s, n)
                if arc is not False:
                    c.tails.append(i)
                    c.heads.append(place[n])
                    c.literals.append(b.literal(arc))

    def opposite() -> Formula:
        if partial:
            raise unsupported("circuit as a condition", b.where)
        return negation(_tour(b, nodes, successors))

    return conjunction((inside, Native(post, opposite)))


def _tour(b: Builder, nodes: Sequence[Element], successors: Sequence[Scalar]) -> Formula:
    """A circuit by its walk: the k-th node after the first is the first for k = n and for no smaller k > 0."""
    code = {n: i for i, n in enumerate(nodes)}
    ordinals = {i: _ordinal(b, s, code) for i, s in enumerate(successors)}
    step = ordinals[0]
    conditions: list[Formula] = []
    for _ in range(len(nodes) - 1):
        conditions.append(b.compare(step, "!="))
        step = element(b, step, ordinals)
    return conjunction((*conditions, b.compare(step, "==")))


def _ordinal(b: Builder, s: Scalar, code: dict[Element, int]) -> Numeric:
    """A node -> its number; 0 for what is no node, which the membership beside it refuses."""
    if isinstance(s, Choice):
        return element(b, s.index, {i: code.get(e, 0) for i, e in enumerate(s.elements)})
    if isinstance(s, Affine):
        whole = {e: i for e, i in code.items() if isinstance(e, int)}
        return tabulate(b, s, whole, "a large table")[0]
    return next((i for e, i in code.items() if e == s), 0)


@dataclass(frozen=True, slots=True)
class Task:
    """An interval of a scheduling constraint: whole start and length, presence, and an amount it takes."""

    start: Numeric
    length: Numeric
    present: Formula
    amount: Numeric = 0

    def occupies(self, b: Builder) -> Formula:
        """Present and longer than zero."""
        return conjunction((self.present, b.compare(self.length, ">")))


def tasks(b: Builder, rows: Sequence[tuple[Scalar, ...]], amounts: bool) -> tuple[list[Task], Formula]:
    """Tuples (start, length[, amount][, present]) -> tasks with whole times, and that no length is negative."""
    width = 3 if amounts else 2
    _, whole = b.scaled(*(b.number(v) for r in rows for v in r[:2]))
    out, lengths = [], []
    for i, r in enumerate(rows):
        present = truth(b, r[width]) if len(r) > width else True
        task = Task(whole[2 * i], whole[2 * i + 1], present, b.number(r[2]) if amounts else 0)
        lengths.append(disjunction((negation(present), b.compare(task.length, ">="))))
        if task.occupies(b) is not False:
            out.append(task)
    return out, conjunction(lengths)


def truth(b: Builder, value: Scalar) -> Formula:
    """A value that stands as a condition."""
    if isinstance(value, Affine):
        low, high = b.bounds(value)
        if low < 0 or high > 1:
            raise unsupported("number as a condition", b.where, f"a value between {low} and {high}")
        return b.compare(combine(value, 1, -1), ">=")
    if isinstance(value, int | Fraction | float):
        return bool(value != 0)
    if isinstance(value, Choice | str | tuple):
        raise unsupported("number as a condition", b.where, "an element of a set", "compare it with ==")
    return value


def _interval(b: Builder, start: Numeric, length: Numeric, present: Formula) -> int:
    """Start, length, presence -> the position of an interval constraint."""
    literal = () if present is True else (b.literal(present),)
    first, width = b.single(start), b.single(length)
    if isinstance(width, Affine) and b.bounds(width)[0] < 0:  # of an absent task; its interval has a length of its own
        own = Affine({b.variable(((0, b.whole_bounds(width)[1]),)): 1})
        b.require(b.compare(combine(own, width, -1), "=="), literal)
        width = own
    end = combine(first, width)
    if isinstance(end, Affine) and len(end.terms) > 1:
        end = b.define(end)
    c = b.constraint(literal)
    b.write(c.interval.start, first)
    b.write(c.interval.size, width)
    b.write(c.interval.end, end)
    return len(b.proto.constraints) - 1


def no_overlap(b: Builder, rows: Sequence[tuple[Scalar, ...]]) -> Formula:
    """Intervals (start, length[, present]) are disjoint; a zero length occupies nothing."""
    items, lengths = tasks(b, rows, amounts=False)

    def post(under: tuple[int, ...]) -> None:
        if under:
            b.require(_pairwise(b, items), under)
            return
        intervals = [_interval(b, t.start, t.length, t.occupies(b)) for t in items]
        b.charge(len(intervals))
        b.constraint().no_overlap.intervals.extend(intervals)

    if len(items) < 2:
        return lengths
    return conjunction((lengths, Native(post, lambda: negation(_pairwise(b, items)))))


def _before(b: Builder, t: Task, u: Task) -> Formula:
    return b.compare(combine(combine(t.start, t.length), u.start, -1), "<=")


def _pairwise(b: Builder, items: Sequence[Task]) -> Formula:
    """Disjoint intervals, pair by pair."""
    return conjunction(
        [
            disjunction(
                (negation(t.occupies(b)), negation(u.occupies(b)), _before(b, t, u), _before(b, u, t))
            )
            for i, t in enumerate(items)
            for u in items[:i]
        ]
    )  # fmt: skip


def no_overlap_2d(b: Builder, rows: Sequence[tuple[Scalar, ...]]) -> Formula:
    """Rectangles (x, width, y, height) are disjoint; one without area occupies nothing."""
    widths = tasks(b, [(r[0], r[1]) for r in rows], amounts=False)[1]
    numbers = [[b.number(v) for v in r] for r in rows]
    _, whole = b.scaled(*(v for r in numbers for v in r))
    solid: list[tuple[Task, Task]] = []
    heights: list[Formula] = []
    for i in range(len(rows)):
        x, w, y, h = whole[4 * i : 4 * i + 4]
        heights.append(b.compare(h, ">="))
        present = conjunction((b.compare(w, ">"), b.compare(h, ">")))
        if present is not False:
            solid.append((Task(x, w, present), Task(y, h, present)))

    def decomposed() -> Formula:
        return conjunction(
            [
                disjunction(
                    (negation(p.present), negation(q.present),
                     _before(b, p, q), _before(b, q, p), _before(b, u, v), _before(b, v, u))
                )
                for i, (p, u) in enumerate(solid)
                for q, v in solid[:i]
            ]
        )  # fmt: skip

    def post(under: tuple[int, ...]) -> None:
        if under:
            b.require(decomposed(), under)
            return
        xs = [_interval(b, p.start, p.length, p.present) for p, _ in solid]
        ys = [_interval(b, u.start, u.length, u.present) for _, u in solid]
        c = b.constraint().no_overlap_2d
        c.x_intervals.extend(xs)
        c.y_intervals.extend(ys)

    legal = conjunction((widths, *heights))
    if len(solid) < 2:
        return legal
    return conjunction((legal, Native(post, lambda: negation(decomposed()))))


def cumulative(b: Builder, rows: Sequence[tuple[Scalar, ...]], capacity: Numeric) -> Formula:
    """At each time the amounts of the running intervals (start, length, amount[, present]) stay within capacity."""
    items, lengths = tasks(b, rows, amounts=True)
    for t in items:
        if b.bounds(t.amount)[0] < 0:
            raise unsupported("negative amount", b.where, f"an amount from {b.bounds(t.amount)[0]}")
    _, (limit, *amounts) = b.scaled(capacity, *(t.amount for t in items))
    legal = conjunction((lengths, b.compare(capacity, ">=")))

    def decomposed() -> Formula:
        """The load at the start of each task: a peak begins where a task does."""
        peaks = []
        for t in items:
            load: Numeric = 0
            for u, amount in zip(items, amounts, strict=True):
                started = b.compare(combine(u.start, t.start, -1), "<=")
                ends = combine(combine(u.start, u.length), t.start, -1)
                running = conjunction((u.occupies(b), started, b.compare(ends, ">")))
                load = combine(load, product(b, b.count(running), amount))
            peaks.append(disjunction((negation(t.occupies(b)), b.compare(combine(load, limit, -1), "<="))))
        return conjunction(peaks)

    def post(under: tuple[int, ...]) -> None:
        if under:
            b.require(decomposed(), under)
            return
        intervals = [_interval(b, t.start, t.length, t.occupies(b)) for t in items]
        b.charge(2 * len(intervals))
        demands = [b.single(a) for a in amounts]
        most = b.single(limit)
        c = b.constraint().cumulative
        c.intervals.extend(intervals)
        for d in demands:
            b.write(c.demands.add(), d)
        b.write(c.capacity, most)

    return conjunction((legal, Native(post, lambda: negation(decomposed())))) if items else legal


def piecewise(b: Builder, x: Numeric, points: Sequence[tuple[Exact, Exact]]) -> tuple[Numeric, Formula]:
    """The lines between the points at x, and that x lies within them: a table over the whole multiples x may take."""
    if not isinstance(x, Affine):
        y = line_at(Fraction(x), points)
        return (0, False) if y is None else (y, True)
    d, (whole,) = b.scaled(x)
    low, high = b.whole_bounds(whole)
    first, last = points[0][0] * d, points[-1][0] * d
    low, high = max(low, -(-first // 1)), min(high, last // 1)
    if low == -INFINITY or high == INFINITY or high - low > 100_000:
        raise unsupported("piecewise over a large domain", b.where, f"x between {low} and {high}")
    values = {k: line_at(Fraction(k, d), points) for k in range(int(low), int(high) + 1)}
    return tabulate(b, whole, {k: v for k, v in values.items() if v is not None}, "piecewise over a large domain")


def line_at(x: Fraction, points: Sequence[tuple[Exact, Exact]]) -> Exact | None:
    """The exact height at x of the lines between the points; None outside them."""
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 <= x <= x1:
            if x == x0:
                return y0
            return y1 if x == x1 else tidy(y0 + (y1 - y0) * (x - x0) / Fraction(x1 - x0))
    return points[0][1] if len(points) == 1 and x == points[0][0] else None
