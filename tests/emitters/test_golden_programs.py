"""Golden programs: what the emitters write, kept so that a change is seen; rewritten only if a run is right.

`NL2OPT_WRITE_GOLDEN=1 pytest tests/emitters/test_golden_programs.py` writes a program anew only when running it
reproduces the optimum of its case, so a golden file is never the picture of a mistake.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from emitters.test_emitted_cases import CASES, read_case

from nl2opt.emitters import emit
from nl2opt.sandbox import run_python

GOLDEN = Path(__file__).parent / "golden"
KEPT = (
    ("a01_bakery_loaves", "pyomo"),
    ("a01_bakery_loaves", "cpmpy"),
    ("a14_brewery_seasonals", "pyomo"),
    ("a14_brewery_seasonals", "cpmpy"),
    ("a18_nurse_tour", "pyomo"),
    ("a18_nurse_tour", "cpmpy"),
    ("b05_transport_csv", "pyomo"),
    ("b07_harbour_puzzle", "cpmpy"),
    ("a01_bakery_loaves", "ortools"),
    ("a14_brewery_seasonals", "ortools"),
    ("a18_nurse_tour", "ortools"),
    ("b07_harbour_puzzle", "ortools"),
    ("b09_makespan", "ortools"),
    ("b11_element", "ortools"),
)


@pytest.mark.parametrize(("name", "target"), KEPT)
def test_golden(name: str, target: str) -> None:
    """The emitter writes the kept text."""
    (folder,) = (c for c in CASES if c.name == name)
    source = emit(read_case(folder), target).source
    kept = GOLDEN / f"{name}_{target}.py"
    if os.environ.get("NL2OPT_WRITE_GOLDEN"):
        run = run_python(source)
        assert run.ok, run.stderr
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        answer = json.loads(run.stdout.splitlines()[-1])
        assert answer["status"].lower() in (expected["status"], "feasible")
        if expected.get("objective") is not None:
            assert answer["objective"] == pytest.approx(expected["objective"], rel=1e-6)
        kept.write_text(source, encoding="utf-8")
    assert source == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.py")), ids=lambda p: p.stem)
def test_golden_programs_are_tidy(path: Path) -> None:
    """They compile, no line is longer than a screen, every kept file is still asked for."""
    compile(path.read_text(encoding="utf-8"), path.name, "exec")
    long = [line for line in path.read_text(encoding="utf-8").splitlines() if len(line) > 110 and "#" not in line]
    assert not long
    assert tuple(path.stem.rsplit("_", 1)) in KEPT


def test_a_program_is_solved_again_with_other_data() -> None:
    """`python program.py other.json` reads data of the same shape: twice the oven and flour bake more."""
    (folder,) = (c for c in CASES if c.name == "a01_bakery_loaves")
    program = emit(read_case(folder), "pyomo")
    data = {**program.data, "flour_store": 182, "oven_time": 1320}
    answers = []
    for files in (program.data, data):
        run = run_python(program.source, ("other.json",), files={"other.json": json.dumps(files)})
        assert run.ok, run.stderr
        answers.append(json.loads(run.stdout)["objective"])
    assert answers[0] == pytest.approx(349.6) and answers[1] > 690
