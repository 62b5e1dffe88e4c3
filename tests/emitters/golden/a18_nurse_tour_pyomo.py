"""Shortest round of five home visits.

A Pyomo model, solved by HiGHS. Run it with

    python nurse_tour_pyomo.py
    python nurse_tour_pyomo.py other.json --time-limit 60

The second uses other data, in the shape of DATA below. Needs: pip install pyomo highspy

Assumptions:
- Each place has exactly one next place, so there is no integer or real amount to decide.
- The time at the patients does not depend on the order and is left out.
"""

import argparse
import json

import pyomo.environ as pyo


def build(data):
    """Data -> Pyomo model."""
    # Sets and parameters
    Places = data["Places"]
    driving = {(p, i): data["driving"][p][i] for p in Places for i in Places}
    # by how much `round_trip_rises` may be exceeded where its condition is off
    round_trip_rises_big_m = {p_2: max(0, len(Places)) for p_2 in Places if p_2 != Places[0]}

    model = pyo.ConcreteModel("nurse_tour")

    # Variables
    # place in the tour
    round_trip_order = model.round_trip_order = pyo.Var(
        Places,
        domain=pyo.Reals,
        bounds=(0, len(Places) - 1),
    )
    go_is = model.go_is = pyo.Var(Places, Places, domain=pyo.Binary)  # 1 where go is this element

    # "so that she drives as little as possible"
    model.objective = pyo.Objective(
        expr=pyo.quicksum(
            pyo.quicksum(driving[p, i] * go_is[p, i] for i in Places)
            for p in Places
        ),
        sense=pyo.minimize,
    )

    # "starts at the station, calls once on each of five patients"
    # "and drives back to the station"
    @model.Constraint(Places)
    def round_trip(_, value_2):
        return pyo.quicksum(go_is[p, value_2] for p in Places) <= 1

    # "the nurse has to drive straight from Brandt to Dorn"
    model.medicine = pyo.Constraint(expr=go_is["brandt", "dorn"] >= 1)

    @model.Constraint(Places, Places)
    def round_trip_rises(_, p, p_2):
        if p_2 == Places[0]:
            return pyo.Constraint.Skip
        return round_trip_order[p_2] + round_trip_rises_big_m[p_2] * (
            1 - go_is[p, p_2]
        ) >= round_trip_order[p] + 1

    # "In which order should she make the visits"
    @model.Constraint(Places)
    def go_one(_, p):
        return pyo.quicksum(go_is[p, place] for place in Places) == 1

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
    model = build(DATA)
    result = solve(model, arguments.time_limit)
    if result["objective"] is not None:
        result["solution"] = solution(model)
    print(json.dumps(result))
