"""HiGHS: statuses, solve plans, limits, interruption, duals, and every case it can answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Case

from nl2opt.check.feasible import referee
from nl2opt.errors import SolverFailure
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.solvers import highs, highs_session
from nl2opt.solvers.highs_session import TERMINATION, Session
from nl2opt.solvers.result import Result, SolveOptions, Termination


def instance_of(text: str, data: dict[str, Any] | None = None) -> Instance:
    return bind(read_document(f"nl2opt: 1\nname: test\n{text}"), data)


def solve(text: str, options: SolveOptions | None = None) -> Result:
    return highs.solve(instance_of(text), options)


HARD = """
sets: {I: range(60), J: range(18)}
parameters: {w: {over: "J, I", type: integer}}
variables: {x: {over: I, type: binary}, s: {over: J, type: real}}
constraints:
  - {name: up, for: j in J, expr: "sum(w[j, i] * x[i] for i in I) - s[j] <= sum(w[j, i] for i in I) / 2"}
  - {name: down, for: j in J, expr: "sum(w[j, i] * x[i] for i in I) + s[j] >= sum(w[j, i] for i in I) / 2"}
objectives: [{minimize: sum(s)}]
"""


def hard() -> Instance:
    """A market split: feasible at once, not proved within any time a test has."""
    import random

    rng = random.Random(7)
    return instance_of(HARD, {"w": [[rng.randint(0, 99) for _ in range(60)] for _ in range(18)]})


def test_cases(case: Case) -> None:
    """Each case that HiGHS can answer, judged by its expected answer and the referee."""
    expected = case.expected
    if not {"lp", "milp"} & set(expected["needs"]):
        pytest.skip("the case asks for another solver")
    data = case.folder / "data.json"
    instance = bind(read_document(case.model_file), json.loads(data.read_text("utf-8")) if data.exists() else None)
    result = highs.solve(instance)
    assert result.termination.value == expected["status"]
    if expected["objective"] is not None:
        assert result.objective == pytest.approx(expected["objective"], rel=1e-6)
    if result.point is not None:
        assert referee(instance, result.point, result.objective, highs.fix_and_resolve).verdict == "ok"
    relaxed = highs.solve(instance, SolveOptions(relax_integrality=True))
    if expected.get("objective_relaxed") is not None:
        assert relaxed.objective == pytest.approx(expected["objective_relaxed"], rel=1e-6)


def test_optimal_result_has_everything() -> None:
    """Objective, bound and gap agree; whole values are integers."""
    result = solve("variables: {x: {type: integer}}\nconstraints: [3 * x <= 10]\nobjectives: [{maximize: 2 * x + 1}]")
    assert (result.termination, result.vector, result.objective) == (Termination.OPTIMAL, "optimal", 7)
    assert result.bound == pytest.approx(7) and result.gap == pytest.approx(0)
    assert result.point == {"x": {(): 3}} and isinstance(result.point["x"][()], int)
    assert (result.solver, result.route, result.raw_status) == ("highs", "milp", "kOptimal")


def test_infeasible() -> None:
    """No point, no objective."""
    result = solve("variables: {x: {type: real}}\nconstraints: [x >= 3, x <= 2]\nobjectives: [{minimize: x}]")
    assert (result.termination, result.vector, result.point) == (Termination.INFEASIBLE, "none", None)
    assert result.objective is result.bound is result.gap is None


@pytest.mark.parametrize("kind", ["real", "integer"])
def test_unbounded_and_infeasible_are_told_apart(kind: str) -> None:
    """HiGHS may say one of the two; a run without the objective decides."""
    free = f"variables: {{x: {{type: {kind}}}, y: {{type: {kind}}}}}\n"
    unbounded = solve(free + "constraints: [x - y <= 3]\nobjectives: [{maximize: x + y}]")
    assert unbounded.termination is Termination.UNBOUNDED
    neither = solve(free + "constraints: [x - y <= 3, 2 * x + 2 * y == 1.5, x - y >= 4]\nobjectives: [{maximize: x}]")
    assert neither.termination is Termination.INFEASIBLE


def test_unbounded_relaxation_of_an_infeasible_integer_model() -> None:
    """The relaxation improves without end, yet no whole point exists."""
    text = "variables: {x: {type: integer}, y: {type: integer}}\nconstraints: [2 * x - 2 * y == 1]\n"
    assert solve(text + "objectives: [{maximize: x}]").termination is Termination.INFEASIBLE


@pytest.mark.parametrize(
    ("variables", "rows", "objective", "termination"),
    [
        (
            "w: {type: real, lower: -3, upper: 1}, x: {type: binary}, y: {type: real, lower: '-inf', upper: 1}, "
            "z: {type: real, lower: '-inf', upper: 1}",
            ["x + 10 * z - 10 * y >= 0", "-3 * x - 10 * w >= -3", "2 * z + 5 * x - y + w <= 4"],
            "minimize: 2 * w + 100 * x + 100 * y + 100 * z",
            Termination.UNBOUNDED,
        ),
        (
            "w: {type: integer, lower: -2, upper: 1}, x: {type: real, upper: 1}, y: {type: real, lower: '-inf', "
            "upper: 10}, z: {type: real, lower: '-inf'}",
            ["-z - x <= 4", "-10 * w <= -3", "10 * z + 10 * w - 10 * x + y / 2 >= 7.5", "x - y + w - 3 * z >= 0"],
            "maximize: 2 * w - x + z",
            Termination.UNBOUNDED,
        ),
        ("x: {type: integer}, y: {type: real}", ["2 * x == 3"], "maximize: y", Termination.INFEASIBLE),
        ("x: {type: integer}, y: {type: real}", ["2 * x - 2 * y == 3"], "maximize: x", Termination.UNBOUNDED),
        ("x: {type: integer}, y: {type: real}", ["x + y <= 3.5"], "maximize: x", Termination.OPTIMAL),
    ],
)
def test_mixed_models_without_end(variables: str, rows: list[str], objective: str, termination: Termination) -> None:
    """The relaxation decides first: of the first two HiGHS says that there is no point, or an optimum."""
    constraints = ", ".join(f"{{name: c{n}, expr: '{row}'}}" for n, row in enumerate(rows))
    text = f"variables: {{{variables}}}\nconstraints: [{constraints}]\nobjectives: [{{{objective}}}]"
    assert solve(text).termination is termination


def test_satisfaction_and_no_variables() -> None:
    """Without an objective any point will do; without variables the constraints are judged."""
    result = solve("variables: {x: {type: integer, upper: 9}}\nconstraints: [x >= 4]")
    assert result.termination is Termination.OPTIMAL and result.objective is None and result.point["x"][()] >= 4  # type: ignore[index, operator]
    assert solve("parameters: {p: 3}\nconstraints: [p <= 4]").termination is Termination.OPTIMAL
    assert solve("parameters: {p: 3}\nconstraints: [p <= 2]").termination is Termination.INFEASIBLE


def test_lexicographic() -> None:
    """The higher priority first, then the best of its optima; the notes say both."""
    text = """
