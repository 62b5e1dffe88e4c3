"""A folder scan that raises: broken, misnamed and incomplete members are never skipped."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nl2opt.registry import BrokenMember, discover, members


def _package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> str:
    name = f"registry_sample_{abs(hash(str(tmp_path)))}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    for stem, text in files.items():
        (folder / f"{stem}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return name


def test_members_by_stem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In name order; underscore files and the named others are no members."""
    name = _package(tmp_path, monkeypatch, b="X = 1", a="X = 2", _private="raise ValueError", other="")
    found = discover(name, requires=["X"], besides=["other"])
    assert list(found) == ["a", "b"] and found["a"].X == 2


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a": "raise ValueError('boom')"}, "cannot be imported: ValueError: boom"),
        ({"a": "def f(:"}, "cannot be imported: SyntaxError"),
        ({"Upper": "X = 1"}, "stem"),
        ({"a": ""}, "defines `X`"),
    ],
)
def test_broken_members_raise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], message: str
) -> None:
    """Each way a member can be wrong names its file."""
    name = _package(tmp_path, monkeypatch, **files)
    with pytest.raises(BrokenMember, match=message):
        discover(name, requires=["X"])


def test_a_broken_member_leaves_the_others_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names come without an import; only who asks for the broken one, or for all, meets its error."""
    name = _package(tmp_path, monkeypatch, a="X = 1", b="raise ValueError('boom')", c="")
    found = members(name, requires=["X"])
    assert list(found) == ["a", "b", "c"] and "b" in found and "d" not in found
    assert found["a"].X == 1 and f"{name}.b" not in sys.modules
    for stem, message in (("b", "boom"), ("c", "defines `X`")):
        with pytest.raises(BrokenMember, match=message):
            found[stem]
    with pytest.raises(BrokenMember, match="boom"):
        list(found.values())
    with pytest.raises(KeyError):
        found["d"]


def test_an_exception_that_is_gone_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`besides` names files that exist."""
    name = _package(tmp_path, monkeypatch, a="")
    with pytest.raises(BrokenMember, match="no such file"):
        discover(name, besides=["gone"])
