"""Model -> the parameters whose values a solver of integers counts with, so that they must be whole."""

from __future__ import annotations

from nl2opt.ir.model import Model, Parameter
from nl2opt.ir.nodes import Aggregate, Comprehension, Expr, IfElse, Name, Subscript
from nl2opt.ir.walk import children
from nl2opt.passes.facts import is_formula, is_known

_EXPRESSIONS = tuple(Expr.__args__)


def counted_parameters(model: Model) -> frozenset[str]:
    """Names of parameters that reach a bound, a constraint or an objective as a number; not those that only decide
    what is looked at, in filters and known conditions."""
    found: set[str] = set()

    def visit(e: Expr) -> None:
        if is_known(e, model) and is_formula(e, model):
            return
        match e:
            case Name(name) | Subscript(name, _) if isinstance(declared := model.symbols.get(name), Parameter):
                if name not in found:
                    found.add(name)
                    if isinstance(declared.value, _EXPRESSIONS):
                        visit(declared.value)
                for i in e.index if isinstance(e, Subscript) else ():
                    if not is_known(i, model):
                        visit(i)
            case Aggregate() | Comprehension():
                visit(e.body)
            case IfElse(condition, then, otherwise):
                for part in (condition, then, otherwise):
                    visit(part)
            case _:
                for part in children(e):
                    visit(part)

    for v in model.variables:
        for bound in (v.lower, v.upper):
            if bound is not None:
                visit(bound)
    for e in (*(c.expr for c in model.constraints), *(o.expr for o in model.objectives)):
        visit(e)
    return frozenset(found)
