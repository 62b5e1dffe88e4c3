"""Grounded rows against the referee's evaluator, which shares no code with the grounding."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from nl2opt.errors import EvaluationError, LimitExceeded, Unsupported
from nl2opt.ground.linear.binding import match
from nl2opt.ground.linear.grounding import LinearProgram, ground
from nl2opt.ground.linear.propagation import Rows, propagate
from nl2opt.ir import limits
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.evaluate import bindings, evaluate
from nl2opt.ir.instance import Instance
from nl2opt.ir.nodes import Compare, subtract
from nl2opt.passes import apply

DECLARATIONS = """nl2opt: 1
name: rows
sets:
  I: [a, b, c]
  N: range(5)
  Odd: "{n for n in N if n % 2 == 1}"
  Arcs: {elements: [[a, 0], [b, 3], [a, 4], [c, 1], [b, 1]]}
  Pairs: "{(i, j) for i in N for j in N if i < j}"
  near: {over: I, elements: {a: [0, 2, 3], b: [], c: [4, 1]}}
  upto: {over: n in N, elements: "range(n)"}
parameters:
  w: {over: I, value: [2, 0.5, -1]}
  d: {over: "I, N", value: [[1, 0, 2, 3, 0], [0, 0, 1, 1, 1], [5, 4, 3, 2, 1]]}
  arc_cost: {over: "(i, n) in Arcs", value: [3, 1, 4, 1, 5]}
  lead: {over: I, type: integer, value: [1, 0, 2]}
  home: {over: I, in: N, value: [4, 0, 2]}
  kind: {over: N, in: I, value: [a, b, a, c, b]}
  sparse: {over: "i in I, n in N if n > position(i)", default: 7, rows: [[a, 3, 2], [b, 2, 9]]}
  k: {type: integer, value: 2}
variables:
  x: {over: "I, N", type: real, lower: -5, upper: 20}
  f: {over: "(i, n) in Arcs", type: real, lower: -5, upper: 20}
  t: {over: N, type: real, lower: -5, upper: 20}
  q: {over: "i in I, n in N if d[i, n] > 0", type: real, lower: -5, upper: 20}
  g: {over: "i in I, n in near[i]", type: real, lower: -5, upper: 20}
  z: {type: real, lower: -5, upper: 20}
