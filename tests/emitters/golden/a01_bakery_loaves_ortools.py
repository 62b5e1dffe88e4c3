"""Loaves for a market day, flour and oven limited.

An OR-Tools model, solved by CP-SAT. Run it with

    python bakery_loaves_ortools.py
    python bakery_loaves_ortools.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install ortools (for 9.15)

Assumptions:
- Loaves are whole, so the amounts are integers.
- Everything baked is sold.
- An hour has 60 minutes.
"""

import argparse
import json
import math
import sys
import zlib
from fractions import Fraction

from ortools.sat.python import cp_model


def build(data):
    """Data -> model, goals, variables."""
    # Sets and parameters
    Breads = data["Breads"]
    flour = {b: Fraction(str(data["flour"][b])) for b in Breads}
    flour_store = data["flour_store"]
    baking = data["baking"]
    oven_time = data["oven_time"]
    profit = {b: Fraction(str(data["profit"][b])) for b in Breads}
    rye_ordered = data["rye_ordered"]
    baguette_share = Fraction(str(data["baguette_share"]))

    model = cp_model.CpModel()

    # Variables
    # "how many of each to bake"
    bake = {b: model.new_int_var(0, data["bake.upper"], f"bake[{b}]") for b in Breads}  # piece

    # flour_limit: "there are 91 kg in the store"
    scale = math.lcm(*(flour[b].denominator for b in Breads))
    model.add(sum(int(scale * flour[b]) * bake[b] for b in Breads) <= scale * flour_store)

    # oven_limit: "The oven is ours for 11 hours"
    model.add(sum(baking[b] * bake[b] for b in Breads) <= oven_time)

    # rye_orders: "Regulars have ordered 25 rye loaves, so we need at least that many"
    model.add(bake["rye"] >= rye_ordered)

    # few_baguettes: "Baguettes must not be more than 40 % of everything we bake"
    scale = math.lcm(baguette_share.denominator)
    model.add(
        scale * bake["baguette"] <= int(scale * baguette_share) * sum(bake[b] for b in Breads)
    )

    goals = []
    # "so that we earn the most"
    scale = math.lcm(*(profit[b].denominator for b in Breads))
    goals.append(("maximize", sum(int(scale * profit[b]) * bake[b] for b in Breads), scale))

    variables = {"bake": bake}
    return model, goals, variables


def solve(model, goals, time_limit=None):
    """CP-SAT model, goals (sense, expression, scale) -> status and value of the first goal; the solver.

    Each goal is kept at its best while the next is improved.
    """
    objective, best = None, None
    for sense, goal, scale in goals:
        model.clear_objective()
        model.minimize(goal) if sense == "minimize" else model.maximize(goal)
        solver = cp_model.CpSolver()
        # CP-SAT 9.15 loses optima by dual reductions
        solver.parameters.keep_all_feasible_solutions_in_presolve = True
        if time_limit is not None:
            solver.parameters.max_time_in_seconds = time_limit
        status = solver.solve(model)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            best = solver
            if objective is None:
                objective = solver.value(goal) / scale
        if status != cp_model.OPTIMAL:
            break
        model.add(goal == solver.value(goal))
    return {"status": solver.status_name(status), "objective": objective}, best


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
WHOLE = ["flour_store", "baking", "oven_time", "rye_ordered"]


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
    "bake.upper": "1c5c32a2",
}
WRITTEN_FOR = "6a69ae1a"


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
    "bake.upper": 175,  # CP-SAT needs a bound; this one follows from these data, renew it with them
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
    model, goals, variables = build(DATA)
    result, solver = solve(model, goals, arguments.time_limit)
    if result["status"] in ("OPTIMAL", "FEASIBLE"):
        result["solution"] = solution(solver, variables)
    result["warnings"] = stale(DATA)
    for warning in result["warnings"]:
        print(warning, file=sys.stderr)
    print(json.dumps(result))
