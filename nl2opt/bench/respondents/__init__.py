"""Item, sample -> Response: whatever answers questions, one file a kind, found by scanning this folder.

Each has `prepare(settings) -> Ask`. A response holds one of: a model, a program, a value; nothing of it is changed
after. What a language model was asked and said is part of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from nl2opt.bench.items import Item
from nl2opt.bench.readings import Outcome
from nl2opt.errors import DataError, Diagnostic
from nl2opt.ir.model import Model
from nl2opt.registry import members


@dataclass(frozen=True, slots=True)
class Asking:
    """How items are answered: what decides the answers of a run.

    ``temperature`` of samples where there are several; prices in money a million tokens; ``unconfined``: programs may
    run where no sandbox keeps them from files and network; ``predictions``: file of published answers.
    """

    translator: str = "embedded"
    model: str = ""
    base_url: str = ""
    temperature: float = 0.0
    time_limit: float = 60.0
    price_in: float = 0.0
    price_out: float = 0.0
    unconfined: bool = False
    predictions: str = ""
    cached: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a language model and its reply, whole."""

    prompt: str
    reply: str
    input_tokens: int
    output_tokens: int
    cached: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Response:
    """What was produced for one sample of one item; ``refusal`` says why there is nothing."""

    model: Model | None = None
    program: str = ""
    value: Outcome | None = None
    printed: Mapping[str, Any] | None = None
    refusal: str = ""
    doubts: tuple[str, ...] = ()
    confidence: float = 0.0
    spans: tuple[tuple[int, int, str], ...] = ()
    calls: tuple[Call, ...] = field(default=())


Ask = Callable[[Item, int], Response]


def respondents() -> Mapping[str, ModuleType]:
    """Name -> module of a respondent."""
    return members("nl2opt.bench.respondents", requires=("prepare",))


def prepare(settings: Asking) -> Ask:
    """Settings -> the function that answers. Raises DataError (D306) for an unknown name."""
    known = respondents()
    if settings.translator not in known:
        told = f"one of {', '.join(known)}"
        raise DataError(Diagnostic("D306", f"no translator {settings.translator!r}", expected=told))
    ask: Ask = known[settings.translator].prepare(settings)
    return ask


def question_of(item: Item) -> str:
    """The text an answerer gets: the item's own, with its data and the values to report where it has them."""
    if not item.instances and not item.outputs:
        return item.text
    parts = [item.text]
    if item.notes:
        parts.append("Notes on the data:\n" + "\n".join(f"- {note}" for note in item.notes))
    if item.instances and item.instances[0].given:
        parts.append(f"Data (JSON):\n{json.dumps(item.instances[0].given, ensure_ascii=False)}")
    if item.outputs:
        told = "\n".join(f"- {name}: {shape}" for name, shape in item.outputs.items())
        parts.append(f"Values to report, by name and shape:\n{told}")
    return "\n\n".join(parts)
