"""Literals: expressions that are 0 or 1 and affine, as numbers, negated, and recognised in comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from nl2opt.ir.model import Model
from nl2opt.ir.nodes import (
    ONE,
    ZERO,
    Aggregate,
    And,
    Boolean,
    Compare,
    Expr,
    IfElse,
    Iff,
    Implies,
    Not,
    Number,
    add,
    conjunction,
)
from nl2opt.passes.arithmetic import complement, plus, total
from nl2opt.passes.facts import is_binary, is_formula, is_known, is_literal, one_number
from nl2opt.passes.rewrite import negation


def as_number(literal: Expr) -> Expr:
    """A literal -> the affine expression that counts it; `any` of literals -> how many of them hold."""
    match literal:
        case Boolean(value):
            return ONE if value else ZERO
        case Not(arg):
            return complement(as_number(arg))
        case IfElse(condition, then, otherwise):
            return IfElse(condition, as_number(then), as_number(otherwise))
        case Aggregate("any", body, generators):
            return total(as_number(body), generators)
        case _:
            return literal


def opposite(literal: Expr) -> Expr:
    """A literal -> the literal that is true where it is false."""
    match literal:
        case Boolean(value):
            return Boolean(not value)
        case IfElse(condition, then, otherwise):
            return IfElse(condition, opposite(then), opposite(otherwise))
        case Aggregate("any", body, generators):
            return Aggregate("all", opposite(body), generators)
        case Aggregate("all", body, generators):
            return Aggregate("any", opposite(body), generators)
        case Not(arg):
            return arg
        case _:
            return Not(literal)


def count_false(guard: Expr) -> Expr:
    """A guard (literals joined by `and`) -> how many of its literals fail: 0 exactly where it holds."""
    parts = guard.args if isinstance(guard, And) else (guard,)
    return plus(*(as_number(opposite(p)) for p in parts))


def at_least_one(literals: Sequence[Expr]) -> Expr:
    """Literals -> the comparison that says one of them holds, its constants on the right."""
    left = plus(*(as_number(x) for x in literals))
    terms = getattr(left, "terms", (left,))
    constant = sum((v for t in terms if (v := one_number(t)) is not None), Fraction(0))
    if constant == 0:
        return Compare(">=", left, ONE)
    rest = add(*(t for t in terms if one_number(t) is None))
    return Compare(">=", rest, Number(1 - constant))


def plain(e: Expr, model: Model) -> Expr:
    """A comparison that only asks whether a condition is true -> the condition: `x == 1`, `(a <= b) == y`."""
    if not isinstance(e, Compare):
        return e
    a, b = e.left, e.right
    for x, other, op in ((a, b, e.op), (b, a, {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}.get(e.op, e.op))):
        value = one_number(other)
        if value is not None and value in (0, 1) and _is_condition(x, model) and not is_known(x, model):
            return _asked(x, op, int(value))
    if not (_is_condition(a, model) and _is_condition(b, model)) or not (is_formula(a, model) or is_formula(b, model)):
        return e
    match e.op:
        case "==":
            return Iff(a, b)
        case "!=":
            return Iff(a, negation(b))
        case "<=":
            return Implies(a, b)
        case ">=":
            return Implies(b, a)
        case "<":
            return conjunction(negation(a), b)
        case ">":
            return conjunction(a, negation(b))


def _is_condition(e: Expr, model: Model) -> bool:
    return is_formula(e, model) or is_binary(e, model) or is_literal(e, model)


def _asked(x: Expr, op: str, value: int) -> Expr:
    """`x op value` for a condition x -> x, its negation, or what is always so."""
    holds = [eval_compare(op, v, value) for v in (0, 1)]
    match holds:
        case [False, True]:
            return x
        case [True, False]:
            return negation(x)
        case _:
            return Boolean(holds[0])


def eval_compare(op: str, a: int, b: int) -> bool:
    """Two whole numbers compared."""
    return {"<=": a <= b, ">=": a >= b, "<": a < b, ">": a > b, "==": a == b, "!=": a != b}[op]
