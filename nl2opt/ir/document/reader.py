"""Document text (YAML or JSON) -> Model, with every error of the document at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.ir import limits
from nl2opt.ir.document.loading import document_error, load
from nl2opt.ir.document.schema import LANGUAGE_VERSION, SECTIONS, TOP_LEVEL, Field
from nl2opt.ir.model import (
    Anchor,
    Answer,
    Constraint,
    Element,
    IndexedElements,
    Model,
    NamedExpression,
    Nested,
    Objective,
    Output,
    Over,
    Parameter,
    Set,
    Value,
    Variable,
)
from nl2opt.ir.nodes import Boolean, Expr, Label, Number
from nl2opt.ir.spelling import nearest
from nl2opt.ir.text import parse_expression, parse_over, parse_set

_ITEMS: dict[str, Callable[..., Any]] = {
    "sets": Set,
    "parameters": Parameter,
    "variables": Variable,
    "expressions": NamedExpression,
    "constraints": Constraint,
    "objectives": Objective,
    "outputs": Output,
}


def read_document(source: str | Path) -> Model:
    """A document's text, or the path of its file -> Model. Raises DocumentError with everything that is wrong."""
    where = ""
    if isinstance(source, Path):
        where = source.name
        try:
            text = source.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as e:
            raise document_error(
                "E002", "not a text file in UTF-8", where, found=f"byte {e.start}: {e.reason}"
            ) from None
        except OSError as e:
            raise document_error("E002", "the file cannot be read", where, found=e.strerror or str(e)) from None
    else:
        text = source
    return parse_document(load(text, where), size=len(text.encode("utf-8", "surrogatepass")))


def parse_document(raw: Any, size: int = 0) -> Model:
    """Plain data of a document (either spelling) -> Model. ``size``: bytes of its text, for the limit."""
    return _DocumentReader().model(raw, size)


