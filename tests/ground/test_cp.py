"""Grounding to CP-SAT: each construct against its meaning, exact scaling, inferred bounds, and what is refused."""

from __future__ import annotations

import ast
import re
from fractions import Fraction
from pathlib import Path

import pytest

import nl2opt
from nl2opt.errors import EvaluationError, LimitExceeded, Unsupported
from nl2opt.ground.cp import ground_cp, infer_bounds
from nl2opt.ground.cp.bounds import propagate
from nl2opt.ground.cp.builder import Builder
from nl2opt.ground.cp.unsupported import UNSUPPORTED
from nl2opt.ground.cp.values import (
    INFINITY,
    Affine,
    Row,
    complement,
    conjunction,
    disjunction,
    intersect,
    negation,
    span_of,
)
from nl2opt.ir import limits
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.solvers.cpsat import solve
from nl2opt.solvers.result import Termination

SETS = """
sets:
  I: range(4)
  Days: [mon, tue, wed]
  Colours: [red, green, blue]
  Pairs: {elements: [[0, 1], [1, 2], [3, 0]]}
  near: {over: i in I, elements: "{j for j in I if abs(i - j) == 1}"}
parameters:
  c: {over: I, type: integer, value: [4, 1, 3, 2]}
  w: {over: I, value: [0.5, 1.25, 2, 0.1]}
  t: {over: "I, Days", type: integer, value: [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]]}
  liked: {over: Days, in: Colours, value: [green, red, green]}
"""


def instance(variables: str, constraints: str = "", objective: str = "", extra: str = "") -> Instance:
    """Pieces of a document -> an instance over the sets and parameters above."""
    lines = [f'  - {{name: k{i}, expr: "{e}"}}' for i, e in enumerate(filter(None, constraints.split(";")))]
    text = f"nl2opt: 1\nname: small\n{SETS}{extra}\nvariables: {{{variables}}}\n"
    text += "constraints:\n" + "\n".join(lines) + "\n" if lines else ""
    text += f'objectives: [{{{objective.split(" ", 1)[0]}: "{objective.split(" ", 1)[1]}"}}]\n' if objective else ""
    return bind(read_document(text))


XY = "x: {type: integer, upper: 9}, y: {type: integer, lower: -5, upper: 5}, b: {type: binary}"
XI = "x: {over: I, type: integer, upper: 5}"
SUCC = "s: {over: I, in: I}"
DAY = "d: {in: Days}, e: {in: Days}, n: {type: integer, upper: 3}"

