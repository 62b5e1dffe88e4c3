"""Known expressions -> arrays over the axes they mention: the one evaluation of constants on the native routes.

Numbers are float64 (int64 for indices and counts). Where a comparison, a floor or a remainder is so close that rounding
could decide it, the bindings in doubt are evaluated again with exact fractions by the same code.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from nl2opt.errors import EvaluationError
from nl2opt.ground.linear import functions
from nl2opt.ground.linear.axes import Array, Axis, Data, Frame, Origin
from nl2opt.ground.linear.binding import bind, keep
from nl2opt.ground.linear.declarations import Declarations
from nl2opt.ground.linear.elements import Elements, Index
from nl2opt.ground.linear.families import Family, Place
from nl2opt.ground.linear.reduction import scatter
from nl2opt.ground.linear.sets import elements_of
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model, Over, Parameter
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Boolean,
    Call,
    Compare,
    Constant,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    Label,
    Mul,
    Name,
    Neg,
    Not,
    Number,
    Or,
    SetLiteral,
    Subscript,
    Tuple,
)


class Constants(Declarations):
    """The value of any known expression over the sets and parameters of an instance."""

    def __init__(self, instance: Instance, model: Model | None = None, exact: bool = False) -> None:
        super().__init__(instance, model, exact)
        self._exactly: Constants | None = None

    @property
    def exactly(self) -> Constants:
        """The same constants as exact fractions."""
        if self._exactly is None:
            self._exactly = Constants(self.instance, self.model, exact=True)
            self._exactly.share(self)
        return self._exactly

    def bind(self, frame: Frame, generators: Over) -> Frame:
        """The frame inside generators."""
        return bind(self, frame, generators)

    def set_elements(self, e: Expr) -> Elements:
        """Set expression without outer indices -> its elements."""
        return elements_of(self, e, Frame()).elements

    def condition(self, e: Expr, frame: Frame) -> Array:
        """Known condition -> Booleans; a number counts as true where it is not 0."""
        a = self.value(e, frame)
        return a if a.data.dtype == np.bool_ else Array(a.data != 0, a.dims)

    def number(self, e: Expr, frame: Frame) -> Array:
        """Known expression -> numbers; Booleans count 0 and 1."""
        a = self.value(e, frame)
        if a.kind != "number":
            raise self.failure("V107", "not a number", e, frame)
        return Array(a.data.astype(np.int64), a.dims, "number", a.origin) if a.data.dtype == np.bool_ else a

    def value(self, e: Expr, frame: Frame) -> Array:
        """Known expression -> its values over the axes it mentions; under no binding nothing is looked at."""
        if frame.empty and not (isinstance(e, Name) and e.name in frame.names):
            return Array(np.zeros((), np.int64))
        match e:
            case Name(name):
                return frame.name(name) if name in frame.names else self.scalar(name, e, frame)
            case Number(value):
                return Array(self._literal(value))
            case Subscript():
                return self.lookup(e, frame)
            case Boolean(value):
                return Array(np.array(value))
            case Label(value):
                return self._label(value)
            case Constant(name):
                return Array(np.array(np.inf if name == "inf" else np.pi))
            case Neg(arg):
                a = self.number(arg, frame)
                return Array(np.asarray(-a.data), a.dims)
            case Add(terms):
                return self.folded(terms, frame, np.add)
            case Mul(factors):
                return self.folded(factors, frame, functions.multiply)
            case Binary():
                return self.binary(e, frame)
            case Compare():
                return self.compare(e, frame)
            case In():
                return self.membership(e, frame)
            case And(args):
                return self.decided(args, frame, stop=False)
            case Or(args):
                return self.decided(args, frame, stop=True)
            case Not(arg):
                a = self.condition(arg, frame)
                return Array(~a.data, a.dims)
            case Implies(left, right):
                return self.decided((Not(left), right), frame, stop=True)
            case Iff(left, right):
                dims, (x, y) = frame.aligned(self.condition(left, frame), self.condition(right, frame))
                return Array(x == y, dims)
            case IfElse():
                return self.choice(e, frame)
            case Aggregate(function, body, generators):
                return functions.aggregate(self, function, body, generators, e, frame)
            case Call():
                return functions.call(self, e, frame)
            case Tuple(items):
                return self._tuple(items, frame)
            case _:
                raise self.failure("V107", "not a value", e, frame)

    def _literal(self, value: Fraction) -> Data:
        if self.exact:
            return np.array(value, dtype=object)
        return np.array(int(value) if value.denominator == 1 else float(value))

    def _label(self, value: str) -> Array:
        code = self.atoms.label(value)
        holding = [n for n, s in self.instance.sets.items() if value in s]
        data = np.array(code)
        if len(holding) != 1:
            return Array(data, (), "label")
        source = self.declared_set(holding[0])
        place = source.index.find([data])
        return Array(data, (), "label", Origin(source, place, 0, len(source), None))

    def _tuple(self, items: tuple[Expr, ...], frame: Frame) -> Array:
        parts = [c for i in items for c in self.coordinates(self.value(i, frame))]
        dims, data = frame.aligned(*parts)
        shape = tuple(d.size for d in dims)
        columns = tuple(np.broadcast_to(d, shape).reshape(-1).astype(np.int64) for d in data)
        elements = Elements(columns, tuple(p.kind == "label" for p in parts), self.atoms)
        return self.at(elements, np.arange(len(elements)).reshape(shape), dims, 0, len(elements))

    def scalar(self, name: str, e: Expr, frame: Frame) -> Array:
        """A declared scalar parameter -> its value."""
        if not isinstance(self.model.symbols.get(name), Parameter):
            raise self.failure("V105", f"`{name}` is no constant", e, frame)
        family, values = self.parameter(name)
        if family.axes or family.table is not None:
            raise self.failure("V106", f"`{name}` without its indices", e, frame)
        return Array(values.data.reshape(()), (), values.kind)

    def locate(self, family: Family, e: Subscript, frame: Frame) -> Place:
        """A subscript -> its places in a family; an index outside is an error that names the binding."""
        if (drawn := self._drawn(family, e, frame)) is not None:
            return drawn
        parts = [c for i in e.index for c in self.coordinates(self.value(i, frame))]
        if len(parts) != family.arity:
            raise self.failure("V106", f"`{e.name}` takes {family.arity} coordinates", e, frame)
        place = family.locate(parts, frame)
        missing = place.positions.data < 0
        if missing.any():
            where = Array(missing, place.positions.dims)
            raise self.failure("V101", f"an index outside the set of `{e.name}`", e, frame, where)
        return place

    def _drawn(self, family: Family, e: Subscript, frame: Frame) -> Place | None:
        """Every index drawn from the very sets of a product, coordinates in order: the places without a search."""
        if family.table is not None or frame.empty:
            return None
        index = iter(e.index)
        parts: list[Array] = []
        settled: set[Axis] = set()
        for elements in family.axes:
            source: object = None
            n = 0
            while n < elements.arity:
                i = next(index, None)
                a = frame.names.get(i.name) if isinstance(i, Name) else None
                o = a.origin if a is not None else None
                if a is None or o is None or o.elements is not elements or o.axis is None:
                    return None
                if a.kind == "tuple" and elements.arity > 1:
                    if n:
                        return None
                    n = elements.arity
                elif o.coordinate != n or (n and o.source is not source):
                    return None
                else:
                    n += 1
                source = o.source
            assert a is not None and o is not None and o.axis is not None
            settled.add(o.axis)
            parts.append(frame.pull(Array(o.pos, a.dims)))
        if next(index, None) is not None:
            return None
        return family.at_places(parts, frozenset(settled), frame)

    def lookup(self, e: Subscript, frame: Frame) -> Array:
        """`p[i, j]` -> the values of the parameter."""
        if not isinstance(self.model.symbols.get(e.name), Parameter):
            raise self.failure("V105", f"`{e.name}` is no constant", e, frame)
        family, values = self.parameter(e.name)
        found = self.locate(family, e, frame)
        if found.product is not None and values.kind == "number":  # the values as they lie, without a copy
            shape = tuple(d.size for d in found.product)
            return Array(*frame.ordered(values.data.reshape(shape), found.product))
        place = found.positions
        if values.kind == "tuple" or values.origin is not None:
            origin = values.origin
            assert origin is not None
            return self.at(origin.elements, origin.pos[place.data], place.dims, 0, len(origin.elements))
        return Array(np.asarray(values.data[place.data], values.data.dtype), place.dims, values.kind)

    def folded(self, parts: tuple[Expr, ...], frame: Frame, operation: Any) -> Array:
        """Parts -> their sum or product, from left to right."""
        total = self.number(parts[0], frame)
        for p in parts[1:]:
            other = self.number(p, frame)
            dims, (x, y) = frame.aligned(total, other)
            total = Array(np.asarray(operation(x, y)), dims)
        return Array(total.data, total.dims)

    def binary(self, e: Binary, frame: Frame) -> Array:
        """Division, floor division, remainder, power."""
        a, b = self.number(e.left, frame), self.number(e.right, frame)
        dims, (x, y) = frame.aligned(a, b)
        if e.op != "**" and (zero := np.asarray(y == 0)).any():
            raise self.failure("V103", "division by zero", e, frame, Array(zero.reshape(b.data.shape), b.dims))
        if e.op == "**" and (far := functions.out_of_range(x, y)).any():
            raise self.failure("V103", "no real value, or one out of range", e, frame, Array(far, dims))
        if e.op in ("//", "%") and not self.exact:
            return self.doubtful(e, frame, Array(functions.binary(e.op, x, y), dims), functions.near_whole(x, y))
        return Array(functions.binary(e.op, x, y), dims)

    def doubtful(self, e: Expr, frame: Frame, result: Array, doubt: Data) -> Array:
        """A result with the bindings in doubt evaluated again, exactly."""
        doubt = np.broadcast_to(doubt, result.data.shape)
        if not doubt.any():
            return result
        inner = keep(frame, Array(doubt, result.dims))
        exact = self.exactly.value(e, inner)
        values = exact.data if exact.data.dtype != object else exact.data.astype(np.float64)
        rest = keep(frame, Array(~doubt, result.dims))
        kind = result.data.dtype
        parts = [(Array(np.asarray(values).astype(kind), exact.dims), inner), (rest.pull(result), rest)]
        mended = scatter(parts, frame)
        return Array(mended.data, mended.dims)

    def compare(self, e: Compare, frame: Frame) -> Array:
        """A comparison of constants."""
        a, b = self.value(e.left, frame), self.value(e.right, frame)
        if a.kind == "number" and b.kind == "number":
            dims, (x, y) = frame.aligned(a, b)
            result = Array(np.asarray(functions.COMPARE[e.op](x, y), dtype=bool), dims)
            if self.exact or (x.dtype.kind != "f" and y.dtype.kind != "f"):
                return result
            return self.doubtful(e, frame, result, functions.close(x, y))
        if e.op not in ("==", "!="):
            raise self.failure("V107", "values that do not compare", e, frame)
        parts = list(zip(self.coordinates(a), self.coordinates(b), strict=False))
        same: Array | None = None
        for left, right in parts:
            dims, (x, y) = frame.aligned(left, right)
            equal = Array(
                np.asarray((x == y) if left.kind == right.kind else np.zeros(np.broadcast(x, y).shape, bool)), dims
            )
            dims, pair = frame.aligned(*([same, equal] if same is not None else [equal]))
            same = Array(np.logical_and.reduce(pair) if len(pair) == 1 else pair[0] & pair[1], dims)
        assert same is not None
        return same if e.op == "==" else Array(~same.data, same.dims)

    def membership(self, e: In, frame: Frame) -> Array:
        """`item in collection` of constants."""
        if isinstance(e.collection, SetLiteral):
            found = self.decided(tuple(Compare("==", e.item, i) for i in e.collection.items), frame, stop=True)
        else:
            item = self.coordinates(self.value(e.item, frame))
            source = elements_of(self, e.collection, frame)
            if not len(source.elements):
                found = Array(np.array(False))
            elif source.counts is None:
                found = Array(
                    Family("", (source.elements,)).locate(item, frame).positions.data >= 0, frame.union(*item)
                )
                found = Array(np.broadcast_to(found.data, tuple(d.size for d in found.dims)), found.dims)
            else:
                owners = np.arange(source.counts.size).reshape(source.counts.shape)
                column = np.repeat(owners.reshape(-1), source.counts.reshape(-1))
                dims, data = frame.aligned(Array(owners, source.dims), *item)
                index = Index((column, *source.elements.columns))
                found = Array(np.broadcast_to(index.find(data) >= 0, tuple(d.size for d in dims)), dims)
        return Array(~found.data, found.dims) if e.negated else found

    def decided(self, args: tuple[Expr, ...], frame: Frame, stop: bool) -> Array:
        """`or` (stop=True), `and` (stop=False), looking at an argument only where those before leave it open."""
        result = Array(np.array(not stop))
        for n, arg in enumerate(args):
            open_ = Array(result.data != stop, result.dims)
            try:
                other = self.condition(arg, frame)
            except EvaluationError:
                if n == 0:
                    raise
                inner, rest = keep(frame, open_), keep(frame, Array(~open_.data, open_.dims))
                if not inner.size:
                    return result
                parts = [(self.condition(arg, inner), inner), (Array(np.array(stop)), rest)]
                other = scatter(parts, frame)
            dims, (x, y) = frame.aligned(result, other)
            result = Array((x | y) if stop else (x & y), dims)
        return result

    def choice(self, e: IfElse, frame: Frame) -> Array:
        """`a if c else b`: each branch is looked at only where it is chosen."""
        test = self.condition(e.condition, frame)
        if not test.dims:
            return self.value(e.then if bool(test.data) else e.otherwise, frame)
        try:
            a, b = self.value(e.then, frame), self.value(e.otherwise, frame)
        except EvaluationError:
            yes, no = keep(frame, test), keep(frame, Array(~test.data, test.dims))
            branches = [(part, inner) for part, inner in ((e.then, yes), (e.otherwise, no)) if inner.size]
            return scatter([(self.value(part, inner), inner) for part, inner in branches], frame)
        if a.kind == "tuple" or b.kind == "tuple":
            raise self.failure("V107", "a choice between tuples", e, frame)
        dims, (c, x, y) = frame.aligned(test, a, b)
        origin = None
        if a.origin is not None and b.origin is not None and a.origin.elements is b.origin.elements:
            _, (c, p, q) = frame.aligned(test, replace(a, data=a.origin.pos), replace(b, data=b.origin.pos))
            pos = np.broadcast_to(np.where(c, p, q), tuple(d.size for d in dims))
            if isinstance(a.origin.start, int) and a.origin.start == 0:
                origin = Origin(a.origin.elements, pos, 0, a.origin.length, None)
        return Array(np.where(c, x, y), dims, a.kind if a.kind == b.kind else "number", origin)
