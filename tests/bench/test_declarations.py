"""The metric of the NL4Opt competition: every count here is found by hand."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from nl2opt.bench import nl4opt
from nl2opt.bench.declarations import NOTHING, Counts, Declared, Rule, count, declared_by
from nl2opt.bench.flat import Flat, FlatRow
from nl2opt.bench.forms import read_items
from nl2opt.bench.forms.nl4opt import overlay
from nl2opt.bench.manifest import Settings
from nl2opt.bench.report import write_report
from nl2opt.bench.respondents import Asking
from nl2opt.bench.run import read_run, run
from nl2opt.formulate.embedded.declarations import Op, Sense
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document

Told = tuple[tuple[str, ...], Op, str]

SUM: Told = (("1", "1"), "<=", "21/2")
OATS: Told = (("0", "1"), ">=", "2")
TWICE: Told = (("1", "-2"), ">=", "0")
RIGHT = (SUM, OATS, TWICE)


def model(
    *rows: Told, objective: tuple[int, ...] = (3, 2), sense: Sense = "maximize",
    names: tuple[str, ...] = ("rye", "oats"),
) -> Flat:  # fmt: skip
    told = tuple(FlatRow(tuple(map(Fraction, row)), op, Fraction(bound)) for row, op, bound in rows)
    return Flat(names, sense, tuple(map(Fraction, objective)), told)


LABEL = model(*RIGHT)
"""Four declarations: the objective 3 rye + 2 oats; at most 10.5 sacks; 2 of oats; twice as much rye as oats."""


@pytest.mark.parametrize(
    ("answer", "scored", "meant"),
    [
        pytest.param(model(*RIGHT), (0, 0), (0, 0), id="the label itself"),
        pytest.param(model(TWICE, SUM, OATS), (0, 0), (0, 0), id="constraints in another order"),
        pytest.param(
            model(SUM, (("1", "0"), ">=", "2"), (("-2", "1"), ">=", "0"), objective=(2, 3), names=("oats", "rye")),
            (0, 0), (0, 0), id="variables in another order",
        ),
        pytest.param(model(*RIGHT, (("1", "0"), "<=", "7")), (1, 0), (1, 0), id="one declaration more"),
        pytest.param(model(SUM, OATS), (0, 1), (0, 1), id="one missing"),
        pytest.param(model(SUM, OATS, (("1", "-3"), ">=", "0")), (1, 0), (1, 0), id="a wrong coefficient"),
        pytest.param(model(SUM, (("0", "1"), ">=", "3"), TWICE), (1, 0), (1, 0), id="a wrong limit"),
        pytest.param(model(SUM, (("0", "1"), "<=", "2"), TWICE), (1, 0), (1, 0), id="the other operator"),
        pytest.param(model((("0", "1"), ">=", "5"), TWICE), (1, 1), (1, 1), id="one wrong and one missing"),
        pytest.param(model(*RIGHT, objective=(3, 5)), (1, 0), (1, 0), id="a wrong objective"),
        pytest.param(model(*RIGHT, sense="minimize"), (0, 0), (1, 0), id="the other direction"),
        pytest.param(model((("1", "1"), "==", "21/2"), OATS, TWICE), (0, 0), (1, 0), id="an equality"),
        pytest.param(model((("2", "2"), "<=", "21"), OATS, TWICE), (1, 0), (0, 0), id="a multiple of a row"),
        pytest.param(model((("-1", "-1"), ">=", "-21/2"), OATS, TWICE), (0, 0), (0, 0), id="a row turned round"),
        pytest.param(model(*RIGHT, SUM), (0, 0), (0, 0), id="the same said twice"),
        pytest.param(model(), (0, 3), (0, 3), id="the objective alone"),
        pytest.param(
            model(*((("1", "0"), "<=", str(k)) for k in range(9))), (4, 0), (4, 0), id="never more wrong than declared"
        ),
        pytest.param(
            model((("1",), "<=", "2"), (("1",), ">=", "1"), objective=(3,), names=("rye",)), (3, 1), (3, 1),
            id="another number of variables",
        ),
    ],
)  # fmt: skip
def test_counts(answer: Flat, scored: tuple[int, int], meant: tuple[int, int]) -> None:
    """False positives, and constraints too few, of four declarations."""
    rules: tuple[tuple[Rule, tuple[int, int]], ...] = (("scored", scored), ("meant", meant))
    for rule, (positives, negatives) in rules:
        found = count(LABEL, Declared(answer), rule)
        assert found == Counts(4, positives, negatives), rule
        assert found.accuracy == 1 - (positives + negatives) / 4


def test_nothing_declared_has_nothing_right() -> None:
    """An objective that is not the label's, and three constraints too few."""
    assert count(LABEL, NOTHING) == Counts(4, 1, 3) and count(LABEL, NOTHING).accuracy == 0
    assert count(model(), NOTHING) == Counts(1, 1, 0)


def test_the_accuracy_of_a_set_weighs_declarations() -> None:
    """One wrong of four, none right of two, all right of four: 1 - 3/10, where the mean of the three is 7/12."""
    small = model(SUM)
    counts = [count(LABEL, Declared(model(SUM, OATS, OATS))), count(small, NOTHING), count(LABEL, Declared(LABEL))]
    assert counts == [Counts(4, 0, 1), Counts(2, 1, 1), Counts(4, 0, 0)]
    assert sum(counts, Counts()).accuracy == pytest.approx(0.7)


