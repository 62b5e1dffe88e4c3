"""What a person is told of limits: what binds, what is left, what a soft constraint is missed by, all on one line."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

import nl2opt
from nl2opt import console
from nl2opt.errors import Diagnostic
from nl2opt.explain.report import Limit, one_line

SOFT = """
nl2opt: 1
sets: {I: ["a\\nb", c]}
parameters:
  need: {over: I, value: [7, 4]}
  price: {over: I, value: [2, 5]}
variables:
  x: {over: I, type: integer, upper: 4, unit: loaf}
  y: {type: integer, upper: 9}
  on: {type: binary}
constraints:
  - {name: need, for: i in I, penalty: "price[i]", expr: "x[i] >= need[i]", quotes: ["as many\\n as asked for"]}
  - {name: even, penalty: 3, expr: y == 5}
  - {name: rather_off, penalty: 6, expr: not on}
  - {name: strict, penalty: 1, expr: y < 2}
  - {name: must, expr: "on and y >= 2"}
objectives: [{minimize: 0.5 * sum(x)}]
"""


@pytest.fixture(scope="module")
def told() -> nl2opt.Explanation:
    """The explanation of a model with soft constraints, met and missed."""
    return nl2opt.explain(nl2opt.solve(nl2opt.read(SOFT)))


def _limit(e: nl2opt.Explanation, name: str, key: tuple[str, ...] = ()) -> Limit:
    return next(x for x in e.limits if x.constraint == name and x.key == key)


def test_a_missed_soft_constraint_says_by_how_much_and_what_it_costs(told: nl2opt.Explanation) -> None:
    """Nothing is `left` of it."""
    missed = _limit(told, "need", ("a\nb",))
    assert (missed.missed, missed.costs, missed.slack, missed.binding) == (3, 6, 0, False)
    assert missed.sentence() == "“as many as asked for” [a\\nb]: 4 >= 7, missed by 3, costs 6"
    met = _limit(told, "need", ("c",))
    assert (met.missed, met.costs) == (0, 0)
    assert met.sentence().endswith("4 >= 4, binds")


def test_a_soft_condition_that_is_no_comparison(told: nl2opt.Explanation) -> None:
    """It is met or not, and costs its penalty once."""
    assert _limit(told, "rather_off").sentence().endswith(": not met, costs 6")


def test_the_costs_add_up_to_the_penalty_of_the_referee() -> None:
    """What the limits cost is what the referee adds to the objective, strict comparisons of integers included."""
    answer = nl2opt.solve(nl2opt.read(SOFT))
    assert answer.report is not None
    costs = sum(x.costs for x in nl2opt.explain(answer).limits)
    assert costs == float(answer.report.objectives[-1].penalty) > 0


def test_what_is_missed_comes_first(told: nl2opt.Explanation) -> None:
    """Before what binds, before what has something left."""
    flags = [bool(x.missed) for x in told.limits]
    assert flags == sorted(flags, reverse=True)


def test_text_on_one_line() -> None:
    """Characters that break a line or print nothing are shown by their escapes; words stay as they are."""
    assert one_line("a\nb\tc\x1b[1m") == "a\\nb\\tc\\x1b[1m"
    assert one_line("2\u00a0000 \u202eabc") == "2 000 \\u202eabc"
    assert one_line("Größe 3 – “x”, می‌خواهم") == "Größe 3 – “x”, می‌خواهم"


def test_labels_do_not_break_tables(told: nl2opt.Explanation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value, each limit and each finding stands on its own line."""
    printed = io.StringIO()
    for name in ("out", "err"):
        monkeypatch.setattr(console, name, Console(file=printed, width=200, highlight=False))
    console.model(nl2opt.read(SOFT))
    console.explanation(told)
    console.diagnostics([Diagnostic("E304", "no element of the set", "x['a\nb']", "'a\nb'")])
    lines = printed.getvalue().splitlines()
    assert any("a\\nb" in x and "4" in x and "loaf" in x for x in lines)
    assert not any(x.startswith("b") for x in lines)
    assert any(x.endswith("'a\\nb'") for x in lines)
