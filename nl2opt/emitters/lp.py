"""Instance -> Program: a file in CPLEX LP format, every row named, the person's words above each family.

What is written is what all readers of the format share: no ranges (two rows instead), no names with brackets, a
constant in the objective as a column fixed to 1.
Source of the format: IBM CPLEX, File formats reference, LP file format.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Final

from nl2opt.emitters import Emission
from nl2opt.emitters.flat.program import UNSUPPORTED, FlatProgram, Row, emission, flatten, is_infinite, number
from nl2opt.ir.instance import Instance
from nl2opt.passes.pipeline import MILP

PIPELINE: Final = MILP
"""Passes applied first: what they leave is linear."""

RUNNER: Final = None

__all__ = ["PIPELINE", "RUNNER", "UNSUPPORTED", "write"]

CONSTANT: Final = "constant_one"
"""The column fixed to 1 that carries the objective's constant."""

_WIDTH = 100


def write(instance: Instance, relax: bool = False) -> Emission:
    """Instance -> its LP file; points of it lead back through the rewrites. ``relax``: no column is whole."""
    flat, undo = flatten(instance, relax)
    return emission(instance, flat, undo, "lp", "\n".join(_lines(flat)) + "\n")


def _lines(flat: FlatProgram) -> Iterator[str]:
    yield f"\\ {flat.title}"
    yield ""
    yield from (f"\\ {c}" for c in flat.goal_comments)
    yield "Maximize" if flat.goal is not None and flat.goal.sense == "maximize" else "Minimize"
    offset = flat.goal.offset if flat.goal is not None else 0.0
    terms = [*_terms(flat.costs(), flat), *([_term(offset, CONSTANT)] if offset else [])]
    yield from _wrapped(" obj:", terms or [f"0 {_filler(flat)}"])
    yield "Subject To"
    for family in flat.row_families:
        yield from (f"\\ {c}" for c in family.comments[family.last - family.first == 1 :])
        for row in flat.rows[family.first : family.last]:
            yield from _row(row, flat)
    if not flat.rows:
        yield f" always: 0 {_filler(flat)} >= 0"
    yield "Bounds"
    for family in flat.column_families:
        yield from (f"\\ {c}" for c in family.comments)
        for j in range(family.first, family.last):
            yield from _bound(flat, j)
    if offset or not flat.columns:
        yield f" {CONSTANT} = 1"
    binaries = [n for j, n in enumerate(flat.columns) if flat.whole[j] and _is_binary(flat, j)]
    generals = [n for j, n in enumerate(flat.columns) if flat.whole[j] and not _is_binary(flat, j)]
    for title, members in (("Generals", generals), ("Binaries", binaries)):
        if members:
            yield title
            yield from textwrap.wrap(" ".join(members), _WIDTH, initial_indent=" ", subsequent_indent=" ",
                                     break_long_words=False, break_on_hyphens=False)  # fmt: skip
    yield "End"


def _filler(flat: FlatProgram) -> str:
    """A column that stands, times 0, where a row has no entries."""
    return flat.columns[0] if flat.columns else CONSTANT


def _is_binary(flat: FlatProgram, j: int) -> bool:
    return (flat.lower[j], flat.upper[j]) == (0.0, 1.0)


def _row(row: Row, flat: FlatProgram) -> Iterator[str]:
    """A row, twice where both its sides are closed and apart."""
    terms = list(_terms(row.entries, flat)) or [f"0 {_filler(flat)}"]
    if row.lower == row.upper:
        yield from _wrapped(f" {row.name}:", [*terms, f"= {number(row.lower)}"])
        return
    sides = [(s, v) for s, v in ((">=", row.lower), ("<=", row.upper)) if not is_infinite(v)]
    for sign, side in sides:
        name = row.name if len(sides) == 1 else f"{row.name}__{'low' if sign == '>=' else 'high'}"
        yield from _wrapped(f" {name}:", [*terms, f"{sign} {number(side)}"])


def _bound(flat: FlatProgram, j: int) -> Iterator[str]:
    name, lower, upper = flat.columns[j], flat.lower[j], flat.upper[j]
    if flat.whole[j] and _is_binary(flat, j):
        return
    match is_infinite(lower), is_infinite(upper):
        case True, True:
            yield f" {name} free"
        case False, True:
            if lower:
                yield f" {name} >= {number(lower)}"
        case True, False:
            yield f" -infinity <= {name} <= {number(upper)}"
        case _:
            yield f" {name} = {number(lower)}" if lower == upper else (
                f" {number(lower)} <= {name} <= {number(upper)}")  # fmt: skip


def _terms(entries: Iterable[tuple[float, int]], flat: FlatProgram) -> Iterator[str]:
    for value, j in entries:
        yield _term(value, flat.columns[j])


def _term(value: float, name: str) -> str:
    sign = "-" if value < 0 else "+"
    return f"{sign} {name}" if abs(value) == 1 else f"{sign} {number(abs(value))} {name}"


def _wrapped(head: str, parts: list[str]) -> Iterator[str]:
    """Terms after a name, on lines short enough for every reader."""
    line = head
    for part in [parts[0].removeprefix("+ "), *parts[1:]]:
        if len(line) + len(part) >= _WIDTH and line.strip() != "":
            yield line
            line = "  "
        line += f" {part}"
    yield line
