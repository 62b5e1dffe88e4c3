"""The command line as a user meets it: exit codes, JSON, messages instead of tracebacks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nl2opt.emitters import targets

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "datasets" / "demo"

KNAPSACK = """
nl2opt: 1
name: knapsack
sets: {Items: [tent, stove, book]}
parameters:
  worth: {over: Items, value: {tent: 60, stove: 100, book: 12}}
  weight: {over: Items, value: {tent: 10, stove: 20, book: 3}}
  limit: 25
variables: {take: {over: Items, type: binary}}
constraints: [{name: weight, expr: "sum(weight[i] * take[i] for i in Items) <= limit"}]
objectives: [{maximize: "sum(worth[i] * take[i] for i in Items)"}]
"""
BREWERY = str(ROOT / "tests" / "cases" / "a14_brewery_seasonals" / "model.yaml")
NEEDS_DATA = KNAPSACK.replace("{over: Items, value: {tent: 10, stove: 20, book: 3}}", "{over: Items}")


def nl2opt(*args: str, stdin: str | bytes | None = None, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "nl2opt.cli", *args],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    result = subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in result.stderr + result.stdout, result.stderr
    return result


def as_json(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    value = json.loads(done.stdout)
    assert {
        "status",
        "objective",
        "bound",
        "gap",
        "solution",
        "model",
        "evidence",
        "assumptions",
        "diagnostics",
    } <= set(value)
    assert value["objective"] is None or isinstance(value["objective"], int | float)
    return value


def test_solve_document() -> None:
    done = nl2opt("solve", "-", "--json", stdin=KNAPSACK)
    answer = as_json(done)
    assert (done.returncode, answer["status"], answer["objective"]) == (0, "optimal", 112)
    assert answer["solution"] == {"take": {"tent": 0, "stove": 1, "book": 1}}
    assert all(e["holds"] for e in answer["evidence"])
    assert {e["check"] for e in answer["evidence"]} == {"referee", "second route"}


@pytest.mark.parametrize("solver", ["highs", "cpsat", "scip", "pyomo", "cpmpy"])
def test_solvers_by_name(solver: str) -> None:
    answer = as_json(nl2opt("solve", "-", "--json", "--solver", solver, stdin=KNAPSACK))
    assert answer["objective"] == 112


def test_solve_text_for_people() -> None:
    done = nl2opt("solve", str(DEMO / "1_ferry_company.txt"))
    assert done.returncode == 0
    for part in ("The problem", "The model", "The answer", "What was checked", "What was assumed", "170 minutes"):
        assert part in done.stdout


def test_infeasible_is_a_result() -> None:
    done = nl2opt("solve", str(DEMO / "7_glass_factory.txt"), "--json")
    answer = as_json(done)
    assert (done.returncode, answer["status"], answer["objective"], answer["solution"]) == (6, "infeasible", None, None)
    told = " ".join(answer["conflict"])
    assert "3600 seconds" in told and "500 bottles" in told


def test_unbounded_is_a_result() -> None:
    done = nl2opt("solve", "-", "--json", stdin="nl2opt: 1\nvariables: {x: {type: real}}\nobjectives: [{maximize: x}]")
    assert (done.returncode, as_json(done)["status"]) == (7, "unbounded")


def test_beyond_the_translator() -> None:
    done = nl2opt("solve", str(DEMO / "8_night_train.txt"), "--json")
    answer = as_json(done)
    assert (done.returncode, answer["status"], answer["solution"]) == (5, "refused", None)
    assert answer["diagnostics"]


@pytest.mark.parametrize("text", ["", " \n", "Roses are red,\nviolets are blue.", "x" * 5_000_000, "word " * 1_000_000])
def test_no_problem_in_the_text(text: str) -> None:
    done = nl2opt("solve", "-", stdin=text)
    assert done.returncode == 5
    assert "error" in done.stderr


def test_not_text() -> None:
    assert nl2opt("solve", "-", stdin=b"\xff\xfe\x00\x01").returncode == 2


def test_formulate_check_emit(tmp_path: Path) -> None:
    model = tmp_path / "m.yaml"
    assert nl2opt("formulate", str(DEMO / "5_toy_workshop.txt"), "-o", str(model)).returncode == 0
    done = nl2opt("check", str(model))
    assert done.returncode == 0, done.stderr
    for target in ("pyomo", "cpmpy"):
        program = tmp_path / f"toys_{target}.py"
        assert nl2opt("emit", str(model), "--to", target, "-o", str(program)).returncode == 0
        ran = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, timeout=120, check=False)
        assert ran.returncode == 0, ran.stderr
        solved = as_json(nl2opt("solve", str(model), "--json"))
        assert abs(json.loads(ran.stdout)["objective"] - solved["objective"]) < 1e-6


def test_check_with_data_warns_of_a_huge_big_m(tmp_path: Path) -> None:
    data = tmp_path / "data.json"
    text = """
