"""What a user installs: the wheel, its core alone in an empty environment, run outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (
    "A farmer grows barley and beans. An acre of barley earns $120 and an acre of beans earns $90. "
    "Barley needs 3 hours of work per acre and beans need 2 hours per acre; 240 hours of work are available. "
    "The farmer has 100 acres of land. How many acres of each should be grown to maximize earnings?"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return next(out.glob("nl2opt-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment with the wheel and its core dependencies only -> its folder of programs."""
    home = tmp_path_factory.mktemp("empty")
    subprocess.run([sys.executable, "-m", "venv", str(home / "env")], check=True, timeout=120)
    programs = home / "env" / "bin"
    pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)]
    done = subprocess.run(pip, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return programs


def run(programs: Path, cwd: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.defpath, "HOME": str(cwd), "LANG": "C.UTF-8"}
    return subprocess.run(
        [str(programs / "nl2opt"), *args],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_wheel_carries_its_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert any(n.startswith("nl2opt/_data/templates/constraints/") for n in names)
    assert any(n.startswith("nl2opt/_data/datasets/demo/") for n in names)
    assert any("embedded/weights/" in n for n in names)
    assert not any(n.startswith(("tests/", "datasets/", "templates/")) for n in names)


def test_wheel_carries_the_page(wheel: Path) -> None:
    names = {n.removeprefix("nl2opt/_app/") for n in zipfile.ZipFile(wheel).namelist() if n.startswith("nl2opt/_app/")}
    app = ROOT / "app"
    assert names == {p.relative_to(app).as_posix() for p in app.rglob("*") if p.suffix in (".py", ".css")}


def test_solve_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "solve", "--text", TEXT, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["status"] == "optimal"
    assert abs(answer["objective"] - 10200) < 1e-6  # 40 acres of barley, 60 of beans: both resources bind


def test_core_brings_no_heavy_package(installed: Path) -> None:
    code = "import importlib.metadata as m; print(*(d.metadata['Name'].lower() for d in m.distributions()))"
    done = subprocess.run([str(installed / "python"), "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "transformers", "pyomo", "cpmpy", "streamlit", "scipy"} & set(done.stdout.split())


def test_templates_are_found(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "templates", "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) >= 13
