"""Instance -> Result: an emitted MiniZinc model, run by the `minizinc` of the machine, its printed solution read back.

Another lowering and another solver: whatever that installation has for the kind of the model. Several goals are several
runs, each with the values of the goals before it.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from nl2opt.emitters import minizinc
from nl2opt.emitters.minizinc import Layout, MiniZincEmission
from nl2opt.emitters.mzn.bounds import is_linear
from nl2opt.errors import Diagnostic, ProgramFailure, SolverFailure
from nl2opt.ir.instance import Instance, Key, Point
from nl2opt.ir.instance import Value as PointValue
from nl2opt.sandbox import SandboxLimits, SandboxRun, run_command
from nl2opt.solvers.program import GRACE, OVERRAN, UNLIMITED, complete, has_penalties
from nl2opt.solvers.result import Result, SolveOptions, Termination, VectorMeaning

MIP: Final = ("highs", "gurobi", "cplex", "xpress", "cbc", "scip")
"""Solvers of linear models, the best first, as the last word of their identifier begins."""

CP: Final = ("cp-sat", "sat", "ortools", "or-tools", "chuffed", "gecode")
"""Solvers of models over integers, the best first."""

STATUSES: Final = {
    "OPTIMAL_SOLUTION": Termination.OPTIMAL,
    "ALL_SOLUTIONS": Termination.OPTIMAL,
    "UNSATISFIABLE": Termination.INFEASIBLE,
    "UNBOUNDED": Termination.UNBOUNDED,
    "UNSAT_OR_UNBOUNDED": Termination.INFEASIBLE_OR_UNBOUNDED,
    "SATISFIED": Termination.TIME_LIMIT,
    "UNKNOWN": Termination.TIME_LIMIT,
}
"""What MiniZinc says -> why the solver stopped. A model without a goal is solved by its first solution."""

_INSTALL: Final = "install MiniZinc: https://www.minizinc.org"
_KEPT: Final = ("MZN_SOLVER_PATH", "MZN_STDLIB_DIR")


@dataclass(frozen=True, slots=True)
class MiniZincSolver:
    """One solver an installation has: its identifier, its name with its version, what it takes."""

    identifier: str
    name: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What one run said: the last word, the last solution, None where there is none."""

    status: str
    solution: dict[str, Any] | None


def solve(instance: Instance, options: SolveOptions | None = None) -> Result:
    """Emit, run, map back. ``options.threads`` and ``seed`` are left to the solver's defaults.

    Raises Unsupported where MiniZinc cannot say the model, SolverFailure where it or a fitting solver is missing,
    ProgramFailure where a run ends with an error.
    """
    options = options or SolveOptions()
    start = time.monotonic()
    emission = minizinc.write(instance, relax=options.relax_integrality)
    solver = choose(available(), instance, emission)
    best: list[float] = []
    found: Run | None = None
    termination, raw = Termination.TIME_LIMIT, ""
    for stage in range(1, max(1, emission.goals) + 1):
        program = emission.program if stage == 1 else minizinc.staged(emission.program, stage, tuple(best))
        left = None if options.time_limit is None else options.time_limit - (time.monotonic() - start)
        try:
            run = _run(program.source, program.filename, dict(program.files), solver, left)
        except KeyboardInterrupt:
            termination, raw = Termination.INTERRUPTED, "interrupted"
            break
        termination, raw = STATUSES[run.status], run.status
        if run.solution is None:
            break
        found = run
        if emission.goals == 0 and run.status == "SATISFIED":
            termination = Termination.OPTIMAL
        if termination is not Termination.OPTIMAL:
            break
        if emission.goals > 1:
            best.append(run.solution["goal"][stage - 1])
    if found is not None and best and termination is Termination.INFEASIBLE:
        termination = Termination.TIME_LIMIT  # a later goal cannot contradict the point of an earlier one
    return _result(instance, emission, found, termination, raw, solver, time.monotonic() - start)


# the installation ---------------------------------------------------------------------------------------------------


def executable() -> str:
    """The `minizinc` of this machine. Raises SolverFailure where there is none."""
    found = shutil.which("minizinc")
    if found is None:
        raise SolverFailure(Diagnostic("E801", "minizinc is not installed", "target minizinc", fix=_INSTALL))
    return found


def available() -> tuple[MiniZincSolver, ...]:
    """The solvers of the installation that can run; a plug-in without its library has no known version."""
    run = run_command((executable(), "--solvers-json"), limits=SandboxLimits(seconds=60), keep=_KEPT)
    try:
        listed = json.loads(run.stdout)
    except ValueError:
        raise _failure("minizinc lists no solvers", run) from None
    return tuple(
        MiniZincSolver(s["id"], f"{s['name']} {s['version']}", tuple(s.get("tags", ())))
        for s in listed
        if "unknown" not in s["version"]
    )


