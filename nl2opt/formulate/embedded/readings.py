"""A limit -> its readings: of a row, of one decision, of each, of the total, of a share; each with a score."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from nl2opt.check.wording import cue_book
from nl2opt.formulate.embedded.contexts import CONCEPTS, MEASURES, MONEY, Context, Likeness
from nl2opt.formulate.embedded.measures import same_measure
from nl2opt.formulate.embedded.mentions import Mention
from nl2opt.formulate.embedded.naming import Names, object_head
from nl2opt.formulate.embedded.roles import Item
from nl2opt.formulate.embedded.rows import Row
from nl2opt.formulate.embedded.words import alike, root, split_words
from nl2opt.formulate.text import Passage

Kind = Literal["row", "rows", "bound", "each", "total", "share"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take a limit: `target` is a row or a decision, `members` the decisions of a sum or several rows."""

    kind: Kind
    target: int
    members: tuple[int, ...]
    score: float


_ANYTHING: Final = frozenset(
    root(w)
    for w in [
        "worker",
        "employee",
        "staff",
        "people",
        "vehicle",
        "item",
        "product",
        "piece",
        "unit",
        "person",
        "animal",
        "machine",
        "container",
    ]
)

_EACH: Final = re.compile(
    r"^\s*(?:[\w-]+\s+){0,4}?(?:of|for|from|in)\s+(?:each|every)\b(?!\s+(?:day|week|month|year|hour|minute|second|night|trip|shift|time))|"
    r"^\s*of\s+either\b|^\s*(?:[\w-]+\s+)?(?:each|apiece)\b(?!\s+(?:day|week|month|year|hour|minute|second|night|trip|shift|time))",
    re.I,
)

_EACH_RESOURCE: Final = re.compile(
    r"\b(?:each|every|both)\s+(?:the\s+)?(?:[\w-]+,?\s+){1,3}?(?:[^.;]{0,50},\s+|and\s+(?:[\w-]+\s+){1,3}?)?(?:is|are|has|have|can|may)\b",
    re.I,
)

_EACH_OF: Final = re.compile(
    r"\s*(?:[\w-]+\s+)?of\s+(?:each|both)\s+(?:of\s+)?([\w-]+(?:\s[\w-]+)?(?:,\s+[\w-]+)*,?\s+and\s+[\w-]+)", re.I
)

_WHOLE: Final = re.compile(
    r"\b(?:in total|total|combined|altogether|in all|overall|together|of any|of both|sum|all)\b", re.I
)

_COPULA: Final = re.compile(
    r"\b(?:is|are|be|must|should|cannot|can|may|has to|have to|need|needs|make up|account for|to|exceed|limited|"
    r"capped|bounded|"
    r"at least|at most|least|most|than|only|for)\b",
    re.I,
)


_MEASURED: Final = re.compile(r"\s+[\w-]+\s+of\s+(?:the\s+|its\s+)?")
"""`20 kg of hay` measures hay and nothing else."""


def readings_of(
    passage: Passage, items: Sequence[Item], k: int, notes: Sequence[Context], rows: Sequence[Row],
    mentions: Sequence[Mention], names: Names, likeness: Likeness, count: int,
) -> list[Reading]:  # fmt: skip
    """All readings of a limit that have any support, best first."""
    item = items[k]
    text = passage.text
    near = _Neighbours.of(passage, items, k, mentions)
    part = item.quantity.kind in ("percent", "fraction")
    found: list[Reading] = []
    everything = tuple(range(count))
    if part:
        found += _shares(text, item, near, count)
    found += _row_readings(item, notes[k], rows, likeness, near, part, items, notes, text)
    if not part:
        found += _bounds(text, item, notes[k], near, names, count)
        measured = False
        if not near.after and not near.before:
            head = object_head(text, item.end)
            owners = {m.decision for m in mentions if head in m.roots} if head in names.own else set()
            measured = len(owners) == 1 and _MEASURED.match(text, item.end) is not None
            found += [
                Reading("bound", d, (), 0.9 if measured else 0.7)
                for d in owners
                if all(f.target != d for f in found if f.kind == "bound")
            ]
        group = near.group()
        score = _total_score(text, item, notes[k], near, names, rows)
        if len(group) < 2 and near.after and _MEASURED.fullmatch(text[item.end : near.after[0].start]):
            one = near.after[0].decision
            found = [
                Reading("bound", one, (), max(r.score, 0.9)) if r.kind == "bound" and r.target == one else r
                for r in found
            ]
            score = min(score, 0.35)
        if measured:
            score = min(score, 0.35)
        members = tuple(sorted(group)) if len(group) > 1 else everything
        if score > 0:
            found.append(Reading("total", -1, members, score))
        found += _several_rows(passage, item, notes[k], rows, near)
        if re.match(_EACH, text[item.end : item.end + 60]):
            if not near.after:
                found.append(Reading("each", -1, everything, 0.9))
            elif len(group) > 1:
                found.append(Reading("each", -1, members, 0.95))
    found.sort(key=lambda reading: -reading.score)
    return [r for place, r in enumerate(found) if place < 3 or (place < 5 and r.score >= found[0].score - 0.6)]


