"""Declarations of an instance -> arrays: sets, parameters, and the keys and frames of indexed things."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any

import numpy as np

from nl2opt.errors import Diagnostic, EvaluationError
from nl2opt.ground.linear.axes import Array, Axis, Data, Frame, Kind, Origin
from nl2opt.ground.linear.elements import Atoms, Elements, Ints
from nl2opt.ground.linear.families import Family
from nl2opt.ir.instance import Instance, SetValue, keys_of
from nl2opt.ir.model import Model, Over, Parameter, Variable
from nl2opt.ir.nodes import Expr, Generator, Label, Name, Subscript
from nl2opt.ir.spelling import nearest_label
from nl2opt.ir.text import print_expression


class Declarations(ABC):
    """The sets and parameters of an instance, and of a model rewritten from its model, as arrays.

    Values of expressions, which derived parameters and filters need, come from the subclass.
    """

    def __init__(self, instance: Instance, model: Model | None = None, exact: bool = False) -> None:
        self.instance = instance
        self.model = model if model is not None else instance.model
        self.exact = exact
        self.atoms = Atoms()
        self.sets: dict[Expr, Elements] = {}
        self.parts: dict[tuple[str, int], Elements] = {}
        self.inferred: dict[str, Data] = {}
        self._declared: dict[str, Elements] = {}
        self._values: dict[int, Elements] = {}
        self._indexed: dict[str, tuple[Family, Elements, Ints, Ints]] = {}
        self._domains: dict[str, tuple[Family, Frame]] = {}
        self._parameters: dict[str, tuple[Family, Array]] = {}

    def share(self, other: Declarations) -> None:
        """Use the arrays of ``other`` wherever they are the same in both."""
        for name in ("atoms", "sets", "parts", "_declared", "_values", "_indexed", "_domains", "inferred"):
            setattr(self, name, getattr(other, name))

    @abstractmethod
    def bind(self, frame: Frame, generators: Over) -> Frame:
        """The frame inside generators."""

    @abstractmethod
    def value(self, e: Expr, frame: Frame) -> Array:
        """Known expression -> its values over the axes it mentions."""

    @abstractmethod
    def set_elements(self, e: Expr) -> Elements:
        """Set expression without outer indices -> its elements."""

    def set_value(self, s: SetValue) -> Elements:
        """A bound set -> its elements as arrays, the same object for equal sets."""
        known = self._values.get(id(s))
        if known is None:
            for name, declared in self.instance.sets.items():
                if declared is not s and declared.elements == s.elements:
                    known = self.declared_set(name)
                    break
            known = known if known is not None else Elements.of_set(s, self.atoms)
            self._values[id(s)] = known
        return known

    def declared_set(self, name: str) -> Elements:
        """A declared set -> its elements."""
        if name not in self._declared:
            if name not in self.instance.sets:
                raise EvaluationError(Diagnostic("V105", f"`{name}` is no set", fix="use a declared set"))
            s = self.instance.sets[name]
            self._declared[name] = self._values.get(id(s)) or Elements.of_set(s, self.atoms)
            self._values[id(s)] = self._declared[name]
        return self._declared[name]

    def indexed_set(self, name: str) -> tuple[Family, Elements, Ints, Ints]:
        """An indexed set -> its keys, all elements one list after the other, the start and the length of each."""
        if name not in self._indexed:
            lists = self.instance.indexed_sets[name]
            keys = Elements.of([k if len(k) > 1 else k[0] for k in lists], self.atoms)
            every = [x for s in lists.values() for x in s.elements]
            counts = np.fromiter((len(s) for s in lists.values()), np.int64, len(lists))
            starts = np.cumsum(counts) - counts
            self._indexed[name] = (Family(name, (), keys), Elements.of(every, self.atoms), starts, counts)
        return self._indexed[name]

    def domain(self, item: Variable | Parameter) -> tuple[Family, Frame]:
        """A declaration -> its keys, and the frame its own indices are bound in."""
        if item.name not in self._domains:
            named = tuple(
                g if g.targets else Generator((f"#{n}",), g.source, g.conditions) for n, g in enumerate(item.over)
            )
            frame = self.bind(Frame(), named)
            targets = [t for g in named for t in g.targets]
            if not frame.views and len(frame.axes) == len(named):
                sets = tuple(self.set_elements(g.source) for g in named)
                family = Family(item.name, sets)
            else:
                parts = [c for t in targets for c in self.coordinates(frame.name(t))]
                columns = tuple(np.ascontiguousarray(frame.full(p, frame.axes)).reshape(-1) for p in parts)
                labels = tuple(p.kind == "label" for p in parts)
                family = Family(item.name, (), Elements(columns, labels, self.atoms))
            self._domains[item.name] = (family, frame)
        return self._domains[item.name]

    def parameter(self, name: str) -> tuple[Family, Array]:
        """A parameter -> its keys and its values, flat over them (`dims` unused)."""
        if name not in self._parameters:
            self._parameters[name] = self._bound(name) if name in self.instance.parameters else self._derived(name)
        return self._parameters[name]

    def _bound(self, name: str) -> tuple[Family, Array]:
        value = self.instance.parameters[name]
        domain = value.domain
        if domain.filtered is None:
            family = Family(name, tuple(self.set_value(a) for a in domain.axes))
        else:
            keys = [k if len(k) > 1 else k[0] for k in domain.filtered]
            family = Family(name, (), Elements.of(keys, self.atoms))
        if value.elements is not None:
            return family, self._elements_of(name, Elements.of(value.elements, self.atoms))
        if self.exact:
            return family, Array(np.array(value.exact, dtype=object))
        return family, Array(value.array)

    def _elements_of(self, name: str, elements: Elements) -> Array:
        """Values of a parameter `in` a set -> an array of elements, with their place in that set."""
        places = np.arange(len(elements))
        symbol = self.model.symbols[name]
        within = symbol.within if isinstance(symbol, Parameter) else None
        if isinstance(within, Name):
            source = self.declared_set(within.name)
            found = source.index.find(elements.columns)
            if (found >= 0).all():
                return self.at(source, found, (), 0, len(source))
        return self.at(elements, places, (), 0, len(elements))

    def _derived(self, name: str) -> tuple[Family, Array]:
        """A parameter a rewrite made -> its values: inferred bounds, or its expression at each key."""
        item = self.model.symbols[name]
        assert isinstance(item, Parameter)
        family, frame = self.domain(item)
        if name in self.inferred:
            return family, Array(self.inferred[name])
        if not isinstance(item.value, Expr):
            raise EvaluationError(Diagnostic("V110", f"`{name}` has no value yet", item.description))
        return family, Array(np.ascontiguousarray(frame.full(self.value(item.value, frame), frame.axes)).reshape(-1))

    def at(
        self, elements: Elements, pos: Data, dims: tuple[Axis, ...], start: Data | int, length: Data | int
    ) -> Array:  # fmt: skip
        """Places in a set -> the elements there."""
        origin = Origin(elements, pos, start, length, None, 0, pos)
        if elements.arity > 1:
            return Array(pos, dims, "tuple", origin)
        kind: Kind = "label" if elements.labels[0] else "number"
        return Array(elements.columns[0][pos], dims, kind, origin)

    def coordinates(self, a: Array) -> list[Array]:
        """An element -> one array a coordinate."""
        if a.kind != "tuple":
            return [a]
        assert a.origin is not None
        elements = a.origin.elements
        return [
            Array(c[a.origin.pos], a.dims, "label" if is_label else "number", replace(a.origin, coordinate=n))
            for n, (c, is_label) in enumerate(zip(elements.columns, elements.labels, strict=True))
        ]

    def failure(self, code: str, message: str, e: Expr, frame: Frame, where: Array | None = None) -> EvaluationError:
        """An error that names the first binding where it happens."""
        fix = "filter the binding, or write `... if ... else ...`" if code == "V101" else ""
        if code == "V102" and where is not None:
            fix = "filter the binding, write `... if ... else ...`, or wrap=True"
        if code == "V101" and isinstance(e, Subscript) and all(isinstance(i, Label) for i in e.index):
            labels = [i.value for i in e.index if isinstance(i, Label)]
            fix = nearest_label(labels, keys_of(e.name, self.instance)) or fix
        return EvaluationError(Diagnostic(code, message, self.binding(frame, where), print_expression(e), fix=fix))

    def binding(self, frame: Frame, where: Array | None) -> str:
        """The bound names at the first true place of a mask -> `t = jan, p = north`."""
        if where is None or not where.dims:
            return ""
        place = dict(zip(where.dims, (int(p[0]) for p in np.nonzero(where.data)), strict=True))
        shown = []
        for name in frame.names:
            if name.startswith("#"):
                continue
            a = frame.name(name)
            if all(d in place for d in a.dims) and a.origin is not None:
                element = a.data[tuple(place[d] for d in a.dims)]
                if a.kind == "tuple":
                    text: Any = a.origin.elements.element(int(element))
                else:
                    text = self.atoms.labels[int(element)] if a.kind == "label" else int(element)
                shown.append(f"{name} = {text}")
        return ", ".join(shown)
