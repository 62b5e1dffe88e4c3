"""Document text (YAML or JSON) -> Model, with every error of the document at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.ir import limits
from nl2opt.ir.document.declared import bound_indices, declared_names, named_items, quiet_over
from nl2opt.ir.document.fields import FieldReader
from nl2opt.ir.document.loading import document_error, load
from nl2opt.ir.document.maps import is_mixed, with_keys
from nl2opt.ir.document.schema import LANGUAGE_VERSION, SECTIONS, TOP_LEVEL
from nl2opt.ir.model import (
    Answer,
    Constraint,
    Model,
    NamedExpression,
    Objective,
    Output,
    Parameter,
    Set,
    Variable,
)
from nl2opt.ir.notation import Names
from nl2opt.ir.spelling import nearest

_ITEMS: dict[str, Callable[..., Any]] = {
    "sets": Set,
    "parameters": Parameter,
    "variables": Variable,
    "expressions": NamedExpression,
    "constraints": Constraint,
    "objectives": Objective,
    "outputs": Output,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of a document: ``model`` without the items that could not, and why they could not.

    ``positions`` of a section are those of its items in the document. ``missing`` are names that unreadable items
    declare; ``all_names`` is False where names may be missing that are not known: a section is no list of items.
    """

    model: Model
    found: tuple[Diagnostic, ...]
    positions: Mapping[str, tuple[int, ...]]
    missing: frozenset[str] = frozenset()
    all_names: bool = True


def read_document(source: str | Path) -> Model:
    """A document's text, or the path of its file -> Model. Raises DocumentError with everything that is wrong."""
    reading = read_partly(source)
    if reading.found:
        raise DocumentError(reading.found)
    return reading.model


def read_partly(source: str | Path) -> Reading:
    """A document's text, or the path of its file -> what can be read of it. Raises DocumentError if nothing can."""
    where = ""
    source = file_named(source)
    if isinstance(source, Path):
        where = source.name
        try:
            text = source.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as e:
            raise document_error(
                "E002", "not a text file in UTF-8", where, found=f"byte {e.start}: {e.reason}"
            ) from None
        except OSError as e:
            raise document_error("E002", "the file cannot be read", str(source), found=e.strerror or str(e)) from None
    else:
        text = source
    raw = load(text, where)
    return _DocumentReader(raw).read(size=len(text.encode("utf-8", "surrogatepass")))


def file_named(source: str | Path) -> str | Path:
    """A document's text or path -> the path where a text is plainly the name of a file: one line ending as files do."""
    if isinstance(source, Path) or "\n" in source or not re.search(r"\.(ya?ml|json)\s*$", source, re.IGNORECASE):
        return source
    return source if source.lstrip().startswith(("{", "nl2opt")) else Path(source.strip())


class _DocumentReader(FieldReader):
    """One document on its way to a Model; collects what is wrong."""

    def __init__(self, raw: Any) -> None:
        super().__init__(declared_names(raw) if isinstance(raw, Mapping) else Names())
        self.raw = raw
        self.missing: set[str] = set()
        self.all_names = True

    def read(self, size: int) -> Reading:
        raw = self.raw
        if not isinstance(raw, Mapping):
            raise document_error("E004", "a document is an object with sections", "", found=type(raw).__name__,
                        expected="nl2opt: 1, then variables, constraints, ...",
                        fix="the path of a file is given as Path(...)" if isinstance(raw, str) else "")  # fmt: skip
        if size > limits.DOCUMENT_BYTES:
            self.check_size(raw)
        for key in raw:
            if key not in TOP_LEVEL:
                self.report("E005", f"unknown section `{key}`", "", fix=nearest(str(key), TOP_LEVEL))
                self.missing.update(name for name, _ in named_items(raw[key]))
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
        model = Model(
            name=texts["name"] or "model",
            description=texts["description"],
            text=texts["text"],
            answer=answer,
            assumptions=tuple(assumptions),
            notes=tuple(self.notes.values()),
            **{s: tuple(i for i in items if i is not None) for s, items in sections.items()},
        )
        positions = {s: tuple(k for k, i in enumerate(items) if i is not None) for s, items in sections.items()}
        return Reading(model, tuple(self.found), positions, frozenset(self.missing), self.all_names)

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
            self.all_names = False
        if len(entries) > limits.SECTION_ITEMS:
            self.report("E003", f"more than {limits.SECTION_ITEMS} {section}", section, f"{len(entries)}",
                        fix="index them over a set")  # fmt: skip
            self.missing.update(name for name, _ in named_items(raw))
            return []
        return [self.item(section, where, v, i) for i, (where, v) in enumerate(entries)]

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
                self.all_names = self.all_names and section in ("constraints", "objectives", "outputs")
                return None
            raw = {main: raw}
        if section == "objectives":
            raw = self.short_objective(raw, where)
        before = len(self.found)
        if section == "parameters" and is_mixed(raw.get("value")):
            raw = self.keyed_lists(raw, where)
        outer = self.names
        self.names = outer.binding(bound_indices(raw.get("for", raw.get("over")), outer))
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
        self.names = outer
        if len(self.found) == before:
            return _ITEMS[section](**values)
        if isinstance(raw.get("name"), str):
            self.missing.add(raw["name"])
        return None

    def keyed_lists(self, raw: Mapping[str, Any], where: str) -> Mapping[str, Any]:
        """A parameter with maps and lists in its value -> the same with keys throughout, or lists throughout."""
        over = quiet_over(raw.get("over"), self.names)
        value = with_keys(raw["value"], over, dict(named_items(self.raw.get("sets"))))
        if value is not None:
            return {**raw, "value": value}
        self.report("E006", "a list beside keys has a value for each element of a set, and which is not known here",
                    f"{where}.value", raw["value"], "a list as long as a set the document lists, without a filter",
                    "give keys there too, or lists throughout, or the value as data")  # fmt: skip
        return {k: v for k, v in raw.items() if k != "value"}

    def short_objective(self, raw: Mapping[str, Any], where: str) -> Mapping[str, Any]:
        senses = [s for s in ("minimize", "maximize") if s in raw]
        if len(senses) == 1 and "sense" not in raw and "expr" not in raw:
            return {"sense": senses[0], "expr": raw[senses[0]], **{k: v for k, v in raw.items() if k not in senses}}
        return raw

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
