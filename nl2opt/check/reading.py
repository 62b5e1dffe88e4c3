"""A document that could be read in part -> everything that is wrong with it, structure and meaning at once."""

from __future__ import annotations

import re
from pathlib import Path

from nl2opt.check.static import check_model
from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.ir.document.reader import Reading, read_partly
from nl2opt.ir.model import Model

_PLACE = re.compile(r"\b(sets|parameters|variables|expressions|constraints|objectives|outputs)\[(\d+)\]")


def read_model(source: str | Path) -> Model:
    """A document's text, or the path of its file -> Model.

    Raises DocumentError with what cannot be read and, where something cannot, the static errors of all that can.
    """
    reading = read_partly(source)
    if reading.found:
        raise DocumentError(check_reading(reading))
    return reading.model


def check_reading(reading: Reading) -> tuple[Diagnostic, ...]:
    """What reading found, then the static errors of the items that could be read.

    An error that may only follow from an item left out is not told: a name that such an item declares is not unknown,
    and warnings (never used, in no constraint) wait for the whole model.
    """
    return (*reading.found, *(_placed(d, reading) for d in check_model(reading.model) if _stands(d, reading)))


def _stands(d: Diagnostic, reading: Reading) -> bool:
    """Whether an error of the part is one of the whole."""
    match d.severity, d.code:
        case "error", "E201":
            name = re.match(r"\w+", d.found)
            return reading.all_names and not (name and name.group() in reading.missing)
        case "error", "E408":
            return not any(f.where == "assumptions" for f in reading.found)
        case severity, _:
            return severity == "error"


def _placed(d: Diagnostic, reading: Reading) -> Diagnostic:
    """The finding with the positions of the document, where items before it were left out."""

    def original(m: re.Match[str]) -> str:
        return f"{m[1]}[{reading.positions[m[1]][int(m[2])]}]"

    return Diagnostic(d.code, d.message, _PLACE.sub(original, d.where), d.found, d.expected,
                      _PLACE.sub(original, d.fix), d.severity)  # fmt: skip
