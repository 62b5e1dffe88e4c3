"""Mentions and text -> what the decisions are called together, and what they are counted in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nl2opt.formulate.embedded.contexts import MEASURES
from nl2opt.formulate.embedded.mentions import Mention
from nl2opt.formulate.embedded.words import root, split_words
from nl2opt.formulate.text import Passage


@dataclass(frozen=True, slots=True)
class Names:
    """Words about the decisions: what all are called (`trucks`), what they are counted in, their own names."""

    heads: frozenset[str]
    measures: frozenset[str]
    own: frozenset[str]


TIMES: Final = frozenset(
    root(w) for w in ["hour", "minute", "second", "day", "week", "month", "year", "night", "season", "quarter"]
)

_VERBISH: Final = frozenset(
    [
        "available",
        "used",
        "using",
        "made",
        "produced",
        "sold",
        "needed",
        "required",
        "daily",
        "weekly",
        "monthly",
        "yearly",
        "per",
        "every",
        "each",
        "implemented",
        "taken",
        "dispatched",
        "working",
        "spent",
        "allocated",
        "sent",
        "transported",
        "delivered",
        "hired",
        "run",
        "combined",
        "total",
        "altogether",
        "must",
        "should",
        "can",
        "to",
    ]
)

_PART_OF: Final = re.compile(
    r"(?:%|\bpercent|\bthird|\bhalf|\bquarter) of (?:the |all |its |their |his |her )*(?:total )?(?:number of |"
    r"amount of )?(?:the )?",
    re.I,
)

_PER: Final = re.compile(r"\bper ([a-z]+)\b")

_MEASURED: Final = (
    _PER,
    re.compile(r"\bas many ([a-z]+)\b"),
    re.compile(r"\b(?:per|for each|for every|for one|each) (?:square )?([a-z]+) (?:of|in|on)\b", re.I),
    re.compile(
        r"\bhow (?:many|much) ([\w-]+ ?[\w-]*?)\s*(?:of\b|should\b|does\b|do\b|must\b|can\b|need\b|to\b|are\b|"
        r"will\b|he\b|she\b|it\b|they\b)",
        re.I,
    ),
)

_CLASS: Final = re.compile(
    r"\b(?:types?|kinds?|sorts?|models?|sizes?|forms?|methods?|modes?|varieties|versions?|grades?|brands?|styles?|"
    r"categories) of "
    r"(?!\w+ing\b)(?:the |its |their )?",
    re.I,
)

_EACH_HEAD: Final = re.compile(
    r"\b(?:each|either|both|two|three|four|these|which|every)\s+(?:of\s+(?:the\s+|these\s+)?)?(?:types?\s+of\s+|kinds?\s+of\s+)?"
    r"((?:[\w-]+\s+){0,2}?[\w-]+)(?=\s+(?:should|must|does|do|is|are|can|to|will|need|needs|would|may|for|in|he|she|it|they)\b|\s*[.,;:?])",
    re.I,
)


def names_of(passage: Passage, mentions: Sequence[Mention]) -> Names:
    """Class nouns, measures and own words of the decisions."""
    text = passage.text
    owners: dict[str, set[int]] = {}
    last: dict[str, set[int]] = {}
    for mention in mentions:
        for word in mention.roots:
            owners.setdefault(word, set()).add(mention.decision)
        last.setdefault(mention.roots[-1], set()).add(mention.decision)
    heads = {word for word, seen in last.items() if len(seen) > 1}
    heads |= {object_head(text, match.end()) for match in _CLASS.finditer(text)}
    heads |= {object_head(text, match.end()) for match in _PART_OF.finditer(text)}
    for match in _EACH_HEAD.finditer(text):
        words = [w for w in split_words(match[1]) if w.root]
        if words and words[-1].root not in MEASURES and len(words[-1].root) > 1:
            heads.add(words[-1].root)
    measures: set[str] = set()
    for mention in mentions:
        before = text[max(0, mention.start - 30) : mention.start]
        if measure := re.search(r"([\w-]+) of (?:the |a |an )?[\"“‘(]*$", before):
            measures.update(w.root for w in split_words(measure[1]) if w.root)
        heads.update(
            w.root for w in split_words(text[mention.end : mention.end + 1 + _tail(text, mention.end)])[:1] if w.root
        )
    for pattern in _MEASURED:
        for match in pattern.finditer(text):
            found = [w.root for w in split_words(match[1]) if w.root]
            measures.update(w for w in found if pattern is not _PER or w not in TIMES)
    own = {word for word, seen in owners.items() if len(seen) == 1}
    return Names(frozenset(heads - own - {""}), frozenset(measures - own), frozenset(own))


def object_head(text: str, start: int) -> str:
    """The head of the noun phrase at an offset: `leaves` in "units of tea leaves every week"."""
    head = ""
    for word in split_words(text[start : start + 70]):
        if word.low in ("of", "the", "all", "its", "their", "his", "her", "total", "a", "an") and not (
            head and word.low != "of"
        ):
            continue
        if not word.root or not word.text[0].isalpha() or word.low in _VERBISH:
            break
        head = word.root
    return head


def _tail(text: str, end: int) -> int:
    """Length of a class noun right after a name: `trips` in "truck trips"; 0 before a verb or mark."""
    match = re.match(
        r"\s([a-z]+s)\b(?=\s+(?:must|should|can|cannot|to|is|are|be|have|has|need|than|in|used|made|sold|and|or)\b|[.,;?])",
        text[end:],
    )
    return len(match[1]) if match else 0
