"""Instance -> its affine rows, found by asking the referee's evaluator at zero and at each unit point; HiGHS over them.

No grounding of the package is used: the coefficient of a variable is the value at its unit point less that at zero, and
some random points tell whether the expression was affine after all. What is not affine is left out, and said so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Any

import highspy
from ortools.linear_solver import pywraplp

from nl2opt.errors import Nl2optError
from nl2opt.ir.evaluate import Evaluator
from nl2opt.ir.instance import Instance, Key
from nl2opt.ir.nodes import And, Compare, Expr, Name, Subscript

Place = tuple[str, Key]
Coefficients = dict[Place, Fraction]

PROBES = 5


class NotAffine(Exception):
    """The expression is no affine function of numeric variables."""


@dataclass(frozen=True)
class Affine:
    """coefficients * variables + constant."""

    coefficients: Coefficients
    constant: Fraction


@dataclass(frozen=True)
class Row:
    """lower <= coefficients * variables <= upper; None is infinite."""

    coefficients: Coefficients
    lower: Fraction | None
    upper: Fraction | None


@dataclass
class Rows:
    """The affine part of an instance. ``complete``: nothing was left out."""

    instance: Instance
    places: tuple[Place, ...]
    rows: list[Row]
    complete: bool
    objectives: list[tuple[str, Affine]] | None
    index: dict[Place, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = {p: i for i, p in enumerate(self.places)}


class _Recorder(dict[Key, Any]):
    """Values of one family; reading one notes it."""

    def __init__(self, name: str, seen: set[Place]) -> None:
        super().__init__()
        self.name, self.seen = name, seen

    def get(self, key: Key, default: Any = None) -> Any:
        self.seen.add((self.name, key))
        return self[key]


class Probe:
    """Asks the evaluator for the values of expressions at made-up points."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.seen: set[Place] = set()
        self.point = {name: _Recorder(name, self.seen) for name in instance.variables}
        for name, family in instance.variables.items():
            for i, key in enumerate(family.domain.keys):
                self.point[name][key] = family.within[i].elements[0] if family.within is not None else 0
        self.random = Random(7)

    def affine(self, e: Expr, env: Any) -> Affine:
        """Expression -> its coefficients. Raises NotAffine."""
        self.seen.clear()
        constant = self._value(e, env)
        support = sorted(self.seen, key=str)
        for name, _ in support:
            if self.instance.variables[name].within is not None:
                raise NotAffine
        coefficients: Coefficients = {}
        for place in support:
            slope = self._at({place: 1}, e, env) - constant
            if slope:
                coefficients[place] = slope
        for _ in range(PROBES):
            values = {p: self._any(p[0]) for p in support}
            expected = constant + sum((c * values[p] for p, c in coefficients.items()), Fraction(0))
            if self._at(values, e, env) != expected:
                raise NotAffine
        return Affine(coefficients, constant)

    def _any(self, name: str) -> Any:
        match self.instance.variables[name].type:
            case "binary":
                return self.random.randint(0, 1)
            case "integer":
                return self.random.randint(-40, 90)
            case _:
                return Fraction(self.random.randint(-400, 900), self.random.choice((1, 2, 3, 7)))

    def _at(self, values: Mapping[Place, Any], e: Expr, env: Any) -> Fraction:
        for (name, key), value in values.items():
            self.point[name][key] = value
        try:
            return self._value(e, env)
        finally:
            for name, key in values:
                self.point[name][key] = 0

    def _value(self, e: Expr, env: Any) -> Fraction:
        evaluator = Evaluator(self.instance, self.point)
        try:
            value = evaluator.closed(lambda: evaluator.number(e, env))
        except Nl2optError:
            raise NotAffine from None
        if isinstance(value, float) and not math.isfinite(value):
            raise NotAffine
        return Fraction(value)


