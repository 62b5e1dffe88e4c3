"""Construct -> why CP-SAT cannot take it: the table, and the exception made from it."""

from __future__ import annotations

from nl2opt.errors import Diagnostic, Unsupported

UNSUPPORTED: dict[str, str] = {
    "real variable": "CP-SAT decides over integers only",
    "unbounded integer": "CP-SAT needs a finite bound on both sides, and none follows from the constraints",
    "large numbers": "a row scaled to whole numbers must stay below 2^62",
    "division by a variable": "a real quotient of variables is whole only where the divisor takes few values",
    "real power": "a power of a variable is a repeated product: the exponent must be a whole constant",
    "power with a variable exponent": "only a constant base over a small exponent domain is a table",
    "function of a variable": "floor, ceil, round, sqrt, exp, log, sin, cos are taken of constants only",
    "number as a condition": "a variable that is not binary is not a condition",
    "filter over variables": "only sum, all and any take a filter over variables",
    "circuit as a condition": "circuit and subcircuit can be required, not negated or counted",
    "negative amount": "cumulative takes amounts that cannot be negative",
    "piecewise over a large domain": "piecewise is a table over the values of x",
    "strict soft comparison of fractions": "how far `<` is violated is said of whole sides only",
    "a large table": "an index by variables becomes a table of the elements it may reach",
    "a symbolic set": "a set must be known before solving",
    "a label as a number": "labels have no order and no arithmetic",
    "real value in whole arithmetic": "the value must be a finite rational number",
}
"""Construct -> the reason. Every `Unsupported` raised by the CP lowering names one of these."""

_FIX: dict[str, str] = {
    "real variable": "solve with HiGHS, or declare it integer",
    "unbounded integer": "give it an `upper` (and `lower`), or solve with HiGHS",
    "large numbers": "scale the units, or solve with HiGHS",
    "number as a condition": "write x > 0",
    "division by a variable": "multiply both sides by the divisor",
    "filter over variables": "write the condition into the body",
}


def unsupported(construct: str, where: str, found: str = "", fix: str = "") -> Unsupported:
    """A row of the table -> the exception, naming the place in the model."""
    return Unsupported(
        Diagnostic(
            "E601",
            f"CP-SAT cannot take {construct}",
            where,
            found,
            UNSUPPORTED[construct],
            fix or _FIX.get(construct, "solve with HiGHS"),
        )
    )
