"""Constructs one at a time: what a program says of them, and that its answer is the referee's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import require_tool

from nl2opt.emitters import emit, targets
from nl2opt.emitters.pyomo import PyomoWriter
from nl2opt.emitters.python.choices import ChoiceWriter
from nl2opt.emitters.python.layout import WIDTH
from nl2opt.errors import SolverFailure, Unsupported
from nl2opt.explain.answer import ROUTES
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.ir.nodes import Name, Tuple
from nl2opt.sandbox import run_python
from nl2opt.solvers.cpsat_solutions import solutions
from nl2opt.solvers.program import solve
from nl2opt.solvers.result import SolveOptions, Termination

TARGETS = ("pyomo", "cpmpy", "ortools")


def instance(text: str, **data: Any) -> Instance:
    """A document's text -> an instance."""
    return bind(read_document("nl2opt: 1\nname: example\n" + text), data)


PACKING = """
sets: {I: range(2)}
variables: {x: {over: I, type: integer, upper: ACROSS}, y: {over: I, type: integer, upper: 2}}
constraints: [{expr: "no_overlap_2d(ROWS)"}]
"""


@pytest.mark.parametrize("rows", ["[(x[i], 2, y[i], 3) for i in I]", "[(x[0], 2, y[0], 3), (x[1], 2, y[1], 3)]"])
def test_rectangles(rows: str) -> None:
    """Two of width 2 lie side by side where there is room for 4."""
    text = PACKING.replace("ROWS", rows)
    for across, expected in (("2", Termination.OPTIMAL), ("1", Termination.INFEASIBLE)):
        assert solve(instance(text.replace("ACROSS", across)), target="cpmpy").termination is expected


def test_what_no_writer_knows_is_refused() -> None:
    """A node that has no source is Unsupported with a reason, never a broken assertion."""
    model = instance("variables: {x: {type: integer, upper: 3}}")
    for writer in (ChoiceWriter(model), PyomoWriter(model)):
        with pytest.raises(Unsupported) as refusal:
            writer.write(Tuple((Name("x"), Name("x"))), {})
        assert refusal.value.diagnostics[0].expected


TABLE = """
sets: {Pairs: {elements: [[1, 2], [2, 3], [3, 1]]}, Colours: [red, blue], Liked: {elements: [[red, 3], [blue, 1]]}}
parameters: {first: {type: integer, value: 2}}
variables:
  a: {type: integer, upper: 5}
  b: {type: integer, upper: 5}
  c: {in: Colours}
constraints: [CONDITIONS]
objectives: [{maximize: a + b}]
"""


@pytest.mark.parametrize(
    ("conditions", "said", "best"),
    [
        ('{expr: "(a, b) in Pairs"}', "model += cp.Table([a, b], Pairs)", 5),
        ('{expr: "(c, b) in Liked"}, {expr: a <= 1}', "cp.Table([c, b], [(Colours.index(column_1), column_2) for", 4),
        ('{expr: "(a, b) in {(i, j) for (i, j) in Pairs if i > 3}"}', "model += table([a, b], [", None),
        ('{expr: "(a, b) in Pairs or a + b <= 4"}', "(a == column_1) & (b == column_2)", 5),
        ('{expr: "(first, b) in Pairs"}', "cp.InDomain(b, [column_2 for", 8),
    ],
)
def test_tables(conditions: str, said: str, best: int | None) -> None:
    """A tuple of variables in a set of tuples is a table where it must hold; no rows, no solution."""
    model = instance(TABLE.replace("CONDITIONS", conditions))
    assert said in emit(model, "cpmpy").source
    result = solve(model, target="cpmpy")
    assert (result.objective if best is not None else result.point) == best


