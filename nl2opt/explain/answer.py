"""Instance -> Answer: a result, what was checked about it, and what it rests on.

The main flow of a solve: choose a route by kind, solve, let the referee judge the point against the source model, let
an independent route (another lowering and another solver) solve the instance too, and where there is no solution find
the constraints that conflict. A statement of evidence says what was done, never that an answer is simply right.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from nl2opt.check.feasible import RefereeReport, referee
from nl2opt.errors import Diagnostic, EvaluationError, LimitExceeded, SolverFailure, Unsupported
from nl2opt.explain.infeasible import Conflict, find_conflict
from nl2opt.ir.instance import Instance, Point
from nl2opt.solvers import auto, cpsat_solutions, highs
from nl2opt.solvers.cpsat_solutions import Solutions
from nl2opt.solvers.result import Result, SolveOptions, Termination
from nl2opt.solvers.routes import ROUTES, SolverName, route_names, route_of

AGREEMENT = 1e-6
"""Two routes agree when their objectives differ by at most this, relative to 1 + |objective|. Source: DESIGN of the
referee's tolerance, docs/SEMANTICS.md."""

SECOND_OPINION = 60.0
"""Seconds the second route gets where the person sets no time limit, or ten times what the first took."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was checked: ``holds`` True, False, or None where it could not be checked, and why."""

    check: str
    statement: str
    holds: bool | None

    def as_json(self) -> dict[str, object]:
        """Evidence -> a flat JSON object."""
        return {"check": self.check, "statement": self.statement, "holds": self.holds}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known after a solve. ``second`` is the independent route's result, None where there is none; ``every``
    the answers that differ in the outputs, where the model asks for all of them or their number."""

    instance: Instance
    result: Result
    report: RefereeReport | None
    second: Result | None
    conflict: Conflict | None
    evidence: tuple[Evidence, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    every: Solutions | None = None

    @property
    def trusted(self) -> bool:
        """True where nothing that was checked failed."""
        return all(e.holds is not False for e in self.evidence)


def answer(
    instance: Instance,
    solver: SolverName = "auto",
    options: SolveOptions | None = None,
    verify: bool = True,
) -> Answer:
    """Instance -> Answer. ``verify`` False skips the second route. Raises Unsupported where the named solver cannot."""
    options = options or SolveOptions()
    started = time.perf_counter()
    name, why = auto.choose(instance) if solver == "auto" else (solver, "named by the person")
    route = route_of(name)
    if route is None:
        raise SolverFailure(Diagnostic("E801", f"no solver {name!r}", expected=f"one of {', '.join(route_names())}"))
    result = route(instance, options)
    result = replace(result, notes=(f"{name} was chosen: {why}", *result.notes))
    evidence: list[Evidence] = []
    report = None
    if result.point is not None:
        report, result = _judge(instance, result, evidence)
    second = None
    if verify and result.termination in (Termination.OPTIMAL, Termination.INFEASIBLE, Termination.UNBOUNDED):
        second = _second(instance, name, result, options, started, evidence)
    conflict = _conflict(instance, name, result, options, evidence) if verify else None
    every = _every(instance, result, options, started, evidence)
    told = dict.fromkeys(d for r in (result, second) if r is not None for d in r.diagnostics)
    return Answer(instance, result, report, second, conflict, tuple(evidence), tuple(told), every)


def _every(
    instance: Instance, result: Result, options: SolveOptions, started: float, evidence: list[Evidence]
) -> Solutions | None:
    """All answers, where the model asks for them or their number; the referee judges each."""
    asked = instance.model.answer
    if asked.find == "best" or result.termination is not Termination.OPTIMAL:
        return None
    left = None if options.time_limit is None else max(1.0, options.time_limit - (time.perf_counter() - started))
    try:
        found = cpsat_solutions.solutions(instance, replace(options, time_limit=left))
    except (Unsupported, SolverFailure, LimitExceeded, EvaluationError) as e:
        message = f"the answers could not be listed: {e.diagnostics[0].message}"
        evidence.append(Evidence("all answers", message, None))
        return None
    bad = sum(not referee(instance, point, None).ok for point in found.points)
    how = "there are no others" if found.complete else "there may be more: the limit came first"
    statement = f"{found.count} answers that differ in the outputs; {how}"
    evidence.append(Evidence("all answers", f"{bad} of {statement}" if bad else statement, not bad))
    return found


def _judge(instance: Instance, result: Result, evidence: list[Evidence]) -> tuple[RefereeReport, Result]:
    """Referee the point; a disagreement turns the result into `numerically unreliable`."""
    assert result.point is not None
    report = referee(instance, result.point, result.objective, resolve=_resolve)
    if report.ok:
        how = "exactly" if report.exact else "within 1e-6 of the size of each row"
        evidence.append(Evidence("referee", f"every constraint of the model holds at the solution, {how}", True))
        return report, replace(result, point=report.point)
    worst = "; ".join(str(v) for v in report.violations[:3]) or "the objective differs from the solver's"
    evidence.append(Evidence("referee", f"the solver's point fails the model: {worst}", False))
    return report, replace(result, termination=Termination.UNRELIABLE)


def _resolve(instance: Instance, point: Point) -> Point | None:
    return highs.fix_and_resolve(instance, point)


def _second(
    instance: Instance,
    first: str,
    result: Result,
    options: SolveOptions,
    started: float,
    evidence: list[Evidence],
) -> Result | None:
    """Solve again by an independent route and compare; agreement and disagreement are both evidence."""
    name = auto.second_route(instance, first)
    taken = time.perf_counter() - started
    left = max(SECOND_OPINION, 10 * taken) if options.time_limit is None else max(1.0, options.time_limit - taken)
    try:
        second = ROUTES[name](instance, replace(options, time_limit=left))
    except (Unsupported, SolverFailure, LimitExceeded, EvaluationError) as e:
        evidence.append(Evidence("second route", f"{name} does not take this model: {e.diagnostics[0].message}", None))
        return None
    statement, holds = compare(result, second)
    evidence.append(Evidence("second route", statement, holds))
    return second


def compare(first: Result, second: Result) -> tuple[str, bool | None]:
    """Two results of one instance -> a statement, and whether they agree (None: one of them did not finish)."""
    finished = {Termination.OPTIMAL, Termination.INFEASIBLE, Termination.UNBOUNDED}
    if second.termination not in finished:
        return f"{second.solver} did not finish ({second.termination.value})", None
    if first.termination is not second.termination:
        return f"{first.solver} says {first.termination.value}, {second.solver} says {second.termination.value}", False
    if first.objective is None or second.objective is None:
        return f"{second.solver} agrees: {second.termination.value}", True
    near = abs(first.objective - second.objective) <= AGREEMENT * (1 + abs(first.objective))
    if near:
        return f"{second.solver} finds the same optimum by an independent lowering", True
    return f"{first.solver} finds {first.objective:.10g}, {second.solver} finds {second.objective:.10g}", False


def _conflict(
    instance: Instance,
    name: str,
    result: Result,
    options: SolveOptions,
    evidence: list[Evidence],
) -> Conflict | None:
    """For an infeasible instance, the constraints that conflict, checked by another route where there is one."""
    if result.termination is not Termination.INFEASIBLE:
        return None
    other = auto.second_route(instance, name)
    route = route_of(name)
    assert route is not None
    conflict = find_conflict(
        instance,
        lambda i: route(i, options),
        verify=lambda i: ROUTES[other](i, options),
    )
    kind = "irreducible: without any one of its members there is a solution" if conflict.irreducible else "not minimal"
    holds = None if conflict.verified is None and not conflict.irreducible else conflict.verified is not False
    evidence.append(Evidence("conflict", f"{len(conflict.members)} conflicting constraints ({kind})", holds))
    return conflict
