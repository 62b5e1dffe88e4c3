"""Instance -> the `.dzn` file of a model, and the same data as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from nl2opt.emitters.mzn.arrays import Axis, Frame
from nl2opt.emitters.mzn.bases import is_computed
from nl2opt.emitters.mzn.declared import decimal
from nl2opt.emitters.mzn.layout import WIDTH
from nl2opt.emitters.mzn.words import comment, string
from nl2opt.emitters.mzn.writer import Writer
from nl2opt.emitters.python.data import said
from nl2opt.ir.instance import SetValue
from nl2opt.ir.model import Parameter, Set
from nl2opt.ir.nodes import Boolean, Expr, Label, Neg, Number
from nl2opt.ir.text import print_expression
from nl2opt.ir.walk import free_names

_EXPRESSIONS = tuple(Expr.__args__)


@dataclass(frozen=True)
class Item:
    """One assignment: identifier, its value on one line or as rows, comments above, JSON value."""

    name: str
    rows: tuple[str, ...]
    comments: tuple[str, ...]
    json: Any


class DataFile:
    """What the model is given."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.model = writer.model
        self.instance = writer.instance

    def items(self) -> list[Item]:
        """Every assignment, enums first."""
        return [*self._enums(), *self._sizes(), *self._sets(), *self._parameters()]

    def text(self, title: str, items: Iterable[Item]) -> str:
        """The whole file."""
        lines = [f"% Data of {comment(title)}", ""]
        for item in items:
            lines += [f"% {c}" for c in item.comments]
            lines += _assignment(item)
        return "\n".join(lines) + "\n"

    def is_data(self, item: Set | Parameter) -> bool:
        """True where the file gives the item; else the model computes it."""
        if isinstance(item, Set):
            return not is_computed(item)
        value = item.value
        if item.name not in self.instance.parameters:
            return False  # a parameter of a rewrite
        if not isinstance(value, _EXPRESSIONS):
            return True
        frame = self.writer.frames[item.name]
        names = free_names(value)
        computed = bool({n for n in names if n in self.model.symbols} or (names and item.over))
        return not computed or not frame.full or frame.rows is not None or item.within is not None

    # parts ----------------------------------------------------------------------------------------------------------

    def _enums(self) -> Iterator[Item]:
        bases = self.writer.bases
        for enum in bases.enums:
            names = [bases.label(x) for x in enum.labels]
            comments = said(self._set(enum.declared).anchors) if enum.declared else ()
            yield Item(enum.identifier, (f"{{{', '.join(names)}}}",), comments, list(enum.labels))
            if self.is_renamed(enum.identifier):
                texts = tuple(string(x) for x in enum.labels)
                yield Item(self.label_array(enum.identifier), (f"[{', '.join(texts)}]",), (), list(enum.labels))

    def is_renamed(self, identifier: str) -> bool:
        """True where a label of an enum is no identifier, so that its text is data too."""
        enum = self.writer.bases.enum(identifier)
        return enum is not None and any(self.writer.bases.label(x) != x for x in enum.labels)

    def label_array(self, identifier: str) -> str:
        """The array of texts of an enum."""
        key = f"{identifier}.label"
        if key not in self.writer.sizes:
            self.writer.sizes[key] = (self.writer.identifiers.make(f"{identifier}_label"), -1)
        return self.writer.sizes[key][0]

    def _sizes(self) -> Iterator[Item]:
        for name, size in self.writer.sizes.values():
            if size >= 0:
                yield Item(name, (str(size),), (), size)

    def size_lines(self) -> list[str]:
        """Declarations of the sizes."""
        return [f"int: {name};" for name, size in self.writer.sizes.values() if size >= 0]

    def _set(self, name: str) -> Set:
        return next(s for s in self.model.sets if s.name == name)

    def _sets(self) -> Iterator[Item]:
        w = self.writer
        for s in self.model.sets:
            comments = said(s.anchors)
            if not self.is_data(s) or w.bases.is_enum(s):
                continue
            table = w.bases.rows.get(s.name)
            if table is not None:
                for k, column in enumerate(table.columns):
                    cells = [row[k] for row in table.values]
                    text = ", ".join(self._atom(c) for c in cells)
                    yield Item(column, (f"[{text}]",), comments if k == 0 else (), cells)
            elif s.over:
                frame = self.set_frame(s)
                family = self.instance.indexed_sets[s.name]
                values = ["{}" if k is None else self.set_text(family[k]) for k in frame.cells]
                given = [[*k, list(v)] for k, v in family.items()]
                yield Item(w.names[s.name], self._array(frame, values), comments, given)
            else:
                value = self.instance.sets[s.name]
                yield Item(w.names[s.name], (self.set_text(value),), comments, list(value))

    def set_frame(self, s: Set) -> Frame:
        """The frame of an indexed set of single elements."""
        from nl2opt.ir.instance import Domain

        w = self.writer
        if s.name not in w.frames:
            frame = w.maker.frame(s.name, s.over, Domain((), tuple(self.instance.indexed_sets[s.name])))
            assert frame is not None
            w.frames[s.name] = frame
        return w.frames[s.name]

    def set_text(self, value: SetValue) -> str:
        """A set of single elements -> its literal; a stretch of integers is a range."""
        places = sorted(e for e in value if isinstance(e, int))
        if len(places) > 2 and places == list(range(places[0], places[-1] + 1)):
            return f"{places[0]}..{places[-1]}"
        return f"{{{', '.join(self._atom(e) for e in value)}}}"  # type: ignore[arg-type]

    def _atom(self, e: str | int) -> str:
        return self.writer.bases.label(e) if isinstance(e, str) else str(e)

    def _parameters(self) -> Iterator[Item]:
        for p in self.model.parameters:
            if not self.is_data(p):
                continue
            written = isinstance(p.value, _EXPRESSIONS) and not isinstance(p.value, Number | Label | Boolean | Neg)
            source = (f"= {comment(print_expression(p.value))}",) if written and free_names(p.value) == set() else ()  # type: ignore[arg-type]
            frame = self.writer.frames[p.name]
            values = [self._value(p, key) for key in frame.cells]
            rows = self._array(frame, values) if not frame.scalar else (values[0],)
            held = self.instance.parameters[p.name]
            json = [
                [*k, held.at(k) if held.elements is not None else float(held.at(k))]  # type: ignore[arg-type]
                for k in held.domain.keys
            ]
            yield Item(self.writer.names[p.name], rows, source, json if p.over else json[0][0])

    def _value(self, p: Parameter, key: tuple[str | int, ...] | None) -> str:
        held = self.instance.parameters[p.name]
        if held.elements is not None:
            element = held.elements[0] if key is None else held.at(key)
            if isinstance(element, tuple):
                raise self.writer.refuse(f"the parameter `{p.name}`", _TUPLE)
            return self._atom(element)  # type: ignore[arg-type]
        value = 0 if key is None else held.at(key)
        if p.type == "binary":
            return "true" if value else "false"
        whole = self.writer.is_whole_array(p.name)
        return str(int(value)) if whole or value == int(value) else decimal(float(value))  # type: ignore[arg-type]

    def _array(self, frame: Frame, values: list[str]) -> tuple[str, ...]:
        """Cells in row-major order -> an array literal over its index sets, a table line by line."""
        if frame.rows is not None:
            return (f"[{', '.join(values)}]",)
        axes = [self.axis(a) for a in frame.axes]
        plain = all(a.elements and self.is_first(a.elements[0]) for a in frame.axes)
        width = len(frame.axes[-1].elements)
        if len(axes) == 1:
            text = f"[{', '.join(values)}]"
            return (text if plain else f"array1d({axes[0]}, {text})",)
        lines = [", ".join(values[i : i + width]) for i in range(0, len(values), width)] if width else []
        if len(axes) == 2 and plain and lines:
            if len(lines) == 1:
                return (f"[| {lines[0]} |]",)
            return (f"[| {lines[0]}", *(f" | {line}" for line in lines[1:]), " |]")
        return (f"array{len(axes)}d({', '.join(axes)}, [", *(f"  {line}," for line in lines), "])")

    def is_first(self, e: str | int) -> bool:
        """True for 1 and the first label of an enum, where array literals begin."""
        return self.writer.bases.place(e) == (0 if isinstance(e, str) else 1)

    def axis(self, a: Axis) -> str:
        """The index set of one dimension."""
        if a.source is not None:
            return self.writer.collection(a.source, {})
        if a.base != "int":
            return a.base
        if a.spanned:
            return f"min({a.spanned})..max({a.spanned})"
        return f"{a.elements[0]}..{a.elements[-1]}" if a.elements else "1..0"


_TUPLE = "a set of tuples is row numbers with one array a column, and no variable holds a row"


def _assignment(item: Item) -> list[str]:
    if len(item.rows) == 1:
        return _filled(f"{item.name} = {item.rows[0]};")
    indent = " " * len(f"{item.name} = ") if item.rows[0].startswith("[|") else ""
    first, *middle, last = item.rows
    lines = [f"{item.name} = {first}"]
    for row in middle:
        lines += _filled(f"{indent}{row}", "    ")
    return [*lines, f"{indent}{last};"]


def _filled(line: str, indent: str = "  ") -> list[str]:
    """A long line -> lines broken after commas."""
    lines = []
    while len(line) > WIDTH:
        cut = line.rfind(", ", 0, WIDTH)
        if cut < 0:
            break
        lines.append(line[: cut + 1])
        line = indent + line[cut + 2 :]
    return [*lines, line]
