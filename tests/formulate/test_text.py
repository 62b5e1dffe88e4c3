"""Text -> Passage: every usual form of a number, and sentence ends in awkward places."""

from __future__ import annotations

from fractions import Fraction

import pytest

from nl2opt.formulate.text import segment

FORMS = [
    ("It has 12 rooms.", "12", Fraction(12), "number", ""),
    ("It has 1,250 rooms.", "1,250", Fraction(1250), "number", ""),
    ("It costs $4,000.50 a day.", "4,000.50", Fraction("4000.5"), "number", "$"),
    ("It costs $1.5 million.", "1.5 million", Fraction(1_500_000), "number", "$"),
    ("It costs 20k a year.", "20k", Fraction(20_000), "number", ""),
    ("She pays 3 $ here.", "3", Fraction(3), "number", "$"),
    ("It needs one hundred thousand bricks.", "one hundred thousand", Fraction(100_000), "number", ""),
    ("It needs twenty-five bricks.", "twenty-five", Fraction(25), "number", ""),
    ("It needs two and a half hours.", "two and a half", Fraction(5, 2), "number", ""),
    ("It needs half a dozen eggs.", "half a dozen", Fraction(6), "number", ""),
    ("It needs 1 1/2 cups.", "1 1/2", Fraction(3, 2), "number", ""),
    ("At most a third of the total is red.", "a third", Fraction(1, 3), "fraction", ""),
    ("Two thirds of them are red.", "Two thirds", Fraction(2, 3), "fraction", ""),
    ("Half of them are red.", "Half", Fraction(1, 2), "fraction", ""),
    ("At least 3/4 of them are red.", "3/4", Fraction(3, 4), "fraction", ""),
    ("At least 30% are red.", "30%", Fraction(3, 10), "percent", ""),
    ("At least 7.5 percent are red.", "7.5 percent", Fraction(3, 40), "percent", ""),
    ("At least thirty percent are red.", "thirty percent", Fraction(3, 10), "percent", ""),
    ("Twice as many are red.", "Twice", Fraction(2), "multiple", ""),
    ("There are 3 times as many red ones.", "3 times", Fraction(3), "multiple", ""),
    ("There are double the number of red ones.", "double", Fraction(2), "multiple", ""),
    ("It is watered five times a week.", "five", Fraction(5), "number", ""),
    ("The gate opens at 08:30 daily.", "08:30", Fraction(510), "time", ""),
    ("We use No. 5 paint.", "5", Fraction(5), "name", ""),
    ("A 3-piece suit sells well.", "3", Fraction(3), "name", ""),
]


@pytest.mark.parametrize(("text", "written", "value", "kind", "currency"), FORMS)
def test_number_forms(text: str, written: str, value: Fraction, kind: str, currency: str) -> None:
    """A number in each form: where it stands, its exact value, its kind, its currency."""
    (quantity,) = segment(text).quantities
    assert (quantity.text, quantity.value, quantity.kind, quantity.currency) == (written, value, kind, currency)
    assert text[quantity.start : quantity.end] == quantity.text


@pytest.mark.parametrize(
    "text",
    [
        "Each one is red.",
        "There are two types of bread.",
        "The second shift is long.",
        "Product x1 is red.",
        "The third hall is red.",
    ],
)
def test_words_that_count_nothing(text: str) -> None:
    """Number words that name or list things are no quantities."""
    assert segment(text).quantities == ()


def test_ranges_give_two_quantities() -> None:
    """`between 10 and 20` and `10-20` hold two numbers each."""
    values = [int(q.value) for q in segment("Between 10 and 20 trees, or 30-40 shrubs.").quantities]
    assert values == [10, 20, 30, 40]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It costs $2.50. It sells.", 2),
        ("Use e.g. red paint. Then stop.", 2),
        ("We use No. 5 paint. It dries.", 2),
        ("There are two methods, X and Y. Method X is fast.", 2),
        ("Limits:\n- at most 5 beds\n- at least 2 desks\nMaximize profit.", 4),
        ("One line\nthat goes on here.", 1),
        ("Really? Yes! Fine.", 3),
        ("A plot of 12 sq. ft. is small. It floods.", 2),
    ],
)
def test_sentences(text: str, count: int) -> None:
    """Decimals, abbreviations and single letters end no sentence; bullets are sentences of their own."""
    passage = segment(text)
    assert len(passage.sentences) == count
    for sentence in passage.sentences:
        assert text[sentence.start : sentence.end] == sentence.text
    assert [s.id for s in passage.sentences] == [f"S{k}" for k in range(1, count + 1)]
