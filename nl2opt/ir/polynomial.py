"""Expression -> polynomial over opaque atoms: the normal form that decides whether two expressions are the same."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from nl2opt.ir.nodes import Add, Binary, Boolean, Expr, Mul, Neg, Number, add, mul
from nl2opt.ir.text import print_expression

Monomial = tuple[Expr, ...]
Polynomial = Mapping[Monomial, Fraction]
"""Product of atoms (sorted by their text, repeated for powers) -> coefficient; () is the constant term."""

_MOST_TERMS = 500
_MOST_POWER = 6


def polynomial(e: Expr) -> dict[Monomial, Fraction]:
    """Node -> its polynomial; whatever is no sum, product, small power or quotient by a number is one atom."""
    match e:
        case Number(value):
            return {(): value} if value else {}
        case Boolean(value):
            return {(): Fraction(1)} if value else {}
        case Neg(arg):
            return scaled(polynomial(arg), Fraction(-1))
        case Add(terms):
            total: dict[Monomial, Fraction] = {}
            for t in terms:
                total = plus(total, polynomial(t))
            return total
        case Mul(factors):
            product: dict[Monomial, Fraction] = {(): Fraction(1)}
            for f in factors:
                factor = polynomial(f)
                if len(product) * len(factor) > _MOST_TERMS:
                    return {(e,): Fraction(1)}
                product = times(product, factor)
            return product
        case Binary("/", left, Number(value)) if value:
            return scaled(polynomial(left), 1 / value)
        case Binary("/", left, right):
            inverse = Binary("/", Number(Fraction(1)), right)
            return times(polynomial(left), {(inverse,): Fraction(1)})
        case Binary("**", left, Number(value)) if value.denominator == 1 and 1 <= value <= _MOST_POWER:
            base = polynomial(left)
            if len(base) ** int(value) > _MOST_TERMS:
                return {(e,): Fraction(1)}
            product = {(): Fraction(1)}
            for _ in range(int(value)):
                product = times(product, base)
            return product
        case _:
            return {(e,): Fraction(1)}


def plus(a: Polynomial, b: Polynomial) -> dict[Monomial, Fraction]:
    """Sum."""
    total = dict(a)
    for monomial, c in b.items():
        total[monomial] = total.get(monomial, Fraction(0)) + c
        if not total[monomial]:
            del total[monomial]
    return total


def scaled(a: Polynomial, factor: Fraction) -> dict[Monomial, Fraction]:
    """Multiple by a number."""
    return {m: c * factor for m, c in a.items()} if factor else {}


def times(a: Polynomial, b: Polynomial) -> dict[Monomial, Fraction]:
    """Product."""
    total: dict[Monomial, Fraction] = {}
    for m, c in a.items():
        total = plus(total, {tuple(sorted((*m, *n), key=print_expression)): c * d for n, d in b.items()})
    return total


def constant(a: Polynomial) -> Fraction | None:
    """The number a polynomial is; None where atoms are left."""
    if not a:
        return Fraction(0)
    return a[()] if set(a) == {()} else None


def difference(a: Expr, b: Expr) -> Fraction | None:
    """a - b where it is a number whatever the atoms are, else None."""
    return constant(plus(polynomial(a), scaled(polynomial(b), Fraction(-1))))


def expression(a: Polynomial) -> Expr:
    """Polynomial -> an expression of that value."""
    terms: list[Expr] = []
    for monomial, c in a.items():
        factors = monomial if c in (1, -1) and monomial else (Number(abs(c)), *monomial)
        terms.append(Neg(mul(*factors)) if c < 0 and monomial else mul(*factors) if c > 0 else Number(c))
    return add(*terms)
