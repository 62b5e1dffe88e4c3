"""Questions, translator -> a folder of graded items: every question translated, solved and compared, once.

The folder holds `manifest.json` (what was run) and `items.jsonl` (one row a question, written as each is done), so a
run that was interrupted, or killed, goes on where it stopped when the same command is given again.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from nl2opt.bench.questions import Question
from nl2opt.errors import DataError, Diagnostic, Nl2optError
from nl2opt.explain.answer import answer
from nl2opt.formulate.formulation import Formulation
from nl2opt.ir.bind import bind
from nl2opt.records import Records, Row, read_rows
from nl2opt.solvers.result import SolveOptions

SAME: Final = 1e-6
"""Relative difference within which two optima are one."""

ITEMS, MANIFEST = "items.jsonl", "manifest.json"

Translate = Callable[[str], Formulation]


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides a run's rows: two runs with the same settings and file give the same rows, times aside."""

    version: str
    file: str
    sha256: str
    translator: str
    model: str
    time_limit: float


def settings_of(file: Path, translator: str, model: str, time_limit: float) -> Settings:
    """A file of questions and how it is answered -> the settings of the run."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Settings(version("nl2opt"), file.name, digest, translator, model, time_limit)


def run(
    questions: Sequence[Question], translate: Translate, settings: Settings, out: Path, jobs: int = 1,
    done: Callable[[Row], None] = lambda row: None,
) -> list[Row]:  # fmt: skip
    """Grade what is not graded yet, ``jobs`` at a time; ``done`` is called with each new row. -> every row.

    Raises DataError (D305) where the folder holds a run with other settings. An interrupt leaves whole rows.
    """
    out.mkdir(parents=True, exist_ok=True)
    _check_manifest(out / MANIFEST, settings)
    with Records(out / ITEMS) as records:
        waiting = iter([q for q in questions if q.id not in records.done])
        for row in _graded(waiting, translate, settings.time_limit, jobs):
            records.append(row["id"], row)
            done(row)
    return list(read_rows(out / ITEMS))


def _check_manifest(path: Path, settings: Settings) -> None:
    if not path.exists():
        path.write_text(json.dumps(asdict(settings), indent=1) + "\n", encoding="utf-8")
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    differing = [k for k, v in asdict(settings).items() if before.get(k) != v]
    if differing:
        found = ", ".join(f"{k} was {before.get(k)!r}" for k in differing)
        raise DataError(Diagnostic("D305", "the folder holds another run", str(path), found, fix="another --out"))


def _graded(questions: Iterator[Question], translate: Translate, time_limit: float, jobs: int) -> Iterator[Row]:
    """Rows in the order in which they are done, never more than ``jobs`` questions at work."""
    with ThreadPoolExecutor(jobs) as pool:
        at_work: set[Future[Row]] = set()
        try:
            for q in questions:
                at_work.add(pool.submit(grade, q, translate, time_limit))
                if len(at_work) >= jobs:
                    ready, at_work = wait(at_work, return_when=FIRST_COMPLETED)
                    yield from (f.result() for f in ready)
            for future in list(at_work):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def grade(q: Question, translate: Translate, time_limit: float) -> Row:
    """One question -> its row; whatever goes wrong is a row too, and never a hit."""
    start = time.monotonic()
    row: Row = {"id": q.id, "expected": q.answer, "expected_status": q.status, "status": "error", "objective": None,
                "correct": False, "doubts": [], "error": "", "calls": 0, "model": None}  # fmt: skip
    try:
        found = translate(q.text)
        row |= {"doubts": [d.code for d in found.doubts], "calls": len(found.calls)}
        if found.model is None:
            row |= {"status": "refused", "error": found.refusal.message if found.refusal else ""}
        else:
            from nl2opt.explain.document import plain
            from nl2opt.ir.document.printer import to_document

            row["model"] = {k: v for k, v in plain(to_document(found.model)).items() if k != "text"}
            solved = answer(bind(found.model), options=SolveOptions(time_limit=time_limit)).result
            row |= {"status": solved.termination.value, "objective": _finite(solved.objective)}
    except Nl2optError as e:
        row["error"] = e.diagnostics[0].message
    except Exception as e:
        row["error"] = f"{type(e).__name__}: {e}"[:300]
    row["correct"] = is_correct(q, row["status"], row["objective"])
    return row | {"seconds": round(time.monotonic() - start, 3)}


def is_correct(q: Question, status: str, objective: float | None) -> bool:
    """True where status and optimum are those of the question; a question without an answer is never a hit."""
    if q.status is None or status != q.status:
        return False
    if q.answer is None:
        return q.status != "optimal"
    return objective is not None and abs(objective - q.answer) <= SAME * max(1.0, abs(q.answer))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Summary:
    """Accuracy with its 95 % interval, and what the answers without doubts are worth."""

    questions: int
    correct: int
    low: float
    high: float
    sure: int
    sure_correct: int
    statuses: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """Summary -> a flat JSON object."""
        return asdict(self)


def summary(rows: Iterable[Row]) -> Summary:
    """Rows -> their summary; ``sure``: answered without doubts."""
    every = list(rows)
    correct = sum(bool(r["correct"]) for r in every)
    low, high = wilson(correct, len(every))
    sure = [r for r in every if r["status"] not in ("refused", "error") and not r["doubts"]]
    return Summary(
        len(every), correct, low, high, len(sure), sum(bool(r["correct"]) for r in sure),
        dict(Counter(str(r["status"]) for r in every).most_common()),
    )  # fmt: skip


def wilson(hits: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Hits of n trials -> the 95 % interval of the rate. Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927).

    >>> [round(x, 3) for x in wilson(8, 10)]
    [0.49, 0.943]
    """
    if n == 0:
        return 0.0, 1.0
    p, zz = hits / n, z * z
    middle, spread = p + zz / (2 * n), z * math.sqrt(p * (1 - p) / n + zz / (4 * n * n))
    return max(0.0, (middle - spread) / (1 + zz / n)), min(1.0, (middle + spread) / (1 + zz / n))
