"""Words of a goal -> the sense they ask for: as cheap as possible, the highest profit, how short a piece."""

from __future__ import annotations

import re
from typing import Final, Literal

Sense = Literal["minimize", "maximize"]

_SMALL: Final = (
    r"little|few|low|small|short|cheap(?:ly)?|early|soon|quick(?:ly)?|fast|near|close|light|narrow|rare(?:ly)?|"
    r"seldom|flat|thin|inexpensive(?:ly)?"
)
_LARGE: Final = (
    r"much|many|high(?:ly)?|large|big|great|long|late|often|far|wide|rich|heavy|tall|profitabl[ey]|good|well"
)
_BEFORE: Final = r"\b(?:as|so|how)\s+"
_POSSIBLE: Final = (
    r"(?:\s+\S+){0,6}?\s+as\s+(?:\S+\s+){0,3}?(?:possible|can|could|may|ever|feasible|allowed|goes|will)\b"
)
_STRONG: Final[dict[Sense, re.Pattern[str]]] = {
    "minimize": re.compile(rf"\bminimi[sz]\w*|{_BEFORE}(?:{_SMALL})\b{_POSSIBLE}", re.I),
    "maximize": re.compile(rf"\bmaximi[sz]\w*|{_BEFORE}(?:{_LARGE})\b{_POSSIBLE}", re.I),
}
"""Words that rule over the superlatives beside them: make the largest as small as possible."""

_AIMS: Final[dict[Sense, re.Pattern[str]]] = {
    "minimize": re.compile(
        r"\b(?:cheapest|cheaply|least|lowest|fewest|smallest|shortest|earliest|soonest|quickest|fastest|lightest|nearest|"
        r"narrowest|minimal|minimum|as low(?:ly)? as)\b|"
        r"\bhow\s+(?:little|few|low|small|short|cheap(?:ly)?|early|soon|quickly|fast)\b|"
        r"\b(?:be|is|are)\s+over\s+early\b|\bsav(?:e|ing) (?:money|time|as much)\b",
        re.I,
    ),
    "maximize": re.compile(
        r"\b(?:most|highest|greatest|largest|biggest|longest|latest|best (?:profit|margin|gain|return|income)|richest|"
        r"maximal|maximum|dearest)\b",
        re.I,
    ),
}
_ASKED: Final[dict[Sense, re.Pattern[str]]] = {
    "minimize": re.compile(
        r"\bhow (?:much|many)\b[^.?]*\b(?:needed|need\b(?! to\b)|necessary|at (?:the )?least)\b", re.I
    ),
    "maximize": re.compile(r"\bhow (?:much|many)\b[^.?]*\bcan\b[^.?]*\bat (?:the )?most\b", re.I),
}
"""Questions for the least that is needed, and for the most that can be."""

_NO_AIM: Final = re.compile(
    r"\bat (?:least|most|the (?:most|latest|earliest)|the least(?! (?:possible )?(?:cost|price|expense|money)))\b|"
    r"\b(?:a|the) (?:minimum|maximum) of\b|\bmost of\b|\bthe least of\b|"
    r"\b(?:minimum|maximum|minimal|maximal)\s+(?!profit|cost|revenue|income|return|total|number|amount|time|distance)|"
    r"\b(?:sav(?:e|ing)|spend(?:ing)?) as much\b",
    re.I,
)
"""Comparisons with a limit, which are no aims."""

_NOUNS: Final[dict[Sense, re.Pattern[str]]] = {
    "minimize": re.compile(
        r"\b(?:costs?|expens\w*|spend\w*|pay(?:s|ing)?|bill|waste|wasted|delays?|lateness|tardiness|makespan|distance)\b",
        re.I,
    ),
    "maximize": re.compile(
        r"\b(?:profits?|revenues?|incomes?|earn\w*|gains?|yields?|takings?|returns?|contribution|sales|billing|"
        r"satisfaction|benefits?)\b",
        re.I,
    ),
}
"""What one would have less of, or more of."""


def aims_in(text: str) -> frozenset[Sense]:
    """Text -> the senses its words ask for; `at least` and `at most` ask for none.

    >>> sorted(aims_in("as few buses as it can")), sorted(aims_in("at most three buses"))
    (['minimize'], [])
    """
    plain = _NO_AIM.sub(" ", text)
    strong = frozenset(s for s, words in _STRONG.items() if words.search(plain))
    return strong or frozenset(s for s, words in _AIMS.items() if words.search(plain) or _ASKED[s].search(text))


def aims_of_nouns(text: str) -> frozenset[Sense]:
    """Text -> the senses in which what it names is wanted: costs small, profits large; none where it names both."""
    found = frozenset(sense for sense, words in _NOUNS.items() if words.search(text))
    return found if len(found) == 1 else frozenset()
