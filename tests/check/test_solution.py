"""A person's own solution: every form it may be given in, what it violates and in whose words, what does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nl2opt.check.solution import check_solution, with_best
from nl2opt.errors import DataError
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document

CASES = sorted(p.parent for p in (Path(__file__).parent.parent / "cases").glob("*/wrong.json"))
TEXT = """
nl2opt: 1
text: "A van carries two crates. At most 7 kg go into it. Rows and columns differ."
sets: {I: [a, b], J: range(2)}
parameters: {w: {over: [I, J], value: [[1, 2], [3, 4]]}}
variables: {x: {over: [I, J], type: binary}, c: {in: I}}
constraints:
  - {name: load, expr: "sum(w[i, j] * x[i, j] for i in I, j in J) <= 7", quotes: ["At most 7 kg go into it"]}
  - {name: two, expr: "sum(x) == 2", quotes: ["A van carries two crates"]}
objectives: [{maximize: "sum(w[i, j] * x[i, j] for i in I, j in J) + (c == 'a')"}]
outputs: {chosen: "[[x[i, j] for j in J] for i in I]", who: c}
"""


@pytest.mark.parametrize("folder", CASES, ids=lambda p: p.name)
def test_wrong_solutions_of_the_cases_break_what_they_are_said_to_break(folder: Path) -> None:
    """Points written down beside the cases, with the constraints they violate."""
    if any((folder / name).exists() for name in ("data.json", "data")) or "csv" in folder.name:
        pytest.skip("its data are in files of their own")
    instance = bind(read_document((folder / "model.yaml").read_text(encoding="utf-8")))
    for wrong in json.loads((folder / "wrong.json").read_text(encoding="utf-8")):
        if "violates" not in wrong or not wrong["solution"]:
            continue
        report = check_solution(instance, wrong["solution"], 10)
        assert report.holds is False
        assert report.reason or {f.name for f in report.faults} & set(wrong["violates"])


@pytest.mark.parametrize(
    "values",
    [
        {"x": {"a": {"0": 0, "1": 0}, "b": {"0": 1, "1": 1}}, "c": "a"},
        {"x": [[0, 0], [1, 1]], "c": "a"},
        {"x": {"a,0": 0, "a,1": 0, "b,0": 1, "b,1": 1}, "c": "a"},
        {"x": [[0, 0], [1, 1]]},
        {"chosen": [[0, 0], [1, 1]], "who": "a"},
    ],
    ids=["nested maps", "nested lists", "joined keys", "in part", "as printed"],
)
def test_every_form_of_a_solution_is_read(values: dict[str, object]) -> None:
    instance = bind(read_document(TEXT))
    report = with_best(check_solution(instance, values), instance)
    assert (report.holds, report.objective, report.best) == (True, 8, 8)
    assert report.chosen == (("c",) if set(values) == {"x"} else ())


def test_faults_are_told_with_amount_and_sentence() -> None:
    report = check_solution(bind(read_document(TEXT)), {"x": [[1, 1], [1, 1]], "c": "b"})
    assert report.holds is False and report.objective is None
    assert {(f.name, f.amount, f.quotes) for f in report.faults} == {
        ("load", 3, ("At most 7 kg go into it",)), ("two", 2, ("A van carries two crates",)),
    }  # fmt: skip


def test_what_does_not_fit_is_told_at_once() -> None:
    bad = {"x": {"a": {"0": "much"}, "z": {"0": 1}}, "y": 3, "c": "q"}
    with pytest.raises(DataError) as raised:
        check_solution(bind(read_document(TEXT)), bad)
    assert {d.code for d in raised.value.diagnostics} == {"D121", "D122", "D123"}
    with pytest.raises(DataError) as raised:
        check_solution(bind(read_document(TEXT)), [1])
    assert raised.value.diagnostics[0].code == "D120"
