"""Passage and spans -> Parse: decisions, objective and constraints, with what did not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nl2opt.check.wording import Direction
from nl2opt.formulate.embedded.aims import Aim, count_affinity, find_aim, row_affinity
from nl2opt.formulate.embedded.choosing import choices
from nl2opt.formulate.embedded.clusters import Cast, cast
from nl2opt.formulate.embedded.comparing import Compared, factor_comparison, offset_comparison, plain_comparisons
from nl2opt.formulate.embedded.contexts import Context, Likeness, Surroundings, contexts
from nl2opt.formulate.embedded.cues import directions
from nl2opt.formulate.embedded.declarations import (
    Bound,
    Cell,
    Choice,
    Comparison,
    Constraint,
    Decision,
    LinearRow,
    Objective,
    Op,
    Place,
    Share,
    TotalBound,
)
from nl2opt.formulate.embedded.integrality import integrality
from nl2opt.formulate.embedded.linking import link
from nl2opt.formulate.embedded.measures import conversion
from nl2opt.formulate.embedded.mentions import Mention
from nl2opt.formulate.embedded.naming import names_of
from nl2opt.formulate.embedded.problems import Problem, contradictions, misfits, senseless
from nl2opt.formulate.embedded.readings import Reading, readings_of
from nl2opt.formulate.embedded.roles import Item, Role, items_of, scaled_coefficients
from nl2opt.formulate.embedded.rows import Row, build_rows
from nl2opt.formulate.embedded.search import Selection, best_choices
from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.text import Passage

_COMBINED: Final = re.compile(
    r"\b(?:combined|combination|plus|sum of|minus|differences? (?:between|in)|subtract\w*|weighted)\b", re.I
)


FAR: Final = 0.4
"""A reading of a limit that scores this much less than the one taken is not told."""


@dataclass(frozen=True, slots=True)
class Second:
    """Another way to take one limit: where it stands, all constraints then, and how much less speaks for it."""

    place: Place
    constraints: tuple[Constraint, ...]
    gap: float


@dataclass(frozen=True, slots=True)
class Parse:
    """One complete reading of a text. `score` compares parses of the same text: higher is better, 0 is spotless."""

    decisions: tuple[Decision, ...]
    objective: Objective | None
    constraints: tuple[Constraint, ...]
    problems: tuple[Problem, ...]
    score: float
    margin: float
    items: tuple[Item, ...]
    mentions: tuple[Mention, ...]
    sides: Mapping[str, Direction]
    seconds: tuple[Second, ...] = ()


@dataclass(frozen=True, slots=True)
class Twist:
    """What a parse does otherwise than the tags say: other decisions, roles (by offset), rows, sides."""

    people: Cast | None = None
    roles: tuple[tuple[int, Role], ...] = ()
    apart: bool = False
    turned: frozenset[int] = frozenset()
    cost: float = 0.0


def assemble(passage: Passage, spans: Sequence[Span], twist: Twist | None = None, seconds: bool = False) -> Parse:
    """The best reading for given spans, with a twist if one is given; `seconds` asks for the ways its limits lost."""
    twist = twist or Twist()
    people = twist.people or cast(passage.text, spans)
    mentions = people.mentions
    items = scaled_coefficients(passage, items_of(passage, spans, mentions), mentions)
    for offset, role in twist.roles:
        items = [replace(i, role=role) if i.start == offset else i for i in items]
    count = len(people.names)
    problems: list[Problem] = []
    logic: list[Choice] = []
    if integrality(passage.text, people.names).type == "binary":
        logic, taken_up = choices(passage, items, mentions, count)
        items = [replace(i, role="factor") if i.start in taken_up else i for i in items]
    busy = {place for choice in logic for place in choice.places}
    compared, items = _comparisons(passage, items, mentions, spans, problems, busy)
    around = Surroundings.of(passage, items, mentions)
    notes = contexts(around, items)
    likeness = Likeness([n.bag for n, i in zip(notes, items, strict=True) if i.role in ("param", "limit")])
    links = link(passage, items, mentions, count)
    rows = build_rows(links, items, notes, likeness, count, twist.apart) if count else []
    items = _in_one_unit(items, notes, rows)
    aim = find_aim(passage, spans)
    names = names_of(passage, mentions)
    taken = {c.offset for c in compared}
    limits = [k for k, item in enumerate(items) if item.role == "limit" and k not in taken]
    sides_by_id = directions(
        passage.text, [items[k] for k in limits], [i for i in items if i.role != "name"], aim.sense if aim else None
    )
    sides = {k: sides_by_id[items[k].quantity.id] for k in limits}
    for k in limits:
        if items[k].start in twist.turned:
            op: Op = "<=" if sides[k].op == ">=" else ">="
            sides[k] = replace(sides[k], op=op)
    readings = {k: readings_of(passage, items, k, notes, rows, mentions, names, likeness, count) for k in limits}
    named = _named(passage.text, spans, items, rows)
    affinities = [row_affinity(aim, row, likeness, named[r]) if aim else 0.0 for r, row in enumerate(rows)]
    for k in limits:
        top = readings[k][0] if readings[k] else None
        if aim is not None and top is not None and top.kind == "row" and top.score >= 0.5:
            affinities[top.target] += 0.6 * likeness(aim.bag, notes[k].bag)
    counting = count_affinity(aim, names.heads, names.own, names.measures) if aim else 0.0
    ranked = best_choices(rows, affinities, counting, limits, readings, sides)
    choice = ranked[0]
    margin = choice.score - ranked[1].score if len(ranked) > 1 else 1.0
    problems += misfits(passage, items, links, rows, limits, choice, people, sides, count)
    aim_score = counting if choice.objective is None else affinities[choice.objective]
    if aim is None:
        problems.append(Problem("no-objective", (0, 0), "the text does not say what to minimise or maximise", 2.0))
    elif aim_score < 0.3 and margin < 0.5:
        problems.append(
            Problem(
                "weak-objective",
                aim.place,
                "the objective's numbers were chosen by elimination",
                0.5 * (0.5 - aim_score),
            )
        )
    objective = _objective(aim, choice, rows, items, count)
    units = {k: notes[k].unit for k in limits}
    constraints: list[Constraint] = _constraints(passage, compared, choice, rows, items, sides, limits, units)
    constraints += logic
    problems += contradictions(constraints, passage.text)
    problems += senseless(objective, constraints, count)
    score = -sum(p.weight for p in problems) - twist.cost
    score -= sum(0.5 * max(0.0, 0.6 - r.score) for r in choice.readings.values() if r is not None)
    decisions = tuple(
        Decision(name, tuple((m.start, m.end) for m in mentions if m.decision == d))
        for d, name in enumerate(people.names)
    )
    others: list[Second] = []
    for k, taken_as in choice.readings.items() if seconds else ():
        for reading in readings[k]:
            if taken_as is None or reading == taken_as or taken_as.score - reading.score > FAR:
                continue
            swapped = replace(choice, readings={**choice.readings, k: reading})
            instead = [*_constraints(passage, compared, swapped, rows, items, sides, limits, units), *logic]
            others.append(Second((items[k].start, items[k].end), tuple(instead), taken_as.score - reading.score))
    return Parse(
        decisions, objective, tuple(constraints), tuple(problems), score, margin, tuple(items), mentions, sides_by_id,
        tuple(sorted(others, key=lambda second: second.gap)),
    )  # fmt: skip


def _comparisons(
    passage: Passage,
    items: list[Item],
    mentions: Sequence[Mention],
    spans: Sequence[Span],
    problems: list[Problem],
    busy: set[Place],
) -> tuple[list[Compared], list[Item]]:
    """All comparisons; a factor that compares nothing goes back to what its tag says."""
    found: list[Compared] = []
    for k, item in enumerate(items):
        if any(start <= item.start < end for start, end in busy):
            continue
        if item.role == "factor":
            compared = factor_comparison(passage, items, k, mentions)
            if compared is not None and _COMBINED.search(passage.text, *compared.place):
                told = f"'{item.quantity.text}' seems to weigh a sum rather than compare two amounts"
                problems.append(Problem("combination", (item.start, item.end), told, 1.0))
            if compared is not None:
                found.append(compared)
                continue
            if item.quantity.kind in ("fraction", "percent"):
                items[k] = Item(item.quantity, "limit" if item.tagged else "loose", item.doubtful, item.tagged)
            else:
                problems.append(
                    Problem(
                        "lone-factor",
                        (item.start, item.end),
                        f"'{item.quantity.text}' compares two things, found only one",
                        1.0,
                    )
                )
        elif item.role in ("limit", "param", "loose"):
            compared = offset_comparison(passage, items, k, mentions)
            if compared is not None:
                found.append(compared)
                items[k] = Item(item.quantity, "factor", item.doubtful, item.tagged)
    found += [
        c
        for c in plain_comparisons(passage, items, mentions, spans)
        if not any(start <= c.place[0] < end for start, end in busy)
        and not any(
            {c.left, c.right} == {f.left, f.right} and c.place[0] < f.place[1] and f.place[0] < c.place[1]
            for f in found
            if f.offset is not None
        )
    ]
    return found, items


def _named(text: str, spans: Sequence[Span], items: Sequence[Item], rows: Sequence[Row]) -> list[float]:
    """For each row the part of its numbers that stand beside a tagged name of the objective."""
    names = [s for s in spans if s.label == "OBJ_NAME"]
    numbers = sorted(i.start for i in items)
    result = []
    for row in rows:
        hits = 0
        for k in row.members:
            item = items[k]
            low = max([n for n in numbers if n < item.start] or [-1])
            high = min([n for n in numbers if n > item.start] or [10**9])
            close = [s for s in names if low < s.start < high and _beside(text, item, s)]
            hits += bool(close)
        result.append(hits / len(row.members) if row.members else 0.0)
    return result


def _beside(text: str, item: Item, span: Span) -> bool:
    if span.start >= item.end:
        gap = text[item.end : span.start]
        return len(gap) <= 25 and not re.search(r",|\b(?:and|or|but)\b", gap)
    gap = text[span.end : item.start]
    return len(gap) <= 40 and not re.search(r"[;]|,\s", gap)


def _cell(items: Sequence[Item], k: int | None) -> Cell | None:
    if k is None:
        return None
    quantity = items[k].quantity
    return Cell(quantity.value, quantity.id, (quantity.start, quantity.end), items[k].times)


def _in_one_unit(items: list[Item], notes: Sequence[Context], rows: Sequence[Row]) -> list[Item]:
    """The numbers of each row in the row's unit: an hour beside minutes is 60."""
    changed = list(items)
    for row in rows:
        for k in row.members:
            times = conversion(notes[k].unit, row.unit)
            if times is not None and times != 1:
                quantity = items[k].quantity
                turned = replace(quantity, value=quantity.value * times)
                changed[k] = replace(items[k], quantity=turned, times=items[k].times * times)
    return changed


