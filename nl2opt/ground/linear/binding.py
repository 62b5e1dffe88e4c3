"""Generators and filters -> frames: an index adds an axis, a filter keeps combinations of the axes it names only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nl2opt.errors import Diagnostic, EvaluationError, LimitExceeded
from nl2opt.ground.linear.axes import Array, Axis, Frame, Kind, Origin, Positions, mentioned_axes
from nl2opt.ground.linear.sets import SetValues, elements_of
from nl2opt.ir import limits
from nl2opt.ir.model import Over
from nl2opt.ir.nodes import And, Compare, Expr, Generator
from nl2opt.ir.text import print_expression

if TYPE_CHECKING:
    from nl2opt.ground.linear.constants import Constants

_CHUNK = 1 << 22
_JOIN = 1 << 14
_MOST_STEPS = 4 * 10**9
_MOST_KEPT = 4 * limits.GROUNDED_TERMS


def bind(constants: Constants, frame: Frame, generators: Over) -> Frame:
    """The frame inside generators, their filters applied."""
    for g in generators:
        frame = _bind_one(constants, frame, g)
        for c in g.conditions:
            frame = restrict(constants, frame, c)
    return frame


def _bind_one(constants: Constants, frame: Frame, g: Generator) -> Frame:
    source = elements_of(constants, g.source, frame)
    if source.counts is None:
        axis = Axis(len(source.elements))
        place = np.arange(axis.size)
        return frame.bound(_names(g, source, place, axis, 0, axis.size), axis)
    owners = source.counts.reshape(-1)
    axis = Axis(int(owners.sum()))
    owner = np.repeat(np.arange(len(owners)), owners)
    starts = np.concatenate([[0], np.cumsum(owners)[:-1]]) if len(owners) else np.zeros(0, np.int64)
    places = np.unravel_index(owner, source.counts.shape) if source.counts.ndim else ()
    inner = frame.replaced(source.dims, axis, [np.asarray(p, np.int64) for p in places], fresh=True)
    bound = _names(g, source, np.arange(axis.size), axis, starts[owner], owners[owner])
    return Frame(inner.axes, inner.views, {**inner.names, **bound}, inner.origins)


def _names(
    g: Generator, source: SetValues, place: Positions, axis: Axis, start: Positions | int, length: Positions | int
) -> dict[str, Array]:
    elements = source.elements
    origin = Origin(elements, place, start, length, axis, 0, place)
    if len(g.targets) == 1 and elements.arity > 1:
        return {g.targets[0]: Array(place, (axis,), "tuple", origin)}
    out: dict[str, Array] = {}
    if g.targets and len(g.targets) != elements.arity and len(elements):
        found = f"elements of {elements.arity} coordinates for {len(g.targets)} names"
        raise EvaluationError(Diagnostic("V106", "a tuple of another length", found=found))
    for n, t in enumerate(g.targets):
        column, is_label = (elements.columns[n], elements.labels[n]) if n < elements.arity else (place, False)
        kind: Kind = "label" if is_label else "number"
        out[t] = Array(column, (axis,), kind, replace(origin, coordinate=n) if n else origin)
    return out


def restrict(constants: Constants, frame: Frame, condition: Expr) -> Frame:
    """The frame of the bindings for which a known condition holds."""
    if frame.empty:
        return frame
    if isinstance(condition, And):
        for c in condition.args:
            frame = restrict(constants, frame, c)
        return frame
    if isinstance(condition, Compare) and condition.op == "==" and (joined := _joined(constants, frame, condition)):
        return joined
    steps = 1
    axes = mentioned_axes(condition, frame)
    for a in axes:
        steps *= a.size
    if steps > _MOST_STEPS:
        raise _too_many(f"a filter over {steps} combinations", condition)
    if steps > _CHUNK and axes:
        return _chunked(constants, frame, condition, axes)
    return keep(frame, constants.condition(condition, frame))


def keep(frame: Frame, mask: Array) -> Frame:
    """The frame of the bindings where a mask over some of its axes is true."""
    if not mask.dims:
        return frame if bool(mask.data) else frame.replaced((), Axis(0), ())
    if mask.data.all():
        return frame
    places = np.nonzero(mask.data)
    return frame.replaced(mask.dims, Axis(len(places[0])), places)


def _chunked(constants: Constants, frame: Frame, condition: Expr, axes: tuple[Axis, ...]) -> Frame:
    """A filter over many combinations, a part of its first axis at a time."""
    first = axes[0]
    rest = 1
    for a in axes[1:]:
        rest *= a.size
    step = max(1, _CHUNK // max(rest, 1))
    found: list[list[Positions]] = [[] for _ in axes]
    for low in range(0, first.size, step):
        part = np.arange(low, min(low + step, first.size))
        inner = frame.replaced((first,), Axis(len(part)), (part,))
        mask = constants.condition(condition, inner)
        dims = tuple(inner.views[first][0] if a is first else a for a in axes)
        places = np.nonzero(inner.full(mask, dims))
        if sum(map(len, found[0])) + len(places[0]) > _MOST_KEPT:
            raise _too_many(f"a filter that keeps more than {_MOST_KEPT} combinations", condition)
        for k, p in enumerate(places):
            found[k].append(p + low if k == 0 else p)
    kept = [np.concatenate(f) if f else np.zeros(0, np.int64) for f in found]
    return frame.replaced(axes, Axis(len(kept[0])), kept)


def _too_many(found: str, condition: Expr) -> LimitExceeded:
    fix = "compare indices with ==, or filter a set first"
    return LimitExceeded(
        Diagnostic("V113", "too many combinations", found=f"{found}: {print_expression(condition)}", fix=fix)
    )


def _joined(constants: Constants, frame: Frame, e: Compare) -> Frame | None:
    """`a == b` between values of two different axes -> the pairs that agree, found by sorting, not by comparing all."""
    one, other = mentioned_axes(e.left, frame), mentioned_axes(e.right, frame)
    if len(one) != 1 or len(other) != 1 or one == other or one[0].size * other[0].size <= _JOIN:
        return None
    a, b = constants.value(e.left, frame), constants.value(e.right, frame)
    if a.kind != b.kind or a.kind == "tuple" or a.dims != one or b.dims != other:
        return None
    x, y = a.data, b.data
    if x.dtype != np.int64 or y.dtype != np.int64:
        return None
    if pairs(x, y) > _MOST_KEPT:
        raise _too_many(f"a filter that keeps more than {_MOST_KEPT} combinations", e)
    i, j = match(x, y)
    first = frame.axes.index(one[0]) < frame.axes.index(other[0])
    axes = (one[0], other[0]) if first else (other[0], one[0])
    return frame.replaced(axes, Axis(len(i)), (i, j) if first else (j, i))


def pairs(x: Positions, y: Positions) -> int:
    """Two lists of values -> how many pairs (i, j) have x[i] == y[j], in whole numbers however many."""
    if len(x) * len(y) <= _MOST_KEPT:
        return 0  # few enough whatever they are
    values, counts = np.unique(y, return_counts=True)
    at = np.minimum(np.searchsorted(values, x), len(values) - 1)
    return int(counts[at][values[at] == x].sum())


def match(x: Positions, y: Positions) -> tuple[Positions, Positions]:
    """Two lists of values -> every pair (i, j) with x[i] == y[j], ordered by i, then j."""
    if not len(x) or not len(y):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    low, high = int(x.min()), int(x.max())
    first = int(y[0])
    if first <= low and high < first + len(y) and bool((y == np.arange(first, first + len(y))).all()):
        return np.arange(len(x)), x - first
    low = min(low, int(y.min()))
    span = max(high, int(y.max())) - low + 1
    if span > 4 * (len(x) + len(y)) + 1024:
        unique, inverse = np.unique(np.concatenate([x, y]), return_inverse=True)
        x, y, low, span = inverse[: len(x)], inverse[len(x) :], 0, len(unique)
    counts = np.bincount(y - low, minlength=span)
    each = counts[x - low]
    if int(counts.max()) == 1:
        place = np.zeros(span, np.int64)
        place[y - low] = np.arange(len(y))
        i = np.arange(len(x)) if each.all() else np.flatnonzero(each)
        return i, place[x - low] if len(i) == len(x) else place[x[i] - low]
    i = np.repeat(np.arange(len(x)), each)
    order = np.argsort(y, kind="stable")
    starts = np.cumsum(counts) - counts
    within = np.arange(len(i)) - np.repeat(np.cumsum(each) - each, each)
    return i, order[starts[x[i] - low] + within]
