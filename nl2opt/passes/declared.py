"""Declarations only a rewrite makes: bounds and steps the instance tells, and the binaries of a variable in a set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nl2opt.ir.model import Parameter, Variable
from nl2opt.ir.nodes import ZERO, Expr


@dataclass(frozen=True, slots=True)
class Inferred(Parameter):
    """A derived parameter without an expression; `ground.linear.bounds.inferred_values` has its value."""


@dataclass(frozen=True, slots=True)
class InferredBound(Inferred):
    """A derived parameter without an expression: the bound of ``variable`` on one side, inferred from the instance."""

    variable: str = ""
    side: Literal["lower", "upper"] = "upper"


@dataclass(frozen=True, slots=True)
class InferredStep(Inferred):
    """A derived parameter: the least amount by which two values of ``of``, over whole variables, can differ."""

    of: Expr = ZERO


@dataclass(frozen=True, slots=True)
class Indicator(Variable):
    """Binaries that say which element a variable in a set takes.

    A key is one of the variable's followed by the ``arity`` coordinates of an element.
    """

    variable: str = ""
    arity: int = 1
