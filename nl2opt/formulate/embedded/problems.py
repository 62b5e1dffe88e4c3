"""Choices -> problems: what of the text did not fit into a parse, and how much that speaks against it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nl2opt.check.wording import Direction
from nl2opt.formulate.embedded.clusters import Cast
from nl2opt.formulate.embedded.declarations import (
    Bound,
    Cell,
    Comparison,
    Constraint,
    LinearRow,
    Objective,
    Place,
    Share,
    TotalBound,
)
from nl2opt.formulate.embedded.mentions import Mention
from nl2opt.formulate.embedded.roles import Item
from nl2opt.formulate.embedded.rows import Row
from nl2opt.formulate.embedded.search import Selection
from nl2opt.formulate.text import Passage


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that did not fit: `code` names the kind, `weight` how much it speaks against the parse."""

    code: str
    place: Place
    message: str
    weight: float


def misfits(
    passage: Passage, items: Sequence[Item], links: Mapping[int, Sequence[int]], rows: Sequence[Row],
    limits: Sequence[int], choice: Selection, people: Cast, sides: Mapping[int, Direction], count: int,
) -> list[Problem]:  # fmt: skip
    found: list[Problem] = []
    for k, item in enumerate(items):
        place = (item.start, item.end)
        if item.role == "param" and k not in links:
            found.append(Problem("loose-number", place, f"'{item.quantity.text}' belongs to no decision", 1.0))
        elif item.role == "loose" and not is_idle(passage.text, item, count):
            found.append(Problem("unread-number", place, f"'{item.quantity.text}' is not used", 0.35))
    for r in choice.unused:
        first = items[rows[r].members[0]]
        found.append(
            Problem(
                "unused-row",
                (first.start, first.end),
                f"the numbers beginning with '{first.quantity.text}' are not used",
                1.0,
            )
        )
    for r, row in enumerate(rows):
        first = items[row.members[0]]
        if not row.full:
            held = [x.score for x in choice.readings.values() if x is not None and x.kind == "row" and x.target == r]
            mates = sum(1 for other in rows if not other.full)
            weight = 0.7 if not held or max(held) < 0.5 or len(held) > 1 else (0.2 if mates > 1 else 0.5)
            found.append(
                Problem(
                    "missing-cell", (first.start, first.end), "a number is given for some of the decisions only", weight
                )
            )
        elif row.fit < 0.1:
            weight = 0.3 if row.fit >= 0 else 0.5
            found.append(
                Problem("loose-row", (first.start, first.end), "numbers were matched by their order only", weight)
            )
    for k in limits:
        item = items[k]
        reading = choice.readings.get(k)
        if reading is None:
            found.append(
                Problem("unplaced-limit", (item.start, item.end), f"'{item.quantity.text}' limits nothing found", 1.2)
            )
        elif reading.score < 0.3:
            found.append(
                Problem(
                    "weak-limit",
                    (item.start, item.end),
                    f"what '{item.quantity.text}' limits was chosen by elimination",
                    0.3,
                )
            )
        unsaid = sides[k].strength == "guessed"
        if unsaid and reading is not None and reading.kind in ("bound", "each"):
            text = f"'{item.quantity.text}' looks like a bound, but nothing says of which kind"
            found.append(Problem("guessed-bound", (item.start, item.end), text, 0.5))
        elif unsaid:
            found.append(
                Problem(
                    "guessed-side",
                    (item.start, item.end),
                    f"whether '{item.quantity.text}' is a minimum or a maximum is not said",
                    0.2,
                )
            )
    for guess in people.guesses:
        found.append(
            Problem(
                "guessed-name", people_place(people, guess), f"'{guess}' was taken for a decision by its place", 0.3
            )
        )
    for d in range(count):
        mine = [m for m in people.mentions if m.decision == d]
        counted = [m for m in mine if _is_object(passage.text, items, m)]
        if 2 * len(counted) >= len(mine):
            found.append(
                Problem(
                    "measured-name", (mine[0].start, mine[0].end), f"'{people.names[d]}' may be what is measured", 0.4
                )
            )
    if count < 2:
        found.append(Problem("single-decision", (0, 0), "only one decision was found", 0.8))
    used = {d for decisions in links.values() for d in decisions}
    for d in range(count):
        if d not in used and rows:
            mention = next(m for m in people.mentions if m.decision == d)
            found.append(
                Problem("idle-decision", (mention.start, mention.end), f"'{people.names[d]}' has no numbers", 1.0)
            )
    return found


