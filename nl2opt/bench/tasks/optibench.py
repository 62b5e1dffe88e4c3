"""OptiBench: its card."""

from __future__ import annotations

from typing import Final

from nl2opt.bench.task import BY_VALUE, Task, on_github

TASK: Final = Task(
    title="OptiBench",
    measures="word problems, linear and nonlinear, with and without tables",
    size=605,
    form="qa",
    licence="not confirmed: see the repository yangzhch6/ReSocratic",
    graded=BY_VALUE,
    files={
        "published": on_github(
            "yangzhch6/ReSocratic",
            "d8355c033f410e255295822d45c679879f0a53f0",
            "data/e-opt.json",
            (
                "the repository's index lists this path at this commit; that e-opt.json is OptiBench "
                "could not be confirmed"
            ),
        ),
    },
)