def affine_rows(instance: Instance) -> Rows:
    """Instance -> its affine rows and objectives (None where one is not affine)."""
    places = tuple((n, k) for n, f in instance.variables.items() for k in f.domain.keys)
    probe = Probe(instance)
    rows: list[Row] = []
    complete = all(f.within is None for f in instance.variables.values())
    evaluator = Evaluator(instance)
    for c in instance.model.constraints:
        if c.penalty is not None:
            continue
        for env, _ in evaluator.keyed_bindings(c.over, {}):
            try:
                rows += [_row(probe, part, dict(env)) for part in _parts(c.expr)]
            except NotAffine:
                complete = False
    objectives: list[tuple[str, Affine]] | None = None
    if not any(c.penalty is not None for c in instance.model.constraints):
        try:
            ordered = sorted(instance.model.objectives, key=lambda o: -o.priority)
            objectives = [(o.sense, probe.affine(o.expr, {})) for o in ordered]
        except NotAffine:
            objectives = None
    return Rows(instance, places, rows, complete, objectives)


def _parts(e: Expr) -> Iterator[Expr]:
    if isinstance(e, And):
        for part in e.args:
            yield from _parts(part)
    else:
        yield e


def _row(probe: Probe, e: Expr, env: Any) -> Row:
    if isinstance(e, Subscript | Name):  # a binary that stands as a condition
        found = probe.affine(e, env)
        return Row(found.coefficients, Fraction(1) - found.constant, None)
    if not isinstance(e, Compare) or e.op == "!=":
        raise NotAffine
    left, right = probe.affine(e.left, env), probe.affine(e.right, env)
    gap = dict(left.coefficients)
    for p, c in right.coefficients.items():
        gap[p] = gap.get(p, Fraction(0)) - c
    gap = {p: c for p, c in gap.items() if c}
    limit = right.constant - left.constant
    step = Fraction(0)
    if e.op in ("<", ">"):
        families = {probe.instance.variables[p[0]].type for p in gap}
        if "real" not in families:
            scale = math.lcm(*(c.denominator for c in gap.values())) if gap else 1
            common = math.gcd(*(int(c * scale) for c in gap.values())) if gap else 1
            unit = Fraction(common, scale)
            closest = limit / unit  # the greatest multiple of the unit below the limit, or the least above it
            bound = (math.ceil(closest) - 1) * unit if e.op == "<" else (math.floor(closest) + 1) * unit
            step = bound - limit
    match e.op:
        case "==":
            return Row(gap, limit, limit)
        case "<=" | "<":
            return Row(gap, None, limit + step)
        case _:
            return Row(gap, limit + step, None)


