"""Texts with models by hand, and documents with their texts -> right translations, each known to be right apart.

A translation of a text of `audit_texts.yaml` is right where it allows and reaches the same as the model written by
hand; one of `tests/cases/d*` where its optimum is the one computed apart. Documents are right by their own tests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import yaml

import nl2opt
from nl2opt.ir.document import read_document
from nl2opt.ir.model import Model, Objective
from nl2opt.ir.nodes import Label, Subscript, add, mul, number
from nl2opt.solvers.highs import solve
from nl2opt.solvers.result import SolveOptions

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class Translation:
    """A right model with the text it comes from attached, where it comes from: `document` or `translator`."""

    name: str
    source: str
    model: Model


def translations() -> list[Translation]:
    """Every document with its text, and every translation of a text that is known to be right."""
    return [*documents(), *translated_cases(), *translated_texts()]


def documents() -> list[Translation]:
    """tests/cases/a*, b* and datasets/examples, each with its problem.txt as the text."""
    found = []
    for path in sorted([*ROOT.glob("tests/cases/[ab]*/model.yaml"), *ROOT.glob("datasets/examples/*/model.yaml")]):
        if not (path.parent / "problem.txt").exists():
            continue
        text = (path.parent / "problem.txt").read_text(encoding="utf-8")
        model = replace(read_document(path), text=text)
        found.append(Translation(path.parent.relative_to(ROOT).as_posix(), "document", model))
    return found


def translated_cases() -> list[Translation]:
    """tests/cases/d*, translated; those whose optimum is the one expected."""
    found = []
    for path in sorted(ROOT.glob("tests/cases/d*/problem.txt")):
        text = path.read_text(encoding="utf-8")
        model = nl2opt.formulate(text).model
        expected = json.loads((path.parent / "expected.json").read_text(encoding="utf-8"))
        if model is None or expected["status"] != "optimal":
            continue
        reached = _optimum(model)
        if reached is not None and abs(reached - expected["objective"]) <= 1e-6 * (1 + abs(expected["objective"])):
            found.append(Translation(path.parent.relative_to(ROOT).as_posix(), "translator", replace(model, text=text)))
    return found


def translated_texts() -> list[Translation]:
    """The texts of this folder, translated; those that are the same as the model by hand."""
    found = []
    for i, row in enumerate(yaml.safe_load(FILE.read_text(encoding="utf-8"))):
        model = nl2opt.formulate(row["text"]).model
        if model is not None and _agrees(model, row):
            found.append(Translation(f"text {i}", "translator", replace(model, text=row["text"])))
    return found


def by_hand(row: dict[str, Any]) -> Model:
    """Coefficients and rows of the file -> a model over the columns `c0`, `c1`, ..."""
    columns = [f"c{j}" for j in range(len(row.get("max") or row["min"]))]
    lines = {"nl2opt": 1, "sets": {"Columns": columns}}
    kind = "real" if row.get("real") else "integer"

    def told(coefficients: list[float]) -> str:
        return " + ".join(f"{c!r} * x['{j}']" for c, j in zip(coefficients, columns, strict=True))

    lines["variables"] = {"x": {"over": "Columns", "type": kind}}
    lines["constraints"] = [{"expr": f"{told(a)} {op} {b}"} for a, op, b in row["rows"]]
    sense = "maximize" if "max" in row else "minimize"
    lines["objectives"] = [{sense: told(row.get("max") or row["min"])}]
    return read_document(yaml.safe_dump(lines, sort_keys=False))


def _agrees(model: Model, row: dict[str, Any]) -> bool:
    """Whether a translation reaches what the model by hand reaches: its optimum, and twelve other directions."""
    hand = by_hand(row)
    if len(model.variables) != 1 or len(model.sets) != 1 or not isinstance(model.sets[0].elements, tuple):
        return False
    labels = [str(e) for e in model.sets[0].elements]
    columns = [str(e) for e in hand.sets[0].elements]  # type: ignore[union-attr]
    if len(labels) != len(columns):
        return False
    rng = Random(11)
    pairs = [(model, hand)]
    for _ in range(12):
        row_ = [rng.randint(-4, 5) for _ in labels]
        pairs.append((_toward(model, row_, labels), _toward(hand, row_, columns)))
    return all(_close(_optimum(a), _optimum(b)) for a, b in pairs)


def _toward(model: Model, coefficients: list[int], labels: list[str]) -> Model:
    name = model.variables[0].name
    terms = (mul(number(c), Subscript(name, (Label(x),))) for c, x in zip(coefficients, labels, strict=True))
    return replace(model, objectives=(Objective("maximize", add(*terms)),))


def _optimum(model: Model) -> float | None:
    """A model without open data -> its optimum; None where it has none."""
    return solve(nl2opt.bind(model), SolveOptions(time_limit=20)).objective


def _close(a: float | None, b: float | None) -> bool:
    return a is b is None or (a is not None and b is not None and abs(a - b) <= 1e-6 * (1 + abs(a)))
