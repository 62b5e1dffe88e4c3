"""Instance -> the DATA of a program, and the lines of `build` that read them.

The shape of the data is the reader's: a label axis is a map by label, an integer axis a list in set order, nested axis
by axis; a parameter with filtered keys or tuple axes is a list of rows `[key..., value]`. Sets and parameters that the
model defines by an expression are no data: `build` computes them, so that new data carry through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from nl2opt.emitters.python.identifiers import comment_text, string_literal
from nl2opt.emitters.python.indices import plain_sources
from nl2opt.emitters.python.inferred import REMARK
from nl2opt.emitters.python.known import KnownWriter
from nl2opt.ir.evaluate import evaluate_set
from nl2opt.ir.instance import Domain, Key, ParameterValue, SetValue, flat
from nl2opt.ir.model import Anchor, Element, NamedExpression, Over, Parameter, Set, Variable
from nl2opt.ir.nodes import Boolean, Call, Expr, Label, Name, Neg, Number, Subscript
from nl2opt.ir.text import print_expression
from nl2opt.ir.walk import free_names, subexpressions
from nl2opt.passes.declared import Inferred

Json = Any
"""A value as `json` reads it: numbers, strings, lists, maps with string keys."""

_EXPRESSIONS = tuple(Expr.__args__)


@dataclass(frozen=True)
class Entry:
    """One item of DATA: its key, its value, the comments above it and the one behind it.

    ``inferred``: it follows from the others.
    """

    name: str
    value: Json
    comments: tuple[str, ...]
    unit: str
    inferred: bool = False


def said(anchors: Iterable[Anchor]) -> tuple[str, ...]:
    """Anchors -> one comment line each, the person's words in quotes."""
    return tuple(
        f'"{comment_text(a.text)}"' if a.kind == "quote" else f"{a.kind}: {comment_text(a.text)}" for a in anchors
    )


