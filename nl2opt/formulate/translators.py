"""Text -> Formulation, by the translator that is asked for: the embedded one, or a language model."""

from __future__ import annotations

import json
from typing import Final

from nl2opt.errors import Diagnostic
from nl2opt.formulate import embedded
from nl2opt.formulate.formulation import Formulation
from nl2opt.formulate.language_model import formulate_with
from nl2opt.ir.document import read_document
from nl2opt.llm import Client

TRANSLATORS: Final = ("embedded", "llm")


def formulate(text: str, translator: str = "embedded", client: Client | None = None, model: str = "") -> Formulation:
    """Text -> Formulation. ``llm`` asks the language model called ``model`` of ``client``.

    Raises ValueError for an unknown translator, ModelFailure where the model cannot be asked.
    """
    if translator == "embedded":
        return _embedded(text)
    if translator == "llm" and client is not None and model:
        return formulate_with(text, client, model)
    raise ValueError(f"translator {translator!r}: one of {', '.join(TRANSLATORS)}, the last with a client and a model")


def _embedded(text: str) -> Formulation:
    found = embedded.formulate_embedded(text)
    told = {sentence.id: sentence.text for sentence in found.sentences}
    model = None if found.document is None else read_document(json.dumps(found.document, ensure_ascii=False))
    refusal = None
    if found.refusal is not None:
        why = found.refusal
        refusal = Diagnostic(f"refused-{why.code}", why.message, why.sentence, told.get(why.sentence, ""))
    doubts = tuple(
        Diagnostic(f"doubt-{d.code}", d.message, d.sentence, told.get(d.sentence, ""), severity="warning")
        for d in found.doubts
    )
    return Formulation(
        found.text,
        found.sentences,
        found.quantities,
        found.spans,
        found.decisions,
        found.declarations,
        model,
        found.assumptions,
        doubts,
        refusal,
        found.confidence,
    )