def _several_rows(passage: Passage, item: Item, note: Context, rows: Sequence[Row], near: _Neighbours) -> list[Reading]:
    """`each machine is available for at most 400 minutes`: one limit on every row of that unit."""
    sentence = passage.sentence_at(item.start)
    if sentence is None or near.after:
        return []
    if listed := _EACH_OF.match(passage.text, item.end):
        wanted = {w.root for w in split_words(listed[1]) if w.root}
        several = tuple(r for r, row in enumerate(rows) if wanted & set(row.bag))
        return [Reading("rows", -1, several, 0.95)] if len(several) > 1 else []
    if near.before:
        return []
    if not _EACH_RESOURCE.search(passage.text, sentence.start, item.start):
        return []
    alike_rows = tuple(r for r, row in enumerate(rows) if note.unit and same_measure(row.unit, note.unit))
    return [Reading("rows", -1, alike_rows, 0.9)] if len(alike_rows) > 1 else []


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """Mentions between the number and the numbers around it, in its sentence."""

    before: tuple[Mention, ...]
    after: tuple[Mention, ...]
    text: str
    lent: int | None = None
    """The decision of the limit beside it, when no name stands between: `at least 4 but no more than 7 X`."""

    @classmethod
    def of(cls, passage: Passage, items: Sequence[Item], k: int, mentions: Sequence[Mention]) -> _Neighbours:
        item = items[k]
        sentence = passage.sentence_at(item.start)
        start, end = (sentence.start, sentence.end) if sentence else (0, len(passage.text))
        others = [i for j, i in enumerate(items) if j != k and i.role != "name"]
        left = max([i.end for i in others if i.end <= item.start] + [start])
        clause = re.search(
            r"\b(?:but|and)\s+(?:can|cannot|could|must|should|may|no|at|not|up|has|is|also|can't|only)\b",
            passage.text[left : item.start],
        )
        cut = left + clause.start() if clause else left
        right = min([i.start for i in others if i.start >= item.end] + [end])
        left = max([left] + [left + m.end() for m in re.finditer(r"[;:]\s", passage.text[left : item.start])])
        stop = re.search(r"[;:]\s|,? (?:while|whereas|but|however|if|how)\b", passage.text[item.end : right])
        right = item.end + stop.start() if stop else right
        before = tuple(m for m in mentions if max(left, cut) <= m.start and m.end <= item.start)
        after = tuple(m for m in mentions if item.end <= m.start < right)
        lent = None if before or after else cls._lent(passage.text, item, others, mentions, start, end)
        return cls(before, after, passage.text, lent)

    @staticmethod
    def _lent(
        text: str, item: Item, others: Sequence[Item], mentions: Sequence[Mention], start: int, end: int
    ) -> int | None:
        following = next((i for i in others if i.role == "limit" and item.end <= i.start < end), None)
        if following is not None and re.fullmatch(
            r"[\s,]*(?:\w+\s+){0,2}?(?:but|and|or|to|while)\b[^.;:]{0,40}", text[item.end : following.start]
        ):
            named = [m for m in mentions if following.end <= m.start < end]
            if named and len(text[following.end : named[0].start].split()) <= 3:
                return named[0].decision
        previous = next(
            (i for i in reversed(others) if i.role == "limit" and start <= i.start and i.end <= item.start), None
        )
        if previous is not None:
            named = [m for m in mentions if previous.end <= m.start < item.start]
            joint = re.search(r"\b(?:but|and|or|to)\b", text[previous.end : item.start])
            earlier = [m for m in mentions if start <= m.start < previous.start]
            pool = (
                named or (earlier[-1:] if _is_subject(text[earlier[-1].end : previous.start]) else [])
                if (named or earlier)
                else []
            )
            if joint and pool and len({m.decision for m in pool}) == 1:
                return pool[-1].decision
        return None

    def group(self) -> set[int]:
        """The decisions listed after the number, if they are joined by `and`, `or`; else those listed before it."""
        for side in (self.after, self.before):
            joined: list[Mention] = []
            for mention in side:
                if joined:
                    gap = self.text[joined[-1].end : mention.start]
                    if not re.fullmatch(
                        r"[\s,\"”“]*(?:(?:and|or|as well as)\s*(?:(?:of|the|an?)\s+)*)?"
                        r"(?:(?!number|amount)[\w-]+ of (?:the )?|\w+(?:ed|ght)\s+)?[\"“]?",
                        gap,
                    ):
                        break
                joined.append(mention)
            decisions = {m.decision for m in joined}
            if len(decisions) > 1:
                return decisions
        return set()


