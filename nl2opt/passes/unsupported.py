"""Construct -> why no theorem of the pipeline covers it: the table, and the exception made from it."""

from __future__ import annotations

from nl2opt.errors import Diagnostic, Unsupported

UNSUPPORTED: dict[str, str] = {
    "a product of two variables": "neither of them is binary, or whole with declared bounds",
    "prod over variables": "only of conditions and binary variables",
    "a division by a variable": "a quotient of variables is not linear",
    "a power or remainder of a variable": "only products with a binary factor are linear",
    "floor division by a variable": "the divisor must be known",
    "floor division of a continuous expression": "floor has no closed form",
    "`==` over continuous expressions that must fail": "its complement is not closed",
    "this condition": "no theorem of the pipeline covers it",
    "a bound of this expression": "its range is not known by its form",
    "a tour as a condition": "a tour is counted by no linear form; it can only be required",
    "a tour of this argument": "an array of successors, or one generator",
    "intervals of this argument": "a list of tuples, or one comprehension of them",
    "piecewise inside a condition": "x outside the points would make it false",
    "a strict comparison of piecewise over whole variables": "between the points its values have no known step",
    "piecewise over these points": "a list, or one generator without a filter",
    "membership in this set": "sets are known before solving",
    "equality of these tuples": "tuples of one length",
    "a tuple as a variable index": "give each coordinate its own index",
    "a tuple as one index of several": "name its coordinates",
    "a filter over variables in min, max, prod, all_different": "only sum, all and any take one",
    "a penalty on an index by variable inside a sum": "where the index lies outside its set it has no amount",
    "a strict soft comparison of fractions": "how far `<` is violated is said of whole sides, or of continuous ones",
    "a cyclic expression": "a named expression may not use itself",
    "deeply nested expressions": "indices by variable in each other are opened up level by level, to 20 levels",
    "a condition over variables without bounds": "finite bounds on both sides, declared or inferred",
}
"""Construct -> the reason. Every `Unsupported` raised by a rewrite names one of these."""


def unsupported(construct: str, item: str, found: str = "", fix: str = "") -> Unsupported:
    """A row of the table -> the exception, naming the item of the model."""
    return Unsupported(
        Diagnostic("E602", f"no linear form of {construct}", f"`{item}`", found, UNSUPPORTED[construct], fix)
    )
