"""Declared names and index bindings of an instance -> what they stand for during the walk.

The base of `Walk`: the indices bound now, what the part being walked needs to be defined, what it has read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nl2opt.errors import Diagnostic, EvaluationError
from nl2opt.ground.plain.forms import Formula, Scalar, every, tidy
from nl2opt.ground.plain.store import Store
from nl2opt.ir.instance import Instance, Key, SetValue, flat, keys_of
from nl2opt.ir.model import Element, NamedExpression, Over
from nl2opt.ir.nodes import Expr
from nl2opt.ir.spelling import nearest_label

T = TypeVar("T")


@dataclass(slots=True)
class Indices:
    """Index names -> their elements, and the sets they were drawn from where that is known."""

    values: dict[str, Element] = field(default_factory=dict)
    drawn: dict[str, SetValue] = field(default_factory=dict)

    def copy(self) -> Indices:
        """The same bindings, apart."""
        return Indices(dict(self.values), dict(self.drawn))


class Names:
    """Names, indices and sets of one instance over the columns of one store.

    ``reads`` counts the variables looked at, ``reals`` those declared real, conditions left out.
    """

    def __init__(self, store: Store, instance: Instance, variables: Mapping[str, Mapping[Key, Scalar]]) -> None:
        self.store = store
        self.instance = instance
        self.symbols = instance.model.symbols
        self.variables = variables
        self.indices = Indices()
        self.reads = 0
        self.reals = 0
        self._needs: list[Formula] = []
        self._parameters: dict[str, Mapping[Key, Scalar]] = {}
        self._bindings: dict[str, dict[Key, Indices]] = {}
        self._named: dict[tuple[str, Key], tuple[Scalar, Formula, int, int]] = {}
        self._open: set[tuple[str, Key]] = set()

    # what a `Walk` adds ----------------------------------------------------------------------------------------------

    def value(self, e: Expr) -> Scalar:
        """Expression -> its value."""
        raise NotImplementedError

    def known_first(self, args: tuple[Expr, ...], stop: bool) -> Formula:
        """`or` (stop=True), `and` (stop=False), from left to right."""
        raise NotImplementedError

    def set_of(self, e: Expr) -> SetValue:
        """Set expression -> the set."""
        raise NotImplementedError

    # errors and definedness ------------------------------------------------------------------------------------------

    def failure(self, code: str, message: str, found: str = "", expected: str = "", fix: str = "") -> EvaluationError:
        """An expression without a value, with the binding under which it has none."""
        binding = ", ".join(f"{k} = {v}" for k, v in self.indices.values.items())
        place, _, _ = self.store.where.partition(" (")  # it may name the indices of the constraint already
        where = f"{place} ({binding})" if binding else self.store.where
        return EvaluationError(Diagnostic(code, message, where, found, expected, fix))

    def need(self, f: Formula) -> None:
        """The part being walked is undefined unless ``f`` holds; the nearest enclosing condition is then false."""
        if f is not True:
            self._needs.append(f)

    def apart(self, compute: Callable[[], T]) -> tuple[T, Formula]:
        """Run ``compute``; what it needs to be defined comes back beside its value."""
        outer, self._needs = self._needs, []
        try:
            value = compute()
            return value, every(self._needs)
        finally:
            self._needs = outer

    def atom(self, compute: Callable[[], Formula]) -> Formula:
        """A condition that is false where a part of it is undefined. It counts 0 or 1, so what it reads is not real."""
        reals = self.reals
        holds, needs = self.apart(compute)
        self.reals = reals
        return every((needs, holds))

    # names -----------------------------------------------------------------------------------------------------------

    def keys(self, name: str) -> tuple[Key, ...]:
        """The keys of an indexed name, in order."""
        item = self.symbols.get(name)
        if isinstance(item, NamedExpression):
            return tuple(self.bindings(item))
        if name in self.instance.variables:
            return self.instance.variables[name].domain.keys
        if name in self.instance.parameters:
            return self.instance.parameters[name].domain.keys
        raise self.failure("V105", f"`{name}` has no elements by index")

    def entry(self, name: str, key: Key) -> Scalar:
        """A declared name at a key -> its value; an error outside its keys."""
        item = self.symbols.get(name)
        if isinstance(item, NamedExpression):
            return self._expression(item, key)
        if name in self.variables:
            found = self.variables[name].get(key)
            if found is not None:
                self.reads += 1
                family = self.instance.variables[name]
                self.reals += family.type == "real" and family.within is None
        else:
            found = self._parameter(name).get(key)
        if found is None:
            raise self.outside(name, key)
        return found

    def outside(self, name: str, key: Any) -> EvaluationError:
        """An index outside the set of a name."""
        shown = f"{name}[{', '.join(map(str, key))}]"
        near = nearest_label(key, keys_of(name, self.instance))
        return self.failure("V101", f"an index outside the set of `{name}`", shown, f"a key of `{name}`",
                            near or "filter the binding, or write `... if ... else ...`")  # fmt: skip

    def _parameter(self, name: str) -> Mapping[Key, Scalar]:
        if name not in self._parameters:
            if name not in self.instance.parameters:
                raise self.failure("V105", f"unknown name `{name}`")
            held = self.instance.parameters[name]
            values: tuple[Scalar, ...] = held.elements if held.elements is not None else tuple(map(tidy, held.exact))
            self._parameters[name] = dict(zip(held.domain.keys, values, strict=True))
        return self._parameters[name]

    def bindings(self, item: NamedExpression) -> dict[Key, Indices]:
        """A named expression -> its keys, each with its own indices bound."""
        if item.name not in self._bindings:
            outer, self.indices = self.indices, Indices()
            found = {key: self.indices.copy() for key, kept in self.keyed(item.over) if kept is True}
            self.indices = outer
            self._bindings[item.name] = found
        return self._bindings[item.name]

    def _expression(self, item: NamedExpression, key: Key) -> Scalar:
        """A named expression at a key: walked once, under its own indices."""
        place = (item.name, key)
        if place not in self._named:
            own = self.bindings(item).get(key)
            if own is None:
                raise self.outside(item.name, key)
            if place in self._open:
                raise self.failure("V108", f"`{item.name}` is defined by itself")
            self._open.add(place)
            outer, reads, reals = self.indices, self.reads, self.reals
            self.indices = own.copy()
            try:
                value, needs = self.apart(lambda: self.value(item.expr))
            finally:
                self.indices = outer
                self._open.discard(place)
            self._named[place] = (value, needs, self.reads - reads, self.reals - reals)
            self.reads, self.reals = reads, reals
        value, needs, read, real = self._named[place]
        self.reads += read
        self.reals += real
        self.need(needs)
        return value

    # bindings --------------------------------------------------------------------------------------------------------

    def each(self, over: Over) -> Iterator[Formula]:
        """Bind the indices to each combination that no known filter refuses; yield what variables ask of it."""
        for _, kept in self.keyed(over):
            yield kept

    def keyed(self, over: Over) -> Iterator[tuple[Key, Formula]]:
        """`each`, with the flat key of each combination."""
        if not over:
            yield (), True
            return
        generator, rest = over[0], over[1:]
        source = self.set_of(generator.source)
        indices, targets = self.indices, generator.targets
        for element in source.elements:
            if len(targets) == 1:
                indices.values[targets[0]] = element
                indices.drawn[targets[0]] = source
            elif targets:
                indices.values.update(zip(targets, flat(element), strict=True))
            before = self.reads
            kept = self.known_first(generator.conditions, stop=False) if generator.conditions else True
            if kept is False and self.reads == before:
                continue
            own = flat(element)
            if not rest:
                yield own, kept
                continue
            for key, inner in self.keyed(rest):
                yield own + key, every((kept, inner))
        for target in targets:
            indices.values.pop(target, None)
            indices.drawn.pop(target, None)
