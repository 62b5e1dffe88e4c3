"""Index bindings as arrays: axes, arrays over named axes, and the frames that hold what is bound.

A frame is a product of axes. Binding an index adds an axis; a filter replaces the axes it names, and only these, by one
table axis of the combinations it keeps. An array holds values over some of the axes, in the frame's order, and is
*pulled* into a narrower frame when it is used there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nl2opt.ground.linear.elements import Elements
from nl2opt.ir.nodes import Expr
from nl2opt.ir.walk import free_names

Data = npt.NDArray[Any]
Positions = npt.NDArray[np.int64]
Kind = Literal["number", "label", "tuple"]


class Axis:
    """One dimension of a frame: so many positions. Compared by identity."""

    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        self.size = size


@dataclass(frozen=True, slots=True)
class Origin:
    """The set an index was drawn from: its place ``pos`` in ``elements``, whose part from ``start`` is the set.

    ``axis`` is the axis of the generator that bound it, ``coordinate`` which coordinate of the element it is, and
    ``source`` tells origins with the same places before they were pulled into narrower frames.
    """

    elements: Elements
    pos: Data
    start: Data | int
    length: Data | int
    axis: Axis | None
    coordinate: int = 0
    source: object = None


@dataclass(frozen=True, slots=True)
class Array:
    """Values over axes: numbers, label codes, or places of tuples in `origin.elements`."""

    data: Data
    dims: tuple[Axis, ...] = ()
    kind: Kind = "number"
    origin: Origin | None = None


@dataclass(frozen=True)
class Frame:
    """What is bound: axes in order, where each earlier axis went, and the arrays of the bound names.

    ``views`` maps an axis that was replaced to the axis that replaced it and the place on the old one; ``origins`` are
    the axes the generators added, before any filter.
    """

    axes: tuple[Axis, ...] = ()
    views: Mapping[Axis, tuple[Axis, Positions]] = field(default_factory=dict)
    names: Mapping[str, Array] = field(default_factory=dict)
    origins: tuple[Axis, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return tuple(a.size for a in self.axes)

    @property
    def empty(self) -> bool:
        """True where there is no binding."""
        return any(a.size == 0 for a in self.axes)

    @property
    def size(self) -> int:
        """Number of bindings."""
        n = 1
        for a in self.axes:
            n *= a.size
        return n

    def bound(self, names: Mapping[str, Array], *axes: Axis) -> Frame:
        """The frame with new names over new axes."""
        return Frame((*self.axes, *axes), self.views, {**self.names, **names}, (*self.origins, *axes))

    def replaced(self, old: Sequence[Axis], new: Axis, places: Sequence[Positions], fresh: bool = False) -> Frame:
        """The frame where ``new`` stands for ``old``; ``places[k]`` are the positions on old axis k."""
        gone = dict(zip(old, places, strict=True))
        axes: list[Axis] = []
        for a in self.axes:
            if a not in gone:
                axes.append(a)
            elif new not in axes:
                axes.append(new)
        if not gone:
            axes.append(new)
        views: dict[Axis, tuple[Axis, Positions]] = {}
        for a, (to, where) in self.views.items():
            views[a] = (new, where[gone[to]]) if to in gone else (to, where)
        for a, where in gone.items():
            views[a] = (new, where)
        return Frame(tuple(axes), views, self.names, (*self.origins, new) if fresh else self.origins)

    def name(self, name: str) -> Array:
        """A bound name -> its array here."""
        return self.pull(self.names[name])

    def pull(self, a: Array) -> Array:
        """An array of an outer frame -> the same values over this frame's axes."""
        if all(d not in self.views for d in a.dims):
            return a
        data, dims = self._gather(a.data, a.dims)
        origin = a.origin
        if origin is not None:
            start, length = (
                x if isinstance(x, int) or np.ndim(x) == 0 else self._gather(x, a.dims)[0]
                for x in (origin.start, origin.length)
            )
            pos = data if origin.pos is a.data else self._gather(origin.pos, a.dims)[0]
            origin = replace(origin, pos=pos, start=start, length=length)
        return Array(data, dims, a.kind, origin)

    def _gather(self, data: Data, dims: tuple[Axis, ...]) -> tuple[Data, tuple[Axis, ...]]:
        groups: dict[Axis, list[tuple[int, Positions]]] = {}
        kept: list[int] = []
        for k, d in enumerate(dims):
            if d in self.views:
                to, where = self.views[d]
                groups.setdefault(to, []).append((k, where))
            else:
                kept.append(k)
        order = [k for parts in groups.values() for k, _ in parts] + kept
        data = data.transpose(order)
        out: list[Axis] = []
        for to, parts in groups.items():
            lead = len(out)
            index = (slice(None),) * lead + tuple(where for _, where in parts)
            data = data[index]  # adjacent advanced indices keep their place
            out.append(to)
        out += [dims[k] for k in kept]
        return self.ordered(data, out)

    def ordered(self, data: Data, dims: Sequence[Axis]) -> tuple[Data, tuple[Axis, ...]]:
        """Data over dims in any order -> the same in the order of the frame."""
        place = {a: n for n, a in enumerate(self.axes)}
        order = sorted(range(len(dims)), key=lambda k: place[dims[k]])
        if order != list(range(len(dims))):
            data = data.transpose(order)
        return data, tuple(dims[k] for k in order)

    def expand(self, a: Array, dims: Iterable[Axis]) -> Data:
        """An array -> its data with a length-1 dimension for each of ``dims`` it does not have, in that order."""
        shape = tuple(d.size if d in a.dims else 1 for d in dims)
        return a.data.reshape(shape)

    def union(self, *arrays: Array) -> tuple[Axis, ...]:
        """The axes any of the arrays has, in the order of the frame."""
        found = {d for a in arrays for d in a.dims}
        return tuple(d for d in self.axes if d in found)

    def aligned(self, *arrays: Array) -> tuple[tuple[Axis, ...], list[Data]]:
        """Arrays -> their common axes and data that broadcast together."""
        dims = self.union(*arrays)
        return dims, [a.data if a.dims == dims else self.expand(a, dims) for a in arrays]

    def full(self, a: Array, dims: tuple[Axis, ...]) -> Data:
        """An array -> its data broadcast to all of ``dims``."""
        return np.broadcast_to(self.expand(a, dims), tuple(d.size for d in dims))


def mentioned_axes(e: Expr, frame: Frame) -> tuple[Axis, ...]:
    """The axes of the frame that a bound name in ``e`` depends on."""
    found: set[Axis] = set()
    for name in free_names(e):
        if name in frame.names:
            for d in frame.names[name].dims:
                found.add(frame.views[d][0] if d in frame.views else d)
    return tuple(a for a in frame.axes if a in found)
