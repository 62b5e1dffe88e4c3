"""templates/constraints/*.yaml -> Template: how a kind of constraint is written and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from nl2opt.resources import data_folder


class TemplateError(Exception):
    """A template file is broken or misnamed; the message names the file and the field."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A gap of a template: `kind` is variable, parameter, number, set, element or condition."""

    name: str
    kind: str
    unit: str


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of constraint. `algebra` holds its expression for `milp` and for `cp`, in slot names.

    `cues` are phrases that state it, `implied` words that merely suggest it, `narrations` sentences with slots in
    braces, `example` a text and its expression.
    """

    name: str
    title: str
    summary: str
    source: str
    slots: tuple[Slot, ...]
    algebra: Mapping[str, str]
    cues: tuple[str, ...]
    implied: tuple[str, ...]
    narrations: tuple[str, ...]
    example: Mapping[str, str]
    pitfalls: tuple[str, ...]


_TEXTS: Final = ("name", "title", "summary", "source")
_LISTS: Final = ("cues", "narrations", "pitfalls")
_MAPS: Final = ("algebra", "example")
_KINDS: Final = frozenset({"variable", "parameter", "number", "set", "element", "condition"})


def load_templates(folder: Path | None = None) -> dict[str, Template]:
    """All constraint templates by name, in name order. Raises TemplateError on a broken or misnamed file."""
    return dict(_load(folder or data_folder("templates") / "constraints"))


@cache
def _load(folder: Path) -> tuple[tuple[str, Template], ...]:
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise TemplateError(f"{folder}: no template files")
    return tuple((path.stem, _read(path)) for path in paths)


def _read(path: Path) -> Template:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path.name}: not readable as YAML: {error}") from error
    if not isinstance(raw, dict):
        raise TemplateError(f"{path.name}: expected a map of fields, found {type(raw).__name__}")
    known = {*_TEXTS, *_LISTS, *_MAPS, "slots", "implied"}
    if unknown := sorted(set(raw) - known):
        raise TemplateError(f"{path.name}: unknown field {unknown[0]!r}")
    if missing := sorted(known - {"implied"} - set(raw)):
        raise TemplateError(f"{path.name}: field {missing[0]!r} is missing")
    if raw["name"] != path.stem:
        raise TemplateError(f"{path.name}: name is {raw['name']!r}, expected the file stem {path.stem!r}")
    for field in _TEXTS:
        _expect(path, field, isinstance(raw[field], str) and raw[field].strip() != "", "a text")
    for field in (*_LISTS, "implied"):
        value = raw.get(field, [])
        _expect(
            path, field, isinstance(value, list) and all(isinstance(item, str) for item in value), "a list of texts"
        )
    for field in _MAPS:
        value = raw[field]
        _expect(
            path, field, isinstance(value, dict) and all(isinstance(v, str) for v in value.values()), "a map of texts"
        )
    _expect(path, "algebra", set(raw["algebra"]) == {"milp", "cp"}, "the keys milp and cp")
    _expect(path, "example", set(raw["example"]) == {"text", "expr"}, "the keys text and expr")
    return Template(
        name=raw["name"],
        title=raw["title"],
        summary=raw["summary"],
        source=raw["source"],
        slots=_slots(path, raw["slots"]),
        algebra=raw["algebra"],
        cues=tuple(raw["cues"]),
        implied=tuple(raw.get("implied", [])),
        narrations=tuple(raw["narrations"]),
        example=raw["example"],
        pitfalls=tuple(raw["pitfalls"]),
    )


def _slots(path: Path, raw: Any) -> tuple[Slot, ...]:
    _expect(path, "slots", isinstance(raw, list) and bool(raw), "a list of slots")
    slots = []
    for item in raw:
        _expect(
            path, "slots", isinstance(item, dict) and set(item) == {"name", "kind", "unit"}, "slots of name, kind, unit"
        )
        _expect(path, "slots", item["kind"] in _KINDS, f"a kind among {', '.join(sorted(_KINDS))}")
        slots.append(Slot(item["name"], item["kind"], item["unit"]))
    _expect(path, "slots", len({slot.name for slot in slots}) == len(slots), "slot names that differ")
    return tuple(slots)


def _expect(path: Path, field: str, holds: bool, expected: str) -> None:
    if not holds:
        raise TemplateError(f"{path.name}: field {field!r}: expected {expected}")
