"""Instance -> Result: SCIP with nonlinear equations, through PySCIPOpt; for products, powers, quotients and functions.

The plain lowering of the `scip` route, but nonlinear expressions of variables stay: each is a column with an equation.
SCIP solves to global optimality by branching in space, where bounds of the variables help it most. PySCIPOpt is an
extra, `pip install 'nl2opt[nonlinear]'`, and is imported by a process of its own only.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

from nl2opt.errors import Diagnostic, SolverFailure, Unsupported
from nl2opt.ground.plain import PlainGoal, PlainProgram, ground_plain
from nl2opt.ground.plain.forms import INFINITY, Affine, Equation, Number, minus, scaled
from nl2opt.ground.plain.unsupported import UNSUPPORTED
from nl2opt.ir.instance import Instance
from nl2opt.solvers.apart import ask
from nl2opt.solvers.result import Result, SolveOptions, Termination, VectorMeaning
from nl2opt.solvers.scip import read_point
from nl2opt.solvers.scip_session import LARGEST, PARAMETERS, SCIP_INFINITY, at, loosened

PIPELINE = ("ground_plain", "run_plan", "settle")
"""What happens to an instance: no rewrite of the MILP route is used."""

ROUTE = "nonlinear"
PACKAGE = "pyscipopt"
FEASIBILITY = 1e-8
"""How far a row or an equation may be violated: well within the tolerance of the referee."""

GAP = 1e-7
"""The relative gap at which a nonlinear search ends: branching in space does not close the last digits."""

FAR = 1e13
"""An objective this far beyond that of a point, relative to 1 + its size, is called one without end: larger numbers
than that are no longer told apart by a solver."""

SEARCH = 5.0
"""Seconds a far point is looked for, before an objective that no bound of a variable limits is optimized."""

HUGE = 1e12
"""An optimum with an unbounded variable beyond this lies where SCIP's numbers end, and is none."""

TINY = 1e-8
"""An argument of a logarithm that may be 0 and is below this lies where SCIP's logarithm ends."""

TERMINATION: dict[str, Termination] = {
    "optimal": Termination.OPTIMAL,
    "gaplimit": Termination.OPTIMAL,
    "infeasible": Termination.INFEASIBLE,
    "unbounded": Termination.UNBOUNDED,
    "inforunbd": Termination.INFEASIBLE_OR_UNBOUNDED,
    "timelimit": Termination.TIME_LIMIT,
    "userinterrupt": Termination.INTERRUPTED,
}
"""SCIP's word -> ours. Any other word is a SolverFailure."""

_DEGRADATION = 1e-7
_WITHOUT_END = (Termination.UNBOUNDED, Termination.INFEASIBLE_OR_UNBOUNDED)

