"""What can go wrong -> one object a person reads and a program parses.

The error tree::

    Nl2optError
    ├── DocumentError    a model document is not a valid model (static errors, all at once)
    ├── DataError        the data do not fit the model (file, sheet, row, column named)
    ├── EvaluationError  an expression has no value at a binding (index outside its set, min of nothing)
    ├── TextRefused      a text is beyond the translator; the sentence it could not place is named
    ├── Unsupported      a target cannot say a construct; the reason is part of the target's table
    ├── LimitExceeded    the model would ground beyond the limits of the language
    ├── SolverFailure    a solver broke, is not installed, or said something we do not know
    ├── ProgramFailure   an emitted program did not run to a result in its subprocess
    └── ModelFailure     a language model cannot be asked, or gave no reply

Infeasible, unbounded and limit reached are results, never exceptions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about a document, its data or an answer.

    ``code`` is stable and looked up in docs; ``where`` names the place in the document (``constraints[2] 'capacity'``)
    or file (``prices.csv row 4, column 'cost'``); ``found``, ``expected`` and ``fix`` are one line each and may be
    empty. The same object is printed for a person and passed as JSON to a repair loop.
    """

    code: str
    message: str
    where: str = ""
    found: str = ""
    expected: str = ""
    fix: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        lines = [f"{self.severity} {self.code}: {self.message}"]
        for label in ("where", "found", "expected", "fix"):
            value = getattr(self, label)
            if value:
                lines.append(f"  {label:<9} {value}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, str]:
        """Diagnostic -> a flat JSON object with every field."""
        return asdict(self)


class Nl2optError(Exception):
    """Base of every exception raised on purpose; carries all findings, not the first."""

    def __init__(self, diagnostics: Diagnostic | Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = (
            (diagnostics,) if isinstance(diagnostics, Diagnostic) else tuple(diagnostics)
        )
        super().__init__("\n".join(str(d) for d in self.diagnostics))

    def as_json(self) -> list[dict[str, Any]]:
        """Exception -> the list of its findings as JSON objects."""
        return [dict(d.as_json()) for d in self.diagnostics]


class DocumentError(Nl2optError):
    """A document is not a valid model."""


class DataError(Nl2optError):
    """Data do not fit the model they are bound to."""


class EvaluationError(Nl2optError):
    """An expression has no value at a binding."""


class TextRefused(Nl2optError):
    """A text is beyond the translator."""


class Unsupported(Nl2optError):
    """A target cannot say a construct of the model; the reason is declared in the target's table."""


class LimitExceeded(Nl2optError):
    """A model is larger than the limits of the language allow."""


class SolverFailure(Nl2optError):
    """A solver broke, is missing, or answered something unknown."""


class ProgramFailure(Nl2optError):
    """An emitted program did not run to a result."""


class ModelFailure(Nl2optError):
    """A language model cannot be asked, or gave no reply."""
