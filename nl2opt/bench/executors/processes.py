"""Processes of this machine, by pebble: a task that crashes or never ends costs its own row and nothing else.

Workers are started by a fork server, so that no thread of ours is copied; a worker ends when we do, however we end.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as Overrun
from multiprocessing.connection import wait as wait_for
from typing import Any

from nl2opt.bench.answering import Task, answered, failed
from nl2opt.bench.respondents import Asking
from nl2opt.errors import Diagnostic, SolverFailure
from nl2opt.records import Row


def run(settings: Asking, tasks: Iterable[Task], jobs: int, seconds: float) -> Iterator[Row]:
    """Rows in the order in which they are done. Raises SolverFailure (E801) where pebble is not installed."""
    try:
        from pebble import ProcessPool
    except ImportError:
        fix = "pip install 'nl2opt[bench]', or --executor threads"
        raise SolverFailure(Diagnostic("E801", "the package pebble is not installed", fix=fix)) from None
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["nl2opt.bench.answering"])
    pool: Any = ProcessPool(max_workers=jobs, initializer=_start_worker, context=context)
    at_work: dict[Future[Row], Task] = {}
    try:
        for task in tasks:
            at_work[pool.schedule(answered, args=(settings, task), timeout=seconds)] = task
            if len(at_work) >= 2 * jobs:  # one waits at each worker, so that none is idle while we write
                yield from _ready(settings, at_work, seconds)
        while at_work:
            yield from _ready(settings, at_work, seconds)
    finally:
        pool.stop()
        pool.join()


def _ready(settings: Asking, at_work: dict[Future[Row], Task], seconds: float) -> Iterator[Row]:
    done, _ = wait(at_work, return_when=FIRST_COMPLETED)
    for future in done:
        task = at_work.pop(future)
        yield _row(settings, future, task, seconds)


def _row(settings: Asking, future: Future[Row], task: Task, seconds: float) -> Row:
    try:
        return future.result()
    except Overrun:
        return failed(settings, task, "limit", "it took longer than a task may and was ended", seconds)
    except Exception as e:  # the worker died, or what it sent could not be read
        return failed(settings, task, "crashed", f"{type(e).__name__}: {e}")


def _start_worker() -> None:
    """Leave Ctrl-C to the driver, and end with it."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: Any) -> None:
    wait_for([sentinel])
    os._exit(1)
