"""`e // c`, `e % c` of whole numbers with a known divisor -> quotient and remainder as variables.

Theorem: for whole e and c != 0 there is exactly one pair (q, r) with e == c * q + r and r between 0 and c - 1 (between
c + 1 and 0 for a negative c); q is e // c, r is e % c. Exact for whole numbers; of continuous e unsupported.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(linearize_division, '''
... variables: {x: {type: integer, upper: 40}}
... constraints: [{name: odd, expr: "x % 2 == 1"}]
... '''))
x integer <= 40
odd_quotient integer >= 0 <= 20
odd_remainder integer >= 0 <= 1
odd: odd_remainder == 1
odd_division: x == 2 * odd_quotient + odd_remainder
"""

from __future__ import annotations

from fractions import Fraction
from math import floor

from nl2opt.errors import Diagnostic, EvaluationError
from nl2opt.ir.infer.scope import mentioned
from nl2opt.ir.model import Model, Parameter, Variable
from nl2opt.ir.nodes import ONE, ZERO, Binary, Call, Compare, Expr, Number, add, mul, subtract
from nl2opt.ir.text import print_expression
from nl2opt.passes.arithmetic import extreme, plus
from nl2opt.passes.bounds import Bounds
from nl2opt.passes.facts import is_integral, is_known
from nl2opt.passes.rewrite import Context, Draft, Undo, descend, unchanged
from nl2opt.passes.unsupported import unsupported


def linearize_division(model: Model) -> tuple[Model, Undo]:
    """Model -> the model whose floor divisions and remainders are of constants."""
    draft = Draft(model)
    made: dict[tuple[Expr, Expr, object], tuple[Expr, Expr]] = {}

    def visit(e: Expr, at: Context) -> Expr:
        if is_known(e, draft.model):
            return e
        e = descend(e, at, visit, draft.model)
        if not (isinstance(e, Binary) and e.op in ("//", "%")):
            return e
        if not is_known(e.right, draft.model):
            raise unsupported("floor division by a variable", at.item, e.op)
        if not (is_integral(e.left, draft.model, at.over) and is_integral(e.right, draft.model, at.over)):
            found = print_expression(e)
            raise unsupported("floor division of a continuous expression", at.item, found, _real_names(e, draft.model))
        key = (e.left, e.right, at.defining(e))
        if key not in made:
            made[key] = _divide(e, at, draft)
        return made[key][0 if e.op == "//" else 1]

    return draft.rewrite(visit), unchanged


def _real_names(e: Binary, model: Model) -> str:
    """A division -> what must be declared whole in it."""
    symbols = [model.symbols.get(name) for name in dict.fromkeys(mentioned(e))]
    real = [s.name for s in symbols if isinstance(s, Parameter | Variable) and s.type == "real" and s.within is None]
    return f"give {' and '.join(f'`{n}`' for n in real)} `type: integer`" if real else "declare it integer"


def _divide(e: Binary, at: Context, draft: Draft) -> tuple[Expr, Expr]:
    c = e.right
    if c == ZERO:
        where = f"`{at.item}`"
        raise EvaluationError(Diagnostic("V103", "division by zero", where, print_expression(e)))
    lower: Expr
    upper: Expr
    if isinstance(c, Number):
        lower, upper = (ZERO, Number(c.value - 1)) if c.value > 0 else (Number(c.value + 1), ZERO)
    else:
        lower = extreme("min", (ZERO, plus(c, ONE)))
        upper = extreme("max", (ZERO, subtract(c, ONE)))
    over = at.family(e)
    ends = [Call("floor", (Binary("/", end, c),)) for end in Bounds(draft).of(e.left, at.item)]
    least, most = _folded(extreme("min", ends)), _folded(extreme("max", ends))
    quotient = draft.variable(f"{at.item}_quotient", over, "integer", least, most)
    remainder = draft.variable(f"{at.item}_remainder", over, "integer", lower, upper)
    whole = Compare("==", e.left, add(mul(c, quotient), remainder))
    draft.require(f"{at.item}_division", at.defining(e), whole)
    return quotient, remainder


def _folded(e: Expr) -> Expr:
    """An end of literal numbers -> its number."""
    match e:
        case Call("floor", (Binary("/", Number(a), Number(c)),), _):
            return Number(Fraction(floor(a / c)))
        case Call("min" | "max" as function, args, _):
            return extreme(function, (_folded(a) for a in args))
        case _:
            return e