"""

CONSTRAINTS = [
    "for: i in I | sum(x[i, n] for n in N) <= w[i]",
    "for: n in N | sum(w[i] * x[i, n] for i in I) == sum(d[i, n] for i in I)",
    "for: 'i in I, n in N' | x[i, n] - 2 * x[i, n] >= d[i, n] / 2",
    "for: 'n in N, i in I' | x[i, n] <= z",
    "for: 'i in I, n in N if d[i, n] > 1' | x[i, n] + q[i, n] <= d[i, n] * z",
    "for: n in N | (t[n - 1] if n > 0 else 3) + t[n] == 1",
    "for: n in N if n != first(N) | t[prev(n)] - t[n] <= position(n)",
    "for: n in N | t[next(n, 2, wrap=True)] - t[prev(n, wrap=True)] <= 0",
    "for: n in N | sum(t[m] for m in N if n - k < m and m <= n) <= 4",
    "for: n in N | sum(t[m] for m in N if m != n) <= 4",
    "for: 'i in I, n in N' | sum(x[i, n - lead[i]] for m in range(1) if n >= lead[i]) <= 2",
    "for: i in I | sum(f[a, n] for (a, n) in Arcs if a == i) - sum(arc_cost[a, n] * f[a, n] for (a, n) in Arcs) == 0",
    "for: '(i, n) in Arcs' | f[i, n] <= x[i, n] + arc_cost[i, n]",
    "for: a in Arcs | f[a] <= arc_cost[a] * z",
    "for: '(i, j) in Pairs' | t[i] + t[j] <= t[i] + i * j",
    "for: i in I | sum(x[i, n] for n in near[i]) + sum(g[i, n] for n in near[i]) <= len(near[i])",
    "for: n in N | sum(t[m] for m in upto[n]) <= sum(m for m in upto[n])",
    "for: n in N | sum(t[m] for m in range(n, 5)) >= n",
    "for: n in Odd | t[n] + sum(x[i, m] for i in I for m in Odd if m <= n) <= 9",
    "for: i in I | x[i, home[i]] + t[home[i]] <= home[i]",
    "for: n in N | x[kind[n], n] + (t[n] if kind[n] == 'a' else 2 * z) <= w[kind[n]]",
    "for: i in I | sum(t[n] for n in N if kind[n] == i) <= 1",
    "sum(t[home[i]] for i in I for j in I) <= 3",
    "sum(x[i, n] * w[i] for i in I for n in N if (i, n) in Arcs) <= 10",
    "for: 'i in I, n in N if n > position(i)' | sparse[i, n] * x[i, n] <= max(sparse[i, m] for m in N if m > 2)",
    "sum(w[i] * sum(d[i, n] * x[i, n] for n in N if d[i, n] > 0) for i in I) <= sum(d)",
    "for: n in N | -(t[n] - (z - 2)) / 4 <= abs(n - 2) + floor(n / 2) + n // 2 + n % 3 + min(n, k)",
    "for: i in I | sum(q[i, n] for n in N if d[i, n] > 0 and n in near[i]) <= 5",
    "for: i in I | sum(g[i, n] * (1 if n in {0, 2} else -1) for n in near[i] if n in {0, 1, 4}) <= 5",
    "for: 'i in I, j in I if i != j' | sum(x[i, n] + x[j, n] for n in N) <= z + position(j)",
    "for: n in N | t[n] + sum(z for m in N if m < n) <= sum(1 for m in N if m < n)",
    "for: 'n in N if n in Odd | {4}' | t[n] <= (3 if k == 2 else 4)",
    "for: 'n in Odd - {1}' | sum(t[m] for m in {n, n - 1, 0}) <= 3",
    "for: n in N | sum(x[i, n] for i in I if lead[i] <= n and (n == 0 or x_ok[n - 1])) <= 3",
]


def instance_with(constraint: str) -> Instance:
    binding, _, expr = constraint.rpartition(" | ")
    extra = "  x_ok: {over: N, type: binary, value: [1, 0, 1, 1, 0]}\n"
    text = DECLARATIONS.replace("variables:", extra + "variables:")
    line = f'  - {{name: c, {binding + ", " if binding else ""}expr: "{expr}"}}'
    return bind(read_document(f"{text}constraints:\n{line}\n"))


def check_rows(instance: Instance, program: LinearProgram, seed: int = 0) -> None:
    """At a random point the rows say what the evaluator says, binding by binding."""
    rng = random.Random(seed)
    point = {
        v.name: {key: Fraction(rng.randint(-9, 9), 2) for key in v.domain.keys} for v in instance.variables.values()
    }
    columns = program.columns
    values = np.zeros(len(columns))
    for name, family in columns.families.items():
        assert family.keys() == list(instance.variables[name].domain.keys)
        values[columns.part(name)] = [float(value) for value in point[name].values()]
    rows, index, entries = program.entries()
    activity = np.bincount(rows, weights=entries * values[index], minlength=len(program.lower))
    pairs = np.stack([rows, index])
    assert len(np.unique(pairs, axis=1).T) == len(rows), "a column twice in a row"
    c = instance.model.constraints[0]
    assert isinstance(c.expr, Compare)
    family = program.rows[0]
    found = {}
    for n, key in enumerate(program.bindings(family)):
        row = family.first + n
        bound = program.upper[row] if np.isfinite(program.upper[row]) else program.lower[row]
        found[key] = activity[row] - bound
    expected = {}
    for key, env in bindings(c.over, instance):
        expected[key] = float(evaluate(subtract(c.expr.left, c.expr.right), instance, point, env))
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, abs=1e-9), key


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_rows_agree_with_the_evaluator(constraint: str) -> None:
    """Every shape of binding, filter, index and sum, against plain evaluation."""
    instance = instance_with(constraint)
    program = ground(instance, apply(instance.model)[0])
    for seed in range(3):
        check_rows(instance, program, seed)


def test_bounds_of_columns() -> None:
    """Bounds are expressions of the key; a binary lies in 0..1; an integer is whole."""
    text = """nl2opt: 1
name: bounds
sets: {I: [a, b]}
parameters: {p: {over: I, value: [3, 4]}}
variables:
  x: {over: i in I, type: integer, lower: "-p[i]", upper: "2 * p[i]"}
  y: {type: binary}
  z: {type: real, lower: -inf}
"""
    program = ground(bind(read_document(text)))
    assert program.columns.lower.tolist() == [-3, -4, 0, -np.inf]
    assert program.columns.upper.tolist() == [6, 8, 1, np.inf]
    assert program.columns.integrality.tolist() == [1, 1, 1, 0]


def test_objectives_in_order_of_priority() -> None:
    """Costs add up repeated columns; the constant is the offset."""
    text = """nl2opt: 1
