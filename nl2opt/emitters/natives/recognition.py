"""Constraint -> Native: the first pattern that fits it."""

from __future__ import annotations

from nl2opt.emitters.natives.counting import GlobalCardinality, global_cardinality
from nl2opt.emitters.natives.pairing import AllDifferent, Inverse, all_different, inverse
from nl2opt.emitters.natives.sequences import Increasing, LexLess, increasing, lex_less
from nl2opt.ir.model import Constraint, Model

Native = GlobalCardinality | AllDifferent | Inverse | Increasing | LexLess
"""A constraint with all its bindings, as one global constraint."""


def native(c: Constraint, model: Model) -> Native | None:
    """Constraint of a model -> what it says as one global constraint, None where it is none of them.

    A soft constraint is never one: its violation is that of its comparisons.
    """
    if c.penalty is not None:
        return None
    return (
        global_cardinality(c, model)
        or all_different(c, model)
        or inverse(c, model)
        or increasing(c, model)
        or lex_less(c, model)
    )
