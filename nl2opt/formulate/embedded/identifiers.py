"""Words -> identifiers of the model language, each used once."""

from __future__ import annotations

import keyword
import re
from typing import Final

RESERVED: Final = frozenset(
    [
        "sum",
        "prod",
        "min",
        "max",
        "all",
        "any",
        "implies",
        "iff",
        "abs",
        "floor",
        "ceil",
        "sqrt",
        "exp",
        "log",
        "sin",
        "cos",
        "round",
        "first",
        "last",
        "prev",
        "next",
        "position",
        "len",
        "all_different",
        "circuit",
        "subcircuit",
        "no_overlap",
        "cumulative",
        "no_overlap_2d",
        "piecewise",
        "range",
        "inf",
        "pi",
        "True",
        "False",
        "for",
        "if",
        "else",
        "in",
        "and",
        "or",
        "not",
        "wrap",
        "count",
    ]
)


class Identifiers:
    """Makes identifiers and remembers which are taken."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def make(self, words: str, otherwise: str) -> str:
        """An identifier that reads like the words: `human labor` -> `human_labor`, then `human_labor_2`."""
        base = re.sub(r"\W+", "_", words.strip(), flags=re.ASCII).strip("_")[:40].strip("_")
        if not base or not re.match(r"[A-Za-z_]", base):
            base = f"{otherwise}_{base}".rstrip("_")
        if base in RESERVED or keyword.iskeyword(base):
            base += "_value"
        name, n = base, 2
        while name in self._taken:
            name, n = f"{base}_{n}", n + 1
        self._taken.add(name)
        return name
