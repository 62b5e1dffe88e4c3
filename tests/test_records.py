"""Rows on disk: whole after any end of the process, written once, by one writer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.errors import DataError
from nl2opt.records import Records, read_rows

WRITER = """
import sys, time
from pathlib import Path
from nl2opt.records import Records
with Records(Path(sys.argv[1])) as records:
    for k in range(10_000):
        if str(k) not in records.done:
            records.append(str(k), {"text": "x" * 200, "n": k})
            time.sleep(0.0005)
"""


def test_rows_come_back(tmp_path: Path) -> None:
    """In their order, with their keys, and a second opening knows them."""
    path = tmp_path / "deep" / "rows.jsonl"
    with Records(path) as records:
        records.append("a", {"text": "Straße\n\u2028", "n": 1.5})
        records.append("b", {"text": None})
    with Records(path) as records:
        assert records.done == {"a", "b"}
        with pytest.raises(ValueError, match="already"):
            records.append("a", {})
    assert list(read_rows(path)) == [{"key": "a", "text": "Straße\n\u2028", "n": 1.5}, {"key": "b", "text": None}]


@given(st.integers(0, 200))
@settings(max_examples=60, deadline=None)
def test_a_torn_line_is_cut_off(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """Wherever a crash stops the last line, the rows before it stay and the next is whole."""
    path = tmp_path_factory.mktemp("torn") / "rows.jsonl"
    with Records(path) as records:
        for key in "abc":
            records.append(key, {"text": "y" * 50})
    whole = path.read_bytes()
    path.write_bytes(whole[: max(0, len(whole) - cut)])
    kept = {str(r["key"]) for r in read_rows(path)}
    with Records(path) as records:
        assert records.done == kept
        for key in sorted(set("abc") - kept):
            records.append(key, {"text": "y" * 50})
    assert path.read_bytes() == whole


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with Records(tmp_path / "rows.jsonl"), pytest.raises(DataError, match="D301"), Records(tmp_path / "rows.jsonl"):
        pass


def test_a_line_that_is_no_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"key": "a"}\n[1]\n')
    with pytest.raises(DataError, match="line 2"):
        list(read_rows(tmp_path / "rows.jsonl"))


def test_a_writer_that_is_killed_again_and_again(tmp_path: Path) -> None:
    """Killed at five moments, the file holds each key once and goes on where it stopped."""
    path = tmp_path / "rows.jsonl"
    before = 0
    for wait in (0.25, 0.4, 0.3, 0.5, 0.35):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and (not path.exists() or path.stat().st_size <= before):
            time.sleep(0.01)
        time.sleep(wait)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        keys = [r["key"] for r in read_rows(path)]
        assert keys == [str(k) for k in range(len(keys))] and len(keys) > 0
        assert path.stat().st_size > before
        before = path.stat().st_size
    assert all(json.loads(line)["text"] == "x" * 200 for line in path.read_text().splitlines()[:50])
