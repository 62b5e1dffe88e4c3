"""Texts written without sight of the translator: how many come out right, and whether doubts mark the rest.

The numbers are a ratchet: they may only get better. README states them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import nl2opt
from nl2opt.errors import Nl2optError

CASES = Path(__file__).parents[1] / "cases"
REGISTER = sorted(p.parent for p in CASES.glob("d*/problem.txt"))
"""In the register of the demo."""
PRACTITIONERS = sorted(p.parent for p in CASES.glob("a*/problem.txt"))
"""As practitioners write: bullets, chat, numbers as words; two of them are beyond any single-period linear model."""


@cache
def outcome(folder: Path) -> str:
    """A case -> right, doubted (wrong, and doubts said so), refused, or wrong (and nothing said so)."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    found = nl2opt.formulate((folder / "problem.txt").read_text(encoding="utf-8"))
    if found.model is None:
        assert found.refusal is not None and found.refusal.message
        return "refused"
    unsure = "doubted" if found.doubts else "wrong"
    try:
        result = nl2opt.solve(found.model).result
    except Nl2optError:
        return unsure
    if result.termination.value != expected["status"]:
        return unsure
    if expected["objective"] is None:
        return "right"
    near = result.objective is not None and abs(result.objective - expected["objective"]) <= 1e-6 * (
        1 + abs(expected["objective"])
    )
    return "right" if near else unsure


def counts(folders: list[Path]) -> dict[str, int]:
    found = [outcome(f) for f in folders]
    return {kind: found.count(kind) for kind in ("right", "doubted", "refused", "wrong")}


def test_register_of_the_demo() -> None:
    found = counts(REGISTER)
    assert sum(found.values()) == 16
    assert found["right"] >= 12, found
    assert found["wrong"] <= 2, [f.name for f in REGISTER if outcome(f) == "wrong"]


def test_practitioners() -> None:
    found = counts(PRACTITIONERS)
    assert sum(found.values()) == 18
    assert found["right"] >= 11, found
    assert found["wrong"] == 0, [f.name for f in PRACTITIONERS if outcome(f) == "wrong"]
