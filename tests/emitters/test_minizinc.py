"""MiniZinc: what its models say, that every case is solved or refused by a declared reason, hostile words, goldens."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import require_tool
from emitters.test_emitted_cases import CASES, read_case
from emitters.test_hostile_names import HARMLESS, Words, _emit, words
from hypothesis import HealthCheck, Phase, given, settings

from nl2opt.bench.documents import Folder
from nl2opt.check.feasible import referee
from nl2opt.emitters import emit, minizinc
from nl2opt.emitters.minizinc import UNSUPPORTED
from nl2opt.emitters.mzn.layout import WIDTH, laid_out
from nl2opt.errors import ProgramFailure, SolverFailure, Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.solvers import minizinc as route
from nl2opt.solvers.auto import choose
from nl2opt.solvers.result import SolveOptions, Termination
from nl2opt.solvers.routes import ROUTES

GOLDEN = Path(__file__).parent / "golden"
OPTIONS = SolveOptions(time_limit=30)
KEPT = (
    "a07_foundry_charge",
    "a14_brewery_seasonals",
    "a18_nurse_tour",
    "b05_transport_csv",
    "b07_harbour_puzzle",
    "b09_makespan",
    "talk_slots",
)
"""A linear program, logic, a tour, a set of tuples, a puzzle, a schedule, soft constraints."""


def instance(text: str, **data: Any) -> Instance:
    """A document's text -> an instance."""
    return bind(read_document("nl2opt: 1\nname: example\n" + text), data)


def source(text: str, **data: Any) -> str:
    """A document's text -> its MiniZinc model and data."""
    return emit(instance(text, **data), "minizinc").whole


@cache
def has_mip() -> bool:
    """True where the installed MiniZinc has a solver for continuous variables."""
    return any("mip" in s.tags for s in route.available())


def best(model: Instance) -> float | None:
    """The optimum, by a point the referee accepts; None where there is no solution."""
    require_tool("minizinc")
    result = route.solve(model, OPTIONS)
    if result.point is None:
        assert result.termination is Termination.INFEASIBLE
        return None
    assert result.termination is Termination.OPTIMAL
    judged = referee(model, result.point, result.objective)
    assert judged.ok, judged.violations
    return result.objective if result.objective is not None else 0.0


# every case ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", CASES, ids=lambda c: c.name)
def test_a_case_is_solved_or_refused(folder: Path) -> None:
    """The expected status and optimum, or a declared reason; an installation without a MIP solver may lack the numbers
    or the time for a linear model."""
    require_tool("minizinc")
    model = read_case(folder)
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    try:
        result = route.solve(model, OPTIONS)
    except Unsupported as refusal:
        assert {d.expected for d in refusal.diagnostics} <= set(UNSUPPORTED.values())
        return
    except SolverFailure as failure:
        assert not has_mip() and ("continuous" in str(failure) or "too large" in str(failure))
        return
    if result.termination is Termination.TIME_LIMIT and not has_mip():
        assert result.point is None or referee(model, result.point, result.objective).ok
        return
    assert result.termination is Termination(expected["status"])
    if result.point is not None:
        judged = referee(model, result.point, result.objective)
        assert judged.ok, judged.violations
    if expected.get("objective") is not None:
        assert result.objective == pytest.approx(expected["objective"], rel=1e-6)


# goldens ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KEPT)
def test_golden(name: str) -> None:
    """The emitter writes the kept text; it is written anew only where a run reaches the optimum of the case."""
    examples = Path(__file__).parents[2] / "datasets" / "examples"
    folder = next((c for c in CASES if c.name == name), examples / name)
    model = read_case(folder) if folder in CASES else next(iter(Folder(folder).instances.values()))
    text = emit(model, "minizinc").whole
    kept = GOLDEN / f"{name}.mzn"
    if os.environ.get("NL2OPT_WRITE_GOLDEN"):
        second = ROUTES[choose(model)[0]](model, OPTIONS)
        assert second.termination is Termination.OPTIMAL
        assert best(model) == pytest.approx(second.objective or 0.0, rel=1e-6)
        kept.write_text(text, encoding="utf-8")
    assert text == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.mzn")), ids=lambda p: p.stem)
