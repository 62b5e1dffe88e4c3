"""Instance of a rewritten model -> the same with a value for each bound that is inferred from the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ground.cp import infer_bounds
from nl2opt.ir.instance import Instance, Key, ParameterValue
from nl2opt.passes.bounds import InferredBound

REMARK = "follows from these data: renew it with them"
"""What a program says of an inferred bound."""


def with_inferred(instance: Instance, original: Instance) -> Instance:
    """``original`` is the instance of the source model, whose constraints the bounds follow from."""
    wanted = [p for p in instance.model.parameters if isinstance(p, InferredBound)]
    if not wanted:
        return instance
    found = bounds_of(original)
    values: dict[str, ParameterValue] = {}
    for p in wanted:
        domain = original.variables[p.variable].domain
        ends = []
        for key in domain.keys:
            end = found.get((p.variable, key), (None, None))[p.side == "upper"]
            if end is None:
                raise Unsupported(
                    Diagnostic("E603", f"no finite {p.side} bound of `{p.variable}`", f"variables.{p.variable}",
                               expected="a bound, declared or implied by the constraints: a big-M is made of it",
                               fix=f"give `{p.variable}` an {p.side} bound")
                )  # fmt: skip
            ends.append(end)
        values[p.name] = ParameterValue(domain, exact=tuple(ends))
    return replace(instance, parameters={**instance.parameters, **values})


def bounds_of(instance: Instance) -> Mapping[tuple[str, Key], tuple[Fraction | None, Fraction | None]]:
    """(variable, key) -> its bounds, declared or inferred; None where there is none."""
    inferred = infer_bounds(instance) or {}
    out: dict[tuple[str, Key], tuple[Fraction | None, Fraction | None]] = {}
    for name, family in instance.variables.items():
        if family.within is not None:
            continue
        for key, low, high in zip(family.domain.keys, family.lower, family.upper, strict=True):
            sides = inferred.get((name, key), (None, None))
            found = [Fraction(x) if x is not None and abs(x) != float("inf") else None for x in sides]
            out[name, key] = (low if low is not None else found[0], high if high is not None else found[1])
    return out
