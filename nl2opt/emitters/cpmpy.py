"""Instance -> Program: CPMpy, one function `build(data)`, solved by CP-SAT.

Logic, elements, tables and global constraints are said as CPMpy says them. Variables are dicts by key, sums `cp.sum` of
lists: Python's builtin `sum` was measured 140 times slower. Decimals are scaled in the program, exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nl2opt.emitters import Emission, Runner
from nl2opt.emitters.natives import AllDifferent, GlobalCardinality, Increasing, Inverse, LexLess, Native
from nl2opt.emitters.python.choices import ChoiceWriter
from nl2opt.emitters.python.compared import compare_elements
from nl2opt.emitters.python.cpmpy_functions import CPMPY_FUNCTIONS
from nl2opt.emitters.python.emission import emission
from nl2opt.emitters.python.guarded import guard_negations
from nl2opt.emitters.python.known import IF, Scope
from nl2opt.emitters.python.reasons import UNSUPPORTED
from nl2opt.emitters.python.scripts import Script, assemble, block
from nl2opt.emitters.python.whole import WholeScript, require_whole, targets_of
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Over, Variable
from nl2opt.ir.nodes import Call, Comprehension, Expr, Generator, Name
from nl2opt.passes.expand_arrays import expand_arrays
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
    packages=("cpmpy", "ortools"),
    statuses={
        "OPTIMAL": "optimal",
        "FEASIBLE": "time_limit",
        "UNSATISFIABLE": "infeasible",
        "UNKNOWN": "time_limit",
    },
)

_ORDERED: Final = {"<": "IncreasingStrict", "<=": "Increasing", ">": "DecreasingStrict", ">=": "Decreasing"}

__all__ = ["PIPELINE", "RUNNER", "UNSUPPORTED", "write"]

_OPTIONS = """
# CP-SAT 9.15 loses optima by dual reductions
OPTIONS = {"keep_all_feasible_solutions_in_presolve": True}
"""

_SOLVE = '''
def solve(model, time_limit=None):
    """CPMpy model -> status and objective value; the solution stays in the variables."""
    found = model.solve(solver="ortools", time_limit=time_limit, **OPTIONS)
    objective = model.objective_value() if found else None
    return {"status": model.status().exitstatus.name, "objective": objective}
'''

_SOLVE_ANY = '''
def solve(model, time_limit=None):
    """CPMpy model -> status; the solution stays in the variables."""
    model.solve(solver="ortools", time_limit=time_limit, **OPTIONS)
    return {"status": model.status().exitstatus.name, "objective": None}
'''

_SOLVE_GOALS = '''
def solve(model, goals, time_limit=None):
    """CPMpy model and goals (sense, expression, scale) -> status and value of the first goal.

    Each goal is kept at its best while the next is improved.
    """
    objective = None
    for sense, goal, scale in goals:
        model.objective(goal, minimize=sense == "minimize")
        found = model.solve(solver="ortools", time_limit=time_limit, **OPTIONS)
        status = model.status().exitstatus.name
        if found and objective is None:
            objective = model.objective_value() / scale
        if status != "OPTIMAL":
            break
        model += goal == model.objective_value()
    return {"status": status, "objective": objective}
'''

_SOLUTION = '''
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
'''

_SOLUTION_LABELS = '''
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
'''

_SOLVE_ALL = '''
def solve_all(model, REPORTED, shown, time_limit=None):
    """CPMpy model -> the solutions that differ in what is shown, and whether there are no others."""
    found = []
    values = [cp.intvar(*x.get_bounds()) for x in shown]
    constraints = cp.Model(*model.constraints, [v == x for v, x in zip(values, shown)])
    solved = constraints.solve(solver="ortools", time_limit=time_limit, **OPTIONS)
    while solved and len(found) < LIMIT:
        found.append(solution(REPORTED))
        constraints += cp.any([v != v.value() for v in values])
        solved = constraints.solve(solver="ortools", time_limit=time_limit, **OPTIONS)
    return found, constraints.status().exitstatus.name == "UNSATISFIABLE"
'''

_RUN = """
MADE = build(DATA)
result = solve(SOLVED, arguments.time_limit)
if result["status"] in ("OPTIMAL", "FEASIBLE"):
    result["solution"] = solution(REPORTED)