DOCUMENT: dict[str, Any] = {
    "nl2opt": 1,
    "sets": [{"name": "grain", "elements": ["oats", "rye"]}],
    "parameters": [{"name": "earns", "over": ["grain"], "value": {"oats": 2, "rye": 3}},
                   {"name": "sacks", "value": 10.5}],
    "variables": [{"name": "ground", "over": ["grain"], "type": "real", "lower": 0}],
    "constraints": [
        {"name": "mill", "expr": "sum(ground[g] for g in grain) <= sacks"},
        {"name": "some", "expr": "2 <= ground[oats]"},
        {"name": "twice", "expr": "ground[rye] >= 2 * ground[oats]"},
    ],
    "objectives": [{"sense": "maximize", "expr": "sum(earns[g] * ground[g] for g in grain)"}],
}  # fmt: skip


def test_an_indexed_document_declares_its_rows() -> None:
    """Its variables stand in another order than the label's, its data apart, one limit on the left."""
    found = declared_by(bind(read_document(json.dumps(DOCUMENT))))
    assert found.flat is not None and found.flat.variables == ("ground oats", "ground rye")
    assert count(LABEL, found, "scored") == count(LABEL, found, "meant") == Counts(4, 0, 0)


def test_a_bound_is_a_declaration_as_a_row_is() -> None:
    bounded = {**DOCUMENT, "constraints": [DOCUMENT["constraints"][0], DOCUMENT["constraints"][2]]}
    bounded["variables"] = [{"name": "ground", "over": ["grain"], "type": "integer", "lower": 2}]
    found = declared_by(bind(read_document(json.dumps(bounded))))
    assert count(LABEL, found) == Counts(4, 1, 0)  # of oats it is the label's, of rye one more


def test_what_is_not_linear_matches_none() -> None:
    """Constraints of another form are declared all the same: three of them wrong, and the objective with them."""
    squared = {**DOCUMENT, "objectives": [{"sense": "maximize", "expr": "ground[rye] * ground[oats]"}]}
    found = declared_by(bind(read_document(json.dumps(squared))))
    assert found == Declared(None, 3) and count(LABEL, found) == Counts(4, 4, 0)


QUESTION = {
    "id": "mill",
    "question": "A mill grinds rye and oats. Rye earns $3 a sack and oats earn $2 a sack. At most 10 sacks of rye and "
    "oats can be ground in total. At least 2 sacks of oats must be ground. How many sacks of each should be ground to "
    "maximize profit?",
    "variables": ["rye", "oats"],
    "objective": {"type": "objective", "direction": "maximize", "name": "profit", "terms": {"rye": "3", "oats": "2"}},
    "constraints": [
        {"type": "sum", "direction": "at most", "limit": "10", "operator": "LESS_OR_EQUAL"},
        {"type": "lowerbound", "direction": "at least", "limit": "2", "var": "oats", "operator": "GREATER_OR_EQUAL"},
    ],
    "spans": [],
    "var_mention_to_first_var": {},
}
UNREADABLE = {**QUESTION, "id": "beyond", "question": "What is the capital of France?"}
CORRECTED = {
    "id": "mill", "variables": ["rye", "oats"], "objective": {"direction": "maximize", "terms": [3, 2]},
    "constraints": [{"type": "sum", "op": "LE", "k": 10}, {"type": "bound", "op": "GE", "var": 1, "k": 4}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("translator", "published", "corrected"),
    [("reference", Counts(6, 0, 0), Counts(6, 1, 0)), ("embedded", Counts(6, 1, 2), Counts(6, 2, 2))],
)
def test_a_run_counts_them(translator: str, published: Counts, corrected: Counts, tmp_path: Path) -> None:
    """Gold has all; the embedded translator reads one of two questions, and gets nothing of the other: three of six.

    The corrected label wants 4 sacks of oats: the answers, right before, are wrong there by one.
    """
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(q) + "\n" for q in (QUESTION, UNREADABLE)))
    first, second = read_items(tmp_path / "rows.jsonl", "nl4opt")
    items = [first.with_label("corrected", overlay(first, CORRECTED)), second]
    found = run(items, Settings("t", "nl4opt", {}, "0", Asking(translator=translator)), tmp_path / "run",
                executor="threads")  # fmt: skip
    for version, wanted in (("published", published), ("corrected", corrected)):
        held = found["labels"][version]["declarations"]["scored"]
        assert Counts(held["declared"], held["false_positives"], held["false_negatives"]) == wanted
        assert held["accuracy"] == pytest.approx(wanted.accuracy) and held["answers"] == 2
    assert [d["rule"] for d in read_run(tmp_path / "run")[2][0]["declarations"]] == ["scored", "meant"] * 2
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    for page in write_report(tmp_path / "run"):
        told = page.read_text(encoding="utf-8")
        assert "Declarations" in told and f"{100 * published.accuracy:.1f} %" in told


def test_written_programs_declare_nothing_that_is_known(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps(QUESTION))
    (tmp_path / "said.jsonl").write_text(json.dumps({"id": "mill", "answer": 28}))
    items = read_items(tmp_path / "rows.jsonl", "nl4opt")
    asking = Asking(translator="published", predictions=str(tmp_path / "said.jsonl"))
    found = run(items, Settings("t", "nl4opt", {}, "0", asking), tmp_path / "run", executor="threads")
    assert found["labels"]["published"]["declarations"] == {}


def test_the_report_of_the_embedded_translator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(q) + "\n" for q in (QUESTION, UNREADABLE)))
    assert nl4opt.main([str(tmp_path / "rows.jsonl"), "--json", str(tmp_path / "found.json")]) == 0
    assert "declarations scored: 50.0% of 6 in 2 questions, matching none 1, too few 2" in capsys.readouterr().out
    held = json.loads((tmp_path / "found.json").read_text())["published"]["declarations"]
    assert held["meant"] == {"declared": 6, "false_positives": 1, "false_negatives": 2, "accuracy": 0.5}
