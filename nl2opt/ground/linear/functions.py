"""Functions and aggregates of constants, over arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

import nl2opt.passes.expand_all_different as expand_all_different
import nl2opt.passes.expand_intervals as expand_intervals
from nl2opt.ground.linear.axes import Array, Data, Frame
from nl2opt.ground.linear.reduction import reduce
from nl2opt.ground.linear.sets import elements_of
from nl2opt.ir import limits
from nl2opt.ir.model import Over, Parameter, Set
from nl2opt.ir.nodes import Aggregate, Call, Expr, Generator, ListLiteral, Name, SetLiteral, Subscript, Tuple
from nl2opt.passes.rewrite import Context

if TYPE_CHECKING:
    from nl2opt.ground.linear.constants import Constants

_CLOSE = 1e-9
_LARGE = 1 << 31

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<=": np.less_equal, ">=": np.greater_equal, "<": np.less, ">": np.greater,
    "==": np.equal, "!=": np.not_equal,
}  # fmt: skip
"""Comparison -> its array form."""

_FLOAT: dict[str, Callable[[Any], Any]] = {
    "sqrt": math.sqrt, "exp": math.exp, "log": math.log, "sin": math.sin, "cos": math.cos,
}  # fmt: skip


def multiply(x: Data, y: Data) -> Data:
    """Product; of large integers as floats, so that it cannot overflow."""
    whole = x.dtype == np.int64 and y.dtype == np.int64
    if whole and x.size and y.size and (np.abs(x).max() >= _LARGE or np.abs(y).max() >= _LARGE):
        return np.asarray(x.astype(np.float64) * y)
    with np.errstate(invalid="ignore"):
        product = np.asarray(x * y)
        odd = product.dtype == np.float64 and bool(np.isnan(product.sum()))
    if odd:  # 0 * inf: nothing times a missing bound is nothing
        product = np.where((x == 0) | (y == 0), 0.0, product)
    return product


def binary(op: str, x: Data, y: Data) -> Data:
    """`/`, `//`, `%`, `**` of arrays."""
    if x.dtype == object or y.dtype == object:
        x, y = x.astype(object), y.astype(object)
        return np.asarray({"/": np.true_divide, "//": np.floor_divide, "%": np.remainder, "**": np.power}[op](x, y))
    match op:
        case "/":
            return np.asarray(np.true_divide(x, y))
        case "//":
            return np.asarray(np.floor_divide(x, y))
        case "%":
            return np.asarray(np.remainder(x, y))
        case _:
            return np.asarray(np.power(x.astype(np.float64), y.astype(np.float64)))


def out_of_range(x: Data, y: Data) -> Data:
    """Where x ** y has no real value, or one too large to compute; an infinite x is a missing bound and may stay."""
    with np.errstate(all="ignore"):
        base, exponent = np.abs(x.astype(np.float64)), y.astype(np.float64)
        if x.dtype == object or y.dtype == object:
            far = np.abs(exponent * np.log2(np.where(base == 0, 1.0, base))) > limits.POWER_BITS
        else:
            far = ~np.isfinite(np.power(x.astype(np.float64), exponent))
        return np.asarray(far & np.isfinite(base))


def close(x: Data, y: Data) -> Data:
    """Where two numbers are so close, but not equal whole numbers, that rounding may decide a comparison."""
    with np.errstate(invalid="ignore"):
        gap = np.abs(x - y)
        near = np.asarray(gap <= _CLOSE * (1 + np.abs(x)))
    if not near.any():
        return near
    whole = (np.floor(x) == x) & (np.floor(y) == y)
    return np.asarray(near & ~whole & np.isfinite(x) & np.isfinite(y))


def near_whole(x: Data, y: Data) -> Data:
    """Where x / y is so close to a whole number that rounding may decide its floor."""
    if x.dtype == np.int64 and y.dtype == np.int64:
        return np.zeros((), bool)
    quotient = np.true_divide(x, y)
    nearest = np.rint(quotient)
    whole = (np.floor(x) == x) & (np.floor(y) == y)
    return np.asarray((np.abs(quotient - nearest) <= _CLOSE * (1 + np.abs(nearest))) & ~whole)


def aggregate(k: Constants, function: str, body: Expr, generators: Over, e: Expr, frame: Frame) -> Array:
    """`function(body for ...)` of constants."""
    if function == "all_different":
        assert isinstance(e, Aggregate)
        return _different(k, e, frame)
    inner = k.bind(frame, generators)
    if function in ("all", "any"):
        a = k.condition(body, inner)
    elif function in ("sum", "prod", "min", "max"):
        a = k.number(body, inner)
    else:
        raise k.failure("V107", f"`{function}` of constants", e, frame)
    out = reduce(function, a, inner, frame)  # type: ignore[arg-type]
    if function in ("min", "max"):
        infinite = np.asarray(np.isinf(out.data.astype(np.float64)))
        if infinite.any() and not np.isinf(a.data.astype(np.float64)).any():
            raise k.failure("V104", f"`{function}` of nothing", e, frame, Array(infinite, out.dims))
    return out


def call(k: Constants, e: Call, frame: Frame) -> Array:
    """A function of constants."""
    match e.function:
        case "sum" | "prod" | "min" | "max" | "all" | "any":
            return _several(k, e, frame)
        case "first" | "last" | "prev" | "next" | "position" | "len":
            return _order(k, e, frame)
        case "abs":
            a = k.number(e.args[0], frame)
            return Array(np.asarray(abs(a.data)), a.dims)
        case "floor" | "ceil":
            return _rounded(k, e, frame)
        case "round":
            a = k.number(e.args[0], frame)
            digits = int(k.number(e.args[1], frame).data) if len(e.args) > 1 else 0
            return Array(_each(lambda v: round(v, digits), a.data), a.dims)
        case "sqrt" | "exp" | "log" | "sin" | "cos":
            a = k.number(e.args[0], frame)
            try:
                return Array(_each(_FLOAT[e.function], a.data), a.dims)
            except (ValueError, OverflowError) as error:
                raise k.failure("V103", f"no real value ({error})", e, frame) from None
        case "no_overlap" | "no_overlap_2d" | "cumulative":
            return k.condition(expand_intervals.by_comparisons(e, set(frame.names), k.model, "filter"), frame)
        case "all_different":
            return _different(k, e, frame)
        case "piecewise":
            return _piecewise(k, e, frame)
        case _:
            raise k.failure("V107", f"`{e.function}` of constants", e, frame)


def _piecewise(k: Constants, e: Call, frame: Frame) -> Array:
    """The lines between literal points, at known x."""
    points = e.args[1].items if isinstance(e.args[1], ListLiteral) else ()
    pairs = [p.items for p in points if isinstance(p, Tuple) and len(p.items) == 2]
    if not pairs or len(pairs) != len(points):
        raise k.failure("V107", "piecewise of constants takes a list of points", e, frame)
    known = [(k.number(a, frame), k.number(b, frame)) for a, b in pairs]
    dims, (x, *ends) = frame.aligned(k.number(e.args[0], frame), *(a for pair in known for a in pair))
    outside = np.asarray((x < ends[0]) | (x > ends[-2]))
    if outside.any():
        where = Array(np.broadcast_to(outside, tuple(d.size for d in dims)), dims)
        raise k.failure("V101", "x outside the points of piecewise", e, frame, where)
    value = np.asarray(ends[1] + 0 * x)
    for n in range(0, len(ends) - 2, 2):
        x0, y0, x1, y1 = ends[n : n + 4]
        value = np.where((x >= x0) & (x <= x1), y0 + (y1 - y0) * (x - x0) / (x1 - x0), value)
    return Array(value, dims)


def _different(k: Constants, e: Aggregate | Call, frame: Frame) -> Array:
    bound = tuple(Generator((name,), SetLiteral(())) for name in frame.names)
    return k.condition(expand_all_different.by_comparisons(e, Context("filter", bound), k.model), frame)


def _each(f: Callable[[Any], Any], data: Data) -> Data:
    return np.array([float(f(v)) for v in data.reshape(-1).tolist()], dtype=np.float64).reshape(data.shape)


def _rounded(k: Constants, e: Call, frame: Frame) -> Array:
    a = k.number(e.args[0], frame)
    up = e.function == "ceil"
    if a.data.dtype == object:
        f = math.ceil if up else math.floor
        values = [f(v) for v in a.data.reshape(-1).tolist()]
        return Array(np.array(values, dtype=object).reshape(a.data.shape), a.dims)
    result = Array(np.ceil(a.data) if up else np.floor(a.data), a.dims)
    return k.doubtful(e, frame, result, near_whole(a.data.astype(np.float64), np.array(1.0)))


def _several(k: Constants, e: Call, frame: Frame) -> Array:
    """sum, prod, min, max, all, any of several arguments, each a value or a bare array."""
    parts: list[Array] = []
    for a in e.args:
        symbol = k.model.symbols.get(a.name) if isinstance(a, Name) and a.name not in frame.names else None
        if isinstance(symbol, Parameter) and symbol.over:
            parts.append(_whole_array(k, e, symbol.name, frame))
        elif isinstance(symbol, Set) or (isinstance(a, Subscript) and isinstance(k.model.symbols.get(a.name), Set)):
            values = elements_of(k, a, Frame())
            parts.append(_total(k, e, Array(values.elements.columns[0]), frame))
        else:
            parts.append(k.condition(a, frame) if e.function in ("all", "any") else k.number(a, frame))
    operation: Any = {
        "sum": np.add, "prod": multiply, "min": np.minimum, "max": np.maximum,
        "all": np.logical_and, "any": np.logical_or,
    }[e.function]  # fmt: skip
    total = parts[0]
    for p in parts[1:]:
        dims, (x, y) = frame.aligned(total, p)
        total = Array(np.asarray(operation(x, y)), dims)
    return total


def _whole_array(k: Constants, e: Call, name: str, frame: Frame) -> Array:
    return _total(k, e, k.parameter(name)[1], frame)


def _total(k: Constants, e: Call, values: Array, frame: Frame) -> Array:
    if not values.data.size and e.function in ("min", "max"):
        raise k.failure("V104", f"`{e.function}` of nothing", e, frame)
    data = values.data != 0 if e.function in ("all", "any") else values.data
    f: Any = {
        "sum": np.sum, "prod": np.prod, "min": np.min, "max": np.max, "all": np.all, "any": np.any
    }[e.function]  # fmt: skip
    return Array(np.asarray(f(data)))


def _order(k: Constants, e: Call, frame: Frame) -> Array:
    """first, last, prev, next, position, len."""
    if e.function == "len":
        return _length(k, e, frame)
    if e.function in ("first", "last"):
        source = elements_of(k, e.args[0], frame)
        counts = np.array(len(source.elements)) if source.counts is None else source.counts
        if (counts == 0).any():
            raise k.failure("V104", f"`{e.function}` of an empty set", e, frame, Array(counts == 0, source.dims))
        starts: Any = np.array(0)
        if source.counts is not None:
            flat = counts.reshape(-1)
            starts = (np.cumsum(flat) - flat).reshape(counts.shape)
        pos = starts if e.function == "first" else starts + counts - 1
        return k.at(source.elements, pos, source.dims, starts, counts)
    a = k.value(e.args[0], frame)
    if a.origin is None or (a.kind != "tuple" and a.origin.elements.arity > 1):
        raise k.failure("V102", f"`{e.function}` of an element whose set is not known", e, frame)
    place = a.origin.pos - a.origin.start
    if e.function == "position":
        return Array(np.asarray(place), a.dims)
    step = k.number(e.args[1], frame) if len(e.args) > 1 else Array(np.array(1))
    dims, (p, s) = frame.aligned(Array(np.asarray(place), a.dims), step)
    length = a.origin.length if isinstance(a.origin.length, int) else frame.expand(Array(a.origin.length, a.dims), dims)
    moved = np.asarray(p - s if e.function == "prev" else p + s).astype(np.int64)
    if e.wrap:
        moved = moved % length
    outside = np.asarray((moved < 0) | (moved >= length))
    if outside.any():
        raise k.failure("V102", f"`{e.function}` beyond the end of the set", e, frame, Array(outside, dims))
    start = a.origin.start if isinstance(a.origin.start, int) else frame.expand(Array(a.origin.start, a.dims), dims)
    moved = np.broadcast_to(moved + start, tuple(d.size for d in dims))
    found = k.at(a.origin.elements, moved, dims, a.origin.start, a.origin.length)
    if found.origin is not None and not step.dims and (a.origin.axis is not None):
        from dataclasses import replace

        return replace(found, origin=replace(found.origin, axis=a.origin.axis))
    return found


def _length(k: Constants, e: Call, frame: Frame) -> Array:
    arg = e.args[0]
    if isinstance(arg, Name | Subscript) and isinstance(k.model.symbols.get(arg.name), Parameter):
        family = k.parameter(arg.name)[0]
        depth = len(arg.index) if isinstance(arg, Subscript) else 0
        return Array(np.array(family.shape[depth]))
    source = elements_of(k, arg, frame)
    return Array(np.array(len(source.elements))) if source.counts is None else Array(source.counts, source.dims)
