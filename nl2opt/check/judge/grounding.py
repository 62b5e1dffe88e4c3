"""Instance -> Ground: its columns, its conditions and its objectives as ground terms.

A walk of the referee's evaluator whose variables have unknowns for values. What is known before solving is computed as
the referee computes it; a part whose meaning hangs on an undefined value at some point has no canonical form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

from nl2opt.check.judge.terms import Atom, Condition, Form, Limit, NotCanonical, Number, Rational, Terms, tidy
from nl2opt.ir.evaluate import Evaluator
from nl2opt.ir.evaluate.lookup import Reader
from nl2opt.ir.evaluate.outcomes import Env, Outcome
from nl2opt.ir.instance import Instance, Key, flat
from nl2opt.ir.model import Element, Over, Variable
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
PAIRS = 12
"""Values that differ are written as pairs up to so many of them."""

Place = tuple[str, Key]
"""A scalar variable: its name and its key."""
Bounds = Mapping[Place, tuple[Limit, Limit]]


@dataclass(frozen=True, slots=True)
class Choice:
    """An element that variables decide: (condition, element) pairs of which exactly one condition holds."""

    cases: tuple[tuple[Condition, Element], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One scalar variable: ``name`` at ``key``, its value, and its unknown (None where its bounds fix it)."""

    name: str
    key: Key
    value: Any
    atom: Atom | None


@dataclass(frozen=True, slots=True)
class Row:
    """A condition that must hold, and the constraint (at a binding) or the domain it comes from."""

    condition: Condition
    source: str
    key: Key


@dataclass(frozen=True, slots=True)
class Goal:
    """An objective to be minimized, by falling priority; ``sign`` is -1 where the model maximizes its negative."""

    form: Number
    sign: int


@dataclass(frozen=True, slots=True)
class Ground:
    """An instance in ground terms. Conjunctions stand as a row a part; rows that always hold are left out."""

    terms: Terms
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    goals: tuple[Goal, ...]


def ground(instance: Instance, bounds: Bounds | None = None) -> Ground:
    """Instance -> Ground, the bounds of some columns tightened. Raises NotCanonical, EvaluationError, LimitExceeded."""
    return _Grounder(instance, bounds or {}).run()