def test_goldens_are_tidy(path: Path) -> None:
    """No line is longer than a screen, every kept file is still asked for."""
    assert path.stem in KEPT
    assert [x for x in path.read_text(encoding="utf-8").splitlines() if len(x) > WIDTH + 10 and "%" not in x] == []


# constructs ---------------------------------------------------------------------------------------------------------

SETS = """
sets: {I: range(4), L: [a, b, c], Part: [b, c], T: {elements: [[a, 1], [b, 3]]}}
variables:
  x: {over: I, in: I}
  y: {over: I, in: I}
  l: {over: I, in: L}
  n: {type: integer, upper: 9}
  on: {type: binary}
constraints: [CONDITIONS]
objectives: [{maximize: "n + sum(i * x[i] for i in I)"}]
"""


@pytest.mark.parametrize(
    ("condition", "said", "optimum"),
    [
        ("sum(l[i] == 'a' for i in I) == n", "count(i in I)(l[i] = a) = n", 4 + 18),
        ("sum(x[i] == 3 for i in I) == n", "count(x, 3) = n", 4 + 18),
        ("sum(i * n == 0.5 for i in I) != 4", "count(i in I)(abs(i * n - 0.5) <= 1e-6)", 9 + 18),
        ("all_different(x)", "alldifferent(x)", 9 + 14),
        ("all(x[i] != x[j] for i in I for j in I if i < j)", "alldifferent(x)", 9 + 14),
        ("n % 4 == 2", "n mod 4 = 2", 6 + 18),
        ("(n - 5) % 4 == 2", "floor_mod(n - 5, 4) = 2", 7 + 18),
        ("(l[0], n) in T", "table([l[0], n], T_rows)", 3 + 18),
        ("not ((l[0], n) in T) and n <= 3", "exists(t in T)(l[0] = T_1[t] /\\ n = T_2[t])", 3 + 18),
        ("x[n] == 2", "x[n] = 2", 18),
        ("not (x[n] <= 3)", "not (x[n] <= 3)", 9 + 18),
        ("l[0] not in Part and (n <= 5 or l[0] != 'a')", "not (l[0] in Part)", 5 + 18),
        ("implies(on, n <= 2) and on", "on -> n <= 2", 2 + 18),
        ("0.1 * n < 0.3", "0.1 * n < 0.3 - 1e-6", 2 + 18),
        ("implies(0.1 * n <= 0.3, on) and n <= 3", "0.1 * n <= 0.3 + 1e-6", 3 + 18),
        ("circuit(x)", "circuit(x)", None),
        ("max(x[i] for i in I) + abs(n - 5) <= 5", "max(x) + abs(n - 5) <= 5", None),
    ],
)
def test_conditions(condition: str, said: str, optimum: float | None) -> None:
    """What is said, and that the optimum is right: the expected one, or that of another route."""
    model = instance(SETS.replace("CONDITIONS", f'{{expr: "{condition}"}}'))
    assert said in emit(model, "minizinc").source
    if optimum is None:
        optimum = ROUTES["cpsat"](model, OPTIONS).objective
    assert best(model) == optimum


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        ("for: k in I, expr: 'sum(x[i] == k for i in I) == 1'", "global_cardinality(x, [k | k in I], [1 | k in I])"),
        ("for: k in I, expr: 'sum(x[i] == k for i in I) <= 2'", "global_cardinality_low_up(x, [k | k in I]"),
        ("for: k in I, expr: 'sum(x[i] == k for i in I) >= 1'", "global_cardinality_low_up(x, [k | k in I]"),
        ("for: i in I, expr: 'y[x[i]] == i'", "inverse(x, y)"),
        ("for: i in I if i != last(I), expr: 'x[i] < x[next(i)]'", "strictly_increasing(x)"),
        ("for: i in I if i != first(I), expr: 'x[prev(i)] >= x[i]'", "decreasing(x)"),
        (
            "expr: 'any(x[i] < y[i] and all(x[j] == y[j] for j in I if j < i) for i in I)'",
            "lex_less(x, y)",
        ),
    ],
)
def test_natives(constraint: str, said: str) -> None:
    """A pattern is written as its global constraint, and the optimum is that of another route."""
    model = instance(SETS.replace("CONDITIONS", f"{{{constraint}}}"))
    assert said in emit(model, "minizinc").source
    assert best(model) == ROUTES["cpsat"](model, OPTIONS).objective


