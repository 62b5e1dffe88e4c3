"""Tasks: every card is whole; files are fetched, pinned, checked, and what is missing is told."""

from __future__ import annotations

import functools
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from nl2opt.bench import fetch as fetching
from nl2opt.bench import task as tasking
from nl2opt.bench.fetch import fetch
from nl2opt.bench.forms import forms
from nl2opt.bench.task import Source, Task, card, load, task_of, tasks
from nl2opt.errors import DataError


@pytest.mark.parametrize("name", list(tasks()))
def test_cards_are_whole(name: str) -> None:
    """What it measures, its size and licence, how it is graded, where it lies or how it is had."""
    task = task_of(name)
    assert task.title and task.measures and task.licence and task.graded and task.size > 0
    assert task.form in forms()
    assert task.ships or task.files or task.by_hand
    assert next(iter(task.files), "published") == "published"
    for source in task.files.values():
        assert source.url.startswith("https://") and source.version and source.confirmed
        assert source.version in source.url or "no commit" in source.version
    assert json.dumps(card(name, task))


ROWS = b'{"id": "a", "question": "How many?", "answer": 1}\n{"id": "b", "question": "How few?", "answer": 2}\n'
FIXED = b'[{"en_question": "How  few?", "en_answer": 3}]'


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder served on this machine, and a task `small` whose two files lie there."""
    folder = tmp_path / "www"
    folder.mkdir()
    (folder / "rows.jsonl").write_bytes(ROWS)
    (folder / "fixed.json").write_bytes(FIXED)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    files = {v: Source(f"{base}/{f}", "1") for v, f in (("published", "rows.jsonl"), ("fixed", "fixed.json"))}
    small = Task("small", "little", 2, "qa", "CC0", "by value", files)
    monkeypatch.setattr(tasking, "tasks", lambda: {"small": SimpleNamespace(TASK=small)})
    monkeypatch.setenv("NL2OPT_BENCH", str(tmp_path / "home"))
    yield folder
    server.shutdown()
    server.server_close()


def test_fetched_once_and_read_with_both_labels(served: Path, tmp_path: Path) -> None:
    """The second time nothing is fetched; labels of the other file meet their items by text."""
    found = list(fetch("small"))
    assert [(f.version, f.known, f.sha256) for f in found] == [
        ("published", False, hashlib.sha256(ROWS).hexdigest()), ("fixed", False, hashlib.sha256(FIXED).hexdigest()),
    ]  # fmt: skip
    for file in served.iterdir():
        file.unlink()
    assert [f.known for f in fetch("small")] == [True, True]
    questions = load("small", None, "")
    labels = {i.id: {v: label.readings["declared"].value for v, label in i.labels.items()} for i in questions.items}
    assert labels == {"a": {"published": 1.0}, "b": {"published": 2.0, "fixed": 3.0}}
    assert set(questions.files) == {"published", "fixed"}


def test_other_bytes_are_refused(served: Path) -> None:
    """Whether the file on disk was damaged or the published one has changed; what was there stays."""
    (first, _) = fetch("small")
    (served / "rows.jsonl").write_bytes(ROWS + b"\n")
    with pytest.raises(DataError, match="D309"):
        list(fetch("small", again=True))
    assert first.path.read_bytes() == ROWS
    first.path.write_bytes(ROWS[:-1])
    with pytest.raises(DataError, match="D309"):
        list(fetch("small"))


def test_offline_and_missing_files_are_told(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (served / "rows.jsonl").unlink()
    with pytest.raises(DataError, match=r"answers 404(.|\n)*by hand"):
        list(fetch("small"))
    with pytest.raises(DataError, match=r"D307(.|\n)*bench fetch small"):
        load("small", None, "")
    with pytest.raises(DataError, match=r"cannot be reached(.|\n)*--file"):
        fetching.download("http://127.0.0.1:9/rows.jsonl")
    monkeypatch.setattr(fetching, "LIMIT", 3)
    with pytest.raises(DataError, match="too large"):
        fetching.download(tasking.task_of("small").files["fixed"].url)


def test_labels_of_other_items_are_refused(tmp_path: Path) -> None:
    rows, other = tmp_path / "rows.jsonl", tmp_path / "other.jsonl"
    rows.write_bytes(ROWS)
    other.write_text('{"id": "z", "answer": 1}')
    with pytest.raises(DataError, match="of other items"):
        load("", rows, "qa", [("other", other)])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "no items"), ("[1, 2", "not a JSON list"), ("{", "line 1"), ('{"question": " "}', "no text"),
        ('{"question": "x", "answer": "soon"}', "could not convert"),
        ('{"question": "x", "answer": NaN}', "answer nan"),
        ('{"id": 1, "question": "x"}\n{"id": 1, "question": "y"}', "D304"),
    ],
)  # fmt: skip
def test_files_that_are_none(content: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(content)
    with pytest.raises(DataError, match=told):
        load("", path, "qa")
