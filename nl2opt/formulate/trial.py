"""Model -> why its numbers were perhaps misread: as it stands it has no solution, or no best one."""

from __future__ import annotations

from typing import Final

from nl2opt.errors import Diagnostic, Nl2optError
from nl2opt.ir.bind import bind
from nl2opt.ir.model import Model
from nl2opt.solvers import highs
from nl2opt.solvers.result import SolveOptions, Termination

SECONDS: Final = 2.0
"""Longer a trial may not take; word problems take milliseconds."""
_TOLD: Final = {
    Termination.INFEASIBLE: ("doubt-no-solution", "no amounts satisfy everything, as it was read"),
    Termination.UNBOUNDED: ("doubt-no-best", "nothing keeps the objective from growing for ever, as it was read"),
    Termination.INFEASIBLE_OR_UNBOUNDED: ("doubt-no-best", "there is no best solution, as it was read"),
}


def trial(model: Model) -> Diagnostic | None:
    """Solve once; a doubt where the outcome is none that people ask for, though a text may well mean it."""
    try:
        found = highs.solve(bind(model), SolveOptions(time_limit=SECONDS)).termination
    except Nl2optError:
        return None
    if found not in _TOLD:
        return None
    code, message = _TOLD[found]
    return Diagnostic(code, message, severity="warning")
