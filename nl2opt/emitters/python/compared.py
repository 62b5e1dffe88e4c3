"""Model -> Model: an element picked by a variable is a condition by comparison only, `open[x] == 1`.

A list of Booleans indexed by a variable is a number to CPMpy. Exact: a binary is 0 or 1, and where the index lies
outside its set, the comparison is false as the condition was (docs/SEMANTICS.md, Undefined).
"""

from __future__ import annotations

from dataclasses import replace

from nl2opt.ir.model import Model
from nl2opt.ir.nodes import (
    ONE,
    Aggregate,
    And,
    Call,
    Compare,
    Comprehension,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    Not,
    Or,
    Subscript,
)
from nl2opt.ir.walk import map_children
from nl2opt.passes.facts import is_formula, is_known


def compare_elements(model: Model) -> Model:
    """Model -> the same, no condition of which is a bare element picked by a variable."""

    def condition(e: Expr) -> Expr:
        match e:
            case Subscript(_, index) if not all(is_known(i, model) for i in index):
                return Compare("==", map_children(e, number), ONE)
            case And() | Or() | Not() | Implies() | Iff() | Call("all" | "any", _, _):
                return map_children(e, condition)
            case Aggregate("all" | "any", body, _):
                return replace(e, body=condition(body))
            case IfElse():
                return map_children(e, condition)
            case _:
                return map_children(e, number)

    def number(e: Expr) -> Expr:
        if is_known(e, model):
            return e
        if is_formula(e, model):
            return condition(e)
        match e:
            case IfElse(test, then, otherwise):
                return IfElse(condition(test), number(then), number(otherwise))
            case Aggregate() | Comprehension():
                return replace(e, body=number(e.body))
            case Compare() | In():
                return condition(e)
            case _:
                return map_children(e, number)

    return replace(
        model,
        constraints=tuple(replace(c, expr=condition(c.expr)) for c in model.constraints),
        objectives=tuple(replace(o, expr=number(o.expr)) for o in model.objectives),
    )
