"""Random models that put every construct into every other: each route agrees with the truth, and they tell much."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from campaign import NATIVE, PROGRAMS, Campaign
from programs import forked_programs
from shrinking import shrink

from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document

SEED = 20261
BLOCKS, BLOCK = 6, 12
LONG, LONG_SEED, PROGRAM_EVERY = 3000, 20262, 12
LEAST = 100
"""How often each node shall stand in each context, at length."""


@pytest.fixture(scope="module")
def short() -> Iterator[Campaign]:
    """The campaign of every run, printed in one line at its end."""
    campaign = Campaign()
    yield campaign
    if sys.__stdout__ is not None:
        print(f"\ncampaign: {dict(campaign.models)}, compared {dict(campaign.compared)}", file=sys.__stdout__)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_routes_agree(block: int, short: Campaign) -> None:
    """A block of random models through the native routes."""
    before = len(short.wrong)
    for index in range(block * BLOCK, (block + 1) * BLOCK):
        short.run(SEED, index, NATIVE)
    found = short.wrong[before:]
    assert not found, "\n\n".join(f"model {i}, {route}: {what}\n{text}" for _, i, route, what, text in found)


def test_models_are_worth_solving(short: Campaign) -> None:
    """At most a fifth of the models is trivial, and every route takes its part."""
    if short.models["all"] < BLOCKS * BLOCK:
        pytest.skip("run together with the blocks")
    trivial = sum(k for kind, k in short.models.items() if kind.startswith("trivial"))
    assert trivial <= 0.2 * short.models["all"]
    assert all(short.compared[route] >= 0.4 * short.models["all"] for route in NATIVE)


@pytest.mark.slow
def test_routes_agree_at_length() -> None:
    """The long campaign: every node in every context a hundred times, emitted programs for a part of the models."""
    campaign = Campaign()
    with forked_programs():
        for index in range(LONG):
            campaign.run(LONG_SEED, index, (*NATIVE, *(PROGRAMS if index % PROGRAM_EVERY == 0 else ())))
    if sys.__stdout__ is not None:
        print(f"\n{campaign.report()}", file=sys.__stdout__)
    trivial = sum(k for kind, k in campaign.models.items() if kind.startswith("trivial"))
    assert not campaign.wrong, [(i, route, what) for _, i, route, what, _ in campaign.wrong]
    assert trivial <= 0.2 * campaign.models["all"]
    assert not campaign.rare(LEAST)


FAULTY = """
nl2opt: 1
sets: {K: range(3)}
parameters: {c: {over: K, value: [1, 2, 3]}}
variables: {x: {over: K, type: integer, upper: 2}, y: {type: integer, upper: 4}}
constraints: [{expr: "sum(c[k] * x[k] for k in K) <= 7"}, {expr: "y + 2 * abs(x[0] - x[1]) >= 1 or x[2] == 0"}]
objectives: [{maximize: "y + sum(x)"}]
"""


def test_shrinking_keeps_the_fault_and_little_else() -> None:
    """A fault that needs only `abs` is shown by a model with little more; the result is a valid document."""
    small = read_document(shrink(FAULTY, lambda text: "abs(" in text and bool(bind(read_document(text)))))
    assert len(small.constraints) + len(small.objectives) == 1
    assert len(small.variables) <= 1 and not small.parameters
