"""Model -> findings about comparisons over reals: W-strict, W-boundary, and equalities that are tested.

A condition stands *positively* where it must hold, *negatively* where it must fail (under `not`, left of `implies`),
and both ways where it is counted, tested by `if`, or stands under `iff` and `==`. Source: docs/SEMANTICS.md.
"""

from __future__ import annotations

from nl2opt.check.places import Findings, Spot, spots
from nl2opt.ir.infer.degree import continuous
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.model import Model, NamedExpression
from nl2opt.ir.nodes import (
    Aggregate,
    And,
    Call,
    Compare,
    Expr,
    IfElse,
    Implies,
    In,
    Name,
    Not,
    Or,
    Subscript,
)
from nl2opt.ir.walk import children

HOLDS, FAILS = 1, 2
BOTH = HOLDS | FAILS


def check_strictness(model: Model, found: Findings) -> None:
    """Every comparison of reals in a constraint or an objective."""
    scope = Scope.of(model)
    for spot in spots(model):
        if spot.role in ("constraint", "objective"):
            _walk(spot.expr, HOLDS if spot.role == "constraint" else BOTH, spot, scope, found, frozenset())


def _walk(e: Expr, side: int, spot: Spot, scope: Scope, found: Findings, inside: frozenset[str]) -> None:
    def go(x: Expr, s: int) -> None:
        _walk(x, s, spot, scope, found, inside)

    if not scope.varies(e):
        return
    match e:
        case And(args) | Or(args):
            for a in args:
                go(a, side)
        case Not(arg):
            go(arg, _flipped(side))
        case Implies(condition, consequence):
            go(condition, _flipped(side))
            go(consequence, side)
        case IfElse(condition, then, otherwise):
            go(condition, BOTH)
            go(then, side)
            go(otherwise, side)
        case Aggregate("all" | "any" as function, body, generators):
            for g in generators:
                for c in g.conditions:
                    go(c, _flipped(side) if function == "all" else side)
            go(body, side)
        case Call("all" | "any", args, _):
            for a in args:
                go(a, side)
        case Compare(_, left, right):
            _compare(e, side, spot, scope, found)
            go(left, BOTH)
            go(right, BOTH)
        case Name(name) | Subscript(name, _):
            symbol = scope.symbols.get(name)
            if isinstance(symbol, NamedExpression) and name not in inside:
                _walk(symbol.expr, side, spot, scope, found, inside | {name})
            for c in children(e):
                go(c, BOTH)
        case In():
            _member(e, side, spot, scope, found)
            for c in children(e):
                go(c, BOTH)
        case _:
            for c in children(e):
                go(c, BOTH)


def _member(e: In, side: int, spot: Spot, scope: Scope, found: Findings) -> None:
    if side & (HOLDS if e.negated else FAILS) and continuous(e.item, scope):
        how = {HOLDS: "demanded", FAILS: "refused", BOTH: "tested"}[side]
        found.at(spot.place, "E310", e, f"{'not in' if e.negated else 'in'} {how} of a real",
                 "`in` that must hold", "bands beside the elements, or make it integer")  # fmt: skip


def _flipped(side: int) -> int:
    return {HOLDS: FAILS, FAILS: HOLDS, BOTH: BOTH}[side]


def _compare(e: Compare, side: int, spot: Spot, scope: Scope, found: Findings) -> None:
    if not (continuous(e.left, scope) or continuous(e.right, scope)):
        return
    how = {HOLDS: "demanded", FAILS: "refused", BOTH: "tested"}[side]
    match e.op:
        case "==" if side & FAILS:
            found.at(spot.place, "E310", e, f"== {how} between reals", "a comparison that can be held",
                     "a band (`<= x + tolerance`), or make it integer")  # fmt: skip
        case "!=" if side & HOLDS:
            found.at(spot.place, "E310", e, f"!= {how} between reals", "a comparison that can be held",
                     "a band on either side, or make it integer")  # fmt: skip
        case "<" | ">" if side & HOLDS:
            found.at(spot.place, "W-strict", e, f"{e.op} {how}", f"{e.op}=", "")
        case "<=" | ">=" if side & FAILS:
            fix = "the strict comparison is exact here" if side == FAILS else ""
            found.at(spot.place, "W-boundary", e, f"{e.op} {how}", "", fix)
        case _:
            pass
