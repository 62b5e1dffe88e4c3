"""Terms of one instance -> the same terms over the columns of another, and ground terms -> expressions to be solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from nl2opt.check.judge.terms import Atom, Condition, Form, NotCanonical, Number, Terms
from nl2opt.ir.instance import Instance, Key
from nl2opt.ir.model import Element
from nl2opt.ir.nodes import (
    Binary,
    Boolean,
    Call,
    Compare,
    Expr,
    Label,
    ListLiteral,
    Name,
    Not,
    Subscript,
    Tuple,
    add,
    conjunction,
    disjunction,
    mul,
)
from nl2opt.ir.nodes import Number as Literal

Image = Number | Sequence[Condition]
"""What a column is in another instance: a number, or for a column of elements the condition of each element."""


class Missing(Exception):
    """A column has no image."""

    def __init__(self, column: Atom) -> None:
        self.column = column
        super().__init__(f"{column.args[0]}{list(column.args[1]) or ''}")


class Translation:
    """Terms over the columns in ``images`` -> terms of ``target``."""

    def __init__(self, target: Terms, images: Mapping[Atom, Image]) -> None:
        self.target = target
        self.images = images
        self._known: dict[Atom, Any] = {}

    def number(self, n: Number) -> Number:
        """A number over the images. Raises Missing."""
        if not isinstance(n, Form):
            return n
        t = self.target
        return t.add(n.const, *(t.scale(t.number(self.atom(a)), c) for a, c in n.terms.items()))

    def condition(self, c: Condition) -> Condition:
        """A condition over the images. Raises Missing."""
        return c if isinstance(c, bool) else self.target.truth(self.atom(c))

    def atom(self, a: Atom) -> Any:
        """An atom over the images: a number or a condition."""
        if a.op != "column" and a in self.images:
            return self.images[a]
        known = self._known.get(a)
        if known is None:
            known = self._known[a] = self._made(a)
        return known

    def _made(self, a: Atom) -> Any:
        t = self.target
        match a.op:
            case "column":
                if a not in self.images:
                    raise Missing(a)
                return self.images[a]
            case "is":
                column, k = a.args
                if column not in self.images:
                    raise Missing(column)
                image = self.images[column]
                if not isinstance(image, Sequence):
                    return t.is_zero(t.minus(image, k))
                return image[k]
            case "le" | "lt":
                return t.at_most_zero(self.number(a.args[0]), strict=a.op == "lt")
            case "and" | "or":
                parts = [self.condition(x) for x in a.args]
                return t.every(parts) if a.op == "and" else t.some(parts)
            case "not":
                return t.negation(self.condition(a.args[0]))
            case "product":
                product: Number = 1
                for x in a.args:
                    product = t.times(product, t.number(self.atom(x)))
                return product
            case "max":
                return t.maximum([self.number(x) for x in a.args])
            case _:
                args = tuple(self._argument(x) for x in a.args)
                return t.atom(
                    a.op, args, a.low, a.high, whole=a.whole, condition=a.condition, commutative=a.commutative
                )

    def _argument(self, x: object) -> object:
        if isinstance(x, Form):
            return self.number(x)
        return self.atom(x) if isinstance(x, Atom) else x


class Saying:
    """Ground terms of an instance -> expressions over its variables at constant keys; ``made``: out of digits."""

    def __init__(self, instance: Instance, made: Mapping[Atom, Sequence[Atom]] = MappingProxyType({})) -> None:
        self.instance = instance
        self.made = made

    def number(self, n: object) -> Expr:
        """A number -> an expression. Raises NotCanonical for what only stands inside a global constraint."""
        if isinstance(n, Form):
            terms = [mul(Literal(Fraction(c)), self.atom(a)) if c != 1 else self.atom(a) for a, c in n.terms.items()]
            return add(*terms, *([Literal(Fraction(n.const))] if n.const or not terms else []))
        if isinstance(n, Atom):
            return self.atom(n)
        if isinstance(n, int | Fraction):
            return Literal(Fraction(n))
        raise NotCanonical(f"{n!r} as a number")

    def condition(self, c: Condition) -> Expr:
        """A condition -> an expression."""
        return Boolean(c) if isinstance(c, bool) else self.atom(c)

    def atom(self, a: Atom) -> Expr:
        """An atom -> an expression."""
        match a.op:
            case "column" if a in self.made:
                return add(*(mul(Literal(Fraction(2**d)), self.atom(b)) for d, b in enumerate(self.made[a])))
            case "column":
                return _subscript(a.args[0], a.args[1])
            case "is":
                column, k = a.args
                name, key, _ = column.args
                family = self.instance.variables[name]
                assert family.within is not None
                element = family.within[family.domain.position[key]].elements[k]
                return Compare("==", _subscript(name, key), _literal(element))
            case "le" | "lt":
                return Compare("<=" if a.op == "le" else "<", self.number(a.args[0]), Literal(Fraction(0)))
            case "and":
                return conjunction(*(self.atom(x) for x in a.args))
            case "or":
                return disjunction(*(self.atom(x) for x in a.args))
            case "not":
                return Not(self.atom(a.args[0]))
            case "product":
                return mul(*(self.atom(x) for x in a.args))
            case "/" | "//" | "%":
                return Binary(a.op, self.number(a.args[0]), self.number(a.args[1]))
            case "max" | "exp" | "sin" | "cos" | "sqrt" | "log" | "all_different":
                return Call(a.op, tuple(self.number(x) for x in a.args))
            case "piecewise":
                x, *flat = a.args
                points = [Tuple((self.number(p), self.number(q))) for p, q in zip(flat[::2], flat[1::2], strict=True)]
                return Call("piecewise", (self.number(x), ListLiteral(tuple(points))))
            case "no_overlap" | "no_overlap_2d" | "cumulative":
                bag, *rest = a.args
                rows = tuple(Tuple(tuple(self.number(y) for y in row.args)) for row in bag.args)
                return Call(a.op, (ListLiteral(rows), *(self.number(x) for x in rest)))
            case _:
                raise NotCanonical(f"a {a.op} apart from its model")


def _subscript(name: str, key: Key) -> Expr:
    return Subscript(name, tuple(_literal(k) for k in key)) if key else Name(name)


def _literal(element: Element) -> Expr:
    if isinstance(element, tuple):
        return Tuple(tuple(_literal(c) for c in element))
    return Label(element) if isinstance(element, str) else Literal(Fraction(element))