variables: {x: {type: integer, upper: 5}, y: {type: integer, upper: 5}}
constraints: [x + y <= 7]
objectives: [{priority: 1, minimize: x}, {priority: 2, maximize: x + y}]
"""
    result = solve(text)
    assert result.point == {"x": {(): 2}, "y": {(): 5}} and result.objective == 7
    assert "priority 2: 7" in result.notes[0] and "priority 1: 2" in result.notes[0]


def test_lexicographic_with_an_unbounded_level() -> None:
    """A later objective without end is unbounded."""
    text = """
variables: {x: {type: real, upper: 5}, y: {type: real}}
objectives: [{priority: 2, maximize: x}, {priority: 1, maximize: y}]
"""
    assert solve(text).termination is Termination.UNBOUNDED


def test_soft_constraints() -> None:
    """Penalties: amounts of comparisons, 1 for other conditions; without an objective they are minimized."""
    text = """
variables: {x: {type: real, upper: 10}, b: {type: binary}}
constraints:
  - {name: much, expr: x >= 8}
  - {name: little, expr: x <= 5, penalty: 2}
  - {name: yes, expr: b, penalty: 7}
  - {name: no, expr: not b, penalty: 3}
"""
    result = solve(text)
    assert result.objective == pytest.approx(2 * 3 + 3) and result.point["b"][()] == 1  # type: ignore[index]
    assert referee(instance_of(text), result.point, result.objective).verdict == "ok"  # type: ignore[arg-type]


def test_time_limit_keeps_the_incumbent() -> None:
    """The time limit comes first: a feasible point with its bound."""
    result = highs.solve(hard(), SolveOptions(time_limit=1.0))
    assert result.termination is Termination.TIME_LIMIT and result.vector == "feasible"
    assert result.objective is not None and result.bound is not None and result.bound <= result.objective
    assert result.seconds < 6


def test_interrupt_keeps_the_incumbent() -> None:
    """Ctrl-C is a result; in a process of its own, since a signal that comes too early would stop pytest."""
    code = (
        "import test_highs\nfrom nl2opt.solvers import highs\nfrom nl2opt.solvers.result import SolveOptions\n"
        "instance = test_highs.hard()\nprint('go', flush=True)\n"
        "r = highs.solve(instance, SolveOptions(time_limit=60.0))\nprint(r.termination.value, r.vector)\n"
    )
    folders = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    environment = {**os.environ, "PYTHONPATH": folders}
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
    assert child.stdout is not None and child.stdout.readline() == "go\n"
    time.sleep(4)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    assert out == "interrupted feasible\n"


def test_unknown_status_is_a_failure() -> None:
    """No word of HiGHS is read as optimal by default."""
    import highspy

    session = Session(
        highs.ground(instance_of("variables: {x: {type: real}}\nobjectives: [{minimize: x}]")), SolveOptions()
    )
    known = set(TERMINATION)
    for name in (n for n in dir(highspy.HighsModelStatus) if n.startswith("k")):
        raw = getattr(highspy.HighsModelStatus, name)
        if raw not in known:
            with pytest.raises(SolverFailure):
                session._outcome(raw)


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_duals_are_derivatives(sense: str) -> None:
    """A dual value is the change of the objective for one unit more on the right-hand side."""
    sign, op = ("", ">=") if sense == "minimize" else ("-", "<=")
    text = """
