"""Documents: both spellings, exact digits, every error at once, and what must never be read."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest
from conftest import Case

from nl2opt.errors import DocumentError
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.document.printer import print_json, print_yaml, to_document
from nl2opt.ir.document.schema import SECTIONS, json_schema
from nl2opt.ir.instance import Key
from nl2opt.ir.model import IndexedElements, Model, Nested
from nl2opt.ir.nodes import Label, Number
from nl2opt.solvers import highs

FERRY = """
nl2opt: 1
name: ferry
sets: {Decks: [upper, lower], near: {over: Decks, elements: {upper: [lower], lower: [upper]}}}
parameters:
  room: {over: Decks, value: {upper: 10.50, lower: 7}, unit: m2}
  share: 0.1
variables:
  load: {over: Decks, type: integer, upper: "room[d]", unit: car} # comments are YAML's
"""


def codes(text: str) -> list[str]:
    with pytest.raises(DocumentError) as e:
        read_document(text)
    return [d.code for d in e.value.diagnostics]


def test_cases_print_and_parse_are_inverse(case: Case) -> None:
    """YAML and JSON of every case document read back to the equal model."""
    model = read_document(case.model_file)
    assert read_document(print_yaml(model)) == model
    assert read_document(print_json(model)) == model


def test_cases_satisfy_the_json_schema(case: Case) -> None:
    """What the printer writes is what the published schema describes."""
    document = json.loads(print_json(read_document(case.model_file)))
    jsonschema.validate(document, json_schema())


def test_schema_refuses_unknown_fields() -> None:
    document = {"nl2opt": 1, "variables": [{"name": "x", "type": "integer", "colour": "red"}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json_schema())


def test_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_every_field_fills_an_attribute() -> None:
    """The field tables name real attributes of the dataclasses."""
    from nl2opt.ir.document.reader import _ITEMS

    for section, fields in SECTIONS.items():
        attributes = set(_ITEMS[section].__dataclass_fields__)
        assert {f.target for f in fields} == attributes, section


def test_short_spellings() -> None:
    model = read_document(FERRY)
    room = model.symbols["room"]
    assert room.rows == ((Label("upper"), Number(Fraction(21, 2))), (Label("lower"), Number(Fraction(7))))
    assert model.symbols["share"].value == Number(Fraction(1, 10))
    assert model.symbols["near"].elements == IndexedElements(("upper", "lower"), (("lower",), ("upper",)))


@pytest.mark.parametrize("digits", ["0.1", "2.675", "123456.789", "1e-3", "0.30000000000000004"])
def test_decimals_keep_their_digits(digits: str) -> None:
    """Neither spelling passes through a float."""
    for text in (
        f"nl2opt: 1\nparameters: {{p: {digits}}}",
        f'{{"nl2opt": 1, "parameters": [{{"name": "p", "value": {digits}}}]}}',
    ):
        model = read_document(text)
        assert model.parameters[0].value == Number(Fraction(digits))
        assert read_document(print_json(model)) == model
        assert read_document(print_yaml(model)) == model


def test_yaml_booleans_and_dates_are_text() -> None:
    model = read_document("nl2opt: 1\nsets: {Switch: [on, off, no, yes, 2024-01-01, 'null', '12']}")
    assert model.sets[0].elements == ("on", "off", "no", "yes", "2024-01-01", "null", "12")
    assert read_document(print_yaml(model)) == model


def test_yaml_words_are_labels_in_a_list() -> None:
    """Every word of the hostile document is the label it spells; the model comes back from its print and is solved."""
    folder = Path(__file__).parents[1] / "cases" / "bad_input"
    expected = json.loads((folder / "expectations.json").read_text(encoding="utf-8"))
    case = expected["files"]["yaml_words.yaml"]
    model = read_document(folder / "yaml_words.yaml")
    assert isinstance(model.sets[0].elements, tuple) and list(model.sets[0].elements) == case["labels"]
    assert read_document(print_yaml(model)) == model
    assert highs.solve(bind(model)).objective == case["objective"]


def test_nothing_is_no_label() -> None:
    """An empty item of a list names nothing, nor does null in JSON; a declaration that is null asks for data."""
    assert codes("nl2opt: 1\nsets:\n  I:\n  - a\n  -\n") == ["E010"]
    assert codes('{"nl2opt": 1, "sets": [{"name": "I", "elements": ["a", null]}]}') == ["E010"]
    assert read_document("nl2opt: 1\nsets: {I: null, J: ~}").sets[1].elements is None


def test_nested_values() -> None:
    model = read_document("nl2opt: 1\nparameters: {p: {over: 'I, J', value: [[1, 2], [3, '2 * 2']]}}")
    value = model.parameters[0].value
    assert isinstance(value, Nested) and isinstance(value.items[1], Nested)


def test_all_errors_at_once() -> None:
    found = codes(
        """
