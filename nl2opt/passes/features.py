"""Model -> the constructs over variables it has, in one walk: which rewrites have anything to do."""

from __future__ import annotations

from typing import Literal

from nl2opt.ir.model import Model
from nl2opt.ir.nodes import (
    AGGREGATES,
    Aggregate,
    Binary,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Constant,
    Expr,
    IfElse,
    Label,
    Mul,
    Name,
    Number,
    Subscript,
)
from nl2opt.ir.walk import children

Feature = Literal[
    "array", "expression", "filter", "penalty", "circuit", "interval", "different", "logic", "member", "piecewise",
    "absolute", "division", "extreme", "choice", "product",
]  # fmt: skip

_CALLS: dict[str, Feature] = {
    "abs": "absolute", "min": "extreme", "max": "extreme", "piecewise": "piecewise", "circuit": "circuit",
    "subcircuit": "circuit", "no_overlap": "interval", "no_overlap_2d": "interval", "cumulative": "interval",
    "all_different": "different", "position": "member", "all": "logic", "any": "logic", "prod": "choice",
}  # fmt: skip
_PLAIN = ("<=", ">=", "==")


def features(model: Model) -> frozenset[Feature]:
    """Model -> its features; none where every constraint is a linear comparison and every objective linear."""
    found: set[Feature] = set()
    if model.expressions:
        found.add("expression")
    varying = {v.name for v in model.variables} | {n.name for n in model.expressions}
    if any(v.within is not None for v in model.variables):
        found.add("member")
    for c in model.constraints:
        if c.penalty is not None:
            found.add("penalty")
        e = c.expr
        if isinstance(e, Compare) and e.op in _PLAIN:
            left, right = _walk(e.left, varying, found), _walk(e.right, varying, found)
            if not (left or right):
                found.add("logic")
        else:
            found.add("logic")
            _walk(e, varying, found)
        for g in c.over:
            for x in g.conditions:
                _walk(x, varying, found)
    for n in model.expressions:
        _walk(n.expr, varying, found)
    for o in model.objectives:
        _walk(o.expr, varying, found)
    return frozenset(found)


def _walk(e: Expr, varying: set[str], found: set[Feature]) -> bool:
    """Node -> does it depend on variables; what it is is noted."""
    match e:
        case Number() | Constant() | Boolean() | Label():
            return False
        case Name(name):
            return name in varying
        case Subscript(name, index):
            inside = [_walk(i, varying, found) for i in index]
            if any(inside):
                found.add("member")
            return name in varying or any(inside)
        case Mul(factors):
            count = sum([_walk(f, varying, found) for f in factors])
            if count > 1:
                found.add("product")
            return count > 0
        case Aggregate() | Comprehension():
            return _aggregate(e, varying, found)
        case _:
            parts = [_walk(c, varying, found) for c in children(e)]
            varies = any(parts)
            if isinstance(e, Call) and e.function in AGGREGATES:
                found.add("array")
            if varies or (isinstance(e, Call) and e.function in _CALLS):
                _note(e, parts, found)
            return varies


def _aggregate(e: Aggregate | Comprehension, varying: set[str], found: set[Feature]) -> bool:
    varies = _walk(e.body, varying, found)
    for g in e.generators:
        if not isinstance(g.source, Name):
            _walk(g.source, varying, found)
        for c in g.conditions:
            if _walk(c, varying, found):
                found.add("filter")
                varies = True
    if isinstance(e, Aggregate) and e.function == "prod" and varies:
        found.add("product")
    if isinstance(e, Aggregate) and e.function != "sum" and varies:
        found.add({"min": "extreme", "max": "extreme", "prod": "choice", "all_different": "different"}.get(
            e.function, "logic"))  # type: ignore[arg-type]  # fmt: skip
    return varies


def _note(e: Expr, parts: list[bool], found: set[Feature]) -> None:
    match e:
        case Call(function, _, _):
            if function in _CALLS:
                found.add(_CALLS[function])
        case IfElse():
            if parts[0]:
                found.add("choice")
        case Binary(op, _, _):
            if op == "/":
                found.update(("product",) if parts[1] else ())
            elif op == "**":
                found.update(("choice", "product"))
            else:
                found.add("division")
        case _:
            if type(e).__name__ in _LOGIC:
                found.add("logic")


_LOGIC = frozenset(("Compare", "In", "And", "Or", "Not", "Implies", "Iff"))
