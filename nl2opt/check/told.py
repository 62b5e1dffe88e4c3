"""Quotes -> the side their words put a limit on: stated, suggested, compared, or at least asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from nl2opt.check.wording import EQUAL, NEGATION, Direction, Side, implied_in, stated_in
from nl2opt.ir.passage import Quantity, segment

_FIRM = re.compile(r"avail|budget|capacity|suppl|stock|need|requir|demand|limit|afford", re.I)
"""Suggestions that are not about something else: `has`, `wants`, `can` are."""

_PIECE = re.compile(r"\b(?:an?|each|every|one|per)\s+(?:\w+\s+){1,3}?(?:needs?|requires?|demands?)$", re.I)
_PIECES = re.compile(
    r"\b(?:an?|each|every|one|per)\s+(?:\w+\s+){1,3}?(?:needs?|requires?|demands?)\s+(?=[$£€]?\d|an?\b)", re.I
)
_HELD = re.compile(
    r"\b(?:there (?:is|are)|have|has|holds?|carry|carries|spend|deliver|allows?|covers?|gives?|room for|open for|"
    r"put in|runs?|ours for|only|takes?|lends?|keep(?:ing)? (?:\w+ )?to|"
    r"stick to|make do with|get by (?:with|on))\b(?!\s+to\b)(?:\s+(?:us|only|just|about|drivers|for))*\s*[$£€]?\s*$",
    re.I,
)
_OUGHT = re.compile(r"\b(?:must|should|shall|needs? to|ha(?:s|ve) to|wants? to|at least|at most)\b", re.I)
_TIMES: dict[Side, re.Pattern[str]] = {
    ">=": re.compile(
        r"\b(?:only\s+(?:\w+\s+){0,3}after|not\s+(?:\w+\s+){0,3}before|no (?:earlier|sooner) than|"
        r"(?:starts?|begins?|begun|opens?)\s+(?:\w+\s+){0,2}?after)\s+(?:\w+\s+){0,2}?$",
        re.I,
    ),
    "<=": re.compile(
        r"\b(?:no later than|not after|(?:ready|done|finished|over|ends?|back|delivered|leaves?|complete[d]?|printed|"
        r"home)\s+(?:\w+\s+){0,2}?(?:by|before|within|until|at))\s+(?:\w+\s+){0,2}?$",
        re.I,
    ),
}
"""Words before a time: the side on which a start or an end is."""

_LEFT = re.compile(
    r"(?:\s+\S+){0,4}?\s+(?:fit into|can be used|are there|is there|in (?:the )?store|free|are left|in stock)\b", re.I
)
_OWED = re.compile(
    r"(?:\s+\S+){0,4}?\s+(?:ha(?:s|ve) to|must|needs? to) be (?:served|met|made|delivered|produced|filled|fed|done)\b",
    re.I,
)
_THAN = re.compile(
    r"\b(?:no|not|nobody|never|cannot|neither)\s+(?:any\s+)?(?:\S+\s+){0,6}?(more|higher|larger|greater|longer|later|"
    r"fewer|less|lower|smaller|shorter|earlier|sooner)\b(?!\s+than)[^.;]*?\bthan\b",
    re.I,
)
DOUBLY = re.compile(
    r"\b(?:not|never|no|nobody)\b[^.;]*\b(?:if|unless|when|where|without)\b[^.;]*\b(?:less|more|fewer|below)\b", re.I
)
"""What is said of what must not be."""

_UPPER_WORDS = frozenset(("more", "higher", "larger", "greater", "longer", "later"))
_BEHIND = re.compile(r"\s*(?:\S+\s+){0,2}?(?:at (?:most|least)|or (?:more|less|fewer)|and no more)\b", re.I)
_ASKS: dict[Side, re.Pattern[str]] = {
    ">=": re.compile(
        r"\b(?:needs?|needed|requir\w*|demand\w*|want\w*|wish\w*|order\w*|promis\w*|oblig\w*|must(?! not\b)|"
        r"ha(?:s|ve|d) to|least|minim\w*|enough|satisf\w*|guarant\w*|insist\w*|should|shall|"
        r"only (?:\w+ )?(?:when|if|after|where)|after|once|as soon as|more than|exceed\w*|beyond)\b",
        re.I,
    ),
    "<=": re.compile(
        r"\b(?:only|cannot|can't|avail\w*|capacit\w*|room|limit\w*|most|max\w*|fits?|budget\w*|left|no|not|never|"
        r"nobody|down to|remain\w*|up to|within|until|before|in time|than|below|under|afford\w*|single|one|"
        r"different|apart|separate\w*|exclud\w*|either|promis\w*|due|"
        r"deadlines?)\b",
        re.I,
    ),
}
"""Words without which nothing asks for an idle limit on that side."""

LEANS = re.compile(
    r"\b(?:(?:have|has|had|with) (?:\w+ )?room|room for|capacit\w*|avail\w*|fits?|in stock|on hand|at the latest)\b",
    re.I,
)
"""Words of what there is, which bounds from above wherever they stand."""

_MAY_ASK: dict[Side, re.Pattern[str]] = {
    ">=": re.compile(
        r"\b(?:cover\w*|serv\w*|me(?:et|ets|t)|fill\w*|deliver\w*|over|above|every|opens?|hired?|us(?:es|ed?)|"
        r"reach\w*|until|before)\b",
        re.I,
    ),
    "<=": re.compile(
        r"\b(?:can|hold\w*|stock\w*|there (?:is|are)|ha(?:s|ve)(?! to\b)|free|spaces?|stores?|by|allow\w*|gives?|runs?|"
        r"owns?|suppl\w*)\b",
        re.I,
    ),
}
"""Words that ask for it where none asks for the other side."""

_COMPARED: dict[Side, re.Pattern[str]] = {
    "<=": re.compile(
        r"\b(?:before|earlier|sooner|(?:to the |on the )?left of|below|fewer|less|lower|smaller|younger|shorter|"
        r"cheaper|lighter|nearer)\b",
        re.I,
    ),
    ">=": re.compile(
        r"\b(?:after|later|(?:to the |on the )?right of|above|more|larger|greater|higher|bigger|older|taller|longer|"
        r"dearer|heavier|farther|exceeds?)\b",
        re.I,
    ),
}
"""Comparatives between two things."""


def told_side(
    quotes: Sequence[str], values: frozenset[Fraction] = frozenset(), others: frozenset[Fraction] = frozenset()
) -> Side | None:
    """Quotes -> the one side their words state, or suggest where none is stated; None where they differ or say nothing.

    Of several numbers only those among ``values`` are asked, where there are such, and none among ``others``.

    >>> told_side(["at most 40 crates"]), told_side(["must not exceed 40"]), told_side(["40 crates"])
    ('<=', '<=', None)
    """
    if any(EQUAL.search(text) or DOUBLY.search(text) for text in quotes):
        return None
    if compared := [m for text in quotes for m in _THAN.finditer(text)]:
        upper = {m[1].lower() in _UPPER_WORDS for m in compared}
        return None if len(upper) > 1 else "<=" if upper == {True} else ">="
    for reading in (stated_in, _firmly_implied, _held_or_owed):
        sides = {d.op for text in quotes for d in _directions(text, reading, values, others)}
        if sides:
            return "<=" if sides == {"<="} else ">=" if sides == {">="} else None
    return None


def _firmly_implied(text: str, start: int, end: int, last: bool) -> Direction | None:
    """Words that suggest a side; `a chair needs 3 hours` is no limit, and says none of the number after it."""
    d = implied_in(text, start, end, last)
    if d is None or d.place is None or not _FIRM.search(text, *d.place):
        return None
    return None if _PIECE.search(text, max(0, d.place[0] - 40), d.place[1]) else d


def _held_or_owed(text: str, start: int, end: int, last: bool) -> Direction | None:
    """Words without a side of their own: what there is bounds from above, what has to be served, or may only be after,
    from below."""
    for side, words in _TIMES.items():
        if last and (m := words.search(text, start, end)):
            return Direction(side, "implied", m.span())
    if last and (m := _HELD.search(text, start, end)) and not _OUGHT.search(text, start, end):
        return Direction("<=", "implied", m.span())
    if not last and (m := _LEFT.match(text, start, end)):
        return Direction("<=", "implied", m.span())
    if not last and (m := _OWED.match(text, start, end)):
        return Direction(">=", "implied", m.span())
    return None


def _directions(
    text: str,
    reading: Callable[[str, int, int, bool], Direction | None],
    values: frozenset[Fraction],
    others: frozenset[Fraction],
) -> Iterator[Direction]:
    """What a quote says of each of its numbers, by the words before it, else by those behind it."""
    numbers = [q for q in segment(text).quantities if q.kind != "name"]
    asked: Sequence[Quantity] = [q for q in numbers if q.value in values] or numbers
    for i, q in enumerate(numbers):
        if q not in asked or q.value in others:
            continue
        left = numbers[i - 1].end if i else 0
        right = numbers[i + 1].start if i + 1 < len(numbers) else len(text)
        behind = reading(text, q.end, right, False)
        first = behind if _BEHIND.match(text, q.end) else None
        if d := first or reading(text, left, q.start, True) or behind:
            yield d
    if not numbers and reading is stated_in and (d := reading(text, 0, len(text), True)):
        yield d


def compared_side(quotes: Sequence[str]) -> Side | None:
    """Quotes -> how the first thing they name compares with the second, by one comparative: `before`, `larger than`.

    >>> compared_side(["The Tower comes before the Dragon"]), compared_side(["not before the Dragon"])
    ('<=', None)
    """
    sides: set[Side] = set()
    for text in quotes:
        for side, words in _COMPARED.items():
            for m in words.finditer(text):
                if NEGATION.search(text, 0, m.start()):
                    return None
                sides.add(side)
    return sides.pop() if len(sides) == 1 else None


def asks(side: Side, words: Sequence[str]) -> bool:
    """True where words may ask for a limit on a side."""
    plain = [_PIECES.sub(" ", w) for w in words]
    if any(EQUAL.search(w) or _ASKS[side].search(w) for w in plain):
        return True
    other: Side = "<=" if side == ">=" else ">="
    against = any(_ASKS[other].search(w) for w in plain)
    return not against and any(_MAY_ASK[side].search(w) for w in plain)
