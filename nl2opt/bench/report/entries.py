"""Items, answers, grades -> what the page shows of an item: its text with spans, model, reference, grades, calls."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nl2opt.bench.grading import TOLERANCE
from nl2opt.bench.items import Item
from nl2opt.errors import Nl2optError
from nl2opt.ir.document import read_document
from nl2opt.ir.document.printer import print_yaml
from nl2opt.records import Row


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text and what it was recognised as, '' for nothing."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer to one item; ``verdict``: right, wrong, or ungraded; ``told``: its failure and doubts in a line."""

    id: str
    sample: int
    verdict: str
    failure: str
    told: str
    traits: Mapping[str, str]
    pieces: tuple[Piece, ...]
    grades: tuple[Row, ...]
    answer: Row
    model: str
    reference: str
    outputs: str
    reason: str


def entries(items: Sequence[Item], answers: Sequence[Row], grades: Sequence[Row], labels: str) -> list[Entry]:
    """Every answer of a run, in its order."""
    by_id = {item.id: item for item in items}
    told: dict[str, list[Row]] = {}
    for g in grades:
        if g["tolerance"] == TOLERANCE:
            told.setdefault(g["key"], []).append(g)
    return [_entry(by_id[a["id"]], a, told.get(a["key"], []), labels) for a in answers]


def _entry(item: Item, answer: Row, grades: Sequence[Row], labels: str) -> Entry:
    own = next((g for g in grades if g["labels"] == labels and g["counts"]), None)
    verdict = "ungraded" if own is None or not own["graded"] else "right" if own["hit"] else "wrong"
    failure = own["failure"] if own else ""
    return Entry(
        item.id, answer["sample"], verdict, failure, told_of(failure, answer["doubts"]), item.traits,
        pieces(item.text, json.loads(answer["spans"])), tuple(grades), answer, _yaml(answer["model"]),
        _yaml(item.reference), _shown(answer["outputs"]), item.label(labels).reason,
    )  # fmt: skip


def told_of(failure: str, doubts: Sequence[str]) -> str:
    """A kind of failure and the codes of doubts -> a line, each doubt once.

    >>> told_of("data", ["doubt-unused-row", "doubt-table", "doubt-unused-row"]), told_of("", [])
    ('data · unused-row ×2, table', '')
    """
    counts = Counter(code.removeprefix("doubt-") for code in doubts)
    each = ", ".join(code if n == 1 else f"{code} ×{n}" for code, n in counts.items())
    return " · ".join(part for part in (failure, each) if part)


def pieces(text: str, spans: Sequence[Sequence[Any]]) -> tuple[Piece, ...]:
    """A text and its spans (start, end, label) -> its pieces in order; a span that overlaps one before is left out.

    >>> [(p.text, p.label) for p in pieces("two cups", [(4, 8, "VAR")])]
    [('two ', ''), ('cups', 'VAR')]
    """
    found: list[Piece] = []
    at = 0
    for start, end, label in sorted(map(tuple, spans)):
        if start < at or end > len(text) or start >= end:
            continue
        if start > at:
            found.append(Piece(text[at:start], ""))
        found.append(Piece(text[start:end], label))
        at = end
    return (*found, Piece(text[at:], "")) if at < len(text) else tuple(found)


def _yaml(document: str) -> str:
    """A document as a person reads it; as it is where it cannot be read."""
    if not document.lstrip().startswith("{"):
        return document
    try:
        return print_yaml(read_document(document))
    except Nl2optError:
        return document


def _shown(text: str) -> str:
    """JSON text -> indented, shortened."""
    if not text:
        return ""
    told = json.dumps(json.loads(text), ensure_ascii=False)
    return told if len(told) <= 4000 else told[:4000] + " …"
