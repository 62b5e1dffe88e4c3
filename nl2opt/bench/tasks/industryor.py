"""IndustryOR: its card."""

from __future__ import annotations

from typing import Final

from nl2opt.bench.task import BY_VALUE, Source, Task, on_github

TASK: Final = Task(
    title="IndustryOR",
    measures="problems from industry: LP, IP, MILP and nonlinear, of three difficulties",
    size=100,
    form="qa",
    licence="CC BY-NC 4.0",
    graded=BY_VALUE,
    files={
        "published": Source(
            "https://huggingface.co/datasets/CardinalOperations/IndustryOR/resolve/main/IndustryOR.json",
            "main (no commit could be pinned)",
            "the data set's README names this file",
        ),
        "sirl": on_github(
            "Cardinal-Operations/SIRL",
            "d607f21f75143e9310397d19466034116277bc1d",
            "test_data/IndustryOR_fixed.json",
        ),
        "sirl v2": on_github(
            "Cardinal-Operations/SIRL",
            "496425fac955543d6173f924ff2e0f12afafc738",
            "test_data/IndustryOR_fixedV2.json",
        ),
    },
    own="industryor",
)
