"""The routes by name: Instance -> Result through a solver of the package's own, or through an emitted program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from nl2opt.emitters.python.pyomo_solvers import SOLVERS as PYOMO_SOLVERS
from nl2opt.ir.instance import Instance
from nl2opt.solvers import cpsat, highs, program
from nl2opt.solvers.result import Result, SolveOptions

SolverName = Literal["auto", "highs", "cpsat", "scip", "scip_nlp", "pyomo", "cpmpy", "ortools", "minizinc"] | str
"""A route, `auto`, or `pyomo:NAME` for a solver that Pyomo calls."""


def _scip(instance: Instance, options: SolveOptions) -> Result:
    from nl2opt.solvers import scip  # only where it is asked for: the other routes start without it

    return scip.solve(instance, options)


def _scip_nlp(instance: Instance, options: SolveOptions) -> Result:
    from nl2opt.solvers import scip_nonlinear

    return scip_nonlinear.solve(instance, options)


def _minizinc(instance: Instance, options: SolveOptions) -> Result:
    from nl2opt.solvers import minizinc

    return minizinc.solve(instance, options)


ROUTES: dict[str, Callable[[Instance, SolveOptions], Result]] = {
    "highs": highs.solve,
    "cpsat": cpsat.solve,
    "scip": _scip,
    "scip_nlp": _scip_nlp,
    "pyomo": lambda instance, options: program.solve(instance, options, "pyomo"),
    "cpmpy": lambda instance, options: program.solve(instance, options, "cpmpy"),
    "ortools": lambda instance, options: program.solve(instance, options, "ortools"),
    "minizinc": _minizinc,
}
SOLVERS: Final = {"pyomo": tuple(PYOMO_SOLVERS)}
"""Target -> the solvers its programs can be told to use; the first unless they are."""


def route_of(name: str) -> Callable[[Instance, SolveOptions], Result] | None:
    """Name of a route, or `pyomo:gurobi` and the like -> the route; None where there is none of that name."""
    target, _, solver = name.partition(":")
    if solver and target in SOLVERS:
        if solver not in SOLVERS[target]:
            return None
        return lambda instance, options: program.solve(instance, options, target, solver)
    return ROUTES.get(name)


def route_names() -> tuple[str, ...]:
    """Every name a route goes by."""
    return (*ROUTES, *(f"{target}:{solver}" for target, solvers in SOLVERS.items() for solver in solvers))
