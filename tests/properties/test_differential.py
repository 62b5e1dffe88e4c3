"""Random small models: enumeration with the referee, CP-SAT, HiGHS and SCIP agree on status and optimum.

The referee accepts the point of every route. Models a route declares unsupported are counted, not hidden.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from nl2opt.check.feasible import referee
from nl2opt.errors import EvaluationError, LimitExceeded, Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance, Point
from nl2opt.solvers import cpsat, scip
from nl2opt.solvers.result import Result, SolveOptions

sys.path.insert(0, str(Path(__file__).parent))
from random_documents import document

MODELS = int(os.environ.get("NL2OPT_DIFFERENTIAL_MODELS", "300"))
SEED = int(os.environ.get("NL2OPT_DIFFERENTIAL_SEED", "20261"))
BLOCKS = 10
Optimum = tuple[int, int, Fraction | None]
"""Feasible points, points, best objective."""


def points(instance: Instance) -> Iterator[Point]:
    """Every point of a small all-integer instance."""
    slots, values = [], []
    for name, family in instance.variables.items():
        for i, key in enumerate(family.domain.keys):
            slots.append((name, key))
            low, high = (family.lower[i], family.upper[i]) if family.within is None else (None, None)
            within = family.within[i].elements if family.within is not None else ()
            values.append(within if family.within is not None else range(int(low or 0), int(high or 0) + 1))
    for combination in itertools.product(*values):
        point: dict[str, dict[object, object]] = {}
        for (name, key), value in zip(slots, combination, strict=True):
            point.setdefault(name, {})[key] = value
        yield point  # type: ignore[misc]


def enumerate_points(instance: Instance) -> Optimum:
    """The truth, by definition."""
    feasible = total = 0
    best: Fraction | None = None
    for point in points(instance):
        total += 1
        judged = referee(instance, point)
        if not judged.ok:
            continue
        feasible += 1
        if judged.objectives:
            value = Fraction(judged.objectives[0].value)
            better = min if judged.objectives[0].sense == "minimize" else max
            best = value if best is None else better(best, value)
    return feasible, total, best


def disagreement(instance: Instance, result: Result, truth: Optimum, tolerance: float) -> str:
    """What is wrong with a result; '' where nothing is."""
    feasible, _, best = truth
    if result.termination.value != ("optimal" if feasible else "infeasible"):
        return f"{result.termination.value}, but {feasible} points are feasible"
    if not feasible:
        return ""
    assert result.point is not None
    judged = referee(instance, result.point, result.objective)
    if not judged.ok:
        return f"the referee refuses its point: {', '.join(map(str, judged.violations)) or judged.verdict}"
    if best is not None and (result.objective is None or abs(float(best) - result.objective) > tolerance):
        return f"objective {result.objective}, the best is {best}"
    return ""


def routes() -> dict[str, tuple[Callable[[Instance, SolveOptions], Result], float]]:
    """Name -> (solve, tolerance of its objective)."""
    out: dict[str, tuple[Callable[[Instance, SolveOptions], Result], float]] = {
        "cpsat": (cpsat.solve, 1e-9),
        "scip": (scip.solve, 1e-5),
    }
    with contextlib.suppress(ModuleNotFoundError):
        out["highs"] = (importlib.import_module("nl2opt.solvers.highs").solve, 1e-5)
    return out


def compare(index: int, counts: Counter[str]) -> list[str]:
    """One random model through every route -> the disagreements."""
    text = document(SEED, index)
    instance = bind(read_document(text))
    try:
        truth = enumerate_points(instance)
    except (EvaluationError, LimitExceeded):
        counts["without a value"] += 1
        return []
    feasible, total, best = truth
    counts["trivial" if feasible == 0 or (feasible == total and best is None) else "not trivial"] += 1
    wrong = []
    for name, (solve, tolerance) in routes().items():
        try:
            found = disagreement(instance, solve(instance, SolveOptions(time_limit=20)), truth, tolerance)
        except Unsupported:
            counts[f"unsupported by {name}"] += 1
            continue
        except EvaluationError as e:  # an objective that is undefined everywhere makes every point infeasible
            found = "" if feasible == 0 else str(e)
        except Exception as e:  # a crash is a disagreement too, and must not hide the others of its block
            found = f"{type(e).__name__}: {e}"
        counts[f"compared with {name}"] += 1
        if found:
            wrong.append(f"model {index}, {name}: {found}\n{text[text.index('variables:') :]}")
    return wrong


@pytest.fixture(scope="module")
def counts() -> Iterator[Counter[str]]:
    """What was compared, printed at the end."""
    tally: Counter[str] = Counter()
    yield tally
    if sys.__stdout__ is not None:
        print(f"\ndifferential: {dict(tally)}", file=sys.__stdout__)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_routes_agree(block: int, counts: Counter[str]) -> None:
    """A block of random models: no route disagrees with enumeration."""
    wrong: list[str] = []
    for index in range(block * MODELS // BLOCKS, (block + 1) * MODELS // BLOCKS):
        wrong += compare(index, counts)
    assert not wrong, "\n\n".join(wrong)


def test_enough_was_compared(counts: Counter[str]) -> None:
    """Most models are not trivial, and CP-SAT and SCIP take nearly all of them."""
    if not counts:
        pytest.skip("run together with the blocks")
    assert counts["not trivial"] >= 0.5 * MODELS
    assert counts["unsupported by cpsat"] <= 0.05 * MODELS
    assert counts["unsupported by scip"] <= 0.05 * MODELS
