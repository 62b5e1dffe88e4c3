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
    "expression": '''
def expression(value):
    """A value that data alone may decide -> an expression of CPMpy."""
    return value if hasattr(value, "get_bounds") else cp.intvar(int(value), int(value))
''',
    "measured": '''
def measured(model, value):
    """A variable equal to a number; CPMpy cannot evaluate one that reads an array beyond its end."""
    variable = cp.intvar(*value.get_bounds())
    model += variable == value
    return variable
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
    "one_tour": '''
def one_tour(succ):
    """Do all places that are not their own successor make one tour? As a condition.

    The tour is followed from the first such place, and must meet all of them.
    """
    last = len(succ) - 1
    met = [cp.min([i + (last - i) * (s == i) for i, s in enumerate(succ)])]
    for _ in range(last):
        met.append(cp.Element(succ, met[-1]))
    kept = [(s == i) | cp.any([m == i for m in met]) for i, s in enumerate(succ)]
    return cp.all([cp.AllDifferent(succ), *kept])
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
