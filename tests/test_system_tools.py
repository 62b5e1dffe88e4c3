"""The system tools that some tests use: there where they are demanded."""

from __future__ import annotations

import subprocess

import pytest
from conftest import require_tool


@pytest.mark.parametrize("tool", ["minizinc", "chromium", "chromedriver"])
def test_tool_runs(tool: str) -> None:
    done = subprocess.run([require_tool(tool), "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip()
