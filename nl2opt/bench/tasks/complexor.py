"""ComplexOR: its card."""

from __future__ import annotations

from typing import Final

from nl2opt.bench.task import BY_VALUE, Task

TASK: Final = Task(
    title="ComplexOR",
    measures="problems of operations research told without their numbers",
    size=37,
    form="qa",
    licence="not confirmed: see the repository xzymustbexzy/Chain-of-Experts",
    graded=BY_VALUE,
    files={},
    by_hand=(
        "its authors (github.com/xzymustbexzy/Chain-of-Experts, dataset/ComplexOR) keep a folder for each "
        "problem: give a file in the form qa with --file"
    ),
)
