"""Running an emitted program: every way it can end is told apart, and every value finds its way back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from nl2opt.emitters import Program, emit, targets, write
from nl2opt.errors import ProgramFailure, SolverFailure, Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.sandbox import SandboxRun
from nl2opt.solvers import program
from nl2opt.solvers.program import solve
from nl2opt.solvers.result import SolveOptions, Termination

TARGETS = ("pyomo", "cpmpy", "ortools")


def instance(text: str, **data: Any) -> Instance:
    """A document's text -> an instance."""
    return bind(read_document("nl2opt: 1\nname: example\n" + text), data)


KNAPSACK = """
sets: {Things: [lamp, rope, tent]}
parameters:
  weight: {over: Things, type: integer, value: [3, 4, 6]}
  worth: {over: Things, value: [2.5, 4.25, 6]}
variables: {take: {over: Things, type: binary}}
constraints: [{name: load, expr: "sum(weight[t] * take[t] for t in Things) <= 9"}]
objectives: [{maximize: "sum(worth[t] * take[t] for t in Things)"}]
"""


@pytest.mark.parametrize("target", TARGETS)
def test_optimal(target: str) -> None:
    """Every field of the result is filled, decimals come out exactly."""
    result = solve(instance(KNAPSACK), SolveOptions(time_limit=30), target)
    assert (result.termination, result.vector, result.gap) == (Termination.OPTIMAL, "optimal", 0.0)
    assert result.objective == pytest.approx(8.5)
    assert result.point is not None
    assert result.point["take"] == {("lamp",): 1, ("rope",): 0, ("tent",): 1}
    assert result.route == f"program {target}" and result.raw_status.lower() == "optimal"


@pytest.mark.parametrize("target", TARGETS)
def test_infeasible(target: str) -> None:
    """A contradiction is a result without a point."""
    text = "variables: {x: {type: integer, upper: 5}}\nconstraints: [{expr: x >= 3}, {expr: x <= 2}]\n"
    result = solve(instance(text), target=target)
    assert (result.termination, result.vector, result.point) == (Termination.INFEASIBLE, "none", None)


def test_unbounded() -> None:
    """An unbounded model says so."""
    text = """
variables: {x: {type: real}, y: {type: real}}
constraints: [{expr: x - y <= 1}]
objectives: [{maximize: x}]
"""
    assert solve(instance(text), target="pyomo").termination in (
        Termination.UNBOUNDED, Termination.INFEASIBLE_OR_UNBOUNDED)  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_a_sum_over_nothing(target: str) -> None:
    """A constraint in which no variable is left still counts."""
    text = """
sets: {Nodes: [a, b, c], Arcs: {elements: [[a, b]]}}
variables: {flow: {over: Arcs, type: integer, upper: 9}}
constraints: [{name: into, for: n in Nodes if n != 'a', expr: "sum(flow[i, j] for (i, j) in Arcs if j == n) >= NEED"}]
"""
    assert solve(instance(text.replace("NEED", "0")), target=target).termination is Termination.OPTIMAL
    assert solve(instance(text.replace("NEED", "1")), target=target).termination is Termination.INFEASIBLE


@pytest.mark.parametrize("target", TARGETS)
def test_priorities_and_penalties(target: str) -> None:
    """The first goal is kept while the second is improved; a violation costs its amount in the last."""
    text = """
sets: {I: "range(1, 4)"}
variables: {x: {over: I, type: integer, upper: 4}}
constraints:
  - {name: total, expr: "sum(x[i] for i in I) == 6"}
  - {name: small, for: i in I, expr: "x[i] <= 1", penalty: 2}
objectives:
  - {priority: 2, minimize: "x[1]"}
  - {priority: 1, maximize: "3 * x[2]"}
"""
    result = solve(instance(text), target=target)
    assert result.point is not None and result.objective == pytest.approx(0)
    assert [round(float(v)) for v in result.point["x"].values()] == [0, 4, 2]  # type: ignore[arg-type]


@pytest.mark.parametrize("target", TARGETS)
def test_a_variable_in_a_set(target: str) -> None:
    """Labels come back as labels, tuples as keys."""
    text = """
sets: {Rooms: [red, blue], Guests: [ann, bob], May: {elements: [[ann, red], [bob, red], [bob, blue]]}}
variables: {room: {over: Guests, in: Rooms}}
constraints:
  - {name: apart, expr: all_different(room)}
  - {name: may, for: g in Guests, expr: "(g, room[g]) in May"}
"""
    result = solve(instance(text), target=target)
    assert result.point is not None
    assert result.point["room"] == {("ann",): "red", ("bob",): "blue"}


