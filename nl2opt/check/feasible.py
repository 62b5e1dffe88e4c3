"""Instance + Point -> RefereeReport: does the point satisfy the source model, and is its objective what was claimed.

The referee of docs/SEMANTICS.md. Integer values are rounded; where that moves one, the continuous rest is re-solved by
a function the caller gives (this room holds no solver); then bounds, sets and every constraint are evaluated as the
person wrote them, with no rewrite applied, and the objectives with the penalties of what is violated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from nl2opt.check.tolerance import RELATIVE, Judge
from nl2opt.errors import EvaluationError
from nl2opt.ir.bind.elements import fit, read_number
from nl2opt.ir.evaluate import Evaluator
from nl2opt.ir.evaluate.arithmetic import Number, canonical
from nl2opt.ir.evaluate.outcomes import Env, is_number, shown, shown_binding, shown_key
from nl2opt.ir.instance import Instance, Key, Point, Value, VariableDomain
from nl2opt.ir.model import Constraint, Sense
from nl2opt.ir.text import print_expression

INTEGRALITY = 1e-5
"""Farthest an integer variable may stand from a whole value. Source: docs/SEMANTICS.md, The referee, step 1."""
MOVED = 1e-9
"""A rounding that moves a value by more has the continuous rest re-solved. Source: the same, step 2."""

Verdict = Literal["ok", "violated", "objective_differs"]
Resolve = Callable[[Instance, Point], Point | None]


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that fails at the point: a constraint at a binding, a bound or a domain of a variable.

    ``amount`` is by how much, ``allowed`` how much would have been accepted; `text` is the condition as written.
    """

    name: str
    binding: str
    amount: float
    allowed: float
    text: str
    kind: Literal["constraint", "bound", "domain", "integrality", "missing"] = "constraint"
    key: Key = ()

    def __str__(self) -> str:
        at = f" at {self.binding}" if self.binding else ""
        return f"{self.name}{at}: {self.text} is off by {self.amount:.6g}"


@dataclass(frozen=True, slots=True)
class ObjectiveValue:
    """The value of one objective at the point, penalties included; ``penalty`` is their part of it.

    Where the objective counts comparisons of continuous values that stand at their boundary, the value may be read as
    anything from ``least`` to ``greatest``; elsewhere these are the value.
    """

    priority: int
    sense: Sense
    value: Number
    penalty: Number
    least: Number
    greatest: Number

    def agrees(self, claimed: float) -> bool:
        """True where ``claimed`` is this value within the tolerance of the referee, step 4."""
        if not math.isfinite(claimed):
            return False
        allowed = RELATIVE * (1 + abs(Fraction(self.value)))
        return Fraction(self.least) - allowed <= Fraction(claimed) <= Fraction(self.greatest) + allowed


@dataclass(frozen=True, slots=True)
class RefereeReport:
    """What the referee found. ``objective`` is the value of the first objective by priority, None where there is none.

    ``point`` is the rounded (and re-solved) point that was judged; ``moved`` names the values rounding moved, with how
    far; ``exact``: the point was given in exact numbers and judged without a tolerance.
    """

    verdict: Verdict
    violations: tuple[Violation, ...]
    objectives: tuple[ObjectiveValue, ...]
    claimed: tuple[float, ...]
    point: Point
    moved: tuple[tuple[str, float], ...]
    exact: bool
    resolved: bool = False

    @property
    def ok(self) -> bool:
        """True where nothing failed."""
        return self.verdict == "ok"

    @property
    def objective(self) -> Number | None:
        """The value of the first objective by priority."""
        return self.objectives[0].value if self.objectives else None


