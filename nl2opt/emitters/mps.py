"""Instance -> Program: a file in free MPS format, every row and column named.

Written by columns, whole ones between markers, ranges of rows in RANGES, the sense in OBJSENSE. The objective's
constant is minus the right-hand side of its row, as all readers take it.
Source of the format: IBM CPLEX, File formats reference, MPS file format.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nl2opt.emitters import Emission
from nl2opt.emitters.flat.program import UNSUPPORTED, FlatProgram, Row, emission, flatten, is_infinite, number
from nl2opt.emitters.python.identifiers import ascii_identifier
from nl2opt.ir.instance import Instance
from nl2opt.passes.pipeline import MILP

PIPELINE: Final = MILP
"""Passes applied first: what they leave is linear."""

RUNNER: Final = None

__all__ = ["PIPELINE", "RUNNER", "UNSUPPORTED", "write"]

OBJECTIVE: Final = "obj"


def write(instance: Instance, relax: bool = False) -> Emission:
    """Instance -> its MPS file; points of it lead back through the rewrites. ``relax``: no column is whole."""
    flat, undo = flatten(instance, relax)
    return emission(instance, flat, undo, "mps", "\n".join(_lines(flat, instance.model.name)) + "\n")


def _lines(flat: FlatProgram, name: str) -> Iterator[str]:
    yield f"* {flat.title}"
    yield f"NAME {ascii_identifier(name) or 'model'}"
    if flat.goal is not None and flat.goal.sense == "maximize":
        yield from ("OBJSENSE", "    MAX")
    yield "ROWS"
    yield from (f"* {c}" for c in flat.goal_comments)
    yield f" N {OBJECTIVE}"
    for family in flat.row_families:
        yield from (f"* {c}" for c in family.comments)
        yield from (f" {_kind(row)} {row.name}" for row in flat.rows[family.first : family.last])
    yield "COLUMNS"
    yield from _columns(flat)
    yield "RHS"
    if flat.goal is not None and flat.goal.offset:
        yield f"    RHS {OBJECTIVE} {number(-flat.goal.offset)}"
    yield from (f"    RHS {row.name} {number(_side(row))}" for row in flat.rows if _side(row))
    ranges = [row for row in flat.rows if row.lower != row.upper and not is_infinite(row.upper - row.lower)]
    if ranges:
        yield "RANGES"
        yield from (f"    RANGE {row.name} {number(row.upper - row.lower)}" for row in ranges)
    yield "BOUNDS"
    for j in range(len(flat.columns)):
        yield from _bound(flat, j)
    yield "ENDATA"


def _kind(row: Row) -> str:
    """E, L, G, or N for a row that holds nothing back."""
    if row.lower == row.upper:
        return "E"
    return "L" if not is_infinite(row.upper) else "G" if not is_infinite(row.lower) else "N"


def _side(row: Row) -> float:
    return {"E": row.upper, "L": row.upper, "G": row.lower, "N": 0.0}[_kind(row)]


def _columns(flat: FlatProgram) -> Iterator[str]:
    entries: list[list[str]] = [[] for _ in flat.columns]
    for value, j in flat.costs():
        entries[j].append(f"{OBJECTIVE} {number(value)}")
    for row in flat.rows:
        for value, j in row.entries:
            entries[j].append(f"{row.name} {number(value)}")
    inside, markers = False, 0
    for family in flat.column_families:
        yield from (f"* {c}" for c in family.comments)
        for j in range(family.first, family.last):
            if flat.whole[j] != inside:
                yield f"    MARKER{markers} 'MARKER' '{'INTEND' if inside else 'INTORG'}'"
                inside, markers = not inside, markers + 1
            yield from (f"    {flat.columns[j]} {e}" for e in entries[j] or [f"{OBJECTIVE} 0"])
    if inside:
        yield f"    MARKER{markers} 'MARKER' 'INTEND'"


def _bound(flat: FlatProgram, j: int) -> Iterator[str]:
    """The bounds of a column, both said for a whole one: readers differ in what they suppose of it."""
    name, lower, upper, whole = flat.columns[j], flat.lower[j], flat.upper[j], flat.whole[j]
    if lower == upper:
        yield f" FX BOUND {name} {number(lower)}"
    elif is_infinite(lower) and is_infinite(upper):
        yield f" FR BOUND {name}"
    elif whole and (lower, upper) == (0.0, 1.0):
        yield f" BV BOUND {name}"
    else:
        if is_infinite(lower):
            yield f" MI BOUND {name}"
        elif lower or whole:
            yield f" LO BOUND {name} {number(lower)}"
        if not is_infinite(upper):
            yield f" UP BOUND {name} {number(upper)}"
        elif whole:
            yield f" PL BOUND {name}"
