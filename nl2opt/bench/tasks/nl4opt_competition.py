"""NL4Opt competition, generation track: its card."""

from __future__ import annotations

from typing import Final

from nl2opt.bench.task import Task

TASK: Final = Task(
    title="NL4Opt competition, generation track",
    measures="short word problems with the declarations of their objective and constraints: same optimum, same model",
    size=289,
    form="nl4opt",
    licence="MIT",
    graded=(
        "outcome of answer and label under the same domains, all reals (counts) and all whole numbers, relative 1e-6; "
        "declarations as the competition counted them beside it"
    ),
    files={},
    by_hand=(
        "the authors' repository (nl4opt/nl4opt-competition, generation_data) keeps them in a form of its "
        "own; give a file in the form nl4opt with --file"
    ),
)
