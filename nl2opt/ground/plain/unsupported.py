"""What SCIP and GLOP, fed by the plain walker, cannot take, each with its reason; raising it."""

from __future__ import annotations

from nl2opt.errors import Diagnostic, Unsupported

UNSUPPORTED: dict[str, str] = {
    "`==` of continuous expressions that must fail": "its complement is not closed: a band, or make it integer",
    "a product of variables": "one factor must take few values known before solving",
    "division by a variable": "a quotient is affine only where the divisor takes few whole values",
    "division by a variable that may be 0": "that a divisor is 0 cannot be told from being near it: give it bounds",
    "a power of a variable": "the base or the exponent must take few values known before solving",
    "floor, remainder of a continuous expression": "floor has no closed linear form",
    "a function of a variable": "floor, ceil, round, sqrt, exp, log, sin, cos are taken of constants only",
    "an index over many values": "an index by a variable is spelled out value by value, which needs few of them",
    "a number as a condition": "a variable that is not binary is not a condition",
    "a filter over variables": "only sum, all and any take a filter over variables",
    "a tour that may fail": "circuit, subcircuit can be required, not negated or counted",
    "a schedule of continuous intervals": "what runs at a boundary would be counted either way",
    "an amount that may be negative": "cumulative takes amounts that cannot be negative",
    "a symbolic set": "a set, a list or the points of piecewise must be known before solving",
    "a label as a number": "labels have no order and no arithmetic",
    "an infinite number": "a row needs finite numbers",
    "a strict soft comparison of fractions": "how far `<` is violated is said of whole sides, or of continuous ones",
    "steps below the tolerance": "the values of a comparison lie closer together than a solver tells apart",
}
"""Construct -> the reason. Every `Unsupported` raised by this lowering names one of these."""

_FIX: dict[str, str] = {
    "a number as a condition": "write x > 0",
    "division by a variable": "multiply both sides by the divisor",
    "a filter over variables": "write the condition into the body",
    "an index over many values": "give the index variable a `lower` and an `upper`",
}


def unsupported(construct: str, where: str, found: str = "") -> Unsupported:
    """A row of the table -> the exception, naming the place in the model."""
    fix = _FIX.get(construct, "solve with another solver")
    return Unsupported(Diagnostic("E601", f"SCIP cannot take {construct}", where, found, UNSUPPORTED[construct], fix))
