"""Words around a number -> direction of its limit. The phrases come from templates/constraints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from nl2opt.formulate.embedded.declarations import Op, Sense
from nl2opt.formulate.embedded.roles import Item
from nl2opt.templates import load_templates

Strength = Literal["stated", "implied", "inherited", "guessed"]


@dataclass(frozen=True, slots=True)
class Direction:
    """The side a limit is on, how sure the words are, and where they stand."""

    op: Op
    strength: Strength
    place: tuple[int, int] | None


_FIRM: Final = re.compile(
    r"avail|budget|capacity|access|suppl|stock|only|need|requir|demand|on hand|limit|spend|afford", re.I
)


def may_turn(text: str, direction: Direction) -> bool:
    """Whether the words leave the side open: guessed, or a verb such as `has` or `wants`."""
    if direction.strength == "guessed":
        return True
    if direction.strength == "stated" or direction.place is None or direction.op == "==":
        return False
    phrase = text[direction.place[0] : direction.place[1]]
    return _FIRM.search(phrase) is None and stated_in(text, direction.place[0], direction.place[1], True) is None


def _is_firm(text: str, direction: Direction) -> bool:
    return direction.place is not None and _FIRM.search(text, *direction.place) is not None


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
    r"\b(?:not|no|cannot|can't|never|nor|without|avoid|avoids|prevent|prevents|restrict|restricts|restricting|forbids?|"
    r"won't|don't|doesn't|didn't|shouldn't|mustn't|wouldn't|isn't|aren't|n't)\b",
    re.I,
)
_FIXED: Final = re.compile(
    r"^(?:no|not|at|a|as|minim|maxim|max|up|limit|restrict|cap|within|or|is|to|must)\b|limit", re.I
)
_PREPOSITIONS: Final = frozenset({"over", "above", "under", "below", "within"})
_EQUAL: Final = re.compile(r"\b(?:exactly|precisely|equals?|equal to|sums? to|add(?:s|ing)? up to)\b", re.I)

_THAT_MANY: Final = re.compile(
    r"[^.;:!?\d]{0,60}?\b((?:at|no|not) (?:least|most|more than|less than|fewer than)) that (?:many|much)\b"
)
"""A number whose side is told after it: `have ordered 25, so we need at least that many`."""


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
    op: Op = ">=" if phrase in book.lower else "<="
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
        side: Op = ">=" if phrase in book.implied_lower else "<="
        found.append(Direction(side, "implied", (match.start(), match.end())))
    if not found:
        return None
    return found[-1] if last else found[0]


def directions(
    text: str, limits: Sequence[Item], barriers: Sequence[Item], sense: Sense | None
) -> dict[str, Direction]:
    """Quantity id -> direction, for all limits; `barriers` are all numbers, which stop the search for words."""
    found: dict[str, Direction] = {}
    for position, item in enumerate(limits):
        found[item.quantity.id] = (
            _own(text, item, barriers)
            or _inherited(text, limits, position, found, barriers)
            or Direction("<=" if sense == "maximize" else ">=", "guessed", None)
        )
    return found


def _own(text: str, item: Item, barriers: Sequence[Item]) -> Direction | None:
    left, right = _window(text, item, barriers)
    between = re.search(r"\b(?:between|from)\s+[$£€]?\s*$", text[left : item.start], re.I)
    if between:
        return Direction(">=", "stated", (left + between.start(), item.start))
    if re.search(
        r"\bbetween\s+[$£€]?\s*[\d.,]+\s*%?\s*(?:\w+\s+)?(?:and|to)\s*[$£€]?\s*$",
        text[max(0, item.start - 60) : item.start],
        re.I,
    ):
        return Direction("<=", "stated", None)
    if again := _THAT_MANY.match(text, item.end):
        return stated_in(text, again.start(1), again.end(1), last=True)
    if equal := _EQUAL.search(text, left, item.start):
        return Direction("==", "stated", equal.span())
    stated = stated_in(text, left, item.start, last=True)
    if stated is not None:
        return stated
    stated = stated_in(text, item.end, right, last=False)
    if stated is not None and not re.search(r"\band\b", text[item.end : (stated.place or (0, 0))[0]]):
        return stated
    before = implied_in(text, left, item.start, last=True)
    after = implied_in(text, item.end, right, last=False)
    if before is not None and after is not None and _is_firm(text, after) and not _is_firm(text, before):
        return after
    return before or after


def _window(text: str, item: Item, barriers: Sequence[Item]) -> tuple[int, int]:
    """From the number or sentence before to the number, clause or sentence after."""
    left = max([b.end for b in barriers if b.end <= item.start] or [0])
    right = min([b.start for b in barriers if b.start >= item.end] or [len(text)])
    stop = re.search(r"[.!?;:](?=\s|$)|\n|,\s|\b(?:if|how|while|whereas|because|since)\b", text[item.end : right])
    right = item.end + stop.start() if stop else right
    return _after_last_break(text, left, item.start), right


def _after_last_break(text: str, left: int, end: int) -> int:
    last = left
    for mark in re.finditer(r"[.!?;:](?=\s)|\n", text[left:end]):
        last = left + mark.end()
    return last


def _inherited(
    text: str, limits: Sequence[Item], position: int, found: dict[str, Direction], barriers: Sequence[Item]
) -> Direction | None:
    """`at least 5 of X and 8 of Y`, `100 hours of A and 75 of B are available`."""
    item = limits[position]
    if position > 0:
        previous = limits[position - 1]
        if previous.quantity.sentence == item.quantity.sentence and previous.quantity.id in found:
            known = found[previous.quantity.id]
            if known.strength != "guessed":
                return Direction(known.op, "inherited", known.place)
    if position + 1 < len(limits):
        following = limits[position + 1]
        if following.quantity.sentence == item.quantity.sentence:
            known_later = _own(text, following, barriers)
            if known_later is not None:
                return Direction(known_later.op, "inherited", known_later.place)
    return None
