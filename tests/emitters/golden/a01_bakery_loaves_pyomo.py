"""Loaves for a market day, flour and oven limited.

A Pyomo model, solved by HiGHS or the solver named with --solver. Run it with

    python bakery_loaves_pyomo.py
    python bakery_loaves_pyomo.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install pyomo highspy

Assumptions:
- Loaves are whole, so the amounts are integers.
- Everything baked is sold.
- An hour has 60 minutes.
"""

import argparse
import json
import math
import sys

import pyomo.environ as pyo


def build(data):
    """Data -> model, variables."""
    # Sets and parameters
    Breads = data["Breads"]
    flour = data["flour"]
    flour_store = data["flour_store"]
    baking = data["baking"]
    oven_time = data["oven_time"]
    profit = data["profit"]
    rye_ordered = data["rye_ordered"]
    baguette_share = data["baguette_share"]

    model = pyo.ConcreteModel("bakery_loaves")

    # Variables
    # "how many of each to bake"
    bake = model.bake = pyo.Var(Breads, domain=pyo.NonNegativeIntegers)  # piece

    # "so that we earn the most"
    model.objective = pyo.Objective(
        expr=pyo.quicksum(profit[b] * bake[b] for b in Breads),
        sense=pyo.maximize,
    )

    # "there are 91 kg in the store"
    model.flour_limit = pyo.Constraint(
        expr=pyo.quicksum(flour[b] * bake[b] for b in Breads) <= flour_store
    )

    # "The oven is ours for 11 hours"
    model.oven_limit = pyo.Constraint(
        expr=pyo.quicksum(baking[b] * bake[b] for b in Breads) <= oven_time
    )

    # "Regulars have ordered 25 rye loaves, so we need at least that many"
    model.rye_orders = pyo.Constraint(expr=bake["rye"] >= rye_ordered)

    # "Baguettes must not be more than 40 % of everything we bake"
    model.few_baguettes = pyo.Constraint(
        expr=bake["baguette"] <= baguette_share * pyo.quicksum(bake[b] for b in Breads)
    )

    variables = {"bake": bake}
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
    # "rye loaves, spelt loaves and baguettes"
    "Breads": ["rye", "spelt", "baguette"],
    # "a rye loaf takes 0.6 kg, a spelt loaf 0.5 kg and a baguette 0.3 kg"
    "flour": {"rye": 0.6, "spelt": 0.5, "baguette": 0.3},  # kg/piece
    # "there are 91 kg in the store"
    "flour_store": 91,  # kg
    # "4 minutes for a rye loaf, 5 minutes for a spelt loaf, 2 minutes for a baguette"
    "baking": {"rye": 4, "spelt": 5, "baguette": 2},  # minute/piece
    # "The oven is ours for 11 hours"
    # = 11 * 60
    "oven_time": 660,  # minute
    # "2.10 EUR on a rye loaf, 2.60 EUR on a spelt loaf and 1.10 EUR on a baguette"
    "profit": {"rye": 2.1, "spelt": 2.6, "baguette": 1.1},  # EUR/piece
    # "Regulars have ordered 25 rye loaves"
    "rye_ordered": 25,  # piece
    # "40 % of everything"
    "baguette_share": 0.4,
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
