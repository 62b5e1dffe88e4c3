"""The engine SCIP of PySCIPOpt: columns, rows, switched rows and nonlinear equations -> status, values, dual bound.

Request: `columns` (lower, upper, whole), `rows` (form, equal), `switched` (column, value, form), `equations` (column,
operation, arguments), `objective` (form, maximize) or None, `seconds` or None, `parameters`. A form is (terms,
constant) and stands for a row `form <= 0`; an argument is a form or a number. Reply: `status`, `values` or None,
`bound`. Imports nothing of nl2opt: it runs in a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

INFINITY = float("inf")


def run(request: dict[str, Any], stoppable: Callable[[Callable[[], object]], object]) -> dict[str, Any]:
    """Solve the model of a request."""
    import pyscipopt

    model = pyscipopt.Model()
    model.hideOutput()
    model.setParams(request["parameters"])
    if request["seconds"] is not None:
        model.setParam("limits/time", request["seconds"])
    columns = [
        model.addVar(
            lb=None if lower == -INFINITY else lower,
            ub=None if upper == INFINITY else upper,
            vtype="B" if whole and (lower, upper) == (0, 1) else "I" if whole else "C",
        )
        for lower, upper, whole in request["columns"]
    ]

    def value(form: Any) -> Any:
        terms, constant = form
        return pyscipopt.quicksum(c * columns[v] for v, c in terms) + constant

    for form, equal in request["rows"]:
        model.addCons(value(form) == 0 if equal else value(form) <= 0)
    for column, at, form in request["switched"]:
        model.addConsIndicator(value(form) <= 0, columns[column], activeone=bool(at))
    for column, operation, arguments in request["equations"]:
        args = [a if isinstance(a, float) else value(a) for a in arguments]
        model.addCons(columns[column] == _applied(pyscipopt, operation, args))
    if request["objective"] is not None:
        form, maximize = request["objective"]
        model.setObjective(value(form), "maximize" if maximize else "minimize")
    stoppable(model.interruptSolve)
    model.optimizeNogil()
    status = model.getStatus()
    solution = model.getBestSol() if model.getNSols() else None
    values = None if solution is None else [float(model.getSolVal(solution, x)) for x in columns]
    return {"status": status, "values": values, "bound": float(model.getDualbound())}


def _applied(pyscipopt: Any, operation: str, arguments: list[Any]) -> Any:
    if operation == "product":
        return arguments[0] * arguments[1]
    if operation == "power":
        exponent = arguments[1]
        return arguments[0] ** (int(exponent) if exponent == int(exponent) else exponent)
    return getattr(pyscipopt, operation)(arguments[0])
