"""Our own set: its card."""

from __future__ import annotations

from typing import Final

from nl2opt.bench.task import Task
from nl2opt.resources import data_folder

TASK: Final = Task(
    title="nl2opt's own problems",
    measures="problems written for this project, LP, MILP and CP, easy to hard, told apart from any translator",
    size=len(list((data_folder("datasets") / "own").glob("*/model.yaml"))),
    form="folders",
    licence="Apache-2.0",
    graded="optimum at a relative 1e-6 under the model's own domains",
    files={},
    own="own",
)
