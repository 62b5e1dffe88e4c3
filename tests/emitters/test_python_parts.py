"""The parts of emitted programs: names that are taken, order of what is computed, lines that are broken."""

from __future__ import annotations

import ast
from typing import Any

import pyomo.environ as pyo
import pytest

from nl2opt.emitters import emit
from nl2opt.emitters.pyomo import RESERVED
from nl2opt.emitters.python.identifiers import Identifiers, ascii_identifier
from nl2opt.emitters.python.layout import wrapped
from nl2opt.emitters.python.literals import literal
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.solvers.program import solve

TARGETS = ("pyomo", "cpmpy", "ortools")


def test_no_component_is_named_like_an_attribute_of_a_pyomo_model() -> None:
    """Every public attribute of a model is reserved."""
    taken = {n for n in dir(pyo.ConcreteModel()) if not n.startswith("_")}
    assert not taken - RESERVED


@pytest.mark.parametrize(
    ("text", "identifier"),
    [("Größe", "Grosse"), ("1st", "n1st"), ("a  b", "a_b"), ("__x__", "x"), ("变量", ""), ("é", "e"), ("42", "")],
)
def test_identifiers_are_ascii(text: str, identifier: str) -> None:
    """What is left of a name when only ASCII letters, digits and underscores may stay."""
    assert ascii_identifier(text) == identifier


def test_identifiers_are_apart() -> None:
    """Keywords, builtins and earlier names are not given again."""
    names = Identifiers({"bake"})
    made = [names.make(n) for n in ("for", "sum", "bake", "bake", "a-b", "a_b", "data", "变量", "量")]
    assert made == ["for_2", "sum_2", "bake_2", "bake_3", "a_b", "a_b_2", "data_2", "x", "x_2"]


@pytest.mark.parametrize("target", TARGETS)
def test_derived_parameters_use_neighbours_and_each_other(target: str) -> None:
    """A parameter computed from its neighbour in time, declared before the parameter it is made of."""
    model = read_document(
        """
nl2opt: 1
name: derived
sets: {Months: [mar, apr, may]}
parameters:
  growth: {over: m in Months, type: integer, value: "sales[m] - sales[prev(m)] if m != first(Months) else 0"}
  sales: {over: Months, type: integer, value: [4, 6, 11]}
variables: {make: {over: Months, type: integer, upper: 20}}
constraints: [{name: grow, for: m in Months, expr: "make[m] >= growth[m] + (make[prev(m, 1, wrap=True)] - 20)"}]
objectives: [{minimize: sum(make)}]
""".replace("prev(m, 1, wrap=True)", "prev(m, wrap=True)")
    )
    result = solve(bind(model), target=target)
    assert result.objective == pytest.approx(0)
    assert "before_Months = dict(zip(Months[1:], Months))" in emit(bind(model), target).source


def test_long_lines_are_broken_at_brackets() -> None:
    """A generator goes below its body, arguments go one a line; the code stays the same."""
    line = "    total = quicksum(cost_of_transport[p, m] * shipped_over[p, m] for p in Plants for m in Markets if x)"
    lines = wrapped(line)
    assert lines[1].strip().startswith("cost_of") and lines[2].strip().startswith("for p in Plants for m")
    assert ast.dump(ast.parse("\n".join(lines).replace("    total", "total", 1))) == ast.dump(ast.parse(line.strip()))


@pytest.mark.parametrize("value", [{"a": [1, 2.5, "x"], "b": {}}, [["a", 1]], "\u2028", -3, 1e-7])
def test_literals_read_back(value: Any) -> None:
    """DATA is a plain literal."""
    assert ast.literal_eval(literal(value)) == value
