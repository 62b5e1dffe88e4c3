"""Name -> folder: the data folders of the project, in a checkout or in an installed wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDERS: Final = ("templates", "datasets")
"""Folders that lie beside the package in a checkout and in `nl2opt/_data/` in a wheel."""


def data_folder(name: str) -> Path:
    """The path of one of FOLDERS. Raises FileNotFoundError when the installation lacks it."""
    if name not in FOLDERS:
        raise FileNotFoundError(f"no data folder {name!r}; known: {', '.join(FOLDERS)}")
    package = Path(__file__).resolve().parent
    places = (package / "_data" / name, package.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"data folder {name!r} not found; looked at {', '.join(map(str, places))}")
