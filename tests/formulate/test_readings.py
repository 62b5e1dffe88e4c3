"""Other ways to read a text: in rank order, each with its sentence and the model that follows."""

from __future__ import annotations

from nl2opt.formulate.translators import formulate
from nl2opt.ir.document.printer import print_yaml

NURSERY = (
    "A nursery sells two kinds of plants, P and Q. The sum of P and Q must be at least 30. {} "
    "Each P costs 7 and each Q costs 9. Minimize the total cost; plants must be whole numbers."
)


def test_a_difference_has_a_signed_reading() -> None:
    """Kept close on either side first; one side alone is the other reading, with a model of its own."""
    found = formulate(NURSERY.format("The difference between P and Q should not exceed 4."))
    assert found.refusal is None and found.doubts == ()
    signed = next(r for r in found.readings if r.message)
    assert signed.sentence == "S3"
    assert found.model is not None
    assert len(found.model.constraints) == 3 and len(signed.model.constraints) == 2


def test_each_or_together() -> None:
    """A limit on a bare list may hold for the sum or for each: a doubt names the sentence and the other reading."""
    found = formulate(NURSERY.format("At most 25 of P and Q fit on the shelf."))
    assert [r.sentence for r in found.readings][:1] == ["S3"]
    assert "P <= 25" in found.readings[0].message and "Q <= 25" in found.readings[0].message
    assert "25" in print_yaml(found.readings[0].model)


def test_a_plain_text_has_no_other_reading() -> None:
    """Where nothing can be taken otherwise nothing is offered."""
    found = formulate(NURSERY.format("P must not exceed 40."))
    assert found.refusal is None
    assert found.readings == ()


def test_the_amount_of_one_is_no_total() -> None:
    """`20 kg of hay` bounds the hay, `in the mix` or not."""
    found = formulate(
        "A stable mixes hay and oats. A kg of hay costs $2 and holds 3 grams of protein, while a kg of oats costs $5 "
        "and holds 11 grams of protein. At least 20 kg of hay must be in the mix. The mix must hold at least 400 grams "
        "of protein. How many kg of each should be mixed to minimize the cost?"
    )
    assert found.model is not None
    assert "amount['hay'] >= least_hay" in print_yaml(found.model)


def test_hours_beside_minutes_are_turned_into_one_unit() -> None:
    """An hour in a row of minutes is 60 of them."""
    found = formulate(
        "A workshop builds stools and benches. A stool takes 30 minutes of sawing and a bench takes 1 hour of sawing. "
        "There are 40 hours of sawing available. At least 10 stools must be built. The profit is $20 on a stool and "
        "$35 on a bench. How many of each maximize the profit?"
    )
    assert found.model is not None
    text = print_yaml(found.model)
    assert "1 * 60" in text and "40 * 60" in text
