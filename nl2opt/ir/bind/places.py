"""Where data came from: values of files keep their file, and what is wrong with them is told with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from nl2opt.errors import Diagnostic

_ITEM = re.compile(r"(?:set|parameter) `(\w+)`")


class FileValues(dict[str, Any]):
    """Data by name, as `bind` takes them; ``files``: the file (and cell, where there is one) each came from."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, str] = {}


def placed(found: Sequence[Diagnostic], data: Mapping[str, Any]) -> tuple[Diagnostic, ...]:
    """Findings about data -> the same, each with the file its value came from."""
    files = data.files if isinstance(data, FileValues) else {}
    return tuple(_placed(d, files) for d in found)


def _placed(d: Diagnostic, files: Mapping[str, str]) -> Diagnostic:
    item = _ITEM.match(d.where)
    file = files.get(item[1] if item else d.found, "")
    if not file or file in d.where:
        return d
    return replace(d, where=f"{d.where}, {file}" if item else file)
