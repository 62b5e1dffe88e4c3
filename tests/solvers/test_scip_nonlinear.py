"""SCIP with nonlinear equations: known optima judged by the referee, statuses, limits, Ctrl-C, what is refused."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest

from nl2opt.check.feasible import referee
from nl2opt.errors import SolverFailure, Unsupported
from nl2opt.explain.answer import answer
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.solvers import auto, highs, scip, scip_nonlinear
from nl2opt.solvers.result import Result, SolveOptions, Termination

needs_it = pytest.mark.skipif(find_spec("pyscipopt") is None, reason="the extra `nonlinear` is not installed")
LIMIT = SolveOptions(time_limit=30)


def read(text: str) -> Instance:
    """Document -> instance."""
    return bind(read_document("nl2opt: 1\nname: small\n" + text))


def document(variables: str, aim: str, *constraints: str) -> str:
    """Parts -> document."""
    rows = "".join(f"\n  - {{name: c{n}, expr: '{c}'}}" for n, c in enumerate(constraints))
    objectives = f"\nobjectives: [{{{aim}}}]" if aim else ""
    return f"variables: {{{variables}}}\nconstraints:{rows or ' []'}{objectives}"


def solve(text: str, options: SolveOptions = LIMIT) -> Result:
    """Document -> result; the referee accepts its point and its objective."""
    instance = read(text)
    result = scip_nonlinear.solve(instance, options)
    if result.point is not None:
        report = referee(instance, result.point, result.objective)
        assert report.ok, report.violations
    return result


X, Y = "x: {type: real}", "y: {type: real}"
FREE = "x: {type: real, lower: -5, upper: 5}, y: {type: real, lower: -5, upper: 5}"
ORE = "x: {type: real, lower: 1, upper: 9}, y: {type: real, lower: 1, upper: 9}"
N = "n: {type: integer, lower: 1, upper: 50}, r: {type: real, lower: 0.5, upper: 4}"
OPTIMA = {
    "fenced field": (document(f"{X}, {Y}", "maximize: x * y", "2 * x + 2 * y <= 20"), 25.0),
    "valley": (document(FREE, "minimize: '(1 - x)**2 + 100 * (y - x**2)**2'"), 0.0),
    "lot size": (document("q: {type: real, lower: 1}", "minimize: 50000 / q + 6 * q"), math.sqrt(24 * 50000)),
    "log": (document("x: {type: real, upper: 10}", "maximize: log(x) - x / 3"), math.log(3) - 1),
    "exp": (document("x: {type: real, lower: -4, upper: 4}", "minimize: exp(x) - 2 * x"), 2 - 2 * math.log(2)),
    "sqrt": (document("x: {type: real, upper: 100}", "maximize: x", "sqrt(x) <= 3"), 9.0),
    "sin": (
        document("x: {type: real, upper: 6}", "minimize: sin(x) + x / 10"),
        -math.sqrt(1 - 0.01) + (2 * math.pi - math.acos(-0.1)) / 10,
    ),
    "cos of whole": (document("n: {type: integer, upper: 9}", "minimize: cos(n)"), math.cos(3)),
    "cans": (document(N, "minimize: 3 * n + 10 * r", "n * r**2 >= 30"), 12 + 10 * math.sqrt(7.5)),
    "ratio": (document(ORE, "maximize: y", "x / y >= 2", "x + y == 6"), 2.0),
    "utility": (
        document("x: {type: real, upper: 50}, y: {type: real, upper: 50}", "maximize: x**0.4 * y**0.6",
                 "3 * x + 2 * y <= 100"),
        (40 / 3) ** 0.4 * 30**0.6,
    ),
    "whole factors": (
        document("x: {type: integer}, y: {type: integer}", "minimize: x + 2 * y", "x * y >= 1000"), 90.0,
    ),
    "base of 2": (document("x: {type: real, upper: 20}", "maximize: x", "2**x <= 1000"), math.log2(1000)),
    "x to the x": (document("x: {type: real, lower: 0.01, upper: 20}", "minimize: x**x"), math.exp(-1 / math.e)),
    "negative power": (document("x: {type: real, lower: 0.5, upper: 20}", "minimize: x + x**-2"), 1.5 * 2 ** (1 / 3)),
    "quotient of variables": (document(ORE, "maximize: (x + 1) / (y + x)"), 1.0),
    "circle": (document(FREE, "maximize: x + y", "x**2 + y**2 <= 8"), 4.0),
    "under a condition": (
        document("x: {type: real, lower: -3, upper: 3}, b: {type: binary}", "minimize: x + 4 * b",
                 "implies(b, log(x) >= 0)", "implies(not b, x**2 >= 4 and x >= -1)"),
        2.0,
    ),
    "binary switch": (document("x: {type: real, upper: 4}, b: {type: binary}", "maximize: b * x**2 - 9 * b"), 7.0),
    "linear": (
        document("x: {type: real, upper: 4}, y: {type: integer, upper: 4}", "maximize: x + y", "2 * x + y <= 6.5"),
        5.25,
    ),
}  # fmt: skip


@needs_it
@pytest.mark.parametrize("name", OPTIMA)
def test_optimum(name: str) -> None:
    """Each optimum is known by hand; bound and gap close."""
    text, optimum = OPTIMA[name]
    result = solve(text)
    assert result.termination is Termination.OPTIMAL, result
    assert result.objective == pytest.approx(optimum, rel=1e-6, abs=1e-6)
    assert result.bound == pytest.approx(optimum, rel=1e-5, abs=1e-5) and result.vector == "optimal"


@needs_it
def test_infeasible() -> None:
    """A product that its sum does not allow; a whole number whose square is not whole."""
    assert solve(document(f"{X}, {Y}", "", "x * y >= 30", "x + y <= 10")).termination is Termination.INFEASIBLE
    text = document("n: {type: integer}", "minimize: n", "n**2 == 50")
    assert solve(text).termination is Termination.INFEASIBLE
    text = document("x: {type: real, lower: -9, upper: -1}", "minimize: x", "sqrt(x) <= 3")
    assert solve(text).termination is Termination.INFEASIBLE


@needs_it
def test_unbounded() -> None:
    """A product runs away; of a logarithm, whose end SCIP's numbers reach first, nothing is claimed."""
    result = solve(document(f"x: {{type: real, upper: 10}}, {Y}", "maximize: x * y"))
    assert result.termination is Termination.UNBOUNDED and result.point is None and result.objective is None
    assert solve(document(X, "maximize: exp(x) - x**2")).termination is Termination.UNBOUNDED
    for text in (document("x: {type: real, lower: 1}", "maximize: log(x)"), document(X, "minimize: log(x) + x")):
        with pytest.raises(SolverFailure, match=r"E694.*where its numbers end"):
            solve(text)
    entropy = solve(document("x: {type: real, upper: 1}", "minimize: 2 * x + x * log(x)"))
    assert entropy.objective == pytest.approx(-math.exp(-3))


