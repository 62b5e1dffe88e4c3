"""What kind of problem a model is, and why."""

from __future__ import annotations

import pytest

from nl2opt.ir.document import read_document
from nl2opt.ir.kind import kind_of

HEAD = """
nl2opt: 1
sets: {I: [a, b, c], N: range(4)}
parameters: {w: {over: I, value: [1, 2, 3]}}
variables: {VARS}
constraints: [{name: one, expr: "EXPR"}]
objectives: [{minimize: "GOAL"}]
"""
REAL = "x: {over: I, type: real}, y: {type: real}"
INTEGER = "x: {over: I, type: integer}, y: {type: integer}, on: {type: binary}"
MIXED = "x: {over: I, type: real}, y: {type: real}, on: {type: binary}, m: {type: integer}"
SETS = "seat: {over: N, in: N}, pick: {in: I}"

KINDS = [
    (REAL, "sum(x) <= 3", "y", "LP", set()),
    (REAL, "sum(x) <= 3 and y >= 1 and 1 <= x['a'] <= 2", "y", "LP", set()),
    (REAL, "abs(y) <= 3", "y", "MILP", {"piecewise"}),
    (REAL, "y <= 3 or y >= 5", "y", "MILP", {"logic"}),
    (REAL, "sum(x) <= 3", "y * y", "QP", {"product"}),
    (REAL, "sum(x) <= 3", "y ** 2 + x['a'] * x['b']", "QP", {"product"}),
    (REAL, "y * x['a'] <= 3", "y", "QCP", {"product"}),
    (REAL, "y * x['a'] * x['b'] <= 3", "y", "NLP", {"nonlinear"}),
    (REAL, "sqrt(y) <= 3", "y", "NLP", {"nonlinear"}),
    (REAL, "w['a'] / y <= 3", "y", "NLP", {"nonlinear"}),
    (INTEGER, "sum(x) <= 3", "y", "MILP", {"integer"}),
    (INTEGER, "implies(on, sum(x) <= 3)", "y", "MILP", {"integer", "logic"}),
    (INTEGER, "x['a'] * on <= 3", "y", "MILP", {"integer", "binary product"}),
    (INTEGER, "x['a'] * y <= 3", "y", "CP", {"integer product"}),
    (INTEGER, "x['a'] % 3 == 1", "y", "CP", {"integer division"}),
    (INTEGER, "all_different(x)", "y", "CP", {"global"}),
    (MIXED, "y <= 3 * on", "y", "MILP", {"continuous", "integer"}),
    (MIXED, "y * on <= 3", "y", "MILP", {"binary product"}),
    (MIXED, "y * m <= 3", "y", "MIQCP", {"mixed product"}),
    (MIXED, "y <= 3 * on", "y ** 2", "MIQP", {"product"}),
    (MIXED, "exp(y) <= 3 * on", "y", "MINLP", {"nonlinear"}),
    (SETS, "circuit(seat)", "seat[0]", "CP", {"global", "in set"}),
    (SETS, "w[pick] >= 2", "seat[0]", "CP", {"element", "labels"}),
    (SETS, "(seat[0], seat[1]) in {(1, 2), (2, 3)}", "seat[0]", "CP", {"membership"}),
]


@pytest.mark.parametrize(("variables", "expr", "goal", "name", "features"), KINDS)
def test_kinds(variables: str, expr: str, goal: str, name: str, features: set[str]) -> None:
    """The name, and the features that made it so."""
    text = HEAD.replace("VARS", variables).replace("EXPR", expr).replace("GOAL", goal)
    kind = kind_of(read_document(text))
    assert kind.name == name
    assert features <= {f.name for f in kind.features}


def test_branches_known_before_solving_are_no_logic() -> None:
    """`if`, `implies`, `or` over constants leave a linear row linear."""
    for expr in ("(y if w['a'] > 1 else 0) <= 3", "implies(w['a'] > 1, y <= 3)", "x['a'] <= 3 and w['a'] > 0"):
        text = HEAD.replace("VARS", REAL).replace("EXPR", expr).replace("GOAL", "y")
        assert kind_of(read_document(text)).name == "LP"


def test_features_say_where() -> None:
    """The first place of each."""
    text = HEAD.replace("VARS", INTEGER).replace("EXPR", "all_different(x)").replace("GOAL", "y")
    assert kind_of(read_document(text)).why() == "CP: integer (variables[0] `x`), global (constraints[0] `one`)"


def test_named_expressions_count_where_they_are_used() -> None:
    """A nonlinear expression that is only reported makes nothing nonlinear."""
    text = HEAD.replace("VARS", REAL).replace("EXPR", "sum(x) <= 3").replace("GOAL", "y")
    assert kind_of(read_document(text + 'expressions: {e: "sqrt(y)"}\n')).name == "LP"
    assert kind_of(read_document(text.replace('"y"', '"e"') + 'expressions: {e: "sqrt(y)"}\n')).name == "NLP"
