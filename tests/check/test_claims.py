"""Claims about templates: for each of the thirteen, what is an instance in whatever spelling, and what is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from nl2opt.check.claims import check_claims, instance_of, recognise
from nl2opt.check.static import check_model
from nl2opt.ir.document import read_document
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.model import Constraint, Model
from nl2opt.ir.nodes import number
from nl2opt.ir.text import parse_expression
from nl2opt.templates import load_templates

GROUND = read_document(
    """
nl2opt: 1
sets: {I: [a, b, c], T: [t1, t2]}
parameters: {w: {over: I, value: [1, 2, 3]}, p: {value: 0.5}, cap: {value: 9}, lots: {over: "I, T"}}
variables:
  x: {over: I, type: integer}
  y: {type: real}
  z: {type: real}
  on: {over: I, type: binary}
  go: {type: binary}
  stay: {type: binary}
  make: {over: "I, T", type: real}
  pick: {in: I}
expressions: {total: y + z, made: {over: i in I, expr: "sum(make[i, t] for t in T)"}, all_x: sum(x)}
"""
)

TABLE: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "claims.yaml").read_text(encoding="utf-8")
)


def _constraint(text: str) -> Constraint:
    return Constraint("c", parse_expression(text))


WORLD = read_document((Path(__file__).parent / "world.yaml").read_text(encoding="utf-8"))
"""A document that declares every name the examples of templates use."""

IN_WORLD: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "claims_world.yaml").read_text(encoding="utf-8")
)
CASES = [(name, text, True, GROUND) for name, rows in TABLE.items() for text in rows["instances"]]
CASES += [(name, text, False, GROUND) for name, rows in TABLE.items() for text in rows["negatives"]]
CASES += [(name, text, True, WORLD) for name, rows in IN_WORLD.items() for text in rows["instances"]]
CASES += [(name, text, False, WORLD) for name, rows in IN_WORLD.items() for text in rows["negatives"]]


def test_every_template_is_tried_both_ways() -> None:
    """No template without instances and near misses; a soft goal is any condition that has a price."""
    assert not set(TABLE) & set(IN_WORLD)
    assert {*TABLE, *IN_WORLD, "soft_goal"} == set(load_templates())
    assert all(len(rows["instances"]) >= 3 and len(rows["negatives"]) >= 4 for rows in TABLE.values())
    assert all(rows["instances"] and len(rows["negatives"]) >= 2 for rows in IN_WORLD.values())


@pytest.mark.parametrize(("template", "text", "true", "model"), CASES, ids=[f"{c[0]}: {c[1]}" for c in CASES])
def test_instances_and_near_misses(template: str, text: str, true: bool, model: Model) -> None:
    """However it is written; a near miss is no instance."""
    slots = instance_of(_constraint(text), template, Scope.of(model))
    assert (slots is not None) == true
    if slots is not None:
        assert all(slots.values())


def test_the_thirteen_fill_all_their_slots() -> None:
    """Whatever the spelling."""
    for name, text, true, model in CASES:
        if name in TABLE and true:
            slots = instance_of(_constraint(text), name, Scope.of(model))
            assert slots is not None
            assert set(slots) == {s.name for s in load_templates()[name].slots}


def test_the_expressions_of_the_world_are_valid() -> None:
    """So that a near miss misses for the reason it shows."""
    constraints = tuple(
        replace(_constraint(text), name=f"c{k}") for k, (_, text, _, m) in enumerate(CASES) if m is WORLD
    )
    found = check_model(replace(WORLD, constraints=constraints))
    assert [d for d in found if d.severity == "error"] == []


def test_a_soft_goal_has_a_price() -> None:
    """The same condition without a penalty is none."""
    soft = Constraint("c", parse_expression("go"), penalty=number(3))
    assert instance_of(soft, "soft_goal", Scope.of(GROUND)) is not None
    assert instance_of(replace(soft, penalty=None), "soft_goal", Scope.of(GROUND)) is None


@pytest.mark.parametrize("template", sorted(load_templates()))
def test_examples_of_templates_are_instances(template: str) -> None:
    """The example a template gives is a valid constraint, an instance of it, and recognised as it or a child."""
    known = load_templates()[template]
    penalty = number(1) if known.soft else None
    c = Constraint("c", parse_expression(known.example["expr"]), penalty=penalty)
    model = replace(WORLD, constraints=(c,))
    assert [d for d in check_model(model) if d.severity == "error"] == []
    assert instance_of(c, template, Scope.of(model)) is not None
    found = recognise(c, Scope.of(model))
    assert found is not None
    assert found.template == template


RECOGNISED = [
    ("y <= 5", "upper_bound_variable", {"x": "y", "b": "5"}),
    ("5 <= y", "lower_bound_variable", {"x": "y", "b": "5"}),
    ("2 * y <= cap", "upper_bound_variable", {"x": "y", "b": "0.5 * cap"}),
    ("sum(x[i] for i in I) <= cap", "upper_bound_sum", {"I": "i in I", "x": "x[i]", "b": "cap"}),
    ("sum(w[i] * x[i] for i in I) >= cap", "lower_bound_weighted_sum",
     {"I": "i in I", "a": "w[i]", "x": "x[i]", "b": "cap"}),
    ("2 * y - z >= 4", "lower_bound_weighted_sum", {"I": "{y, z}", "a": "2, -1", "x": "y, z", "b": "4"}),
    ("x['a'] <= p * sum(x)", "upper_bound_share", {"k": "'a'", "I": "i in I", "x": "x[i]", "p": "p"}),
    ("y >= 0.3 * total", "lower_bound_share", {"k": "y", "I": "{y, z}", "x": "y, z", "p": "0.3"}),
    ("z >= 2 * y", "comparison", {"x": "y", "y": "z", "d": "2"}),
    ("implies(go, stay)", "implication", {"a": "go", "b": "stay"}),
    ("sum(on) == 1", "exactly_one", {"I": "i in I", "x": "on[i]"}),
    ("go or stay", "at_least_one", {"I": "{go, stay}", "x": "go, stay"}),
    ("go + stay <= 1", "at_most_one", {"I": "{go, stay}", "x": "go, stay"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "template", "slots"), RECOGNISED)
def test_recognised(text: str, template: str, slots: dict[str, str]) -> None:
    """An expression that claims nothing finds its template, the most specific one, and its slots."""
    found = recognise(_constraint(text), Scope.of(GROUND))
    assert found is not None
    assert (found.template, dict(found.slots)) == (template, slots)


@pytest.mark.parametrize("text", ["y * z <= 5", "abs(y) <= 3", "y != 3", "all_different(x)", "(y + z) ** 2 <= 4"])
def test_nothing_recognised(text: str) -> None:
    """What is none of the thirteen is none."""
    found = recognise(_constraint(text), Scope.of(GROUND))
    assert found is None or found.template not in TABLE


def test_indexed_constraints() -> None:
    """Inside `for`, and inside `all`."""
    c = read_document("""
