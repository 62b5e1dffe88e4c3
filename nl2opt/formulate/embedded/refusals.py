"""Passage and parse -> Refusal: when the translator must say that a text is beyond it, and which sentence."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from nl2opt.formulate.embedded.assembly import Parse
from nl2opt.formulate.embedded.declarations import Choice
from nl2opt.formulate.text import Passage

MAX_CHARACTERS: Final = 20_000
"""Longest text the translator takes; word problems have some 500 to 3,000 characters."""
WORST: Final = -3.0
"""A parse with a score below this does not describe the text."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the text is beyond the translator, and the sentence it could not place ("" for the whole text)."""

    code: str
    sentence: str
    message: str


_COMMON: Final = frozenset(
    [
        "the",
        "of",
        "to",
        "and",
        "a",
        "in",
        "is",
        "it",
        "for",
        "that",
        "with",
        "as",
        "are",
        "on",
        "be",
        "how",
        "many",
        "must",
        "can",
        "at",
        "each",
        "by",
        "from",
        "or",
        "if",
        "than",
    ]
)
_BEYOND: Final = (
    ("time-periods", re.compile(
        r"\b(?:in each (?:of the )?(?:month|period|week|quarter|year)s?|over the next (?:\w+ )?(?:months|periods|"
        r"weeks|quarters|years)|"
        r"inventory (?:level|cost|balance|at|from|is|of the previous)|carried over|carry over|(?:held|"
        r"stored) (?:over|from)|at the end of (?:each|every|the) (?:month|week|period|quarter)|"
        r"(?:previous|next|following|preceding) (?:month|period|quarter)|month [1-9]\b|week [1-9]\b|period [1-9]\b|"
        r"in january|in february)",
        re.I), "it plans over several periods"),
    ("network", re.compile(
        r"\b(?:shortest (?:path|route)|travell?ing salesman|visit(?:s|ed|ing)? each (?:city|customer|node|town|"
        r"location) (?:exactly )?once|visit(?:s|ed|ing)? exactly once|"
        r"from (?:node|city|warehouse|plant|factory) \w+ to (?:node|city|warehouse|plant|store|customer) \w+|"
        r"arcs?\b|nodes\b|"
        r"(?:each|every) (?:warehouse|plant|factory|supplier) to (?:each|every)|maximum flow|network flow|"
        r"spanning tree)\b",
        re.I), "it moves things through a network"),
    ("schedule", re.compile(
        r"\b(?:schedul\w+ (?:of )?(?:jobs|tasks|flights|classes)|makespan|due dates?|must (?:start|"
        r"finish) (?:before|after)|precede[sd]?|"
        r"processing order|sequence of (?:jobs|tasks)|start times?|finish times?|time slots?|time windows?)\b",
        re.I), "it puts things in an order of time"),
    ("assignment", re.compile(
        r"\b(?:assign(?:s|ed|ing)? (?:each|every|one|exactly|the (?:workers|jobs|tasks|people))|each (?:worker|job|"
        r"task|person|student) (?:must|is|can) "
        r"(?:be )?assigned|one-to-one)\b", re.I), "it assigns things to one another"),
    ("nonlinear", re.compile(
        r"\b(?:squared|quadratic|product of|multiplied by|surface area|volume of|girth|perimeter|square root|"
        r"exponential|logarithm\w*|"
        r"risk \(variance\)|variance|covariance|radius|as large as possible rectang\w+|"
        r"inversely)\b", re.I), "it is not linear"),
    ("fixed-cost", re.compile(
        r"\b(?:one-off|set-?up|fixed|start-?up|opening) (?:costs?|fees?|charges?)\b|\bif (?:an?|any|"
        r"the) [\w\s]{2,25} (?:is|are) "
        r"(?:made|produced|brewed|used|bought|opened|built)[^.]{0,40}(?:at least|at most|"
        r"must)", re.I), "a cost or limit applies only if something is done at all"),
    ("one-in-so-many", re.compile(
        r"\b(?:one|two|three|four|five|\d+) (?:out )?of every (?:\d+|two|three|four|five|six|seven|eight|nine|ten)\b",
        re.I), "it says a share as so many of so many"),
    ("table", re.compile(r"^\s*\|.*\|.*\|", re.M), "it tells its numbers in a table"),
)  # fmt: skip


def refuse_length(text: str) -> Refusal | None:
    """Refusals that must come before the text is cut: empty, or too long to be cut in good time."""
    if not text.strip():
        return Refusal("empty", "", "the text is empty")
    if len(text) > MAX_CHARACTERS:
        return Refusal("too-long", "", f"the text has {len(text)} characters, at most {MAX_CHARACTERS} are read")
    return None


def refuse_text(passage: Passage) -> Refusal | None:
    """Refusals that need no parse: another language, no numbers."""
    text = passage.text
    words = re.findall(r"[^\W\d_]+", text.lower())
    if len(words) < 8:
        return Refusal("too-short", "", "the text is too short to be a decision problem")
    if sum(word in _COMMON for word in words) < 0.12 * len(words):
        return Refusal("not-english", "", "the text does not read as English, the only language this translator knows")
    if not any(q.kind != "name" for q in passage.quantities):
        return Refusal("no-numbers", "", "the text holds no numbers, so there is nothing to compute with")
    return None


def beyond(passage: Passage, parse: Parse, placed: Collection[str] = ()) -> Refusal | None:
    """The first sentence that asks for structure outside the templates; logic over yes-or-no decisions is inside.

    Sentences that were `placed` word by word ask for nothing else.
    """
    logic = [place for c in parse.constraints if isinstance(c, Choice) for place in c.places]
    logic += [(s.start, s.end) for s in passage.sentences if s.id in placed]
    for code, pattern, reason in _BEYOND:
        outside = [m for m in pattern.finditer(passage.text) if not any(a <= m.start() < b for a, b in logic)]
        if outside:
            match = outside[0]
            sentence = passage.sentence_at(match.start())
            named = sentence.id if sentence else ""
            return Refusal(
                code,
                named,
                f"beyond this translator, because of {named or 'the text'}: {reason} ('{match[0].strip()[:60]}')",
            )
    return None


def refuse_parse(passage: Passage, parse: Parse) -> Refusal | None:
    """Refusals that a parse shows: nothing to decide, nothing to optimise, or most of the text left over."""
    if len(parse.decisions) == 0:
        return Refusal("no-decisions", "", "no amounts to decide on were found")
    if parse.objective is None:
        return Refusal("no-objective", "", "the text does not say what to minimise or maximise")
    if not parse.constraints and not parse.objective.cells:
        return Refusal("no-structure", "", "neither limits nor coefficients were found")
    if parse.score < WORST:
        worst = max(parse.problems, key=lambda problem: problem.weight)
        sentence = passage.sentence_at(worst.place[0])
        named = sentence.id if sentence else ""
        return Refusal("unplaced", named, f"beyond this translator, because of {named}: {worst.message}")
    return None
