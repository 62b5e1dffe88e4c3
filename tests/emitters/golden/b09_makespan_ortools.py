"""Jobs on unrelated machines, earliest end.

An OR-Tools model, solved by CP-SAT. Run it with

    python makespan_ortools.py
    python makespan_ortools.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install ortools (for 9.15)
"""

import argparse
import json
import sys

from ortools.sat.python import cp_model


def build(data):
    """Data -> model, variables, labels."""
    # Sets and parameters
    Jobs = data["Jobs"]
    Machines = data["Machines"]
    minutes = {(j, m): data["minutes"][j][m] for j in Jobs for m in Machines}

    model = cp_model.CpModel()

    # Variables
    machine = {j: model.new_int_var(0, len(Machines) - 1, f"machine[{j}]") for j in Jobs}

    # Expressions
    # minute
    busy = {
        m: sum(minutes[j, m] * literal(model, machine[j] == Machines.index(m)) for j in Jobs)
        for m in Machines
    }
    finish = maximum(model, [busy[m] for m in Machines])  # minute

    # one_tool: "Jobs a and b need the same tool and go to different machines"
    model.add(machine["a"] != machine["b"])

    # too_wide: "Job f does not fit on the mill"
    model.add(machine["f"] != Machines.index("mill"))

    # "The last machine should stop as early as possible"
    model.minimize(finish)

    variables = {"machine": machine}
    labels = {"machine": Machines}
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


def maximum(model, values):
    """The greatest of a list of linear expressions."""
    lows, highs = zip(*(bounds(value) for value in values))
    greatest = model.new_int_var(max(lows), max(highs), "")
    model.add_max_equality(greatest, values)
    return greatest


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
WHOLE = ["minutes"]


DATA = {
    "Jobs": ["a", "b", "c", "d", "e", "f", "g", "h"],
    "Machines": ["drill", "press", "mill"],
    "minutes": {  # minute
        "a": {"drill": 7, "press": 9, "mill": 6},
        "b": {"drill": 5, "press": 4, "mill": 8},
        "c": {"drill": 9, "press": 7, "mill": 7},
        "d": {"drill": 3, "press": 6, "mill": 5},
        "e": {"drill": 8, "press": 5, "mill": 9},
        "f": {"drill": 4, "press": 4, "mill": 3},
        "g": {"drill": 6, "press": 8, "mill": 5},
        "h": {"drill": 5, "press": 3, "mill": 6},
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
