"""A logic puzzle with one solution.

An OR-Tools model, solved by CP-SAT. Run it with

    python harbour_puzzle_ortools.py
    python harbour_puzzle_ortools.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install ortools (for 9.15)
"""

import argparse
import json

from ortools.sat.python import cp_model


def build(data):
    """Data -> model, variables."""
    # Sets and parameters
    Berths = range(1, 5)
    Names = data["Names"]
    Colours = data["Colours"]
    Goods = data["Goods"]

    model = cp_model.CpModel()

    # Variables
    # "Four boats lie at berths 1 to 4"
    boat = {n: model.new_int_var(Berths[0], Berths[-1], f"boat[{n}]") for n in Names}
    # "are painted red, blue, green and white"
    paint = {c: model.new_int_var(Berths[0], Berths[-1], f"paint[{c}]") for c in Colours}
    # "carry salt, timber, wine and oranges"
    cargo = {g: model.new_int_var(Berths[0], Berths[-1], f"cargo[{g}]") for g in Goods}

    # one_name_each: "They are called Alba, Brise, Corvo and Delfin"
    model.add_all_different(boat[n] for n in Names)

    # one_colour_each: "are painted red, blue, green and white"
    model.add_all_different(paint[c] for c in Colours)

    # one_cargo_each: "carry salt, timber, wine and oranges"
    model.add_all_different(cargo[g] for g in Goods)

    # wine_right_of_red: "The boat with the wine lies directly to the right of the red one"
    model.add(cargo["wine"] == paint["red"] + 1)

    # alba_timber: "Alba carries timber"
    model.add(boat["alba"] == cargo["timber"])

    # brise_green: "Brise lies next to the green boat"
    model.add(absolute(model, boat["brise"] - paint["green"]) == 1)

    # delfin_inside: "Delfin is not at either end"
    model.add_linear_expression_in_domain(
        boat["delfin"],
        cp_model.Domain.from_values((Berths[0], Berths[-1])).complement(),
    )

    # blue_oranges: "The oranges are on the blue boat"
    model.add(cargo["oranges"] == paint["blue"])

    # corvo_right: "Corvo lies somewhere to the right of Alba"
    model.add(boat["corvo"] > boat["alba"])

    # one_of_two: "Either the white boat is at berth 1 or Corvo is at berth 4, but not both"
    model.add(literal(model, paint["white"] == 1) != literal(model, boat["corvo"] == 4))

    # corvo_wine: "Corvo lies to the left of the boat with the wine"
    model.add(boat["corvo"] < cargo["wine"])

    variables = {"boat": boat, "paint": paint, "cargo": cargo}
    return model, variables


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


def absolute(model, value):
    """The absolute value of a linear expression."""
    low, high = bounds(value)
    size = model.new_int_var(0, max(-low, high), "")
    model.add_abs_equality(size, value)
    return size


def solve(model, time_limit=None):
    """CP-SAT model -> status, and the solver, which holds the solution."""
    solver = cp_model.CpSolver()
    # CP-SAT 9.15 loses optima by dual reductions
    solver.parameters.keep_all_feasible_solutions_in_presolve = True
    if time_limit is not None:
        solver.parameters.max_time_in_seconds = time_limit
    status = solver.solve(model)
    return {"status": solver.status_name(status), "objective": None}, solver


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
    result, solver = solve(model, arguments.time_limit)
    if result["status"] in ("OPTIMAL", "FEASIBLE"):
        result["solution"] = solution(solver, variables)
    print(json.dumps(result))
