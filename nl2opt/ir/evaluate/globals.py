"""Values -> does a global constraint hold: circuit, subcircuit, no_overlap, no_overlap_2d, cumulative; piecewise value.

Plain definitions over plain values, as slow and as clear as they can be: the referee judges the solvers by them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, pairwise

from nl2opt.ir.evaluate.arithmetic import Number, canonical, is_exact, within


def is_circuit(successor: Mapping[Hashable, Hashable]) -> bool:
    """True where following ``successor`` from any node visits every node once and returns."""
    if not successor:
        return True
    node = start = next(iter(successor))
    for _ in range(len(successor)):
        if node not in successor:
            return False
        node = successor[node]
        if node == start:
            break
    return node == start and len(_visited(successor, start)) == len(successor)


def is_subcircuit(successor: Mapping[Hashable, Hashable]) -> bool:
    """True where the nodes that are not their own successor form one circuit (or there are none)."""
    moving = {k: v for k, v in successor.items() if k != v}
    return all(v in moving for v in moving.values()) and is_circuit(moving)


def _visited(successor: Mapping[Hashable, Hashable], start: Hashable) -> set[Hashable]:
    seen = {start}
    node = successor[start]
    while node not in seen and node in successor:
        seen.add(node)
        node = successor[node]
    return seen


def no_overlap(intervals: Sequence[tuple[Number, Number]]) -> bool:
    """(start, length) -> True where the intervals are disjoint; a zero length occupies nothing, a negative fails."""
    if any(length < 0 for _, length in intervals):
        return False
    placed = sorted((start, start + length) for start, length in intervals if length > 0)
    return all(end <= start for (_, end), (start, _) in pairwise(placed))


def no_overlap_2d(rectangles: Sequence[tuple[Number, Number, Number, Number]]) -> bool:
    """(x, width, y, height) -> True where the rectangles are disjoint; one without area occupies nothing."""
    if any(width < 0 or height < 0 for _, width, _, height in rectangles):
        return False
    solid = [r for r in rectangles if r[1] > 0 and r[3] > 0]
    return all(
        x + w <= u or u + v <= x or y + h <= s or s + t <= y
        for (x, w, y, h), (u, v, s, t) in combinations(solid, 2)
    )  # fmt: skip


def cumulative(intervals: Sequence[tuple[Number, Number, Number]], capacity: Number) -> bool:
    """(start, length, amount) -> True where at each time the running amounts sum to at most ``capacity``."""
    if any(length < 0 for _, length, _ in intervals) or capacity < 0:
        return False
    running = [(start, start + length, amount) for start, length, amount in intervals if length > 0]
    return all(
        sum(amount for start, end, amount in running if start <= time < end) <= capacity
        for time in {t for start, end, _ in running for t in (start, end)}
    )


def piecewise(x: Number, points: Sequence[tuple[Number, Number]]) -> Number | None:
    """The value at x of the lines between the points (x ascending); None outside the first and the last."""
    x = within(x, points[0][0], points[-1][0])
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 <= x <= x1:
            if x == x0:
                return y0
            if x == x1:
                return y1
            if all(is_exact(v) for v in (x, x0, y0, x1, y1)):
                return canonical(Fraction(y0) + (Fraction(y1) - Fraction(y0)) * Fraction(x - x0) / Fraction(x1 - x0))
            return float(y0) + (float(y1) - float(y0)) * float(x - x0) / float(x1 - x0)
    return points[0][1] if len(points) == 1 and x == points[0][0] else None
