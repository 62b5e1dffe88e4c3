"""Instance -> Program: CPMpy, one function `build(data)`, solved by CP-SAT.

Logic, elements, tables and global constraints are said as CPMpy says them. Variables are dicts by key, sums `cp.sum` of
lists: Python's builtin `sum` was measured 140 times slower. Decimals are scaled in the program, exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Final

from nl2opt.emitters import Emission, Program, Runner
from nl2opt.emitters.python.choices import ChoiceWriter
from nl2opt.emitters.python.data import DataWriter, Entry, said
from nl2opt.emitters.python.given import without_replaced
from nl2opt.emitters.python.identifiers import comment_text, string_literal
from nl2opt.emitters.python.indices import name_indices, prepared
from nl2opt.emitters.python.inferred import with_inferred
from nl2opt.emitters.python.known import IF, OR, KnownWriter, Scope
from nl2opt.emitters.python.reasons import UNSUPPORTED
from nl2opt.emitters.python.scripts import Script, assemble, block, program_filename
from nl2opt.ground.cp import infer_bounds
from nl2opt.ir.instance import Instance, Point
from nl2opt.ir.model import Constraint, Objective, Variable
from nl2opt.ir.nodes import Expr, Name
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
    split_conjunctions,
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

__all__ = ["PIPELINE", "RUNNER", "UNSUPPORTED", "write"]

_SOLVE = '''
def solve(model, time_limit=None):
    """CPMpy model -> status and objective value; the solution stays in the variables."""
    found = model.solve(solver="ortools", time_limit=time_limit)
    objective = model.objective_value() if found else None
    return {"status": model.status().exitstatus.name, "objective": objective}
'''

_SOLVE_ANY = '''
def solve(model, time_limit=None):
    """CPMpy model -> status; the solution stays in the variables."""
    model.solve(solver="ortools", time_limit=time_limit)
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
        found = model.solve(solver="ortools", time_limit=time_limit)
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
    """Solved variables -> {name: value, or [[key..., value], ...]}; positions become labels again."""
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

_RUN = """
MADE = build(DATA)
result = solve(SOLVED, arguments.time_limit)
if result["status"] in ("OPTIMAL", "FEASIBLE"):
    result["solution"] = solution(REPORTED)
