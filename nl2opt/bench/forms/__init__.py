"""Rows of a benchmark -> Items: one file a form in which benchmarks are passed around, found by scanning this folder.

Each has `read(row, number) -> Item` and `overlay(item, row) -> Label`: what a row of another version of the labels says
of an item.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from nl2opt.bench.items import Item
from nl2opt.errors import DataError, Diagnostic
from nl2opt.registry import members

TEXTS: Final = ("question", "en_question", "text", "problem", "description")
"""Fields that hold the text of a row, the first that is there."""


def forms() -> Mapping[str, ModuleType]:
    """Name -> form."""
    return members("nl2opt.bench.forms", requires=("read", "overlay"))


def form_of(name: str) -> ModuleType:
    """Name -> form. Raises DataError (D306) where there is none."""
    known = forms()
    if name not in known:
        raise DataError(Diagnostic("D306", f"no form {name!r} of questions", expected=f"one of {', '.join(known)}"))
    return known[name]


def read_items(path: Path, form: str) -> list[Item]:
    """File -> its items. Raises DataError with every row that is none (D303) and ids that occur twice (D304)."""
    reader = form_of(form)
    found: list[Item] = []
    wrong: list[Diagnostic] = []
    for number, row in enumerate(read_json_rows(path), 1):
        where = f"{path.name} row {number}"
        try:
            found.append(reader.read(row, number - 1))
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            told = f"no {e}" if isinstance(e, KeyError) else str(e)
            wrong.append(Diagnostic("D303", f"not a row of the form {form}", where, told[:120], reader.EXPECTED))
    seen: set[str] = set()
    for item in found:
        if item.id in seen:
            wrong.append(Diagnostic("D304", "two items have the same id", path.name, item.id, fix="give each an `id`"))
        seen.add(item.id)
    if wrong or not found:
        raise DataError(wrong or Diagnostic("D303", "no items in the file", path.name))
    return found


def read_labels(path: Path, version: str, items: Sequence[Item], form: str) -> list[Item]:
    """A file of rows, another version of the labels -> the items with it, met by `id` or by their text.

    Raises DataError (D303) where no row is of any of the items.
    """
    reader = form_of(form)
    by_text = {_digest(item.text): item.id for item in items}
    rows: dict[str, Any] = {}
    for number, row in enumerate(read_json_rows(path), 1):
        where = f"{path.name} row {number}"
        if not isinstance(row, dict):
            raise DataError(Diagnostic("D303", "not a row of labels", where, expected="an object with `id`"))
        text = next((row[k] for k in TEXTS if isinstance(row.get(k), str)), "")
        rows[str(row["id"]) if row.get("id") is not None else by_text.get(_digest(text), "")] = row
    if not {item.id for item in items} & rows.keys():
        raise DataError(Diagnostic("D303", f"the labels {version!r} are of other items", path.name))
    return [i.with_label(version, reader.overlay(i, rows[i.id])) if i.id in rows else i for i in items]


def read_json_rows(path: Path) -> list[Any]:
    """A JSON list, or one JSON object a line -> its rows. Raises DataError (D303) with the place."""
    text = path.read_text(encoding="utf-8-sig")
    if text.lstrip().startswith("["):
        try:
            return list(json.loads(text))
        except ValueError as e:
            raise DataError(Diagnostic("D303", "not a JSON list", path.name, str(e)[:120])) from None
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except ValueError as e:
                raise DataError(Diagnostic("D303", "not JSON", f"{path.name} line {number}", str(e)[:120])) from None
    return rows


def id_of(row: Mapping[str, Any], text: str) -> str:
    """The row's own id, else a hash of its text."""
    return str(row["id"]) if row.get("id") is not None else _digest(text)


def _digest(text: str) -> str:
    """White space apart, the same text has the same digest."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]
