"""Engines in a process of their own: replies, crashes, engines that do not stop, Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nl2opt.solvers import apart
from nl2opt.solvers.apart import asking


@pytest.fixture
def engine(tmp_path: Path) -> Callable[[str], str]:
    """The body of `run` -> the name of an engine that has it."""

    def write(body: str) -> str:
        head = "import ctypes, threading, time\ndef run(request, stoppable):\n    "
        (tmp_path / "engine.py").write_text(head + "\n    ".join(body.splitlines()), encoding="utf-8")
        return str(tmp_path / "engine")

    return write


@contextmanager
def ctrl_c(*seconds: float) -> Iterator[None]:
    """Ctrl-C pressed after so many seconds."""
    timers = [threading.Timer(s, os.kill, (os.getpid(), signal.SIGINT)) for s in seconds]
    for t in timers:
        t.start()
    try:
        yield
    finally:
        for t in timers:
            t.cancel()


def test_reply(engine: Callable[[str], str]) -> None:
    """What `run` returns comes back; what it prints does not get in the way."""
    reply = apart.ask(engine("print('noise', flush=True)\nreturn {'twice': 2 * request['x']}"), {"x": 21})
    assert reply == apart.Reply("answered", {"twice": 42})


def test_a_crash_is_told() -> None:
    """A missing engine ends its process with a word."""
    reply = apart.ask("/nowhere/engine", {})
    assert reply.ending == "crashed" and "FileNotFoundError" in reply.detail


def test_a_segmentation_fault_ends_its_process_only(engine: Callable[[str], str]) -> None:
    """The signal is named."""
    reply = apart.ask(engine("ctypes.string_at(0)"), {})
    assert (reply.ending, reply.detail) == ("crashed", f"signal {signal.SIGSEGV.value}")
    reply = apart.ask(engine("return {'failed': 1 / 0}"), {})
    assert (reply.ending, reply.detail) == ("crashed", "ZeroDivisionError: division by zero")


def test_an_engine_that_overruns_is_ended(engine: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time limit, and after Ctrl-C."""
    monkeypatch.setattr(asking, "GRACE", 0.5)
    deaf = engine("time.sleep(60)")
    started = time.monotonic()
    assert apart.ask(deaf, {}, 0.2) == apart.Reply("overran", {})
    with ctrl_c(0.3):
        assert apart.ask(deaf, {}) == apart.Reply("overran", {}, interrupted=True)
    assert time.monotonic() - started < 20


def test_ctrl_c_asks_and_a_second_one_ends(engine: Callable[[str], str]) -> None:
    """The engine says what it has; one that does not hear is ended by the second."""
    kind = engine("e = threading.Event()\nstoppable(e.set)\nreturn {'stopped': e.wait(60)}")
    with ctrl_c(0.5):
        assert apart.ask(kind, {}) == apart.Reply("answered", {"stopped": True}, interrupted=True)
    with ctrl_c(0.5, 1.0):
        assert apart.ask(engine("time.sleep(60)"), {}) == apart.Reply("overran", {}, interrupted=True)
