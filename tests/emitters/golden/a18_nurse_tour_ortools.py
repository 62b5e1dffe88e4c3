"""Shortest round of five home visits.

An OR-Tools model, solved by CP-SAT. Run it with

    python nurse_tour_ortools.py
    python nurse_tour_ortools.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install ortools (for 9.15)

Assumptions:
- Each place has exactly one next place, so there is no integer or real amount to decide.
- The time at the patients does not depend on the order and is left out.
"""

import argparse
import json
import sys

from ortools.sat.python import cp_model


def build(data):
    """Data -> model, variables, labels."""
    # Sets and parameters
    Places = data["Places"]
    driving = {(p, i): data["driving"][p][i] for p in Places for i in Places}

    model = cp_model.CpModel()

    # Variables
    # "In which order should she make the visits"
    go = {p: model.new_int_var(0, len(Places) - 1, f"go[{p}]") for p in Places}

    # round_trip: "starts at the station, calls once on each of five patients"
    # "and drives back to the station"
    model.add_circuit(tour(model, [go[p] for p in Places]))

    # medicine: "the nurse has to drive straight from Brandt to Dorn"
    model.add(go["brandt"] == Places.index("dorn"))

    # "so that she drives as little as possible"
    model.minimize(sum(element(model, go[p], [driving[p, i_2] for i_2 in Places]) for p in Places))

    variables = {"go": go}
    labels = {"go": Places}
    return model, variables, labels


def bounds(expression):
    """Linear expression -> the least and the greatest value its variables allow."""
    if isinstance(expression, int):
        return expression, expression
    flat = cp_model.FlatIntExpr(expression)
    ends = [(k * x.domain.min(), k * x.domain.max()) for x, k in zip(flat.vars, flat.coeffs)]
    return flat.offset + sum(map(min, ends)), flat.offset + sum(map(max, ends))


def literal(model, condition):
    """Comparison, literal or truth value -> a literal that is true exactly where it holds."""
    if isinstance(condition, cp_model.LinearExpr):
        return condition
    if not isinstance(condition, cp_model.BoundedLinearExpression):
        return model.new_constant(int(bool(condition)))
    holds = model.new_bool_var("")
    model.add(condition).only_enforce_if(holds)
    expression = cp_model.LinearExpr.weighted_sum(condition.vars, condition.coeffs)
    expression += condition.offset
    otherwise = condition.bounds.complement()
    model.add_linear_expression_in_domain(expression, otherwise).only_enforce_if(~holds)
    return holds


def element(model, index, values):
    """The value at a place of a list; the index is held within it."""
    lows, highs = zip(*(bounds(value) for value in values))
    picked = model.new_int_var(min(lows), max(highs), "")
    model.add_element(index, values, picked)
    return picked


def tour(model, successors, partial=False):
    """Places -> the arcs of one tour, each naming the next; `partial`: one left out names itself."""
    places = range(len(successors))
    return [
        (i, j, literal(model, successors[i] == j))
        for i in places
        for j in places
        if i != j or partial or len(places) == 1
    ]


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


def solution(solver, variables, labels):
    """Solved variables -> {name: value, or [[key..., value], ...]}; positions become labels."""
    found = {}
    for name, variable in variables.items():
        order = labels.get(name)
        if isinstance(variable, dict):
            rows = [[*as_tuple(key), value_of(solver, x, order)] for key, x in variable.items()]
            found[name] = rows
        else:
            found[name] = value_of(solver, variable, order)
    return found


def as_tuple(key):
    """Key of a family -> its coordinates."""
    return key if isinstance(key, tuple) else (key,)


def value_of(solver, variable, order):
    """Solved variable -> an integer, or the label at that place."""
    value = solver.value(variable)
    return value if order is None else order[value]


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
    result, solver = solve(model, arguments.time_limit)
    if result["status"] in ("OPTIMAL", "FEASIBLE"):
        result["solution"] = solution(solver, variables, labels)
    print(json.dumps(result))
