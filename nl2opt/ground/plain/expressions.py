"""Expression of an instance -> its value before solving, one binding at a time.

Constants are folded exactly. Known conditions come first: `if`, `and`, `or`, `implies` and filters whose condition is
known take one branch and never look at the other. Source: docs/SEMANTICS.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product as combinations
from typing import assert_never

from nl2opt.ground.plain import smooth
from nl2opt.ground.plain.arithmetic import (
    choose,
    coordinate_cases,
    decided,
    exponential,
    few,
    floor_quotient,
    power,
    product,
    quotient,
)
from nl2opt.ground.plain.calls import Calls
from nl2opt.ground.plain.conditions import compare, coordinates, equal, member
from nl2opt.ground.plain.forms import (
    FORMULAS,
    INFINITY,
    OPEN,
    Affine,
    Choice,
    Formula,
    Number,
    Scalar,
    alike,
    every,
    minus,
    opposite,
    scaled,
    some,
    tidy,
    weighted,
)
from nl2opt.ground.plain.unsupported import unsupported
from nl2opt.ir.instance import Key
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Constant,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    Label,
    ListLiteral,
    Mul,
    Name,
    Neg,
    Not,
    Or,
    SetLiteral,
    SetOperation,
    Subscript,
    Tuple,
)
from nl2opt.ir.nodes import Number as Numeral

PI = Fraction(repr(math.pi))
PRODUCT = 4096
"""The most combinations an index by several variables is spelled out for."""


class Walk(Calls):
    """Values of the expressions of one instance over the columns of one store."""

    # conditions ------------------------------------------------------------------------------------------------------

    def condition(self, e: Expr) -> Formula:
        """Condition -> a formula; false where it is undefined."""
        return self.atom(lambda: self.store.truth(self.value(e)))

    def known_first(self, args: tuple[Expr, ...], stop: bool) -> Formula:
        """`or` (stop=True), `and` (stop=False): a known condition that decides hides what stands to its right."""
        parts: list[Formula] = []
        for arg in args:
            part = self.condition(arg)
            if part is stop:
                return stop
            parts.append(part)
        return some(parts) if stop else every(parts)

    def _compared(self, e: Compare) -> Formula:
        reals = self.reals
        left, right = self.value(e.left), self.value(e.right)
        return compare(self.store, e.op, left, right, self.reals > reals)

    def _membership(self, e: In) -> Formula:
        item = self.value(e.item)
        match e.collection:
            case SetLiteral(items):
                found = some([equal(self.store, item, self.value(i)) for i in items])
            case Subscript(name, _) if name in self.instance.indexed_sets:
                found = self._in_indexed(item, e.collection)
            case _:
                found = member(self.store, item, self.set_of(e.collection))
        return opposite(found) if e.negated else found

    def _in_indexed(self, item: Scalar, e: Subscript) -> Formula:
        """Membership in a set that an index, perhaps a variable, selects."""
        index = self.key(e)
        if all(isinstance(i, str | int) for i in index):
            return member(self.store, item, self.set_of(e))
        sets = self.instance.indexed_sets[e.name]
        reached = [(f, sets.get(key)) for key, f in self._reached(index)]
        self.need(every(opposite(f) for f, found in reached if found is None))
        return some(every((f, member(self.store, item, found))) for f, found in reached if found is not None)

    # values ----------------------------------------------------------------------------------------------------------

    def value(self, e: Expr) -> Scalar:
        """Expression -> its value; what it needs to be defined goes to the enclosing condition."""
        match e:
            case Subscript():
                return self._subscripted(e)
            case Name(name):
                return self.indices.values[name] if name in self.indices.values else self._declared(name)
            case Numeral(value):
                return tidy(value)
            case Add(terms):
                return self._sum(map(self.value, terms))
            case Mul(factors):
                result = self.number(factors[0])
                for f in factors[1:]:
                    result = product(self.store, result, self.number(f))
                return result
            case Neg(arg):
                inner = self.value(arg)
                return -inner if isinstance(inner, float) else scaled(self.store.number(inner), -1)
            case Compare():
                return self.atom(lambda: self._compared(e))
            case In():
                return self.atom(lambda: self._membership(e))
            case And(args):
                return self.known_first(args, stop=False)
            case Or(args):
                return self.known_first(args, stop=True)
            case Not(arg):
                return opposite(self.condition(arg))
            case Implies(condition, consequence):
                return self.known_first((Not(condition), consequence), stop=True)
            case Iff(left, right):
                return alike(self.condition(left), self.condition(right))
            case IfElse():
                return self._branch(e)
            case Binary():
                return self._binary(e)
            case Aggregate():
                return self._aggregate(e)
            case Call():
                return self.call(e)
            case Label(value) | Boolean(value):
                return value
            case Constant(name):
                return INFINITY if name == "inf" else PI
            case Tuple(items):
                return tuple(c for i in items for c in coordinates(self.store, self.value(i)))
            case ListLiteral() | Comprehension() | SetLiteral() | SetOperation():
                raise unsupported("a symbolic set", self.store.where, "a list or set where a number belongs")
            case _:
                assert_never(e)

    def number(self, e: Expr) -> Number:
        """Expression -> its number."""
        return self.store.number(self.value(e))

    def _sum(self, values: Iterator[Scalar]) -> Scalar:
        held = list(values)
        infinite = [v for v in held if isinstance(v, float)]
        if infinite:
            return sum(infinite)
        return weighted((1, self.store.number(v)) for v in held)

    def _branch(self, e: IfElse) -> Scalar:
        """`then if condition else otherwise`: each branch need be defined only where it is taken."""
        condition = decided(self.store, self.condition(e.condition))
        if isinstance(condition, bool):
            return self.value(e.then if condition else e.otherwise)
        then, then_needs = self.apart(lambda: self.value(e.then))
        otherwise, otherwise_needs = self.apart(lambda: self.value(e.otherwise))
        contrary = opposite(condition)
        self.need(some((contrary, then_needs)))
        self.need(some((condition, otherwise_needs)))
        return choose(self.store, [(condition, then), (contrary, otherwise)])

    def _binary(self, e: Binary) -> Scalar:
        s = self.store
        left = self.number(e.left)
        before = self.reads
        right = self.number(e.right)
        if e.op == "**":
            return self._power(left, right)
        if right == 0:
            if self.reads > before:
                self.need(False)
                return 0
            raise self.failure("V103", "division by zero")
        found, defined = quotient(s, left, right) if e.op == "/" else floor_quotient(s, left, right)
        self.need(defined)
        return minus(left, product(s, found, right)) if e.op == "%" else found

    def _power(self, base: Number, exponent: Number) -> Number:
        s = self.store
        if not isinstance(exponent, Affine):
            if smooth.taken(s) and isinstance(base, Affine) and exponent not in (0, 1) and not few(s, base, 2):
                value, defined = smooth.power_of(s, base, exponent)
                self.need(defined)
                return value
            found = power(s, base, exponent)
            if found is None:
                raise self.failure("V103", "no real value, or one out of range")
            if isinstance(base, Affine) and exponent < 0:
                self.need(s.compare(base, "!="))
            return found
        value, defined = exponential(s, base, exponent)
        self.need(defined)
        return value

    # names -----------------------------------------------------------------------------------------------------------

    def _declared(self, name: str) -> Scalar:
        item = self.symbols.get(name)
        if item is None:
            raise self.failure("V105", f"unknown name `{name}`")
        if item.over:
            raise self.failure("V106", f"`{name}` needs an index here")
        return self.entry(name, ())

    def key(self, e: Subscript) -> tuple[Scalar, ...]:
        """A subscript -> its coordinates."""
        out: list[Scalar] = []
        for i in e.index:
            for c in coordinates(self.store, self.value(i)):
                c = self.store.number(c) if isinstance(c, FORMULAS) else c
                out.append(tidy(c) if isinstance(c, Fraction) else c)
        return tuple(out)

    def _subscripted(self, e: Subscript) -> Scalar:
        """`name[i, j]` -> the entry at that key, or the one that variables among the indices reach."""
        before = self.reads
        index = self.key(e)
        if not any(isinstance(i, Affine | Choice | OPEN) for i in index):
            if self.reads > before and index not in self.keys(e.name):
                self.need(False)
                return 0
            return self.entry(e.name, index)  # type: ignore[arg-type]
        keys = set(self.keys(e.name))
        cases: list[tuple[Formula, Scalar]] = []
        missing: list[Formula] = []
        for key, reached in self._reached(index):
            if key not in keys:
                missing.append(reached)
                continue
            entry, needs = self.apart(lambda key=key: self.entry(e.name, key))  # type: ignore[misc]
            self.need(some((opposite(reached), needs)))
            cases.append((reached, entry))
        self.need(every(map(opposite, missing)))
        return choose(self.store, cases) if cases else 0

    def _reached(self, index: Sequence[Scalar]) -> Iterator[tuple[Key, Formula]]:
        """Coordinates -> every key they can be, with the condition that they are it."""
        cases = [coordinate_cases(self.store, i) for i in index]
        if math.prod(map(len, cases)) > PRODUCT:
            raise unsupported("an index over many values", self.store.where, f"{math.prod(map(len, cases))} keys")
        for combination in combinations(*cases):
            yield tuple(v for v, _ in combination), every(f for _, f in combination)  # type: ignore[misc]

    # aggregates ------------------------------------------------------------------------------------------------------

    def _aggregate(self, e: Aggregate) -> Scalar:
        """`function(body for ...)`."""
        match e.function:
            case "sum":
                return self._sum(self._summands(e))
            case "all" | "any":
                return self._quantified(e, stop=e.function == "any")
            case "all_different":
                return self.atom(lambda: self.store.truth(self.gathered(e.function, self._bodies(e))))
            case _:
                return self.gathered(e.function, self._bodies(e))

    def _summands(self, e: Aggregate) -> Iterator[Scalar]:
        """The terms of a sum; a filter over variables multiplies."""
        for kept in self.each(e.generators):
            term = self.value(e.body)
            if kept is True:
                yield term
            else:
                yield product(self.store, self.store.count(kept), self.store.number(term))

    def _quantified(self, e: Aggregate, stop: bool) -> Formula:
        """`all` (stop=False), `any` (stop=True); a filter over variables implies, or joins."""
        parts: list[Formula] = []
        for kept in self.each(e.generators):
            body = self.condition(e.body)
            part = every((kept, body)) if stop else some((opposite(kept), body))
            if part is stop:
                return stop
            parts.append(part)
        return some(parts) if stop else every(parts)

    def _bodies(self, e: Aggregate) -> list[Scalar]:
        out = []
        for kept in self.each(e.generators):
            if kept is not True:
                if kept is False:
                    continue
                raise unsupported("a filter over variables", self.store.where, e.function)
            out.append(self.value(e.body))
        return out
