"""Parse -> doubts and confidence: what an answer without reservation must not have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from nl2opt.formulate.embedded.repair import Repaired
from nl2opt.formulate.text import Passage

CLOSE: Final = 0.12
"""Two objectives whose readings score this close are a doubt."""
FREE: Final = 0.15
"""Departures from the tags that cost more than this in all are a doubt."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A named reason not to trust an answer blindly: `code`, the sentence it comes from, a sentence for people."""

    code: str
    sentence: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """The doubt as plain data."""
        return {"code": self.code, "sentence": self.sentence, "message": self.message}


def doubts_of(passage: Passage, repaired: Repaired) -> tuple[Doubt, ...]:
    """All doubts about a parse, in text order."""
    parse, twist = repaired.parse, repaired.twist
    found: list[tuple[int, Doubt]] = []
    for problem in parse.problems:
        sentence = passage.sentence_at(problem.place[0])
        found.append((problem.place[0], Doubt(problem.code, sentence.id if sentence else "", problem.message)))
    if parse.margin < CLOSE:
        place = parse.objective.places[0][0] if parse.objective else 0
        sentence = passage.sentence_at(place)
        found.append(
            (place, Doubt("close-objective", sentence.id if sentence else "", "another objective fits almost as well"))
        )
    if twist.cost > FREE:
        offset = min([o for o, _ in twist.roles] + sorted(twist.turned) or [0])
        sentence = passage.sentence_at(offset)
        found.append(
            (
                offset,
                Doubt(
                    "departure",
                    sentence.id if sentence else "",
                    "the numbers fit together only after some were read against first sight",
                ),
            )
        )
    found.sort(key=lambda pair: pair[0])
    unique: dict[tuple[str, str, str], Doubt] = {(d.code, d.sentence, d.message): d for _, d in found}
    return tuple(unique.values())


def confidence_of(repaired: Repaired) -> float:
    """A number that ranks answers by how far they can be trusted, about -5 to 1."""
    return repaired.parse.score + 0.3 * min(repaired.parse.margin, 1.0)