print(json.dumps(result))
"""


def write(instance: Instance, relax: bool = False) -> Emission:
    """Instance -> its CPMpy program; solutions need no way back. A relaxation is refused."""
    if relax:
        raise KnownWriter(instance).refuse("a relaxation", UNSUPPORTED["real variable"])
    for v in instance.variables.values():
        if v.type == "real" and v.within is None:
            raise KnownWriter(instance).refuse(f"the real variable `{v.name}`", UNSUPPORTED["real variable"])
    instance = without_replaced(instance)
    model = prepared(instance.model, instance)
    for rewrite in PIPELINE:
        model, _ = rewrite(model)
    named = with_inferred(replace(instance, model=name_indices(model, instance)), instance)
    script = _Script(named, instance)
    filename = program_filename(model, "cpmpy")
    program = Program("cpmpy", "python", filename, script.source(filename), script.data)
    return Emission(program, {script.writer.names[v.name]: v.name for v in model.variables}, _same)


def _same(point: Point) -> Point:
    return point


class _Script:
    """One program: its parts in order, then its text."""

    def __init__(self, instance: Instance, original: Instance) -> None:
        self.writer = ChoiceWriter(instance)
        self.instance = instance
        self.model = instance.model
        self.datawriter = DataWriter(self.writer, self.writer.decimals.fractional)
        self.bounds = _missing_bounds(original, self.writer)
        remark = "CP-SAT needs a bound; this one follows from these data, renew it with them"
        inferred = [Entry(name, value, (), remark, inferred=True) for name, value in self.bounds.items()]
        self.entries = [*self.datawriter.entries(), *inferred]
        self.data: Mapping[str, object] = {e.name: e.value for e in self.entries}

    def source(self, filename: str) -> str:
        """The whole text."""
        w = self.writer
        variables = [line for v in self.model.variables for line in self.variable(v)]
        domains = [line for v in self.model.variables for line in self.domains(v)]
        constraints = [self.constraint(c) for c in self.model.constraints]
        goals = self.objectives()
        several = self.has_goals()
        labels = bool(w.roots)
        returned = ["model", *(["goals"] if several else []), "variables", *(["labels"] if labels else [])]
        names = ", ".join(f"{string_literal(w.names[v.name])}: {w.names[v.name]}" for v in self.model.variables)
        last = [f"variables = {{{names}}}"]
        if labels:
            last.append(
                f"labels = {{{', '.join(f'{string_literal(w.names[v])}: {w.names[r]}' for v, r in w.roots.items())}}}"
            )
        body = [
            block("Sets and parameters", self.datawriter.lines()),
            block("Variables", variables),
            ["model = cp.Model()"],
            block("Each variable stays in its set", domains),
            *constraints,
            goals,
            [*last, f"return {', '.join(returned)}"],
        ]
        script = Script(
            model=self.model,
            title="A CPMpy model, solved by CP-SAT.",
            needs="pip install cpmpy ortools",
            imports=frozenset(w.imports),
            package="import cpmpy as cp",
            functions=frozenset(w.functions),
            returns=f"Data -> {', '.join(returned)}.",
            body=body,
            solve="\n\n\n".join(
                t.strip("\n")
                for t in (
                    _SOLVE_GOALS if several else _SOLVE if self.decided() else _SOLVE_ANY,
                    _SOLUTION_LABELS if labels else _SOLUTION,
                )
            ),
            run=_RUN.replace("MADE", ", ".join(returned))
            .replace("SOLVED", "model, goals" if several else "model")
            .replace("REPORTED", "variables, labels" if labels else "variables"),
            entries=self.entries,
        )
        return assemble(script, filename)

    def variable(self, v: Variable) -> list[str]:
        """One family of variables, after the person's words about it; then the sets its members range over."""
        w = self.writer
        name, remark = w.names[v.name], self.datawriter.remark(v)
        clauses, scope = w.clauses(v.over, {})
        made = self.made(v, scope)
        code = f"{{{w.key(_targets(v))}: {made} {clauses}}}" if v.over else made
        return [*(f"# {s}" for s in said(v.anchors)), f"{name} = {code}" + (f"  # {remark}" if remark else "")]

    def made(self, v: Variable, scope: Scope) -> str:
        """The CPMpy variable of one key."""
        w = self.writer
        if v.within is not None:
            root = w.roots.get(v.name)
            if root is not None:
                return f"cp.intvar(0, len({w.names[root]}) - 1)"
            order = w.collection(v.within, scope)
            return f"cp.intvar({order}[0], {order}[-1])" if w.is_consecutive(v.within) else (
                f"cp.intvar(min({order}), max({order}))")  # fmt: skip
        if v.type == "binary" and v.lower is None and v.upper is None:
            return "cp.boolvar()"
        top = "1" if v.type == "binary" else ""
        return f"cp.intvar({self.bound(v, 'lower', '0', scope)}, {self.bound(v, 'upper', top, scope)})"

    def bound(self, v: Variable, side: str, usual: str, scope: Scope) -> str:
        """A declared bound rounded inwards, else the one that follows from the constraints."""
        w = self.writer
        declared: Expr | None = getattr(v, side)
        inferred = f"{v.name}.{side}"
        if inferred in self.bounds:
            return f"data[{string_literal(inferred)}]"
        if declared is None:
            return usual
        text = w.write(declared, scope, IF)
        if not w.decimals.is_fractional(declared):
            return text
        w.imports.add("math")
        return f"math.{'floor' if side == 'upper' else 'ceil'}({text})"

    def domains(self, v: Variable) -> list[str]:
        """Constraints that keep a variable in its set, where its bounds do not."""
        w = self.writer
        if v.within is None:
            return []
        root = w.roots.get(v.name)
        if v.within == Name(root or "") or (root is None and w.is_consecutive(v.within)):
            return []
        clauses, scope = w.clauses(v.over, {})
        member = f"{w.names[v.name]}[{w.target(_targets(v))}]" if v.over else w.names[v.name]
        allowed = w.source(v.within, scope)
        if root is not None:
            allowed = f"[{w.names[root]}.index(value) for value in {allowed}]"
        test = f"cp.InDomain({member}, {allowed})"
        return [f"model += [{test} {clauses}]" if v.over else f"model += {test}"]

    def constraint(self, c: Constraint) -> list[str]:
        """One named constraint, in loops over its bindings where it is a family."""
        w = self.writer
        quotes = said(c.anchors)
        lines = [
            f"# {c_name(c.name)}: {quotes[0]}" if quotes else f"# {c_name(c.name)}",
            *(f"# {q}" for q in quotes[1:]),
        ]
        scope: dict[str, Expr] = {}
        indent = ""
        for g in c.over:
            lines.append(f"{indent}for {w.target(g.targets)} in {w.source(g.source, scope)}:")
            indent += "    "
            scope |= dict.fromkeys(g.targets, g.source)
            for condition in g.conditions:
                lines.append(f"{indent}if {w.write(condition, scope)}:")
                indent += "    "
        w.scaled = False
        code = f"{indent}model += {w.required(c.expr, scope)}"
        if w.scaled:
            coefficients = list(w.decimals.coefficients(w.spread(c.expr)))
            lines.append(f"{indent}scale = {w.decimals.scale(coefficients, scope)}")
        return [*lines, code]

    def decided(self) -> list[Objective]:
        """The objectives that depend on a variable, the most urgent first."""
        return sorted((o for o in self.model.objectives if not is_known(o.expr, self.model)), key=lambda o: -o.priority)

    def has_goals(self) -> bool:
        """True where objectives are a list of goals: there are several, or one has decimals."""
        decided = self.decided()
        return len(decided) > 1 or any(self.writer.decimals.is_fractional(o.expr) for o in decided)

    def objectives(self) -> list[str]:
        """The objective on the model, or the list of goals."""
        w = self.writer
        lines = ["goals = []"] if self.has_goals() else []
        for o in self.decided():
            plain = [f"model.{o.sense}({w.write(o.expr, {})})"] if not self.has_goals() else self.goal(o)
            lines += [*(f"# {s}" for s in said(o.anchors)), *plain]
        return lines

    def goal(self, o: Objective) -> list[str]:
        """One goal and the scale that makes it whole."""
        w = self.writer
        if not w.decimals.is_fractional(o.expr):
            return [f"goals.append(({string_literal(o.sense)}, {w.write(o.expr, {})}, 1))"]
        expr = w.decimals.spread(o.expr)
        scale = w.decimals.scale(list(w.decimals.coefficients(expr)), {})
        return [
            f"scale = {scale}",
            f"goals.append(({string_literal(o.sense)}, {w.decimals.write(expr, {}, OR)}, scale))",
        ]


