"""What a model is: frozen declarations over expressions, in the order of the document."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from nl2opt.errors import Diagnostic
from nl2opt.ir.nodes import Expr, Generator, Name

NumberType = Literal["real", "integer", "binary"]
Sense = Literal["minimize", "maximize"]
Element = str | int | tuple[str | int, ...]
"""A set element: a label, an integer, or a flat tuple of these."""

Over = tuple[Generator, ...]
"""Index bindings of a declaration; () is a scalar. A filter stands in `conditions` of the last generator."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Why an item is in the model.

    kind `quote`: ``text`` is a verbatim piece of the problem text, its ``nth`` occurrence; `convention`: a named
    convention (60 minutes an hour); `cell`: a data cell, ``text`` is `file!sheet!cell`; `assumption`: ``text`` is
    one of the model's assumptions.
    """

    kind: Literal["quote", "convention", "cell", "assumption"]
    text: str
    nth: int = 1


@dataclass(frozen=True, slots=True)
class IndexedElements:
    """The lists of an indexed set: by ``keys``, or by position in the order of its `over` where keys is None."""

    keys: tuple[Element, ...] | None
    lists: tuple[tuple[Element, ...], ...]


@dataclass(frozen=True, slots=True)
class Set:
    """A set: ``elements`` inline, a set expression, or None (asked of the data). With ``over``: an indexed set."""

    name: str
    elements: tuple[Element, ...] | IndexedElements | Expr | None = None
    over: Over = ()
    description: str = ""
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class Nested:
    """A nested list of values in set order, as written: numbers and labels are literals, strings expressions."""

    items: tuple[Expr | Nested, ...]


Value = Expr | Nested


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number (or an element, with ``within``) known before solving; ``value`` and ``rows`` both None: from data.

    A map of values in the document (`{city: 25, coast: 20}`) is read as rows.
    """

    name: str
    over: Over = ()
    type: NumberType = "real"
    within: Expr | None = None
    value: Value | None = None
    rows: tuple[tuple[Expr, ...], ...] | None = None
    default: Expr | None = None
    symmetric: bool = False
    unit: str = ""
    description: str = ""
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """A decision. Exactly one of ``type`` and ``within`` is given; ``lower`` None means 0, ``upper`` None means inf.

    With ``within`` the variable takes an element of that set; an integer set makes it an integer.
    """

    name: str
    over: Over = ()
    type: NumberType | None = None
    within: Expr | None = None
    lower: Expr | None = None
    upper: Expr | None = None
    unit: str = ""
    description: str = ""
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedExpression:
    """An expression with a name, replaced where it is used and reported in the answer."""

    name: str
    expr: Expr
    over: Over = ()
    unit: str = ""
    description: str = ""
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class Constraint:
    """A condition that must hold for each binding of ``over``, or be paid for by ``penalty``."""

    name: str
    expr: Expr
    over: Over = ()
    template: str = ""
    penalty: Expr | None = None
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class Objective:
    """What is minimized or maximized; of several the highest priority comes first, strictly."""

    sense: Sense
    expr: Expr
    priority: int = 0
    template: str = ""
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """What to report, evaluated at the solution by the referee."""

    name: str
    expr: Expr


@dataclass(frozen=True, slots=True)
class Answer:
    """How many solutions are asked for."""

    find: Literal["best", "all", "count"] = "best"
    limit: int = 1000


@dataclass(frozen=True)
class Model:
    """A whole model. Structure only: an `Instance` is a model plus data.

    ``text`` is the problem as the person told it; quotes of the anchors are pieces of it. ``notes`` say what reading
    took in another spelling than it was written; they are no part of what the model is.
    """

    name: str = "model"
    description: str = ""
    text: str = ""
    sets: tuple[Set, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    variables: tuple[Variable, ...] = ()
    expressions: tuple[NamedExpression, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    objectives: tuple[Objective, ...] = ()
    outputs: tuple[Output, ...] = ()
    answer: Answer = field(default_factory=Answer)
    assumptions: tuple[str, ...] = ()
    notes: tuple[Diagnostic, ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def symbols(self) -> dict[str, Set | Parameter | Variable | NamedExpression]:
        """name -> declaration, over the four sections whose names expressions may mention."""
        items: tuple[Set | Parameter | Variable | NamedExpression, ...] = (
            *self.sets, *self.parameters, *self.variables, *self.expressions,
        )  # fmt: skip
        return {item.name: item for item in items}


def set_names(over: Over) -> tuple[str, ...]:
    """Over -> the names of the sets it ranges over ('' where the source is an expression)."""
    return tuple(g.source.name if isinstance(g.source, Name) else "" for g in over)
