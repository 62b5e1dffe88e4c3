"""How many questions a second the harness itself carries: a provider on this machine answers at once.

    python tests/benchmarks/bench_harness.py [--count 300] [--jobs 2]

A language model that fills the document (asked over HTTP, read, checked, solved as declared and over the reals), and
published predictions, ten times as many, where nothing is solved; each with processes and with threads. Wall time from
the first task to the summary, workers' start included, and processor time of all processes, the provider's too: a busy
machine tells the one and not the other. Every answer must be right.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.provider import provider

from nl2opt.bench.forms import read_items
from nl2opt.bench.manifest import Settings
from nl2opt.bench.respondents import Asking
from nl2opt.bench.run import run

TEXT = (
    "A bakery makes croissants and muffins. A croissant earns $2 and a muffin earns $1.50. A croissant needs 5 minutes "
    "in the oven and a muffin needs 3 minutes; the oven is free for at most {} minutes. At least 40% of everything "
    "baked must be croissants. How many of each should be baked to maximize earnings?"
)


def reply(messages: list[dict[str, str]], number: int) -> str:
    """The document of a question, by the minutes in it."""
    (minutes,) = re.findall(r"at most (\d+) minutes", messages[-1]["content"])
    return json.dumps({
        "nl2opt": 1,
        "variables": [{"name": "croissants", "type": "integer"}, {"name": "muffins", "type": "integer"}],
        "constraints": [
            {"name": "oven", "expr": f"5 * croissants + 3 * muffins <= {minutes}"},
            {"name": "share", "expr": "croissants >= 0.4 * (croissants + muffins)"},
        ],
        "objectives": [{"sense": "maximize", "expr": "2 * croissants + 1.5 * muffins"}],
    })  # fmt: skip


def optimum(minutes: int) -> float:
    """By enumeration."""
    return max(
        2 * c + 1.5 * m for c in range(minutes // 5 + 1) for m in range((minutes - 5 * c) // 3 + 1) if 3 * c >= 2 * m
    )


def questions(folder: Path, count: int) -> tuple[Path, Path]:
    """A file of questions and one of right predictions: 300 different texts, each row with an id of its own."""
    optima = [optimum(minutes) for minutes in range(200, 500)]
    rows = [{"id": f"q{k}", "question": TEXT.format(200 + k % 300), "answer": optima[k % 300]} for k in range(count)]
    said = [{"id": row["id"], "answer": row["answer"]} for row in rows]
    paths = folder / "questions.jsonl", folder / "said.jsonl"
    for path, held in zip(paths, (rows, said), strict=True):
        path.write_text("".join(json.dumps(r) + "\n" for r in held))
    return paths


def spent() -> float:
    """Processor seconds of this process, of those below it, and of those of theirs that have ended. Linux."""
    fields: dict[int, list[str]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
    ours, waiting = {os.getpid()}, [os.getpid()]
    while waiting:
        parent = waiting.pop()
        below = [pid for pid, field in fields.items() if int(field[1]) == parent and pid not in ours]
        ours.update(below)
        waiting += below
    ticks = sum(int(t) for pid in ours if pid in fields for t in fields[pid][11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    os.environ.setdefault("NL2OPT_API_KEY", "none")
    with tempfile.TemporaryDirectory() as scratch, provider(reply) as url:
        for translator, count in (("llm", options.count), ("published", 10 * options.count)):
            file, said = questions(Path(scratch), count)
            items = read_items(file, "qa")
            asking = Asking(translator, "m", url, predictions=str(said), cached=False)
            for executor in ("processes", "threads"):
                out = Path(scratch) / f"{translator}-{executor}"
                start, before = time.perf_counter(), spent()
                found = run(items, Settings("", "qa", {}, "", asking), out, options.jobs, executor)
                seconds, used = time.perf_counter() - start, spent() - before
                right = found["labels"]["published"]["accuracy"]["sum"]
                assert right == count, f"{right:g} of {count} right"
                print(
                    f"{translator:9} {executor:9} {count} questions: {count / seconds:.1f}/s, "
                    f"{1000 * used / count:.2f} ms of processor each",
                    flush=True,
                )


if __name__ == "__main__":
    main()
