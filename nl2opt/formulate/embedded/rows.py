"""Coefficients of each decision -> rows: the numbers that measure the same thing, one for each decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nl2opt.formulate.embedded.assignment import best_matching
from nl2opt.formulate.embedded.contexts import Bag, Context, Likeness, mean_bag, unit_conflict
from nl2opt.formulate.embedded.roles import Item


@dataclass(frozen=True, slots=True)
class Row:
    """One item (by index) for each decision, None where one has none. `fit` is the weakest likeness of two cells."""

    cells: tuple[int | None, ...]
    bag: Bag
    unit: str
    money: bool
    fit: float
    nouns: frozenset[str] = frozenset()

    @property
    def full(self) -> bool:
        """Whether every decision has a number."""
        return all(cell is not None for cell in self.cells)

    @property
    def members(self) -> list[int]:
        """The items of the row."""
        return [cell for cell in self.cells if cell is not None]


def build_rows(
    links: Mapping[int, Sequence[int]],
    items: Sequence[Item],
    notes: Sequence[Context],
    likeness: Likeness,
    count: int,
    apart: bool = False,
) -> list[Row]:
    """Align the numbers of all decisions, starting from the decision that has most; `apart` asks for clear likeness."""
    lists: list[list[int]] = [[] for _ in range(count)]
    for k in sorted(links):
        for decision in links[k]:
            if decision < count:
                lists[decision].append(k)
    order = sorted(range(count), key=lambda d: (-len(lists[d]), d))
    columns: list[list[int | None]] = []
    fits: list[float] = []
    for k in lists[order[0]] if order else []:
        cells: list[int | None] = [None] * count
        cells[order[0]] = k
        columns.append(cells)
        fits.append(1.0)
    for decision in order[1:]:
        mine = lists[decision]
        if not mine:
            continue
        gains = [
            [
                _gain(k, place, column, position, items, notes, likeness, len(mine) == len(columns))
                for position, column in enumerate(columns)
            ]
            for place, k in enumerate(mine)
        ]
        matching = best_matching(gains)
        bar = 0.45 if apart else _least(len(mine), len(columns))
        alone: list[int] = []
        for place, k in enumerate(mine):
            target = matching[place]
            if target >= 0 and gains[place][target] > bar:
                columns[target][decision] = k
                fits[target] = min(fits[target], gains[place][target])
            else:
                alone.append(place)
        open_columns = [position for position, column in enumerate(columns) if column[decision] is None]
        if len(alone) == len(open_columns) == 1 and not apart and gains[alone[0]][open_columns[0]] > -0.5:
            columns[open_columns[0]][decision] = mine[alone[0]]
            fits[open_columns[0]] = min(fits[open_columns[0]], gains[alone[0]][open_columns[0]])
            alone = []
        for place in alone:
            cells = [None] * count
            cells[decision] = mine[place]
            columns.append(cells)
            fits.append(1.0)
    return [_row(tuple(column), fit, items, notes) for column, fit in zip(columns, fits, strict=True)]


def _least(mine: int, columns: int) -> float:
    """The likeness below which two numbers stay apart; alone on both sides they need little."""
    return -0.35 if mine == columns == 1 else -0.05


def _gain(
    k: int,
    place: int,
    column: Sequence[int | None],
    position: int,
    items: Sequence[Item],
    notes: Sequence[Context],
    likeness: Likeness,
    equal: bool,
) -> float:
    members = [cell for cell in column if cell is not None]
    if k in members:
        return 2.0
    total = 0.0
    for cell in members:
        gain = likeness(notes[k].bag, notes[cell].bag)
        gain -= unit_conflict(notes[k], notes[cell], items[k], items[cell])
        if notes[k].unit and notes[k].unit == notes[cell].unit:
            gain += 0.1
        total += gain
    gain = total / len(members)
    if equal:
        gain += 0.12 if place == position else 0.0
    return gain


def _row(cells: tuple[int | None, ...], fit: float, items: Sequence[Item], notes: Sequence[Context]) -> Row:
    members = [cell for cell in cells if cell is not None]
    units = [notes[cell].unit for cell in members if notes[cell].unit]
    return Row(
        cells,
        mean_bag([notes[cell].bag for cell in dict.fromkeys(members)]),
        max(units, key=units.count) if units else "",
        any(items[cell].money for cell in members),
        fit,
        frozenset(noun for cell in members for noun in notes[cell].nouns),
    )
