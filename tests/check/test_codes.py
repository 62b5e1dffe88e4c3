"""docs/DIAGNOSTICS.md holds every code the package can say, each with an example and the fix, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from nl2opt.check.codes import CODES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/DIAGNOSTICS.md").read_text(encoding="utf-8")
CODE = re.compile(r"[EDVUTPNL]\d{2,3}|W-[a-z-]+")


def _rows() -> dict[str, list[str]]:
    """Code -> the cells of its row."""
    found: dict[str, list[str]] = {}
    for line in PAGE.splitlines():
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and (CODE.fullmatch(cells[0]) or cells[0].startswith(("refused-", "doubt-"))):
            assert cells[0] not in found, f"{cells[0]} stands twice"
            found[cells[0]] = cells
    return found


def _constants(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_every_code_of_the_package_is_on_the_page() -> None:
    """What stands as a code in the source, and nothing else."""
    source = {c for p in (ROOT / "nl2opt").rglob("*.py") for c in _constants(p) if CODE.fullmatch(c)}
    told = {c for c in _rows() if CODE.fullmatch(c)}
    assert source - told == set()
    assert told - source == set()


def test_every_refusal_is_on_the_page() -> None:
    """The translator's reasons to refuse a text."""
    tree = ast.parse((ROOT / "nl2opt/formulate/embedded/refusals.py").read_text(encoding="utf-8"))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "Refusal"]
    said = {n.args[0].value for n in calls if isinstance(n.args[0], ast.Constant)}
    assigned = [n for n in ast.walk(tree) if isinstance(n, ast.AnnAssign)]
    beyond = next(n.value for n in assigned if ast.unparse(n.target) == "_BEYOND")
    assert isinstance(beyond, ast.Tuple)
    said |= {ast.literal_eval(t.elts[0]) for t in beyond.elts if isinstance(t, ast.Tuple)}
    assert said
    assert {f"refused-{code}" for code in said} == {c for c in _rows() if c.startswith("refused-")}


def test_every_row_has_an_example_and_a_fix() -> None:
    """The last two cells."""
    for code, cells in _rows().items():
        assert len(cells) in (4, 5, 6), code
        assert all(cells), code
        assert "?" not in cells[-2:], code


def test_the_rows_of_the_check_repeat_its_table() -> None:
    """Severity, title and meaning are said once, in the code."""
    rows = _rows()
    for code, known in CODES.items():
        expected = [code, known.severity, known.title, known.meaning]
        assert [c.replace("\\|", "|") for c in rows[code][:4]] == expected
