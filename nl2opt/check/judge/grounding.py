"""Instance -> Ground: its columns, its conditions and its objectives as ground terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from nl2opt.check.judge.calls import Calls
from nl2opt.check.judge.symbolic import Choice
from nl2opt.check.judge.terms import Atom, Condition, Form, Limit, NotCanonical, Number, Terms, tidy
from nl2opt.ir.evaluate.outcomes import Env
from nl2opt.ir.instance import Instance, Key
from nl2opt.ir.model import Element
from nl2opt.ir.nodes import Compare, Expr

Place = tuple[str, Key]
"""A scalar variable: its name and its key."""
Bounds = Mapping[Place, tuple[Limit, Limit]]


@dataclass(frozen=True, slots=True)
class Column:
    """One scalar variable: ``name`` at ``key``, its value, and its unknown (None where its bounds fix it)."""

    name: str
    key: Key
    value: Any
    atom: Atom | None


@dataclass(frozen=True, slots=True)
class Row:
    """A condition that must hold, and the constraint (at a binding) or the domain it comes from."""

    condition: Condition
    source: str
    key: Key


@dataclass(frozen=True, slots=True)
class Goal:
    """An objective to be minimized, by falling priority; ``sign`` is -1 where the model maximizes its negative."""

    form: Number
    sign: int


@dataclass(frozen=True, slots=True)
class Ground:
    """An instance in ground terms. Conjunctions stand as a row a part; rows that always hold are left out."""

    terms: Terms
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    goals: tuple[Goal, ...]


def ground(instance: Instance, bounds: Bounds | None = None) -> Ground:
    """Instance -> Ground, the bounds of some columns tightened. Raises NotCanonical, EvaluationError, LimitExceeded."""
    return _Grounder(instance, bounds or {}).run()


class _Grounder(Calls):
    """The walk over all of an instance."""

    def __init__(self, instance: Instance, bounds: Bounds) -> None:
        super().__init__(instance)
        self.bounds = bounds
        self.rows: list[Row] = []
        self.columns: list[Column] = []
        for v in instance.model.variables:
            self._declare(v.name)

    # columns ---------------------------------------------------------------------------------------------------------

    def _declare(self, name: str) -> None:
        family = self.instance.variables[name]
        for i, key in enumerate(family.domain.keys):
            if family.within is None:
                lower, upper = family.lower[i], family.upper[i]
                low: Limit = -inf if lower is None else tidy(lower)
                high: Limit = inf if upper is None else tidy(upper)
                value = self._numeric(name, key, low, high, family.type != "real")
            else:
                value = self._within(name, key, family.within[i].elements)
            self.columns_of[name][key] = value
            atom = next(iter(value.terms)) if isinstance(value, Form) else None
            if isinstance(value, Choice) and isinstance(first := value.cases[0][0], Atom):
                atom = first.args[0]
            self.columns.append(Column(name, key, value, atom))

    def _numeric(self, name: str, key: Key, low: Limit, high: Limit, whole: bool) -> Number:
        if (name, key) in self.bounds:
            tighter = self.bounds[name, key]
            low, high = max(low, tighter[0]), min(high, tighter[1])
        if whole:
            low = low if low == -inf else -(-low // 1)
            high = high if high == inf else high // 1
            low, high = (x if isinstance(x, float) else int(x) for x in (low, high))
        if low == high and not isinstance(low, float):
            return low
        if low > high:
            self.rows.append(Row(False, name, key))
        return self.terms.of(self.terms.column(name, key, low, high, whole))

    def _within(self, name: str, key: Key, elements: tuple[Element, ...]) -> Any:
        if not elements:
            self.rows.append(Row(False, name, key))
            return self._numeric(name, key, 0, 1, True)
        if len(elements) == 1:
            return elements[0]
        values = sorted(e for e in elements if isinstance(e, int))
        if len(values) == len(elements):
            form = self._numeric(name, key, values[0], values[-1], True)
            if values[-1] - values[0] + 1 > len(values):
                allowed = self.terms.some(self.terms.is_zero(self.terms.minus(form, v)) for v in values)
                self.rows.append(Row(allowed, name, key))
            return form
        t = self.terms
        column = t.column(name, key, 0, len(elements) - 1, True, "element")
        return Choice(tuple(
            (t.atom("is", (column, k), 0, 1, whole=True, condition=True), e) for k, e in enumerate(elements)
        ))  # fmt: skip

    # the walk --------------------------------------------------------------------------------------------------------

    def run(self) -> Ground:
        model = self.instance.model
        penalties: list[Number] = []
        for c in model.constraints:
            for env, key in self.keyed_bindings(c.over, {}):
                if c.penalty is not None:
                    penalties.append(self.terms.times(self.form(c.penalty, env), self._violation(c.expr, env)))
                else:
                    self._require(self.formula(c.expr, env), c.name, key)
        goals = []
        ordered = sorted(model.objectives, key=lambda o: -o.priority)
        for o in ordered:
            sign = 1 if o.sense == "minimize" else -1
            self._needs.append([])  # where an objective has no value there is no solution
            form = self.terms.scale(self.form(o.expr, {}), sign)
            for need in self._needs.pop():
                self._require(need, "objective", ())
            if o is ordered[-1]:
                form = self.terms.add(form, *penalties)
            goals.append(Goal(form, sign))
        if not ordered and penalties:
            goals.append(Goal(self.terms.add(*penalties), 1))
        return Ground(self.terms, tuple(self.columns), tuple(self.rows), tuple(goals))

    def _require(self, condition: Condition, source: str, key: Key) -> None:
        """A condition that must hold -> rows: conjunctions apart, a greatest value below a limit as each value."""
        if condition is True:
            return
        if isinstance(condition, Atom) and condition.op == "and":
            for part in condition.args:
                self._require(part, source, key)
            return
        if isinstance(condition, Atom) and condition.op == "lt":  # over continuous sides what must hold is closed
            self._require(self.terms.at_most_zero(condition.args[0]), source, key)
            return
        self.rows.append(Row(self.terms.clause(condition), source, key))

    def _violation(self, e: Expr, env: Env) -> Number:
        t = self.terms
        if isinstance(e, Compare) and self.open(e) and e.op != "!=":
            left, right = self.value(e.left, env), self.value(e.right, env)
            if not isinstance(left, Choice | str | tuple) and not isinstance(right, Choice | str | tuple):
                d = t.minus(t.number(left), t.number(right))
                if e.op in ("<", ">"):
                    if not t.is_whole(d):
                        raise NotCanonical("a penalty on a strict comparison")
                    d = t.add(d, 1 if e.op == "<" else -1)
                if e.op in ("<=", "<"):
                    return t.maximum((0, d))
                if e.op in (">=", ">"):
                    return t.maximum((0, t.scale(d, -1)))
                return t.maximum((d, t.scale(d, -1)))
        return t.number(t.negation(self.formula(e, env)))
