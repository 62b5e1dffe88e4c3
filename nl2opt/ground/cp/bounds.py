"""Rows that must hold -> bounds that follow for variables without one, by propagation to a fixpoint.

Theorem: where `low <= sum(c_i x_i) <= high` must hold, `c_i x_i` lies between `low - sum of the others' greatest` and
`high - sum of the others' least`; a bound so derived cuts off no solution. No bound is invented: what does not follow
stays infinite.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

from nl2opt.ground.cp.values import INFINITY, Bound, Row

SWEEPS = 50
"""Passes over all rows before giving up; a longer chain of implications stays uninferred."""


def propagate(rows: Sequence[Row], lower: list[Bound], upper: list[Bound]) -> bool:
    """Tighten ``lower`` and ``upper`` in place; False where a variable is left without any value."""
    for _ in range(SWEEPS):
        changed = False
        for row in rows:
            for change in _sweep(row, lower, upper):
                changed = changed or change
        if not changed:
            break
    return all(a <= b for a, b in zip(lower, upper, strict=True))


def _sweep(row: Row, lower: list[Bound], upper: list[Bound]) -> list[bool]:
    """One row -> for each of its variables, whether a bound moved."""
    least, most = row.span[0][0], row.span[-1][1]
    lows = [c * (lower[v] if c > 0 else upper[v]) for v, c in row.terms]
    highs = [c * (upper[v] if c > 0 else lower[v]) for v, c in row.terms]
    finite_low, finite_high = sum(x for x in lows if x != -INFINITY), sum(x for x in highs if x != INFINITY)
    open_low, open_high = lows.count(-INFINITY), highs.count(INFINITY)
    changed = []
    for (v, c), low, high in zip(row.terms, lows, highs, strict=True):
        greatest, smallest = INFINITY, -INFINITY
        if most != INFINITY and open_low - (low == -INFINITY) == 0:
            greatest = most - (finite_low - (0 if low == -INFINITY else low))
        if least != -INFINITY and open_high - (high == INFINITY) == 0:
            smallest = least - (finite_high - (0 if high == INFINITY else high))
        changed.append(_narrow(v, c, smallest, greatest, lower, upper))
    return changed


def _narrow(v: int, c: int, smallest: Bound, greatest: Bound, lower: list[Bound], upper: list[Bound]) -> bool:
    """`smallest <= c * x <= greatest` -> tighter whole bounds of x."""
    if c < 0:
        smallest, greatest, c = -greatest, -smallest, -c
    low = smallest if isinstance(smallest, float) else ceil(-(-smallest // c))
    high = greatest if isinstance(greatest, float) else floor(greatest // c)
    changed = False
    if low > lower[v]:
        lower[v], changed = low, True
    if high < upper[v]:
        upper[v], changed = high, True
    return changed
