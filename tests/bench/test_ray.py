"""Runs on a local Ray cluster: the same bytes, whatever is killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.crashing import crashing

from nl2opt.bench import manifest
from nl2opt.bench.answering import Task
from nl2opt.bench.executors import ray as executor
from nl2opt.bench.forms import read_items
from nl2opt.bench.respondents import Asking
from nl2opt.bench.run import ANSWERS, GRADES, ITEMS, JOURNAL, SUMMARY
from nl2opt.errors import SolverFailure
from nl2opt.records import read_rows

TEXT = (
    "A bakery makes croissants and muffins. A croissant earns $2 and a muffin earns $1.50. A croissant needs 5 minutes "
    "in the oven and a muffin needs 3 minutes; the oven is free for at most {} minutes. At least 40% of everything "
    "baked must be croissants. How many of each should be baked to maximize earnings?"
)


def questions(folder: Path, count: int) -> Path:
    import json

    path = folder / "questions.jsonl"
    rows = [{"id": f"q{k}", "question": TEXT.format(200 + k), "answer": 1} for k in range(count)]
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return path


def command(file: Path, out: Path, place: str) -> list[str]:
    told = ("run", "--file", file, "--out", out, "--jobs", 2, "--executor", place)
    return [sys.executable, "-m", "nl2opt.cli", "bench", *map(str, told)]


def rows(out: Path) -> int:
    journal = out / JOURNAL
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def until(out: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while rows(out) < count:
        assert process.poll() is None and time.monotonic() < deadline, "it ended before it was killed"
        time.sleep(0.01)


def below(pid: int) -> Iterator[tuple[int, str]]:
    """Every process below one, with its title."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    waiting = [pid]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            waiting.append(child)
            try:
                yield child, Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The questions, and their run in threads."""
    pytest.importorskip("ray")
    folder = tmp_path_factory.mktemp("ray")
    file = questions(folder, 40)
    subprocess.run(command(file, folder / "whole", "threads"), check=True, capture_output=True, timeout=240)
    return file, folder / "whole"


def same(whole: Path, out: Path) -> None:
    keys = [row["key"] for row in read_rows(out / JOURNAL)]
    assert len(keys) == len(set(keys)) == rows(whole)
    for name in (ITEMS, ANSWERS, GRADES, SUMMARY, manifest.MANIFEST):
        assert (whole / name).read_bytes() == (out / name).read_bytes(), name


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_worker_is_replaced(undisturbed: tuple[Path, Path], tmp_path: Path) -> None:
    """Both workers are killed at work, each once: every item is answered all the same."""
    file, whole = undisturbed
    process = subprocess.Popen(command(file, tmp_path / "out", "ray"), stdout=subprocess.DEVNULL)
    killed = 0
    for wanted in (2, 8):
        until(tmp_path / "out", wanted, process)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            working = [pid for pid, title in below(process.pid) if title.startswith("ray::answered")]
            if working:
                os.kill(working[0], signal.SIGKILL)
                killed += 1
                break
    assert process.wait(240) == 0 and killed == 2
    same(whole, tmp_path / "out")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_driver_is_resumed(undisturbed: tuple[Path, Path], tmp_path: Path) -> None:
    """The same command goes on where it stopped; no worker of the cluster that was started outlives its driver.

    Ray's own two agents do so for a minute, until they miss what they serve; they are not waited for.
    """
    file, whole = undisturbed
    process = subprocess.Popen(command(file, tmp_path / "out", "ray"), stdout=subprocess.DEVNULL)
    until(tmp_path / "out", 5, process)
    started = [pid for pid, title in below(process.pid) if "Agent" not in title and "agent" not in title]
    process.kill()
    process.wait()
    before = rows(tmp_path / "out")
    assert 5 <= before < 40
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and any(_alive(pid) for pid in started):
        time.sleep(0.2)
    assert started and not [pid for pid in started if _alive(pid)]
    subprocess.run(command(file, tmp_path / "out", "ray"), check=True, capture_output=True, timeout=240)
    same(whole, tmp_path / "out")


def _alive(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_what_ends_its_workers_costs_its_own_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After three workers it is held to be at fault itself; what never ends is ended."""
    ray = pytest.importorskip("ray")
    ray.cloudpickle.register_pickle_by_value(sys.modules[crashing.__module__])
    monkeypatch.setattr(executor, "answered", crashing)
    tasks = [Task(item, 0) for item in read_items(questions(tmp_path, 5), "qa")]
    found = {row["id"]: row["outcome"] for row in executor.run(Asking(), tasks, jobs=2, seconds=25)}
    expected = dict.fromkeys(("q0", "q3", "q4"), "answered")
    assert found == {"q1": "crashed", "q2": "limit", **expected}


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SolverFailure, match="the package ray is not installed"):
        next(executor.run(Asking(), [], 1, 1.0))
