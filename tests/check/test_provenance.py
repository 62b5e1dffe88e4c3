"""What of the text a model uses, and where its numbers come from."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from nl2opt.check.provenance import account, check_provenance, locate
from nl2opt.check.sources import numbers_of_text
from nl2opt.ir.document import read_document
from nl2opt.ir.model import Anchor

TEXT = """A kiosk sells three kinds of ice. The freezer holds 1,500 scoops. A cone earns 2.50 EUR.
At most 40 % may be cones, and mint needs at least two dozen scoops. It is open for 5 hours."""

MODEL = replace(
    read_document(
        """
nl2opt: 1
sets: {Kinds: [cone, mint, lemon]}
parameters:
  room: {value: 1500, quotes: [The freezer holds 1,500 scoops]}
  gain: {value: 2.5, quotes: [2.50 EUR]}
  share: {value: 0.4, quotes: [At most 40 %]}
  least: {value: 24, quotes: [two dozen scoops]}
  open: {value: "5 * 60", quotes: [5 hours]}
variables: {scoops: {over: Kinds, type: integer}}
""".replace("[The freezer holds 1,500 scoops]", '["The freezer holds 1,500 scoops"]')
    ),
    text=TEXT,
)


def test_everything_is_accounted_for() -> None:
    """Digits, percentages, words, conventions, and the size of the listed set."""
    provenance = account(MODEL)
    assert provenance.unused_quantities == ()
    assert provenance.unsourced == ()
    assert {n.source for n in provenance.numbers} == {"quote", "convention"}
    assert [d.code for d in check_provenance(MODEL)] == ["P03"]


def test_an_unused_quantity_is_found() -> None:
    """P01 names sentence and quantity."""
    model = replace(MODEL, parameters=tuple(p for p in MODEL.parameters if p.name != "gain"))
    (found,) = (d for d in check_provenance(model) if d.code == "P01")
    assert (found.where, found.found) == ("S3, N2", "2.50")


@pytest.mark.parametrize(("value", "codes"), [("24", []), ("25", ["P02"]), ("40", ["P02"]), ("2 * 12", [])])
def test_values_are_in_their_quotes(value: str, codes: list[str]) -> None:
    """P02 for a value the quotes do not contain, even where the text does."""
    changed = read_document(f'nl2opt: 1\nparameters: {{least: {{value: "{value}", quotes: [two dozen scoops]}}}}')
    others = tuple(p for p in MODEL.parameters if p.name != "least")
    found = check_provenance(replace(MODEL, parameters=(*others, *changed.parameters)))
    assert [d.code for d in found if d.code == "P02"] == codes


def test_tables_are_noted_once() -> None:
    """Attached data are one note, no warning a cell."""
    model = read_document("nl2opt: 1\nsets: {I: [a, b]}\nparameters: {w: {over: I, value: [7, 8]}}")
    found = check_provenance(replace(model, text="A table is attached."))
    assert [(d.code, d.severity) for d in found] == [("P04", "note")]


def test_a_model_without_text_is_not_asked() -> None:
    """Nothing to compare with."""
    assert check_provenance(replace(MODEL, text="")) == ()


@pytest.mark.parametrize(
    ("quote", "nth", "found"),
    [
        ("the cat", 1, (4, 11)),
        ("the cat", 2, (16, 24)),
        ("the cat", 3, None),
        ("dog", 1, None),
        ("  cat and ", 1, (8, 15)),
    ],
)
def test_quotes_are_located(quote: str, nth: int, found: tuple[int, int] | None) -> None:
    """By occurrence; line breaks and runs of blanks count as one blank."""
    assert locate("See the cat and\nthe  cat.", Anchor("quote", quote, nth)) == found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("40 %", "0.4"), ("40 %", "40"), ("1,500", "1500"), ("1.5 million", "1500000"), ("a quarter", "1/4"),
        ("two thirds", "2/3"), ("twice as many", "2"), ("Exactly two of them", "2"), ("a dozen", "12"),
        ("twenty-five", "25"), ("half of it", "1/2"), ("2,5 kg", "2.5"), ("one hundred and twenty", "120"),
    ],
)  # fmt: skip
def test_numbers_of_texts(text: str, value: str) -> None:
    """However a number is written."""
    assert Fraction(value) in numbers_of_text(text)


@pytest.mark.parametrize(
    ("text", "unused"),
    [
        ("There are six jobs.", []),
        ("Six jobs wait. All the 6 jobs are due.", []),
        ("A clerk does at most six jobs.", ["six"]),
        ("Each clerk has six jobs. There are six jobs a day.", ["six", "six"]),
        ("There are six clerks.", ["six"]),
        ("A job moves between two places.", []),
        ("A job takes two hours.", ["two"]),
        ("It may be turned by a quarter.", []),
        ("It grows by a quarter.", ["a quarter"]),
    ],
)
def test_words_that_only_count_what_data_bring(text: str, unused: list[str]) -> None:
    """The jobs come from data, so their number does too; two places between which something lies are no quantity."""
    model = read_document("nl2opt: 1\nsets: {Jobs: null}\nparameters: {p: {value: 3, quotes: [It costs 3]}}")
    found = check_provenance(replace(model, text=f"{text} It costs 3."))
    assert [d.found for d in found if d.code == "P01"] == unused
