"""Text -> Formulation: the whole embedded translator, from the raw text to a document, its doubts or a refusal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from nl2opt.formulate.embedded.agreement import disagreements
from nl2opt.formulate.embedded.assembly import Parse, assemble
from nl2opt.formulate.embedded.clusters import cast
from nl2opt.formulate.embedded.declarations import Comparison, Constraint, Decision, LinearRow, Objective, TotalBound
from nl2opt.formulate.embedded.direct import Called, Direct, Roster, plain, read_directly, restored, rosters
from nl2opt.formulate.embedded.direct.alternatives import Alternative, alternatives, told_of
from nl2opt.formulate.embedded.document import build_document
from nl2opt.formulate.embedded.doubts import Doubt, confidence_of, doubts_of
from nl2opt.formulate.embedded.integrality import Integrality, integrality
from nl2opt.formulate.embedded.problems import contradictions, senseless
from nl2opt.formulate.embedded.refusals import Refusal, beyond, refuse_length, refuse_parse, refuse_text
from nl2opt.formulate.embedded.repair import CLEAN, Repaired, best_parse
from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.text import Passage, Quantity, Sentence, segment

PLAIN: Final = 1.0
"""A text of nouns that grammar reads completely at this cost needs no tags."""
EASY: Final = 1.3
"""A text that grammar reads completely at this cost is beyond doubt."""
FAIR: Final = 2.0
"""At this cost one of symbols needs none, and one of nouns goes before tags that do not fit together spotlessly."""
HARD: Final = 4.0
"""At a greater cost a complete reading by grammar is chance."""
STRAINED: Final = -0.3
"""Tags whose best parse scores below this give way to a complete reading by grammar."""
NEAR: Final = 0.25
"""A second reading this close is a doubt."""
EVEN: Final = 0.01
"""A second way to take a limit by tags that scores this close is a doubt."""
MOST_READINGS: Final = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read the text: what it makes of a sentence, and the model that follows."""

    sentence: str
    message: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Formulation:
    """What the translator made of a text. `document` is the model in the language's JSON form, None when refused.

    `readings` are other ways to read it, likeliest first.
    """

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
    readings: tuple[Reading, ...] = ()

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
    source, text = text, plain(text)
    passage = segment(text)
    told = restored(passage, source)
    empty = Formulation(source, told.sentences, told.quantities)
    refusal = refuse_text(passage)
    if refusal is not None:
        return replace(empty, refusal=refusal)
    taken = _taken(passage, spans)
    parse = taken.parse
    outside = beyond(passage, parse, taken.placed)
    refusal = refuse_parse(passage, parse)
    if outside is not None and (refusal is not None or parse.problems):
        refusal = outside
    doubts = taken.doubts
    if outside is not None:
        doubts += (Doubt(outside.code, outside.sentence, outside.message),)
    kind = integrality(text, [d.name for d in parse.decisions])
    assumptions = _assumptions(passage, parse, kind) if refusal is None else ()
    document = None
    readings: tuple[Reading, ...] = ()
    if refusal is None:
        document = build_document(told, parse.decisions, parse.objective, parse.constraints, kind, assumptions)
        readings = tuple(_reading(told, other, kind) for other in taken.others[:MOST_READINGS])
    return replace(
        empty,
        spans=tuple(replace(s, text=source[s.start : s.end]) for s in taken.spans),
        decisions=parse.decisions,
        objective=parse.objective,
        constraints=parse.constraints,
        document=document,
        assumptions=assumptions,
        doubts=doubts,
        refusal=refusal,
        confidence=taken.confidence,
        readings=readings,
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """The parse that won, with what speaks against it and the readings that lost."""

    parse: Parse
    spans: tuple[Span, ...]
    doubts: tuple[Doubt, ...]
    confidence: float
    others: tuple[Alternative, ...] = ()
    placed: frozenset[str] = frozenset()


def _taken(passage: Passage, spans: Sequence[Span] | None) -> _Taken:
    """Grammar where it explains every sentence with ease, else the better of grammar and tags."""
    named = rosters(passage.text)
    direct = read_directly(passage, named)
    if spans is None and direct is not None and direct.complete and direct.cost <= _ease(direct):
        return _directly(passage, direct, ())
    if spans is None:
        from nl2opt.formulate.embedded.tagger import tag

        spans = tag(passage.text)
    repaired = best_parse(passage, spans)
    if direct is None or not direct.complete:
        people = cast(passage.text, spans)
        if len(people.names) > 1:
            called = tuple(Called(m.start, m.end, m.decision) for m in people.mentions)
            direct = read_directly(passage, [*named[:1], Roster(people.names, called)])
    if direct is not None and direct.complete and _beats(direct, repaired.parse):
        return _directly(passage, direct, tuple(spans))
    others = _seconds(passage, spans, repaired)
    doubts = doubts_of(passage, repaired) + tuple(_two_readings(a) for a in others if a.gap < EVEN)
    doubts += _unread_signs(passage, repaired.parse)
    if direct is not None:
        told = "grammar alone reads {} otherwise"
        doubts += tuple(Doubt("disagreement", s, told.format(s)) for s in disagreements(direct, repaired.parse))
    return _Taken(repaired.parse, tuple(spans), doubts, confidence_of(repaired), others)


def _seconds(passage: Passage, spans: Sequence[Span], repaired: Repaired) -> tuple[Alternative, ...]:
    """The other ways to take single limits of a parse by tags."""
    full = assemble(passage, spans, repaired.twist, seconds=True)
    found = []
    for second in full.seconds:
        sentence = passage.sentence_at(second.place[0])
        other = replace(repaired.parse, constraints=second.constraints)
        told = told_of(other, repaired.parse)
        if told and sentence is not None:
            found.append(Alternative(sentence.id, told, other, second.gap))
    return tuple(found)


_SIGNS: Final = re.compile(r"\b(?:differences?\s+(?:in|between|of)|minus|subtract\w*|reduced by)\b", re.I)


def _unread_signs(passage: Passage, parse: Parse) -> tuple[Doubt, ...]:
    """Sentences that subtract, of which tags make a plain sum."""
    found = []
    for constraint in parse.constraints:
        if isinstance(constraint, TotalBound) and (match := _SIGNS.search(passage.text, *constraint.places[0])):
            sentence = passage.sentence_at(match.start())
            told = f"'{match[0]}' subtracts, and the limit was read as one on a sum"
            found.append(Doubt("unread-sign", sentence.id if sentence else "", told))
    return tuple(dict.fromkeys(found))


def _two_readings(other: Alternative) -> Doubt:
    return Doubt("two-readings", other.sentence, f"{other.sentence} can also be read as {other.message}")


def _ease(direct: Direct) -> float:
    """The cost up to which a complete reading needs no tags."""
    return FAIR if direct.roster.symbols else PLAIN


def _beats(direct: Direct, tagged: Parse) -> bool:
    fair = direct.cost <= FAIR and tagged.score < CLEAN
    return direct.cost <= _ease(direct) or fair or (direct.cost <= HARD and tagged.score < STRAINED)


def _directly(passage: Passage, direct: Direct, spans: tuple[Span, ...]) -> _Taken:
    others = alternatives(passage, direct)
    doubts = [_two_readings(a) for a in others if a.gap < NEAR]
    if direct.cost > EASY:
        hardest = max(direct.sentences, key=lambda s: s.ways[0].cost).sentence.id
        doubts.append(Doubt("hard-reading", hardest, f"{hardest} was read with some effort"))
    count = len(direct.parse.decisions)
    problems = contradictions(direct.parse.constraints, passage.text)
    problems += senseless(direct.parse.objective, direct.parse.constraints, count)
    for problem in problems:
        sentence = passage.sentence_at(problem.place[0])
        doubts.append(Doubt(problem.code, sentence.id if sentence else "", problem.message))
    placed = frozenset(r.sentence.id for r in direct.sentences if r.ways[0].statements)
    return _Taken(direct.parse, spans, tuple(doubts), 0.3 - 0.1 * direct.cost, others, placed)


def _reading(told: Passage, other: Alternative, kind: Integrality) -> Reading:
    parse = other.parse
    assumptions = _assumptions(told, parse, kind)
    document = build_document(told, parse.decisions, parse.objective, parse.constraints, kind, assumptions)
    return Reading(other.sentence, other.message, document)


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
