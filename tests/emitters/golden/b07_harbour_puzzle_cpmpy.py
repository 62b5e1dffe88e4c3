"""A logic puzzle with one solution.

A CPMpy model, solved by CP-SAT. Run it with

    python harbour_puzzle_cpmpy.py
    python harbour_puzzle_cpmpy.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install cpmpy ortools
"""

import argparse
import json

import cpmpy as cp


def build(data):
    """Data -> model, variables."""
    # Sets and parameters
    Berths = range(1, 5)
    Names = data["Names"]
    Colours = data["Colours"]
    Goods = data["Goods"]

    # Variables
    # "Four boats lie at berths 1 to 4"
    boat = {n: cp.intvar(Berths[0], Berths[-1]) for n in Names}
    # "are painted red, blue, green and white"
    paint = {c: cp.intvar(Berths[0], Berths[-1]) for c in Colours}
    # "carry salt, timber, wine and oranges"
    cargo = {g: cp.intvar(Berths[0], Berths[-1]) for g in Goods}

    model = cp.Model()

    # one_name_each: "They are called Alba, Brise, Corvo and Delfin"
    model += cp.AllDifferent([boat[n] for n in Names])

    # one_colour_each: "are painted red, blue, green and white"
    model += cp.AllDifferent([paint[c] for c in Colours])

    # one_cargo_each: "carry salt, timber, wine and oranges"
    model += cp.AllDifferent([cargo[g] for g in Goods])

    # wine_right_of_red: "The boat with the wine lies directly to the right of the red one"
    model += cargo["wine"] == paint["red"] + 1

    # alba_timber: "Alba carries timber"
    model += boat["alba"] == cargo["timber"]

    # brise_green: "Brise lies next to the green boat"
    model += cp.abs(boat["brise"] - paint["green"]) == 1

    # delfin_inside: "Delfin is not at either end"
    model += ~cp.InDomain(boat["delfin"], (Berths[0], Berths[-1]))

    # blue_oranges: "The oranges are on the blue boat"
    model += cargo["oranges"] == paint["blue"]

    # corvo_right: "Corvo lies somewhere to the right of Alba"
    model += boat["corvo"] > boat["alba"]

    # one_of_two: "Either the white boat is at berth 1 or Corvo is at berth 4, but not both"
    model += (paint["white"] == 1) != (boat["corvo"] == 4)

    # corvo_wine: "Corvo lies to the left of the boat with the wine"
    model += boat["corvo"] < cargo["wine"]

    variables = {"boat": boat, "paint": paint, "cargo": cargo}
    return model, variables


# CP-SAT 9.15 loses optima by dual reductions
OPTIONS = {"keep_all_feasible_solutions_in_presolve": True}



def solve(model, time_limit=None):
    """CPMpy model -> status; the solution stays in the variables."""
    model.solve(solver="ortools", time_limit=time_limit, **OPTIONS)
    return {"status": model.status().exitstatus.name, "objective": None}


def solution(variables):
    """Solved variables -> {name: value, or [[key..., value], ...]}."""
    found = {}
    for name, variable in variables.items():
        if isinstance(variable, dict):
            found[name] = [[*as_tuple(key), value_of(x)] for key, x in variable.items()]
        else:
            found[name] = value_of(variable)
    return found


def as_tuple(key):
    """Key of a family -> its coordinates."""
    return key if isinstance(key, tuple) else (key,)


def value_of(variable):
    """Solved variable -> a plain integer, None where any value will do."""
    return None if variable.value() is None else int(variable.value())


DATA = {
    "Names": ["alba", "brise", "corvo", "delfin"],
    "Colours": ["red", "blue", "green", "white"],
    "Goods": ["salt", "timber", "wine", "oranges"],
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", help="JSON file with other data, in the shape of DATA")
    parser.add_argument("--time-limit", type=float, help="seconds")
    arguments = parser.parse_args()
    if arguments.data:
        with open(arguments.data, encoding="utf-8") as file:
            DATA = json.load(file)
    model, variables = build(DATA)
    result = solve(model, arguments.time_limit)
    if result["status"] in ("OPTIMAL", "FEASIBLE"):
        result["solution"] = solution(variables)
    print(json.dumps(result))
