"""Function calls over walked values -> their value: aggregates, scalar functions of constants, global constraints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from nl2opt.ground.plain import intervals, smooth
from nl2opt.ground.plain.arithmetic import absolute, maximum, minimum, product
from nl2opt.ground.plain.conditions import differ
from nl2opt.ground.plain.forms import Affine, Exact, Formula, Number, Scalar, every, some, tidy, weighted
from nl2opt.ground.plain.sets import Sets
from nl2opt.ground.plain.unsupported import unsupported
from nl2opt.ir.instance import Key
from nl2opt.ir.model import Element, Set
from nl2opt.ir.nodes import (
    Call,
    Comprehension,
    Expr,
    ListLiteral,
    Name,
    SetLiteral,
    SetOperation,
    Subscript,
    joined_lists,
)

SMOOTH = ("sqrt", "exp", "log", "sin", "cos")
"""Functions of variables that a nonlinear solver takes."""


class Calls(Sets):
    """Calls, for the walk."""

    def number(self, e: Expr) -> Number:
        """Expression -> its number."""
        raise NotImplementedError

    def call(self, e: Call) -> Scalar:
        """A call -> its value."""
        match e.function:
            case "sum" | "prod" | "min" | "max" | "all" | "any":
                return self.gathered(e.function, self.listed(e.args))
            case "all_different" | "circuit" | "subcircuit" | "no_overlap" | "no_overlap_2d" | "cumulative":
                return self.atom(lambda: self._global(e))
            case "abs":
                return absolute(self.store, self.number(e.args[0]))
            case "position":
                return self.place(e)
            case "first" | "last" | "prev" | "next":
                return self.drawn(e)[0]
            case "len":
                return self.length(e.args[0])
            case "piecewise":
                return self._pieces(e)
            case "range":
                raise unsupported("a symbolic set", self.store.where, "range where a number belongs")
            case _:
                return self._function(e)

    def gathered(self, function: str, values: Sequence[Scalar]) -> Scalar:
        """sum, prod, min, max, all, any, all_different of values."""
        s = self.store
        match function:
            case "sum":
                return weighted((1, s.number(v)) for v in values)
            case "prod":
                result: Number = 1
                for v in values:
                    result = product(s, result, s.number(v))
                return result
            case "all":
                return every(map(s.truth, values))
            case "any":
                return some(map(s.truth, values))
            case "all_different":
                return differ(s, values)
        if not values:
            raise self.failure("V104", f"`{function}` of nothing",
                               fix="filter the binding, or write `... if ... else ...`")  # fmt: skip
        numbers = [s.number(v) for v in values]
        return maximum(s, numbers) if function == "max" else minimum(s, numbers)

    def listed(self, args: Sequence[Expr]) -> list[Scalar]:
        """Arguments -> values; a bare array, a list or a set stands for all its elements."""
        out: list[Scalar] = []
        for arg in args:
            bound = isinstance(arg, Name) and arg.name in self.indices.values
            item = self.symbols.get(arg.name) if isinstance(arg, Name) and not bound else None
            match arg:
                case Name(name) if isinstance(item, Set):
                    out.extend(self.instance.sets[name].elements)
                case Name(name) if item is not None and item.over:
                    out.extend(self.entry(name, key) for key in self.keys(name))
                case Subscript(name, _) if name in self.instance.indexed_sets:
                    out.extend(self.set_of(arg).elements)
                case ListLiteral(items):
                    out.extend(self.listed(items))
                case Comprehension("list", body, generators):
                    for kept in self.each(generators):
                        if not isinstance(kept, bool):
                            raise unsupported("a filter over variables", self.store.where, "a list")
                        if kept:
                            out.append(self.value(body))
                case Comprehension() | SetLiteral() | SetOperation():
                    out.extend(self.set_of(arg).elements)
                case _ if lists := joined_lists(arg):
                    out.extend(self.listed(lists))
                case _:
                    out.append(self.value(arg))
        return out

    # constants -------------------------------------------------------------------------------------------------------

    def _function(self, e: Call) -> Number:
        """floor, ceil, round of a constant; sqrt, exp, log, sin, cos, of variables too where the store takes them."""
        value = self.number(e.args[0])
        if isinstance(value, Affine) and smooth.taken(self.store) and e.function in SMOOTH:
            found, needs = smooth.function_of(self.store, e.function, value)  # type: ignore[arg-type]
            self.need(needs)
            return found
        return self._of_constant(e, value)

    def _of_constant(self, e: Call, value: Number) -> Exact:
        """A function of a constant; an irrational value by its shortest decimal."""
        if isinstance(value, Affine):
            raise unsupported("a function of a variable", self.store.where, e.function)
        match e.function:
            case "floor":
                return math.floor(value)
            case "ceil":
                return math.ceil(value)
            case "round":
                digits = self.whole(e.args[1]) if len(e.args) > 1 else 0
                return tidy(Fraction(round(Fraction(value), digits)))
            case "sqrt" if value >= 0:
                exact = Fraction(value)
                root = Fraction(math.isqrt(exact.numerator), math.isqrt(exact.denominator))
                if root * root == exact:
                    return tidy(root)
        functions = {"sqrt": math.sqrt, "exp": math.exp, "log": math.log, "sin": math.sin, "cos": math.cos}
        if e.function not in functions:
            raise self.failure("V105", f"unknown function `{e.function}`")
        try:
            return tidy(Fraction(repr(functions[e.function](value))))
        except (ValueError, OverflowError):
            raise self.failure("V103", f"`{e.function}` has no value here", str(value)) from None

    # global constraints ----------------------------------------------------------------------------------------------

    def _global(self, e: Call) -> Formula:
        s = self.store
        match e.function:
            case "all_different":
                return differ(s, self.listed(e.args))
            case "circuit" | "subcircuit":
                return intervals.tour(s, self._nodes(e.args[0]), self.listed(e.args), e.function == "subcircuit")
            case "no_overlap":
                return intervals.no_overlap(s, self._tuples(e.args[0]))
            case "no_overlap_2d":
                return intervals.no_overlap_2d(s, self._tuples(e.args[0]))
            case _:
                return intervals.cumulative(s, self._tuples(e.args[0]), self.number(e.args[1]))

    def _tuples(self, arg: Expr) -> list[tuple[Scalar, ...]]:
        out = []
        for row in self.listed((arg,)):
            if not isinstance(row, tuple):
                raise self.failure("V107", "a tuple is expected in the list", str(row))
            out.append(row)
        return out

    def _nodes(self, arg: Expr) -> tuple[Element, ...]:
        """The nodes of a tour: the keys of an array, the indices of a generated list, else positions from 0."""

        def node(key: Key) -> Element:
            return key[0] if len(key) == 1 else key

        match arg:
            case Name(name):
                return tuple(map(node, self.keys(name)))
            case Comprehension("list", _, generators):
                return tuple(node(key) for key, kept in self.keyed(generators) if kept)
            case _:
                return tuple(range(len(self.listed((arg,)))))

    def _pieces(self, e: Call) -> Number:
        points: list[tuple[Exact, Exact]] = []
        for row in self._tuples(e.args[1]):
            numbers = [self.store.number(c) for c in row]
            if any(isinstance(c, Affine) for c in numbers):
                raise unsupported("a symbolic set", self.store.where, "points of piecewise that are not constants")
            points.append((numbers[0], numbers[1]))  # type: ignore[arg-type]
        if not points or any(b[0] <= a[0] for a, b in pairwise(points)):
            raise self.failure("V107", "the points of piecewise ascend in x")
        before = self.reads
        x = self.number(e.args[0])
        value, inside = intervals.by_pieces(self.store, x, points)
        if inside is False and self.reads == before:
            raise self.failure("V101", "x outside the points of piecewise", str(x))
        self.need(inside)
        return value
