"""Instance -> Program: the model as a readable script of another package, its data apart.

One file a target, its stem is the name; each shows its `PIPELINE` (passes it applies first), `UNSUPPORTED`
(construct -> reason) and `RUNNER` (how its Python programs are run, None for other languages) at the top and defines
`write(instance, relax) -> Emission`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model
from nl2opt.passes.rewrite import Undo, unchanged
from nl2opt.registry import members

Language = Literal["python", "minizinc", "lp", "mps", "latex", "markdown"]


@dataclass(frozen=True)
class Program:
    """A standalone text. ``data`` is what its DATA block holds, as JSON; a Python program runs on other data of this
    shape: `python FILENAME other.json`. ``files`` (name -> text) belong beside it, as the data of a MiniZinc model do;
    joined behind ``source`` they make one text that means the same."""

    target: str
    language: Language
    filename: str
    source: str
    data: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> str:
        """The program and what belongs beside it, as one text."""
        return "\n".join([self.source, *self.files.values()]) if self.files else self.source


@dataclass(frozen=True)
class Runner:
    """How the Python programs of a target are run: the ``packages`` they import, the last being the solver's, and
    ``statuses``, the word a program prints -> the value of a `Termination`; any other word is a failure."""

    packages: tuple[str, ...]
    statuses: Mapping[str, str]


@dataclass(frozen=True)
class Emission:
    """A program with the way back: ``variables`` maps the names it reports to variables of the emitted model, ``undo``
    a point of that model to one of the model asked for."""

    program: Program
    variables: Mapping[str, str]
    undo: Undo = field(default=unchanged)


def targets() -> Mapping[str, Any]:
    """Target name -> its module, imported when it is asked for: a broken target leaves the others alone."""
    return members("nl2opt.emitters", requires=("PIPELINE", "UNSUPPORTED", "RUNNER", "write"))


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
