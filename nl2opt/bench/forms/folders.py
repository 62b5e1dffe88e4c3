"""Our own folders of documents with their texts -> Items: what datasets/ holds, told, stated and verified here.

A row is {"folder": path}. The label is the optimum of expected.json, which nl2opt.bench.documents verifies by two
routes, or the number of answers where the text asks for it; where it asks for a solution there is no number that a
right answer would be known by, and nothing is graded. The reference is the document. Where a folder has a card.json,
its text tells the data of the first instance, else they are given beside the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from nl2opt.bench.documents import Folder
from nl2opt.bench.items import DataInstance, Expected, Item, Label, length_trait
from nl2opt.bench.own_set import split_of
from nl2opt.explain.document import plain
from nl2opt.ir.bind.tables import Records
from nl2opt.ir.datafiles import read_data
from nl2opt.ir.kind import kind_of

EXPECTED: Final = "an object with folder"


def read(row: Any, number: int) -> Item:
    """Row -> Item."""
    folder = Folder(Path(row["folder"]))
    text = folder.model.text
    if not text.strip():
        raise ValueError(f"{folder.name} has no problem.txt")
    expected = folder.held("expected.json", {})
    name = next(k for k in expected if k != "warnings")
    data, about = data_of(folder, name), folder.held("card.json", {})
    instances = (DataInstance(name, {} if about else data, data),) if data else ()
    traits = {"length": length_trait(text), "kind": kind_of(folder.model).name}
    traits |= {trait: str(about[trait]) for trait in ("difficulty", "form", "domain") if trait in about}
    if about:
        traits["split"] = split_of(folder.name)
    document = (folder.path / "model.yaml").read_text(encoding="utf-8")
    labels = {"published": _label(folder, expected[name])}
    return Item(folder.name, text, "folders", labels, document, instances=instances, traits=traits)


def _label(folder: Folder, expected: Mapping[str, Any]) -> Label:
    status, value = expected["status"], expected.get("optimum")
    if status == "optimal" and value is None:
        if folder.model.answer.find != "count":
            return Label(reason="any solution will do")
        value = expected["answers"]
    return Label({"declared": Expected(status, value)})


def data_of(folder: Folder, name: str) -> dict[str, Any]:
    """The data of one instance of a folder, empty where the document holds them."""
    if name == "model":
        return {}
    if name == "tables":
        found = read_data(sorted(folder.path.glob("*.csv")), folder.model).values
        return {k: plain(_nested(v.rows) if isinstance(v, Records) else v) for k, v in found.items()}
    return dict(folder.held(f"{name}.json", {}))


def _nested(rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Rows of keys and a value -> maps within maps, as JSON data are."""
    found: dict[str, Any] = {}
    for *keys, last, value in rows:
        at = found
        for key in keys:
            at = at.setdefault(str(key), {})
        at[str(last)] = value
    return found


def overlay(item: Item, row: Mapping[str, Any]) -> Label:
    """Another optimum of an item."""
    return Label({"declared": Expected(row.get("status", "optimal"), row.get("optimum"))}, reason=row.get("reason", ""))
