"""The judge on a sample of the planted pairs: never the opposite of what is known, and most of it recognised."""

from __future__ import annotations

from itertools import islice

import pytest

from planted.judged_pairs import Judged, judged
from planted.pairs.collection import pairs

EVERY, FIRST = 23, 5
RECOGNISED, TOLD_APART = 0.9, 0.85
"""Least shares of equivalent pairs proved and of different ones told apart, a little below what was measured."""


@pytest.fixture(scope="module")
def sample() -> list[Judged]:
    """Each so many of the pairs."""
    return list(judged(islice(pairs(look=False), FIRST, None, EVERY), seconds=8.0))


def test_no_pair_is_judged_the_opposite(sample: list[Judged]) -> None:
    """A pair known to differ is never called equivalent, nor the other way round, and no pair crashes the judge."""
    assert not [f"{j.pair.id} [{j.pair.kind}]: {j.verdict.statement}" for j in sample if j.wrong and j.verdict]
    assert not [f"{j.pair.id}: {j.failure}" for j in sample if j.verdict is None]


def test_most_pairs_are_recognised(sample: list[Judged]) -> None:
    """Rewrites are proved equivalent and mutants told apart."""
    for level, label, least in (("rewrite", "equivalent", RECOGNISED), ("mutant", "different", TOLD_APART)):
        of_level = [j for j in sample if j.pair.level.startswith(level)]
        right = [j for j in of_level if j.verdict is not None and j.verdict.outcome == label]
        assert len(right) >= least * len(of_level)
