"""Declarations of an instance -> identifiers, arrays and types; the root of what writes MiniZinc."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from nl2opt.emitters.mzn.arrays import Frame, Frames
from nl2opt.emitters.mzn.bases import Bases
from nl2opt.emitters.mzn.reasons import UNSUPPORTED
from nl2opt.emitters.mzn.words import RESERVED
from nl2opt.emitters.python.identifiers import Identifiers
from nl2opt.emitters.python.indices import generators
from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ir.evaluate import bindings
from nl2opt.ir.instance import Domain, Instance
from nl2opt.ir.model import NamedExpression, Nested, Parameter, Set, Variable
from nl2opt.ir.nodes import (
    ONE,
    ZERO,
    Add,
    Aggregate,
    Binary,
    Call,
    Compare,
    Constant,
    Expr,
    IfElse,
    Mul,
    Name,
    Neg,
    Number,
    Subscript,
)
from nl2opt.ir.text import print_expression
from nl2opt.passes.facts import is_formula, is_known
from nl2opt.passes.strictness import is_testable

IFF, IMPLY, OR, AND, COMPARISON, UNION, RANGE, SUM, PRODUCT, POWER, UNARY, ATOM = range(1, 13)
"""Binding strengths of MiniZinc's operators, weakest first."""


CONJUNCTION = " /\\ "
"""What joins conditions."""


@dataclass(frozen=True)
class Index:
    """What an index in scope is written as, the set it was drawn from, and its place in a row of a set of tuples."""

    text: str
    source: Expr
    table: str = ""
    counter: str = ""
    column: int = 0


Scope = Mapping[str, Index]


