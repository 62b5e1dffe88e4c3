"""A variable as an index into prices and delays.

An OR-Tools model, solved by CP-SAT. Run it with

    python element_ortools.py
    python element_ortools.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install ortools (for 9.15)
"""

import argparse
import json
import sys

from ortools.sat.python import cp_model


def build(data):
    """Data -> model, variables, labels."""
    # Sets and parameters
    Orders = data["Orders"]
    Suppliers = data["Suppliers"]
    crates = data["crates"]
    price = data["price"]
    room = data["room"]
    delay = {(s, o): data["delay"][s][o] for s in Suppliers for o in Orders}
    due = data["due"]

    model = cp_model.CpModel()

    # Variables
    # "Each of five orders goes to one of four suppliers"
    pick = {o: model.new_int_var(0, len(Suppliers) - 1, f"pick[{o}]") for o in Orders}

    # room_limit: "room for so many crates in all"
    for s in Suppliers:
        model.add(
            sum(crates[o] * literal(model, pick[o] == Suppliers.index(s)) for o in Orders)
            <= room[s]
        )

    # in_time: "no order may arrive after its due day"
    for o in Orders:
        model.add(element(model, pick[o], [delay[i, o] for i in Suppliers]) <= due[o])

    # "Spend as little as possible"
    model.minimize(
        sum(crates[o] * element(model, pick[o], [price[i] for i in Suppliers]) for o in Orders)
    )

    variables = {"pick": pick}
    labels = {"pick": Suppliers}
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
WHOLE = ["crates", "price", "room", "delay", "due"]


DATA = {
    "Orders": ["o1", "o2", "o3", "o4", "o5"],
    "Suppliers": ["north", "south", "east", "west"],
    "crates": {"o1": 12, "o2": 7, "o3": 15, "o4": 9, "o5": 11},  # crate
    "price": {"north": 5, "south": 4, "east": 6, "west": 3},  # EUR/crate
    "room": {"north": 30, "south": 16, "east": 40, "west": 12},  # crate
    "delay": {  # day
        "north": {"o1": 2, "o2": 3, "o3": 2, "o4": 5, "o5": 1},
        "south": {"o1": 4, "o2": 4, "o3": 6, "o4": 3, "o5": 5},
        "east": {"o1": 1, "o2": 2, "o3": 2, "o4": 1, "o5": 3},
        "west": {"o1": 6, "o2": 5, "o3": 7, "o4": 2, "o5": 6},
    },
    "due": {"o1": 4, "o2": 5, "o3": 6, "o4": 4, "o5": 5},  # day
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
