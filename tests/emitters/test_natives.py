"""What the patterns of global constraints take, and the near misses they leave alone."""

from __future__ import annotations

import pytest

from nl2opt.emitters.natives import (
    AllDifferent,
    GlobalCardinality,
    Increasing,
    Inverse,
    LexLess,
    count,
    native,
)
from nl2opt.emitters.python.indices import name_indices
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.model import Constraint, Model
from nl2opt.ir.nodes import Aggregate, Expr
from nl2opt.ir.text import print_expression
from nl2opt.ir.walk import subexpressions

DOCUMENT = """
nl2opt: 1
name: example
sets: {I: range(4), Labels: [a, b, c], Scattered: [3, 1, 2], Pairs: {elements: [[0, 1], [1, 2]]}}
parameters: {times: {over: I, type: integer, value: [1, 1, 1, 1]}, size: {over: I, type: integer, value: [1, 2, 3, 4]}}
variables:
  x: {over: I, in: I}
  y: {over: I, in: I}
  w: {over: I, in: "range(3)"}
  u: {over: Scattered, type: integer, upper: 9}
  l: {over: Labels, in: Labels}
  m: {over: "Labels, I", in: I}
  k: {type: integer, upper: 9}
constraints: [CONSTRAINT]
"""


def stated(constraint: str) -> tuple[Constraint, Model]:
    """A constraint as a document has it -> the constraint with named indices, and its model."""
    model = read_document(DOCUMENT.replace("CONSTRAINT", constraint))
    named = name_indices(model, bind(model))
    return named.constraints[0], named


def said(e: Expr) -> str:
    return print_expression(e)


@pytest.mark.parametrize(
    ("expr", "values", "value"),
    [
        ("sum(x[i] == 2 for i in I) <= 3", "[x[i] for i in I]", "2"),
        ("sum(k == x[i] for i in I) <= 3", "[x[i] for i in I]", "k"),
        ("sum(l[s] == 'a' for s in Labels) <= 3", "[l[s] for s in Labels]", "'a'"),
        (
            "sum(m[s, i] == size[1] for s in Labels for i in I if i > 1) <= 3",
            "[m[s, i] for s in Labels for i in I if i > 1]",
            "size[1]",
        ),
    ],
)
def test_counts(expr: str, values: str, value: str) -> None:
    """A sum of comparisons with one value."""
    c, model = stated(f'{{expr: "{expr}"}}')
    found = next(f for e in subexpressions(c.expr) if (f := count(e, model)) is not None)
    assert (said(found.values), said(found.value)) == (values, value)


@pytest.mark.parametrize(
    "expr",
    [
        "sum(x[i] == i for i in I) <= 3",  # another value each time
        "sum(x[i] == y[i] for i in I) <= 3",
        "sum(x[i] != 2 for i in I) <= 3",
        "sum(size[i] == 2 for i in I) <= k",  # known
        "sum(x[y[i]] == 2 for i in I) <= 3",  # an undefined index makes one comparison false, not the whole sum
        "sum(x[i] == 1 for i in I if y[i] == 2) <= 3",
        "sum(k == 3 for i in I) <= 3",
    ],
)
def test_no_count(expr: str) -> None:
    """What only looks like one."""
    c, model = stated(f'{{expr: "{expr}"}}')
    assert all(count(e, model) is None for e in subexpressions(c.expr) if isinstance(e, Aggregate))


CARDINALITY = [
    ("for: k_ in I, expr: 'sum(x[i] == k_ for i in I) == times[k_]'", "==", "times[k_]"),
    ("for: k_ in I, expr: '3 >= sum(x[i] == k_ for i in I)'", "<=", "3"),
    ("for: s in Labels, expr: 'sum(l[t] == s for t in Labels) >= k'", ">=", "k"),
]


@pytest.mark.parametrize(("constraint", "op", "times"), CARDINALITY)
def test_global_cardinality(constraint: str, op: str, times: str) -> None:
    """Counts of every value of a set."""
    found = native(*stated(f"{{{constraint}}}"))
    assert isinstance(found, GlobalCardinality) and (found.op, said(found.times)) == (op, times)


@pytest.mark.parametrize(
    "constraint",
    [
        "for: k_ in I, expr: 'sum(x[i] == k_ for i in I) != 1'",
        "for: k_ in I if k_ > 1, expr: 'sum(x[i] == k_ for i in I) == 1'",
        "for: k_ in I, expr: 'sum(x[i] == k_ for i in I if i != k_) == 1'",  # other values for each
        "for: k_ in I, expr: 'sum(x[i] == k_ + 1 for i in I) == 1'",
        "for: k_ in I, penalty: 2, expr: 'sum(x[i] == k_ for i in I) == 1'",
        "for: 'k_ in I, j in I', expr: 'sum(x[i] == k_ for i in I) == 1'",
    ],
)
def test_no_global_cardinality(constraint: str) -> None:
    """Filters, pairs, penalties and shifted values are none."""
    assert native(*stated(f"{{{constraint}}}")) is None


@pytest.mark.parametrize(
    ("constraint", "values", "outer"),
    [
        ("for: 'i in I, j in I if i < j', expr: 'x[i] != x[j]'", "[x[i] for i in I]", 0),
        ("for: 'i in I, j in I if j < i', expr: 'x[j] + j != x[i] + i'", "[x[j] + j for j in I]", 0),
        ("for: 'i in I, j in I if i != j', expr: 'x[i] != x[j]'", "[x[i] for i in I]", 0),
        (
            "for: 's in Labels, t in Labels if position(s) < position(t)', expr: 'l[s] != l[t]'",
            "[l[s] for s in Labels]",
            0,
        ),
        ("for: 's in Labels, i in I, j in I if i < j', expr: 'm[s, i] != m[s, j]'", "[m[s, i] for i in I]", 1),
        ("expr: 'all(x[i] != x[j] for i in I for j in I if i < j)'", "[x[i] for i in I]", 0),
    ],
)
def test_all_different(constraint: str, values: str, outer: int) -> None:
    """Each pair is unequal."""
    found = native(*stated(f"{{{constraint}}}"))
    assert isinstance(found, AllDifferent) and (said(found.values), len(found.over)) == (values, outer)


