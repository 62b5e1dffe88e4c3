"""An answer, a label, a tolerance -> a grade. Pure: the same rows graded again under any label give the same grades.

Nothing produced is changed. Only `answered` rows can hit; an optimum counts only with a proof of it, a status only
where it is the label's, and where a solution is asked for, only where the reference document holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from nl2opt.bench.items import Expected, Item, Label
from nl2opt.bench.statistics import near
from nl2opt.records import Row

TOLERANCE: Final = 1e-6
"""Relative difference within which two optima are one: the tolerance that counts."""
TOLERANCES: Final = (1e-6, 1e-4, 1e-2, 5e-2)
"""Those the field has published with, laid side by side."""

ONE, ALL = "one instance", "all instances"
"""Readings of a label by instances: the first, which the answerer was given, counts; hidden ones too."""


def grades(rows: Sequence[Row], items: Mapping[str, Item], versions: Sequence[str]) -> Iterator[Row]:
    """Answers -> their grades: every version of the labels, every tolerance, every reading, in this order."""
    for row in rows:
        item = items[row["id"]]
        for version in versions:
            label = item.label(version)
            for tolerance in TOLERANCES:
                yield from grade(row, label, version, tolerance)


def grade(row: Row, label: Label, version: str, tolerance: float) -> Iterator[Row]:
    """One answer against one label -> a grade a reading, the one that counts first; one ungraded where nothing is
    expected."""
    base = {"key": row["key"], "id": row["id"], "sample": row["sample"], "labels": version, "tolerance": tolerance}
    if label.instances:
        yield from _by_instances(row, base, label.instances, tolerance)
        return
    for k, (reading, expected) in enumerate(label.readings.items()):
        found = next((r for r in row["readings"] if r["reading"] == reading), None)
        hit = row["outcome"] == "answered" and found is not None and hits(found, expected, tolerance)
        yield _grade(base, reading, k == 0, hit, expected, found, row)
    if not label.readings:
        yield _grade(base, "declared", True, False, None, None, row)


def hits(found: Mapping[str, Any], expected: Expected, tolerance: float) -> bool:
    """Whether a status and a value are those expected.

    >>> hits({"status": "optimal", "objective": 100.00009}, Expected("optimal", 100.0), 1e-6)
    True
    >>> hits({"status": "time_limit", "objective": 100.0}, Expected("optimal", 100.0), 1e-6)
    False
    """
    status, value = found["status"], found["objective"]
    if status != expected.status:
        return False
    if expected.status != "optimal":
        return True
    if value is None or expected.value is None:  # that there is a solution says nothing of the answer
        return False
    return near(value, expected.value, tolerance) or _rounded(value, expected)


def _rounded(value: float, expected: Expected) -> bool:
    """Whether a value is the expected one, rounded as the question wants it; a half may go either way."""
    if expected.decimals is None or expected.value is None:
        return False
    unit = 10.0**-expected.decimals
    on_grid = near(value, round(value / unit) * unit, TOLERANCE)
    return on_grid and abs(value - expected.value) <= 0.5 * unit + TOLERANCE * max(1.0, abs(expected.value))


def _by_instances(row: Row, base: Row, expected: Mapping[str, Expected], tolerance: float) -> Iterator[Row]:
    """Printed solutions: they satisfy the reference, and the best completion reaches the optimum."""
    printed = {p["instance"]: p for p in row["printed"]}
    right = [row["outcome"] == "answered" and _solves(printed.get(n), e, tolerance) for n, e in expected.items()]
    first, wanted = next(iter(expected.items()))
    told = printed.get(first)
    found = None if told is None else {"status": told["status"], "objective": told["reached"]}
    yield _grade(base, ONE, True, right[0], wanted, found, row)
    if len(expected) > 1:
        yield _grade(base, ALL, False, all(right), None, None, row)


def _solves(printed: Mapping[str, Any] | None, expected: Expected, tolerance: float) -> bool:
    if printed is None:
        return False
    if expected.status != "optimal":
        return bool(printed["status"] == expected.status)
    if printed["status"] != "optimal" or printed["satisfies"] is not True:
        return False
    if expected.value is None:
        return True
    reached = printed["reached"]
    return reached is not None and near(reached, expected.value, tolerance)


def _grade(
    base: Row, reading: str, counts: bool, hit: bool, expected: Expected | None, found: Mapping[str, Any] | None,
    row: Row,
) -> Row:  # fmt: skip
    graded = expected is not None or reading == ALL
    status = found["status"] if found else row["outcome"]
    objective = found["objective"] if found else None
    return {
        **base, "reading": reading, "counts": counts, "graded": graded, "hit": bool(hit),
        "expected_status": expected.status if expected else None, "expected": expected.value if expected else None,
        "status": status, "objective": objective,
        "failure": "" if hit or not graded else failure(row, status, expected),
    }  # fmt: skip


def failure(row: Row, status: str, expected: Expected | None) -> str:
    """Why an answer is no hit, in one kind: the first that applies.

    `not parsed` (nothing usable was produced), `limit`, `crash`, then what differs from the reference model (see
    nl2opt.bench.differences), then what the outcome shows: `status`, `solution` (printed values that are none),
    `value`.
    """
    if row["outcome"] in ("refused", "error"):
        return "not parsed"
    if row["outcome"] == "crashed":
        return "crash"
    if row["outcome"] == "limit" or status in ("time_limit", "interrupted"):
        return "limit"
    if row["differences"]:
        return str(row["differences"][0])
    if row["printed"] and row["printed"][0]["satisfies"] is not True:
        return "solution"
    return "status" if expected is not None and status != expected.status else "value"
