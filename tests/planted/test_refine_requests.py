"""Requests in words, written before any was run: so many are done as meant, no more than so many done otherwise."""

from __future__ import annotations

from collections import Counter

import pytest

from planted.refine_requests import Outcome, apply, cases, measure, original, region, same

RIGHT = 29
WRONG = 0
"""Measured. RIGHT may rise and WRONG fall."""


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return measure()


def test_no_fewer_are_done_as_meant(outcomes: list[Outcome]) -> None:
    assert len(outcomes) >= 60
    count = Counter(o.verdict for o in outcomes)
    assert count["right"] >= RIGHT, count


def test_no_more_are_done_otherwise_than_meant(outcomes: list[Outcome]) -> None:
    wrong = [f"{o.case.document}: {o.case.request}\n{o.difference}" for o in outcomes if o.verdict == "wrong"]
    assert len(wrong) <= WRONG, "\n".join(wrong)


def test_what_is_meant_can_be_told_from_doing_nothing() -> None:
    """Each edit meant changes what its document allows: otherwise doing nothing would count as right."""
    for case in cases()[::6]:
        for edit in case.meant:
            assert not same(region(apply(case.document, [edit]), case.document), original(case.document)), edit
