"""The engine SCIP or GLOP of OR-Tools: a serialized model -> the number of its status, values, the dual bound.

Request: `engine`, `model` (a serialized MPModelProto), `milliseconds` or None, `gap`, `tolerance`, `parameters` (text
for SCIP). Reply: `status`, `values` or None, `bound`; or `fault`, why it does not take the model. Imports nothing of
nl2opt: it runs in a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def run(request: dict[str, Any], stoppable: Callable[[Callable[[], object]], object]) -> dict[str, Any]:
    """Solve the model of a request."""
    from ortools.linear_solver import linear_solver_pb2, pywraplp

    solver = pywraplp.Solver.CreateSolver(request["engine"])
    if solver is None:
        return {"fault": f"this build of OR-Tools has no {request['engine']}"}
    fault = solver.LoadModelFromProto(linear_solver_pb2.MPModelProto.FromString(request["model"]))
    if fault:
        return {"fault": fault[:300]}
    if request["parameters"] and not solver.SetSolverSpecificParametersAsString(request["parameters"]):
        return {"fault": f"unknown parameters: {request['parameters']}"}
    if request["milliseconds"] is not None:
        solver.SetTimeLimit(request["milliseconds"])
    parameters = pywraplp.MPSolverParameters()
    parameters.SetDoubleParam(parameters.RELATIVE_MIP_GAP, request["gap"])
    parameters.SetDoubleParam(parameters.PRIMAL_TOLERANCE, request["tolerance"])
    parameters.SetDoubleParam(parameters.DUAL_TOLERANCE, request["tolerance"])
    stoppable(solver.InterruptSolve)
    status = solver.Solve(parameters)
    if status not in (solver.OPTIMAL, solver.FEASIBLE):
        return {"status": status, "values": None, "bound": float("nan")}
    response = linear_solver_pb2.MPSolutionResponse()
    solver.FillSolutionResponseProto(response)
    return {"status": status, "values": list(response.variable_value), "bound": float(response.best_objective_bound)}
