"""Shortest round of five home visits.

A Pyomo model, solved by HiGHS or the solver named with --solver. Run it with

    python nurse_tour_pyomo.py
    python nurse_tour_pyomo.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install pyomo highspy

Assumptions:
- Each place has exactly one next place, so there is no integer or real amount to decide.
- The time at the patients does not depend on the order and is left out.
"""

import argparse
import json
import math
import sys

import pyomo.environ as pyo


def build(data):
    """Data -> model, variables, chosen."""
    # Sets and parameters
    Places = data["Places"]
    driving = {(p, i): data["driving"][p][i] for p in Places for i in Places}
    # by how much `round_trip_rises` may be exceeded where its condition is off
    round_trip_rises_big_m = {p_2: max(0, len(Places)) for p_2 in Places if p_2 != Places[0]}

    model = pyo.ConcreteModel("nurse_tour")

    # Variables
    # place in the tour
    round_trip_order = model.round_trip_order = pyo.Var(
        Places,
        domain=pyo.Reals,
        bounds=(0, len(Places) - 1),
    )
    go_is = model.go_is = pyo.Var(Places, Places, domain=pyo.Binary)  # 1 where go is this element

    # "so that she drives as little as possible"
    model.objective = pyo.Objective(
        expr=pyo.quicksum(
            pyo.quicksum(driving[p, i] * go_is[p, i] for i in Places)
            for p in Places
        ),
        sense=pyo.minimize,
    )

    # "starts at the station, calls once on each of five patients"
    # "and drives back to the station"
    @model.Constraint(Places)
    def round_trip(_, value_2):
        return pyo.quicksum(go_is[p, value_2] for p in Places) <= 1

    # "the nurse has to drive straight from Brandt to Dorn"
    model.medicine = pyo.Constraint(expr=go_is["brandt", "dorn"] >= 1)

    @model.Constraint(Places, Places)
    def round_trip_rises(_, p, p_2):
        if p_2 == Places[0]:
            return pyo.Constraint.Skip
        return (
            round_trip_order[p_2] + round_trip_rises_big_m[p_2] * (1 - go_is[p, p_2])
            >= round_trip_order[p] + 1
        )

    # "In which order should she make the visits"
    @model.Constraint(Places)
    def go_one(_, p):
        return pyo.quicksum(go_is[p, place] for place in Places) == 1

    variables = {"go": go_is}
    chosen = {"go": 1}  # one binary an element: how many coordinates it has
    return model, variables, chosen


def solve(model, solver, time_limit=None):
    """Pyomo model -> status and objective value; the solution stays in the model."""
    status = run(model, solver, time_limit)
    objective = pyo.value(model.objective) if is_solved(model) else None
    return {"status": status, "objective": objective}


def solution(variables, chosen):
    """Solved variables -> {name: value, or [[key..., value], ...]}.

    Of a choice among elements the one taken, with which the keys of its binaries end.
    """
    found = {}
    for name, variable in variables.items():
        rows = [[*as_tuple(key), x.value] for key, x in variable.items()]
        if name in chosen:
            n = chosen[name]
            taken = [key for *key, value in rows if value is not None and value > 0.5]
            rows = [[*key[:-n], key[-1] if n == 1 else key[-n:]] for key in taken]
        scalar = not rows or not variable.is_indexed() or len(rows[0]) == 1
        found[name] = rows[0][-1] if rows and scalar else rows
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
    # "five patients (Adler, Brandt, Costa, Dorn and Ebert)"
    "Places": ["station", "adler", "brandt", "costa", "dorn", "ebert"],
    # "14 to Adler, 22 to Brandt, 9 to Costa, 17 to Dorn and 26 to Ebert"
    # "11 to Brandt, 16 to Costa, 25 to Dorn and 19 to Ebert"
    # "20 to Costa, 13 to Dorn and 8 to Ebert"
    # "12 to Dorn and 24 to Ebert"
    # "15 to Ebert"
    "driving": {  # minute
        "station": {"station": 0, "adler": 14, "brandt": 22, "costa": 9, "dorn": 17, "ebert": 26},
        "adler": {"station": 14, "adler": 0, "brandt": 11, "costa": 16, "dorn": 25, "ebert": 19},
        "brandt": {"station": 22, "adler": 11, "brandt": 0, "costa": 20, "dorn": 13, "ebert": 8},
        "costa": {"station": 9, "adler": 16, "brandt": 20, "costa": 0, "dorn": 12, "ebert": 24},
        "dorn": {"station": 17, "adler": 25, "brandt": 13, "costa": 12, "dorn": 0, "ebert": 15},
        "ebert": {"station": 26, "adler": 19, "brandt": 8, "costa": 24, "dorn": 15, "ebert": 0},
    },
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
    model, variables, chosen = build(DATA)
    result = solve(model, open_solver(arguments.solver), arguments.time_limit)
    if result["objective"] is not None:
        result["solution"] = solution(variables, chosen)
    print(json.dumps(result))
