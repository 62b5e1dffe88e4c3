"""Data files + model -> data by name, with what was remarked: JSON, CSV, XLSX. `bind` makes the instance of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from nl2opt.errors import DataError, Diagnostic
from nl2opt.ir.bind.places import FileValues
from nl2opt.ir.datafiles.grids import Grid, read_grids, read_text
from nl2opt.ir.datafiles.labels import closest, match_name
from nl2opt.ir.datafiles.tabular import Tabular
from nl2opt.ir.model import Model
from nl2opt.ir.spelling import nearest


@dataclass(frozen=True, slots=True)
class DataFiles:
    """What files say: ``values`` by declared name, as `bind` takes them; ``notes`` on how they were read."""

    values: Mapping[str, Any]
    notes: tuple[Diagnostic, ...] = ()


def read_data(paths: Iterable[Path | str] | Path | str, model: Model, complete: bool = True) -> DataFiles:
    """Files -> data of the model. Raises DataError (D1xx, D2xx) with every fault and its place.

    ``complete``: what the model asks for and no file gives is an error here, where the columns found can be named.
    """
    listed = [paths] if isinstance(paths, str | Path) else list(paths)
    found: list[Diagnostic] = []
    notes: list[Diagnostic] = []
    values = FileValues()
    grids: list[Grid] = []
    for path in map(Path, listed):
        if path.suffix.lower() == ".json":
            _read_json(path, model, values, found, notes)
        elif path.suffix.lower() in (".csv", ".tsv", ".txt", ".xlsx", ".xlsm"):
            grids += read_grids(path, found, notes)
        else:
            found.append(Diagnostic("D201", "a kind of file that is not read", path.name, path.suffix or "no suffix",
                                    "JSON, CSV or XLSX"))  # fmt: skip
    tables = Tabular(model, values, found, notes)
    tables.read(grids)
    if complete and not found:
        found += _missing(model, values, tables, notes)
    if found:
        raise DataError(found)
    return DataFiles(values, tuple(notes))


def _missing(model: Model, values: Mapping[str, Any], tables: Tabular, notes: list[Diagnostic]) -> list[Diagnostic]:
    """What the model asks for and the files do not give, with columns that are nearly named so."""
    asked = [s.name for s in model.sets if s.elements is None and s.name not in values]
    for p in model.parameters:
        own = p.value is not None or p.rows is not None or (not p.over and p.default is not None)
        if not own and p.name not in values:
            asked.append(p.name)
    if not asked:
        return []
    loose = [n.found for n in notes if n.code == "D252" and n.found]
    near = [f"column `{c}`: {hint}" for c in loose if (hint := nearest(c, asked))]
    headers = [h for headers in tables.headers.values() for h in headers]
    seen = [f"for {name}: {', '.join(closest(name, headers))}" for name in asked[:4] if headers]
    return [Diagnostic("D101", "data are missing", ", ".join(tables.headers) or "the files",
                       f"columns nearest {'; '.join(seen)}" if seen else "",
                       f"the instance asks for: {', '.join(asked)}", "; ".join(near) or
                       f"a column or file named {' and '.join(asked[:4])}")]  # fmt: skip


# JSON ----------------------------------------------------------------------------------------------------------------


class _Twice(dict[str, Any]):
    """An object in which a key stands twice."""

    twice: tuple[str, ...] = ()


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) == len(pairs):
        return out
    marked = _Twice(out)
    seen: set[str] = set()
    marked.twice = tuple(k for k, _ in pairs if k in seen or seen.add(k))  # type: ignore[func-returns-value]
    return marked


def _decimal(text: str) -> float | Decimal:
    """A decimal literal, exactly: up to 15 digits a float's shortest decimal is the literal itself."""
    return float(text) if len(text) <= 15 and "e" not in text.lower() else Decimal(text)


def _read_json(path: Path, model: Model, values: FileValues, found: list[Diagnostic], notes: list[Diagnostic]) -> None:
    text = read_text(path, found)
    if text is None:
        return
    try:
        raw = json.loads(text, object_pairs_hook=_pairs, parse_float=_decimal)
    except json.JSONDecodeError as e:
        found.append(Diagnostic("D201", "not JSON", f"{path.name} line {e.lineno}, column {e.colno}", e.msg))
        return
    except (RecursionError, ValueError) as e:
        reason = "nested too deeply" if isinstance(e, RecursionError) else str(e)[:80]
        found.append(Diagnostic("D201", "JSON that cannot be read", path.name, reason))
        return
    if not isinstance(raw, dict):
        found.append(Diagnostic("D201", "data are an object: name -> value", path.name, type(raw).__name__))
        return
    _report_twice(raw, path.name, "", found, 0)
    known = [s.name for s in model.sets] + [p.name for p in model.parameters]
    for name, value in raw.items():
        match = match_name(name, known)
        target = str(match.name) if match.name is not None else name
        if target in values:
            found.append(Diagnostic("D205", f"`{target}` is given twice", path.name, name, fix="keep one"))
        if match.respelled:
            notes.append(Diagnostic("D254", f"taken as `{target}`", path.name, name, severity="note"))
        values[target] = value
        values.files[target] = path.name


def _report_twice(value: Any, file: str, place: str, found: list[Diagnostic], depth: int) -> None:
    if isinstance(value, dict):
        for key in getattr(value, "twice", ()):
            found.append(Diagnostic("D205", "a key given twice", f"{file}, `{place}.{key}`".replace("`.", "`"), key,
                                    fix="keep one"))  # fmt: skip
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                _report_twice(inner, file, f"{place}.{key}" if place else key, found, depth + 1)
    elif isinstance(value, list) and depth < 50:
        for i, inner in enumerate(value[:1000]):
            if isinstance(inner, dict):
                _report_twice(inner, file, f"{place}[{i}]", found, depth + 1)
