"""The evaluator against tables of (expression, value), the rules of docs/SEMANTICS.md, and Python itself."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.errors import EvaluationError, LimitExceeded
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.evaluate import Evaluator, bindings, evaluate, evaluate_set
from nl2opt.ir.instance import Instance, Point
from nl2opt.ir.model import Model
from nl2opt.ir.nodes import FUNCTIONS, Expr
from nl2opt.ir.text import parse_expression, parse_over, parse_set, print_expression

DOCUMENT = """
nl2opt: 1
sets:
  T: [jan, feb, mar]
  N: range(4)
  Odd: range(1, 6, 2)
  Colours: [red, green, blue]
  Arcs: {elements: [[a, b], [b, c], [a, c]]}
  Empty: "{n for n in N if n > 9}"
  near: {over: N, elements: [[1, 2], [0], [0, 3], []]}
parameters:
  d: {over: T, value: [10, 20.5, 30]}
  cost: {over: Arcs, value: [1, 2, 3]}
  m: {over: "N, N", value: [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14, 15]]}
  flag: {over: N, type: binary, value: [1, 0, 1, 0]}
  big: {value: 1000}
  zero: {value: 0}
  best: {over: T, in: Colours, value: [red, red, blue]}
variables:
  x: {over: T, type: real}
  n: {over: N, type: integer, lower: -inf}
  b: {over: N, type: binary}
  k: {type: integer, lower: -inf}
  y: {type: real, lower: -inf}
  z: {type: integer, lower: -inf}
  c: {over: N, in: Colours}
  pick: {in: N}
  far: {type: integer}
  succ: {over: N, in: N}
  month: {in: T}
  arc: {in: Arcs}
  tight: {over: "i in N, j in N if i < j", type: integer}
expressions:
  total: sum(x)
  twice: {over: i in N, expr: "2 * n[i]"}
  late: {over: t in T if t != first(T), expr: "x[t] - x[prev(t)]"}
  high: {over: t in T, expr: "x[t] > 2"}
