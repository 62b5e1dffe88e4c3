"""A constraint that is `and`, `all` or a known choice of conditions -> one constraint each.

Theorem: `a and b` holds for every binding exactly where `a` does and `b` does; `all(c for J)` under `for I` is `c`
under `for I, J`; `implies(k, c)` with k known is `c` under the filter k. Always exact.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(split_conjunctions, '''
... sets: {I: [a, b]}
... parameters: {big: {over: I, value: [1, 0]}}
... variables: {x: {over: I, type: real}}
... constraints:
...   - {name: band, for: i in I, expr: "1 <= x[i] <= 3"}
...   - {name: order, expr: "all(implies(big[i] > 0, x[i] >= x[j]) for i in I for j in I)"}
... '''))
x[I] real
band: 1 <= x[i] for i in I
band_2: x[i] <= 3 for i in I
order: x[i] >= x[j] for i in I, j in I if big[i] > 0
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nl2opt.ir.model import Constraint, Model
from nl2opt.ir.nodes import Aggregate, And, Expr, IfElse, Implies, Not, Or, disjunction
from nl2opt.passes.facts import is_formula, is_known
from nl2opt.passes.rewrite import Context, Draft, Undo, negation, unchanged


def split_conjunctions(model: Model) -> tuple[Model, Undo]:
    """Model -> the model whose constraints are no conjunctions."""
    draft = Draft(model)
    constraints: list[Constraint] = []
    for c in model.constraints:
        parts = list(_parts(c.expr, Context(c.name, c.over), model)) if c.penalty is None else []
        if c.penalty is not None or (len(parts) == 1 and parts[0][0] is c.expr):
            constraints.append(c)
            continue
        for n, (expr, at) in enumerate(parts):
            name = c.name if n == 0 else draft.fresh(f"{c.name}_{n + 1}")
            constraints.append(replace(c, name=name, expr=expr, over=at.bindings))
    return replace(model, constraints=tuple(constraints)), unchanged


def _parts(e: Expr, at: Context, model: Model) -> Iterator[tuple[Expr, Context]]:
    match e:
        case And(args):
            for a in args:
                yield from _parts(a, at, model)
                if is_known(a, model):
                    at = at.given(a)
        case Aggregate("all", body, generators):
            yield from _parts(body, at.bind(generators), model)
        case Implies(condition, consequence) if is_known(condition, model):
            yield from _parts(consequence, at.given(condition), model)
        case Or((first, *rest)) if is_known(first, model):
            yield from _parts(disjunction(*rest), at.given(negation(first)), model)
        case IfElse(condition, then, otherwise) if is_known(condition, model):
            yield from _parts(then, at.given(condition), model)
            yield from _parts(otherwise, at.given(negation(condition)), model)
        case Not(arg) if is_formula(arg, model) and negation(arg) != e:
            yield from _parts(negation(arg), at, model)
        case _:
            yield e, at
