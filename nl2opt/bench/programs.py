"""A program of a language model, data -> what it printed: run confined, and its last line read, never corrected."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nl2opt.errors import Diagnostic, SolverFailure
from nl2opt.sandbox import SandboxLimits, run_python, why_unconfined

STATUSES: Final = ("optimal", "infeasible", "unbounded")
MEMORY: Final = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Ran:
    """``outcome``: answered, or crashed, limit, error (what it printed cannot be read); ``values``: what it reports."""

    outcome: str
    status: str
    objective: float | None
    values: Any
    detail: str = ""


def run_program(program: str, data: Mapping[str, Any], time_limit: float, confined: bool = True) -> Ran:
    """Run it with `data.json` beside it; ``confined`` as in nl2opt.sandbox. Raises SolverFailure (E803)."""
    check_confined(not confined)
    seconds = time_limit or 600.0
    limits = SandboxLimits(seconds=seconds, cpu_seconds=math.ceil(2 * seconds), memory=MEMORY, output=2**20)
    run = run_python(program, limits=limits, files={"data.json": json.dumps(data)}, confined=confined)
    if run.ending in ("time_limit", "output_limit"):
        return Ran("limit", "none", None, {}, f"stopped by the {run.ending.replace('_', ' ')}")
    if not run.ok:
        told = run.stderr.strip().splitlines()
        return Ran("crashed", "none", None, {}, (told[-1] if told else f"exit status {run.code}")[:300])
    return printed_by(run.stdout)


def check_confined(unconfined: bool) -> None:
    """Raises SolverFailure (E803) where programs cannot be confined and it is not said that they need not be."""
    why = "" if unconfined else why_unconfined()
    if why:
        fix = "install Bubblewrap, or say --unconfined: the programs then have your files and your network"
        raise SolverFailure(Diagnostic("E803", "programs of a language model cannot be confined", found=why, fix=fix))


def printed_by(stdout: str) -> Ran:
    """The last line a program printed -> what it says; anything else than the object asked for is an error.

    >>> printed_by('solving ...\\n{"status": "optimal", "objective": 3, "values": {"x": 1}}\\n').objective
    3.0
    >>> printed_by("the optimum is 3").outcome
    'error'
    """
    lines = [line for line in stdout.splitlines() if line.strip()]
    try:
        said = json.loads(lines[-1]) if lines else None
    except ValueError:
        said = None
    if not isinstance(said, dict) or said.get("status") not in STATUSES:
        return Ran("error", "none", None, {}, "the last line is not the JSON object asked for")
    objective = said.get("objective")
    number = isinstance(objective, int | float) and not isinstance(objective, bool) and math.isfinite(objective)
    if objective is not None and not number:
        return Ran("error", "none", None, {}, f"the objective is {str(objective)[:40]!r}")
    return Ran("answered", said["status"], None if objective is None else float(objective), said.get("values") or {})
