"""Sentences of one linear limit each, and whole texts: over named amounts and over symbols, all read as meant."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from nl2opt.bench.flat import flat_of
from nl2opt.formulate.embedded import formulate_embedded

NOUNS = ("roses", "tulips", "lilies")
SYMBOLS = ("X", "Y", "Z")
OPENING = {
    NOUNS: "A nursery grows roses, tulips and lilies. ",
    SYMBOLS: "A nursery grows three kinds of flowers, X, Y and Z. ",
}
ENDING = {
    NOUNS: " Each crate of roses costs $4, each crate of tulips costs $6 and each crate of lilies costs $9. How many "
    "crates of roses, tulips and lilies should it plant, in whole numbers, to minimize the total cost?",
    SYMBOLS: " The costs are $4 per unit of X, $6 per unit of Y and $9 per unit of Z. What is the minimum total cost, "
    "if all amounts are integers?",
}
Limit = tuple[tuple[Fraction, ...], Fraction]

FOLDER = Path(__file__).parent


def limits(rows: list[tuple[tuple[Fraction, ...], str, Fraction]]) -> set[tuple[str, Limit]]:
    """Rows in one form: at least, or equal, the first weight that is not zero being one; limits by zero left out."""
    found = set()
    for weights, op, bound in rows:
        sign = -1 if op == "<=" else 1
        lead = next(abs(w) for w in weights if w)
        scaled = tuple(sign * w / lead for w in weights)
        if bound or min(scaled) < 0:
            found.add(("==" if op == "==" else ">=", (scaled, sign * bound / lead)))
    return found


def wanted(told: str) -> set[tuple[str, Limit]]:
    """`1 0 2 <= 7 ; 0 1 0 >= 3` -> limits."""
    parts = [row.split() for row in told.split(";")]
    return limits([(tuple(map(Fraction, p[:-2])), p[-2], Fraction(p[-1])) for p in parts])


def sentences() -> list[tuple[str, str]]:
    """The file of sentences -> (sentence, rows)."""
    lines = (FOLDER / "linear_sentences.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("|") for line in lines if not line.startswith("#")]
    return [(sentence.strip(), rows.strip()) for sentence, rows in pairs]


def texts() -> list[tuple[str, str, str]]:
    """The file of texts -> (text, weights of the objective, rows)."""
    blocks = (FOLDER / "linear_texts.txt").read_text(encoding="utf-8").split("\n\n\n")
    parts = [block.strip().rsplit("\n", 2) for block in blocks]
    return [(text, goal, rows) for text, goal, rows in parts]


def check(sentence: str, rows: str, names: tuple[str, ...]) -> None:
    """Formulate a text with the sentence in it, and compare its rows and its objective."""
    a, b, c = names
    text = OPENING[names] + sentence.format(a=a, b=b, c=c, A=a.capitalize(), C=c.capitalize()) + ENDING[names]
    found = formulate_embedded(text)
    assert found.refusal is None, found.refusal
    flat = flat_of(found)
    assert flat is not None and flat.variables == names and flat.objective == (4, 6, 9)
    assert limits([(r.coefficients, r.op, r.bound) for r in flat.rows]) == wanted(rows)


@pytest.mark.parametrize(("sentence", "rows"), sentences())
@pytest.mark.parametrize("names", [NOUNS, SYMBOLS], ids=["nouns", "symbols"])
def test_sentence(sentence: str, rows: str, names: tuple[str, ...]) -> None:
    """Whatever the amounts are called; a formula has symbols."""
    if names == SYMBOLS or not re.match(r".*\d\{", sentence):
        check(sentence, rows, names)


@pytest.mark.parametrize(("text", "goal", "rows"), texts())
def test_text(text: str, goal: str, rows: str) -> None:
    """Whole texts, read completely and without doubts."""
    found = formulate_embedded(text)
    assert found.refusal is None and not found.doubts
    flat = flat_of(found)
    assert flat is not None and flat.objective == tuple(map(Fraction, goal.split()))
    assert limits([(r.coefficients, r.op, r.bound) for r in flat.rows]) == wanted(rows)


@pytest.mark.parametrize(
    "sentence",
    [
        "At least one of every four crates must be roses.",
        "Two crates of roses take as much room as one crate of tulips.",
        "Either roses or tulips must be grown but not both.",
        "The tulips must be squared before 12 of the roses are cut.",
    ],
)
def test_what_cannot_be_said_is_doubted(sentence: str) -> None:
    """A sentence of another kind is refused or doubted, never read as something else in silence."""
    found = formulate_embedded(OPENING[NOUNS] + "At most 40 crates can be planted. " + sentence + ENDING[NOUNS])
    assert found.refusal is not None or found.doubts
