"""Hand-made spans -> declarations: rows, limits, bounds, shares, comparisons and the objective."""

from __future__ import annotations

import pytest

from nl2opt.bench.flat import flat_of, solve
from nl2opt.formulate.embedded import Formulation, formulate_embedded
from nl2opt.formulate.embedded.declarations import Bound, Comparison, LinearRow, Share, TotalBound
from tests.formulate.word_problems import KAYAKS, LORRIES, MACHINES, STALLS, SYRUP, marked


def parse(text: str) -> Formulation:
    """The formulation of a marked text."""
    plain, spans = marked(text)
    return formulate_embedded(plain, spans)


def test_rows_bounds_and_ratios() -> None:
    """One resource, one bound, one ratio, money as the objective."""
    found = parse(KAYAKS)
    assert [d.name for d in found.decisions] == ["kayaks", "canoes"]
    assert found.objective is not None and found.objective.sense == "maximize"
    assert [cell and cell.value for cell in found.objective.cells] == [25, 40]
    row = next(c for c in found.constraints if isinstance(c, LinearRow))
    assert ([cell and cell.value for cell in row.cells], row.op, row.bound.value) == ([10, 15], "<=", 600)
    bound = next(c for c in found.constraints if isinstance(c, Bound))
    assert (bound.decision, bound.op, bound.bound.value) == (0, ">=", 8)
    ratio = next(c for c in found.constraints if isinstance(c, Comparison))
    assert (ratio.left, ratio.op, ratio.right, ratio.factor and ratio.factor.value) == (0, ">=", 1, 2)
    assert found.doubts == ()


def test_shares_and_real_amounts() -> None:
    """A percentage of the whole, a measured amount."""
    found = parse(SYRUP)
    share = next(c for c in found.constraints if isinstance(c, Share))
    assert (share.decision, share.op, float(share.part.value)) == (0, ">=", 0.3)
    assert found.document is not None and found.document["variables"][0]["type"] == "real"


def test_three_decisions_and_a_total() -> None:
    """Rows align over three decisions; `in total` bounds the sum; a comparison needs no number."""
    found = parse(STALLS)
    total = next(c for c in found.constraints if isinstance(c, TotalBound))
    assert (total.members, total.op, total.bound.value) == ((0, 1, 2), "<=", 16)
    plain = next(c for c in found.constraints if isinstance(c, Comparison))
    assert (plain.left, plain.op, plain.right, plain.factor) == (0, ">=", 2, None)
    row = next(c for c in found.constraints if isinstance(c, LinearRow))
    assert [cell and cell.value for cell in row.cells] == [80, 120, 60]


def test_counting_objective() -> None:
    """When every row has its limit, what is minimised is the number of things."""
    found = parse(LORRIES)
    assert found.objective is not None and found.objective.cells == () and found.objective.sense == "minimize"
    sides = sorted((c.op, int(c.bound.value)) for c in found.constraints if isinstance(c, LinearRow))
    assert sides == [("<=", 300), (">=", 150)]


def test_one_limit_on_several_rows_in_another_unit() -> None:
    """`Each machine ... 8 hours` limits both rows, and hours become minutes."""
    found = parse(MACHINES)
    limits = [c for c in found.constraints if isinstance(c, LinearRow)]
    assert [(int(c.bound.value), int(c.bound.times)) for c in limits] == [(480, 60), (480, 60)]
    assert any("converted" in assumption for assumption in found.assumptions)


@pytest.mark.parametrize(("text", "value"), [(KAYAKS, 1540), (LORRIES, 14)])
def test_optimum(text: str, value: float) -> None:
    """The whole-number optimum of a text, worked out by hand."""
    model = flat_of(parse(text))
    assert model is not None
    assert solve(model, whole=True).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("sentence", "op", "limit"),
    [
        ("They can rent {CONST_DIR:no more than} {LIMIT:9} {VAR:canoes}.", "<=", 9),
        ("The number of {VAR:canoes} cannot be less than {LIMIT:9}.", ">=", 9),
        ("The number of {VAR:canoes} {CONST_DIR:must not exceed} {LIMIT:9}.", "<=", 9),
        ("They have to rent {LIMIT:9} or more {VAR:canoes}.", ">=", 9),
        ("{CONST_DIR:Up to} {LIMIT:9} {VAR:canoes} can be rented.", "<=", 9),
    ],
)
def test_directions(sentence: str, op: str, limit: int) -> None:
    """Ways to state a bound, negated and turned round."""
    found = parse(KAYAKS.replace("{CONST_DIR:At least} {LIMIT:8} {VAR:kayaks} must be rented.", sentence))
    bound = next(c for c in found.constraints if isinstance(c, Bound))
    assert (found.decisions[bound.decision].name, bound.op, bound.bound.value) == ("canoes", op, limit)


