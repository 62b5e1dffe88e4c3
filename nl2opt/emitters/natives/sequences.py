"""Constraint -> Increasing, LexLess: what is said of neighbours in an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nl2opt.emitters.natives.forms import is_before, is_range, is_total, renamed
from nl2opt.ir.model import Constraint, Model, Over
from nl2opt.ir.nodes import (
    ONE,
    Add,
    Aggregate,
    And,
    Call,
    Compare,
    CompareOp,
    Comprehension,
    Expr,
    Generator,
    In,
    Name,
    Number,
    Or,
)
from nl2opt.ir.walk import free_names, subexpressions, substitute
from nl2opt.passes.facts import is_known

_MIRRORED: dict[CompareOp, CompareOp] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Increasing:
    """Each of ``values``, a list, is ``op`` the next one; for each binding of ``over``."""

    over: Over
    op: Literal["<", "<=", ">", ">="]
    values: Comprehension


@dataclass(frozen=True, slots=True)
class LexLess:
    """The list ``left`` comes before ``right`` as words do; where not ``strict`` they may be equal."""

    over: Over
    left: Comprehension
    right: Comprehension
    strict: bool


def increasing(c: Constraint, model: Model) -> Increasing | None:
    """`x[i] <= x[next(i)]` for all i but the last (or `prev`, but the first) -> Increasing; on ranges also `i + 1`."""
    match c.over, c.expr:
        case (*outer, Generator((index,), source, (condition,))), Compare("<" | "<=" | ">" | ">=" as op, left, right):
            pass
        case _:
            return None
    for here, there, told in ((left, right, op), (right, left, _MIRRORED[op])):
        if index not in free_names(here) or is_known(here, model) or not is_total(here, model):
            continue
        if any(isinstance(n, Call) and n.function in ("prev", "next") for n in subexpressions(here)):
            continue  # a neighbour of a neighbour
        for step, ends in _steps(index, source, model):
            if condition in ends and substitute(here, {index: step}) == there:
                forward = step not in _backward(index)
                values = Comprehension("list", here, (Generator((index,), source),))
                return Increasing(tuple(outer), told if forward else _MIRRORED[told], values)  # type: ignore[arg-type]
    return None


def _steps(index: str, source: Expr, model: Model) -> list[tuple[Expr, tuple[Expr, ...]]]:
    """Index of a set -> its neighbours, each with the conditions that leave out just the element without one."""
    here = Name(index)
    last, first = Call("last", (source,)), Call("first", (source,))
    steps: list[tuple[Expr, tuple[Expr, ...]]] = [
        (Call("next", (here,)), _unequal(here, last)),
        (Call("prev", (here,)), _unequal(here, first)),
    ]
    if is_range(source, model):
        up, down = Add((here, ONE)), Add((here, Number(-ONE.value)))
        steps.append((up, (*_unequal(here, last), Compare("<", here, last), In(up, source))))
        steps.append((down, (*_unequal(here, first), Compare(">", here, first), In(down, source))))
    return steps


def _backward(index: str) -> tuple[Expr, ...]:
    here = Name(index)
    return Call("prev", (here,)), Add((here, Number(-ONE.value)))


def _unequal(a: Expr, b: Expr) -> tuple[Expr, ...]:
    return Compare("!=", a, b), Compare("!=", b, a)


def lex_less(c: Constraint, model: Model) -> LexLess | None:
    """`any(a[i] < b[i] and all(a[j] == b[j] for j in I if j < i) for i in I)` -> LexLess.

    Followed by `or all(a[i] == b[i] for i in I)` the lists may be equal.
    """
    expr, equal = c.expr, None
    if isinstance(expr, Or) and len(expr.args) == 2:
        expr, equal = expr.args
        if isinstance(expr, Aggregate) and expr.function == "all":
            expr, equal = equal, expr
    match expr:
        case Aggregate(
            "any",
            And((Compare("<", left, right), Aggregate("all", same, (Generator((before,), again, (condition,)),)))),
            (Generator((index,), source, ()),),
        ) if again == source and is_before(condition, before, index, source, model):
            pass
        case _:
            return None
    ordered = is_range(source, model) or not isinstance(condition.left, Name)  # type: ignore[union-attr]
    total = is_total(left, model) and is_total(right, model)
    if not ordered or not total or same != Compare("==", *(renamed(x, {index: before}) for x in (left, right))):
        return None
    if equal is not None and not _all_equal(equal, left, right, index, source):
        return None
    low, high = (Comprehension("list", side, (Generator((index,), source),)) for side in (left, right))
    return LexLess(c.over, low, high, strict=equal is None)


def _all_equal(e: Expr, left: Expr, right: Expr, index: str, source: Expr) -> bool:
    match e:
        case Aggregate("all", same, (Generator((other,), again, ()),)) if again == source:
            return same == Compare("==", *(renamed(x, {index: other}) for x in (left, right)))
        case _:
            return False