OPTIMA = [
    (XY, "x + y <= 7.5", "maximize 2 * x + 0.5 * y", 17.0),
    (XY, "x / 3 + y <= 1.9", "maximize x + y", 7.0),
    (XY, "", "minimize abs(y - 2) + abs(x - 3.5)", 0.5),
    (XY, "", "maximize max(x, 2 * y) - min(x, y)", 14.0),
    (XY, "x * y >= 12", "minimize x + y", 7.0),
    (XY, "", "maximize x * b - y ** 2", 9.0),
    (XY, "y // 2 == -2", "minimize y", -4.0),
    (XY, "y % 3 == 2", "minimize y", -4.0),
    (XY, "x // y == -2", "maximize x", 9.0),
    (XY, "x % y == -1", "maximize x + y", 7.0),
    (XY, "x / y == 2", "maximize x", 8.0),
    (XY, "2 ** x <= 50", "maximize x", 5.0),
    (XY, "implies(x >= 3, y >= 4); implies(y >= 4, b)", "maximize x - 10 * b", 2.0),
    (XY, "iff(x >= 5, y <= 0); x >= 5 or y == 3", "maximize x + y", 9.0),
    (XY, "not (x >= 3 and y <= 2)", "maximize x - y", 7.0),
    (XY, "(x == 4) + (y == 4) + (x == y) == 1", "maximize x + y", 13.0),
    (XY, "(x if b else y) == 3", "maximize x + y", 12.0),
    (XY, "piecewise(x, [(0, 0), (4, 8), (8, 2)]) >= 5", "maximize x", 6.0),
    (XY, "x in {2, 5, 7}; y in {x - 4, x - 3}", "maximize x + 2 * y", 15.0),
    (XY, "x not in range(3, 10)", "maximize x", 2.0),
    (XY, "(x, y) in Pairs", "maximize x - y", 3.0),
    (XY, "(x, y) not in Pairs; x == 3; y >= 0", "minimize y", 1.0),
    (XY, "x in near[y]", "maximize 10 * y + x", 32.0),
    (XI, "all_different(x)", "minimize sum(c[i] * x[i] for i in I)", 10.0),
    (XI, "not all_different(x); sum(x) == 3", "maximize x[0] + x[1]", 3.0),
    (XI, "all_different(x[i] + i for i in I)", "minimize sum(x)", 0.0),
    (XI, "no_overlap([(x[i], c[i]) for i in I if i > 0])", "minimize max(x[i] + c[i] for i in I if i > 0)", 6.0),
    (XI, "no_overlap([(x[i], 2, x[i] <= 1) for i in I])", "minimize sum(x)", 6.0),
    (XI, "not no_overlap([(x[i], 1) for i in I]); all_different(x[0], x[1], x[2])", "minimize sum(x)", 3.0),
    (XI, "cumulative([(x[i], c[i], w[i]) for i in I], 2)", "minimize sum(x)", 4.0),
    (XI, "no_overlap_2d([(x[i], 2, 0, 2) for i in I if i < 3])", "minimize x[0] + x[1] + x[2]", 6.0),
    (XI, "all(x[i] >= c[i] for i in I if x[i] >= 1); sum(x) >= 6", "minimize sum(w[i] * x[i] for i in I)", 1.75),
    (XI, "any(x[i] == 5 for i in I if i != 0)", "minimize sum(c[i] * x[i] for i in I)", 5.0),
    (XI, "sum(c[i] for i in I if x[i] >= 2) >= 6", "minimize sum(x)", 4.0),
    (XI, "prod(x[i] for i in I) >= 4", "minimize sum(x)", 6.0),
    (XI, "x[x[0]] == 3; x[0] == 2", "minimize sum(x)", 5.0),
    (SUCC, "circuit(s)", "minimize sum(t[s[i], 'mon'] * (s[i] == i + 1) for i in I if i < 3)", 0.0),
    (SUCC, "circuit(s); s[0] == 2", "maximize s[2]", 3.0),
    (SUCC, "subcircuit(s); s[0] != 0", "minimize sum(s[i] != i for i in I)", 2.0),
    (SUCC, "not circuit(s); all_different(s); all(s[i] != i for i in I)", "maximize s[0]", 3.0),
    (DAY, "liked[d] == 'green'; d != e; t[n, d] >= 8", "minimize t[n, d] + 10 * position(e)", 9.0),
    (DAY, "d in {'tue', 'wed'}; next(d) == e", "minimize t[n, e]", 3.0),
    (DAY, "all_different(d, e, 'tue'); d == 'wed'", "maximize position(e) + n", 3.0),
    ("g: {over: i in I, in: 'near[i]'}", "all(position(g[i]) == len(near[i]) - 1 for i in I)", "maximize sum(g)", 8.0),
    (DAY, "(d if n >= 2 else e) == 'tue'; d != 'tue'", "maximize n", 1.0),
    (DAY, "d != e; n <= 1", "maximize 10 * position(d if n >= 1 else e) + n", 21.0),
]


@pytest.mark.parametrize(("variables", "constraints", "objective", "expected"), OPTIMA)
def test_optimum(variables: str, constraints: str, objective: str, expected: float) -> None:
    """Each construct has the optimum found by enumerating the points with the referee."""
    result = solve(instance(variables, constraints, objective))
    assert result.termination is Termination.OPTIMAL
    assert result.objective == pytest.approx(expected, abs=1e-12)


UNDEFINED = [
    ("c[x] >= 0", 3.0, "an index outside its set makes the comparison false"),
    ("not (c[x] >= 0)", 9.0, "and its negation true"),
    ("c[x] >= 0 or x == 7", 7.0, "but not what stands around it"),
    ("implies(c[x] >= 0, x <= 2)", 9.0, "nor the implication"),
    ("6 // (x - 9) <= 0", 8.0, "a zero divisor, too"),
    ("x not in near[x]", 3.0, "a membership that is undefined is false, also where it says not"),
    ("(c[x] if x <= 3 else 5) == 5", 9.0, "the branch that is not chosen need not be defined"),
]


