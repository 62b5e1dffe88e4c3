"""Instance -> Result: CP-SAT, exact over the integers.

One worker with a fixed seed by default, so that a run can be repeated. Several objectives are a solve plan: each level
is proved before the next, and fixed at its optimum. Ctrl-C stops the search and returns the incumbent.
"""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from ortools.sat.python import cp_model_helper

from nl2opt.errors import Diagnostic, SolverFailure
from nl2opt.ground.cp import CpProgram, Goal, ground_cp
from nl2opt.ground.cp.arithmetic import Numeric
from nl2opt.ground.cp.builder import OVERFLOW
from nl2opt.ground.cp.unsupported import UNSUPPORTED, unsupported
from nl2opt.ground.cp.values import Affine, Choice, Exact, Scalar, combine, denominator, tidy
from nl2opt.ir.instance import Instance, Key, Point, Value
from nl2opt.solvers.result import Result, SolveOptions, Termination, VectorMeaning

PIPELINE = ("infer_bounds", "ground_cp", "solve_plan")
"""What happens to an instance: no rewrite of the MILP route is used."""
ROUTE = "cp"

__all__ = ["PIPELINE", "UNSUPPORTED", "solve"]


@dataclass(slots=True)
class Run:
    """What a search said: its word, the solution (empty: none), whether it proved its claim, else what stopped it."""

    status: str = ""
    solution: tuple[int, ...] = ()
    bound: float = 0.0
    proved: bool = False
    limited: Termination | None = None
    notes: list[str] = field(default_factory=list)


def solve(instance: Instance, options: SolveOptions | None = None) -> Result:
    """Instance -> Result. Raises Unsupported where CP-SAT cannot say the model, LimitExceeded, SolverFailure.

    The point is exact: whole numbers, or the elements of sets.
    """
    options = options or SolveOptions()
    started = time.perf_counter()
    if options.relax_integrality:
        raise unsupported("real variable", "options.relax_integrality", "a relaxation has continuous variables")
    program = ground_cp(instance)
    run = Run(notes=list(program.inferred))
    _check(program.proto)
    for level, goal in enumerate(program.goals or (None,)):
        found = search(program, goal, level, options, started)
        run = replace(found, solution=found.solution or run.solution, notes=run.notes)
        if not run.proved or not run.solution or goal is None:
            break
        if level + 1 < len(program.goals):
            fix(program, goal, run.solution)
    return _result(program, run, started)


def _check(proto: Any) -> None:
    fault = cp_model_helper.CpSatHelper.validate_model(proto)
    if fault:
        raise SolverFailure(Diagnostic("E690", "CP-SAT refuses the proto built for it", found=str(fault)[:300]))


# goals ---------------------------------------------------------------------------------------------------------------


def _scaled(program: CpProgram, goal: Goal, level: int) -> tuple[int, list[tuple[int, int]]]:
    """A goal -> (scale, whole terms to minimize)."""
    value = goal.value
    if not isinstance(value, Affine):
        return 1, []
    scale = denominator(Affine(value.terms))
    sign = 1 if goal.sense == "minimize" else -1
    terms = [(v, int(c * scale) * sign) for v, c in value.terms.items()]
    b = program.builder
    total = sum(abs(c) * max(abs(b.lower[v]), abs(b.upper[v])) for v, c in terms)
    if total >= OVERFLOW:
        largest = max(abs(c) for _, c in terms)
        raise unsupported("large numbers", f"objectives[{level}]",
                          f"scaled sum up to {total}, largest coefficient {largest}")  # fmt: skip
    return scale, terms


def _set_goal(program: CpProgram, goal: Goal, level: int) -> None:
    _, terms = _scaled(program, goal, level)
    if terms:
        program.proto.objective.vars.extend([v for v, _ in terms])
        program.proto.objective.coeffs.extend([c for _, c in terms])


def fix(program: CpProgram, goal: Goal, solution: tuple[int, ...]) -> None:
    """Hold a proved goal at its value, and start the next search from the point that reaches it."""
    b = program.builder
    b.require(b.compare(combine(goal.value, value_at(goal.value, solution), -1), "=="))
    program.proto.clear_solution_hint()
    program.proto.solution_hint.vars.extend(list(range(len(solution))))
    program.proto.solution_hint.values.extend(list(solution))


def value_at(value: Numeric, solution: tuple[int, ...]) -> Exact:
    """Value -> the exact number it has at a solution."""
    if not isinstance(value, Affine):
        return value
    return tidy(value.const + sum(c * solution[v] for v, c in value.terms.items()))


# search --------------------------------------------------------------------------------------------------------------


