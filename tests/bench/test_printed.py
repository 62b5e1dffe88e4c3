"""Printed solutions: gold is accepted by two routes, whatever is perturbed is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nl2opt.bench.answering import Task, answered
from nl2opt.bench.documents import Folder, folders, point_of
from nl2opt.bench.forms import read_items
from nl2opt.bench.grading import ALL, ONE, grade
from nl2opt.bench.items import Item
from nl2opt.bench.respondents import Asking, question_of
from nl2opt.check.printed import judge_printed, outputs_of, same
from nl2opt.errors import Nl2optError
from nl2opt.resources import data_folder

FOLDERS = folders(data_folder("datasets") / "cpbench")


def by_name(name: str) -> Folder:
    return next(f for f in FOLDERS if f.name == name)


def candies(folder: Path, **changes: Any) -> Item:
    """Our own row over a document of ours: eight children and their ratings."""
    row = {"id": "own/candies", "question": "Few candies for children in a line.", "data_notes": ["in their order"],
           "data": {"ratings": [1, 2, 3, 1]}, "output": {"z": "int", "x": "list[4] of int"}, "optimum": 7}  # fmt: skip
    path = folder / "row.jsonl"
    path.write_text(json.dumps(row | changes))
    return read_items(path, "cpbench")[0]


def said(folder: Path, item: Item, values: Any, objective: Any = 7) -> dict[str, dict[str, Any]]:
    """Grades of published values, by reading."""
    path = folder / "said.jsonl"
    path.write_text(json.dumps({"id": item.id, "answer": objective, "values": values}))
    row = answered(Asking(translator="published", predictions=str(path), time_limit=20), Task(item, 0))
    return {g["reading"]: g for g in grade(row, item.label("own instances"), "own instances", 1e-6)}


def test_gold_passes_on_every_instance(tmp_path: Path) -> None:
    item = candies(tmp_path)
    assert [i.name for i in item.instances] == ["row", "data_1", "data_2"]
    row = answered(Asking(translator="reference", time_limit=20), Task(item, 0))
    found = {g["reading"]: g["hit"] for g in grade(row, item.label("own instances"), "own instances", 1e-6)}
    assert found == {ONE: True, ALL: True}


@pytest.mark.parametrize(
    ("values", "hit", "told"),
    [
        ({"z": 7, "x": [1, 2, 3, 1]}, True, ""),
        ({"z": 7, "x": [1, 2, 3, 1], "more": "is no fault"}, True, ""),
        ({"z": 8, "x": [1, 2, 4, 1]}, False, "value"),  # a solution, not the best
        ({"z": 6, "x": [1, 2, 2, 1]}, False, "solution"),  # breaks a rule
        ({"z": 8, "x": [1, 2, 3, 1]}, False, "solution"),  # does not add up
        ({"z": 7}, False, "solution"),
        ({"z": 7, "x": [1, 2, 3]}, False, "solution"),
        ({"z": 7, "x": [1, 2, 3, None]}, False, "solution"),
        ({"z": 7, "x": [1, 2, 3, float("nan")]}, False, "solution"),
        ({"z": 7, "x": {"0": 1}}, False, "solution"),
        ({}, False, "solution"),
        ([1, 2, 3, 1], False, "solution"),
    ],
)
def test_what_is_printed_is_judged(values: Any, hit: bool, told: str, tmp_path: Path) -> None:
    """The claimed objective counts for nothing, only what the document makes of the printed values."""
    item = candies(tmp_path)
    found = said(tmp_path, item, values)
    assert (found[ONE]["hit"], found[ONE]["failure"]) == (hit, told)
    assert not found[ALL]["hit"]  # it was printed for one instance only


def test_a_row_without_a_document_is_not_graded(tmp_path: Path) -> None:
    item = candies(tmp_path, id="own/nobody_knows")
    row = answered(Asking(translator="reference"), Task(item, 0))
    (only,) = grade(row, item.label("published"), "published", 1e-6)
    assert (only["graded"], only["hit"]) == (False, False)


def test_a_row_that_names_no_values_is_judged_by_those_of_its_document(tmp_path: Path) -> None:
    """They are asked for by name, and gold passes."""
    item = candies(tmp_path, output={})
    assert set(item.outputs) == {"z", "x"} and "- x: as the text says" in question_of(item)
    row = answered(Asking(translator="reference", time_limit=20), Task(item, 0))
    assert all(g["hit"] for g in grade(row, item.label("own instances"), "own instances", 1e-6))
    assert not said(tmp_path, item, {"z": 6, "x": [1, 2, 2, 1]})[ONE]["hit"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_points_that_must_be_rejected_are(folder: Folder) -> None:
    """What a perturbed point would have printed is no solution, or is worse than the optimum."""
    expected = folder.held("expected.json", {})
    judged = 0
    for wrong in folder.held("perturbed.json", []):
        instance = folder.instances[wrong["instance"]]
        try:
            point = point_of(instance, wrong["point"])
            printed = json.loads(json.dumps(outputs_of(instance, point)))
        except (Nl2optError, ValueError, TypeError):
            continue  # the point has no outputs at all
        found = judge_printed(instance, printed, 20)
        optimum = expected[wrong["instance"]].get("optimum")
        if found.satisfies:  # the outputs hide what was perturbed, or it was only not the best
            assert not wrong.get("suboptimal") or optimum is None or found.objective != pytest.approx(optimum)
            continue
        judged += 1
    assert judged or any(w.get("suboptimal") for w in folder.held("perturbed.json", []))


def test_same_values() -> None:
    assert same([[True, 0]], [[1, False]]) and same({"a": 1.0000000001}, {"a": 1}) and same("x", "x")
    assert not same([1], [1, 2]) and not same(1, None) and not same([1], 1) and not same("1", 2)
