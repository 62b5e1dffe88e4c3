"""What is known of an expression before any data: its type, the sets of its indices, its degree."""

from __future__ import annotations

import pytest

from nl2opt.ir.document import read_document
from nl2opt.ir.infer import enter, positions, type_of
from nl2opt.ir.infer.degree import Degree, continuous, degree
from nl2opt.ir.infer.scope import Scope, variables_of
from nl2opt.ir.infer.types import ArrayOf, Labelled, ListOf, Numeric, Open, SetOf, TupleOf, describe
from nl2opt.ir.nodes import Expr
from nl2opt.ir.polynomial import difference, expression, polynomial
from nl2opt.ir.text import parse_expression, parse_over

MODEL = read_document(
    """
nl2opt: 1
sets:
  I: [a, b, c]
  Red: [a, b]
  T: range(1, 5)
  Late: "{t for t in T if t > 2}"
  Both: Red | {'c'}
  K: null
  Arcs: null
  Roads: {elements: [[a, b], [b, c]]}
  near: {over: I, elements: {a: [b], b: [a, c], c: []}}
parameters:
  w: {over: I, value: [1, 2, 3]}
  n: {type: integer, value: 3}
  flag: {over: I, type: binary, value: [0, 1, 1]}
  home: {in: I, value: a}
  load: {over: "(i, j) in Arcs"}
variables:
  x: {over: I, type: integer}
  y: {type: real}
  on: {over: I, type: binary}
  pick: {over: T, in: I}
  slot: {in: T}
  flow: {over: "(i, j) in Arcs, t in T", type: real}
expressions:
  total: sum(x) + y
  late: {over: i in I, expr: "x[i] > 3"}
  count: "sum(late[i] for i in I)"
"""
)
SCOPE = Scope.of(MODEL)


def _type(text: str, over: str = "") -> str:
    scope = enter(parse_over(over), SCOPE) if over else SCOPE
    return describe(type_of(parse_expression(text), scope))


def _read(text: str) -> Expr:
    return parse_expression(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3", "integer"),
        ("0.5", "real"),
        ("'red'", "the label 'red'"),
        ("x['a']", "integer"),
        ("y", "real"),
        ("on['a']", "binary"),
        ("-on['a']", "integer"),
        ("on['a'] + on['b']", "integer"),
        ("on['a'] * on['b']", "binary"),
        ("x['a'] / 2", "real"),
        ("x['a'] // 2", "integer"),
        ("x['a'] % 2", "integer"),
        ("x['a'] ** 2", "integer"),
        ("y ** 2", "real"),
        ("x['a'] <= 3", "binary"),
        ("sum(on)", "integer"),
        ("max(on)", "binary"),
        ("abs(x['a'])", "integer"),
        ("floor(y)", "integer"),
        ("sqrt(x['a'])", "real"),
        ("slot", "integer of T"),
        ("pick[1]", "a label of I"),
        ("home", "a label of I"),
        ("first(Late)", "integer of Late, T"),
        ("first(Both)", "a label of Both, Red"),
        ("first(K)", "an element of K"),
        ("total", "real"),
        ("late['a']", "binary"),
        ("count", "integer"),
        ("1 if on['a'] else 0.5", "real"),
        ("range(3)", "a set of integer"),
        ("near['a']", "a set of a label"),
        ("[x[i] for i in I]", "a list of integer"),
        ("(x['a'], y)", "a tuple (integer, real)"),
        ("x", "the array x of integer with 1 indices"),
        ("len(I)", "integer"),
        ("position(home)", "integer"),
        ("all_different(x)", "binary"),
    ],
)
def test_types(text: str, found: str) -> None:
    """The narrowest type that holds every value."""
    assert _type(text) == found


