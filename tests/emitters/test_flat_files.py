"""LP and MPS files are read by readers that are not ours, HiGHS and SCIP, and have the optimum of their case."""

from __future__ import annotations

import json
from pathlib import Path

import highspy
import pyscipopt
import pytest
from emitters.test_emitted_cases import CASES, read_case

from nl2opt.emitters import emit
from nl2opt.errors import Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document


def by_highs(path: Path) -> tuple[str, float]:
    """File -> status and optimum, as HiGHS reads it."""
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.setOptionValue("mip_rel_gap", 1e-9)
    assert h.readModel(str(path)) != highspy.HighsStatus.kError
    h.run()
    return h.modelStatusToString(h.getModelStatus()).lower(), h.getInfo().objective_function_value


def by_scip(path: Path) -> tuple[str, float]:
    """File -> status and optimum, as SCIP reads it."""
    model = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(str(path))
    model.optimize()
    status = model.getStatus()
    return status, model.getObjVal() if status == "optimal" else 0.0


@pytest.mark.parametrize("read", [by_highs, by_scip])
@pytest.mark.parametrize("target", ["lp", "mps"])
@pytest.mark.parametrize("folder", CASES, ids=lambda c: c.name)
def test_the_file_has_the_optimum(folder: Path, target: str, read: object, tmp_path: Path) -> None:
    """Status and optimum are the expected ones."""
    assert callable(read)
    path = tmp_path / f"case.{target}"
    path.write_text(emit(read_case(folder), target).source, encoding="utf-8")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    status, objective = read(path)
    assert status == expected["status"]
    if expected.get("objective") is not None:
        assert objective == pytest.approx(expected["objective"], rel=1e-6, abs=1e-6)


EDGES = """
nl2opt: 1
name: "edges"
sets: {Odd: ["e5", "free", "Straße 9", "日本", "a b", "a_b"]}
variables:
  e5: {over: Odd, type: integer, lower: -3, upper: 7}
  free: {type: real, lower: -inf}
  y: {type: real, lower: -2, upper: 2.5}
constraints:
  - {name: range, expr: "-4 <= free + y <= 11.5"}
  - {name: nothing, expr: "0 * y <= 3"}
  - {name: each, for: o in Odd, expr: "e5[o] >= free"}
objectives: [{maximize: "sum(e5) + 0.1 * y + free + 100"}]
"""


@pytest.mark.parametrize("read", [by_highs, by_scip])
@pytest.mark.parametrize("target", ["lp", "mps"])
def test_edges(target: str, read: object, tmp_path: Path) -> None:
    """Hostile names, free and negative bounds, a range, an empty row, a constant in the objective."""
    assert callable(read)
    path = tmp_path / f"edges.{target}"
    path.write_text(emit(bind(read_document(EDGES)), target).source, encoding="ascii")
    assert read(path) == ("optimal", pytest.approx(6 * 7 + 0.25 + 7 + 100))


def test_several_objectives_are_refused() -> None:
    """With the declared reason."""
    two = "nl2opt: 1\nname: m\nvariables: {x: {type: binary}, y: {type: binary}}\nobjectives:\n"
    two += "- {maximize: x, priority: 2}\n- {minimize: y, priority: 1}\n"
    with pytest.raises(Unsupported, match="one objective"):
        emit(read_document(two), "lp")