class _DocumentReader:
    """One document on its way to a Model; collects what is wrong."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def report(
        self, code: str, message: str, where: str, found: object = "", expected: str = "", fix: str = ""
    ) -> None:
        shown = found if isinstance(found, str) else json.dumps(found, default=str, ensure_ascii=False)
        self.found.append(Diagnostic(code, message, where, shown[:160], expected, fix))

    def model(self, raw: Any, size: int) -> Model:
        if not isinstance(raw, Mapping):
            raise document_error("E004", "a document is an object with sections", "", found=type(raw).__name__,
                        expected="nl2opt: 1, then variables, constraints, ...")  # fmt: skip
        if size > limits.DOCUMENT_BYTES:
            self.check_size(raw)
        for key in raw:
            if key not in TOP_LEVEL:
                self.report("E005", f"unknown section `{key}`", "", fix=nearest(str(key), TOP_LEVEL))
        self.version(raw.get("nl2opt"))
        sections = {s: self.section(s, raw.get(s)) for s in SECTIONS}
        assumptions = raw.get("assumptions") or []
        if isinstance(assumptions, str):
            assumptions = [assumptions]
        if not isinstance(assumptions, list) or not all(isinstance(a, str) for a in assumptions):
            self.report("E006", "assumptions are a list of sentences", "assumptions", assumptions)
            assumptions = []
        answer = self.answer(raw.get("answer"))
        texts = {k: self.text(raw.get(k), k) for k in ("name", "description", "text")}
        if self.found:
            raise DocumentError(self.found)
        return Model(
            name=texts["name"] or "model",
            description=texts["description"],
            text=texts["text"],
            answer=answer,
            assumptions=tuple(assumptions),
            **{s: tuple(items) for s, items in sections.items()},
        )

    def check_size(self, raw: Mapping[str, Any]) -> None:
        def stripped(x: Any) -> Any:
            if isinstance(x, Mapping):
                return {k: stripped(v) for k, v in x.items() if k not in ("value", "rows", "elements", "text")}
            return [stripped(v) for v in x] if isinstance(x, list) else x

        size = len(json.dumps({k: stripped(v) for k, v in raw.items() if k != "sets"}, default=str))
        if size > limits.DOCUMENT_BYTES:
            self.report("E003", "the document is too large", "", f"{size} characters without data",
                        f"at most {limits.DOCUMENT_BYTES}", "use indexed constraints")  # fmt: skip

    def version(self, value: Any) -> None:
        if value is None:
            self.report("E007", "the language version is missing", "nl2opt", "", "nl2opt: 1", "begin with `nl2opt: 1`")
        elif value != LANGUAGE_VERSION:
            self.report("E007", "a language version this reader does not know", "nl2opt", value, str(LANGUAGE_VERSION))

    def section(self, section: str, raw: Any) -> list[Any]:
        if raw is None:
            return []
        entries: list[tuple[str, Any]] = []
        if isinstance(raw, Mapping):
            entries = [(f"{section}.{k}", self.named(k, v, section)) for k, v in raw.items()]
        elif isinstance(raw, list):
            entries = [(self.place(section, i, v), v) for i, v in enumerate(raw)]
        else:
            self.report("E006", f"{section} is a list of objects, or a map by name", section, raw)
        if len(entries) > limits.SECTION_ITEMS:
            self.report("E003", f"more than {limits.SECTION_ITEMS} {section}", section, f"{len(entries)}",
                        fix="index them over a set")  # fmt: skip
            return []
        items = [self.item(section, where, v, i) for i, (where, v) in enumerate(entries)]
        return [i for i in items if i is not None]

    def named(self, name: object, value: Any, section: str) -> Any:
        main = next((f.name for f in SECTIONS[section] if f.main), None)
        if isinstance(value, Mapping):
            fields = {f.name for f in SECTIONS[section]}
            if main and value and not (set(value) & fields):
                return {"name": name, main: value}
            return {"name": name, **value}
        return {"name": name, main: value} if main else {"name": name}

    def place(self, section: str, i: int, value: Any) -> str:
        name = value.get("name") if isinstance(value, Mapping) else None
        return f"{section}[{i}] `{name}`" if isinstance(name, str) else f"{section}[{i}]"

    def item(self, section: str, where: str, raw: Any, position: int) -> Any:
        fields = SECTIONS[section]
        if not isinstance(raw, Mapping):
            main = next((f.name for f in fields if f.main), None)
            if section != "constraints" or not isinstance(raw, str) or main is None:
                self.report("E006", f"an item of {section} is an object", where, raw)
                return None
            raw = {main: raw}
        if section == "objectives":
            raw = self.short_objective(raw, where)
        before = len(self.found)
        for key in raw:
            if key not in {f.name for f in fields}:
                self.report("E005", f"unknown field `{key}`", where, fix=nearest(str(key), [f.name for f in fields]))
        values: dict[str, Any] = {}
        for f in fields:
            if raw.get(f.name) is not None:
                values[f.target] = self.field(f, raw[f.name], f"{where}.{f.name}", raw)
            elif f.required:
                self.report("E008", f"`{f.name}` is missing", where, expected=f.doc)
        if section == "constraints":
            values.setdefault("name", f"c{position + 1}")
        if section == "parameters" and values.get("value") is not None and isinstance(raw.get("value"), Mapping):
            values["rows"] = values.pop("value")
            if raw.get("rows") is not None:
                self.report("E009", "both value and rows", where, fix="keep one")
        return _ITEMS[section](**values) if len(self.found) == before else None

    def short_objective(self, raw: Mapping[str, Any], where: str) -> Mapping[str, Any]:
        senses = [s for s in ("minimize", "maximize") if s in raw]
        if len(senses) == 1 and "sense" not in raw and "expr" not in raw:
            return {"sense": senses[0], "expr": raw[senses[0]], **{k: v for k, v in raw.items() if k not in senses}}
        return raw

    # fields ----------------------------------------------------------------------------------------------------------

    def field(self, f: Field, value: Any, where: str, item: Mapping[str, Any]) -> Any:
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
        return parse_over(value, where)

    def expression(self, value: Any, where: str) -> Expr | None:
        literal = self.literal(value, where)
        if literal is not None:
            return literal
        if not isinstance(value, str):
            self.report("E006", "an expression or a number is expected", where, value)
            return None
        return parse_expression(value, where)

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
        return parse_set(value, where)

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
            return parse_set(value, where)
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

    def answer(self, raw: Any) -> Answer:
        if raw is None:
            return Answer()
        if not isinstance(raw, Mapping) or set(raw) - {"find", "limit"}:
            self.report("E006", "answer is {find, limit}", "answer", raw)
            return Answer()
        find = self.choice(raw.get("find", "best"), {t: t for t in ("best", "all", "count")}, "answer.find")
        limit = raw.get("limit", 1000)
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
            self.report("E006", "limit is a whole number of at least 1", "answer.limit", limit)
            limit = 1000
        return Answer(find or "best", limit)
