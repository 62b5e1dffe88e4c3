"""Reading a document that is wrong in several ways: what cannot be read and what does not fit, in one list."""

from __future__ import annotations

from pathlib import Path

import pytest

import nl2opt

HEAD = "nl2opt: 1\nsets: {I: [a, b]}\n"


def errors(text: str) -> list[tuple[str, str]]:
    """Document -> (code, where) of every error that reading tells."""
    with pytest.raises(nl2opt.DocumentError) as e:
        nl2opt.read(text)
    return [(d.code, d.where) for d in e.value.diagnostics]


def test_structure_and_meaning_at_once() -> None:
    """A constraint that cannot be read does not hide the unknown name, the wrong kind and the shadowing beside it."""
    found = errors(
        HEAD
        + """
variables: {x: {over: I, type: integer}, y: {type: whole}}
constraints:
  - {name: broken, expr: "x['a'] +"}
  - {name: unknown, expr: "x['a'] <= nosuch"}
  - {name: kind, for: i in I, expr: "x[i] <= 'a'"}
  - {name: shadow, for: x in I, expr: "x == 'a'"}
"""
    )
    assert [c for c, _ in found] == ["E006", "E101", "E204", "E201", "E306"]
    assert ("E201", "constraints[1] `unknown`") in found, "positions are those of the document"


def test_names_of_unreadable_items_are_not_unknown() -> None:
    """`y` is declared by an item that cannot be read, `z` by a section nobody knows."""
    found = errors(
        HEAD
        + """
variables: {x: {type: integer}, y: {type: whole}}
varables: {z: {type: integer}}
constraints: ["x + y <= 3", "x + z <= 3", "sum(y[i] for i in I) <= 3"]
"""
    )
    assert [c for c, _ in found] == ["E005", "E006"]


def test_a_section_that_is_no_list_leaves_every_name_open() -> None:
    """What it would have declared is not known."""
    assert errors(HEAD + "variables: 3\nconstraints: ['x <= 3', 'I <= 3']\n") == [
        ("E006", "variables"), ("E302", "constraints[1] `c2`"),
    ]  # fmt: skip


def test_what_only_follows_is_not_told() -> None:
    """No warning of a set or variable that only an unreadable item uses, no objective without variables."""
    found = errors(HEAD + "variables: {x: {over: I, type: integer}}\nobjectives: [{minimize: 'sum(x[i] for i'}]\n")
    assert [c for c, _ in found] == ["E101"]


def test_an_assumption_of_an_unreadable_list() -> None:
    """An anchor to it is no error of its own."""
    found = errors(
        HEAD + "assumptions: {a: b}\nvariables: {x: {type: integer, quotes: [{assumption: whole crates}]}}\n"
    )
    assert [c for c, _ in found] == ["E006"]


def test_a_readable_document_leaves_its_static_errors_to_check() -> None:
    """`read` raises for what cannot be read only."""
    model = nl2opt.read(HEAD + "variables: {x: {type: integer}}\nconstraints: ['x <= nosuch']\n")
    assert [d.code for d in nl2opt.check(model) if d.severity == "error"] == ["E201"]


def test_notes_come_with_the_checks() -> None:
    """What was taken in another spelling is a note of `check`."""
    model = nl2opt.read(HEAD + "variables: {x: {type: integer}}\nconstraints: ['2x ≤ 9']\n")
    notes = [d for d in nl2opt.check(model) if d.code == "N01"]
    assert {(d.found, d.expected) for d in notes} == {("≤", "taken as <="), ("2x", "taken as 2 * x")}


@pytest.mark.parametrize("suffix", ["yaml", "yml", "json"])
def test_a_path_given_as_text_is_read(suffix: str, tmp_path: Path) -> None:
    """One line that ends as files of models do is a path."""
    path = tmp_path / f"m.{suffix}"
    path.write_text('{"nl2opt": 1, "name": "m"}', encoding="utf-8")
    assert nl2opt.read(str(path)).name == "m"
    with pytest.raises(nl2opt.DocumentError, match="cannot be read"):
        nl2opt.read(str(tmp_path / f"other.{suffix}"))


def test_a_document_of_one_line_is_no_path() -> None:
    """Its last word may look like one."""
    assert nl2opt.read('{"nl2opt": 1, "description": "of plan.json"}').description == "of plan.json"
    assert nl2opt.read("nl2opt: 1\nname: m.yaml".replace("m.yaml", "m")).name == "m"


def test_a_file_of_rows_that_is_missing() -> None:
    """Told as every other missing file is."""
    with pytest.raises(nl2opt.DocumentError, match="cannot be read"):
        nl2opt.read("nowhere.lp")
