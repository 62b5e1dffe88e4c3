"""Functions of the language over variables -> ground terms: aggregates, extremes, global constraints, piecewise."""

from __future__ import annotations

from nl2opt.check.judge.symbolic import Choice, Walk
from nl2opt.check.judge.terms import Condition, Form, NotCanonical, Number, Rational
from nl2opt.ir.evaluate.outcomes import Env, Outcome
from nl2opt.ir.instance import Key
from nl2opt.ir.model import Variable
from nl2opt.ir.nodes import (
    Aggregate,
    Call,
    Comprehension,
    Expr,
    Name,
    Subscript,
)

PAIRS = 12
"""Values that differ are written as pairs up to so many of them."""


class Calls(Walk):
    """The walk with the functions of the language."""

    def _aggregate(self, e: Aggregate, env: Env) -> Outcome:
        t = self.terms
        kept = [(c, self.value(e.body, env)) for c in self.generate(e.generators, env)]
        match e.function:
            case "sum":
                return t.add(
                    *(self._number(v) if c is True else t.times(t.number(c), self._number(v)) for c, v in kept)
                )
            case "all":
                return t.every(t.some((t.negation(c), self._truth(v))) for c, v in kept)
            case "any":
                return t.some(t.every((c, self._truth(v))) for c, v in kept)
        if any(c is not True for c, _ in kept):
            raise NotCanonical("a variable as a filter")
        return self._combined(e.function, [v for _, v in kept])

    def _combined(self, function: str, values: list[Outcome]) -> Outcome:
        t = self.terms
        if function == "all_different":
            if len(values) <= PAIRS:
                pairs = [(a, b) for i, a in enumerate(values) for b in values[:i]]
                return t.every(t.negation(self._equal(a, b)) for a, b in pairs)
            listed = tuple(self._argument(v) for v in values)
            return t.atom("all_different", listed, 0, 1, whole=True, condition=True, commutative=True)
        if function in ("all", "any"):
            truths = [self._truth(v) for v in values]
            return t.every(truths) if function == "all" else t.some(truths)
        numbers = [self._number(v) for v in values]
        if function == "sum":
            return t.add(*numbers)
        if function == "prod":
            product: Number = 1
            for n in numbers:
                product = t.times(product, n)
            return product
        if not numbers:
            raise NotCanonical(f"{function} of nothing")
        if function == "max":
            return t.maximum(numbers)
        return t.scale(t.maximum([t.scale(n, -1) for n in numbers]), -1)

    def _argument(self, value: Outcome) -> object:
        """A value as an argument of an atom."""
        if isinstance(value, tuple):
            return self.terms.atom("tuple", tuple(self._argument(v) for v in value))
        if isinstance(value, Choice):
            cases = tuple(self.terms.atom("case", (self.terms.number(c), e)) for c, e in value.cases)
            return self.terms.atom("choice", cases, commutative=True)
        return value if isinstance(value, str) else self._number(value)

    def _call(self, e: Call, env: Env) -> Outcome:
        t = self.terms
        if e.function == "abs":
            n = self.form(e.args[0], env)
            return t.maximum((n, t.scale(n, -1)))
        if e.function in ("sum", "prod", "min", "max", "all", "any", "all_different"):
            return self._combined(e.function, [v for a in e.args for v in _spread(self.value(a, env))])
        if e.function in ("exp", "sin", "cos"):
            return t.of(t.atom(e.function, (self.form(e.args[0], env),)))
        if e.function in ("sqrt", "log"):
            n = self.form(e.args[0], env)
            if t.span(n)[0] < 0 or (e.function == "log" and t.span(n)[0] == 0):
                raise NotCanonical("a root or a logarithm that may be undefined")
            return t.of(t.atom(e.function, (n,)))
        if e.function == "position":
            return self._position(e, env)
        if e.function in ("no_overlap", "no_overlap_2d", "cumulative", "circuit", "subcircuit"):
            return self._defined(lambda: self._global(e, env))
        if e.function == "piecewise":
            return self._piecewise(e, env)
        raise NotCanonical(f"{e.function} of variables")

    def _global(self, e: Call, env: Env) -> Condition:
        t = self.terms
        if e.function not in ("circuit", "subcircuit"):
            rows = tuple(self._argument(v) for v in self.value(e.args[0], env))
            within = (self.form(e.args[1], env),) if e.function == "cumulative" else ()
            bag = t.atom("bag", rows, commutative=True)
            return t.atom(e.function, (bag, *within), 0, 1, whole=True, condition=True)
        tour = self._tour(e.args[0], env)
        arcs = tuple(t.atom("arc", (self._argument(node), self._argument(value))) for node, value in tour)
        return t.atom(e.function, arcs, 0, 1, whole=True, condition=True, commutative=True)

    def _piecewise(self, e: Call, env: Env) -> Number:
        t = self.terms
        x = self.form(e.args[0], env)
        points = self.value(e.args[1], env)
        low, high = t.span(x)
        if not points:
            raise NotCanonical("a piecewise function without points")
        if low < points[0][0] or high > points[-1][0]:
            self._need(t.at_most_zero(t.minus(self._number(points[0][0]), x)))
            self._need(t.at_most_zero(t.minus(x, self._number(points[-1][0]))))
        listed: list[Rational | Form] = [self._number(c) for p in points for c in p]
        return t.of(t.atom("piecewise", (x, *listed), min(p[1] for p in points), max(p[1] for p in points)))

    def _position(self, e: Call, env: Env) -> Number:
        arg = e.args[0]
        value = self.value(arg, env)
        item = self.symbols.get(arg.name) if isinstance(arg, Name | Subscript) else None
        if not isinstance(value, Choice) or not isinstance(item, Variable):
            raise NotCanonical("the position of something that is no variable")
        t = self.terms
        return t.add(*(t.scale(t.number(c), k) for k, (c, _) in enumerate(value.cases)))

    def _tour(self, arg: Expr, env: Env) -> list[tuple[Outcome, Outcome]]:
        def node(key: Key) -> Outcome:
            return key[0] if len(key) == 1 else key

        match arg:
            case Name(name) if name not in env:
                return [(node(key), self.lookup(name, key, env, False)) for key in self.keys(name)]
            case Comprehension("list", body, generators):
                return [(node(k), self.value(body, dict(inner))) for inner, k in self.keyed_bindings(generators, env)]
            case _:
                return list(enumerate(self.value(arg, env)))


def _spread(value: Outcome) -> list[Outcome]:
    return [v for item in value for v in _spread(item)] if isinstance(value, list) else [value]
