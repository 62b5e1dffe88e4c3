"""Instance -> the truth about it by trying every point with the referee, and what is wrong with a route's result."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from nl2opt.check.feasible import referee
from nl2opt.ir.evaluate import Evaluator
from nl2opt.ir.instance import Instance, Key, Point, Value, VariableDomain
from nl2opt.ir.model import Constraint
from nl2opt.solvers.result import Result

Rank = tuple[Fraction, ...]
"""The objectives by falling priority, each negated where it is maximized: the least rank is the best."""


@dataclass(frozen=True)
class Truth:
    """``feasible`` of ``total`` points satisfy every hard constraint; ``best`` is the rank of the best, None where
    nothing is asked for, and ``held_back`` true where a point that is not feasible has a better one. ``impossible`` is
    true where one constraint alone, by itself, is satisfied by no point."""

    feasible: int
    total: int
    best: Rank | None
    held_back: bool
    impossible: bool

    @property
    def trivial(self) -> str:
        """Why the model tells little about a solver; '' where it does."""
        if self.impossible:
            return "one constraint excludes every point"
        if self.feasible == self.total:
            return "no constraint excludes any point"
        if self.feasible == 1:
            return "one feasible point"
        if self.feasible and self.best is not None and not self.held_back:
            return "the optimum of no constraints"
        return ""


def discrete(instance: Instance) -> bool:
    """True where every variable takes finitely many values."""
    return all(
        family.within is not None or (family.type != "real" and None not in (*family.lower, *family.upper))
        for family in instance.variables.values()
    )


def domains(instance: Instance) -> list[tuple[str, Key, tuple[Value, ...]]]:
    """A discrete instance -> (family, key, values) for each variable."""
    return [
        (
            name,
            key,
            tuple(family.within[i])
            if family.within is not None
            else tuple(range(math.ceil(family.lower[i] or 0), math.floor(family.upper[i] or 0) + 1)),
        )
        for name, family in instance.variables.items()
        for i, key in enumerate(family.domain.keys)
    ]


def size(instance: Instance) -> int:
    """How many points a discrete instance has."""
    return math.prod(len(values) for _, _, values in domains(instance))


def points(instance: Instance) -> Iterator[Point]:
    """Every point of a discrete instance."""
    slots = domains(instance)
    for combination in itertools.product(*(values for _, _, values in slots)):
        point: dict[str, dict[Key, Value]] = {name: {} for name in instance.variables}
        for (name, key, _), value in zip(slots, combination, strict=True):
            point[name][key] = value
        yield point


def enumerate_points(instance: Instance) -> Truth:
    """A discrete instance -> the truth, by definition. Raises EvaluationError where a known part has no value."""
    hard = [c for c in instance.model.constraints if c.penalty is None]
    alone = [False] * len(hard)
    chosen: list[Point] = []
    others: list[Point] = []
    for point in points(instance):
        evaluator = Evaluator(instance, point)
        holds = [_holds(c, evaluator) for c in hard]
        alone = [a or h for a, h in zip(alone, holds, strict=True)]
        (chosen if all(holds) else others).append(point)
    ranks = [_rank(instance, point, True) for point in chosen]
    feasible = sum(r is not None for r in ranks)
    best = min((r for r in ranks if r), default=None)
    better = best is not None and any((r := _rank(instance, p, False)) and r < best for p in others)
    return Truth(feasible, len(chosen) + len(others), best, better, not all(alone))


def _rank(instance: Instance, point: Point, holds: bool) -> Rank | None:
    """The rank of a point by the referee, () where nothing is asked for; None where its objective has no value.

    ``holds``: the evaluator finds every hard constraint satisfied; the referee has to find the same.
    """
    judged = referee(instance, point)
    undefined = any(v.name == "objective" for v in judged.violations)
    assert judged.ok == (holds and not undefined), "the referee and its evaluator differ"
    if undefined:
        return None
    return tuple(Fraction(o.value) * (1 if o.sense == "minimize" else -1) for o in judged.objectives)


def _holds(c: Constraint, evaluator: Evaluator) -> bool:
    """Does a constraint hold at every binding?"""
    return evaluator.closed(
        lambda: all(evaluator.condition(c.expr, e) for e, _ in evaluator.keyed_bindings(c.over, {}))
    )


def disagreement(instance: Instance, result: Result, truth: Truth) -> str:
    """What is wrong with a result; '' where nothing is."""
    if result.termination.value != ("optimal" if truth.feasible else "infeasible"):
        return f"{result.termination.value}, but {truth.feasible} of {truth.total} points are feasible"
    if not truth.feasible:
        return ""
    if result.point is None:
        return "optimal without a point"
    judged = referee(instance, result.point, result.objective)
    if not judged.ok:
        return f"the referee refuses its point: {', '.join(map(str, judged.violations)) or judged.verdict}"
    if truth.best is None:
        return ""
    sign = 1 if judged.objectives[0].sense == "minimize" else -1
    if result.objective is None or abs(result.objective - float(truth.best[0]) * sign) > 1e-6 * (
        1 + abs(truth.best[0])
    ):
        return f"objective {result.objective}, the best is {float(truth.best[0]) * sign}"
    rank = tuple(float(o.value) * (1 if o.sense == "minimize" else -1) for o in judged.objectives)
    if any(abs(a - float(b)) > 1e-6 * (1 + abs(b)) for a, b in zip(rank, truth.best, strict=True)):
        return f"the objectives reach {rank}, the best are {tuple(map(float, truth.best))}"
    return ""


GRID = 200
"""How many points of a grid are tried."""


def better_on_a_grid(instance: Instance, result: Result) -> str:
    """A result of a model with continuous variables -> a feasible point of a grid that refutes it, in words.

    A grid of quarters of each range proves no optimum. Penalties are left out: at a boundary they have two readings.
    """
    objectives = instance.model.objectives
    if result.termination.value == "optimal" and (not objectives or any(c.penalty for c in instance.model.constraints)):
        return ""
    slots = [(name, key, _grid(family, i)) for name, family in instance.variables.items()
             for i, key in enumerate(family.domain.keys)]  # fmt: skip
    rng = random.Random(len(slots))
    for _ in range(GRID):
        point: dict[str, dict[Key, Value]] = {name: {} for name in instance.variables}
        for name, key, values in slots:
            point[name][key] = rng.choice(values)
        evaluator = Evaluator(instance, point)
        if not all(_holds(c, evaluator) for c in instance.model.constraints if c.penalty is None):
            continue
        judged = referee(instance, point)
        if not judged.ok:
            continue
        if result.termination.value != "optimal":
            return f"{result.termination.value}, but {point} is feasible"
        sign = 1 if judged.objectives[0].sense == "minimize" else -1
        reached, claimed = float(judged.objectives[0].value), result.objective or 0.0
        if sign * (reached - claimed) < -1e-6 * (1 + abs(claimed)):
            return f"objective {claimed}, but {reached} is reached at {point}"
    return ""


def _grid(family: VariableDomain, place: int) -> Sequence[Value]:
    """The values tried of one variable."""
    if family.within is not None:
        return tuple(family.within[place])
    low, high = Fraction(family.lower[place] or 0), Fraction(family.upper[place] or 0)
    if family.type == "real":
        return [low + (high - low) * n / 4 for n in range(5)]
    return range(math.ceil(low), math.floor(high) + 1)
