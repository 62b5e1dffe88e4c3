"""Sentences -> logic over yes-or-no decisions: if A then B, exactly, at least and at most so many."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from nl2opt.check.wording import NEGATION, phrases
from nl2opt.formulate.embedded.declarations import Cell, Choice, Op
from nl2opt.formulate.embedded.mentions import Mention
from nl2opt.formulate.embedded.roles import Item
from nl2opt.formulate.text import Passage, Sentence
from nl2opt.ir.numerals import number_value
from nl2opt.templates import load_templates

_SMALL: Final = r"one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2}"
_COUNT: Final = re.compile(
    rf"\b(exactly|precisely|at least|at most|no more than|not more than|no fewer than|no less than|up to|only|"
    rf"a maximum of|a minimum of)"
    rf"\s+({_SMALL})\b(?!\s*(?:%|percent|[.,]\d))",
    re.I,
)
_LOWER: Final = frozenset({"at least", "no fewer than", "no less than", "a minimum of"})
_UPPER: Final = frozenset({"at most", "no more than", "not more than", "up to", "only", "a maximum of"})
_EITHER: Final = re.compile(r"\beither\b", re.I)
_NEEDS: Final = re.compile(r"\b(?:requires?|needs?|depends on|only if|only when|unless|presupposes?)\b", re.I)
_BEFORE: Final = re.compile(r"\bprerequisite\b|\bprecondition\b", re.I)
_IF: Final = re.compile(r"\b(?:if|whenever|in case|provided that)\b", re.I)


def choices(
    passage: Passage, items: Sequence[Item], mentions: Sequence[Mention], count: int
) -> tuple[list[Choice], set[int]]:
    """The logical statements of a text, and the offsets of the numbers they use up."""
    found: list[Choice] = []
    used: set[int] = set()
    for sentence in passage.sentences:
        named = [m for m in mentions if sentence.start <= m.start < sentence.end]
        distinct = list(dict.fromkeys(m.decision for m in named))
        place = ((sentence.start, sentence.end),)
        counted = _COUNT.search(passage.text, sentence.start, sentence.end)
        if counted and (len(distinct) != 1 and _counts_things(passage.text, counted, named)):
            choice, offset = _counted(passage, counted, distinct, items, count, place)
            found.append(choice)
            used.add(offset)
        elif len(distinct) == 2:
            choice_or_none = _of_two(passage.text, sentence, named, distinct, place)
            if choice_or_none is not None:
                found.append(choice_or_none)
        elif len(distinct) > 2 and phrases(load_templates()["at_most_one"].cues).search(sentence.text):
            found.append(Choice("count", tuple(distinct), "<=", 1, place))
    return found, used


def _counts_things(text: str, match: re.Match[str], named: Sequence[Mention]) -> bool:
    """Whether the number counts decisions (`two of the sites`, `three projects`), not hours or euros."""
    after = text[match.end() : match.end() + 40]
    if re.match(
        r"\s+(?:[\w-]+\s+){0,2}?(?:of|from|among|out of|can|may|must|is|are|has to|have to|should|will)\b", after, re.I
    ):
        return True
    return not named and re.match(r"\s+[a-z]+s?\s*(?:\.|,|$)", after) is not None


def _counted(
    passage: Passage, match: re.Match[str], distinct: Sequence[int], items: Sequence[Item], count: int,
    place: tuple[tuple[int, int], ...],
) -> tuple[Choice, int]:  # fmt: skip
    words = re.sub(r"\s+", " ", match[1].lower())
    op: Op = ">=" if words in _LOWER else "<=" if words in _UPPER else "=="
    value = number_value(match[2])
    number = int(value) if value is not None else 1
    members = tuple(distinct) if len(distinct) >= 2 else tuple(range(count))
    offset = match.start(2)
    item = next((i for i in items if i.start == offset), None)
    cell = Cell(item.quantity.value, item.quantity.id, (item.start, item.end)) if item else None
    return Choice("count", members, op, number, place, cell), offset


def _of_two(
    text: str, sentence: Sentence, named: Sequence[Mention], distinct: Sequence[int], place: tuple[tuple[int, int], ...]
) -> Choice | None:
    """One sentence about two decisions."""
    first = named[0]
    second = next(m for m in named if m.decision != first.decision)
    pair = (first.decision, second.decision)
    body = sentence.text
    if phrases(load_templates()["at_most_one"].cues).search(body) and not re.search(r"\beither\b", body, re.I):
        return Choice("count", pair, "<=", 1, place)
    if re.search(r"\bnot both\b", body, re.I) and _EITHER.search(body):
        return Choice("count", pair, "==", 1, place)
    condition = _IF.search(text, sentence.start, sentence.end)
    if condition is not None and not re.search(r"\bonly\s+$", text[sentence.start : condition.start()]):
        return _if(text, sentence, condition.start(), named, place)
    between = text[first.end : second.start]
    if _BEFORE.search(between):
        return Choice("implication", pair[::-1], "<=", 0, place)
    if _NEEDS.search(between):
        return Choice("implication", pair, "<=", 0, place)
    if re.search(r"\b(?:or|and)\b", between) and phrases(load_templates()["at_least_one"].cues).search(body):
        return Choice("count", pair, ">=", 1, place)
    return None


def _if(
    text: str, sentence: Sentence, at: int, named: Sequence[Mention], place: tuple[tuple[int, int], ...]
) -> Choice | None:
    """`if A is built, B must be built`, in either order, either side negated."""
    comma = text.find(",", at, sentence.end)
    leads = at - sentence.start < 25
    if leads:
        cut = comma if comma > 0 else (named[-1].start if len(named) > 1 else sentence.end)
        condition, result = (at, cut), (cut, sentence.end)
    else:
        condition, result = (at, sentence.end), (sentence.start, at)
    left = [m for m in named if condition[0] <= m.start < condition[1]]
    right = [m for m in named if result[0] <= m.start < result[1]]
    if not left or not right or left[0].decision == right[0].decision:
        return None
    pair = (left[0].decision, right[0].decision)
    no_left = NEGATION.search(text, *condition) is not None
    no_right = NEGATION.search(text, *result) is not None
    if no_left and no_right:
        return Choice("implication", pair[::-1], "<=", 0, place)
    if no_right:
        return Choice("count", pair, "<=", 1, place)
    if no_left:
        return Choice("count", pair, ">=", 1, place)
    return Choice("implication", pair, "<=", 0, place)
