"""CP-Bench rows -> Items: a text, data, the shapes of the values to print, and the optimum where one is asked for.

Graded by what is printed: it must be a solution of the reference document of datasets/cpbench, bound to the row's data,
and as good as the optimum. Where a row has data, the folder's own of the same names and forms are hidden instances.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nl2opt.bench.benchmark_rows import data_of_row
from nl2opt.bench.documents import Folder
from nl2opt.bench.items import DataInstance, Expected, Item, Label, length_trait
from nl2opt.resources import data_folder

EXPECTED: Final = "an object with id, question, data, output and optimum"
ROW: Final = "row"
"""Name of the instance that the row itself holds."""
UNTOLD: Final = "as the text says"
"""Shape of a value to print where a row names none: the values are those that the document reports."""


def read(row: Any, number: int) -> Item:
    """Row -> Item; without a folder in datasets/cpbench nothing can be graded, and the item says so by its labels."""
    text, data = row["question"], row["data"]
    folder = Folder(data_folder("datasets") / "cpbench" / str(row["id"]).rsplit("/", 1)[-1])
    published = {ROW: Expected("optimal", None if row["optimum"] is None else float(row["optimum"]))}
    traits = {
        "length": length_trait(text), "asks for": "a solution" if row["optimum"] is None else "an optimum",
        "data": "given" if data else "in the text",
    }  # fmt: skip
    notes = tuple(map(str, row.get("data_notes", ())))
    if not (folder.path / "model.yaml").exists():
        return Item(str(row["id"]), text, "cpbench", {"published": Label()}, "", row["output"], notes, (), traits)
    changes = folder.held("row.json", {})
    instances = (DataInstance(ROW, data, data_of_row(row, folder.model, changes)), *_hidden(folder, data))
    labels = {"published": Label(instances=published)}
    own = folder.held("expected.json", {})
    hidden = {i.name: _expected(own[i.name]) for i in instances[1:] if i.name in own}
    labels["own instances"] = Label(instances={**published, **hidden})
    document = (folder.path / "model.yaml").read_text(encoding="utf-8")
    outputs = row["output"] or {o.name: UNTOLD for o in folder.model.outputs}
    return Item(str(row["id"]), text, "cpbench", labels, document, outputs, notes, instances, traits)


def overlay(item: Item, row: Mapping[str, Any]) -> Label:
    """Another optimum of an item."""
    return Label(instances={ROW: Expected("optimal", row["optimum"])}, reason=str(row.get("reason", "")))


def _expected(raw: Mapping[str, Any]) -> Expected:
    return Expected(raw["status"], raw.get("optimum"))


def _hidden(folder: Folder, given: Mapping[str, Any]) -> list[DataInstance]:
    """The folder's own data in the names and forms of the row's data: of the document too, where it has the same."""
    alike = not folder.held("row.json", {}).keys() & {"names", "characters", "parts"}
    own = {name: DataInstance(name, data, data) for name, data in folder.data.items()} if alike else {}
    own |= {name: DataInstance(name, data, folder.bound(data)) for name, data in folder.given.items()}
    return [i for i in own.values() if given and _same_names_and_forms(i.given, given)]


def _same_names_and_forms(own: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    return own.keys() == given.keys() and all(_same_form(own[k], given[k]) for k in given)


def _same_form(own: Any, given: Any) -> bool:
    """Whether two values nest alike, so that what reads one reads the other."""
    if isinstance(own, list) and isinstance(given, list):
        return not own or not given or _same_form(own[0], given[0])
    numbers = (int, float)
    return isinstance(own, type(given)) or (isinstance(own, numbers) and isinstance(given, numbers))
