"""Model -> findings about what expressions spell out: numbers without a source, big-Ms, chains of `!=`."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import pairwise

from nl2opt.check.places import Findings, Spot, spots
from nl2opt.check.sources import numbers_of_anchors, numbers_of_text
from nl2opt.ir.infer import enter, type_of
from nl2opt.ir.infer.scope import Scope, variables_of
from nl2opt.ir.infer.types import Numeric
from nl2opt.ir.model import Model, Parameter
from nl2opt.ir.nodes import (
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Comprehension,
    Constant,
    Expr,
    Mul,
    Name,
    Number,
    SetLiteral,
    Subscript,
)
from nl2opt.ir.text import print_number
from nl2opt.ir.walk import children, subexpressions

BIG = 10**6


def check_literals(model: Model, found: Findings) -> None:
    """Numbers other than 0, 1, -1 that no quote of the item contains.

    An item without quotes may use any number of the text, and of the assumptions it cites; a document with neither
    quotes nor text is not asked. The
    weight of a penalty is often told elsewhere, or chosen: it may also be any number of the text or the assumptions,
    and is not asked where there is no text.
    """
    supposed = frozenset[Fraction]().union(*(numbers_of_text(a) for a in model.assumptions))
    told = numbers_of_text(model.text)
    for spot in spots(model):
        if spot.role not in ("constraint", "objective", "expression", "bound", "penalty"):
            continue
        quoted = any(a.kind != "assumption" for a in spot.place.anchors)
        weight = spot.role == "penalty"
        if not model.text and (weight or not quoted):
            continue
        source = numbers_of_anchors(spot.place.anchors) | (frozenset() if quoted else told)
        source |= told | supposed if weight else frozenset()
        for value in _literals(spot.expr, source):
            if abs(value) not in (0, 1) and abs(value) not in source:
                found.add("W-literal", str(spot.place), print_number(value), "a number of the quotes" if quoted else
                          "a number of the text", "quote its source, or make it a parameter")  # fmt: skip


def _literals(e: Expr, source: frozenset[Fraction]) -> Iterator[Fraction]:
    """Numbers of an expression that state a quantity: no indices, exponents, digits or steps, no 2 of `2 * pi`, and no
    `{1, 2, 3}` where three are told."""
    stack = [e]
    while stack:
        node = stack.pop()
        match node:
            case Number(value):
                yield value
            case Binary("/", Number(above), Number(below)) if below:
                yield above / below
            case Subscript():
                pass
            case SetLiteral(items) if _is_first(items) and len(items) in source:
                pass
            case Mul(factors) if any(isinstance(f, Constant) for f in factors):
                stack.extend(f for f in reversed(factors) if not _is_geometry(f))
            case Binary("**", left, Number()):
                stack.append(left)
            case Call("prev" | "next" | "round" | "range", args, _):
                stack.extend(args[:1] if node.function == "round" else ())
            case Aggregate(_, body, _) | Comprehension(_, body, _):
                stack.append(body)
            case _:
                stack.extend(reversed(children(node)))


def _is_first(items: tuple[Expr, ...]) -> bool:
    """True for 1, 2, ..., n and 0, 1, ..., n - 1."""
    values = [i.value for i in items if isinstance(i, Number)]
    return bool(values) and len(values) == len(items) and values[0] in (0, 1) and all(
        b - a == 1 for a, b in pairwise(values)
    )  # fmt: skip


def _is_geometry(e: Expr) -> bool:
    """A factor beside pi that belongs to a formula: 2, 4, 4 / 3."""
    match e:
        case Number(value):
            return value in (2, 4)
        case Binary("/", Number(above), Number(below)):
            return above in (1, 2, 4) and below in (2, 3, 4)
        case _:
            return False


def check_big_numbers(model: Model, found: Findings) -> None:
    """Numbers above 10^6 that nothing accounts for, beside a binary in a constraint over other variables too.

    A literal the item's quotes contain, and a parameter with quotes or a unit, are data: a large budget is no big-M.
    """
    scope = Scope.of(model)
    for spot in spots(model):
        if spot.role not in ("constraint", "expression") or not _mixed(spot.expr, scope):
            continue
        quoted = numbers_of_anchors(spot.place.anchors)
        for node, inner in _products(spot, scope):
            big = [f for f in node.factors if abs(_invented(f, model)) > BIG and abs(_invented(f, model)) not in quoted]
            others = [f for f in node.factors if not isinstance(f, Number) and inner.varies(f)]
            if big and any(_binary(f, inner) for f in others):
                shown = print_number(_invented(big[0], model))
                found.at(spot.place, "W-big", node, f"{shown} times a binary", "implies(..., ...)",
                         "write the condition; its big-M follows from the bounds")  # fmt: skip


def _invented(e: Expr, model: Model) -> Fraction:
    """A factor -> its number, where that is a literal or a scalar of the document without quotes and unit; else 0."""
    if isinstance(e, Number):
        return e.value
    item = model.symbols.get(e.name) if isinstance(e, Name) else None
    if isinstance(item, Parameter) and isinstance(item.value, Number) and not item.anchors and not item.unit.strip():
        return item.value.value
    return Fraction(0)


def _mixed(e: Expr, scope: Scope) -> bool:
    """True where a variable that is no binary is read too."""
    return any(getattr(scope.symbols[n], "type", None) != "binary" for n in variables_of(e, scope))


def _products(spot: Spot, scope: Scope) -> Iterator[tuple[Mul, Scope]]:
    stack = [(spot.expr, enter(spot.over, scope))]
    while stack:
        node, inner = stack.pop()
        if isinstance(node, Mul):
            yield node, inner
        if isinstance(node, Aggregate | Comprehension):
            inner = enter(node.generators, inner)
        stack.extend((c, inner) for c in children(node))


def _binary(e: Expr, scope: Scope) -> bool:
    t = type_of(e, scope)
    return isinstance(t, Numeric) and t.type == "binary"


def check_chains(model: Model, found: Findings) -> None:
    """`x != y != z`, where x and z are not compared."""
    for spot in spots(model):
        report = partial(found.at, spot.place)
        for node in subexpressions(spot.expr):
            if not isinstance(node, And) or len(node.args) < 2:
                continue
            pairs = [(a.left, a.right) for a in node.args if isinstance(a, Compare) and a.op == "!="]
            if len(pairs) != len(node.args) or any(a[1] != b[0] for a, b in pairwise(pairs)):
                continue
            report("W-chain", node, "neighbours compared only", "all_different(...) where all must differ", "")
