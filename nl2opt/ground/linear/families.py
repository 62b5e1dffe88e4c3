"""Declared names over their keys as arrays: where a key lies, in the order of the keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nl2opt.ground.linear.axes import Array, Axis, Data, Frame
from nl2opt.ground.linear.elements import Elements
from nl2opt.ir.instance import Key


@dataclass(frozen=True)
class Place:
    """Places in a family over axes, and the generator axes each place settles.

    ``parts`` are places on the sets of the family with their strides; ``product``: the axes that run through every key
    of the family once, in the order of its sets, None where that is not known.
    """

    parts: tuple[tuple[Array, int], ...]
    axes: frozenset[Axis]
    frame: Frame
    product: tuple[Axis, ...] | None = None

    @cached_property
    def positions(self) -> Array:
        """The places in the order of the keys; -1 where there is no key."""
        total: Array | None = None
        for part, stride in self.parts:
            total = part if total is None and stride == 1 else _plus(total, part, stride, self.frame)
        return total if total is not None else Array(np.zeros((), np.int64))


class Family:
    """The keys of one declaration: a product of sets, or a table of the keys a filter keeps.

    ``axes`` are the sets of a product, one an index binding; ``table`` holds the columns of the keys otherwise.
    """

    def __init__(self, name: str, axes: tuple[Elements, ...], table: Elements | None = None) -> None:
        self.name = name
        self.axes = axes
        self.table = table

    @cached_property
    def size(self) -> int:
        """Number of keys."""
        if self.table is not None:
            return len(self.table)
        n = 1
        for a in self.axes:
            n *= len(a)
        return n

    @property
    def arity(self) -> int:
        """Coordinates of a key."""
        return self.table.arity if self.table is not None else sum(a.arity for a in self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis of a product."""
        return tuple(len(a) for a in self.axes)

    def keys(self) -> list[Key]:
        """Every key in order, as the person wrote it."""
        if self.table is not None:
            return [e if isinstance(e, tuple) else (e,) for e in self.table.python()]
        out: list[Key] = [()]
        for a in self.axes:
            parts = [e if isinstance(e, tuple) else (e,) for e in a.python()]
            out = [k + p for k in out for p in parts]
        return out

    def key(self, position: int) -> Key:
        """A place -> its key."""
        if self.table is not None:
            e = self.table.element(position)
            return e if isinstance(e, tuple) else (e,)
        out: Key = ()
        for a in reversed(self.axes):
            position, k = divmod(position, len(a))
            e = a.element(k)
            out = (e if isinstance(e, tuple) else (e,)) + out
        return out

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """How far apart the keys of neighbours on each axis lie."""
        out: list[int] = []
        stride = 1
        for n in reversed(self.shape):
            out.insert(0, stride)
            stride *= n
        return tuple(out)

    def at_places(self, places: Sequence[Array], settled: frozenset[Axis], frame: Frame) -> Place:
        """The place on each axis of a product -> the place of the key."""
        dims = tuple(d for p in places for d in p.dims)
        whole = len(dims) == len(places) == len(set(dims)) and tuple(d.size for d in dims) == self.shape
        product = dims if whole and settled == set(dims) else None
        return Place(tuple(zip(places, self.strides, strict=True)), settled, frame, product)

    def locate(self, coordinates: Sequence[Array], frame: Frame) -> Place:
        """Coordinates of a key over a frame -> its place; -1 where it is no key."""
        if self.table is not None:
            positions, axes = _found(self.table, coordinates, frame)
            return Place(((positions, 1),), axes, frame)
        parts: list[Array] = []
        settled: frozenset[Axis] = frozenset()
        start = 0
        for a in self.axes:
            positions, axes = _found(a, coordinates[start : start + a.arity], frame)
            start += a.arity
            settled |= axes
            parts.append(positions)
        return Place(tuple(zip(parts, self.strides, strict=True)), settled, frame)


def _plus(total: Array | None, positions: Array, stride: int, frame: Frame) -> Array:
    """Places so far + places on the next axis * stride, -1 kept."""
    scaled: Data = positions.data * stride
    missing = positions.data < 0
    if total is None:
        return Array(np.where(missing, -1, scaled) if missing.any() else scaled, positions.dims)
    dims, (a, b) = frame.aligned(total, Array(scaled, positions.dims))
    out = a + b
    if missing.any() or (total.data < 0).any():
        lost = frame.expand(Array(missing, positions.dims), dims)
        out = np.where((a < 0) | lost, -1, out)
    return Array(out, dims)


def _found(elements: Elements, coordinates: Sequence[Array], frame: Frame) -> tuple[Array, frozenset[Axis]]:
    """Coordinates of one element -> its place in a set, and the generator axes it settles."""
    origins = [c.origin for c in coordinates]
    first = origins[0]
    settled = frozenset(o.axis for o in origins if o is not None and o.axis is not None)
    if (
        first is not None
        and first.elements is elements
        and all(
            o is not None and o.elements is elements and o.source is first.source and o.coordinate == n
            for n, o in enumerate(origins)
        )
    ):
        return Array(first.pos, coordinates[0].dims), settled
    if any(
        c.kind != ("label" if is_label else "number") for c, is_label in zip(coordinates, elements.labels, strict=True)
    ):
        return Array(np.full((), -1, np.int64)), settled
    dims, data = frame.aligned(*coordinates)
    return Array(elements.index.find([_whole(d) for d in data]), dims), settled


def _whole(values: Data) -> Data:
    """Numbers as an index -> integers; what is not whole is in no set."""
    if values.dtype == np.int64:
        return values
    numbers = values.astype(np.float64)
    rounded = np.rint(numbers)
    return np.where(np.isfinite(numbers) & (rounded == numbers), rounded, -(2**62)).astype(np.int64)
