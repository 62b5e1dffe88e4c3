"""Every document of datasets/ and tests/cases checks without an error, and without a warning nobody justified."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nl2opt.check.static import check_model
from nl2opt.ir.document import read_document

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted((*ROOT.glob("datasets/*/*/model.yaml"), *ROOT.glob("tests/cases/*/model.yaml")))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: f"{p.parts[-3]}-{p.parts[-2]}")
def test_no_false_alarm(document: Path) -> None:
    """``warnings`` of a folder's expected.json maps the codes that remain to why they are right."""
    answers = document.with_name("expected.json")
    expected = json.loads(answers.read_text(encoding="utf-8")) if answers.exists() else {}
    justified = expected.get("warnings", {}) if isinstance(expected, dict) else {}
    assert all(justified.values())
    model = read_document(document)
    text = document.with_name("problem.txt")
    if text.exists():
        model = replace(model, text=model.text or text.read_text(encoding="utf-8"))
    found = [d for d in check_model(model) if d.severity != "note"]
    assert [str(d) for d in found if d.code not in justified] == []
    static = {code for code in justified if not code.startswith("P")}  # those of the audit are the audit's tests'
    assert static <= {d.code for d in found}, "a justified warning that is no longer given"
