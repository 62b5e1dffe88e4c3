"""Terms of all constraints -> the matrix by columns, where every variable is met equally often by every term.

HiGHS keeps its matrix by columns: handing it over so saves a transposition, and a sum over a joined filter (the arcs at
a node) needs no sorting, because each column knows its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from nl2opt.ground.linear.affine import Term, Variables
from nl2opt.ground.linear.axes import Axis, Data, Frame
from nl2opt.ground.linear.rows import arranged, is_apart, row_numbers

Int32 = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Regular:
    """A term that meets each column of its variable ``count`` times.

    ``columns`` are its axes in the order of the variable's keys, or one axis with the column at each of its ``places``;
    ``rest`` are axes of the rows.
    """

    term: Term
    outer: Frame
    first_row: int
    columns: tuple[Axis, ...]
    places: Data | None
    rest: tuple[Axis, ...]
    count: int

    @cached_property
    def rows(self) -> Data:
        """Row numbers in the constraint over the term's axes, those of the columns first; broadcasts."""
        order = (*self.columns, *self.rest)
        numbers = row_numbers(self.term.frame, self.outer)
        if order == self.term.frame.axes:
            return numbers
        place = [self.term.frame.axes.index(a) for a in order]
        return numbers.transpose(place)


def matrix_by_column(
    rows: list[tuple[Frame, list[Term]]], variables: Variables
) -> tuple[npt.NDArray[np.int64], Int32, Floats] | None:
    """Frames and terms of the constraints -> (start, index, value) by columns; None where some term is not regular."""
    by_variable: dict[str, list[Regular]] = {name: [] for name in variables.families}
    first = 0
    for outer, terms in rows:
        used = [t for t in terms if t.size]
        for t in used:
            regular = _regular(t, outer, first, variables)
            if regular is None:
                return None
            by_variable[t.variable].append(regular)
        if not _apart(used, outer, by_variable):
            return None
        first += outer.size
    starts: list[npt.NDArray[np.int64]] = []
    total = 0
    for name, parts in by_variable.items():
        count = sum(p.count for p in parts)
        size = variables.families[name].size
        starts.append(total + np.arange(size) * count)
        total += size * count
    index, value = np.empty(total, np.int32), np.empty(total)
    at = 0
    for name, parts in by_variable.items():
        count = sum(p.count for p in parts)
        end = at + variables.families[name].size * count
        _write(parts, count, index[at:end], value[at:end])
        at = end
    return np.concatenate([*starts, [total]]), index, value


def _regular(t: Term, outer: Frame, first_row: int, variables: Variables) -> Regular | None:
    family = variables.families[t.variable]
    dims = t.column.dims
    places: Data | None = None
    columns = t.product
    if columns is None:
        if len(dims) != 1 or dims[0].size != family.size:
            return None
        places = t.column.data - variables.first[t.variable]
        if bool((places == np.arange(family.size)).all()):
            places = None
        elif not (np.bincount(places, minlength=family.size) == 1).all():
            return None
        columns = dims
    rest = tuple(a for a in t.frame.axes if a not in columns)
    if any(a not in outer.axes for a in rest):
        return None
    count = 1
    for a in rest:
        count *= a.size
    return Regular(t, outer, first_row, columns, places, rest, count)


def _apart(terms: list[Term], outer: Frame, by_variable: dict[str, list[Regular]]) -> bool:
    """True where no column meets a row of this constraint twice."""
    groups: dict[str, list[Term]] = {}
    for t in terms:
        groups.setdefault(t.variable, []).append(t)
    for name, group in groups.items():
        if len(group) == 1:
            continue
        parts = by_variable[name][-len(group) :]
        if all(not p.rest for p in parts):
            at = [_by_place(p) for p in parts]
            if any(bool((a == b).any()) for n, a in enumerate(at) for b in at[n + 1 :]):
                return False
        elif not is_apart(group, outer):
            return False
    return True


def _by_place(p: Regular) -> Data:
    """The row of each column of a term that meets it once."""
    rows = np.broadcast_to(p.rows, tuple(a.size for a in p.columns)).reshape(-1)
    if p.places is None:
        return rows
    out = np.empty(len(p.places), np.int64)
    out[p.places] = rows
    return out


def _write(parts: list[Regular], count: int, index: Int32, value: Floats) -> None:
    """The entries of one variable's columns."""
    if not count:
        return
    start = 0
    for p in parts:
        order = (*p.columns, *p.rest)
        t = p.term
        sizes = tuple(a.size for a in order)
        lead = tuple(a.size for a in p.columns)
        rows = p.rows + p.first_row
        values = arranged(t.coefficient.data, t.coefficient.dims, order)
        for array, data in ((index, rows), (value, values)):
            part = array.reshape((*lead, count))[..., start : start + p.count]
            if p.places is None:
                part.reshape(sizes)[...] = data
            else:
                part[p.places] = np.broadcast_to(data, sizes).reshape((*lead, p.count))
        start += p.count
