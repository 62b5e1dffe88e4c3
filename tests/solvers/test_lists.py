"""`[...] + [... for ...]` is one list to the reader, the referee and every route; optima are enumerated apart."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product

import pytest

import nl2opt
from nl2opt.ir.nodes import Add, ListLiteral
from nl2opt.ir.text import parse_expression, print_expression

ROOM = """
nl2opt: 1
sets: {{I: range(2), J: [a]}}
parameters: {{d: {{over: I, type: integer, value: [2, 1]}}}}
variables:
  x: {{over: I, type: integer, upper: 4}}
  y: {{over: J, type: integer, upper: 4}}
  z: {{type: integer, upper: 4}}
constraints: ["{rule}"]
objectives: [{{minimize: "3 * sum(x) + 2 * sum(y) + z"}}]
outputs: {{all: "[x[i] for i in I] + [z]", some: "[z] + [y[j] for j in J if y[j] > 99] + [7]"}}
"""
Rule = Callable[[int, int, int, int], bool]


def apart(*tasks: tuple[int, int]) -> bool:
    """Intervals that do not overlap."""
    return all(s + d <= t or t + e <= s for (s, d), (t, e) in combinations([t for t in tasks if t[1]], 2))


RULES: list[tuple[str, Rule]] = [
    ("all_different([x[i] for i in I] + [y[j] for j in J] + [z])", lambda a, b, y, z: len({a, b, y, z}) == 4),
    ("all_different([z] + [x[i] + i for i in I])", lambda a, b, y, z: len({z, a, b + 1}) == 3),
    ("no_overlap([(x[i], d[i]) for i in I] + [(z, 2), (y['a'], 1)])",
     lambda a, b, y, z: apart((a, 2), (b, 1), (z, 2), (y, 1))),
    ("cumulative([(x[i], d[i], 1) for i in I] + [(z, 2, 2)], 2)",
     lambda a, b, y, z: apart((z, 2), (a, 2)) and apart((z, 2), (b, 1))),
    ("no_overlap_2d([(x[i], 2, z, 1) for i in I] + [(y['a'], 2, z, 1)])",
     lambda a, b, y, z: apart((a, 2), (b, 2), (y, 2))),
    ("sum([x[i] for i in I] + [z]) >= 7", lambda a, b, y, z: a + b + z >= 7),
    ("max([x[i] for i in I] + [y[j] for j in J]) >= 4", lambda a, b, y, z: max(a, b, y) >= 4),
    ("all([x[i] >= 1 for i in I] + [z >= 2])", lambda a, b, y, z: a >= 1 and b >= 1 and z >= 2),
]  # fmt: skip


@pytest.mark.parametrize("solver", ["highs", "cpsat", "scip"])
@pytest.mark.parametrize(("rule", "holds"), RULES)
def test_routes_see_one_list(rule: str, holds: Rule, solver: str) -> None:
    """The optimum of every route is the enumerated one, and the referee agrees with it."""
    best = min(3 * (a + b) + 2 * y + z for a, b, y, z in product(range(5), repeat=4) if holds(a, b, y, z))
    answer = nl2opt.solve(nl2opt.read(ROOM.format(rule=rule)), solver=solver)  # type: ignore[arg-type]
    assert answer.trusted
    assert answer.result.objective == pytest.approx(best)


def test_outputs_are_one_list() -> None:
    """The elements of the first, then of the next."""
    answer = nl2opt.solve(nl2opt.read(ROOM.format(rule="x[0] + 1 == x[1] and z == 3")))
    told = {name: value for name, _, value, _ in nl2opt.explain(answer).expressions}
    assert (told["all"], told["some"]) == ([0, 1, 3], [3, 7])


def test_a_list_of_successors_is_refused_where_it_cannot_be_said() -> None:
    """A tour over concatenated lists has no linear form; the reason is told."""
    text = ROOM.format(rule="circuit([x[0]] + [x[i] for i in I if i > 0])")
    with pytest.raises(nl2opt.Nl2optError, match="a tour of this argument"):
        nl2opt.solve(nl2opt.read(text), solver="highs")
    assert nl2opt.solve(nl2opt.read(text), solver="cpsat").trusted


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("[a] + [b, c]", "[a, b, c]"),
        ("[a] + [b for i in I] + [c] + [d]", "[a] + [b for i in I] + [c, d]"),
        ("([a] + [b for i in I]) + [c]", "[a] + [b for i in I] + [c]"),
    ],
)
def test_canonical_form(text: str, canonical: str) -> None:
    """Literal lists beside each other are one; print and parse are inverse."""
    e = parse_expression(text)
    assert print_expression(e) == canonical
    assert parse_expression(canonical) == e
    assert isinstance(e, ListLiteral | Add)


@pytest.mark.parametrize(
    ("rule", "fix"),
    [
        ("sum([z] + z) >= 1", "[...] around it"),
        ("all_different(x + [z])", "[x[i] for i in ...]"),
        ("sum([z] - [1 for i in I]) >= 1", "around"),
        ("[z] + [1 for i in I] == 3", ""),
        ("z in [1] + [i for i in I]", ""),
    ],
)
def test_only_lists_are_joined(rule: str, fix: str) -> None:
    """A number, an array without indices, a difference, a comparison of lists: errors."""
    try:
        found = nl2opt.check(nl2opt.read(ROOM.format(rule=rule)))
    except nl2opt.DocumentError as e:
        found = e.diagnostics
    errors = [d for d in found if d.severity == "error"]
    assert errors and any(fix in d.fix for d in errors)
