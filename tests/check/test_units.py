"""Units: how they are read, inferred through equations, and what is told where two of them differ."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from nl2opt.check.conversions import factor
from nl2opt.check.static import check_model
from nl2opt.check.unit_names import Vocabulary
from nl2opt.errors import Diagnostic
from nl2opt.ir.document import read_document
from nl2opt.ir.model import Model

PLANTED = yaml.safe_load((Path(__file__).parent / "units.yaml").read_text(encoding="utf-8"))


def _units(model: Model) -> list[Diagnostic]:
    return [d for d in check_model(model) if d.code in ("U03", "W-unit")]


def _read(text: str) -> Model:
    return read_document("nl2opt: 1\n" + text)


@pytest.mark.parametrize(
    ("text", "powers"),
    [
        ("EUR/crate", {"eur": 1, "crate": -1}),
        ("EUR per crate", {"eur": 1, "crate": -1}),
        ("€ / (unit*month)", {"eur": 1, "piece": -1, "month": -1}),
        ("EUR/crate/month", {"eur": 1, "crate": -1, "month": -1}),
        ("kg/tonne*EUR", {"kg": 1, "tonne": -1, "eur": 1}),
        ("1/day", {"day": -1}),
        ("m2", {"square_metre": 1}),
        ("m^2", {"m": 2}),
        ("kg*m/s^2", {"kg": 1, "m": 1, "second": -2}),
        ("person-hours", {"person": 1, "hour": 1}),
        ("cubic metres", {"cubic_metre": 1}),
        ("USD per machine hour", {"usd": 1, "machine": -1, "hour": -1}),
        ("minutes", {"minute": 1}),
        ("batches", {"batch": 1}),
        ("loaves", {"loaf": 1}),
        ("glasses", {"glass": 1}),
        ("$", {"usd": 1}),
        ("kg/kg", {}),
        ("3 apples", None),
        ("1", {}),
        ("percent", {}),
        ("", None),
        ("various", None),
        ("litre per 100 km", None),
        ("EUR/(crate", None),
    ],
)
def test_units_are_read(text: str, powers: dict[str, int] | None) -> None:
    """Symbols, words, plurals, powers, brackets; what cannot be read says nothing."""
    found = Vocabulary([text]).parse(text)
    assert found == (None if powers is None else {b: Fraction(p) for b, p in powers.items()})


def test_plural_and_singular_are_one_where_both_are_declared() -> None:
    """`buses` and `bus`, `axes` and `axe`: the words of the model decide."""
    words = Vocabulary(["EUR/bus", "buses", "axes", "axe", "cases"])
    assert words.base("buses") == words.base("bus")
    assert words.base("axes") == words.base("axe")
    assert words.base("cases") == "case"


def test_units_are_shown_as_they_were_written() -> None:
    """The first spelling of a word, currencies by their code."""
    words = Vocabulary([])
    powers = words.parse("MWh per Truck")
    assert powers is not None
    assert words.show(powers) == "MWh/Truck"
    euros = words.parse("€/crates")
    assert euros is not None
    assert words.show(euros) == "EUR/crate"


@pytest.mark.parametrize(
    ("above", "below", "times"),
    [("hour", "minute", 60), ("kg", "g", 1000), ("tonne", "kg", 1000), ("kwh", "mwh", Fraction(1, 1000)),
     ("year", "month", 12), ("keur", "eur", 1000), ("usd", "cent", 100), ("week", "day", 7), ("litre", "kg", None),
     ("eur", "usd", None), ("month", "day", None), ("crate", "piece", None)],
)  # fmt: skip
def test_conversions(above: str, below: str, times: int | Fraction | None) -> None:
    """A quotient of two measures of one thing is a plain number."""
    assert factor({above: Fraction(1), below: Fraction(-1)}) == times


def test_energy_is_power_times_time() -> None:
    """MWh over MW and hour is 1."""
    assert factor({"mwh": Fraction(1), "mw": Fraction(-1), "hour": Fraction(-1)}) == 1


@pytest.mark.parametrize("entry", PLANTED, ids=[e["name"] for e in PLANTED])
def test_planted_faults(entry: dict[str, str]) -> None:
    """The model as meant says nothing about units; with the fault it does, with the code and the words expected."""
    right = _units(_read(entry["right"]))
    assert [str(d) for d in right] == []
    before, after = entry["fault"]
    assert before in entry["right"]
    found = _units(_read(entry["right"].replace(before, after, 1)))
    assert [d.code for d in found][:1] == [entry["code"]], "\n".join(map(str, found))
    for word in entry.get("words", []):
        assert any(word in str(d) for d in found), "\n".join(map(str, found))


def test_an_inferred_unit_names_where_it_comes_from() -> None:
    """Both places: the one that told the unit, and the one where it does not fit."""
    text = """
parameters: {room: {value: 9, unit: kg}, time: {value: 8, unit: hour}}
variables: {x: {type: real}}
constraints: [{name: space, expr: x <= room}, {name: work, expr: x <= time}]
"""
    (d,) = _units(_read(text))
    assert d.code == "W-unit"
    assert d.where.startswith("constraints[1] `work`")
    assert "kg <= hour" in d.found
    assert "`x` by constraints[0] `space`" in d.expected


def test_without_units_nothing_is_asked() -> None:
    """A document that declares none has no findings about them."""
    assert (
        _units(_read("parameters: {b: 9, c: 4}\nvariables: {x: {type: real}}\nconstraints: [{expr: c * x <= b}]")) == []
    )
