"""Arrays of an inner frame -> arrays of the frame around it: totals of aggregates, values chosen by a condition."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm
from typing import Any, Literal

import numpy as np

from nl2opt.ground.linear.axes import Array, Axis, Data, Frame, Kind, Positions

Reduction = Literal["sum", "prod", "min", "max", "all", "any", "gcd"]
_AT: dict[str, Any] = {
    "sum": np.add, "prod": np.multiply, "min": np.minimum, "max": np.maximum,
    "all": np.logical_and, "any": np.logical_or,
}  # fmt: skip


def _divisor(a: Any, b: Any) -> Fraction:
    x, y = Fraction(a), Fraction(b)
    n = lcm(x.denominator, y.denominator)
    return Fraction(gcd(int(x * n), int(y * n)), n)


common_divisor: Any = np.frompyfunc(_divisor, 2, 1, identity=Fraction(0))
"""Greatest common divisor of fractions, elementwise; of nothing 0."""
_AT["gcd"] = common_divisor
_START: dict[str, Any] = {"sum": 0, "prod": 1, "min": np.inf, "max": -np.inf, "all": True, "any": False, "gcd": 0}


def reduce(function: Reduction, a: Array, inner: Frame, outer: Frame) -> Array:
    """Values over an inner frame -> one value for each binding of the outer frame."""
    joint: dict[Axis, list[tuple[Axis, Positions]]] = {}
    for axis in outer.axes:
        if axis in inner.views:
            to, where = inner.views[axis]
            joint.setdefault(to, []).append((axis, where))
    extra = [x for x in inner.axes if x not in joint and x not in outer.axes]
    data, dims = a.data, list(a.dims)
    if function in ("sum", "prod"):
        data = data.astype(np.int64) if data.dtype == np.bool_ else data
        missing = 1
        for x in extra:
            missing *= 1 if x in dims else x.size
        data = np.asarray(data * missing if function == "sum" else data**missing)
    elif any(x.size == 0 for x in extra if x not in dims):
        data = np.full(data.shape, _START[function])
    places = tuple(k for k, d in enumerate(dims) if d in extra)
    if places:
        data = _over(function, data, places)
        dims = [d for d in dims if d not in extra]
    for to, parts in joint.items():
        data, dims = _grouped(function, data, dims, to, parts)
    data, ordered = outer.ordered(data, dims)
    return Array(data, ordered)


def _over(function: Reduction, data: Data, places: tuple[int, ...]) -> Data:
    empty = any(data.shape[p] == 0 for p in places)
    if empty and function in ("min", "max"):
        shape = tuple(n for k, n in enumerate(data.shape) if k not in places)
        return np.full(shape, _START[function])
    return np.asarray(_AT[function].reduce(data, axis=places))


def _grouped(
    function: Reduction, data: Data, dims: list[Axis], to: Axis, parts: list[tuple[Axis, Positions]]
) -> tuple[Data, list[Axis]]:
    """Reduce a table axis to the outer axes whose places it lists."""
    if to in dims:
        data = np.moveaxis(data, dims.index(to), 0)
        rest = [d for d in dims if d is not to]
    else:
        data = np.broadcast_to(data, (to.size, *data.shape))
        rest = dims
    sizes = tuple(axis.size for axis, _ in parts)
    group: Any = np.zeros(to.size, np.int64)
    for axis, where in parts:
        group = group * axis.size + where
    total = int(np.prod(sizes, dtype=np.int64))
    start = _START[function]
    kind = data.dtype if data.dtype == object or function not in ("min", "max") else np.float64
    out = np.full((total, *data.shape[1:]), start, dtype=bool if function in ("all", "any") else kind)
    if function == "sum" and data.ndim == 1 and data.dtype == np.float64:
        out = np.bincount(group, weights=data, minlength=total)
    else:
        _AT[function].at(out, group, data)
    return out.reshape((*sizes, *data.shape[1:])), [axis for axis, _ in parts] + rest


def scatter(parts: list[tuple[Array, Frame]], outer: Frame) -> Array:
    """Values of frames that split the outer frame between them -> values over the outer frame."""
    dims = outer.axes
    touched: set[Axis] = set()
    for a, inner in parts:
        for axis in dims:
            if axis in a.dims or (axis in inner.views):
                touched.add(axis)
    kept = tuple(d for d in dims if d in touched)
    kinds = [a.data.dtype for a, _ in parts if a.data.size]
    out: Data = np.zeros(tuple(d.size for d in kept), dtype=np.result_type(*kinds) if kinds else np.float64)
    kind: Kind = next((a.kind for a, inner in parts if inner.size), "number")
    for a, inner in parts:
        if not inner.size:
            continue
        shared = inner.axes
        values = inner.full(a, tuple(x for x in shared if _is_used(x, kept, inner)))
        axes = [x for x in shared if _is_used(x, kept, inner)]
        index: list[Any] = []
        for d in kept:
            x, where = inner.views.get(d, (d, None))
            k = axes.index(x)
            place = np.arange(d.size) if where is None else where
            index.append(place.reshape((-1,) + (1,) * (len(axes) - 1 - k)))
        out[tuple(index) if index else ...] = values
    return Array(out, kept, kind)


def _is_used(x: Axis, kept: tuple[Axis, ...], inner: Frame) -> bool:
    return x in kept or any(d in inner.views and inner.views[d][0] is x for d in kept)