def referee(
    instance: Instance,
    point: Point,
    objective: float | Fraction | Sequence[float] | None = None,
    resolve: Resolve | None = None,
) -> RefereeReport:
    """Judge a point against the source model.

    ``objective``: what the solver claims, one number (for the first objective by priority) or one for each objective by
    falling priority; None claims nothing. ``resolve(instance, point)`` solves for the continuous variables with the
    integer ones fixed at ``point``; None: the continuous values stay as they are.
    """
    violations: list[Violation] = []
    exact = not any(isinstance(_plain(v), float) for values in point.values() for v in values.values())
    rounded, moved, far = _rounded(instance, point, violations)
    resolved = False
    if far and resolve is not None and _has_continuous(instance):
        better = resolve(instance, rounded)
        if better is not None:
            rounded, _, _ = _rounded(instance, better, violations)
            resolved = True
    objectives: tuple[ObjectiveValue, ...] = ()
    if not any(v.kind == "missing" for v in violations):
        evaluator = Evaluator(instance, rounded)
        judge = Judge(evaluator, exact)
        violations += _outside(instance, rounded, exact)
        violations += evaluator.closed(lambda: list(_violated(instance, judge)))
        objectives = evaluator.closed(lambda: _objectives(instance, judge, violations))
    claimed = _claimed(objective)
    differs = any(not o.agrees(c) for o, c in zip(objectives, claimed, strict=False))
    verdict: Verdict = "violated" if violations else "objective_differs" if differs else "ok"
    return RefereeReport(verdict, tuple(violations), objectives, claimed, rounded, tuple(moved), exact, resolved)


def _claimed(objective: float | Fraction | Sequence[float] | None) -> tuple[float, ...]:
    if objective is None:
        return ()
    return tuple(map(float, objective)) if isinstance(objective, Sequence) else (float(objective),)


# the point -----------------------------------------------------------------------------------------------------------


def _plain(value: Any) -> Value:
    """A value of a point, numpy numbers included -> int, float, Fraction or element."""
    if type(value) in (int, float, str, bool) or isinstance(value, tuple | Fraction):
        return value  # type: ignore[no-any-return]
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, int | float | str) else (read_number(value) or value)


def _has_continuous(instance: Instance) -> bool:
    return any(v.type == "real" and v.within is None for v in instance.variables.values())


def _rounded(
    instance: Instance, point: Point, violations: list[Violation]
) -> tuple[dict[str, dict[Key, Value]], list[tuple[str, float]], bool]:
    """The point with integer variables whole, what moved, and whether anything moved by more than `MOVED`."""
    out: dict[str, dict[Key, Value]] = {}
    moved: list[tuple[str, float]] = []
    far = False
    for name, family in instance.variables.items():
        values = point.get(name, {})
        out[name] = {}
        for i, key in enumerate(family.domain.keys):
            raw = _plain(values[key]) if key in values else None
            if raw is None or (isinstance(raw, float) and math.isnan(raw)):
                violations.append(Violation(name, shown_key(key), math.inf, 0, "has no value", "missing", key))
                continue
            if family.within is not None:
                element = fit(raw, family.within[i]) if not isinstance(raw, float) else None
                raw = element if element is not None else raw
            if (family.type == "real" and family.within is None) or not isinstance(raw, float | Fraction):
                out[name][key] = raw
                continue
            if not math.isfinite(raw):
                violations.append(Violation(name, shown_key(key), math.inf, 0, "is not finite", "missing", key))
                continue
            whole = round(raw)
            distance = abs(float(raw - whole))
            if distance > 0:
                moved.append((f"{name}{shown_key(key)}", distance))
                far = far or distance > MOVED
            if distance > INTEGRALITY or (distance and isinstance(raw, Fraction)):
                text = f"{name}{shown_key(key)} = {float(raw):.10g} is not whole"
                violations.append(Violation(name, shown_key(key), distance, INTEGRALITY, text, "integrality", key))
            out[name][key] = whole
    return out, moved, far