@needs_it
def test_satisfaction_priorities_and_penalties() -> None:
    """Without an objective, with two, with violations that cost."""
    result = solve(document(FREE, "", "x * y == 6", "x - y == 1"))
    assert result.termination is Termination.OPTIMAL and result.objective is None
    text = document("x: {type: real, upper: 4}, y: {type: real, upper: 4}",
                    "priority: 2, maximize: x * y}, {priority: 1, minimize: x", "x + y <= 6")  # fmt: skip
    result = solve(text)
    assert result.objective == pytest.approx(9, abs=1e-5) and "priority 2: 9, priority 1: " in result.notes[0]
    text = "variables: {x: {type: real, upper: 4}}\nconstraints: [{name: k, penalty: 2, expr: x**2 <= 4}]\n"
    assert solve(text + "objectives: [{maximize: 5 * x}]").objective == pytest.approx(10, abs=1e-5)


MANY = """
sets: {I: range(12)}
variables: {x: {over: I, type: real, upper: 1}, y: {over: I, type: real, upper: 1}}
constraints:
  - name: apart
    for: "i in I, j in I if i < j"
    expr: "(x[i] - x[j])**2 + (y[i] - y[j])**2 >= d**2"
objectives: [{maximize: d}]
""".replace("variables: {", "variables: {d: {type: real, upper: 2}, ")


@needs_it
def test_time_limit_keeps_the_incumbent() -> None:
    """Points spread in a square: a spread at once, no proof in any time a test has."""
    result = solve(MANY, SolveOptions(time_limit=4))
    assert result.termination is Termination.TIME_LIMIT and result.vector == "feasible"
    assert result.objective is not None and result.bound is not None and 0 <= result.objective < result.bound <= 2


@needs_it
def test_interrupt_returns_the_incumbent() -> None:
    """Ctrl-C stops the search, and the point found so far comes back."""
    program = (
        "from nl2opt.ir.bind import bind\nfrom nl2opt.ir.document import read_document\n"
        "from nl2opt.solvers.scip_nonlinear import solve\n"
        f"i = bind(read_document('''nl2opt: 1\\nname: m\\n{MANY}'''))\nprint('go', flush=True)\n"
        "r = solve(i)\nprint(r.termination.value, r.vector)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "go\n"
    time.sleep(4)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=30)
    assert out == "interrupted feasible\n"


@needs_it
def test_auto_and_evidence() -> None:
    """Nonlinear kinds come here by themselves; that no second route takes them is said."""
    instance = read(OPTIMA["lot size"][0])
    assert auto.choose(instance)[0] == "scip_nlp"
    found = answer(instance)
    assert found.result.solver == "scip_nlp" and found.trusted
    second = next(e for e in found.evidence if e.check == "second route")
    assert second.holds is None and "does not take" in second.statement
    assert auto.choose(read(OPTIMA["linear"][0]))[0] == "highs"
    assert auto.choose(read(OPTIMA["whole factors"][0]))[0] == "scip_nlp"


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named, it says what to install; `auto` leaves the model to HiGHS, which says what it does not take."""
    for module in (scip_nonlinear, auto):
        monkeypatch.setattr(module, "find_spec", lambda _: None)
    instance = read(OPTIMA["fenced field"][0])
    with pytest.raises(SolverFailure, match=r"nl2opt\[nonlinear\]"):
        scip_nonlinear.solve(instance)
    assert auto.choose(instance)[0] == "highs"
    with pytest.raises(Unsupported):
        highs.solve(instance)


def test_what_is_refused() -> None:
    """What has no closed form stays refused, and the linear routes stay linear."""
    for expr in ("floor(x) <= 2", "not x / y >= 2", "x * y != 2", "x % y <= 1"):
        with pytest.raises(Unsupported):
            scip_nonlinear.solve(read(document(f"{X}, {Y}", "minimize: x", expr)))
    with pytest.raises(Unsupported):
        scip.solve(read(OPTIMA["fenced field"][0]))
