"""Expression + Instance + Point -> value: the referee's evaluator, independent of every route.

Exact arithmetic on integers and fractions; floats only where the point (or `sqrt`, `exp`, `pi`, ...) brings them in.
What an expression means is decided by docs/SEMANTICS.md; this file is that page as a program and imports no solver.

Two things are tracked while walking. ``reads`` counts the variable values looked at: a part that read none is known
before solving, so `and`, `or`, `implies`, `if` skip what it decides, and an index or a divisor that read none and has
no value is an error, while one that read some makes the nearest enclosing condition false (`Undefined` is raised and
caught there). ``reals`` counts the values of continuous variables, for the referee's rule on strict comparisons.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from numbers import Integral, Real
from typing import Any, TypeVar, assert_never

from nl2opt.errors import Diagnostic, EvaluationError, LimitExceeded
from nl2opt.ir import arithmetic, limits
from nl2opt.ir.arithmetic import Number, canonical
from nl2opt.ir.calls import call, combine
from nl2opt.ir.instance import Instance, Key, Point, SetValue, flat
from nl2opt.ir.model import Element, NamedExpression, Over, Parameter, Set, Variable
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
    Generator,
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
from nl2opt.ir.nodes import Number as Literal
from nl2opt.ir.order import make_set
from nl2opt.ir.outcomes import (
    Bound,
    Env,
    Outcome,
    Undefined,
    compare_values,
    is_number,
    plain,
    shown,
    shown_binding,
    shown_key,
)
from nl2opt.ir.spelling import nearest
from nl2opt.ir.text import print_expression
from nl2opt.ir.walk import free_names

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


class Evaluator:
    """Values of expressions of one instance at one point; keeps the values of named expressions it has met."""

    def __init__(self, instance: Instance, point: Point | None = None) -> None:
        self.instance = instance
        self.symbols = instance.model.symbols
        self.point = point
        self.reads = 0
        self.reals = 0
        self.steps = 0
        self.step_limit = limits.SET_STEPS * 10
        self._named: dict[tuple[str, Key], tuple[Outcome, int, int] | Undefined | None] = {}
        self._sets: dict[int, tuple[Expr, SetValue]] = {}
        self._free: dict[int, tuple[Expr, frozenset[str]]] = {}

    def evaluate(self, expr: Expr, indices: Mapping[str, Element | Bound] | None = None) -> Outcome:
        """Expression -> value; raises EvaluationError where it is undefined at this point."""
        return self.closed(lambda: self.value(expr, environment(indices)))

    def closed(self, compute: Callable[[], T]) -> T:
        """Run ``compute`` where no condition encloses it: undefined is an error there."""
        try:
            return compute()
        except Undefined as e:
            raise EvaluationError(e.diagnostic) from None
        except OverflowError as e:
            raise EvaluationError(Diagnostic("V112", f"a number too large to compute ({e})")) from None

    def failure(
        self, code: str, message: str, env: Env, dependent: bool = False, found: str = "", expected: str = "",
        fix: str = "",
    ) -> Undefined | EvaluationError:  # fmt: skip
        """What to raise where there is no value: Undefined if variables decide it, else an error with the binding."""
        diagnostic = Diagnostic(code, message, shown_binding(env), found, expected, fix)
        return Undefined(diagnostic) if dependent else EvaluationError(diagnostic)

    # values ----------------------------------------------------------------------------------------------------------

    def value(self, e: Expr, env: Env) -> Outcome:
        """Expression -> value under ``env``; raises Undefined."""
        match e:
            case Name(name):
                return env[name][0] if name in env else self.declared(name, env)
            case Literal(value):
                return canonical(value)
            case Subscript(name, _):
                key, dependent = self.key(e, env)
                return self.lookup(name, key, env, dependent)
            case Mul(factors):
                product = self.number(factors[0], env)
                for f in factors[1:]:
                    product = product * self.number(f, env)
                return product
            case Add(terms):
                total = self.number(terms[0], env)
                for t in terms[1:]:
                    total = total + self.number(t, env)
                return total
            case Compare(op, left, right):
                try:
                    return self.compare(op, self.value(left, env), self.value(right, env), e, env)
                except Undefined:
                    return False
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

    # names -----------------------------------------------------------------------------------------------------------

    def declared(self, name: str, env: Env) -> Outcome:
        """A bare name -> its set, its scalar value, or the list of all its elements in index order."""
        item = self.symbols.get(name)
        match item:
            case None:
                raise self.failure("V105", f"unknown name `{name}`", env, fix=nearest(name, [*self.symbols, *env]))
            case Set(over=()):
                return self.instance.sets[name]
            case Set():
                return list(self.instance.indexed_sets[name].values())
            case _ if not item.over:
                return self.lookup(name, (), env, False)
            case _:
                return [self.lookup(name, key, env, False) for key in self.keys(name)]

    def keys(self, name: str) -> tuple[Key, ...]:
        """An indexed name -> its keys, in order."""
        match item := self.symbols[name]:
            case Variable():
                return self.instance.variables[name].domain.keys
            case Parameter():
                return self.instance.parameters[name].domain.keys
            case Set():
                return tuple(self.instance.indexed_sets[name])
            case NamedExpression():
                return tuple(key for _, key in self.keyed_bindings(item.over, {}))

    def key(self, e: Subscript, env: Env) -> tuple[Key, bool]:
        """A subscript -> its flat key, and whether variables decide it."""
        before = self.reads
        key: tuple[Any, ...] = ()
        for i in e.index:
            value = env[i.name][0] if isinstance(i, Name) and i.name in env else self.value(i, env)
            key += value if isinstance(value, tuple) else (value,)
        return key, self.reads > before

    def lookup(self, name: str, key: Key, env: Env, dependent: bool) -> Outcome:
        """A declared name at a key -> its value; ``dependent``: variables decide the key."""
        item = self.symbols.get(name)
        match item:
            case Variable():
                family = self.instance.variables.get(name)
                if family is None or self.point is None:
                    raise self.failure("V110", f"the variable `{name}` where only constants may stand", env)
                if key not in family.domain.position:
                    raise self.outside(name, key, env, dependent, family.domain.arity)
                self.reads += 1
                if family.type == "real" and family.within is None:
                    self.reals += 1
                return self.point_value(name, key, env)
            case Parameter():
                values = self.instance.parameters[name]
                if key not in values.domain.position:
                    raise self.outside(name, key, env, dependent, values.domain.arity)
                value = values.at(key)
                return canonical(value) if isinstance(value, Fraction) else value
            case NamedExpression():
                return self.named(item, key, env, dependent)
            case Set() if item.over:
                sets = self.instance.indexed_sets[name]
                if key not in sets:
                    raise self.outside(name, key, env, dependent, len(next(iter(sets), ())))
                return sets[key]
            case Set() | None:
                expected = "an indexed declaration"
                raise self.failure("V105", f"`{name}` has no elements by index", env, expected=expected)
            case _:
                assert_never(item)

    def outside(self, name: str, key: Key, env: Env, dependent: bool, arity: int) -> Undefined | EvaluationError:
        if len(key) != arity:
            return self.failure("V106", f"`{name}` takes {arity} coordinates", env, found=f"{name}{shown_key(key)}")
        fix = "filter the binding, or write `... if ... else ...`"
        return self.failure("V101", f"an index outside the set of `{name}`", env, dependent, f"{name}{shown_key(key)}",
                            f"a key of `{name}`", fix)  # fmt: skip

    def point_value(self, name: str, key: Key, env: Env) -> Outcome:
        assert self.point is not None
        try:
            value = self.point[name][key]
        except KeyError:
            raise self.failure("V111", f"the point has no value of `{name}{shown_key(key)}`", env) from None
        match value:
            case int() | float() | str() | tuple():
                return value
            case Fraction():
                return canonical(value)
            case Integral():
                return int(value)
            case Real():
                return float(value)
        raise self.failure("V111", f"the point's value of `{name}{shown_key(key)}` is no number or element", env)

    def named(self, item: NamedExpression, key: Key, env: Env, dependent: bool) -> Outcome:
        """A named expression at a key: its expression under its own indices."""
        place = (item.name, key)
        if place in self._named:
            known = self._named[place]
            if known is None:
                raise self.failure("V108", f"`{item.name}` is defined by itself", env)
            if isinstance(known, Undefined):
                raise known
            self.reads += known[1]
            self.reals += known[2]
            return known[0]
        own = self.bind(item.over, key)
        if own is None:
            raise self.outside(item.name, key, env, dependent, sum(self.arity(g, {}) for g in item.over))
        self._named[place] = None
        reads, reals = self.reads, self.reals
        try:
            value = self.value(item.expr, own)
        except Undefined as e:
            self._named[place] = e
            raise
        except BaseException:
            del self._named[place]
            raise
        self._named[place] = (value, self.reads - reads, self.reals - reals)
        return value

    # bindings and sets -----------------------------------------------------------------------------------------------

    def arity(self, generator: Generator, env: Env) -> int:
        """A generator -> the coordinates it takes of a key."""
        return len(generator.targets) if len(generator.targets) > 1 else self.set_of(generator.source, env).arity

    def bind(self, over: Over, key: Key) -> Env | None:
        """A key -> the indices of ``over`` bound to its coordinates; None where it is no key."""
        env: Env = {}
        rest = key
        for g in over:
            source = self.set_of(g.source, env)
            n = source.arity
            if len(rest) < n:
                return None
            element: Element = rest[:n] if n > 1 else rest[0]
            if element not in source.position:
                return None
            self.assign(g, element, source, env)
            if not all(self.condition(c, env) for c in g.conditions):
                return None
            rest = rest[n:]
        return env if not rest else None

    def assign(self, g: Generator, element: Element, source: SetValue, env: Env) -> None:
        """Bind the targets of a generator to an element."""
        if len(g.targets) == 1:
            env[g.targets[0]] = (element, source)
        elif g.targets:
            if not isinstance(element, tuple) or len(element) != len(g.targets):
                raise self.failure("V106", "an element with another number of coordinates", env,
                                   found=f"{shown(element)} for ({', '.join(g.targets)})")  # fmt: skip
            for target, coordinate in zip(g.targets, element, strict=True):
                env[target] = (coordinate, None)

    def generate(self, generators: Over, env: Env) -> Iterator[bool]:
        """Bind the generators in ``env``, one combination after another.

        Combinations a known filter refuses are skipped; where variables decide a filter its value is yielded.
        """
        for _, kept in self._combinations(generators, env, True):
            yield kept

    def keyed_bindings(self, over: Over, env: Env) -> Iterator[tuple[Env, Key]]:
        """Bind ``over`` in ``env`` and yield it with the flat key of each combination kept."""
        for elements, kept in self._combinations(over, env, True):
            if kept:
                yield env, elements

    def _combinations(self, generators: Over, env: Env, kept: bool) -> Iterator[tuple[Key, bool]]:
        if not generators:
            yield (), kept
            return
        g, rest = generators[0], generators[1:]
        source = self.set_of(g.source, env)
        for element in source.elements:
            self.steps += 1
            if self.steps > self.step_limit:
                raise LimitExceeded(Diagnostic("V113", "too many combinations", shown_binding(env),
                                               found=f"more than {self.step_limit} steps"))  # fmt: skip
            self.assign(g, element, source, env)
            before = self.reads
            holds = self.decide(g.conditions, env, stop=False) if g.conditions else True
            if not holds and self.reads == before:
                continue
            if rest:
                for key, inner in self._combinations(rest, env, kept and holds):
                    yield flat(element) + key, inner
            else:
                yield flat(element), kept and holds
        for target in g.targets:
            env.pop(target, None)

    def set_of(self, e: Expr, env: Env) -> SetValue:
        """Set expression -> the set, in order."""
        if isinstance(e, Name) and e.name not in env:
            item = self.symbols.get(e.name)
            if isinstance(item, Set) and not item.over:
                return self.instance.sets[e.name]
        elif not isinstance(e, Subscript):
            known = self._sets.get(id(e))
            if known is not None:
                return known[1]
        before = self.reads
        result = make_set(self, e, env)
        if self.reads == before and not isinstance(e, Name | Subscript) and not (self.free(e) & env.keys()):
            self._sets[id(e)] = (e, result)
        return result

    def free(self, e: Expr) -> frozenset[str]:
        known = self._free.get(id(e))
        if known is None:
            known = self._free[id(e)] = (e, free_names(e))
        return known[1]

    def length(self, name: str, index: tuple[Expr, ...], env: Env) -> int | None:
        """`len(name)`, `len(name[...])` of an array -> the length of that axis; None where name is no array."""
        match self.symbols.get(name):
            case Parameter():
                shape = self.instance.parameters[name].domain.shape
            case Variable() if name in self.instance.variables:
                shape = self.instance.variables[name].domain.shape
            case _:
                return None
        return shape[len(index)] if len(index) < len(shape) else None

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