class Program:
    """Affine rows -> the greatest value of any affine expression: HiGHS, and SCIP beside it where variables are whole.

    Two solvers, because one is not enough here: HiGHS 1.13.1 calls some small feasible programs over binaries
    infeasible, or stops short of the optimum. Every value found is reached by a point, so the greater one stands.
    """

    def __init__(self, rows: Rows, relaxed: bool = False, extra: Sequence[Row] = ()) -> None:
        self.rows = rows
        self.bounds = [self._bounds(p) for p in rows.places]
        types = [rows.instance.variables[name] for name, _ in rows.places]
        self.whole = [not relaxed and v.type != "real" and v.within is None for v in types]
        self.matrix = [*rows.rows, *extra]
        self.highs = self._highs()
        self.scip = self._scip() if any(self.whole) else None

    def _bounds(self, place: Place) -> tuple[float, float]:
        family = self.rows.instance.variables[place[0]]
        if family.within is not None:
            return 0.0, 0.0
        i = family.domain.position[place[1]]
        low, high = family.lower[i], family.upper[i]
        return -math.inf if low is None else float(low), math.inf if high is None else float(high)

    def _highs(self) -> highspy.Highs:
        h = highspy.Highs()
        for option, value in (("output_flag", False), ("mip_rel_gap", 0.0), ("threads", 1), ("time_limit", 10.0)):
            h.setOptionValue(option, value)
        for j, (low, high) in enumerate(self.bounds):
            h.addVar(low, high)
            if self.whole[j]:
                h.changeColIntegrality(j, highspy.HighsVarType.kInteger)
        for row in self.matrix:
            columns = [self.rows.index[p] for p in row.coefficients]
            h.addRow(*_limits(row), len(columns), columns, [float(c) for c in row.coefficients.values()])
        return h

    def _scip(self) -> pywraplp.Solver:
        s = pywraplp.Solver.CreateSolver("SCIP")
        s.SetTimeLimit(10_000)
        columns = [
            s.Var(low, high, whole, str(j))
            for j, ((low, high), whole) in enumerate(zip(self.bounds, self.whole, strict=True))
        ]
        for row in self.matrix:
            made = s.Constraint(*_limits(row))
            for p, c in row.coefficients.items():
                made.SetCoefficient(columns[self.rows.index[p]], float(c))
        return s

    def maximize(self, e: Affine) -> tuple[float | None, dict[Place, float]]:
        """Greatest value of an affine expression and where; inf where unbounded, None where infeasible.

        Raises RuntimeError where the solvers do not know.
        """
        costs = [0.0] * len(self.rows.places)
        for p, c in e.coefficients.items():
            costs[self.rows.index[p]] = float(c)
        found = [self._by_highs(costs)]
        if self.scip is not None:
            found.append(self._by_scip(costs))
        best, values = max(found, key=lambda f: -math.inf if f[0] is None else f[0])
        if best is None:
            return None, {}
        return best + float(e.constant), dict(zip(self.rows.places, values, strict=True)) if values else {}

    def _by_highs(self, costs: list[float]) -> tuple[float | None, list[float]]:
        h = self.highs
        h.changeColsCost(len(costs), list(range(len(costs))), costs)
        h.changeObjectiveSense(highspy.ObjSense.kMaximize)
        h.clearSolver()
        h.run()
        status = h.getModelStatus()
        if status == highspy.HighsModelStatus.kUnboundedOrInfeasible:
            h.setOptionValue("presolve", "off")
            h.clearSolver()
            h.run()
            status = h.getModelStatus()
            h.setOptionValue("presolve", "choose")
        match status:
            case highspy.HighsModelStatus.kOptimal | highspy.HighsModelStatus.kModelEmpty:
                return h.getInfo().objective_function_value, list(h.getSolution().col_value)
            case highspy.HighsModelStatus.kInfeasible:
                return None, []
            case highspy.HighsModelStatus.kUnbounded:
                return math.inf, []
            case _:
                raise RuntimeError(h.modelStatusToString(status))

    def _by_scip(self, costs: list[float]) -> tuple[float | None, list[float]]:
        s = self.scip
        goal = s.Objective()
        goal.Clear()
        for column, cost in zip(s.variables(), costs, strict=True):
            goal.SetCoefficient(column, cost)
        goal.SetMaximization()
        match s.Solve():
            case pywraplp.Solver.OPTIMAL:
                return goal.Value(), [v.solution_value() for v in s.variables()]
            case pywraplp.Solver.INFEASIBLE:
                return None, []
            case pywraplp.Solver.UNBOUNDED:
                return math.inf, []
            case status:
                raise RuntimeError(f"SCIP status {status}")


def _limits(row: Row) -> tuple[float, float]:
    low = -math.inf if row.lower is None else float(row.lower)
    return low, math.inf if row.upper is None else float(row.upper)


def integer_bounds(rows: Rows) -> dict[Place, tuple[int, int]]:
    """Affine rows -> a finite interval for each integer variable whose declared one is not, where they give it."""
    out: dict[Place, tuple[int, int]] = {}
    program: Program | None = None
    for name, family in rows.instance.variables.items():
        if family.type == "real" or family.within is not None:
            continue
        for i, key in enumerate(family.domain.keys):
            if family.lower[i] is not None and family.upper[i] is not None:
                continue
            program = program or Program(rows, relaxed=True)
            unit = Affine({(name, key): Fraction(1)}, Fraction(0))
            high, _ = program.maximize(unit)
            low, _ = program.maximize(Affine({(name, key): Fraction(-1)}, Fraction(0)))
            if high is None or low is None:
                return dict.fromkeys(rows.places, (0, -1))  # the relaxation is infeasible: nothing to list
            if math.isfinite(high) and math.isfinite(low):
                out[name, key] = (math.ceil(-low - 1e-6), math.floor(high + 1e-6))
    return out
