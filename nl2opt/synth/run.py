"""Family, count, seed -> records: sampled, told, translated back and judged; resumable, the same for the same seed.

The instance is the truth; the translation is only compared with it, so a translator's failure is in the record and
decides nothing but whether the pair is `kept`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from nl2opt.errors import Nl2optError
from nl2opt.explain.answer import answer
from nl2opt.explain.document import plain
from nl2opt.formulate.translators import formulate
from nl2opt.ir.bind import bind
from nl2opt.ir.document.printer import to_document
from nl2opt.ir.instance import Instance
from nl2opt.records import Records, Row, read_rows
from nl2opt.solvers.result import SolveOptions, Termination
from nl2opt.synth.family import Family
from nl2opt.synth.narrate import narrate
from nl2opt.synth.sample import sample

SAME: Final = 1e-6
"""Relative difference within which two optima are one."""

_LIMIT: Final = 20.0
"""Seconds for each solve of an instance of this size."""


def run(
    family: Family, count: int, seed: int, out: Path, done: Callable[[Row], None] = lambda row: None
) -> tuple[int, int]:
    """``count`` records of a family from ``seed`` on, written to ``out`` -> how many there are now, how many kept."""
    kept = total = 0
    with Records(out) as records:
        for number in range(seed, seed + count):
            key = f"{family.name}-{number}"
            if key in records.done:
                continue
            row = attempt(family, number)
            records.append(key, row)
            done(row)
    for row in read_rows(out):
        total += 1
        kept += bool(row["kept"])
    return total, kept


def attempt(family: Family, seed: int) -> Row:
    """One seed -> its record: data, text, optimum, what came back, and the verdict with its scope and method."""
    drawn = sample(family, seed)
    told = narrate(family, drawn)
    status, optimum = _optimum(drawn.instance)
    row: dict[str, Any] = {
        "family": family.name, "seed": seed, "scenario": drawn.scenario, "style": told.style, "text": told.text,
        "data": drawn.data, "model": plain(to_document(drawn.instance.model)), "status": status, "optimum": optimum,
        "candidate": None, "candidate_status": "refused", "candidate_optimum": None, "doubts": [],
    }  # fmt: skip
    try:
        found = formulate(told.text)
        row["doubts"] = [d.code for d in found.doubts]
        if found.model is not None:
            row["candidate"] = {k: v for k, v in plain(to_document(found.model)).items() if k != "text"}
            row["candidate_status"], row["candidate_optimum"] = _optimum(bind(found.model))
    except Nl2optError as e:
        row["candidate_status"] = f"error: {e.diagnostics[0].message}"
    agrees = status == row["candidate_status"] and _same(optimum, row["candidate_optimum"])
    row["kept"] = agrees and status == Termination.OPTIMAL.value
    row["verdict"] = {"agrees": agrees, "scope": "this data set", "method": "status and optimum, relative 1e-6"}
    return row


def _optimum(instance: Instance) -> tuple[str, float | None]:
    """Status and optimum; two routes must agree, or there is none."""
    solved = answer(instance, options=SolveOptions(time_limit=_LIMIT))
    if not solved.trusted:
        return Termination.UNRELIABLE.value, None
    return solved.result.termination.value, solved.result.objective


def _same(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return abs(a - b) <= SAME * max(1.0, abs(a))