def _shares(text: str, item: Item, near: _Neighbours, count: int) -> list[Reading]:
    """`at least 30 % of the trips must be by X`, `X must make up at most a third of all`."""
    found: list[Reading] = []
    after = near.after
    before = near.before
    tail = text[item.end : item.end + 40]
    subject = bool(before) and _is_subject(text[before[-1].end : item.start])
    if after:
        gap = text[item.end : after[0].start]
        score = 0.95 if "," not in gap else 0.7
        if subject:
            score -= 0.25
        found.append(Reading("share", after[0].decision, (), score))
        for mention in after[1:]:
            if mention.decision != after[0].decision:
                found.append(Reading("share", mention.decision, (), 0.45))
                break
    if before:
        score = 0.9 if subject else 0.55
        if subject and not after and re.match(r"\s*of (?:the|all|its|their|total|his|her)\b|\s*[.,;]|\s*$", tail):
            score = 0.97
        found.append(Reading("share", before[-1].decision, (), score))
    return found


def _is_subject(gap: str) -> bool:
    """Whether the words between a name and a number make the name the number's subject."""
    return (
        len(gap) < 70
        and not re.search(r"[,;]\s|\b(?:and|or|but)\b", gap)
        and _COPULA.search(gap) is not None
        and not re.search(
            r"\b(?:(?:has|have)(?! to)|because|since|there must|available|costs?|takes?|requires?|contains?)\b", gap
        )
    )


def _row_readings(
    item: Item, note: Context, rows: Sequence[Row], likeness: Likeness, near: _Neighbours, part: bool,
    items: Sequence[Item], notes: Sequence[Context], text: str,
) -> list[Reading]:  # fmt: skip
    found = []
    for r, row in enumerate(rows):
        score = 0.05 + 1.25 * likeness(note.bag, row.bag)
        if note.unit and same_measure(note.unit, row.unit):
            score += 0.4 if sum(1 for other in rows if same_measure(other.unit, note.unit)) == 1 else 0.15
        elif note.unit in MEASURES and row.unit in MEASURES:
            score -= 0.25
        if item.money != row.money and MONEY not in (note.unit, row.unit):
            score -= 0.5 if item.money or row.money else 0.0
        if item.money and row.money:
            score += 0.2
            if "c:gain" in row.bag and "c:cost" not in row.bag and "c:gain" not in note.bag:
                score -= 0.3
        percent = any(items[cell].quantity.kind == "percent" for cell in row.members)
        if part and not percent:
            score -= 0.6
        same = [cell for cell in row.members if items[cell].quantity.sentence == item.quantity.sentence]
        if row.full and len(same) == len(row.members):
            score += 0.1
        found.append(Reading("row", r, (), max(0.02, min(score, 1.0))))
    return found


