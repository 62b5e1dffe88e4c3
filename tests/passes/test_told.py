"""Refusals name the person's own constraint and text, whatever a rewrite made of it."""

from __future__ import annotations

import pytest

from nl2opt.errors import EvaluationError, Nl2optError, Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.solvers import highs

HEAD = """
sets: {N: range(4), near: {over: N, elements: [[1], [0, 2], [1, 3], [2]]}}
parameters: {price: {over: N, value: [3, 1, 2, 4]}}
variables: {x: {in: N}, r: {type: real}, y: {over: N, type: real, upper: 9}}
"""


@pytest.mark.parametrize(
    ("expr", "error", "code", "where", "found"),
    [
        ("r * price[x] >= 3", Unsupported, "E604", "constraint `area`", "r has no upper bound"),
        ("y[0] * y[1] * x >= 3", Unsupported, "E602", "`area`", "y[0] * y[1] * x >= 3"),
        ("y[0] * r >= 3", Unsupported, "E602", "`area`", "y[0] * r"),
        ("sqrt(r) + x >= 3", Unsupported, "E603", "constraint `area`", "sqrt(r)"),
        ("all(y[n] >= sum(1 for j in near[n - 1]) for n in N)", EvaluationError, "V101", "constraint `area`",
         "near[n - 1]"),
    ],
)  # fmt: skip
def test_refusals_are_said_of_the_source(
    expr: str, error: type[Nl2optError], code: str, where: str, found: str
) -> None:
    """The place is a constraint of the document, and no name in the text is a generated one."""
    text = f"nl2opt: 1\nname: small{HEAD}constraints: [{{name: area, expr: '{expr}'}}]\nobjectives: [{{minimize: r}}]"
    with pytest.raises(error) as e:
        highs.solve(bind(read_document(text)))
    d = e.value.diagnostics[0]
    assert (d.code, d.found) == (code, found) and d.where.startswith(where)


def test_the_longest_name_is_the_source() -> None:
    """`area_b_product` serves `area_b`, though `area` is a constraint, too."""
    rows = "constraints: [{name: area, expr: r <= x}, {name: area_b, expr: 'y[0] * price[x] + r * price[x] >= 3'}]"
    with pytest.raises(Unsupported) as e:
        highs.solve(bind(read_document(f"nl2opt: 1\nname: small{HEAD}{rows}".replace("r <= x", "r >= x"))))
    assert e.value.diagnostics[0].where == "constraint `area_b`"
