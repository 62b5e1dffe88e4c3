"""CP-Bench / DCP-Bench-Open: its card."""

from __future__ import annotations

from typing import Final

from nl2opt.bench.task import Task

TASK: Final = Task(
    title="CP-Bench / DCP-Bench-Open",
    measures=(
        "constraint programming: puzzles, schedules, routes; the printed solution is judged, also on data not shown"
    ),
    size=164,
    form="cpbench",
    licence="not confirmed: see the repository DCP-Bench/DCP-Bench-Open",
    graded=(
        "the printed values must satisfy the reference document of datasets/cpbench (84 rows have one, no other is "
        "graded) and reach the optimum; apart from that, 57 also on data that were not shown, all but puzzles and "
        "texts that hold their data themselves"
    ),
    files={},
    by_hand=(
        "its authors (github.com/DCP-Bench/DCP-Bench-Open) keep a program for each problem: give a file "
        "in the form cpbench with --file"
    ),
    own="cpbench",
)
