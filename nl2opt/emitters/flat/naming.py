"""Names of families and their keys -> the names of rows and columns that every reader of LP and MPS files takes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nl2opt.emitters.python.identifiers import ascii_identifier
from nl2opt.ir.instance import Key

LONGEST = 120
"""Characters of a name; readers take 255, older ones 160."""

_WORDS = frozenset(
    (
        "bin", "binaries", "binary", "bound", "bounds", "end", "free", "gen", "general", "generals", "inf", "infinity",
        "int", "integer", "integers", "max", "maximise", "maximize", "maximum", "min", "minimise", "minimize",
        "minimum", "nan", "obj", "objective", "semi", "semis", "sin", "sos", "sos1", "sos2", "st", "subject", "such",
        "that", "to", "rhs", "ranges", "rows", "columns", "name", "endata", "objsense",
    )
)  # fmt: skip
_EXPONENT = re.compile(r"[eE]\d*")
"""`e5` would be read as the end of a number."""


class FlatNames:
    """Makes names that are apart from each other: `ship_lyon_paris`, else `ship_17` where labels leave nothing."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def family(self, name: str, keys: Iterable[Key], kind: str) -> list[str]:
        """A family and its keys -> one new name a key, in their order; ``kind`` serves where nothing is left."""
        base = ascii_identifier(name) or kind
        if base.lower() in _WORDS or _EXPONENT.match(base):
            base = f"{kind}_{base}"
        return [self._new(_with_key(base, key, place)) for place, key in enumerate(keys, 1)]

    def _new(self, wanted: str) -> str:
        name, n = wanted, 2
        while name in self._taken:
            name, n = f"{wanted}_{n}", n + 1
        self._taken.add(name)
        return name


def _with_key(base: str, key: Key, place: int) -> str:
    parts = [_part(k) for k in key]
    whole = "_".join([base, *parts])
    return whole if all(parts) and len(whole) <= LONGEST else f"{base[: LONGEST - 12]}_{place}"


def _part(element: object) -> str:
    """One coordinate: an integer as it is (`m3` for -3), of a label what ASCII can say."""
    if isinstance(element, int):
        return f"m{-element}" if element < 0 else str(element)
    text = str(element)
    return ascii_identifier(text).lstrip("n") if text[:1].isdigit() else ascii_identifier(text)