@pytest.mark.parametrize(
    "constraint",
    [
        "for: 'i in I, j in I', expr: 'x[i] != x[j]'",  # i == j is among them
        "for: 'i in I, j in I if i < j + 1', expr: 'x[i] != x[j]'",
        "for: 'i in I, j in I if i < j', expr: 'x[i] != y[j]'",
        "for: 'i in I, j in I if i < j', expr: 'x[i] + j != x[j] + j'",
        "for: 'i in I, j in Scattered if i < j', expr: 'x[i] != u[j]'",
        "for: 'i in I, j in I if i < j', expr: 'x[y[i]] != x[y[j]]'",
        "for: '(i, j) in Pairs', expr: 'x[i] != x[j]'",
    ],
)
def test_not_all_different(constraint: str) -> None:
    """Some pairs only, or of other values."""
    assert native(*stated(f"{{{constraint}}}")) is None


@pytest.mark.parametrize("expr", ["y[x[i]] == i", "i == y[x[i]]"])
def test_inverse(expr: str) -> None:
    """There and back over one set."""
    assert native(*stated(f"{{for: i in I, expr: '{expr}'}}")) == Inverse(
        "x", "y", stated("{expr: k <= 3}")[1].variables[0].over[0].source
    )


@pytest.mark.parametrize(
    "constraint",
    [
        "for: i in I, expr: 'y[w[i]] == i'",  # w has values in another set
        "for: i in I if i > 0, expr: 'y[x[i]] == i'",
        "for: i in I, expr: 'y[x[i]] == i + 1'",
        "for: i in I, expr: 'y[x[i]] != i'",
        "for: i in I, expr: 'size[x[i]] == i'",
    ],
)
def test_no_inverse(constraint: str) -> None:
    """Another set, some elements only, a shift."""
    assert native(*stated(f"{{{constraint}}}")) is None


@pytest.mark.parametrize(
    ("constraint", "op", "values"),
    [
        ("for: i in I if i != last(I), expr: 'x[i] <= x[next(i)]'", "<=", "[x[i] for i in I]"),
        ("for: i in I if i != first(I), expr: 'x[prev(i)] < x[i]'", "<", "[x[i] for i in I]"),
        ("for: i in I if i + 1 in I, expr: 'x[i + 1] <= x[i]'", ">=", "[x[i] for i in I]"),
        ("for: i in I if i > first(I), expr: 'x[i] >= x[i - 1]'", "<=", "[x[i] for i in I]"),
        ("for: 's in Labels, i in I if i != last(I)', expr: 'm[s, i] <= m[s, next(i)]'", "<=", "[m[s, i] for i in I]"),
        ("for: s in Scattered if s != last(Scattered), expr: 'u[s] < u[next(s)]'", "<", "[u[s] for s in Scattered]"),
    ],
)
def test_increasing(constraint: str, op: str, values: str) -> None:
    """Neighbours are in order."""
    found = native(*stated(f"{{{constraint}}}"))
    assert isinstance(found, Increasing) and (found.op, said(found.values)) == (op, values)


@pytest.mark.parametrize(
    "constraint",
    [
        "for: i in I if i != first(I), expr: 'x[i] <= x[next(i)]'",
        "for: i in I if i != last(I), expr: 'x[i] != x[next(i)]'",
        "for: i in I if i != last(I), expr: 'x[i] <= y[next(i)]'",
        "for: i in I if i != last(I), expr: 'x[i] <= x[next(i)] + 1'",
        "for: i in I if i < 2, expr: 'x[i] <= x[i + 1]'",  # a number, not the end of the set
        "for: i in I, expr: 'x[i] <= x[next(i, 1)]'",
        "for: s in Scattered if s + 1 in Scattered, expr: 'u[s] <= u[s + 1]'",
    ],
)
def test_not_increasing(constraint: str) -> None:
    """Another end, another array, a set with another order."""
    assert native(*stated(f"{{{constraint}}}")) is None


LEX = "any(x[i] < y[i] and all(x[j] == y[j] for j in I if j < i) for i in I)"


@pytest.mark.parametrize(
    ("expr", "strict"),
    [
        (LEX, True),
        (f"{LEX} or all(x[j] == y[j] for j in I)", False),
        (f"all(x[i] == y[i] for i in I) or {LEX}", False),
        (LEX.replace("j < i", "position(j) < position(i)"), True),
    ],
)
def test_lex_less(expr: str, strict: bool) -> None:
    """The first difference decides."""
    found = native(*stated(f'{{expr: "{expr}"}}'))
    assert isinstance(found, LexLess) and found.strict is strict
    assert (said(found.left), said(found.right)) == ("[x[i] for i in I]", "[y[i] for i in I]")


@pytest.mark.parametrize(
    "expr",
    [
        LEX.replace("j < i", "j <= i"),
        LEX.replace("j < i", "i < j"),
        LEX.replace("x[j] == y[j]", "x[j] == w[j]"),
        f"{LEX} or all(x[j] == w[j] for j in I)",
        f"{LEX} or k == 3",
        "any(u[i] < 3 and all(u[j] == 3 for j in Scattered if j < i) for i in Scattered)",  # order is not that of <
    ],
)
def test_not_lex_less(expr: str) -> None:
    """Another prefix, another list, another order."""
    assert native(*stated(f'{{expr: "{expr}"}}')) is None
