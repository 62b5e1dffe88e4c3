"""SCIP and GLOP: every case, statuses, limits, rays, the solve plan, soft constraints; beside HiGHS in one process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nl2opt.check.feasible import referee
from nl2opt.errors import EvaluationError, SolverFailure, Unsupported
from nl2opt.explain.answer import answer
from nl2opt.ground.plain import ground_plain
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.solvers import auto, scip, scip_session
from nl2opt.solvers.apart import Reply
from nl2opt.solvers.result import Result, SolveOptions, Termination
from nl2opt.solvers.routes import ROUTES

ROOT = Path(__file__).resolve().parents[2]


def read(text: str) -> Instance:
    """Document -> instance."""
    return bind(read_document("nl2opt: 1\nname: small\n" + text))


def solve(text: str, options: SolveOptions | None = None) -> Result:
    """Document -> result; the referee accepts its point and its objective."""
    instance = read(text)
    result = scip.solve(instance, options)
    if result.point is not None:
        report = referee(instance, result.point, result.objective)
        assert report.ok, report.violations
    return result


MARKET = """
sets: {I: range(40), J: range(7)}
variables: {x: {over: I, type: binary}, slack: {over: J, type: real}}
expressions:
  gap:
    over: j in J
    expr: "sum((7 * i ** 3 + 13 * j * i ** 2 + 31 * j ** 2 + 17 * i) % 9973 * x[i] for i in I) - 99700"
constraints:
  - {name: up, for: j in J, expr: "gap[j] <= slack[j]"}
  - {name: down, for: j in J, expr: "-slack[j] <= gap[j]"}
objectives: [{minimize: "sum(slack)"}]
"""
REAL = "variables: {x: {type: real}, y: {type: real}}\n"


def test_case(case: Any) -> None:
    """Every case: status and optimum; the referee accepts the point and the objective."""
    data = case.folder / "data.json"
    instance = bind(
        read_document(case.model_file.read_text(encoding="utf-8")),
        json.loads(data.read_text(encoding="utf-8")) if data.exists() else None,
    )
    expected = case.expected
    result = scip.solve(instance, SolveOptions(time_limit=60))
    assert result.termination.value == expected["status"]
    if result.point is not None:
        assert referee(instance, result.point, result.objective).ok
        assert expected["objective"] is None or result.objective == pytest.approx(expected["objective"], abs=1e-6)


# statuses ------------------------------------------------------------------------------------------------------------


def test_result_of_an_optimum() -> None:
    """A linear program goes to GLOP, a mixed one to SCIP; bound and gap close."""
    text = REAL + "constraints: [{name: k, expr: x + 2 * y <= 5}]\nobjectives: [{maximize: x + y}]"
    result = solve(text)
    assert (result.solver, result.route, result.raw_status) == ("scip", "plain", "GLOP OPTIMAL")
    assert result.objective == pytest.approx(5) and result.bound == result.objective and result.gap == 0
    result = solve(text.replace("x: {type: real}", "x: {type: integer}").replace("5", "5.5"))
    assert result.raw_status == "SCIP OPTIMAL" and result.vector == "optimal"
    assert result.objective == pytest.approx(5.25) and result.point is not None and result.point["x"][()] == 5


@pytest.mark.parametrize("kind", ["real", "integer"])
def test_infeasible_and_unbounded_are_told_apart(kind: str) -> None:
    """With the same objective; neither engine's word is taken where both are possible."""
    text = (
        REAL.replace("real", kind) + "objectives: [{maximize: x + y}]\nconstraints:\n  - {name: k, expr: x - y <= 3}\n"
    )
    assert solve(text).termination is Termination.UNBOUNDED
    result = solve(text + "  - {name: l, expr: x - y >= 4}\n")
    assert result.termination is Termination.INFEASIBLE and result.point is None and result.objective is None
    assert solve(text + "  - {name: l, expr: x + y <= 9}\n").objective == pytest.approx(9)


def test_unbounded_under_conditions() -> None:
    """A ray must hold the rows that the conditions of some point switch on."""
    text = (
        "variables: {x: {type: real, lower: '-inf'}, b: {type: binary}}\nobjectives: [{minimize: x}]\n"
        "constraints:\n  - {name: k, expr: 'implies(b, x >= 3)'}\n"
    )
    assert solve(text).termination is Termination.UNBOUNDED
    assert solve(text + "  - {name: l, expr: 'implies(not b, x >= 5)'}\n").objective == pytest.approx(3)


