"""Transport over the roads of a table, data apart.

A Pyomo model, solved by HiGHS or the solver named with --solver. Run it with

    python transport_csv_pyomo.py
    python transport_csv_pyomo.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install pyomo highspy

Assumptions:
- Crates are whole, so the amounts are integers.
"""

import argparse
import json
import math
import sys

import pyomo.environ as pyo


def build(data):
    """Data -> model, variables."""
    # Sets and parameters
    Mills = data["Mills"]
    Shops = data["Shops"]
    Roads = [tuple(element) for element in data["Roads"]]
    stock = data["stock"]
    wanted = data["wanted"]
    fare = {(m, s): value for m, s, value in data["fare"]}
    room = {(m, s): value for m, s, value in data["room"]}

    model = pyo.ConcreteModel("transport_csv")

    # Variables
    move = model.move = pyo.Var(Roads, domain=pyo.NonNegativeIntegers)  # crate

    # Keeps a sum over nothing an expression
    zero = model.zero = pyo.Param(initialize=0, mutable=True)

    # "The fares should add up to as little as possible"
    model.objective = pyo.Objective(
        expr=pyo.quicksum(fare[m, s] * move[m, s] for m, s in Roads),
        sense=pyo.minimize,
    )

    # "A mill gives no more than its stock"
    @model.Constraint(Mills)
    def stock_limit(_, m):
        return zero + pyo.quicksum(move[a, s] for a, s in Roads if a == m) <= stock[m]

    # "every shop gets exactly what it wants"
    @model.Constraint(Shops)
    def supplied(_, s):
        return zero + pyo.quicksum(move[m, b] for m, b in Roads if b == s) == wanted[s]

    # "a road has room for a limited number of crates"
    @model.Constraint(Roads)
    def room_limit(_, m, s):
        return move[m, s] <= room[m, s]

    variables = {"move": move}
    return model, variables


def solve(model, solver, time_limit=None):
    """Pyomo model -> status and objective value; the solution stays in the model."""
    status = run(model, solver, time_limit)
    objective = pyo.value(model.objective) if is_solved(model) else None
    return {"status": status, "objective": objective}


def solution(variables):
    """Solved variables -> {name: value, or [[key..., value], ...]}."""
    found = {}
    for name, variable in variables.items():
        if variable.is_indexed():
            found[name] = [[*as_tuple(key), x.value] for key, x in variable.items()]
        else:
            found[name] = variable.value
    return found


def as_tuple(key):
    """Key of a family -> its coordinates."""
    return key if isinstance(key, tuple) else (key,)


def open_solver(name):
    """Name -> the solver, told to prove its optimum; the program ends where it is not there."""
    factory, needs, options = SOLVERS[name]
    solver = pyo.SolverFactory(factory)
    if not solver.available(exception_flag=False):
        sys.exit(f"solver '{name}' is not available: install {needs}")
    for option, value in options.items():
        solver.options[option] = value
    return solver


def run(model, solver, time_limit):
    """Pyomo model -> how its solver ended; a solution it found is put into the model."""
    seconds = None if time_limit is None else math.ceil(time_limit)
    results = solver.solve(model, load_solutions=False, timelimit=seconds)
    status = str(results.solver.termination_condition)
    if len(results.solution) > 0 and status in ("optimal", "maxTimeLimit"):
        model.solutions.load_from(results)
    return status


def is_solved(model):
    """True where the variables have values."""
    return any(x.value is not None for x in model.component_data_objects(pyo.Var))


# Name -> what Pyomo calls it, what it needs, and how to close the gap it leaves open by default
SOLVERS = {
    "highs": ("appsi_highs", "highspy", {"mip_rel_gap": 1e-09}),
    "gurobi": ("gurobi_direct", "gurobipy and a licence", {"MIPGap": 1e-09}),
    "cplex": ("cplex_direct", "cplex and a licence", {"mip_tolerances_mipgap": 1e-09}),
    "xpress": ("xpress_direct", "xpress and a licence", {"miprelstop": 1e-09}),
    "mosek": ("mosek_direct", "mosek and a licence", {"dparam.mio_tol_rel_gap": 1e-09}),
    "scip": ("scip", "the program `scip` (scipopt.org)", {}),
    "cbc": ("cbc", "the program `cbc` (package coinor-cbc)", {}),
    "glpk": ("glpk", "the program `glpsol` (package glpk-utils)", {}),
}


DATA = {
    "Mills": ["lund", "moss", "narvik"],
    "Shops": ["aby", "boda", "celje", "dovre"],
    "Roads": [
        ["lund", "aby"], ["lund", "boda"], ["lund", "celje"], ["moss", "aby"], ["moss", "boda"],
        ["moss", "dovre"], ["narvik", "celje"], ["narvik", "dovre"],
    ],
    "stock": {"lund": 46, "moss": 35, "narvik": 28},  # crate
    "wanted": {"aby": 22, "boda": 31, "celje": 17, "dovre": 25},  # crate
    "fare": [  # EUR/crate
        ["lund", "aby", 6.5], ["lund", "boda", 4], ["lund", "celje", 8.25], ["moss", "aby", 3.75],
        ["moss", "boda", 5.5], ["moss", "dovre", 9], ["narvik", "celje", 4.5],
        ["narvik", "dovre", 2.5],
    ],
    "room": [  # crate
        ["lund", "aby", 30], ["lund", "boda", 25], ["lund", "celje", 30], ["moss", "aby", 15],
        ["moss", "boda", 30], ["moss", "dovre", 20], ["narvik", "celje", 20],
        ["narvik", "dovre", 18],
    ],
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", help="JSON file with other data, in the shape of DATA")
    parser.add_argument("--time-limit", type=float, help="seconds")
    parser.add_argument("--solver", choices=list(SOLVERS), default="highs")
    arguments = parser.parse_args()
    if arguments.data:
        with open(arguments.data, encoding="utf-8") as file:
            DATA = json.load(file)
    model, variables = build(DATA)
    result = solve(model, open_solver(arguments.solver), arguments.time_limit)
    if result["objective"] is not None:
        result["solution"] = solution(variables)
    print(json.dumps(result))
