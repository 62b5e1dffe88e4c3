"""One step: a language model writes a Pyomo program, which is run in the sandbox."""

from __future__ import annotations

from nl2opt.bench.respondents import Ask, Asking, _coding


def prepare(settings: Asking) -> Ask:
    """Settings -> item, sample -> Response."""
    return _coding.prepare(settings, "Pyomo", "Solve with pyomo.environ.SolverFactory('appsi_highs').")
