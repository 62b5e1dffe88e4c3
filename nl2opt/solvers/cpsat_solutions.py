"""Instance -> Solutions: every answer that differs in the outputs, by CP-SAT, one search an answer.

After each answer the values of its outputs are excluded. With objectives only optimal answers count; without outputs
two answers differ where any variable does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nl2opt.ground.cp import CpProgram, ground_cp
from nl2opt.ground.cp.conditions import equal
from nl2opt.ground.cp.expressions import Grounder
from nl2opt.ground.cp.values import Affine, Choice, Exact, Formula, Scalar, disjunction, negation
from nl2opt.ir.instance import Instance, Point
from nl2opt.ir.model import NamedExpression, Parameter, Variable
from nl2opt.ir.nodes import Add, Comprehension, Expr, ListLiteral, Name, Tuple, joined_lists
from nl2opt.solvers.cpsat import fix, read_point, search, value_at
from nl2opt.solvers.result import SolveOptions


@dataclass(frozen=True, slots=True)
class Solutions:
    """Answers that differ in the outputs. ``complete``: there are no others; else the limit or the time came first."""

    points: tuple[Point, ...]
    complete: bool
    seconds: float

    @property
    def count(self) -> int:
        """How many were found."""
        return len(self.points)


def solutions(instance: Instance, options: SolveOptions | None = None, limit: int | None = None) -> Solutions:
    """Instance -> Solutions, at most ``limit`` (that of `answer` unless given). Raises as `cpsat.solve` does."""
    options = options or SolveOptions()
    most = instance.model.answer.limit if limit is None else limit
    started = time.perf_counter()
    program = ground_cp(instance)
    shown = _shown(program, instance)
    for level, goal in enumerate(program.goals):
        run = search(program, goal, level, options, started)
        if not run.solution or not run.proved:
            return Solutions((), run.proved, time.perf_counter() - started)
        fix(program, goal, run.solution)
    points: list[Point] = []
    while len(points) < most:
        run = search(program, None, 0, options, started)
        if not run.solution:
            return Solutions(tuple(points), run.proved, time.perf_counter() - started)
        points.append(read_point(program.variables, run.solution))
        program.builder.require(_another(program, shown, run.solution))
    run = search(program, None, 0, replace(options, seed=options.seed), started)
    return Solutions(tuple(points), not run.solution and run.proved, time.perf_counter() - started)


def _another(program: CpProgram, shown: list[Scalar], solution: tuple[int, ...]) -> Formula:
    """Some value shown differs from what it is at a solution."""
    b = program.builder
    out: list[Formula] = []
    for value in shown:
        found: Exact | str | tuple[str | int, ...]
        if isinstance(value, Choice):
            found = value.elements[int(value_at(value.index, solution))]
        elif isinstance(value, Affine):
            found = value_at(value, solution)
        else:
            continue
        out.append(negation(equal(b, value, found)))
    return disjunction(out)


def _shown(program: CpProgram, instance: Instance) -> list[Scalar]:
    """The values that tell two answers apart: those of the outputs; of all variables where there are none."""
    b = program.builder
    if not instance.model.outputs:
        return [v for family in program.variables.values() for v in family.values()]
    g = Grounder(b, instance, program.variables)
    out: list[Scalar] = []
    for output in instance.model.outputs:
        b.where = f"outputs `{output.name}`"
        for leaf in _leaves(g, output.expr):
            value, needs = g.apart(leaf)
            for v in (value, needs):
                out.append(v if isinstance(v, Choice | str | tuple | float) else b.number(v))
    return out


class _Leaf:
    """An expression under indices bound now, ground later."""

    def __init__(self, g: Grounder, e: Expr) -> None:
        self.g, self.e = g, e
        self.env, self.origins = dict(g.env), dict(g.origins)

    def __call__(self) -> Scalar:
        outer = self.g.env, self.g.origins
        self.g.env, self.g.origins = dict(self.env), dict(self.origins)
        try:
            return self.g.value(self.e)
        finally:
            self.g.env, self.g.origins = outer


def _leaves(g: Grounder, e: Expr) -> Iterator[_Leaf]:
    """An output -> the single values it reports."""
    match e:
        case ListLiteral(items) | Tuple(items):
            for item in items:
                yield from _leaves(g, item)
        case Comprehension("list", body, generators):
            for kept in g.each(generators):
                if kept is not False:
                    yield from list(_leaves(g, body))
        case Add() if lists := joined_lists(e):
            for part in lists:
                yield from _leaves(g, part)
        case Name(name) if name not in g.env:
            declared = g.instance.model.symbols.get(name)
            if isinstance(declared, Variable | Parameter | NamedExpression) and declared.over:
                for key in g.keys(name):
                    yield _Entry(g, name, key)
            else:
                yield _Leaf(g, e)
        case _:
            yield _Leaf(g, e)


class _Entry(_Leaf):
    """One entry of an array."""

    def __init__(self, g: Grounder, name: str, key: tuple[str | int, ...]) -> None:
        super().__init__(g, Name(name))
        self.name, self.key = name, key

    def __call__(self) -> Scalar:
        return self.g.entry(self.name, self.key)
