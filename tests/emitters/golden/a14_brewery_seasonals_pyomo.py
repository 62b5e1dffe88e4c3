"""Which seasonal beers to brew and how many tanks.

A Pyomo model, solved by HiGHS or the solver named with --solver. Run it with

    python brewery_seasonals_pyomo.py
    python brewery_seasonals_pyomo.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install pyomo highspy

Assumptions:
- Tanks are filled whole, so their numbers are integers.
- The one-off cost is paid once a beer, whatever the number of tanks.
"""

import argparse
import json
import math
import sys
import zlib

import pyomo.environ as pyo


def build(data):
    """Data -> model, variables."""
    # Sets and parameters
    Beers = data["Beers"]
    setup = data["setup"]
    earn = data["earn"]
    tanks_owned = data["tanks_owned"]
    malt = data["malt"]
    malt_stock = data["malt_stock"]
    fewest = data["fewest"]
    most = data["most"]
    tanks_upper = data["tanks_upper"]
    batch_big_m = max(0, fewest)  # by how much `batch` may be exceeded where its condition is off
    # by how much `batch_2` may be exceeded where its condition is off
    batch_2_big_m = {b: max(0, tanks_upper[b] - most) for b in Beers}
    # by how much `no_batch` may be exceeded where its condition is off
    no_batch_big_m = {b: max(0, tanks_upper[b]) for b in Beers}

    model = pyo.ConcreteModel("brewery_seasonals")

    # Variables
    # "Brewing a beer at all"
    brew = model.brew = pyo.Var(Beers, domain=pyo.Binary)
    # "How many tanks of which beer"
    tanks = model.tanks = pyo.Var(Beers, domain=pyo.NonNegativeIntegers)  # tank

    # "make the most money after the one-off costs"
    model.objective = pyo.Objective(
        expr=pyo.quicksum(earn[b] * tanks[b] - setup[b] * brew[b] for b in Beers),
        sense=pyo.maximize,
    )

    # "There are 20 tanks"
    model.tank_limit = pyo.Constraint(expr=pyo.quicksum(tanks[b] for b in Beers) <= tanks_owned)

    # "Malt is limited to 3,100 kg"
    model.malt_limit = pyo.Constraint(
        expr=pyo.quicksum(malt[b] * tanks[b] for b in Beers) <= malt_stock
    )

    # "If a beer is brewed, at least 4 tanks and at most 12 tanks of it are filled"
    @model.Constraint(Beers)
    def batch(_, b):
        return fewest <= tanks[b] + batch_big_m * (1 - brew[b])

    # "If a beer is brewed, at least 4 tanks and at most 12 tanks of it are filled"
    @model.Constraint(Beers)
    def batch_2(_, b):
        return tanks[b] <= most + batch_2_big_m[b] * (1 - brew[b])

    # "if it is not brewed, no tank is"
    @model.Constraint(Beers)
    def no_batch(_, b):
        return tanks[b] <= no_batch_big_m[b] * brew[b]

    # "If the bock is brewed, the stout is not"
    model.bock_not_stout = pyo.Constraint(expr=-brew["bock"] - brew["stout"] >= -1)

    # "At least one of wheat beer and stout must be brewed for the festival"
    model.festival = pyo.Constraint(expr=brew["wheat"] + brew["stout"] >= 1)

    variables = {"brew": brew, "tanks": tanks}
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


def stale(data):
    """Data -> a warning for each bound that was kept while the data it follows from changed."""
    given = {name: value for name, value in data.items() if name not in INFERRED}
    if fingerprint(given) == WRITTEN_FOR:
        return []
    kept = [name for name, printed in INFERRED.items() if fingerprint(data[name]) == printed]
    return [f"`{name}` follows from other data: renew it, it may cut off solutions" for name in kept]


def fingerprint(value):
    """Value of JSON -> a short text that changes with it."""
    return f"{zlib.crc32(json.dumps(value, sort_keys=True).encode()):08x}"


# Fingerprints: of what is inferred from DATA, and of the rest of DATA it was inferred from
INFERRED = {
    "tanks_upper": "6bf506b3",
}
WRITTEN_FOR = "49bcb56d"


DATA = {
    # "a bock, a wheat beer and a stout"
    "Beers": ["bock", "wheat", "stout"],
    # "950 euros for the bock, 1,050 for the wheat beer and 500 for the stout"
    "setup": {"bock": 950, "wheat": 1050, "stout": 500},  # EUR
    # "A tank of bock then earns 250 euros, a tank of wheat beer 160 and a tank of stout 180"
    "earn": {"bock": 250, "wheat": 160, "stout": 180},  # EUR/tank
    # "There are 20 tanks"
    "tanks_owned": 20,  # tank
    # "200 kg for bock, 150 kg for wheat beer and 210 kg for stout"
    "malt": {"bock": 200, "wheat": 150, "stout": 210},  # kg/tank
    # "Malt is limited to 3,100 kg"
    "malt_stock": 3100,  # kg
    # "at least 4 tanks"
    "fewest": 4,  # tank
    # "at most 12 tanks"
    "most": 12,  # tank
    # follows from these data: renew it with them
    "tanks_upper": {"bock": 15, "wheat": 20, "stout": 14},
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
    result["warnings"] = stale(DATA)
    for warning in result["warnings"]:
        print(warning, file=sys.stderr)
    print(json.dumps(result))
