"""Unit roots -> how many of one make another, by named convention: 60 minutes an hour."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from nl2opt.formulate.embedded.words import root

_PARTS: Final[Mapping[tuple[str, str], int]] = {
    ("hour", "minute"): 60,
    ("minute", "second"): 60,
    ("hour", "second"): 3600,
    ("kg", "g"): 1000,
    ("g", "mg"): 1000,
    ("ton", "kg"): 1000,
    ("litre", "ml"): 1000,
}
_BY_ROOT: Final = {(root(whole), root(part)): Fraction(count) for (whole, part), count in _PARTS.items()}


def conversion(own: str, wanted: str) -> Fraction | None:
    """What a number in the first unit is multiplied by to stand in the second; None if no convention says so."""
    if (own, wanted) in _BY_ROOT:
        return _BY_ROOT[own, wanted]
    if (wanted, own) in _BY_ROOT:
        return 1 / _BY_ROOT[wanted, own]
    return None


def same_measure(left: str, right: str) -> bool:
    """Whether two units are the same or one converts into the other."""
    return left == right or conversion(left, right) is not None
