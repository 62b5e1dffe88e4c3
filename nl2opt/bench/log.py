"""The typed log of a run: which columns a row has and of what type, the same in every row.

Whatever has no fixed form (a model, a solution, printed values) is JSON text, so that pandas and DuckDB read the files
without guessing. What differs between two runs of the same thing, the time, is kept in rows of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Type = type | tuple[type, ...] | list["Type"] | dict[str, "Type"]

NUMBER: Final = (float, int, type(None))

CALL: Final[dict[str, Type]] = {"prompt": str, "reply": str, "input_tokens": int, "output_tokens": int}
READING: Final[dict[str, Type]] = {"reading": str, "status": str, "objective": NUMBER, "detail": str}
PRINTED: Final[dict[str, Type]] = {
    "instance": str, "status": str, "objective": NUMBER, "values": str, "satisfies": (bool, type(None)),
    "reached": NUMBER, "detail": str,
}  # fmt: skip

DECLARED: Final[dict[str, Type]] = {
    "labels": str, "rule": str, "declared": int, "false_positives": int, "false_negatives": int,
}  # fmt: skip
"""The declarations of one version of a label and what an answer got wrong (see nl2opt.bench.declarations)."""

ANSWER: Final[dict[str, Type]] = {
    "key": str, "id": str, "sample": int, "outcome": str, "detail": str, "doubts": [str], "confidence": float,
    "readings": [READING], "printed": [PRINTED], "model": str, "program": str, "solution": str, "outputs": str,
    "differences": [str], "verdict": str, "counterexample": str, "declarations": [DECLARED], "spans": str,
    "calls": [CALL], "input_tokens": int, "output_tokens": int, "cost": float,
}  # fmt: skip
"""A row of answers.jsonl: what was produced for one sample of one item, whole and unchanged."""

GRADE: Final[dict[str, Type]] = {
    "key": str, "id": str, "sample": int, "labels": str, "tolerance": float, "reading": str, "counts": bool,
    "graded": bool, "hit": bool, "expected_status": (str, type(None)), "expected": NUMBER, "status": str,
    "objective": NUMBER, "failure": str,
}  # fmt: skip
"""A row of grades.jsonl: one answer against one version of its label, at one tolerance, in one reading."""

TIME: Final[dict[str, Type]] = {"key": str, "seconds": float, "asking": float, "solving": float, "cached": int}
"""A row of times.jsonl: seconds of wall time, and how many calls were answered from the cache."""


def fault(row: Mapping[str, Any], columns: Mapping[str, Type]) -> str:
    """'' where a row has exactly these columns of these types, else what is wrong with it.

    >>> fault({"key": "a", "seconds": 1.0, "asking": 1.0, "solving": 0.0, "cached": "no"}, TIME)
    'cached is str'
    """
    if row.keys() != columns.keys():
        return f"columns {sorted(row.keys() ^ columns.keys())}"
    return next((told for name, kind in columns.items() if (told := _fault(name, row[name], kind))), "")


def _fault(name: str, value: Any, kind: Type) -> str:
    if isinstance(kind, list):
        if not isinstance(value, list):
            return f"{name} is {type(value).__name__}"
        return next((told for v in value if (told := _fault(f"{name}[]", v, kind[0]))), "")
    if isinstance(kind, dict):
        told = fault(value, kind) if isinstance(value, dict) else type(value).__name__
        return f"{name}: {told}" if told else ""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    fits = isinstance(value, kinds) and not (isinstance(value, bool) and bool not in kinds)
    return "" if fits else f"{name} is {type(value).__name__}"
