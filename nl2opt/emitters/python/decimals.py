"""Expressions with decimals -> whole-number expressions times a scale, for solvers that know integers only.

Theorem: multiplying both sides of a comparison, or an objective, by a positive number keeps its solutions. With `scale`
a common multiple of the denominators of all coefficients, every coefficient times `scale` is whole. Exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nl2opt.emitters.python.known import ATOM, IF, NOT, OR, PRODUCT, SUM, UNARY, Scope
from nl2opt.emitters.python.reasons import UNSUPPORTED
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model, Over
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Constant,
    Expr,
    IfElse,
    Implies,
    Mul,
    Name,
    Neg,
    Number,
    Or,
    Subscript,
    add,
    mul,
    negative,
)
from nl2opt.ir.walk import children, map_children, subexpressions
from nl2opt.passes.facts import is_known
from nl2opt.passes.rewrite import negation

if TYPE_CHECKING:
    from nl2opt.emitters.python.positions import PositionWriter


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a part of an expression stands: under generators, and known conditions outside all of them, without which
    it is never looked at."""

    over: Over = ()
    known: tuple[Expr, ...] = ()

    def under(self, generators: Over) -> Reach:
        """Deeper, under more generators."""
        return replace(self, over=(*self.over, *generators))

    def given(self, *conditions: Expr) -> Reach:
        """Where known conditions hold as well."""
        if not self.over:
            return replace(self, known=(*self.known, *conditions))
        last = self.over[-1]
        return replace(self, over=(*self.over[:-1], replace(last, conditions=(*last.conditions, *conditions))))


Coefficient = tuple[Reach, Expr]
"""A known factor of a term, and where it stands."""


def fractional_parameters(instance: Instance) -> frozenset[str]:
    """Instance -> the parameters that hold a number which is not whole, given or computed."""
    found: set[str] = set()
    for name, held in instance.parameters.items():
        if held.elements is None and any(v.denominator != 1 for v in held.exact):
            found.add(name)
    return frozenset(found)


