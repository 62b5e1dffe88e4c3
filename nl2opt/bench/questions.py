"""JSONL of questions with answers -> Question: the form in which most benchmarks are passed around.

One object a line: `question` (the text), `answer` (a number, null or a word such as `infeasible`), `id` where there is
one. Other spellings that are taken: `en_question`, `text`, `problem`; `en_answer`, `optimum`, `objective`.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nl2opt.errors import DataError, Diagnostic

_TEXTS: Final = ("question", "en_question", "text", "problem")
_ANSWERS: Final = ("answer", "en_answer", "optimum", "objective")
_NO_OPTIMUM: Final = {
    "infeasible": "infeasible", "no feasible solution": "infeasible", "no solution": "infeasible",
    "unbounded": "unbounded",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """A text and what is to come out: a number, or a ``status`` without one. Both None: nothing to grade against."""

    id: str
    text: str
    answer: float | None
    status: str | None


def read_questions(path: Path) -> list[Question]:
    """File -> its questions. Raises DataError with every line that is none (D303) and ids that occur twice (D304)."""
    found: list[Question] = []
    wrong: list[Diagnostic] = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        where = f"{path.name} line {number}"
        try:
            found.append(_question(json.loads(line)))
        except (ValueError, KeyError, TypeError) as e:
            expected = f"an object with {_TEXTS[0]} and {_ANSWERS[0]}"
            wrong.append(Diagnostic("D303", "not a question with an answer", where, str(e)[:120], expected))
    seen: set[str] = set()
    for q in found:
        if q.id in seen:
            wrong.append(Diagnostic("D304", "two questions have the same id", path.name, q.id, fix="give each an `id`"))
        seen.add(q.id)
    if wrong or not found:
        raise DataError(wrong or Diagnostic("D303", "no questions in the file", path.name))
    return found


def _question(raw: Any) -> Question:
    text = next((raw[k] for k in _TEXTS if isinstance(raw.get(k), str)), "") if isinstance(raw, dict) else ""
    if not text.strip():
        raise ValueError("no text")
    given = next((raw[k] for k in _ANSWERS if k in raw), None)
    if isinstance(given, str):
        word = given.strip().lower().rstrip(".")
        if word in _NO_OPTIMUM:
            return Question(_id(raw, text), text, None, _NO_OPTIMUM[word])
        given = float(word.replace(",", ""))
    if given is None:
        return Question(_id(raw, text), text, None, None)
    value = float(given)
    if not math.isfinite(value):
        raise ValueError(f"answer {given}")
    return Question(_id(raw, text), text, value, "optimal")


def _id(raw: Any, text: str) -> str:
    """The question's own id, else a hash of its text."""
    return str(raw["id"]) if raw.get("id") is not None else hashlib.sha256(text.encode()).hexdigest()[:16]