class DataWriter:
    """Splits the sets and parameters of an instance into DATA and lines of code."""

    def __init__(self, writer: KnownWriter, fractional: frozenset[str] = frozenset()) -> None:
        self.writer = writer
        self.instance = writer.instance
        self.model = writer.model
        self.fractional = fractional

    def entries(self) -> list[Entry]:
        """What the program is given: sets first, then parameters, in the order of the model."""
        found = []
        for s in self.model.sets:
            if not self.is_computed(s):
                found.append(Entry(s.name, self.set_value(s), said(s.anchors), comment_text(s.description)))
        for p in self.model.parameters:
            if not self.is_computed(p):
                found.append(
                    Entry(p.name, self.parameter_value(p), self.comments(p), self.remark(p), isinstance(p, Inferred))
                )
        return found

    def comments(self, p: Parameter) -> tuple[str, ...]:
        """The person's sentences, and the sum a value came from."""
        written = isinstance(p.value, _EXPRESSIONS) and not isinstance(p.value, Number | Label | Boolean | Neg)
        return (*said(p.anchors), *((f"= {comment_text(print_expression(p.value))}",) if written else ()))  # type: ignore[arg-type]

    def remark(self, item: Parameter | Variable | NamedExpression) -> str:
        """Unit and description in a few words."""
        if isinstance(item, Inferred):
            return REMARK
        unit, description = comment_text(item.unit), comment_text(item.description)
        return f"{description} [{unit}]" if unit and description else unit or description

    def lines(self) -> list[str]:
        """`name = ...` for every set and parameter, each after those it is made of.

        The neighbours of a set follow it; call this when everything that may ask for them is written.
        """
        items: tuple[Set | Parameter, ...] = (*self.model.sets, *self.model.parameters)
        declared = {i.name: i for i in items}
        done: list[str] = []
        written: list[tuple[str, str]] = []

        def visit(name: str) -> None:
            if name in done or name not in declared:
                return
            done.append(name)
            item = declared[name]
            for needed in sorted(self.needed(item), key=list(declared).index):
                visit(needed)
            written.append((self.writer.names[name], self.line(item)))

        for name in declared:
            visit(name)
        lines: list[str] = []
        for identifier, line in written:
            lines.append(line)
            lines += [f"{n} = {code}" for order, n, code in self.writer.neighbours.values() if order == identifier]
        return lines

    def needed(self, item: Set | Parameter) -> set[str]:
        """Names of sets and parameters that must be read before this one."""
        names: set[str] = set()
        expressions = [x for g in item.over for x in (g.source, *g.conditions)]
        if self.is_computed(item):
            own = item.elements if isinstance(item, Set) else item.value
            expressions += [own] if isinstance(own, _EXPRESSIONS) else []
        for e in expressions:
            names |= free_names(e)
            for node in subexpressions(e):  # the length of nested data is read before the parameter itself
                if isinstance(node, Call) and node.function == "len" and isinstance(node.args[0], Name | Subscript):
                    names -= {node.args[0].name} if self._is_parameter(node.args[0].name) else set()
        return {n for n in names if isinstance(self.model.symbols.get(n), Set | Parameter) and n != item.name}

    def _is_parameter(self, name: str) -> bool:
        return isinstance(self.model.symbols.get(name), Parameter)

    def is_computed(self, item: Set | Parameter) -> bool:
        """True where `build` computes the item by the model's own expression."""
        if isinstance(item, Set):
            return isinstance(item.elements, _EXPRESSIONS)
        if not isinstance(item.value, _EXPRESSIONS):
            return False
        if item.name not in self.instance.parameters:
            return True  # a parameter of a rewrite
        declared = {n for n in free_names(item.value) if n in self.model.symbols}
        return bool(declared or (free_names(item.value) and item.over))

    # values ---------------------------------------------------------------------------------------------------------

    def set_value(self, s: Set) -> Json:
        """A set -> the list of its elements; an indexed set nested by its axes."""
        if not s.over:
            return [_element(e) for e in self.instance.sets[s.name]]
        sets = self.instance.indexed_sets[s.name]
        axes = [self.writer_axis(g.source) for g in s.over] if plain_sources(s.over, self.model) else None
        if axes is None or any(a.arity > 1 for a in axes):
            return [[*key, [_element(e) for e in value]] for key, value in sets.items()]
        return _nested(axes, (), lambda key: [_element(e) for e in sets[key]])

    def writer_axis(self, source: Expr) -> SetValue:
        """The set a plain axis ranges over."""
        return self.instance.sets[source.name] if isinstance(source, Name) else evaluate_set(source, self.instance)

    def parameter_value(self, p: Parameter) -> Json:
        """A parameter -> a number, a nested structure, or rows."""
        held = self.instance.parameters[p.name]
        if not p.over:
            return self._value(held, ())
        if self.is_nested(p.over, held.domain):
            return _nested(list(held.domain.axes), (), lambda key: self._value(held, key))
        return [[*key, self._value(held, key)] for key in held.domain.keys]

    def is_nested(self, over: Over, domain: Domain) -> bool:
        """True where the data are nested axis by axis; else they are rows."""
        return domain.dense and plain_sources(over, self.model) and all(a.arity == 1 for a in domain.axes)

    def _value(self, held: ParameterValue, key: Key) -> Json:
        if held.elements is not None:
            return _element(held.at(key))  # type: ignore[arg-type]
        return self.number(held.at(key))  # type: ignore[arg-type]

    def number(self, value: Fraction) -> Json:
        """Exact number -> an integer, a float that reads back exactly, else text `p/q` where the program is exact."""
        if value.denominator == 1:
            return int(value)
        if Fraction(repr(float(value))) == value or not self.writer.exact:
            return float(value)
        return f"{value.numerator}/{value.denominator}"

    # lines ----------------------------------------------------------------------------------------------------------

    def line(self, item: Set | Parameter) -> str:
        """`name = ...`, with unit and description behind it."""
        name = self.writer.names[item.name]
        code = self.computed(item) if self.is_computed(item) else self.reading(item)
        remark = comment_text(item.description) if isinstance(item, Set) else self.remark(item)
        return f"{name} = {code}" + (f"  # {remark}" if remark and self.is_computed(item) else "")

    def computed(self, item: Set | Parameter) -> str:
        """The model's own expression for a set or a parameter."""
        own = item.elements if isinstance(item, Set) else item.value
        assert isinstance(own, _EXPRESSIONS)
        if not item.over:
            return self.writer.collection(own, {}) if isinstance(item, Set) else self.writer.write(own, {})
        clauses, scope = self.writer.clauses(item.over, {})
        text = self.writer.collection(own, scope) if isinstance(item, Set) else self.writer.write(own, scope)
        return f"{{{self.writer.key(_targets(item.over))}: {text} {clauses}}}"

    def reading(self, item: Set | Parameter) -> str:
        """The expression that reads one entry of DATA into a list, a number or a dict by key."""
        given = f"data[{string_literal(item.name)}]"
        convert = self.conversion(item)
        if not item.over:
            return convert(given)
        targets, over = _targets(item.over), item.over
        key, w = self.writer.key(targets), self.writer
        if isinstance(item, Set):
            axes = [self.writer_axis(g.source) for g in over] if plain_sources(over, self.model) else []
            nested = bool(axes) and all(a.arity == 1 for a in axes)
        else:
            domain = self.instance.parameters[item.name].domain
            axes, nested = list(domain.axes), self.is_nested(over, domain)
        if not nested:
            return f"{{{key}: {convert('value')} for {', '.join(w.names[t] for t in targets)}, value in {given}}}"
        if len(axes) == 1 and convert("value") == "value":
            order = w.source(over[0].source, {})
            return f"dict(zip({order}, {given}, strict=True))" if axes[0].is_integer else given
        loops, access = [], given
        for i, (g, axis) in enumerate(zip(over, axes, strict=True)):
            index, order = w.names[g.targets[0]], w.source(g.source, {})
            if axis.is_integer:
                held = "value" if i == len(over) - 1 else f"row{i or ''}"
                loops.append(f"for {index}, {held} in zip({order}, {access}, strict=True)")
                access = held
            else:
                loops.append(f"for {index} in {order}")
                access = f"{access}[{index}]"
        return f"{{{key}: {convert(access)} {' '.join(loops)}}}"

    def conversion(self, item: Set | Parameter) -> Callable[[str], str]:
        """What is done to each value read: tuples from lists, fractions from decimals."""
        if isinstance(item, Set):
            sets = self.instance.indexed_sets.get(item.name, {}).values() if item.over else [
                self.instance.sets[item.name]]  # fmt: skip
            if max((s.arity for s in sets), default=1) > 1:
                return lambda text: f"[tuple(element) for element in {text}]"
            return lambda text: text
        held = self.instance.parameters[item.name].elements
        if held is not None and any(isinstance(e, tuple) for e in held):
            return lambda text: f"tuple({text})"
        if item.name in self.fractional:
            self.writer.imports.add("Fraction")
            return lambda text: f"Fraction(str({text}))"
        return lambda text: text


def _targets(over: Over) -> tuple[str, ...]:
    return tuple(t for g in over for t in g.targets)


def _element(e: Element) -> Json:
    return list(e) if isinstance(e, tuple) else e


def _nested(axes: list[SetValue], key: Key, value: Any) -> Json:
    if not axes:
        return value(key)
    rest = axes[1:]
    parts = [(e, _nested(rest, (*key, *flat(e)), value)) for e in axes[0]]
    return [v for _, v in parts] if axes[0].is_integer else dict(parts)
