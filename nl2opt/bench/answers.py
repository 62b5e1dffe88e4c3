"""Folders of documents and the answers a benchmark publishes -> a table: equal, equal once rounded, or different.

    python -m nl2opt.bench.answers FOLDER --rows FILE.jsonl

For benchmarks whose rows are a `question` and its `answer`, a number: the document holds the numbers of the question
itself, `data_1.json` or the document whole. A folder's name carries the row's place in the file, from 0, in three
digits (`mamo_complex_017_relocation`); what else must be said of a row lies in its `row.json`:

    answer    the output whose value the answer is, where it is not the objective
    decimals  the question wants its answer rounded to so many places
    faulty    what is wrong with the question or its answer, in words

Ours is the optimum that `expected.json` holds, which nl2opt.bench.documents verifies; only an output is solved for.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nl2opt.bench.documents import Folder, folders
from nl2opt.check.printed import outputs_of
from nl2opt.solvers import highs

SAME = 1e-6
"""Relative difference within which two answers are one number."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row: our answer and the published one, None where there is no solution or no number is published."""

    name: str
    ours: float | None
    published: float | None
    decimals: int | None
    faulty: str

    @property
    def verdict(self) -> str:
        """`equal`, `equal once rounded` or `different`.

        >>> Comparison("a", 12.3333, 12.0, 0, "").verdict, Comparison("b", 12.3333, 12.0, None, "").verdict
        ('equal once rounded', 'different')
        """
        if self.ours is None or self.published is None:
            return "equal" if self.ours is self.published else "different"
        away = abs(self.ours - self.published)
        if away <= SAME * max(1.0, abs(self.published)):
            return "equal"
        rounded = self.decimals is not None and away <= 0.5 * 10.0**-self.decimals + 1e-9
        return "equal once rounded" if rounded else "different"


def compare(folder: Folder, answers: Sequence[float | None]) -> Comparison:
    """A folder and the answers of all rows -> Comparison."""
    about = folder.held("row.json", {})
    return Comparison(
        folder.name, our_answer(folder), answers[place_of(folder.name)], about.get("decimals"), about.get("faulty", "")
    )


def our_answer(folder: Folder) -> float | None:
    """The optimum of the folder's first instance, or the output that is the answer; None where it has no solution."""
    name, instance = next(iter(folder.instances.items()))
    output = folder.held("row.json", {}).get("answer")
    if output is None:
        optimum: float | None = folder.held("expected.json", {})[name]["optimum"]
        return optimum
    point = highs.solve(instance).point
    return None if point is None else float(outputs_of(instance, point)[output])


def place_of(name: str) -> int:
    """Name of a folder -> the place of its row. Raises ValueError where it carries none."""
    match = re.search(r"_(\d{3})(?=_|$)", name)
    if match is None:
        raise ValueError(f"{name} carries no place of a row, three digits")
    return int(match[1])


def published(path: Path) -> list[float | None]:
    """The answer of each row; None where it is no number, or the -9999 that says there is none."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    numbers = [_number(row["answer"]) for row in rows]
    return [None if n == -9999 else n for n in numbers]


def _number(answer: Any) -> float | None:
    try:
        return float(answer)
    except (TypeError, ValueError):
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser(prog="python -m nl2opt.bench.answers", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=Path, required=True, help="the benchmark, one row a line")
    options = parser.parse_args(arguments)
    answers = published(options.rows)
    found = [compare(folder, answers) for folder in folders(options.folder)]
    for c in found:
        told = f"  faulty: {c.faulty}" if c.faulty else ""
        print(f"{c.verdict:18} {c.name:40} ours {c.ours}, published {c.published}{told}")
    count = Counter(c.verdict for c in found)
    print(f"{len(found)} of {len(answers)} rows: " + ", ".join(f"{n} {verdict}" for verdict, n in count.items()))
    print(f"{sum(bool(c.faulty) for c in found)} faulty")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