@pytest.mark.parametrize("target", TARGETS)
def test_parameters_a_rewrite_adds(target: str) -> None:
    """A big-M of constants only, a step told by the data: neither is in the instance."""
    different = """
sets: {P: range(2)}
variables: {x: {over: P, in: range(2)}}
constraints: [{expr: "all_different(2 * x[i] for i in P)"}]
"""
    assert solve(instance(different), target=target).termination is Termination.OPTIMAL
    steps = """
sets: {P: range(2)}
parameters: {size: {over: P, value: [1.5, 2.5]}, most: {value: 5}}
variables: {x: {over: P, type: integer, upper: 9}}
constraints: [{for: i in P, expr: "size[i] * x[i] < most"}]
objectives: [{maximize: "sum(x[i] for i in P)"}]
"""
    assert solve(instance(steps), target=target).objective == pytest.approx(3 + 1)


@pytest.mark.parametrize("target", TARGETS)
def test_data_go_before_expressions(target: str) -> None:
    """A parameter or a set the model computes is data of the program where the data say something else."""
    text = """
sets: {I: range(3), Even: "{i for i in I if i % 2 == 0}"}
parameters: {base: {type: integer, value: 2}, top: {over: i in I, type: integer, value: base + i}}
variables: {x: {over: I, type: integer, upper: 99}}
constraints: [{for: i in I, expr: "x[i] <= top[i]"}]
objectives: [{maximize: "sum(x[i] for i in Even)"}]
"""
    assert solve(instance(text), target=target).objective == pytest.approx(2 + 4)
    assert "top" not in emit(instance(text), target).data
    assert solve(instance(text, top=[5, 6, 7]), target=target).objective == pytest.approx(5 + 7)
    assert solve(instance(text, Even=[1]), target=target).objective == pytest.approx(3)
    assert emit(instance(text, top=[2, 3, 4]), target).data == emit(instance(text), target).data


GROWING = """
sets: {I: [a, b]}
parameters: {room: {type: integer, value: 10}, gain: {over: I, type: integer, value: [3, 2]}}
variables: {x: {over: I, type: integer}, open: {type: binary}}
constraints:
  - {expr: "sum(x[i] for i in I) <= room"}
  - {expr: "implies(open == 0, x['a'] <= 1)"}
objectives: [{maximize: "sum(gain[i] * x[i] for i in I) - open"}]
"""


@pytest.mark.parametrize("target", TARGETS)
def test_bounds_of_other_data(target: str) -> None:
    """A bound that followed from the data is warned of where they changed and it did not; silence else."""
    program = emit(instance(GROWING), target)
    inferred = {name for name in program.data if name not in ("room", "gain", "I")}
    assert inferred
    renewed = emit(instance(GROWING, room=20), target).data
    for data, stale in (
        (program.data, set()),
        ({**program.data, "room": 20}, inferred),
        (renewed, set()),
    ):
        run = run_python(program.source, ("other.json",), files={"other.json": json.dumps(data)})
        assert run.ok, run.stderr
        answer = json.loads(run.stdout.splitlines()[-1])
        assert {w.split("`")[1] for w in answer["warnings"]} == stale
        assert all(w in run.stderr for w in answer["warnings"])


def test_bounds_of_a_model_without_solutions() -> None:
    """Rows that contradict each other leave no big-M infinite: the model is infeasible, not refused."""
    condition = "implies(open == 0, x['a'] <= 1)"
    contradiction = instance(GROWING.replace(condition, f"x['a'] >= 11 and {condition}"))
    assert solve(contradiction, target="pyomo").termination is Termination.INFEASIBLE


@pytest.mark.parametrize(("objective", "best"), [("minimize", 0), ("maximize", 9)])
def test_tours_are_counted_by_cpmpy(objective: str, best: int) -> None:
    """A tour through some places counts 1 where there is one, 0 where places are shared or there are two tours."""
    text = f"""
sets: {{K: range(4)}}
variables: {{s: {{over: K, in: K}}}}
constraints: ["sum(s[k] != k for k in K) >= 3"]
objectives: [{{{objective}: "9 * subcircuit(s)"}}]
"""
    assert solve(instance(text), target="cpmpy").objective == best


