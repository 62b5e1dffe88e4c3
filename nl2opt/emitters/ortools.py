"""Instance -> Program: OR-Tools CP-SAT, one function `build(data)`.

CP-SAT has a constraint for most of what a model says and no nested conditions: what stands inside another expression
becomes a variable, made by a small function of the program (`literal`, `maximum`, `element`), and an implication is a
constraint enforced on literals. Sums are Python's own: OR-Tools accumulates them in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nl2opt.emitters import Emission, Runner
from nl2opt.emitters.natives import AllDifferent, Inverse, Native
from nl2opt.emitters.python.cpsat_functions import CPSAT_FUNCTIONS
from nl2opt.emitters.python.cpsat_statements import StatementWriter
from nl2opt.emitters.python.emission import emission
from nl2opt.emitters.python.known import Scope
from nl2opt.emitters.python.reasons import UNSUPPORTED
from nl2opt.emitters.python.scripts import Script, assemble, block
from nl2opt.emitters.python.total import make_total
from nl2opt.emitters.python.whole import WholeScript, require_whole
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Over, Variable
from nl2opt.ir.nodes import Call, Expr, Name, Subscript
from nl2opt.passes.expand_arrays import expand_arrays
from nl2opt.passes.facts import is_known
from nl2opt.passes.inline_expressions import inline_expressions
from nl2opt.passes.soften_penalties import soften_penalties
from nl2opt.passes.split_conjunctions import split_conjunctions
from nl2opt.passes.variables_as_filters import variables_as_filters

PIPELINE: Final = (
    expand_arrays,
    inline_expressions,
    variables_as_filters,
    soften_penalties,
)
"""Passes applied first; none of them makes a variable."""

RUNNER: Final = Runner(
    packages=("ortools",),
    statuses={"OPTIMAL": "optimal", "FEASIBLE": "time_limit", "INFEASIBLE": "infeasible", "UNKNOWN": "time_limit"},
)

RESERVED: Final = frozenset((*CPSAT_FUNCTIONS, "cp_model", "holds", "solver"))
"""Names the programs use themselves, beside those of every target."""

__all__ = ["PIPELINE", "RUNNER", "UNSUPPORTED", "write"]

_SOLVE = '''
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
'''

_SOLVE_ANY = '''
def solve(model, time_limit=None):
    """CP-SAT model -> status, and the solver, which holds the solution."""
    solver = cp_model.CpSolver()
    # CP-SAT 9.15 loses optima by dual reductions
    solver.parameters.keep_all_feasible_solutions_in_presolve = True
    if time_limit is not None:
        solver.parameters.max_time_in_seconds = time_limit
    status = solver.solve(model)
    return {"status": solver.status_name(status), "objective": None}, solver
'''

_SOLVE_GOALS = '''
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
'''

_SOLUTION = '''
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
'''

_SOLUTION_LABELS = '''
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
'''

_SOLVE_ALL = '''
def solve_all(model, REPORTED, shown, time_limit=None):
    """CP-SAT model -> the solutions that differ in what is shown, and whether there are no others."""
    found = []
    solver = cp_model.CpSolver()
    if time_limit is not None:
        solver.parameters.max_time_in_seconds = time_limit
    model.clear_objective()
    status = solver.solve(model)
    while status in (cp_model.OPTIMAL, cp_model.FEASIBLE) and len(found) < LIMIT:
        found.append(solution(solver, REPORTED))
        model.add_forbidden_assignments(shown, [[solver.value(x) for x in shown]])
        status = solver.solve(model)
    return found, status == cp_model.INFEASIBLE
'''

_RUN = """
MADE = build(DATA)
result, solver = solve(SOLVED, arguments.time_limit)
if result["status"] in ("OPTIMAL", "FEASIBLE"):
    result["solution"] = solution(solver, REPORTED)
print(json.dumps(result))
"""


def write(instance: Instance, relax: bool = False) -> Emission:
    """Instance -> its OR-Tools program. A relaxation is refused."""
    require_whole(instance, relax)
    return emission(
        instance,
        "ortools",
        PIPELINE,
        lambda model, source: split_conjunctions(make_total(model, source))[0],
        lambda named, original, shown: _Script(StatementWriter(named, RESERVED), original, shown),
    )


class _Script(WholeScript[StatementWriter]):
    """One program: its parts in order, then its text."""

    def source(self, filename: str) -> str:
        """The whole text."""
        w = self.writer
        variables = [line for v in self.decisions for line in self.variable(v)]
        constraints = [self.constraint(c) for c in self.requirements]
        goals = self.objectives()
        several, labels, returned = self.has_goals(), bool(w.roots), self.returned()
        body = [
            block("Sets and parameters", self.datawriter.lines()),
            ["model = cp_model.CpModel()"],
            block("Variables", variables),
            block("Expressions", self.expressions()),
            *constraints,
            goals,
            self.last(),
        ]
        solve = _SOLVE_GOALS if several else _SOLVE if self.decided() else _SOLVE_ANY
        script = Script(
            model=self.model,
            title="An OR-Tools model, solved by CP-SAT.",
            needs="pip install ortools (for 9.15)",
            imports=frozenset(w.imports),
            package="from ortools.sat.python import cp_model",
            functions=frozenset(w.functions),
            returns=f"Data -> {', '.join(returned)}.",
            body=body,
            solve=self.texts(solve, _SOLUTION_LABELS if labels else _SOLUTION, _SOLVE_ALL),
            run=self.run(_RUN),
            entries=self.entries,
            whole=self.whole(),
            note=self.note(),
            library=CPSAT_FUNCTIONS,
        )
        return assemble(script, filename)

    def shown_value(self, e: Expr, scope: Scope) -> str:
        """A variable, or one that equals the number."""
        text = super().shown_value(e, scope)
        plain = isinstance(e, Name) or (isinstance(e, Subscript) and all(is_known(i, self.model) for i in e.index))
        return text if plain else f"{self.writer.use('variable')}(model, {text})"

    def ranged(self, low: str, high: str, name: str) -> str:
        """An integer variable."""
        return f"model.new_int_var({low}, {high}, {name})"

    def switched(self, name: str) -> str:
        """A Boolean variable."""
        return f"model.new_bool_var({name})"

    def among(self, v: Variable, scope: Scope, name: str) -> str:
        """An integer variable with the values of a set."""
        return f"model.new_int_var_from_domain(cp_model.Domain.from_values({self.allowed(v, scope)}), {name})"

    def spelled(self, found: Native) -> tuple[Over, Callable[[Scope], list[str]]] | None:
        """Values that differ pair by pair, and two arrays that are each other's inverse."""
        w = self.writer
        match found:
            case AllDifferent(over, values) if not w.decimals.is_fractional(values.body):
                return over, lambda at: [f"model.add_all_different({w.listed(values, at)[1:-1]})"]
            case Inverse(there, back, source) if w.is_placed(source):
                arrays = [w.successors(Call("inverse", (Name(name),)))[0] for name in (there, back)]
                return (), lambda _: [f"model.add_inverse({', '.join(w.variables(a) for a in arrays)})"]
            case _:
                return None

    def statements(self, e: Expr, scope: Scope) -> list[str]:
        """Constraints added to the model."""
        return self.writer.required(e, scope)
