"""MAMO, ComplexLP: its card."""

from __future__ import annotations

from typing import Final

from nl2opt.bench.task import BY_VALUE, Task, on_github

TASK: Final = Task(
    title="MAMO, ComplexLP",
    measures="word problems with tables: routing, flow, transport, diets",
    size=211,
    form="qa",
    licence="not stated where the file lies; a copy by others is CC BY-NC 4.0",
    graded=BY_VALUE,
    files={
        "published": on_github(
            "FreedomIntelligence/Mamo",
            "5b0ac2501f3707f9dc9d993a2be023b252376aec",
            "data/optimization/Complex_LP/mamo_complex_lp.jsonl",
        ),
        "sirl": on_github(
            "Cardinal-Operations/SIRL",
            "ea1e23d84ce07deecea79a40445deb7e18c68026",
            "test_data/MAMO_ComplexLP_fixed.jsonl",
        ),
    },
    own="mamo_complex",
)