WHOLE_ONLY = ("cpmpy", "ortools")


@pytest.mark.parametrize("target", WHOLE_ONLY)
@pytest.mark.parametrize(("room", "said"), [(10, ""), (10.5, "the data of room must be whole")])
def test_data_with_decimals_where_there_were_none(target: str, room: float, said: str) -> None:
    """A program that counts in whole numbers says so at its start, and goes on where only a filter has decimals."""
    program = emit(instance(GROWING), target)
    run = run_python(program.source, ("other.json",), files={"other.json": json.dumps({**program.data, "room": room})})
    assert run.ok is not bool(said) and said in run.stderr


@pytest.mark.parametrize("target", WHOLE_ONLY)
def test_all_answers_that_differ_in_decimals_and_constants(target: str) -> None:
    """Outputs with comparisons of decimals share a scale; those that data alone decide tell nothing apart."""
    text = """
sets: {K: range(2)}
parameters: {open: {over: K, type: binary, value: [1, 0]}, d: {over: K, value: [0.5, 1.25]}}
variables: {b: {over: K, type: binary}, y: {type: integer, upper: 3}}
constraints: ["b[0] + y <= 3"]
outputs:
  none: "sum(b[k] for k in K if k > 5)"
  few: "sum((open[k] == 1 and b[k] == 1) for k in K)"
  low: "(d[0] * y < 1.2) + y"
  all: "[(d[k] * y >= 2.5) + b[k] for k in K]"
answer: {find: all, limit: 50}
"""
    run = run_python(emit(instance(text), target).source)
    assert run.ok, run.stderr
    answer = json.loads(run.stdout.splitlines()[-1])
    points = [(b, c, y) for b in (0, 1) for c in (0, 1) for y in range(4) if b + y <= 3]
    told = {(b, (0.5 * y < 1.2) + y, (0.5 * y >= 2.5) + b, (1.25 * y >= 2.5) + c) for b, c, y in points}
    assert len(answer["solutions"]) == len(told) and answer["complete"]


@pytest.mark.parametrize("target", WHOLE_ONLY)
def test_elements_of_decimals(target: str) -> None:
    """A price looked up by a variable is scaled with the rest."""
    text = """
sets: {Kinds: [plain, fine], I: range(2)}
parameters: {price: {over: Kinds, value: [1.5, 2.25]}, budget: {value: 3.8}}
variables: {kind: {over: I, in: Kinds}}
constraints: [{expr: "sum(price[kind[i]] for i in I) <= budget"}]
objectives: [{maximize: "sum(price[kind[i]] for i in I)"}]
"""
    assert solve(instance(text), target=target).objective == pytest.approx(3.75)


@pytest.mark.parametrize("target", WHOLE_ONLY)
@pytest.mark.parametrize(
    ("condition", "best"),
    [
        ("open[x]", 3),
        ("not open[x]", 1),
        ("open[x] or x == 1", 3),
        ("implies(open[x], x <= 2)", 2),
        ("iff(open[x], x >= 3)", 3),
        ("(open[x] and x < 3) == (x == 2)", 3),
    ],
)
def test_an_element_of_booleans_is_a_condition(target: str, condition: str, best: int) -> None:
    """Boxes 2 and 3 are open."""
    text = f"""
sets: {{Boxes: "range(1, 4)"}}
variables: {{x: {{in: Boxes}}, open: {{over: Boxes, type: binary}}}}
constraints:
  - {{for: b in Boxes, expr: "open[b] == (b >= 2)"}}
  - {{expr: "{condition}"}}
objectives: [{{maximize: x}}]
"""
    assert solve(instance(text), target=target).objective == pytest.approx(best)


