"""Model -> Model: a condition that is turned round says first that what it reads is defined.

Theorem: an undefined number makes the nearest enclosing condition false (docs/SEMANTICS.md, Undefined), so `not (a[x]
<= 3)` is no `a[x] > 3` where x may lie outside I; it is `not (x in I and a[x] <= 3)`, which can be carried inwards. And
`a[x] not in S` is `x in I and not (a[x] in S)`. Exact; for targets that read an undefined number as false themselves.
"""

from __future__ import annotations

from dataclasses import replace

from nl2opt.emitters.python.total import definedness
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model
from nl2opt.ir.nodes import (
    Aggregate,
    And,
    Compare,
    Comprehension,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    Not,
    Or,
    Tuple,
    conjunction,
)
from nl2opt.ir.walk import map_children
from nl2opt.passes.facts import is_formula, is_known


def guard_negations(model: Model, instance: Instance) -> Model:
    """Model with named indices -> the same, so that negations may be carried inwards."""

    def guarded(e: Expr, *read: Expr) -> Expr:
        needs = (n for part in read for n in definedness(part, model, instance))
        return conjunction(*dict.fromkeys(needs), e)

    def condition(e: Expr, turned: bool) -> Expr:
        """``turned``: the condition may be turned round where it is written."""
        if is_known(e, model):
            return e
        match e:
            case And() | Or():
                return map_children(e, lambda x: condition(x, turned))
            case Not(arg):
                return Not(condition(arg, True))
            case Implies(first, second):
                return Implies(condition(first, True), condition(second, turned))
            case Iff(left, right):
                return Iff(condition(left, turned), condition(right, turned))
            case IfElse(test, then, otherwise):
                return IfElse(condition(test, True), condition(then, turned), condition(otherwise, turned))
            case Aggregate("all" | "any", body, _):
                return replace(e, body=condition(body, turned))
            case Compare(op, left, right):
                apart = op == "!=" and isinstance(left, Tuple)
                same = map_children(e, number)
                return guarded(same, left, right) if turned or apart else same
            case In(item, collection, negated):
                same = map_children(e, number)
                return guarded(same, item, collection) if turned or negated else same
            case _:
                return map_children(e, number)

    def number(e: Expr) -> Expr:
        if is_known(e, model):
            return e
        if is_formula(e, model):
            return condition(e, False)
        match e:
            case IfElse(test, then, otherwise):
                return IfElse(condition(test, True), number(then), number(otherwise))
            case Aggregate() | Comprehension():
                return replace(e, body=number(e.body))
            case _:
                return map_children(e, number)

    return replace(
        model,
        constraints=tuple(replace(c, expr=condition(c.expr, False)) for c in model.constraints),
        objectives=tuple(replace(o, expr=number(o.expr)) for o in model.objectives),
    )
