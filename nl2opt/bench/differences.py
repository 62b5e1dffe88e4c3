"""Two instances -> how the first, an answer, differs from the second, the reference: kinds of failure.

Both are grounded to rows over columns. Columns are matched by the order that makes most rows
and costs equal; what remains unequal is told by kind:

    variables            another number of columns
    integrality          whole where the reference is not, or the other way round
    direction            another sense, or a row with the numbers of one of the reference and its opposite comparison
    unit                 a number of the reference times a factor between units (7, 12, 24, 52, 60, 100, 1000, ...)
    data                 other numbers in the objective, or in a row over the same variables
    missing constraint   a row of the reference that nothing of the answer resembles
    extra constraint     a row of the answer that nothing of the reference resembles

A model that is linear only with variables a rewrite adds is compared by its variables alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

import numpy as np

from nl2opt.errors import Nl2optError
from nl2opt.ground.linear.grounding import LinearProgram, ground
from nl2opt.ir.instance import Instance
from nl2opt.passes.pipeline import MILP, apply

KINDS: Final = (
    "variables", "integrality", "direction", "unit", "data", "missing constraint", "extra constraint",
)  # fmt: skip
UNIT_FACTORS: Final = (7.0, 10.0, 12.0, 16.0, 24.0, 30.0, 52.0, 60.0, 100.0, 365.0, 1000.0, 1440.0, 3600.0)
PERMUTED: Final = 6
"""Columns up to which every order is tried; more are matched by what they stand in."""
ROWS: Final = 4000
"""Rows beyond which two models are compared by their variables alone."""

Entries = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class FlatRow:
    """`sum(coefficient * column) <= bound`, or `==` where ``equal``; scaled so that its largest entry is 1."""

    entries: Entries
    equal: bool
    bound: float


@dataclass(frozen=True, slots=True)
class FlatModel:
    """One objective (minimized where ``sense`` is 1) and rows over columns that are nonnegative."""

    sense: int
    costs: tuple[float, ...]
    whole: tuple[bool, ...]
    rows: tuple[FlatRow, ...]


def differences(answer: Instance, reference: Instance, typed: bool = True) -> list[str]:
    """The kinds in which ``answer`` differs; ``typed`` False: whole numbers or not is no difference."""
    mine, theirs = _flat(answer), _flat(reference)
    if mine is None or theirs is None:
        sizes = [sum(len(f.domain) for f in i.variables.values()) for i in (answer, reference)]
        return ["variables"] if sizes[0] != sizes[1] else []
    if len(mine.costs) != len(theirs.costs):
        return ["variables"]
    return _kinds(_ordered(mine, theirs), theirs, typed)


def _kinds(mine: FlatModel, theirs: FlatModel, typed: bool) -> list[str]:
    found = set()
    if typed and mine.whole != theirs.whole:
        found.add("integrality")
    if mine.sense != theirs.sense:
        found.add("direction")
    pairs = [(a, b) for a, b in zip(mine.costs, theirs.costs, strict=True) if not _near(a, b)]
    if pairs:
        found.add("unit" if all(unit_between(a, b) for a, b in pairs) else "data")
    ours, left = _unmatched(mine.rows, theirs.rows)
    for row in list(ours):
        told = next(((kind, other) for other in left if (kind := _resemblance(row, other))), None)
        if told:
            found.add(told[0])
            ours.remove(row)
            left.remove(told[1])
    found |= {"extra constraint"} if ours else set()
    found |= {"missing constraint"} if left else set()
    return [kind for kind in KINDS if kind in found]


def _unmatched(mine: Sequence[FlatRow], theirs: Sequence[FlatRow]) -> tuple[list[FlatRow], list[FlatRow]]:
    """The rows of each that the other lacks; a row said twice is said once."""
    ours, others = {_rounded(r): r for r in mine}, {_rounded(r): r for r in theirs}
    return [r for k, r in ours.items() if k not in others], [r for k, r in others.items() if k not in ours]


def _rounded(row: FlatRow) -> tuple[object, ...]:
    entries = tuple((k, float(f"{v:.8g}")) for k, v in row.entries)
    return entries, row.equal, float(f"{row.bound:.8g}") + 0.0


def _resemblance(row: FlatRow, other: FlatRow) -> str:
    """In what two rows over the same columns differ; '' where they are over others."""
    if [k for k, _ in row.entries] != [k for k, _ in other.entries]:
        return ""
    ours, theirs = _numbers(row), _numbers(other)
    if all(map(_near, ours, theirs)):
        return "direction"  # an equality on one side
    if all(_near(a, -b) for a, b in zip(ours, theirs, strict=True)):
        return "direction"
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if not _near(a, b)]
    return "unit" if all(unit_between(a, b) for a, b in pairs) else "data"


def _numbers(row: FlatRow) -> list[float]:
    return [*(v for _, v in row.entries), row.bound]


def _near(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-8, abs_tol=1e-10)


def unit_between(a: float, b: float) -> bool:
    """Whether one number is the other times a factor between units."""
    if not a or not b:
        return False
    ratio = abs(a / b)
    return any(_near(ratio, f) or _near(1 / ratio, f) for f in UNIT_FACTORS)


def _ordered(mine: FlatModel, theirs: FlatModel) -> FlatModel:
    """The answer with its columns in the order that makes it most alike."""
    count = len(mine.costs)
    if count <= PERMUTED:
        orders = [_permuted(mine, order) for order in permutations(range(count))]
        return max(orders, key=lambda m: _likeness(m, theirs))
    wanted, given = _signatures(theirs), _signatures(mine)
    free = list(range(count))
    order = []
    for k in range(count):
        best = max(free, key=lambda j: (sum((given[j] & wanted[k]).values()), -abs(j - k)))
        free.remove(best)
        order.append(best)
    return _permuted(mine, tuple(order))


def _likeness(mine: FlatModel, theirs: FlatModel) -> tuple[int, int]:
    ours, _ = _unmatched(mine.rows, theirs.rows)
    return -len(ours), sum(map(_near, mine.costs, theirs.costs))


def _signatures(model: FlatModel) -> list[Counter[tuple[object, ...]]]:
    """Column -> what it stands in: its cost and, of each row, its entry, the row's length and bound."""
    found: list[Counter[tuple[object, ...]]] = [Counter({("cost", float(f"{c:.8g}")): 1}) for c in model.costs]
    for row in model.rows:
        for k, value in row.entries:
            found[k][float(f"{value:.8g}"), len(row.entries), row.equal, float(f"{row.bound:.8g}")] += 1
    return found


