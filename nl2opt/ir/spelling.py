"""A misspelt name -> the nearest known ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], most: int = 3) -> str:
    """Name -> `did you mean ...?` with at most ``most`` known names, the nearest first; '' if none is near."""
    folded = {k.casefold(): k for k in known}
    found = get_close_matches(name.casefold(), folded, n=most, cutoff=0.6)
    return f"did you mean {', '.join(f'`{folded[f]}`' for f in found)}?" if found else ""


def nearest_label(key: Sequence[object], keys: Iterable[Sequence[object]]) -> str:
    """A key that is none of ``keys`` -> the nearest spelling of its first label that stands in none at its place."""
    columns = list(zip(*keys, strict=True))
    for label, column in zip(key, columns, strict=False):
        if isinstance(label, str) and label not in column:
            return nearest(label, dict.fromkeys(map(str, column)))
    return ""
