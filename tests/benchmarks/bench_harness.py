"""How many questions a second the harness itself carries: a provider on this machine answers at once.

    python tests/benchmarks/bench_harness.py [--count 300] [--jobs 2]

Three rows: a language model that fills the document (asked over HTTP, checked, solved in three readings), published
predictions (nothing is solved), and each with processes and with threads. Wall time and processor time of all
processes, since a busy machine tells the one and not the other.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
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

DOCUMENT = json.dumps({
    "nl2opt": 1,
    "variables": [{"name": "x", "type": "integer"}, {"name": "y", "type": "integer"}],
    "constraints": [{"name": "oven", "expr": "5 * x + 3 * y <= 300"}, {"name": "share", "expr": "3 * x >= 2 * y"}],
    "objectives": [{"sense": "maximize", "expr": "2 * x + 1.5 * y"}],
})  # fmt: skip


def spent() -> float:
    """Processor seconds of this process and of those that have ended."""
    return sum(
        u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    os.environ.setdefault("NL2OPT_API_KEY", "none")
    with tempfile.TemporaryDirectory() as scratch, provider(lambda messages, n: DOCUMENT) as url:
        folder = Path(scratch)
        rows = [{"id": f"q{k}", "question": f"Question {k}: make 5 x and 3 y.", "answer": 133.5}
                for k in range(options.count)]  # fmt: skip
        said = [{"id": f"q{k}", "answer": 133.5} for k in range(options.count)]
        for name, held in (("q.jsonl", rows), ("p.jsonl", said)):
            (folder / name).write_text("".join(json.dumps(r) + "\n" for r in held))
        items = read_items(folder / "q.jsonl", "qa")
        for translator in ("llm", "published"):
            asking = Asking(translator, "m", url, predictions=str(folder / "p.jsonl"), cached=False)
            for executor in ("processes", "threads"):
                out = folder / f"{translator}-{executor}"
                start, before = time.perf_counter(), spent()
                found = run(items, Settings("", "qa", {}, "", asking), out, options.jobs, executor)
                seconds, used = time.perf_counter() - start, spent() - before
                right = found["labels"]["published"]["accuracy"]["sum"]
                print(
                    f"{translator:9} {executor:9} {options.count} questions, {right:g} right: "
                    f"{options.count / seconds:.1f}/s, {1000 * used / options.count:.1f} ms of processor each",
                    flush=True,
                )


if __name__ == "__main__":
    main()