def _bounds(text: str, item: Item, note: Context, near: _Neighbours, names: Names, count: int) -> list[Reading]:
    """`at least 10 X`, `the number of X must be at least 10`."""
    scores: dict[int, float] = {}
    group = near.group()
    if near.after:
        first = near.after[0]
        gap = text[item.end : first.start]
        words = gap.split()
        if "," in gap:
            score = 0.35
        elif len(words) == 0:
            score = 1.0
        elif re.fullmatch(r"\s*(?:[\w-]+\s+){0,3}of (?:the |an? |their |his |her |its )?[\"“‘]?", gap) or re.fullmatch(
            r"\s*(?:more |of |such |extra |different |new |full |whole |total )*(?:the |an? )?[\"“‘]?", gap
        ):
            score = 0.95
        elif re.search(r"\b(?:per|each|every|to make|for)\b", gap):
            score = 0.35
        elif re.search(r"\b(?:by|using|with|in|on|from|via|through|to|as|into)\s+(?:the |an? )?[\"“‘]?$", gap):
            score = 0.8 if len(words) <= 9 else 0.6
        else:
            score = 0.75 if len(words) <= 3 else 0.5
        if len(group) > 1:
            score = min(score, 0.3)
        if note.unit in names.measures or note.unit in names.heads:
            score += 0.05
        scores[first.decision] = score
    if near.before:
        last = near.before[-1]
        gap = text[last.end : item.start]
        decisions = {m.decision for m in near.before if m.start > last.start - 80}
        if _is_subject(gap):
            score = 0.8 if len(decisions) == 1 else 0.5
            if near.after and "," not in text[item.end : near.after[0].start]:
                score -= 0.3
            if note.unit in MEASURES and note.unit not in names.measures:
                score -= 0.1
            scores[last.decision] = max(scores.get(last.decision, 0.0), score)
        elif re.search(r"^\s*(?:from\b.*)?\bto\s+[$]?$|\(|:", gap):
            scores[last.decision] = max(scores.get(last.decision, 0.0), 0.5)
    if near.lent is not None and near.lent not in scores:
        scores[near.lent] = 0.75 if note.unit not in MEASURES else 0.55
    return [Reading("bound", decision, (), min(score, 1.0)) for decision, score in scores.items() if decision < count]


def _total_score(text: str, item: Item, note: Context, near: _Neighbours, names: Names, rows: Sequence[Row]) -> float:
    """How much speaks for a limit on the sum of all decisions."""
    unit = note.unit
    head = object_head(text, item.end)
    score = 0.12
    known = {row.unit for row in rows}
    if head in names.heads or (unit in names.heads and head == unit):
        score = 0.8
    elif unit in names.measures and unit not in known:
        score = 0.75
    elif unit in names.measures:
        score = 0.5
    elif unit in names.own:
        score = 0.3
    elif any(alike(head, known_head) > 0.6 for known_head in names.heads):
        score = 0.6
    elif unit in ("unit", "item", "piece", "product", "total") and unit not in known:
        score = 0.45
    elif any(unit in members and "invest" in note.bag for members in [CONCEPTS["cost"] | {MONEY}]):
        score = 0.75
    if "invest" in note.bag or ("invest" in text and item.money):
        score = max(score, 0.7 if not any(row.money for row in rows) else 0.45)
    group = near.group()
    if len(group) > 1:
        score = max(score, 0.85)
    elif near.after and not re.search(r"[,]", text[item.end : near.after[0].start]):
        score -= 0.25
    book = cue_book()
    window = text[max(0, item.start - 30) : item.end + 50].split(". ")[0]
    if book.total.search(window) or _WHOLE.search(window):
        score += 0.15
    if unit in _ANYTHING and unit not in known and score < 0.5:
        score = 0.5
    if re.match(r"\s+[\w-]+(?:\s[\w-]+)?,?\s+of (?:whom|which|these|those)\b", text[item.end :]):
        score = max(score, 0.85)
    close = text[item.end : item.end + 45].split(",")[0].split(". ")[0]
    joint = re.search(r"\b(?:combined|altogether|in total|for both|of both|of either|of any|total)\b", close, re.I)
    left = re.search(r"\b(?:for|of) (?:both|all)\b[^,.]*$", text[max(0, item.start - 60) : item.start], re.I)
    if (joint or left) and unit not in known and not item.money:
        score = max(score, 0.75)
    return min(score, 1.0)
