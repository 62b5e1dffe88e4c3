"""A benchmark run as a user starts it: graded, resumed after a kill, refused with other settings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nl2opt.bench.questions import Question, read_questions
from nl2opt.bench.run import grade, is_correct, summary, wilson
from nl2opt.errors import DataError
from nl2opt.formulate.translators import formulate
from nl2opt.records import read_rows

TEXT = (
    "A bakery makes croissants and muffins. A croissant earns $2 and a muffin earns $1.50. A croissant needs {} "
    "minutes in the oven and a muffin needs 3 minutes; the oven is free for at most 300 minutes. At least 40% of "
    "everything baked must be croissants. How many of each should be baked to maximize earnings?"
)
OPTIMA = {5: 133.5, 4: 150.0, 6: 121.0}  # by enumeration


def questions(folder: Path, *, count: int = 3) -> Path:
    """A file of questions of which two have right answers, one a wrong one, and one text is beyond any translator."""
    rows = [{"question": TEXT.format(m), "answer": a} for m, a in list(OPTIMA.items())[:count]]
    rows += [{"question": TEXT.format(7), "answer": 1.0}, {"question": "What is the capital of France?", "answer": 3}]
    path = folder / "questions.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return path


def start(*args: str) -> subprocess.Popen[str]:
    """The command line in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "nl2opt.cli", "bench", "run", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def test_a_run_that_is_killed_goes_on(tmp_path: Path) -> None:
    """Killed after its first item, the same command does the rest: each item once, the same verdicts as in one go."""
    file, out = questions(tmp_path), tmp_path / "out"
    process = start("--file", str(file), "--out", str(out))
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and not list(read_rows(out / "items.jsonl")):
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    again = start("--file", str(file), "--out", str(out), "--json")
    found = json.loads(again.communicate(timeout=120)[0])
    rows = list(read_rows(out / "items.jsonl"))
    assert len(rows) == len({r["id"] for r in rows}) == 5
    by_id = {q.id: q for q in read_questions(file)}
    assert {by_id[r["id"]].answer for r in rows if r["correct"]} == {133.5, 150.0, 121.0}
    assert (found["questions"], found["correct"]) == (5, 3)
    assert found["statuses"]["refused"] == 1 and found["low"] < 0.6 < found["high"]


def test_another_run_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    """A folder belongs to one file and one translator."""
    out = tmp_path / "out"
    first = start("--file", str(questions(tmp_path, count=0)), "--out", str(out))
    first.communicate(timeout=120)
    other = start("--file", str(questions(tmp_path, count=1)), "--out", str(out))
    _, told = other.communicate(timeout=120)
    assert (first.returncode, other.returncode) == (0, 4) and "another run" in told


@pytest.mark.parametrize(
    ("line", "told"),
    [("{", "line 2"), ('{"answer": 3}', "line 2"), ('{"question": "x", "answer": "many"}', "line 2"), ("[]", "line 2")],
)
def test_a_bad_line_is_named(line: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "x", "answer": 1}\n' + line + "\n")
    with pytest.raises(DataError, match=told):
        read_questions(path)


@pytest.mark.parametrize(
    ("given", "status", "value"),
    [(3, "optimal", 3.0), ("3,500", "optimal", 3500.0), ("Infeasible.", "infeasible", None), (None, None, None)],
)
def test_answers_as_they_are_written(given: object, status: str | None, value: float | None, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(json.dumps({"en_question": "x", "en_answer": given}))
    (found,) = read_questions(path)
    assert (found.status, found.answer) == (status, value)


@pytest.mark.parametrize(
    ("status", "objective", "right"),
    [
        ("optimal", 100.0, True),
        ("optimal", 100.00009, True),
        ("optimal", 100.0002, False),
        ("optimal", None, False),
        ("time_limit", 100.0, False),
        ("infeasible", None, False),
        ("error", None, False),
    ],
)
def test_grading(status: str, objective: float | None, right: bool) -> None:
    """Optimum at 1e-6, a limit or an error is never a hit."""
    assert is_correct(Question("q", "x", 100.0, "optimal"), status, objective) is right
    assert not is_correct(Question("q", "x", None, None), status, objective)


def test_a_crash_is_a_row() -> None:
    """Whatever a translator raises, the item is graded wrong and the run goes on."""

    def crash(text: str) -> None:
        raise RecursionError("deep")

    row = grade(Question("q", "x", 1.0, "optimal"), crash, 5)  # type: ignore[arg-type]
    assert (row["status"], row["correct"]) == ("error", False) and "deep" in row["error"]


def test_a_row_holds_no_text() -> None:
    """What is logged is the model and the verdict."""
    row = grade(Question("q", TEXT.format(5), 133.5, "optimal"), formulate, 20)
    assert row["correct"] and "text" not in row["model"]


def test_summary_of_nothing() -> None:
    assert summary([]).questions == 0 and wilson(0, 0) == (0.0, 1.0)