@pytest.mark.parametrize("target", WHOLE_ONLY)
def test_powers(target: str) -> None:
    """A square and a cube are products."""
    text = """
variables: {x: {type: integer, lower: -20, upper: 20}, y: {type: integer, upper: 90}}
constraints: [{expr: "x ** 2 + (y - 30) ** 3 <= 9"}, {expr: "x >= y - 31"}]
objectives: [{maximize: 100 * y + x}]
"""
    result = solve(instance(text), target=target)
    assert result.objective == pytest.approx(3200 + 1)


@pytest.mark.parametrize("target", WHOLE_ONLY)
@pytest.mark.parametrize(
    "condition", ["no_overlap([(s[i], long[i]) for i in I])", "cumulative([(s[i], 2, long[i]) for i in I], 3)"]
)
def test_intervals_of_decimals_are_refused(target: str, condition: str) -> None:
    """At emission, with the declared reason."""
    text = f"""
sets: {{I: range(2)}}
parameters: {{long: {{over: I, value: [1.5, 2]}}}}
variables: {{s: {{over: I, type: integer, upper: 9}}}}
constraints: [{{expr: "{condition}"}}]
"""
    with pytest.raises(Unsupported) as refusal:
        emit(instance(text), target)
    assert refusal.value.diagnostics[0].expected in targets()[target].UNSUPPORTED.values()


@pytest.mark.parametrize("target", TARGETS)
def test_comments_are_wrapped(target: str) -> None:
    """No line of a program is longer than its width, whatever a person said."""
    quote = "There are " + "many, many " * 15 + "boxes"
    text = f"""
variables: {{x: {{type: integer, upper: 3, quotes: ["{quote}"]}}}}
parameters: {{most: {{value: 2, quotes: ["{quote}"], unit: "{"box " * 20}"}}}}
constraints: [{{expr: x <= most, quotes: ["{quote}"]}}]
objectives: [{{maximize: x}}]
"""
    source = emit(instance(text), target).source
    assert max(map(len, source.splitlines())) <= WIDTH


def test_pyomo_reports_the_variables_of_the_person() -> None:
    """Labels and tuples of a choice, not the binaries that stand for it."""
    text = """
sets: {I: [a, b], Pairs: {elements: [[1, red], [2, blue]]}}
variables: {go: {over: I, in: I}, pick: {in: Pairs}, n: {in: range(4)}}
constraints: [{expr: "go['a'] == 'b'"}, {expr: "pick == (2, 'blue')"}, {expr: n >= 3}, {expr: "go['b'] != 'a'"}]
"""
    run = run_python(emit(instance(text), "pyomo").source)
    assert run.ok, run.stderr
    solution = json.loads(run.stdout)["solution"]
    assert solution == {"go": [["a", "b"], ["b", "b"]], "pick": [2, "blue"], "n": 3}


def test_a_solver_that_is_not_there() -> None:
    """The program says what to install; the route raises SolverFailure with its words."""
    model = instance(GROWING)
    run = run_python(emit(model, "pyomo").source, ("--solver", "gurobi"))
    missing = "solver 'gurobi' is not available: install gurobipy"
    if run.ok:
        pytest.skip("Gurobi is here")
    assert missing in run.stderr
    with pytest.raises(SolverFailure, match="gurobi"):
        solve(model, target="pyomo", solver="gurobi")


@pytest.mark.parametrize("solver", ["highs", "cbc", "glpk"])
def test_solvers_of_pyomo(solver: str) -> None:
    """The same optimum, and an infeasible model without an objective, by each solver that is here."""
    try:
        assert solve(instance(GROWING), target="pyomo", solver=solver).objective == pytest.approx(29)
    except SolverFailure as missing:
        if solver == "highs" or missing.diagnostics[0].code != "E801":  # HiGHS is always here
            raise
        pytest.skip(str(missing))
    conflict = "variables: {x: {type: integer, upper: 4}}\nconstraints: [{expr: 2 * x == 5}]"
    result = solve(instance(conflict), target="pyomo", solver=solver)
    assert (result.termination, result.objective) == (Termination.INFEASIBLE, None)


