"""The rewrites keep the optimum, bring points back, and say what they cannot do."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest
from random_models import document, instance_of, optimum, size

import nl2opt.passes
from nl2opt.check.feasible import referee
from nl2opt.errors import Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.nodes import Compare
from nl2opt.ir.walk import all_names
from nl2opt.passes import MILP, InferredBound, apply
from nl2opt.passes.features import features
from nl2opt.passes.shown import shown
from nl2opt.solvers import highs
from nl2opt.solvers.result import Termination

HEADER = "nl2opt: 1\nname: test\n"
MODULES = sorted(m.name for m in pkgutil.iter_modules(nl2opt.passes.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name: str) -> None:
    """Every before -> after of a docstring is what the rewrite does."""
    module = importlib.import_module(f"nl2opt.passes.{name}")
    failed, tried = doctest.testmod(module)
    assert not failed
    assert tried or name.split("_")[0] not in ("expand", "linearize", "split", "soften", "inline", "comparison")


def check_optimum(seed: int) -> str:
    """A random model solved by HiGHS agrees with trying every point; returns what it was."""
    instance = instance_of(seed)
    if size(instance) > 200:
        return "large"
    try:
        result = highs.solve(instance)
    except Unsupported as e:
        assert "product of two variables" in str(e), document(seed)
        return "unsupported"
    best = optimum(instance)
    if best is None:
        assert result.termination is Termination.INFEASIBLE, document(seed)
        return "infeasible"
    assert result.termination is Termination.OPTIMAL and result.objective is not None, document(seed)
    assert abs(result.objective - float(best)) < 1e-6, document(seed)
    assert result.point is not None
    assert referee(instance, result.point, result.objective).verdict == "ok", document(seed)
    return "optimal"


@pytest.mark.parametrize("part", range(4))
def test_rewrites_keep_the_optimum(part: int) -> None:
    """Random models over every construct: brute force, HiGHS and the referee agree."""
    seen = [check_optimum(seed) for seed in range(part * 25, part * 25 + 25)]
    assert seen.count("optimal") >= 3


@pytest.mark.slow
def test_rewrites_keep_the_optimum_at_length() -> None:
    """The same on many more models."""
    for seed in range(1000, 2500):
        check_optimum(seed)


def test_result_is_linear() -> None:
    """After the pipeline no construct is left that a further run would rewrite."""
    for seed in range(60):
        try:
            model, _ = apply(instance_of(seed).model)
        except Unsupported:
            continue
        assert features(model) <= {"product", "member"} or all(isinstance(c.expr, Compare) for c in model.constraints)
        assert not any(v.within is not None for v in model.variables)


def test_names_are_apart() -> None:
    """New names collide with nothing: not with declared names, not with indices."""
    text = """
sets: {I: [a, b]}
variables: {x: {over: I, type: integer, upper: 3}, c_holds: {type: binary}, x_is: {type: binary}, s: {in: I}}
constraints:
  - {name: c, for: i in I, expr: "sum(x[c_when] >= 2 for c_when in I) <= 1 or c_holds"}
  - {name: s_one, expr: "s == 'a' or x_is"}
"""
    model, _ = apply(read_document(HEADER + text))
    names = [x.name for x in (*model.sets, *model.parameters, *model.variables, *model.constraints)]
    assert len(names) == len(set(names))
    assert set(names) <= all_names(model)


def test_linear_model_is_left_alone() -> None:
    """A model that is linear already comes back as it was, filters and all."""
    text = """
sets: {I: [a, b, c]}
parameters: {p: {over: I, value: [1, 2, 3]}}
variables: {x: {over: I, type: real}}
constraints: [{name: c, for: i in I if i != first(I), expr: "x[i] >= p[i] * x[prev(i)] if p[i] > 1 else x[i] <= 1"}]
objectives: [{minimize: "sum(p[i] * x[i] for i in I if p[i] < 3)"}]
"""
    model = read_document(HEADER + text.replace(" if p[i] > 1 else x[i] <= 1", ""))
    rewritten, undo = apply(model)
    assert rewritten.constraints == model.constraints and rewritten.objectives == model.objectives
    point = {"x": {("a",): 1.0}}
    assert undo(point) == point


def test_missing_bound_becomes_an_inferred_one() -> None:
    """A big-M of a variable without a bound is made from what the constraints imply, or the variable is named."""
    text = """
variables: {x: {type: real}, on: {type: binary}}
constraints: [{name: only, expr: "implies(not on, x == 0)"}, {name: cap, expr: 2 * x <= 30}]
objectives: [{maximize: x - 5 * on}]
"""
    model = read_document(HEADER + text)
    rewritten, _ = apply(model)
    assert any(isinstance(p, InferredBound) and p.variable == "x" for p in rewritten.parameters)
    assert highs.solve(bind(model)).objective == pytest.approx(10)
    without = read_document(HEADER + text.replace(", {name: cap, expr: 2 * x <= 30}", ""))
    with pytest.raises(Unsupported, match="x has no upper bound"):
        highs.solve(bind(without))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("variables: {x: {type: real}, y: {type: real}}\nconstraints: [x * y <= 3]", "product of two variables"),
        ("variables: {x: {type: real}, y: {type: real}}\nconstraints: [x / y <= 3]", "division by a variable"),
        ("variables: {x: {type: real}}\nconstraints: [x // 2 == 1]", "continuous"),
        ("variables: {x: {type: real, upper: 9}}\nconstraints: [x != 3]", "band"),
        ("sets: {N: range(3)}\nvariables: {s: {over: N, in: N}}\nconstraints: [not circuit(s)]", "required"),
        ("variables: {x: {type: real}}\nconstraints: ['exp(x) <= 3']", "E603"),
    ],
)
def test_unsupported_says_why(text: str, reason: str) -> None:
    """What has no linear form is refused with its reason."""
    with pytest.raises(Unsupported, match=reason):
        highs.solve(bind(read_document(HEADER + text)))


def test_variables_in_sets_come_back_as_elements() -> None:
    """The way back gives elements, also of tuple sets and of sets that depend on an index."""
    text = """
sets: {I: [a, b], Pairs: {elements: [[0, x], [1, y]]}, near: {over: I, elements: {a: [3, 5], b: [4]}}}
variables: {p: {in: Pairs}, k: {over: i in I, in: "near[i]"}}
constraints: [{name: c, expr: "k['a'] + k['b'] == 9"}, {name: d, expr: "p != (0, 'x')"}]
"""
    result = highs.solve(bind(read_document(HEADER + text)))
    assert result.point == {"p": {(): (1, "y")}, "k": {("a",): 5, ("b",): 4}}


def test_every_rewrite_of_the_pipeline_is_a_file() -> None:
    """A rewrite and its file have the same name."""
    for rewrite in MILP:
        assert rewrite.__module__ == f"nl2opt.passes.{rewrite.__name__}"  # type: ignore[attr-defined]


def test_shown_reads_like_the_language() -> None:
    """A big-M stands beside its binary, written from declared bounds."""
    text = """
sets: {I: [a, b]}
parameters: {most: {over: I, value: [4, 7]}}
variables: {x: {over: i in I, type: real, upper: "2 * most[i]"}, on: {over: I, type: binary}}
constraints: [{name: open, for: i in I, expr: "implies(x[i] > 0, on[i])"}]
"""
    model = read_document(HEADER + text)
    lines = shown(apply(model)[0], model).splitlines()
    assert "open_big_m[i in I] = max(0, 2 * most[i])" in lines
    assert "open: x[i] <= open_big_m[i] * on[i] for i in I" in lines
