"""The models pairs are made from: cases of the tests, examples, the alternatives' own, some small benchmarks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nl2opt.bench.documents import Folder
from nl2opt.ir.bind import bind
from nl2opt.ir.datafiles import read_data
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
INFEASIBLE = ("a16_joinery_conflict", "b14_infeasible_roster", "overbooked_studio")
"""Models without a solution: two of them are always equivalent, whatever they say."""
LARGE = 60
"""Benchmarks and examples with more decisions are left out."""
BENCHMARKS = (
    "mamo_complex_000_diet", "mamo_complex_014_relocation", "mamo_complex_015_relocation",
    "mamo_complex_026_round_trip", "mamo_complex_039_max_flow", "mamo_complex_044_max_flow",
    "mamo_complex_048_facility", "mamo_complex_055_facility", "mamo_complex_059_relocation",
    "mamo_complex_060_shortest_path", "mamo_complex_063_overtime", "mamo_complex_067_production_plan",
    "mamo_complex_068_diet", "mamo_complex_069_product_mix",
)  # fmt: skip
"""One or two of each kind of the linear benchmarks; of the puzzles all that are small."""


@dataclass(frozen=True)
class Reference:
    """A right model, its data, and where it comes from."""

    name: str
    document: str
    data: Mapping[str, Any] | None

    def model(self) -> Model:
        """The document read."""
        return read_document(self.document)

    def instance(self) -> Instance:
        """The model at its data."""
        return bind(self.model(), self.data)


def folder(path: Path) -> Reference:
    """A folder with a model and perhaps its data -> Reference."""
    document = (path / "model.yaml").read_text()
    model = read_document(document)
    data: Mapping[str, Any] | None = None
    if (path / "data_1.json").exists():
        data = json.loads((path / "data_1.json").read_text())
    elif given := Folder(path).given:
        data = Folder(path).bound(next(iter(given.values())))
    elif (path / "data.json").exists():
        data = json.loads((path / "data.json").read_text())
    elif tables := sorted(path.glob("*.csv")):
        data = read_data(tables, model).values
    return Reference(path.name, document, data)


@cache
def references() -> tuple[Reference, ...]:
    """Every reference, in a fixed order."""
    folders = [
        *sorted(ROOT.glob("tests/cases/[ab]*/model.yaml")),
        *sorted(ROOT.glob("datasets/examples/*/model.yaml")),
        *(ROOT / "datasets/mamo_complex" / n / "model.yaml" for n in BENCHMARKS),
        *sorted(ROOT.glob("datasets/cpbench/*/model.yaml")),
    ]
    found = [folder(p.parent) for p in folders if p.parent.name not in INFEASIBLE]
    own = [Reference(p.parent.name, p.read_text(), None) for p in sorted(HERE.glob("alternatives/*/reference.yaml"))]
    kept, names = [], set()
    for r in (*found, *own):
        size = sum(len(v.domain) for v in r.instance().variables.values())
        if size <= LARGE and r.name not in names:
            kept.append(r)
            names.add(r.name)
    return tuple(kept)
