"""Task -> a process of its own that can be watched and stopped; it ends with its session, the page goes on."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path
from typing import Final

from assistant.task import Failed, ModelTask, Outcome, Task
from assistant.worker import OUTCOME, TASK
from nl2opt.errors import Diagnostic
from nl2opt.llm.openai_compatible import KEYS

HOME: Final = Path(__file__).resolve().parents[1]
SERVER: Final = "NL2OPT_BASE_URL"
"""Environment variable with the address of the one server, besides OpenAI's own, that a key may be sent to."""

_log = logging.getLogger("nl2opt.assistant")


class Job:
    """A task at work; ``seconds`` is its deadline, after which it ends itself."""

    def __init__(self, task: Task, seconds: float) -> None:
        self.seconds = seconds
        self.started = time.monotonic()
        self._folder = tempfile.TemporaryDirectory(prefix="nl2opt-job-")
        folder = Path(self._folder.name)
        (folder / TASK).write_bytes(pickle.dumps(task))
        with (folder / "errors").open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "assistant.worker", str(folder), str(math.ceil(seconds))],
                cwd=HOME,
                env=_environment(task),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        self._end = weakref.finalize(self, _kill, self._process)

    @property
    def is_done(self) -> bool:
        """True once the process has ended, one way or another."""
        return self._process.poll() is not None

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def stop(self) -> None:
        """End the process and what it started, now."""
        self._end()

    def outcome(self) -> Outcome:
        """What a finished process left; a process that died is a finding, too."""
        folder = Path(self._folder.name)
        path = folder / OUTCOME
        try:
            if path.exists():
                found: Outcome = pickle.loads(path.read_bytes())
                return found
            code = self._process.returncode
            _log.warning("a worker ended with %s: %s", code, (folder / "errors").read_text(errors="replace")[-4000:])
            return Failed((_died(code, self.seconds),))
        finally:
            self._end()
            self._folder.cleanup()


def _died(code: int, seconds: float) -> Diagnostic:
    if code == -signal.SIGALRM:
        return Diagnostic(
            "", f"Nothing was found within {seconds:.0f} seconds", fix="try less data, or allow more time"
        )
    if code < 0:
        return Diagnostic("", f"The work ended abruptly (signal {-code}); nothing else is lost", fix="try it again")
    return Diagnostic("", "Something broke inside; this is a fault of the program, not of your text",
                      fix="the log of the server says more")  # fmt: skip


def _environment(task: Task) -> dict[str, str]:
    """The server's environment; the key of a language model only for a server it may be sent to."""
    kept = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    address = task.translation.base_url if isinstance(task, ModelTask) else ""
    asks = isinstance(task, ModelTask) and task.translation.translator == "llm"
    if not asks or address not in ("", os.environ.get(SERVER, "")):
        for name in KEYS:
            kept.pop(name, None)
    return kept


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:  # the number of a process that was waited for may be another's by now
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
