"""Under a matching: every choice one model allows is one the other allows at the same value, shown by listing them all.

For models whose other columns nothing defines (the order of a tour, the flow of a commodity): for each choice of the
shared columns, which are few and whole, the other model is asked whether it can be completed, and at which value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from nl2opt.check.judge.implied import Implication
from nl2opt.check.judge.optima import aims, worth
from nl2opt.check.judge.points import Values
from nl2opt.check.judge.side import Clock, Side
from nl2opt.check.judge.terms import Atom, Condition, NotCanonical, columns_in
from nl2opt.check.judge.translation import Image
from nl2opt.ir.model import Constraint
from nl2opt.ir.nodes import Compare, Expr, Not, Number, add, disjunction, number, subtract
from nl2opt.solvers.result import Result, Termination

MOST = 250
"""Choices that are listed; with more of them there is no proof by listing."""
CLOSE = 1e-6


def listed(
    by: Side,
    other: Side,
    images: Mapping[Atom, Image],
    own: Mapping[Atom, Image],
    clock: Clock,
    one_of: Sequence[Sequence[Condition]] = (),
) -> Implication:
    """Is every choice that ``by`` allows allowed by ``other``, at the same value?

    ``images`` are columns of ``other`` over those of ``by``, ``own`` the other way round; of ``one_of`` exactly one
    condition must hold for the images to have a meaning.
    """
    assert by.canonical is not None and other.canonical is not None
    shared = {x for image in images.values() for x in columns_in(image)} | (own.keys() & set(by.atoms.values()))
    if not shared or not all(x.whole for x in shared):
        return Implication(None, why="the shared columns are not whole, so they cannot be listed")
    if any(x not in images for x in other.atoms.values()) and any(x not in shared for x in by.atoms.values()):
        return Implication(None, why="both have columns of their own, so that a choice may be completed in many ways")
    if len(by.canonical.goals) != len(other.canonical.goals):
        return Implication(None, why="another number of objectives")
    barred: list[Expr] = []
    for _ in range(MOST):
        try:
            result = by.solve(by.with_rows(barred, None), clock.left)
        except NotCanonical as e:
            return Implication(None, why=str(e))
        if result is None or result.termination not in (Termination.OPTIMAL, Termination.INFEASIBLE):
            return Implication(None, why="the choices could not be listed in time")
        if result.point is None:
            return Implication(True, exact=False)
        values = by.values(result.point)
        if any(sum(map(values.holds, conditions)) != 1 for conditions in one_of):
            return Implication(False, point=result.point)
        here = [(x, round(values.number(x))) for x in sorted(shared, key=lambda x: x.id)]
        found = _completed(by, other, images, values, here, result, clock)
        if found is not None:
            return found if found.holds is None else replace(found, point=result.point)
        barred.append(_another(by, here))
    return Implication(None, why=f"more than {MOST} choices to list")


def _another(by: Side, here: list[tuple[Atom, int]]) -> Expr:
    """The condition that some column takes another value than here; of binaries a linear one."""
    if all((x.low, x.high) == (0, 1) and x.args[2] != "element" for x, _ in here):
        changes = [subtract(number(1), by.saying.atom(x)) if v else by.saying.atom(x) for x, v in here]
        return Compare(">=", add(*changes), number(1))
    return disjunction(*(Not(_takes(by, x, v)) for x, v in here))


def _takes(side: Side, x: Atom, v: int) -> Expr:
    """The condition that a column takes a value, or its v-th element."""
    if x.args[2] != "element":
        return Compare("==", side.saying.atom(x), number(v))
    assert side.canonical is not None
    return side.saying.atom(side.canonical.terms.atom("is", (x, v), 0, 1, whole=True, condition=True))


def _completed(
    by: Side, other: Side, images: Mapping[Atom, Image], values: Values, here: list[tuple[Atom, int]], point: Result,
    clock: Clock,
) -> Implication | None:  # fmt: skip
    """One choice put to the other model: None where it can be completed at the same value."""
    own = len(here) < len(by.atoms)
    mine = _best(by, [_takes(by, x, v) for x, v in here], clock) if own else point
    theirs = _best(other, _fixing(other, images, values), clock)
    if mine is None or theirs is None:
        return Implication(None, why="a choice could not be completed in time")
    if theirs.termination is Termination.INFEASIBLE:
        return Implication(False)
    if mine.termination is not Termination.OPTIMAL or theirs.termination is not Termination.OPTIMAL:
        return Implication(None, why="a choice could not be completed in time")
    if by.affine:
        return Implication(None, why="objectives of another unit are not compared choice by choice")
    if not own and point.point is not None:
        mine = replace(point, objective=worth(by, point.point))
    told, said = aims(by, mine), aims(other, theirs)
    if len(told) != len(said) or len(told) != len(by.canonical.goals if by.canonical else ()):
        return Implication(None, why="an objective has two readings at a choice")
    alike = all(abs(p - q) <= CLOSE * (1 + abs(p)) for p, q in zip(told, said, strict=True))
    return None if alike else Implication(False)


def _best(side: Side, rows: Sequence[Expr], clock: Clock) -> Result | None:
    """The side solved with some of its columns fixed."""
    model = side.instance.model
    added = tuple(Constraint(f"fixed_{k}_", row) for k, row in enumerate(rows))
    return side.solve(
        replace(side.instance, model=replace(model, constraints=(*model.constraints, *added))), clock.left
    )


def _fixing(other: Side, images: Mapping[Atom, Image], values: Values) -> list[Expr]:
    """The columns of the other side at the values their images have."""
    assert other.canonical is not None
    saying = other.saying
    terms = other.canonical.ground.terms
    rows: list[Expr] = []
    for x, image in images.items():
        if x.op != "column":
            continue
        if isinstance(image, Sequence):
            k = next((k for k, condition in enumerate(image) if values.holds(condition)), None)
            if k is None:  # no element at all
                return [Compare("<=", number(1), number(0))]
            rows.append(saying.atom(terms.atom("is", (x, k), 0, 1, whole=True, condition=True)))
        else:
            value = Fraction(values.number(image)).limit_denominator(10**9)
            rows.append(Compare("==", saying.atom(x), Number(value)))
    return rows
