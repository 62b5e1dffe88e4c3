"""Instance -> Program: an indexed MiniZinc model, its data in a `.dzn` file beside it.

MiniZinc says what the language says: indices by a variable, logic, tables, global constraints. So the source model is
written nearly as it stands; only filters over variables and penalties are rewritten. Sets of labels are enums, sets of
tuples row numbers with one array a column, named expressions arrays of their own, and global constraints the language
leaves out are recognised (`nl2opt.emitters.natives`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from nl2opt.emitters import Emission, Program
from nl2opt.emitters.mzn.expressions import prepare
from nl2opt.emitters.mzn.model import ModelText
from nl2opt.emitters.mzn.reasons import UNSUPPORTED
from nl2opt.emitters.python.identifiers import ascii_identifier
from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ir.instance import Instance, Key
from nl2opt.ir.kind import kind_of_instance
from nl2opt.passes.soften_penalties import soften_penalties
from nl2opt.passes.variables_as_filters import variables_as_filters

PIPELINE: Final = (variables_as_filters, soften_penalties)
"""Passes applied first; none of them makes a variable."""

RUNNER: Final = None

__all__ = ["PIPELINE", "RUNNER", "UNSUPPORTED", "Layout", "MiniZincEmission", "write"]


@dataclass(frozen=True)
class Layout:
    """How a printed array is read: the key of each cell in row-major order (None: no key), printed text -> label."""

    cells: tuple[Key | None, ...]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MiniZincEmission(Emission):
    """``layouts``: printed name -> how to read it; ``goals``: how many are improved one after another; ``continuous``:
    the model has real variables; ``stages``: the data that tell which goal is improved, as a `.dzn` text."""

    layouts: Mapping[str, Layout] = field(default_factory=dict)
    goals: int = 0
    continuous: bool = False


def write(instance: Instance, relax: bool = False) -> MiniZincEmission:
    """Instance -> its MiniZinc model and data; solutions need no way back. A relaxation is refused."""
    if relax:
        reason = UNSUPPORTED["relaxation"]
        raise Unsupported(Diagnostic("E601", "cannot write a relaxation", expected=reason))
    for f in kind_of_instance(instance).features:
        if f.name in ("product", "nonlinear") and has_reals(instance):
            reason = UNSUPPORTED["nonlinear continuous"]
            raise Unsupported(Diagnostic("E601", "cannot write a nonlinear expression", f.where, expected=reason))
    prepared = prepare(instance, PIPELINE)
    text = ModelText(prepared, instance)
    stem = ascii_identifier(instance.model.name) or "model"
    filename, dataname = f"{stem}.mzn", f"{stem}.dzn"
    source = text.source(filename, dataname)
    items = text.data_items()
    program = Program(
        target="minizinc",
        language="minizinc",
        filename=filename,
        source=source,
        data={i.name: i.json for i in items},
        files={dataname: text.datafile.text(instance.model.name, items)},
    )
    w = text.writer
    return MiniZincEmission(
        program,
        {w.names[v.name]: v.name for v in prepared.model.variables},
        layouts={w.names[name]: Layout(*layout) for name, layout in text.layouts()},
        goals=len(text.goals),
        continuous=w.is_continuous,
    )


def has_reals(instance: Instance) -> bool:
    """True where a variable is real."""
    return any(v.type == "real" and v.within is None for v in instance.model.variables)


def staged(program: Program, stage: int, best: tuple[float, ...]) -> Program:
    """The program of the first goal -> that of a later one, the goals before it kept at their ``best``."""
    ((name, text),) = program.files.items()
    return replace(program, files={name: text.replace(FIRST_STAGE, "\n".join(_stage(stage, best)))})


def _stage(stage: int, best: tuple[float, ...]) -> Iterator[str]:
    yield f"stage = {stage};"
    yield f"best = [{', '.join(str(int(b)) if b == int(b) else repr(b) for b in best)}];"


FIRST_STAGE: Final = "\n".join(_stage(1, ()))
"""The lines of the data that tell the first stage."""
