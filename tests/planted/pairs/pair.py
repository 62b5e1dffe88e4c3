"""What a pair is: two documents, their data, what is known of them, and how the decisions of one read in the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Label = Literal["equivalent", "different"]
Scope = Literal["this data", "all data"]
Goal = Literal["equal", "affine"]
"""How the objectives of equivalent models relate: the same value at each decision (negated where the sense is), or a
positive multiple of it plus a constant."""

View = tuple[tuple[str, str], ...]
"""What is decided, as pairs of expressions, one over each document: two numbers, or two lists of as many numbers."""


@dataclass(frozen=True)
class Pair:
    """A reference and a candidate with what is known of them.

    Equivalent means: the two sets of values the view takes over the feasible points are the same, and at each of them
    the best objective values are (all objectives, in their order, negated where the senses differ; see ``goal``).
    ``scope`` says whether that is so with these data, or with any that both models are given alike; a pair that is
    different is so with these data. ``kind`` names the rewrites, the formulation or the mistake; ``level`` is
    "rewrite", "alternative", "near miss", "mutant" or "mutant and rewrite".
    """

    id: str
    reference: str
    candidate: str
    label: Label
    kind: str
    level: str
    data: Mapping[str, Any] | None = None
    candidate_data: Mapping[str, Any] | None = None
    scope: Scope = "this data"
    goal: Goal = "equal"
    note: str = ""
    view: View = ()
    of: str = ""
    """The name of the reference, the same for every pair made from it."""
