"""Model -> Diagnostics: everything that can be said about a document before any data, all at once."""

from __future__ import annotations

from collections.abc import Callable

from nl2opt.check.declarations import check_anchors, check_declarations, check_truth
from nl2opt.check.expressions import check_expressions
from nl2opt.check.idle import check_constants, check_elements
from nl2opt.check.literals import check_big_numbers, check_chains, check_literals
from nl2opt.check.names import check_cycles, check_names, check_use
from nl2opt.check.places import Findings
from nl2opt.check.pushes import check_pushes
from nl2opt.check.strictness import check_strictness
from nl2opt.check.units import check_units
from nl2opt.errors import Diagnostic
from nl2opt.ir.model import Model

CHECKS: tuple[Callable[[Model, Findings], None], ...] = (
    check_names,
    check_cycles,
    check_declarations,
    check_anchors,
    check_expressions,
)
"""Is it a model at all? Each looks at the whole document."""

CHECKS_OF_MEANING: tuple[Callable[[Model, Findings], None], ...] = (
    check_truth,
    check_strictness,
    check_units,
    check_use,
    check_elements,
    check_constants,
    check_pushes,
    check_literals,
    check_big_numbers,
    check_chains,
)
"""Does it say what was meant? Asked only where no definition goes in a circle."""

_ORDER = {"error": 0, "warning": 1, "note": 2}


def check_model(model: Model) -> tuple[Diagnostic, ...]:
    """Every static error, warning and note of a model: errors first, each group in the order of the checks.

    What reading took in another spelling comes with them.
    """
    found = Findings()
    for check in CHECKS[:2]:
        check(model, found)
    circular = any(d.code == "E205" for d in found.found.values())
    for check in (*CHECKS[2:], *(() if circular else CHECKS_OF_MEANING)):
        check(model, found)
    return tuple(sorted((*found.found.values(), *model.notes), key=lambda d: _ORDER[d.severity]))
