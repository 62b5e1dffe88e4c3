"""Answer -> Explanation: what to do, what holds it back, what was checked, in the person's own sentences."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from nl2opt.check.tolerance import Judge
from nl2opt.errors import Diagnostic, EvaluationError
from nl2opt.explain.answer import Answer, Evidence
from nl2opt.explain.infeasible import Member
from nl2opt.explain.mathematics import constraint_line, math
from nl2opt.ir.evaluate import Evaluator, bindings, evaluate
from nl2opt.ir.evaluate.outcomes import Env
from nl2opt.ir.instance import Instance, Key, Point, Value
from nl2opt.ir.model import Anchor, Constraint, Model, Parameter, Variable
from nl2opt.ir.nodes import Compare, Expr, Name
from nl2opt.solvers.result import Termination

_STATUS = {
    Termination.OPTIMAL: "solved to proved optimality",
    Termination.INFEASIBLE: "infeasible: no solution satisfies every constraint",
    Termination.UNBOUNDED: "unbounded: the objective improves without end",
    Termination.INFEASIBLE_OR_UNBOUNDED: "infeasible or unbounded: the solver could not say which",
    Termination.TIME_LIMIT: "stopped by the time limit",
    Termination.INTERRUPTED: "interrupted",
    Termination.SOLUTION_LIMIT: "enough solutions were found",
    Termination.UNRELIABLE: "numerically unreliable: the referee rejects the solver's point",
}


@dataclass(frozen=True, slots=True)
class Limit:
    """One comparison at the solution: both sides, how much is left, and the words it comes from.

    ``slack`` >= 0 is in the unit of the row; ``binding`` is True where it is 0 within 1e-6 * (1 + |rhs|). A soft
    constraint that does not hold is ``missed`` by an amount and ``costs`` its penalty times that; nothing is left then.
    ``op`` is empty for a condition that is no comparison; its sides are then 0.
    """

    constraint: str
    key: Key
    left: float
    op: str
    right: float
    slack: float
    binding: bool
    words: str
    missed: float = 0.0
    costs: float = 0.0

    def sentence(self) -> str:
        """Limit -> one line for a person."""
        at = f" [{key_text(self.key)}]" if self.key else ""
        state = "binds" if self.binding else f"{number_text(self.slack)} left"
        if self.missed and not self.op:
            return f"{self.words}{at}: not met, costs {number_text(self.costs)}"
        if self.missed:
            state = f"missed by {number_text(self.missed)}, costs {number_text(self.costs)}"
        return f"{self.words}{at}: {number_text(self.left)} {self.op} {number_text(self.right)}, {state}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a person is told. ``values`` holds (variable, key, value, unit) for every variable at the solution."""

    status: str
    headline: str
    values: tuple[tuple[str, Key, Value, str], ...]
    expressions: tuple[tuple[str, Key, Value, str], ...]
    limits: tuple[Limit, ...]
    conflict: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    answers: tuple[tuple[tuple[str, Value], ...], ...] = ()
    """Where all answers were asked for: the outputs of each, or its variables where there are none."""

    def __str__(self) -> str:
        lines = [self.headline]
        for name, key, value, unit in (*self.values, *self.expressions):
            at = f"[{key_text(key)}]" if key else ""
            lines.append(f"  {name}{at} = {value_text(value)} {unit}".rstrip())
        lines += [f"  answer {k}: {answer_text(a)}" for k, a in enumerate(self.answers, 1)]
        lines += [f"  {limit.sentence()}" for limit in self.limits]
        lines += [f"  conflict: {c}" for c in self.conflict]
        lines += [f"  checked: {e.statement}" for e in self.evidence]
        lines += [f"  assumed: {a}" for a in self.assumptions]
        lines += [f"  {d.severity} {d.code}: {d.message}, {d.where}: {d.found}" for d in self.diagnostics]
        return "\n".join(lines)


def report(answer: Answer) -> Explanation:
    """Answer -> Explanation."""
    instance, result = answer.instance, answer.result
    point = result.point
    return Explanation(
        status=result.termination.value,
        headline=_headline(answer),
        values=tuple(_values(instance, point)) if point is not None else (),
        expressions=tuple(_named(instance, point)) if point is not None else (),
        limits=tuple(_limits(instance, point)) if point is not None else (),
        conflict=tuple(_member(m) for m in answer.conflict.members) if answer.conflict else (),
        evidence=answer.evidence,
        assumptions=instance.model.assumptions,
        notes=result.notes,
        diagnostics=answer.diagnostics,
        answers=tuple(_answers(answer)),
    )