NATIVES = """
sets: {I: "range(1, 5)", L: [a, b, c]}
variables:
  f: {over: I, in: I}
  g: {over: I, in: I}
  x: {over: I, type: integer, upper: 9}
  y: {over: L, in: L}
  z: {over: L, in: L}
constraints:
  - {for: i in I, expr: "g[f[i]] == i"}
  - {for: l in L, expr: "y[z[l]] == l"}
  - {for: "i in I, j in I if i < j", expr: "x[i] != x[j]"}
  - {for: "i in I if i != last(I)", expr: "x[i] <= x[next(i)]"}
  - {for: l in L, expr: "sum(y[k] == l for k in L) == 1"}
objectives:
  - {minimize: "sum(x[i] * f[i] for i in I) + sum(y[l] == 'a' for l in L) + sum(3 * (z[l] != l) for l in L)"}
"""


@pytest.mark.parametrize("target", WHOLE_ONLY)
def test_global_constraints_spelled_out_are_said_by_name(target: str) -> None:
    """Inverse, different pairs, an order, a cardinality, a count: 0 * 4 + 1 * 3 + 2 * 2 + 3 * 1, and one at `a`."""
    source = emit(instance(NATIVES), target).source
    said = {
        "cpmpy": ("Inverse(", "AllDifferent(", "Increasing(", "GlobalCardinalityCount(", "Count("),
        "ortools": ("add_inverse(", "add_all_different("),
    }
    assert all(name in source for name in said[target])
    assert solve(instance(NATIVES), target=target).objective == pytest.approx(10 + 1)


PICK = """
sets: {L: [a, b, c], I: range(3)}
variables: {x: {over: I, in: L}, n: {type: integer, upper: 3}, free: {type: binary}}
constraints: [{expr: "n <= sum(x[i] == 'a' for i in I)"}]
outputs: {first: "x[0]", many: "[sum(x[i] == l for i in I) for l in L]"}
answer: {find: all, limit: 100}
"""


@pytest.mark.parametrize("target", WHOLE_ONLY)
@pytest.mark.parametrize(
    "text",
    [
        PICK,
        PICK.replace("answer", "objectives: [{maximize: n}]\nanswer"),
        PICK.replace('first: "x[0]", ', "free: free, "),
        "variables: {x: {type: integer, upper: 2}, y: {type: binary}}\nanswer: {find: count}",
        PICK.replace("limit: 100", "limit: 7"),
    ],
)
def test_all_answers(target: str, text: str) -> None:
    """As many as the native route finds, with the same word on whether there are others."""
    model = instance(text)
    run = run_python(emit(model, target).source)
    assert run.ok, run.stderr
    answer = json.loads(run.stdout.splitlines()[-1])
    expected = solutions(model)
    assert len(answer["solutions"]) == expected.count
    if expected.count < model.model.answer.limit:
        assert answer["complete"] and expected.complete


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_not_said_of_all_answers(target: str) -> None:
    """A program that finds one where all are asked for says so."""
    text = "variables: {x: {type: integer, upper: 2}}\noutputs: {half: x / 2}\nanswer: {find: all}"
    assert "this program finds one" in emit(instance(text), target).source


FILM = """
sets: {Scenes: [pier, chase, attic], Crews: [one, two]}
parameters:
  days: {over: Scenes, type: integer, value: [3, 4, 0]}
  lights: {over: Scenes, type: integer, value: [2, 3, 1]}
variables: {start: {over: Scenes, type: integer, upper: 20}, crew: {over: Scenes, in: Crews}}
expressions:
  wrap: "max(ends[s] for s in Scenes)"
  ends: {over: s in Scenes, expr: "start[s] + days[s]"}
  paid: {over: s in Scenes, expr: "days[s] if crew[s] == 'one' else 2 * days[s]"}
constraints:
  - {expr: "ends['chase'] <= start['pier'] or ends['pier'] <= start['chase'] - 1"}
  - {for: c in Crews, expr: "no_overlap([(start[s], days[s], crew[s] == c) for s in Scenes])"}
  - {expr: "cumulative([(start[s], days[s], lights[s]) for s in Scenes], 4)"}
  - {expr: "start['attic'] == 2"}
objectives: [{minimize: "10 * wrap + sum(paid[s] for s in Scenes)"}]
"""


