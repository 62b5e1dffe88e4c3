"""The units of a model: of mistakes planted in right documents so many are found, and none in right ones."""

from __future__ import annotations

import pytest

from planted.unit_faults import KINDS, Measured, dimension, measure

LEAST = {
    "factor forgotten": 0.95,
    "parameter of another unit": 0.98,
    "hours for minutes, kilos for tonnes": 0.97,
    "price per another thing": 0.99,
    "rate with a total: time or conversion dropped": 0.9,
    "capacity a day against a total": 0.9,
    "two quantities added": 0.94,
    "limit of another constraint": 1.0,
}
"""Kind -> the share that is found today, rounded down. It may rise, not fall."""


@pytest.fixture(scope="module")
def measured() -> Measured:
    return measure()


def test_right_documents_raise_no_finding_about_units(measured: Measured) -> None:
    assert measured.false_alarms == []


@pytest.mark.parametrize("kind", KINDS)
def test_of_each_kind_no_fewer_are_found_than_before(measured: Measured, kind: str) -> None:
    missed = [f"{f.document}: {f.what}" for f in measured.missed if f.kind == kind]
    assert measured.found[kind] >= LEAST[kind] * measured.planted[kind] > 0, missed


def test_nine_in_ten_of_at_least_three_hundred_are_found(measured: Measured) -> None:
    assert measured.planted.total() >= 300
    assert measured.by_unit.total() >= 0.94 * measured.planted.total()


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("", {}),
        ("kg/(unit*month)", {"kg": 1, "unit": -1, "month": -1}),
        ("1/day", {"day": -1}),
        ("EUR/piece*piece", {"EUR": 1}),
    ],
)
def test_the_planter_reads_units_by_itself(unit: str, expected: dict[str, int]) -> None:
    assert dimension(unit) == expected