sets: {{I: [a, b]}}
variables: {{x: {{over: I, type: real}}}}
constraints:
  - {{name: need, for: i in I, expr: "x[i] + 0.5 * x['a'] {op} {rhs}"}}
objectives: [{{{sense}: "3 * x['a'] + 2 * x['b']"}}]
"""
    del sign
    base = solve(text.format(op=op, rhs=6, sense=sense))
    assert base.sensitivity is not None and base.objective is not None
    more = solve(text.format(op=op, rhs=7, sense=sense))
    assert more.objective == pytest.approx(base.objective + sum(base.sensitivity.duals("need").values()))
    assert base.sensitivity.slacks("need") == {("a",): pytest.approx(0), ("b",): pytest.approx(0)}
    assert set(base.sensitivity.reduced_costs("x")) == {("a",), ("b",)}


def test_no_duals_of_whole_models() -> None:
    """Duals belong to linear programs; the relaxation has them."""
    text = "variables: {x: {type: integer}}\nconstraints: [{name: c, expr: 2 * x <= 5}]\nobjectives: [{maximize: x}]"
    assert solve(text).sensitivity is None
    relaxed = solve(text, SolveOptions(relax_integrality=True))
    assert relaxed.objective == pytest.approx(2.5) and relaxed.sensitivity is not None
    assert relaxed.sensitivity.duals("c") == {(): pytest.approx(0.5)}


def test_fix_and_resolve() -> None:
    """The continuous rest for given whole values and elements; None where there is none."""
    text = """
sets: {I: [a, b]}
variables: {n: {type: integer, upper: 5}, s: {in: I}, x: {type: real}}
constraints: [{name: c, expr: x >= 1.5 * n}, {name: d, expr: "implies(s == 'a', x >= 4)"}, {name: e, expr: n <= 4}]
objectives: [{minimize: x}]
"""
    instance = instance_of(text)
    point = highs.fix_and_resolve(instance, {"n": {(): 2}, "s": {(): "a"}, "x": {(): 0.0}})
    assert point == {"n": {(): 2}, "s": {(): "a"}, "x": {(): pytest.approx(4)}}
    assert highs.fix_and_resolve(instance, {"n": {(): 5}, "s": {(): "a"}, "x": {(): 0.0}}) is None


def test_threads_and_seed_can_change() -> None:
    """HiGHS keeps a pool of threads for the process; another number is no error."""
    text = "variables: {x: {type: integer}}\nconstraints: [3 * x <= 10]\nobjectives: [{maximize: x}]"
    for threads in (1, 2, 1):
        assert solve(text, SolveOptions(threads=threads, seed=threads)).objective == 3


def test_support_table_is_used() -> None:
    """Every construct of the table has a reason."""
    assert all(reason for reason in highs.UNSUPPORTED.values()) and highs.PIPELINE


def test_a_program_of_many_nodes_is_searched_with_the_presolve_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a few nodes without the presolve do not decide is searched again, to the same optimum."""
    text = (
        "nl2opt: 1\nsets: {I: range(30)}\nparameters: {w: {over: I, value: [WEIGHTS]}}\n"
        "variables: {x: {over: I, type: binary}}\nconstraints: [{expr: '2 * sum(w[i] * x[i] for i in I) <= 20001'}]\n"
        "objectives: [{maximize: 'sum((w[i] + i % 7) * x[i] for i in I)'}]"
    )
    model = bind(read_document(text.replace("WEIGHTS", ", ".join(str(501 + 37 * i * i % 499) for i in range(30)))))
    whole = highs.solve(model)
    runs: list[str] = []
    once = Session._run

    def counted(session: Session, *most: float | None) -> Any:
        found = once(session, *most)
        runs.append(str(found))
        return found

    monkeypatch.setattr(highs_session, "NODES", 1)
    monkeypatch.setattr(Session, "_run", counted)
    again = highs.solve(model)
    assert len(runs) == 2 and "SolutionLimit" in runs[0]
    assert again.objective == whole.objective and again.termination is whole.termination