@pytest.mark.parametrize("target", TARGETS)
def test_a_variable_nobody_mentions(target: str) -> None:
    """It gets some value within its bounds."""
    text = "variables: {x: {type: integer, lower: 2, upper: 5}, y: {type: binary}}\nconstraints: [{expr: y == 1}]\n"
    point = solve(instance(text), target=target).point
    assert point is not None and 2 <= float(point["x"][()]) <= 5  # type: ignore[arg-type]


def test_relaxation() -> None:
    """Whole numbers may be broken; the integer target refuses."""
    relaxed = SolveOptions(relax_integrality=True)
    result = solve(instance(KNAPSACK), relaxed, "pyomo")
    assert result.objective == pytest.approx(4.25 + 5)
    with pytest.raises(Unsupported):
        solve(instance(KNAPSACK), relaxed, "cpmpy")


def test_floor_division_of_negative_numbers() -> None:
    """`//` and `%` round down, as the language says, not towards zero, as CPMpy does."""
    text = """
variables:
  x: {type: integer, lower: -7, upper: -7}
  q: {type: integer, lower: -9}
  r: {type: integer, lower: -9, upper: 9}
constraints: [{expr: q == x // 3}, {expr: q <= 9}, {expr: r == x % 3}]
"""
    point = solve(instance(text), target="cpmpy").point
    assert point is not None and (point["q"][()], point["r"][()]) == (-3, 2)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (SandboxRun("exited", 1, "", "Traceback\nValueError: no\n", 1.0), "ValueError: no"),
        (SandboxRun("time_limit", -9, "", "", 1.0), "time_limit"),
        (SandboxRun("exited", 0, "hello", "", 1.0), "no JSON"),
        (SandboxRun("exited", 0, "", "", 1.0), "no JSON"),
        (SandboxRun("exited", 0, "[1]", "", 1.0), "another JSON"),
        (SandboxRun("exited", 0, json.dumps({"status": "fine", "objective": 1}), "", 1.0), "unknown status"),
    ],
)
def test_failures(run: SandboxRun, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that breaks, is silent or says something unknown is a ProgramFailure with what it said."""
    monkeypatch.setattr(program, "run_python", lambda *_, **__: run)
    with pytest.raises(ProgramFailure, match=message):
        solve(instance(KNAPSACK), target="pyomo")


def test_a_solver_that_does_not_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ended from outside after its own time limit and a grace, it is a time limit without a point, not a failure."""
    killed = SandboxRun("time_limit", -9, "", "", 61.0)
    monkeypatch.setattr(program, "run_python", lambda *_, **__: killed)
    result = solve(instance(KNAPSACK), SolveOptions(time_limit=1), "pyomo")
    assert (result.termination, result.point, result.objective) == (Termination.TIME_LIMIT, None, None)


def test_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the extra to install."""
    runner = targets()["pyomo"].RUNNER
    monkeypatch.setattr(targets()["pyomo"], "RUNNER", replace(runner, packages=("no-such-package",)))
    with pytest.raises(SolverFailure, match=r"nl2opt\[programs\]"):
        solve(instance(KNAPSACK), target="pyomo")


def test_unknown_target_and_refusals() -> None:
    """An unknown target names the known ones; a refusal gives the declared reason."""
    with pytest.raises(Unsupported, match=r"cpmpy, .*pyomo"):
        emit(instance(KNAPSACK), "cobol")
    with pytest.raises(Unsupported, match="integers only"):
        write(instance("variables: {x: {type: real}}"), "cpmpy")
    assert isinstance(emit(read_document("nl2opt: 1\nname: m\nvariables: {x: {type: binary}}"), "cpmpy"), Program)


@pytest.mark.parametrize(("row", "status"), [("x - y <= 5", "unbounded"), ("x - y >= 4", "infeasible")])
def test_infeasible_or_unbounded_is_not_the_last_word(row: str, status: str) -> None:
    """Of a mixed model without end HiGHS says one of the two; a program without the objective decides."""
    text = (
        "nl2opt: 1\nname: m\nvariables: {x: {type: integer}, y: {type: real}}\nobjectives: [{maximize: x}]\n"
        "constraints: [{name: k, expr: x - y <= 3}, {name: l, expr: %s}, {name: s, expr: x <= 9, penalty: 0.5}]"
    )
    result = solve(bind(read_document(text % row)), SolveOptions(time_limit=30), "pyomo")
    assert result.termination.value == status and result.point is None
