"""Phrases -> the marks of a linear statement: sides, sums, differences, multiples, and the words of gain and cost."""

from __future__ import annotations

import re
from typing import Final, Literal

Mark = Literal[
    "name", "number", "ge", "le", "eq", "over", "min", "max", "le0", "ge0", "plus", "minus", "and", "or", "comma",
    "times",
    "multiplied", "difference", "sum", "more", "fewer", "than", "by", "respectively", "each", "while", "between",
    "to", "all", "cost", "taken from", "open", "close", "among", "weights", "ratio", "for every", "has",
    "at least so", "at most so", "none over", "formula", "adding", "subtracting", "from", "not more", "not fewer",
    "not", "one in", "on hand",
]  # fmt: skip

_NEG = (
    r"(?:can\s?not|can['’]t|"
    r"(?:must|should|shall|may|can|could|do|does|will|would|is|are)(?:\s?not|n['’]t)|"
    r"not|never|no)"
)
_BIG = r"(?:more|greater|higher|larger|bigger)"
_SMALL = r"(?:less|fewer|lower|smaller)"
_OR_EQUAL = r"\s+than\s+or\s+equal\s+to"
_DOING = r"(?:(?!(?:and|or|but|that|which|of|only|so|as|if|than|at)\b)[a-z]+\s+){0,3}?"
_STAY = r"(?:stay|stays|remain|remains|keep|kept|lie|be|held|hold)\s+(?:\w+ly\s+)?"

_TABLE: Final[tuple[tuple[Mark, str], ...]] = (
    ("at least so", r"or\s+(?:more|greater|higher|above)|at\s+the\s+(?:very\s+)?least|"
                     r"at\s+(?:the\s+)?minimum(?!\s+of)"),
    ("at most so", r"or\s+(?:less|fewer|lower|below)|at\s+the\s+(?:very\s+)?most|at\s+(?:the\s+)?maximum(?!\s+of)"),
    ("none over", r"(?:no|neither)\s+(?:single\s+|one\s+)?\w+\s+(?:may|can|should|must|could|will|is\s+allowed\s+to)\s+"
                  r"(?:\w+\s+){0,2}?(?:more\s+than|exceed)"),
    ("for every", r"for\s+(?:every|each)(?=\s+[^.;]{0,60}\bthere\b)"),
    ("le0", rf"{_NEG}\s+be\s+positive"),
    ("ge0", rf"{_NEG}\s+be\s+negative"),
    ("ge", rf"{_NEG}\s+{_DOING}(?:{_SMALL}\s+than|below|under)(?!\w)"),
    ("le", rf"{_NEG}\s+(?:to\s+)?{_DOING}(?:exceed|surpass|outnumber|over|above|beyond|{_BIG}\s+than)\b"),
    ("not more", rf"{_NEG}\s+{_DOING}{_BIG}\b(?=[^.;,]*\bthan\b)"),
    ("not fewer", rf"{_NEG}\s+{_DOING}{_SMALL}\b(?=[^.;,]*\bthan\b)"),
    ("one in", r"(?:out\s+)?of\s+every(?=\s+(?:\d|two|three|four|five|six|seven|eight|nine|ten))"),
    ("le", rf"{_STAY}(?:below|under|within)(?!\w)"),
    ("ge", rf"{_STAY}(?:above|over)(?!\w)"),
    ("ge", r"at\s+least\s+equal\s+to|(?:meet|equal|equals)\s+or\s+exceed|exceed\s+or\s+(?:be\s+)?equal(?:\s+to)?"),
    ("ge", rf"{_BIG}{_OR_EQUAL}"),
    ("le", rf"{_SMALL}{_OR_EQUAL}"),
    ("ge", r"at\s+least|at\s+a\s+minimum(?:\s+of)?|"
           r"(?:must|should|has\s+to|have\s+to|needs?\s+to)\s+reach(?!\s+at)|reach\s+at\s+least"),
    ("le", r"at\s+most|at\s+a\s+maximum(?:\s+of)?|up[\s-]to|(?:limited|restricted|constrained|confined)\s+to|"
           r"capped\s+at|a\s+(?:limit|cap)\s+of|(?:can|could|may)\s+only\b(?=[^.;]{0,60}\d)|"
           r"available(?:\s+\w+){0,3}?\s+(?:is|are)(?=\s+\d)"),
    ("ge", ">=|≥"),
    ("le", "<=|≤"),
    ("while", ";"),
    ("plus", r"\+"),
    ("to", "[–-]"),
    ("times", "[*×]"),
    ("and", "&"),
    ("eq", "="),
    ("eq", r"(?:add|adds|sum|sums|amount|amounts)\s+(?:up\s+)?to(?:\s+exactly)?"),
    ("eq", r"(?:exactly|must|should|precisely)\s+(?:be\s+)?(?:exactly\s+)?equals?(?:\s+to)?(?:\s+exactly)?|"
           r"equals?\s+exactly|exactly|precisely|fixed\s+at(?:\s+exactly)?|equal\s+to"),
    ("min", r"minimum|minimal"),
    ("max", r"maximum|maximal|upper\s+(?:bounds?|limits?)"),
    ("over", r"exceed(?:s|ing)?|surpass(?:es)?|outnumbers?"),
    ("taken from", r"subtracted\s+from|deducted\s+from"),
    ("multiplied", r"multiplied\s+by|counted\s+as|weighted\s+by|at\s+a\s+rate\s+of|multiply\s+by"),
    ("plus", r"plus|along\s+with|together\s+with|combined\s+with|added\s+to|as\s+well\s+as"),
    ("minus", r"minus|(?:reduced|decreased|diminished|lowered)\s+by(?=\s+(?:the|that|those|half|twice|[A-Z]\b))"),
    ("plus", r"increased\s+by(?=\s+(?:the|that|those|half|twice|[A-Z]\b))"),
    ("adding", "adding|adds?"),
    ("subtracting", "subtracting|subtracts?"),
    ("from", "from"),
    ("ratio", "ratio"),
    ("on hand", r"(?:are\s+|is\s+)?(?:available|on\s+hand|in\s+stock|remaining|left)"),
    ("has", r"has|have|holds?|stocks?|there\s+(?:are|is)(?:\s+only)?|budget(?:\s+\w+){0,4}?\s+(?:is|of)(?=\s+\$?\d)"),
    ("difference", r"differences?|gaps?|discrepanc(?:y|ies)|disparit(?:y|ies)|imbalance"),
    ("formula", r"(?:(?:expressed|represented|given|formulated|described|written|stated)\s+(?:by|as)|by)(?:\s+the\s+"
                r"(?:constraint|formula|expression|inequality|equation|condition))?(?=[\s:]*(?:[-\d.]*\s?\w{1,2}\s?[-+<>=≤≥]))"),
    ("sum", r"sums?|combined|combination|combining|total|totals|altogether|together|overall|aggregate|weighted\s+sum"),
    ("respectively", r"respective(?:ly)?"),
    ("while", r"while|whereas|but|however|moreover|furthermore|additionally|similarly"),
    ("weights", r"(?:with|given|by|using)\s+(?:their\s+|the\s+)?(?:respective\s+)?weights?(?:\s+(?:of|being))?"),
    ("between", r"between"),
    ("among", r"among(?:st)?|across"),
    ("more", rf"{_BIG}|longer|further|additional|extra|above|beyond"),
    ("fewer", rf"{_SMALL}|shorter|below"),
    ("not", _NEG),
    ("than", r"than"),
    ("by", r"by"),
    ("to", "to"),
    ("each", r"each|every|either"),
    ("all", r"both|all"),
    ("and", "and"),
    ("or", "or"),
    ("times", "times"),
    ("comma", r","),
    ("open", r"[(\[]"),
    ("close", r"[)\]]"),
    ("cost", r"costs?|costing|priced?|prices|expens\w+|salar(?:y|ies)|wages?|fees?|profits?|revenues?|returns?|yields?|"
             r"earn\w*|incom\w+|gains?|scores?|points?|risks?|fatigue|outcomes?|incurs?|contribut\w+|consum\w+|uses?|utili[sz]es?|benefits?|satisfaction|"
             r"impact|counts?|counting|worth|requires?|requiring|needs?|takes?|weighs?|emits?|emissions?"),
)  # fmt: skip

