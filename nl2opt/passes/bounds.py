"""Expression -> the least and the greatest value it can take, as expressions over parameters and declared bounds.

Interval arithmetic written in the language itself, so that a big-M can be read, printed and recomputed from new data.
Where a variable has no finite declared bound, an `InferredBound` stands for it: a parameter without a value, which the
grounding computes by bound propagation over the instance.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from nl2opt.ir.model import Parameter, Variable
from nl2opt.ir.nodes import (
    ONE,
    ZERO,
    Add,
    Aggregate,
    Binary,
    Call,
    Constant,
    Expr,
    IfElse,
    Mul,
    Name,
    Neg,
    Number,
    Subscript,
    subscript,
)
from nl2opt.ir.walk import subexpressions
from nl2opt.passes.arithmetic import extreme, negated, plus, times, total
from nl2opt.passes.declared import InferredBound
from nl2opt.passes.facts import is_formula, is_known, is_literal, sign_of
from nl2opt.passes.members import at_index
from nl2opt.passes.rewrite import Draft
from nl2opt.passes.unsupported import unsupported

Interval = tuple[Expr, Expr]


class Bounds:
    """Bounds of expressions of one draft; declares the inferred ones it needs, once each."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    def of(self, e: Expr, item: str) -> Interval:
        """Node -> (lower, upper). ``item`` names the constraint for a message."""
        model = self.draft.model
        if is_known(e, model):
            return e, e
        if is_formula(e, model) or is_literal(e, model):
            return ZERO, ONE
        match e:
            case Name() | Subscript():
                return self.variable(e)
            case Neg(arg):
                lower, upper = self.of(arg, item)
                return negated(upper), negated(lower)
            case Add(terms):
                parts = [self.of(t, item) for t in terms]
                return plus(*(p[0] for p in parts)), plus(*(p[1] for p in parts))
            case Mul(factors):
                return self.product(factors, item)
            case Binary("/", left, right) if is_known(right, model):
                return self.scaled(Binary("/", ONE, right), self.of(left, item))
            case Binary("**", left, Number(n)) if n.denominator == 1 and n >= 1:
                return _power(self.of(left, item), n)
            case Aggregate("sum", body, generators):
                lower, upper = self.of(body, item)
                return total(lower, generators), total(upper, generators)
            case Aggregate("min" | "max" as function, body, generators):
                lower, upper = self.of(body, item)
                return Aggregate(function, lower, generators), Aggregate(function, upper, generators)
            case Call("min" | "max" as function, args, _):
                parts = [self.of(a, item) for a in args]
                lower = extreme(function, (p[0] for p in parts))
                return lower, extreme(function, (p[1] for p in parts))
            case Call("abs", (arg,), _):
                lower, upper = self.of(arg, item)
                return extreme("max", (ZERO, lower, negated(upper))), extreme("max", (upper, negated(lower)))
            case IfElse(condition, then, otherwise):
                return self.choice(condition, self.of(then, item), self.of(otherwise, item))
            case Aggregate("prod", _, _):
                raise unsupported("prod over variables", item)
            case _:
                raise unsupported("a bound of this expression", item)

    def choice(self, condition: Expr, a: Interval, b: Interval) -> Interval:
        """Bounds of `a if condition else b`."""
        if is_known(condition, self.draft.model):
            return tuple(x if x == y else IfElse(condition, x, y) for x, y in zip(a, b, strict=True))  # type: ignore[return-value]
        return extreme("min", (a[0], b[0])), extreme("max", (a[1], b[1]))

    def product(self, factors: tuple[Expr, ...], item: str) -> Interval:
        known = [f for f in factors if is_known(f, self.draft.model)]
        result: Interval | None = None
        for f in factors:
            if f not in known:
                part = self.of(f, item)
                result = part if result is None else _times(result, part)
        assert result is not None
        return self.scaled(times(*known), result) if known else result

    def scaled(self, c: Expr, interval: Interval) -> Interval:
        """Bounds of c * e for a known c."""
        lower, upper = interval
        sign = sign_of(c, self.draft.model)
        if sign > 0:
            return times(c, lower), times(c, upper)
        if sign < 0:
            return times(c, upper), times(c, lower)
        ends = (times(c, lower), times(c, upper))
        return extreme("min", ends), extreme("max", ends)

    def variable(self, e: Name | Subscript) -> Interval:
        symbol = self.draft.model.symbols[e.name]
        assert isinstance(symbol, Variable)
        index = e.index if isinstance(e, Subscript) else ()
        if symbol.type == "binary":
            return ZERO, ONE
        lower = symbol.lower if symbol.lower is not None else ZERO
        return self.side(symbol, lower, index, "lower"), self.side(symbol, symbol.upper, index, "upper")

    def side(
        self, v: Variable, declared: Expr | None, index: tuple[Expr, ...], side: Literal["lower", "upper"]
    ) -> Expr:
        """One bound at the indices of a use: the declared expression, else an inferred parameter."""
        if declared is not None and not _infinite(declared):
            here = at_index(declared, v.over, index)
            if here is not None:
                return here
            return self.declared(v, declared, index, side)
        return self.inferred(v, index, side)

    def declared(self, v: Variable, bound: Expr, index: tuple[Expr, ...], side: str) -> Expr:
        """A declared bound whose coordinates the use does not name: a parameter over the variable's own keys."""
        for p in self.draft.model.parameters:
            if p.over == v.over and p.value == bound:
                return subscript(p.name, *index)
        name = self.draft.fresh(f"{v.name}_{side}")
        self.draft.declare(Parameter(name, v.over, value=bound, unit=v.unit))
        return subscript(name, *index)

    def inferred(self, v: Variable, index: tuple[Expr, ...], side: Literal["lower", "upper"]) -> Expr:
        for p in self.draft.model.parameters:
            if isinstance(p, InferredBound) and (p.variable, p.side) == (v.name, side):
                return subscript(p.name, *index) if index else Name(p.name)
        name = self.draft.fresh(f"{v.name}_{side}")
        description = f"the {side} bound of {v.name} that follows from the constraints"
        self.draft.declare(
            InferredBound(name, v.over, unit=v.unit, description=description, variable=v.name, side=side)
        )
        return subscript(name, *index) if index else Name(name)


def _times(a: Interval, b: Interval) -> Interval:
    """Bounds of a product of two intervals; short where one of them is 0..1."""
    for x, y in ((a, b), (b, a)):
        if x == (ZERO, ONE):
            return extreme("min", (ZERO, y[0])), extreme("max", (ZERO, y[1]))
    corners = [times(x, y) for x in a for y in b]
    return extreme("min", corners), extreme("max", corners)


def _power(interval: Interval, n: Fraction) -> Interval:
    """Bounds of e ** n for a whole n >= 1."""
    ends = [Binary("**", x, Number(n)) for x in interval]
    return (ends[0], ends[1]) if n % 2 else (ZERO, extreme("max", ends))


def _infinite(e: Expr) -> bool:
    return any(isinstance(x, Constant) and x.name == "inf" for x in subexpressions(e))