def _permuted(model: FlatModel, order: tuple[int, ...]) -> FlatModel:
    """Column ``order[k]`` becomes column k."""
    place = {old: new for new, old in enumerate(order)}
    rows = tuple(
        FlatRow(tuple(sorted((place[k], v) for k, v in row.entries)), row.equal, row.bound) for row in model.rows
    )
    signed = tuple(_signed(row) for row in rows)
    return FlatModel(model.sense, tuple(model.costs[k] for k in order), tuple(model.whole[k] for k in order), signed)


def _flat(instance: Instance) -> FlatModel | None:
    """An instance -> rows; None where it is not linear without more variables, too large, or has several objectives."""
    program = linear(instance)
    if program is None or len(program.lower) > ROWS or len(program.goals) > 1:
        return None
    goal = program.goals[0] if program.goals else None
    costs = tuple(goal.cost.tolist()) if goal else (0.0,) * len(program.columns)
    sense = -1 if goal and goal.sense == "maximize" else 1
    whole = tuple(bool(v) for v in program.columns.integrality)
    rows = dict.fromkeys(row for told in plain_rows(program) if told[0] for row in _sides(*told))
    return FlatModel(sense, costs, whole, tuple(rows))


def linear(instance: Instance) -> LinearProgram | None:
    """An instance -> its rows and columns; None where it is not linear without more variables."""
    try:
        model, _ = apply(instance.model, MILP)
        if model.variables != instance.model.variables:
            return None  # a rewrite had to add variables: logic, absolute values and the like
        return ground(instance, model)
    except Nl2optError:
        return None


def plain_rows(program: LinearProgram) -> Iterator[tuple[Entries, float, float]]:
    """Every row, its entries by column and its two limits, as it is written.

    Bounds of columns come after, as rows, since an answer may say them as either; nonnegativity is no row.
    """
    rows, columns, values = program.entries()
    order = np.argsort(rows, kind="stable")
    starts = np.searchsorted(rows[order], np.arange(len(program.lower) + 1))
    for r, (lower, upper) in enumerate(zip(program.lower.tolist(), program.upper.tolist(), strict=True)):
        part = order[starts[r] : starts[r + 1]]
        total: dict[int, float] = {}
        for k, v in zip(columns[part].tolist(), values[part].tolist(), strict=True):
            total[k] = total.get(k, 0.0) + v
        yield tuple(sorted((k, v) for k, v in total.items() if v)), lower, upper
    bounds = zip(program.columns.lower.tolist(), program.columns.upper.tolist(), strict=True)
    for k, (lower, upper) in enumerate(bounds):
        if lower != upper and lower == 0.0:
            lower = -math.inf
        if lower != -math.inf or upper != math.inf:
            yield ((k, 1.0),), lower, upper


def _sides(entries: Entries, lower: float, upper: float) -> Iterator[FlatRow]:
    if lower == upper:
        yield _scaled(entries, True, upper)
        return
    if math.isfinite(upper):
        yield _scaled(entries, False, upper)
    if math.isfinite(lower) and not (len(entries) == 1 and lower == 0.0 and entries[0][1] > 0):
        yield _scaled(tuple((k, -v) for k, v in entries), False, -lower)


def _scaled(entries: Entries, equal: bool, bound: float) -> FlatRow:
    size = max(abs(v) for _, v in entries)
    return _signed(FlatRow(tuple((k, v / size) for k, v in entries), equal, bound / size))


def _signed(row: FlatRow) -> FlatRow:
    """An equality with its first entry positive; an inequality as it is."""
    if not row.equal or row.entries[0][1] > 0:
        return row
    return FlatRow(tuple((k, -v) for k, v in row.entries), True, -row.bound)
