"""Whatever an expression says, the checks answer: no crash, and models without errors have a kind."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.check.claims import recognise
from nl2opt.check.static import check_model
from nl2opt.errors import DocumentError
from nl2opt.ir.document import read_document
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.kind import kind_of
from nl2opt.ir.model import Constraint, Model, NamedExpression, Objective, Output, Parameter, Set, Variable
from nl2opt.ir.nodes import Expr
from nl2opt.ir.text import parse_expression, parse_over

GROUND = read_document(Path(__file__).parent / "ground.yaml")
NAMES = ["x", "y", "z", "w", "d", "p", "I", "J", "T", "N", "Arcs", "near", "on", "pick", "seat", "move", "home", "tot",
         "i", "j", "t", "e", "x['a']", "d[i, j]", "z[t]", "w[i]", "near['a']", "'a'", "'u'", "1", "0.5",
         "missing"]  # fmt: skip
SHAPES = [
    "{0} + {1}", "{0} * {1}", "-{0}", "{0} / {1}", "{0} ** {1}", "{0} % {1}", "{0} <= {1}", "{0} == {1}", "{0} != {1}",
    "{0} < {1}", "{0} in {1}", "{0} and {1}", "{0} or {1}", "not {0}", "implies({0}, {1})", "iff({0}, {1})",
    "{0} if {1} else {2}", "sum({0} for i in {1})", "sum({0} for i in I if {1})", "max({0} for t in T if {1})",
    "all({0} for (i, j) in {1})", "sum({0})", "max({0}, {1})", "all_different({0})", "abs({0})", "first({0})",
    "prev({0})", "position({0})", "len({0})", "({0}, {1})", "[{0}, {1}]", "{{{0}, {1}}}", "x[{0}]", "d[{0}, {1}]",
    "circuit({0})", "no_overlap([({0}, {1})])", "cumulative([({0}, {1}, {2})], p)", "range({0}, {1})",
    "[{0} for i in {1}]", "{{{0} for t in {1}}}", "piecewise({0}, [({1}, {2})])", "round({0}, 2)",
    "any({0} for e in {1})",
]  # fmt: skip


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda shape, a, b, c: shape.format(f"({a})", f"({b})", f"({c})"), st.sampled_from(SHAPES), inner, inner, inner
    )


def _readable(text: str) -> Expr | None:
    try:
        return parse_expression(text)
    except DocumentError:
        return None


EXPRESSIONS = st.recursive(st.sampled_from(NAMES), _grown, max_leaves=8).map(_readable).filter(lambda e: e is not None)
OVERS = st.sampled_from(["", "i in I", "t in T", "(i, j) in Arcs", "i in I, j in near[i]"])


UNITS = ("kg", "EUR/kg", "", "hours", "nurse", "m2/(s*kg)", "minute", "1", "what? ever", "kEUR", "EUR")
"""Given to the declarations in turn, so that sums and comparisons clash in many ways."""


def _measured(model: Model) -> Model:
    """The model with a unit at each parameter, variable and named expression."""
    units = cycle(UNITS)
    return replace(
        model,
        parameters=tuple(replace(p, unit=next(units)) for p in model.parameters),
        variables=tuple(replace(v, unit=next(units)) for v in model.variables),
        expressions=tuple(replace(n, unit=next(units)) for n in model.expressions),
    )


def _models(e: Expr, other: Expr, over: str) -> list[Model]:
    tried = Constraint("tried", e, over=parse_over(over) if over else ())
    return [
        replace(GROUND, constraints=(*GROUND.constraints, tried), objectives=(Objective("minimize", other),)),
        replace(
            GROUND, expressions=(NamedExpression("tot", other),), constraints=(tried,), outputs=(Output("o", other),)
        ),
        replace(
            GROUND,
            sets=(*GROUND.sets, Set("Q", other)),
            parameters=(*GROUND.parameters, Parameter("q", value=e)),
            variables=(*GROUND.variables, Variable("v", type="real", upper=other)),
            constraints=(replace(tried, penalty=other),),
        ),
    ]


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS, EXPRESSIONS, OVERS)
def test_any_expression_is_answered(e: Expr, other: Expr, over: str) -> None:
    """Findings, never an exception; what has no errors has a kind and may be recognised."""
    for model in (m for made in _models(e, other, over) for m in (made, _measured(made))):
        found = check_model(model)
        assert all(d.code and d.message and d.where for d in found)
        if not any(d.severity == "error" for d in found):
            kind_of(model)
            recognise(model.constraints[-1], Scope.of(model))
