"""Indexed declaration -> the array that holds it: over its own sets where they are stretches, else over a hull.

An index set of MiniZinc is a stretch of integers or of an enum. Keys that are a product of such sets make an array over
them. Keys that are a set of tuples make an array over its row numbers, where every use names a row. All other keys lie
in a hull, an array over whole types; what lies in the hull and is no key is a *filler*.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from nl2opt.emitters.mzn.bases import Bases
from nl2opt.ir.evaluate import evaluate_set
from nl2opt.ir.instance import Domain, Instance, Key
from nl2opt.ir.model import Model, Over, Set
from nl2opt.ir.nodes import Aggregate, Call, Comprehension, Expr, Generator, Name, Subscript
from nl2opt.ir.walk import children, scopes
from nl2opt.passes.facts import is_known

LARGEST = 10**6
"""Cells a hull may have."""


@dataclass(frozen=True)
class Axis:
    """One dimension: its elements in order, and the set expression it is, None where it is the hull of a type.

    ``base`` is the type of the elements, ``column`` the array a hull of integers spans.
    """

    elements: tuple[str | int, ...]
    base: str
    source: Expr | None = None
    spanned: str = ""


@dataclass(frozen=True)
class Frame:
    """How one declaration is held. ``cells``: the key of each cell in row-major order, None for a filler."""

    axes: tuple[Axis, ...]
    cells: tuple[Key | None, ...]
    rows: str | None = None

    @property
    def full(self) -> bool:
        """True where every cell is a key."""
        return None not in self.cells

    @property
    def scalar(self) -> bool:
        """True where there is no index."""
        return not self.axes and self.rows is None


class Frames:
    """Makes the frame of each declaration of one instance."""

    def __init__(self, instance: Instance, bases: Bases) -> None:
        self.instance = instance
        self.model = instance.model
        self.bases = bases
        self.unmatched = frozenset(unmatched(self.model))

    def frame(self, name: str, over: Over, domain: Domain) -> Frame | None:
        """A declaration -> its frame, None where its hull would be too large."""
        if not over:
            return Frame((), ((),))
        if len(over) == 1 and not over[0].conditions and isinstance(over[0].source, Name):
            table = over[0].source.name
            if table in self.bases.rows and name not in self.unmatched:
                return Frame((), domain.keys, rows=table)
        axes = list(self._axes(over, domain))
        if math.prod(len(a.elements) for a in axes) > LARGEST:
            return None
        keys = set(domain.keys)
        return Frame(tuple(axes), tuple(k if k in keys else None for k in product(*(a.elements for a in axes))))

    def _axes(self, over: Over, domain: Domain) -> Iterator[Axis]:
        columns = list(zip(*domain.keys, strict=True)) or [()] * domain.arity
        place = 0
        for g in over:
            arity = len(g.targets)
            for k in range(arity):
                held = columns[place + k]
                yield self._axis(g, k, arity, held)
            place += arity

    def _axis(self, g: Generator, k: int, arity: int, held: tuple[str | int, ...]) -> Axis:
        bases = self.bases
        if arity == 1 and self._is_constant(g.source):
            value = evaluate_set(g.source, self.instance)
            elements = tuple(sorted(value, key=bases.place))  # type: ignore[arg-type]
            if bases.is_contiguous(elements):
                return Axis(elements, bases.base(elements), g.source)  # type: ignore[arg-type]
            held = elements  # type: ignore[assignment]
        base = bases.base(held)
        enum = bases.enum(base)
        if enum is not None:
            return Axis(enum.labels, base)
        whole = [x for x in held if isinstance(x, int)]
        span = tuple(range(min(whole), max(whole) + 1)) if whole else ()
        spanned = ""
        if isinstance(g.source, Name) and not g.conditions:
            table = bases.rows.get(g.source.name)
            spanned = table.columns[k] if table else bases.names[g.source.name]
        return Axis(span, base, None, spanned)

    def _is_constant(self, source: Expr) -> bool:
        """True for a declared set or a range that no index decides."""
        if isinstance(source, Name):
            return isinstance(self.model.symbols.get(source.name), Set)
        names = [n.name for n in _nodes(source) if isinstance(n, Name)]
        constant = all(n in self.model.symbols for n in names) and is_known(source, self.model)
        return isinstance(source, Call) and source.function == "range" and constant


def _nodes(e: Expr) -> Iterator[Expr]:
    yield e
    for c in children(e):
        yield from _nodes(c)


Drawn = Mapping[str, tuple[Generator, int]]
"""Index in scope -> the generator it is drawn from, and its place there."""


def unmatched(model: Model) -> Iterator[str]:
    """Model -> names over a set of tuples that are indexed by something else than a row of it."""

    def over(generators: Over, scope: Drawn) -> Iterator[str | Drawn]:
        inner = dict(scope)
        for g in generators:
            yield from visit(g.source, inner)
            inner |= {t: (g, i) for i, t in enumerate(g.targets)}
            for c in g.conditions:
                yield from visit(c, inner)
        yield inner

    def visit(e: Expr, scope: Drawn) -> Iterator[str]:
        inner = scope
        if isinstance(e, Subscript) and not is_row(e, scope, model):
            yield e.name
        if isinstance(e, Aggregate | Comprehension):
            for found in over(e.generators, scope):
                if isinstance(found, str):
                    yield found
                else:
                    inner = found
            yield from visit(e.body, inner)
            return
        for c in children(e):
            yield from visit(c, inner)

    for generators, expressions in scopes(model):
        inner: Drawn = {}
        for found in over(generators, {}):
            if isinstance(found, str):
                yield found
            else:
                inner = found
        for e in expressions:
            yield from visit(e, inner)


def _over(name: str, model: Model) -> Over:
    declared = model.symbols.get(name)
    return declared.over if declared is not None else ()


def is_row(e: Subscript, scope: Drawn, model: Model) -> bool:
    """True where the indices are just those of one generator over the set the array is over."""
    declared = _over(e.name, model)
    if len(declared) != 1 or not all(isinstance(i, Name) and i.name in scope for i in e.index):
        return False
    drawn = [scope[i.name] for i in e.index if isinstance(i, Name)]
    first = drawn[0][0]
    same = all(g is first and place == k for k, (g, place) in enumerate(drawn))
    return same and len(drawn) == len(first.targets) and first.source == declared[0].source
