"""Instance -> Result: SCIP for mixed-integer models, GLOP for linear ones, fed by a lowering of their own.

The second opinion for continuous and mixed models, and for integers without bounds, which CP-SAT does not take: neither
the rewrites nor the solver of the HiGHS route are used. Both engines come in the ortools wheel and are imported when a
solve first asks for them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from fractions import Fraction
from math import isfinite

from nl2opt.errors import Diagnostic, SolverFailure, Unsupported
from nl2opt.ground.plain import PlainGoal, PlainProgram, ground_plain
from nl2opt.ground.plain.forms import INFINITY, Affine, Choice, Literal, Scalar
from nl2opt.ground.plain.rays import with_ray
from nl2opt.ground.plain.unsupported import UNSUPPORTED
from nl2opt.ir.instance import Instance, Key, Point, Value
from nl2opt.solvers.result import Result, SolveOptions, Termination, VectorMeaning
from nl2opt.solvers.scip_session import SCIP_INFINITY, Outcome, Session, at

PIPELINE = ("ground_plain", "solve_plan", "settle")
"""What happens to an instance: no rewrite of the MILP route is used."""
ROUTE = "plain"
_DEGRADATION = 1e-9
_WHOLE = 1e-5

__all__ = ["PIPELINE", "UNSUPPORTED", "solve"]


@dataclass(slots=True)
class Plan:
    """How far the solve plan came: why it stopped, the raw words, values of the columns, the bound of its last run."""

    termination: Termination
    raw: str
    values: list[float] | None = None
    bound: float = float("nan")
    reached: int = 0
    notes: list[str] = field(default_factory=list)


def solve(instance: Instance, options: SolveOptions | None = None) -> Result:
    """Instance -> Result. Raises Unsupported where the lowering cannot say the model, LimitExceeded, SolverFailure."""
    options = options or SolveOptions()
    started = time.perf_counter()
    program = ground_plain(instance)
    if options.relax_integrality and program.store.switched:
        raise Unsupported(Diagnostic("E601", "SCIP cannot take a relaxation of a model with logic",
                                     "options.relax_integrality", expected="its conditions are indicators, not rows",
                                     fix="relax with HiGHS"))  # fmt: skip
    session = Session(program, options, started)
    plan = run_plan(session)
    return _result(instance, program, session, plan, started)


# the solve plan ------------------------------------------------------------------------------------------------------


def run_plan(session: Session) -> Plan:
    """Each objective in order of priority, the earlier ones held at their optimum; then whole columns made whole."""
    program = session.program
    if program.store.contradiction:
        return Plan(Termination.INFEASIBLE, "a constraint is false whatever is decided")
    if not program.store.lower:
        return Plan(Termination.OPTIMAL, "no variables", [])
    plan = Plan(Termination.OPTIMAL, "")
    goals: tuple[PlainGoal | None, ...] = program.goals or (None,)
    for level, goal in enumerate(goals):
        plan = _level(session, goal, plan)
        if plan.termination is not Termination.OPTIMAL or plan.values is None:
            break
        plan.reached = level + 1
        if goal is not None and level + 1 < len(goals):
            _hold(session, goal, at(goal.value, plan.values))
    if plan.values is not None and plan.termination is Termination.OPTIMAL:
        _settle(session, goals[-1], plan)
    return plan


def _level(session: Session, goal: PlainGoal | None, before: Plan) -> Plan:
    """One run -> the plan so far; a level that fails after another was reached keeps that one's point."""
    outcome = session.run(goal)
    raw = f"{session.engine} {outcome.word}"
    if outcome.limited is not None:
        values = outcome.values if outcome.values is not None else before.values
        return Plan(outcome.limited, raw, values, outcome.bound, before.reached, before.notes)
    if outcome.word == "OPTIMAL":
        return Plan(Termination.OPTIMAL, raw, outcome.values, outcome.bound, before.reached, before.notes)
    termination, told = _told_apart(session, goal, outcome)
    if before.values is not None and termination is Termination.INFEASIBLE:
        raise SolverFailure(
            Diagnostic("E693", f"{session.engine} lost a solution between two levels of the solve plan")
        )
    return Plan(termination, raw + told, None, float("nan"), before.reached, before.notes)