@pytest.mark.parametrize(
    ("sentence", "left", "op", "right"),
    [
        ("There must be {CONST_DIR:more} {VAR:canoes} than {VAR:kayaks}.", "canoes", ">=", "kayaks"),
        ("The number of {VAR:kayaks} {CONST_DIR:cannot exceed} the number of {VAR:canoes}.", "kayaks", "<=", "canoes"),
        ("The number of {VAR:kayaks} must be {CONST_DIR:less than} that of {VAR:canoes}.", "kayaks", "<=", "canoes"),
    ],
)
def test_comparisons(sentence: str, left: str, op: str, right: str) -> None:
    """Ways to compare two decisions without a number."""
    ratio = "{CONST_DIR:At least} {PARAM:twice} as many {VAR:kayaks} as {VAR:canoes} must be rented."
    found = parse(KAYAKS.replace(ratio, sentence))
    (c,) = [c for c in found.constraints if isinstance(c, Comparison)]
    assert (found.decisions[c.left].name, c.op, found.decisions[c.right].name) == (left, op, right)


def test_a_wrong_tag_is_mended() -> None:
    """A coefficient tagged as a limit is taken for what the other numbers make it, and the answer says so."""
    text, spans = marked(KAYAKS.replace("takes {PARAM:15} minutes", "takes {LIMIT:15} minutes"))
    found = formulate_embedded(text, spans)
    row = next(c for c in found.constraints if isinstance(c, LinearRow))
    assert [cell and cell.value for cell in row.cells] == [10, 15]
    assert "departure" in {doubt.code for doubt in found.doubts}


def test_lists_in_the_same_order() -> None:
    """Numbers of a list share the noun after the last; a coefficient may be zero in words; sums are compared."""
    found = parse(
        "A shop sews {VAR:hats}, {VAR:gloves} and {VAR:socks}. {VAR:Hats}, {VAR:gloves} and {VAR:socks} need "
        "{PARAM:7}, {PARAM:4} and {PARAM:5} minutes of cutting and {PARAM:3}, {PARAM:6} and {PARAM:2} minutes of "
        "sewing, respectively. There are {CONST_DIR:at most} {LIMIT:400} minutes for cutting and {LIMIT:330} "
        "minutes for sewing. A {VAR:hat} takes {PARAM:3} g of silk, {VAR:gloves} {PARAM:2} and {VAR:socks} "
        "nothing, and {CONST_DIR:at most} {LIMIT:90} g of silk are used. {VAR:Hats} must be {CONST_DIR:no more} "
        "than {VAR:gloves} and {VAR:socks} together. The {OBJ_NAME:profit} is ${PARAM:9}, ${PARAM:8} and "
        "${PARAM:7}, in the same order. How many of each give the {OBJ_DIR:highest} {OBJ_NAME:profit}?"
    )
    rows = {
        int(c.bound.value): [cell and cell.value for cell in c.cells]
        for c in found.constraints
        if isinstance(c, LinearRow)
    }
    assert rows == {400: [7, 4, 5], 330: [3, 6, 2], 90: [3, 2, 0]}
    assert found.objective is not None and [cell and cell.value for cell in found.objective.cells] == [9, 8, 7]
    summed = next(c for c in found.constraints if isinstance(c, Comparison))
    assert (summed.left, summed.op, summed.right, summed.others) == (0, "<=", 1, (2,))


def test_a_multiple_of_another_coefficient() -> None:
    """`four times as much` is a coefficient; a limit is told after its number; `by 8 at most` caps a difference."""
    found = parse(
        "A farm sells {VAR:plums} and {VAR:figs} by the crate. A crate of {VAR:plums} {OBJ_NAME:earns} "
        "${PARAM:7} and a crate of {VAR:figs} earns {PARAM:four times} as much. {CONST_DIR:At most} {LIMIT:60} "
        "crates can be picked in total. Friends have ordered {LIMIT:5} crates of {VAR:plums}, so we need at "
        "least that many. The number of crates of {VAR:figs} may {CONST_DIR:exceed} the number of crates of "
        "{VAR:plums} by {LIMIT:8} {CONST_DIR:at most}. How many crates of each {OBJ_DIR:maximize} the "
        "{OBJ_NAME:earnings}?"
    )
    assert found.objective is not None and [cell and cell.value for cell in found.objective.cells] == [7, 28]
    assert [(c.decision, c.op) for c in found.constraints if isinstance(c, Bound)] == [(0, ">=")]
    compared = [c for c in found.constraints if isinstance(c, Comparison)]
    assert [(c.left, c.op, c.right, c.offset and c.offset.value) for c in compared] == [(1, "<=", 0, 8)]
