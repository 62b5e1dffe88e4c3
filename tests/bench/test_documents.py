"""Documents under datasets/: each is stated, solved by independent routes, and rejects what it must."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from nl2opt.bench.benchmark_rows import data_of_row, shape_faults
from nl2opt.bench.documents import Folder, folders, verify
from nl2opt.check.feasible import referee
from nl2opt.ir.kind import kind_of
from nl2opt.resources import data_folder
from nl2opt.solvers.result import SolveOptions
from nl2opt.solvers.routes import ROUTES

FOLDERS = folders(data_folder("datasets") / "cpbench")
EXAMPLES = folders(data_folder("datasets") / "examples")
FAST = (
    "ages_of_the_sons", "aircraft_assignment", "allergy", "appointment_scheduling", "bananas", "best_host",
    "bin_packing", "birthday_coins", "building_blocks", "bus_scheduling", "candies", "cell_tower", "chess_set",
    "contracting_costs", "crossword", "crypta", "csplib_016_traffic_lights", "csplib_074_maximum_clique",
)  # fmt: skip
"""Solved by every route in the fast suite; all the others in the slow one."""
FAST_EXAMPLES = (
    "paint_blend", "gravel_haulage", "van_load", "choir_bus", "fair_chores", "stamp_booklets", "small_sudoku",
    "market_stalls", "overbooked_studio", "print_machines", "night_photographer", "rain_barrel",
)  # fmt: skip
"""Solved by the routes that start no program."""


def by_name(name: str) -> Folder:
    return next(f for f in (*FOLDERS, *EXAMPLES) if f.name == name)


@pytest.mark.parametrize("folder", FOLDERS + EXAMPLES, ids=lambda f: f.name)
def test_folder_is_whole(folder: Folder) -> None:
    """Every document reads and checks clean, its instances bind, its points are rejected; no solver is asked."""
    report = verify(folder, routes=())
    unsolved = "solved by 0 of the routes"
    assert [p for p in report.problems if unsolved not in p] == []
    assert report.solves.keys() == set(folder.held("expected.json", {})) - {"warnings"}


@pytest.mark.parametrize("name", FAST)
def test_routes_agree(name: str) -> None:
    report = verify(by_name(name), time_limit=20)
    assert report.problems == []
    assert report.routes >= 2


@pytest.mark.parametrize("name", FAST_EXAMPLES)
def test_examples(name: str) -> None:
    assert verify(by_name(name), time_limit=20, routes=("cpsat", "highs")).problems == []


@pytest.mark.slow
@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda f: f.name)
def test_examples_by_every_route(folder: Folder) -> None:
    assert verify(folder, time_limit=10).problems == []


@pytest.mark.parametrize("name", ["honey_prices", "rain_barrel"])
def test_nonlinear_examples(name: str) -> None:
    """What the verifier's routes leave to the expected point, SCIP with nonlinear equations finds."""
    pytest.importorskip("pyscipopt")
    folder = by_name(name)
    (instance,) = folder.instances.values()
    result = ROUTES["scip_nlp"](instance, SolveOptions(time_limit=20))
    assert result.point is not None
    assert referee(instance, result.point, folder.held("expected.json", {})["model"]["optimum"]).ok