@pytest.mark.parametrize("target", WHOLE_ONLY)
def test_named_expressions_are_kept(target: str) -> None:
    """Each said once, after those it reads; a scene of no days occupies no crew and no lights."""
    source = emit(instance(FILM), target).source
    lines = [line.strip() for line in source.splitlines()]
    assert "ends = {s: start[s] + days[s] for s in Scenes}" in lines
    ends, wrap = (next(i for i, line in enumerate(lines) if line.startswith(f"{n} = ")) for n in ("ends", "wrap"))
    assert ends < wrap
    assert list(json.loads(run_python(source).stdout)["solution"]) == ["start", "crew"]
    assert solve(instance(FILM), target=target).objective == pytest.approx(10 * 7 + 7)


SHIFTED = """
sets: {K: range(3)}
parameters: {d: {over: K, value: [0.5, 1.25, -2]}}
variables: {x: {over: K, type: integer, upper: 5}}
constraints: [ROW]
objectives: [{maximize: "sum(x[k] for k in K)"}]
"""


@pytest.mark.parametrize("target", WHOLE_ONLY)
@pytest.mark.parametrize(
    ("row", "best"),
    [
        ('{for: k in K, expr: "implies(k > 0, x[k] * d[k - 1] < 3)"}', 5 + 5 + 2),
        ('{for: k in K, expr: "(x[k] * d[k - 1] if k > 0 else x[k]) <= 3"}', 3 + 5 + 2),
        ('{expr: "sum(x[k] * d[prev(k)] if k > 0 else x[k] for k in K) <= 3"}', 0 + 5 + 0),
        ('{for: k in K, expr: "x[k] >= 9 or k == 0 or x[k] * d[k - 1] <= 3"}', 5 + 5 + 2),
        ('{for: k in K, penalty: 9, expr: "implies(k > 0, x[k] * d[k - 1] <= 3)"}', 5 + 5 + 2),
    ],
)
def test_scales_look_at_what_is_read(target: str, row: str, best: float) -> None:
    """A decimal that a known condition keeps from being read is none the scale asks for."""
    assert solve(instance(SHIFTED.replace("ROW", row)), target=target).objective == pytest.approx(best)


CHAIN = """
sets:
  T: range(4)
  States: [off, one, two]
  Duty: [work, rest]
  Steps: {elements: [[off, work, one], [off, rest, off], [one, work, two], [one, rest, off], [two, rest, off]]}
parameters:
  step: {over: "States, Duty", in: States, value: [[one, off], [two, off], [two, off]]}
variables: {state: {over: T, in: States}, x: {over: T, in: Duty}}
constraints: ["state[first(T)] == 'off'", {for: t in T if t != last(T), expr: "ROW"}]
objectives: [{maximize: "sum((t + 1) * (x[t] == 'work') for t in T) - 2 * (state[last(T)] == 'two')"}]
"""


@pytest.mark.parametrize("route", ["highs", "cpsat", "scip", "pyomo", "cpmpy", "ortools", "minizinc"])
@pytest.mark.parametrize("row", ["state[next(t)] == step[state[t], x[t]]", "(state[t], x[t], state[next(t)]) in Steps"])
def test_chains_of_states(route: str, row: str) -> None:
    """An automaton, its transitions a parameter or a table: work on all days ends in `two`, which costs 2."""
    if route == "minizinc":
        require_tool(route)
    found = ROUTES[route](instance(CHAIN.replace("ROW", row)), SolveOptions())
    assert found.objective == pytest.approx(1 + 2 + 3 + 4 - 2)
