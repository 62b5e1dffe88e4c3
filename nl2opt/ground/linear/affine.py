"""Affine expressions under a frame -> terms (coefficients and columns over axes) and a constant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ground.linear.axes import Array, Axis, Frame
from nl2opt.ground.linear.binding import bind, keep
from nl2opt.ground.linear.constants import Constants
from nl2opt.ground.linear.families import Family, Place
from nl2opt.ground.linear.functions import multiply
from nl2opt.ground.linear.reduction import reduce, scatter
from nl2opt.ir.model import Variable
from nl2opt.ir.nodes import Add, Aggregate, Binary, Call, Expr, IfElse, Mul, Name, Neg, Not, Subscript
from nl2opt.ir.text import print_expression
from nl2opt.passes.facts import is_known

UNSUPPORTED: dict[str, str] = {
    "product of variables": "a row of a linear program has one variable a term",
    "division by a variable": "a row of a linear program has constant coefficients",
    "power of a variable": "quadratic and higher terms are not handed to HiGHS",
    "function of a variable": "not affine; abs, min, max, conditions are rewritten before",
}
"""Construct -> why a row cannot hold it."""


@dataclass(frozen=True)
class Term:
    """Coefficients times columns over the axes of a frame; one entry for each binding of the frame.

    The columns of ``variable`` begin at ``first``; ``place`` is where the reference lies in its family.
    """

    frame: Frame
    coefficient: Array
    variable: str
    first: int
    place: Place

    @cached_property
    def column(self) -> Array:
        """The columns over the axes they depend on."""
        positions = self.place.positions
        return Array(positions.data + self.first, positions.dims)

    @property
    def settled(self) -> frozenset[Axis]:
        """Generator axes whose positions differ wherever the columns of one row do not."""
        return self.place.axes

    @property
    def product(self) -> tuple[Axis, ...] | None:
        """Axes that run through the columns of the variable once, in their order; None where that is not known."""
        return self.place.product

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.frame.size


@dataclass(frozen=True)
class Affine:
    """Terms, each in a frame inside the outer one, and a constant over the outer one."""

    terms: list[Term]
    constant: Array


class Variables:
    """The variable families of a model and where their columns begin."""

    def __init__(self, constants: Constants) -> None:
        self.constants = constants
        self.families: dict[str, Family] = {}
        self.first: dict[str, int] = {}
        self.count = 0
        for v in constants.model.variables:
            family, _ = constants.domain(v)
            self.families[v.name] = family
            self.first[v.name] = self.count
            self.count += family.size


def affine(e: Expr, frame: Frame, variables: Variables) -> Affine:
    """Expression -> its affine form under a frame. Raises Unsupported where it is not affine."""
    k = variables.constants
    if frame.empty:
        return Affine([], Array(np.zeros(())))
    match e:
        case _ if is_known(e, k.model):
            return Affine([], k.number(e, frame))
        case Name() | Subscript():
            return Affine([_reference(e, frame, variables)], Array(np.zeros(())))
        case Neg(arg):
            return scaled(affine(arg, frame, variables), MINUS, frame)
        case Add(terms):
            return _sum([affine(t, frame, variables) for t in terms], frame)
        case Mul(factors):
            varying = [f for f in factors if not is_known(f, k.model)]
            if len(varying) != 1:
                raise refused("product of variables", e)
            inner = affine(varying[0], frame, variables)
            known = tuple(f for f in factors if f is not varying[0])
            return scaled(inner, k.folded(known, frame, multiply), frame) if known else inner
        case Binary("/", left, right) if is_known(right, k.model):
            inner = affine(left, frame, variables)
            divisor = k.number(right, frame)
            if (divisor.data == 0).any():
                raise k.failure("V103", "division by zero", e, frame, Array(divisor.data == 0, divisor.dims))
            return scaled(inner, Array(1 / divisor.data, divisor.dims), frame)
        case Binary(op, _, _):
            raise refused("power of a variable" if op == "**" else "division by a variable", e)
        case Aggregate("sum", body, generators):
            inside = bind(k, frame, generators)
            found = affine(body, inside, variables)
            if is_zero(found.constant):
                return found
            return Affine(found.terms, reduce("sum", inside.pull(found.constant), inside, frame))
        case IfElse(condition, then, otherwise) if is_known(condition, k.model):
            return _choice(condition, then, otherwise, frame, variables)
        case Not(arg):
            inner = affine(arg, frame, variables)
            return _sum([Affine([], Array(np.array(1.0))), scaled(inner, MINUS, frame)], frame)
        case Call("sum", args, _):
            return _sum([affine(a, frame, variables) for a in args], frame)
        case _:
            raise refused("function of a variable", e)


_ONE = Array(np.ones(()))
MINUS = Array(np.array(-1.0))


def refused(construct: str, e: Expr) -> Unsupported:
    """A row of the table -> the exception."""
    return Unsupported(Diagnostic("E603", f"no linear row for a {construct}", found=print_expression(e),
                                  expected=UNSUPPORTED[construct]))  # fmt: skip


def _reference(e: Name | Subscript, frame: Frame, variables: Variables) -> Term:
    k = variables.constants
    symbol = k.model.symbols[e.name]
    assert isinstance(symbol, Variable)
    if symbol.within is not None:
        raise refused("function of a variable", e)
    family = variables.families[e.name]
    first = variables.first[e.name]
    one = _ONE
    if isinstance(e, Name):
        if family.axes or family.table is not None:
            raise k.failure("V106", f"`{e.name}` without its indices", e, frame)
        return Term(frame, one, e.name, first, Place((), frozenset(), frame, ()))
    return Term(frame, one, e.name, first, k.locate(family, e, frame))


def scaled(a: Affine, factor: Array, frame: Frame) -> Affine:
    """An affine form times known numbers of the outer frame."""
    terms = []
    for t in a.terms:
        f = t.frame.pull(factor)
        if t.coefficient is not _ONE:
            dims, (x, y) = t.frame.aligned(t.coefficient, f)
            f = Array(multiply(x, y), dims)
        terms.append(replace(t, coefficient=f))
    if is_zero(a.constant):
        return Affine(terms, a.constant)
    dims, (x, y) = frame.aligned(a.constant, factor)
    return Affine(terms, Array(multiply(x, y), dims))


def is_zero(a: Array) -> bool:
    """True for the constant 0."""
    return not a.dims and not a.data


def _sum(parts: list[Affine], frame: Frame) -> Affine:
    constant = parts[0].constant
    for p in parts[1:]:
        if is_zero(p.constant):
            continue
        dims, (x, y) = frame.aligned(constant, p.constant)
        constant = Array(np.asarray(x + y), dims)
    return Affine([t for p in parts for t in p.terms], constant)


def _choice(condition: Expr, then: Expr, otherwise: Expr, frame: Frame, variables: Variables) -> Affine:
    """`a if c else b`: the terms of each branch under the bindings that choose it."""
    test = variables.constants.condition(condition, frame)
    if not test.dims:
        return affine(then if bool(test.data) else otherwise, frame, variables)
    found: list[Affine] = []
    parts: list[tuple[Array, Frame]] = []
    for branch, mask in ((then, test), (otherwise, Array(~test.data, test.dims))):
        inner = keep(frame, mask)
        if inner.size:
            a = affine(branch, inner, variables)
            found.append(a)
            parts.append((inner.pull(a.constant), inner))
    plain = all(not p.data.any() for p, _ in parts)
    constant = Array(np.zeros(())) if plain else scatter(parts, frame)
    return Affine([t for a in found for t in a.terms], constant)
