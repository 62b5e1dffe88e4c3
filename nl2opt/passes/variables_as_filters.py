"""A filter over variables -> a factor, a condition, an implication.

Theorem: `sum(f for i in I if c)` with c over variables is `sum(f * c for i in I)`, `all(f for .. if c)` is
`all(implies(c, f) for ..)`, `any(f for .. if c)` is `any(c and f for ..)` (docs/SEMANTICS.md, Variables as filters).
Exact. Elsewhere a filter over variables is an error.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(variables_as_filters, '''
... sets: {I: [a, b]}
... parameters: {w: {over: I, value: [1, 2]}}
... variables: {x: {over: I, type: binary}}
... constraints: [{name: load, expr: "sum(w[i] for i in I if x[i] if w[i] > 1) <= 3"}]
... '''))
x[I] binary
load: sum(w[i] * x[i] for i in I if w[i] > 1) <= 3
"""

from __future__ import annotations

from dataclasses import replace

from nl2opt.ir.model import Model
from nl2opt.ir.nodes import ONE, Aggregate, Compare, Expr, Generator, IfElse, Implies, Subscript, conjunction, mul
from nl2opt.ir.walk import map_children
from nl2opt.passes.facts import is_known
from nl2opt.passes.rewrite import Undo, unchanged
from nl2opt.passes.unsupported import unsupported


def variables_as_filters(model: Model) -> tuple[Model, Undo]:
    """Model -> the model whose filters are known before solving."""
    constraints = tuple(replace(c, expr=_normal(c.expr, model, c.name)) for c in model.constraints)
    objectives = tuple(replace(o, expr=_normal(o.expr, model, "objective")) for o in model.objectives)
    return replace(model, constraints=constraints, objectives=objectives), unchanged


def _normal(e: Expr, model: Model, item: str) -> Expr:
    e = map_children(e, lambda x: _normal(x, model, item))
    if not isinstance(e, Aggregate):
        return e
    decided: list[Expr] = []
    generators: list[Generator] = []
    for g in e.generators:
        known = tuple(c for c in g.conditions if is_known(c, model))
        decided += [c for c in g.conditions if c not in known]
        generators.append(replace(g, conditions=known))
    if not decided:
        return e
    condition = conjunction(*decided)
    match e.function:
        case "sum":
            factor = _counted(condition, model)
            body = factor if e.body == ONE else mul(e.body, factor)
        case "all":
            body = Implies(condition, e.body)
        case "any":
            body = conjunction(condition, e.body)
        case _:
            raise unsupported(
                "a filter over variables in min, max, prod, all_different", item, e.function,
                "put the condition into the body",
            )  # fmt: skip
    return Aggregate(e.function, body, tuple(generators))


def _counted(condition: Expr, model: Model) -> Expr:
    """A condition -> the same as a factor. An element as a condition is false where its index is none, a factor that
    has no value would make the whole row false, so it is compared."""
    element = isinstance(condition, Subscript) and not all(is_known(i, model) for i in condition.index)
    return Compare("==", condition, ONE) if element or isinstance(condition, IfElse) else condition