class Declared:
    """Knows how the declarations of one instance are held; what a model needs beside them is collected on the way."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.model = instance.model
        self.identifiers = Identifiers(RESERVED, usual=())
        indices = dict.fromkeys(t for g in generators(self.model) for t in g.targets)
        kinds = {Set: "S", Parameter: "p"}
        self.names = {
            n: self.identifiers.make(n, kinds.get(type(self.model.symbols[n]), "x")) for n in self.model.symbols
        }
        self.names |= {n: self.identifiers.make(n, "i") for n in indices if n not in self.names}
        self.bases = Bases(instance, self.identifiers, self.names)
        frames = Frames(instance, self.bases)
        self.frames: dict[str, Frame] = {}
        self.sizes: dict[str, tuple[str, int]] = {}
        self.tables: dict[str, str] = {}
        self.includes: set[str] = set()
        self.functions: set[str] = set()
        domains = {
            **{n: p.domain for n, p in instance.parameters.items()},
            **{n: v.domain for n, v in instance.variables.items()},
        }
        items: tuple[Parameter | Variable, ...] = (*self.model.parameters, *self.model.variables)
        for item in items:
            domain = domains.get(item.name) or Domain((), tuple(k for k, _ in bindings(item.over, instance)))
            frame = frames.frame(item.name, item.over, domain)
            if frame is None:
                raise self.refuse(f"the array `{item.name}`", UNSUPPORTED["a hull too large"])
            self.frames[item.name] = frame
        self.maker = frames

    def refuse(self, construct: str, reason: str, e: Expr | None = None) -> Unsupported:
        """The exception for a construct the target cannot say."""
        found = print_expression(e) if e is not None else ""
        return Unsupported(Diagnostic("E601", f"cannot write {construct}", found=found, expected=reason))

    # entry points ---------------------------------------------------------------------------------------------------

    def write(self, e: Expr, scope: Scope, level: int = 0) -> str:
        """Node -> source, in parentheses where its outermost operator binds weaker than ``level``."""
        text, own = self.spell(e, scope)
        return f"({text})" if own < level else text

    def condition(self, e: Expr, scope: Scope, level: int = 0) -> str:
        """A condition -> source of a Boolean; a known number is one by being nonzero."""
        if self.is_boolean(e):
            return self.element(e, scope) if isinstance(e, Subscript) else self.write(e, scope, level)
        return self.write(Compare("!=", e, Number(Fraction(0))), scope, level)

    def is_boolean(self, e: Expr) -> bool:
        """True where ``e`` is written as a Boolean."""
        match e:
            case Name(name) | Subscript(name, _):
                declared = self.model.symbols.get(name)
                if isinstance(declared, NamedExpression):
                    return self.is_boolean(declared.expr)
                return isinstance(declared, Parameter | Variable) and declared.type == "binary" and not declared.within
            case IfElse(_, then, otherwise):
                return self.is_boolean(then) and self.is_boolean(otherwise)
            case _:
                return is_formula(e, self.model)

    def is_whole(self, e: Expr) -> bool:
        """True where ``e`` is written as an integer (or a Boolean)."""
        match e:
            case Number(value):
                return value.denominator == 1
            case Constant() | Binary("/", _, _):
                return False
            case Name(name) | Subscript(name, _):
                return self.is_whole_array(name)
            case Neg(arg):
                return self.is_whole(arg)
            case Add(parts) | Mul(parts):
                return all(map(self.is_whole, parts))
            case Binary("**", left, Number(power)):
                return self.is_whole(left) and power >= 0 and power.denominator == 1
            case Binary("**", left, right):
                return self.is_whole(left) and self.is_whole(right) and is_known(right, self.model)
            case Binary(_, left, right):
                return self.is_whole(left) and self.is_whole(right)
            case Aggregate("sum" | "prod" | "min" | "max", body, _):
                return self.is_whole(body)
            case Call("abs" | "min" | "max" | "sum" | "prod", args, _):
                return all(map(self.is_whole, args))
            case Call("floor" | "ceil" | "len" | "position" | "first" | "last" | "prev" | "next", _, _):
                return True
            case Call("round", args, _):
                return len(args) == 1
            case IfElse(_, then, otherwise):
                return self.is_whole(then) and self.is_whole(otherwise)
            case _:
                return is_formula(e, self.model)

    def is_whole_array(self, name: str) -> bool:
        """True where a declaration, or an index, holds integers or Booleans (or labels)."""
        declared = self.model.symbols.get(name)
        match declared:
            case None | Set():
                return True
            case Variable() | Parameter() if declared.within is not None or declared.type in ("integer", "binary"):
                return True
            case Variable():
                return False
            case Parameter() if name not in self.instance.parameters:
                return not isinstance(declared.value, Nested) and self.is_whole(declared.value or ZERO)
            case Parameter():
                held = self.instance.parameters[name]
                whole = held.elements is not None or all(v.denominator == 1 for v in held.exact)
                return whole and not self.is_continuous
            case NamedExpression(expr=expr):
                return self.is_whole(expr)

    @property
    def is_continuous(self) -> bool:
        """True where the model has real variables, so that declared reals stay floats."""
        return any(v.type == "real" and v.within is None for v in self.model.variables)

    def is_testable_condition(self, e: Expr) -> bool:
        """True where no comparison in ``e`` is over continuous variables."""
        return not self.is_continuous or is_testable(Compare("==", e, ONE), self.model)

    def number(self, value: Fraction) -> tuple[str, int]:
        """Exact number -> its literal; a fraction without a short decimal is a quotient."""
        if value.denominator == 1:
            return str(value.numerator), ATOM if value >= 0 else UNARY
        if Fraction(repr(float(value))) == value:
            return decimal(float(value)), ATOM if value >= 0 else UNARY
        return f"{value.numerator} / {value.denominator}", PRODUCT

    def element(self, e: Subscript, scope: Scope) -> str:
        """A binary element that stands as a condition, false where it is undefined."""
        return self.write(e, scope)

    def spell(self, e: Expr, scope: Scope) -> tuple[str, int]:
        """Node -> (source, binding strength of its outermost operator); a subclass knows how."""
        raise self.refuse("this expression", UNSUPPORTED["an element that is a tuple"], e)


def decimal(value: float) -> str:
    """A float as MiniZinc reads it: digits before and after the point."""
    text = repr(value)
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{int(exponent)}"
    return text
