"""Instance -> Result: what a solve says, in three fields: why it stopped, what the vector means, the raw word."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Literal

from nl2opt.errors import Diagnostic
from nl2opt.ir.instance import Point

if TYPE_CHECKING:
    from nl2opt.solvers.sensitivity import Sensitivity


class Termination(Enum):
    """Why a solver stopped. There is no default: an unknown status raises SolverFailure."""

    OPTIMAL = "optimal"
    """Proved optimal within the solver's tolerances (or, with no objective, a solution was found)."""
    INFEASIBLE = "infeasible"
    """Proved to have no solution."""
    UNBOUNDED = "unbounded"
    """Feasible, and the objective improves without end."""
    INFEASIBLE_OR_UNBOUNDED = "infeasible_or_unbounded"
    """One of the two; the solver did not say which."""
    TIME_LIMIT = "time_limit"
    """The time limit came first; the vector, if any, is the incumbent."""
    INTERRUPTED = "interrupted"
    """The person stopped it; the vector, if any, is the incumbent."""
    SOLUTION_LIMIT = "solution_limit"
    """Enough solutions were found."""
    UNRELIABLE = "numerically_unreliable"
    """The referee disagrees with the solver after rounding; the vector is shown, not trusted."""


VectorMeaning = Literal["optimal", "feasible", "none"]


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """How long and how hard to try. `time_limit` in seconds, None = no limit; `threads` >= 1; `seed` >= 0."""

    time_limit: float | None = None
    threads: int = 1
    seed: int = 0
    relative_gap: float = 1e-9
    relax_integrality: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What one route found for one instance.

    ``objective`` is that of ``point`` in the sense of the model (None without an objective or a point), ``bound`` the
    dual bound, ``gap`` = |objective - bound| / max(1, |objective|); ``seconds`` is wall time of build and solve.
    ``notes`` say what a reader should know (scaling error, why this solver, a tolerance used). ``sensitivity`` holds
    the duals of a linear program solved to optimality, ``diagnostics`` warn of numbers of very different size.
    """

    termination: Termination
    vector: VectorMeaning
    point: Point | None
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    solver: str
    route: str
    raw_status: str
    notes: tuple[str, ...] = field(default=())
    sensitivity: Sensitivity | None = field(default=None, repr=False, compare=False)
    diagnostics: tuple[Diagnostic, ...] = field(default=())
