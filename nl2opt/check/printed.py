"""Reference instance, printed values -> are they a solution, and how good: what a benchmark's grading asks.

Each printed value is posted into the reference document as an equality, element by element, and CP-SAT (or HiGHS where
CP-SAT does not take the document) looks for a completion. The referee then judges the completion against the document,
and its outputs, computed anew, must be the printed ones: so a value is accepted only where two independent routes do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count
from typing import Any, Final

from nl2opt.check.feasible import referee
from nl2opt.errors import EvaluationError, LimitExceeded, Nl2optError, SolverFailure, Unsupported
from nl2opt.ir.evaluate import bindings, evaluate
from nl2opt.ir.evaluate.outcomes import plain
from nl2opt.ir.instance import Instance, Point
from nl2opt.ir.model import Constraint
from nl2opt.ir.nodes import Boolean, Compare, Comprehension, Expr, IfElse, Label, ListLiteral, Name, Number, Subscript
from nl2opt.ir.walk import substitute
from nl2opt.solvers.result import SolveOptions, Termination
from nl2opt.solvers.routes import ROUTES

SAME: Final = 1e-6
"""Relative difference within which a printed real is the value it is compared with."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``satisfies``: True, False, or None where it could not be decided; ``objective`` of the best completion."""

    satisfies: bool | None
    objective: float | None
    reason: str = ""


class _Misfit(Exception):
    """A printed value does not have the shape of its output."""


def outputs_of(instance: Instance, point: Point) -> dict[str, Any]:
    """What the document reports at a point, as JSON holds it."""
    return {o.name: plain(evaluate(o.expr, instance, point, {})) for o in instance.model.outputs}


def judge_printed(instance: Instance, printed: Any, time_limit: float) -> Finding:
    """Values by output name -> Finding. Outputs the reference does not report are no fault; one missing is."""
    outputs = {o.name: o.expr for o in instance.model.outputs}
    if not isinstance(printed, Mapping):
        return Finding(False, None, "no object of values was printed")
    missing = [name for name in outputs if name not in printed]
    if missing:
        return Finding(False, None, f"not printed: {', '.join(missing)}")
    numbers = count(1)
    try:
        posted = [
            Constraint(f"printed_{next(numbers)}", equality)
            for name, expr in outputs.items()
            for equality in _equalities(expr, printed[name], instance)
        ]
    except _Misfit as e:
        return Finding(False, None, str(e))
    except EvaluationError as e:
        return Finding(None, None, f"the outputs cannot be posted: {e.diagnostics[0].message}")
    model = replace(instance.model, constraints=(*instance.model.constraints, *posted))
    return _completed(instance, replace(instance, model=model), {n: printed[n] for n in outputs}, time_limit)


def _completed(instance: Instance, posted: Instance, printed: Mapping[str, Any], time_limit: float) -> Finding:
    reasons = []
    for route in ("cpsat", "highs"):
        try:
            result = ROUTES[route](posted, SolveOptions(time_limit=time_limit))
        except (Unsupported, SolverFailure, LimitExceeded, EvaluationError) as e:
            reasons.append(f"{route}: {e.diagnostics[0].message}")
            continue
        if result.termination is Termination.INFEASIBLE:
            return Finding(False, None, "the printed values break the reference document")
        if result.termination is not Termination.OPTIMAL or result.point is None:
            reasons.append(f"{route} stopped: {result.termination.value}")
            continue
        try:
            report = referee(instance, result.point, result.objective)
            told = outputs_of(instance, report.point)
        except Nl2optError as e:
            return Finding(None, None, f"the completion cannot be judged: {e.diagnostics[0].message}")
        if not report.ok:
            return Finding(None, None, f"the referee does not accept the completion: {report.verdict}")
        if not same(told, printed):
            return Finding(None, None, "the outputs of the completion are not the printed ones")
        return Finding(True, result.objective)
    return Finding(None, None, "; ".join(reasons))


def same(ours: Any, printed: Any) -> bool:
    """Whether two printed values are one: Booleans are 0 and 1, reals within a relative 1e-6."""
    if isinstance(ours, Mapping):
        return isinstance(printed, Mapping) and all(k in printed and same(v, printed[k]) for k, v in ours.items())
    if isinstance(ours, list):
        return isinstance(printed, list) and len(ours) == len(printed) and all(map(same, ours, printed))
    if isinstance(ours, str) or isinstance(printed, str):
        return str(ours) == str(printed)
    if not isinstance(printed, int | float) or ours is None:
        return ours is printed
    return math.isclose(float(ours), float(printed), rel_tol=SAME, abs_tol=SAME)


def _equalities(expr: Expr, printed: Any, instance: Instance) -> Iterator[Expr]:
    """An output and what was printed for it -> one equality an element."""
    match expr:
        case ListLiteral(items):
            for item, value in zip(items, _list(printed, len(items)), strict=True):
                yield from _equalities(item, value, instance)
        case Comprehension("list", body, generators):
            bound = [{n: _literal(e) for n, (e, _) in env.items()} for _, env in bindings(generators, instance)]
            for values, value in zip(bound, _list(printed, len(bound)), strict=True):
                yield from _equalities(substitute(body, values), value, instance)
        case IfElse(condition, then, otherwise) if _known(condition, instance) is not None:
            yield from _equalities(then if _known(condition, instance) else otherwise, printed, instance)
        case Name(name) if (keys := _keys(name, instance)) is not None:
            for key, value in zip(keys, _list(printed, len(keys)), strict=True):
                yield Compare("==", Subscript(name, tuple(_literal(k) for k in key)), _value(value))
        case _:
            yield Compare("==", expr, _value(printed))


def _keys(name: str, instance: Instance) -> list[tuple[Any, ...]] | None:
    """The keys of an array that an output names bare; None for a scalar."""
    declared = instance.model.symbols.get(name)
    over = getattr(declared, "over", ())
    if not over:
        return None
    if name in instance.variables:
        return list(instance.variables[name].domain.keys)
    return [tuple(key) for key, _ in bindings(over, instance)]


def _known(condition: Expr, instance: Instance) -> bool | None:
    """The value of a condition over constants; None where it reads variables."""
    try:
        return bool(evaluate(condition, instance))
    except Nl2optError:
        return None


def _list(printed: Any, length: int) -> list[Any]:
    if not isinstance(printed, list) or len(printed) != length:
        found = f"a list of {len(printed)}" if isinstance(printed, list) else type(printed).__name__
        raise _Misfit(f"a list of {length} is expected, {found} was printed")
    return printed


def _literal(element: Any) -> Expr:
    return Label(element) if isinstance(element, str) else Number(Fraction(element))


def _value(printed: Any) -> Expr:
    match printed:
        case bool():
            return Boolean(printed)
        case int():
            return Number(Fraction(printed))
        case float() if math.isfinite(printed):
            return Number(Fraction(repr(printed)))
        case str():
            return Label(printed)
        case _:
            raise _Misfit(f"a value is expected, {type(printed).__name__} was printed")
