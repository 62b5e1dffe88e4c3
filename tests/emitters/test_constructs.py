"""Constructs one at a time: what a program says of them, and that its answer is the referee's."""

from __future__ import annotations

from typing import Any

import pytest

from nl2opt.emitters import emit
from nl2opt.emitters.pyomo import PyomoWriter
from nl2opt.emitters.python.choices import ChoiceWriter
from nl2opt.errors import Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.ir.nodes import Name, Tuple
from nl2opt.solvers.program import solve
from nl2opt.solvers.result import Termination

TARGETS = ("pyomo", "cpmpy")


def instance(text: str, **data: Any) -> Instance:
    """A document's text -> an instance."""
    return bind(read_document("nl2opt: 1\nname: example\n" + text), data)


PACKING = """
sets: {I: range(2)}
variables: {x: {over: I, type: integer, upper: ACROSS}, y: {over: I, type: integer, upper: 2}}
constraints: [{expr: "no_overlap_2d(ROWS)"}]
"""


@pytest.mark.parametrize("rows", ["[(x[i], 2, y[i], 3) for i in I]", "[(x[0], 2, y[0], 3), (x[1], 2, y[1], 3)]"])
def test_rectangles(rows: str) -> None:
    """Two of width 2 lie side by side where there is room for 4."""
    text = PACKING.replace("ROWS", rows)
    for across, expected in (("2", Termination.OPTIMAL), ("1", Termination.INFEASIBLE)):
        assert solve(instance(text.replace("ACROSS", across)), target="cpmpy").termination is expected


def test_what_no_writer_knows_is_refused() -> None:
    """A node that has no source is Unsupported with a reason, never a broken assertion."""
    model = instance("variables: {x: {type: integer, upper: 3}}")
    for writer in (ChoiceWriter(model), PyomoWriter(model)):
        with pytest.raises(Unsupported) as refusal:
            writer.write(Tuple((Name("x"), Name("x"))), {})
        assert refusal.value.diagnostics[0].expected


TABLE = """
sets: {Pairs: {elements: [[1, 2], [2, 3], [3, 1]]}, Colours: [red, blue], Liked: {elements: [[red, 3], [blue, 1]]}}
parameters: {first: {type: integer, value: 2}}
variables:
  a: {type: integer, upper: 5}
  b: {type: integer, upper: 5}
  c: {in: Colours}
constraints: [CONDITIONS]
objectives: [{maximize: a + b}]
"""


@pytest.mark.parametrize(
    ("conditions", "said", "best"),
    [
        ('{expr: "(a, b) in Pairs"}', "model += cp.Table([a, b], Pairs)", 5),
        ('{expr: "(c, b) in Liked"}, {expr: a <= 1}', "cp.Table([c, b], [(Colours.index(column_1), column_2) for", 4),
        ('{expr: "(a, b) in {(i, j) for (i, j) in Pairs if i > 3}"}', "model += table([a, b], [", None),
        ('{expr: "(a, b) in Pairs or a + b <= 4"}', "(a == column_1) & (b == column_2)", 5),
        ('{expr: "(first, b) in Pairs"}', "cp.InDomain(b, [column_2 for", 8),
    ],
)
def test_tables(conditions: str, said: str, best: int | None) -> None:
    """A tuple of variables in a set of tuples is a table where it must hold; no rows, no solution."""
    model = instance(TABLE.replace("CONDITIONS", conditions))
    assert said in emit(model, "cpmpy").source
    result = solve(model, target="cpmpy")
    assert (result.objective if best is not None else result.point) == best
