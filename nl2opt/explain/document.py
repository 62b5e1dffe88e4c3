"""Answer -> one JSON object: what `--json` prints and tools receive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from nl2opt.errors import Diagnostic
from nl2opt.explain.answer import Answer
from nl2opt.explain.report import report
from nl2opt.ir.document.printer import to_document
from nl2opt.ir.instance import Domain, Key

if TYPE_CHECKING:
    from nl2opt.formulate.formulation import Formulation


def answer_object(
    answer: Answer,
    formulation: Formulation | None = None,
    findings: Sequence[Diagnostic] = (),
) -> dict[str, Any]:
    """Answer -> {status, objective, bound, gap, solution, outputs, model, evidence, assumptions, diagnostics, ...}.

    ``objective``, ``bound`` and ``gap`` are finite numbers or null. ``solution`` nests each variable by its labels;
    scalars are plain values. Keys are text, as JSON asks.
    """
    result, model = answer.result, answer.instance.model
    told = report(answer)
    doubts = [d.as_json() for d in formulation.doubts] if formulation else []
    return {
        "status": result.termination.value,
        "objective": _finite(result.objective),
        "bound": _finite(result.bound),
        "gap": _finite(result.gap),
        "solution": _solution(answer),
        "outputs": {name: plain(value) for name, key, value, _ in told.expressions if not key} or None,
        "model": plain(to_document(model)),
        "evidence": [e.as_json() for e in answer.evidence],
        "assumptions": list(model.assumptions),
        "diagnostics": [*doubts, *(d.as_json() for d in (*findings, *answer.diagnostics))],
        "conflict": list(told.conflict),
        "answers": [{name: plain(value) for name, value in a} for a in told.answers] or None,
        "count": None if answer.every is None else {"found": answer.every.count, "complete": answer.every.complete},
        "solver": result.solver,
        "raw_status": result.raw_status,
        "vector": result.vector,
        "seconds": round(result.seconds, 6),
        "notes": list(result.notes),
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _solution(answer: Answer) -> dict[str, Any] | None:
    point = answer.result.point
    if point is None:
        return None
    return {
        v.name: _nested(point[v.name], answer.instance.variables[v.name].domain)
        for v in answer.instance.model.variables
    }


def _nested(values: Any, domain: Domain) -> Any:
    if domain.arity == 0:
        return plain(values[()])
    out: dict[str, Any] = {}
    for key in domain.keys:
        _place(out, key, plain(values[key]))
    return out


def _place(out: dict[str, Any], key: Key, value: Any) -> None:
    for part in key[:-1]:
        out = out.setdefault(str(part), {})
    out[str(key[-1])] = value


def plain(value: Any) -> Any:
    """A value of the language -> what JSON holds: fractions become numbers, tuples lists."""
    match value:
        case bool() | str() | None:
            return str(value) if isinstance(value, str) else value
        case Fraction():
            return value.numerator if value.denominator == 1 else float(value)
        case Decimal():
            return float(value)
        case int():
            return value
        case float():
            return _finite(value)
        case dict():
            return {k: plain(v) for k, v in value.items()}
        case list() | tuple():
            return [plain(v) for v in value]
        case _:
            return str(value)
