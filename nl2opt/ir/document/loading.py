"""YAML or JSON text -> plain lists, dicts, strings, ints, Decimals, None.

YAML is read with string scalars, numbers and null only: `on`, `no` and dates stay text, and so do `null` and `~` in a
list, where they are labels and nothing could be left to data. Aliases are refused (they
expand without limit), duplicate keys are errors. Decimals keep their digits.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, cast

import yaml

from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.ir import limits


def document_error(
    code: str, message: str, where: str, found: str = "", expected: str = "", fix: str = ""
) -> DocumentError:
    """One finding -> the exception that carries it."""
    return DocumentError(Diagnostic(code, message, where, found, expected, fix))


def load(text: str, where: str = "") -> Any:
    """YAML or JSON text -> plain lists, dicts, strings, ints, Decimals, None. Raises DocumentError E001."""
    if len(text) > 64 * limits.DOCUMENT_BYTES:
        raise document_error(
            "E003", "the document is too large", where, found=f"{len(text)} characters", fix="move data to files"
        )
    stripped = text.lstrip("\ufeff \t\r\n")
    try:
        if stripped.startswith("{"):
            try:
                return json.loads(stripped, parse_float=Decimal, object_pairs_hook=_unique)
            except json.JSONDecodeError as json_error:
                try:
                    return _load_yaml(text)
                except yaml.YAMLError:
                    raise document_error(
                        "E001", "the text is no JSON document", where,
                        found=f"line {json_error.lineno}, column {json_error.colno}: {json_error.msg}",
                    ) from None  # fmt: skip
        return _load_yaml(text)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark
        at = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        fix = 'between braces, quote expressions: `expr: "x[i] <= 3"`' if "flow" in (e.context or "") else ""
        raise document_error(
            "E001", "the text is no YAML document", where, found=f"{at}{e.problem or e.context}", fix=fix
        ) from None
    except yaml.YAMLError as e:
        raise document_error("E001", "the text is no YAML document", where, found=str(e).splitlines()[0]) from None
    except (RecursionError, MemoryError, ValueError, OverflowError) as e:
        raise document_error("E001", "the text cannot be read", where, found=str(e)[:120] or type(e).__name__) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        names = [k for k, _ in pairs]
        raise ValueError(f"the key {next(k for k in names if names.count(k) > 1)!r} stands twice in one object")
    return out


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML with strings, exact numbers and null."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (PyYAML's own class attribute)


def _number(loader: Any, node: yaml.ScalarNode) -> int | Decimal:
    digits = node.value.replace("_", "")
    if len(digits) > 400:
        raise yaml.constructor.ConstructorError(None, None, "a number of more than 400 digits", node.start_mark)
    return int(digits) if digits.lstrip("+-").isdigit() else Decimal(digits)


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    out: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int):
            raise yaml.constructor.ConstructorError(None, None, "a key is a name or an integer", key_node.start_mark)
        if key in out:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
        out[key] = loader.construct_object(value_node, deep=True)
    return out


def _sequence(loader: Any, node: yaml.SequenceNode) -> list[Any]:
    return [
        item.value if item.tag == _NULL and item.value else loader.construct_object(item, deep=True)
        for item in node.value
    ]


_NULL = "tag:yaml.org,2002:null"
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$"),
    list("-+.0123456789"),
)
_Loader.add_implicit_resolver(_NULL, re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_constructor("tag:yaml.org,2002:float", _number)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:seq", _sequence)


def _load_yaml(text: str) -> Any:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(
                None, None, "aliases (*name) are not read", cast(Any, event.start_mark)
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > limits.EXPRESSION_DEPTH:
                raise yaml.constructor.ConstructorError(None, None, "nested too deeply", cast(Any, event.start_mark))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return yaml.load(text, Loader=_Loader)
