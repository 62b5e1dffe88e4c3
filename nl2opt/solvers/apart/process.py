"""The main program of a process that runs one engine on one request. It imports nothing of nl2opt.

Standard input: a pickled request, then one byte to ask for a stop; its end means that nobody waits any more. Standard
output: the pickled reply. An engine is a file with `run(request, stoppable) -> reply`; it calls `stoppable` with the
function that stops it.
"""

from __future__ import annotations

import os
import pickle
import runpy
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

PAUSE = 0.1
"""Seconds between two askings to stop: one that comes before the search has begun is not heard."""


def main(engine: str) -> None:
    """Serve one request."""
    reply = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what an engine prints is no part of the reply
    request = pickle.load(sys.stdin.buffer)
    stops: list[Callable[[], object]] = []

    def work() -> None:
        try:
            value: dict[str, Any] = runpy.run_path(engine)["run"](request, stops.append)
        except BaseException as e:  # whatever it is, the other side should hear of it
            value = {"failed": f"{type(e).__name__}: {e}"}
        pickle.dump(value, reply)
        reply.flush()
        os._exit(0)

    threading.Thread(target=work, daemon=True).start()
    if not sys.stdin.buffer.read(1):
        os._exit(1)
    while True:
        for stop in stops:
            stop()
        time.sleep(PAUSE)


if __name__ == "__main__":
    main(sys.argv[1])
