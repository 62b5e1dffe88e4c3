"""Instance -> Result: HiGHS, for linear and mixed-integer models; everything else is rewritten to them first."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ground.linear import affine
from nl2opt.ground.linear.grounding import Goal, LinearProgram, ground
from nl2opt.ground.linear.ranges import check_ranges
from nl2opt.ir.instance import Instance, Key, Point, Value
from nl2opt.ir.model import Model, Variable
from nl2opt.passes import unsupported as rewrites
from nl2opt.passes.declared import Indicator
from nl2opt.passes.pipeline import MILP, apply
from nl2opt.passes.rewrite import Undo
from nl2opt.solvers.highs_session import Floats, Outcome, Session
from nl2opt.solvers.result import Result, SolveOptions, Termination, VectorMeaning
from nl2opt.solvers.sensitivity import Sensitivity

PIPELINE = MILP
"""The rewrites an instance's model goes through before it is grounded."""

UNSUPPORTED: dict[str, str] = {**affine.UNSUPPORTED, **rewrites.UNSUPPORTED}
"""Construct -> why HiGHS cannot take it."""

ROUTE = "milp"
_DEGRADATION = 1e-9
_WHOLE = 1e-9


def solve(instance: Instance, options: SolveOptions | None = None) -> Result:
    """Instance -> Result. Raises Unsupported (E602 to E604), LimitExceeded, SolverFailure."""
    options = options or SolveOptions()
    started = time.perf_counter()
    model, undo = apply(instance.model, PIPELINE)
    program = ground(instance, model)
    session = Session(program, options)
    outcome, notes = run_plan(session)
    if session.distrusts_presolve:
        notes.append(f"HiGHS {session.highs.version()} ran without its presolve, which is known to be wrong: "
                     "highspy 1.13 is faster")  # fmt: skip
    if outcome.values is not None:
        outcome, notes = _settled(session, outcome, notes)
    result = _result(instance, program, undo, session, outcome, notes, started)
    return replace(result, diagnostics=check_ranges(program, instance.model))


def numerics(instance: Instance) -> tuple[Diagnostic, ...]:
    """Instance -> warnings about the numbers its rows would hold, without a solve; none where HiGHS does not take it.

    Raises LimitExceeded, and EvaluationError where a constant has no value.
    """
    try:
        model, _ = apply(instance.model, PIPELINE)
        return check_ranges(ground(instance, model), instance.model)
    except Unsupported:
        return ()


def run_plan(session: Session) -> tuple[Outcome, list[str]]:
    """Each objective in order of priority, the earlier ones held at their optimum."""
    goals = session.program.goals
    outcome = session.run()
    notes: list[str] = []
    for n in range(1, len(goals)):
        if outcome.termination is not Termination.OPTIMAL or outcome.values is None:
            return outcome, notes
        slack = _DEGRADATION * (1 + abs(outcome.objective))
        session.hold(goals[n - 1], outcome.objective, slack)
        session.aim(goals[n])
        later = session.run()
        if later.values is None and later.termination is not Termination.UNBOUNDED:
            notes.append(f"priority {goals[n].priority} was not reached: {later.raw}")
            if later.termination is Termination.INFEASIBLE:  # within the tolerance of the level before
                return outcome, notes
            return replace(outcome, termination=later.termination, raw=later.raw), notes
        outcome = later
    if len(goals) > 1 and outcome.values is not None:
        reached = [f"priority {g.priority}: {value_of(g, outcome.values):g}" for g in goals]
        notes.append(f"objectives in order, {', '.join(reached)}; each kept within {_DEGRADATION:g} of its optimum")
    return outcome, notes


def value_of(goal: Goal, values: Floats) -> float:
    """An objective at a point of the columns."""
    return float(goal.cost @ values + goal.offset)


def _settled(session: Session, outcome: Outcome, notes: list[str]) -> tuple[Outcome, list[str]]:
    """Whole variables rounded; the continuous ones re-solved where rounding moved something."""
    whole = session.program.columns.integrality.astype(bool)
    if not session.is_mip:
        return outcome, notes
    assert outcome.values is not None
    rounded = np.where(whole, np.rint(outcome.values), outcome.values)
    if whole.all() or not _off(session.program, rounded):
        return replace(outcome, values=rounded), notes
    session.fix_whole(rounded)
    again = session.run()
    if again.values is None:
        notes.append("the continuous variables could not be re-solved with the whole ones rounded")
        return replace(outcome, values=rounded), notes
    return replace(outcome, values=np.where(whole, rounded, again.values), objective=again.objective), notes


