"""nl2opt's own examples: its card."""

from __future__ import annotations

from typing import Final

from nl2opt.bench.task import Task

TASK: Final = Task(
    title="nl2opt's own examples",
    measures="problems written for this project, LP, MILP and CP, easy to hard, verified by two routes",
    size=31,
    form="folders",
    licence="Apache-2.0",
    graded="optimum at a relative 1e-6 under the model's own domains",
    files={},
    own="examples",
)
