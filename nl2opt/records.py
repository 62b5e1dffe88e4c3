"""Rows of JSON on disk that survive any end of the process: keyed, appended by one writer, read by anything.

A row is one line, written whole and flushed. A line torn by a crash is the last one; it is cut off before the next row
is written, and its work is done again. A second writer is refused.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from nl2opt.errors import DataError, Diagnostic

Row = dict[str, Any]


class Records:
    """A JSONL file whose rows each have a ``key``; ``done`` holds the keys that are written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done: set[str] = set()
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Open for writing. Raises DataError (D301) where another process writes the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("ab+")
        _lock(self._file, self.path)
        whole = _whole_lines(self.path)
        self._file.truncate(whole)
        self._file.seek(0, os.SEEK_END)
        self.done = {str(row["key"]) for row in read_rows(self.path)}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def append(self, key: str, row: Row) -> None:
        """Write one row; a key that is there already is an error of the caller (ValueError)."""
        if self._file is None or key in self.done:
            raise ValueError(f"row {key!r} is written already, or the file is not open")
        line = json.dumps({"key": key, **row}, ensure_ascii=True, sort_keys=False) + "\n"
        self._file.write(line.encode("ascii"))
        self._file.flush()
        self.done.add(key)


def read_rows(path: Path) -> Iterator[Row]:
    """File -> its whole rows; none where there is no file. Raises DataError (D302) for a line that is no row."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return  # torn by a crash
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict) or "key" not in row:
                where = f"{path.name} line {number}"
                raise DataError(Diagnostic("D302", "not a row of records", where, line[:80].decode("utf-8", "replace"),
                                           "a JSON object with `key`"))  # fmt: skip
            yield row


def _whole_lines(path: Path) -> int:
    """Bytes up to the end of the last whole line."""
    size = path.stat().st_size
    with path.open("rb") as file:
        at = size
        while at > 0:
            start = max(0, at - 65536)
            file.seek(start)
            end = file.read(at - start).rfind(b"\n")
            if end >= 0:
                return start + end + 1
            at = start
    return 0


def _lock(file: IO[bytes], path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # not a POSIX system: a second writer is not noticed
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        message = "another process writes this file"
        raise DataError(Diagnostic("D301", message, str(path), fix="wait for it, or write elsewhere")) from None
