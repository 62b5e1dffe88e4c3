"""Coefficients -> decisions: whose number each coefficient is, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, product
from typing import Final

from nl2opt.formulate.embedded.mentions import Mention
from nl2opt.formulate.embedded.roles import Item
from nl2opt.formulate.text import Passage

_Event = tuple[int, str, int]
"""Offset, "V" or "P", index of the mention or item."""

_CLAUSE = re.compile(
    r";|,?\s+(?:while|whereas|but|although|though|or (?:he|she|it|they|we|you|i)|and (?:he|she|it|they|we|you|"
    r"i) can)\s+|[.]\s",
    re.I,
)
_TOWARDS = re.compile(
    r"\b(?:per|for|on|from|by|of|to \w+|each|every|an?|the|making|producing|one|using|in|selling|with|"
    r"unit)\s*[\"“‘(]*$",
    re.I,
)
_JOINED: Final = re.compile(
    r"(?=.{0,45}$)(?=.*(?:,|\band\b|\bor\b))[\s,\"“”’s]*(?:[a-z]+\s+){0,2}?(?:,\s*)?"
    r"(?:(?:and|or|as well as|also|both|an?|the|each|per|for|of|on|in|one|unit|[a-z]+ of)\b[\s,\"“]*){0,6}",
    re.I,
)
_ALL = re.compile(r"\b(?:both|each|every|either|all|any|per)\b", re.I)
_RESPECTIVE: Final = re.compile(r"\brespective(?:ly)?\b|\bin (?:the same|that|this) order\b", re.I)


def link(
    passage: Passage, items: Sequence[Item], mentions: Sequence[Mention], count: int
) -> dict[int, tuple[int, ...]]:
    """Item index -> the decisions it belongs to; items without an entry could not be linked."""
    links: dict[int, tuple[int, ...]] = {}
    last: tuple[int, ...] = ()
    for sentence in passage.sentences:
        events = _events(items, mentions, sentence.start, sentence.end)
        named = tuple(dict.fromkeys(mentions[k].decision for _, kind, k in events if kind == "V"))
        if any(kind == "P" for _, kind, _ in events):
            if named:
                for piece in _pieces(passage.text, events, sentence.start, sentence.end):
                    links.update(_link_piece(passage.text, piece, items, mentions, count, sentence.end))
            else:
                links.update(_link_unnamed(sentence.text, events, last, count))
        if named:
            last = named
    return links


def _events(items: Sequence[Item], mentions: Sequence[Mention], start: int, end: int) -> list[_Event]:
    events = [(m.start, "V", k) for k, m in enumerate(mentions) if start <= m.start < end]
    events += [(i.start, "P", k) for k, i in enumerate(items) if i.role == "param" and start <= i.start < end]
    return sorted(events)


def _pieces(text: str, events: list[_Event], start: int, end: int) -> list[list[_Event]]:
    """Cut at `while`, `but`, `;` where both sides name a decision and give a number."""
    if _RESPECTIVE.search(text, start, end):
        return [events]
    pieces: list[list[_Event]] = []
    rest = events
    for match in _CLAUSE.finditer(text, start, end):
        left = [event for event in rest if event[0] < match.start()]
        right = [event for event in rest if event[0] >= match.start()]
        if {kind for _, kind, _ in left} == {"V", "P"} == {kind for _, kind, _ in right}:
            pieces.append(left)
            rest = right
    pieces.append(rest)
    return pieces


def _link_unnamed(text: str, events: list[_Event], last: tuple[int, ...], count: int) -> dict[int, tuple[int, ...]]:
    """A sentence that gives numbers and names nothing speaks of the decision just named, or of all."""
    numbers = [k for _, _, k in events]
    everything = tuple(range(count))
    if _RESPECTIVE.search(text) and len(numbers) % count == 0:
        return {k: (position % count,) for position, k in enumerate(numbers)}
    if len(last) == 1 and not re.search(r"\b(?:both|either|all|each type|each of)\b", text, re.I):
        return dict.fromkeys(numbers, last)
    return dict.fromkeys(numbers, everything)


def _link_piece(
    text: str, piece: list[_Event], items: Sequence[Item], mentions: Sequence[Mention], count: int, end: int
) -> dict[int, tuple[int, ...]]:
    named = list(dict.fromkeys(mentions[k].decision for _, kind, k in piece if kind == "V"))
    numbers = [k for _, kind, k in piece if kind == "P"]
    if not numbers:
        return {}
    if len(named) == 1:
        return dict.fromkeys(numbers, (named[0],))
    blocks = _blocks(text, piece, mentions)
    respective = _RESPECTIVE.search(text, piece[0][0], end) is not None
    listed = _link_lists(text, blocks, items, respective)
    if listed is not None:
        return listed
    return _link_near(text, piece, items, mentions)


_Block = tuple[str, list[int], list[int]]
"""Kind, decisions in order (V) or items in order (P), offsets of first and last."""


def _blocks(text: str, piece: list[_Event], mentions: Sequence[Mention]) -> list[tuple[str, list[int]]]:
    """Runs of mentions joined by `and` (as decisions), and runs of numbers."""
    blocks: list[tuple[str, list[int]]] = []
    previous_end = -1
    for offset, kind, k in piece:
        joined = bool(blocks) and blocks[-1][0] == kind
        if joined and kind == "V":
            joined = _JOINED.fullmatch(text[previous_end:offset]) is not None
        value = mentions[k].decision if kind == "V" else k
        if joined:
            if kind == "P" or value not in blocks[-1][1]:
                blocks[-1][1].append(value)
        else:
            blocks.append((kind, [value]))
        previous_end = mentions[k].end if kind == "V" else offset
    return blocks


def _link_lists(
    text: str, blocks: list[tuple[str, list[int]]], items: Sequence[Item], respective: bool
) -> dict[int, tuple[int, ...]] | None:
    """`A and B cost 3 and 4 respectively`, `3 and 4 hours for A and B`, `A and B both need 2 hours`."""
    plural = [block for block in blocks if block[0] == "V" and len(block[1]) > 1]
    if not plural:
        return None
    names = plural[0][1]
    if any(block[1] != names and set(block[1]) != set(names) for block in plural):
        return None
    if any(block[0] == "V" and len(block[1]) == 1 for block in blocks):
        return None
    links: dict[int, tuple[int, ...]] = {}
    for position, (kind, members) in enumerate(blocks):
        if kind != "P":
            continue
        neighbours = [b[1] for b in (blocks[position - 1 : position] + blocks[position + 1 : position + 2])]
        order = neighbours[0] if neighbours else names
        size = len(order)
        lists = len(members) % size == 0 and (respective or (len(members) == size and _bare_list(text, members, items)))
        for place, k in enumerate(members):
            links[k] = (order[place % size],) if lists else tuple(order)
    return links


def _bare_list(text: str, members: list[int], items: Sequence[Item]) -> bool:
    """Numbers that share one noun: `$4, $5 and $6`, `3 and 4 hours`."""
    gaps = [text[items[a].end : items[b].start] for a, b in pairwise(members)]
    return all(re.fullmatch(r"\s*%?[\s,]*(?:and|or|,)?\s*[$£€]?\s*", gap) for gap in gaps)


def _link_near(
    text: str, piece: list[_Event], items: Sequence[Item], mentions: Sequence[Mention]
) -> dict[int, tuple[int, ...]]:
    """Each number goes to the mention before or after it; all choices are weighed together."""
    wanted = {mentions[k].decision for _, kind, k in piece if kind == "V"}
    numbers = [k for _, kind, k in piece if kind == "P"]
    starts, ends = piece[0][1], piece[-1][1]
    backward, forward = _chain_costs(text, piece, items, mentions)
    options: list[list[tuple[float, int]]] = []
    for k in numbers:
        choices: list[tuple[float, int]] = []
        if k in backward:
            choices.append((backward[k][0] + 1.5 * (starts == "P" and ends == "V"), backward[k][1]))
        if k in forward:
            choices.append((forward[k][0] + 1.5 * (starts == "V" and ends == "P"), forward[k][1]))
        options.append(choices)
    if len(numbers) > 9:
        return {k: (min(choices)[1],) for k, choices in zip(numbers, options, strict=True)}
    best: tuple[float, tuple[int, ...]] | None = None
    for choice in product(*options):
        chosen = tuple(name for _, name in choice)
        cost = sum(c for c, _ in choice) + 0.9 * len(wanted - set(chosen))
        counts = [chosen.count(name) for name in wanted]
        cost += 0.3 * (max(counts) - min(counts))
        if best is None or cost < best[0]:
            best = (cost, chosen)
    assert best is not None
    return {k: (name,) for k, name in zip(numbers, best[1], strict=True)}


def _chain_costs(
    text: str, piece: list[_Event], items: Sequence[Item], mentions: Sequence[Mention]
) -> tuple[dict[int, tuple[float, int]], dict[int, tuple[float, int]]]:
    """For each number the cost and decision of the mention before it, and of the mention after it.

    Numbers in a list pass the link on cheaply: only the gap to the first of them counts in full.
    """
    backward: dict[int, tuple[float, int]] = {}
    forward: dict[int, tuple[float, int]] = {}
    previous: tuple[int, float, int] | None = None
    for _, kind, k in piece:
        if kind == "V":
            previous = (mentions[k].end, 0.0, mentions[k].decision)
        elif previous is not None:
            gap = _gap_cost(text[previous[0] : items[k].start])
            cost = previous[1] + (gap if previous[1] == 0 else min(gap, 0.3))
            backward[k] = (cost, previous[2])
            previous = (items[k].end, max(cost, 0.01), previous[2])
    following: tuple[int, float, int] | None = None
    for _, kind, k in reversed(piece):
        if kind == "V":
            following = (mentions[k].start, 0.0, mentions[k].decision)
        elif following is not None:
            words = text[items[k].end : following[0]]
            cost = _gap_cost(words) - 0.6 * (_TOWARDS.search(words) is not None)
            cost = following[1] + (cost if following[1] == 0 else min(max(cost, 0.0), 0.3))
            forward[k] = (cost, following[2])
            following = (items[k].start, cost or 0.01, following[2])
    return backward, forward


def _gap_cost(gap: str) -> float:
    """How far apart a number and a name are: commas, conjunctions, other numbers, words."""
    cost = 0.7 * gap.count(",") + 3.0 * gap.count(";")
    cost += 0.5 * len(re.findall(r"\band\b", gap)) + 1.5 * len(re.findall(r"\b(?:while|whereas|but)\b", gap))
    cost += 0.2 * len(re.findall(r"\d[\d,.]*", gap)) + 0.03 * len(gap.split())
    return cost
