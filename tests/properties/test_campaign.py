"""Random models that put every construct into every other: each route agrees with the truth, and they tell much."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from campaign import LEAST, PROGRAMS, Campaign, Trial, further, run
from census import census
from programs import forked_programs
from shrinking import shrink
from snippets import NATIVE, wanted

from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document

SEED = 20261
BLOCKS, BLOCK = 4, 10
LONG, LONG_SEED, PROGRAM_EVERY = 3000, 20262, 12
FURTHER = 7000
"""How many more models are made at most for the pairs that stay rare."""


@pytest.fixture(scope="module")
def short() -> Iterator[Campaign]:
    """The campaign of every run, printed in one line at its end."""
    campaign = Campaign()
    yield campaign
    if sys.__stdout__ is not None:
        compared = {route: campaign.compared(route) for route in NATIVE}
        print(f"\ncampaign: {len(campaign.trials)} models, compared {compared}", file=sys.__stdout__)


def told(trials: list[Trial]) -> str:
    """Trials in which a route was wrong -> what was found, and the models."""
    return "\n\n".join(f"model {t.index}: {t.wrong}\n{t.text}" for t in trials)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_routes_agree(block: int, short: Campaign) -> None:
    """A block of random models through the native routes."""
    trials = [run(SEED, index, NATIVE) for index in range(block * BLOCK, (block + 1) * BLOCK)]
    for trial in trials:
        short.add(trial)
    wrong = [t for t in trials if t.wrong]
    assert not wrong, told(wrong)


def test_models_are_worth_solving(short: Campaign) -> None:
    """At most a fifth of the models is trivial, every route takes its part, and the pairs are met about evenly."""
    if len(short.trials) < BLOCKS * BLOCK:
        pytest.skip("run together with the blocks")
    assert short.trivial <= 0.2
    assert all(short.compared(route) >= 0.5 * len(short.trials) for route in NATIVE)
    assert len(short.rare(1)) <= 0.1 * len(wanted())


@pytest.mark.slow
def test_routes_agree_at_length() -> None:
    """The long campaign: every node in every context in a hundred models, emitted programs for a part of them."""
    campaign = Campaign()
    with forked_programs():
        for index in range(LONG):
            campaign.add(run(LONG_SEED, index, (*NATIVE, *(PROGRAMS if index % PROGRAM_EVERY == 0 else ()))))
    for _ in further(campaign, LONG_SEED, LEAST, FURTHER):
        pass
    if sys.__stdout__ is not None:
        print(f"\n{campaign.report(LEAST)}", file=sys.__stdout__)
    assert not campaign.wrong, told(campaign.wrong)
    assert campaign.trivial <= 0.2
    assert not campaign.rare(LEAST)


def test_a_named_expression_counts_where_it_is_used() -> None:
    """The census finds what stands in a model: nothing of a named expression that nothing mentions."""
    text = "nl2opt: 1\nvariables: {{y: {{type: integer, upper: 4}}}}\nexpressions: {{e: abs(y)}}\nconstraints: [{}]\n"
    assert census(read_document(text.format("e >= 1")))["abs", "named expression"] == 1
    assert ("abs", "named expression") not in census(read_document(text.format("y >= 1")))


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
