"""Transport over the roads of a table, data apart.

A Pyomo model, solved by HiGHS. Run it with

    python transport_csv_pyomo.py
    python transport_csv_pyomo.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install pyomo highspy

Assumptions:
- Crates are whole, so the amounts are integers.
"""

import argparse
import json

import pyomo.environ as pyo


def build(data):
    """Data -> Pyomo model."""
    # Sets and parameters
    Mills = data["Mills"]
    Shops = data["Shops"]
    Roads = [tuple(element) for element in data["Roads"]]
    stock = data["stock"]
    wanted = data["wanted"]
    fare = {(m, s): value for m, s, value in data["fare"]}
    room = {(m, s): value for m, s, value in data["room"]}

    model = pyo.ConcreteModel("transport_csv")

    # Variables
    move = model.move = pyo.Var(Roads, domain=pyo.NonNegativeIntegers)  # crate

    # Keeps a sum over nothing an expression
    zero = model.zero = pyo.Param(initialize=0, mutable=True)

    # "The fares should add up to as little as possible"
    model.objective = pyo.Objective(
        expr=pyo.quicksum(fare[m, s] * move[m, s] for m, s in Roads),
        sense=pyo.minimize,
    )

    # "A mill gives no more than its stock"
    @model.Constraint(Mills)
    def stock_limit(_, m):
        return zero + pyo.quicksum(move[a, s] for a, s in Roads if a == m) <= stock[m]

    # "every shop gets exactly what it wants"
    @model.Constraint(Shops)
    def supplied(_, s):
        return zero + pyo.quicksum(move[m, b] for m, b in Roads if b == s) == wanted[s]

    # "a road has room for a limited number of crates"
    @model.Constraint(Roads)
    def room_limit(_, m, s):
        return move[m, s] <= room[m, s]

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


DATA = {
    "Mills": ["lund", "moss", "narvik"],
    "Shops": ["aby", "boda", "celje", "dovre"],
    "Roads": [
        ["lund", "aby"], ["lund", "boda"], ["lund", "celje"], ["moss", "aby"], ["moss", "boda"],
        ["moss", "dovre"], ["narvik", "celje"], ["narvik", "dovre"],
    ],
    "stock": {"lund": 46, "moss": 35, "narvik": 28},  # crate
    "wanted": {"aby": 22, "boda": 31, "celje": 17, "dovre": 25},  # crate
    "fare": [  # EUR/crate
        ["lund", "aby", 6.5], ["lund", "boda", 4], ["lund", "celje", 8.25], ["moss", "aby", 3.75],
        ["moss", "boda", 5.5], ["moss", "dovre", 9], ["narvik", "celje", 4.5],
        ["narvik", "dovre", 2.5],
    ],
    "room": [  # crate
        ["lund", "aby", 30], ["lund", "boda", 25], ["lund", "celje", 30], ["moss", "aby", 15],
        ["moss", "boda", 30], ["moss", "dovre", 20], ["narvik", "celje", 20],
        ["narvik", "dovre", 18],
    ],
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
    print(json.dumps(result))
