"""The language reference is what its generator writes, and everything it shows is read, checked and bound."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import nl2opt
from nl2opt.ir.functions import ENTRIES, OPERATORS, WORLD, Entry
from nl2opt.ir.nodes import FUNCTIONS
from nl2opt.ir.reference import document, sections
from nl2opt.ir.reference.examples import DOCUMENTS
from nl2opt.ir.text import parse_expression
from nl2opt.ir.walk import subexpressions

FILE = Path(__file__).parents[2] / "docs" / "LANGUAGE.md"


def test_the_file_is_what_is_generated() -> None:
    """`make reference` writes it."""
    assert FILE.read_text(encoding="utf-8") == document()


def test_sections_have_keys_of_their_own() -> None:
    """A program asks for sections by key."""
    keys = [s.key for s in sections()]
    assert len(set(keys)) == len(keys)
    assert all(s.body.strip() and "{" not in s.title for s in sections())


def test_every_document_shown_is_one_of_the_examples() -> None:
    """What stands between the fences is what the tests below read."""
    shown = re.findall(r"```yaml\n(.*?)\n```", document(), re.S)
    assert shown == [d.strip() for d in (*DOCUMENTS, WORLD)]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_documents_are_read_checked_and_bound(text: str) -> None:
    """No error, no warning, no note, and an instance."""
    model = nl2opt.read(text)
    assert not [d for d in nl2opt.check(model) if not d.code.startswith(("P", "W-literal"))]
    nl2opt.bind(model)


@pytest.mark.parametrize("entry", [*OPERATORS, *ENTRIES.values()], ids=lambda e: e.form)
def test_examples_are_read_checked_and_bound(entry: Entry) -> None:
    """Each as a constraint over the names of the example world, in canonical spelling."""
    quoted = entry.example.replace("'", "''")
    model = nl2opt.read(f"{WORLD}constraints:\n  - {{name: shown, expr: '{quoted}'}}\n")
    assert not model.notes
    assert not [d for d in nl2opt.check(model) if d.severity == "error"]
    assert nl2opt.bind(model).model == model


def test_every_function_is_told() -> None:
    """With an example that has it and a form that begins with its name."""
    assert list(ENTRIES) == list(FUNCTIONS)
    for name, entry in ENTRIES.items():
        assert entry.form.startswith(f"{name}(")
        e = parse_expression(entry.example)
        called = {getattr(n, "function", "") or type(n).__name__.lower() for n in subexpressions(e)}
        assert name in called, name
