"""A Ray cluster: workers on as many machines as it has; what a lost worker was at is done by another.

`RAY_ADDRESS` names the cluster; without it one is started on this machine, with a worker a job, and ends with us. Every
machine of a cluster has nl2opt installed, the same version, and reads the same files (`--predictions`).

A task whose worker is lost is done again, twice at most: then it is held to end its workers itself, and is `crashed`. A
task's time is counted from when it was handed over; no more are handed over than the cluster has processors.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from typing import Any, Final

from nl2opt.bench.answering import Task, answered, failed
from nl2opt.bench.respondents import Asking
from nl2opt.errors import Diagnostic, SolverFailure
from nl2opt.records import Row

RETRIES: Final = 2
"""How often a task is done again because its worker was lost."""


def run(settings: Asking, tasks: Iterable[Task], jobs: int, seconds: float) -> Iterator[Row]:
    """Rows in the order in which they are done.

    Raises SolverFailure (E801) where ray is not installed, or the cluster cannot be reached.
    """
    try:
        import ray
    except ImportError:
        fix = "pip install 'nl2opt[ray]', or --executor processes"
        raise SolverFailure(Diagnostic("E801", "the package ray is not installed", fix=fix)) from None
    ours = not ray.is_initialized()
    if ours:
        _begin(ray, jobs)
    remote = ray.remote(num_cpus=1, max_retries=RETRIES)(answered)
    room = max(1, min(jobs, int(ray.cluster_resources().get("CPU", 1))))
    at_work: dict[Any, tuple[Task, float]] = {}
    try:
        held = ray.put(settings)
        for task in tasks:
            at_work[remote.remote(held, task)] = task, time.monotonic() + seconds
            while len(at_work) >= room:
                yield from _ready(ray, settings, at_work, seconds)
        while at_work:
            yield from _ready(ray, settings, at_work, seconds)
    finally:
        for waiting in at_work:
            ray.cancel(waiting, force=True)
        if ours:
            ray.shutdown()


def _begin(ray: Any, jobs: int) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        if os.environ.get("RAY_ADDRESS"):
            ray.init(log_to_driver=False, logging_level="error")
        else:
            ray.init("local", num_cpus=jobs, include_dashboard=False, log_to_driver=False, logging_level="error")
    except (ConnectionError, RuntimeError, ValueError) as e:
        told = str(e).splitlines()[0] if str(e) else type(e).__name__
        raise SolverFailure(Diagnostic("E801", "no Ray cluster could be reached or started", found=told)) from None


def _ready(ray: Any, settings: Asking, at_work: dict[Any, tuple[Task, float]], seconds: float) -> Iterator[Row]:
    """The rows of what is done, or took too long, once there is some."""
    left = min(end for _, end in at_work.values()) - time.monotonic()
    done, _ = ray.wait(list(at_work), num_returns=1, timeout=max(0.0, left))
    for reference in done:
        task, _ = at_work.pop(reference)
        yield _row(ray, settings, reference, task)
    if not done:
        for reference in [r for r, (_, end) in at_work.items() if end <= time.monotonic()]:
            task, _ = at_work.pop(reference)
            ray.cancel(reference, force=True)
            yield failed(settings, task, "limit", "it took longer than a task may and was ended", seconds)


def _row(ray: Any, settings: Asking, reference: Any, task: Task) -> Row:
    try:
        row: Row = ray.get(reference)
    except Exception as e:  # its workers were lost again and again, or what they sent could not be read
        return failed(settings, task, "crashed", f"{type(e).__name__}: {e}".splitlines()[0])
    return row
