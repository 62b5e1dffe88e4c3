"""Words around a number -> direction of its limit. The phrases come from templates/constraints."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from nl2opt.check.wording import EQUAL, Direction, implied_in, stated_in
from nl2opt.formulate.embedded.declarations import Sense
from nl2opt.formulate.embedded.roles import Item

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


_THAT_MANY: Final = re.compile(
    r"[^.;:!?\d]{0,60}?\b((?:at|no|not) (?:least|most|more than|less than|fewer than)) that (?:many|much)\b"
)
"""A number whose side is told after it: `have ordered 25, so we need at least that many`."""


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
    if equal := EQUAL.search(text, left, item.start):
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
