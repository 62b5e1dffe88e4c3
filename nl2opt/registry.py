"""Package -> {file stem: module}: an open-ended list is a folder scan, so to add a member is to add one file.

The stem of the file is the name of the member. Nothing is skipped in silence: a file that cannot be imported, whose
stem is no plain name, or that lacks what every member must define raises `BrokenMember`. `members` imports a file when
its member is asked for, so that a broken one fails alone; `discover` imports all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

_STEM = re.compile(r"[a-z][a-z0-9_]*")


class BrokenMember(ImportError):
    """A file of a registry folder is broken or misnamed; the message names the file."""


@dataclass(frozen=True)
class Members(Mapping[str, ModuleType]):
    """{file stem: module} in name order; a module is imported and checked when it is asked for."""

    package: str
    folder: Path
    stems: tuple[str, ...]
    requires: tuple[str, ...]

    def __getitem__(self, stem: str) -> ModuleType:
        if stem not in self.stems:
            raise KeyError(stem)
        return _member(self.package, self.folder, stem, self.requires)

    def __iter__(self) -> Iterator[str]:
        return iter(self.stems)

    def __len__(self) -> int:
        return len(self.stems)

    def __contains__(self, stem: object) -> bool:
        return stem in self.stems


def discover(package: str, *, requires: Iterable[str] = (), besides: Iterable[str] = ()) -> dict[str, ModuleType]:
    """Package name -> {file stem: module} in name order, every module imported and checked."""
    return dict(members(package, requires=requires, besides=besides))


def members(package: str, *, requires: Iterable[str] = (), besides: Iterable[str] = ()) -> Members:
    """Package name -> its members, none of them imported yet.

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
    stems = [stem for stem in stems if stem not in set(besides)]
    for stem in stems:
        if not _STEM.fullmatch(stem):
            path = folder / f"{stem}.py"
            raise BrokenMember(f"{path}: a member's file stem is its name: lower-case letters, digits and underscores")
    return Members(package, folder, tuple(stems), tuple(requires))


def _member(package: str, folder: Path, stem: str, requires: tuple[str, ...]) -> ModuleType:
    path = folder / f"{stem}.py"
    try:
        module = import_module(f"{package}.{stem}")
    except Exception as error:
        raise BrokenMember(f"{path}: cannot be imported: {type(error).__name__}: {error}") from error
    for attribute in requires:
        if not hasattr(module, attribute):
            raise BrokenMember(f"{path}: a member of {package} defines `{attribute}`")
    return module
