"""Model -> document: plain data in the JSON form, YAML for people, JSON for machines. `read_document` inverts each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import yaml

from nl2opt.ir.document.schema import LANGUAGE_VERSION, SECTIONS, Field
from nl2opt.ir.model import Anchor, Element, IndexedElements, Model, Nested
from nl2opt.ir.nodes import Expr, Label, Number
from nl2opt.ir.text import print_expression, print_number, print_over


def to_document(model: Model) -> dict[str, Any]:
    """Model -> the JSON form: every section a list of objects, only the fields that are not at their default."""
    document: dict[str, Any] = {"nl2opt": LANGUAGE_VERSION}
    for key in ("name", "description", "text"):
        if getattr(model, key):
            document[key] = getattr(model, key)
    for section, fields in SECTIONS.items():
        items = [_item(item, fields) for item in getattr(model, section)]
        if items:
            document[section] = items
    if model.answer.find != "best" or model.answer.limit != 1000:
        document["answer"] = {"find": model.answer.find, "limit": model.answer.limit}
    if model.assumptions:
        document["assumptions"] = list(model.assumptions)
    return document


def _item(item: Any, fields: tuple[Field, ...]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for f in fields:
        value = getattr(item, f.target)
        defaults = type(item).__dataclass_fields__[f.target].default
        if value is None or value == () or value == "" or (value == defaults and f.kind != "sense"):
            continue
        out[f.name] = _field(f, value)
    return out


def _field(f: Field, value: Any) -> Any:
    match f.kind:
        case "over":
            return print_over(value)
        case "anchors":
            return [_anchor(a) for a in value]
        case "expression":
            return _number_or_text(value)
        case "set_expression":
            return print_expression(value)
        case "elements":
            return _elements(value)
        case "value":
            return _value(value)
        case "rows":
            return [[*(_atom(k) for k in row[:-1]), _value(row[-1])] for row in value]
        case _:
            return value


def _anchor(a: Anchor) -> Any:
    if a.kind == "quote":
        return a.text if a.nth == 1 else {"text": a.text, "nth": a.nth}
    return {a.kind: a.text}


def _exact(value: Fraction) -> Any:
    if value.denominator == 1:
        return value.numerator
    text = print_number(value)
    return text if "/" in text else Decimal(text)


def _number_or_text(e: Expr) -> Any:
    return _exact(e.value) if isinstance(e, Number) else print_expression(e)


def _value(value: Expr | Nested) -> Any:
    match value:
        case Nested(items):
            return [_value(i) for i in items]
        case Label(text):
            return text
        case _:
            return _number_or_text(value)


def _atom(e: Expr) -> Any:
    match e:
        case Label(text):
            return text
        case Number(value):
            return _exact(value)
        case _:
            return print_expression(e)


def _element(e: Element) -> Any:
    return list(e) if isinstance(e, tuple) else e


def _elements(value: Any) -> Any:
    match value:
        case IndexedElements(None, lists):
            return [[_element(e) for e in elements] for elements in lists]
        case IndexedElements(keys, lists):
            return [
                {"key": _element(k), "elements": [_element(e) for e in elements]}
                for k, elements in zip(keys or (), lists, strict=True)
            ]
        case tuple():
            return [_element(e) for e in value]
        case _:
            return print_expression(value)


# text ----------------------------------------------------------------------------------------------------------------


def print_json(model: Model) -> str:
    """Model -> JSON text of its document, decimals with their exact digits."""
    decimals: list[str] = []

    def marked(x: Any) -> Any:  # json has no exact decimals: each is written after the dump in place of its mark
        if isinstance(x, Decimal):
            decimals.append(str(x))
            return f"\ue000{len(decimals) - 1}\ue001"
        if isinstance(x, Mapping):
            return {k: marked(v) for k, v in x.items()}
        return [marked(v) for v in x] if isinstance(x, list) else x

    text = json.dumps(marked(to_document(model)), indent=2, ensure_ascii=False)
    return re.sub('"\ue000(\\d+)\ue001"', lambda m: decimals[int(m.group(1))], text)


def print_yaml(model: Model) -> str:
    """Model -> YAML text for a person: sections as maps by name, bare values for main fields."""
    document = to_document(model)
    for section, fields in SECTIONS.items():
        if section in document and section not in ("constraints", "objectives"):
            document[section] = {item["name"]: _short(item, fields) for item in document[section]}
    document |= {s: [_name_first(i) for i in document[s]] for s in ("constraints", "objectives") if s in document}
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _name_first(item: dict[str, Any]) -> dict[str, Any]:
    """A constraint or objective as a person reads it: name, algebra, then why; the JSON form puts the quotes first."""
    rest = dict(item)
    quotes = {"quotes": rest.pop("quotes")} if "quotes" in rest else {}
    if "sense" in rest:
        return {rest.pop("sense"): rest.pop("expr"), **rest, **quotes}
    order = ("name", "template", "for", "expr", "penalty")
    return {**{k: rest[k] for k in order if k in rest}, **quotes}


def _short(item: dict[str, Any], fields: tuple[Field, ...]) -> Any:
    rest = {k: v for k, v in item.items() if k != "name"}
    main = next((f.name for f in fields if f.main), "")
    if set(rest) == {main}:
        return rest[main]
    if (
        item.get("rows")
        and all(len(r) == 2 for r in item["rows"])
        and len({r[0] for r in rest["rows"]}) == len(rest["rows"])
    ):
        rest["value"] = dict(rest.pop("rows"))
    if isinstance(rest.get("elements"), list) and rest["elements"] and isinstance(rest["elements"][0], Mapping):
        entries = rest["elements"]
        if not any(isinstance(e["key"], list) for e in entries):
            rest["elements"] = {e["key"]: e["elements"] for e in entries}
    return rest


class _Dumper(yaml.SafeDumper):
    """YAML with one key a line, and lists of plain values on a line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text and text.isprintable() else '"' if any(c in text for c in "[]{},:#'") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _represent_list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    plain = not any(isinstance(i, Mapping) for i in items)
    short = sum(len(str(i)) for i in items) < 80 or not all(isinstance(i, str) for i in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=plain and short)


def _represent_map(dumper: yaml.SafeDumper, entries: dict[Any, Any]) -> yaml.MappingNode:
    numbers = bool(entries) and all(isinstance(v, int | Decimal) for v in entries.values())
    return dumper.represent_mapping("tag:yaml.org,2002:map", entries, flow_style=numbers and "nl2opt" not in entries)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(dict, _represent_map)
_Dumper.add_representer(Decimal, lambda d, v: d.represent_scalar("tag:yaml.org,2002:float", str(v)))