def test_integers_without_bounds() -> None:
    """What CP-SAT refuses, and HiGHS cannot take a big-M for."""
    text = "variables: {x: {type: integer}, b: {type: binary}}\nobjectives: [{minimize: x + b}]\nconstraints:\n"
    assert solve(text + "  - {name: k, expr: 'b or x >= 2.5'}\n  - {name: l, expr: 'implies(b, x > 4)'}").objective == 3


def test_empty_domains_and_false_constraints_are_infeasible() -> None:
    """Crossing bounds, an empty set, no whole number between bounds, a row that is false by itself."""
    for variable in (
        "{type: real, lower: 3, upper: 2}",
        '{in: "range(0)"}',
        "{type: integer, lower: 0.2, upper: 0.8}",
    ):
        assert solve(f"variables: {{x: {variable}}}").termination is Termination.INFEASIBLE
    assert solve(REAL + "constraints: [{name: k, expr: 0 * x >= 1}]").termination is Termination.INFEASIBLE


def test_satisfied_without_an_objective() -> None:
    """There is a point and no objective value; a model without variables is solved, too."""
    result = solve(REAL + "constraints: [{name: k, expr: x + y == 1.5}]")
    assert result.termination is Termination.OPTIMAL and result.objective is None and result.point is not None
    assert solve("parameters: {p: {value: 2}}\nobjectives: [{minimize: p}]").objective == 2


def test_time_limit_keeps_the_incumbent() -> None:
    """A limit is a result: incumbent, bound on the right side, gap."""
    result = scip.solve(read(MARKET), SolveOptions(time_limit=1.5))
    assert result.termination is Termination.TIME_LIMIT and result.vector == "feasible"
    assert result.objective is not None and result.bound is not None and result.gap is not None
    assert result.bound <= result.objective and result.seconds < 10


PARITY = (
    MARKET.replace("gap[j] <= slack[j]", "gap[j] == 0")
    .replace("-slack[j] <= gap[j]", "slack[j] == 0")
    .replace("range(7)", "range(2)")
)


@pytest.mark.parametrize(("document", "vector"), [(MARKET, "feasible"), (PARITY, "none")])
def test_interrupt_returns_the_incumbent(document: str, vector: str) -> None:
    """Ctrl-C stops the search, the point found so far comes back, if there is one, and SCIP prints nothing."""
    program = (
        "from nl2opt.ir.bind import bind\nfrom nl2opt.ir.document import read_document\n"
        "from nl2opt.solvers.scip import solve\nfrom nl2opt.solvers.result import SolveOptions\n"
        f"i = bind(read_document('''nl2opt: 1\\nname: m\\n{document}'''))\nprint('go', flush=True)\n"
        "r = solve(i, SolveOptions(time_limit=60))\nprint(r.termination.value, r.vector)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "go\n"
    time.sleep(3)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=30)
    assert out == f"interrupted {vector}\n"


