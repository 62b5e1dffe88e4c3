"""Instance -> Program: the model as a readable script of another package, its data apart.

One file a target, its stem is the name; each shows its `PIPELINE` (passes it applies first) and `UNSUPPORTED`
(construct -> reason) at the top and defines `write(instance, relax) -> Emission`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model
from nl2opt.passes.rewrite import Undo, unchanged
from nl2opt.registry import discover


@dataclass(frozen=True)
class Program:
    """A standalone script. ``data`` is what its DATA block holds, as JSON; the same program runs on other data of this
    shape: `python FILENAME other.json`."""

    target: str
    language: Literal["python"]
    filename: str
    source: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Emission:
    """A program with the way back: ``variables`` maps the names it reports to variables of the emitted model, ``undo``
    a point of that model to one of the model asked for."""

    program: Program
    variables: Mapping[str, str]
    undo: Undo = field(default=unchanged)


def targets() -> dict[str, Any]:
    """Target name -> its module."""
    return dict(discover("nl2opt.emitters", requires=("PIPELINE", "UNSUPPORTED", "write")))


def emit(model: Instance | Model, target: str) -> Program:
    """Instance (or a model that holds its data) -> the program of a target. Raises Unsupported with the reason."""
    return write(model, target).program


def write(model: Instance | Model, target: str, relax: bool = False) -> Emission:
    """The same, with the way back for the solutions the program reports; ``relax``: whole numbers may be broken."""
    known = targets()
    if target not in known:
        raise Unsupported(Diagnostic("E600", f"no target {target!r}", expected=f"one of {', '.join(known)}"))
    if isinstance(model, Model):
        from nl2opt.ir.bind import bind

        model = bind(model)
    emission: Emission = known[target].write(model, relax)
    return emission
