"""A request -> the reply of an engine: one process for each run, stopped softly by Ctrl-C, hard where it overruns.

SCIP is C code that has been seen to crash, to run on after its time limit and to print; apart from us it may do so.
A process starts in a tenth of a second, since it imports the engine's library and nothing of ours.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

GRACE = 10.0
"""Seconds an engine gets beyond its time limit, or after Ctrl-C, to come to an end."""

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: ``value`` where it ``answered``; how it ended otherwise, ``detail`` in words.

    ``overran``: it did not stop at its time limit (or when asked to) and was ended from outside.
    """

    ending: Literal["answered", "overran", "crashed"]
    value: dict[str, Any]
    interrupted: bool = False
    detail: str = ""


def ask(engine: str, request: dict[str, Any], seconds: float | None = None) -> Reply:
    """Run `engine.py` on a request. ``seconds``: the time limit the engine was given, None = no limit.

    Ctrl-C asks the engine to stop and to say what it has; a second one ends it.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", "-s", str(_HERE / "process.py"), str(_HERE / f"{engine}.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C at the terminal reaches us alone, and we ask it to stop
    )
    said: list[bytes] = []
    done = threading.Event()  # not `join`: interrupted, it takes a thread that runs for one that has ended

    def talk() -> None:
        assert process.stdin is not None and process.stdout is not None
        try:
            pickle.dump(request, process.stdin)
            process.stdin.flush()
            said.append(process.stdout.read())
        except OSError:
            pass  # it died before it had read the request
        finally:
            done.set()

    try:
        threading.Thread(target=talk, daemon=True).start()
        interruptions = _wait(process, done, None if seconds is None else time.monotonic() + seconds + GRACE)
        answered = done.is_set()
    finally:
        process.kill()
        code = process.wait()
    if not answered:
        return Reply("overran", {}, interruptions > 0)
    try:
        value = pickle.loads(said[0])
    except (IndexError, EOFError, pickle.UnpicklingError):
        return Reply("crashed", {}, interruptions > 0, f"signal {-code}" if code < 0 else f"exit code {code}")
    if "failed" in value:
        return Reply("crashed", {}, interruptions > 0, value["failed"])
    return Reply("answered", value, interruptions > 0)


def _wait(process: subprocess.Popen[bytes], done: threading.Event, deadline: float | None) -> int:
    """Until the reply is there or the deadline has passed -> how often Ctrl-C was pressed."""
    interruptions = 0
    while True:
        try:
            done.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))
            return interruptions
        except KeyboardInterrupt:
            interruptions += 1
            deadline = time.monotonic() + (GRACE if interruptions == 1 else 0.0)
            _ask_to_stop(process)


def _ask_to_stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(b"s")
        process.stdin.flush()
    except OSError:
        return  # it has ended meanwhile
