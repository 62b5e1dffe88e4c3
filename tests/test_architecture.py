"""The house holds: rooms import downwards only, modules in no circle, no drawers called utils, nothing optional."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "nl2opt"

ROOMS: tuple[frozenset[str], ...] = tuple(
    map(
        frozenset,
        (
            {"errors", "registry", "resources", "sandbox"},
            {"ir", "llm"},
            {"passes", "importers"},
            {"ground"},
            {"emitters"},
            {"solvers"},
            {"templates", "wordings", "support"},
            {"check"},
            {"explain"},
            {"formulate"},
            {"records"},
            {"bench", "synth", "train"},
            {"app", "cli", "console", "demo", "mcp_server", "__main__"},
        ),
    )
)
"""From the ground up. A room imports only rooms below it; rooms of one floor do not import each other."""

TOP = len(ROOMS) - 1
FLOOR = {room: i for i, rooms in enumerate(ROOMS) for room in rooms}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc"}
OPTIONAL = ("torch", "transformers", "pyomo", "cpmpy", "streamlit", "safetensors", "mcp")


def _modules() -> dict[str, Path]:
    """Module name -> file, for every module of the package."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if {"_data", "_app", "__pycache__"} & set(path.parts):
            continue
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = _modules()


def _imports(name: str) -> set[str]:
    """Module -> the modules of the package it imports anywhere, inside functions too; not under TYPE_CHECKING."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    checked = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test)]
    skipped = {id(x) for n in checked for part in n.body for x in ast.walk(part)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found.update(a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: imports are absolute"
            for a in node.names:
                whole = f"{node.module}.{a.name}"
                found.add(whole if whole in MODULES else str(node.module))
    return {m for m in found if m in MODULES and m != name}


IMPORTS = {name: _imports(name) for name in MODULES}


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_every_room_has_a_floor() -> None:
    """A new top-level module or package takes its place in the list."""
    assert sorted({_room(m) for m in MODULES if _room(m)} - set(FLOOR)) == []


@pytest.mark.parametrize("name", sorted(m for m in MODULES if _room(m)))
def test_rooms_import_downwards(name: str) -> None:
    """A module imports its own room and rooms below; nobody imports the façade."""
    own = _room(name)
    for imported in IMPORTS[name]:
        room = _room(imported)
        if own in ROOMS[TOP]:
            continue
        assert room, f"{name} imports the façade"
        assert room == own or FLOOR[room] < FLOOR[own], f"{name} imports {imported}"


def test_no_module_is_in_a_circle() -> None:
    """Modules can be put in an order; the façade, which imports inside its functions, is left out."""
    left = {name: {i for i in imported if _room(i)} for name, imported in IMPORTS.items() if _room(name)}
    while free := {name for name, imported in left.items() if not imported & left.keys()}:
        left = {name: imported for name, imported in left.items() if name not in free}
    while above := left.keys() - set().union(*left.values()):  # they import the circle, and are not in it
        left = {name: imported for name, imported in left.items() if name not in above}
    assert sorted(left) == []


def test_no_drawers() -> None:
    """A function without a home is a noun you have not named yet."""
    assert [str(p) for p in MODULES.values() if p.stem in DRAWERS or p.parent.name in DRAWERS] == []


def test_data_folders_hold_no_python() -> None:
    """`templates` and `datasets` are data: a top-level `datasets` must never shadow a package of that name."""
    assert [str(p) for folder in ("templates", "datasets") for p in (ROOT / folder).rglob("*.py")] == []


def test_importing_the_package_imports_nothing_optional() -> None:
    """`import nl2opt` works, and stays light, without any extra."""
    code = f"import sys, nl2opt; print([m for m in {OPTIONAL!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_the_package_works_without_optional_dependencies() -> None:
    """With the extras made unimportable, every name of the façade is still there."""
    code = (
        f"import sys\nfor m in {OPTIONAL!r}: sys.modules[m] = None\n"
        "import nl2opt\nfor name in nl2opt.__all__: getattr(nl2opt, name)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stderr
