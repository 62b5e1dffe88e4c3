"""The referee: right points pass, every wrong point is caught, tolerances and strictness as docs/SEMANTICS.md says."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.check.feasible import RefereeReport, referee
from nl2opt.errors import EvaluationError
from nl2opt.ir.bind import bind
from nl2opt.ir.bind.elements import coordinate_kinds, fit_key
from nl2opt.ir.datafiles import read_data
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance, Point

CASES = Path(__file__).parents[1] / "cases"


def instance(body: str) -> Instance:
    return bind(read_document("nl2opt: 1\n" + body))


def scalars(**values: Any) -> dict[str, dict[tuple[Any, ...], Any]]:
    return {name: {(): v} for name, v in values.items()}


def constraint(expr: str, variables: str = "x: {type: real, lower: -inf}, y: {type: real, lower: -inf}") -> Instance:
    return instance(f"variables: {{{variables}, k: {{type: integer, lower: -inf}}, j: {{type: integer, lower: -inf}},"
                    f" b: {{type: binary}}}}\nconstraints: [{{name: rule, expr: \"{expr}\"}}]")  # fmt: skip


def judged(expr: str, **values: Any) -> RefereeReport:
    point = {**scalars(x=0, y=0, k=0, j=0, b=0), **scalars(**values)}
    return referee(constraint(expr), point)


# the cases -----------------------------------------------------------------------------------------------------------


def case_instance(folder: Path) -> Instance:
    model = read_document(folder / "model.yaml")
    data = folder / "data.json"
    return bind(model, read_data(data, model).values if data.exists() else None)


def case_point(i: Instance, solution: dict[str, Any]) -> Point:
    point: dict[str, dict[Any, Any]] = {}
    for name, family in i.variables.items():
        wanted = coordinate_kinds(family.domain.axes)
        point[name] = dict(spread(solution[name], (), len(wanted), wanted))
    return point


def spread(value: Any, key: tuple[Any, ...], arity: int, wanted: tuple[type, ...]) -> Any:
    if len(key) == arity:
        yield fit_key(key, wanted), value
    else:
        for k, v in value.items():
            yield from spread(v, (*key, k), arity, wanted)


FOLDERS = sorted(p.parent for p in CASES.glob("*/expected.json") if (p.parent / "model.yaml").exists())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.name)
def test_every_case(folder: Path) -> None:
    """The right solution passes with its objective; each wrong one fails exactly the constraints it is said to fail."""
    i = case_instance(folder)
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    if expected.get("solution"):
        report = referee(i, case_point(i, expected["solution"]), expected["objective"])
        assert report.ok, report.violations
    for wrong in json.loads((folder / "wrong.json").read_text(encoding="utf-8")):
        report = referee(i, case_point(i, wrong["solution"]))
        assert {v.name for v in report.violations} == set(wrong.get("violates", []))


# tolerance and strictness --------------------------------------------------------------------------------------------

HOLDS: list[tuple[str, dict[str, Any], bool]] = [
    # exact points are judged exactly
    ("x <= 1", {"x": 1}, True),
    ("x <= 1", {"x": Fraction(1000001, 1000000)}, False),
    ("x == 1 / 3", {"x": Fraction(1, 3)}, True),
    # floats within 1e-6 * (1 + largest term)
    ("x <= 1", {"x": 1 + 1e-6}, True),
    ("x <= 1", {"x": 1 + 3e-6}, False),
    ("x == y", {"x": 1000.0, "y": 1000.0009}, True),
    ("x == y", {"x": 1000.0, "y": 1000.0012}, False),
    ("x - y <= 0", {"x": 1e6 + 0.5, "y": 1e6}, True),
    ("1000 * x + y <= 10", {"x": 0.01 + 1e-8, "y": 0.0}, True),
    # rows of whole values have no tolerance
    ("1000000 * k <= 999999 + j", {"k": 1.0, "j": 0.0}, False),
    ("0.5 * k <= 0.4", {"k": 1.0}, False),
    # strict over continuous: closed; over integers: exact
    ("x < 1", {"x": 1.0}, True),
    ("x < 1", {"x": 1}, True),
    ("k < 1", {"k": 1}, False),
    ("k < 1", {"k": 0}, True),
    ("0.5 * k < 1", {"k": 2}, False),
    # must fail: the boundary belongs to both sides
    ("not x <= 5", {"x": 5.0}, True),
    ("not x <= 5", {"x": 5}, True),
    ("not x <= 5", {"x": 4.99}, False),
    ("not x < 5", {"x": 4.9999999}, True),
    ("not k <= 5", {"k": 5}, False),
    ("not k <= 5", {"k": 6}, True),
    ("implies(x > 0, b == 1)", {"x": 1e-9, "b": 0.0}, True),
    ("implies(x > 0, b == 1)", {"x": 0.1, "b": 0.0}, False),
    ("implies(x >= 80, y <= 60)", {"x": 80.0, "y": 100.0}, True),
    ("implies(x >= 80, y <= 60)", {"x": 80.001, "y": 100.0}, False),
    ("b == 0 or x <= 1", {"b": 1.0, "x": 1.0000001}, True),
    ("b == 0 and x <= 1", {"b": 1.0, "x": 0.0}, False),
    ("iff(x >= 1, b == 1)", {"x": 1.0, "b": 0.0}, True),
    ("iff(x >= 1, b == 1)", {"x": 1.0, "b": 1.0}, True),
    ("iff(x >= 1, b == 1)", {"x": 1.1, "b": 0.0}, False),
    # comparisons counted: both readings at the boundary
    ("(x >= 1) + (y >= 1) <= 1", {"x": 1.0, "y": 1.0}, True),
    ("(x >= 1) + (y >= 1) == 2", {"x": 1.0, "y": 1.0}, True),
    ("(x >= 1) + (y >= 1) <= 1", {"x": 1.1, "y": 1.1}, False),
    ("-(x >= 1) >= 0", {"x": 1.0}, True),
    ("3 * (x >= 1) - 2 * (y > 2) == 1", {"x": 1.5, "y": 2.5}, True),
    ("sum(x >= i for i in range(4)) == 2", {"x": 1.5}, True),
    ("2 * (x >= 1) ** 2 >= 2", {"x": 1.0}, True),
    ("2 * (x >= 1) ** 2 <= 0", {"x": 1.0}, True),
    ("2 * (x > 1) ** 2 <= 0", {"x": 1.1}, False),
    ("abs((x > 1) - (y > 1)) == 1", {"x": 1.0, "y": 1.0}, True),
    ("abs((x > 1) - (y > 1)) == 1", {"x": 2.0, "y": 2.0}, False),
    ("max((x > 1), k) == 1", {"x": 1.0, "k": 0}, True),
    ("(2 + (x > 1)) % 3 == 0", {"x": 1.0}, True),
    ("(2 + (x > 1)) % 3 == 1", {"x": 3.0}, False),
    ("no_overlap([(1, 1), (x, 2)]) ** 2 >= 1", {"x": 2.0}, True),
    ("no_overlap([(1, 1), (x, 2)]) ** 2 <= 0", {"x": 2.0}, True),
    ("no_overlap([(1, 1), (x, 2)]) ** 2 >= 1", {"x": 0.0}, False),
    ("sum(k >= i for i in range(4)) == 2", {"k": 1}, True),
    ("all(x >= i for i in range(3))", {"x": 1.9999999}, True),
    ("any(x >= i for i in range(3, 5))", {"x": 2.9999999}, True),
    ("any(x >= i for i in range(3, 5))", {"x": 2.9}, False),
    ("(x <= 1 if b else y <= 1)", {"x": 5.0, "y": 1.0, "b": 0.0}, True),
    ("(x <= 1 if b else y <= 1)", {"x": 5.0, "y": 1.0, "b": 1.0}, False),
    # a real in a set: equal to one of its elements
    ("x in {1, 3}", {"x": 2.9999999}, True),
    ("x in {1, 3}", {"x": 2.99}, False),
    ("x in {1, 3}", {"x": Fraction(29999999, 10000000)}, False),
    ("x in {k, j}", {"x": 4.0000001, "k": 1, "j": 4}, True),
    ("k in {1, 3}", {"k": 2}, False),
    ("x in {3, 1 / k}", {"x": 3.0, "k": 0}, False),
    ("(x < 1) in {1, 3}", {"x": 1.0}, True),
    ("(x < 1) in {0, 3}", {"x": 1.0}, True),
    ("(x < 1) not in {1, 3}", {"x": 1.0}, True),
    ("(x < 1) not in {1, 3}", {"x": 0.9}, False),
    ("(x < 1) not in {0, 1}", {"x": 0.5}, False),
    ("sum((x >= i) in {1, 2} for i in range(1, 3)) == 0", {"x": 1.0}, True),
    # a float just outside the range of a function is taken at its end
    ("piecewise(x, [(0, 1), (3, -1)]) <= 0", {"x": 3.0000000000000018}, True),
    ("piecewise(x, [(0, 1), (3, -1)]) <= 0", {"x": 3.001}, False),
    ("piecewise(x, [(0, 1), (3, -1)]) <= 0", {"x": 3 + Fraction(1, 10**9)}, False),
    ("piecewise(x, [(2, 2)]) >= 2", {"x": 1.9999999}, True),
    ("sqrt(x - 1) <= 2", {"x": 0.9999999}, True),
    ("sqrt(x - 1) <= 2", {"x": 0.999}, False),
    # undefined is false
    ("1 / k >= 0", {"k": 0}, False),
    ("not 1 / k >= 0", {"k": 0}, True),
    ("k != j", {"k": 1, "j": 1}, False),
    ("all_different(k, j)", {"k": 1, "j": 2}, True),
    ("all_different(k, j)", {"k": 2, "j": 2}, False),
]


@pytest.mark.parametrize(("expr", "values", "holds"), HOLDS, ids=[f"{e} at {v}" for e, v, _ in HOLDS])
def test_holds(expr: str, values: dict[str, Any], holds: bool) -> None:
    """Each row: a constraint, a point, and whether the referee accepts it."""
    report = judged(expr, **values)
    assert report.ok is holds, report.violations
    assert report.exact is not any(isinstance(v, float) for v in values.values())


def test_a_violation_says_where_and_by_how_much() -> None:
    """Name, binding, amount, what was allowed, the condition as written."""
    i = instance(
        "sets: {P: [oak, ash]}\nvariables: {x: {over: P, type: real, upper: 9}}\n"
        "constraints: [{name: cap, for: p in P, expr: '2 * x[p] <= 10'}]"
    )
    report = referee(i, {"x": {("oak",): 5.0, ("ash",): 5.5}})
    (violation,) = report.violations
    assert (violation.name, violation.binding, violation.key) == ("cap", "p = ash", ("ash",))
    assert violation.amount == pytest.approx(1.0)
    assert violation.allowed == pytest.approx(1.2e-5)
    assert violation.text == "2 * x[p] <= 10"
    assert "cap at p = ash" in str(violation)


# step 1 and 2 --------------------------------------------------------------------------------------------------------


def test_integers_are_rounded_and_the_rest_resolved() -> None:
    """A rounding that moves a value has the continuous rest re-solved with the integers fixed."""
    i = instance("variables: {k: {type: integer}, x: {type: real}}\nconstraints: [{name: link, expr: x == 10000 * k}]")
    asked: list[Point] = []

    def resolve(instance: Instance, point: Point) -> Point:
        asked.append(point)
        return {**point, "x": {(): 10000.0 * float(point["k"][()])}}  # type: ignore[arg-type]

    point = scalars(k=1.000005, x=10000.05)
    report = referee(i, point, resolve=resolve)
    assert report.ok and report.resolved and asked[0]["k"] == {(): 1}
    assert report.point["k"][()] == 1 and isinstance(report.point["k"][()], int)
    assert report.moved == (("k", pytest.approx(5e-6)),)
    assert not referee(i, point).ok
    assert referee(i, scalars(k=1.0, x=10000.0), resolve=lambda *_: pytest.fail("nothing moved")).ok


@pytest.mark.parametrize("value", [0.9, 1.5, Fraction(1, 3), 1.00002])
def test_an_integer_far_from_whole_is_a_violation(value: Any) -> None:
    """Farther than 1e-5 from a whole value, or any fraction of an exact point."""
    report = referee(instance("variables: {k: {type: integer}}"), scalars(k=value))
    assert [v.kind for v in report.violations] == ["integrality"]


# bounds, sets, missing values ----------------------------------------------------------------------------------------

BOUNDED = (
    "sets: {C: [red, blue], N: range(3)}\n"
    "variables: {x: {type: real, lower: 1, upper: 2.5}, k: {type: integer, upper: 3}, c: {in: C}, n: {in: N}}"
)
GOOD = {"x": 2.5, "k": 3.0, "c": "red", "n": 2}


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("x", 2.5 + 1e-7, None),
        ("x", 2.6, "bound"),
        ("x", 0.9, "bound"),
        ("x", float("nan"), "missing"),
        ("k", 4.0, "bound"),
        ("k", -1, "bound"),
        ("k", float("inf"), "missing"),
        ("c", "green", "domain"),
        ("c", 1, "domain"),
        ("n", 3, "domain"),
        ("n", 2.0000001, None),
        ("n", np.int64(1), None),
        ("n", "1", None),
        ("x", "red", "domain"),
        ("x", np.float64(2), None),
    ],
)
def test_bounds_and_sets(name: str, value: Any, kind: str | None) -> None:
    """Bounds, types and sets of variables are judged too."""
    report = referee(instance(BOUNDED), scalars(**{**GOOD, name: value}))
    assert [v.kind for v in report.violations] == ([kind] if kind else [])


def test_a_missing_value_is_a_violation() -> None:
    """A point without a value of some variable is not judged further."""
    point = scalars(**GOOD)
    del point["c"]
    report = referee(instance(BOUNDED), point)
    assert [(v.name, v.kind) for v in report.violations] == [("c", "missing")]
    assert math.isinf(report.violations[0].amount)


# objectives ----------------------------------------------------------------------------------------------------------


def test_objectives_by_priority_with_penalties() -> None:
    """Each objective is reported; penalties belong to the last, subtracted where it is maximised."""
    i = instance(
        "variables: {x: {type: real}, k: {type: integer}}\n"
        "constraints:\n"
        "  - {name: soft, expr: x <= 2, penalty: 10}\n"
        "  - {name: whole, expr: k < 3, penalty: 5}\n"
        "  - {name: either, expr: x <= 1 or k <= 1, penalty: 7}\n"
        "objectives: [{priority: 1, maximize: x}, {priority: 2, minimize: k}]"
    )
    report = referee(i, scalars(x=3, k=3))
    assert [(o.priority, o.sense, o.value, o.penalty) for o in report.objectives] == [
        (2, "minimize", 3, 0), (1, "maximize", 3 - 10 - 5 - 7, 22),
    ]  # fmt: skip
    assert report.ok and report.exact
    assert referee(i, scalars(x=3, k=3), [3, -19]).ok
    assert referee(i, scalars(x=3, k=3), 3).ok
    assert referee(i, scalars(x=3, k=3), [3, -18]).verdict == "objective_differs"


def test_a_count_of_comparisons_of_reals_is_a_whole_number() -> None:
    """`<` between counts asks for one less, whatever the conditions in them read: these are no continuous values."""
    i = instance(
        "sets: {K: range(2)}\nvariables: {x: {type: real, upper: 3}}\n"
        "constraints: [{penalty: 2, expr: 'sum(k + 1 for k in K if x > 2) < 0'}]\nobjectives: [{maximize: x}]"
    )
    assert referee(i, scalars(x=1.0)).objective == 1 - 2 * 1
    assert referee(i, scalars(x=3.0)).objective == 3 - 2 * 4


def test_penalties_alone_are_minimised() -> None:
    """With no objective, penalties are; for each binding of `for`."""
    i = instance(
        "sets: {N: range(3)}\nvariables: {x: {over: N, type: real}}\n"
        "constraints: [{name: soft, for: n in N, expr: 'x[n] == 1', penalty: n + 1}]"
    )
    report = referee(i, {"x": {(0,): 1, (1,): 2, (2,): Fraction(1, 2)}}, 3.5)
    assert report.ok and report.objective == 2 + Fraction(3, 2)


def test_the_objective_claimed_must_be_the_objective() -> None:
    """Within 1e-6 * (1 + |objective|); not a number never agrees."""
    i = instance("variables: {x: {type: real}}\nobjectives: [{minimize: 3 * x}]")
    assert referee(i, scalars(x=2.0), 6.000006).ok
    assert referee(i, scalars(x=2.0), 6.0001).verdict == "objective_differs"
    assert referee(i, scalars(x=2.0), float("nan")).verdict == "objective_differs"


def test_an_objective_that_counts_at_a_boundary() -> None:
    """Counted comparisons of continuous values at their boundary may be read either way."""
    i = instance("variables: {x: {type: real}}\nobjectives: [{maximize: '5 * (x >= 1)'}]")
    assert referee(i, scalars(x=1.0), 5.0).ok
    assert referee(i, scalars(x=0.9999999), 5.0).ok
    assert referee(i, scalars(x=0.9), 5.0).verdict == "objective_differs"
    i = instance("variables: {x: {type: real}}\nobjectives: [{maximize: '5 * ((x < 1) in {1, 3})'}]")
    assert referee(i, scalars(x=1.0), 5.0).ok and referee(i, scalars(x=1.0), 0.0).ok
    assert referee(i, scalars(x=0.9), 0.0).verdict == "objective_differs"


def test_an_undefined_objective_is_a_violation() -> None:
    """No value of the objective, no acceptance."""
    i = instance("variables: {k: {type: integer}}\nobjectives: [{minimize: 1 / k}]")
    assert referee(i, scalars(k=0)).verdict == "violated"


def test_too_deep_a_chain_of_named_expressions_is_an_error() -> None:
    """A clear error, no RecursionError."""
    chain = "".join(f"  e{n}: '1 + abs(0 + max(1, e{n - 1}))'\n" for n in range(1, 199))
    i = instance(f"variables: {{x: {{type: real}}}}\nexpressions:\n  e0: x\n{chain}"
                 "constraints: [{name: c, expr: e198 <= 500}]\nobjectives: [{minimize: e198}]")  # fmt: skip
    with pytest.raises(EvaluationError, match="V114"):
        referee(i, scalars(x=3.0))


# properties ----------------------------------------------------------------------------------------------------------

ROW = "3 * k - 2 * j + (k > j) <= 4 and (k >= 0 or not j >= 2)"


@given(st.integers(-6, 6), st.integers(-6, 6), st.booleans())
@settings(max_examples=150, deadline=None)
def test_integer_points_are_judged_as_python_judges(k: int, j: int, floats: bool) -> None:
    """Over integers the referee is exact, whether the solver says 3 or 3.0."""
    expected = 3 * k - 2 * j + (k > j) <= 4 and (k >= 0 or not j >= 2)
    report = judged(ROW, k=float(k) if floats else k, j=float(j) if floats else j)
    assert report.ok is expected


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(-1e-7, 1e-7), st.floats(-1e-7, 1e-7))
@settings(max_examples=150, deadline=None)
def test_noise_below_the_tolerance_never_rejects(x: float, y: float, dx: float, dy: float) -> None:
    """A point that satisfies the closed model still passes after noise far below the tolerance."""
    expr = "implies(x > 2, y <= 1) and not (x < -3 and y > 3)"
    clean = (x <= 2 or y <= 1) and not (x < -3 and y > 3)
    if clean:
        assert judged(expr, x=x + dx, y=y + dy).ok
