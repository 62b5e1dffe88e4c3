"""PlainProgram -> a program whose solutions are a point of it and a direction that improves a goal without end.

Theorem: fix the literals of the switched rows as at a feasible point x. What is left is a mixed-integer linear program
with rational data, and where its linear relaxation has a direction d that improves the goal, so has it: multiples of
the common denominator of d may be added to x for ever. So the objective is unbounded where this program has a solution,
and bounded where the source has a solution and this one has none.
Source: Meyer, On the existence of optimal solutions to integer and mixed-integer programming problems, Mathematical
Programming 7 (1974).
"""

from __future__ import annotations

from nl2opt.ground.plain.forms import INFINITY, Affine
from nl2opt.ground.plain.grounding import PlainGoal, PlainProgram
from nl2opt.ground.plain.store import Store


def with_ray(program: PlainProgram, goal: PlainGoal) -> PlainProgram:
    """A program and one of its goals -> the program of a point and a ray; it has no goal of its own."""
    source, n = program.store, len(program.store.lower)
    assert isinstance(goal.value, Affine)
    found = Store()
    found.lower = [*source.lower, *(-INFINITY if low == -INFINITY else 0 for low in source.lower)]
    found.upper = [*source.upper, *(INFINITY if high == INFINITY else 0 for high in source.upper)]
    found.whole = [*source.whole, *(False for _ in source.whole)]
    found.rows = [*source.rows, *((_moved(form, n), equal) for form, equal in source.rows)]
    found.switched = [*source.switched, *((literal, _moved(form, n)) for literal, form in source.switched)]
    sign = 1 if goal.sense == "minimize" else -1
    improving = Affine(tuple((v + n, sign * c) for v, c in goal.value.terms), 1)
    found.rows.append((improving, False))
    return PlainProgram(found, {}, ())


def _moved(form: Affine, n: int) -> Affine:
    """The homogeneous form over the columns of the ray."""
    return Affine(tuple((v + n, c) for v, c in form.terms))
