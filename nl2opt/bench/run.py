"""Items, settings -> a folder: every item answered, logged and graded once, however often the run is interrupted.

    manifest.json   what was run: versions, seed, settings, checksums
    items.jsonl     the items with every version of their labels, and their place among all that the shards share
    journal.jsonl   the rows in the order in which they were done: what a resumed run goes by
    answers.jsonl   the same rows in the order of the items, without times (see nl2opt.bench.log)
    times.jsonl     what each took
    grades.jsonl    every answer under every label, tolerance and reading
    summary.json    the numbers of the reports

The journal has one writer. A run that was interrupted, or killed, goes on where it stopped when the same command is
given again; with the same settings every file but journal and times has the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from nl2opt.bench import manifest
from nl2opt.bench.answering import Task
from nl2opt.bench.executors import executor_of
from nl2opt.bench.grading import grades
from nl2opt.bench.items import Item, item_of, versions_of
from nl2opt.bench.log import ANSWER, GRADE, TIME, fault
from nl2opt.bench.manifest import Settings
from nl2opt.bench.respondents import prepare
from nl2opt.bench.summary import summarize
from nl2opt.errors import DataError, Diagnostic
from nl2opt.records import Records, Row, read_rows

ITEMS, JOURNAL, ANSWERS, TIMES = "items.jsonl", "journal.jsonl", "answers.jsonl", "times.jsonl"
GRADES, SUMMARY = "grades.jsonl", "summary.json"
GRACE: Final = 60.0
"""Seconds a task gets beyond its solves and its translator before its worker is ended."""


def in_shard(item: Item, shard: tuple[int, int]) -> bool:
    """Whether an item is of the i-th of n parts: by its id, so that parts do not depend on the order of a file."""
    place = int.from_bytes(hashlib.sha256(item.id.encode()).digest()[:8], "big") % shard[1]
    return place == shard[0] - 1


def chosen(items: Sequence[Item], settings: Settings) -> list[Item]:
    """The items of a run: its shard of all or of the first ``limit``."""
    head = items[: settings.limit] if settings.limit else items
    return [item for item in head if in_shard(item, settings.shard)]


def run(
    items: Sequence[Item], settings: Settings, out: Path, jobs: int = 1, executor: str = "processes",
    done: Callable[[Row], None] = lambda row: None,
) -> dict[str, Any]:  # fmt: skip
    """Do what is not done yet, ``jobs`` at a time; ``done`` is called with each new row. -> the summary.

    Raises DataError: D305 where the folder holds another run, D301 where another process writes it; SolverFailure and
    ModelFailure where the translator or the executor cannot start at all. An interrupt leaves whole rows.
    """
    wanted = chosen(items, settings)
    prepare(settings.asking)  # what is missing is told once, before any work
    carried_out = executor_of(executor)
    manifest.begin(out, settings)
    place = {item.id: k for k, item in enumerate(items)}
    _write_rows(out / ITEMS, ({**item.as_json(), "place": place[item.id]} for item in wanted))
    tasks = [Task(item, k) for item in wanted for k in range(settings.samples)]
    # a task solves at most once a reading and twice a data instance
    longest = max((3 + 2 * len(i.instances) for i in wanted), default=1)
    seconds = GRACE + (settings.asking.time_limit or 3600.0) * (longest + 2)
    with Records(out / JOURNAL) as records:
        waiting = [t for t in tasks if t.key not in records.done]
        for row in carried_out.run(settings.asking, waiting, jobs, seconds):
            _check(row)
            records.append(row["key"], row)
            done(row)
    return derive(out)


def _check(row: Row) -> None:
    answer = {k: v for k, v in row.items() if k != "times"}
    told = fault(answer, ANSWER) or fault({"key": row["key"], **row["times"]}, TIME)
    if told:
        raise TypeError(f"row {row['key']!r} does not fit the log: {told}")


def derive(out: Path) -> dict[str, Any]:
    """A folder's journal and items -> its other files, anew; also for a run that is not complete. -> the summary."""
    settings = manifest.read(out)["settings"]
    items = [item_of(raw) for raw in _read(out / ITEMS)]
    by_key = {row["key"]: row for row in read_rows(out / JOURNAL)}
    keys = [Task(item, k).key for item in items for k in range(settings["samples"])]
    rows = [by_key[key] for key in keys if key in by_key]
    answers = [{k: v for k, v in row.items() if k != "times"} for row in rows]
    _write_rows(out / ANSWERS, answers)
    _write_rows(out / TIMES, ({"key": row["key"], **row["times"]} for row in rows))
    graded = list(grades(answers, {i.id: i for i in items}, versions_of(items)))
    for row in graded[:1]:
        if told := fault(row, GRADE):
            raise TypeError(f"grade {row['key']!r} does not fit the log: {told}")
    _write_rows(out / GRADES, graded)
    found = summarize(items, answers, graded, settings)
    manifest.write(out / SUMMARY, found)
    manifest.finish(out, len(rows) == len(keys), (ITEMS, ANSWERS, GRADES, SUMMARY))
    return found


def merge(shards: Sequence[Path], out: Path) -> dict[str, Any]:
    """Folders of the shards of one run -> one folder with the bytes of a run at once. Raises DataError (D305)."""
    settings = [manifest.read(s)["settings"] for s in shards]
    alike = [{k: v for k, v in s.items() if k != "shard"} for s in settings]
    parts = [tuple(s["shard"]) for s in settings]
    whole = {(k, parts[0][1]) for k in range(1, parts[0][1] + 1)}
    if any(a != alike[0] for a in alike) or len(set(parts)) != len(parts) or set(parts) != whole:
        found = ", ".join(f"{p.name}: {i}/{n}" for p, (i, n) in zip(shards, parts, strict=True))
        expected = "every shard of one run once, all with the same settings"
        raise DataError(Diagnostic("D305", "the folders are not the shards of one run", found=found, expected=expected))
    out.mkdir(parents=True, exist_ok=True)
    if (out / manifest.MANIFEST).exists():
        raise DataError(Diagnostic("D305", "the folder holds another run", str(out), fix="another --out"))
    items = [item for s in shards for item in _read(s / ITEMS)]
    _write_rows(out / ITEMS, sorted(items, key=lambda raw: int(raw["place"])))
    with Records(out / JOURNAL) as records:
        for s in shards:
            for row in read_rows(s / JOURNAL):
                records.append(row["key"], row)
    joined = {**settings[0], "shard": [1, 1]}
    manifest.write(out / manifest.MANIFEST, {"settings": joined, "complete": False, "outputs": {}})
    return derive(out)


def read_run(folder: Path) -> tuple[dict[str, Any], list[Item], list[Row], list[Row]]:
    """A run folder -> its settings, items, answers and grades. Raises DataError (D310) where there is none."""
    settings = manifest.read(folder)["settings"]
    items = [item_of(raw) for raw in _read(folder / ITEMS)]
    return settings, items, _read(folder / ANSWERS), _read(folder / GRADES)


def _read(path: Path) -> list[Row]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Whole or not at all."""
    part = path.with_suffix(".part")
    with part.open("w", encoding="ascii") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=True) + "\n")
    part.replace(path)