__all__ = ["PIPELINE", "UNSUPPORTED", "solve"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run said: why it stopped, its word, values (None: no point), the dual bound."""

    termination: Termination
    raw: str
    values: list[float] | None = None
    bound: float = math.nan


@dataclass(slots=True)
class Session:
    """One program, run for one goal after another. ``held`` are rows added on the way, ``fixed`` column values."""

    program: PlainProgram
    options: SolveOptions
    started: float
    held: list[Affine] = field(default_factory=list)
    fixed: dict[int, int] = field(default_factory=dict)

    def left(self) -> float | None:
        """Seconds left of the time limit, which counts the build; None without a limit."""
        limit = self.options.time_limit
        return None if limit is None else limit - (time.perf_counter() - self.started)

    def run(self, goal: PlainGoal | None) -> Outcome:
        """Solve for a goal, or for any solution. A word that is no result raises SolverFailure."""
        left = self.left()
        if left is not None and left <= 0:
            return Outcome(Termination.TIME_LIMIT, "not run")
        reply = ask("pyscipopt_nlp", _request(self, goal, left), left)
        if reply.ending == "overran":
            return Outcome(Termination.INTERRUPTED if reply.interrupted else Termination.TIME_LIMIT, "ended")
        if reply.ending == "crashed":
            raise SolverFailure(Diagnostic("E692", "SCIP broke down", found=reply.detail,
                                           fix="solve with another solver"))  # fmt: skip
        word = reply.value["status"]
        if word not in TERMINATION:
            raise SolverFailure(Diagnostic("E693", "SCIP ended with a status we do not know", found=word))
        values = reply.value["values"]
        if values is not None:
            values = _exact(self.program, values)
        return Outcome(TERMINATION[word], word, values, reply.value["bound"])


def solve(instance: Instance, options: SolveOptions | None = None) -> Result:
    """Instance -> Result. Raises Unsupported where the lowering cannot say the model, LimitExceeded, SolverFailure."""
    if find_spec(PACKAGE) is None:
        raise SolverFailure(Diagnostic("E801", f"{PACKAGE} is not installed", "solver scip_nlp",
                                       expected="SCIP with nonlinear functions",
                                       fix="pip install 'nl2opt[nonlinear]'"))  # fmt: skip
    options = options or SolveOptions()
    started = time.perf_counter()
    program = ground_plain(instance, nonlinear=True)
    if options.relax_integrality and program.store.switched:
        raise Unsupported(Diagnostic("E601", "SCIP cannot take a relaxation of a model with logic",
                                     "options.relax_integrality", expected="its conditions are indicators, not rows",
                                     fix="relax with HiGHS"))  # fmt: skip
    session = Session(program, options, started)
    outcome, reached, notes = run_plan(session)
    return _result(instance, session, outcome, reached, notes)


# the solve plan ------------------------------------------------------------------------------------------------------


def run_plan(session: Session) -> tuple[Outcome, int, list[str]]:
    """Each objective in order of priority, the earlier ones held -> the outcome, how many were proved, notes."""
    program, notes = session.program, []
    if program.store.contradiction:
        return Outcome(Termination.INFEASIBLE, "a constraint is false whatever is decided"), 0, []
    if not program.store.lower:
        return Outcome(Termination.OPTIMAL, "no variables", []), len(program.goals), []
    goals: tuple[PlainGoal | None, ...] = program.goals or (None,)
    outcome = Outcome(Termination.OPTIMAL, "")
    reached = 0
    for level, goal in enumerate(goals):
        before = outcome
        outcome = _settled(session, goal, _level(session, goal))
        if outcome.termination is not Termination.OPTIMAL or outcome.values is None:
            if outcome.values is None and before.values is not None and outcome.termination not in _WITHOUT_END:
                outcome = replace(outcome, values=before.values)
            break
        reached = level + 1
        if goal is not None and reached < len(goals):
            _hold(session, goal, at(goal.value, outcome.values), _DEGRADATION)
    if len(program.goals) > 1 and outcome.values is not None:
        told = [f"priority {g.priority}: {at(g.value, outcome.values):g}" for g in program.goals]
        notes.append(f"objectives in order, {', '.join(told)}; each kept within {_DEGRADATION:g} of its optimum")
    return outcome, reached, notes


def _hold(session: Session, goal: PlainGoal, value: float, slack: float) -> None:
    """Ask for a goal at least as good as a value; ``slack`` is relative, below 0 it asks for better."""
    if isinstance(goal.value, Affine):
        sign = 1 if goal.sense == "minimize" else -1
        limit = Fraction(value + sign * slack * (1 + abs(value)))
        row = scaled(minus(goal.value, limit), sign)
        assert isinstance(row, Affine)
        session.held.append(row)


def _level(session: Session, goal: PlainGoal | None) -> Outcome:
    """One goal -> the outcome; of an objective that the bounds do not limit, a point far away is looked for first."""
    if goal is None or not _may_run_away(session, goal):
        return session.run(goal)
    left = session.left()
    short = replace(session.options, time_limit=SEARCH if left is None else min(SEARCH, left / 4))
    found = _far_point(replace(session, options=short, started=time.perf_counter()), goal)
    if found is not None:
        return found
    outcome = session.run(goal)
    if outcome.termination in _WITHOUT_END:
        found = _far_point(session, goal)
        if found is not None:
            return found
        message = f"SCIP says {outcome.raw}, and no point far away was found"
    elif outcome.termination is Termination.OPTIMAL and _at_the_end(session, goal, outcome):
        message = "SCIP calls a point optimal where its numbers end: the objective may have no end"
    else:
        return outcome
    fix = "give the variables bounds, the argument of a logarithm a lower one above 0"
    raise SolverFailure(Diagnostic("E694", message, fix=fix))


def _may_run_away(session: Session, goal: PlainGoal) -> bool:
    """True where the bounds of the columns alone do not bound the objective."""
    low, high = session.program.store.span(goal.value)
    return (low == -INFINITY) if goal.sense == "minimize" else (high == INFINITY)


def _at_the_end(session: Session, goal: PlainGoal, outcome: Outcome) -> bool:
    """True where an unbounded variable is huge, or the objective gains by a logarithm of what is all but 0."""
    store, values = session.program.store, outcome.values or []
    ends = zip(values, store.lower, store.upper, strict=True)
    if any(abs(x) >= HUGE and INFINITY in (-low, high) for x, low, high in ends):
        return True
    sign = 1 if goal.sense == "minimize" else -1
    gaining = {v for v, c in goal.value.terms if sign * c > 0} if isinstance(goal.value, Affine) else set()
    logarithms = [e.args[0] for e in store.smooth or () if e.operation == "log" and e.column in gaining]
    return any(store.span(x)[0] <= 0 and at(x, values) <= TINY for x in logarithms)


def _far_point(session: Session, goal: PlainGoal) -> Outcome | None:
    """No solution, or a point with an objective without end; None where neither was found."""
    point = session.run(None)
    if point.termination is Termination.INFEASIBLE:
        return replace(point, raw=f"{point.raw} without the objective")
    if point.values is None:
        return None
    apart = replace(session, held=list(session.held))
    _hold(apart, goal, at(goal.value, point.values), -FAR)
    far = apart.run(None)
    if far.values is None:
        return None
    return Outcome(Termination.UNBOUNDED, f"{far.raw}: a point that is {FAR:g} better than another was found")


def _settled(session: Session, goal: PlainGoal | None, outcome: Outcome) -> Outcome:
    """Whole columns made whole; where that moves them, the others are solved for again with the whole ones fixed."""
    store = session.program.store
    if outcome.values is None or session.options.relax_integrality:
        return outcome
    whole = {v: round(x) for v, (x, w) in enumerate(zip(outcome.values, store.whole, strict=True)) if w}
    moved = max((abs(outcome.values[v] - x) for v, x in whole.items()), default=0.0)
    if moved > 1e-9 and not all(store.whole):
        again = replace(session, fixed=whole).run(goal)
        if again.values is not None:
            outcome = replace(outcome, values=again.values)
    values = [float(whole.get(v, x)) for v, x in enumerate(outcome.values or ())]
    return replace(outcome, values=values)


# result --------------------------------------------------------------------------------------------------------------


def _result(instance: Instance, session: Session, outcome: Outcome, reached: int, notes: list[str]) -> Result:
    goals = session.program.goals
    point = None if outcome.values is None else read_point(instance, session.program, outcome.values)
    vector: VectorMeaning = "none" if point is None else "feasible"
    if point is not None and outcome.termination is Termination.OPTIMAL:
        vector = "optimal"
    objective = bound = gap = None
    if outcome.values is not None and goals:
        objective = at(goals[0].value, outcome.values)
        if reached > 1 or len(goals) > 1:
            bound = objective if reached else None
        elif math.isfinite(outcome.bound) and abs(outcome.bound) < SCIP_INFINITY:
            bound = outcome.bound
        gap = abs(objective - bound) / max(1.0, abs(objective)) if bound is not None else None
    seconds = time.perf_counter() - session.started
    return Result(
        outcome.termination, vector, point, objective, bound, gap, seconds, "scip_nlp", ROUTE, f"SCIP {outcome.raw}",
        tuple(notes),
    )  # fmt: skip


# what is asked -------------------------------------------------------------------------------------------------------


def _request(session: Session, goal: PlainGoal | None, left: float | None) -> dict[str, Any]:
    store, options = session.program.store, session.options
    columns = []
    for v, (low, high, whole) in enumerate(zip(store.lower, store.upper, store.whole, strict=True)):
        value = session.fixed.get(v)
        ends = (float(low), float(high)) if value is None else (float(value), float(value))
        columns.append((*ends, whole and not options.relax_integrality))
    rows = [(_form(form), equal) for form, equal in store.rows] + [(_form(form), False) for form in session.held]
    switched = []
    for literal, form in store.switched:
        most = store.span(form)[1]
        if most <= 0:
            continue
        if most <= LARGEST:
            rows.append((_form(loosened(literal, form, most)), False))
        else:
            switched.append((literal.column, int(literal.positive), _form(form)))
    return {
        "columns": columns,
        "rows": rows,
        "switched": switched,
        "equations": [(e.column, e.operation, [_argument(e, a) for a in e.args]) for e in store.smooth or ()],
        "objective": None if goal is None else (_form(goal.value), goal.sense == "maximize"),
        "seconds": left,
        "parameters": {
            "limits/gap": max(options.relative_gap, GAP),
            "limits/absgap": GAP / 10,
            "numerics/feastol": FEASIBILITY,
            "randomization/randomseedshift": options.seed % (2**31),
            **{name: False if value == "FALSE" else int(value) for name, _, value in map(str.split, PARAMETERS)},
        },
    }


def _form(x: Number) -> tuple[list[tuple[int, float]], float]:
    if isinstance(x, Affine):
        return [(v, float(c)) for v, c in x.terms], float(x.const)
    return [], float(x)


def _argument(e: Equation, x: Number) -> tuple[list[tuple[int, float]], float] | float:
    return float(x) if e.operation == "power" and not isinstance(x, Affine) else _form(x)


def _exact(program: PlainProgram, values: list[float]) -> list[float]:
    """Values of the columns -> the same, defined columns computed from the others: no tolerance stays in them."""
    out = list(values)
    for e in program.store.smooth or ():
        value = _applied(e, [at(a, out) for a in e.args])
        if math.isfinite(value):
            out[e.column] = value
    return out


def _applied(e: Equation, args: list[float]) -> float:
    try:
        match e.operation:
            case "product":
                return args[0] * args[1]
            case "power":
                exponent = int(args[1]) if args[1] == int(args[1]) else args[1]
                return float((max(args[0], 0.0) if exponent != int(exponent) else args[0]) ** exponent)
            case "exp":
                return math.exp(args[0])
            case "log":
                return math.log(args[0])
            case "sqrt":
                return math.sqrt(max(args[0], 0.0))
            case "sin":
                return math.sin(args[0])
            case "cos":
                return math.cos(args[0])
    except (OverflowError, ValueError):
        return INFINITY