@pytest.mark.parametrize(
    ("over", "index", "found"),
    [
        ("t in T", "t", "integer of T"),
        ("t in Late", "t", "integer of Late, T"),
        ("t in T", "prev(t)", "integer of T"),
        ("t in T", "t + 1", "integer"),
        ("i in Red", "i", "a label of Red"),
        ("(i, j) in Roads", "i", "a label"),
        ("(i, j) in Arcs", "i", "an element"),
        ("e in Roads", "e", "a tuple (a label, a label)"),
        ("k in K", "k", "an element of K"),
        ("i in I, j in near[i]", "j", "a label"),
        ("(a, t) in {(i, s) for i in Red for s in T}", "a", "a label of Red"),
    ],
)
def test_indices_know_their_set(over: str, index: str, found: str) -> None:
    """An index carries the sets it can be traced to; arithmetic drops them."""
    assert _type(index, over) == found


def test_positions_of_declarations() -> None:
    """Tuples count as their coordinates."""
    flow = MODEL.symbols["flow"]
    found = positions(flow.over, SCOPE)
    assert [type(p) for p in found] == [Open, Open, Numeric]
    assert isinstance(type_of(_read("flow"), SCOPE), ArrayOf)


def test_shapes_of_types() -> None:
    """The union."""
    assert type_of(_read("{(1, 'a')}"), SCOPE) == SetOf(
        TupleOf((Numeric("integer", values=frozenset((1,))), Labelled(values=frozenset(("a",)))))
    )
    assert type_of(_read("[]"), SCOPE) == ListOf(Open())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("n + sum(w)", Degree.CONSTANT),
        ("2 * x['a'] + y", Degree.AFFINE),
        ("y / n", Degree.AFFINE),
        ("x['a'] * y", Degree.QUADRATIC),
        ("y ** 2", Degree.QUADRATIC),
        ("total * total", Degree.QUADRATIC),
        ("y ** 3", Degree.NONLINEAR),
        ("y ** 0.5", Degree.NONLINEAR),
        ("n / y", Degree.NONLINEAR),
        ("x['a'] * x['b'] * y", Degree.NONLINEAR),
        ("exp(y)", Degree.NONLINEAR),
        ("abs(y)", Degree.AFFINE),
        ("max(x)", Degree.AFFINE),
        ("sum(x[i] * (x[i] > 2) for i in I)", Degree.QUADRATIC),
        ("sum(w[i] for i in I if on[i])", Degree.AFFINE),
        ("w[pick[1]]", Degree.AFFINE),
        ("y if on['a'] else 2 * y", Degree.AFFINE),
    ],
)
def test_degree(text: str, found: Degree) -> None:
    """In the variables, named expressions looked through."""
    assert degree(_read(text), SCOPE) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("y", True),
        ("total", True),
        ("sum(flow[i, j, t] for (i, j) in Arcs for t in T)", True),
        ("sum(w[i] * x[i] for i in I)", False),
        ("x['a'] / 3", False),
        ("(y > 2) + x['a']", False),
        ("floor(y)", False),
        ("sqrt(x['a'])", True),
        ("w[pick[1]]", False),
        ("max(y, 1)", True),
        ("y if on['a'] else 0", True),
    ],
)
def test_continuous(text: str, found: bool) -> None:
    """Real data do not make an expression continuous, real variables do."""
    assert continuous(_read(text), SCOPE) is found


def test_variables_behind_names() -> None:
    """Through named expressions."""
    assert variables_of(_read("count + n"), SCOPE) == {"x"}
    assert variables_of(_read("total"), SCOPE) == {"x", "y"}
    assert not SCOPE.varies(_read("sum(w) + n"))


@pytest.mark.parametrize(
    ("a", "b", "found"),
    [
        ("2 * (p + q) - q", "2 * p + q", 0),
        ("(p + 1) ** 2", "p * p + 2 * p", 1),
        ("p / 4", "0.25 * p + 3", -3),
        ("p * q / r", "q * p / r", 0),
        ("p", "q", None),
        ("p / q", "q / p", None),
    ],
)
def test_differences(a: str, b: str, found: int | None) -> None:
    """Equal polynomials differ by a number, whatever their names stand for."""
    assert difference(_read(a), _read(b)) == found


def test_polynomials_come_back_as_expressions() -> None:
    """The same value."""
    for text in ("2 * p - 3 * q * q + 1", "-p", "0", "p / q - 5"):
        e = _read(text)
        assert difference(expression(polynomial(e)), e) == 0
