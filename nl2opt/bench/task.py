"""Name -> Task: what a benchmark measures, where its authors publish it, how a row is read; one file each in tasks/.

A task's items come from a file the person gives, from where `nl2opt bench fetch` laid it, or from our own datasets/.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from nl2opt.bench.documents import Folder, folders
from nl2opt.bench.forms import form_of, read_items, read_labels
from nl2opt.bench.forms.folders import data_of
from nl2opt.bench.items import READINGS, DataInstance, Expected, Item, Label
from nl2opt.errors import DataError, Diagnostic
from nl2opt.registry import members
from nl2opt.resources import data_folder

PUBLISHED: Final = "published"


@dataclass(frozen=True, slots=True)
class Source:
    """A file as its authors publish it: ``url`` names the ``version`` (a commit) it is pinned to.

    ``confirmed``: how it is known that the file lies there; '' where it could not be confirmed, and the card says so.
    ``sha256``: of its bytes, '' until somebody has recorded it.
    """

    url: str
    version: str
    confirmed: str = ""
    sha256: str = ""


LISTED: Final = "the repository's index lists this path at this commit"

BY_VALUE: Final = "optimum at a relative 1e-6, under the model's own domains; all reals and all whole numbers beside it"


def on_github(repository: str, commit: str, path: str, confirmed: str = LISTED) -> Source:
    """A file of a public repository, at one commit."""
    return Source(f"https://raw.githubusercontent.com/{repository}/{commit}/{path}", commit, confirmed)


@dataclass(frozen=True, slots=True)
class Task:
    """A benchmark's card. ``size``: items as published; ``files``: version of the labels -> its source, the published
    one first; ``own``: a folder of datasets/ that holds its items, or documents for them (`references.json`)."""

    title: str
    measures: str
    size: int
    form: str
    licence: str
    graded: str
    files: Mapping[str, Source]
    by_hand: str = ""
    own: str = ""

    @property
    def ships(self) -> bool:
        """True where the items come with the package."""
        return self.form == "folders"


def tasks() -> Mapping[str, ModuleType]:
    """Name -> module of a task, each with `TASK`."""
    return members("nl2opt.bench.tasks", requires=("TASK",))


def task_of(name: str) -> Task:
    """Name -> Task. Raises DataError (D306) where there is none."""
    known = tasks()
    if name not in known:
        raise DataError(Diagnostic("D306", f"no task {name!r}", expected=f"one of {', '.join(known)}, or --file"))
    task: Task = known[name].TASK
    return task


def data_home() -> Path:
    """Where fetched files lie: `$NL2OPT_BENCH`, else the user's data folder."""
    if own := os.environ.get("NL2OPT_BENCH"):
        return Path(own)
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "nl2opt" / "benchmarks"


def place_of(name: str, version: str, url: str) -> Path:
    """Task and version of labels -> the file it is fetched to."""
    return data_home() / name / f"{version.replace(' ', '_')}{Path(url).suffix or '.json'}"


@dataclass(frozen=True, slots=True)
class Questions:
    """The items of a run, the files they were read from by version of the labels, and files that could not be used."""

    items: tuple[Item, ...]
    files: Mapping[str, Path]
    unused: tuple[str, ...] = ()


def load(name: str, file: Path | None, form: str, labels: Sequence[tuple[str, Path]] = ()) -> Questions:
    """Task or file -> its items with every version of the labels that is there.

    ``name`` '' is a file of ``form`` alone. Raises DataError: D307 where a task's file was not fetched.
    """
    task = task_of(name) if name else None
    form = form or (task.form if task else "qa")
    if task is not None and task.ships and file is None:
        shipped = [{"folder": str(f.path)} for f in folders(data_folder("datasets") / task.own) if f.model.text]
        items = [form_of(form).read(row, k) for k, row in enumerate(shipped)]
        return Questions(tuple(items), {})
    path, versions = _files(name, task, file)
    items = read_items(path, form)
    files = {PUBLISHED: path}
    unused: list[str] = []
    for version, extra in (*versions, *labels):
        try:
            items = read_labels(extra, version, items, form)
            files[version] = extra
        except DataError as e:
            if (version, extra) in labels:
                raise
            unused.append(f"labels {version!r}: {e.diagnostics[0].message}")  # fetched, not asked for by name
    if task is not None and task.own:
        items = [_with_reference(item, task.own) for item in items]
    return Questions(tuple(items), files, tuple(unused))


def _files(name: str, task: Task | None, file: Path | None) -> tuple[Path, list[tuple[str, Path]]]:
    """The file of the items, and those of other labels that were fetched."""
    if file is not None:
        return file, []
    if task is None:
        raise DataError(Diagnostic("D306", "name a task, or give a --file"))
    there = {version: place_of(name, version, source.url) for version, source in task.files.items()}
    path = there.get(PUBLISHED)
    if path is None or not path.exists():
        fix = f"nl2opt bench fetch {name}, or --file with a copy" if task.files else task.by_hand
        raise DataError(Diagnostic("D307", f"the items of {name} are not here", str(path or ""), fix=fix))
    return path, [(v, p) for v, p in there.items() if v != PUBLISHED and p.exists()]


def _with_reference(item: Item, own: str) -> Item:
    """An item whose folder in datasets/ states it: its document, and its verified optimum as a version of the label."""
    root = data_folder("datasets") / own
    index = root / "references.json"
    if item.form == "cpbench" or not index.exists():
        return item
    known: dict[str, str] = json.loads(index.read_text(encoding="utf-8"))
    if item.id not in known:
        return item
    folder = Folder(root / known[item.id])
    about, expected = folder.held("row.json", {}), folder.held("expected.json", {})
    name = next(k for k in expected if k != "warnings")
    data = data_of(folder, name)
    text = (folder.path / "model.yaml").read_text(encoding="utf-8")
    stated = Item(
        item.id, item.text, item.form, item.labels, text,
        instances=(DataInstance(name, {}, data),) if data else (), traits=item.traits,
    )  # fmt: skip
    if "answer" in about:  # no number that a model of the question has as its objective can be right
        told = f"not the objective but the output `{about['answer']}` is the answer"
        return stated.with_label("documents", Label(reason=told))
    status, optimum = expected[name]["status"], expected[name].get("optimum")
    if status == "optimal" and optimum is None:
        return stated.with_label("documents", Label(reason="any solution will do"))
    found = Expected(status, optimum, about.get("decimals"))
    label = Label(dict.fromkeys(READINGS, found), reason=about.get("faulty", ""))
    return stated.with_label("documents", label)


def card(name: str, task: Task) -> dict[str, Any]:
    """A task's card as plain data, with what is here of it."""
    files = {
        version: {
            "url": s.url, "version": s.version, "confirmed": s.confirmed or "no: the address could not be confirmed",
            "sha256": s.sha256 or "recorded on the first fetch",
            "here": place_of(name, version, s.url).exists(),
        }
        for version, s in task.files.items()
    }  # fmt: skip
    return {
        "name": name, "title": task.title, "measures": task.measures, "size": task.size, "form": task.form,
        "licence": task.licence, "graded": task.graded, "files": files, "by_hand": task.by_hand,
        "ships": task.ships,
    }  # fmt: skip
