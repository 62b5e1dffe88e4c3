"""Task -> its files on disk, from where its authors publish them: pinned, checked, told clearly when offline.

The SHA-256 of each file is recorded beside it on the first fetch (`checksums.json`), and every later fetch must give
the same bytes; where a task's file records one, the first must give it too.
"""

from __future__ import annotations

import hashlib
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nl2opt.bench.task import Source, data_home, place_of, task_of
from nl2opt.errors import DataError, Diagnostic

TIMEOUT: Final = 30.0
LIMIT: Final = 256 * 2**20
"""Bytes a file may have: no benchmark is larger, and a server that never ends must not fill the disk."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One file: where it lies, its digest, and whether it was there already."""

    version: str
    path: Path
    sha256: str
    known: bool


def fetch(name: str, again: bool = False) -> Iterator[Fetched]:
    """Task -> each of its files, fetched unless it is there (``again``: in any case).

    Raises DataError: D308 without a network or an address, D309 where the bytes are others than recorded.
    """
    task = task_of(name)
    if not task.files:
        fix = "it comes with the package" if task.ships else task.by_hand
        raise DataError(Diagnostic("D308", f"nothing is fetched for {name}", fix=fix))
    for version, source in task.files.items():
        path = place_of(name, version, source.url)
        if path.exists() and not again:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            _check(source, digest, _recorded(path).get(path.name, ""), path)
            yield Fetched(version, path, digest, True)
            continue
        content = download(source.url)
        digest = hashlib.sha256(content).hexdigest()
        _check(source, digest, _recorded(path).get(path.name, ""), path)
        _write(path, content, digest)
        yield Fetched(version, path, digest, False)


def download(url: str) -> bytes:
    """Address -> bytes. Raises DataError (D308) with what the person can do."""
    by_hand = f"fetch it by hand and give it with --file, or put it under {data_home()}"
    request = urllib.request.Request(url, headers={"User-Agent": "nl2opt"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            content: bytes = answer.read(LIMIT + 1)
    except urllib.error.HTTPError as e:
        raise DataError(Diagnostic("D308", f"the server answers {e.code}", url, e.reason, fix=by_hand)) from None
    except (urllib.error.URLError, OSError, ValueError) as e:
        found = str(getattr(e, "reason", e))
        raise DataError(Diagnostic("D308", "the server cannot be reached", url, found, fix=by_hand)) from None
    if len(content) > LIMIT:
        raise DataError(Diagnostic("D308", "the file is too large", url, expected=f"at most {LIMIT} bytes"))
    return content


def _check(source: Source, digest: str, recorded: str, path: Path) -> None:
    expected = source.sha256 or recorded
    if expected and digest != expected:
        fix = f"the authors changed it, or it was damaged; delete {path} and its line in checksums.json to take the new"
        raise DataError(Diagnostic("D309", "the file is another than before", source.url, digest, expected, fix))


def _recorded(path: Path) -> dict[str, str]:
    file = path.parent / "checksums.json"
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def _write(path: Path, content: bytes, digest: str) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(path.suffix + ".part")
    part.write_bytes(content)
    os.replace(part, path)
    sums = _recorded(path) | {path.name: digest}
    (path.parent / "checksums.json").write_text(json.dumps(sums, indent=1, sort_keys=True) + "\n", encoding="utf-8")
