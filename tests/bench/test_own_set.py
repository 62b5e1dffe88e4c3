"""The problems of datasets/own: whole, told in the manifests, solved by two routes, and their wrong models differ."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from nl2opt.bench.documents import Folder, folders, verify
from nl2opt.bench.forms import read_items
from nl2opt.bench.own_set import rows_of, split_of, wrong_problems
from nl2opt.ir.kind import kind_of
from nl2opt.resources import data_folder

OWN = data_folder("datasets") / "own"
FOLDERS = folders(OWN)
SAMPLE = [f for i, f in enumerate(FOLDERS) if i % 10 == 0]
"""Solved in the fast suite; all of them in the slow one."""


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_folder_is_whole(folder: Folder) -> None:
    """The document reads and checks clean with its text, its instances bind, wrong points are rejected, and the card
    tells the kind that the model is of."""
    problems = [p for p in verify(folder, routes=()).problems if "solved by 0 of the routes" not in p]
    assert problems == []
    expected = folder.held("expected.json", {})
    assert folder.instances.keys() == expected.keys() - {"warnings"}
    card = folder.held("card.json", {})
    assert (card["kind"], card["difficulty"] in ("easy", "medium", "hard")) == (kind_of(folder.model).name, True)


@pytest.mark.parametrize("folder", SAMPLE, ids=lambda f: f.name)
def test_sample_by_two_routes(folder: Folder) -> None:
    assert verify(folder, time_limit=60, routes=("cpsat", "highs")).problems == []
    assert list(wrong_problems(folder, time_limit=60)) == []


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_all_by_two_routes(folder: Folder) -> None:
    assert verify(folder, time_limit=60, routes=("cpsat", "highs")).problems == []
    assert list(wrong_problems(folder, time_limit=60)) == []


def test_manifests_tell_the_folders() -> None:
    """`python -m nl2opt.bench.own_set datasets/own` writes them; what cannot be graded asks for no optimum."""
    for split, lines in rows_of(OWN).items():
        file = OWN / f"{split}.jsonl"
        assert file.read_text(encoding="utf-8").splitlines() == lines
        rows = {row["id"]: row for row in map(json.loads, lines)}
        ungraded = {q.id for q in read_items(file, "qa") if not q.label("published").readings}
        assert ungraded == {name for name, row in rows.items() if row["answer"] is None}
        assert {split_of(name) for name in rows} == {split}


def test_a_wrong_model_that_is_right_is_told(tmp_path: Path) -> None:
    folder = next(f for f in FOLDERS if f.name == "cheese_dairy")
    shutil.copytree(folder.path, tmp_path / "cheese_dairy")
    copied = Folder(tmp_path / "cheese_dairy")
    shutil.copy(copied.path / "model.yaml", copied.path / "wrong_1.yaml")
    assert list(wrong_problems(copied)) == [
        "wrong_1: model gives {'status': 'optimal', 'optimum': 1168.0}, {'status': 'optimal', 'optimum': 1196} is told"
    ]
    card = copied.held("card.json", {})
    card["wrong"]["wrong_1"]["gives"] = {"model": {"status": "optimal", "optimum": 1168}}
    (copied.path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    assert list(wrong_problems(copied)) == ["wrong_1 differs on no instance"]
    (copied.path / "wrong_1.yaml").unlink()
    assert list(wrong_problems(copied)) == ["wrong models are [], the card tells ['wrong_1']"]
