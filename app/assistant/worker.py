"""Folder with a task -> its outcome, computed in a process of its own that limits itself: `python -m assistant.worker`.

The process ends itself at its deadline, whatever native code it is in, and may use so much memory and no more. What it
reads was written by the page, what it writes is read by the page; neither comes from outside.
"""

from __future__ import annotations

import pickle
import signal
import sys
import tempfile
from pathlib import Path

from assistant.task import (
    EditTask,
    Failed,
    File,
    ModelTask,
    Outcome,
    Programs,
    ProgramsTask,
    SolveTask,
    Task,
)
from nl2opt.errors import Diagnostic, LimitExceeded, ModelFailure, Nl2optError

MEMORY = 8 * 2**30
TASK, OUTCOME = "task", "outcome"


def main(folder: Path, seconds: int) -> None:
    """Reads the task of a folder, leaves its outcome there; a process that dies leaves none."""
    signal.alarm(seconds)
    _limit_memory()
    task: Task = pickle.loads((folder / TASK).read_bytes())
    part = folder / f"{OUTCOME}.part"
    part.write_bytes(pickle.dumps(outcome(task)))
    part.rename(folder / OUTCOME)


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def outcome(task: Task) -> Outcome:
    """Task -> Outcome; what is expected to go wrong becomes findings."""
    from assistant.solving import solved
    from assistant.studying import edited, study

    try:
        with tempfile.TemporaryDirectory(prefix="nl2opt-data-") as place:
            match task:
                case ModelTask():
                    return study(task, _written(task.files, Path(place)))
                case EditTask():
                    return edited(task, _written(task.files, Path(place)))
                case SolveTask(instance, seconds):
                    return solved(instance, seconds)
                case ProgramsTask(instance):
                    return _programs(instance)
    except ModelFailure as e:
        return Failed(tuple(map(_without_answer, e.diagnostics)))
    except Nl2optError as e:
        return Failed(e.diagnostics)
    except MemoryError:
        return Failed((Diagnostic("", "This needs more memory than there is", fix="try it with less data"),))


def _without_answer(d: Diagnostic) -> Diagnostic:
    """A refusal of the key, without the server's words: some servers repeat part of the key in them."""
    return Diagnostic(d.code, d.message, d.where, "", d.expected, d.fix) if "401" in d.message else d


def _written(files: tuple[File, ...], folder: Path) -> list[Path]:
    """Uploaded files -> the same in a folder, under their own plain names."""
    paths = []
    for f in files:
        path = folder / Path(f.name.replace("\\", "/")).name
        if path.exists():
            raise Nl2optError(Diagnostic("", "Two data files have the same name", found=path.name))
        path.write_bytes(f.content)
        paths.append(path)
    return paths


def _programs(instance: object) -> Programs:
    import nl2opt
    from nl2opt.emitters import Program, targets
    from nl2opt.ir.instance import Instance

    assert isinstance(instance, Instance)
    found: dict[str, Program | Diagnostic] = {}
    for target in targets():
        try:
            found[target] = nl2opt.emit(instance, target)
        except (LimitExceeded, Nl2optError) as e:
            found[target] = e.diagnostics[0]
    return Programs(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
