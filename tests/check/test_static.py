"""Every code of the static check: the smallest document that raises it, and a near one that does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from nl2opt.check.codes import CODES
from nl2opt.check.static import check_model
from nl2opt.errors import Diagnostic
from nl2opt.ir.document import read_document
from nl2opt.ir.model import Anchor, Constraint, Model, Objective, Parameter, Variable
from nl2opt.ir.nodes import Name, Number, number
from nl2opt.ir.text import parse_expression

ROOT = Path(__file__).parents[2]

HEAD = (Path(__file__).parent / "ground.yaml").read_text(encoding="utf-8")

EXPRESSIONS: list[tuple[str, str, str]] = [
    # code, constraint that raises it, near constraint that does not
    ("E201", "sum(xx) <= p", "sum(x) <= p"),
    ("E201", "x[q] <= p", "x['a'] <= p"),
    ("E201", "sum(x[i] for i in K) <= p", "sum(x[i] for i in I) <= p"),
    ("E204", "sum(x[y] for y in I) <= p", "sum(x[i] for i in I) <= p"),
    ("E204", "all(sum(x[i] for i in I) <= w[i] for i in I)", "all(sum(x[k] for k in I) <= w[i] for i in I)"),
    ("E301", "x['a', 'b'] <= p", "x['a'] <= p"),
    ("E301", "x <= p", "x['a'] <= p"),
    ("E301", "y['a'] <= p", "y <= p"),
    ("E301", "sum(move[i] for i in I) <= p", "sum(move[e] for e in Arcs) <= p"),
    ("E301", "sum(d[e] for e in I) <= y", "sum(d[e, 'u'] for e in I) <= y"),
    ("E301", "sum(x[i] for (i, j) in I) <= p", "sum(x[i] for (i, j) in Arcs) <= p"),
    ("E301", "sum(x[i] for i in near) <= p", "sum(x[i] for i in near['a']) <= p"),
    ("E302", "x['a'] == 'a'", "pick['u'] == 'a'"),
    ("E302", "pick['u'] == 1", "seat[0] == 1"),
    ("E302", "x[1] <= p", "z[1] <= p"),
    ("E302", "z['a'] <= p", "x['a'] <= p"),
    ("E302", "x[y] <= p", "x[home] <= p"),
    ("E302", "sum(z[prev(t + 1)] for t in T if t > 1) <= p", "sum(z[prev(t)] for t in T if t > 1) <= p"),
    ("E302", "cumulative([(x['a'], 2)], p)", "cumulative([(x['a'], 2, 1)], p)"),
    ("E302", "no_overlap([(i, 2) for i in I])", "no_overlap([(x[i], 2) for i in I])"),
    (
        "E302",
        "no_overlap_2d([(x['a'], 2, y, 1), (x['b'], 2, y)])",
        "no_overlap_2d([(x['a'], 2, y, 1), (x['b'], 2, y, 1)])",
    ),
    ("E302", "no_overlap_2d([x, w, x, w])", "no_overlap_2d([(x[i], w[i], y, 1) for i in I])"),
    ("E302", "no_overlap([(x['a'], 2), w['a']])", "no_overlap([(x['a'], 2), (w['a'], 1)])"),
    ("E302", "circuit(x)", "circuit(seat)"),
    ("E302", "abs(Arcs) <= 1", "abs(y) <= 1"),
    ("E302", "sum(y) <= 3", "sum(y, 1) <= 3"),
    ("E302", "all_different(x['a'], pick['u'])", "all_different(x['a'], x['b'])"),
    ("E302", "(x['a'], 1) == 1", "x['a'] == 1"),
    ("E303", "pick['u'] == (('u' if p > 1 else 'v'))", "pick['u'] == ('a' if p > 1 else 'b')"),
    ("E303", "all(x[j] <= p for j in J)", "all(x[i] <= p for i in I)"),
    ("E304", "pick['u'] == 'aa'", "pick['u'] == 'a'"),
    ("E304", "x['d'] <= p", "x['c'] <= p"),
    ("E304", "z[5] <= p", "z[4] <= p"),
    ("E304", "pick['u'] in {'x', 'y'}", "pick['u'] in {'a', 'y'}"),
    ("E305", "implies(x['a'], on['a'])", "implies(x['a'] > 0, on['a'])"),
    ("E305", "not y", "not on['a']"),
    ("E305", "any(x)", "any(on)"),
    ("E306", "pick['u'] + 1 <= 2", "position(pick['u']) + 1 <= 2"),
    ("E306", "pick['u'] <= 'b'", "position(pick['u']) <= position(home)"),
    ("E302", "position('b') >= 1", "position(home) >= 1"),
    ("E302", "x['a'] == (home if p > 1 else near['a'])", "x['a'] == (1 if p > 1 else 2)"),
    ("E301", "x in T", "x['a'] in T"),
    ("E302", "position(p) >= 1", "sum(position(t) for t in T) >= y"),
    ("E302", "prev(p) >= 1", "sum(next(t) for t in T if t < 4) >= y"),
    ("E308", "len(w['a']) >= x['a']", "len(d['a']) >= x['a']"),
    ("E308", "len(p) >= x['a']", "len(w) >= x['a']"),
    ("E201", "len(d[q]) >= x['a']", "len(d['a']) >= x['a']"),
    ("E302", "sum(t for t in range(0.5, p)) <= y", "sum(t for t in range(1, p)) <= y"),
    ("E302", "x[w['a']] <= p", "z[w['a']] <= p"),
    ("E306", "sum(pick) >= 1", "sum(seat) >= 1"),
    ("E307", "min(w[i] for i in I if on[i]) >= 1", "min(w[i] for i in I if w[i] > 1) >= 1"),
    ("E307", "all_different(x[i] for i in I if on[i])", "sum(x[i] for i in I if on[i]) >= 1"),
    ("E308", "sum(x[i] for i in w) >= 1", "sum(x[i] for i in I) >= 1"),
    ("E308", "x['a'] in p", "x['a'] in {p}"),
    ("E309", "sum(z[t] for t in range(1, x['a'])) >= 1", "sum(z[t] for t in range(1, p)) >= 1"),
    ("E309", "2 ** x['a'] <= p", "x['a'] ** 2 <= p"),
    ("E310", "implies(y == 0, on['a'])", "implies(on['a'], y == 0)"),
    ("E310", "y != 3", "x['a'] != 3"),
    ("E310", "sum(z[t] == 0 for t in T) >= 2", "sum(x[i] == 0 for i in I) >= 2"),
    ("E310", "implies(y in {0, 2}, on['a'])", "implies(on['a'], y in {0, 2})"),
    ("E310", "y not in {3, 4}", "x['a'] not in {3, 4}"),
    ("E310", "iff(on['a'], y == 1)", "iff(on['a'], x['a'] == 1)"),
    ("E311", "sum(x)", "sum(x) >= 1"),
    ("E311", "x['a'] + y, 3", "x['a'] + y >= 3"),
    ("E406", "x['a'] - x['a'] >= 1", "x['a'] - x['b'] >= 1"),
    ("E406", "False", "on['a']"),
    ("E406", "x['a'] / 0 >= 1", "x['a'] / 2 >= 1"),
    ("W-true", "2 * y <= y + y", "2 * y <= y + x['a']"),
    ("W-index", "all(sum(seat[t] for t in T) <= p for i in I)", "all(sum(z[t] for t in T) <= p for i in I)"),
    ("W-strict", "y < 3", "x['a'] < 3"),
    ("W-strict", "sum(z[t] > 0 for t in T) <= 2", "sum(x[i] > 0 for i in I) <= 2"),
    ("W-boundary", "implies(y >= 3, on['a'])", "implies(y > 3, on['a'])"),
    ("W-boundary", "not (y <= 3)", "y >= 3"),
    ("W-chain", "x['a'] != x['b'] != x['c']", "all_different(x['a'], x['b'], x['c'])"),
    ("W-big", "y <= 10000000 * on['a']", "y <= 100 * on['a']"),
    ("W-big", "x['a'] - 2000000 * on['a'] <= p", "2000000 * on['a'] + 3000000 * on['b'] <= 4000000"),
    ("W-constant", "sum(w[i] for i in I) >= p", "sum(w[i] * on[i] for i in I) >= p"),
]

DOCUMENTS: list[tuple[str, str, str]] = [
    (d["code"], d["wrong"], d["right"])
    for d in yaml.safe_load((Path(__file__).parent / "documents.yaml").read_text(encoding="utf-8"))
]


def _codes(found: tuple[Diagnostic, ...]) -> set[str]:
    return {d.code for d in found}


def _with(constraint: str) -> Model:
    return read_document(HEAD + f'  - {{name: tried, expr: "{constraint}"}}\n')


def test_the_ground_document_is_clean() -> None:
    """The document the table builds on says nothing by itself."""
    assert check_model(read_document(HEAD)) == ()


@pytest.mark.parametrize(("code", "wrong", "right"), EXPRESSIONS)
def test_expressions(code: str, wrong: str, right: str) -> None:
    """A constraint raises its code, its neighbour does not."""
    raised = check_model(_with(wrong))
    assert code in _codes(raised)
    assert code not in _codes(check_model(_with(right)))
    assert all(d.where for d in raised)


@pytest.mark.parametrize(("code", "wrong", "right"), DOCUMENTS)
def test_documents(code: str, wrong: str, right: str) -> None:
    """A document raises its code, its neighbour does not."""
    assert code in _codes(check_model(read_document("nl2opt: 1\n" + wrong)))
    assert code not in _codes(check_model(read_document("nl2opt: 1\n" + right)))


@pytest.mark.parametrize(("code", "wrong", "right"), EXPRESSIONS)
def test_near_expressions_have_no_errors(code: str, wrong: str, right: str) -> None:
    """The neighbours are valid."""
    assert [str(d) for d in check_model(_with(right)) if d.severity == "error"] == []


def test_value_and_rows() -> None:
    """E403 is found in models that no reader made."""
    p = Parameter("p", value=number(1), rows=((number(1),),))
    x = Variable("x", type="real", upper=Name("p"))
    assert "E403" in _codes(check_model(Model(parameters=(p,), variables=(x,))))
    assert "E403" not in _codes(check_model(Model(parameters=(Parameter("p", value=number(1)),), variables=(x,))))


def test_quotes_are_pieces_of_the_text() -> None:
    """E407 where a text is given; blanks count alike; the nth occurrence must be there."""

    def found(quote: str, nth: int = 1, text: str = "At most 40 apples.\nAt most 30 pears.") -> set[str]:
        c = Constraint("c", parse_expression("x <= 40"), anchors=(Anchor("quote", quote, nth),))
        return _codes(check_model(Model(text=text, variables=(Variable("x", type="real"),), constraints=(c,))))

    assert "E407" not in found("40 apples. At most")
    assert "E407" not in found("At most", 2)
    assert "E407" in found("At most", 3)
    assert "E407" in found("at least 40 apples")
    assert "E407" not in found("at least 40 apples", text="")


def test_all_findings_come_at_once_errors_first() -> None:
    """One run names every error and every warning."""
    found = check_model(
        Model(
            variables=(Variable("x"), Variable("min", type="real")),
            constraints=(Constraint("c", parse_expression("x + q <= z")),),
            objectives=(Objective("minimize", Number(number(0).value)),),
        )
    )
    assert _codes(found) == {"E201", "E203", "E401", "W-free", "W-objective"}
    assert sorted(found, key=lambda d: d.severity != "error") == list(found)
    assert sum(d.code == "E201" for d in found) == 2


def test_the_nearest_names_are_offered() -> None:
    """A misspelt name."""
    d = next(d for d in check_model(_with("sum(mvoe) <= p")) if d.code == "E201")
    assert "`move`" in d.fix
    assert d.where.startswith("constraints[2] `tried`")


def test_a_finding_reads_as_the_manual_shows() -> None:
    """Where, found, expected, fix."""
    text = """
