"""Text -> Formulation: the model of a problem in plain language, or why there is none, with anchors and doubts."""

from __future__ import annotations

import json
from dataclasses import dataclass

from nl2opt.errors import Diagnostic, TextRefused
from nl2opt.formulate import embedded
from nl2opt.formulate.embedded.declarations import Constraint, Decision, Objective
from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.text import Quantity, Sentence
from nl2opt.ir.document import read_document
from nl2opt.ir.model import Model


@dataclass(frozen=True, slots=True)
class Formulation:
    """A text and what was made of it. `model` is None exactly where `refusal` says why.

    `doubts` are warnings, each with the sentence it comes from; an answer without doubts passed all own checks.
    `confidence` ranks answers; it is no probability.
    """

    text: str
    sentences: tuple[Sentence, ...]
    quantities: tuple[Quantity, ...]
    spans: tuple[Span, ...]
    decisions: tuple[Decision, ...]
    declarations: tuple[Objective | Constraint, ...]
    model: Model | None
    assumptions: tuple[str, ...]
    doubts: tuple[Diagnostic, ...]
    refusal: Diagnostic | None
    confidence: float

    def require_model(self) -> Model:
        """The model. Raises TextRefused with the reason and the doubts if there is none."""
        if self.model is None:
            raise TextRefused([d for d in (self.refusal, *self.doubts) if d is not None])
        return self.model


def formulate(text: str) -> Formulation:
    """Translate with the embedded translator."""
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
