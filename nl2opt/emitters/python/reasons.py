"""What a solver of integers cannot say -> why; shared by the CPMpy and the OR-Tools target."""

from __future__ import annotations

from typing import Final

from nl2opt.passes import unsupported as rewrites

UNSUPPORTED: Final = {
    **rewrites.UNSUPPORTED,
    "real variable": "CP-SAT decides over integers only",
    "unbounded integer": "CP-SAT needs finite bounds, and none follow from the constraints",
    "division by a variable": "a quotient of variables is no whole number",
    "function of a variable": "the solver knows no functions of variables but abs, min and max",
    "power": "a power of a variable is a product: its exponent is whole, at least 0 and known",
    "element of a set with gaps": "an index by a variable is written for labels and for ranges",
    "element of filtered keys": "an index by a variable needs a value for each key of its axis",
    "labels of no declared set": "positions of labels are counted in one declared set that holds them all",
    "labels of different sets": "two labels are compared by their positions in one set",
    "choice that may be undefined": "both branches of a choice are evaluated",
    "piecewise": "a function by pieces has values between whole numbers",
    "global constraint as a condition": "this constraint can be required, not negated or counted",
    "irrational number": "a solver of integers takes fractions only",
    "decimals": "decimals are scaled to whole numbers in sums and products of one variable part",
}
"""Construct -> the reason the target cannot say it."""
