"""Words against algebra: directions, values told for other labels, numbers and rules that got lost; and no alarm on
what is right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nl2opt.check.audit import check_audit
from nl2opt.check.told import told_side
from nl2opt.ir.document import read_document
from nl2opt.ir.model import Model

ROOT = Path(__file__).parents[2]
TOLD = sorted(p.parent for p in ROOT.glob("tests/cases/*/problem.txt") if (p.parent / "model.yaml").exists())
TEXT = (
    "A yard sells oak at 30, pine at 20 and ash at 25 euros a board. There are 90 hours of sawing; oak takes 3 hours, "
    "pine 1 and ash 2. At least 10 boards must be ash, and no more than 8 may be oak. Oak must not exceed twice the "
    "pine, and the customer must be told before noon."
)
RIGHT = """
nl2opt: 1
name: yard
sets: {Woods: [oak, pine, ash]}
parameters:
  price: {over: Woods, value: {oak: 30, pine: 20, ash: 25}, quotes: ["oak at 30, pine at 20 and ash at 25 euros"]}
  sawing: {over: Woods, value: {oak: 3, pine: 1, ash: 2}, quotes: ["oak takes 3 hours, pine 1 and ash 2"]}
variables: {cut: {over: Woods, type: integer, quotes: ["A yard sells oak"]}}
constraints:
  - {name: saw, quotes: ["There are 90 hours of sawing"], expr: "sum(sawing[w] * cut[w] for w in Woods) <= 90"}
  - {name: ash, quotes: ["At least 10 boards must be ash"], expr: "cut['ash'] >= 10"}
  - {name: oak, quotes: ["no more than 8 may be oak"], expr: "cut['oak'] <= 8"}
  - {name: twice, quotes: ["Oak must not exceed twice the pine"], expr: "cut['oak'] <= 2 * cut['pine']"}
objectives: [{maximize: "sum(price[w] * cut[w] for w in Woods)", quotes: ["sells"]}]
"""


def model(document: str = RIGHT, text: str = TEXT) -> Model:
    """A document with its text."""
    return replace(read_document(document), text=text)


def codes(m: Model) -> list[str]:
    return [d.code for d in check_audit(m)]


def test_what_is_right_but_for_one_rule() -> None:
    """Only the rule about the customer, which nothing cites, is told."""
    (found,) = check_audit(model())
    assert found.code == "P08" and "told before noon" in found.found


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("cut['ash'] >= 10", "cut['ash'] <= 10", "P05"),
        ("cut['oak'] <= 8", "cut['oak'] >= 8", "P05"),
        ("cut['oak'] <= 8", "8 <= cut['oak']", "P05"),
        ("for w in Woods) <= 90", "for w in Woods) >= 90", "P05"),
        ("cut['oak'] <= 2 * cut['pine']", "cut['oak'] >= 2 * cut['pine']", "P05"),
        ("oak: 30, pine: 20", "oak: 20, pine: 30", "P06"),
        ("pine: 1, ash: 2", "pine: 2, ash: 1", "P06"),
        ("cut['ash'] >= 10", "cut['ash'] >= 11", "P07"),
        ("<= 90", "<= 95", "P07"),
    ],
)
def test_a_planted_fault(old: str, new: str, code: str) -> None:
    """Turned comparisons, exchanged values, another number."""
    assert old in RIGHT
    assert code in codes(model(RIGHT.replace(old, new)))


def test_other_ways_to_write_the_same() -> None:
    """Sides, constants and families change nothing."""
    for expr in (
        "10 <= cut['ash']",
        "cut['ash'] - 10 >= 0",
        "all(cut[w] >= 10 for w in {'ash'})",
        "-cut['ash'] <= -10",
    ):
        assert codes(model(RIGHT.replace("cut['ash'] >= 10", expr))) == ["P08"]


@pytest.mark.parametrize(
    ("quote", "side"),
    [
        ("at most 40 crates", "<="),
        ("40 crates at most", "<="),
        ("no fewer than 40", ">="),
        ("must not exceed 40", "<="),
        ("Nobody works more than four nights", "<="),
        ("no more land than 40 hectares", "<="),
        ("Neither team may work more than 40 hours", "<="),
        ("we have 40 crates", "<="),
        ("900 children have to be served", ">="),
        ("must have 40 crates", None),
        ("exactly 40 crates", None),
        ("40 crates", None),
        ("starts after 40 minutes", ">="),
    ],
)
def test_sides_of_words(quote: str, side: str | None) -> None:
    assert told_side([quote]) == side


def test_no_text_no_findings() -> None:
    assert codes(model(text="")) == []


def test_right_models_are_left_alone() -> None:
    """Of the case documents with their texts at most one in twenty has a finding of the audit."""
    alarms = []
    for folder in TOLD:
        told = replace(read_document(folder / "model.yaml"), text=(folder / "problem.txt").read_text(encoding="utf-8"))
        if found := check_audit(told):
            alarms.append((folder.name, [str(d) for d in found]))
    assert len(alarms) * 20 <= len(TOLD), alarms