class _Grounder(Evaluator):
    """The evaluator, with unknowns for variables."""

    def __init__(self, instance: Instance, bounds: Bounds) -> None:
        super().__init__(instance, {})
        self.bounds = bounds
        self.terms = Terms()
        self._open_names = {v.name for v in instance.model.variables}
        self._open: dict[int, tuple[Expr, bool]] = {}
        self._open_named_expressions()
        self.rows: list[Row] = []
        self.columns: list[Column] = []
        self._needs: list[list[Condition]] = []
        self._columns_of: dict[str, dict[Key, Any]] = {v.name: {} for v in instance.model.variables}
        for v in instance.model.variables:
            self._declare(v.name)

    def _open_named_expressions(self) -> None:
        changed = True
        while changed:
            changed = False
            for n in self.instance.model.expressions:
                if n.name not in self._open_names and self.free(n.expr) & self._open_names:
                    self._open_names.add(n.name)
                    changed = True

    # columns ---------------------------------------------------------------------------------------------------------

    def _declare(self, name: str) -> None:
        family = self.instance.variables[name]
        for i, key in enumerate(family.domain.keys):
            if family.within is None:
                lower, upper = family.lower[i], family.upper[i]
                low: Limit = -inf if lower is None else tidy(lower)
                high: Limit = inf if upper is None else tidy(upper)
                value = self._numeric(name, key, low, high, family.type != "real")
            else:
                value = self._within(name, key, family.within[i].elements)
            self._columns_of[name][key] = value
            atom = next(iter(value.terms)) if isinstance(value, Form) else None
            if isinstance(value, Choice) and isinstance(first := value.cases[0][0], Atom):
                atom = first.args[0]
            self.columns.append(Column(name, key, value, atom))

    def _numeric(self, name: str, key: Key, low: Limit, high: Limit, whole: bool) -> Number:
        if (name, key) in self.bounds:
            tighter = self.bounds[name, key]
            low, high = max(low, tighter[0]), min(high, tighter[1])
        if whole:
            low = low if low == -inf else -(-low // 1)
            high = high if high == inf else high // 1
            low, high = (x if isinstance(x, float) else int(x) for x in (low, high))
        if low == high and not isinstance(low, float):
            return low
        if low > high:
            self.rows.append(Row(False, name, key))
        return self.terms.of(self.terms.column(name, key, low, high, whole))

    def _within(self, name: str, key: Key, elements: tuple[Element, ...]) -> Any:
        if not elements:
            self.rows.append(Row(False, name, key))
            return self._numeric(name, key, 0, 1, True)
        if len(elements) == 1:
            return elements[0]
        values = sorted(e for e in elements if isinstance(e, int))
        if len(values) == len(elements):
            form = self._numeric(name, key, values[0], values[-1], True)
            if values[-1] - values[0] + 1 > len(values):
                allowed = self.terms.some(self.terms.is_zero(self.terms.minus(form, v)) for v in values)
                self.rows.append(Row(allowed, name, key))
            return form
        t = self.terms
        column = t.column(name, key, 0, len(elements) - 1, True, "element")
        return Choice(tuple(
            (t.atom("is", (column, k), 0, 1, whole=True, condition=True), e) for k, e in enumerate(elements)
        ))  # fmt: skip

    # the walk --------------------------------------------------------------------------------------------------------

    def run(self) -> Ground:
        model = self.instance.model
        penalties: list[Number] = []
        for c in model.constraints:
            for env, key in self.keyed_bindings(c.over, {}):
                if c.penalty is not None:
                    penalties.append(self.terms.times(self.form(c.penalty, env), self._violation(c.expr, env)))
                else:
                    self._require(self.formula(c.expr, env), c.name, key)
        goals = []
        ordered = sorted(model.objectives, key=lambda o: -o.priority)
        for o in ordered:
            sign = 1 if o.sense == "minimize" else -1
            self._needs.append([])  # where an objective has no value there is no solution
            form = self.terms.scale(self.form(o.expr, {}), sign)
            for need in self._needs.pop():
                self._require(need, "objective", ())
            if o is ordered[-1]:
                form = self.terms.add(form, *penalties)
            goals.append(Goal(form, sign))
        if not ordered and penalties:
            goals.append(Goal(self.terms.add(*penalties), 1))
        return Ground(self.terms, tuple(self.columns), tuple(self.rows), tuple(goals))

    def _require(self, condition: Condition, source: str, key: Key) -> None:
        """A condition that must hold -> rows: conjunctions apart, a greatest value below a limit as each value."""
        if condition is True:
            return
        if isinstance(condition, Atom) and condition.op == "and":
            for part in condition.args:
                self._require(part, source, key)
            return
        if isinstance(condition, Atom) and condition.op in ("le", "lt"):
            form: Form = condition.args[0]
            for a, c in form.terms.items():
                if a.op == "max" and c > 0:
                    rest = self.terms.minus(form, self.terms.scale(self.terms.of(a), c))
                    for arg in a.args:
                        lowered = self.terms.add(rest, self.terms.scale(arg, c))
                        self._require(self.terms.at_most_zero(lowered), source, key)
                    return
            if condition.op == "lt":  # over continuous sides a strict comparison that must hold is a closed one
                condition = self.terms.at_most_zero(form)
                if condition is True:
                    return
        self.rows.append(Row(condition, source, key))

    def _violation(self, e: Expr, env: Env) -> Number:
        t = self.terms
        if isinstance(e, Compare) and self.open(e) and e.op != "!=":
            left, right = self.value(e.left, env), self.value(e.right, env)
            if not isinstance(left, Choice | str | tuple) and not isinstance(right, Choice | str | tuple):
                d = t.minus(t.number(left), t.number(right))
                if e.op in ("<", ">"):
                    if not t.is_whole(d):
                        raise NotCanonical("a penalty on a strict comparison")
                    d = t.add(d, 1 if e.op == "<" else -1)
                if e.op in ("<=", "<"):
                    return t.maximum((0, d))
                if e.op in (">=", ">"):
                    return t.maximum((0, t.scale(d, -1)))
                return t.maximum((d, t.scale(d, -1)))
        return t.number(t.negation(self.formula(e, env)))

    # the evaluator's hooks -------------------------------------------------------------------------------------------

    def open(self, e: Expr) -> bool:
        """True where variables are mentioned, so that the value is a term."""
        known = self._open.get(id(e))
        if known is None:
            known = self._open[id(e)] = (e, bool(self.free(e) & self._open_names))
        return known[1]

    def _variable_reader(self, name: str, values: object) -> Reader:
        known = self._columns_of[name]
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
        if not inside:
            raise NotCanonical("an index that always lies outside its set")
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