def parameters(options: SolveOptions, left: float | None) -> Any:
    """Options -> CP-SAT parameters; ``left`` seconds remain.

    The dual reductions of its presolve are switched off: in CP-SAT 9.15 they lose optima where two linear constraints
    of the same variables have gaps (maximize y + 3 z over y != z, y != z + 1), some 25 in 6,000 random small models.
    """
    p = cp_model_helper.SatParameters()
    p.keep_all_feasible_solutions_in_presolve = True
    p.catch_sigint_signal = _in_main_thread()  # elsewhere Python's handler could not be put back
    p.num_workers = options.threads
    p.random_seed = options.seed
    if left is not None:
        p.max_time_in_seconds = max(left, 0.001)
    if options.relative_gap > 1e-9:
        p.relative_gap_limit = options.relative_gap
    return p


def remaining(options: SolveOptions, started: float) -> float | None:
    """Seconds left of the time limit, which counts the build; None without a limit."""
    return None if options.time_limit is None else options.time_limit - (time.perf_counter() - started)


def _solved(program: CpProgram, options: SolveOptions, started: float) -> Any:
    """CP-SAT's response; the wrapper, which takes Ctrl-C for itself while it lives, ends with this call."""
    wrapper: Any = cp_model_helper.SolveWrapper()
    wrapper.set_parameters(parameters(options, remaining(options, started)))
    return wrapper.solve(program.proto)


def _restore_interrupts() -> None:
    """CP-SAT takes Ctrl-C for itself while it searches and leaves it deadly; Python's own handler is put back."""
    handler = signal.getsignal(signal.SIGINT)
    if _in_main_thread() and handler is not None:
        signal.signal(signal.SIGINT, handler)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def search(program: CpProgram, goal: Goal | None, level: int, options: SolveOptions, started: float) -> Run:
    """One search of the proto, for a goal or for any solution. An unknown status raises SolverFailure."""
    program.proto.clear_objective()
    if goal is not None:
        _set_goal(program, goal, level)
    try:
        found = _solved(program, options, started)
    finally:
        _restore_interrupts()
    status = str(found.status).rsplit(".", 1)[-1]
    solution = tuple(found.solution) if status in ("OPTIMAL", "FEASIBLE") else ()
    bound = float(found.best_objective_bound)
    if status in ("OPTIMAL", "INFEASIBLE"):
        if status == "INFEASIBLE" and level > 0:
            raise SolverFailure(Diagnostic("E691", "CP-SAT lost a solution between two levels of the solve plan"))
        return Run(status, solution, bound, proved=True)
    if status in ("FEASIBLE", "UNKNOWN"):
        left = remaining(options, started)
        limited = Termination.TIME_LIMIT if left is not None and left < 0.05 else Termination.INTERRUPTED
        return Run(status, solution, bound, limited=limited)
    raise SolverFailure(Diagnostic("E692", f"CP-SAT answered {status}", found=str(found.solution_info)[:200]))


# result --------------------------------------------------------------------------------------------------------------


def _result(program: CpProgram, run: Run, started: float) -> Result:
    termination = run.limited or (Termination.OPTIMAL if run.solution else Termination.INFEASIBLE)
    point = read_point(program.variables, run.solution) if run.solution else None
    vector: VectorMeaning = "none" if point is None else "optimal" if run.proved else "feasible"
    objective = bound = gap = None
    if point is not None and program.goals:
        first = program.goals[0]
        objective = float(value_at(first.value, run.solution))
        bound = _bound(program, run, objective)
        gap = abs(objective - bound) / max(1.0, abs(objective)) if bound is not None else None
        if len(program.goals) > 1:
            values = [f"priority {g.priority}: {float(value_at(g.value, run.solution)):g}" for g in program.goals]
            run.notes.append("objectives in order, " + ", ".join(values))
    return Result(
        termination, vector, point, objective, bound, gap, time.perf_counter() - started,
        "cpsat", ROUTE, run.status, tuple(run.notes),
    )  # fmt: skip


def _bound(program: CpProgram, run: Run, objective: float) -> float | None:
    """The dual bound of the first goal: its value once proved, else what the search reached."""
    goal = program.goals[0]
    if run.proved or not isinstance(goal.value, Affine):
        return objective
    if len(program.goals) > 1:
        return None
    scale, _ = _scaled(program, goal, 0)
    sign = 1 if goal.sense == "minimize" else -1
    return float(sign * Fraction(run.bound) / scale + goal.value.const)


def read_point(variables: dict[str, dict[Key, Scalar]], solution: tuple[int, ...]) -> Point:
    """Values of the proto -> the point of the instance, exact."""
    return {name: {key: _value(v, solution) for key, v in family.items()} for name, family in variables.items()}


def _value(value: Scalar, solution: tuple[int, ...]) -> Value:
    if isinstance(value, Choice):
        return value.elements[int(value_at(value.index, solution))]
    assert isinstance(value, Affine | int | Fraction)
    found = value_at(value, solution)
    return int(found) if found.denominator == 1 else found
