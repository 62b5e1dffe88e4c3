"""The document's fields, said once: the reader, the printer and the JSON Schema are made from these tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

LANGUAGE_VERSION = 1

FieldKind = Literal[
    "name", "text", "over", "expression", "set_expression", "elements", "value", "rows", "flag", "integer",
    "number_type", "sense", "find", "anchors",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an item: ``name`` in the document, ``attribute`` of the dataclass, what it holds, what it says."""

    name: str
    kind: FieldKind
    doc: str
    attribute: str = ""
    required: bool = False
    main: bool = False

    @property
    def target(self) -> str:
        """The dataclass attribute the field fills."""
        return self.attribute or self.name


_NAME = Field("name", "name", "identifier, unique in the document", required=True)
_OVER = Field("over", "over", "index bindings: `Plants, Months` or `p in Plants, m in Months if m > 1`")
_UNIT = Field("unit", "text", "unit, for example minute or EUR/crate")
_DESCRIPTION = Field("description", "text", "one line")
_QUOTES = Field("quotes", "anchors", "verbatim pieces of the text that say this", attribute="anchors")

SECTIONS: dict[str, tuple[Field, ...]] = {
    "sets": (
        _NAME,
        Field("elements", "elements", "labels, integers or tuples; a set expression; null: from data", main=True),
        _OVER,
        _DESCRIPTION,
        _QUOTES,
    ),
    "parameters": (
        _NAME,
        _OVER,
        Field("type", "number_type", "real (default), integer or binary"),
        Field("in", "set_expression", "the set its values are elements of", attribute="within"),
        Field(
            "value", "value", "number, nested list in set order, label, constant expression; null: from data", main=True
        ),
        Field("rows", "rows", "[[key ..., value], ...]"),
        Field("default", "expression", "value of every key not given"),
        Field("symmetric", "flag", "a row (i, j) also gives (j, i)"),
        _UNIT,
        _DESCRIPTION,
        _QUOTES,
    ),
    "variables": (
        _NAME,
        _OVER,
        Field("type", "number_type", "real, integer or binary; this or `in` is required"),
        Field("in", "set_expression", "the set whose element the variable takes", attribute="within"),
        Field("lower", "expression", "lower bound, 0 unless given; -inf for free"),
        Field("upper", "expression", "upper bound, none unless given"),
        _UNIT,
        _DESCRIPTION,
        _QUOTES,
    ),
    "expressions": (
        _NAME,
        Field("expr", "expression", "the expression", required=True, main=True),
        _OVER,
        _UNIT,
        _DESCRIPTION,
        _QUOTES,
    ),
    "constraints": (
        _QUOTES,
        Field("template", "text", "the constraint template it is an instance of"),
        Field("name", "name", "identifier; c1, c2, ... unless given"),
        Field("for", "over", "index bindings", attribute="over"),
        Field("expr", "expression", "the condition", required=True, main=True),
        Field("penalty", "expression", "cost of violation by one; none: it must hold"),
    ),
    "objectives": (
        _QUOTES,
        Field("template", "text", "the objective template it is an instance of"),
        Field("sense", "sense", "minimize or maximize", required=True),
        Field("expr", "expression", "what is minimized or maximized", required=True),
        Field("priority", "integer", "higher first; 0 unless given"),
    ),
    "outputs": (
        _NAME,
        Field("expr", "expression", "what to report", required=True, main=True),
    ),
}

TOP_LEVEL: dict[str, str] = {
    "nl2opt": "language version, an integer",
    "name": "identifier of the model",
    "description": "one line",
    "text": "the problem as the person told it",
    **{section: section for section in SECTIONS},
    "answer": "how many solutions are asked for",
    "assumptions": "what the text does not say and the model supposes",
}

_STRING = {"type": "string"}
_ATOM = {"anyOf": [{"type": "string"}, {"type": "integer"}]}
_SCALAR = {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]}
_NUMBER_OR_TEXT = {"anyOf": [{"type": "string"}, {"type": "number"}]}


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_KINDS: dict[FieldKind, dict[str, Any]] = {
    "name": {"type": "string", "pattern": r"^[A-Za-z_]\w*$", "maxLength": 64},
    "text": _STRING,
    "over": _STRING,
    "expression": _NUMBER_OR_TEXT,
    "set_expression": _STRING,
    "elements": {"anyOf": [
        _STRING, {"type": "null"}, _array(_ATOM), _array(_array(_ATOM)),
        _array({"type": "object", "additionalProperties": False, "required": ["key", "elements"], "properties": {
            "key": {"anyOf": [*_ATOM["anyOf"], _array(_ATOM)]},
            "elements": {"anyOf": [_array(_ATOM), _array(_array(_ATOM))]}}}),
    ]},
    "value": {"anyOf": [*_SCALAR["anyOf"], _array({"anyOf": [*_SCALAR["anyOf"], {"type": "array"}]})]},
    "rows": _array(_array(_NUMBER_OR_TEXT)),
    "flag": {"type": "boolean"},
    "integer": {"type": "integer"},
    "number_type": {"enum": ["real", "integer", "binary"]},
    "sense": {"enum": ["minimize", "maximize"]},
    "find": {"enum": ["best", "all", "count"]},
    "anchors": _array({"anyOf": [_STRING, {
        "type": "object", "additionalProperties": False,
        "properties": {"text": _STRING, "nth": {"type": "integer", "minimum": 1}, "convention": _STRING,
                       "cell": _STRING, "assumption": _STRING}}]}),
}  # fmt: skip


def json_schema() -> dict[str, Any]:
    """-> the JSON Schema (2020-12) of a document in its JSON form, with `$id` by language version."""
    properties: dict[str, Any] = {
        "nl2opt": {"const": LANGUAGE_VERSION},
        "name": _KINDS["name"],
        "description": _STRING,
        "text": _STRING,
    }
    for section, fields in SECTIONS.items():
        properties[section] = _array({
            "type": "object",
            "additionalProperties": False,
            "required": [f.name for f in fields if f.required],
            "properties": {f.name: {**_KINDS[f.kind], "description": f.doc} for f in fields},
        })  # fmt: skip
    properties["answer"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"find": _KINDS["find"], "limit": {"type": "integer", "minimum": 1}},
    }
    properties["assumptions"] = _array(_STRING)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"nl2opt-document-{LANGUAGE_VERSION}",
        "type": "object",
        "additionalProperties": False,
        "required": ["nl2opt"],
        "properties": {k: {**v, "description": TOP_LEVEL[k]} for k, v in properties.items()},
    }
