"""Text -> Formulation, by the translator that is asked for: the embedded one, or a language model."""

from __future__ import annotations

import json
from typing import Any, Final

from nl2opt.errors import Diagnostic
from nl2opt.formulate import embedded
from nl2opt.formulate.classify import reads_like
from nl2opt.formulate.formulation import Formulation, Reading
from nl2opt.formulate.language_model import formulate_with
from nl2opt.formulate.trial import trial
from nl2opt.ir.document import read_document
from nl2opt.ir.model import Model
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
    model = None if found.document is None else _model(found.document)
    readings = tuple(Reading(r.sentence, r.message, _model(r.document)) for r in found.readings)
    refusal = None
    if found.refusal is not None:
        why = found.refusal
        sentence = told.get(why.sentence, "")
        like = reads_like(sentence)
        fix = f"{why.sentence} reads like {like}" if like else ""
        refusal = Diagnostic(f"refused-{why.code}", why.message, why.sentence, sentence, fix=fix)
    doubts = tuple(
        Diagnostic(f"doubt-{d.code}", d.message, d.sentence, told.get(d.sentence, ""), severity="warning")
        for d in found.doubts
    )
    if model is not None and not doubts and (doubt := trial(model)) is not None:
        doubts = (doubt,)
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
        readings=readings,
    )


def _model(document: dict[str, Any]) -> Model:
    return read_document(json.dumps(document, ensure_ascii=False))
