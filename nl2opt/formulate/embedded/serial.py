"""Matrix products on one thread while an encoder runs: threads that wait for busy cores cost more than they give.

On two cores that others use as well, two threads took 25 times as long as one; on idle cores they save a third.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from threading import Lock
from typing import Any, Final

_NAMES: Final = ("scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_", "openblas_{}_num_threads")
"""How builds of OpenBLAS call the pair of functions. Source: its cblas.h, and the wheels of numpy."""

_lock = Lock()
_inside = 0
_before = 1


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it numpy multiplies on one thread; the last to leave sets back what the first found.

    Where numpy multiplies with another library nothing changes.
    """
    global _inside, _before
    read, write = _threads()
    with _lock:
        if _inside == 0:
            _before = read()
            write(1)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                write(_before)


@cache
def _threads() -> tuple[Callable[[], int], Callable[[int], Any]]:
    """How many threads the library beneath numpy takes, and the way to set it."""
    try:
        library = ctypes.CDLL(str(import_module("numpy._core._multiarray_umath").__file__))
    except (ImportError, OSError):
        return lambda: 1, lambda count: None
    for name in _NAMES:
        if hasattr(library, name.format("set")) and hasattr(library, name.format("get")):
            return getattr(library, name.format("get")), getattr(library, name.format("set"))
    return lambda: 1, lambda count: None
