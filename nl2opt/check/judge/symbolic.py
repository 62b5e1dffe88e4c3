"""The referee's evaluator, with unknowns for variables: expression -> number, condition or element in ground terms.

What is known before solving is computed as the referee computes it. A part that may have no value makes the nearest
enclosing condition false, as docs/SEMANTICS.md has it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

from nl2opt.check.judge.terms import Atom, Condition, Form, NotCanonical, Number, Terms, tidy
from nl2opt.ir.evaluate import Evaluator
from nl2opt.ir.evaluate.lookup import Reader
from nl2opt.ir.evaluate.outcomes import Env, Outcome
from nl2opt.ir.instance import Instance, Key, flat
from nl2opt.ir.model import Element, Over
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Comprehension,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    ListLiteral,
    Mul,
    Name,
    Neg,
    Not,
    Or,
    SetLiteral,
    Subscript,
    Tuple,
    joined_lists,
)

MOST_CASES = 20_000
"""The most keys an index by variables is spelled out over."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An element that variables decide: (condition, element) pairs of which exactly one condition holds."""

    cases: tuple[tuple[Condition, Element], ...]


class Walk(Evaluator):
    """The evaluator over one instance; ``terms`` are its atoms, ``columns_of`` the unknowns of each variable."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance, {})
        self.terms = Terms()
        self._open_names = {v.name for v in instance.model.variables}
        self._open: dict[int, tuple[Expr, bool]] = {}
        self._open_named_expressions()
        self._needs: list[list[Condition]] = []
        self.columns_of: dict[str, dict[Key, Any]] = {v.name: {} for v in instance.model.variables}

    def _open_named_expressions(self) -> None:
        changed = True
        while changed:
            changed = False
            for n in self.instance.model.expressions:
                if n.name not in self._open_names and self.free(n.expr) & self._open_names:
                    self._open_names.add(n.name)
                    changed = True

    # the evaluator's hooks -------------------------------------------------------------------------------------------

    def open(self, e: Expr) -> bool:
        """True where variables are mentioned, so that the value is a term."""
        known = self._open.get(id(e))
        if known is None:
            known = self._open[id(e)] = (e, bool(self.free(e) & self._open_names))
        return known[1]

    def _variable_reader(self, name: str, values: object) -> Reader:
        known = self.columns_of[name]
        arity = self.instance.variables[name].domain.arity

        def read(key: Key, env: Env, dependent: bool) -> Outcome:
            try:
                return known[key]
            except (KeyError, TypeError):
                raise self.outside(name, key, env, dependent, arity) from None

        return read

    def condition(self, e: Expr, env: Env) -> bool:
        """A condition that is known before solving, as filters of sets and bindings must be."""
        found = self.formula(e, env)
        if isinstance(found, bool):
            return found
        raise NotCanonical("a variable as a filter")

    def form(self, e: Expr, env: Env) -> Number:
        """Expression -> its number."""
        return self._number(self.value(e, env))

    def _number(self, value: Outcome) -> Number:
        if isinstance(value, float):
            if value != value or value in (inf, -inf):
                raise NotCanonical("an infinite number")
            return tidy(Fraction(repr(value)))
        if isinstance(value, bool | int | Fraction | Form) or (isinstance(value, Atom) and value.condition):
            return self.terms.number(value)
        raise NotCanonical("an element as a number")

    def formula(self, e: Expr, env: Env) -> Condition:
        """Expression -> the condition it is."""
        if not self.open(e):
            return super().condition(e, env)
        return self._defined(lambda: self._truth(self.value(e, env)))

    def _defined(self, compute: Callable[[], Condition]) -> Condition:
        """A condition that is false where a part of it has no value."""
        self._needs.append([])
        try:
            found = compute()
        finally:
            needs = self._needs.pop()
        return self.terms.every((*needs, found)) if needs else found

    def _need(self, condition: Condition) -> None:
        """What the nearest enclosing condition needs so that a part of it has a value."""
        if condition is True:
            return
        if not self._needs:
            raise NotCanonical("a value that may be undefined where no condition encloses it")
        self._needs[-1].append(condition)

    def _truth(self, value: Outcome) -> Condition:
        if isinstance(value, Atom | bool):
            return self.terms.truth(value)
        return self.terms.truth(self._number(value))

    def value(self, e: Expr, env: Env) -> Outcome:
        """Expression -> a constant as the referee has it, a number or condition in ground terms, or a Choice."""
        if not self.open(e):
            return super().value(e, env)
        t = self.terms
        match e:
            case Subscript(name, _):
                key, _ = self.key(e, env)
                return self._at(name, key, env)
            case Name():
                return super().value(e, env)
            case Add(terms) if joined_lists(e):
                return [v for part in terms for v in self.value(part, env)]
            case Add(terms):
                return t.add(*(self.form(x, env) for x in terms))
            case Mul(factors):
                product: Number = 1
                for f in factors:
                    product = t.times(product, self.form(f, env))
                return product
            case Neg(arg):
                return t.scale(self.form(arg, env), -1)
            case Compare(op, left, right):
                return self._defined(lambda: self._compare(op, self.value(left, env), self.value(right, env)))
            case And(args):
                return self._joined(args, env, stop=False)
            case Or(args):
                return self._joined(args, env, stop=True)
            case Not(arg):
                return t.negation(self.formula(arg, env))
            case Implies(condition, consequence):
                return self._joined((Not(condition), consequence), env, stop=True)
            case Iff(left, right):
                a, b = self.formula(left, env), self.formula(right, env)
                return t.every((t.some((t.negation(a), b)), t.some((t.negation(b), a))))
            case IfElse(condition, then, otherwise):
                return self._branch(condition, then, otherwise, env)
            case In():
                return self._defined(lambda: self._member(e, env))
            case Binary():
                return self._binary(e, env)
            case Aggregate():
                return self._aggregate(e, env)
            case Tuple(items):
                return tuple(self.value(i, env) for i in items)
            case ListLiteral(items):
                return [self.value(i, env) for i in items]
            case Comprehension("list", body, generators):
                listed = []
                for kept in self.generate(generators, env):
                    if kept is not True:
                        raise NotCanonical("a variable as a filter")
                    listed.append(self.value(body, env))
                return listed
            case Call():
                return self._call(e, env)
            case _:
                raise NotCanonical(f"a {type(e).__name__} of variables")

    def generate(self, generators: Over, env: Env) -> Iterator[Any]:
        """Bind the generators; what variables decide about a filter is yielded as a condition."""
        g, rest = generators[0], generators[1:]
        for _ in self.steps_of(g, env):
            holds = self._joined(g.conditions, env, stop=False) if g.conditions else True
            if holds is False:
                continue
            if rest:
                for inner in self.generate(rest, env):
                    yield self.terms.every((inner, holds))
            else:
                yield holds

    # parts -----------------------------------------------------------------------------------------------------------

    def _joined(self, args: Sequence[Expr], env: Env, stop: bool) -> Condition:
        parts: list[Condition] = []
        for arg in args:
            part = self.formula(arg, env)
            if part is stop:
                return stop
            parts.append(part)
        return self.terms.some(parts) if stop else self.terms.every(parts)

    def _compare(self, op: str, left: Outcome, right: Outcome) -> Condition:
        t = self.terms
        if op in ("==", "!="):
            same = self._equal(left, right)
            return same if op == "==" else t.negation(same)
        d = t.minus(self._number(left), self._number(right))
        if op in (">=", ">"):
            d = t.scale(d, -1)
        return t.at_most_zero(d, strict=op in ("<", ">"))

    def _equal(self, a: Outcome, b: Outcome) -> Condition:
        t = self.terms
        if isinstance(a, tuple) or isinstance(b, tuple):
            x, y = self._coordinates(a), self._coordinates(b)
            return len(x) == len(y) and t.every(self._equal(p, q) for p, q in zip(x, y, strict=True))
        if isinstance(b, Choice) and not isinstance(a, Choice):
            a, b = b, a
        if isinstance(a, Choice):
            others = b.cases if isinstance(b, Choice) else ((True, b),)
            return t.some(t.every((p, q)) for p, x in a.cases for q, y in others if x == y)
        if isinstance(a, str) or isinstance(b, str):
            return bool(a == b)
        return t.is_zero(t.minus(self._number(a), self._number(b)))

    def _coordinates(self, value: Outcome) -> tuple[Outcome, ...]:
        if isinstance(value, tuple):
            return tuple(c for item in value for c in self._coordinates(item))
        if isinstance(value, Choice) and isinstance(value.cases[0][1], tuple):
            width = len(flat(value.cases[0][1]))
            return tuple(self._gather([(p, flat(e)[k]) for p, e in value.cases]) for k in range(width))
        return (value,)

    def _gather(self, cases: Sequence[tuple[Condition, Outcome]]) -> Outcome:
        """(condition, value) pairs, exactly one of which holds -> the value: a number, a condition or a Choice."""
        t = self.terms
        if all(isinstance(v, bool) or (isinstance(v, Atom) and v.condition) for _, v in cases):
            return t.some(t.every((c, v)) for c, v in cases)
        if any(isinstance(v, str | tuple | Choice) for _, v in cases):
            merged: dict[Element, list[Condition]] = {}
            for c, v in cases:
                for inner, element in v.cases if isinstance(v, Choice) else ((True, v),):
                    merged.setdefault(element, []).append(t.every((c, inner)))
            return Choice(tuple((t.some(cs), e) for e, cs in merged.items()))
        return t.add(*(t.times(t.number(c), self._number(v)) for c, v in cases))

    def _at(self, name: str, key: tuple[Outcome, ...], env: Env) -> Outcome:
        """A declared name at a key that variables may decide: its value at each key they may decide on."""
        parts = tuple(c for k in key for c in self._coordinates(k))
        if not any(isinstance(p, Form | Choice | Atom) for p in parts):
            return self.lookup(name, tuple(int(p) if isinstance(p, bool) else p for p in parts), env, False)
        known = self.keys(name)
        if len(known) > MOST_CASES:
            raise NotCanonical("an index over many keys")
        t = self.terms
        reached: list[tuple[Condition, Key]] = [(True, ())]
        for p in parts:
            reached = [(t.every((c, d)), (*k, v)) for c, k in reached for d, v in self._values(p)]
            if len(reached) > MOST_CASES:
                raise NotCanonical("an index over many keys")
        reached = [(c, k) for c, k in reached if c is not False]
        allowed = set(known)
        self._need(t.every(t.negation(c) for c, k in reached if k not in allowed))
        inside = [(c, self.lookup(name, k, env, False)) for c, k in reached if k in allowed]
        if not inside:  # what is asked for has no value, so that the condition around it does not hold
            return 0
        return self._gather(inside)

    def _values(self, p: Outcome) -> list[tuple[Condition, Any]]:
        """What a coordinate can be, each with the condition that it is."""
        t = self.terms
        if isinstance(p, Choice):
            return list(p.cases)
        if isinstance(p, Atom):
            return [(t.negation(p), 0), (p, 1)]
        if not isinstance(p, Form):
            return [(True, p)]
        low, high = t.span(p)
        if not t.is_whole(p) or isinstance(low, float) or isinstance(high, float) or high - low > MOST_CASES:
            raise NotCanonical("an index over many values")
        return [(t.is_zero(t.minus(p, v)), v) for v in range(int(low), int(high) + 1)]

    def _branch(self, condition: Expr, then: Expr, otherwise: Expr, env: Env) -> Outcome:
        c = self.formula(condition, env)
        if isinstance(c, bool):
            return self.value(then if c else otherwise, env)
        return self._gather([(c, self.value(then, env)), (self.terms.negation(c), self.value(otherwise, env))])

    def _member(self, e: In, env: Env) -> Condition:
        t = self.terms
        item = self.value(e.item, env)
        if isinstance(e.collection, SetLiteral):
            found = t.some(self._equal(item, self.value(i, env)) for i in e.collection.items)
        elif self.open(e.collection):
            raise NotCanonical("a set that variables decide")
        else:
            found = t.some(self._equal(item, x) for x in self.set_of(e.collection, env).elements)
        return t.negation(found) if e.negated else found

    def _binary(self, e: Binary, env: Env) -> Number:
        t = self.terms
        left, right = self.form(e.left, env), self.form(e.right, env)
        if not isinstance(right, Form):
            if e.op == "/" and right != 0:
                return t.scale(left, 1 / Fraction(right))
            if e.op == "**" and right == int(right) and 0 <= right <= 8:
                return t.power(left, int(right))
        if e.op == "**":
            raise NotCanonical("a power of a variable")
        self._need(t.negation(t.is_zero(right)))
        whole = e.op != "/" and t.is_whole(left) and t.is_whole(right)
        return t.of(t.atom(e.op, (left, right), whole=whole))

    @abstractmethod
    def _aggregate(self, e: Aggregate, env: Env) -> Outcome:
        """`function(body for ...)`."""

    @abstractmethod
    def _call(self, e: Call, env: Env) -> Outcome:
        """Any other function of the language."""
