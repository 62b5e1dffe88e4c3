"""Terms under the frame of a constraint -> the entries of its rows, in row order, no column twice in a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nl2opt.ground.linear.affine import Term
from nl2opt.ground.linear.axes import Axis, Data, Frame

Int32 = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """The rows of one constraint: entries a row, or one count for all rows; written by `write`.

    ``ready`` holds finished entries where the rows had to be sorted or merged.
    """

    frame: Frame
    terms: list[Term]
    counts: npt.NDArray[np.int64] | int
    ready: tuple[Int32, Floats] | None = None

    @property
    def entries(self) -> int:
        """Number of entries of all rows."""
        return self.counts * self.frame.size if isinstance(self.counts, int) else int(self.counts.sum())

    def write(self, index: Int32, value: Floats) -> None:
        """Put the entries into slices of the final arrays."""
        if self.ready is not None:
            index[:], value[:] = self.ready
            return
        assert isinstance(self.counts, int)
        shape = self.frame.shape
        columns = index.reshape((*shape, self.counts))
        values = value.reshape((*shape, self.counts))
        start = 0
        for t in self.terms:
            extra = extra_axes(t, self.frame)
            k = _product(extra)
            order = (*self.frame.axes, *extra)
            sizes = tuple(a.size for a in order)
            part = columns[..., start : start + k].reshape(sizes)
            part[...] = arranged(t.column.data, t.column.dims, order)
            values[..., start : start + k].reshape(sizes)[...] = arranged(t.coefficient.data, t.coefficient.dims, order)
            start += k


def arranged(data: Data, dims: tuple[Axis, ...], order: tuple[Axis, ...]) -> Data:
    """Data over dims -> a view that broadcasts over axes in another order."""
    places = [order.index(d) for d in dims]
    if places != sorted(places):
        turn = sorted(range(len(dims)), key=lambda n: places[n])
        data = data.transpose(turn)
        dims = tuple(dims[n] for n in turn)
    return data.reshape(tuple(d.size if d in dims else 1 for d in order))


def extra_axes(t: Term, frame: Frame) -> tuple[Axis, ...]:
    """The axes of a term beyond those of the rows."""
    return tuple(a for a in t.frame.axes if a not in frame.axes)


def is_uniform(t: Term, frame: Frame) -> bool:
    """True where every row has the same number of entries of the term, in the order of the rows."""
    return all(a in t.frame.axes for a in frame.axes)


def _product(axes: tuple[Axis, ...]) -> int:
    n = 1
    for a in axes:
        n *= a.size
    return n


def make_block(terms: list[Term], frame: Frame) -> Block:
    """Terms -> the block of a constraint's rows."""
    terms = [t for t in terms if t.size]
    if all(is_uniform(t, frame) for t in terms) and _distinct(terms, frame):
        return Block(frame, terms, sum(_product(extra_axes(t, frame)) for t in terms))
    rows, columns, values = _entries(terms, frame)
    order = sorted_order(rows, columns if not _distinct(terms, frame) else None)
    if order is not None:
        rows, columns, values = rows[order], columns[order], values[order]
    if not _distinct(terms, frame):
        rows, columns, values = _merged(rows, columns, values)
    counts = np.bincount(rows, minlength=frame.size) if len(rows) else np.zeros(frame.size, np.int64)
    return Block(frame, terms, counts, (columns.astype(np.int32), values))


def _entries(terms: list[Term], frame: Frame) -> tuple[Data, Data, Floats]:
    """Every entry as (row, column, value), one term after the other."""
    total = sum(t.size for t in terms)
    rows, columns = np.empty(total, np.int64), np.empty(total, np.int64)
    values = np.empty(total)
    start = 0
    for t in terms:
        part = slice(start, start + t.size)
        shape = t.frame.shape
        rows[part].reshape(shape)[...] = row_numbers(t.frame, frame)
        columns[part].reshape(shape)[...] = t.frame.expand(t.column, t.frame.axes)
        values[part].reshape(shape)[...] = t.frame.expand(t.coefficient, t.frame.axes)
        start += t.size
    return rows, columns, values


def row_numbers(inner: Frame, outer: Frame) -> Data:
    """For each binding of an inner frame the number of the outer binding around it, as an array that broadcasts."""
    total: Any = np.zeros((1,) * len(inner.axes), np.int64)
    stride = 1
    for axis in reversed(outer.axes):
        to, where = inner.views.get(axis, (axis, None))
        place = np.arange(axis.size) if where is None else where
        shape = tuple(a.size if a is to else 1 for a in inner.axes)
        total = total + place.reshape(shape) * stride
        stride *= axis.size
    return np.asarray(total)


def sorted_order(rows: Data, columns: Data | None) -> npt.NDArray[np.int64] | None:
    """The order that sorts entries by row (then column, where given), None where they are sorted already."""
    if not len(rows):
        return None
    if columns is None:
        if bool((rows[1:] >= rows[:-1]).all()):
            return None
        key = (rows << 32) | np.arange(len(rows))
        key.sort()
        return np.asarray(key & 0xFFFFFFFF)
    key = rows * (int(columns.max()) + 1) + columns
    return np.argsort(key, kind="stable")


def _merged(rows: Data, columns: Data, values: Floats) -> tuple[Data, Data, Floats]:
    """Entries sorted by row and column -> the same with equal ones added up."""
    if not len(rows):
        return rows, columns, values
    new = np.empty(len(rows), bool)
    new[0] = True
    new[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    if new.all():
        return rows, columns, values
    starts = np.flatnonzero(new)
    return rows[new], columns[new], np.add.reduceat(values, starts)


def _distinct(terms: list[Term], frame: Frame) -> bool:
    """True where the form of the terms shows that no row meets a column twice."""
    outer = set(frame.origins)
    if any(not set(t.frame.origins) - outer <= t.settled for t in terms):
        return False
    by_variable: dict[str, list[Term]] = {}
    for t in terms:
        by_variable.setdefault(t.variable, []).append(t)
    return all(is_apart(group, frame) for group in by_variable.values())


def is_apart(group: list[Term], frame: Frame) -> bool:
    """True where terms of one variable never meet in a column of a row."""
    for n, a in enumerate(group):
        for b in group[n + 1 :]:
            if not _differ(a, b, frame):
                return False
    return True


def _differ(a: Term, b: Term, frame: Frame) -> bool:
    """Compare columns where one of the two terms has one entry a row at most and the other every row."""
    for x, y in ((a, b), (b, a)):
        if x.frame is frame or (is_uniform(x, frame) and not extra_axes(x, frame)):
            other = y.frame.pull(x.column)
            if all(d in y.frame.axes for d in other.dims):
                _, (p, q) = y.frame.aligned(other, y.column)
                return not bool((p == q).any())
    return False
