"""Products, squares and powers of whole numbers with declared bounds, and what the form says to be whole."""

from __future__ import annotations

import pytest

from nl2opt.check.feasible import referee
from nl2opt.errors import Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.nodes import Generator
from nl2opt.ir.text import parse_expression, parse_set
from nl2opt.passes.facts import is_integral
from nl2opt.solvers import cpsat, highs, program
from nl2opt.solvers.result import Result, SolveOptions

PAIR = "variables: {x: {type: integer, upper: 20}, y: {type: integer, lower: -3, upper: 15}}\n"
MODELS = {
    "two": PAIR + "constraints: [{name: k, expr: x * y >= 30}]\nobjectives: [{minimize: x**2 + y**2}]",
    "negative": PAIR + "constraints: [{name: k, expr: x * y <= -25}]\nobjectives: [{minimize: x - 2 * y}]",
    "cube": PAIR + "constraints: [{name: k, expr: x**3 + y**3 <= 700}]\nobjectives: [{maximize: x + y}]",
    "sums": (
        "sets: {I: range(2), J: range(3)}\n"
        "variables: {x: {over: I, type: integer, lower: -2, upper: 6}, y: {over: 'I, J', type: integer, upper: 5}}\n"
        "constraints:\n"
        "  - {name: k, for: i in I, expr: 'sum(x[i] * y[i, j]**2 for j in J) >= 7 + 3 * i'}\n"
        "  - {name: m, expr: '(x[0] + x[1]) * (y[0, 0] - y[1, 1]) == -12'}\n"
        "objectives: [{minimize: sum(y) + sum(x)}]"
    ),
    "under a condition": (
        PAIR.replace("{x", "{b: {type: binary}, x")
        + "constraints: [{name: k, expr: 'implies(b, x * y >= 51)'}, {name: l, expr: 'iff(x * x == 49, not b)'}]\n"
        "objectives: [{minimize: x + y + 30 * (1 - b)}]"
    ),
    "bounds from data": (
        "sets: {I: range(3)}\nparameters: {u: {over: I, type: integer, value: [3, 8, 20]}}\n"
        "variables: {x: {over: i in I, type: integer, lower: '-u[i]', upper: 'u[i]'}}\n"
        "constraints: [{name: k, for: i in I, expr: 'x[i] * x[(i + 1) % 3] <= 24 - 4 * i'}]\n"
        "objectives: [{maximize: 'sum((i + 1) * x[i]**2 for i in I)'}]"
    ),
    "powers of ten": (
        "sets: {I: range(3)}\nvariables: {d: {over: I, type: integer, upper: 9}}\n"
        "constraints: [{name: k, expr: 'sum(10**i * d[i] for i in I) % 17 == 3'}]\n"
        "objectives: [{maximize: 'sum(10**i * d[i] for i in I)'}]"
    ),
}


def solved(text: str, route: str = "highs") -> Result:
    """Document, route -> its result, accepted by the referee."""
    instance = bind(read_document("nl2opt: 1\nname: small\n" + text))
    options = SolveOptions(time_limit=60)
    result = {
        "highs": lambda: highs.solve(instance, options),
        "cpsat": lambda: cpsat.solve(instance, options),
        "pyomo": lambda: program.solve(instance, options, "pyomo"),
    }[route]()
    assert result.point is None or referee(instance, result.point, result.objective).ok
    return result


@pytest.mark.parametrize("name", MODELS)
def test_products_of_whole_numbers(name: str) -> None:
    """HiGHS, by binary digits, and CP-SAT, which takes products, find the same optimum."""
    result, other = solved(MODELS[name]), solved(MODELS[name], "cpsat")
    assert result.termination == other.termination and result.vector == "optimal"
    assert result.objective == pytest.approx(other.objective, abs=1e-6)


@pytest.mark.parametrize("name", ["cube", "bounds from data"])
def test_emitted_digits(name: str) -> None:
    """An emitted program computes how many digits there are from its data."""
    assert solved(MODELS[name], "pyomo").objective == pytest.approx(solved(MODELS[name]).objective, abs=1e-6)


def test_a_mixed_product() -> None:
    """A whole number times a continuous one."""
    text = "variables: {n: {type: integer, lower: 1, upper: 12}, r: {type: real, lower: 0.5, upper: 4}}\n"
    text += "constraints: [{name: k, expr: n * r >= 30.5}]\nobjectives: [{minimize: 3 * n + 5 * r}]"
    result = solved(text)
    assert result.objective == pytest.approx(min(3 * n + 5 * 30.5 / n for n in range(8, 13)))


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ("x: {type: integer}, y: {type: integer}", "x * y"),
        ("x: {type: real, upper: 4}, y: {type: real, upper: 4}", "x * y"),
        ("x: {type: integer, upper: 99999999}, y: {type: real}", "x * y"),
    ],
)
def test_refusals_show_the_product(variables: str, found: str) -> None:
    """Two continuous factors, no declared bounds, too wide a range: the person's constraint and product are named."""
    with pytest.raises(Unsupported) as e:
        solved(f"variables: {{{variables}}}\nconstraints: [{{name: area, expr: x * y >= 3}}]")
    d = e.value.diagnostics[0]
    assert (d.code, d.where, d.found) == ("E602", "`area`", found) and "upper" in d.fix


def test_a_product_over_a_set_is_refused_by_name() -> None:
    """`prod` over whole variables has no form of fixed size; the constraint is named."""
    text = "sets: {I: range(3)}\nvariables: {d: {over: I, type: integer, upper: 5}}\n"
    with pytest.raises(Unsupported, match="prod over variables") as e:
        solved(text + "constraints: [{name: volume, expr: 'prod(d[i] for i in I) == 60'}]")
    assert e.value.diagnostics[0].where == "`volume`"


@pytest.mark.parametrize(
    ("source", "whole"),
    [("range(5)", True), ("range(2, 5)", True), ("range(-1, 5)", False), ("{0, 3}", True), ("{-1, 3}", False)],
)
def test_powers_with_an_index(source: str, whole: bool) -> None:
    """`10 ** i` is whole where the set of i says that i is not negative."""
    model = read_document("nl2opt: 1\nname: m\nvariables: {x: {type: integer}}")
    over = (Generator(("i",), parse_set(source)),)
    assert is_integral(parse_expression("10**i * x + 1"), model, over) is whole
    assert is_integral(parse_expression("10**i"), model) is False
    assert is_integral(parse_expression("2**(i + 3)"), model, over) is whole
    assert not is_integral(parse_expression("2**(i - 3)"), model, over)


@pytest.mark.parametrize("condition", ["{} < x", "not {} <= x", "x > {}"])
def test_a_strict_piecewise_of_whole_numbers_is_refused(condition: str) -> None:
    """Its weights are continuous, its values are not: a closed comparison would admit the boundary, where y is 2."""
    pieces = "piecewise(y, [(0, 1), (2, 2), (4, -1)])"
    text = "variables: {{y: {{type: integer, upper: 2}}, x: {{type: integer, upper: 2}}}}\n"
    text += "constraints: [{{name: k, expr: '{}'}}]"
    with pytest.raises(Unsupported, match="strict comparison of piecewise"):
        solved(text.format(condition.format(pieces)) + "\nobjectives: [{maximize: y}]")
    assert solved(text.format(f"{pieces} <= x") + "\nobjectives: [{maximize: y}]").objective == 2
