"""Parameter -> its numbers with their labels, whether they are given by key or by position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from nl2opt.ir.infer.ranges import range_values
from nl2opt.ir.model import Element, Model, Nested, Over, Parameter, Set
from nl2opt.ir.nodes import Call, Expr, Label, Name, Number

Axis = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a table: ``key`` are the labels of its place, a number where the set holds numbers."""

    key: tuple[str, ...]
    value: Fraction


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of a table along one axis: the values by label, and the labels of the other axes."""

    values: dict[str, Fraction]
    around: tuple[str, ...] = ()


def cells_of(p: Parameter, model: Model) -> tuple[Cell, ...]:
    """The plain numbers of a parameter in the order of the document; none where a place has no known label."""
    if p.rows is not None:
        joined = len(p.over) == 1
        return tuple(
            Cell(
                (" ".join(str(k.value) for k in keys),) if joined else tuple(str(k.value) for k in keys), row[-1].value
            )
            for row in p.rows
            if isinstance(row[-1], Number)
            and len(keys := [k for k in row[:-1] if isinstance(k, Label | Number)]) == len(row) - 1
        )
    if not isinstance(p.value, Nested):
        return ()
    axes = axes_of(p.over, model)
    return tuple(_nested(p.value, axes)) if axes is not None else ()


def _nested(value: Nested, axes: tuple[Axis, ...], key: tuple[str, ...] = ()) -> Iterator[Cell]:
    if not axes or len(axes[0]) != len(value.items):
        return
    for label, item in zip(axes[0], value.items, strict=True):
        if isinstance(item, Nested):
            yield from _nested(item, axes[1:], (*key, label))
        elif isinstance(item, Number):
            yield Cell((*key, label), item.value)


def axes_of(over: Over, model: Model) -> tuple[Axis, ...] | None:
    """Index bindings -> the labels of each, in order; None where data decide or a filter chooses."""
    found = [axis_of(g.source, model) if not g.conditions else None for g in over]
    known = tuple(a for a in found if a is not None)
    return known if len(known) == len(found) else None


def axis_of(source: Expr, model: Model) -> Axis | None:
    """A set -> its elements in order where the document lists them or spells a range."""
    match source:
        case Name(name) if isinstance(s := model.symbols.get(name), Set):
            if isinstance(s.elements, tuple):
                return tuple(_spelled(e) for e in s.elements) if not s.over else None
            return axis_of(s.elements, model) if isinstance(s.elements, Call) else None
        case Call("range", args):
            values = range_values(args)
            return None if values is None else tuple(str(v) for v in sorted(v for v in values if isinstance(v, int)))
        case _:
            return None


def _spelled(e: Element) -> str:
    return " ".join(str(c) for c in e) if isinstance(e, tuple) else str(e)


def lines_of(cells: tuple[Cell, ...]) -> Iterator[Line]:
    """Cells -> the lines of the table along each axis, of two labels or more."""
    axes = len(cells[0].key) if cells else 0
    for axis in range(axes):
        lines: dict[tuple[str, ...], dict[str, Fraction]] = {}
        for c in cells:
            around = c.key[:axis] + c.key[axis + 1 :]
            lines.setdefault(around, {})[c.key[axis]] = c.value
        yield from (Line(values, around) for around, values in lines.items() if len(values) >= 2)
