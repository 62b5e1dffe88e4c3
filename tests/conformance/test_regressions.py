"""Models that a route once got wrong: trying every point gives what is expected, and so does every route.

`regressions/*.yaml`: lists of {name, expected, document, open}; `expected` is the optimum, `infeasible`, or `feasible`
where nothing is asked for; `open` names the routes known to fail still, which are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from enumeration import disagreement, enumerate_points
from programs import forked_programs

from nl2opt.errors import SolverFailure, Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.document.loading import load
from nl2opt.solvers.result import SolveOptions
from nl2opt.solvers.routes import ROUTES

CASES = {
    case["name"]: case
    for path in sorted((Path(__file__).parent / "regressions").glob("*.yaml"))
    for case in load(path.read_text(encoding="utf-8"))
}


@pytest.fixture(scope="module", autouse=True)
def forked() -> Iterator[None]:
    """Emitted programs are forked, not started."""
    with forked_programs():
        yield


@pytest.mark.parametrize("name", CASES)
def test_every_route_gives_the_expected(name: str) -> None:
    """No route differs from the truth; a route may refuse the model."""
    instance = bind(read_document(CASES[name]["document"]))
    truth = enumerate_points(instance)
    sign = -1 if instance.model.objectives and instance.model.objectives[0].sense == "maximize" else 1
    found = ("feasible" if truth.best is None else sign * truth.best[0]) if truth.feasible else "infeasible"
    assert found == CASES[name]["expected"]
    wrong = {}
    for route, solve in ROUTES.items():
        if route in CASES[name].get("open", ()):
            continue
        try:
            wrong[route] = disagreement(instance, solve(instance, SolveOptions(time_limit=30)), truth)
        except Unsupported:
            continue
        except SolverFailure as e:  # a solver that is not installed
            assert e.diagnostics[0].code == "E801", e
    assert len(wrong) >= 2 and not any(wrong.values()), wrong