@pytest.mark.parametrize("ending", ["crashed", "overran"])
def test_a_broken_engine_does_not_break_us(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash is a failure with its signal; a run that had to be ended from outside reached its limit."""
    monkeypatch.setattr(scip_session, "ask", lambda *_: Reply(ending, {}, detail="signal 11"))  # type: ignore[arg-type]
    instance = read(REAL + "objectives: [{minimize: x}]")
    if ending == "overran":
        assert scip.solve(instance).termination is Termination.TIME_LIMIT
        return
    with pytest.raises(SolverFailure, match="signal 11"):
        scip.solve(instance)


@pytest.mark.parametrize("status", [4, 5, 6, 17])
def test_unknown_status_raises(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """ABNORMAL, MODEL_INVALID, a stop before any limit, a number of a later version: never a result."""
    word = scip_session._word
    monkeypatch.setattr(scip_session, "_word", lambda _: word(status))
    with pytest.raises(SolverFailure):
        scip.solve(read(REAL + "objectives: [{minimize: x}]"))


# meaning -------------------------------------------------------------------------------------------------------------


def test_objectives_by_priority() -> None:
    """The highest priority is proved first and held; the result's objective is its."""
    result = solve(
        "variables: {x: {type: integer, upper: 10}, y: {type: real, upper: 10}}\n"
        "constraints: [{name: k, expr: x + y <= 12.5}]\n"
        "objectives: [{priority: 1, minimize: y - x}, {priority: 2, maximize: 2 * x + 2 * y}]"
    )
    assert result.objective == pytest.approx(25) and result.point is not None and result.point["x"][()] == 10
    assert any("priority 1: -7.5" in n for n in result.notes)


def test_soft_constraints_cost_their_violation() -> None:
    """The amount of a comparison, 1 for any other condition; subtracted when maximising; minimised alone."""
    base = "variables: {x: {type: real, upper: 10}, b: {type: binary}}\nconstraints:\n"
    soft = base + "  - {name: s, penalty: 3, expr: x <= 4.5}\n"
    assert solve(soft + "objectives: [{maximize: 2 * x}]").objective == pytest.approx(9)
    assert solve(soft + "objectives: [{maximize: 4 * x}]").objective == pytest.approx(40 - 16.5)
    hard = soft + "  - {name: h, expr: x >= 6}\n  - {name: t, penalty: 5, expr: not b and x <= 2}\n"
    assert solve(hard).objective == pytest.approx(3 * 1.5 + 5)


def test_strict_comparisons() -> None:
    """Of whole sides one less, of continuous ones closed; what must fail may stand at the boundary."""
    text = "variables: {x: {type: integer, upper: 9}, r: {type: real, upper: 9}}\nconstraints:\n"
    assert solve(text + "  - {name: k, expr: 0.5 * x < 2}\nobjectives: [{maximize: x}]").objective == 3
    assert solve(text + "  - {name: k, expr: r < 2}\nobjectives: [{maximize: r}]").objective == pytest.approx(2)
    assert solve(text + "  - {name: k, expr: not r <= 2}\nobjectives: [{minimize: r}]").objective == pytest.approx(2)
    with pytest.raises(Unsupported, match="must fail"):
        solve(text + "  - {name: k, expr: r != 2}\n")


def test_a_condition_is_read_one_way() -> None:
    """At the boundary of a continuous condition a choice still takes one of its two values."""
    text = "variables: {r: {type: real, upper: 4}}\nobjectives: [{maximize: '(1 - r if r >= 2 else r - 3)'}]\n"
    assert solve(text).objective == pytest.approx(-1)
    pieces = "variables: {y: {type: real, upper: 4}, b: {type: binary}}\nobjectives: [{maximize: '%s + 2 * b'}]\n"
    text = pieces % "piecewise(y, [(0, 1), (2, 2), (4, -1)])" + "constraints: [{name: k, expr: 'implies(b, y <= 1)'}]"
    assert solve(text).objective == pytest.approx(3.5)


def test_undefined() -> None:
    """A variable index outside its keys makes the comparison false; a constant one is an error with its binding."""
    text = "sets: {I: range(3)}\nvariables: {x: {over: I, type: real, upper: 5}, i: {type: integer, upper: 5}}\n"
    assert solve(text + "constraints: [{name: k, expr: 'x[i] >= 2'}]\nobjectives: [{maximize: i}]").objective == 2
    assert solve(text + "constraints: [{name: k, expr: 'not x[i] >= 2'}]\nobjectives: [{maximize: i}]").objective == 5
    with pytest.raises(EvaluationError, match="i0 = 2"):
        solve(text + "constraints: [{name: k, for: i0 in I, expr: 'x[i0 + 1] >= 2'}]")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("a: {in: range(10)}, b: {in: range(10)}|(10 * a + b) * (10 * a + b) == 121", 130),
        ("a: {in: range(10)}, b: {in: range(10)}|(10 * a + b) * (a + 10 * b) == 1462 and a < b", 50),
        ("a: {in: range(10)}, b: {type: integer, lower: -70, upper: 90}|(10 * a + b) * (b - 3 * a) == -451", 300),
        ("a: {type: real, upper: 9}, b: {in: '{-3, 2, 400}'}|a * b == -6.5 and b * b <= 9", 20),
        ("a: {type: integer, lower: -3000, upper: 4000}, b: {type: integer, upper: 900}|a * b == 893 * 3571", 50),
        ("a: {in: '{2, 3}'}, b: {type: integer, lower: 3, upper: 90}|a * b ** 2 == 14283", 120),
    ],
)
def test_products_of_whole_numbers(text: str, columns: int) -> None:
    """A factor is spelled out over the values it can take, not over those of a sum of conditions, or in bits."""
    variables, expr = text.split("|")
    document = f"variables: {{{variables}}}\nconstraints: [{{name: k, expr: '{expr}'}}]"
    result = solve(document)
    assert result.termination is Termination.OPTIMAL, result
    assert len(ground_plain(read(document)).store.lower) <= columns
    again = solve(document.replace("== ", "== 100000000 + "))
    assert again.termination is Termination.INFEASIBLE


