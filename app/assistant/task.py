"""What the page asks of a process of its own, and what comes back: plain frozen data on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, Literal

from nl2opt.emitters import Program
from nl2opt.errors import Diagnostic
from nl2opt.explain.answer import Evidence
from nl2opt.explain.report import Limit
from nl2opt.formulate.embedded.spans import Span
from nl2opt.ir.instance import Instance, Key
from nl2opt.ir.model import Model

TEXT_CHARACTERS: Final = 8_000
DOCUMENT_MEGABYTES: Final = 4
DATA_MEGABYTES: Final = 10
DATA_FILES: Final = 8

Edits = Mapping[tuple[str, Key], Fraction]
"""(parameter, key) -> the number a person put in its place."""


@dataclass(frozen=True)
class File:
    """An uploaded file: its plain name and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Translation:
    """Who turns a text into a model: `embedded`, or `llm` with the name of a model and the address of its server."""

    translator: str = "embedded"
    model: str = ""
    base_url: str = ""


@dataclass(frozen=True)
class ModelTask:
    """A text, or a model document where there is one, with data files -> Study."""

    text: str
    document: File | None = None
    translation: Translation = field(default_factory=Translation)
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class EditTask:
    """A study whose numbers a person changed -> the Study with the new ones."""

    study: Study
    edits: Edits
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class SolveTask:
    """An instance -> Solved; ``seconds`` for each solve."""

    instance: Instance
    seconds: float


@dataclass(frozen=True)
class ProgramsTask:
    """An instance -> Programs."""

    instance: Instance


Task = ModelTask | EditTask | SolveTask | ProgramsTask


@dataclass(frozen=True)
class Line:
    """One statement of a model.

    ``formula`` is LaTeX, a string a line, () where the data are not complete and only ``plain`` can be shown;
    ``numbers`` is the same with the data put in, ``words`` are the person's own.
    """

    name: str
    plain: str
    formula: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True)
class Study:
    """What was made of a text or a document. ``instance`` is None where data are missing or something is wrong.

    ``findings`` holds doubts, warnings and errors, ``refusal`` why there is no model at all.
    """

    text: str
    spans: tuple[Span, ...] = ()
    refusal: Diagnostic | None = None
    findings: tuple[Diagnostic, ...] = ()
    model: Model | None = None
    instance: Instance | None = None
    objectives: tuple[Line, ...] = ()
    constraints: tuple[Line, ...] = ()
    variables: tuple[Line, ...] = ()
    definitions: tuple[Line, ...] = ()
    sets: tuple[Line, ...] = ()
    document: str = ""
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Amount:
    """One value of the answer, as text; ``is_zero`` values may be left out of a long list."""

    name: str
    of: str
    value: str
    unit: str
    is_zero: bool


@dataclass(frozen=True)
class Solved:
    """What a person is told after a solve.

    ``sense`` is `wishes` where only soft constraints say what is best,  where nothing does; ``trusted``: nothing that
    was checked failed.
    """

    status: str
    headline: str
    sense: Literal["minimize", "maximize", "wishes", ""]
    objective: str
    trusted: bool
    amounts: tuple[Amount, ...]
    named: tuple[Amount, ...]
    limits: tuple[Limit, ...]
    conflict: tuple[Line, ...]
    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...]
    findings: tuple[Diagnostic, ...]
    seconds: float


@dataclass(frozen=True)
class Programs:
    """Target -> its program, or the reason why it cannot say the model."""

    by_target: Mapping[str, Program | Diagnostic]


@dataclass(frozen=True)
class Failed:
    """Nothing came of a task, and why."""

    findings: tuple[Diagnostic, ...]


Outcome = Study | Solved | Programs | Failed