"""
POINT: dict[str, Any] = {
    "x": {("jan",): Fraction(1, 2), ("feb",): 2, ("mar",): 4},
    "n": {(0,): 5, (1,): -3, (2,): 0, (3,): 2},
    "b": {(0,): 1, (1,): 0, (2,): 0, (3,): 1},
    "k": {(): 7},
    "y": {(): Fraction(-5, 2)},
    "z": {(): 0},
    "c": {(0,): "red", (1,): "blue", (2,): "red", (3,): "green"},
    "pick": {(): 2},
    "far": {(): 99},
    "succ": {(0,): 1, (1,): 2, (2,): 3, (3,): 0},
    "month": {(): "feb"},
    "arc": {(): ("a", "c")},
    "tight": {(i, j): 10 * i + j for i in range(4) for j in range(i + 1, 4)},
}


@pytest.fixture(scope="module")
def instance() -> Instance:
    return bind(read_document(DOCUMENT))


def value(instance: Instance, text: str, point: Point | None = POINT, **indices: Any) -> Any:
    return evaluate(parse_expression(text), instance, point, indices)


VALUES: list[tuple[str, Any]] = [
    # numbers
    ("0.1 + 0.2", Fraction(3, 10)),
    ("1 / 3", Fraction(1, 3)),
    ("6 / 3", 2),
    ("-7 // 2", -4),
    ("-7 % 3", 2),
    ("7 % -3", -2),
    ("7.5 // 2", 3),
    ("7.5 % 2", Fraction(3, 2)),
    ("2 ** 10", 1024),
    ("2 ** -2", Fraction(1, 4)),
    ("0 ** 0", 1),
    ("4 ** 0.5", 2.0),
    ("(-8) ** 3", -512),
    ("True + True", 2),
    ("pi", math.pi),
    ("-inf", -math.inf),
    # scalar functions
    ("abs(-3.5)", Fraction(7, 2)),
    ("floor(-2.5)", -3),
    ("ceil(-2.5)", -2),
    ("ceil(sqrt(17))", 5),
    ("sqrt(49)", 7),
    ("sqrt(2.25)", Fraction(3, 2)),
    ("sqrt(2)", math.sqrt(2)),
    ("round(2.5)", 2),
    ("round(3.5)", 4),
    ("round(-2.675, 2)", Fraction(-268, 100)),
    ("round(1234, -2)", 1200),
    ("exp(0)", 1),
    ("exp(1)", math.e),
    ("log(1)", 0),
    ("log(10)", math.log(10)),
    ("sin(0) + cos(0)", 1),
    # aggregates
    ("sum(i for i in N)", 6),
    ("sum(i for i in Empty)", 0),
    ("prod(i + 1 for i in N)", 24),
    ("prod(i for i in Empty)", 1),
    ("all(i > 9 for i in Empty)", True),
    ("any(i > 9 for i in Empty)", False),
    ("sum(i * j for i in N for j in N if i < j)", 11),
    ("sum(cost[a, b] for (a, b) in Arcs if b == 'c')", 5),
    ("sum(cost[e] for e in Arcs)", 6),
    ("min(m[i, j] for i in N for j in N if i + j > 2)", 3),
    ("max(d)", 30),
    ("max(3, 1, 2)", 3),
    ("min(n)", -3),
    ("sum(x)", Fraction(13, 2)),
    ("sum(m)", 120),
    ("sum(i for i in near[0])", 3),
    ("sum(1 for i in N for j in near[i])", 5),
    ("all(flag)", False),
    ("any(b)", True),
    # sets and order
    ("first(T)", "jan"),
    ("last(Odd)", 5),
    ("len(T)", 3),
    ("len(near[2])", 2),
    ("len(d)", 3),
    ("len(m[0])", 4),
    ("len({1, 2, 2})", 2),
    ("position(t)", 1),
    ("prev(t)", "jan"),
    ("next(t)", "mar"),
    ("next(next(t, -1), 2)", "mar"),
    ("prev(first(T), wrap=True)", "mar"),
    ("next(t, 5, wrap=True)", "jan"),
    ("d[prev(t)]", 10),
    ("position(c[1])", 2),
    ("position(best['mar'])", 2),
    ("position('green')", 1),
    ("next(month)", "mar"),
    ("x[next(month)]", 4),
    ("position(pick)", 2),
    ("[i for i in range(3)]", [0, 1, 2]),
    ("[[m[i, j] for j in N if j < 2] for i in N if i < 2]", [[0, 1], [4, 5]]),
    ("[i for i in N if b[i]]", [0, 3]),
    ("T", ["jan", "feb", "mar"]),
    ("c", ["red", "blue", "red", "green"]),
    ("arc", ("a", "c")),
    ("cost[arc]", 3),
    ("[succ, pick]", [[1, 2, 3, 0], 2]),
    # named expressions
    ("total", Fraction(13, 2)),
    ("twice[pick + 1]", 4),
    ("late['mar']", 2),
    ("sum(late)", Fraction(7, 2)),
    ("sum(high)", 1),
    # elements by variable
    ("m[pick, succ[pick]]", 11),
    ("n[succ[3]]", 5),
    ("d[month]", Fraction(41, 2)),
    ("tight[0, 2]", 2),
    # conditions
    ("1 <= 2 <= 3", True),
    ("1 <= 2 <= 1", False),
    ("0.1 + 0.2 == 0.3", True),
    ("c[0] == 'red'", True),
    ("c[0] != c[2]", False),
    ("c[0] in {'red', 'blue'}", True),
    ("c[0] not in {'green'}", True),
    ("(c[0], c[1]) in {('red', 'blue')}", True),
    ("arc in Arcs", True),
    ("('a', 'b') in Arcs and ('b', 'a') not in Arcs", True),
    ("k in {z, 7}", True),
    ("3 in N - Odd", False),
    ("3 in N & Odd", True),
    ("5 in N | Odd", True),
    ("implies(k > 10, k < 0)", True),
    ("iff(k > 10, z > 0)", True),
    ("not b[0] or b[3]", True),
    ("sum(n[i] > 0 for i in N)", 2),
    ("1 if k > 5 else 2", 1),
    ("sum(n[i] for i in N if n[i] > 0)", 7),
    ("all(n[i] > 1 for i in N if b[i] == 1)", True),
    ("any(n[i] < 0 for i in N if b[i] == 1)", False),
    # global constraints
    ("all_different(n)", True),
    ("all_different(c)", False),
    ("all_different(n[i] * n[i] for i in N)", True),
    ("all_different(1, 2, 3)", True),
    ("circuit(succ)", True),
    ("circuit([succ[i] for i in N])", True),
    ("circuit([1, 0, 3, 2])", False),
    ("circuit([0, 1])", False),
    ("subcircuit([1, 0, 2])", True),
    ("subcircuit([1, 0, 3, 2])", False),
    ("subcircuit([0, 1])", True),
    ("subcircuit([1, 1])", False),
    ("no_overlap([(0, 2), (2, 3), (5, 1)])", True),
    ("no_overlap([(0, 3), (2, 3)])", False),
    ("no_overlap([(0, 3), (1, 0)])", True),
    ("no_overlap([(0, 3), (2, 3, 1 == 2)])", True),
    ("no_overlap([(2 * i, 2) for i in N])", True),
    ("no_overlap_2d([(0, 2, 0, 2), (2, 2, 0, 2), (0, 4, 2, 1)])", True),
    ("no_overlap_2d([(0, 2, 0, 2), (1, 2, 1, 2)])", False),
    ("no_overlap_2d([(0, 2, 0, 2), (1, 0, 1, 2)])", True),
    ("cumulative([(0, 3, 2), (1, 3, 1)], 3)", True),
    ("cumulative([(0, 3, 2), (1, 3, 2)], 3)", False),
    ("cumulative([(0, 3, 2), (1, 3, 2, False)], 3)", True),
    ("cumulative([(0, 3, 2), (3, 3, 2)], 3)", True),
    ("piecewise(2.5, [(0, 0), (2, 10), (4, 12)])", Fraction(21, 2)),
    ("piecewise(4, [(0, 0), (2, 10), (4, 12)])", 12),
]


@pytest.mark.parametrize(("text", "expected"), VALUES, ids=[t for t, _ in VALUES])
def test_value(instance: Instance, text: str, expected: Any) -> None:
    """Each expression of the table has the value beside it, exactly where it is exact."""
    source = next(s for s in (instance.sets["T"],))
    found = evaluate(parse_expression(text), instance, POINT, {"t": ("feb", source)})
    assert found == expected
    assert isinstance(found, float) == isinstance(expected, float)


def test_every_function_is_in_the_table() -> None:
    """A function added to the language needs a row."""
    text = " ".join(t for t, _ in VALUES)
    assert [f for f in FUNCTIONS if f"{f}(" not in text] == []


UNDEFINED_IS_FALSE = [
    "m[0, far] >= 0",
    "not (m[0, far] == 1) and far == 99",
    "not d[next(next(month))] > 0",
    "1 / z > 0 or k == 7",
    "implies(5 % z == 1, False)",
    "not (5 // z in {1, 2})",
    "not (far + n[far] not in {1})",
    "not all_different(n[far], 1)",
    "not all_different(n[i + far] for i in N)",
    "not no_overlap([(n[far], 1), (5, 1)])",
    "not b[far]",
    "sum(m[0, n[i]] >= 0 for i in N) == 2",
    "piecewise(far, [(0, 0), (1, 1)]) <= 5 or True",
    "not piecewise(far, [(0, 0), (1, 1)]) <= 5",
    "not sqrt(y) >= 0",
    "not log(y) <= 0",
    "(n[far] if far in N else 3) == 3",
    "any(n[far + i] > 0 for i in N) == False",
    "not sum(n[far] for i in N if n[i] == 2) == 0",
]


@pytest.mark.parametrize("text", UNDEFINED_IS_FALSE)
def test_undefined_makes_the_nearest_condition_false(instance: Instance, text: str) -> None:
    """A variable index outside its set or a zero variable divisor: the nearest enclosing condition is false."""
    if text == "m[0, far] >= 0":
        assert value(instance, text) is False
    else:
        assert value(instance, text) is True


ERRORS = [
    ("m[0, 7]", "V101", ""),
    ("m[0, i + 2] > 0", "V101", "i = 3"),
    ("prev(t)", "V102", "t = jan"),
    ("x[prev(t)] >= 0", "V102", "t = jan"),
    ("1 / zero", "V103", ""),
    ("not (1 / zero > 0)", "V103", ""),
    ("5 % (zero * k)", "V103", ""),
    ("sqrt(-1)", "V103", ""),
    ("log(0)", "V103", ""),
    ("0 ** -1", "V103", ""),
    ("abs(9) ** 9 ** 9", "V103", ""),
    ("min(i for i in Empty)", "V104", ""),
    ("first(Empty)", "V104", ""),
    ("nothing + 1", "V105", ""),
    ("big[1]", "V106", ""),
    ("m[1]", "V106", ""),
    ("c[0] + 1", "V107", ""),
    ("c[0] < c[1]", "V107", ""),
    ("c[0] == 1", "V107", ""),
    ("position(3)", "V102", ""),
    ("sum(1 for (a, b) in N)", "V106", ""),
    ("{1, 'a'}", "V109", ""),
    ("len({0.5})", "V109", ""),
    ("m[0, far]", "V101", ""),
    ("1 / z", "V103", ""),
    ("tight[2, 1]", "V101", ""),
    ("late['jan']", "V101", ""),
    ("range(0, 5, 0)", "V103", ""),
    ("piecewise(2, [(3, 0), (1, 1)])", "V107", ""),
    ("no_overlap([(1, 2, 3, 4)])", "V107", ""),
    ("max(c)", "V107", ""),
]


@pytest.mark.parametrize(("text", "code", "binding"), ERRORS, ids=[t for t, _, _ in ERRORS])
def test_no_value_is_an_error_with_the_binding(instance: Instance, text: str, code: str, binding: str) -> None:
    """What constants decide, or no condition encloses, is an EvaluationError that names the binding."""
    indices: dict[str, Any] = {}
    if "prev(t)" in text:
        indices["t"] = ("jan", instance.sets["T"])
    if "i +" in text:
        indices["i"] = (3, instance.sets["N"])
    with pytest.raises(EvaluationError) as caught:
        evaluate(parse_expression(text), instance, POINT, indices)
    assert caught.value.diagnostics[0].code == code
    assert caught.value.diagnostics[0].where == binding


@pytest.mark.parametrize(
    "text",
    [
        "m[0, 7] if big < 5 else 1",
        "1 if big > 5 else m[0, 7]",
        "big > 5 or m[0, 7] > 0",
        "not (big < 5 and m[0, 7] > 0)",
        "implies(big < 5, m[0, 7] > 0)",
        "k > 100 or big > 5 or m[0, 7] > 0",
        "sum(m[0, i + 1] for i in N if i + 1 in N) == 6",
        "all(m[0, i] > 5 or i > 1 for i in N if i > 1)",
        "min(i for i in Empty) if len(Empty) > 0 else True",
    ],
)
def test_known_conditions_hide_the_other_branch(instance: Instance, text: str) -> None:
    """A condition known before solving takes one branch and never looks at the other."""
    assert value(instance, text)


@pytest.mark.parametrize("text", ["k > 100 and m[0, 7] > 0", "k < 100 or m[0, 7] > 0", "1 if k > 5 else m[0, 7]"])
def test_errors_of_constants_do_not_depend_on_the_point(instance: Instance, text: str) -> None:
    """A condition over variables hides nothing: both sides exist on every route."""
    with pytest.raises(EvaluationError):
        value(instance, text)


def test_a_variable_needs_a_point(instance: Instance) -> None:
    """Where only constants may stand a variable is refused."""
    with pytest.raises(EvaluationError, match="V110"):
        value(instance, "k + 1", None)
    assert value(instance, "sum(d)", None) == Fraction(121, 2)
    with pytest.raises(EvaluationError, match="V111"):
        value(instance, "k + 1", {})


def test_indices_remember_their_set(instance: Instance) -> None:
    """`prev` is by the set an index was drawn from, a filtered set expression included."""
    text = "[prev(i) for i in {j for j in N if j != 1} if i != 0]"
    assert value(instance, text) == [0, 2]
    assert value(instance, "[position(i) for i in Odd]") == [0, 1, 2]
    over = parse_over("t in T if t != first(T)")
    found = [evaluate(parse_expression("prev(t)"), instance, None, env) for _, env in bindings(over, instance)]
    assert found == ["jan", "feb"]


def test_bindings_have_keys(instance: Instance) -> None:
    """`bindings` gives flat keys, filters applied, and named tuples spread."""
    keys = [key for key, _ in bindings(parse_over("(a, b) in Arcs, i in N if b == 'c' and i < 1"), instance)]
    assert keys == [("b", "c", 0), ("a", "c", 0)]
    assert [k for k, _ in bindings((), instance)] == [()]
    assert [k for k, _ in bindings(parse_over("i in N, j in near[i]"), instance)] == [
        (0, 1), (0, 2), (1, 0), (2, 0), (2, 3),
    ]  # fmt: skip


SETS = [
    ("range(2, 5)", (2, 3, 4)),
    ("{(i, j) for i in N for j in N if i + j == 1}", ((0, 1), (1, 0))),
    ("T", ("jan", "feb", "mar")),
    ("Odd | N", (1, 3, 5, 0, 2)),
    ("N & Odd", (1, 3)),
    ("N - Odd", (0, 2)),
    ("near[2]", (0, 3)),
    ("{3, 1, 3}", (3, 1)),
    ("{}", ()),
]


@pytest.mark.parametrize(("text", "expected"), SETS)
def test_set(instance: Instance, text: str, expected: tuple[Any, ...]) -> None:
    """Set expressions keep order and drop duplicates."""
    assert evaluate_set(parse_set(text), instance).elements == expected


def test_a_set_beyond_the_limit_is_refused(instance: Instance) -> None:
    """`range(10 ** 9)` is an error at once, not a dead machine."""
    with pytest.raises(LimitExceeded):
        value(instance, "sum(i for i in range(10 ** 9))")


def test_floats_of_a_point_stay_floats(instance: Instance) -> None:
    """Exact values stay exact beside floats of the point."""
    point = {**POINT, "y": {(): 0.1}}
    assert value(instance, "y + y + y", point) == 0.1 + 0.1 + 0.1
    assert value(instance, "0.1 + 0.1 + 0.1", point) == Fraction(3, 10)


def test_numpy_values_of_a_point(instance: Instance) -> None:
    """A solver's numpy numbers are read as numbers."""
    import numpy as np

    point = {**POINT, "k": {(): np.int64(3)}, "y": {(): np.float32(0.5)}}
    assert value(instance, "k * 2 + y", point) == 6.5


