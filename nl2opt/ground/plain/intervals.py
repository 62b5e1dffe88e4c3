"""Values -> the conditions of global constraints: tours, intervals that do not overlap, resources; lines by pieces."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise

from nl2opt.ground.plain.arithmetic import coordinate_cases, decided, few, product, tabled
from nl2opt.ground.plain.conditions import differ, member
from nl2opt.ground.plain.forms import (
    Demand,
    Exact,
    Formula,
    Literal,
    Number,
    Scalar,
    every,
    minus,
    opposite,
    plus,
    some,
    tidy,
    weighted,
)
from nl2opt.ground.plain.store import Store
from nl2opt.ground.plain.unsupported import unsupported
from nl2opt.ir.instance import SetValue
from nl2opt.ir.model import Element

Interval = tuple[Scalar, ...]


def tour(s: Store, nodes: Sequence[Element], successors: Sequence[Scalar], partial: bool) -> Formula:
    """One circuit through all nodes; ``partial``: through some, the rest their own successors.

    Each node on the tour has a place, later than that of the node before, unless it is where the tour starts.
    """
    if not nodes:
        return True
    places = [s.column(0, len(nodes) - 1, False) for _ in nodes]
    starts: list[Formula] = [s.binary() for _ in nodes] if partial else [n == 0 for n in range(len(nodes))]
    if partial:
        s.require(s.compare(minus(s.total(starts), 1), "<="))
    position = {node: n for n, node in enumerate(nodes)}
    parts: list[Formula] = [differ(s, successors) if len(nodes) > 1 else True]
    for n, successor in enumerate(successors):
        parts.append(member(s, successor, SetValue("", tuple(nodes))))
        for node, pick in coordinate_cases(s, successor):
            k = position.get(node)  # type: ignore[arg-type]
            if k is None or (partial and k == n):
                continue
            later = s.compare(minus(plus(places[n], 1), places[k]), "<=")
            stays = len(nodes) > 1 and k == n
            parts.append(some((opposite(pick), False if stays else some((starts[k], later)))))
    found = every(parts)
    return found if isinstance(found, bool) else Demand(found, "a tour that may fail")


def _present(s: Store, interval: Interval, width: int) -> Formula:
    return s.truth(interval[width]) if len(interval) > width else True


def _lasting(s: Store, lengths: Sequence[Number], present: Formula) -> tuple[Formula, Formula]:
    """Lengths -> (no length of a present one is negative, it occupies something)."""
    fine = every(s.compare(d, ">=") for d in lengths)
    solid = every(s.compare(d, ">") for d in lengths)
    return some((opposite(present), fine)), every((present, solid))


def no_overlap(s: Store, intervals: Sequence[Interval]) -> Formula:
    """(start, length[, present]): disjoint; a zero length occupies nothing, a negative one fails."""
    return _disjoint(s, [((i[0], i[1]),) for i in intervals], [_present(s, i, 2) for i in intervals])


def no_overlap_2d(s: Store, rectangles: Sequence[Interval]) -> Formula:
    """(x, width, y, height): disjoint; one without area occupies nothing."""
    return _disjoint(s, [((r[0], r[1]), (r[2], r[3])) for r in rectangles], [True] * len(rectangles))


def _disjoint(
    s: Store, boxes: Sequence[tuple[tuple[Scalar, Scalar], ...]], present: Sequence[Formula]
) -> Formula:  # fmt: skip
    numbers = [[(s.number(start), s.number(length)) for start, length in box] for box in boxes]
    parts: list[Formula] = []
    occupied: list[Formula] = []
    for box, p in zip(numbers, present, strict=True):
        fine, solid = _lasting(s, [length for _, length in box], p)
        parts.append(fine)
        occupied.append(solid)
    for a, b in combinations(range(len(numbers)), 2):
        apart: list[Formula] = [opposite(occupied[a]), opposite(occupied[b])]
        for (start_a, length_a), (start_b, length_b) in zip(numbers[a], numbers[b], strict=True):
            apart.append(s.compare(minus(plus(start_a, length_a), start_b), "<="))
            apart.append(s.compare(minus(plus(start_b, length_b), start_a), "<="))
        parts.append(some(apart))
    return every(parts)


def cumulative(s: Store, intervals: Sequence[Interval], capacity: Number) -> Formula:
    """(start, length, amount[, present]): where one starts, the amounts of those that run are within capacity."""
    tasks = [(s.number(i[0]), s.number(i[1]), s.number(i[2]), _present(s, i, 3)) for i in intervals]
    parts: list[Formula] = [s.compare(capacity, ">=")]
    for start, length, amount, _ in tasks:
        if not (s.step(start) and s.step(length)):
            raise unsupported("a schedule of continuous intervals", s.where)
        if s.span(amount)[0] < 0:
            raise unsupported("an amount that may be negative", s.where)
    for i, (start, length, amount, present) in enumerate(tasks):
        fine, solid = _lasting(s, [length], present)
        load = amount
        for k, task in enumerate(tasks):
            if k != i:
                begun = s.compare(minus(task[0], start), "<=")
                running = s.compare(minus(plus(task[0], task[1]), start), ">")
                load = plus(load, product(s, s.count(every((task[3], begun, running))), task[2]))
        parts += [fine, some((opposite(solid), s.compare(minus(load, capacity), "<=")))]
    return every(parts)


def by_pieces(s: Store, x: Number, points: Sequence[tuple[Exact, Exact]]) -> tuple[Number, Formula]:
    """The value at ``x`` of the lines between the points, and the condition that x lies within them."""
    if few(s, x):
        return tabled(s, x, lambda v: _on_pieces(v, points), "an index over many values")
    inside = every((s.compare(minus(x, points[0][0]), ">="), s.compare(minus(x, points[-1][0]), "<=")))
    low, high = s.span(x)
    inside = True if low >= points[0][0] and high <= points[-1][0] else decided(s, inside)
    if len(points) == 1:
        return points[0][1], inside
    values = [y for _, y in points]
    y = s.column(min(values), max(values), False)
    pieces: list[Literal] = []
    for (x0, y0), (x1, y1) in pairwise(points):
        piece = s.binary()
        slope = Fraction(y1 - y0) / Fraction(x1 - x0)
        line = weighted(((slope, minus(x, x0)), (1, y0)))
        s.under(piece, every((s.compare(minus(x, x0), ">="), s.compare(minus(x, x1), "<="))))
        s.under(piece, s.compare(minus(y, line), "=="))
        pieces.append(piece)
    s.require(s.compare(minus(s.total(pieces), s.count(inside)), "=="))
    return y, inside


def _on_pieces(x: Exact, points: Sequence[tuple[Exact, Exact]]) -> Exact | None:
    """The value at a constant; None outside the points."""
    if x == points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 < x <= x1:
            return tidy(y0 + Fraction(y1 - y0) * Fraction(x - x0) / Fraction(x1 - x0))
    return None
