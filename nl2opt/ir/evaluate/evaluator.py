"""Expression + Instance + Point -> value: the referee's evaluator, independent of every route.

Exact arithmetic on integers and fractions; floats only where the point (or `sqrt`, `exp`, `pi`, ...) brings them in.
What an expression means is decided by docs/SEMANTICS.md; this file is that page as a program and imports no solver.

Two things are tracked while walking. ``reads`` counts the variable values looked at: a part that read none is known
before solving, so `and`, `or`, `implies`, `if` skip what it decides, and an index or a divisor that read none and has
no value is an error, while one that read some makes the nearest enclosing condition false (`Undefined` is raised and
caught there). ``reals`` counts the values of continuous variables outside of comparisons, which are 0 or 1 themselves,
for the referee's rule on strict comparisons.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TypeVar, assert_never

from nl2opt.ir.evaluate import arithmetic
from nl2opt.ir.evaluate.arithmetic import Number, canonical
from nl2opt.ir.evaluate.calls import call, combine
from nl2opt.ir.evaluate.lookup import Lookup
from nl2opt.ir.evaluate.outcomes import (
    Bound,
    Env,
    Outcome,
    Undefined,
    compare_values,
    is_number,
    plain,
    shown,
)
from nl2opt.ir.instance import Instance, Key, Point, SetValue, flat
from nl2opt.ir.model import Element, Over
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Boolean,
    Call,
    Compare,
    CompareOp,
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
    joined_lists,
)
from nl2opt.ir.nodes import Number as Literal
from nl2opt.ir.text import print_expression

T = TypeVar("T")


def evaluate(
    expr: Expr, instance: Instance, point: Point | None = None, indices: Mapping[str, Element | Bound] | None = None
) -> Outcome:
    """Expression -> its value at ``point`` (None: constants and parameters only) with ``indices`` bound.

    An index is an element, or a pair (element, the set it was drawn from) where `prev`, `next`, `position` need it;
    `bindings` makes such pairs. A set comes back as the list of its elements. Raises EvaluationError, codes V1xx.
    """
    return plain(Evaluator(instance, point).evaluate(expr, indices))


def evaluate_set(
    expr: Expr, instance: Instance, indices: Mapping[str, Element | Bound] | None = None, point: Point | None = None
) -> SetValue:
    """Set expression -> the set, in order. Raises EvaluationError."""
    evaluator = Evaluator(instance, point)
    return evaluator.closed(lambda: evaluator.set_of(expr, environment(indices)))


def bindings(over: Over, instance: Instance) -> Iterator[tuple[Key, Env]]:
    """Index bindings -> the key and the indices of each combination its filters keep, in order.

    An index comes with the set it was drawn from, as `evaluate` takes it.
    """
    for env, key in Evaluator(instance).keyed_bindings(over, {}):
        yield key, dict(env)


def environment(indices: Mapping[str, Element | Bound] | None) -> Env:
    """Indices as given by a caller -> the evaluator's form."""
    out: Env = {}
    for name, value in (indices or {}).items():
        if isinstance(value, tuple) and len(value) == 2 and (value[1] is None or isinstance(value[1], SetValue)):
            out[name] = (value[0], value[1])
        else:
            out[name] = (value, None)
    return out


