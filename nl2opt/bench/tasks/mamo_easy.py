"""MAMO, EasyLP: its card."""

from __future__ import annotations

from typing import Final

from nl2opt.bench.task import BY_VALUE, Task, on_github

TASK: Final = Task(
    title="MAMO, EasyLP",
    measures="word problems of linear and integer programming, easy",
    size=652,
    form="qa",
    licence="not stated where the file lies; a copy by others is CC BY-NC 4.0",
    graded=BY_VALUE,
    files={
        "published": on_github(
            "FreedomIntelligence/Mamo",
            "5b0ac2501f3707f9dc9d993a2be023b252376aec",
            "data/optimization/Easy_LP/mamo_easy_lp.jsonl",
        ),
        "optmath": on_github(
            "optsuite/OptMATH",
            "a1712fad3f19ae67763921917902453034db36ef",
            "benchmark/MAMO_EasyLP.json",
        ),
    },
)
