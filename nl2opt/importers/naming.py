"""Names of rows and columns -> names of the language: `ship(lyon,paris)` is a member of the family `ship`."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass

from nl2opt.ir import limits
from nl2opt.ir.nodes import FUNCTIONS

_MEMBER = re.compile(r"(.*?[^\W_][^(\[]*?)[(\[]([^()\[\]]+)[)\]]")
_NUMBER = re.compile(r"-?\d{1,15}")


@dataclass(frozen=True)
class Place:
    """Where a column went: the family and the key, () for a variable of its own."""

    family: str
    key: tuple[str | int, ...]


class Names:
    """Makes names of the language that are apart from each other."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def make(self, wanted: str, kind: str) -> str:
        """A name of the file -> a name of the language as close to it as can be."""
        base = re.sub(r"_{2,}", "_", re.sub(r"\W", "_", wanted)).strip("_")[: limits.NAME_CHARACTERS - 6] or kind
        if base[0].isdigit() or _is_reserved(base):
            base = f"{kind}_{base}"
        name, n = base, 2
        while name in self._taken:
            name, n = f"{base}_{n}", n + 1
        self._taken.add(name)
        return name


def places(names: Sequence[str], kinds: Sequence[object], made: Names, kind: str) -> list[Place]:
    """Names of the file -> their places; members of a family have the same stem, kind and number of coordinates."""
    groups: dict[tuple[str, object, int], list[int]] = {}
    for i, name in enumerate(names):
        if match := _MEMBER.fullmatch(name):
            groups.setdefault((match[1], kinds[i], match[2].count(",")), []).append(i)
    found: dict[int, Place] = {}
    for (stem, _, _), members in groups.items():
        keys = _keys([_MEMBER.fullmatch(names[i])[2] for i in members])  # type: ignore[index]
        if len(members) > 1 and len(set(keys)) == len(keys):
            family = made.make(stem, kind)
            found |= {i: Place(family, key) for i, key in zip(members, keys, strict=True)}
    return [found.get(i) or Place(made.make(name, kind), ()) for i, name in enumerate(names)]


def _keys(inside: Sequence[str]) -> list[tuple[str | int, ...]]:
    """What stands in brackets -> keys; a coordinate is whole numbers throughout, else labels."""
    parts = [[p.strip().strip("'\"") for p in text.split(",")] for text in inside]
    whole = [all(_NUMBER.fullmatch(row[i]) for row in parts) for i in range(len(parts[0]))]
    return [tuple(int(p) if whole[i] else p for i, p in enumerate(row)) for row in parts]


def _is_reserved(name: str) -> bool:
    return keyword.iskeyword(name) or name in FUNCTIONS or name in ("inf", "pi")
