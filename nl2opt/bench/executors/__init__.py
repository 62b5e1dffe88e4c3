"""Tasks -> rows as they are done: where the work of a run is carried out, one file a place, found by scanning.

Each has `run(settings, tasks, jobs, seconds) -> Iterator[Row]`: never more than ``jobs`` tasks at work, and a task that
takes more than ``seconds`` or ends its worker becomes a row (`limit`, `crashed`) where the place can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from types import ModuleType

from nl2opt.errors import DataError, Diagnostic
from nl2opt.registry import members


def executors() -> Mapping[str, ModuleType]:
    """Name -> module of an executor."""
    return members("nl2opt.bench.executors", requires=("run",))


def usual() -> str:
    """The executor of a run that names none: processes where pebble is installed, else threads."""
    return "processes" if find_spec("pebble") else "threads"


def executor_of(name: str) -> ModuleType:
    """Name -> executor. Raises DataError (D306) where there is none."""
    known = executors()
    if name not in known:
        raise DataError(Diagnostic("D306", f"no executor {name!r}", expected=f"one of {', '.join(known)}"))
    return known[name]