nl2opt: 1
sets: {I: [a, b]}
variables: {x: {over: I, type: real}}
constraints:
  - {name: each, for: i in I, expr: "x[i] <= 3", template: upper_bound_variable}
  - {name: all_of_them, expr: "all(x[i] <= 3 for i in I)", template: upper_bound_variable}
""")
    assert check_claims(c) == ()


def _claiming(text: str, template: str) -> Model:
    return replace(GROUND, constraints=(Constraint("c", parse_expression(text), template=template),))


def test_a_false_claim_is_found_with_what_it_looks_like() -> None:
    """T01 names the algebra that was expected and the template that would be true."""
    (found,) = check_claims(_claiming("y + z >= 5", "upper_bound_sum"))
    assert found.code == "T01"
    assert "y + z >= 5" in found.found
    assert found.expected == "sum(x[i] for i in I) <= b"
    assert found.fix == "it looks like lower_bound_sum"


def test_an_unknown_template_is_found() -> None:
    """T02 offers the nearest."""
    (found,) = check_claims(_claiming("y + z >= 5", "lower_bound_sums"))
    assert found.code == "T02"
    assert "`lower_bound_sum`" in found.fix


def test_a_true_claim_says_nothing() -> None:
    """As do constraints that claim nothing."""
    assert check_claims(_claiming("y + z >= 5", "lower_bound_sum")) == ()
    assert check_claims(_claiming("y + z >= 5", "")) == ()
