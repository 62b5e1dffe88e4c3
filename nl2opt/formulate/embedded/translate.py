"""Text -> Formulation: the whole embedded translator, from the raw text to a document, its doubts or a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from nl2opt.formulate.embedded.assembly import Parse
from nl2opt.formulate.embedded.declarations import Constraint, Decision, Objective
from nl2opt.formulate.embedded.repair import best_parse
from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.text import Passage, Quantity, Sentence, segment


@dataclass(frozen=True, slots=True)
class Doubt:
    """A named reason not to trust an answer blindly: `code`, the sentence it comes from, a sentence for people."""

    code: str
    sentence: str
    message: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the text is beyond the translator, and the sentence it could not place ("" for the whole text)."""

    code: str
    sentence: str
    message: str


@dataclass(frozen=True, slots=True)
class Formulation:
    """What the translator made of a text. `document` is the model in the language's JSON form, None when refused."""

    text: str
    sentences: tuple[Sentence, ...]
    quantities: tuple[Quantity, ...]
    spans: tuple[Span, ...]
    decisions: tuple[Decision, ...]
    objective: Objective | None
    constraints: tuple[Constraint, ...]
    document: dict[str, Any] | None
    assumptions: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    refusal: Refusal | None = None
    confidence: float = 0.0
    problems: tuple[str, ...] = field(default=())

    @property
    def declarations(self) -> tuple[Objective | Constraint, ...]:
        """The objective, if any, and all constraints in text order."""
        head: tuple[Objective | Constraint, ...] = (self.objective,) if self.objective is not None else ()
        return head + self.constraints


def formulate_embedded(text: str, spans: Sequence[Span] | None = None) -> Formulation:
    """Translate a word problem; `spans` replace the tagger's (for measurements with known spans)."""
    passage = segment(text)
    if spans is None:
        from nl2opt.formulate.embedded.tagger import tag

        spans = tag(text)
    parse = best_parse(passage, spans).parse
    doubts = _doubts(passage, parse)
    return Formulation(
        text, passage.sentences, passage.quantities, tuple(spans), parse.decisions, parse.objective, parse.constraints,
        {}, (), doubts, None, parse.score,
    )  # fmt: skip


def _doubts(passage: Passage, parse: Parse) -> tuple[Doubt, ...]:
    found = []
    for problem in parse.problems:
        sentence = passage.sentence_at(problem.place[0])
        found.append(Doubt(problem.code, sentence.id if sentence else "", problem.message))
    return tuple(found)
