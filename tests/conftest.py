"""What every test may ask for: the case folders, and system tools that are skipped or demanded."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
CASES = sorted(p.parent for p in (TESTS / "cases").glob("*/model.yaml"))


@dataclass(frozen=True)
class Case:
    """One problem with its model, its optimum, and points that must be rejected."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def text(self) -> str:
        return (self.folder / "problem.txt").read_text(encoding="utf-8")

    @property
    def model_file(self) -> Path:
        return self.folder / "model.yaml"

    @property
    def data_files(self) -> list[Path]:
        return sorted(p for p in self.folder.iterdir() if p.suffix in (".csv", ".xlsx") or p.name == "data.json")

    @property
    def expected(self) -> dict[str, Any]:
        return json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))

    @property
    def wrong(self) -> list[dict[str, Any]]:
        path = self.folder / "wrong.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `case` runs once for each folder of tests/cases with a model."""
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", [Case(f) for f in CASES], ids=lambda c: c.name)


def require_tool(name: str) -> str:
    """A system tool's path; skips with a printed reason where it is missing, fails where NL2OPT_REQUIRE demands it."""
    found = shutil.which(name)
    if found is None:
        if name in os.environ.get("NL2OPT_REQUIRE", "").split():
            pytest.fail(f"{name} is demanded by NL2OPT_REQUIRE and is not installed")
        pytest.skip(f"{name} is not installed (apt-get install {name})")
    return found