def _answers(answer: Answer) -> Iterator[tuple[tuple[str, Value], ...]]:
    """What is shown of each answer, where all were asked for."""
    instance = answer.instance
    if answer.every is None or instance.model.answer.find != "all":
        return
    for point in answer.every.points:
        if instance.model.outputs:
            yield tuple((name, value) for name, key, value, _ in _outputs(instance, point) if not key)
        else:
            yield tuple(
                (f"{v}[{key_text(k)}]" if k else v, x) for v, values in point.items() for k, x in values.items()
            )


def answer_text(shown: tuple[tuple[str, Value], ...]) -> str:
    """The outputs of one answer on a line."""
    return ", ".join(f"{name} = {value_text(value)}" for name, value in shown)


def _headline(answer: Answer) -> str:
    result, model = answer.result, answer.instance.model
    text = _STATUS[result.termination]
    if result.objective is not None and model.objectives:
        sense = max(model.objectives, key=lambda o: o.priority).sense
        text = f"{text}; {sense}d objective: {number_text(result.objective)}"
        if result.gap is not None and result.gap > 1e-9 and result.bound is not None:
            text += f" (bound {number_text(result.bound)}, gap {100 * result.gap:.2g} %)"
    if result.objective is not None and not model.objectives:
        text = f"{text}; penalties: {number_text(result.objective)}"
    if answer.every is not None:
        more = "" if answer.every.complete else " or more"
        text += f"; {answer.every.count}{more} answers that differ in the outputs"
    return text


def _values(instance: Instance, point: Point) -> list[tuple[str, Key, Value, str]]:
    return [
        (v.name, key, point[v.name][key], v.unit)
        for v in instance.model.variables
        for key in instance.variables[v.name].domain.keys
    ]


def _named(instance: Instance, point: Point) -> list[tuple[str, Key, Value, str]]:
    out: list[tuple[str, Key, Value, str]] = []
    for n in instance.model.expressions:
        for key, indices in bindings(n.over, instance):
            out.append((n.name, key, _number(evaluate(n.expr, instance, point, indices)), n.unit))
    again = {o.name for o in instance.model.outputs if o.expr == Name(o.name)}
    return out + [shown for shown in _outputs(instance, point) if shown[0] not in again]


def _outputs(instance: Instance, point: Point) -> list[tuple[str, Key, Value, str]]:
    out: list[tuple[str, Key, Value, str]] = []
    for o in instance.model.outputs:
        try:
            out.append((o.name, (), evaluate(o.expr, instance, point, {}), ""))
        except EvaluationError as e:
            out.append((o.name, (), f"undefined: {e.diagnostics[0].message}", ""))
    return out


def _limits(instance: Instance, point: Point) -> list[Limit]:
    """Every comparison at the solution, every other soft constraint that is not met, and the bounds variables lie at;
    what is missed comes first."""
    exact = not any(isinstance(v, float) for values in point.values() for v in values.values())
    judge = Judge(Evaluator(instance, point), exact)
    out = []
    for c in instance.model.constraints:
        for key, indices in bindings(c.over, instance):
            try:
                limit = _limit(c, key, indices, instance, point)
                if c.penalty is not None:
                    limit = _soft(c, key, judge, indices, limit)
            except EvaluationError:
                continue
            if limit is not None:
                out.append(limit)
    return sorted([*out, *_bounds(instance, point)], key=lambda limit: not limit.missed)


def _bounds(instance: Instance, point: Point) -> Iterator[Limit]:
    """The declared bounds that variables lie at; a lower bound of 0 is the usual one, and says nothing."""
    for v in instance.model.variables:
        domain = instance.variables[v.name]
        for side, op, declared in ((domain.lower, ">=", v.lower), (domain.upper, "<=", v.upper)):
            if declared is None or v.type == "binary" or not side:
                continue
            for key, bound in zip(domain.domain.keys, side, strict=True):
                value = point[v.name][key]
                if bound is None or isinstance(value, str | tuple) or (op == ">=" and bound == 0):
                    continue
                left, right = float(value), float(bound)
                if abs(left - right) <= _near(right):
                    yield Limit(f"bounds of {v.name}", key, left, op, right, abs(right - left), True,
                                _bound_words(v, op, declared, instance.model))  # fmt: skip


