"""templates/{constraints,objectives}/*.yaml -> Template: how a constraint or a goal is written and how it is said."""

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
    """A gap of a template, of one of `KINDS`.

    ``unit`` is `none` for what is yes or no, or is not counted; `money` and `time` are asked of the numbers that fill
    it; any other word only says which slots are measured alike.
    """

    name: str
    kind: str
    unit: str


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of constraint, or of objective. `algebra` holds its expression for `milp` and for `cp`, in slot names.

    `also` are further ways to write it, `kind_of` the more general templates every instance belongs to as well; `soft`
    asks for a penalty, `sense` is the direction of an objective, `lints` are the findings its pitfalls became. `cues`
    are phrases that state it, `implied` words that merely suggest it, `narrations` sentences with slots in braces,
    `example` a text and its expression.
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
    also: tuple[str, ...] = ()
    kind_of: tuple[str, ...] = ()
    lints: tuple[str, ...] = ()
    sense: str = ""
    soft: bool = False
    objective: bool = False


_TEXTS: Final = ("name", "title", "summary", "source")
_LISTS: Final = ("cues", "narrations", "pitfalls")
_MAPS: Final = ("algebra", "example")
_MAY_BE: Final = ("implied", "also", "kind_of", "lints")
KINDS: Final = {
    "variable": "one decision, a variable or a condition that is counted",
    "deviation": "one variable of this condition alone, which a goal keeps small",
    "choice": "one yes-or-no variable",
    "condition": "something that holds or does not",
    "expression": "anything that depends on decisions; in a row, all terms that are left",
    "total": "decisions that are added up, with no number beside them",
    "tuple": "several values side by side, decisions among them",
    "number": "a number, or what is computed of data",
    "fraction": "a number above zero, at most one",
    "positive": "a number above zero",
    "amount": "a number, or what depends on decisions",
    "parameter": "a number for each index",
    "set": "what is ranged over",
    "window": "a part of an ordered set around an index",
    "element": "one of a set",
    "array": "values that a decision picks from",
    "index": "the decision that picks",
    "list": "points or intervals, listed",
}
"""Kind of a slot -> what stands there."""


def load_templates(folder: Path | None = None) -> dict[str, Template]:
    """All constraint templates by name, in name order. Raises TemplateError on a broken or misnamed file."""
    return dict(_load(folder or data_folder("templates") / "constraints", False))


def load_objectives(folder: Path | None = None) -> dict[str, Template]:
    """All objective templates by name, in name order. Raises TemplateError on a broken or misnamed file."""
    return dict(_load(folder or data_folder("templates") / "objectives", True))


@cache
def _load(folder: Path, objective: bool) -> tuple[tuple[str, Template], ...]:
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise TemplateError(f"{folder}: no template files")
    found = {path.stem: _read(path, objective) for path in paths}
    for name, template in found.items():
        if missing := [parent for parent in template.kind_of if parent not in found]:
            raise TemplateError(f"{name}.yaml: field 'kind_of': no template {missing[0]!r}")
    return tuple(found.items())


def _read(path: Path, objective: bool) -> Template:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path.name}: not readable as YAML: {error}") from error
    if not isinstance(raw, dict):
        raise TemplateError(f"{path.name}: expected a map of fields, found {type(raw).__name__}")
    optional = {*_MAY_BE, "soft", *(("sense",) if objective else ())}
    known = {*_TEXTS, *_LISTS, *_MAPS, "slots", *optional}
    if unknown := sorted(set(raw) - known):
        raise TemplateError(f"{path.name}: unknown field {unknown[0]!r}")
    if missing := sorted(known - optional - set(raw)):
        raise TemplateError(f"{path.name}: field {missing[0]!r} is missing")
    if raw["name"] != path.stem:
        raise TemplateError(f"{path.name}: name is {raw['name']!r}, expected the file stem {path.stem!r}")
    for field in _TEXTS:
        _expect(path, field, isinstance(raw[field], str) and raw[field].strip() != "", "a text")
    for field in (*_LISTS, *_MAY_BE):
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
    _expect(path, "sense", raw.get("sense", "") in ("", "minimize", "maximize"), "minimize or maximize")
    _expect(path, "soft", raw.get("soft", "false") in ("true", "false"), "true or false")
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
        also=tuple(raw.get("also", [])),
        kind_of=tuple(raw.get("kind_of", [])),
        lints=tuple(raw.get("lints", [])),
        sense=raw.get("sense", ""),
        soft=raw.get("soft", "false") == "true",
        objective=objective,
    )


def _slots(path: Path, raw: Any) -> tuple[Slot, ...]:
    _expect(path, "slots", isinstance(raw, list) and bool(raw), "a list of slots")
    slots = []
    for item in raw:
        _expect(
            path, "slots", isinstance(item, dict) and set(item) == {"name", "kind", "unit"}, "slots of name, kind, unit"
        )
        _expect(path, "slots", item["kind"] in KINDS, f"a kind among {', '.join(sorted(KINDS))}")
        slots.append(Slot(item["name"], item["kind"], item["unit"]))
    _expect(path, "slots", len({slot.name for slot in slots}) == len(slots), "slot names that differ")
    return tuple(slots)


def _expect(path: Path, field: str, holds: bool, expected: str) -> None:
    if not holds:
        raise TemplateError(f"{path.name}: field {field!r}: expected {expected}")
