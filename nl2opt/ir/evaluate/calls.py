"""Function calls of the language -> values: aggregates of arrays, scalar functions, global constraints, piecewise."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise

from nl2opt.ir.evaluate import arithmetic
from nl2opt.ir.evaluate import globals as definitions
from nl2opt.ir.evaluate.arithmetic import Number
from nl2opt.ir.evaluate.order import order_call
from nl2opt.ir.evaluate.outcomes import Env, Outcome, Undefined, Values, is_number, shown
from nl2opt.ir.instance import SetValue, flat
from nl2opt.ir.nodes import AGGREGATES, Aggregate, Call, Comprehension, Expr, Name
from nl2opt.ir.text import print_expression

_ORDER = frozenset(("first", "last", "prev", "next", "position", "len"))
_GLOBALS = frozenset(("circuit", "subcircuit", "no_overlap", "no_overlap_2d", "cumulative"))


def call(values: Values, e: Call, env: Env) -> Outcome:
    """A function call -> its value."""
    if e.function in arithmetic.SCALAR:
        argument = values.number(e.args[0], env)
        return _defined(values, arithmetic.SCALAR[e.function](argument), e, env)
    if e.function == "round":
        digits = values.whole(e.args[1], env) if len(e.args) > 1 else 0
        return _defined(values, arithmetic.rounded(values.number(e.args[0], env), digits), e, env)
    if e.function in _ORDER:
        return order_call(values, e, env)
    if e.function == "range":
        return values.set_of(e, env)
    if e.function == "piecewise":
        return _piecewise(values, e, env)
    if e.function in _GLOBALS:
        try:
            return _global(values, e, env)
        except Undefined:
            return False
    if e.function in AGGREGATES:
        return _aggregate(values, e, env)
    raise values.failure("V105", f"unknown function `{e.function}`", env, found=print_expression(e))


def _defined(values: Values, value: Number | None, e: Call, env: Env) -> Number:
    if value is None:
        raise values.failure("V103", f"`{e.function}` has no value here", env, values.reads > 0, print_expression(e))
    return value


def _aggregate(values: Values, e: Call, env: Env) -> Outcome:
    """`sum(x)`, `max(a, b)`: arrays stand for all their elements."""
    before = values.reads
    if e.function in ("all", "any"):
        held = [values.truth(v, a, env) for a in e.args for v in _spread(_guarded(values, a, env))]
        return all(held) if e.function == "all" else any(held)
    if e.function == "all_different":
        try:
            items = [v for a in e.args for v in _spread(values.value(a, env))]
        except Undefined:
            return False
    else:
        items = [v for a in e.args for v in _spread(values.value(a, env))]
    return combine(values, e.function, items, values.reads > before, e, env)


def _guarded(values: Values, e: Expr, env: Env) -> Outcome:
    try:
        return values.value(e, env)
    except Undefined:
        return False


def _spread(value: Outcome) -> Sequence[Outcome]:
    if isinstance(value, SetValue):
        return value.elements
    return [v for item in value for v in _spread(item)] if isinstance(value, list) else [value]


def combine(
    values: Values, function: str, items: list[Outcome], dependent: bool, e: Call | Aggregate, env: Env
) -> Outcome:
    """sum, prod, min, max, all_different of values that are already known."""
    if function == "all_different":
        return len(set(items)) == len(items)
    for item in items:
        if not is_number(item):
            raise values.failure("V107", f"`{function}` of something that is no number", env, found=shown(item))
    if function == "sum":
        return sum(items)
    if function == "prod":
        product: Number = 1
        for item in items:
            product = product * item
        return product
    if not items:
        raise values.failure("V104", f"`{function}` of nothing", env, dependent, print_expression(e),
                             fix="filter the binding, or write `... if ... else ...`")  # fmt: skip
    return min(items) if function == "min" else max(items)


# global constraints --------------------------------------------------------------------------------------------------


def _global(values: Values, e: Call, env: Env) -> bool:
    if e.function in ("circuit", "subcircuit"):
        successor = _successors(values, e.args[0], env)
        return (definitions.is_circuit if e.function == "circuit" else definitions.is_subcircuit)(successor)
    if e.function == "no_overlap":
        return definitions.no_overlap([(s, d) for s, d in _rows(values, e, 2, env, optional=True)])
    if e.function == "no_overlap_2d":
        return definitions.no_overlap_2d([(x, w, y, h) for x, w, y, h in _rows(values, e, 4, env, optional=False)])
    capacity = values.number(e.args[1], env)
    return definitions.cumulative([(s, d, a) for s, d, a in _rows(values, e, 3, env, optional=True)], capacity)


def _rows(values: Values, e: Call, width: int, env: Env, optional: bool) -> list[tuple[Number, ...]]:
    """The intervals of a call, those that are not present left out."""
    rows = values.value(e.args[0], env)
    out: list[tuple[Number, ...]] = []
    for row in rows if isinstance(rows, list) else [rows]:
        fits = isinstance(row, tuple) and (len(row) == width or (optional and len(row) == width + 1))
        if not fits or not all(is_number(v) for v in row):
            raise values.failure("V107", f"`{e.function}` takes tuples of {width} numbers"
                                 f"{', and one more for present' * optional}", env, found=shown(row))  # fmt: skip
        if len(row) == width or row[width] != 0:
            out.append(row[:width])
    return out


def _successors(values: Values, e: Expr, env: Env) -> dict[Hashable, Hashable]:
    """An array, or a list of elements -> node -> its successor; a list by generator is keyed by its index."""

    def node(key: tuple[object, ...]) -> Hashable:
        return key[0] if len(key) == 1 else key

    if isinstance(e, Name) and e.name in values.symbols and e.name not in env:
        return {node(key): values.lookup(e.name, key, env, False) for key in values.keys(e.name)}
    if isinstance(e, Comprehension) and e.kind == "list":
        return {
            node(key): values.value(e.body, inner) for inner, key in values.keyed_bindings(e.generators, env)
        }  # fmt: skip
    listed = values.value(e, env)
    if not isinstance(listed, list):
        raise values.failure("V107", "a tour is an array of successors", env, found=print_expression(e))
    return dict(enumerate(listed))


def _piecewise(values: Values, e: Call, env: Env) -> Number:
    before = values.reads
    x = values.number(e.args[0], env)
    dependent = values.reads > before
    points = values.value(e.args[1], env)
    if not isinstance(points, list) or not points or not all(isinstance(p, tuple) and len(p) == 2 for p in points):
        raise values.failure("V107", "piecewise takes points [(x0, y0), (x1, y1), ...]", env, found=shown(points))
    if not all(is_number(c) for p in points for c in flat(p)):
        raise values.failure("V107", "the points of piecewise are numbers", env, found=shown(points))
    if any(b[0] <= a[0] for a, b in pairwise(points)):
        raise values.failure("V107", "the points of piecewise ascend in x", env, found=shown(points))
    y = definitions.piecewise(x, points)
    if y is None:
        raise values.failure("V101", "x outside the points of piecewise", env, dependent, f"x = {shown(x)}",
                             f"{shown(points[0][0])} to {shown(points[-1][0])}")  # fmt: skip
    return y
