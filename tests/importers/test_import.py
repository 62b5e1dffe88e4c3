"""LP and MPS files become models that say the same: every case there and back, and files of other systems."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nl2opt
from nl2opt.check.model import check_model
from nl2opt.emitters import emit
from nl2opt.errors import DocumentError
from nl2opt.importers import document, import_model
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.document.printer import print_yaml
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model
from nl2opt.solvers import highs
from nl2opt.solvers.result import SolveOptions

CASES = sorted(p.parent for p in (Path(__file__).parents[1] / "cases").glob("*/model.yaml"))
MIXED = """
\\ of another system
Minimize
 obj: 3 x(1,2) + 2 x(1,3) - z + [ x(1,2)^2 + 2 x(1,2) * x(1,3) ]/2 + 7
Subject To
 c1: x(1,2) + x(1,3) >= 2
 c2: x(1,2) - z >= -4
Bounds
 z <= 10
 x(1,3) <= 8
 2 <= s <= 5
General
 z
Semi-Continuous
 s
End
"""


def read_case(folder: Path) -> Instance:
    """The instance of a case folder."""
    data = folder / "data.json"
    return bind(read_document(folder / "model.yaml"), json.loads(data.read_text()) if data.exists() else None)


def written(text: str, folder: Path, name: str) -> Path:
    """Text -> its file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("large", [False, True], ids=["rows", "matrix"])
@pytest.mark.parametrize("target", ["lp", "mps"])
@pytest.mark.parametrize("folder", CASES, ids=lambda c: c.name)
def test_there_and_back(
    folder: Path, target: str, large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case written as a file, imported, printed, read and solved has the optimum it had; the document is clean."""
    if large:
        monkeypatch.setattr(document, "fits", lambda _: False)
    path = written(emit(read_case(folder), target).source, tmp_path, f"old.{target}")
    model = read_document(print_yaml(import_model(path)))
    assert not [d for d in check_model(model) if d.severity != "note"]
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    result = highs.solve(bind(model), SolveOptions())
    assert result.termination.value == expected["status"]
    if expected.get("objective") is not None:
        assert result.objective == pytest.approx(expected["objective"], rel=1e-6, abs=1e-6)


def mixed(tmp_path: Path) -> Model:
    """The file of another system, imported."""
    return nl2opt.read(written(MIXED, tmp_path, "mixed.lp"))


def test_names_with_brackets_are_families(tmp_path: Path) -> None:
    """`x(1,2)` is a member of `x`; only its bounded members have an upper bound."""
    model = mixed(tmp_path)
    assert [v.name for v in model.variables] == ["x", "z", "s"]
    assert {s.name: s.elements for s in model.sets} == {"x_keys": ((1, 2), (1, 3)), "x_with_upper": ((1, 3),)}
    assert "x[1, 2] ** 2" in print_yaml(model)


def test_semi_continuous_columns_are_zero_or_within_their_bounds(tmp_path: Path) -> None:
    """What is between is not allowed."""
    (semi,) = (c for c in mixed(tmp_path).constraints if c.name == "s_or_none")
    assert "s <= 0 or s >= 2" in print_yaml(Model(constraints=(semi,)))


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("old.lp", "max: 3x+2y;\nc1: x+y<=4;", "E021"),
        ("old.lp", "Minimize\n obj: x\nSubject To\n c1: 1 <= x + y <= 3\nEnd\n", "E021"),
        ("old.mps", "NAME\nROWS\n N obj\nENDATA?", "E021"),
        ("old.xls", "", "E020"),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, text: str, code: str, tmp_path: Path) -> None:
    """One error that says what is expected, no traceback, no empty model."""
    with pytest.raises(DocumentError) as caught:
        import_model(written(text, tmp_path, name))
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_hostile_names(tmp_path: Path) -> None:
    """Keywords, functions and names alike up to what the language can say become names of their own."""
    text = "Minimize\n obj: sum + a#1 + a.1 + lambda\nSubject To\n r: sum + a#1 + a.1 + lambda >= 1\nEnd\n"
    model = read_document(print_yaml(import_model(written(text, tmp_path, "n.lp"))))
    assert not [d for d in check_model(model) if d.severity == "error"]
    assert [v.name for v in model.variables] == ["v_sum", "a_1", "a_1_2", "v_lambda"]


def test_a_large_file_becomes_its_matrix(tmp_path: Path) -> None:
    """More rows than a document may have: the sets of rows and columns are data, the optimum is the same."""
    rows = "\n".join(f" r{i}: x{i} + x{i + 1} >= {i % 7}" for i in range(300))
    text = f"Minimize\n obj: {' + '.join(f'{1 + i % 3} x{i}' for i in range(301))}\nSubject To\n{rows}\nEnd\n"
    path = written(text, tmp_path, "large.lp")
    model = read_document(print_yaml(import_model(path)))
    assert [c.name for c in model.constraints] == ["at_least"]
    import highspy

    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.readModel(str(path))
    h.run()
    assert highs.solve(bind(model), SolveOptions()).objective == pytest.approx(h.getInfo().objective_function_value)
