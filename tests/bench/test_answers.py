"""Documents of questions with a published answer: stated, solved by independent routes, compared with the answer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from nl2opt.bench.answers import Comparison, compare, main, place_of, published
from nl2opt.bench.documents import Folder, folders, verify
from nl2opt.resources import data_folder

SETS = ("mamo_complex", "industryor", "optmath_bench")
FOLDERS = [f for name in SETS for f in folders(data_folder("datasets") / name)]
FAST = (
    "mamo_complex_006_diet", "mamo_complex_020_relocation", "mamo_complex_023_round_trip", "mamo_complex_061_max_flow",
    "mamo_complex_055_facility", "mamo_complex_064_largest_circle",
    "industryor_004_motorcycles", "industryor_016_courses", "industryor_027_shops_in_a_mall",
    "optmath_bench_002_three_node_links", "optmath_bench_009_generators_plain", "optmath_bench_014_transit_lines",
)  # fmt: skip
"""One of each common family, solved in the fast suite; all in the slow one."""


def by_name(name: str) -> Folder:
    return next(f for f in FOLDERS if f.name == name)


@pytest.mark.parametrize("name", FAST)
def test_routes_agree(name: str) -> None:
    report = verify(by_name(name), time_limit=20, routes=("cpsat", "highs"))
    assert report.problems == []
    assert report.routes >= 2


@pytest.mark.slow
@pytest.mark.parametrize("folder", [f for f in FOLDERS if f.name not in FAST], ids=lambda f: f.name)
def test_routes_agree_on_the_rest(folder: Folder) -> None:
    assert verify(folder).problems == []


def test_folders_carry_the_place_of_their_row_and_no_two_the_same() -> None:
    for name in SETS:
        places = [place_of(f.name) for f in FOLDERS if f.name.startswith(name)]
        assert places
        assert len(set(places)) == len(places)
    with pytest.raises(ValueError, match="no place of a row"):
        place_of("diet")


def test_faulty_rows_are_told_in_the_readme() -> None:
    for name in SETS:
        text = (data_folder("datasets") / name / "README.md").read_text(encoding="utf-8")
        faulty = [f.name for f in FOLDERS if f.name.startswith(name) and "faulty" in f.held("row.json", {})]
        assert [f for f in faulty if f not in text] == []


def test_what_no_route_takes_is_judged_by_its_expected_point(tmp_path: Path) -> None:
    copied = tmp_path / "cone"
    shutil.copytree(by_name("optmath_bench_036_one_cone_four_balances").path, copied)
    assert verify(Folder(copied), routes=("highs",)).problems == []
    expected = json.loads((copied / "expected.json").read_text(encoding="utf-8"))
    expected["data_1"]["optimum"] += 1
    expected["data_1"]["routes"] = 1
    (copied / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
    told = "\n".join(verify(Folder(copied), routes=("highs",)).problems)
    assert "rejects the expected point: objective_differs" in told
    assert "solved by 0 of the routes, 1 are told" in told


@pytest.mark.parametrize(
    ("ours", "answer", "decimals", "verdict"),
    [
        (26, 26.0, None, "equal"),
        (None, None, None, "equal"),
        (None, 5.0, None, "different"),
        (5.0, None, None, "different"),
        (12.4, 12.0, 0, "equal once rounded"),
        (12.6, 12.0, 0, "different"),
        (1e9 + 1, 1e9, None, "equal"),
    ],
)
def test_verdicts(ours: float | None, answer: float | None, decimals: int | None, verdict: str) -> None:
    assert Comparison("a", ours, answer, decimals, "").verdict == verdict


def test_an_output_may_be_the_answer() -> None:
    found = compare(by_name("mamo_complex_064_largest_circle"), [66.37] * 70)
    assert found.verdict == "equal once rounded"
    assert found.ours == pytest.approx(66.366145, rel=1e-6)


def test_a_table_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for i, answer in enumerate(["22", "-9999", "No Best Solution"]):
        folder = tmp_path / "set" / f"own_{i:03d}_diet"
        shutil.copytree(by_name("mamo_complex_006_diet").path, folder)
        (folder / "row.json").write_text(json.dumps({"faulty": "own"} if i == 1 else {}), encoding="utf-8")
        with (tmp_path / "rows.jsonl").open("a", encoding="utf-8") as rows:
            rows.write(json.dumps({"question": "?", "answer": answer}) + "\n")
    assert published(tmp_path / "rows.jsonl") == [22.0, None, None]
    assert main([str(tmp_path / "set"), "--rows", str(tmp_path / "rows.jsonl")]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told[:3]] == ["equal", "different", "different"]
    assert "faulty: own" in told[1]
    assert told[3:] == ["3 of 3 rows: 1 equal, 2 different", "1 faulty"]
