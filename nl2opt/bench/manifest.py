"""What was run -> manifest.json: everything that decides the rows of a run, and what its files weigh in the end.

Two runs with the same settings give the same bytes in every file but journal.jsonl and times.jsonl.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from nl2opt.bench.respondents import Asking
from nl2opt.errors import DataError, Diagnostic

MANIFEST: Final = "manifest.json"
PACKAGES: Final = ("numpy", "highspy", "ortools", "pyscipopt", "cpmpy", "pyomo", "openai")
"""Packages whose version may decide an answer."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the rows of a run. ``files``: version of labels -> SHA-256; ``items``: SHA-256 of all items;
    ``shard`` (i, n): the i-th of n parts, from 1; ``seed`` draws the bootstrap."""

    task: str
    form: str
    files: Mapping[str, str]
    items: str
    asking: Asking
    samples: int = 1
    seed: int = 0
    shard: tuple[int, int] = (1, 1)
    limit: int = 0

    def as_json(self) -> dict[str, Any]:
        """Settings -> plain data, with the versions of everything that computes."""
        raw = asdict(self)
        asking = raw.pop("asking")
        predictions = asking["predictions"]
        asking["predictions"] = digest(Path(predictions)) if predictions else ""
        asking.pop("cached")  # a reply is the same whether it was kept or not
        return {
            "nl2opt": version("nl2opt"), "python": platform.python_version(), "packages": packages(), **raw,
            "asking": asking, "shard": list(self.shard),
        }  # fmt: skip


def packages() -> dict[str, str]:
    """Name -> version of what is installed of PACKAGES."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def digest(path: Path) -> str:
    """File -> SHA-256 of its bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest_of(value: Any) -> str:
    """Plain data -> SHA-256 of its JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def begin(folder: Path, settings: Settings) -> None:
    """Write the manifest, or check that the folder holds this very run. Raises DataError (D305)."""
    folder.mkdir(parents=True, exist_ok=True)
    path, now = folder / MANIFEST, json.loads(json.dumps(settings.as_json()))
    if not path.exists():
        write(path, {"settings": now, "complete": False, "outputs": {}})
        return
    found = ", ".join(_changes(read(folder)["settings"], now))
    if found:
        raise DataError(Diagnostic("D305", "the folder holds another run", str(path), found, fix="another --out"))


def finish(folder: Path, complete: bool, files: tuple[str, ...]) -> None:
    """Add the digests of what was written."""
    outputs = {name: digest(folder / name) for name in files if (folder / name).exists()}
    write(folder / MANIFEST, {**read(folder), "complete": complete, "outputs": outputs})


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a run folder. Raises DataError (D310) where there is none."""
    path = folder / MANIFEST
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found["settings"]
    except (OSError, ValueError, KeyError, TypeError):
        fix = "the folder of a `nl2opt bench run`"
        raise DataError(Diagnostic("D310", "no run lies in this folder", str(folder), fix=fix)) from None
    return found


def write(path: Path, value: Any) -> None:
    """Whole or not at all: a kill must not leave half a manifest."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(value, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    part.replace(path)


def _changes(before: Mapping[str, Any], now: Mapping[str, Any], inside: str = "") -> Iterator[str]:
    """What differs, in words, within maps too."""
    for name in {**before, **now}:
        a, b = before.get(name), now.get(name)
        if isinstance(a, dict) and isinstance(b, dict):
            yield from _changes(a, b, f"{inside}{name}.")
        elif a != b:
            yield f"{inside}{name} was {_short(a)}, is {_short(b)}"


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