def contradictions(constraints: Sequence[Constraint], text: str) -> list[Problem]:
    """Two different limits on one side of the same thing, or limits that leave nothing between them."""
    found = []
    rows = [c for c in constraints if isinstance(c, LinearRow)]
    for low in rows:
        for high in rows:
            if (low.op, high.op) == (">=", "<=") and low.cells == high.cells and low.bound.value > high.bound.value:
                told = f"'{text[slice(*low.bound.place)]}' at least and '{text[slice(*high.bound.place)]}' at most"
                found.append(Problem("two-limits", low.bound.place, f"{told} leave nothing between them", 0.8))
    seen: dict[tuple[object, ...], Cell] = {}
    for c in constraints:
        if isinstance(c, LinearRow):
            key: tuple[object, ...] = ("row", c.op, tuple(cell and cell.quantity for cell in c.cells))
        elif isinstance(c, TotalBound):
            key = ("total", c.op, c.members)
        else:
            continue
        earlier = seen.setdefault(key, c.bound)
        if earlier.value != c.bound.value:
            both = f"'{text[earlier.place[0] : earlier.place[1]]}' and '{text[c.bound.place[0] : c.bound.place[1]]}'"
            found.append(Problem("two-limits", c.bound.place, f"{both} limit the same thing on the same side", 0.3))
    return found


def senseless(objective: Objective | None, constraints: Sequence[Constraint], count: int) -> list[Problem]:
    """A maximum nothing holds down, or a minimum nothing holds up, was misread somewhere."""
    if objective is None or count == 0:
        return []
    place = objective.places[0]
    if objective.sense == "minimize":
        forced = any(
            (isinstance(c, LinearRow | Bound | TotalBound) and c.op != "<=")
            or (isinstance(c, Comparison) and c.offset is not None)
            for c in constraints
        )
        return [] if forced else [Problem("nothing-forces", place, "nothing keeps the minimum from being zero", 0.3)]
    held: set[int] = set()
    for c in constraints:
        if isinstance(c, LinearRow) and c.op != ">=":
            held.update(d for d, cell in enumerate(c.cells) if cell is not None and cell.value > 0)
        elif isinstance(c, TotalBound) and c.op != ">=":
            held.update(c.members)
        elif isinstance(c, Bound) and c.op != ">=":
            held.add(c.decision)
    for _ in range(count):
        for c in constraints:
            if isinstance(c, Comparison):
                low, high = (c.left, c.right) if c.op == "<=" else (c.right, c.left)
                if high in held and (c.op == ">=" or held.issuperset(c.others)):
                    held.add(low)
            elif isinstance(c, Share):
                others = set(range(count)) - {c.decision}
                if (c.op == "<=" and others <= held) or (c.op == ">=" and c.decision in held and c.part.value > 0):
                    held = set(range(count))
    wanted = {d for d in range(count) if not objective.cells or objective.cells[d] is not None}
    return (
        []
        if wanted <= held
        else [Problem("nothing-holds", place, "nothing keeps the maximum from growing for ever", 0.8)]
    )


def _is_object(text: str, items: Sequence[Item], mention: Mention) -> bool:
    """Whether a coefficient counts the mention: `oranges` in "15 oranges"."""
    for item in items:
        if item.role == "param" and 0 < mention.start - item.end < 30:
            return re.fullmatch(r"%?\s+(?:(?:[\w-]+\s+)?of\s+(?:the\s+)?)?", text[item.end : mention.start]) is not None
    return False


def is_idle(text: str, item: Item, count: int) -> bool:
    """Numbers that need no use: 0, 1, small number words, and the number of decisions before their list."""
    quantity = item.quantity
    if quantity.value in (0, 1):
        return True
    if not quantity.text[:1].isdigit():
        return quantity.kind == "number" and quantity.value <= 5
    return quantity.value == count and re.match(r"\s+(?:[\w-]+\s+){0,3}[\w-]+\s*[:,]", text[item.end :]) is not None


def people_place(people: Cast, guess: str) -> Place:
    """Where a guessed name stands."""
    return next(((m.start, m.end) for m in people.mentions if m.text == guess), (0, 0))
