"""A misspelt name -> the nearest known ones."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], most: int = 3) -> str:
    """Name -> `did you mean ...?` with at most ``most`` known names, the nearest first; '' if none is near."""
    folded = {k.casefold(): k for k in known}
    found = get_close_matches(name.casefold(), folded, n=most, cutoff=0.6)
    return f"did you mean {', '.join(f'`{folded[f]}`' for f in found)}?" if found else ""
