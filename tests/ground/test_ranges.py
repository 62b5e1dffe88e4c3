"""Coefficients that lie too far apart and huge big-Ms are told with the constraint and the binding; others are not."""

from __future__ import annotations

import numpy as np
import pytest

from nl2opt.errors import Diagnostic
from nl2opt.explain.answer import answer
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.solvers.highs import numerics

MODEL = """
nl2opt: 1
sets: {{I: [ash, birch]}}
parameters:
  room: {{over: I, value: {room}}}
  rate: {{over: I, value: {rate}}}
variables:
  x: {{over: i in I, type: real, upper: "room[i]"}}
  on: {{over: I, type: binary}}
constraints:
  - {{name: link, for: i in I, expr: "implies(x[i] > 0, on[i])", quotes: [only an open site ships]}}
  - {{name: enough, expr: "sum(rate[i] * x[i] for i in I) >= 3", quotes: [at least 3]}}
objectives: [{{minimize: sum(on)}}]
"""


def _found(room: str = "[50, 40]", rate: str = "[1, 2]") -> tuple[Diagnostic, ...]:
    return numerics(bind(read_document(MODEL.format(room=room, rate=rate))))


def test_ordinary_numbers_are_silent() -> None:
    """Nothing is said of tens beside units, nor of a big-M of a million."""
    assert _found() == ()
    assert _found(room="[1000000, 40]") == ()
    assert _found(rate="[0.001, 1000]") == ()


def test_a_huge_big_m_names_the_constraint_and_the_binding() -> None:
    """The amount a binary switches, in the row where it is largest."""
    (d,) = _found(room="[50, 30000000]")
    assert (d.code, d.severity) == ("W-big-m", "warning")
    assert d.where == 'constraint `link` [birch], from "only an open site ships"'
    assert "30,000,000" in d.found
    assert "upper" in d.fix


def test_a_wide_row_names_its_coefficients() -> None:
    """Beyond 1e9 between the smallest and the largest coefficient of one row."""
    (d,) = _found(rate="[0.0001, 500000]")
    assert d.code == "W-range"
    assert d.where == 'constraint `enough`, from "at least 3"'
    assert "0.0001" in d.found
    assert "5e+05" in d.found
    assert _found(rate="[0.001, 500000]") == ()


def test_a_wide_matrix_names_both_rows() -> None:
    """Rows that are narrow by themselves, and too far from each other."""
    text = """
nl2opt: 1
variables: {x: {type: real, upper: 9}, y: {type: real, upper: 9}}
constraints:
  - {name: fine, expr: 0.00001 * x + 0.00002 * y >= 0.00003}
  - {name: coarse, expr: 900000 * x + 800000 * y <= 1800000}
objectives: [{minimize: x + y}]
"""
    (d,) = numerics(bind(read_document(text)))
    assert d.code == "W-range"
    assert "`fine`" in d.where
    assert "`coarse`" in d.where


def test_a_large_cost_of_a_choice_is_no_big_m() -> None:
    """A person's own row over binaries, and one a rewrite made without a switch."""
    text = """
nl2opt: 1
variables: {a: {type: binary}, b: {type: binary}}
constraints: [{name: budget, expr: 30000000 * a + 20000000 * b <= 40000000}, {name: either, expr: a or b}]
objectives: [{maximize: a + b}]
"""
    assert numerics(bind(read_document(text))) == ()


def test_what_high_does_not_take_has_no_findings() -> None:
    """A product of integers has no rows to look at."""
    text = "nl2opt: 1\nvariables: {x: {type: real}, y: {type: real}}\nconstraints: [{expr: x * y >= 1}]"
    assert numerics(bind(read_document(text))) == ()


def test_an_answer_carries_the_warnings() -> None:
    """Whichever route came first."""
    found = answer(bind(read_document(MODEL.format(room="[50, 30000000]", rate="[1, 2]"))))
    assert [d.code for d in found.diagnostics] == ["W-big-m"]
    assert np.isclose(found.result.objective or 0, 1)


@pytest.mark.parametrize("by", ["row", "column"])
def test_matrices_by_row_and_by_column(by: str) -> None:
    """The same finding whichever way the matrix is held."""
    names = "sum(k[i, j] * x[i, j] for j in J) >= 1"
    over = "for: i in I, " if by == "row" else "for: j in J, "
    text = f"""
nl2opt: 1
sets: {{I: range(40), J: range(50)}}
parameters: {{k: {{over: "i in I, j in J", value: "0.00001 if i + j == 7 else 900000"}}}}
variables: {{x: {{over: "I, J", type: real, upper: 9}}}}
constraints: [{{name: each, {over}expr: "{names if by == "row" else names.replace("for j in J", "for i in I")}"}}]
objectives: [{{minimize: sum(x)}}]
"""
    (d,) = numerics(bind(read_document(text)))
    assert d.code == "W-range"
    assert d.where == "constraint `each` [0]"