print(json.dumps(result))
"""


def write(instance: Instance, relax: bool = False) -> Emission:
    """Instance -> its CPMpy program. A relaxation is refused."""
    require_whole(instance, relax)
    return emission(
        instance,
        "cpmpy",
        PIPELINE,
        lambda model, source: split_conjunctions(guard_negations(compare_elements(model), source))[0],
        lambda named, original, shown: _Script(ChoiceWriter(named), original, shown),
    )


class _Script(WholeScript[ChoiceWriter]):
    """One program: its parts in order, then its text."""

    def source(self, filename: str) -> str:
        """The whole text."""
        w = self.writer
        variables = [line for v in self.decisions for line in self.variable(v)]
        domains = [line for v in self.decisions for line in self.domains(v)]
        constraints = [self.constraint(c) for c in self.requirements]
        goals = self.objectives()
        several, labels, returned = self.has_goals(), bool(w.roots), self.returned()
        body = [
            block("Sets and parameters", self.datawriter.lines()),
            block("Variables", variables),
            ["model = cp.Model()"],
            block("Each variable stays in its set", domains),
            block("Expressions", self.expressions()),
            *constraints,
            goals,
            self.last(),
        ]
        solve = _SOLVE_GOALS if several else _SOLVE if self.decided() else _SOLVE_ANY
        script = Script(
            model=self.model,
            title="A CPMpy model, solved by CP-SAT.",
            needs="pip install cpmpy ortools",
            imports=frozenset(w.imports),
            package="import cpmpy as cp",
            functions=frozenset(w.functions),
            returns=f"Data -> {', '.join(returned)}.",
            body=body,
            solve=self.texts(f"{_OPTIONS}\n\n{solve}", _SOLUTION_LABELS if labels else _SOLUTION, _SOLVE_ALL),
            run=self.run(_RUN),
            entries=self.entries,
            whole=self.whole(),
            note=self.note(),
            library=CPMPY_FUNCTIONS,
        )
        return assemble(script, filename)

    def ranged(self, low: str, high: str, name: str) -> str:
        """An integer variable; it goes unnamed."""
        return f"cp.intvar({low}, {high})"

    def switched(self, name: str) -> str:
        """A Boolean variable."""
        return "cp.boolvar()"

    def among(self, v: Variable, scope: Scope, name: str) -> str:
        """An integer variable between the least and the greatest; `domains` says the rest."""
        root = self.writer.roots.get(v.name)
        if root is not None:
            return f"cp.intvar(0, len({self.writer.names[root]}) - 1)"
        assert v.within is not None
        order = self.writer.collection(v.within, scope)
        return f"cp.intvar(min({order}), max({order}))"

    def domains(self, v: Variable) -> list[str]:
        """Constraints that keep a variable in its set, where its bounds do not."""
        w = self.writer
        root = w.roots.get(v.name)
        if v.within is None or v.within == Name(root or "") or (root is None and w.is_consecutive(v.within)):
            return []
        clauses, scope = w.clauses(v.over, {})
        member = f"{w.names[v.name]}[{w.target(targets_of(v))}]" if v.over else w.names[v.name]
        test = f"cp.InDomain({member}, {self.allowed(v, scope)})"
        return [f"model += [{test} {clauses}]" if v.over else f"model += {test}"]

    def aim(self, e: Expr, text: str) -> str:
        """An expression of CPMpy, one that it can evaluate at every solution."""
        w = self.writer
        text = w.as_expression(e, text)
        if not w.reads_beyond(e):
            return text
        w.functions.add("measured")
        return f"measured(model, {text})"

    def shown_value(self, e: Expr, scope: Scope) -> str:
        """An expression of CPMpy, which has bounds."""
        return self.writer.as_expression(e, super().shown_value(e, scope))

    def spelled(self, found: Native) -> tuple[Over, Callable[[Scope], list[str]]] | None:
        """CPMpy has a global constraint for each pattern, for whole numbers; cardinalities exactly met."""
        w = self.writer
        match found:
            case AllDifferent(over, values) if not w.decimals.is_fractional(values.body):
                return over, lambda at: [f"model += cp.AllDifferent({w.listed(values, at)})"]
            case Increasing(over, op, values) if not w.decimals.is_fractional(values.body):
                name = _ORDERED[op]
                return over, lambda at: [f"model += cp.{name}({w.listed(values, at)})"]
            case LexLess(over, low, high, strict) if not any(w.decimals.is_fractional(x.body) for x in (low, high)):
                name = "LexLess" if strict else "LexLessEq"
                return over, lambda at: [f"model += cp.{name}({w.listed(low, at)}, {w.listed(high, at)})"]
            case Inverse(there, back, source) if w.is_placed(source):
                arrays = [w.successors(Call("inverse", (Name(name),)))[0] for name in (there, back)]
                return (), lambda _: [f"model += cp.Inverse({', '.join(arrays)})"]
            case GlobalCardinality(values, index, cover, "==", times):
                if w.decimals.is_fractional(values.body) or w.decimals.is_fractional(times):
                    return None
                return (), lambda at: [f"model += {self.cardinality(values, index, cover, times, at)}"]
            case _:
                return None

    def cardinality(self, values: Comprehension, index: str, cover: Expr, times: Expr, scope: Scope) -> str:
        """How often each value is taken, all at once."""
        w = self.writer
        each = (Generator((index,), cover),)
        clauses, inner = w.clauses(each, scope)
        root = w.root_of(values.body)
        place = w.position(Name(index), root, inner) if root else w.names[index]
        occurrences = f"[{w.write(times, inner, IF)} {clauses}]"
        return f"cp.GlobalCardinalityCount({w.listed(values, scope)}, [{place} {clauses}], {occurrences})"

    def statements(self, e: Expr, scope: Scope) -> list[str]:
        """One addition to the model."""
        return [f"model += {self.writer.required(e, scope)}"]
