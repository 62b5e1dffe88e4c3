"""templates/problems/*.yaml -> Family: a kind of problem, how its data are drawn and how it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.ir.document import read_document
from nl2opt.ir.model import Model
from nl2opt.resources import data_folder

_TEXTS: Final = ("name", "title", "summary", "document")
_LISTS: Final = ("draw", "scenarios", "narrations")
_FORMS: Final = (
    {"set", "from", "size"}, {"set", "within", "size"}, {"point", "range"}, {"parameter", "range", "step"},
    {"parameter", "for", "at_point", "times", "step"}, {"parameter", "at_point", "times", "step"},
)  # fmt: skip
"""The fields of a draw: labels of a scenario, a subset, a point the data are made around, values, values at it."""


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of problem. ``draw`` are steps in order; ``scenarios`` give words and labels, ``narrations`` texts."""

    name: str
    title: str
    summary: str
    model: Model
    draw: tuple[Mapping[str, Any], ...]
    scenarios: tuple[Mapping[str, Any], ...]
    narrations: tuple[str, ...]


def load_families(folder: Path | None = None) -> dict[str, Family]:
    """Every problem family by name. Raises DocumentError (E040) that names a broken file and its field."""
    return dict(_load(folder or data_folder("templates") / "problems"))


@cache
def _load(folder: Path) -> tuple[tuple[str, Family], ...]:
    return tuple((path.stem, _read(path)) for path in sorted(folder.glob("*.yaml")))


def _read(path: Path) -> Family:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        raise _broken(path, "", str(e)) from None
    if not isinstance(raw, dict) or set(raw) != {*_TEXTS, *_LISTS}:
        raise _broken(path, "", f"fields {sorted(raw) if isinstance(raw, dict) else raw}")
    for field in _LISTS:
        if not isinstance(raw[field], list) or not raw[field]:
            raise _broken(path, field, "a list is expected")
    if raw["name"] != path.stem:
        raise _broken(path, "name", f"{raw['name']!r} is not the file's stem")
    for step in raw["draw"]:
        if not isinstance(step, dict) or set(step) not in _FORMS:
            raise _broken(path, "draw", str(step))
    return Family(
        raw["name"], raw["title"], raw["summary"], read_document(raw["document"]), tuple(raw["draw"]),
        tuple(raw["scenarios"]), tuple(raw["narrations"]),
    )  # fmt: skip


def _broken(path: Path, field: str, found: str) -> DocumentError:
    return DocumentError(Diagnostic("E040", "a problem family is broken", f"{path.name} {field}".strip(), found))
