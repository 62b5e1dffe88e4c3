"""The functions of a Pyomo program that are the same for every model: how it is solved, what it reports."""

from __future__ import annotations

from typing import Final

SOLVE: Final = '''
def solve(model, solver, time_limit=None):
    """Pyomo model -> status and objective value; the solution stays in the model."""
    status = run(model, solver, time_limit)
    objective = pyo.value(model.objective) if is_solved(model) else None
    return {"status": status, "objective": objective}
'''

SOLVE_GOALS: Final = '''
def solve(model, solver, time_limit=None):
    """Pyomo model -> status and value of the first goal; each is kept while the next is improved."""
    goals = [goal for goal in model.component_objects(pyo.Objective)]
    objective = None
    model.kept = pyo.ConstraintList()
    for goal in goals:
        goal.activate()
        status = run(model, solver, time_limit)
        if is_solved(model):
            objective = pyo.value(goals[0])
        if status != "optimal":
            break
        best = pyo.value(goal)
        slack = 1e-6 * (1 + abs(best))
        below = goal.is_minimizing()
        model.kept.add(goal.expr <= best + slack if below else goal.expr >= best - slack)
        goal.deactivate()
    return {"status": status, "objective": objective}
'''

SOLVER: Final = '''
def open_solver(name):
    """Name -> the solver, told to prove its optimum; the program ends where it is not there."""
    factory, needs, options = SOLVERS[name]
    solver = pyo.SolverFactory(factory)
    if not solver.available(exception_flag=False):
        sys.exit(f"solver '{name}' is not available: install {needs}")
    for option, value in options.items():
        solver.options[option] = value
    return solver


def run(model, solver, time_limit):
    """Pyomo model -> how its solver ended; a solution it found is put into the model."""
    seconds = None if time_limit is None else math.ceil(time_limit)
    results = solver.solve(model, load_solutions=False, timelimit=seconds)
    status = str(results.solver.termination_condition)
    if len(results.solution) > 0 and status in ("optimal", "maxTimeLimit"):
        model.solutions.load_from(results)
    return status


def is_solved(model):
    """True where the variables have values."""
    return any(x.value is not None for x in model.component_data_objects(pyo.Var))


# Name -> what Pyomo calls it, what it needs, and how to close the gap it leaves open by default
'''

SOLUTION: Final = '''
def solution(variables):
    """Solved variables -> {name: value, or [[key..., value], ...]}."""
    found = {}
    for name, variable in variables.items():
        if variable.is_indexed():
            found[name] = [[*as_tuple(key), x.value] for key, x in variable.items()]
        else:
            found[name] = variable.value
    return found


def as_tuple(key):
    """Key of a family -> its coordinates."""
    return key if isinstance(key, tuple) else (key,)
'''

SOLUTION_CHOSEN: Final = '''
def solution(variables, chosen):
    """Solved variables -> {name: value, or [[key..., value], ...]}.

    Of a choice among elements the one taken, with which the keys of its binaries end.
    """
    found = {}
    for name, variable in variables.items():
        rows = [[*as_tuple(key), x.value] for key, x in variable.items()]
        if name in chosen:
            n = chosen[name]
            taken = [key for *key, value in rows if value is not None and value > 0.5]
            rows = [[*key[:-n], key[-1] if n == 1 else key[-n:]] for key in taken]
        scalar = not rows or not variable.is_indexed() or len(rows[0]) == 1
        found[name] = rows[0][-1] if rows and scalar else rows
    return found


def as_tuple(key):
    """Key of a family -> its coordinates."""
    return key if isinstance(key, tuple) else (key,)
'''

RUN: Final = """
MADE = build(DATA)
result = solve(model, open_solver(arguments.solver), arguments.time_limit)
if result["objective"] is not None:
    result["solution"] = solution(REPORTED)
print(json.dumps(result))
"""

OPTION: Final = 'parser.add_argument("--solver", choices=list(SOLVERS), default="highs")'
