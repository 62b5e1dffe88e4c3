"""Texts the translator must not answer."""

from __future__ import annotations

import pytest

from nl2opt.formulate.embedded import formulate_embedded
from nl2opt.formulate.embedded.refusals import MAX_CHARACTERS
from tests.formulate.word_problems import KAYAKS, marked


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("Maximize 3 x.", "too-short"),
        ("word " * (MAX_CHARACTERS // 4), "too-long"),
        (
            "Eine Gärtnerei zieht Rosen und Nelken. Eine Rose bringt 4 Euro, eine Nelke 3 Euro. Wie viele?",
            "not-english",
        ),
        ("A farm grows wheat and rye. How much of each should it grow to earn the most from its land?", "no-numbers"),
    ],
)
def test_without_a_parse(text: str, code: str) -> None:
    """Refusals that the bare text gives."""
    found = formulate_embedded(text, [])
    assert found.document is None
    assert found.refusal is not None and found.refusal.code == code


def test_a_poem() -> None:
    """Numbers and comparisons, but nothing to decide."""
    text = (
        "The night is long and seven lamps are lit,\nTwice as many moths are drawn to it,\n"
        "And at most three will live to tell of it."
    )
    found = formulate_embedded(text, [])
    assert found.refusal is not None and found.document is None


def test_periods_name_the_sentence() -> None:
    """Structure beyond the templates is named with its sentence."""
    text, spans = marked(
        "A mill grinds {VAR:oats} over three months. Demand in the months is {LIMIT:30}, {LIMIT:40} "
        "and {LIMIT:50} sacks. Sacks left over at the end of each month are stored for ${PARAM:2} each. How "
        "many sacks should be ground in each month to {OBJ_DIR:minimize} {OBJ_NAME:cost}?"
    )
    found = formulate_embedded(text, spans)
    assert found.document is None
    assert found.refusal is not None and found.refusal.code == "time-periods" and found.refusal.sentence == "S3"


def test_two_limits_on_one_thing_are_a_doubt() -> None:
    """Contradictory numbers are pointed out, both of them."""
    again = "{OBJ_NAME:earnings}? Only {LIMIT:500} minutes are {CONST_DIR:available} for cleaning."
    text, spans = marked(KAYAKS.replace("{OBJ_NAME:earnings}?", again))
    found = formulate_embedded(text, spans)
    doubt = next(d for d in found.doubts if d.code == "two-limits")
    assert "600" in doubt.message and "500" in doubt.message


def test_an_unused_number_is_a_doubt() -> None:
    """Every number of the text is accounted for."""
    text, spans = marked(KAYAKS.replace("How many", "The boathouse is 17 years old. How many"))
    found = formulate_embedded(text, spans)
    assert [(d.code, d.sentence) for d in found.doubts] == [("unread-number", "S6")]


def test_a_tour_names_the_sentence() -> None:
    """Without amounts to decide on, the sentence that asks for a tour is named."""
    text = "A post van calls at nine farms. Each farm must be visited exactly once. Which order is the shortest for it?"
    found = formulate_embedded(text, [])
    assert found.refusal is not None and (found.refusal.code, found.refusal.sentence) == ("network", "S2")