class Evaluator(Lookup):
    """Values of expressions of one instance at one point; keeps the values of named expressions it has met."""

    def evaluate(self, expr: Expr, indices: Mapping[str, Element | Bound] | None = None) -> Outcome:
        """Expression -> value; raises EvaluationError where it is undefined at this point."""
        return self.closed(lambda: self.value(expr, environment(indices)))

    # values ----------------------------------------------------------------------------------------------------------

    def value(self, e: Expr, env: Env) -> Outcome:
        """Expression -> value under ``env``; raises Undefined."""
        if type(e) is Subscript:  # the two most frequent nodes first: four in five of a large model
            key, dependent = self.key(e, env)
            return self.lookup(e.name, key, env, dependent)
        if type(e) is Name:
            bound = env.get(e.name)
            return bound[0] if bound is not None else self.declared(e.name, env)
        match e:
            case Literal(value):
                return canonical(value)
            case Mul(factors):
                product = self.number(factors[0], env)
                for f in factors[1:]:
                    product = product * self.number(f, env)
                return product
            case Add(terms) if isinstance(terms[0], ListLiteral | Comprehension) and joined_lists(e):
                return [v for t in terms for v in self.value(t, env)]
            case Add(terms):
                total = self.number(terms[0], env)
                for t in terms[1:]:
                    total = total + self.number(t, env)
                return total
            case Compare(op, left, right):
                reals = self.reals
                try:
                    holds = self.compare(op, self.value(left, env), self.value(right, env), e, env)
                except Undefined:
                    holds = False
                self.reals = reals
                return holds
            case Aggregate():
                return self.aggregate(e, env)
            case Neg(arg):
                return -self.number(arg, env)
            case Binary():
                return self.binary(e, env)
            case IfElse():
                return self.if_else(e, env)
            case And() | Or() | Not() | Implies() | Iff():
                return self.logic(e, env)
            case In():
                return self.membership(e, env)
            case Label(value) | Boolean(value):
                return value
            case Constant(name):
                return math.inf if name == "inf" else math.pi
            case Tuple(items):
                return tuple(c for i in items for c in flat(self.value(i, env)))
            case ListLiteral(items):
                return [self.value(i, env) for i in items]
            case Comprehension("list", body, generators):
                return [self.value(body, env) for kept in self.generate(generators, env) if kept]
            case Comprehension() | SetLiteral() | SetOperation():
                return self.set_of(e, env)
            case Call():
                return call(self, e, env)
            case Name() | Subscript():
                raise AssertionError("handled above")
            case _:
                assert_never(e)

    def number(self, e: Expr, env: Env) -> Number:
        """Expression -> its number."""
        value = self.value(e, env)
        if is_number(value):
            return value
        raise self.failure("V107", "not a number", env, found=f"{print_expression(e)} is {shown(value)}",
                           expected="a number", fix="position(...) is the place of a label in its set")  # fmt: skip

    def whole(self, e: Expr, env: Env) -> int:
        """Expression -> its whole number."""
        value = self.number(e, env)
        if not math.isfinite(value) or value != int(value):
            raise self.failure("V107", "not a whole number", env, found=f"{print_expression(e)} is {shown(value)}")
        return int(value)

    def condition(self, e: Expr, env: Env) -> bool:
        """Condition -> does it hold; undefined is false."""
        try:
            value = self.value(e, env)
        except Undefined:
            return False
        return self.truth(value, e, env)

    def truth(self, value: Outcome, e: Expr, env: Env) -> bool:
        """A value that stands as a condition -> nonzero."""
        if is_number(value):
            return value != 0
        raise self.failure("V107", "not a condition", env, found=f"{print_expression(e)} is {shown(value)}")

    def binary(self, e: Binary, env: Env) -> Number:
        left = self.number(e.left, env)
        before = self.reads
        right = self.number(e.right, env)
        apply = {"/": arithmetic.divide, "//": arithmetic.floor_divide, "%": arithmetic.remainder}
        value = apply.get(e.op, arithmetic.power)(left, right)
        if value is None:
            dependent = self.reads > before if right == 0 and e.op != "**" else self.point is not None
            message = "division by zero" if right == 0 and e.op != "**" else "no real value, or one out of range"
            raise self.failure("V103", message, env, dependent, print_expression(e))
        return value

    def if_else(self, e: IfElse, env: Env) -> Outcome:
        before = self.reads
        holds = self.condition(e.condition, env)
        chosen, other = (e.then, e.otherwise) if holds else (e.otherwise, e.then)
        if self.reads > before:  # over variables: both branches exist, and their errors do not depend on the point
            with suppress(Undefined):
                self.value(other, env)
        return self.value(chosen, env)

    def logic(self, e: And | Or | Not | Implies | Iff, env: Env) -> bool:
        match e:
            case And(args):
                return self.decide(args, env, stop=False)
            case Or(args):
                return self.decide(args, env, stop=True)
            case Not(arg):
                return not self.condition(arg, env)
            case Implies(condition, consequence):
                return self.decide((Not(condition), consequence), env, stop=True)
            case Iff(left, right):
                return self.condition(left, env) == self.condition(right, env)

    def decide(self, args: tuple[Expr, ...], env: Env, stop: bool) -> bool:
        """`or` (stop=True), `and` (stop=False): a known condition that decides hides what stands to its right."""
        result = not stop
        for arg in args:
            before = self.reads
            if self.condition(arg, env) == stop:
                if self.reads == before:
                    return stop
                result = stop
        return result

    def compare(self, op: CompareOp, a: Outcome, b: Outcome, e: Expr, env: Env) -> bool:
        """Two values -> does the comparison hold, exactly."""
        numbers = is_number(a) and is_number(b)
        if not numbers and not (op in ("==", "!=") and type(a) is type(b) and isinstance(a, str | tuple)):
            raise self.failure("V107", "values that do not compare", env, found=f"{shown(a)} {op} {shown(b)}",
                               expected="two numbers, or == or != between elements of one set")  # fmt: skip
        return compare_values(op, a, b)

    def membership(self, e: In, env: Env) -> bool:
        try:
            item = self.value(e.item, env)
            if isinstance(e.collection, SetLiteral):
                members = [self.value(i, env) for i in e.collection.items]
                found = item in members
            else:
                found = item in self.set_of(e.collection, env).position
        except Undefined:
            return False
        return found != e.negated

    # aggregates ------------------------------------------------------------------------------------------------------

    def aggregate(self, e: Aggregate, env: Env) -> Outcome:
        """`function(body for ...)`."""
        match e.function:
            case "sum":
                total: Number = 0
                for kept in self.generate(e.generators, env):
                    term = self.number(e.body, env)  # a filter over variables multiplies: the body is always looked at
                    total = total + term if kept else total
                return total
            case "all" | "any":
                stop = e.function == "any"
                result = not stop
                for kept in self.generate(e.generators, env):
                    before = self.reads
                    holds = self.condition(e.body, env)
                    if kept and holds == stop:
                        if self.reads == before:
                            return stop
                        result = stop
                return result
            case _:
                before = self.reads
                try:
                    values = [self.value(e.body, env) for kept in self.generate(e.generators, env) if kept]
                except Undefined:
                    if e.function == "all_different":
                        return False
                    raise
                return combine(self, e.function, values, self.reads > before, e, env)
