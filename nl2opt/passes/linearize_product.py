"""A product of a binary and a bounded expression -> a variable between four lines.

Theorem (McCormick): for y in {0, 1} and l <= e <= u, p = y * e exactly where l*y <= p <= u*y and
e - u*(1 - y) <= p <= e - l*(1 - y). Sums of binaries are multiplied out first. Exact; where only a larger (smaller)
value of the product can hurt, the lower (upper) two lines are enough. Of two variables that are not binary, a whole one
with declared bounds is written in binary digits first (`bits`); of two continuous ones a product is unsupported.
Source: McCormick, Computability of global solutions to factorable nonconvex programs, Math. Programming 10 (1976).

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(linearize_product, '''
... variables: {x: {type: real, upper: 9}, y: {type: binary}, z: {type: binary}}
... constraints: [{name: flow, expr: "y * x >= 4 * y * z"}]
... '''))
x real <= 9
y binary
z binary
flow_product real <= 9
flow_both binary
flow: flow_product >= 4 * flow_both
flow_product_off: flow_product <= 9 * y
flow_product_value: flow_product <= x
flow_both_least: flow_both >= z + y - 1
"""

from __future__ import annotations

from dataclasses import replace

from nl2opt.ir.model import Model, NumberType, Over
from nl2opt.ir.nodes import (
    ONE,
    ZERO,
    Add,
    Aggregate,
    Binary,
    Compare,
    CompareOp,
    Expr,
    IfElse,
    Implies,
    Mul,
    Name,
    Neg,
    Number,
    Subscript,
    add,
    mul,
)
from nl2opt.ir.text import print_expression
from nl2opt.ir.walk import bound_names
from nl2opt.passes.arithmetic import extreme, minus, negated, plus, times
from nl2opt.passes.bits import Expansion, expansion
from nl2opt.passes.bounds import Bounds
from nl2opt.passes.facts import is_integral, is_known, is_literal, sign_of
from nl2opt.passes.literals import as_number
from nl2opt.passes.rewrite import Context, Draft, Undo, descend, mentioned, renamed, unchanged
from nl2opt.passes.unsupported import unsupported


def linearize_product(model: Model) -> tuple[Model, Undo]:
    """Model -> the model whose products have one factor with variables at most."""
    products = _Products(model)
    return products.draft.rewrite(products.visit), unchanged


