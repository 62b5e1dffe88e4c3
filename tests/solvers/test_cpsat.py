"""CP-SAT: case optima, statuses, limits, the solve plan, soft constraints, all answers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from nl2opt.check.feasible import referee
from nl2opt.errors import SolverFailure, Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.solvers import auto, cpsat
from nl2opt.solvers.cpsat_solutions import solutions
from nl2opt.solvers.result import SolveOptions, Termination


def read(text: str, data: dict[str, Any] | None = None) -> Instance:
    """Document -> instance."""
    return bind(read_document("nl2opt: 1\nname: small\n" + text), data)


KNAPSACK = """
sets: {I: range(30)}
variables: {x: {over: I, type: binary}}
constraints:
  - {name: weight, expr: "sum((13 + 7 * i % 19) * x[i] for i in I) <= 211"}
objectives: [{maximize: "sum((11 + 5 * i % 23) * x[i] for i in I)"}]
"""
MARKET = """
sets: {I: range(40), J: range(7)}
variables: {x: {over: I, type: binary}}
expressions:
  gap:
    over: j in J
    expr: "sum((7 * i ** 3 + 13 * j * i ** 2 + 31 * j ** 2 + 17 * i) % 9973 * x[i] for i in I) - 99700"
objectives: [{minimize: "sum(abs(gap[j]) for j in J)"}]
"""


def test_case(case: Any) -> None:
    """Every case over integers: status and optimum; the referee accepts the point and the objective."""
    data = case.folder / "data.json"
    instance = bind(
        read_document(case.model_file.read_text(encoding="utf-8")),
        json.loads(data.read_text(encoding="utf-8")) if data.exists() else None,
    )
    expected = case.expected
    try:
        result = cpsat.solve(instance, SolveOptions(time_limit=60))
    except Unsupported as e:
        refused = {d.message for d in e.diagnostics}
        assert refused <= {"CP-SAT cannot take real variable", "CP-SAT cannot take unbounded integer"}
        assert auto.second_route(instance, "highs") == "scip"
        pytest.skip(f"not for CP-SAT: {e.diagnostics[0].found}")
    assert result.termination.value == expected["status"]
    if result.point is not None:
        assert referee(instance, result.point, result.objective).ok
        assert expected["objective"] is None or result.objective == pytest.approx(expected["objective"], abs=1e-9)


def test_result_of_an_optimum() -> None:
    """Bound and gap close, and the vector is called optimal."""
    result = cpsat.solve(read(KNAPSACK))
    assert result.termination is Termination.OPTIMAL and result.vector == "optimal"
    assert result.bound == result.objective and result.gap == 0
    assert (result.solver, result.route, result.raw_status) == ("cpsat", "cp", "OPTIMAL")


def test_same_seed_same_point() -> None:
    """One worker with a fixed seed repeats itself."""
    first, second = (cpsat.solve(read(KNAPSACK), SolveOptions(seed=3)) for _ in range(2))
    assert first.point == second.point


def test_infeasible_and_satisfied() -> None:
    """Infeasible is a result; without an objective there is a point and no objective value."""
    text = "variables: {x: {type: integer, upper: 3}}\nconstraints: [{name: k, expr: x >= 4}]"
    result = cpsat.solve(read(text))
    assert result.termination is Termination.INFEASIBLE and result.point is None and result.objective is None
    result = cpsat.solve(read(text.replace("4", "2")))
    assert result.termination is Termination.OPTIMAL and result.objective is None and result.point is not None


def test_empty_domains_are_infeasible() -> None:
    """A variable without a value: crossing bounds, an empty set, no whole number between its bounds."""
    for variable in (
        "{type: integer, lower: 3, upper: 2}",
        '{in: "range(0)"}',
        "{type: integer, lower: 0.2, upper: 0.8}",
    ):
        assert cpsat.solve(read(f"variables: {{x: {variable}}}")).termination is Termination.INFEASIBLE


def test_time_limit_keeps_the_incumbent() -> None:
    """A limit is a result: incumbent, bound on the right side, gap."""
    result = cpsat.solve(read(MARKET), SolveOptions(time_limit=6.0))
    assert result.termination is Termination.TIME_LIMIT and result.vector == "feasible"
    assert result.objective is not None and result.bound is not None and result.gap is not None
    assert result.bound <= result.objective and result.seconds < 10


def test_interrupt_returns_the_incumbent() -> None:
    """Ctrl-C stops the search and the point found so far comes back."""
    program = (
        "from nl2opt.ir.bind import bind\nfrom nl2opt.ir.document import read_document\n"
        "from nl2opt.solvers.cpsat import solve\nfrom nl2opt.solvers.result import SolveOptions\n"
        f"i = bind(read_document('''nl2opt: 1\\nname: m\\n{MARKET}'''))\nprint('go', flush=True)\n"
        "r = solve(i, SolveOptions(time_limit=60))\nprint(r.termination.value, r.vector)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "go\n"
    time.sleep(3)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=30)
    assert out == "interrupted feasible\n"


def test_unknown_status_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """MODEL_INVALID, or a word of a later version, is never taken for a result."""

    class Wrapper:
        def set_parameters(self, _: object) -> None: ...

        def solve(self, _: object) -> object:
            return type(
                "R", (), {"status": "CpSolverStatus.MODEL_INVALID", "best_objective_bound": 0, "solution_info": ""}
            )

    monkeypatch.setattr(cpsat.cp_model_helper, "SolveWrapper", Wrapper)
    with pytest.raises(SolverFailure, match="MODEL_INVALID"):
        cpsat.solve(read(KNAPSACK))


PLAN = """
variables: {x: {type: integer, upper: 10}, y: {type: integer, upper: 10}}
constraints: [{name: k, expr: x + y <= 12}]
objectives: [{priority: 1, minimize: y - x}, {priority: 2, maximize: 2 * x + 2 * y}]
"""


def test_objectives_by_priority() -> None:
    """The highest priority is proved first and held; the result's objective is its."""
    result = cpsat.solve(read(PLAN))
    assert result.point == {"x": {(): 10}, "y": {(): 2}}
    assert result.objective == 24 and referee(read(PLAN), result.point, result.objective).ok
    assert any("priority 1: -8" in n for n in result.notes)


