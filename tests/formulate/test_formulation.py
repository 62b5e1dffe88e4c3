"""Text -> Formulation with the tagger itself: a model to solve, or a refusal that raises."""

from __future__ import annotations

import pytest

from nl2opt.errors import TextRefused
from nl2opt.formulate.translators import formulate

BOATS = (
    "A harbour firm moves crates with barges and trawlers. A barge can move 40 crates and costs $90 per trip. A "
    "trawler can move 25 crates and costs $50 per trip. At least 600 crates must be moved, and there must be at least "
    "twice as many barges as trawlers. How many of each should be used to minimize the total cost?"
)


def test_a_problem_becomes_a_model() -> None:
    """The whole way from bare text, with the shipped weights."""
    found = formulate(BOATS)
    model = found.require_model()
    assert [str(label) for label in model.sets[0].elements] == ["barges", "trawlers"]  # type: ignore[union-attr]
    assert [c.template for c in model.constraints] == ["lower_bound_weighted_sum", "comparison"]
    assert found.refusal is None and found.doubts == ()


def test_a_refusal_raises() -> None:
    """No model: the reason is raised when the model is asked for."""
    found = formulate("Roses are red and violets are blue, and there are forty reasons to be true to you.")
    assert found.model is None
    with pytest.raises(TextRefused):
        found.require_model()
