"""A small model with its data put in, as a person would write it down."""

from __future__ import annotations

from nl2opt.explain.numbers import in_numbers
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document

FERRY = """
nl2opt: 1
sets: {Kinds: [cars, lorries]}
parameters:
  fare: {over: Kinds, value: {cars: 28, lorries: 95.5}}
  deck: 1350
variables: {load: {over: Kinds, type: integer}, extra: {type: real}}
expressions: {income: "sum(fare[k] * load[k] for k in Kinds) - 2 * extra"}
constraints:
  - {name: deck, expr: "12 * load['cars'] + 45 * load['lorries'] <= deck - extra"}
  - {name: some, for: "k in Kinds if fare[k] > 50", expr: "load[k] >= 4"}
  - {name: logic, expr: "implies(extra > 0, sum(load) >= 1)"}
objectives: [{maximize: income}]
"""


def test_lines() -> None:
    lines = in_numbers(bind(read_document(FERRY)))
    assert lines == {
        "objective 0": ("28·load[cars] + 95.5·load[lorries] − 2·extra",),
        "deck": ("12·load[cars] + 45·load[lorries] ≤ 1350 − extra",),
        "some": ("load[lorries] ≥ 4",),
        "logic": ("extra > 0  ⇒  load[cars] + load[lorries] ≥ 1",),
    }


def test_only_labels_stand_for_their_variable() -> None:
    text = (
        "nl2opt: 1\nsets: {S: SET}\nvariables: {x: {over: S, type: real}}\n"
        "objectives: [{minimize: 'sum(2 * x[s] for s in S)'}]"
    )
    by_labels = in_numbers(bind(read_document(text.replace("SET", "[cars, lorries]"))))
    assert by_labels == {"objective 0": ("2·cars + 2·lorries",)}
    by_numbers = in_numbers(bind(read_document(text.replace("SET", "range(2)"))))
    assert by_numbers == {"objective 0": ("2·x[0] + 2·x[1]",)}


def test_a_large_model_is_shown_indexed_only() -> None:
    text = "nl2opt: 1\nvariables: {x: {over: i in range(13), type: real, upper: i}}\nobjectives: [{maximize: sum(x)}]"
    assert in_numbers(bind(read_document(text))) == {}


def test_a_filter_over_variables_multiplies() -> None:
    text = (
        "nl2opt: 1\nsets: {S: [cars, lorries]}\nparameters: {c: {over: S, value: [2, 3]}}\n"
        "variables: {x: {over: S, type: binary}, y: {type: integer, upper: 3}}\n"
        "objectives: [{minimize: 'sum(c[s] for s in S if y <= 1) + sum(x)'}]"
    )
    assert in_numbers(bind(read_document(text))) == {"objective 0": ("5·(y ≤ 1) + x[cars] + x[lorries]",)}