def test_labels_of_overlapping_sets_share_an_enum() -> None:
    """Two sets that share a label, neither of which holds the other's."""
    text = """
sets: {Cooks: [ann, bo], Drivers: [bo, cy]}
variables: {cook: {in: Cooks}, driver: {in: Drivers}}
constraints: [{expr: "cook == driver"}]
"""
    assert "enum Label;" in source(text) and "set of Label: Cooks;" in source(text)
    model = instance(text)
    result = route.solve(model, OPTIONS)
    assert result.point is not None and result.point["cook"][()] == result.point["driver"][()] == "bo"


def test_labels_that_are_no_identifiers_come_back() -> None:
    """Quotes, brackets, words of MiniZinc: the text is data, the constructor is made."""
    labels = ['a "b"', "x\\(y)", "array", "über", "1st", "n"]
    text = "variables: {n: {in: L}, m: {over: L, in: L}}\nconstraints: [{expr: all_different(m)}]\n"
    for label in labels:
        fixed = f"{text}sets: {{L: null}}\nparameters: {{it: {{in: L, value: null}}}}\n".replace(
            "all_different(m)}", "all_different(m)}, {expr: n == it}"
        )
        model = instance(fixed, L=labels, it=label)
        result = route.solve(model, OPTIONS)
        assert result.point is not None and result.point["n"][()] == label
        assert set(result.point["m"].values()) == set(labels)


def test_goals_are_improved_in_turn() -> None:
    """The first goal first; the second among the best of the first; the program says stage and best."""
    text = """
variables: {x: {type: integer, upper: 9}, y: {type: integer, upper: 9}}
constraints: [{expr: x + y <= 10}]
objectives: [{priority: 2, maximize: x + y}, {priority: 1, minimize: x}]
"""
    model = instance(text)
    program = emit(model, "minizinc")
    assert "solve minimize goal[stage];" in program.source and "stage = 1;" in program.whole
    result = route.solve(model, OPTIONS)
    assert result.objective == 10 and result.point is not None and result.point["x"][()] == 1


def test_soft_constraints() -> None:
    """A penalty is a part of the objective."""
    text = """
sets: {I: range(3)}
variables: {x: {over: I, type: integer, upper: 5}}
constraints: [{for: i in I, penalty: 2, expr: "x[i] >= 4"}, {expr: sum(x) <= 7}]
objectives: [{minimize: "sum(x[i] for i in I)"}]
"""
    model = instance(text)
    assert best(model) == ROUTES["cpsat"](model, OPTIONS).objective


def test_filtered_keys_leave_no_free_cells() -> None:
    """The cells of an array that are no keys are fixed, so that solutions are not counted twice."""
    text = """
sets: {I: range(4)}
variables: {x: {over: "i in I, j in I if i < j", type: integer, lower: 1, upper: 3}}
constraints: [{for: i in I, expr: "sum(x[i, j] for j in I if i < j) <= 4"}]
objectives: [{maximize: "sum(x[i, j] for i in I for j in I if i < j)"}]
"""
    assert "constraint forall(i in I, j in I where not (i < j))(x[i, j] = 1);" in source(text)
    assert best(instance(text)) == 4 + 4 + 3


# the route ----------------------------------------------------------------------------------------------------------


