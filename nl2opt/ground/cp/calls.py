"""Function calls over ground values -> their value: aggregates of arguments, scalar functions, global constraints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from nl2opt.ground.cp import globals as globals_
from nl2opt.ground.cp.arithmetic import Numeric, absolute, maximum, minimum, product
from nl2opt.ground.cp.conditions import differ
from nl2opt.ground.cp.scope import Scope, failure
from nl2opt.ground.cp.sets import ordered, whole
from nl2opt.ground.cp.unsupported import unsupported
from nl2opt.ground.cp.values import (
    CONDITIONS,
    Affine,
    Choice,
    Exact,
    Formula,
    Scalar,
    combine,
    conjunction,
    disjunction,
    tidy,
)
from nl2opt.ir.instance import flat
from nl2opt.ir.model import Element
from nl2opt.ir.nodes import Call, Comprehension, Expr, Name

_IRRATIONAL = {"sqrt": math.sqrt, "exp": math.exp, "log": math.log, "sin": math.sin, "cos": math.cos}
ORDER = ("first", "last", "prev", "next", "position", "len")
SCHEDULING = ("no_overlap", "no_overlap_2d", "cumulative")


def call(s: Scope, e: Call) -> Scalar:
    """A call -> its value. Undefined arguments of a constraint make the constraint false."""
    name = e.function
    if name in ORDER:
        return ordered(s, e)
    if name in ("circuit", "subcircuit", "all_different", *SCHEDULING):
        holds, needs = s.apart(lambda: _constraint(s, e))
        return conjunction((needs, holds))
    if name in ("sum", "prod", "min", "max", "all", "any"):
        return aggregate(s, name, s.listing(e.args))
    if name == "abs":
        return absolute(s.b, s.number(e.args[0]))
    if name == "piecewise":
        points = [(_exact(s, p[0]), _exact(s, p[1])) for p in _tuples(s, e.args[1])]
        value, defined = globals_.piecewise(s.b, s.number(e.args[0]), points)
        s.need(defined)
        return value
    if name == "range":
        raise unsupported("a symbolic set", s.b.where, "range where a number belongs")
    return _of_constants(s, e)


def aggregate(s: Scope, name: str, values: Sequence[Scalar]) -> Scalar:
    """sum, prod, min, max, all, any, all_different of values."""
    b = s.b
    match name:
        case "sum":
            total: Numeric = 0
            for v in values:
                total = combine(total, b.number(v))
            return total
        case "prod":
            result: Numeric = 1
            for v in values:
                result = product(b, result, b.number(v))
            return result
        case "all":
            return conjunction([globals_.truth(b, v) for v in values])
        case "any":
            return disjunction([globals_.truth(b, v) for v in values])
        case "all_different":
            return differ(b, values)
    if not values:
        raise failure(s, "V104", f"{name} of nothing", fix="filter the binding, or write `... if ... else ...`")
    numbers = [b.number(v) for v in values]
    return maximum(b, numbers) if name == "max" else minimum(b, numbers)


def _constraint(s: Scope, e: Call) -> Formula:
    match e.function:
        case "all_different":
            return differ(s.b, s.listing(e.args))
        case "circuit" | "subcircuit":
            return globals_.circuit(s.b, _nodes(s, e.args[0]), s.listing(e.args), e.function == "subcircuit")
        case "no_overlap":
            return globals_.no_overlap(s.b, _tuples(s, e.args[0]))
        case "no_overlap_2d":
            return globals_.no_overlap_2d(s.b, _tuples(s, e.args[0]))
    return globals_.cumulative(s.b, _tuples(s, e.args[0]), s.number(e.args[1]))


def _nodes(s: Scope, arg: Expr) -> tuple[Element, ...]:
    """The nodes of a circuit: the keys of the array, the indices of a generated list, else positions from 0."""
    if isinstance(arg, Name):
        return tuple(k[0] if len(k) == 1 else k for k in s.keys(arg.name))
    if isinstance(arg, Comprehension):
        names = [t for g in arg.generators for t in g.targets]
        bound = [tuple(a for n in names for a in flat(s.env[n])) for kept in s.each(arg.generators) if kept]
        return tuple(k[0] if len(k) == 1 else k for k in bound)
    return tuple(range(len(s.listing((arg,)))))


def _tuples(s: Scope, arg: Expr) -> list[tuple[Scalar, ...]]:
    rows = s.listing((arg,))
    out = []
    for r in rows:
        if not isinstance(r, tuple):
            raise failure(s, "V107", "a tuple is expected in the list", repr(r))
        out.append(r)
    return out


def _exact(s: Scope, value: Scalar) -> Exact:
    if isinstance(value, int | Fraction):
        return value
    raise unsupported("a symbolic set", s.b.where, "points of piecewise that are not constants")


def _of_constants(s: Scope, e: Call) -> Exact:
    """floor, ceil, round, sqrt, exp, log, sin, cos of a constant; irrational values by their shortest decimal."""
    value = s.value(e.args[0])
    if isinstance(value, Affine | Choice | CONDITIONS):
        raise unsupported("function of a variable", s.b.where, e.function)
    if not isinstance(value, int | Fraction):
        raise failure(s, "V107", "not a number", repr(value))
    match e.function:
        case "floor":
            return math.floor(value)
        case "ceil":
            return math.ceil(value)
        case "round":
            return tidy(Fraction(round(Fraction(value), whole(s, e.args[1]) if len(e.args) > 1 else 0)))
        case "sqrt":
            exact = _root(Fraction(value))
            if exact is not None:
                return exact
    try:
        found = _IRRATIONAL[e.function](value)
    except (ValueError, OverflowError):
        raise failure(s, "V103", f"{e.function} has no value", str(value)) from None
    return tidy(Fraction(repr(found)))


def _root(value: Fraction) -> Exact | None:
    if value < 0:
        return None
    root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
    return tidy(root) if root * root == value else None