def test_examples_are_told_and_listed() -> None:
    """Each has its text; the table of the README has each once, with its kind."""
    assert [f.name for f in EXAMPLES if not 60 < len(f.model.text.split()) < 180] == []
    table = (data_folder("datasets") / "examples" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\w+)\]\(\1/model\.yaml\) \| (\w+) \|", table, re.MULTILINE)
    assert sorted(listed) == sorted((f.name, kind_of(f.model).name) for f in EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("folder", [f for f in FOLDERS if f.name not in FAST], ids=lambda f: f.name)
def test_routes_agree_on_the_rest(folder: Folder) -> None:
    assert verify(folder).problems == []


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder to spoil."""
    shutil.copytree(by_name("candies").path, tmp_path / "candies")
    return tmp_path / "candies"


def test_another_optimum_is_a_problem(copied: Path) -> None:
    expected = json.loads((copied / "expected.json").read_text(encoding="utf-8"))
    expected["data_1"]["optimum"] += 1
    (copied / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
    assert any("is expected" in p for p in verify(Folder(copied), routes=("cpsat", "highs")).problems)


@pytest.mark.parametrize("reason", [{"violates": "higher_rating_more"}, {"suboptimal": True}])
def test_a_good_point_among_the_perturbed_is_a_problem(copied: Path, reason: dict[str, object]) -> None:
    good = {"x": [2, 1, 1, 2, 3, 1]}
    wrong = [{"instance": "data_1", "point": good, **reason}] * 3
    (copied / "perturbed.json").write_text(json.dumps(wrong), encoding="utf-8")
    assert sum("perturbed point" in p for p in verify(Folder(copied), routes=()).problems) == 3


def test_another_conflict_and_another_number_of_answers_are_problems(tmp_path: Path) -> None:
    for name in ("overbooked_studio", "stamp_booklets"):
        shutil.copytree(by_name(name).path, tmp_path / name)
        path = tmp_path / name / "expected.json"
        expected = json.loads(path.read_text(encoding="utf-8"))
        if "answers" in expected["model"]:
            expected["model"]["answers"] -= 1
        else:
            expected["model"]["conflict"].append("podcast_done")
        path.write_text(json.dumps(expected), encoding="utf-8")
    told = [p for name in ("overbooked_studio", "stamp_booklets")
            for p in verify(Folder(tmp_path / name), routes=("cpsat", "highs")).problems]  # fmt: skip
    assert told == [
        "model: the conflict is bus, drums, one_group, opening, wedding",
        "model: 3 answers were found, 2 are expected",
    ]


def test_a_quote_that_is_not_in_the_text_is_a_problem(tmp_path: Path) -> None:
    shutil.copytree(by_name("paint_blend").path, tmp_path / "paint_blend")
    text = tmp_path / "paint_blend" / "problem.txt"
    text.write_text(text.read_text(encoding="utf-8").replace("at most 26 %", "at most 27 %"), encoding="utf-8")
    assert any("E407" in p for p in verify(Folder(tmp_path / "paint_blend"), routes=()).problems)


def test_fewer_than_three_perturbed_points_and_warnings_are_problems(copied: Path) -> None:
    (copied / "perturbed.json").write_text("[]", encoding="utf-8")
    text = (copied / "model.yaml").read_text(encoding="utf-8")
    (copied / "model.yaml").write_text(text.replace("sets:", "sets:\n  Nobody: [a]", 1), encoding="utf-8")
    problems = verify(Folder(copied), routes=()).problems
    assert any("three are the least" in p for p in problems)
    assert any("W-unused" in p for p in problems)


def test_a_row_is_bound_by_names_characters_and_values() -> None:
    model = by_name("building_blocks").model
    row = {"data": {"listed": ["AB", "CA"], "all": "ABC", "num_blocks": 9, "other": 1}}
    changes = {
        "names": {"Words": "listed"},
        "characters": {"Letters": "all", "letters_of": "listed"},
        "values": {"num_blocks": 2, "num_sides": 3},
    }
    assert data_of_row(row, model, changes) == {
        "Words": ["AB", "CA"], "Letters": ["A", "B", "C"], "letters_of": {"AB": ["A", "B"], "CA": ["C", "A"]},
        "num_blocks": 2, "num_sides": 3,
    }  # fmt: skip


def test_shapes() -> None:
    wanted = {"x": "list[2][1] of bool", "z": "int"}
    assert shape_faults({"x": [[1], [0]], "z": 4}, wanted) == []
    assert shape_faults({"x": [[2], [0]], "z": 4.5, "y": 0}, wanted) == [
        "output y is not asked for", "output x is no list[2][1] of bool", "output z is no int",
    ]  # fmt: skip
    assert shape_faults({"x": [1, 0]}, wanted) == ["output z is missing", "output x is no list[2][1] of bool"]