def _number(items: Sequence[Item], k: int) -> Cell:
    quantity = items[k].quantity
    return Cell(quantity.value, quantity.id, (quantity.start, quantity.end))


def _objective(
    aim: Aim | None, choice: Selection, rows: Sequence[Row], items: Sequence[Item], count: int
) -> Objective | None:
    if aim is None:
        return None
    cells: tuple[Cell | None, ...] = ()
    if choice.objective is not None:
        cells = tuple(_cell(items, k) for k in rows[choice.objective].cells)
    return Objective(aim.sense, cells, aim.phrase, (aim.place,))


def _constraints(
    passage: Passage, compared: Sequence[Compared], choice: Selection, rows: Sequence[Row], items: Sequence[Item],
    sides: Mapping[int, Direction], limits: Sequence[int], units: Mapping[int, str],
) -> list[Constraint]:  # fmt: skip
    found: list[Constraint] = []
    for k in limits:
        reading = choice.readings.get(k)
        if reading is not None:
            found += _read(passage, reading, k, rows, items, sides, units)
    for c in compared:
        factor = _cell(items, c.factor)
        if factor is not None and c.raised:
            factor = Cell(factor.value + 1, factor.quantity, factor.place)
        found.append(
            Comparison(
                c.left, c.op, c.right, factor, _cell(items, c.offset), (_sentence(passage, c.place[0]),), c.others
            )
        )
    return found


