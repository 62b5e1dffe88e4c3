"""Declared names and index bindings of an instance -> what they stand for while it is ground.

The base of `Grounder`: the state of the walk (bound indices, what the current part needs to be defined, how many
variables were read) and everything that is kept once made (parameters, named expressions, sets).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from nl2opt.ground.cp.arithmetic import Numeric
from nl2opt.ground.cp.builder import Builder
from nl2opt.ground.cp.scope import failure
from nl2opt.ground.cp.sets import make_set
from nl2opt.ground.cp.values import Formula, Scalar, conjunction, tidy
from nl2opt.ir.instance import Instance, Key, SetValue, flat, keys_of
from nl2opt.ir.model import Element, NamedExpression, Over
from nl2opt.ir.nodes import Expr, Name
from nl2opt.ir.spelling import nearest_label
from nl2opt.ir.walk import free_names

T = TypeVar("T")
Bindings = dict[Key, tuple[dict[str, Element], dict[str, SetValue]]]


class Names:
    """Names, indices and sets of one instance over the variables of one builder.

    ``reads`` counts the variables looked at: an index or a divisor that read one is not an error where it has no value,
    though bounds may have folded it to a constant.
    """

    def __init__(self, b: Builder, instance: Instance, variables: dict[str, dict[Key, Scalar]]) -> None:
        self.b = b
        self.instance = instance
        self.variables = variables
        self.env: dict[str, Element] = {}
        self.origins: dict[str, SetValue] = {}
        self.reads = 0
        self._needs: list[Formula] = []
        self._parameters: dict[str, dict[Key, Scalar]] = {}
        self._named: dict[tuple[str, Key], tuple[Scalar, Formula, int]] = {}
        self._bindings: dict[str, Bindings] = {}
        self._sets: dict[int, tuple[Expr, SetValue]] = {}
        self._free: dict[int, tuple[Expr, frozenset[str]]] = {}

    def value(self, e: Expr) -> Scalar:
        """Expression -> its value."""
        raise NotImplementedError

    def number(self, e: Expr) -> Numeric:
        """Expression -> its number."""
        raise NotImplementedError

    def condition(self, e: Expr) -> Formula:
        """Condition -> a formula."""
        raise NotImplementedError

    def known_first(self, args: tuple[Expr, ...], stop: bool) -> Formula:
        """`or` (stop=True), `and` (stop=False), from left to right."""
        raise NotImplementedError

    def listing(self, args: tuple[Expr, ...]) -> list[Scalar]:
        """Arguments -> values."""
        raise NotImplementedError

    def need(self, f: Formula) -> None:
        """The part being ground is undefined unless ``f`` holds."""
        if f is not True:
            self._needs.append(f)

    def apart(self, compute: Callable[[], T]) -> tuple[T, Formula]:
        """Run ``compute`` and keep what it needs to be defined away from the enclosing condition."""
        outer, self._needs = self._needs, []
        try:
            value = compute()
            return value, conjunction(self._needs)
        finally:
            self._needs = outer

    def entry(self, name: str, key: Key) -> Scalar:
        """A declared name at a key -> its value."""
        item = self.instance.model.symbols.get(name)
        if isinstance(item, NamedExpression):
            return self.named(item, key)
        family = self.variables.get(name)
        if family is None:
            family = self.parameter(name)
        else:
            self.reads += 1
        try:
            return family[key]
        except KeyError:
            raise self.outside(name, key) from None

    def outside(self, name: str, key: Key) -> Exception:
        """An index outside the set of a name."""
        shown = f"{name}[{', '.join(map(str, key))}]"
        near = nearest_label(key, keys_of(name, self.instance))
        fix = near or "filter the binding, or write `... if ... else ...`"
        return failure(self, "V101", f"an index outside the set of `{name}`", shown, f"a key of `{name}`", fix)

    def parameter(self, name: str) -> dict[Key, Scalar]:
        """Key -> constant of one parameter."""
        if name not in self._parameters:
            if name not in self.instance.parameters:
                raise failure(self, "V105", f"`{name}` has no elements by index")
            values = self.instance.parameters[name]
            found = values.elements if values.elements is not None else tuple(map(tidy, values.exact))
            self._parameters[name] = dict(zip(values.domain.keys, found, strict=True))
        return self._parameters[name]

    def keys(self, name: str) -> tuple[Key, ...]:
        """The keys of an indexed name, in order."""
        item = self.instance.model.symbols.get(name)
        if isinstance(item, NamedExpression):
            return tuple(self.bindings_of(item))
        if name in self.instance.variables:
            return self.instance.variables[name].domain.keys
        return self.instance.parameters[name].domain.keys

    def bindings_of(self, item: NamedExpression) -> Bindings:
        """A named expression -> its keys, each with the indices bound to it."""
        if item.name not in self._bindings:
            found: Bindings = {}
            outer = self.env, self.origins
            self.env, self.origins = {}, {}
            for key, kept in self.keyed(item.over):
                if kept:
                    found[key] = (dict(self.env), dict(self.origins))
            self.env, self.origins = outer
            self._bindings[item.name] = found
        return self._bindings[item.name]

    def named(self, item: NamedExpression, key: Key) -> Scalar:
        """A named expression at a key: its expression under its own indices, ground once."""
        place = (item.name, key)
        if place not in self._named:
            bound = self.bindings_of(item).get(key)
            if bound is None:
                raise self.outside(item.name, key)
            outer, before = (self.env, self.origins), self.reads
            self.env, self.origins = dict(bound[0]), dict(bound[1])
            try:
                value, needs = self.apart(lambda: self.value(item.expr))
            finally:
                self.env, self.origins = outer
            self._named[place] = (value, needs, self.reads - before)
        value, needs, reads = self._named[place]
        self.reads += reads
        self.need(needs)
        return value

    # bindings, sets, aggregates --------------------------------------------------------------------------------------

    def each(self, over: Over) -> Iterator[Formula]:
        """Bind the indices to each combination that is not known to be filtered out; yield what its filter needs.

        That may be False where only the bounds of variables decide it: a sum must look at its body all the same.
        """
        for _, kept in self.keyed(over):
            yield kept

    def keyed(self, over: Over) -> Iterator[tuple[Key, Formula]]:
        """Bind the indices; yield the flat key of each combination and what its filter needs."""
        if not over:
            yield (), True
            return
        g, rest = over[0], over[1:]
        source = self.set_of(g.source)
        for element in source.elements:
            if len(g.targets) == 1:
                self.env[g.targets[0]] = element
                self.origins[g.targets[0]] = source
            elif g.targets:
                for t, c in zip(g.targets, flat(element), strict=True):
                    self.env[t] = c
            before = self.reads
            kept = self.known_first(g.conditions, stop=False) if g.conditions else True
            if kept is False and self.reads == before:
                continue
            own = flat(element)
            if not rest:
                yield own, kept
            else:
                for key, inner in self.keyed(rest):
                    yield own + key, conjunction((kept, inner))
        for t in g.targets:
            self.env.pop(t, None)
            self.origins.pop(t, None)

    def set_of(self, e: Expr) -> SetValue:
        """Set expression -> the set; one that mentions no index is made once."""
        if isinstance(e, Name) and e.name in self.instance.sets:
            return self.instance.sets[e.name]
        known = self._sets.get(id(e))
        if known is not None:
            return known[1]
        if id(e) not in self._free:
            self._free[id(e)] = (e, free_names(e))
        result = make_set(self, e)
        if not self._free[id(e)][1] & self.env.keys():
            self._sets[id(e)] = (e, result)
        return result
