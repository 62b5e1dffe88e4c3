"""Which seasonal beers to brew and how many tanks.

A Pyomo model, solved by HiGHS. Run it with

    python brewery_seasonals_pyomo.py
    python brewery_seasonals_pyomo.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install pyomo highspy

Assumptions:
- Tanks are filled whole, so their numbers are integers.
- The one-off cost is paid once a beer, whatever the number of tanks.
"""

import argparse
import json
import sys
import zlib

import pyomo.environ as pyo


def build(data):
    """Data -> Pyomo model."""
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

    return model


def solve(model, time_limit=None):
    """Pyomo model -> status and objective value; the solution stays in the model."""
    solver = pyo.SolverFactory("appsi_highs")
    solver.highs_options = {"mip_rel_gap": 1e-9}
    results = solver.solve(model, load_solutions=False, timelimit=time_limit)
    objective = None
    if len(results.solution) > 0:
        model.solutions.load_from(results)
        objective = pyo.value(model.objective)
    return {"status": str(results.solver.termination_condition), "objective": objective}


def solution(model):
    """Solved model -> {variable: its value, or [[key..., value], ...]}."""
    found = {}
    for variable in model.component_objects(pyo.Var):
        if variable.is_indexed():
            keys = [key if isinstance(key, tuple) else (key,) for key in variable]
            found[variable.name] = [[*key, variable[key].value] for key in keys]
        else:
            found[variable.name] = variable.value
    return found


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
    "tanks_upper": {"bock": 15, "wheat": 20, "stout": 14},  # follows from these data: renew it with them
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", help="JSON file with other data, in the shape of DATA")
    parser.add_argument("--time-limit", type=float, help="seconds")
    arguments = parser.parse_args()
    if arguments.data:
        with open(arguments.data, encoding="utf-8") as file:
            DATA = json.load(file)
    model = build(DATA)
    result = solve(model, arguments.time_limit)
    if result["objective"] is not None:
        result["solution"] = solution(model)
    result["warnings"] = stale(DATA)
    for warning in result["warnings"]:
        print(warning, file=sys.stderr)
    print(json.dumps(result))
