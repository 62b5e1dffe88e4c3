"""Package -> {file stem: module}: an open-ended list is a folder scan, so to add a member is to add one file.

The stem of the file is the name of the member. Nothing is skipped in silence: a file that cannot be imported, whose
stem is no plain name, or that lacks what every member must define raises `BrokenMember`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType

_STEM = re.compile(r"[a-z][a-z0-9_]*")


class BrokenMember(ImportError):
    """A file of a registry folder is broken or misnamed; the message names the file."""


def discover(package: str, *, requires: Iterable[str] = (), besides: Iterable[str] = ()) -> dict[str, ModuleType]:
    """Package name -> {file stem: module} in name order.

    ``requires`` are attributes each member must define; ``besides`` are stems in the folder that are no members, each
    of which must exist. Subpackages and files that begin with an underscore are no members.
    """
    root = import_module(package)
    if root.__file__ is None or not hasattr(root, "__path__"):
        raise BrokenMember(f"{package} is not a package with a folder")
    folder = Path(root.__file__).parent
    stems = sorted(p.stem for p in folder.glob("*.py") if not p.stem.startswith("_"))
    if missing := sorted(set(besides) - set(stems)):
        raise BrokenMember(
            f"{folder / (missing[0] + '.py')}: named as no member of {package}, but there is no such file"
        )
    return {stem: _member(package, folder, stem, tuple(requires)) for stem in stems if stem not in set(besides)}


def _member(package: str, folder: Path, stem: str, requires: tuple[str, ...]) -> ModuleType:
    path = folder / f"{stem}.py"
    if not _STEM.fullmatch(stem):
        raise BrokenMember(f"{path}: a member's file stem is its name: lower-case letters, digits and underscores")
    try:
        module = import_module(f"{package}.{stem}")
    except Exception as error:
        raise BrokenMember(f"{path}: cannot be imported: {type(error).__name__}: {error}") from error
    for attribute in requires:
        if not hasattr(module, attribute):
            raise BrokenMember(f"{path}: a member of {package} defines `{attribute}`")
    return module
