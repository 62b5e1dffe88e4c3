"""Text -> Formulation: the model of a problem in plain language, or why there is none, with anchors and doubts."""

from __future__ import annotations

from dataclasses import dataclass

from nl2opt.errors import Diagnostic, TextRefused
from nl2opt.formulate.embedded.declarations import Constraint, Decision, Objective
from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.text import Quantity, Sentence
from nl2opt.ir.model import Model
from nl2opt.llm import Completion


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read the text: the sentence (its id) that is taken otherwise, as what, and the model then."""

    sentence: str
    message: str
    model: Model


@dataclass(frozen=True, slots=True)
class Formulation:
    """A text and what was made of it. `model` is None exactly where `refusal` says why.

    `doubts` are warnings, each with the sentence it comes from; an answer without doubts passed all own checks.
    `confidence` ranks answers; it is no probability. `readings` are other ways to read it, likeliest first.
    `calls` are the replies of a language model, if one was asked.
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
    calls: tuple[Completion, ...] = ()
    readings: tuple[Reading, ...] = ()

    def require_model(self) -> Model:
        """The model. Raises TextRefused with the reason and the doubts if there is none."""
        if self.model is None:
            raise TextRefused([d for d in (self.refusal, *self.doubts) if d is not None])
        return self.model
