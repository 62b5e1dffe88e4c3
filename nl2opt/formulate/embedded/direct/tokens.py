"""Sentence -> tokens: names, numbers and the marks between them; words that say nothing of a statement fall away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from nl2opt.formulate.embedded.direct.lexicon import ASKS, EXPLAINS, PURPOSE, ROUNDS, Mark, mark_at, mark_of_word
from nl2opt.formulate.embedded.direct.roster import Called
from nl2opt.formulate.text import Passage, Quantity, Sentence

_FEW: Final = 5
"""Number words up to this count the classes of a text more often than they weigh anything."""
_LEADING: Final = ("", "ge", "le", "eq", "min", "max", "over", "than", "by", "difference", "cost")
"""After these, `and` joins parts of one name (`strategy and tactics`) or nothing."""
_COUNTED: Final = re.compile(
    r"\s+\w+\s+(?:of|from|in|for)\s+(?:the\s+)?(?:type|kind|sort|model|method|option|brand|grade)s?\b", re.I
)
"""`5 trees of kind P` counts trees; the digit numbers no kind."""
_DOUBLED: Final = re.compile(r"\s*(double|twice|two|triple|thrice|three)\b(?!\s+times)", re.I)
_MULTIPLES: Final = {
    "double": Fraction(2), "twice": Fraction(2), "two": Fraction(2),
    "triple": Fraction(3), "thrice": Fraction(3), "three": Fraction(3),
}  # fmt: skip
_ZERO: Final = re.compile(r"(?:zero|nil)\b", re.I)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[^\s\w]|\d+|_")
_PARTS_OF_NAMES: Final = ("name", "and", "or", "comma", "each", "all", "sum", "plus", "open", "close", "has", "cost")
_SIDES: Final = ("ge", "le", "eq", "min", "max", "over", "than", "by", "multiplied")


@dataclass(frozen=True, slots=True)
class Token:
    """One token: a name (`decision`), a number (`value`, `quantity`), or a mark."""

    mark: Mark
    start: int
    end: int
    decision: int = -1
    value: Fraction = Fraction(0)
    quantity: Quantity | None = None


def tokens_of(passage: Passage, sentence: Sentence, called: Sequence[Called]) -> list[Token]:
    """The tokens of a sentence in order."""
    text = passage.text
    names = {c.start: c for c in called if sentence.start <= c.start < sentence.end}
    numbers = {
        q.start: q
        for q in passage.quantities
        if q.sentence == sentence.id and (q.kind != "name" or q.end in names or _COUNTED.match(text, q.end))
    }
    asides = [m.span() for m in EXPLAINS.finditer(text, sentence.start, sentence.end)]
    asides = [(a, b) for a, b in asides if text[a] == "(" or not any(a <= start < b for start in numbers)]
    if (purpose := PURPOSE.match(text, sentence.start)) and not any(n < purpose.end() for n in numbers):
        asides.append(purpose.span())
    asides += [m.span() for m in ASKS.finditer(text, sentence.start, sentence.end)]
    asides += [m.span() for m in ROUNDS.finditer(text, sentence.start, sentence.end)]
    found: list[Token] = []
    at = sentence.start
    while at < sentence.end:
        aside = next((b for a, b in asides if a <= at < b), None)
        if aside is not None:
            at = aside
            continue
        if text[at].isspace():
            at += 1
            continue
        if at in names:
            found.append(Token("name", at, names[at].end, names[at].decision))
            at = names[at].end
            continue
        marked = mark_at(text, at)
        if marked is not None and any(at < start < marked[1] for start in names):
            marked = mark_of_word(text, at)
        if at in numbers and (marked is None or marked[0] != "more"):
            q = numbers[at]
            found.append(Token("number", at, q.end, value=_signed(text, q), quantity=q))
            at = q.end
            continue
        if marked is not None and marked[0] == "none over":
            found += [Token("each", at, at + 2), Token("le", at + 2, marked[1])]
            at = marked[1]
            continue
        if marked is not None:
            found.append(Token(marked[0], at, marked[1]))
            at = marked[1]
            if marked[0] == "multiplied" and (doubled := _DOUBLED.match(text, at)):
                found.append(Token("number", doubled.start(1), doubled.end(), value=_MULTIPLES[doubled[1].lower()]))
                at = doubled.end()
            continue
        if zero := _ZERO.match(text, at):
            found.append(Token("number", at, zero.end()))
            at = zero.end()
            continue
        match = _WORD.match(text, at)
        at = match.end() if match else at + 1
        at = _back(at, names, match.start() if match else at)
    return _weeded(text, _joined(_operated(_formula(found))))


def _formula(tokens: Sequence[Token]) -> list[Token]:
    """Without the words that a formula says again: `must not exceed a limit, expressed as 2x + y <= 15`."""
    last = max((k for k, t in enumerate(tokens) if t.mark == "formula"), default=-1)
    said = any(t.mark in ("number", "while") for t in tokens[: last + 1])
    told = any(t.mark in _SIDES for t in tokens[last + 1 :])
    return [t for t in tokens[0 if said or not told else last + 1 :] if t.mark != "formula"]


def _operated(tokens: Sequence[Token]) -> list[Token]:
    """`adding A to B` and `subtracting A from B` with the marks of a sum and a difference."""
    found: list[Token] = []
    open_mark = ""
    for token in tokens:
        if token.mark in ("adding", "subtracting"):
            open_mark = token.mark
            token = replace(token, mark="sum")
        elif open_mark == "adding" and token.mark == "to":
            token, open_mark = replace(token, mark="plus"), ""
        elif open_mark == "subtracting" and token.mark == "from":
            token, open_mark = replace(token, mark="taken from"), ""
        if token.mark != "from":
            found.append(token)
    return found


def _back(at: int, names: dict[int, Called], start: int) -> int:
    """A word may hold a name: `Coal-based`, `X's`."""
    inner = [n for n in names if start < n < at]
    return min(inner) if inner else at


def _signed(text: str, quantity: Quantity) -> Fraction:
    """The value with the sign before it: `-50`, not the dash of `10-50`."""
    before = text[max(0, quantity.start - 6) : quantity.start]
    return (
        -quantity.value
        if re.search(r"(?:^|[\s(])-\$?$", before) and not re.search(r"\d\s*-$", before)
        else quantity.value
    )


def _joined(tokens: Sequence[Token]) -> list[Token]:
    """One token for a name told twice at a place: `solar power (X)`; empty brackets fall away."""
    found: list[Token] = []
    for token in tokens:
        if token.mark == "close" and found and found[-1].mark == "open":
            found.pop()
            continue
        if token.mark == "name":
            last = [t for t in found[-2:] if t.mark not in ("open", "close")]
            same = last and last[-1].mark == "name" and last[-1].decision == token.decision
            if same and (found[-1].mark == "name" or found[-1].mark == "open"):
                continue
        found.append(token)
    return [t for k, t in enumerate(found) if not _hollow(found, k)]


def _hollow(tokens: Sequence[Token], k: int) -> bool:
    """A bracket with nothing in it, or the sign of a negative number."""
    token = tokens[k]
    if token.mark == "to" and k + 1 < len(tokens):
        after = tokens[k + 1]
        return after.mark == "number" and after.value < 0 and after.start == token.end
    return token.mark == "open" and k + 1 < len(tokens) and tokens[k + 1].mark == "close"


def _weeded(text: str, tokens: Sequence[Token]) -> list[Token]:
    """Without the number words that only count the classes: `three projects: X, Y and Z`."""
    found: list[Token] = []
    for k, token in enumerate(tokens):
        if token.mark == "number" and token.quantity is not None and _counts_classes(text, tokens, k):
            continue
        if not _idle_mark(tokens, k):
            found.append(token)
    return found


def _idle_mark(tokens: Sequence[Token], k: int) -> bool:
    """`to` away from a span of numbers or a difference of names; `minimum` before a side that is said."""
    before = tokens[k - 1].mark if k else ""
    after = next((t.mark for t in tokens[k + 1 :] if t.mark not in ("cost", "sum")), "")
    match tokens[k].mark:
        case "to":
            dash = tokens[k].end - tokens[k].start == 1
            span = before == "number" and after in ("number", "le", "max")
            return not (span or (dash and before in ("name", "close") and after in ("name", "number", "open")))
        case "by":
            return k + 1 == len(tokens) or tokens[k + 1].mark not in ("number", "ge", "le", "eq", "more", "min", "max")
        case "le" | "ge":
            return k + 1 < len(tokens) and tokens[k + 1].mark == tokens[k].mark
        case "eq":
            return k + 1 < len(tokens) and tokens[k + 1].mark in ("ge", "le")
        case "at least so" | "at most so":
            return before != "number"
        case "not":
            far = next((t.mark for t in tokens[k + 1 :] if t.mark not in _PARTS_OF_NAMES), "")
            return far not in _SIDES and far not in ("more", "fewer", "not more", "not fewer")
        case "times":
            return before not in ("number", "name", "close")
        case "among" | "on hand":
            return before != "number"
        case "more" | "fewer":
            return before != "number" and after not in ("than", "name", "number", "by", "difference")
        case "and":
            return before in _LEADING
        case "min" | "max":
            return after in ("ge", "le", "eq")
    return False


def _counts_classes(text: str, tokens: Sequence[Token], k: int) -> bool:
    q = tokens[k].quantity
    if q is None or q.kind != "number" or q.text[:1].isdigit() or q.value > _FEW:
        return False
    after = tokens[k + 1] if k + 1 < len(tokens) else None
    if after is not None and after.mark in ("times", "more", "fewer") and after.start - q.end < 12:
        return False
    if k > 0 and tokens[k - 1].mark == "between" and after is not None and after.mark in ("and", "to"):
        return False
    if k > 0 and tokens[k - 1].mark in _SIDES:
        gap = text[tokens[k - 1].end : q.start]
        return re.search(r"\bthe\b", gap) is not None
    if after is not None and after.mark == "name":
        gap = text[q.end : after.start]
        if gap.isspace() and q.value != 1 and k + 2 < len(tokens):
            return False
        return re.search(r"[,:;(]", gap) is not None or re.search(r"\b(?:of|from|in)\b", gap) is None
    return True
