"""What is slightly wrong is answered with what is right: each message names the spelling that was meant."""

from __future__ import annotations

import pytest

import nl2opt
from nl2opt.errors import Nl2optError

HEAD = """
nl2opt: 1
sets: {I: null, M: [jan, feb, mar], T: range(4)}
parameters: {grain: {value: 3}}
variables:
  x: {type: integer, upper: 9}
  y: {type: integer, upper: 9}
  store: {over: M, type: integer, upper: 9}
  wants: {over: T, type: binary}
  take: {over: I, type: binary}
  a: {type: binary}
  s: {over: T, type: integer, upper: 5}
constraints:
"""
DATA = {"I": ["amplifier", "cable"]}


def _told(constraint: str, solver: str = "highs") -> list[tuple[str, str, str]]:
    """Code, what was found and the fix of everything that stops a constraint."""
    try:
        model = nl2opt.read(f"{HEAD}  - {{name: c, {constraint}}}\n")
        found = tuple(d for d in nl2opt.check(model) if d.severity == "error")
        if not found:
            nl2opt.solve(model, DATA, solver=solver)
    except Nl2optError as e:
        found = e.diagnostics
    return [(d.code, d.found, d.fix) for d in found]


@pytest.mark.parametrize(
    ("constraint", "code", "fix"),
    [
        ('expr: "x // grain <= 3"', "E602", "give `grain` `type: integer`"),
        ('expr: "y <= piecewise(x, [[0, 0], (1, 2)])"', "E302", "piecewise(x, [(x0, y0), (x1, y1), ...])"),
        ('for: t in T, expr: "wants(t) <= 1"', "E101", "wants[t]"),
        ('for: t in T, expr: "x(2 + y) <= 1"', "E101", "x * (2 + y)"),
        ('expr: "if a: wants[0]"', "E101", "implies(a, wants[0])"),
        ('expr: "if x >= 2 then y >= 1"', "E101", "implies(x >= 2, y >= 1)"),
        ('expr: "wants[0] if a"', "E101", "implies(a, wants[0])"),
        ('expr: "sum(s if a)"', "E101", ""),
        ('for: m in M, expr: "store[m - 1] <= 3"', "E306", "prev(m)"),
        ('for: m in M, expr: "store[m + 2] <= 3"', "E306", "next(m, 2)"),
    ],
)
def test_the_spelling_that_was_meant(constraint: str, code: str, fix: str) -> None:
    """One finding, with the fix."""
    assert [(c, f) for c, _, f in _told(constraint)] == [(code, fix)]


@pytest.mark.parametrize("solver", ["highs", "cpsat", "scip"])
def test_routes_say_what_was_meant(solver: str) -> None:
    """A label of data is spelt as data spell it; the ends of a set have no neighbour, on either side."""
    assert [f for _, _, f in _told("expr: \"take['amplifer'] <= 1\"", solver)] == ["did you mean `amplifier`?"]
    for neighbour in ("prev(m)", "next(m)"):
        ((code, _, fix),) = _told(f'for: m in M, expr: "store[{neighbour}] <= 3"', solver)
        assert code == "V102" and fix.startswith("filter the binding") and fix.endswith("wrap=True")


@pytest.mark.parametrize(
    ("expression", "taken"),
    [
        ("sum(s[t] for t in T if wants[t]) <= 3", ["taken as sum(... * (...))"]),
        ("all(s[t] <= 3 for t in T if wants[t])", ["taken as all(implies(..., ...))"]),
        ("any(s[t] <= 3 for t in T if wants[t])", ["taken as any(... and ...)"]),
        ("sum(s[t] for t in T if t < 2) <= 3", []),
    ],
)
def test_filters_over_variables_are_noted(expression: str, taken: list[str]) -> None:
    """A filter over variables is another spelling of a factor or a condition, and the note says of which."""
    model = nl2opt.read(f'{HEAD}  - {{name: c, expr: "{expression}"}}\n')
    assert [d.expected for d in nl2opt.check(model) if d.code == "N01"] == taken


@pytest.mark.parametrize("pairs", ["'{(a, b) for a in M for b in M if a != b}'", "[[jan, feb], [feb, mar]]", "null"])
@pytest.mark.parametrize("call", ["position(b)", "position(next(b))", "position(prev(b, wrap=True))"])
def test_a_part_of_a_tuple_has_no_place(pairs: str, call: str) -> None:
    """It was drawn from no set of its own: the check says what the referee would; an index of its own has a place."""
    head = HEAD.replace("sets: {", f"sets: {{Pairs: {pairs}, ")
    wrong = nl2opt.read(f'{head}  - {{name: c, for: "(a1, b) in Pairs", expr: "store[a1] >= {call}"}}\n')
    right = nl2opt.read(
        f'{head}  - {{name: c, for: "a1 in M, b in M if (a1, b) in Pairs", expr: "store[a1] >= {call}"}}\n'
    )
    assert "E302" in [d.code for d in nl2opt.check(wrong)]
    assert "E302" not in [d.code for d in nl2opt.check(right)]
