"""Small functions a CPMpy program defines for itself, each only where it is called."""

from __future__ import annotations

from typing import Final

CPMPY_FUNCTIONS: Final = {
    "floor_mod": '''
def floor_mod(a, b):
    """Remainder with the sign of the divisor; CPMpy's own has the sign of the dividend."""
    return (a % b + b) % b
''',
    "floor_div": '''
def floor_div(a, b):
    """Quotient rounded down; CPMpy's own is rounded towards zero."""
    return (a - floor_mod(a, b)) // b
''',
    "subcircuit": '''
def subcircuit(succ):
    """One tour through all places that are not their own successor, as constraints.

    Places are numbered along the tour from its only start; a second tour has no first number.
    """
    places = range(len(succ))
    starts = [cp.boolvar() for _ in places]
    number = [cp.intvar(0, len(succ) - 1) for _ in places]
    steps = [
        ((succ[i] == j) & ~starts[j]).implies(number[j] == number[i] + 1)
        for i in places
        for j in places
        if i != j
    ]
    return [cp.AllDifferent(succ), cp.sum(starts) <= 1, *steps]
''',
    "table": '''
def table(values, rows):
    """The values are those of one row; of no rows, none will do."""
    return cp.Table(values, rows) if rows else False
''',
    "disjoint": '''
def disjoint(rectangles):
    """No two rectangles (x, width, y, height) share any area."""
    return [
        cp.any([x + w <= u, u + v <= x, y + h <= s, s + t <= y, w == 0, h == 0, v == 0, t == 0])
        for k, (x, w, y, h) in enumerate(rectangles)
        for u, v, s, t in rectangles[:k]
    ]
''',
}
"""Name -> source; a function may call others, which are then defined, too."""