nl2opt: 1
parameters: {max_budget: {value: 9, unit: EUR}}
variables: {output: {type: real, unit: tonne/week}}
constraints: [{name: capacity, expr: output <= max_budget, quotes: [total output may not exceed the budget]}]
"""
    found = [d for d in check_model(read_document(text)) if d.code == "U03"]
    assert str(found[0]).splitlines() == [
        "error U03: units differ",
        '  where     constraints[0] `capacity`, from "total output may not exceed the budget"',
        "  found     tonne/week <= EUR in `output <= max_budget`",
        "  expected  the same unit on both sides; `output` is in tonne/week, `max_budget` in EUR",
        "  fix       multiply by something in EUR*week/tonne",
    ]


def test_every_code_of_the_check_is_in_the_tables() -> None:
    """No code without its smallest document."""
    tried = {code for code, _, _ in (*EXPRESSIONS, *DOCUMENTS)} | {"E403", "E407"}
    elsewhere = {"N01", "T01", "T02", *(f"P0{k}" for k in range(1, 10)), *(f"L0{k}" for k in range(1, 6))}
    assert set(CODES) - tried == elsewhere


def test_good_models_are_clean(case: Any) -> None:
    """Models people wrote check without an error and without a false warning, their quotes against their text too."""
    model = read_document(case.model_file)
    assert [str(d) for d in check_model(replace(model, text=model.text or case.text))] == []