@pytest.mark.parametrize(("condition", "expected", "why"), UNDEFINED)
def test_undefined_is_relational(condition: str, expected: float, why: str) -> None:
    """docs/SEMANTICS.md, Undefined."""
    assert solve(instance(XY, condition, "maximize x")).objective == expected, why


def test_positions_are_never_guessed() -> None:
    """A part of a tuple was drawn from no set of its own, though only one set may hold it; a named expression was."""
    with pytest.raises(EvaluationError, match="the set of an element is not known"):
        ground_cp(instance(XY, "x >= sum(position(i) for (i, j) in Pairs)", "minimize x"))
    chosen = "expressions: {late: {over: k in I, expr: 'd if k > 1 else e'}}"
    assert solve(instance(DAY, "d == 'wed'", "maximize position(late[3]) - position(late[0])", chosen)).objective == 2


def test_known_conditions_hide_what_is_undefined() -> None:
    """A branch not taken before solving is never looked at; a constant index outside its set is an error."""
    assert solve(instance(XI, "all(x[i] <= (c[i + 1] if i < 3 else 0) for i in I)", "maximize sum(x)")).objective == 6
    with pytest.raises(EvaluationError, match=r"k0.*i = 3"):
        ground_cp(instance(XI, "all(x[i] <= c[i + 1] for i in I)"))


def test_decimals_are_scaled_exactly() -> None:
    """0.1 * 3 == 0.3 holds, and rows that would leave 2^62 are refused with their numbers."""
    assert solve(instance(XY, "0.1 * x == 0.3")).termination is Termination.OPTIMAL
    assert solve(instance(XY, "0.1 * x == 0.35")).termination is Termination.INFEASIBLE
    big = "x: {type: integer, upper: 9007199254740992}, y: {type: integer, upper: 9007199254740992}"
    with pytest.raises(Unsupported, match=r"2\^62") as refusal:
        ground_cp(instance(big, "1.0001 * x + 1.0003 * y <= 5.5"))
    assert "k0" in str(refusal.value)


def test_bounds_follow_from_constraints() -> None:
    """A missing bound is inferred, exactly, through chains and nonlinear parts; never invented."""
    found = infer_bounds(
        instance(
            "x: {type: integer}, y: {type: integer, lower: -inf}, z: {type: integer}",
            "2 * x + 3 * z <= 13; y >= x - 20; y <= z; abs(y) + x <= 100",
        )
    )
    assert found == {("x", ()): (0, 6), ("y", ()): (-20, 4), ("z", ()): (0, 4)}
    assert infer_bounds(instance("x: {type: integer}", "x <= 3; x >= 5")) is None


def test_missing_bound_is_named() -> None:
    """The diagnostic says which variable lacks which bound."""
    with pytest.raises(Unsupported) as refusal:
        ground_cp(instance("x: {over: I, type: integer}", "sum(x) >= 4", "minimize sum(x)"))
    diagnostic = refusal.value.diagnostics[0]
    assert "x[0] has no upper bound" in diagnostic.found
    assert "`upper`" in diagnostic.fix


def test_all_missing_bounds_come_at_once() -> None:
    """Real and unbounded variables are reported together."""
    with pytest.raises(Unsupported) as refusal:
        ground_cp(instance("x: {type: integer}, r: {type: real, upper: 4}, f: {type: real, lower: 2, upper: 2}"))
    assert [d.where for d in refusal.value.diagnostics] == ["variables.x", "variables.r"]


REFUSED = [
    ("real variable", "r: {type: real, upper: 4}", "r >= 1"),
    ("function of a variable", XY, "floor(x / 2) >= 1"),
    ("real power", XY, "x ** 0.5 >= 1"),
    ("power with a variable exponent", XY, "x ** y >= 1"),
    ("circuit as a condition", SUCC, "not subcircuit(s)"),
    ("negative amount", XY, "cumulative([(x, 2, y), (y, 2, 1)], 3)"),
    ("filter over variables", XI, "max(c[i] for i in I if x[i] == 1) >= 2"),
    ("unbounded integer", "x: {type: integer}", "x >= 1"),
]


