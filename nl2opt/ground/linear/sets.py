"""Set expressions -> elements as arrays: one set, or one a binding of the indices the expression mentions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nl2opt.errors import Diagnostic, EvaluationError
from nl2opt.ground.linear.axes import Array, Axis, Frame, mentioned_axes
from nl2opt.ground.linear.elements import Elements, Ints
from nl2opt.ir.model import Element, Set
from nl2opt.ir.nodes import (
    Call,
    Comprehension,
    Expr,
    ListLiteral,
    Name,
    SetLiteral,
    SetOperation,
    Subscript,
    Tuple,
)
from nl2opt.ir.text import print_expression

if TYPE_CHECKING:
    from nl2opt.ground.linear.constants import Constants


@dataclass(frozen=True)
class SetValues:
    """One set (``counts`` None), or a set for each position on ``dims``, their elements one after the other."""

    elements: Elements
    dims: tuple[Axis, ...] = ()
    counts: Ints | None = None


def elements_of(constants: Constants, e: Expr, frame: Frame) -> SetValues:
    """Set expression -> its elements, under a frame."""
    if isinstance(e, Name) and e.name not in frame.names:
        return SetValues(constants.declared_set(e.name))
    if isinstance(e, Subscript):
        return _chosen(constants, e, frame)
    dims = mentioned_axes(e, frame)
    if not dims:
        if e not in constants.sets:
            # not under this frame, which may have no binding at all
            constants.sets[e] = Elements.of(_members(constants, e, Frame()), constants.atoms)
        return SetValues(constants.sets[e])
    if isinstance(e, Call) and e.function == "range" and len(e.args) == 2:
        return _ranges(constants, e, frame, dims)
    shape = tuple(d.size for d in dims)
    counts = np.zeros(shape, np.int64)
    members: list[Element] = []
    for where in np.ndindex(*shape):  # the slow path: one binding after the other
        inner = frame
        for d, k in zip(dims, where, strict=True):
            inner = inner.replaced((d,), Axis(1), (np.array([k]),))
        found = _members(constants, e, inner)
        counts[where] = len(found)
        members += found
    return SetValues(Elements.of(members, constants.atoms), dims, counts)


def _chosen(constants: Constants, e: Subscript, frame: Frame) -> SetValues:
    """`near[i]` -> the lists of the keys, one after the other."""
    symbol = constants.model.symbols.get(e.name)
    if not isinstance(symbol, Set):
        raise EvaluationError(Diagnostic("V105", f"`{e.name}` is no indexed set", found=print_expression(e)))
    if frame.empty:
        return SetValues(Elements.of((), constants.atoms))
    family, elements, starts, counts = constants.indexed_set(e.name)
    place = constants.locate(family, e, frame).positions
    if not place.dims:
        k = int(place.data)
        rows = slice(int(starts[k]), int(starts[k] + counts[k]))
        key = (e.name, k)
        if key not in constants.parts:
            constants.parts[key] = Elements(tuple(c[rows] for c in elements.columns), elements.labels, constants.atoms)
        return SetValues(constants.parts[key])
    each = counts[place.data]
    flat = each.reshape(-1)
    first = np.repeat(starts[place.data].reshape(-1), flat)
    within = np.arange(len(first)) - np.repeat(np.cumsum(flat) - flat, flat)
    rows_ = first + within
    return SetValues(
        Elements(tuple(c[rows_] for c in elements.columns), elements.labels, constants.atoms), place.dims, each
    )


def _ranges(constants: Constants, e: Call, frame: Frame, dims: tuple[Axis, ...]) -> SetValues:
    """`range(a, b)` with ends that depend on indices."""
    low, high = (frame.full(constants.value(a, frame), dims).astype(np.int64) for a in e.args)
    counts = np.maximum(high - low, 0)
    flat = counts.reshape(-1)
    within = np.arange(int(flat.sum())) - np.repeat(np.cumsum(flat) - flat, flat)
    values = np.repeat(low.reshape(-1), flat) + within
    return SetValues(Elements((values,), (False,), constants.atoms), dims, counts)


def _members(constants: Constants, e: Expr, frame: Frame) -> list[Element]:
    """A set expression under a frame whose bound indices stand for one element each -> its elements, in order."""
    match e:
        case Call("range", args):
            ends = [int(np.asarray(constants.value(a, frame).data).reshape(-1)[0]) for a in args]
            return list(range(*ends))
        case SetLiteral(items) | ListLiteral(items):
            found: list[Element] = []
            for i in items:
                found += _listed(constants, (i.items if isinstance(i, Tuple) else (i,)), frame)
            return list(dict.fromkeys(found))
        case SetOperation(op, left, right):
            a, b = _members(constants, left, frame), _members(constants, right, frame)
            if op == "|":
                return list(dict.fromkeys([*a, *b]))
            other = set(b)
            return [x for x in a if (x in other) == (op == "&")]
        case Comprehension(_, body, generators):
            inner = constants.bind(frame, generators)
            return list(dict.fromkeys(_listed(constants, (body.items if isinstance(body, Tuple) else (body,)), inner)))
        case Name() | Subscript():
            values = elements_of(constants, e, frame)
            return values.elements.python()
        case _:
            raise EvaluationError(Diagnostic("V105", "not a set", found=print_expression(e), expected="a set"))


def _listed(constants: Constants, items: tuple[Expr, ...], frame: Frame) -> list[Element]:
    """Coordinates over a frame -> one element a binding."""
    arrays: list[Array] = []
    for i in items:
        arrays += constants.coordinates(constants.value(i, frame))
    columns = [np.broadcast_to(frame.full(a, frame.axes), frame.shape).reshape(-1) for a in arrays]
    labels = tuple(a.kind == "label" for a in arrays)
    whole = tuple(c if c.dtype == np.int64 else np.rint(c.astype(np.float64)).astype(np.int64) for c in columns)
    return Elements(whole, labels, constants.atoms).python()
