"""Instance -> the solver to try first, and why; and a second route whose lowering and solver both differ."""

from __future__ import annotations

from nl2opt.ground.cp import unbounded
from nl2opt.ir.instance import Instance
from nl2opt.ir.kind import FeatureName, kind_of_instance

DISCRETE: tuple[FeatureName, ...] = (
    "labels", "logic", "element", "membership", "global", "binary product", "integer product", "integer division",
    "nonlinear",
)  # fmt: skip
"""Features of an all-integer model that CP-SAT says directly and HiGHS only through a rewrite."""


def choose(instance: Instance) -> tuple[str, str]:
    """Instance -> (solver, why). Continuous or mixed and plainly linear models go to HiGHS, discrete ones to CP-SAT."""
    kind = kind_of_instance(instance)
    if has_continuous(instance):
        return "highs", f"{kind.name} with continuous variables"
    found = [f for f in kind.features if f.name in DISCRETE]
    if not found:
        return "highs", f"{kind.name}: linear over integers"
    missing = unbounded(instance)
    if missing:
        return "highs", f"{kind.name}, but {missing[0]} has no finite bound, which CP-SAT needs"
    return "cpsat", f"{kind.name}: {found[0].name} ({found[0].where})"


def second_route(instance: Instance, first: str) -> str:
    """A route that shares neither lowering nor solver with ``first``; it may still refuse the instance."""
    if first in ("cpsat", "cpmpy", "ortools"):
        return "highs"
    if has_continuous(instance) or unbounded(instance):
        return "highs" if first == "scip" else "scip"
    return "cpsat"


def has_continuous(instance: Instance) -> bool:
    """True where a real variable is not fixed by its bounds."""
    return any(
        family.type == "real" and family.within is None and family.lower != family.upper
        for family in instance.variables.values()
    )
