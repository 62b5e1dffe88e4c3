"""Pitfalls of templates: each found where it is, and not in the model that is right; no alarm on the project's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from nl2opt.check.lints import check_lints
from nl2opt.check.static import check_model
from nl2opt.ir.document import read_document

CHARGE = """
nl2opt: 1
sets: {Plants: [a, b], Shops: [s, t]}
parameters: {rent: {over: Plants, value: [5, 6]}, fare: {over: "Plants, Shops", value: [[1, 2], [3, 4]]}}
variables: {open: {over: Plants, type: binary}, ship: {over: "Plants, Shops", type: real}}
constraints:
  - {name: some, expr: "sum(open) >= 1"}
  - {name: wanted, for: s in Shops, expr: "sum(ship[p, s] for p in Plants) >= 3"}
LINK
objectives:
  - minimize: "sum(rent[p] * open[p] for p in Plants) + sum(fare[p, s] * ship[p, s] for p in Plants for s in Shops)"
"""
WEEKS = """
nl2opt: 1
text: The bakery has 40 hours a week for three weeks.
sets: {Weeks: range(3), Breads: [rye, oat]}
parameters:
  hours: {value: 40, unit: hour, quotes: ["40 hours a week"]}
  takes: {over: Breads, value: [1, 2], unit: hour/loaf}
variables: {bake: {over: "Weeks, Breads", type: real, unit: loaf}}
constraints: [ROW]
objectives: [{maximize: sum(bake)}]
"""
SHARE = """
nl2opt: 1
text: At most 30 % of the total is wine.
sets: {Drinks: [wine, beer, milk]}
variables: {pour: {over: Drinks, type: real}}
constraints:
  - {name: part, expr: "ROW", quotes: ["At most 30 % of the total"]}
  - {name: cap, expr: sum(pour) <= 9}
objectives: [{maximize: sum(pour)}]
"""
TOUR = """
nl2opt: 1
sets: {Cities: range(4)}
parameters: {far: {over: "Cities, Cities", default: 3, rows: [[0, 1, 2]]}}
variables: {leg: {over: "Cities, Cities", type: binary}, place: {over: Cities, type: integer, upper: 4}}
constraints:
  - {name: leave, for: i in Cities, expr: "sum(leg[i, j] for j in Cities) == 1"}
  - {name: enter, for: j in Cities, expr: "sum(leg[i, j] for i in Cities) == 1"}
  - {name: order, for: "i in Cities, j in Cities if CASE", expr: "place[i] - place[j] + 4 * leg[i, j] <= 3"}
objectives: [{minimize: "sum(far[i, j] * leg[i, j] for i in Cities for j in Cities)"}]
"""
REVENUE = """
nl2opt: 1
sets: {Goods: [a, b]}
parameters: {price: {over: Goods, value: [3, 4], unit: EUR/piece}, cost: {over: Goods, value: [1, 2], unit: EUR/piece}}
variables: {make: {over: Goods, type: integer, upper: 9, unit: piece}}
expressions: {spent: "sum(cost[g] * make[g] for g in Goods)"}
constraints: [{name: few, expr: LIMIT}]
objectives: [{maximize: "sum(price[g] * make[g] for g in Goods)REST"}]
outputs: {spent: spent}
"""
LINK = '  - {name: link, for: p in Plants, expr: "sum(ship[p, s] for s in Shops) <= 9 * open[p]"}'
IMPLIED = '  - {name: link, for: "p in Plants, s in Shops", expr: "implies(ship[p, s] > 0, open[p])"}'
EACH_WEEK = '{for: w in Weeks, expr: "sum(takes[b] * bake[w, b] for b in Breads) <= hours"}'
ALL_WEEKS = '{expr: "sum(takes[b] * bake[w, b] for w in Weeks for b in Breads) <= hours"}'

WRONG = [
    ("L01", CHARGE.replace("LINK\n", "")),
    ("L02", WEEKS.replace("ROW", ALL_WEEKS)),
    ("L02", WEEKS.replace("ROW", ALL_WEEKS).replace('unit: hour, quotes: ["40 hours a week"]', "unit: hour/week")),
    ("L03", SHARE.replace("ROW", "pour['wine'] <= 0.3 * (pour['beer'] + pour['milk'])")),
    ("L04", TOUR.replace("CASE", "i != j")),
    ("L04", TOUR.replace(" if CASE", "")),
    ("L05", REVENUE.replace("LIMIT", "sum(make) <= 5").replace("REST", "")),
]
RIGHT = [
    CHARGE.replace("LINK", LINK),
    CHARGE.replace("LINK", IMPLIED),
    WEEKS.replace("ROW", EACH_WEEK),
    WEEKS.replace("ROW", ALL_WEEKS.replace("hours", "3 * hours")).replace("40 hours a week", "40 hours"),
    WEEKS.replace("ROW", ALL_WEEKS).replace("a week for", "for").replace("40 hours a week", "40 hours"),
    SHARE.replace("ROW", "pour['wine'] <= 0.3 * (pour['wine'] + pour['beer'] + pour['milk'])"),
    SHARE.replace("ROW", "pour['wine'] <= 0.3 * sum(pour)"),
    SHARE.replace("ROW", "pour['wine'] <= 2 * pour['beer']"),
    TOUR.replace("CASE", "i != j and j != 0"),
    TOUR.replace("CASE", "i > 0 and j > 0"),
    REVENUE.replace("LIMIT", "sum(make) <= 5").replace("REST", " - spent"),
    REVENUE.replace("LIMIT", "spent <= 5").replace("REST", ""),
]


@pytest.mark.parametrize(("code", "document"), WRONG)
def test_pitfalls_are_found(code: str, document: str) -> None:
    """Each by its code, once, and by no other."""
    model = read_document(document)
    assert [d for d in check_model(model) if d.severity == "error"] == []
    assert [d.code for d in check_lints(model)] == [code]


@pytest.mark.parametrize("document", RIGHT)
def test_right_models_are_left_alone(document: str) -> None:
    """The same models with the pitfall mended."""
    model = read_document(document)
    assert [d for d in check_model(model) if d.severity == "error"] == []
    assert check_lints(model) == ()


DOCUMENTS = sorted(
    p
    for folder in ("datasets", "tests/cases")
    for p in (Path(__file__).parents[2] / folder).rglob("model.yaml")
)  # fmt: skip


def test_no_alarm_on_the_documents_of_the_project() -> None:
    """They are solved and right."""
    assert len(DOCUMENTS) > 250
    found = {str(p): check_lints(read_document(p.read_text(encoding="utf-8"))) for p in DOCUMENTS}
    assert {p: f for p, f in found.items() if f} == {}
