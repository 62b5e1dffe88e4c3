"""Texts that say their sums, multiples and differences in so many words, read by grammar alone."""

from __future__ import annotations

from fractions import Fraction

import pytest

from nl2opt.bench.flat import FlatRow, flat_of
from nl2opt.formulate.embedded import Formulation, formulate_embedded
from nl2opt.formulate.embedded.direct import plain, rosters

GOAL = " Each tent and each hut costs $30 and $80 respectively. What is the minimum total cost, in whole numbers?"
ORCHARD = "An orchard plants two kinds of trees, P and Q. "
PRICES = " A tree of kind P costs 7 and a tree of kind Q costs 9; the owner wants to minimize the total cost."


def read(text: str) -> Formulation:
    """A text that must be read completely and without doubts."""
    found = formulate_embedded(text)
    assert found.refusal is None, found.refusal
    assert [d for d in found.doubts if d.code != "nothing-forces"] == []
    return found


def rows(text: str) -> set[tuple[tuple[Fraction, ...], str, Fraction]]:
    """The rows of a text over P and Q."""
    flat = flat_of(read(ORCHARD + text + PRICES))
    assert flat is not None and flat.objective == (7, 9) and flat.sense == "minimize"
    return {_row(r) for r in flat.rows}


def _row(row: FlatRow) -> tuple[tuple[Fraction, ...], str, Fraction]:
    return row.coefficients, row.op, row.bound


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("Three times the trees of kind P plus twice the trees of kind Q must be at least 40.", (3, 2, ">=", 40)),
        ("The combined shade, calculated as 4 times P plus Q, should not exceed 90 units.", (4, 1, "<=", 90)),
        ("The trees of kind P minus half of those of kind Q cannot exceed 12.", (1, "-1/2", "<=", 12)),
        ("The combined yield of 5 trees of kind P and 6 trees of kind Q must be no less than 70.", (5, 6, ">=", 70)),
        ("The number of P must be at least twice that of Q plus 8.", (1, -2, ">=", 8)),
        ("There must be at least 15 more trees of kind P than of kind Q.", (1, -1, ">=", 15)),
        ("P should exceed Q by at least 6.", (1, -1, ">=", 6)),
        ("The difference between twice P and Q must be exactly 20.", (2, -1, "==", 20)),
        ("A quarter of Q subtracted from P must be at least 3.", (1, "-1/4", ">=", 3)),
        ("At least 25 trees must be planted in total.", (1, 1, ">=", 25)),
        ("The number of trees that can be planted is limited to a total of 60.", (1, 1, "<=", 60)),
        ("The weighted sum of P and Q, with weights of 0.4 for P and 0.6 for Q, must be at least 11.",
         ("2/5", "3/5", ">=", 11)),
        ("The combined area of P (multiplied by 3) and Q cannot exceed 45.", (3, 1, "<=", 45)),
    ],
)  # fmt: skip
def test_one_limit(sentence: str, wanted: tuple[object, ...]) -> None:
    """One sentence, one row."""
    first, second, op, bound = wanted
    assert rows(sentence) == {((Fraction(str(first)), Fraction(str(second))), op, Fraction(str(bound)))}


@pytest.mark.parametrize(
    ("sentence", "low", "high"),
    [
        ("Between 10 and 50 trees can be planted of kind P.", 10, 50),
        ("The trees of kind P should not be less than 10 and cannot exceed 50.", 10, 50),
        ("The bounds are as follows: 10 <= P <= 50.", 10, 50),
        ("Kind P (10 - 50 trees) is subject to a rule of the parish.", 10, 50),
    ],
)
def test_ranges(sentence: str, low: int, high: int) -> None:
    """Two bounds of one amount."""
    assert rows(sentence) == {((1, 0), ">=", low), ((1, 0), "<=", high)}


def test_a_side_holds_for_the_list() -> None:
    """`at most 3 P and 4 Q` bounds each."""
    assert rows("The owner plants at least 3 trees of kind P and 4 trees of kind Q.") == {
        ((1, 0), ">=", 3),
        ((0, 1), ">=", 4),
    }


def test_kept_close_on_either_side() -> None:
    """A difference that may not exceed a number is kept on either side; the signed one is another reading."""
    found = read(ORCHARD + "The difference between P and Q should not exceed 5." + PRICES)
    flat = flat_of(found)
    assert flat is not None
    assert {_row(r) for r in flat.rows} == {((1, -1), "<=", 5), ((-1, 1), "<=", 5)}


def test_names_are_found_without_symbols() -> None:
    """Listed nouns that come again are the amounts."""
    found = read(
        "A camp puts up tents and huts. Twice the number of tents plus the number of huts must be at least 24, while "
        "the number of huts cannot exceed 10." + GOAL
    )
    assert [d.name for d in found.decisions] == ["tents", "huts"]
    flat = flat_of(found)
    assert flat is not None and flat.objective == (30, 80)
    assert {_row(r) for r in flat.rows} == {((2, 1), ">=", 24), ((0, 1), "<=", 10)}


def test_a_symbol_and_its_noun_are_one() -> None:
    """`rye (X)`: later sentences may use either."""
    found = read(
        "A miller grinds rye (X) and oats (Y). Rye must exceed oats by at least 4 sacks. X plus Y cannot exceed 40 "
        "sacks. The profit is $3 for X and $5 for Y. Maximize the total profit; sacks must be whole numbers."
    )
    flat = flat_of(found)
    assert flat is not None and flat.variables == ("X", "Y")
    assert {_row(r) for r in flat.rows} == {((1, -1), ">=", 4), ((1, 1), "<=", 40)}


def test_formulas_keep_their_places() -> None:
    """Marks of formulas are blanked, never moved."""
    text = r"Kind $P$ costs $\$7$, kind $Q$ costs \$9, $P \leq 5$ and it costs $4, $6 or $8."
    cleared = plain(text)
    assert len(cleared) == len(text)
    assert "$7" in cleared and "P <=   5" in cleared and "$4, $6 or $8" in cleared
    assert [text[c.start : c.end] for c in rosters(cleared + " P and Q")[0].called[:3]] == ["P", "Q", "P"]


def test_quotes_are_of_the_text_as_it_came() -> None:
    """The document quotes the source, marks and all."""
    text = ORCHARD.replace("P and Q", "$P$ and $Q$") + (
        r"The total of $P$ and $Q$ is at least 9. Each of $P$ and $Q$ costs $\$7$ and $\$9$ respectively. "
        r"Minimize the cost."
    )
    found = read(text)
    assert found.text == text
    assert all(text[s.start : s.end] == s.text for s in found.sentences)
    assert found.document is not None
    for part in ("parameters", "constraints", "objectives"):
        for item in found.document[part]:
            for quote in item["quotes"]:
                assert (quote if isinstance(quote, str) else quote["text"]) in text


def test_a_sentence_it_cannot_place_leaves_the_reading_incomplete() -> None:
    """A number in a sentence of another kind is never dropped in silence."""
    text = ORCHARD + "P plus Q is at least 9. The parish lies 14 miles away from the 3 chapels." + PRICES
    found = formulate_embedded(text)
    assert found.refusal is not None or found.doubts