def c_name(name: str) -> str:
    """A constraint's name as a comment shows it."""
    return comment_text(name)


def _targets(v: Variable) -> tuple[str, ...]:
    return tuple(t for g in v.over for t in g.targets)


def _missing_bounds(instance: Instance, writer: KnownWriter) -> dict[str, int]:
    """Integer variables without a finite bound -> the widest bound that follows from the constraints."""
    needed = [
        (v.name, side)
        for v in instance.variables.values()
        if v.within is None and v.type == "integer"
        for side in ("lower", "upper")
        if None in getattr(v, side)
    ]
    if not needed:
        return {}
    inferred = infer_bounds(instance)
    found: dict[str, int] = {}
    for name, side in needed:
        family = instance.variables[name]
        declared: tuple[Fraction | None, ...] = getattr(family, side)
        ends: list[float] = []
        for key, own in zip(family.domain.keys, declared, strict=True):
            if own is not None:
                ends.append(float(own))
            elif inferred is not None:
                ends.append(float(inferred.get((name, key), (-_INF, _INF))[side == "upper"]))
        end = (max if side == "upper" else min)(ends, default=0.0)
        if abs(end) == _INF:
            raise writer.refuse(f"the integer variable `{name}`", UNSUPPORTED["unbounded integer"])
        found[f"{name}.{side}"] = int(end)
    return found


_INF = float("inf")
