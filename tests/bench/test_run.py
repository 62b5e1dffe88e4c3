"""A benchmark run as a user starts it: graded, logged, resumed after kills, the same bytes each time."""

from __future__ import annotations

import json
import multiprocessing
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from bench.crashing import crashing

from nl2opt.bench import manifest
from nl2opt.bench.answering import Task
from nl2opt.bench.forms import read_items
from nl2opt.bench.items import Item, item_of
from nl2opt.bench.log import ANSWER, GRADE, TIME, fault
from nl2opt.bench.manifest import Settings, digest_of
from nl2opt.bench.respondents import Asking
from nl2opt.bench.run import ANSWERS, GRADES, ITEMS, SUMMARY, TIMES, merge, read_run, run
from nl2opt.errors import DataError
from nl2opt.records import read_rows

TEXT = (
    "A bakery makes croissants and muffins. A croissant earns $2 and a muffin earns $1.50. A croissant needs {} "
    "minutes in the oven and a muffin needs 3 minutes; the oven is free for at most 300 minutes. At least 40% of "
    "everything baked must be croissants. How many of each should be baked to maximize earnings?"
)
OPTIMA = {5: 133.5, 4: 150.0, 6: 121.0}  # by enumeration


def questions(folder: Path) -> Path:
    """A file of questions of which three have right answers, one a wrong one, and one text is beyond any translator."""
    rows = [{"id": f"oven-{m}", "question": TEXT.format(m), "answer": a} for m, a in OPTIMA.items()]
    rows += [{"id": "wrong", "question": TEXT.format(7), "answer": 1.0}]
    rows += [{"id": "beyond", "question": "What is the capital of France?", "answer": 3}]
    path = folder / "questions.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return path


def many(folder: Path, count: int) -> tuple[Path, Path]:
    """A file of questions and one of predictions, every third of which is wrong and every seventh missing."""
    rows = [{"id": f"q{k}", "question": f"What is {k} times two?", "answer": 2 * k} for k in range(count)]
    said = [{"id": f"q{k}", "answer": 2 * k + (k % 3 == 0), "confidence": k / count} for k in range(count) if k % 7]
    file, predictions = folder / "many.jsonl", folder / "said.jsonl"
    file.write_text("".join(json.dumps(r) + "\n" for r in rows))
    predictions.write_text("".join(json.dumps(r) + "\n" for r in said))
    return file, predictions


def settings_of(items: list[Item], **asking: Any) -> Settings:
    return Settings("t", items[0].form, {}, digest_of([i.as_json() for i in items]), Asking(**asking))


def command(*args: object) -> list[str]:
    return [sys.executable, "-m", "nl2opt.cli", "bench", *map(str, args)]


def call(*args: object) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    return subprocess.run(command(*args), capture_output=True, text=True, timeout=240)


