"""NL4Opt declarations -> Items: the label is a model, so each reading of it has an outcome of its own.

Labels and answers are compared under the same domains: all reals (the reading that counts), then all whole numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from nl2opt.bench.flat import Flat, solve
from nl2opt.bench.forms import id_of
from nl2opt.bench.items import Expected, Item, Label, length_trait
from nl2opt.bench.nl4opt_labels import corrected_model, label_model

EXPECTED: Final = "an object with question, variables, objective and constraints"


def read(row: Any, number: int) -> Item:
    """Row -> Item, its reference the model that the published label states."""
    model = label_model(row)
    text = row["question"]
    kinds = sorted({c["type"] for c in row["constraints"]})
    label = label_of(model)
    traits = {
        "template": "+".join(kinds), "length": length_trait(text), "variables": str(len(row["variables"])),
        "label": label.readings["continuous"].status if label.readings else "none",
    }  # fmt: skip
    return Item(id_of(row, text), text, "nl4opt", {"published": label}, document_of(model), traits=traits)


def overlay(item: Item, row: Mapping[str, Any]) -> Label:
    """A corrected label -> Label."""
    return label_of(corrected_model(row), str(row.get("reason", "")))


def label_of(model: Flat, reason: str = "") -> Label:
    """The outcome of a flat model over the reals and over the whole numbers, and the model."""
    readings = {}
    for name, whole in (("continuous", False), ("whole", True)):
        found = solve(model, whole)
        if found.status != "other":
            readings[name] = Expected(found.status, found.value)
    return Label(readings, reason=reason, document=document_of(model))


def document_of(model: Flat) -> str:
    """A flat model -> a document that says the same, one variable a decision, over the reals."""
    names = _names(model.variables)
    rows = [
        {"name": f"c{k}", "expr": f"{_sum(names, row.coefficients)} {row.op} {_number(row.bound)}"}
        for k, row in enumerate(model.rows, 1)
    ]
    document = {
        "nl2opt": 1,
        "variables": [{"name": n, "type": "real"} for n in names],
        "constraints": rows,
        "objectives": [{"sense": model.sense, "expr": _sum(names, model.objective)}],
    }
    return json.dumps(document)


def _names(told: tuple[str, ...]) -> list[str]:
    names: list[str] = []
    for k, name in enumerate(told):
        word = re.sub(r"\W+", "_", name.lower()).strip("_")[:40]
        names.append(f"x{k}_{word}" if word else f"x{k}")
    return names


def _sum(names: list[str], coefficients: tuple[Fraction, ...]) -> str:
    terms = [f"{_number(c)} * {n}" for n, c in zip(names, coefficients, strict=True) if c]
    return " + ".join(terms) or f"0 * {names[0]}"  # a label whose terms are lost says 0, and may be infeasible by it


def _number(value: Fraction) -> str:
    text = str(value) if value.denominator == 1 else f"{value.numerator} / {value.denominator}"
    return f"({text})" if value < 0 or value.denominator != 1 else text