class Decimals:
    """Knows which expressions of a model may be fractional, and how to write them times a scale."""

    def __init__(self, writer: PositionWriter, fractional: frozenset[str]) -> None:
        self.writer = writer
        self.model: Model = writer.model
        self.fractional = fractional

    def is_fractional(self, e: Expr) -> bool:
        """True where the value of ``e`` need not be whole."""
        match e:
            case Number(value):
                return value.denominator != 1
            case Constant():
                return True
            case Binary("/", _, _):
                return True
            case Binary("//", _, _):
                return False
            case Call("floor" | "ceil" | "len" | "position", _, _):
                return False
            case Call("round", args, _):
                return len(args) > 1
            case Call("sqrt" | "exp" | "log" | "sin" | "cos", _, _):
                return True
            case Name(name) | Subscript(name, _):
                return name in self.fractional
            case Compare():
                return False
            case Aggregate("sum" | "prod" | "min" | "max", body, _):
                return self.is_fractional(body)
            case IfElse(_, then, otherwise):
                return self.is_fractional(then) or self.is_fractional(otherwise)
            case Add() | Mul() | Neg() | Binary() | Call():
                return any(self.is_fractional(c) for c in children(e))
            case _:
                return False

    def spread(self, e: Expr) -> Expr:
        """Decided expression -> the same with fractional coefficients multiplied into the terms they stand before."""
        return self._times(None, e)

    def _times(self, k: Expr | None, e: Expr) -> Expr:
        """k * e, k known; a fractional k never stands before a fractional e."""
        plain = e if k is None else mul(k, e)
        if is_known(e, self.model) or not self.is_fractional(e):
            return plain
        match e:
            case Neg(arg):
                return negative(self._times(k, arg))
            case Add(terms):
                return add(*(self._times(k, t) for t in terms))
            case Aggregate("sum", body, generators):
                return Aggregate("sum", self._times(k, body), generators)
            case IfElse(condition, then, otherwise):
                return IfElse(condition, self._times(k, then), self._times(k, otherwise))
            case Mul(factors):
                known = [f for f in factors if is_known(f, self.model)]
                decided = [f for f in factors if not is_known(f, self.model)]
                uneven = [f for f in decided if self.is_fractional(f)]
                coefficient = mul(*([k] if k is not None else []), *known) if known or k is not None else None
                if not uneven:
                    return plain if coefficient is None else mul(coefficient, *decided)
                if len(decided) == 1:
                    return self._times(coefficient, decided[0])
                raise self.writer.refuse("a product of decimals", UNSUPPORTED["decimals"], e)
            case Binary("/", left, right) if is_known(right, self.model):
                inverse: Expr = Binary("/", k if k is not None else Number(1), right)  # type: ignore[arg-type]
                return self._times(inverse, left)
            case Call("min" | "max" | "abs") | Aggregate("min" | "max") | Subscript():
                if k is not None and self.is_fractional(k):
                    raise self.writer.refuse("a product of decimals", UNSUPPORTED["decimals"], e)
                if isinstance(e, Subscript):
                    return plain
                inner = map_children(e, lambda x: x if is_known(x, self.model) else self._times(None, x))
                return inner if k is None else mul(k, inner)
            case _:
                raise self.writer.refuse("decimals here", UNSUPPORTED["decimals"], e)

    def coefficients(self, e: Expr, at: Reach) -> Iterator[Coefficient]:
        """Spread expression -> every known factor that may be fractional."""
        if is_known(e, self.model):
            if self.is_fractional(e):
                yield at, e
            return
        match e:
            case Subscript() if self.is_fractional(e):
                yield at, e
            case Mul(factors):
                known = [f for f in factors if is_known(f, self.model)]
                decided = [f for f in factors if not is_known(f, self.model)]
                if known and self.is_fractional(mul(*known)):
                    yield at, mul(*known)
                for f in decided:
                    yield from self.coefficients(f, at)
            case Aggregate(_, body, generators):
                yield from self.coefficients(body, at.under(generators))
            case IfElse(condition, then, otherwise) if is_known(condition, self.model):
                yield from self.coefficients(then, at.given(condition))
                yield from self.coefficients(otherwise, at.given(negation(condition)))
            case Implies(condition, consequence):
                yield from self.coefficients(Or((negation(condition), consequence)), at)
            case And(args) | Or(args):
                told = [a if isinstance(e, And) else negation(a) for a in args if is_known(a, self.model)]
                for part in args:
                    if not is_known(part, self.model):
                        yield from self.coefficients(part, at.given(*told) if told else at)
            case _:
                for part in children(e):
                    yield from self.coefficients(part, at)

    def scale(self, coefficients: list[Coefficient], scope: Scope) -> str:
        """Coefficients -> source of the least common multiple of their denominators."""
        w = self.writer
        parts: dict[str, None] = {}
        for at, k in coefficients:
            if any(isinstance(n, Constant | Call) and self._is_irrational(n) for n in subexpressions(k)):
                raise w.refuse("an irrational number", UNSUPPORTED["irrational number"], k)
            if isinstance(k, Subscript) and not is_known(k, self.model):
                parts[f"*(value.denominator for value in {w.names[k.name]}.values())"] = None
                continue
            clauses, inner = w.clauses(at.over, scope)
            text = f"{w.write(k, inner, UNARY + 2)}.denominator"
            test = " and ".join(w.write(c, scope, NOT) for c in at.known)
            if at.over:
                parts[f"*(({text} {clauses}) if {test} else ())" if test else f"*({text} {clauses})"] = None
            else:
                parts[f"{text} if {test} else 1" if test else text] = None
        w.imports.add("math")
        return f"math.lcm({', '.join(parts)})"

    @staticmethod
    def _is_irrational(e: Expr) -> bool:
        return isinstance(e, Constant) or (isinstance(e, Call) and e.function in ("sqrt", "exp", "log", "sin", "cos"))

    def write(self, e: Expr, scope: Scope, level: int = 0) -> str:
        """Spread expression -> source of `scale` times it, a whole-number expression."""
        text, own = self._spell(e, scope)
        return f"({text})" if own < level else text

    def _spell(self, e: Expr, scope: Scope) -> tuple[str, int]:
        w = self.writer
        if is_known(e, self.model):
            return self._scaled(e, scope)
        if not self.is_fractional(e):
            return f"scale * {w.write(e, scope, UNARY)}", PRODUCT
        match e:
            case Neg(arg):
                return f"-{self.write(arg, scope, UNARY)}", UNARY
            case Add(terms):
                signed = [(isinstance(t, Neg), t.arg if isinstance(t, Neg) else t) for t in terms]
                return w.sum_of(signed, lambda t, level: self.write(t, scope, level)), SUM
            case Mul(factors):
                known = [f for f in factors if is_known(f, self.model)]
                decided = [f for f in factors if not is_known(f, self.model)]
                if any(self.is_fractional(f) for f in decided):
                    return f"{w.write(mul(*known), scope, PRODUCT)} * {self.write(decided[0], scope, UNARY)}", PRODUCT
                return f"{self._scaled(mul(*known), scope)[0]} * {w.write(mul(*decided), scope, UNARY)}", PRODUCT
            case IfElse(condition, then, otherwise):
                if not is_known(condition, self.model):
                    return w.choice(e, self.write(then, scope, UNARY), self.write(otherwise, scope, UNARY), scope)
                test = w.write(condition, scope, OR)
                return f"{self.write(then, scope, OR)} if {test} else {self.write(otherwise, scope, IF)}", IF
            case Subscript():
                return w.picked(e, scope, scaled=True)
            case Aggregate(function, body, generators):
                clauses, inner = w.clauses(generators, scope)
                return w.reduced(function, f"[{self.write(body, inner, IF)} {clauses}]"), ATOM
            case Call("min" | "max", args, _):
                return w.reduced(e.function, f"[{', '.join(self.write(a, scope, IF) for a in args)}]"), ATOM
            case Call("abs", (arg,), _):
                return w.magnitude(self.write(arg, scope)), ATOM
            case _:
                raise w.refuse("decimals here", UNSUPPORTED["decimals"], e)

    def _scaled(self, e: Expr, scope: Scope) -> tuple[str, int]:
        """Known number -> source of `scale` times it, whole."""
        w = self.writer
        if e == Number(0):  # type: ignore[arg-type]
            return "0", ATOM
        text = f"scale * {w.write(e, scope, UNARY)}"
        return (f"int({text})", ATOM) if self.is_fractional(e) else (text, PRODUCT)