def test_a_run_from_the_command_line(tmp_path: Path) -> None:
    """Three of five are right; the log says what came of each, its types hold, and every number is in the summary."""
    out = tmp_path / "out"
    done = call("run", "--file", questions(tmp_path), "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    held = found["labels"]["published"]
    assert (held["graded"], held["accuracy"]["sum"]) == (5, 3.0)
    settings, items, answers, grades = read_run(out)
    assert (
        [item.id for item in items] == [a["id"] for a in answers] == ["oven-5", "oven-4", "oven-6", "wrong", "beyond"]
    )
    assert [a["outcome"] for a in answers] == ["answered"] * 4 + ["refused"]
    assert all(not fault(a, ANSWER) for a in answers) and all(not fault(g, GRADE) for g in grades)
    assert {g["id"] for g in grades if g["counts"] and g["hit"] and g["tolerance"] == 1e-6} == {
        "oven-5", "oven-4", "oven-6",
    }  # fmt: skip
    assert held["failures"] == {"value": 1, "not parsed": 1}
    assert settings["asking"]["translator"] == "embedded" and settings["nl2opt"]
    assert json.loads(answers[0]["model"])["variables"] and "text" not in json.loads(answers[0]["model"])
    outputs = manifest.read(out)["outputs"]
    assert outputs == {name: manifest.digest(out / name) for name in (ITEMS, ANSWERS, GRADES, SUMMARY)}
    assert [item_of(item.as_json()) for item in items] == items


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_the_same_bytes_from_every_executor(executor: str, tmp_path: Path) -> None:
    """Order of completion, executor and number of jobs leave no trace but in journal and times."""
    file, predictions = many(tmp_path, 60)
    items = read_items(file, "qa")
    settings = settings_of(items, translator="published", predictions=str(predictions))
    run(items, settings, tmp_path / "a", jobs=1, executor="threads")
    run(items, settings, tmp_path / "b", jobs=4, executor=executor)
    for name in (ITEMS, ANSWERS, GRADES, SUMMARY, manifest.MANIFEST):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert not any(fault(row, TIME) for row in map(json.loads, (tmp_path / "b" / TIMES).read_text().splitlines()))


def test_other_settings_are_another_run(tmp_path: Path) -> None:
    file, predictions = many(tmp_path, 4)
    items = read_items(file, "qa")
    asking = {"translator": "published", "predictions": str(predictions)}
    run(items, settings_of(items, **asking), tmp_path / "a", executor="threads")
    with pytest.raises(DataError, match=r"D305(.|\n)*time_limit"):
        run(items, settings_of(items, **asking, time_limit=1.0), tmp_path / "a", executor="threads")


def killed_again_and_again(tmp_path: Path, kills: int, count: int) -> None:
    """Killed at random moments, of the driver alone, the same command ends with each item once and the right bytes."""
    file, predictions = many(tmp_path, count)
    args = ("--file", file, "--translator", "published", "--predictions", predictions, "--jobs", 2)
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert call("run", *args, "--out", whole).returncode == 0
    rng, journal = random.Random(7), out / "journal.jsonl"
    workers: set[int] = set()
    for k in range(kills):
        before = lines(journal)
        wanted = before + rng.randrange(0, max(2, (count - before) // (kills - k + 2)))
        process = subprocess.Popen(command("run", *args, "--out", out), stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None and lines(journal) < wanted:
            if not k and lines(journal) > before and not workers:
                workers = children(process.pid)
            time.sleep(0.002)
        time.sleep(rng.random() * 0.01)
        assert process.poll() is None, "it ended before it was killed: more questions are needed"
        process.kill()
        process.wait()
    assert call("run", *args, "--out", out).returncode == 0
    keys = [row["key"] for row in read_rows(out / "journal.jsonl")]
    assert sorted(keys) == sorted(f"q{k}#0" for k in range(count))
    for name in (ITEMS, ANSWERS, GRADES, SUMMARY, manifest.MANIFEST):
        assert (whole / name).read_bytes() == (out / name).read_bytes(), name
    time.sleep(1)
    assert workers and not [pid for pid in workers if alive(pid)], "a worker outlives its driver"


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def children(pid: int) -> set[int]:
    """Every process below one."""
    try:
        told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    except FileNotFoundError:
        pytest.skip("ps is not installed")
    direct = {int(p) for p in told.split()}
    return direct.union(*(children(p) for p in direct)) if direct else set()


def alive(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_run_that_is_killed_goes_on(tmp_path: Path) -> None:
    killed_again_and_again(tmp_path, kills=3, count=900)


def _slowly(items: list[Item], settings: Settings, out: Path) -> None:
    """A run that waits after each row, so that a kill finds it at work on a busy machine too."""
    run(items, settings, out, jobs=2, executor="threads", done=lambda row: time.sleep(0.01))


def test_a_run_that_is_killed_twenty_times(tmp_path: Path) -> None:
    """At random moments, in a process that has everything imported, so that each kill finds it at work."""
    count, kills = 1500, 20
    file, predictions = many(tmp_path, count)
    items = read_items(file, "qa")
    settings = settings_of(items, translator="published", predictions=str(predictions))
    whole, out = tmp_path / "whole", tmp_path / "out"
    run(items, settings, whole, jobs=2, executor="threads")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["nl2opt.bench.run", "nl2opt.bench.executors.threads"])
    rng, found = random.Random(11), []
    for _ in range(kills):
        before = lines(out / "journal.jsonl")
        wanted = before + rng.randrange(1, 30)
        process = context.Process(target=_slowly, args=(items, settings, out))
        process.start()
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.is_alive() and lines(out / "journal.jsonl") < wanted:
            time.sleep(0.001)
        time.sleep(rng.random() * 0.005)
        assert process.is_alive(), "it ended before it was killed: more questions are needed"
        process.kill()
        process.join()
        found.append(lines(out / "journal.jsonl"))
    assert found == sorted(set(found)) and found[-1] < count, "each kill came after new rows, and before the end"
    run(items, settings, out, jobs=2, executor="threads")
    keys = [row["key"] for row in read_rows(out / "journal.jsonl")]
    assert sorted(keys) == sorted(f"q{k}#0" for k in range(count))
    for name in (ITEMS, ANSWERS, GRADES, SUMMARY, manifest.MANIFEST):
        assert (whole / name).read_bytes() == (out / name).read_bytes(), name


def test_an_interrupt_leaves_whole_rows(tmp_path: Path) -> None:
    """Ctrl-C ends with the exit code of an interrupt; what is written is read, and the run goes on."""
    file, predictions = many(tmp_path, 900)
    items = read_items(file, "qa")
    args = ("--file", file, "--translator", "published", "--predictions", predictions, "--out", tmp_path / "out")
    process = subprocess.Popen(command("run", *args), stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and process.poll() is None and lines(tmp_path / "out" / "journal.jsonl") < 5:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    done = list(read_rows(tmp_path / "out" / "journal.jsonl"))
    assert 5 <= len(done) < len(items)
    assert call("run", *args).returncode == 0
    assert len(list(read_rows(tmp_path / "out" / "journal.jsonl"))) == len(items)


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    """The journal has one writer."""
    from nl2opt.records import Records

    file, predictions = many(tmp_path, 4)
    items = read_items(file, "qa")
    settings = settings_of(items, translator="published", predictions=str(predictions))
    with Records(tmp_path / "a" / "journal.jsonl"), pytest.raises(DataError, match="D301"):
        run(items, settings, tmp_path / "a", executor="threads")


def test_shards_put_together_are_the_run(tmp_path: Path) -> None:
    """Three parts hold each item once; merged they are the whole, byte for byte."""
    file, predictions = many(tmp_path, 50)
    items = read_items(file, "qa")
    whole = settings_of(items, translator="published", predictions=str(predictions))
    full = run(items, whole, tmp_path / "whole", executor="threads")
    parts = [tmp_path / f"part{k}" for k in (1, 2, 3)]
    for k, part in enumerate(parts, 1):
        shard = Settings(whole.task, whole.form, whole.files, whole.items, whole.asking, shard=(k, 3))
        run(items, shard, part, executor="threads")
    with pytest.raises(DataError, match="not the shards of one run"):
        merge(parts[:2], tmp_path / "less")
    merged = merge(parts, tmp_path / "merged")
    assert merged == full
    for name in (ITEMS, ANSWERS, GRADES, SUMMARY, manifest.MANIFEST):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "merged" / name).read_bytes(), name


def test_a_worker_that_crashes_or_hangs_costs_its_own_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nl2opt.bench.executors import processes

    monkeypatch.setattr(processes, "answered", crashing)
    file, predictions = many(tmp_path, 6)
    asking = Asking(translator="published", predictions=str(predictions))
    tasks = [Task(item, 0) for item in read_items(file, "qa")]
    rows = {row["id"]: row for row in processes.run(asking, tasks, jobs=2, seconds=3)}
    told = {item: rows[item]["outcome"] for item in sorted(rows)}
    expected = dict.fromkeys(("q3", "q4", "q5"), "answered")
    assert told == {"q0": "refused", "q1": "crashed", "q2": "limit", **expected}
    assert rows["q2"]["times"]["seconds"] == 3


def test_the_log_is_read_by_pandas_and_duckdb(tmp_path: Path) -> None:
    """Typed columns, the same in every row, without help."""
    pandas = pytest.importorskip("pandas")
    duckdb = pytest.importorskip("duckdb")
    out = tmp_path / "out"
    items = read_items(questions(tmp_path), "qa")
    run(items, settings_of(items), out, executor="threads")
    frame = pandas.read_json(out / ANSWERS, lines=True)
    assert list(frame.columns) == list(ANSWER) and frame["outcome"].tolist() == ["answered"] * 4 + ["refused"]
    query = (
        f"SELECT a.id, r.objective FROM read_json('{out / ANSWERS}') a, UNNEST(a.readings) AS t(r), "
        f"read_json('{out / TIMES}') s WHERE a.key = s.key AND r.reading = 'declared' AND s.seconds >= 0 ORDER BY a.id"
    )
    assert duckdb.sql(query).fetchall()[:3] == [("oven-4", 150.0), ("oven-5", 133.5), ("oven-6", 121.0)]
    kinds = dict(
        duckdb.sql(f"SELECT name, type FROM (DESCRIBE FROM '{out / GRADES}') t(name, type, x, y, z, w)").fetchall()
    )
    assert (kinds["hit"], kinds["tolerance"], kinds["sample"]) == ("BOOLEAN", "DOUBLE", "BIGINT")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("run", "--out", "o"), "name a task"),
        (("run", "nothing", "--out", "o"), "no task 'nothing'"),
        (("run", "own", "--translator", "nobody", "--out", "o"), "no translator 'nobody'"),
        (("run", "own", "--executor", "moon", "--out", "o"), "no executor 'moon'"),
        (("run", "own", "--shard", "3/2", "--out", "o"), "--shard takes I/N"),
        (("run", "own", "--translator", "llm", "--out", "o"), "needs --model"),
        (("run", "nl4opt", "--out", "o"), "nl2opt bench fetch nl4opt"),
        (("run", "own", "--translator", "published", "--out", "o"), "--predictions FILE"),
        (("compare", ".", "."), "no run lies in this folder"),
    ],
)
def test_wrong_usage_is_told(
    args: tuple[str, ...],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from nl2opt.cli import app

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NL2OPT_BENCH", str(tmp_path / "home"))
    with pytest.raises(SystemExit) as ended:
        app(["bench", *args])
    assert ended.value.code not in (0, None)
    assert told in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "o").exists()
