"""Expression -> how it depends on the variables: not at all, affinely, quadratically, nonlinearly; over which values.

A condition over variables counts as one 0/1 atom, `abs`, `min`, `max`, an index by a variable and a branch chosen by
variables as one affine atom: rewriting makes them so. What they cost is said by `kind`.
"""

from __future__ import annotations

from enum import IntEnum

from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.model import NamedExpression, Variable
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Comprehension,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    ListLiteral,
    Mul,
    Name,
    Neg,
    Not,
    Number,
    Or,
    Subscript,
    joined_lists,
)
from nl2opt.ir.walk import children


class Degree(IntEnum):
    """Constant, affine, quadratic, or beyond."""

    CONSTANT = 0
    AFFINE = 1
    QUADRATIC = 2
    NONLINEAR = 3


_SMOOTH = frozenset(("sqrt", "exp", "log", "sin", "cos"))


def degree(e: Expr, scope: Scope) -> Degree:
    """Node -> its degree in the variables."""
    if not scope.varies(e):
        return Degree.CONSTANT
    match e:
        case Name(name) | Subscript(name, _) if isinstance(symbol := scope.symbols.get(name), NamedExpression):
            return degree(symbol.expr, scope)
        case Neg() | Add():
            return max(degree(c, scope) for c in children(e))
        case Mul(factors):
            return _capped(sum(degree(f, scope) for f in factors))
        case Binary("/", left, right):
            return degree(left, scope) if not scope.varies(right) else Degree.NONLINEAR
        case Binary("**", left, Number(value)) if value.denominator == 1 and value >= 0:
            return _capped(degree(left, scope) * int(value))
        case Binary():
            return Degree.NONLINEAR
        case Aggregate("sum" | "min" | "max", body, generators):
            filtered = any(scope.varies(c) for g in generators for c in g.conditions)
            return _capped(degree(body, scope) + filtered)
        case Aggregate("prod", _, _) | Call("prod", _, _):
            return Degree.NONLINEAR
        case Call("sum" | "min" | "max" | "abs", args, _):
            lists = [part for a in args for part in joined_lists(a) or (a,)]
            parts = [i for a in lists for i in (a.items if isinstance(a, ListLiteral) else (a,))]
            parts = [a.body if isinstance(a, Comprehension) else a for a in parts]
            return max((degree(a, scope) for a in parts), default=Degree.CONSTANT)
        case Call(function) if function in _SMOOTH | {"floor", "ceil", "round"}:
            return Degree.NONLINEAR
        case IfElse(_, then, otherwise):
            return max(Degree.AFFINE, degree(then, scope), degree(otherwise, scope))
        case _:
            return Degree.AFFINE


def continuous(e: Expr, scope: Scope) -> bool:
    """True where the value of ``e`` moves through real numbers with the variables.

    Real *data* do not make it so: a sum of integer variables with decimal coefficients takes separate values.
    """
    match e:
        case Name(name) | Subscript(name, _):
            symbol = scope.symbols.get(name)
            if isinstance(symbol, Variable):
                return symbol.type == "real"
            return isinstance(symbol, NamedExpression) and continuous(symbol.expr, scope)
        case Compare() | In() | And() | Or() | Not() | Implies() | Iff():
            return False
        case Binary("//", _, _) | Call("floor" | "ceil" | "position" | "len", _, _):
            return False
        case Call(function, args, _) if function in _SMOOTH:
            return any(scope.varies(a) for a in args)
        case Call("piecewise", args, _):
            return continuous(args[0], scope)
        case Aggregate("all" | "any" | "all_different", _, _):
            return False
        case Aggregate(_, body, _):
            return continuous(body, scope)
        case IfElse(_, then, otherwise):
            return continuous(then, scope) or continuous(otherwise, scope)
        case _:
            return any(continuous(c, scope) for c in children(e))


def _capped(value: int) -> Degree:
    return Degree(min(value, Degree.NONLINEAR))
