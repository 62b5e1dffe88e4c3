"""The demo's table of routes: what a mark says of a route, and that it can be read in a terminal of 80 columns."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from nl2opt import demo
from nl2opt.errors import Diagnostic, SolverFailure, Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.solvers.result import Result, SolveOptions, Termination
from nl2opt.solvers.routes import ROUTES

TEXT = """nl2opt: 1
name: boxes
variables: {x: {type: integer, upper: 4}}
objectives: [{maximize: x}]
"""


def _reference() -> tuple[Instance, Result]:
    instance = bind(read_document(TEXT))
    return instance, ROUTES["highs"](instance, SolveOptions())


def test_a_mark_for_each_way_a_route_can_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What did not finish is told apart from what disagrees, and both from what refuses or is not there."""
    instance, reference = _reference()

    def refusing(error: type[Unsupported | SolverFailure], code: str) -> object:
        def route(_: Instance, __: SolveOptions) -> Result:
            raise error(Diagnostic(code, "no"))

        return route

    ends = {
        "same": lambda *_: reference,
        "late": lambda *_: replace(reference, termination=Termination.TIME_LIMIT, objective=3.0),
        "other": lambda *_: replace(reference, objective=3.0),
        "refuses": refusing(Unsupported, "E601"),
        "absent": refusing(SolverFailure, "E801"),
        "breaks": refusing(SolverFailure, "E802"),
    }
    monkeypatch.setattr(demo, "ROUTES", ends)
    assert demo.marks(instance, reference, {}) == {
        "same": demo.SAME,
        "late": demo.UNFINISHED,
        "other": demo.OTHER,
        "refuses": demo.REFUSED,
        "absent": demo.REFUSED,
        "breaks": demo.OTHER,
    }


def test_the_table_fits_80_columns() -> None:
    """Eight problems, one of them infeasible, one with a long answer: nothing is cut off, a row for every route."""
    answers = ("2930", "37.7", "2540000", "2250", "860", "832", "infeasible", "refused")
    rows = [(f"{n}_problem", told, dict.fromkeys(ROUTES, demo.SAME)) for n, told in enumerate(answers, start=1)]
    out = StringIO()
    Console(file=out, width=80, color_system=None).print(demo.table(rows))
    lines = out.getvalue().splitlines()
    assert "…" not in out.getvalue()
    assert lines[0].split() == ["problem", *"12345678"]
    assert lines[1].split() == ["answer", *answers]
    assert [line.split()[0] for line in lines[2:]] == list(ROUTES)
    assert all(line.count(demo.SAME) == 8 for line in lines[2:])
