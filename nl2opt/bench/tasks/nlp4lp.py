"""NLP4LP: its card."""

from __future__ import annotations

from typing import Final

from nl2opt.bench.task import BY_VALUE, Task

TASK: Final = Task(
    title="NLP4LP",
    measures="problems of textbooks, the data apart from the text",
    size=269,
    form="qa",
    licence="CC BY-NC 4.0, for research only",
    graded=BY_VALUE,
    files={},
    by_hand=(
        "its authors (huggingface.co/datasets/udell-lab/NLP4LP) ask for an agreement: sign it, download, "
        "give a file in the form qa with --file"
    ),
)
