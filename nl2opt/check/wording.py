"""Words of a limit -> its side. The phrases come from the bound templates in templates/constraints."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from nl2opt.templates import load_templates

Side = Literal["<=", ">=", "=="]
Strength = Literal["stated", "implied", "inherited", "guessed"]


@dataclass(frozen=True, slots=True)
class Direction:
    """The side a limit is on, how sure the words are, and where they stand."""

    op: Side
    strength: Strength
    place: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class CueBook:
    """Compiled phrases: what states a side, what suggests one, what speaks of a sum."""

    stated: re.Pattern[str]
    lower: frozenset[str]
    implied: re.Pattern[str]
    implied_lower: frozenset[str]
    total: re.Pattern[str]
    comparing: re.Pattern[str]


NEGATION: Final = re.compile(
    r"\b(?:not|no|nobody|none|neither|cannot|can't|never|nor|without|avoid|avoids|prevent|prevents|restrict|restricts|restricting|forbids?|"
    r"won't|don't|doesn't|didn't|shouldn't|mustn't|wouldn't|isn't|aren't|n't)\b",
    re.I,
)
_FIXED: Final = re.compile(
    r"^(?:no|not|at|a|as|minim|maxim|max|up|limit|restrict|cap|within|or|is|to|must)\b|limit", re.I
)
_PREPOSITIONS: Final = frozenset({"over", "above", "under", "below", "within"})
EQUAL: Final = re.compile(r"\b(?:exactly|precisely|equals?|equal to|sums? to|add(?:s|ing)? up to)\b", re.I)


@cache
def cue_book() -> CueBook:
    """The phrases of the bound and comparison templates; one that both sides share says nothing about the side."""
    templates = load_templates()
    lower = {c for name, t in templates.items() if name.startswith("lower_bound") for c in t.cues}
    upper = {c for name, t in templates.items() if name.startswith("upper_bound") for c in t.cues}
    implied_lower = {c for name, t in templates.items() if name.startswith("lower_bound") for c in t.implied}
    implied_upper = {c for name, t in templates.items() if name.startswith("upper_bound") for c in t.implied}
    shared = lower & upper
    total = set(templates["lower_bound_sum"].cues) & set(templates["upper_bound_sum"].cues)
    return CueBook(
        phrases((lower | upper) - shared),
        frozenset(lower - shared),
        phrases((implied_lower | implied_upper) - (implied_lower & implied_upper)),
        frozenset(implied_lower),
        phrases(total),
        phrases(templates["comparison"].cues),
    )


def phrases(wanted: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of the phrases, longest first."""
    ordered = sorted(wanted, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(re.escape(p).replace(r"\ ", r"\s+") for p in ordered) + r")\b", re.I)


def _normal(phrase: str) -> str:
    return re.sub(r"\s+", " ", phrase.lower())


def stated_in(text: str, start: int, end: int, last: bool) -> Direction | None:
    """The last (or first) phrase in `text[start:end]` that states a side; a negation before it turns it round."""
    book = cue_book()
    matches = [m for m in book.stated.finditer(text, start, end) if not _astray(text, m, end, last)]
    if not matches:
        return None
    match = matches[-1] if last else matches[0]
    phrase = _normal(match[0])
    op: Side = ">=" if phrase in book.lower else "<="
    if _turned(text, match.start(), start, phrase):
        op = "<=" if op == ">=" else ">="
    return Direction(op, "stated", (match.start(), match.end()))


def _astray(text: str, match: re.Match[str], end: int, last: bool) -> bool:
    """Whether a phrase belongs to something else: a preposition away from its number, or the next number's words."""
    phrase = _normal(match[0])
    if phrase in _PREPOSITIONS:
        if not last:
            return True
        return re.fullmatch(r"\s*(?:the\s+|an?\s+)?[$£€]?\s*", text[match.end() : end]) is None
    if last:
        return False
    return (
        re.fullmatch(r"\s*(?:of\s+|to\s+)?[$£€]?\s*", text[match.end() : end]) is not None
        and text[end : end + 1].isalnum()
    )


def _turned(text: str, at: int, floor: int, phrase: str) -> bool:
    """Whether a negation governs a comparative word: `cannot exceed`, `does not want to spend more than`."""
    if _FIXED.search(phrase):
        return False
    reach = text[max(floor, at - 60, 0) : at]
    reach = re.split(r"[,;:.]\s", reach)[-1]
    matches = list(NEGATION.finditer(reach))
    return bool(matches) and len(reach[matches[-1].end() :].split()) <= 7


def implied_in(text: str, start: int, end: int, last: bool) -> Direction | None:
    """The last (or first) word in `text[start:end]` that merely suggests a side."""
    book = cue_book()
    found: list[Direction] = []
    for match in book.implied.finditer(text, start, end):
        phrase = _normal(match[0])
        before = text[max(start, match.start() - 14) : match.start()].lower()
        modal = re.search(r"\b(?:must|should|needs? to)\s+(?:\w+\s)?$", before)
        if modal and phrase in ("have", "has", "had", "can"):
            continue
        if phrase == "must" and re.match(r"\s+(?:not\b|only\b)", text[match.end() :]):
            continue
        side: Side = ">=" if phrase in book.implied_lower else "<="
        found.append(Direction(side, "implied", (match.start(), match.end())))
    if not found:
        return None
    return found[-1] if last else found[0]
