"""The limits of the language, each a number said once. Beyond one comes a clear error, not a dead machine.

Source: docs/SEMANTICS.md, section Limits.
"""

from __future__ import annotations

from fractions import Fraction

EXPRESSION_CHARACTERS = 4_000
EXPRESSION_DEPTH = 60
EXPRESSION_NODES = 2_000
GENERATORS = 6
SUBSCRIPT_ARITY = 6
EXACT_INTEGER = 2**53
SET_ELEMENTS = 10**6
SET_STEPS = 10**7
DOCUMENT_BYTES = 1_000_000
SECTION_ITEMS = 200
GROUNDED_TERMS = 5_000_000
NAME_CHARACTERS = 64

POWER_BITS = 4096
"""Bits of a power of constants; one with more has no value (V103), which is known before it is computed."""


def is_power_small(base: Fraction, exponent: int) -> bool:
    """True where base ** exponent stays within POWER_BITS."""
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    return abs(base) in (0, 1) or abs(exponent) * bits <= POWER_BITS
