"""Instance -> Result: an emitted program, run in a limited subprocess by this interpreter, its JSON read back.

A second route in every part: another lowering, another package between the model and the solver, another process.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from nl2opt.emitters import Emission, Runner, targets, write
from nl2opt.errors import Diagnostic, ProgramFailure, SolverFailure
from nl2opt.ir.instance import Instance, Key, Point, VariableDomain
from nl2opt.ir.instance import Value as PointValue
from nl2opt.sandbox import SandboxLimits, SandboxRun, run_python
from nl2opt.solvers.result import Result, SolveOptions, Termination, VectorMeaning

GRACE: Final = 60.0
"""Seconds a program gets beyond the time limit to start, build and report."""

OVERRAN: Final = "killed: the solver did not stop at its time limit"
"""The raw status of a program that had to be ended from outside."""

UNLIMITED: Final = 24 * 3600.0
"""Wall seconds of a run without a time limit."""


def solve(instance: Instance, options: SolveOptions | None = None, target: str = "pyomo", solver: str = "") -> Result:
    """Emit the program of ``target``, run it, map its solution back to the variables of the instance. ``solver`` is
    one the program takes by `--solver`; the package of its own is then not asked for, the program says what it needs.

    ``options.threads`` and ``seed`` are left to the solver's defaults. Raises Unsupported where the target cannot say
    the model, ProgramFailure where the program does not run to a result, SolverFailure where a package is missing.
    """
    options = options or SolveOptions()
    start = time.monotonic()
    runner: Runner = targets()[target].RUNNER
    for package in runner.packages[:-1] if solver else runner.packages:
        _installed(package, target)
    emission = write(instance, target, relax=options.relax_integrality)
    arguments: tuple[str, ...] = () if options.time_limit is None else ("--time-limit", str(options.time_limit))
    arguments += ("--solver", solver) if solver else ()
    goals = max(1, len(instance.model.objectives))
    seconds = UNLIMITED if options.time_limit is None else options.time_limit * goals + GRACE
    limits = SandboxLimits(seconds=seconds, cpu_seconds=math.ceil(seconds) * 8)
    run = run_python(emission.program.source, arguments, limits, filename=emission.program.filename)
    overran = run.ending == "time_limit" and options.time_limit is not None
    answer = {"status": OVERRAN, "objective": None} if overran else _answer(run, target, runner)
    used = solver or f"{runner.packages[-1]} {version(runner.packages[-1])}"
    result = _result(instance, emission, answer, runner, used, time.monotonic() - start)
    if result.termination is Termination.INFEASIBLE_OR_UNBOUNDED:
        return _told_apart(instance, options, target, solver, result)
    return result


def _told_apart(instance: Instance, options: SolveOptions, target: str, solver: str, first: Result) -> Result:
    """No solution, or an objective without end? The program without objective and penalties says which."""
    hard = tuple(c for c in instance.model.constraints if c.penalty is None)
    model = replace(instance.model, objectives=(), constraints=hard)
    left = None if options.time_limit is None else max(1.0, options.time_limit - first.seconds)
    found = solve(replace(instance, model=model), replace(options, time_limit=left), target, solver)
    told = {
        Termination.OPTIMAL: Termination.UNBOUNDED,
        Termination.INFEASIBLE_OR_UNBOUNDED: Termination.INFEASIBLE,  # nothing runs away without an objective
    }
    return replace(
        first,
        termination=told.get(found.termination, found.termination),
        seconds=first.seconds + found.seconds,
        raw_status=f"{first.raw_status}, then {found.raw_status} without the objective",
    )


def _installed(package: str, target: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        fix = "pip install 'nl2opt[programs]'"
        raise SolverFailure(Diagnostic("E801", f"{package} is not installed", f"target {target}", fix=fix)) from None


def _failure(message: str, found: str) -> ProgramFailure:
    return ProgramFailure(Diagnostic("E802", message, "emitted program", found[-2000:]))


def _answer(run: SandboxRun, target: str, runner: Runner) -> dict[str, Any]:
    """What the program printed last, as JSON of the expected form."""
    if not run.ok:
        if "is not available" in run.stderr:
            raise SolverFailure(Diagnostic("E801", run.stderr.strip(), f"target {target}"))
        raise _failure(f"the {target} program ended with {run.ending} {run.code}", run.stderr.strip())
    try:
        answer = json.loads(run.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise _failure(f"the {target} program printed no JSON", f"{run.stdout}\n{run.stderr}".strip()) from None
    if not isinstance(answer, dict) or not {"status", "objective"} <= set(answer):
        raise _failure(f"the {target} program printed another JSON", run.stdout)
    if answer["status"] not in runner.statuses:
        raise _failure(f"the {target} program reported an unknown status", str(answer["status"]))
    return answer


def _result(
    instance: Instance, emission: Emission, answer: dict[str, Any], runner: Runner, solver: str, seconds: float
) -> Result:
    termination = Termination(
        runner.statuses.get(answer["status"], "time_limit")
    )  # a program that overran says no word
    if answer["status"] == "FEASIBLE" and not instance.model.objectives and not has_penalties(instance):
        termination = Termination.OPTIMAL
    point = None
    if "solution" in answer and termination not in (Termination.INFEASIBLE, Termination.UNBOUNDED):
        point = complete(instance, emission.undo(read_point(emission, answer["solution"])))
    vector: VectorMeaning = "none"
    if point is not None:
        vector = "optimal" if termination is Termination.OPTIMAL else "feasible"
    asked = bool(instance.model.objectives) or has_penalties(instance)
    valued = point is not None and asked and answer["objective"] is not None
    objective = float(answer["objective"]) if valued else None
    proved = objective is not None and vector == "optimal"
    return Result(
        termination=termination,
        vector=vector,
        point=point,
        objective=objective,
        bound=objective if proved else None,
        gap=0.0 if proved else None,
        seconds=seconds,
        solver=solver,
        route=f"program {emission.program.target}",
        raw_status=str(answer["status"]),
    )


def has_penalties(instance: Instance) -> bool:
    """True where a constraint may be broken at a cost."""
    return any(c.penalty is not None for c in instance.model.constraints)


def read_point(emission: Emission, solution: dict[str, Any]) -> dict[str, dict[Key, PointValue]]:
    """The program's solution -> a point of the emitted model; variables whose value does not matter are left out."""
    found: dict[str, dict[Key, PointValue]] = {}
    for name, value in solution.items():
        if name not in emission.variables:
            continue
        rows = value if isinstance(value, list) and (not value or isinstance(value[0], list)) else [[value]]
        family = {tuple(key): _value(v) for *key, v in rows if v is not None}
        found[emission.variables[name]] = family
    return found


def _value(v: Any) -> PointValue:
    return tuple(v) if isinstance(v, list) else v


def complete(instance: Instance, point: Point) -> Point:
    """A point -> the same with a value within its bounds for every variable the solver never looked at."""
    whole: dict[str, dict[Key, PointValue]] = {}
    for name, family in instance.variables.items():
        given = point.get(name, {})
        whole[name] = {k: given.get(k, _any_value(family, i)) for i, k in enumerate(family.domain.keys)}
    return whole


def _any_value(family: VariableDomain, place: int) -> PointValue:
    if family.within is not None:
        return family.within[place].elements[0]
    low, high = family.lower[place], family.upper[place]
    nearest = min(
        max(Fraction(0), low) if low is not None else Fraction(0), high if high is not None else Fraction(10**9)
    )
    return math.ceil(nearest) if family.type != "real" else nearest
