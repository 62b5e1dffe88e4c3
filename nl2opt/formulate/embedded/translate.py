"""Text -> Formulation: the whole embedded translator, from the raw text to a document, its doubts or a refusal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from nl2opt.formulate.embedded.assembly import Parse
from nl2opt.formulate.embedded.declarations import Comparison, Constraint, Decision, LinearRow, Objective
from nl2opt.formulate.embedded.document import build_document
from nl2opt.formulate.embedded.doubts import Doubt, confidence_of, doubts_of
from nl2opt.formulate.embedded.integrality import Integrality, integrality
from nl2opt.formulate.embedded.refusals import Refusal, beyond, refuse_length, refuse_parse, refuse_text
from nl2opt.formulate.embedded.repair import best_parse
from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.text import Passage, Quantity, Sentence, segment


@dataclass(frozen=True, slots=True)
class Formulation:
    """What the translator made of a text. `document` is the model in the language's JSON form, None when refused."""

    text: str
    sentences: tuple[Sentence, ...]
    quantities: tuple[Quantity, ...]
    spans: tuple[Span, ...] = ()
    decisions: tuple[Decision, ...] = ()
    objective: Objective | None = None
    constraints: tuple[Constraint, ...] = ()
    document: dict[str, Any] | None = None
    assumptions: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    refusal: Refusal | None = None
    confidence: float = 0.0

    @property
    def declarations(self) -> tuple[Objective | Constraint, ...]:
        """The objective, if any, and all constraints in text order."""
        head: tuple[Objective | Constraint, ...] = (self.objective,) if self.objective is not None else ()
        return head + self.constraints


def formulate_embedded(text: str, spans: Sequence[Span] | None = None) -> Formulation:
    """Translate a word problem; `spans` replace the tagger's (for measurements with known spans)."""
    text = text.replace("\ufeff", "").replace("\r\n", "\n")
    refusal = refuse_length(text)
    if refusal is not None:
        return Formulation(text, (), (), refusal=refusal)
    passage = segment(text)
    empty = Formulation(text, passage.sentences, passage.quantities)
    refusal = refuse_text(passage)
    if refusal is not None:
        return replace(empty, refusal=refusal)
    if spans is None:
        from nl2opt.formulate.embedded.tagger import tag

        spans = tag(text)
    repaired = best_parse(passage, spans)
    parse = repaired.parse
    outside = beyond(passage, parse)
    refusal = refuse_parse(passage, parse)
    if outside is not None and (refusal is not None or parse.problems):
        refusal = outside
    doubts = doubts_of(passage, repaired)
    if outside is not None:
        doubts += (Doubt(outside.code, outside.sentence, outside.message),)
    kind = integrality(text, [d.name for d in parse.decisions])
    assumptions = _assumptions(passage, parse, kind) if refusal is None else ()
    document = None
    if refusal is None:
        document = build_document(passage, parse.decisions, parse.objective, parse.constraints, kind, assumptions)
    return replace(
        empty,
        spans=tuple(spans),
        decisions=parse.decisions,
        objective=parse.objective,
        constraints=parse.constraints,
        document=document,
        assumptions=assumptions,
        doubts=doubts,
        refusal=refusal,
        confidence=confidence_of(repaired),
    )


def _assumptions(passage: Passage, parse: Parse, kind: Integrality) -> tuple[str, ...]:
    """What the text does not say and the model supposes."""
    found = [kind.assumption]
    if kind.type != "binary":
        found.append("No amount is negative.")
    for constraint in parse.constraints:
        if isinstance(constraint, Comparison) and constraint.factor is not None and constraint.op == ">=":
            place = constraint.places[0]
            if not re.search(
                r"\b(?:at least|minimum|no less|no fewer|not less|more|exceed)", passage.text[place[0] : place[1]], re.I
            ):
                found.append(
                    f"'{passage.text[constraint.factor.place[0] : constraint.factor.place[1]]}' is read as a minimum."
                )
        if isinstance(constraint, LinearRow) and constraint.bound.times != 1:
            found.append("Units are converted: one given unit is " + str(constraint.bound.times) + " of the unit used.")
    return tuple(dict.fromkeys(found))