def _off(program: LinearProgram, values: Floats) -> bool:
    """True where a point leans on the tolerances of the solver: a row is violated by more than rounding explains."""
    rows, columns, entries = program.entries()
    terms = entries * values[columns]
    activity = np.bincount(rows, weights=terms, minlength=len(program.lower))
    scale = 1 + np.bincount(rows, weights=np.abs(terms), minlength=len(program.lower))
    over = np.maximum(program.lower - activity, activity - program.upper) > _WHOLE * scale
    c = program.columns
    outside = np.maximum(c.lower - values, values - c.upper) > _WHOLE * (1 + np.abs(values))
    return bool(over.any() or outside.any())


def _result(
    instance: Instance, program: LinearProgram, undo: Undo, session: Session, outcome: Outcome, notes: list[str],
    started: float,
) -> Result:  # fmt: skip
    point = None if outcome.values is None else read_point(program, outcome.values, undo, instance.model)
    vector: VectorMeaning = "none"
    objective = bound = gap = None
    if outcome.values is not None:
        vector = "optimal" if outcome.termination is Termination.OPTIMAL else "feasible"
        if program.goals:
            objective = value_of(program.goals[0], outcome.values)
            proved = vector == "optimal" or len(program.goals) > 1
            known = len(program.goals) > 1 or (proved and not session.is_mip)
            bound = objective if known else outcome.bound
            bound = float(bound) if np.isfinite(bound) else None
            gap = abs(objective - bound) / max(1.0, abs(objective)) if bound is not None else None
    sensitivity = None
    if outcome.row_duals is not None and outcome.column_duals is not None and outcome.values is not None:
        rows = outcome.row_duals[: len(program.lower)]
        sensitivity = Sensitivity(program, outcome.values, outcome.column_duals, rows)
    return Result(
        outcome.termination, vector, point, objective, bound, gap, time.perf_counter() - started, "highs", ROUTE,
        outcome.raw, tuple(notes), sensitivity,
    )  # fmt: skip


# points --------------------------------------------------------------------------------------------------------------


def read_point(program: LinearProgram, values: Floats, undo: Undo, source: Model) -> Point:
    """Values of the columns -> the point of the source model."""
    names = {v.name for v in source.variables}
    point: dict[str, Mapping[Key, Value]] = {}
    for v in program.constants.model.variables:
        if v.name not in names and not isinstance(v, Indicator):
            continue
        columns = program.columns
        part = values[columns.part(v.name)]
        if v.type != "real":
            nearest = np.rint(part)
            part = np.where(np.abs(part - nearest) <= 1e-5, nearest, part)
            numbers: list[Value] = [int(x) if x == int(x) else x for x in part.tolist()]
        else:
            numbers = part.tolist()
        point[v.name] = dict(zip(columns.families[v.name].keys(), numbers, strict=True))
    return {name: values_ for name, values_ in undo(point).items() if name in names}


def fix_and_resolve(instance: Instance, point: Point, options: SolveOptions | None = None) -> Point | None:
    """A point -> the best point with the same whole values and elements; None where there is none.

    What the referee asks for when rounding moved a whole variable: the continuous rest solved again.
    """
    model, undo = apply(instance.model, PIPELINE)
    program = ground(instance, model)
    lower, upper = program.columns.lower.copy(), program.columns.upper.copy()
    for v in model.variables:
        values = _fixed(v, point, program)
        if values is not None:
            part = program.columns.part(v.name)
            lower[part], upper[part] = values, values
    fixed = replace(program, columns=replace(program.columns, lower=lower, upper=upper))
    session = Session(fixed, options or SolveOptions())
    outcome, notes = run_plan(session)
    if outcome.values is None:
        return None
    outcome, _ = _settled(session, outcome, notes)
    assert outcome.values is not None
    return read_point(program, outcome.values, undo, instance.model)


def _fixed(v: Variable, point: Point, program: LinearProgram) -> Floats | None:
    """The values at which a point holds a family of columns; None where it leaves them free."""
    keys = program.columns.families[v.name].keys()
    if isinstance(v, Indicator):
        chosen = {(*key, *(e if isinstance(e, tuple) else (e,))) for key, e in point[v.variable].items()}
        return np.array([float(key in chosen) for key in keys])
    if v.name in point and v.type != "real":
        return np.array([float(round(float(point[v.name][key]))) for key in keys])  # type: ignore[arg-type]
    return None
