"""Instance -> FlatProgram: the rows and columns HiGHS would be given, each with a name, each family with its words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nl2opt.emitters import Emission, Language, Program
from nl2opt.emitters.flat.naming import FlatNames
from nl2opt.emitters.python.data import said
from nl2opt.emitters.python.identifiers import ascii_identifier, comment_text
from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ground.linear import affine
from nl2opt.ground.linear.grounding import Goal, LinearProgram, ground
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model
from nl2opt.passes import unsupported as rewrites
from nl2opt.passes.pipeline import MILP, apply
from nl2opt.passes.rewrite import Undo

UNSUPPORTED: Final = {
    **rewrites.UNSUPPORTED,
    **affine.UNSUPPORTED,
    "several objectives": "a file of this format holds one objective: solve the levels one by one, or emit a program",
}
"""Construct -> the reason a file of rows and columns cannot say it."""


@dataclass(frozen=True)
class Row:
    """One row: its entries (value, column), and its two sides, infinite where open."""

    name: str
    entries: tuple[tuple[float, int], ...]
    lower: float
    upper: float


@dataclass(frozen=True)
class Family:
    """Rows or columns of one declaration: ``comments`` are its name and the person's words; places first to last."""

    comments: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True)
class FlatProgram:
    """A linear program whose rows and columns have names. ``goal`` None: any solution will do."""

    title: str
    columns: tuple[str, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    whole: tuple[bool, ...]
    column_families: tuple[Family, ...]
    rows: tuple[Row, ...]
    row_families: tuple[Family, ...]
    goal: Goal | None
    goal_comments: tuple[str, ...]

    def costs(self) -> Iterator[tuple[float, int]]:
        """Entries of the objective (value, column)."""
        if self.goal is not None:
            for j in np.flatnonzero(self.goal.cost).tolist():
                yield float(self.goal.cost[j]), j


def flatten(instance: Instance, relax: bool) -> tuple[FlatProgram, Undo]:
    """Instance -> its linear program with names, and the way back for its points. Raises Unsupported, LimitExceeded.

    ``relax``: every column is continuous.
    """
    if len(instance.model.objectives) > 1:
        reason = UNSUPPORTED["several objectives"]
        raise Unsupported(Diagnostic("E601", "cannot write several objectives", expected=reason))
    model, undo = apply(instance.model, MILP)
    linear = ground(instance, model)
    names = FlatNames()
    columns: list[str] = []
    families: list[Family] = []
    for v in model.variables:
        made = names.family(v.name, linear.columns.families[v.name].keys(), "v")
        words = " ".join(w for w in (v.description, f"[{v.unit}]" if v.unit else "") if w)
        title = f"{v.name}: {words}" if words else v.name
        families.append(Family((comment_text(title), *said(v.anchors)), len(columns), len(columns) + len(made)))
        columns += made
    whole = linear.columns.integrality.astype(bool) & (not relax)
    goal = linear.goals[0] if linear.goals else None
    return FlatProgram(
        comment_text(model.description or model.name),
        tuple(columns),
        tuple(linear.columns.lower.tolist()),
        tuple(linear.columns.upper.tolist()),
        tuple(whole.tolist()),
        tuple(families),
        tuple(_rows(linear)),
        tuple(_row_families(linear, model)),
        goal,
        said(model.objectives[0].anchors) if goal else (),
    ), undo


def _rows(linear: LinearProgram) -> Iterator[Row]:
    """The rows in order; a name a row of its constraint's family."""
    names = FlatNames()
    made = [name for f in linear.rows for name in names.family(f.name, linear.bindings(f), "c")]
    at, column, value = linear.entries()
    order = np.lexsort((column, at))
    ends = np.searchsorted(at[order], np.arange(len(made) + 1))
    columns, values = column[order].tolist(), value[order].tolist()
    for i, name in enumerate(made):
        part = slice(int(ends[i]), int(ends[i + 1]))
        entries = tuple((v, j) for v, j in zip(values[part], columns[part], strict=True) if v)
        yield Row(name, entries, float(linear.lower[i]), float(linear.upper[i]))


def _row_families(linear: LinearProgram, model: Model) -> Iterator[Family]:
    anchors = {c.name: c.anchors for c in model.constraints}
    for f in linear.rows:
        yield Family((comment_text(f.name), *said(anchors[f.name])), f.first, f.first + f.count)


def emission(instance: Instance, flat: FlatProgram, undo: Undo, target: Language, text: str) -> Emission:
    """A written file -> the emission of its target; the names of its columns say nothing to a program's reader."""
    filename = f"{ascii_identifier(instance.model.name) or 'model'}.{target}"
    return Emission(Program(target, target, filename, text, {}), {}, undo)


def number(value: float) -> str:
    """A finite number -> the shortest text that is read back as itself."""
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)


def is_infinite(value: float) -> bool:
    """True for an open side."""
    return math.isinf(value)
