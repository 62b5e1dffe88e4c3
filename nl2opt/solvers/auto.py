"""Instance -> the solver to try first, and why; and a second route whose lowering and solver both differ."""

from __future__ import annotations

from importlib.util import find_spec

from nl2opt.ground.cp import unbounded
from nl2opt.ir.instance import Instance
from nl2opt.ir.kind import FeatureName, kind_of_instance

DISCRETE: tuple[FeatureName, ...] = (
    "labels", "logic", "element", "membership", "global", "binary product", "integer product", "integer division",
    "nonlinear",
)  # fmt: skip
"""Features of an all-integer model that CP-SAT says directly and HiGHS only through a rewrite."""

NONLINEAR: tuple[FeatureName, ...] = ("product", "mixed product", "nonlinear")
"""Features of a model with continuous variables that SCIP says directly and HiGHS through a rewrite or not at all."""


def choose(instance: Instance) -> tuple[str, str]:
    """Instance -> (solver, why). Continuous or mixed and plainly linear models go to HiGHS, discrete ones to CP-SAT.

    Nonlinear ones go to SCIP where PySCIPOpt is installed, else to HiGHS, which rewrites some of them.
    """
    kind = kind_of_instance(instance)
    if has_continuous(instance):
        curved = [f for f in kind.features if f.name in NONLINEAR]
        if curved and find_spec("pyscipopt"):
            return "scip_nlp", f"{kind.name}: {curved[0].name} ({curved[0].where})"
        return "highs", f"{kind.name} with continuous variables"
    found = [f for f in kind.features if f.name in DISCRETE]
    if not found:
        return "highs", f"{kind.name}: linear over integers"
    curved = [f for f in kind.features if f.name in ("nonlinear", "integer product")]
    missing = unbounded(instance)
    if curved and (missing or kind.name == "MINLP") and find_spec("pyscipopt"):
        return "scip_nlp", f"{kind.name}: {curved[0].name} ({curved[0].where})"
    if missing:
        return "highs", f"{kind.name}, but {missing[0]} has no finite bound, which CP-SAT needs"
    return "cpsat", f"{kind.name}: {found[0].name} ({found[0].where})"


def second_route(instance: Instance, first: str) -> str:
    """A route that shares neither lowering nor solver with ``first``; it may still refuse the instance."""
    if first in ("cpsat", "cpmpy", "ortools", "scip_nlp"):
        return "highs"
    if has_continuous(instance) or unbounded(instance):
        return "highs" if first == "scip" else "scip"
    return "cpsat"


def has_continuous(instance: Instance) -> bool:
    """True where a real variable is not fixed by its bounds."""
    return any(
        family.type == "real" and family.within is None and (family.lower != family.upper or None in family.lower)
        for family in instance.variables.values()
    )
