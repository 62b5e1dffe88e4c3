"""Client -> Client that remembers: a request asked before is answered from one SQLite file, by any process."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

from nl2opt.llm import Client, Completion, Request


def default_path() -> Path:
    """Where completions are kept: `$NL2OPT_CACHE`, else the user's cache folder."""
    if own := os.environ.get("NL2OPT_CACHE"):
        return Path(own) / "completions.sqlite"
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "nl2opt" / "completions.sqlite"


class Cached:
    """A client in front of which a file stands. ``origin`` tells servers apart that serve models of one name."""

    def __init__(self, client: Client, origin: str, path: Path | None = None) -> None:
        self._client = client
        self._origin = origin
        self._path = path or default_path()

    def complete(self, request: Request) -> Completion:
        """The kept completion, or a new one that is kept. A file that cannot be used is done without."""
        key = f"{self._origin}\n{request.key}"
        if kept := self._read(key):
            return kept
        completion = self._client.complete(request)
        self._write(key, completion)
        return completion

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=10)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS completions (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        return connection

    def _read(self, key: str) -> Completion | None:
        try:
            with closing(self._connect()) as connection:
                row = connection.execute("SELECT value FROM completions WHERE key = ?", (key,)).fetchone()
        except (sqlite3.Error, OSError):
            return None
        return None if row is None else replace(Completion(**json.loads(row[0])), cached=True, seconds=0.0)

    def _write(self, key: str, completion: Completion) -> None:
        value = json.dumps(asdict(completion))
        try:
            with closing(self._connect()) as connection, connection:
                connection.execute("INSERT OR REPLACE INTO completions VALUES (?, ?)", (key, value))
        except (sqlite3.Error, OSError):
            return
