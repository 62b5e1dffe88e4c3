"""Threads of this process: for language models, which are waited for. A task that never ends is not ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from nl2opt.bench.answering import Task, answered
from nl2opt.bench.respondents import Asking
from nl2opt.records import Row


def run(settings: Asking, tasks: Iterable[Task], jobs: int, seconds: float) -> Iterator[Row]:
    """Rows in the order in which they are done; ``seconds`` cannot be held to here."""
    with ThreadPoolExecutor(jobs) as pool:
        at_work: set[Future[Row]] = set()
        try:
            for task in tasks:
                at_work.add(pool.submit(answered, settings, task))
                if len(at_work) >= jobs:
                    ready, at_work = wait(at_work, return_when=FIRST_COMPLETED)
                    yield from (f.result() for f in ready)
            while at_work:
                ready, at_work = wait(at_work, return_when=FIRST_COMPLETED)
                yield from (f.result() for f in ready)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
