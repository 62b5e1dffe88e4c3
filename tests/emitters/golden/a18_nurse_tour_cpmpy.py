"""Shortest round of five home visits.

A CPMpy model, solved by CP-SAT. Run it with

    python nurse_tour_cpmpy.py
    python nurse_tour_cpmpy.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install cpmpy ortools

Assumptions:
- Each place has exactly one next place, so there is no integer or real amount to decide.
- The time at the patients does not depend on the order and is left out.
"""

import argparse
import json
import sys

import cpmpy as cp


def build(data):
    """Data -> model, variables, labels."""
    # Sets and parameters
    Places = data["Places"]
    driving = {(p, i): data["driving"][p][i] for p in Places for i in Places}

    # Variables
    # "In which order should she make the visits"
    go = {p: cp.intvar(0, len(Places) - 1) for p in Places}

    model = cp.Model()

    # round_trip: "starts at the station, calls once on each of five patients"
    # "and drives back to the station"
    model += cp.Circuit([go[p] for p in Places])

    # medicine: "the nurse has to drive straight from Brandt to Dorn"
    model += go["brandt"] == Places.index("dorn")

    # "so that she drives as little as possible"
    model.minimize(cp.sum([cp.Element([driving[p, i_2] for i_2 in Places], go[p]) for p in Places]))

    variables = {"go": go}
    labels = {"go": Places}
    return model, variables, labels


# CP-SAT 9.15 loses optima by dual reductions
OPTIONS = {"keep_all_feasible_solutions_in_presolve": True}



def solve(model, time_limit=None):
    """CPMpy model -> status and objective value; the solution stays in the variables."""
    found = model.solve(solver="ortools", time_limit=time_limit, **OPTIONS)
    objective = model.objective_value() if found else None
    return {"status": model.status().exitstatus.name, "objective": objective}


def solution(variables, labels):
    """Solved variables -> {name: value, or [[key..., value], ...]}; positions become labels."""
    found = {}
    for name, variable in variables.items():
        order = labels.get(name)
        if isinstance(variable, dict):
            found[name] = [[*as_tuple(key), value_of(x, order)] for key, x in variable.items()]
        else:
            found[name] = value_of(variable, order)
    return found


def as_tuple(key):
    """Key of a family -> its coordinates."""
    return key if isinstance(key, tuple) else (key,)


def value_of(variable, order):
    """Solved variable -> an integer, or the label at that place; None where any value will do."""
    if variable.value() is None:
        return None
    return int(variable.value()) if order is None else order[variable.value()]


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
WHOLE = ["driving"]


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
    arguments = parser.parse_args()
    if arguments.data:
        with open(arguments.data, encoding="utf-8") as file:
            DATA = json.load(file)
        require_whole(DATA)
    model, variables, labels = build(DATA)
    result = solve(model, arguments.time_limit)
    if result["status"] in ("OPTIMAL", "FEASIBLE"):
        result["solution"] = solution(variables, labels)
    print(json.dumps(result))