def _read(
    passage: Passage, reading: Reading, k: int, rows: Sequence[Row], items: Sequence[Item],
    sides: Mapping[int, Direction], units: Mapping[int, str],
) -> list[Constraint]:  # fmt: skip
    cell = _number(items, k)
    places = (_sentence(passage, items[k].start),)
    op = sides[k].op
    match reading.kind:
        case "row":
            row = rows[reading.target]
            bound = _converted(cell, units.get(k, ""), row.unit)
            return [LinearRow(tuple(_cell(items, c) for c in row.cells), op, bound, row.unit, places)]
        case "rows":
            found: list[Constraint] = []
            for r in reading.members:
                cells = tuple(_cell(items, c) for c in rows[r].cells)
                found.append(
                    LinearRow(cells, op, _converted(cell, units.get(k, ""), rows[r].unit), rows[r].unit, places)
                )
            return found
        case "bound":
            return [Bound(reading.target, op, cell, places)]
        case "each":
            return [Bound(d, op, cell, places) for d in reading.members]
        case "total":
            return [TotalBound(reading.members, op, cell, places)]
        case "share":
            return [Share(reading.target, op, cell, places)]


def _converted(cell: Cell, own: str, wanted: str) -> Cell:
    """A limit in the unit of its row: 8 hours among minutes are 480."""
    times = conversion(own, wanted)
    return cell if times is None else replace(cell, value=cell.value * times, times=times)


def _sentence(passage: Passage, offset: int) -> Place:
    sentence = passage.sentence_at(offset)
    if sentence is None:
        sentence = next((s for s in passage.sentences if s.end > offset), passage.sentences[-1])
    return sentence.start, sentence.end