def test_what_the_installation_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No executable: what to install. Only solvers of integers: what is missing, never a wrong optimum."""
    real = instance("variables: {x: {type: real, upper: 3}}\nobjectives: [{maximize: x}]\n")
    only = (route.MiniZincSolver("org.gecode.gecode", "Gecode 6", ("cp", "int", "float")),)
    monkeypatch.setattr(route, "available", lambda: only)
    with pytest.raises(SolverFailure, match="no solver for continuous variables"):
        route.solve(real)
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SolverFailure, match=r"minizinc is not installed[\s\S]*minizinc\.org"):
        route.solve(real)


def test_solvers_are_chosen_by_kind() -> None:
    """A linear model goes to a MIP solver, a puzzle to one of constraints, decimals only to one that has floats."""
    chuffed = route.MiniZincSolver("org.chuffed.chuffed", "Chuffed", ("cp", "int"))
    gecode = route.MiniZincSolver("org.gecode.gecode", "Gecode", ("cp", "int", "float"))
    highs = route.MiniZincSolver("org.minizinc.mip.highs", "HiGHS", ("mip", "float"))
    other = route.MiniZincSolver("org.gecode.gist", "Gist", ("cp", "int", "float"))
    linear = instance("variables: {x: {type: integer, upper: 3}}\nobjectives: [{maximize: x}]\n")
    puzzle = instance(SETS.replace("CONDITIONS", "{expr: circuit(x)}"))
    decimal = instance(SETS.replace("CONDITIONS", '{expr: "0.5 * x[n] <= 0.7"}'))
    for model, expected in ((linear, highs), (puzzle, chuffed), (decimal, gecode)):
        assert route.choose((other, gecode, chuffed, highs), model, minizinc.write(model)) is expected


def test_a_broken_run_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of MiniZinc is raised with its words."""
    require_tool("minizinc")
    written = minizinc.write(instance("variables: {x: {type: integer, upper: 3}}\n"))
    solver = route.available()[0]
    with pytest.raises(ProgramFailure, match="minizinc says"):
        route._run("constraint nonsense;", "model.mzn", dict(written.program.files), solver, 10)


def test_a_time_limit_keeps_the_incumbent() -> None:
    """Stopped early, the best point found so far is feasible."""
    require_tool("minizinc")
    text = """
sets: {I: range(40)}
parameters: {w: {over: i in I, type: integer, value: "17 + i * i % 31"}}
variables: {x: {over: I, type: integer, upper: 9}, y: {over: I, in: I}}
constraints: [{expr: "sum(w[i] * x[i] for i in I) <= 1000"}, {expr: all_different(y)}]
objectives: [{maximize: "sum((w[i] - i % 3) * x[i] + abs(y[i] - i) for i in I)"}]
"""
    model = instance(text)
    result = route.solve(model, SolveOptions(time_limit=2))
    assert result.termination is Termination.TIME_LIMIT and result.point is not None
    assert referee(model, result.point, result.objective).ok


# hostile words ------------------------------------------------------------------------------------------------------


def shape(text: str) -> list[str]:
    """Model and data -> its tokens: strings alike, identifiers numbered by first appearance, comments left out, and
    the texts of labels, which are there only where a label is no identifier."""
    tokens = re.findall(r'"(?:\\.|[^"\\\n])*"|%[^\n]*|[A-Za-z_]\w*|\d+|\S', text)
    plain = " ".join('"' if t.startswith('"') else t for t in tokens if not t.startswith("%"))
    plain = re.sub(r'array \[ \w+ \] of string : \w+ ; |\w+ = \[ "(?: , ")* \] ; ', "", plain)
    numbers: dict[str, str] = {}
    return [numbers.setdefault(t, f"i{len(numbers)}") if t[0].isalpha() else t for t in plain.split()]


def hostile(w: Words) -> str:
    """One model over the given words, as text."""
    return _emit(w, "minizinc").program.whole


SHAPE = shape(hostile(HARMLESS))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(words)
def test_words_never_change_the_model(w: Words) -> None:
    """The tokens are those of harmless words; every character of the text is printed as itself."""
    text = hostile(w)
    same = shape(text) == SHAPE  # pytest would spend minutes on showing the difference
    assert same, text
    assert all(c == "\n" or c.isprintable() for c in text)


def test_laid_out_lines_say_the_same() -> None:
    """Breaking a line changes white space only."""
    text = 'constraint :: "a" forall(i in I)(' + " + ".join(f"x[{k}, min(i, {k})]" for k in range(30)) + " <= 3);"
    lines = laid_out(text)
    assert max(map(len, lines)) <= WIDTH
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