# properties ----------------------------------------------------------------------------------------------------------

_INTS = st.integers(-20, 20)


def _expressions() -> st.SearchStrategy[str]:
    leaves = st.one_of(_INTS.map(lambda i: f"({i})"), st.sampled_from(["k", "z", "n[0]", "n[1]", "b[0]"]))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
            st.tuples(inner, st.sampled_from(["<=", "<", "==", "!=", ">", ">="]), inner).map(
                lambda t: f"({t[0]} {t[1]} {t[2]})"
            ),
            st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} > 0 else {t[2]})"),
            st.tuples(inner, inner).map(lambda t: f"max({t[0]}, {t[1]})"),
            inner.map(lambda t: f"abs({t})"),
        ),
        max_leaves=12,
    )


def _python(text: str) -> Any:
    names = {"k": 7, "z": 0, "n": {0: 5, 1: -3}, "b": {0: 1}, "abs": abs, "max": max}
    return eval(text, {"__builtins__": {}}, names)  # the text is made by the strategy above


INSTANCE = bind(read_document(DOCUMENT))


@given(_expressions())
@settings(max_examples=300, deadline=None)
def test_agrees_with_python(text: str) -> None:
    """On integers the language means what Python means."""
    assert evaluate(parse_expression(text), INSTANCE, POINT) == _python(text)


