"""Formulation -> document: it reads as a model, has no findings, and quotes its text."""

from __future__ import annotations

import json

import pytest

from nl2opt.check.model import check_model
from nl2opt.formulate.embedded import formulate_embedded
from nl2opt.ir.document import read_document
from tests.formulate.word_problems import KAYAKS, LORRIES, MACHINES, STALLS, SYRUP, marked


@pytest.mark.parametrize("text", [KAYAKS, SYRUP, STALLS, LORRIES, MACHINES])
def test_valid(text: str) -> None:
    """The document loads, and neither rules nor template claims nor number sources find an error."""
    plain, spans = marked(text)
    document = formulate_embedded(plain, spans).document
    assert document is not None
    model = read_document(json.dumps(document))
    assert [d for d in check_model(model) if d.severity == "error"] == []


@pytest.mark.parametrize("text", [KAYAKS, SYRUP, STALLS, LORRIES, MACHINES])
def test_quotes_are_verbatim(text: str) -> None:
    """Every parameter, variable, constraint and objective quotes the text, word for word."""
    plain, spans = marked(text)
    document = formulate_embedded(plain, spans).document
    assert document is not None
    for section in ("sets", "parameters", "variables", "constraints", "objectives"):
        for item in document[section]:
            assert item["quotes"], item
            for quote in item["quotes"]:
                body, nth = (quote, 1) if isinstance(quote, str) else (quote["text"], quote["nth"])
                assert plain.count(body) >= nth
                assert isinstance(quote, dict) or plain.count(body) == 1


def test_data_apart() -> None:
    """Numbers stand in parameters, none in expressions but 0 and 1; the set holds the person's words."""
    plain, spans = marked(STALLS)
    document = formulate_embedded(plain, spans).document
    assert document is not None
    assert document["sets"][0]["elements"] == ["jugglers", "singers", "clowns"]
    for item in [*document["constraints"], *document["objectives"]]:
        assert not any(character.isdigit() for character in item["expr"]), item["expr"]
    shares = [p for p in document["parameters"] if p["name"].startswith("share")]
    assert [p["value"] for p in shares] == ["1 / 3"]
