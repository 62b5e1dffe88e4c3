"""A person's own solution -> what it violates, by how much, in which sentence; or what it is worth.

A solution is an object of values by variable: a number or an element, a map by key (nested for several axes), or nested
lists in the order of the sets; or it is the outputs as they are printed (a benchmark's form), from which the variables
are found. Variables that are not given are chosen as well as can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nl2opt.check.feasible import RefereeReport, referee
from nl2opt.check.printed import judge_printed
from nl2opt.errors import DataError, Diagnostic, SolverFailure, Unsupported
from nl2opt.ir.bind.elements import fit, read_number
from nl2opt.ir.evaluate.outcomes import shown_key
from nl2opt.ir.instance import Instance, Key, Value, VariableDomain, flat
from nl2opt.ir.model import Constraint
from nl2opt.ir.nodes import Compare, Expr, Label, Name, Number, Subscript, Tuple
from nl2opt.ir.spelling import nearest
from nl2opt.solvers import auto
from nl2opt.solvers.result import Result, SolveOptions
from nl2opt.solvers.routes import ROUTES


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing a solution violates: which constraint, where, by how much, and the sentences it was taken from."""

    name: str
    binding: str
    text: str
    amount: float
    quotes: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Fault -> a flat JSON object."""
        return {"name": self.name, "binding": self.binding, "text": self.text, "amount": self.amount,
                "quotes": list(self.quotes)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SolutionReport:
    """What was found about a solution. ``holds`` None: it could not be decided, for ``reason``.

    ``objective`` is what it is worth, ``best`` the optimum where that was asked for; ``chosen`` are the variables it
    left open.
    """

    holds: bool | None
    faults: tuple[Fault, ...]
    objective: float | None
    best: float | None = None
    chosen: tuple[str, ...] = ()
    reason: str = ""


def check_solution(instance: Instance, solution: Any, time_limit: float = 60.0) -> SolutionReport:
    """An instance and the values a person gives -> SolutionReport. Raises DataError (D12x) where they do not fit."""
    if not isinstance(solution, Mapping):
        raise DataError(Diagnostic("D120", "a solution is an object of values by name", "solution"))
    outputs = {o.name for o in instance.model.outputs}
    named = solution.keys() & instance.variables.keys()
    if not named and outputs and outputs <= solution.keys():
        found = judge_printed(instance, solution, time_limit)
        return SolutionReport(found.satisfies, (), found.objective, reason=found.reason)
    given, problems = _read(instance, solution)
    if problems:
        raise DataError(problems)
    missing = tuple(
        f"{name}{shown_key(key)}"
        for name, family in instance.variables.items()
        for key in family.domain.keys
        if key not in given.get(name, {})
    )
    point: dict[str, dict[Key, Value]] = given
    if missing:
        result = _completed(instance, given, time_limit)
        if result is None or result.point is None:
            why = "no values of the others make it a solution" if result is not None else "no solver takes the model"
            return SolutionReport(None if result is None else False, (), None, chosen=missing, reason=why)
        point = {name: dict(values) for name, values in result.point.items()}
    report = referee(instance, point)
    worth = None if report.objective is None or report.violations else float(report.objective)
    return SolutionReport(report.ok, tuple(_faults(instance, report)), worth, chosen=missing)


def with_best(report: SolutionReport, instance: Instance, time_limit: float = 60.0) -> SolutionReport:
    """The report with the optimum beside it, where the model has an objective and it is found in time."""
    if report.objective is None:
        return report
    result = _solved(instance, time_limit)
    known = result is not None and result.termination.value == "optimal"
    return replace(report, best=result.objective if result is not None and known else None)


def _faults(instance: Instance, report: RefereeReport) -> Iterator[Fault]:
    anchored = {
        **{v.name: v.anchors for v in instance.model.variables},
        **{c.name: c.anchors for c in instance.model.constraints},
    }
    for v in report.violations:
        quotes = tuple(a.text for a in anchored.get(v.name, ()) if a.kind == "quote")
        yield Fault(v.name, v.binding, v.text, v.amount, quotes)


# reading -------------------------------------------------------------------------------------------------------------


def _read(instance: Instance, solution: Mapping[str, Any]) -> tuple[dict[str, dict[Key, Value]], list[Diagnostic]]:
    """Values by variable, in any of their forms -> values by key; what does not fit."""
    given: dict[str, dict[Key, Value]] = {}
    problems: list[Diagnostic] = []
    for name, values in solution.items():
        family = instance.variables.get(name)
        if family is None:
            known = {*instance.variables, *(o.name for o in instance.model.outputs)}
            if name not in known:
                fix = nearest(str(name), [*instance.variables])
                problems.append(Diagnostic("D121", f"no variable `{name}`", "solution", fix=fix))
            continue
        given[name] = {}
        for key, value in _spread(family, values, name, problems):
            read = _value(family, key, value)
            if read is None:
                where = f"solution, {name}{shown_key(key)}"
                problems.append(Diagnostic("D123", "a value that does not fit its variable", where, found=repr(value)))
            else:
                given[name][key] = read
    return given, problems


def _spread(family: VariableDomain, values: Any, name: str, problems: list[Diagnostic]) -> Iterator[tuple[Key, Any]]:
    """Nested maps or lists -> (key, value) pairs."""
    if not family.domain.axes:
        yield (), values
        return
    by_text = {tuple(map(str, key)): key for key in family.domain.keys}
    leaves = list(_leaves(values, (), isinstance(values, list)))
    if isinstance(values, list):
        shape = family.domain.shape
        for place, value in leaves:
            parts = [axis.elements[i] for axis, i in zip(family.domain.axes, place, strict=False) if i < len(axis)]
            key: Key | None = tuple(c for e in parts for c in flat(e))
            if key is None or len(place) != len(shape) or key not in family.domain.position:
                where = f"solution, {name}{list(place)}"
                problems.append(Diagnostic("D122", "a list that does not fit the sets", where))
            else:
                yield key, value
        return
    for place, value in leaves:
        text = tuple(part for p in place for part in (p if isinstance(p, tuple) else (p,)))
        key = by_text.get(tuple(map(str, text))) or by_text.get(tuple(str(place[0]).split(",")) if place else ())
        if key is None:
            fix = nearest(str(place[0]) if place else "", [k[0] for k in by_text])
            where = f"solution, {name}[{', '.join(map(str, text))}]"
            problems.append(Diagnostic("D122", "no such key", where, fix=fix))
        else:
            yield key, value


def _leaves(values: Any, place: tuple[Any, ...], lists: bool) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if lists and isinstance(values, list):
        for i, v in enumerate(values):
            yield from _leaves(v, (*place, i), lists)
    elif isinstance(values, Mapping):
        for k, v in values.items():
            yield from _leaves(v, (*place, k), lists)
    else:
        yield place, values


def _value(family: VariableDomain, key: Key, value: Any) -> Value | None:
    if family.within is not None:
        element = tuple(value) if isinstance(value, list) else value
        return (
            fit(element, family.within[family.domain.position[key]]) if isinstance(element, str | int | tuple) else None
        )
    return read_number(value)


# completing ----------------------------------------------------------------------------------------------------------


def _completed(instance: Instance, given: Mapping[str, Mapping[Key, Value]], time_limit: float) -> Result | None:
    """The best values of the variables that are not given; None where no solver takes the question."""
    rows = tuple(
        Constraint(f"given_{n}", Compare("==", _said(name, key), _literal(value)))
        for n, (name, key, value) in enumerate((n, k, v) for n, vs in given.items() for k, v in vs.items())
    )
    model = replace(instance.model, constraints=(*instance.model.constraints, *rows))
    fixed = replace(instance, model=model)
    result = _solved(fixed, time_limit)
    if result is None:
        return None
    return result if result.point is not None or result.termination.value == "infeasible" else None


def _solved(instance: Instance, time_limit: float) -> Result | None:
    """The instance solved by the route of its kind; None where that does not take it."""
    try:
        return ROUTES[auto.choose(instance)[0]](instance, SolveOptions(time_limit=time_limit))
    except (Unsupported, SolverFailure):
        return None


def _said(name: str, key: Key) -> Expr:
    return Subscript(name, tuple(_literal(k) for k in key)) if key else Name(name)


def _literal(value: Any) -> Expr:
    if isinstance(value, tuple):
        return Tuple(tuple(_literal(v) for v in value))
    number = None if isinstance(value, str) else read_number(value)
    return Label(str(value)) if number is None else Number(number)