def test_soft_constraints_cost_their_violation() -> None:
    """The amount of a comparison, 1 for any other condition; subtracted when maximising; minimised alone."""
    base = "variables: {x: {type: integer, upper: 10}, b: {type: binary}}\nconstraints:\n"
    soft = base + "  - {name: s, penalty: 3, expr: x <= 4}\n"
    assert cpsat.solve(read(soft + "objectives: [{maximize: 2 * x}]")).objective == 8
    assert cpsat.solve(read(soft + "objectives: [{maximize: 4 * x}]")).objective == 22
    hard = soft + "  - {name: h, expr: x >= 6}\n  - {name: t, penalty: 5, expr: not b and x <= 2}\n"
    assert cpsat.solve(read(hard)).objective == 3 * 2 + 5
    assert cpsat.solve(read(base + "  - {name: s, penalty: 2, expr: x > 10}\n")).objective == 2


def test_all_answers_over_the_outputs() -> None:
    """Answers that differ in the outputs only are counted once; with an objective only the best ones."""
    text = """
variables: {x: {type: integer, upper: 4}, y: {type: integer, upper: 4}, c: {in: "{'red', 'blue'}"}}
constraints: [{name: k, expr: x + y == 4}]
"""
    assert solutions(read(text)).count == 10
    found = solutions(read(text + "outputs: {larger: 'max(x, y)', both: '[min(x, y), x + y]'}"))
    assert found.count == 3 and found.complete
    limited = solutions(read(text + "outputs: {x: x}"), limit=2)
    assert limited.count == 2 and not limited.complete
    assert solutions(read(text + "outputs: {x: x}"), limit=5).complete
    best = solutions(read(text + "objectives: [{maximize: x * y}]\noutputs: {c: c, x: x}"))
    assert best.count == 2 and {p["x"][()] for p in best.points} == {2}


def test_choice_of_solver() -> None:
    """Continuous and linear models go to HiGHS, discrete ones to CP-SAT; the second route differs in both parts."""
    linear = read(KNAPSACK)
    assert auto.choose(linear)[0] == "highs" and auto.second_route(linear, "highs") == "cpsat"
    logic = read(
        "variables: {b: {type: binary}, x: {type: integer, upper: 4}}\n"
        "constraints: [{name: k, expr: 'implies(b, x >= 2)'}]"
    )
    assert auto.choose(logic)[0] == "cpsat" and auto.second_route(logic, "cpsat") == "highs"
    mixed = read(
        "variables: {b: {type: binary}, r: {type: real}}\nconstraints: [{name: k, expr: 'implies(b, r >= 2)'}]"
    )
    assert auto.choose(mixed)[0] == "highs" and auto.second_route(mixed, "highs") == "scip"
    unbounded = read(
        "variables: {b: {type: binary}, x: {type: integer}}\nconstraints: [{name: k, expr: 'implies(b, x >= 2)'}]"
    )
    name, why = auto.choose(unbounded)
    assert name == "highs" and "x has no finite bound" in why
    free = read("variables: {x: {type: real, lower: -inf}, y: {type: real, lower: 2, upper: 2}}")
    assert auto.has_continuous(free) and not auto.has_continuous(read("variables: {y: {type: real, upper: 0}}"))


def test_import_needs_no_pandas() -> None:
    """The route fills proto fields through cp_model_helper, which costs a fifth of cp_model and its pandas."""
    check = "import sys, nl2opt.solvers.cpsat; print('pandas' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert out.stdout == "False\n"


AFTERWARDS = """
import os, signal, sys, threading, time
import nl2opt
model = nl2opt.read("nl2opt: 1\\nname: m\\nvariables: {x: {type: integer, upper: 2}}")
if "thread" in sys.argv:
    thread = threading.Thread(target=nl2opt.solve, args=(model,), kwargs={"solver": "cpsat", "time_limit": 5})
    thread.start()
    thread.join()
else:
    nl2opt.solve(model, solver="cpsat", time_limit=5)
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
except KeyboardInterrupt:
    print("heard")
"""


@pytest.mark.parametrize("where", ["main", "thread"])
def test_ctrl_c_after_a_solve_is_pythons_again(where: str) -> None:
    """CP-SAT leaves Ctrl-C deadly: a session of Python must not die of it later."""
    done = subprocess.run(
        [sys.executable, "-c", AFTERWARDS, where],
        capture_output=True, text=True, timeout=60, check=False, preexec_fn=_default_interrupts,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "heard"), done.stderr


def _default_interrupts() -> None:
    """A child of a background job would inherit that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
