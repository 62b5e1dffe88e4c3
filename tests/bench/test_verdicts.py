"""Answers beside a reference of any kind: what is named is what was changed, and what is told apart is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nl2opt.bench import answering, verdicts
from nl2opt.bench.answering import Task, answered
from nl2opt.bench.documents import Folder, folders
from nl2opt.bench.forms import form_of, read_items
from nl2opt.bench.grading import grade
from nl2opt.bench.items import Item
from nl2opt.bench.log import ANSWER, fault
from nl2opt.bench.manifest import Settings
from nl2opt.bench.own_set import told_instance
from nl2opt.bench.report import write_report
from nl2opt.bench.respondents import Asking, Response
from nl2opt.bench.run import run
from nl2opt.bench.verdicts import OUT_OF_TIME, Compared, compared
from nl2opt.check.judge.side import Clock
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.resources import data_folder

OWN = folders(data_folder("datasets") / "own")

SHIFTS = """
nl2opt: 1
sets:
- {name: nurse, elements: [ada, bo, cy]}
- {name: day, elements: [mo, tu, we, th]}
parameters:
- {name: pay, over: [nurse], value: {ada: 30, bo: 25, cy: 20}}
- {name: need, over: [day], value: {mo: 2, tu: 1, we: 2, th: 1}}
- {name: most, value: 3}
variables:
- {name: work, over: [nurse, day], type: binary}
- {name: spare, type: integer, upper: 40}
constraints:
- {name: enough, for: d in day, expr: "sum(work[n, d] for n in nurse) >= need[d]"}
- {name: limit, for: n in nurse, expr: "sum(work[n, d] for d in day) <= most"}
- {name: rest, for: n in nurse, expr: "work[n, mo] == 1 => work[n, tu] == 0"}
- {name: left, expr: "3 * spare >= 40 - 2 * sum(work[n, d] for n in nurse for d in day)"}
objectives:
- {sense: minimize, expr: "sum(pay[n] * work[n, d] for n in nurse for d in day) + 7 * spare"}
"""
"""Indexed, with logic: no rows to lay side by side."""
QUEUE = """
nl2opt: 1
sets: {who: [ada, bo, cy]}
parameters: {haste: {over: who, value: {ada: 5, bo: 4, cy: 3}}}
variables: {place: {over: who, in: "range(1, 4)"}}
constraints: [{name: one_a_place, expr: all_different(place)}]
objectives: [{minimize: "sum(haste[w] * place[w] for w in who)"}]
"""
"""Values that differ: without rows that both could be drawn in."""
REST = '- {name: rest, for: n in nurse, expr: "work[n, mo] == 1 => work[n, tu] == 0"}\n'
MORE = '- {name: more, for: n in nurse, expr: "work[n, we] == 1 => work[n, th] == 0"}\n'


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ("bo: 25", "bo: 26", ("data",)),
        ("value: 3}", "value: 2}", ("data",)),
        ("ada: 30", "ada: 1800", ("unit",)),
        ("sense: minimize", "sense: maximize", ("direction",)),
        (">= need[d]", "<= need[d]", ("direction",)),
        ("type: integer", "type: real", ("integrality",)),
        (REST, "", ("missing constraint",)),
        ("objectives:", MORE + "objectives:", ("extra constraint",)),
        ("bo: 25", "bo: 25 ", ()),
        ("work", "duty", ()),
    ],
)  # fmt: skip
def test_one_change_is_named(old: str, new: str, kinds: tuple[str, ...]) -> None:
    assert old in SHIFTS
    reference, answer = (bind(read_document(text)) for text in (SHIFTS, SHIFTS.replace(old, new)))
    found = compared(reference, answer)
    assert found.kinds == kinds
    assert found.verdict.startswith("different" if kinds else "equivalent") and bool(found.counterexample) == bool(
        kinds
    )


def test_two_changes_are_named_by_what_they_break() -> None:
    """Nothing single mends it: a best answer of the candidate breaks what it left out."""
    wrong = SHIFTS.replace("bo: 25", "bo: 31").replace("work[n, mo] == 1 => work[n, tu] == 0", "work[n, mo] <= 1")
    found = compared(*(bind(read_document(text)) for text in (SHIFTS, wrong)))
    assert "missing constraint" in found.kinds and "the reference's rest" in found.counterexample


def test_models_of_very_many_variables_are_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    from nl2opt.bench import verdicts

    monkeypatch.setattr(verdicts, "COLUMNS", 5)
    found = compared(*(bind(read_document(text)) for text in (SHIFTS, SHIFTS.replace("bo: 25", "bo: 26"))))
    assert (found.verdict, found.counterexample) == ("undecided", "")


MISTAKES = {
    "brick_kilns": ("unit",),  # bricks for thousands of bricks
    "greenhouse_beds": ("missing constraint",),  # tomatoes need no basil
    "sail_loft": ("extra constraint",),  # a limit of each month taken for all months together
    "wedding_tables": ("missing constraint",),  # a couple may sit apart
    "fish_quota": ("direction",),  # quotas have to be fished out
    "carbon_plan": ("extra constraint",),  # sums demanded in each year alone
}
"""Folder -> what its first wrong model does, as its card tells in words."""


def wrong_model(folder: Folder) -> Any:
    return replace(read_document(folder.path / "wrong_1.yaml"), text=folder.model.text)


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_that_people_make(name: str) -> None:
    folder = next(f for f in OWN if f.name == name)
    told = told_instance(folder)
    answer = bind(wrong_model(folder), folder.held(f"{told}.json", {}))
    found = compared(folder.instances[told], answer)
    assert found.kinds == MISTAKES[name] and found.counterexample


def test_what_depends_on_the_time_left_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of time in the judgement, or in what explains it, is the same on every machine: what differs row by row."""

    class Over(Clock):
        left = 0.0  # type: ignore[assignment]

    reference, answer = (bind(read_document(text)) for text in (QUEUE, QUEUE.replace("ada: 5", "ada: 2")))
    assert compared(reference, answer).kinds == ("data",)
    assert compared(reference, answer, seconds=0.0) == Compared((), OUT_OF_TIME)
    monkeypatch.setattr(verdicts, "Clock", Over)
    found = compared(reference, answer)
    assert found.kinds == () and found.verdict.startswith("different") and found.counterexample


