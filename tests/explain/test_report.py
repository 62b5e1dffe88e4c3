"""What a person is told of limits: what binds, what is left, what a soft constraint is missed by, all on one line."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

import nl2opt
from nl2opt import console
from nl2opt.errors import Diagnostic
from nl2opt.explain.mathematics import variable_line
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


BOUNDED = """
nl2opt: 1
sets: {I: [a, b, c]}
parameters:
  most: {over: I, value: [3, 1, 0]}
  tallest: {value: 5, quotes: ["at most 5 high"]}
variables:
  x: {over: i in I, type: integer, lower: 0, upper: "most[i]"}
  y: {type: real, lower: -2, upper: tallest}
  z: {type: real, lower: -2, upper: 9}
  on: {type: binary}
expressions: {total: sum(x)}
constraints: [{name: few, expr: total <= 3}, {name: z_much, expr: "2 * z >= y"}]
objectives: [{maximize: "2 * x['b'] + x['a'] + y + on - 4 * z"}]
outputs: {x: x, total: total, y: "round(y)"}
"""


@pytest.fixture(scope="module")
def bounded() -> nl2opt.Explanation:
    """The explanation of a model whose variables lie at bounds."""
    return nl2opt.explain(nl2opt.solve(nl2opt.read(BOUNDED)))


def test_variables_that_lie_at_a_bound_are_held_back_by_it(bounded: nl2opt.Explanation) -> None:
    """In the words of the number, where it has some; a bound that leaves room and the usual lower one are no news."""
    bounds = [limit.sentence() for limit in bounded.limits if limit.constraint.startswith("bounds of")]
    assert bounds == [
        "x ≤ most[i] [b]: 1 <= 1, binds",
        "x ≤ most[i] [c]: 0 <= 0, binds",
        "y ≥ -2: -2 >= -2, binds",
    ]


def test_a_bound_in_the_words_of_its_number() -> None:
    """The parameter the bound names was told somewhere."""
    told = nl2opt.explain(nl2opt.solve(nl2opt.read(BOUNDED.replace("2 * z >= y", "z >= -1"))))
    assert "“at most 5 high” (y ≤ tallest): 5 <= 5, binds" in [limit.sentence() for limit in told.limits]


def test_an_output_that_is_a_variable_or_an_expression_is_told_once(bounded: nl2opt.Explanation) -> None:
    """Its values stand there already; an output of the same name that is computed from it is told."""
    told = [name for name, *_ in (*bounded.values, *bounded.expressions)]
    assert sorted(told) == ["on", "total", "x", "x", "x", "y", "y", "z"]


def test_indices_of_mathematics_differ() -> None:
    """Two unnamed indices over one set are two indices."""
    model = nl2opt.read("nl2opt: 1\nsets: {Cells: range(9)}\n"
                        "variables: {digit: {over: 'Cells, Cells, c2 in Cells', type: binary}}")  # fmt: skip
    assert variable_line(model.variables[0]) == "digit[c, c3, c2] ∈ {0, 1}   for c ∈ Cells, c3 ∈ Cells, c2 ∈ Cells"
