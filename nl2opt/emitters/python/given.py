"""Instance -> the same, its model without the expressions that the data have replaced.

A model may compute a set or a parameter by an expression and the data may give another value all the same; the program
is then given that value too (docs/SEMANTICS.md: data given with the model replace inline values).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from nl2opt.errors import EvaluationError
from nl2opt.ir.evaluate import bindings, evaluate, evaluate_set
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import IndexedElements, Parameter, Set
from nl2opt.ir.nodes import Expr
from nl2opt.ir.walk import free_names

_EXPRESSIONS = tuple(Expr.__args__)


def without_replaced(instance: Instance) -> Instance:
    """Every set and parameter whose value is not that of its own expression has none."""
    sets = tuple(_given_set(s, instance) for s in instance.model.sets)
    parameters = tuple(
        p if _holds(lambda p=p: _computes(p, instance)) else replace(p, value=None)  # type: ignore[misc]
        for p in instance.model.parameters
    )
    return replace(instance, model=replace(instance.model, sets=sets, parameters=parameters))


def _holds(test: Callable[[], bool]) -> bool:
    try:
        return test()
    except EvaluationError:
        return False


def _given_set(s: Set, instance: Instance) -> Set:
    own = s.elements
    if not isinstance(own, _EXPRESSIONS):
        return s
    if not s.over:
        held = instance.sets[s.name].elements
        return s if _holds(lambda: evaluate_set(own, instance).elements == held) else replace(s, elements=held)
    values = instance.indexed_sets[s.name]
    same = _holds(
        lambda: all(
            evaluate_set(own, instance, at).elements == values[key].elements for key, at in bindings(s.over, instance)
        )
    )
    lists = tuple(value.elements for value in values.values())
    return s if same else replace(s, elements=IndexedElements(None, lists))


def _computes(p: Parameter, instance: Instance) -> bool:
    """True where the expression of ``p``, if it has one, gives every value the instance holds."""
    own = p.value
    if not isinstance(own, _EXPRESSIONS) or not free_names(own):
        return True
    held = instance.parameters[p.name]
    return all(_same(evaluate(own, instance, None, at), held.at(key)) for key, at in bindings(p.over, instance))


def _same(computed: object, held: object) -> bool:
    if isinstance(computed, float) and isinstance(held, Fraction):
        return math.isclose(computed, held, rel_tol=1e-12)
    return computed == held
