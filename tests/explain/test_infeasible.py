"""Conflicts: the expected one of each case, irreducible by definition, bounded in time, honest about what they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.explain.infeasible import Conflict, Method, find_conflict
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.solvers import cpsat
from nl2opt.solvers.result import Result, SolveOptions, Termination


def solve(instance: Instance) -> Result:
    """CP-SAT with a limit."""
    return cpsat.solve(instance, SolveOptions(time_limit=20))


def read(text: str) -> Instance:
    """Document -> instance."""
    return bind(read_document("nl2opt: 1\nname: small\n" + text))


TWO = """
variables: {x: {type: integer, upper: 20}, y: {type: integer, upper: 6, quotes: ["at most 6 y"]}}
constraints:
  - {name: total, expr: x + y <= 10, quotes: ["no more than ten"]}
  - {name: idle, expr: x <= 19}
  - {name: many, expr: x >= 8, quotes: ["eight x at least"]}
  - {name: more, expr: y >= 3, quotes: ["three y"]}
  - {name: soft, expr: y >= 30, penalty: 1}
objectives: [{maximize: x}]
"""
ROOM = """
sets: {Rooms: [a, b, c], Days: range(3)}
variables: {use: {over: "Rooms, Days", type: integer, upper: 9}}
constraints:
  - {name: cap, for: "r in Rooms, d in Days", expr: "use[r, d] <= 2"}
  - {name: need, for: d in Days, expr: "sum(use[r, d] for r in Rooms) >= 5 + d"}
"""


def names(conflict: Conflict) -> set[str]:
    """Members as text."""
    return {f"{m.kind} {m.name}{m.binding}" for m in conflict.members}


@pytest.mark.parametrize("method", ["deletion", "quickxplain"])
def test_conflict_of_constraints(method: Method) -> None:
    """Three constraints conflict; the idle one, the bounds and the soft one are left out; quotes come along."""
    conflict = find_conflict(read(TWO), solve, method=method)
    assert names(conflict) == {"constraint total", "constraint many", "constraint more"}
    assert conflict.irreducible and conflict.verified is None
    assert 'total: x + y <= 10, from "no more than ten"' in [m.sentence() for m in conflict.members]


@pytest.mark.parametrize("method", ["deletion", "quickxplain"])
def test_conflict_of_bindings(method: Method) -> None:
    """Of nine caps and three needs, the three caps and the one need of the last day conflict."""
    conflict = find_conflict(read(ROOM), solve, method=method)
    day = "constraint need[d = 2]"
    assert names(conflict) == {day, *(f"constraint cap[r = {r}, d = 2]" for r in "abc")}
    assert conflict.irreducible


def test_declared_bounds_are_members() -> None:
    """A bound that a person gave can be what conflicts."""
    text = "variables: {y: {type: integer, upper: 6, quotes: ['at most 6']}}\nconstraints: [{name: more, expr: y >= 7},"
    conflict = find_conflict(read(text + " {name: some, expr: y <= 40}]"), solve)
    assert names(conflict) == {"bounds y", "constraint more"}
    assert [m.sentence() for m in conflict.members if m.kind == "bounds"] == [
        'bounds of y: y >= 0 and <= 6, from "at most 6"'
    ]


def test_second_solver_decides_what_the_first_cannot() -> None:
    """Where dropping a bound leaves CP-SAT without one, the other solver is asked; without it, no claim is made."""
    text = "variables: {y: {type: integer, upper: 6}}\nconstraints: [{name: more, expr: y >= 7}]"
    alone = find_conflict(read(text), solve)
    assert not alone.irreducible and alone.notes

    def other(instance: Instance) -> Result:
        family = instance.variables["y"]
        upper = (family.upper[0] or 1000,)
        return solve(replace(instance, variables={"y": replace(family, upper=upper)}))  # type: ignore[arg-type]

    both = find_conflict(read(text), solve, verify=other)
    assert both.irreducible and both.verified is True


def test_time_limit_is_said() -> None:
    """Nothing decided in time: no claim."""
    conflict = find_conflict(read(TWO), solve, time_limit=0.0)
    assert not conflict.irreducible and conflict.notes


def test_undecided_is_said() -> None:
    """A solver that refuses leaves the conflict unproved."""

    def refuse(_: Instance) -> Result:
        raise Unsupported(Diagnostic("E601", "no"))

    assert not find_conflict(read(TWO), refuse).irreducible


def test_feasible_instance_has_no_conflict() -> None:
    """No members, and the note says why."""
    feasible = read("variables: {x: {type: integer, upper: 3}}\nconstraints: [{name: k, expr: x <= 2}]")
    conflict = find_conflict(feasible, solve)
    assert conflict.members == () and not conflict.irreducible


def test_case(case: Any) -> None:
    """Infeasible cases: the families named are the expected ones, and dropping any member leaves a solution."""
    expected = case.expected
    if expected["status"] != "infeasible":
        pytest.skip("feasible")
    instance = bind(read_document(case.model_file.read_text(encoding="utf-8")))
    conflict = find_conflict(instance, solve, verify=solve)
    assert {m.name for m in conflict.members} == set(expected["conflict"])
    assert conflict.irreducible and conflict.verified
    kept = {m.name for m in conflict.members}
    for dropped in kept:
        model = replace(
            instance.model, constraints=tuple(c for c in instance.model.constraints if c.name in kept - {dropped})
        )
        try:
            assert solve(replace(instance, model=model)).termination is Termination.OPTIMAL
        except Unsupported:
            continue
