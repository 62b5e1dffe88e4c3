"""Duals of a linear run -> what each constraint and variable is worth, read by constraint and key when asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nl2opt.ground.linear.grounding import LinearProgram
from nl2opt.ir.instance import Key

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sensitivity:
    """Of a linear program at its optimum. A dual value is the change of the objective for one unit more on the right.

    Constraints carry the names of the rewritten model; one that a rewrite split has several (`band`, `band_2`).
    """

    program: LinearProgram
    values: Floats
    column_duals: Floats
    row_duals: Floats

    @property
    def constraints(self) -> tuple[str, ...]:
        """The names of the constraints, in order."""
        return tuple(r.name for r in self.program.rows)

    def duals(self, constraint: str) -> dict[Key, float]:
        """A constraint -> binding -> dual value."""
        return self._of_rows(constraint, self.row_duals)

    def slacks(self, constraint: str) -> dict[Key, float]:
        """A constraint -> binding -> how much room is left to the nearer side; 0 where it binds."""
        p = self.program
        activity = np.zeros(len(p.lower))
        rows, columns, values = p.entries()
        np.add.at(activity, rows, values * self.values[columns])
        return self._of_rows(constraint, np.minimum(p.upper - activity, activity - p.lower))

    def reduced_costs(self, variable: str) -> dict[Key, float]:
        """A variable -> key -> reduced cost."""
        columns = self.program.columns
        part = self.column_duals[columns.part(variable)].tolist()
        return dict(zip(columns.families[variable].keys(), part, strict=True))

    def _of_rows(self, constraint: str, values: Floats) -> dict[Key, float]:
        family = next(r for r in self.program.rows if r.name == constraint)
        part = values[family.first : family.first + family.count].tolist()
        return dict(zip(self.program.bindings(family), part, strict=True))
