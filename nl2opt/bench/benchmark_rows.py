"""A row of a benchmark -> the data a document asks for, and whether its outputs have the shape the row wants.

A row holds `data` (name -> value), `output` (name -> shape, for example `list[4][5] of bool`) and `optimum` (None for a
question of satisfaction). Where names or forms differ from the document's, its folder says so in `row.json`:

    names       name of the document -> key of the row
    characters  name -> key whose text becomes the list of its characters (a list of texts: a map text -> characters)
    parts       name -> [key, place]: the item at a place of each list of a key; with "1:", all items from there on
    values      name -> value that replaces a faulty one
    faulty      what is wrong with the row, in words
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nl2opt.ir.model import Model


def rows_by_name(path: Path) -> dict[str, dict[str, Any]]:
    """Rows of a benchmark by the last part of their id."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {row["id"].rsplit("/", 1)[-1]: row for row in rows}


def data_of_row(row: Mapping[str, Any], model: Model, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Row -> data by the names of the model; what the model does not declare is left out."""
    given: Mapping[str, Any] = row["data"]
    data = {**given, **{name: given[key] for name, key in changes.get("names", {}).items()}}
    data |= {name: characters(given[key]) for name, key in changes.get("characters", {}).items()}
    data |= {
        name: [part(item, place) for item in given[key]] for name, (key, place) in changes.get("parts", {}).items()
    }
    data |= changes.get("values", {})
    declared = {s.name for s in model.sets} | {p.name for p in model.parameters}
    return {name: value for name, value in data.items() if name in declared}


def part(items: Sequence[Any], place: int | str) -> Any:
    """A list -> its item at ``place``, or the list of those from place "N:" on."""
    return items[place] if isinstance(place, int) else list(items[int(place.removesuffix(":")) :])


def characters(value: Any) -> Any:
    """A text -> its characters; a list of texts -> a map from each to its characters."""
    return list(value) if isinstance(value, str) else {text: list(text) for text in value}


def shape_faults(outputs: Mapping[str, Any], wanted: Mapping[str, str]) -> list[str]:
    """Outputs of a document and the shapes a row wants -> what differs."""
    faults = [f"output {name} is missing" for name in wanted if name not in outputs]
    faults += [f"output {name} is not asked for" for name in outputs if wanted and name not in wanted]
    for name, shape in wanted.items():
        if name in outputs and not _has_shape(outputs[name], shape):
            faults.append(f"output {name} is no {shape}")
    return faults


def _has_shape(value: Any, shape: str) -> bool:
    match = re.fullmatch(r"list((?:\[\d+\])+) of (\w+)", shape)
    sizes, kind = ([int(n) for n in re.findall(r"\d+", match[1])], match[2]) if match else ([], shape)
    return _nests(value, sizes, kind)


def _nests(value: Any, sizes: list[int], kind: str) -> bool:
    if sizes:
        return isinstance(value, list) and len(value) == sizes[0] and all(_nests(v, sizes[1:], kind) for v in value)
    match kind:
        case "bool":
            return isinstance(value, int) and value in (0, 1)
        case "int":
            return isinstance(value, int)
        case "float":
            return isinstance(value, int | float)
        case _:
            return isinstance(value, str)
