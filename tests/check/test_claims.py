"""Claims about templates: for each of the thirteen, what is an instance in whatever spelling, and what is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from nl2opt.check.claims import check_claims, instance_of, recognise
from nl2opt.ir.document import read_document
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.model import Constraint, Model
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


def _cases(kind: str) -> list[tuple[str, str]]:
    return [(name, text) for name, rows in TABLE.items() for text in rows[kind]]


def test_every_template_is_tried_both_ways() -> None:
    """No template without instances and negatives."""
    assert set(TABLE) == set(load_templates())
    assert all(len(rows["instances"]) >= 3 and len(rows["negatives"]) >= 4 for rows in TABLE.values())


@pytest.mark.parametrize(("template", "text"), _cases("instances"))
def test_instances(template: str, text: str) -> None:
    """However it is written."""
    slots = instance_of(_constraint(text), template, Scope.of(GROUND))
    assert slots is not None
    assert set(slots) == {s.name for s in load_templates()[template].slots}
    assert all(slots.values())


@pytest.mark.parametrize(("template", "text"), _cases("negatives"))
def test_negatives(template: str, text: str) -> None:
    """A near miss is no instance."""
    assert instance_of(_constraint(text), template, Scope.of(GROUND)) is None


@pytest.mark.parametrize("template", sorted(load_templates()))
def test_examples_of_templates_are_instances(template: str) -> None:
    """The example a template gives is an instance of it, in a model that declares its names."""
    expr = parse_expression(load_templates()[template].example["expr"])
    document = """
nl2opt: 1
sets: {Clinics: null, Routes: null, Bids: null, Dishes: null, Modes: null, Crops: null}
parameters: {fibre: {over: Dishes}, oven: {over: Dishes}}
variables:
  open: {over: KIND, type: binary}
  accepted: {over: Bids, type: binary}
  chosen: {over: "{'pier', 'road'}", type: binary}
  acres: {over: Crops, type: real}
  amount: {over: OVER, type: real}
"""
    text = load_templates()[template].example["expr"]
    over = "Dishes" if "Dishes" in text else "Modes" if "Modes" in text else "{'tables', 'chairs', 'vans', 'ferries'}"
    kind = "Routes" if "Routes" in text else "Clinics"
    model = read_document(document.replace("OVER", f'"{over}"').replace("KIND", kind))
    assert instance_of(Constraint("c", expr), template, Scope.of(model)) is not None


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
