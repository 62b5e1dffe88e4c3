"""The typed statements a text is read into: decisions, one objective, constraints. The document is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Sense = Literal["minimize", "maximize"]
Op = Literal["<=", ">=", "=="]
Place = tuple[int, int]
"""Offsets of a quoted piece of the text: start, end."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision variable: `name` is the person's words, `places` are its mentions."""

    name: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of the model: value in the unit used, its quantity, where it stands.

    `times` is what the written number was multiplied by to change its unit (60 for hours among minutes).
    """

    value: Fraction
    quantity: str
    place: Place
    times: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Objective:
    """`sense` the sum of `cells` times decisions; no cells at all means the number of everything."""

    sense: Sense
    cells: tuple[Cell | None, ...]
    name: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class LinearRow:
    """`sum(cells * decisions) op bound`; a decision without a cell does not take part."""

    cells: tuple[Cell | None, ...]
    op: Op
    bound: Cell
    name: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """`decision op bound`."""

    decision: int
    op: Op
    bound: Cell
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class TotalBound:
    """`sum of members op bound`."""

    members: tuple[int, ...]
    op: Op
    bound: Cell
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """`decision op part * (sum of all decisions)`."""

    decision: int
    op: Op
    part: Cell
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left op factor * (right + others) + offset`; no factor means 1, no offset 0."""

    left: int
    op: Op
    right: int
    factor: Cell | None
    offset: Cell | None
    places: tuple[Place, ...]
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Logic over yes-or-no decisions. `implication`: the first implies the second; `count`: `op number` of members."""

    kind: Literal["implication", "count"]
    members: tuple[int, ...]
    op: Op
    number: int
    places: tuple[Place, ...]
    quantity: Cell | None = None


Constraint = LinearRow | Bound | TotalBound | Share | Comparison | Choice
