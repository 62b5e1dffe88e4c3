"""Sentences -> comparisons of two decisions: `twice as many X as Y`, `more X than Y`, `at least 10 more X than Y`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from nl2opt.check.wording import NEGATION, stated_in
from nl2opt.formulate.embedded.declarations import Op
from nl2opt.formulate.embedded.mentions import Mention
from nl2opt.formulate.embedded.roles import Item
from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.text import Passage


@dataclass(frozen=True, slots=True)
class Compared:
    """`left op factor * right + offset`, with the items (by index) of factor and offset."""

    left: int
    op: Op
    right: int
    factor: int | None
    offset: int | None
    place: tuple[int, int]
    stated: bool
    raised: bool = False
    """The factor is given on top of one: `50% more X than Y`."""
    others: tuple[int, ...] = ()
    """What is added to the right side: `no more X than Y and Z together`."""


_MORE: Final = r"more|greater|larger|higher|bigger|longer|exceeds?|exceeding|surpass(?:es)?|outnumbers?|above"
_LESS: Final = r"less|fewer|smaller|lower|shorter|below|under"
_MODAL: Final = re.compile(
    r"\b(?:must|should|shall|ha(?:s|ve|d) to|needs?|wants?|would like|cannot|can ?not|can't|may not|requires?|"
    r"required|prefers?|"
    r"plans?|decide[sd]?|asks?|aims?|limits?|ensure|make sure|wish(?:es)?|expects?|allowed|is to|are to|will|"
    r"insists?|at least|at most)\b",
    re.I,
)
_REASON: Final = re.compile(
    r"^\W*(?:and |but |however,? )?(?:since|because|as|although|though|due to|given that|while)\b", re.I
)
_DIRECT: Final = re.compile(
    r"(?:\s*(?:times\s+)?(?:as (?:many|much|large|big|high) as|the (?:\w+ )?(?:number|amount|quantity|size|total)|"
    r"of (?:the|that|those|what)|"
    r"that|more than|greater than|larger than|those|what|the \w+ (?:allocated|assigned|invested|spent|of)|of\b))",
    re.I,
)


def factor_comparison(passage: Passage, items: Sequence[Item], k: int, mentions: Sequence[Mention]) -> Compared | None:
    """The two decisions around a factor; None if the sentence does not name both."""
    item = items[k]
    sentence = passage.sentence_at(item.start)
    if sentence is None:
        return None
    stop = min(
        [i.start for j, i in enumerate(items) if i.start > item.end and i.role in ("limit", "factor") and j != k]
        or [sentence.end]
    )
    after = [m for m in mentions if item.end <= m.start < min(sentence.end, stop)]
    before = [m for m in mentions if sentence.start <= m.start < item.start]
    pair = _pair(passage.text, item, before, after)
    if pair is None:
        return None
    left, right, end = pair
    clause = max(passage.text.rfind(mark, sentence.start, item.start) for mark in (", ", "; ", ": "))
    start = max(clause + 1, sentence.start)
    stated = stated_in(passage.text, start, item.start, last=True)
    op: Op = stated.op if stated else ">="
    if stated is None and re.search(r"\b(?:exactly|precisely)\b", passage.text[start : item.start], re.I):
        op = "=="
    raised = (
        item.quantity.kind in ("percent", "fraction")
        and re.match(r"\s*(?:more|greater|larger|higher)\b", passage.text[item.end :]) is not None
    )
    return Compared(left, op, right, k, None, (start, end), stated is not None, raised)


def _pair(text: str, item: Item, before: Sequence[Mention], after: Sequence[Mention]) -> tuple[int, int, int] | None:
    """Which decision is compared with which: the second is the one that is multiplied."""
    distinct: list[Mention] = []
    for mention in after:
        if all(mention.decision != m.decision for m in distinct):
            distinct.append(mention)
    if len(distinct) >= 2:
        gap = text[distinct[0].end : distinct[1].start]
        lead = text[item.end : distinct[0].start]
        joined = re.search(r"\b(?:as|than|compared|to|relative|versus|vs)\b", gap, re.I)
        if joined and not (before and re.match(r"\s*(?:as (?:many|much) as)\b", lead, re.I)):
            return distinct[0].decision, distinct[1].decision, distinct[1].end
    if distinct:
        right = distinct[0]
        left = [m for m in before if m.decision != right.decision]
        if left:
            nearest = left[-1]
            return nearest.decision, right.decision, right.end
        if len(distinct) >= 2:
            return distinct[0].decision, distinct[1].decision, distinct[1].end
    return None


def offset_comparison(passage: Passage, items: Sequence[Item], k: int, mentions: Sequence[Mention]) -> Compared | None:
    """`at least 10 more X than Y`, `X must exceed Y by at least 10`, `10 acres more than those of Y`."""
    item = items[k]
    text = passage.text
    sentence = passage.sentence_at(item.start)
    if sentence is None or item.quantity.kind in ("percent", "fraction", "multiple"):
        return None
    tail = text[item.end : sentence.end]
    match = re.match(r"\s*(?:[a-z$%-]+\s+){0,2}?(more|greater|higher|larger|fewer|less|smaller|lower)\b", tail, re.I)
    after = [m for m in mentions if item.end <= m.start < sentence.end]
    before = [m for m in mentions if sentence.start <= m.start < item.start]
    start = max(sentence.start, max(text.rfind(mark, sentence.start, item.start) for mark in (", ", "; ", ": ")) + 1)
    if match and re.search(r"\bthan\b", tail[match.end() : match.end() + 90]):
        pair = _pair(text, item, before, after)
        if pair is None:
            return None
        stated = stated_in(text, start, item.start, last=True)
        op: Op = stated.op if stated else ">="
        if re.match(r"fewer|less|smaller|lower", match[1], re.I):
            return None
        return Compared(pair[0], op, pair[1], None, k, (start, pair[2]), stated is not None)
    lead = text[sentence.start : item.start]
    if re.search(r"\bby\s+(?:at least\s+|more than\s+|at most\s+)?$", lead, re.I):
        names = [m for m in before if m.start >= start - 1] or before
        distinct = list(dict.fromkeys(m.decision for m in names))
        verb = re.search(rf"\b(?:{_MORE})\b", lead, re.I)
        if len(distinct) == 2 and verb:
            capped = re.search(r"by (?:at most|no more)", lead) or re.match(r"\s*(?:\w+\s+)?at (?:the )?most\b", tail)
            op = "<=" if capped or NEGATION.search(lead[: verb.start()]) else ">="
            return Compared(distinct[0], op, distinct[1], None, k, (start, item.end), True)
    return None


def plain_comparisons(
    passage: Passage, items: Sequence[Item], mentions: Sequence[Mention], spans: Sequence[Span]
) -> list[Compared]:
    """Comparisons without a number."""
    found: list[Compared] = []
    for place, (first, second) in enumerate(pairwise(mentions)):
        compared = _plain(passage, items, first, second, spans)
        if compared is not None:
            others = _together(passage.text, mentions[place + 1 :], compared.left)
            compared = replace(compared, others=others) if compared.right == second.decision else compared
        if compared is not None and all(
            (c.left, c.op, c.right) != (compared.left, compared.op, compared.right) for c in found
        ):
            found.append(compared)
    return found


def _together(text: str, listed: Sequence[Mention], left: int) -> tuple[int, ...]:
    """The decisions listed after the first, if the list ends with `together`: the sum is meant."""
    found: list[int] = []
    for one, two in pairwise(listed):
        if not re.fullmatch(r"\s*(?:,|,?\s*(?:and|plus))\s*(?:the\s+|of\s+)*", text[one.end : two.start], re.I):
            break
        found.append(two.decision)
    if not found or left in found or listed[0].decision in found:
        return ()
    end = listed[len(found)].end
    return (
        tuple(found)
        if re.match(r"\s+(?:[a-z]+\s+)?(?:together|combined|altogether|taken together)\b", text[end:], re.I)
        else ()
    )


def _plain(
    passage: Passage, items: Sequence[Item], first: Mention, second: Mention, spans: Sequence[Span]
) -> Compared | None:
    text = passage.text
    sentence = passage.sentence_at(first.start)
    if first.decision == second.decision or sentence is None or second.start >= sentence.end:
        return None
    gap = text[first.end : second.start]
    if len(gap) > 130 or any(first.end <= i.start < second.start for i in items if i.role != "name"):
        return None
    clause = max(text.rfind(mark, sentence.start, first.start) for mark in (", ", "; ", ": "))
    start = max(clause + 1, sentence.start)
    lead = text[start : first.start]
    numbers = [i for i in items if start <= i.start < first.start and i.role != "name"]
    if numbers:
        breaks = list(re.finditer(r"\b(?:and|but)\b", text[numbers[-1].end : first.start]))
        if breaks:
            start = numbers[-1].end + breaks[-1].start()
            lead = text[start : first.start]
            numbers = []
    if numbers:
        lead = text[numbers[-1].end : first.start]
    op: Op | None = None
    negated = NEGATION.search(gap) is not None
    if match := re.search(
        rf"\b(?:({_MORE})|({_LESS}))\b(?:\s+\w+){{0,4}}?\s*(?:\bthan\b|$|the\b|that\b|those\b|an?\b)", gap, re.I
    ):
        op = ">=" if match[1] else "<="
        if not re.search(r"\bthan\b", gap, re.I) and not re.search(r"exceed|surpass|outnumber", gap, re.I):
            op = None
    elif re.search(
        r"\b(?:at least|no less than|not less than) (?:as (?:many|much|large|high)|equal to|the (?:number|amount))",
        gap,
        re.I,
    ):
        op, negated = ">=", False
    elif re.search(
        r"\b(?:at most|no more than) (?:as (?:many|much|large|high)|equal to|the (?:number|amount))", gap, re.I
    ):
        op, negated = "<=", False
    elif re.search(r"\bthan\b", gap, re.I) and (
        ahead := re.search(rf"\b(?:({_MORE})|({_LESS}))\b(?:\W+\w+){{0,5}}\W*$", lead, re.I)
    ):
        if numbers and re.match(r"\s*times", lead, re.I):
            return None
        op = ">=" if ahead[1] else "<="
        negated = re.search(r"\b(?:no|not|cannot)\s+(?:\w+\s+){0,2}$", lead[: ahead.start()], re.I) is not None
    elif re.search(r"^\s*(?:\w+\s+){0,3}as\b", gap) and (
        ahead := re.search(r"\bat (least|most) as (?:many|much)\b(?:\W+\w+){0,4}\W*$", lead, re.I)
    ):
        op = ">=" if ahead[1].lower() == "least" else "<="
        negated = False
    if op is None:
        return None
    if numbers and not re.search(r"\bthan\b", lead + gap):
        return None
    tagged = any(s.label == "CONST_DIR" and start <= s.start and s.end <= second.end for s in spans)
    reason = _REASON.match(text[start : first.start]) is not None
    if reason or not (tagged or _MODAL.search(text[start : second.start])):
        return None
    if numbers:
        return None
    if negated:
        op = "<=" if op == ">=" else ">="
    return Compared(first.decision, op, second.decision, None, None, (start, second.end), tagged)
