"""Instance -> its objective and constraints with the data put in: `12·cars + 45·lorries ≤ 1350`, for small models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import islice

from nl2opt.errors import EvaluationError
from nl2opt.explain.mathematics import math
from nl2opt.ir.evaluate import Evaluator
from nl2opt.ir.evaluate.outcomes import Env
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Over
from nl2opt.ir.nodes import Aggregate, Boolean, Compare, Expr, Label, Name, Subscript, add, mul, number
from nl2opt.ir.polynomial import expression, polynomial
from nl2opt.ir.walk import free_names, map_children
from nl2opt.passes.expand_arrays import expand_arrays
from nl2opt.passes.inline_expressions import inline_expressions
from nl2opt.passes.variables_as_filters import variables_as_filters

VARIABLES = 12
"""Models with more variables are shown indexed only."""
LINES = 4
"""A family with more bindings is shown indexed only."""


def in_numbers(instance: Instance) -> dict[str, tuple[str, ...]]:
    """Instance -> lines by constraint name, objectives as `objective 0`, ...; {} where it is not small."""
    if sum(len(v.domain) for v in instance.variables.values()) > VARIABLES:
        return {}
    model, _ = inline_expressions(instance.model)
    model, _ = expand_arrays(model)
    model, _ = variables_as_filters(model)
    filling = _Filling(instance)
    lines: dict[str, tuple[str, ...]] = {}
    for i, o in enumerate(model.objectives):
        with suppress(EvaluationError):  # a branch that is never reached has no value: the indexed line stands alone
            lines[f"objective {i}"] = (math(filling.side(o.expr, {})),)
    for c in model.constraints:
        found: list[str] = []
        try:
            for indices in islice(filling.bindings(c.over, {}), LINES + 1):
                found.append(math(filling.condition(c.expr, indices)))
        except EvaluationError:  # as above
            continue
        if 0 < len(found) <= LINES:
            lines[c.name] = tuple(found)
    return lines


class _Filling:
    """Expressions with every constant part replaced by its value and every sum written out."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.variables = frozenset(instance.variables)
        self.constants = Evaluator(instance)
        # one variable, over labels: `12·cars` says it; `12·0` would read as a product of numbers
        self.bare = len(instance.variables) == 1 and all(
            len(key) == 1 and isinstance(key[0], str) for v in instance.variables.values() for key in v.domain.keys
        )

    def bindings(self, over: Over, indices: Env) -> Iterator[Env]:
        for inner, _ in self.constants.keyed_bindings(over, dict(indices)):
            yield dict(inner)

    def condition(self, e: Expr, indices: Env) -> Expr:
        filled = self.fill(e, indices)
        match filled:
            case Compare(op, left, right):
                return Compare(op, _simple(left), _simple(right))
            case _:
                return filled

    def side(self, e: Expr, indices: Env) -> Expr:
        return _simple(self.fill(e, indices))

    def fill(self, e: Expr, indices: Env) -> Expr:
        if not free_names(e) & self.variables:
            return self.constant(e, indices)
        match e:
            case Subscript(name, index) if name in self.variables:
                labels = [_text(self.constant(i, indices)) if not free_names(i) & self.variables else "" for i in index]
                return Name(", ".join(labels) if self.bare else f"{name}[{', '.join(labels)}]") if all(labels) else e
            case Aggregate("sum" | "prod" as function, body, generators):
                join = add if function == "sum" else mul
                return join(*(self.fill(body, inner) for inner in self.bindings(generators, indices)))
            case Aggregate(function, body, generators):
                return e
            case _:
                return map_children(e, lambda child: self.fill(child, indices))

    def constant(self, e: Expr, indices: Env) -> Expr:
        value = self.constants.evaluate(e, indices)
        match value:
            case bool():
                return Boolean(value)
            case int() | float() | Fraction():
                return number(value)
            case str():
                return Label(value)
            case _:
                return e


def _text(e: Expr) -> str:
    return e.value if isinstance(e, Label) else math(e)


def _simple(e: Expr) -> Expr:
    return expression(polynomial(e))
