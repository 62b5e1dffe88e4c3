"""Whole, real or yes-or-no: the policy on small texts."""

from __future__ import annotations

import pytest

from nl2opt.formulate.embedded.integrality import integrality


@pytest.mark.parametrize(
    ("text", "kind", "unit"),
    [
        ("How many chairs of each kind should be made?", "integer", "chair"),
        ("How many of each should be made?", "integer", ""),
        ("How many packs of each should she buy?", "integer", "pack"),
        ("How many acres of each crop should be planted?", "real", "acre"),
        ("How many hours should each mill run?", "real", "hour"),
        ("How many kg of each feed should be mixed?", "real", "kg"),
        ("How much of each grade should be produced?", "real", ""),
        ("How much should he invest in each fund?", "real", ""),
        ("How many tarts of each? A fractional number of tarts is okay.", "real", "tart"),
        ("How many hours of each? All amounts must be whole numbers.", "integer", "hour"),
        ("How should he plant? Any fraction of a row will do.", "real", ""),
        ("Which sites should be opened?", "binary", ""),
        ("Decide whether to build each bridge.", "binary", ""),
        ("A bakery bakes rye loaves and spelt loaves. How many loaves of each maximize profit?", "integer", "loaf"),
    ],
)
def test_policy(text: str, kind: str, unit: str) -> None:
    """What is counted is whole, what is measured is real, what is picked is yes or no."""
    found = integrality(text, ["first", "second"])
    assert (found.type, found.unit) == (kind, unit)
    assert found.assumption.endswith(".")
