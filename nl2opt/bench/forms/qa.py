"""Rows of a question and its optimal value -> Items: the form in which most benchmarks are passed around.

`question` (the text), `answer` (a number, null, or a word such as `infeasible`), `id` where there is one. Other
spellings that are taken: `en_question`, `text`, `problem`, `description`; `en_answer`, `optimum`, `objective`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from nl2opt.bench.forms import TEXTS, id_of
from nl2opt.bench.items import READINGS, Expected, Item, Label, length_trait

EXPECTED: Final = "an object with question and answer"
_ANSWERS: Final = ("answer", "en_answer", "optimum", "objective")
_TRAITS: Final = {"difficulty": "difficulty", "type": "kind", "template": "template", "kind": "kind"}
_NO_OPTIMUM: Final = {
    "infeasible": "infeasible", "no feasible solution": "infeasible", "no solution": "infeasible",
    "no best solution": "infeasible", "unbounded": "unbounded",
}  # fmt: skip


def read(row: Any, number: int) -> Item:
    """Row -> Item; its published label is the same number under each reading."""
    text = next((row[k] for k in TEXTS if isinstance(row.get(k), str)), "") if isinstance(row, dict) else ""
    if not text.strip():
        raise ValueError("no text")
    traits = {name: str(row[key]) for key, name in _TRAITS.items() if row.get(key) is not None}
    traits["length"] = length_trait(text)
    return Item(id_of(row, text), text, "qa", {"published": label_of(row)}, traits=traits)


def overlay(item: Item, row: Mapping[str, Any]) -> Label:
    """Another version of the answer of an item."""
    return label_of(row)


def label_of(row: Mapping[str, Any]) -> Label:
    """Row -> its label; nothing expected where there is no answer."""
    expected = expected_of(next((row[k] for k in _ANSWERS if k in row), None))
    readings: dict[str, Expected] = {} if expected is None else dict.fromkeys(READINGS, expected)
    return Label(readings, reason=str(row.get("reason", "")))


def expected_of(given: Any) -> Expected | None:
    """An answer as it is written -> what is expected; None where nothing is.

    >>> expected_of("3,500"), expected_of("Infeasible.").status, expected_of(None)
    (Expected(status='optimal', value=3500.0, decimals=None), 'infeasible', None)
    """
    if isinstance(given, str):
        word = given.strip().lower().rstrip(".")
        if word in _NO_OPTIMUM:
            return Expected(_NO_OPTIMUM[word])
        given = float(word.replace(",", ""))
    if given is None:
        return None
    value = float(given)
    if not math.isfinite(value):
        raise ValueError(f"answer {given}")
    return Expected("optimal", value)
