"""Instance of a rewritten model -> the same with a value for each bound and step that is inferred from the data."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from nl2opt.emitters.python.indices import dependent
from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ground.linear.bounds import inferred_values
from nl2opt.ir.evaluate import evaluate_set
from nl2opt.ir.instance import Domain, Instance, Key, ParameterValue
from nl2opt.passes.declared import Inferred, InferredBound

REMARK = "follows from these data: renew it with them"
"""What a program says of an inferred bound."""

REASON = "a big-M is made of the bounds of its variables, and one is neither declared nor implied"
"""Why a target refuses a model whose big-M would be infinite."""


def with_inferred(instance: Instance, original: Instance) -> Instance:
    """``original`` is the instance of the source model, whose constraints the bounds follow from. Raises Unsupported
    where a bound is infinite."""
    wanted = [p for p in instance.model.parameters if isinstance(p, Inferred)]
    if not wanted:
        return instance
    found = inferred_values(original, instance.model)
    values: dict[str, ParameterValue] = {}
    for p in wanted:
        keys = tuple(found[p.name])
        ends = [found[p.name][key] for key in keys]
        if isinstance(p, InferredBound) and not all(map(math.isfinite, ends)):
            where, fix = f"variables.{p.variable}", f"give `{p.variable}` an `{p.side}` bound"
            raise Unsupported(
                Diagnostic("E603", f"no finite {p.side} bound of `{p.variable}`", where, expected=REASON, fix=fix)
            )
        domain = original.variables[p.variable].domain if isinstance(p, InferredBound) else _domain(p, keys, instance)
        values[p.name] = ParameterValue(domain, exact=tuple(Fraction(repr(end)) for end in ends))
    return replace(instance, parameters={**instance.parameters, **values})


def _domain(p: Inferred, keys: tuple[Key, ...], instance: Instance) -> Domain:
    """The domain of a step: its axes where nothing is filtered or depends on an index, else its keys."""
    if not dependent(p.over) and not any(g.conditions for g in p.over):
        return Domain(tuple(evaluate_set(g.source, instance) for g in p.over))
    return Domain((), keys)
