"""Objective templates: what is an instance of which, in whatever spelling, and what claims are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nl2opt.check.claims import check_claims, goal_of, recognise_objective
from nl2opt.check.static import check_model
from nl2opt.ir.document import read_document
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.model import Constraint, Model, Objective
from nl2opt.ir.nodes import number
from nl2opt.ir.text import parse_expression
from nl2opt.templates import load_objectives

WORLD = read_document((Path(__file__).parent / "world.yaml").read_text(encoding="utf-8"))
SOFT = replace(WORLD, constraints=(Constraint("wish", parse_expression("open['p1']"), penalty=number(3)),))


def _objective(text: str) -> Objective:
    sense, _, expr = text.partition(": ")
    return Objective("maximize" if sense == "maximize" else "minimize", parse_expression(expr))


@pytest.mark.parametrize("name", sorted(load_objectives()))
def test_examples_are_recognised(name: str) -> None:
    """The example of a template is valid, an instance of it, and nothing more special."""
    known = load_objectives()[name]
    o = Objective("maximize" if known.sense == "maximize" else "minimize", parse_expression(known.example["expr"]))
    model = replace(SOFT if known.soft else WORLD, objectives=(o,))
    assert [d for d in check_model(model) if d.severity == "error"] == []
    assert goal_of(o, name, Scope.of(model)) is not None
    found = recognise_objective(o, Scope.of(model))
    assert found is not None
    assert found.template == name


INSTANCES = [
    ("minimize_weighted_sum", "minimize: 2 * short + 3 * over + 7"),
    ("minimize_weighted_sum", "minimize: sum(open)"),
    (
        "maximize_weighted_sum",
        "maximize: sum(price[i] * sold[i] for i in Items) - sum(cost[i] * make[i] for i in Items)",
    ),
    ("profit", "maximize: -sum(cost[i] * make[i] for i in Items) + sum(price[i] * sold[i] for i in Items)"),
    ("minimize_total", "minimize: short + over"),
    ("minimize_total", "minimize: finish"),
    ("maximize_total", "maximize: sum(make)"),
    ("minimize_count", "minimize: sum(make[i] >= 1 for i in Items)"),
    ("maximize_count", "maximize: sum(open)"),
    ("makespan", "minimize: max(start)"),
    ("makespan", "minimize: max(finish, short)"),
    ("fairness", "maximize: min(sold)"),
    ("deviation", "minimize: abs(finish - short)"),
    ("deviation", "minimize: sum(3 * abs(grow[t] - orders[t]) for t in Days)"),
    ("squares", "minimize: sum((grow[t] - 5) ** 2 for t in Days)"),
    ("value_of_choices", "maximize: sum(skill[crew[t]] for t in Tasks)"),
    ("value_of_choices", "minimize: distance[0, go[0]]"),
]

NEAR = [
    ("minimize_weighted_sum", "maximize: 2 * short + 3 * over"),
    ("minimize_weighted_sum", "minimize: finish * short"),
    ("maximize_weighted_sum", "minimize: sum(make)"),
    ("profit", "maximize: sum(price[i] * sold[i] for i in Items)"),
    ("profit", "maximize: sum(weight[i] * sold[i] for i in Items) - sum(wanted[i] * make[i] for i in Items)"),
    ("minimize_total", "minimize: 2 * short + over"),
    ("maximize_total", "maximize: short - over"),
    ("minimize_count", "minimize: sum(make)"),
    ("maximize_count", "maximize: sum(people[p] * open[p] for p in Plants)"),
    ("makespan", "maximize: max(start)"),
    ("makespan", "minimize: sum(start)"),
    ("fairness", "maximize: max(sold)"),
    ("deviation", "minimize: finish - short"),
    ("squares", "minimize: sum((grow[t] - 5) ** 3 for t in Days)"),
    ("value_of_choices", "minimize: sum(distance[0, c] * go[c] for c in Cities)"),
    ("soft_goal_total", "minimize: sum(cost[i] * make[i] for i in Items)"),
]


@pytest.mark.parametrize(("name", "text"), INSTANCES)
def test_instances(name: str, text: str) -> None:
    """A constant beside it, another order, a sum written out."""
    assert goal_of(_objective(text), name, Scope.of(WORLD)) is not None


@pytest.mark.parametrize(("name", "text"), NEAR)
def test_near_misses(name: str, text: str) -> None:
    """The other direction, another kind of term; penalties there are none."""
    assert goal_of(_objective(text), name, Scope.of(WORLD)) is None


def test_every_objective_template_is_tried() -> None:
    """No template without an instance and a near miss."""
    assert {n for n, _ in NEAR} == set(load_objectives())
    assert {n for n, _ in INSTANCES} | {"soft_goal_total"} == set(load_objectives())


def _claiming(text: str, template: str) -> Model:
    return replace(WORLD, objectives=(replace(_objective(text), template=template),))


def test_claims() -> None:
    """A true claim says nothing; a false one names what would be true, an unknown one the nearest."""
    assert check_claims(_claiming("minimize: max(start)", "makespan")) == ()
    (false,) = check_claims(_claiming("minimize: sum(make)", "makespan"))
    assert (false.code, false.fix) == ("T01", "it looks like minimize_total")
    (unknown,) = check_claims(_claiming("minimize: max(start)", "makespans"))
    assert unknown.code == "T02"
    assert "`makespan`" in unknown.fix
