"""What a MiniZinc model cannot say -> why; the table of the target."""

from __future__ import annotations

from typing import Final

UNSUPPORTED: Final = {
    "a hull too large": "keys that are not a product of sets lie in an array over whole types, here of too many cells",
    "an element that is a tuple": "a set of tuples is row numbers with one array a column, and no variable holds a row",
    "set of tuples as an expression": "tuples are ranged over where their set is declared or spelled out by generators",
    "division of decimals": "`div` and `mod` are of integers",
    "function of a variable": "few MiniZinc solvers take functions of variables but abs, min and max",
    "global constraint as a condition": "this constraint can be required, not negated or counted",
    "nonlinear continuous": "MiniZinc's solvers of continuous variables are those of linear programs",
    "piecewise as a condition": "MiniZinc keeps x between the first and last point, also where a condition may fail",
    "order of a set": "a MiniZinc set is in the order of its type, and this one is declared in another",
    "continuous scheduling": "MiniZinc's scheduling constraints are over integers",
    "unknown big-M": "a big-M is made of the bounds of its variables, and one is neither declared nor implied",
    "relaxation": "a program of whole variables is written with whole variables",
}
"""Construct -> the reason the target cannot say it."""