name: goals
sets: {I: [a, b]}
variables: {x: {over: I, type: real}}
objectives:
  - {priority: 1, minimize: "sum(x[i] + x['a'] + 2 for i in I)"}
  - {priority: 5, maximize: "x['b'] / 4"}
"""
    first, second = ground(bind(read_document(text))).goals
    assert (first.sense, first.cost.tolist(), first.offset) == ("maximize", [0, 0.25], 0)
    assert (second.sense, second.cost.tolist(), second.offset) == ("minimize", [3, 1], 4)


@pytest.mark.parametrize(
    ("constraint", "binding"),
    [
        ("for: n in N | t[n - 1] <= 1", "n = 0"),
        ("for: n in N | t[next(n)] <= 1", "n = 4"),
        ("for: i in I | z <= max(d[i, n] for n in near[i])", "i = b"),
        ("for: 'i in I, n in N' | q[i, n] <= 1", "i = a, n = 1"),
        ("for: n in N | z / (n - 2) <= 1", "n = 2"),
    ],
)
def test_undefined_constants_name_the_binding(constraint: str, binding: str) -> None:
    """An index outside its set, a minimum of nothing, a division by zero: where it happens."""
    instance = instance_with(constraint)
    with pytest.raises(EvaluationError, match=binding):
        ground(instance)


def test_not_linear_is_refused() -> None:
    """A product that no rewrite took away."""
    with pytest.raises(Unsupported, match="E603"):
        ground(instance_with("z * z <= 3"))


def test_too_large_is_refused_before_it_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """The constraint and its size are named."""
    instance = instance_with("for: 'i in I, n in N' | x[i, n] <= z")
    monkeypatch.setattr(limits, "GROUNDED_TERMS", 10)
    with pytest.raises(LimitExceeded, match=r"(?s)constraint `c`.*15 rows with 30 terms"):
        ground(instance)


def test_close_comparisons_are_exact() -> None:
    """Filters on decimals are decided as exact numbers, not as floats."""
    text = """nl2opt: 1
name: exact
sets: {N: range(4)}
parameters: {p: {over: N, value: [0.1, 0.2, 0.3, 0.7]}}
variables: {x: {over: N, type: real}}
constraints:
  - {name: c, for: "n in N if p[n] + 0.2 == 0.3 or 3 * p[n] == 0.9 or p[n] * 10 // 1 == 7", expr: "x[n] <= 1"}
"""
    program = ground(bind(read_document(text)))
    assert program.bindings(program.rows[0]) == [(0,), (2,), (3,)]


def test_propagation_bounds_follow() -> None:
    """2x + y <= 10 with y >= 4 gives x <= 3; whole variables are rounded."""
    rows = Rows(np.array([0, 0]), np.array([0, 1]), np.array([2.0, 1.0]), np.array([-np.inf]), np.array([11.0]))
    lower, upper = propagate(rows, np.array([0.0, 4.0]), np.array([np.inf, np.inf]), np.array([True, False]))
    assert lower.tolist() == [0, 4] and upper.tolist() == [3, 11]


def test_propagation_of_a_contradiction_leaves_nothing_infinite() -> None:
    """x <= 10 and x >= 11: every bound is valid, so all are finite; near a contradiction nothing is invented."""
    rows = Rows(np.arange(2), np.zeros(2, int), np.ones(2), np.array([-np.inf, 11.0]), np.array([10.0, np.inf]))
    lower, upper = propagate(rows, np.zeros(2), np.array([np.inf, np.inf]), np.array([True, False]))
    assert lower.tolist() == [0, 0] and upper.tolist() == [0, 0]
    rows.lower[1] = 10 + 1e-8
    lower, upper = propagate(rows, np.zeros(2), np.array([np.inf, np.inf]), np.array([False, False]))
    assert upper[1] == np.inf


def test_match_finds_every_pair() -> None:
    """The join behind equality filters, against comparing all."""
    rng = np.random.default_rng(0)
    for high in (3, 50, 10**9):
        x, y = rng.integers(0, high, 40), rng.integers(0, high, 30)
        i, j = match(x, y)
        pairs = [(a, b) for a in range(40) for b in range(30) if x[a] == y[b]]
        assert list(zip(i.tolist(), j.tolist(), strict=True)) == pairs