_COMPILED: Final = tuple(
    (mark, re.compile(rf"(?<![\w-])(?:{words})(?!\w)" if words[0].isalnum() or words[0] == "(" else words, re.I))
    for mark, words in _TABLE
)

EXPLAINS: Final = re.compile(
    r"[,;(-]\s*(?:perhaps\s+|possibly\s+|thus\s+|thereby\s+)?(?:reflecting|indicating|ensuring|suggesting|representing|meaning|which\s+means|"
    r"considering|maintaining|prioriti[sz]ing)\b[^.;)]*|\((?:e\.g\.|i\.e\.|for example|as|since|because|due)[^)]*\)",
    re.I,
)
"""Asides that give a reason for what stands before them."""

PURPOSE: Final = re.compile(
    r"[\s-]*(?:(?:Moreover|Furthermore|Additionally|In addition|Also|However|Similarly|Finally|Lastly),?\s+)?"
    r"(?:In order (?:not )?to|So as (?:not )?to|To|Due to|Because|Since|Although|As a result of)\b[^,.;:]*,",
    re.I,
)
"""What a limit is good for, told before it."""

ASKS: Final = re.compile(
    r"\b(?:what(?:['’]s|\s+is|\s+would\s+be|\s+will\s+be|\s+are)|find|determine|calculate|obtain|achieve)\s+the\s+"
    r"(?:minim(?:um|al)|maxim(?:um|al))\b",
    re.I,
)
"""The question, whose minimum is no limit."""

ROUNDS: Final = re.compile(
    r"\b(?:rounded|round)\b[^.;:?]*|\bin units of \S+|\bnearest [\w-]+|\bin (?:tens|hundreds?|thousands?|millions?)\b|"
    r"\b(?:each|every) (?:single )?(?:second|minute|hour|day|night|shift|week|month|season|year)\b",
    re.I,
)
"""How the answer is to be told, and how often what is told happens."""


def mark_at(text: str, at: int) -> tuple[Mark, int] | None:
    """The mark that begins here and its end; None where a word says nothing about the statement."""
    for mark, pattern in _COMPILED:
        if match := pattern.match(text, at):
            return mark, match.end()
    return None


def mark_of_word(text: str, at: int) -> tuple[Mark, int] | None:
    """The mark of the one word that begins here: longer phrases would swallow a name."""
    word = re.match(r"\w+", text[at : at + 40])
    marked = mark_at(word[0], 0) if word else None
    return (marked[0], at + marked[1]) if marked else None
