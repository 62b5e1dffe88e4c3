"""NL4OPT (optimal values): its card."""

from __future__ import annotations

from typing import Final

from nl2opt.bench.task import BY_VALUE, Task, on_github

TASK: Final = Task(
    title="NL4OPT (optimal values)",
    measures="short word problems of linear programming, most with two variables: is the optimal value found",
    size=245,
    form="qa",
    licence="MIT (texts of the NL4Opt competition); values published by others under terms of their own",
    graded=BY_VALUE,
    files={
        "published": on_github(
            "optsuite/OptMATH",
            "a1712fad3f19ae67763921917902453034db36ef",
            "benchmark/NL4OPT.json",
        ),
    },
)
