"""One field of a document's item -> its value: text, expressions, sets, elements, values, rows, anchors.

What is wrong is collected, and so is what was written in another spelling.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.ir import limits
from nl2opt.ir.document.schema import Field
from nl2opt.ir.model import (
    Anchor,
    Element,
    IndexedElements,
    Nested,
    Over,
    Value,
)
from nl2opt.ir.nodes import Boolean, Expr, Label, Number
from nl2opt.ir.notation import Names, Note, kind_of
from nl2opt.ir.notation.names import Position
from nl2opt.ir.text import Spelling, parse_expression, parse_over, parse_set


class FieldReader:
    """Reads fields; ``found`` are errors, ``notes`` near misses by item and kind, ``names`` the declarations around."""

    def __init__(self, names: Names) -> None:
        self.found: list[Diagnostic] = []
        self.notes: dict[tuple[str, str], Diagnostic] = {}
        self.names = names
        self.position: Position = "value"

    def report(
        self, code: str, message: str, where: str, found: object = "", expected: str = "", fix: str = ""
    ) -> None:
        shown = found if isinstance(found, str) else json.dumps(found, default=str, ensure_ascii=False)
        self.found.append(Diagnostic(code, message, where, shown[:160], expected, fix))

    def spelling(self, where: str) -> Spelling:
        """How expressions at a place are read; a kind of slip is noted once an item."""
        item = where.rsplit(".", 1)[0] if "." in where else where

        def note(n: Note) -> None:
            kind = kind_of(n.rule)
            message = f"{kind}, read as the language spells it"
            found = Diagnostic("N01", message, where, n.written, f"taken as {n.taken}", severity="note")
            self.notes.setdefault((item, kind), found)

        return Spelling(self.names, self.position, note)

    def field(self, f: Field, value: Any, where: str, item: Mapping[str, Any]) -> Any:
        self.position = "condition" if f.name == "expr" and where.startswith("constraints") else "value"
        try:
            match f.kind:
                case "name" | "text":
                    return self.text(value, where)
                case "over":
                    return self.over(value, where)
                case "expression":
                    return self.expression(value, where)
                case "set_expression":
                    return self.set_expression(value, where)
                case "elements":
                    return self.elements(value, where, indexed=bool(item.get("over")))
                case "value":
                    return self.value(value, where, label=item.get("in") is not None)
                case "rows":
                    return self.rows(value, where, label=item.get("in") is not None)
                case "flag":
                    return self.choice(value, {"true": True, "false": False}, where)
                case "integer":
                    if isinstance(value, int) and not isinstance(value, bool):
                        return value
                    self.report("E006", "an integer is expected", where, value)
                case "number_type":
                    return self.choice(value, {t: t for t in ("real", "integer", "binary")}, where)
                case "sense":
                    return self.choice(value, {t: t for t in ("minimize", "maximize")}, where)
                case "find":
                    return self.choice(value, {t: t for t in ("best", "all", "count")}, where)
                case "anchors":
                    return self.anchors(value, where)
        except DocumentError as e:
            self.found.extend(e.diagnostics)
        return None

    def choice(self, value: Any, options: Mapping[str, Any], where: str) -> Any:
        key = str(value).lower() if isinstance(value, bool) else value
        if isinstance(key, str) and key in options:
            return options[key]
        self.report("E006", f"one of {', '.join(options)} is expected", where, value)
        return None

    def text(self, value: Any, where: str) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        if isinstance(value, int | Decimal) and not where.endswith(".name"):
            return str(value)
        self.report("E006", "text is expected", where, value)
        return ""

    def over(self, value: Any, where: str) -> Over:
        if isinstance(value, list) and all(isinstance(v, str) for v in value):
            value = ", ".join(value)
        if not isinstance(value, str):
            self.report("E006", "index bindings are text: `i in I, j in J if i != j`", where, value)
            return ()
        return parse_over(value, where, replace(self.spelling(where), names=Names(self.names.declared)))

    def expression(self, value: Any, where: str) -> Expr | None:
        literal = self.literal(value, where)
        if literal is not None:
            return literal
        if not isinstance(value, str):
            self.report("E006", "an expression or a number is expected", where, value)
            return None
        return parse_expression(value, where, self.spelling(where))

    def literal(self, value: Any, where: str) -> Expr | None:
        match value:
            case bool():
                return Boolean(value)
            case int() | Decimal() | float():
                exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
                if not exact.is_finite():
                    self.report("E106", "a number out of range", where, str(value), "a finite number")
                    return Number(Fraction(0))
                if (exact != 0 and not -100 < exact.adjusted() < 17) or abs(exact) > limits.EXACT_INTEGER:
                    self.report("E106", "a number out of range", where, value, "a number within 2^53", "scale the unit")
                    return Number(Fraction(0))
                return Number(Fraction(exact))
            case _:
                return None

    def set_expression(self, value: Any, where: str) -> Expr | None:
        if isinstance(value, list):
            value = "{" + ", ".join(repr(v) if isinstance(v, str) else str(v) for v in value) + "}"
        if not isinstance(value, str):
            self.report("E006", "a set is expected", where, value)
            return None
        return parse_set(value, where, self.spelling(where))

    def value(self, value: Any, where: str, label: bool) -> Value | tuple[tuple[Expr, ...], ...] | None:
        if isinstance(value, list):
            items = tuple(self.value(v, f"{where}[{i}]", label) for i, v in enumerate(value))
            return Nested(items) if None not in items else None  # type: ignore[arg-type]
        if isinstance(value, Mapping):
            return tuple(self.keyed(value, (), where, label))
        if label and isinstance(value, str):
            return Label(value)
        return self.expression(value, where)

    def keyed(self, value: Any, key: tuple[Expr, ...], where: str, label: bool) -> list[tuple[Expr, ...]]:
        if isinstance(value, Mapping):
            return [
                row
                for k, v in value.items()
                for row in self.keyed(
                    v, (*key, Number(Fraction(k)) if isinstance(k, int) else Label(k)), f"{where}.{k}", label
                )
            ]
        last = self.value(value, where, label)
        if last is None or isinstance(last, Nested | tuple):
            self.report("E006", "a map holds one value a key", where, value)
            return []
        return [(*key, last)]

    def rows(self, value: Any, where: str, label: bool) -> tuple[tuple[Expr, ...], ...]:
        if not isinstance(value, list) or not all(isinstance(r, list) and len(r) >= 2 for r in value):
            self.report("E006", "rows are lists [key ..., value]", where, value)
            return ()
        out = []
        for i, row in enumerate(value):
            keys = [self.atom(k, f"{where}[{i}]") for k in row[:-1]]
            last = self.value(row[-1], f"{where}[{i}]", label)
            if last is not None and not isinstance(last, Nested | tuple):
                out.append((*(Label(k) if isinstance(k, str) else Number(Fraction(k)) for k in keys), last))
        return tuple(out)

    def atom(self, value: Any, where: str) -> str | int:
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self.report("E010", "an element is a label or an integer", where, value, fix="quote it, or use integers")
        return ""

    def element(self, value: Any, where: str) -> Element:
        if isinstance(value, list):
            if len(value) < 2:
                self.report("E010", "a tuple has two or more coordinates", where, value)
                return ""
            return tuple(self.atom(v, where) for v in value)
        return self.atom(value, where)

    def elements(self, value: Any, where: str, indexed: bool) -> Any:
        if isinstance(value, str):
            return parse_set(value, where, self.spelling(where))
        if indexed and isinstance(value, Mapping):
            return IndexedElements(
                tuple(value), tuple(self.element_list(v, f"{where}.{k}") for k, v in value.items())
            )  # fmt: skip
        if not isinstance(value, list):
            self.report("E006", "elements are a list, a set expression or null", where, value)
            return None
        if not indexed:
            return self.element_list(value, where)
        if value and all(isinstance(v, Mapping) for v in value):
            keys = tuple(self.element(v.get("key"), f"{where}[{i}].key") for i, v in enumerate(value))
            return IndexedElements(keys, tuple(self.element_list(v.get("elements"), where) for v in value))
        return IndexedElements(None, tuple(self.element_list(v, f"{where}[{i}]") for i, v in enumerate(value)))

    def element_list(self, value: Any, where: str) -> tuple[Element, ...]:
        if not isinstance(value, list):
            self.report("E006", "a list of elements is expected", where, value)
            return ()
        if len(value) > limits.SET_ELEMENTS:
            self.report("E003", f"more than {limits.SET_ELEMENTS} elements", where, f"{len(value)}")
            return ()
        return tuple(self.element(v, f"{where}[{i}]") for i, v in enumerate(value))

    def anchors(self, value: Any, where: str) -> tuple[Anchor, ...]:
        out = []
        for i, v in enumerate(value if isinstance(value, list) else [value]):
            match v:
                case str():
                    out.append(Anchor("quote", v))
                case {"text": str(text)} if len(v) == 1:
                    out.append(Anchor("quote", text))
                case {"text": str(text), "nth": int(nth)} if len(v) == 2 and nth >= 1:
                    out.append(Anchor("quote", text, nth))
                case {"convention": str(text)} if len(v) == 1:
                    out.append(Anchor("convention", text))
                case {"cell": str(text)} if len(v) == 1:
                    out.append(Anchor("cell", text))
                case {"assumption": str(text)} if len(v) == 1:
                    out.append(Anchor("assumption", text))
                case _:
                    self.report("E006", "a quote is text, {text, nth}, {convention}, {cell} or {assumption}",
                                f"{where}[{i}]", v)  # fmt: skip
        return tuple(out)
