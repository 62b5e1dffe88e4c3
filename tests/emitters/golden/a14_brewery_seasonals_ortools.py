"""Which seasonal beers to brew and how many tanks.

An OR-Tools model, solved by CP-SAT. Run it with

    python brewery_seasonals_ortools.py
    python brewery_seasonals_ortools.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install ortools (for 9.15)

Assumptions:
- Tanks are filled whole, so their numbers are integers.
- The one-off cost is paid once a beer, whatever the number of tanks.
"""

import argparse
import json
import sys
import zlib

from ortools.sat.python import cp_model


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

    model = cp_model.CpModel()

    # Variables
    # "Brewing a beer at all"
    brew = {b: model.new_bool_var(f"brew[{b}]") for b in Beers}
    # "How many tanks of which beer"
    tanks = {b: model.new_int_var(0, data["tanks.upper"], f"tanks[{b}]") for b in Beers}  # tank

    # tank_limit: "There are 20 tanks"
    model.add(sum(tanks[b] for b in Beers) <= tanks_owned)

    # malt_limit: "Malt is limited to 3,100 kg"
    model.add(sum(malt[b] * tanks[b] for b in Beers) <= malt_stock)

    # batch: "If a beer is brewed, at least 4 tanks and at most 12 tanks of it are filled"
    for b in Beers:
        model.add(fewest <= tanks[b]).only_enforce_if(brew[b])
        model.add(tanks[b] <= most).only_enforce_if(brew[b])

    # no_batch: "if it is not brewed, no tank is"
    for b in Beers:
        model.add(tanks[b] == 0).only_enforce_if(~brew[b])

    # bock_not_stout: "If the bock is brewed, the stout is not"
    model.add_implication(brew["bock"], ~brew["stout"])

    # festival: "At least one of wheat beer and stout must be brewed for the festival"
    model.add_bool_or(brew["wheat"], brew["stout"])

    # "make the most money after the one-off costs"
    model.maximize(sum(earn[b] * tanks[b] - setup[b] * brew[b] for b in Beers))

    variables = {"brew": brew, "tanks": tanks}
    return model, variables


def solve(model, time_limit=None):
    """CP-SAT model -> status and objective value, and the solver, which holds the solution."""
    solver = cp_model.CpSolver()
    # CP-SAT 9.15 loses optima by dual reductions
    solver.parameters.keep_all_feasible_solutions_in_presolve = True
    if time_limit is not None:
        solver.parameters.max_time_in_seconds = time_limit
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    objective = solver.objective_value if found else None
    return {"status": solver.status_name(status), "objective": objective}, solver


def solution(solver, variables):
    """Solved variables -> {name: value, or [[key..., value], ...]}."""
    found = {}
    for name, variable in variables.items():
        if isinstance(variable, dict):
            found[name] = [[*as_tuple(key), solver.value(x)] for key, x in variable.items()]
        else:
            found[name] = solver.value(variable)
    return found


def as_tuple(key):
    """Key of a family -> its coordinates."""
    return key if isinstance(key, tuple) else (key,)


def require_whole(data):
    """Data -> the end of the program where numbers it counts with are not whole."""
    names = [name for name in WHOLE if not is_whole(data[name])]
    if names:
        listed = ", ".join(names)
        sys.exit(f"the data of {listed} must be whole: for decimals, write this program anew")


def is_whole(value):
    """Number, or lists and maps of numbers -> True where none is written with decimals."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return all(is_whole(v) for v in value)
    return not isinstance(value, float)


# What was whole when this was written, and is counted with
WHOLE = ["setup", "earn", "tanks_owned", "malt", "malt_stock", "fewest", "most"]


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
    "tanks.upper": "8a707622",
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
    "tanks.upper": 20,  # CP-SAT needs a bound; this one follows from these data, renew it with them
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", help="JSON file with other data, in the shape of DATA")
    parser.add_argument("--time-limit", type=float, help="seconds")
    arguments = parser.parse_args()
    if arguments.data:
        with open(arguments.data, encoding="utf-8") as file:
            DATA = json.load(file)
        require_whole(DATA)
    model, variables = build(DATA)
    result, solver = solve(model, arguments.time_limit)
    if result["status"] in ("OPTIMAL", "FEASIBLE"):
        result["solution"] = solution(solver, variables)
    result["warnings"] = stale(DATA)
    for warning in result["warnings"]:
        print(warning, file=sys.stderr)
    print(json.dumps(result))