def _bound_words(v: Variable, op: str, bound: Expr, model: Model) -> str:
    """A bound -> the words of the number it is, where that has some, and what the model calls it."""
    item = model.symbols.get(bound.name) if isinstance(bound, Name) else None
    quotes = quoted(item.anchors) if isinstance(item, Parameter) else quoted(v.anchors)
    text = math(Compare(op, Name(v.name), bound))  # type: ignore[arg-type]
    return f"“{quotes}” ({text})" if quotes else text


def _limit(c: Constraint, key: Key, indices: Env, instance: Instance, point: Point) -> Limit | None:
    """A comparison of numbers at one binding; None for any other condition."""
    if not isinstance(c.expr, Compare):
        return None
    sides = [evaluate(s, instance, point, indices) for s in (c.expr.left, c.expr.right)]
    if not all(isinstance(s, int | float | Fraction) for s in sides):
        return None
    left, right = float(sides[0]), float(sides[1])
    slack = abs(right - left)
    return Limit(c.name, key, left, c.expr.op, right, slack, slack <= _near(right), words(c))


def _soft(c: Constraint, key: Key, judge: Judge, indices: Env, limit: Limit | None) -> Limit | None:
    """A soft constraint at one binding, with what it is missed by and what that costs, as the referee judges it."""
    assert c.penalty is not None
    amount = float(judge.verdict(c.expr, indices).amount)
    if amount <= _near(limit.right if limit else 0.0):
        return limit
    costs = float(judge.evaluator.number(c.penalty, indices)) * amount
    if limit is None:
        return Limit(c.name, key, 0.0, "", 0.0, 0.0, False, words(c), amount, costs)
    return replace(limit, slack=0.0, binding=False, missed=amount, costs=costs)


def _near(value: float) -> float:
    return 1e-6 * (1 + abs(value))


def _member(m: Member) -> str:
    """A member of a conflict -> the person's words first, then what the model calls it."""
    what = f"bounds of {m.name}" if m.kind == "bounds" else f"{m.name}{m.binding}"
    quotes = " … ".join(" ".join(q.split()) for q in m.quotes)
    return f"“{quotes}” ({one_line(what)})" if quotes else one_line(f"{what}: {m.text}")


def words(c: Constraint) -> str:
    """Constraint -> the person's words for it, else its mathematics."""
    quotes = quoted(c.anchors)
    return f"“{quotes}”" if quotes else f"{c.name}: {constraint_line(c)}"


def quoted(anchors: tuple[Anchor, ...]) -> str:
    """Anchors -> their quotes, joined."""
    return " … ".join(" ".join(a.text.split()) for a in anchors if a.kind == "quote")


def _number(value: Any) -> Value:
    return int(value) if isinstance(value, bool) else value


def number_text(value: float | Fraction) -> str:
    """A number -> at most ten significant digits, without a trailing `.0`."""
    rounded = round(float(value), 6)
    return f"{rounded:.0f}" if rounded == int(rounded) and abs(rounded) < 1e15 else f"{rounded:.10g}"


def value_text(value: Any) -> str:
    """A value of a variable or an output -> text."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float() | Fraction():
            return number_text(value)
        case list() | tuple():
            return "[" + ", ".join(value_text(v) for v in value) + "]"
        case _:
            return one_line(str(value))


def key_text(key: Key) -> str:
    """The labels of a binding -> text on one line."""
    return one_line(", ".join(map(str, key)))


def one_line(text: str) -> str:
    """Text -> the same on one line: line breaks and other characters that print nothing are shown by their escapes."""
    return "".join(c if c.isprintable() or c in _JOINERS else " " if _is_blank(c) else _escaped(c) for c in text)


_JOINERS = "\u200c\u200d"


def _is_blank(c: str) -> bool:
    return unicodedata.category(c) == "Zs"


def _escaped(c: str) -> str:
    return c.encode("unicode_escape").decode("ascii")
