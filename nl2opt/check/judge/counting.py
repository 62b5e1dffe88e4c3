"""Two sides with few solutions -> how many choices each allows, and at which worth: other numbers tell them apart.

However one model is laid over the other, each choice has its partner: a choice more, or one of another worth, is a
difference. Both must have their columns in one family of the same size: a second one could be left open.
"""

from __future__ import annotations

from collections import Counter
from math import isclose

from nl2opt.check.judge.side import Clock, Side
from nl2opt.check.judge.terms import NotCanonical
from nl2opt.check.judge.verdict import Counterexample, Verdict
from nl2opt.errors import EvaluationError, LimitExceeded, SolverFailure, Unsupported
from nl2opt.solvers.cpsat_solutions import solutions
from nl2opt.solvers.result import SolveOptions

MOST = 300
"""Solutions that are listed."""
DIGITS = 9
CLOSE = 1e-6
"""Worths that differ by at most this, relative to their size, are the same."""

Worth = tuple[float, ...]


def by_counting(a: Side, b: Side, clock: Clock) -> Verdict | None:
    """A verdict where both have few solutions, and not as many; else None."""
    if a.affine or a.canonical is None or b.canonical is None:
        return None
    families = _families(a)
    if families.total() != 1 or families != _families(b):
        return None
    if len(a.canonical.goals) != len(b.canonical.goals):
        return None
    one, two = a.least, b.least
    if len(one.atoms) != len(two.atoms):
        return None
    mine = _choices(one, clock)
    theirs = _choices(two, clock) if mine is not None else None
    if mine is None or theirs is None or _same(mine, theirs):
        return None
    if mine.total() != theirs.total():
        told = f"the reference allows {mine.total()} choices, the candidate {theirs.total()}"
    else:
        worth = min((mine - theirs).keys() | (theirs - mine).keys())
        value = ", ".join(f"{v * g.sign:g}" for v, g in zip(worth, a.canonical.goals, strict=True))
        told = f"{mine[worth]} choices of the reference are worth {value}, of the candidate's {theirs[worth]}"
    return Verdict("different", "implied", "this data", "exact", counterexample=Counterexample(told))


def _same(one: Counter[Worth], two: Counter[Worth]) -> bool:
    """As many choices, of about the same worth in rising order."""
    pairs = zip(sorted(one.elements()), sorted(two.elements()), strict=False)
    return one.total() == two.total() and all(
        isclose(p, q, rel_tol=CLOSE, abs_tol=CLOSE) for x, y in pairs for p, q in zip(x, y, strict=True)
    )


def _families(side: Side) -> Counter[tuple[int, bool]]:
    """How many columns each family has, and whether they take elements."""
    kinds = {name: x.args[2] == "element" for (name, _), x in side.atoms.items()}
    return Counter((size, kinds[name]) for name, size in Counter(name for name, _ in side.atoms).items())


def _choices(side: Side, clock: Clock) -> Counter[Worth] | None:
    """How many choices of the columns that stay have which worth; None where they are too many to be listed."""
    assert side.canonical is not None
    if any(not x.whole or isinstance(x.low, float) or isinstance(x.high, float) for x in side.atoms.values()):
        return None
    try:
        found = solutions(side.with_rows((), None), SolveOptions(time_limit=clock.left), limit=MOST)
    except (Unsupported, SolverFailure, EvaluationError, LimitExceeded):
        return None
    if not found.complete or not found.points:
        return None
    best: dict[tuple[float, ...], Worth] = {}
    for point in found.points:
        values = side.values(point)
        try:
            choice = tuple(values.number(x) for x in side.atoms.values())
            worth = tuple(float(f"{values.number(g.form):.{DIGITS}g}") for g in side.canonical.goals)
        except NotCanonical:
            return None
        best[choice] = min(worth, best.get(choice, worth))
    return Counter(best.values())