@pytest.mark.parametrize("largest", [scip_session.LARGEST, -1])
def test_presolving_of_indicators_stays_off(largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With it SCIP 10.0.0 answers 2 where all switched rows are indicators, and calls that optimal."""
    monkeypatch.setattr(scip_session, "LARGEST", largest)
    result = solve(
        "variables: {x: {type: integer, lower: -1, upper: 0}}\n"
        "constraints: [{name: k, penalty: 2, expr: 'x <= 0.5 // x'}]"
    )
    assert result.objective == 0


def test_unsupported_is_declared() -> None:
    """What the lowering refuses stands in its table, with the reason."""
    for expr in ("x * y <= 3", "x // 2 <= 1", "x / y >= 1"):
        with pytest.raises(Unsupported) as e:
            ground_plain(read(REAL + f"constraints: [{{name: k, expr: '{expr}'}}]"))
        assert e.value.diagnostics[0].expected in scip.UNSUPPORTED.values()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("circling_squares", None, [(Termination.OPTIMAL, None)]),
        ("csplib_005_autocorrelation", {"n": 8}, [(Termination.OPTIMAL, 16)]),
        ("csplib_041_n_fractions", None, [(Termination.OPTIMAL, None), (Termination.TIME_LIMIT, None)]),
    ],
)
def test_puzzles_with_products(
    name: str, data: dict[str, int] | None, told: list[tuple[Termination, int | None]]
) -> None:
    """Products of whole numbers once made SCIP say "infeasible", or crash: a solution, or no word in time."""
    text = (ROOT / "datasets" / "cpbench" / name / "model.yaml").read_text(encoding="utf-8")
    instance = bind(read_document(text), data)
    result = scip.solve(instance, SolveOptions(time_limit=10))
    objective = None if result.objective is None else round(result.objective)
    assert (result.termination, objective) in told
    assert result.point is None or referee(instance, result.point, result.objective).ok


# beside the other routes ---------------------------------------------------------------------------------------------


def test_second_route_has_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a time limit the first route may take its time, the second opinion may not take for ever."""
    seen: list[float | None] = []

    def remember(instance: Instance, options: SolveOptions) -> Result:
        seen.append(options.time_limit)
        return scip.solve(instance, options)

    monkeypatch.setitem(ROUTES, "scip", remember)
    answer(read(REAL + "objectives: [{minimize: x}]"))
    assert seen == [pytest.approx(60)]


def test_second_route_of_continuous_models() -> None:
    """It is asked where CP-SAT does not take the instance, and its agreement is evidence."""
    instance = read(REAL + "constraints: [{name: k, expr: x + 2 * y <= 5}]\nobjectives: [{maximize: x + y}]")
    assert (auto.choose(instance)[0], auto.second_route(instance, "highs")) == ("highs", "scip")
    assert auto.second_route(instance, "scip") == "highs"
    found = answer(instance)
    assert found.second is not None and found.second.solver == "scip" and found.trusted
    assert any("scip finds the same optimum" in e.statement for e in found.evidence)


@pytest.mark.parametrize("order", [("highspy", "pywraplp"), ("pywraplp", "highspy")])
def test_imports_beside_highs(order: tuple[str, str]) -> None:
    """In one process, in either order, both solve."""
    imports = {"highspy": "import highspy", "pywraplp": "from ortools.linear_solver import pywraplp"}
    program = "\n".join(imports[name] for name in order) + (
        "\nfrom nl2opt.ir.bind import bind\nfrom nl2opt.ir.document import read_document\n"
        "from nl2opt.solvers import highs, scip\n"
        "i = bind(read_document('nl2opt: 1\\nvariables: {x: {type: integer, upper: 4}}\\n"
        "objectives: [{maximize: 3 * x}]'))\n"
        "print(highs.solve(i).objective, scip.solve(i).objective, highs.solve(i).objective)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.stdout == "12.0 12.0 12.0\n", done.stderr


def test_a_schedule_of_reals_that_is_compared_as_a_count() -> None:
    """What counts 0 or 1 is no continuous value: `<= 0` excludes 1, and has no boundary of its own."""
    instance = bind(
        read_document(
            "nl2opt: 1\nvariables: {v: {type: real, upper: 3}, y: {type: integer, upper: 2}}\nconstraints:\n"
            '- {expr: "6 * (no_overlap([(1, 1), (v, 2)]) <= 0) + y <= 3"}\nobjectives: [{maximize: y - v}]'
        )
    )
    result = scip.solve(instance)
    assert result.point is not None and referee(instance, result.point, result.objective).ok
    assert result.objective == pytest.approx(0)


def test_other_routes_start_without_it() -> None:
    """Neither the lowering nor the library is imported until a solve asks for them."""
    check = (
        "import sys, nl2opt.explain.answer\n"
        "print([m for m in sys.modules if m.startswith(('nl2opt.ground.plain', 'ortools.linear_solver'))])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
