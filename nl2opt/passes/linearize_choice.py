"""`a if c else b` with c over variables -> b + c * (a - b), or two implications.

Theorem: with c 0 or 1 the value is b + c * (a - b); between conditions it is (c implies a) and (not c implies b).
Always exact. `prod` over conditions is `all` of them, and a whole power is a repeated product.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(linearize_choice, '''
... variables: {x: {type: real, upper: 9}, late: {type: binary}}
... objectives: [{minimize: "x + (30 if late else 5)"}]
... constraints: [{name: rule, expr: "x <= 3 if late else x >= 2"}]
... '''))
x real <= 9
late binary
minimize x + 25 * late + 5
rule: implies(late, x <= 3) and implies(not late, x >= 2)
"""

from __future__ import annotations

from nl2opt.ir.model import Model
from nl2opt.ir.nodes import ONE, ZERO, Aggregate, Binary, Expr, IfElse, Implies, Number, conjunction, mul
from nl2opt.ir.walk import map_children
from nl2opt.passes.arithmetic import minus, plus, times
from nl2opt.passes.facts import is_binary, is_formula, is_known, is_literal
from nl2opt.passes.rewrite import Context, Draft, Undo, negation, unchanged

_MOST_POWER = 6


def linearize_choice(model: Model) -> tuple[Model, Undo]:
    """Model -> the model whose choices are known before solving."""

    def visit(e: Expr, at: Context) -> Expr:
        if is_known(e, model):
            return e
        e = map_children(e, lambda x: visit(x, at))
        match e:
            case IfElse(condition, then, otherwise) if not is_known(condition, model):
                if is_formula(e, model) or (is_binary(then, model) and is_binary(otherwise, model)):
                    return conjunction(Implies(condition, then), Implies(negation(condition), otherwise))
                if otherwise == ZERO:
                    return mul(then, condition) if then != ONE else condition
                return plus(times(minus(then, otherwise), condition), otherwise)
            case Aggregate("prod", body, generators) if is_literal(body, model) or is_formula(body, model):
                return Aggregate("all", body, generators)
            case Binary("**", left, Number(value)) if value.denominator == 1 and 1 <= value <= _MOST_POWER:
                return left if is_literal(left, model) or is_formula(left, model) else mul(*([left] * int(value)))
            case Binary("**", _, Number(value)) if value == 0:
                return ONE
            case _:
                return e

    return Draft(model).rewrite(visit), unchanged