def _outside(instance: Instance, point: Mapping[str, Mapping[Key, Value]], exact: bool) -> Iterator[Violation]:
    """Bounds, types and sets of every variable."""
    for name, family in instance.variables.items():
        for i, key in enumerate(family.domain.keys):
            value = point[name][key]
            if family.within is not None:
                if value not in family.within[i]:
                    text = f"{name}{shown_key(key)} = {shown(value)} is not in its set"
                    yield Violation(name, shown_key(key), 1, 0, text, "domain", key)
            elif not is_number(value):
                yield Violation(
                    name, shown_key(key), 1, 0, f"{name}{shown_key(key)} = {shown(value)} is no number", "domain", key
                )
            else:
                yield from _out_of_bounds(name, key, value, family, i, exact)


def _out_of_bounds(
    name: str, key: Key, value: Number, family: VariableDomain, i: int, exact: bool
) -> Iterator[Violation]:
    for bound, sign, word in ((family.lower[i], -1, ">="), (family.upper[i], 1, "<=")):
        if bound is None or (type(value) is not Fraction and _inside(value, bound, sign)):
            continue
        excess = sign * (Fraction(value) - bound) if not _infinite(value) else math.inf
        judged_exactly = exact or isinstance(value, int)
        allowed = 0 if judged_exactly else RELATIVE * (1 + max(abs(bound), abs(Fraction(value))))
        if excess > allowed:
            text = f"{name}{shown_key(key)} {word} {shown(canonical(bound))}"
            yield Violation(name, shown_key(key), float(excess), float(allowed), text, "bound", key)


def _inside(value: Number, bound: Fraction, sign: int) -> bool:
    """True where a bound plainly holds, decided without making fractions of floats."""
    whole = bound.numerator if bound.denominator == 1 else float(bound)
    return value < whole if sign > 0 else value > whole


def _infinite(value: Number) -> bool:
    return isinstance(value, float) and math.isinf(value)


# constraints and objectives ------------------------------------------------------------------------------------------


def _violated(instance: Instance, judge: Judge) -> Iterator[Violation]:
    """Every hard constraint at every binding that cannot be taken to hold."""
    for constraint in instance.model.constraints:
        if constraint.penalty is not None:
            continue
        for key, env in _bindings(constraint, judge):
            verdict = judge.verdict(constraint.expr, env)
            if not verdict.holds:
                yield Violation(
                    constraint.name, shown_binding(env), float(verdict.amount), float(verdict.allowed),
                    print_expression(constraint.expr), "constraint", key,
                )  # fmt: skip


def _bindings(constraint: Constraint, judge: Judge) -> Iterator[tuple[Key, Env]]:
    for env, key in judge.evaluator.keyed_bindings(constraint.over, {}):
        yield key, env


def _objectives(instance: Instance, judge: Judge, violations: list[Violation]) -> tuple[ObjectiveValue, ...]:
    """Every objective by falling priority; penalties belong to the last, and are minimized where there is none."""
    penalty: Number = 0
    for constraint in instance.model.constraints:
        if constraint.penalty is not None:
            for _, env in _bindings(constraint, judge):
                verdict = judge.verdict(constraint.expr, env)
                if verdict.amount:
                    penalty = penalty + judge.evaluator.number(constraint.penalty, env) * verdict.amount
    soft = any(c.penalty is not None for c in instance.model.constraints)
    ordered = sorted(instance.model.objectives, key=lambda o: -o.priority)
    if not ordered:
        return (ObjectiveValue(0, "minimize", penalty, penalty, penalty, penalty),) if soft else ()
    out = []
    for o in ordered:
        own = penalty if o is ordered[-1] else 0
        cost = own if o.sense == "minimize" else -own
        try:
            value = judge.evaluator.evaluate(o.expr)
            least, greatest = judge.span(o.expr, {})
        except EvaluationError as e:
            text = f"the objective is undefined: {e.diagnostics[0].message}"
            violations.append(Violation("objective", "", math.inf, 0, text))
            continue
        out.append(ObjectiveValue(o.priority, o.sense, value + cost, own, least + cost, greatest + cost))
    return tuple(out)
