"""OptMATH-Bench: its card."""

from __future__ import annotations

from typing import Final

from nl2opt.bench.task import BY_VALUE, Task, on_github

TASK: Final = Task(
    title="OptMATH-Bench",
    measures="long generated problems that models failed at: LP, MILP, nonlinear",
    size=166,
    form="qa",
    licence="not confirmed: see the repository optsuite/OptMATH",
    graded=BY_VALUE,
    files={
        "published": on_github(
            "optsuite/OptMATH",
            "a1712fad3f19ae67763921917902453034db36ef",
            "benchmark/OptMATH_Bench.json",
        ),
    },
    own="optmath_bench",
)
