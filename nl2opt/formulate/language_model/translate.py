"""Text, client -> Formulation: asked once, then told what is wrong with the document, twice at most.

What comes back is data: it is read, checked and judged as any document is, and nothing of it is executed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nl2opt.check.model import check_model
from nl2opt.check.reading import read_model
from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.formulate.formulation import Formulation
from nl2opt.formulate.language_model.prompt import messages, question_about
from nl2opt.formulate.language_model.reply import document_of, with_quotes
from nl2opt.ir.document.schema import json_schema
from nl2opt.ir.model import Model
from nl2opt.ir.passage import Passage, segment
from nl2opt.llm import Client, Completion, Request

ROUNDS: Final = 2
"""How often mistakes are sent back."""

REVIEWED: Final = ("P01", "P02", "W-index", "W-literal", "W-unused", "W-free", "T01", "U03", "W-unit")
"""Warnings worth one question: a number left out or not in the text, an index of another set, a unit that differs."""


@dataclass(frozen=True)
class Attempt:
    """One reply and what was made of it: ``model`` None where the errors in ``found`` prevent one."""

    completion: Completion
    model: Model | None
    found: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What must be mended."""
        return tuple(d for d in self.found if d.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What is worth a second look."""
        return tuple(d for d in self.found if d.severity == "warning" and d.code in REVIEWED)


def formulate_with(text: str, client: Client, model: str, rounds: int = ROUNDS) -> Formulation:
    """Text -> Formulation by the language model called ``model``. Raises ModelFailure where it cannot be asked.

    A document with errors goes back with its diagnostics, at most ``rounds`` times; one with warnings only, once.
    """
    passage = segment(text)
    request = Request(model, messages(passage), schema=json_schema())
    attempts = [_attempt(client.complete(request), passage)]
    while len(attempts) <= rounds:
        last = attempts[-1]
        found = last.errors or (last.warnings if len(attempts) == 1 else ())
        if not found:
            break
        request = request.then(last.completion.text, question_about(found, must=bool(last.errors)))
        attempts.append(_attempt(client.complete(request), passage))
    return _formulation(passage, attempts)


def _attempt(completion: Completion, passage: Passage) -> Attempt:
    try:
        document = with_quotes(document_of(completion.text), passage)
        document = {**document, "nl2opt": 1, "text": passage.text}
        model = read_model(json.dumps(document, ensure_ascii=False))
    except DocumentError as e:
        return Attempt(completion, None, e.diagnostics)
    found = check_model(model)
    usable = not any(d.severity == "error" for d in found)
    return Attempt(completion, model if usable else None, found)


def _formulation(passage: Passage, attempts: Sequence[Attempt]) -> Formulation:
    """The last attempt that gave a model, else the refusal with what is wrong with the last."""
    used = next((a for a in reversed(attempts) if a.model is not None), attempts[-1])
    refusal = None
    if used.model is None:
        message = f"the language model gave no valid document in {len(attempts)} replies"
        refusal = Diagnostic("refused-document", message, found=used.errors[0].message)
    doubts = tuple(d for d in used.found if d.severity != "note")
    return Formulation(
        text=passage.text,
        sentences=passage.sentences,
        quantities=passage.quantities,
        spans=(),
        decisions=(),
        declarations=(),
        model=used.model,
        assumptions=used.model.assumptions if used.model else (),
        doubts=doubts,
        refusal=refusal,
        confidence=0.0 if used.model is None else 1.0 / (len(attempts) + len(used.warnings)),
        calls=tuple(a.completion for a in attempts),
    )