def _told_apart(session: Session, goal: PlainGoal | None, outcome: Outcome) -> tuple[Termination, str]:
    """No solution, or an objective without end? Where both are possible the word is not taken: a ray is looked for."""
    if goal is None or not isinstance(goal.value, Affine) or not _may_run_away(session, goal):
        if outcome.word != "INFEASIBLE":
            raise SolverFailure(Diagnostic("E693", f"{session.engine} says unbounded of a bounded objective"))
        return Termination.INFEASIBLE, ""
    ray = Session(with_ray(_held(session), goal), session.options, session.started)
    found = ray.run(None)
    if found.limited is not None:
        return found.limited, ", limited while a ray was looked for"
    if found.word == "OPTIMAL":
        return Termination.UNBOUNDED, ", and a ray was found"
    alone = session.run(None)
    if alone.limited is not None:
        return alone.limited, ", limited while a point was looked for"
    if alone.word == "INFEASIBLE":
        return Termination.INFEASIBLE, ", and no point was found without the objective"
    message = f"{session.engine} says {outcome.word.lower()}, but there is a point and no ray"
    raise SolverFailure(Diagnostic("E694", message, fix="give the variables bounds, or solve with another solver"))


def _may_run_away(session: Session, goal: PlainGoal) -> bool:
    """True where the bounds of the columns alone do not bound the objective."""
    low, high = session.program.store.span(goal.value)
    return (low == -INFINITY) if goal.sense == "minimize" else (high == INFINITY)


def _held(session: Session) -> PlainProgram:
    """The program with the rows that hold earlier goals among its own."""
    program = session.program
    program.store.rows.extend((h, False) for h in session.held)
    session.held = []
    return program


def _hold(session: Session, goal: PlainGoal, value: float) -> None:
    """Keep a goal at its optimum; one of separate values within half a step, so that no tolerance matters."""
    if not isinstance(goal.value, Affine):
        return
    step = float(session.program.store.step(goal.value))
    slack = max(step / 2 if step > 1e-6 else 0.0, _DEGRADATION * (1 + abs(value)))
    sign = 1 if goal.sense == "minimize" else -1
    limit = value + sign * slack
    terms = tuple((v, sign * c) for v, c in goal.value.terms)
    session.held.append(Affine(terms, sign * (goal.value.const - Fraction(limit))))


def _settle(session: Session, goal: PlainGoal | None, plan: Plan) -> None:
    """Round the whole columns, and let GLOP solve for the others with the whole ones fixed."""
    store = session.program.store
    assert plan.values is not None
    if session.is_linear or session.options.relax_integrality:
        return
    rounded = [round(x) if whole else x for x, whole in zip(plan.values, store.whole, strict=True)]
    if not all(store.whole):
        session.fixed = {v: int(x) for v, (x, whole) in enumerate(zip(rounded, store.whole, strict=True)) if whole}
        again = session.run(goal)
        if again.values is not None and again.limited is None:
            rounded = [float(session.fixed.get(v, x)) for v, x in enumerate(again.values)]
        else:
            plan.notes.append("the continuous variables could not be re-solved with the whole ones rounded")
    plan.values = [float(x) for x in rounded]


# result --------------------------------------------------------------------------------------------------------------


def _result(instance: Instance, program: PlainProgram, session: Session, plan: Plan, started: float) -> Result:
    point = None if plan.values is None else read_point(instance, program, plan.values)
    vector: VectorMeaning = "none" if point is None else "feasible"
    objective = bound = gap = None
    if point is not None and plan.termination is Termination.OPTIMAL:
        vector = "optimal"
    if plan.values is not None and program.goals:
        objective = at(program.goals[0].value, plan.values)
        if plan.reached:
            bound = objective
        elif len(program.goals) == 1 and isfinite(plan.bound) and abs(plan.bound) < SCIP_INFINITY:
            bound = plan.bound
        gap = abs(objective - bound) / max(1.0, abs(objective)) if bound is not None else None
        if len(program.goals) > 1:
            reached = [f"priority {g.priority}: {at(g.value, plan.values):g}" for g in program.goals]
            plan.notes.append(f"objectives in order, {', '.join(reached)}")
    return Result(
        plan.termination, vector, point, objective, bound, gap, time.perf_counter() - started, "scip", ROUTE,
        plan.raw, tuple(plan.notes),
    )  # fmt: skip


def read_point(instance: Instance, program: PlainProgram, values: list[float]) -> Point:
    """Values of the columns -> the point of the instance."""
    point: dict[str, dict[Key, Value]] = {}
    for name, family in program.variables.items():
        real = instance.variables[name].type == "real" and instance.variables[name].within is None
        point[name] = {key: _value(v, values, real) for key, v in family.items()}
    return point


def _value(value: Scalar, values: list[float], real: bool) -> Value:
    if isinstance(value, Choice):
        at_element = {
            e: values[p.column] for e, p in zip(value.elements, value.picks, strict=True) if isinstance(p, Literal)
        }
        return max(at_element, key=lambda e: at_element[e])
    assert isinstance(value, int | Fraction | Affine)
    number = at(value, values)
    whole = round(number)
    return whole if not real and abs(number - whole) <= _WHOLE else number + 0.0
