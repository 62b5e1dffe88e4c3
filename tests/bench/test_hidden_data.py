"""Data that are not shown: a program that holds the numbers it was shown is told from one that reads its data."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from nl2opt.bench.answering import Task, answered
from nl2opt.bench.documents import Folder, folders
from nl2opt.bench.forms import read_items
from nl2opt.bench.grading import ALL, ONE, grade
from nl2opt.bench.items import Item
from nl2opt.bench.respondents import Asking
from nl2opt.check.printed import outputs_of
from nl2opt.resources import data_folder
from nl2opt.solvers.result import SolveOptions
from nl2opt.solvers.routes import ROUTES

FOLDERS = folders(data_folder("datasets") / "cpbench")
GIVEN = [f for f in FOLDERS if f.given]
FAST = [f for f in GIVEN if f.name not in ("csplib_002_template_design", "session3_farmer_and_cows")]


def row_of(folder: Folder, name: str, expected: Any) -> dict[str, Any]:
    """A row of our own over a folder: one of its instances is shown, in the names of the benchmark's rows."""
    result = ROUTES["cpsat"](folder.instances[name], SolveOptions(time_limit=20))
    assert result.point is not None
    shapes = dict.fromkeys(outputs_of(folder.instances[name], result.point), "int")
    return {"id": f"own/{folder.name}", "question": "Ours.", "data": folder.given[name], "output": shapes,
            "optimum": expected["optimum"]}  # fmt: skip


def item_of(folder: Folder, path: Path) -> Item:
    """The first instance of a folder as a row, its others hidden."""
    name = next(iter(folder.given))
    (path / "row.jsonl").write_text(json.dumps(row_of(folder, name, folder.held("expected.json", {})[name])))
    return read_items(path / "row.jsonl", "cpbench")[0]


def graded(item: Item, row: dict[str, Any]) -> dict[str, bool]:
    return {g["reading"]: g["hit"] for g in grade(row, item.label("own instances"), "own instances", 1e-6)}


@pytest.mark.parametrize("folder", FAST, ids=lambda f: f.name)
def test_gold_passes_on_data_that_are_not_shown(folder: Folder, tmp_path: Path) -> None:
    """And an answer for the shown data alone does not."""
    item = item_of(folder, tmp_path)
    names = [i.name for i in item.instances[1:]]
    assert names[: len(folder.given)] == list(folder.given) and len(names) >= 2
    assert set(item.labels["own instances"].instances) == {"row", *names}
    row = answered(Asking(translator="reference", time_limit=30), Task(item, 0))
    assert graded(item, row) == {ONE: True, ALL: True}, row["printed"]
    first, *others = (p["values"] for p in row["printed"])
    assert any(values != first for values in others), "every instance has the same answer"
    said = tmp_path / "said.jsonl"
    said.write_text(json.dumps({"id": item.id, "answer": 0, "values": json.loads(first)}))
    shown = answered(Asking(translator="published", predictions=str(said), time_limit=30), Task(item, 0))
    assert graded(item, shown) == {ONE: True, ALL: False}


@pytest.mark.parametrize("folder", GIVEN, ids=lambda f: f.name)
def test_given_data_have_the_names_and_forms_of_one_row(folder: Folder) -> None:
    names = {frozenset(given) for given in folder.given.values()}
    assert len(names) == 1
    bound = [folder.bound(given) for given in folder.given.values()]
    assert len({frozenset(b) for b in bound}) == 1
    assert all(a != b for k, a in enumerate(bound) for b in bound[:k]), "one instance twice"


def test_data_of_other_names_or_forms_stay_out(tmp_path: Path) -> None:
    """They are the document's, but no program that was written for the row could read them."""
    folder = next(f for f in FOLDERS if f.name == "kenken")
    row = row_of(folder, "given_1", {"optimum": None})
    own = row["data"]
    for data, instances in ((own, 4), ({**own, "more": 1}, 1), ({**own, "n": "three"}, 1)):
        (tmp_path / "row.jsonl").write_text(json.dumps({**row, "data": data}))
        assert len(read_items(tmp_path / "row.jsonl", "cpbench")[0].instances) == instances


def test_values_that_mend_a_faulty_row_leave_other_data_alone() -> None:
    folder = next(f for f in FOLDERS if f.name == "csplib_006_golomb_rulers")
    assert folder.held("row.json", {})["values"] == {"size": 10}
    assert folder.bound({"size": 6}) == {"size": 6}


def test_every_folder_has_data_that_are_not_shown_or_is_told_to_have_none() -> None:
    told = (
        (data_folder("datasets") / "cpbench" / "README.md").read_text(encoding="utf-8").split("## Data that are not")[1]
    )
    listed = {f.name for f in FOLDERS if re.search(rf"\b{f.name}\b", told)}
    assert listed == {f.name for f in FOLDERS if not (f.data or f.given)}
    with_data = [f for f in FOLDERS if f.name not in listed]
    assert [f.name for f in with_data if len(f.instances) < 2] == []
    assert re.findall(r"\d+", told)[:2] == [str(len(with_data)), str(len(listed))]


def test_every_hidden_instance_has_an_outcome_of_its_own() -> None:
    for folder in FOLDERS:
        expected = folder.held("expected.json", {})
        assert {*folder.data, *folder.given} <= expected.keys(), folder.name
        assert any(expected[name]["status"] == "optimal" for name in folder.instances)