@pytest.mark.parametrize(("construct", "variables", "constraints"), REFUSED)
def test_refusals_name_a_row_of_the_table(construct: str, variables: str, constraints: str) -> None:
    """Unsupported carries the declared reason."""
    with pytest.raises(Unsupported) as refusal:
        ground_cp(instance(variables, constraints))
    assert construct in refusal.value.diagnostics[0].message
    assert refusal.value.diagnostics[0].expected == UNSUPPORTED[construct]


def test_every_refusal_is_in_the_table() -> None:
    """No construct is refused in the code without a row, and no row is without a use."""
    sources = Path(nl2opt.__file__).parent.glob("ground/cp/*.py")
    used = {m for p in sources for m in re.findall(r'unsupported\(\s*"([^"]+)"', p.read_text(encoding="utf-8"))}
    passed_on = {"power with a variable exponent", "real power", "division by a variable"}
    assert used <= set(UNSUPPORTED)
    assert set(UNSUPPORTED) <= used | passed_on


def test_grounded_size_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The constraint that goes beyond the limit is named."""
    monkeypatch.setattr(limits, "GROUNDED_TERMS", 50)
    with pytest.raises(LimitExceeded, match="k1"):
        ground_cp(instance(XI, "x[0] <= 3; all(sum(x) - x[j] >= i for i in I for j in I)"))


def test_literals_are_made_once() -> None:
    """The same condition, and its opposite, share one literal."""
    twice = ground_cp(instance(XY, "(x >= 3) + (x < 3) + (y >= 1) >= 1; (x >= 3) + (y <= 0) <= 1"))
    assert len(twice.proto.variables) == 3 + 2


def test_implication_needs_no_literal_for_its_consequence() -> None:
    """A row under one literal is enforced, not reified."""
    assert len(ground_cp(instance(XY, "implies(b, x + y <= 3)")).proto.variables) == 3


def test_route_is_independent() -> None:
    """The CP lowering shares no code with the MILP passes or with the referee's evaluator."""
    forbidden = (
        "nl2opt.passes",
        "nl2opt.ir.evaluate",
        "nl2opt.ir.evaluate.arithmetic",
        "nl2opt.ir.evaluate.globals",
        "nl2opt.ir.evaluate.order",
    )
    for path in Path(nl2opt.__file__).parent.glob("ground/cp/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [a.name for a in node.names] if isinstance(node, ast.Import) else []
            assert not [n for n in names if n.startswith(forbidden)], path


def test_spans() -> None:
    """Spans hold exactly the values they are made of; complement and intersection are exact."""
    span = span_of([5, 1, 2, 9])
    assert span == ((1, 2), (5, 5), (9, 9))
    assert complement(span, 0, 9) == ((0, 0), (3, 4), (6, 8))
    assert complement(complement(span, 0, 9), 0, 9) == span
    assert intersect(span, ((2, 5),)) == ((2, 2), (5, 5))


def test_formulas_fold() -> None:
    """Known parts vanish; a negation of a negation is the formula itself."""
    b = Builder()
    x = Affine({b.variable(((0, 9),)): 1})
    row = b.compare(Affine(x.terms, -4), "<=")
    assert isinstance(row, Row)
    assert conjunction([True, row]) is row and conjunction([row, False]) is False
    assert disjunction([False, row]) is row and disjunction([row, True]) is True
    assert negation(negation(row)) == row
    assert b.compare(Affine(x.terms, 1), "<=") is False and b.compare(Affine(x.terms, -9), "<=") is True
    assert b.compare(Affine({v: Fraction(1, 2) for v in x.terms}, Fraction(-1, 3)), "==") is False


def test_propagation_reaches_a_fixpoint_or_says_infeasible() -> None:
    """x + y <= 5 and x >= 2 y bound both; a contradiction is found."""
    rows = [
        Row(((0, 1), (1, 1)), ((-INFINITY, 5),), 0, INFINITY),
        Row(((0, 1), (1, -2)), ((0, INFINITY),), -INFINITY, INFINITY),
    ]
    lower, upper = [0, 0], [INFINITY, INFINITY]
    assert propagate(rows, lower, upper)
    assert (lower, upper) == ([0, 0], [5, 2])
    assert not propagate([*rows, Row(((0, 1),), ((7, INFINITY),), 0, INFINITY)], lower, upper)
