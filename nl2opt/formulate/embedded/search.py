"""Rows, limits and aim -> the best consistent reading of all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nl2opt.check.wording import Direction
from nl2opt.formulate.embedded.readings import Reading
from nl2opt.formulate.embedded.rows import Row

UNUSED_ROW = 1.15
"""What a row nobody uses costs."""
SURE = 0.7
"""A limit with a reading this good is never left out."""
POOR = 0.25
POOR_COST = 0.4
"""A limit that hardly resembles a row costs this much on it, if the row is there to be used up."""
OBJECTIVE_TOO = 0.4
"""What a limit on the objective's own row costs."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A complete reading: the objective's row (None for a count), a reading (or None) for each limit, the score."""

    objective: int | None
    readings: Mapping[int, Reading | None]
    score: float
    unused: tuple[int, ...]


def best_choices(
    rows: Sequence[Row], affinities: Sequence[float], counting: float, limits: Sequence[int],
    readings: Mapping[int, Sequence[Reading]], sides: Mapping[int, Direction],
) -> list[Selection]:  # fmt: skip
    """The best choice for each possible objective, best first."""
    options: list[tuple[int | None, float]] = [(r, a) for r, a in enumerate(affinities)]
    options.append((None, counting))
    choices = [_best_for(objective, 1.2 * affinity, rows, limits, readings, sides) for objective, affinity in options]
    return sorted(choices, key=lambda choice: -choice.score)


def _best_for(
    objective: int | None, gain: float, rows: Sequence[Row], limits: Sequence[int],
    readings: Mapping[int, Sequence[Reading]], sides: Mapping[int, Direction],
) -> Selection:  # fmt: skip
    order = sorted(limits, key=lambda k: len(readings[k]))
    ceiling = [0.0] * (len(order) + 1)
    for position in range(len(order) - 1, -1, -1):
        best = max((r.score for r in readings[order[position]]), default=0.0)
        ceiling[position] = ceiling[position + 1] + max(best, 0.0)
    state = _Search(objective, rows, order, readings, sides, ceiling)
    state.visit(0, gain, {}, frozenset() if objective is None else frozenset((objective,)))
    unused = tuple(r for r in range(len(rows)) if r != objective and not _uses(state.best, r))
    return Selection(objective, state.best, state.best_score, unused)


def _uses(chosen: Mapping[int, Reading | None], row: int) -> bool:
    return any(
        r is not None and ((r.kind == "row" and r.target == row) or (r.kind == "rows" and row in r.members))
        for r in chosen.values()
    )


class _Search:
    """Depth-first over the limits with a bound on what is still to win."""

    def __init__(
        self, objective: int | None, rows: Sequence[Row], order: Sequence[int],
        readings: Mapping[int, Sequence[Reading]], sides: Mapping[int, Direction], ceiling: Sequence[float],
    ) -> None:  # fmt: skip
        self.objective = objective
        self.rows = rows
        self.order = order
        self.readings = readings
        self.sides = sides
        self.ceiling = ceiling
        self.best: dict[int, Reading | None] = dict.fromkeys(order)
        self.best_score = float("-inf")

    def visit(self, position: int, score: float, chosen: dict[int, Reading | None], used: frozenset[int]) -> None:
        """Extend a partial choice."""
        owed = len(self.rows) - len(used) - (len(self.order) - position)
        if score + self.ceiling[position] - (UNUSED_ROW * owed if owed > 0 else 0.0) <= self.best_score:
            return
        if position == len(self.order):
            final = score - UNUSED_ROW * sum(1 for r in range(len(self.rows)) if r not in used)
            if final > self.best_score:
                self.best_score, self.best = final, dict(chosen)
            return
        k = self.order[position]
        for reading in self.readings[k]:
            cost = self._clash(k, reading, chosen)
            also = used
            if reading.kind == "row":
                also = used | {reading.target}
            elif reading.kind == "rows":
                also = used | set(reading.members)
            chosen[k] = reading
            self.visit(position + 1, score + reading.score - cost, chosen, also)
        if not self.readings[k] or self.readings[k][0].score < SURE:
            chosen[k] = None
            self.visit(position + 1, score - 0.6, chosen, used)
        del chosen[k]

    def _clash(self, k: int, reading: Reading, chosen: Mapping[int, Reading | None]) -> float:
        cost = OBJECTIVE_TOO if reading.kind == "row" and reading.target == self.objective else 0.0
        if reading.kind == "row" and reading.score < POOR:
            cost += POOR_COST
        for other, taken in chosen.items():
            if taken is None or taken.kind != reading.kind or taken.target != reading.target:
                continue
            if taken.members != reading.members:
                continue
            same_side = self.sides[k].op == self.sides[other].op
            if reading.kind == "bound":
                cost += 0.3 if same_side else 0.0
            elif reading.kind in ("row", "total", "share"):
                cost += 0.7 if same_side else 0.15
            else:
                cost += 0.4 if same_side else 0.0
        return cost