@given(_expressions())
@settings(max_examples=200, deadline=None)
def test_printing_keeps_the_value(text: str) -> None:
    """An expression and its printed form have one value."""
    e = parse_expression(text)
    assert evaluate(parse_expression(print_expression(e)), INSTANCE, POINT) == evaluate(e, INSTANCE, POINT)


@given(st.integers(-50, 50), st.integers(-50, 50).filter(bool))
def test_floor_division_and_remainder(a: int, b: int) -> None:
    """a == b * (a // b) + a % b, as in Python."""
    assert evaluate(parse_expression(f"({a}) // ({b})"), INSTANCE) == a // b
    assert evaluate(parse_expression(f"({a}) % ({b})"), INSTANCE) == a % b


@given(st.permutations(range(6)))
def test_circuit_against_its_definition(successor: list[int]) -> None:
    """A permutation is a circuit iff its orbit of 0 is everything."""
    orbit, node = {0}, successor[0]
    while node != 0:
        orbit.add(node)
        node = successor[node]
    assert evaluate(parse_expression(f"circuit({list(successor)})"), INSTANCE) == (len(orbit) == 6)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 4), st.integers(0, 3)), max_size=6), st.integers(0, 6))
def test_cumulative_against_counting_each_time(intervals: list[tuple[int, int, int]], capacity: int) -> None:
    """cumulative is a bound on the running amounts at every whole time; with unit amounts 1 it is no_overlap."""
    held = all(sum(a for s, d, a in intervals if s <= t < s + d) <= capacity for t in range(14))
    assert evaluate(parse_expression(f"cumulative({intervals}, {capacity})"), INSTANCE) == held
    single = all(sum(1 for s, d, _ in intervals if s <= t < s + d) <= 1 for t in range(14))
    pairs = [(s, d) for s, d, _ in intervals]
    assert evaluate(parse_expression(f"no_overlap({pairs})"), INSTANCE) == single


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 4), max_size=4))
def test_no_overlap_2d_against_cells(rectangles: list[tuple[int, int, int, int]]) -> None:
    """Rectangles are disjoint iff no unit cell is covered twice."""
    cells = [(i, j) for x, w, y, h in rectangles for i in range(x, x + w) for j in range(y, y + h)]
    assert evaluate(parse_expression(f"no_overlap_2d({rectangles})"), INSTANCE) == (len(cells) == len(set(cells)))


def test_one_evaluator_serves_many_expressions() -> None:
    """Named expressions are computed once a key, and `reads` still tells what is known."""
    evaluator = Evaluator(INSTANCE, POINT)
    assert evaluator.evaluate(parse_expression("total + total")) == 13
    reads = evaluator.reads
    assert evaluator.evaluate(parse_expression("total")) == Fraction(13, 2)
    assert evaluator.reads > reads


def test_cyclic_named_expressions_are_an_error() -> None:
    """A named expression that needs itself has no value."""
    model = Model(expressions=read_document("nl2opt: 1\nexpressions: {p: q + 1, q: p - 1}").expressions)
    with pytest.raises(EvaluationError, match="V108"):
        evaluate(parse_expression("p"), bind(model), {})


def _deep(levels: int) -> Expr:
    return parse_expression("(" * levels + "1" + " + abs(k))" * levels)


def test_the_deepest_expression_evaluates() -> None:
    """Nesting up to the limit of the language needs no more than Python's stack."""
    assert evaluate(_deep(25), INSTANCE, POINT) == 1 + 25 * 7
