"""Every case through every target: the program reaches the optimum, or the target refuses with a declared reason."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from nl2opt.emitters import targets
from nl2opt.errors import Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.solvers.program import solve
from nl2opt.solvers.result import Result, SolveOptions, Termination

CASES = sorted(p.parent for p in (Path(__file__).parents[1] / "cases").glob("*/model.yaml"))
TARGETS = tuple(name for name, module in targets().items() if module.RUNNER is not None)
OPTIONS = SolveOptions(time_limit=60)


def read_case(folder: Path) -> Instance:
    """The instance of a case folder."""
    data = folder / "data.json"
    return bind(read_document(folder / "model.yaml"), json.loads(data.read_text()) if data.exists() else None)


@cache
def runs() -> dict[tuple[str, str], Future[Result]]:
    """Every program is started once, two at a time; a test waits for its own."""
    pool = ThreadPoolExecutor(2)
    return {(c.name, t): pool.submit(solve, read_case(c), OPTIONS, t) for t in TARGETS for c in CASES}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("folder", CASES, ids=lambda c: c.name)
def test_the_program_reaches_the_optimum(folder: Path, target: str) -> None:
    """Status and objective are the expected ones, and the point is the expected one where it is the only one."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    try:
        result = runs()[folder.name, target].result()
    except Unsupported as refusal:
        reasons = set(targets()[target].UNSUPPORTED.values())
        assert {d.expected for d in refusal.diagnostics} <= reasons, refusal
        needed = {"pyomo": "milp", "cpmpy": "cp", "ortools": "cp"}[target]
        assert needed not in expected.get("needs", []) or "bound" in str(refusal), refusal
        return
    assert result.termination is Termination(expected["status"])
    if expected.get("objective") is not None:
        assert result.objective == pytest.approx(expected["objective"], rel=1e-6)
    if expected.get("unique") and expected.get("solution"):
        assert result.point is not None
        for name, value in expected["solution"].items():
            _assert_values(name, value, dict(result.point[name]), ())


def _assert_values(
    name: str, expected: object, found: dict[tuple[object, ...], object], key: tuple[object, ...]
) -> None:
    """Nested expected values against a family of values by key."""
    if isinstance(expected, dict):
        for k, v in expected.items():
            _assert_values(name, v, found, (*key, k))
        return
    by_text = {tuple(map(str, k)): v for k, v in found.items()}
    if isinstance(expected, list):
        listed = [v for k, v in by_text.items() if k[: len(key)] == tuple(map(str, key))]
        assert [v if isinstance(v, str) else pytest.approx(v, abs=1e-6) for v in listed] == expected, name
        return
    actual = by_text[tuple(map(str, key))]
    assert actual == (expected if isinstance(expected, str) else pytest.approx(expected, abs=1e-5)), (name, key)


def test_every_target_shows_its_tables() -> None:
    """PIPELINE, UNSUPPORTED and RUNNER stand at the top of each file; a reason is a sentence, not a shrug."""
    for name, module in targets().items():
        assert isinstance(module.PIPELINE, tuple), name
        assert all(len(reason) > 15 for reason in module.UNSUPPORTED.values()), name


RELAXED = [c for c in CASES if json.loads((c / "expected.json").read_text()).get("objective_relaxed") is not None][:4]


@pytest.mark.parametrize("folder", RELAXED, ids=lambda c: c.name)
def test_the_relaxation_has_the_expected_value(folder: Path) -> None:
    """The linear model with whole numbers broken reaches the value of the case."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["objective_relaxed"]
    relaxed = solve(read_case(folder), SolveOptions(relax_integrality=True), "pyomo")
    assert relaxed.objective == pytest.approx(expected, rel=1e-6)