def of_own_set(name: str) -> Item:
    folder = next(f for f in OWN if f.name == name)
    return form_of("folders").read({"folder": str(folder.path)}, 0)


def graded(item: Item, response: Response) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is logged of a response, and its grade."""
    settings = Asking(time_limit=20)
    row = {**answering._row(settings, Task(item, 0), response), **answering._outcome(settings, item, response)}
    assert fault(row, ANSWER) == ""
    return row, next(grade(row, item.label("published"), "published", 1e-6))


def test_the_record_of_an_item_of_the_own_set() -> None:
    item = of_own_set("wedding_tables")
    row, told = graded(item, Response(model=wrong_model(next(f for f in OWN if f.name == item.id))))
    assert not told["hit"] and told["failure"] == "missing constraint"
    assert row["verdict"].startswith("different") and "violates the reference's couple" in row["counterexample"]


def test_the_record_of_an_item_of_cp_bench(tmp_path: Path) -> None:
    """Printed values are graded by the reference; why a model printed wrong ones is told by its comparison."""
    row = {"id": "own/candies", "question": "Few candies for children in a line.", "data_notes": [],
           "data": {"ratings": [1, 2, 3, 1]}, "output": {"z": "int", "x": "list[4] of int"}, "optimum": 7}  # fmt: skip
    (tmp_path / "row.jsonl").write_text(json.dumps(row))
    item = read_items(tmp_path / "row.jsonl", "cpbench")[0]
    model = read_document(item.reference)
    logged, told = graded(item, Response(model=replace(model, constraints=model.constraints[1:])))
    assert not told["hit"] and told["failure"] == "missing constraint"
    assert f"the reference's {model.constraints[0].name}" in logged["counterexample"]


def test_gold_is_not_judged_and_a_broken_judge_is_no_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    item = of_own_set("wedding_tables")
    gold = answered(Asking(translator="reference", time_limit=20), Task(item, 0))
    assert (gold["outcome"], gold["verdict"], gold["differences"]) == ("answered", "", [])

    def broken(*_: Any) -> None:
        raise RecursionError

    monkeypatch.setattr(answering, "compared", broken)
    model = read_document(item.reference)
    row, told = graded(item, Response(model=replace(model, constraints=tuple(reversed(model.constraints)))))
    assert told["hit"] and row["verdict"] == "undecided: RecursionError"


def test_the_page_shows_the_counterexample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    item = of_own_set("wedding_tables")
    wrong = Response(model=wrong_model(next(f for f in OWN if f.name == item.id)))
    monkeypatch.setattr(answering, "_ask", lambda settings: lambda item, sample: wrong)
    settings = Settings("own", "folders", {}, "0", Asking(translator="reference", time_limit=20))
    found = run([item], settings, tmp_path / "run", executor="threads")
    assert found["verdicts"] == {"different (status, this data)": 1}
    markdown, page = (p.read_text(encoding="utf-8") for p in write_report(tmp_path / "run"))
    assert 'class="counterexample">counter-example: the reference&#39;s optimum' in page
    assert "| different (status, this data) | 1 |" in markdown