class _Products:
    """One model on its way; a product met twice under the same bindings is one variable."""

    def __init__(self, model: Model) -> None:
        self.draft = Draft(model)
        self.bounds = Bounds(self.draft)
        self.made: dict[tuple[Expr, Over, int], Expr] = {}
        self.digits: dict[tuple[Expr, Over], Expansion] = {}

    def visit(self, e: Expr, at: Context) -> Expr:
        model = self.draft.model
        match e:
            case Implies(guard, body):
                return Implies(guard, self.visit(body, at))
            case _ if is_known(e, model) or is_literal(e, model):
                return e
            case Mul(factors):
                return self.product(factors, at)
            case Binary("/", _, right) if not is_known(right, model):
                raise unsupported("a division by a variable", at.item, fix="multiply both sides by the divisor")
            case Binary("**" | "//" | "%"):
                raise unsupported("a power or remainder of a variable", at.item, e.op)
            case Aggregate("prod", _, _):
                raise unsupported("prod over variables", at.item)
            case _:
                return descend(e, at, self.visit, model)

    def product(self, factors: tuple[Expr, ...], at: Context) -> Expr:
        """Known factors times at most one variable factor, the others folded into new variables."""
        model = self.draft.model
        known = [f for f in factors if is_known(f, model)]
        varying = [f for f in factors if not is_known(f, model)]
        if len(varying) <= 1:
            return descend(mul(*factors), at, self.visit, model)
        for n, f in enumerate(varying):
            rest = [*known, *varying[:n], *varying[n + 1 :]]
            if (spread := self.spread(f, rest, at)) is not None:
                return self.visit(spread, at)
        literals = [f for f in varying if is_literal(f, model)]
        if len(literals) < len(varying) - 1:
            return self.visit(self.expanded(known, varying, at), at)
        sign = _sign(known, at, model)
        bounded = [f for f in varying if f not in literals]
        result, others = (
            (self.visit(bounded[0], replace(at, sign=0)), literals) if bounded else (literals[0], literals[1:])
        )
        for y in others:
            result = self.pair(y, result, replace(at, sign=sign))
        return times(*known, result)

    def expanded(self, known: list[Expr], varying: list[Expr], at: Context) -> Expr:
        """A product of which two factors are no binaries -> with the digits of one of them, a whole and bounded one."""
        model = self.draft.model
        whole = [f for f in varying if not is_literal(f, model) and is_integral(f, model, at.over)]
        for f in sorted(whole, key=lambda f: not isinstance(f, Name | Subscript)):
            rest = list(varying)
            rest.remove(f)
            key = (f, at.defining(f))
            if key not in self.digits:
                digits = expansion(self.draft, self.bounds, self.visit(f, replace(at, sign=0)), at)
                if digits is None:
                    continue
                self.digits[key] = digits
            return self.digits[key].times(mul(*known, *rest), at.over)
        shown = print_expression(mul(*known, *varying))
        fix = "give a whole factor `lower` and `upper`, or solve with CP-SAT or SCIP (scip_nlp)"
        raise unsupported("a product of two variables", at.item, shown, fix)

    def spread(self, f: Expr, rest: list[Expr], at: Context) -> Expr | None:
        """A sum as a factor, multiplied out where that leaves binaries."""
        model = self.draft.model
        match f:
            case Add(terms) if all(self.is_binary_sum(t) for t in terms):
                return add(*(times(t, *rest) for t in terms))
            case Aggregate("sum", body, generators) if self.is_binary_sum(body):
                taken = bound_names(at.over) | {n for r in rest for n in mentioned(r)}
                generators, (body,) = renamed(generators, (body,), taken)
                return Aggregate("sum", mul(body, *rest), generators)
            case Neg(arg) if self.is_binary_sum(arg):
                return negated(times(arg, *rest))
            case IfElse(condition, then, otherwise) if is_known(condition, model) and not is_literal(f, model):
                return IfElse(condition, times(then, *rest), times(otherwise, *rest))
            case _:
                return None

    def is_binary_sum(self, e: Expr) -> bool:
        """True for sums of known multiples of binaries."""
        model = self.draft.model
        match e:
            case Add(terms):
                return all(self.is_binary_sum(t) for t in terms)
            case Mul(factors):
                varying = [f for f in factors if not is_known(f, model)]
                return all(self.is_binary_sum(f) for f in varying)
            case Aggregate("sum", body, _):
                return self.is_binary_sum(body)
            case Neg(arg):
                return self.is_binary_sum(arg)
            case IfElse(condition, then, otherwise) if is_known(condition, model):
                return self.is_binary_sum(then) and self.is_binary_sum(otherwise)
            case _:
                return is_literal(e, model) or is_known(e, model)

    def pair(self, y: Expr, e: Expr, at: Context) -> Expr:
        """y * e for a literal y -> the variable that equals it, on the sides the sign asks for."""
        if y == e:
            return as_number(y)
        over = at.family(mul(y, e))
        key = (mul(y, e), at.defining(mul(y, e)), at.sign)
        if key not in self.made:
            both = is_literal(e, self.draft.model)
            self.made[key] = self.both(y, e, over, at) if both else self.gated(y, e, over, at)
        return self.made[key]

    def both(self, y: Expr, z: Expr, over: Over, at: Context) -> Expr:
        """The product of two literals."""
        p = self.draft.variable(f"{at.item}_both", over, "binary")
        name, scope = self.draft.variables[-1].name, at.defining(mul(y, z))
        if at.sign <= 0:
            self.draft.require(f"{name}_first", scope, Compare("<=", p, as_number(y)))
            self.draft.require(f"{name}_second", scope, Compare("<=", p, as_number(z)))
        if at.sign >= 0:
            self.draft.require(
                f"{name}_least", scope, Compare(">=", p, plus(as_number(y), as_number(z), Number(-ONE.value)))
            )
        return p

    def gated(self, y: Expr, e: Expr, over: Over, at: Context) -> Expr:
        """A literal times a bounded expression. A positive sign needs the lines below p, a negative those above."""
        lower, upper = self.bounds.of(e, at.item)
        gate, shut = as_number(y), minus(ONE, as_number(y))
        kind: NumberType = "integer" if is_integral(e, self.draft.model, at.over) else "real"
        p = self.draft.variable(f"{at.item}_product", over, kind, None if lower == ZERO else _either(lower, "min"),
                                _either(upper, "max"))  # fmt: skip
        name, scope = self.draft.variables[-1].name, at.defining(mul(y, e))

        def line(suffix: str, op: CompareOp, right: Expr) -> None:
            self.draft.require(f"{name}_{suffix}", scope, Compare(op, p, right))

        if at.sign <= 0:
            line("off", "<=", times(upper, gate))
            line("value", "<=", minus(e, times(lower, shut)))
        if at.sign >= 0:
            if lower != ZERO:
                line("least", ">=", times(lower, gate))
            line("full", ">=", minus(e, times(upper, shut)))
        return p


def _either(bound: Expr, function: str) -> Expr:
    """A bound of e -> the bound of e or 0."""
    return extreme("min" if function == "min" else "max", (ZERO, bound))


def _sign(known: list[Expr], at: Context, model: Model) -> int:
    sign = at.sign
    for k in known:
        sign *= sign_of(k, model)
    return sign
