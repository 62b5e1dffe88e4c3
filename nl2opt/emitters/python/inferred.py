"""Instance of a rewritten model -> the same with a value for each bound that is inferred from the data."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ground.bounds import inferred_values
from nl2opt.ir.instance import Instance, ParameterValue
from nl2opt.passes.declared import InferredBound

REMARK = "follows from these data: renew it with them"
"""What a program says of an inferred bound."""

REASON = "a big-M is made of the bounds of its variables, and one is neither declared nor implied"
"""Why a target refuses a model whose big-M would be infinite."""


def with_inferred(instance: Instance, original: Instance) -> Instance:
    """``original`` is the instance of the source model, whose constraints the bounds follow from. Raises Unsupported
    where a bound is infinite."""
    wanted = [p for p in instance.model.parameters if isinstance(p, InferredBound)]
    if not wanted:
        return instance
    found = inferred_values(original, instance.model)
    values: dict[str, ParameterValue] = {}
    for p in wanted:
        domain = original.variables[p.variable].domain
        ends = [found[p.name][key] for key in domain.keys]
        if not all(map(math.isfinite, ends)):
            where, fix = f"variables.{p.variable}", f"give `{p.variable}` an `{p.side}` bound"
            raise Unsupported(
                Diagnostic("E603", f"no finite {p.side} bound of `{p.variable}`", where, expected=REASON, fix=fix)
            )
        values[p.name] = ParameterValue(domain, exact=tuple(Fraction(repr(end)) for end in ends))
    return replace(instance, parameters={**instance.parameters, **values})