nl2opt: 1
sets: {I: [ash, birch]}
parameters: {room: {over: I, value: null}}
variables: {x: {over: i in I, type: real, upper: "room[i]"}, on: {over: I, type: binary}}
constraints: [{name: link, for: i in I, expr: "implies(x[i] > 0, on[i])"}, {expr: sum(x) >= 3}]
objectives: [{minimize: sum(on)}]
"""
    for room, told in (([50, 40], False), ([50, 30_000_000], True)):
        data.write_text(json.dumps({"room": room}), encoding="utf-8")
        for verb in ("check", "solve"):
            done = nl2opt(verb, "-", "--data", str(data), "--json", stdin=text)
            found = {d["code"]: d["where"] for d in as_json(done)["diagnostics"]}
            assert found == ({"W-big-m": "constraint `link` [birch]"} if told else {})


def test_a_program_may_not_hide_its_package(tmp_path: Path) -> None:
    done = nl2opt("emit", "-", "--to", "pyomo", "-o", str(tmp_path / "pyomo.py"), stdin=KNAPSACK)
    assert done.returncode == 2 and "import itself" in done.stderr


def test_document_errors() -> None:
    done = nl2opt("check", "-", stdin=KNAPSACK.replace("worth[i]", "price[i]"))
    assert done.returncode == 1 and "price" in done.stderr
    done = nl2opt("solve", "-", stdin="nl2opt: 1\nvariables: [")
    assert done.returncode == 3 and "line" in done.stderr


def test_data(tmp_path: Path) -> None:
    assert nl2opt("solve", "-", stdin=NEEDS_DATA).returncode == 4
    data = tmp_path / "packing.csv"
    data.write_text("Items,weight\ntent,10\nstove,20\nbook,3\n")
    answer = as_json(nl2opt("solve", "-", "--json", "--data", str(data), stdin=NEEDS_DATA))
    assert answer["objective"] == 112
    data.write_text("Items,heaviness\ntent,10\nstove,20\nbook,3\n")
    done = nl2opt("solve", "-", "--data", str(data), stdin=NEEDS_DATA)
    assert done.returncode == 4 and "weight" in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("solve",),
        ("solve", "no_such_file.txt"),
        ("solve", "-", "--solver", "abacus"),
        ("emit", "-", "--to", "fortran"),
        ("fly",),
    ],
)
def test_wrong_usage(args: tuple[str, ...]) -> None:
    done = nl2opt(*args, stdin=KNAPSACK)
    assert done.returncode == 2
    assert done.stderr


def test_templates() -> None:
    found = json.loads(nl2opt("templates", "--json").stdout)
    assert len(found) >= 13
    assert "upper_bound_share" in nl2opt("templates").stdout


def test_help_is_light() -> None:
    """`nl2opt --help` imports none of the heavy parts."""
    code = (
        "import sys, runpy\nsys.argv = ['nl2opt', '--help']\n"
        "try: runpy.run_module('nl2opt.cli', run_name='__main__')\nexcept SystemExit: pass\n"
        "print([m for m in ('numpy', 'highspy', 'ortools', 'yaml', 'rich', 'pyomo', 'cpmpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]"), done.stdout[-200:]


def test_passes_are_listed_with_their_theorems() -> None:
    """Every pass of the pipeline, in its order, says what it does and when it is exact."""
    from nl2opt.passes.steps import PASSES, theorem

    listed = " ".join(nl2opt("passes").stdout.split())
    for name in PASSES:
        title, text = theorem(name)
        assert title in listed and "Theorem" in text and "xact" in text, name


def test_passes_show_what_each_changes() -> None:
    """The named passes only, in the order given; lines that went and came."""
    found = nl2opt("passes", BREWERY, "--run", "expand_arrays,linearize_logic",
                "--show-between")  # fmt: skip
    assert found.returncode == 0
    lines = (found.stdout + found.stderr).splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["expand_arrays", "linearize_logic"]
    assert "  - tank_limit: sum(tanks) <= tanks_owned" in lines
    assert any(line.startswith("  + ") and "brew['wheat'] + brew['stout'] >= 1" in line for line in lines)


def test_an_unknown_pass_is_an_error_with_the_nearest() -> None:
    found = nl2opt("passes", BREWERY, "--run", "linearise_logic")
    assert found.returncode == 9 and "linearize_logic" in (found.stdout + found.stderr)


def test_targets_are_a_table_of_constructs() -> None:
    """One row for each target, construct and context, with the reason where it is refused."""
    rows = json.loads(nl2opt("targets", "cpmpy", "--json").stdout)
    assert {row["target"] for row in rows} == {"cpmpy"} and len(rows) > 200
    refused = {row["reason"] for row in rows if row["reason"]}
    assert refused & set(targets()["cpmpy"].UNSUPPORTED.values())
    assert nl2opt("targets", "cobol").returncode == 2


AREA = """
nl2opt: 1
name: area
variables: {x: {type: real}, y: {type: real}}
constraints: [{name: k, expr: x * y <= 4}]
objectives: [{maximize: x + y}]
assumptions: [lengths may be fractions]
"""


def test_json_of_a_refusal_has_the_shape_of_an_answer() -> None:
    """A solver's refusal keeps the model and its assumptions; every object has the same fields."""
    answer = as_json(nl2opt("solve", "-", "--json", stdin=KNAPSACK))
    done = nl2opt("solve", "-", "--json", "--solver", "highs", stdin=AREA)
    refused = as_json(done)
    assert (done.returncode, refused["status"]) == (9, "error")
    assert refused["model"]["variables"] and refused["assumptions"] == ["lengths may be fractions"]
    assert [d["code"] for d in refused["diagnostics"] if d["severity"] == "error"] == ["E602"]
    broken = as_json(nl2opt("solve", "-", "--json", stdin="nl2opt: 1\nvariables: {x: {}}"))
    assert set(refused) == set(answer) == set(broken)


HARD = """
nl2opt: 1
name: hard
sets: {I: range(60), J: range(9)}
variables: {x: {over: I, type: binary}, s: {over: J, type: real}}
expressions: {gap: {over: j in J, expr: "sum((7 * i**3 + 13 * j * i**2 + 31 * j**2) % 997 * x[i] for i in I) - 9970"}}
constraints: [{name: up, for: j in J, expr: "gap[j] <= s[j]"}, {name: down, for: j in J, expr: "-s[j] <= gap[j]"}]
objectives: [{minimize: sum(s)}]
"""


def test_ctrl_c_prints_json(tmp_path: Path) -> None:
    """Interrupted while an emitted program runs: one object, the model in it, and the exit code of an interruption."""
    model = tmp_path / "hard.yaml"
    model.write_text(HARD, encoding="utf-8")
    command = [sys.executable, "-m", "nl2opt.cli", "solve", str(model), "--solver", "pyomo", "--json"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(8)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    told = json.loads(out)
    assert (child.returncode, told["status"]) == (130, "interrupted") and told["model"]["name"] == "hard"
