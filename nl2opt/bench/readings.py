"""Model -> what comes out of it, its numbers read as declared, all as reals, all as whole numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from nl2opt.bench.items import READINGS, Reading
from nl2opt.errors import Nl2optError
from nl2opt.explain.answer import Answer, answer
from nl2opt.ir.bind import bind
from nl2opt.ir.instance import Instance, Point
from nl2opt.ir.model import Model
from nl2opt.solvers.result import SolveOptions

TURNED: Final = {"continuous": {"integer": "real"}, "whole": {"real": "integer"}}
"""What a reading takes a declared type for; binaries, and values of a set, are never read otherwise."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One reading: why the solver stopped (or `unsupported`, `error`), and the objective if there is one; where a model
    asks how many answers there are, their number."""

    reading: str
    status: str
    objective: float | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Readings:
    """Every reading of one model; the instance and the point are those of the model as declared."""

    outcomes: tuple[Outcome, ...]
    instance: Instance | None
    point: Point | None


def read(model: Model, data: Mapping[str, Any] | None, time_limit: float, readings: tuple[Reading, ...]) -> Readings:
    """Model, data -> its outcomes. What cannot be bound or solved is an outcome with its reason."""
    found: dict[str, Outcome] = {}
    instance: Instance | None = None
    point: Point | None = None
    for name in READINGS:
        if name != "declared" and name not in readings:
            continue
        turned = in_reading(model, name)
        if name != "declared" and turned == model:
            found[name] = replace(found["declared"], reading=name)
            continue
        try:
            bound = bind(turned, data)
            told = answer(bound, options=SolveOptions(time_limit=time_limit), verify=False)
        except Nl2optError as e:
            found[name] = Outcome(name, "error", None, f"{e.diagnostics[0].code}: {e.diagnostics[0].message}"[:300])
            continue
        result = told.result
        objective = _number_of_answers(told) if turned.answer.find == "count" else result.objective
        kept = objective if objective is not None and math.isfinite(objective) else None
        found[name] = Outcome(name, result.termination.value, kept)
        if name == "declared":
            instance, point = bound, result.point
    return Readings(tuple(found[n] for n in found if n in readings), instance, point)


def _number_of_answers(told: Answer) -> float | None:
    """How many answers there are, where they could all be counted."""
    return float(told.every.count) if told.every is not None and told.every.complete else None


def in_reading(model: Model, reading: Reading) -> Model:
    """A model -> the same with its numbers read otherwise; itself where that changes nothing."""
    if reading == "declared":
        return model
    turned = TURNED[reading]
    variables = tuple(
        replace(v, type=turned[v.type]) if v.type in turned else v  # type: ignore[arg-type]
        for v in model.variables
    )
    return model if variables == model.variables else replace(model, variables=variables)
