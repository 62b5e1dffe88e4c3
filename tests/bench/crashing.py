"""A stand-in for `answered` in a worker: the item q1 ends its process, q2 never ends, all others are answered."""

from __future__ import annotations

import os
import signal
import time

from nl2opt.bench.answering import Task, answered
from nl2opt.bench.respondents import Asking
from nl2opt.records import Row


def crashing(settings: Asking, task: Task) -> Row:
    """As `answered`, but for two items."""
    if task.item.id == "q1":
        os.kill(os.getpid(), signal.SIGSEGV)
    if task.item.id == "q2":
        time.sleep(600)
    return answered(settings, task)