nl2opt: 1
colours: 3
variables: {x: {type: whole}, y: {typ: integer}}
constraints: [{expr: x.value <= 3}, {name: c}, 7]
objectives: [{minimize: "x +"}]
"""
    )
    assert sorted(found) == ["E005", "E005", "E006", "E006", "E008", "E101", "E102"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E004"),
        ("- a\n- b", "E004"),
        ("variables: {x: {type: real}}", "E007"),
        ("nl2opt: 99", "E007"),
        ("nl2opt: 1\nsets: {A: [1], A: [2]}", "E001"),
        ('{"nl2opt": 1, "nl2opt": 1}', "E001"),
        ("nl2opt: 1\nsets: {A: &a [1], B: *a}", "E001"),
        ("nl2opt: 1\nsets: !!python/object/apply:os.system ['true']", "E001"),
        ("nl2opt: 1\nname: [unclosed", "E001"),
        ('{"nl2opt": 1,', "E001"),
        ("nl2opt: 1\nsets: {A: " + "[" * 200 + "]" * 200 + "}", "E001"),
        ("nl2opt: 1\nsets: {A: [1.5]}", "E010"),
        ("nl2opt: 1\nparameters: {p: 99999999999999999999}", "E106"),
        ("nl2opt: 1\nparameters: {p: " + "9" * 5000 + "}", "E001"),
        ("nl2opt: 1\nparameters: {p: 1e-200}", "E106"),
        ("nl2opt: 1\nparameters: {p: 1e999999999}", "E106"),
        ("nl2opt: 1\nconstraints:\n" + "- x <= 1\n" * 201, "E003"),
        ("nl2opt: 1\nanswer: {find: some}", "E006"),
        ("nl2opt: 1\nassumptions: {a: b}", "E006"),
    ],
)
def test_refused(text: str, code: str) -> None:
    assert code in codes(text)


def test_unknown_field_offers_the_nearest() -> None:
    with pytest.raises(DocumentError, match="did you mean `variables`"):
        read_document("nl2opt: 1\nvarables: {}")


def test_expressions_between_braces_are_quoted() -> None:
    with pytest.raises(DocumentError, match="quote expressions"):
        read_document("nl2opt: 1\nconstraints:\n  - {name: c, expr: x[0] == 0}\n")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(b"\xff\xfe\x00nl2opt")
    with pytest.raises(DocumentError, match="UTF-8"):
        read_document(path)


def test_defaults_are_not_printed() -> None:
    document = to_document(read_document("nl2opt: 1\nvariables: {x: {type: real}}\nobjectives: [{minimize: x}]"))
    assert document == {
        "nl2opt": 1,
        "name": "model",
        "variables": [{"name": "x", "type": "real"}],
        "objectives": [{"sense": "minimize", "expr": "x"}],
    }


MIXED = """
nl2opt: 1
sets: {I: [a, b], J: %s, K: range(2)}
parameters:
  n: {value: 2}
  p: {over: "I, J", value: %s}
"""


@pytest.mark.parametrize(
    ("sets", "value", "data"),
    [
        ("[u, v]", "{b: [3, 4], a: [1, 1 + 1]}", {}),
        ("K", "{b: [3, 4], a: {0: 1, 1: 2}}", {}),
        ("'range(1, n + 1)'", "{b: [3, 4], a: [1, 2]}", {}),
        ("", "{b: [3, 4], a: [1, 2]}", {"J": ["q", "r"]}),
        ("[u, v]", "[{u: 1, v: 2}, {v: 4, u: 3}]", {}),
    ],
)
def test_lists_under_keys_stand_in_the_order_of_their_set(sets: str, value: str, data: dict[str, list[str]]) -> None:
    """As in data files; the document that is printed says the same."""
    model = read_document(MIXED % (sets, value))
    assert tuple(bind(model, data).parameters["p"].at(k) for k in _keys(model, data)) == (1, 2, 3, 4)
    assert read_document(print_yaml(model)) == model


def _keys(model: Model, data: dict[str, list[str]]) -> tuple[Key, ...]:
    return bind(model, data).parameters["p"].domain.keys


@pytest.mark.parametrize("value", ["{a: [1, 2]}", "{a: [[1], [2]], b: [[3], [4]]}"])
def test_a_list_under_a_key_without_a_known_set_is_refused(value: str) -> None:
    """A set from data has no order yet, and not every key has a list: nothing is guessed."""
    assert "E006" in codes(MIXED % ("", value))
