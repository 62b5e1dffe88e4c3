"""What the README and the guides say is true: the example runs, the paths exist, the commands are there."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GUIDES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/SEMANTICS.md"]


def test_library_example() -> None:
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert code is not None
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code.group(1), "README.md", "exec"), {})
    assert "10200" in out.getvalue()  # 40 acres of barley, 60 of beans
    assert "pyo.ConcreteModel" in out.getvalue()


def test_command_example() -> None:
    """The output shown is the output printed, white space apart."""
    from typer.testing import CliRunner

    from nl2opt.cli import app

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.search(r'--text "(.*?)"\n', readme, re.S)
    assert text is not None
    problem = re.sub(r"\s+", " ", text.group(1).replace("\\$", "$"))
    result = CliRunner().invoke(app, ["solve", "--text", problem], env={"COLUMNS": "110"})
    assert result.exit_code == 0, result.output
    shown = re.findall(r"^(The answer\n.*?)```", readme, re.S | re.M)[0]
    printed = re.sub(r"\s+", " ", result.stdout)
    for line in shown.splitlines():
        assert re.sub(r"\s+", " ", line).strip() in printed, line


@pytest.mark.parametrize("guide", GUIDES)
def test_paths_exist(guide: str) -> None:
    text = (ROOT / guide).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:nl2opt|templates|datasets|tests|docs|app)/[\w./-]*)`", text))
    named |= set(re.findall(r"\]\(([\w./-]+)\)", text))
    missing = [p for p in named if not (ROOT / p).exists() and not (ROOT / guide).parent.joinpath(p).exists()]
    assert not missing


def test_commands_exist() -> None:
    from typer.testing import CliRunner

    from nl2opt.cli import app

    known = CliRunner().invoke(app, ["--help"]).stdout
    for command in set(re.findall(r"`nl2opt (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"))):
        assert re.search(rf"^\s+{command}\s", known, re.M), command


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for guide in GUIDES:
        assert set(re.findall(r"`make ([\w-]+)`", (ROOT / guide).read_text(encoding="utf-8"))) <= targets