def choose(solvers: Sequence[MiniZincSolver], instance: Instance, emission: MiniZincEmission) -> MiniZincSolver:
    """The solver for a model: of linear programs where it is linear, of constraints over integers else.

    Raises SolverFailure where none takes continuous variables.
    """
    mip = _ranked([s for s in solvers if "mip" in s.tags], MIP)
    decimals = re.search(r"^[^%]*?(?:\bfloat\b|\d\.\d)", emission.program.whole, re.MULTILINE) is not None
    cp = _ranked([s for s in solvers if "cp" in s.tags and ("float" in s.tags or not decimals)], CP)
    ranked = mip if emission.continuous else [*mip, *cp] if is_linear(instance) else [*cp, *mip]
    if not ranked:
        what = "continuous variables" if emission.continuous else "this model"
        listed = ", ".join(s.name for s in solvers) or "none"
        raise SolverFailure(
            Diagnostic("E801", f"this MiniZinc has no solver for {what}", "target minizinc", listed, fix=_INSTALL)
        )
    return ranked[0]


def _ranked(solvers: Sequence[MiniZincSolver], names: Sequence[str]) -> list[MiniZincSolver]:
    """The solvers known by name, the best first; one that shows windows is none."""

    def rank(s: MiniZincSolver) -> int:
        last = s.identifier.rsplit(".", 1)[-1].lower()
        return next((i for i, name in enumerate(names) if last.startswith(name)), len(names))

    return sorted((s for s in solvers if rank(s) < len(names)), key=rank)


# runs ---------------------------------------------------------------------------------------------------------------


def _run(source: str, filename: str, files: dict[str, str], solver: MiniZincSolver, limit: float | None) -> Run:
    """One run of the model with its data."""
    arguments = [] if limit is None else ["--time-limit", str(max(1, int(limit * 1000)))]
    seconds = UNLIMITED if limit is None else max(0.0, limit) + GRACE
    limits = SandboxLimits(seconds=seconds, cpu_seconds=math.ceil(seconds) * 8)
    command = (executable(), "--json-stream", "--solver", solver.identifier, *arguments, filename, *files)
    run = run_command(command, {**files, filename: source}, limits, _KEPT)
    status, solution = "UNKNOWN", None
    for message in _messages(run.stdout):
        match message:
            case {"type": "solution", "output": {"default": text}}:
                solution, status = json.loads(text), "SATISFIED"
            case {"type": "status", "status": str(word)}:
                status = word
            case {"type": "error"}:
                raise _failure(f"minizinc says: {message.get('message') or message.get('what')}", run)
    if run.ending == "time_limit" and limit is not None:
        return Run("SATISFIED" if solution else "UNKNOWN", solution)
    if "integer literal" in run.stderr or "out of limits" in run.stderr or "out of bounds" in run.stderr:
        raise SolverFailure(
            Diagnostic("E801", f"a number is too large for {solver.name}", "target minizinc", run.stderr.strip()[:300])
        )
    if not run.ok or status not in STATUSES:
        raise _failure(f"the MiniZinc run ended with {status}, {run.ending} {run.code}", run)
    return Run(status, solution)


def _messages(stdout: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a stream, one a line; what a solver prints besides is passed over."""
    for line in stdout.splitlines():
        if line.startswith("{"):
            try:
                yield json.loads(line)
            except ValueError:
                continue


def _failure(message: str, run: SandboxRun) -> ProgramFailure:
    found = f"{run.stdout[-1500:]}\n{run.stderr[-1500:]}".strip()
    return ProgramFailure(Diagnostic("E802", message, "emitted program", found))


# results ------------------------------------------------------------------------------------------------------------


def _result(
    instance: Instance,
    emission: MiniZincEmission,
    found: Run | None,
    termination: Termination,
    raw: str,
    solver: MiniZincSolver,
    seconds: float,
) -> Result:
    point = None
    objective = None
    if found is not None and found.solution is not None:
        point = complete(instance, emission.undo(read_point(emission, found.solution)))
        objective = _objective(instance, found.solution)
    vector: VectorMeaning = "none"
    if point is not None:
        vector = "optimal" if termination is Termination.OPTIMAL else "feasible"
    proved = objective is not None and vector == "optimal"
    return Result(
        termination=termination,
        vector=vector,
        point=point,
        objective=objective,
        bound=objective if proved else None,
        gap=0.0 if proved else None,
        seconds=seconds,
        solver=solver.name,
        route="program minizinc",
        raw_status=raw or OVERRAN,
    )


def _objective(instance: Instance, solution: dict[str, Any]) -> float | None:
    """The value of the first goal in the sense of the model."""
    if "objective" in solution:
        return float(solution["objective"])
    if "goal" not in solution:
        return 0.0 if has_penalties(instance) else None
    first = max(instance.model.objectives, key=lambda o: o.priority)
    value = float(solution["goal"][0])
    return -value if first.sense == "maximize" else value


def read_point(emission: MiniZincEmission, solution: dict[str, Any]) -> Point:
    """The printed solution -> a point of the instance."""
    return {
        variable: _family(emission.layouts[name], solution[name]) for name, variable in emission.variables.items()
    }  # fmt: skip


def _family(layout: Layout, printed: Any) -> dict[Key, PointValue]:
    values = list(_flat(printed))
    return {
        key: layout.labels[value] if isinstance(value, str) else _number(value)
        for key, value in zip(layout.cells, values, strict=True)
        if key is not None
    }


def _flat(printed: Any) -> Iterator[Any]:
    if isinstance(printed, list):
        for part in printed:
            yield from _flat(part)
    else:
        yield printed


def _number(value: float | int | bool) -> int | float | Fraction:
    return int(value) if isinstance(value, bool) else value
