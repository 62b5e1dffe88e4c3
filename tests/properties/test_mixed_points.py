"""Random small mixed models: no feasible point of a grid is better than the optimum of SCIP.

The models are those of the differential test with integer variables made real. A grid of halves cannot prove an
optimum, but a feasible grid point refutes a wrong one, and a wrong "infeasible". SCIP's own point is not judged where a
condition chooses a value or a summand, or is counted under a function, and where a schedule may fail: at their boundary
the referee asks for the exact branch, a solver may take either.
"""

from __future__ import annotations

import itertools
import os
import random
import re
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from nl2opt.check.feasible import referee
from nl2opt.errors import EvaluationError, Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.evaluate import bindings, evaluate
from nl2opt.ir.instance import Instance, Point
from nl2opt.solvers import scip
from nl2opt.solvers.result import SolveOptions

sys.path.insert(0, str(Path(__file__).parent))
from random_documents import document

MODELS = int(os.environ.get("NL2OPT_DIFFERENTIAL_MODELS", "300"))
SEED = int(os.environ.get("NL2OPT_DIFFERENTIAL_SEED", "20261"))
POINTS = 400
"""The most grid points tried, drawn at random where there are more."""


def mixed(seed: int, index: int) -> str | None:
    """(seed, index) -> a document with real variables; None where there are none."""
    rng = random.Random(f"{seed}:{index}")
    text = document(seed, index)
    for name in ("x", "y"):
        if rng.random() < 0.75:
            text = re.sub(rf"(  {name}: {{(?:over: I, )?type: )integer", r"\1real", text)
    return text if "type: real" in text else None


def judged(text: str) -> bool:
    """True where the referee reads every boundary of a document as a solver may."""
    return not re.search(
        r" if \(| // | % |no_overlap|cumulative|abs|min|max|penalty", text[text.index("expressions:") :]
    )


def grid(instance: Instance, rng: random.Random) -> Iterator[Point]:
    """Points with real values at halves."""
    slots = []
    for name, family in instance.variables.items():
        for i, key in enumerate(family.domain.keys):
            if family.within is not None:
                slots.append((name, key, list(family.within[i])))
                continue
            low, high = family.lower[i] or 0, family.upper[i] or 0
            step = Fraction(1, 2) if family.type == "real" else Fraction(1)
            count = int((high - low) / step)
            slots.append((name, key, [low + k * step for k in range(count + 1)]))
    size = 1
    for _, _, values in slots:
        size *= len(values)
    every = itertools.product(*(v for _, _, v in slots))
    drawn = (tuple(rng.choice(v) for _, _, v in slots) for _ in range(POINTS))
    for combination in every if size <= POINTS else drawn:
        point: dict[str, dict[object, object]] = {}
        for (name, key, _), value in zip(slots, combination, strict=True):
            whole = isinstance(value, Fraction) and value.denominator == 1
            point.setdefault(name, {})[key] = int(value) if whole else value
        yield point  # type: ignore[misc]


def holds(instance: Instance, point: Point) -> bool:
    """True where a grid point satisfies every hard constraint exactly, and its objectives are defined."""
    try:
        for o in instance.model.objectives:
            evaluate(o.expr, instance, point)
    except EvaluationError:
        return False
    return all(
        evaluate(c.expr, instance, point, indices)
        for c in instance.model.constraints
        if c.penalty is None
        for _, indices in bindings(c.over, instance)
    )


def better(instance: Instance, point: Point, claimed: float | None) -> bool:
    """True where a grid point beats a claimed optimum; penalties, which have readings too, are left out."""
    objectives = instance.model.objectives
    if not objectives or claimed is None or any(c.penalty is not None for c in instance.model.constraints):
        return False
    sign = 1 if objectives[0].sense == "minimize" else -1
    value = float(evaluate(objectives[0].expr, instance, point))
    return sign * (value - claimed) < -1e-6 * (1 + abs(claimed))


@pytest.mark.parametrize("block", range(6))
def test_no_grid_point_is_better(block: int) -> None:
    """A block of random mixed models."""
    wrong, compared = [], 0
    for index in range(block * MODELS // 6, (block + 1) * MODELS // 6):
        text = mixed(SEED, index)
        if text is None:
            continue
        instance = bind(read_document(text))
        try:
            result = scip.solve(instance, SolveOptions(time_limit=20))
            feasible = [p for p in grid(instance, random.Random(index)) if holds(instance, p)]
            beaten = any(better(instance, p, result.objective) for p in feasible)
            own = (
                referee(instance, result.point, result.objective) if result.point is not None and judged(text) else None
            )
        except (Unsupported, EvaluationError):
            continue
        compared += 1
        found = ""
        if result.point is None and feasible:
            found = f"{result.termination.value}, but a grid point is feasible: {feasible[0]}"
        elif beaten:
            found = f"objective {result.objective}, but a grid point is better"
        elif own is not None and not own.ok:
            found = f"the referee refuses its point: {', '.join(map(str, own.violations)) or own.verdict}"
        if found:
            wrong.append(f"model {index}: {found}\n{text[text.index('variables:') :]}")
    assert not wrong, "\n\n".join(wrong)
    assert compared
