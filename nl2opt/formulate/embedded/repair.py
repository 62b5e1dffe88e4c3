"""Passage and spans -> the best parse over small departures from the tags: decisions left out, roles changed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from nl2opt.formulate.embedded.assembly import Parse, Twist, assemble
from nl2opt.formulate.embedded.casts import other_casts
from nl2opt.formulate.embedded.clusters import Cast, cast
from nl2opt.formulate.embedded.cues import may_turn
from nl2opt.formulate.embedded.problems import is_idle
from nl2opt.formulate.embedded.roles import Item, Role
from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.text import Passage

CLEAN: Final = -0.1
"""A parse this good is taken as it is."""
GAIN: Final = 0.08
"""What a departure must win beyond its own cost."""
ALONE: Final = 0.25
"""What it costs at most to read a coefficient as a limit if it is alone in a clause that names no decision."""
PAIRS_UP_TO: Final = 14
"""With more numbers than this, two roles are not changed at once."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """The parse chosen, the twist behind it, and the score of the best parse with other content."""

    parse: Parse
    twist: Twist
    tried: int


def _budget(parse: Parse) -> int:
    """How many parses a text is worth: fewer where each takes long."""
    return 160 if len(parse.items) <= 16 else 70 if len(parse.items) <= 30 else 25


def best_parse(passage: Passage, spans: Sequence[Span]) -> Repaired:
    """The parse with the best score, departures from the tags counted as cost."""
    people = cast(passage.text, spans)
    plain = Twist(people)
    first = assemble(passage, spans, plain)
    if first.score >= CLEAN:
        return Repaired(first, plain, 1)
    tried = 1
    budget = _budget(first)
    leaders: list[tuple[Parse, Twist]] = [(first, plain)]
    for other in other_casts(passage.text, spans, people)[:budget]:
        twist = Twist(other, cost=_drop_cost(people, other))
        leaders.append((assemble(passage, spans, twist), twist))
        tried += 1
    leaders.sort(key=lambda pair: -pair[0].score)
    finished: list[tuple[Parse, Twist]] = []
    for place, (parse, twist) in enumerate(leaders[:5]):
        if place > 0 and tried > budget:
            finished += leaders[place:5]
            break
        better, count = _climb(passage, spans, parse, twist, place < 2 or twist is plain, budget)
        tried += count
        finished.append(better)
    best = max(finished, key=lambda pair: pair[0].score)
    return Repaired(best[0], best[1], tried)


def _drop_cost(people: Cast, other: Cast) -> float:
    """What it costs to disregard mentions: the surer the tagger was of each name, the more."""
    kept = {(m.start, m.end) for m in other.mentions}
    lost: dict[tuple[str, ...], float] = {}
    for mention in people.mentions:
        if (mention.start, mention.end) not in kept:
            lost[mention.roots] = max(lost.get(mention.roots, 0.0), mention.trust)
    return min(0.12 * sum(lost.values()), 0.5) + 0.05 * max(0, 2 - len(other.names))


def _climb(
    passage: Passage, spans: Sequence[Span], parse: Parse, twist: Twist, pairs: bool, budget: int
) -> tuple[tuple[Parse, Twist], int]:
    """Change one role after another, then two at once, as long as the score rises."""
    tried = 0
    for _ in range(4):
        if parse.score >= CLEAN or tried > budget:
            break
        options = [
            replace(twist, roles=(*twist.roles, move[0]), cost=twist.cost + move[1])
            for move in _moves(passage.text, parse, twist)
        ]
        if not twist.apart:
            options.append(replace(twist, apart=True, cost=twist.cost + 0.1))
        options += _turns(passage.text, parse, twist)
        options = options[:budget]
        best = _best(passage, spans, options)
        tried += len(options)
        if tried <= budget and not twist.roles and pairs and (best is None or best[0].score < parse.score + 0.9):
            options = list(_pairs(passage.text, parse, twist))
            tried += len(options)
            double = _best(passage, spans, options)
            if double is not None and (best is None or double[0].score > best[0].score):
                best = double
        if best is None or best[0].score <= parse.score + GAIN:
            break
        parse, twist = best
    return (parse, twist), tried


def _best(passage: Passage, spans: Sequence[Span], options: Sequence[Twist]) -> tuple[Parse, Twist] | None:
    parses = [(assemble(passage, spans, option), option) for option in options]
    return max(parses, key=lambda pair: pair[0].score) if parses else None


def _moves(text: str, parse: Parse, twist: Twist) -> Iterator[tuple[tuple[int, Role], float]]:
    """Other roles for single numbers, with their cost."""
    done = {offset for offset, _ in twist.roles}
    for item in parse.items:
        if (
            item.start in done
            or item.role == "name"
            or (item.role == "loose" and is_idle(text, item, len(parse.decisions)))
        ):
            continue
        if item.role == "loose":
            yield (item.start, "param"), 0.2
            yield (item.start, "limit"), 0.2
        elif item.role in ("param", "limit"):
            cost = _flip_cost(item)
            if item.role == "param" and _stands_alone(text, item, parse):
                cost = min(cost, ALONE)
            yield (item.start, "limit" if item.role == "param" else "param"), cost
            yield (item.start, "loose"), 0.45 * item.trust


def _flip_cost(item: Item) -> float:
    ratio = math.log(max(item.trust, 1e-3) / max(item.doubtful, 1e-3))
    return min(max(0.12 * ratio, 0.1), 0.6)


def _stands_alone(text: str, item: Item, parse: Parse) -> bool:
    """Whether a number is the only one of its clause, which names no decision: `Doctors: 850 min`."""
    start = max((m.end() for m in re.finditer(r"[.;!?](?=\s)|\n", text[: item.start])), default=0)
    stop = re.search(r"[.;!?](?=\s|$)|\n", text[item.end :])
    end = item.end + stop.start() if stop else len(text)
    others = [i.start for i in parse.items if i.start != item.start] + [m.start for m in parse.mentions]
    if any(start <= other < end for other in others):
        return False
    return re.search(r"\b(?:each|every|per|both|either|an?|all)\b", text[start:end], re.I) is None


def _turns(text: str, parse: Parse, twist: Twist) -> list[Twist]:
    """Turn limits round whose side is only implied."""
    found = []
    for item in parse.items:
        side = parse.sides.get(item.quantity.id)
        if side is None or item.start in twist.turned or not may_turn(text, side):
            continue
        cost = 0.1 if side.strength == "guessed" else 0.3
        found.append(replace(twist, turned=twist.turned | {item.start}, cost=twist.cost + cost))
    return found


def _pairs(text: str, parse: Parse, twist: Twist) -> Iterator[Twist]:
    """Two numbers change between coefficient and limit at once."""
    count = len(parse.decisions)
    items = [
        i for i in parse.items if i.role in ("param", "limit") or (i.role == "loose" and not is_idle(text, i, count))
    ]
    if len(items) > PAIRS_UP_TO:
        return
    for one, two in combinations(items, 2):
        if one.role != two.role:
            continue
        for role in ("param", "limit") if one.role == "loose" else ("limit" if one.role == "param" else "param",):
            cost = 0.35 if one.role == "loose" else _flip_cost(one) + _flip_cost(two)
            if one.role == "param" and _stands_alone(text, one, parse) and _stands_alone(text, two, parse):
                cost = min(cost, 2 * ALONE)
            if cost < 0.9:
                moves: tuple[tuple[int, Role], ...] = ((one.start, role), (two.start, role))
                yield replace(twist, roles=twist.roles + moves, cost=twist.cost + cost)
