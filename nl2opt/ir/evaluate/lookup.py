"""Names and indices -> values: what a declared name is worth at a key, and how generators bind their indices."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from numbers import Integral, Real
from typing import Any, TypeVar, assert_never

from nl2opt.errors import Diagnostic, EvaluationError, LimitExceeded
from nl2opt.ir import limits
from nl2opt.ir.evaluate.arithmetic import Number, canonical
from nl2opt.ir.evaluate.order import make_set
from nl2opt.ir.evaluate.outcomes import Env, Outcome, Undefined, shown, shown_binding, shown_key
from nl2opt.ir.instance import Instance, Key, Point, SetValue, Value, flat
from nl2opt.ir.model import Element, NamedExpression, Over, Parameter, Set, Variable
from nl2opt.ir.nodes import Expr, Generator, Name, Subscript
from nl2opt.ir.spelling import nearest, nearest_label
from nl2opt.ir.walk import free_names

T = TypeVar("T")
Reader = Callable[[Key, Env, bool], Outcome]
_PLAIN = frozenset((int, float, str, bool))


class Lookup(ABC):
    """Values of the names of one instance at one point; `Evaluator` adds the values of expressions."""

    def __init__(self, instance: Instance, point: Point | None = None) -> None:
        self.instance = instance
        self.symbols = instance.model.symbols
        self.point = point
        self.reads = 0
        self.reals = 0
        self.steps = 0
        self.step_limit = limits.SET_STEPS * 10
        self._readers: dict[str, Reader] = {}
        self._named: dict[tuple[str, Key], tuple[Outcome, int, int] | Undefined | None] = {}
        self._sets: dict[int, tuple[Expr, SetValue]] = {}
        self._free: dict[int, tuple[Expr, frozenset[str]]] = {}

    @abstractmethod
    def value(self, e: Expr, env: Env) -> Outcome:
        """Expression -> value under ``env``; raises Undefined."""

    @abstractmethod
    def number(self, e: Expr, env: Env) -> Number:
        """Expression -> its number."""

    @abstractmethod
    def whole(self, e: Expr, env: Env) -> int:
        """Expression -> its whole number."""

    @abstractmethod
    def condition(self, e: Expr, env: Env) -> bool:
        """Condition -> does it hold; undefined is false."""

    @abstractmethod
    def truth(self, value: Outcome, e: Expr, env: Env) -> bool:
        """A value that stands as a condition -> nonzero."""

    @abstractmethod
    def decide(self, args: tuple[Expr, ...], env: Env, stop: bool) -> bool:
        """`or` (stop=True), `and` (stop=False), known conditions first."""

    def closed(self, compute: Callable[[], T]) -> T:
        """Run ``compute`` where no condition encloses it: undefined is an error there."""
        try:
            return compute()
        except Undefined as e:
            raise EvaluationError(e.diagnostic) from None
        except OverflowError as e:
            raise EvaluationError(Diagnostic("V112", f"a number too large to compute ({e})")) from None
        except RecursionError:
            raise EvaluationError(Diagnostic("V114", "named expressions built on each other too deeply",
                                             fix="make some of them variables or parameters")) from None  # fmt: skip

    def failure(
        self, code: str, message: str, env: Env, dependent: bool = False, found: str = "", expected: str = "",
        fix: str = "",
    ) -> Undefined | EvaluationError:  # fmt: skip
        """What to raise where there is no value: Undefined if variables decide it, else an error with the binding."""
        diagnostic = Diagnostic(code, message, shown_binding(env), found, expected, fix)
        return Undefined(diagnostic) if dependent else EvaluationError(diagnostic)

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
        key: list[Any] = []
        for i in e.index:
            bound = env.get(i.name) if type(i) is Name else None
            value = bound[0] if bound is not None else self.value(i, env)
            if type(value) is tuple:
                key.extend(value)
            else:
                key.append(value)
        return tuple(key), self.reads > before

    def lookup(self, name: str, key: Key, env: Env, dependent: bool) -> Outcome:
        """A declared name at a key -> its value; ``dependent``: variables decide the key."""
        read = self._readers.get(name)
        if read is not None:
            return read(key, env, dependent)
        item = self.symbols.get(name)
        match item:
            case Variable():
                if name not in self.instance.variables or self.point is None:
                    raise self.failure("V110", f"the variable `{name}` where only constants may stand", env)
                read = self._variable_reader(name, self.point.get(name, {}))
            case Parameter():
                read = self._parameter_reader(name)
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
        self._readers[name] = read
        return read(key, env, dependent)

    def _variable_reader(self, name: str, values: Mapping[Key, Value]) -> Reader:
        family = self.instance.variables[name]
        position = family.domain.position
        real = int(family.type == "real" and family.within is None)

        def read(key: Key, env: Env, dependent: bool) -> Outcome:
            if key not in position:
                raise self.outside(name, key, env, dependent, family.domain.arity)
            self.reads += 1
            self.reals += real
            value = values.get(key)
            return value if type(value) in _PLAIN else self.point_value(name, key, value, env)

        return read

    def _parameter_reader(self, name: str) -> Reader:
        values = self.instance.parameters[name]
        position = values.domain.position
        known: dict[int, Outcome] = {}

        def read(key: Key, env: Env, dependent: bool) -> Outcome:
            place = position.get(key)
            if place is None:
                raise self.outside(name, key, env, dependent, values.domain.arity)
            if place not in known:
                value = values.at(key)
                known[place] = canonical(value) if isinstance(value, Fraction) else value
            return known[place]

        return read

    def outside(self, name: str, key: Key, env: Env, dependent: bool, arity: int) -> Undefined | EvaluationError:
        if len(key) != arity:
            return self.failure("V106", f"`{name}` takes {arity} coordinates", env, found=f"{name}{shown_key(key)}")
        fix = "" if dependent else nearest_label(key, self.keys(name))
        fix = fix or "filter the binding, or write `... if ... else ...`"
        return self.failure("V101", f"an index outside the set of `{name}`", env, dependent, f"{name}{shown_key(key)}",
                            f"a key of `{name}`", fix)  # fmt: skip

    def point_value(self, name: str, key: Key, value: object, env: Env) -> Outcome:
        """A value of the point that is no plain int, float or label -> the number or element it is."""
        match value:
            case None:
                raise self.failure("V111", f"the point has no value of `{name}{shown_key(key)}`", env)
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
                self.reads += 1  # variables decided it then, so they do now
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
        if len(generators) > 1:
            self.foresee(generators, env)
        g, rest = generators[0], generators[1:]
        for _ in self.steps_of(g, env):
            before = self.reads
            holds = self.decide(g.conditions, env, stop=False) if g.conditions else True
            if not holds and self.reads == before:
                continue
            if rest:
                for inner in self.generate(rest, env):
                    yield inner and holds
            else:
                yield holds

    def keyed_bindings(self, over: Over, env: Env) -> Iterator[tuple[Env, Key]]:
        """Bind ``over`` in ``env`` and yield it with the flat key of each combination its filters keep."""
        if not over:
            yield env, ()
            return
        if len(over) > 1:
            self.foresee(over, env)
        g, rest = over[0], over[1:]
        for element in self.steps_of(g, env):
            if g.conditions and not self.decide(g.conditions, env, stop=False):
                continue
            key = flat(element)
            if rest:
                for _, inner in self.keyed_bindings(rest, env):
                    yield env, key + inner
            else:
                yield env, key

    def foresee(self, generators: Over, env: Env) -> None:
        """Refuse at once what would take more steps than the limit allows."""
        steps = 1
        bound: set[str] = set()
        for g in generators:
            if self.free(g.source) & bound:
                return
            steps *= len(self.set_of(g.source, env))
            bound.update(g.targets)
            if g.conditions:
                break
        if steps > self.step_limit:
            raise LimitExceeded(Diagnostic("V113", "too many combinations", shown_binding(env), f"{steps} steps",
                                           f"at most {self.step_limit}"))  # fmt: skip

    def steps_of(self, g: Generator, env: Env) -> Iterator[Element]:
        """Bind the targets of one generator to its elements in turn."""
        source = self.set_of(g.source, env)
        name = g.targets[0] if len(g.targets) == 1 else None
        for element in source.elements:
            self.steps += 1
            if self.steps > self.step_limit:
                raise LimitExceeded(Diagnostic("V113", "too many combinations", shown_binding(env),
                                               found=f"more than {self.step_limit} steps"))  # fmt: skip
            if name is not None:
                env[name] = (element, source)
            else:
                self.assign(g, element, source, env)
            yield element
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
