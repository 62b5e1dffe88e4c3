"""A folder of a document -> drafts of its `expected.json` and `perturbed.json`, for a person to look through.

    python -m nl2opt.bench.perturb FOLDER/NAME ...

A point that must be rejected is made without the referee: CP-SAT solves the model with one constraint turned into its
opposite, so the point keeps every other constraint and breaks this one; with the objective held away from the
optimum; or by a value outside its variable's bounds. A constraint whose opposite has no solution follows from the
others and is told.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, Final

from nl2opt.bench.documents import Folder
from nl2opt.check.printed import outputs_of
from nl2opt.errors import Nl2optError
from nl2opt.explain.document import plain
from nl2opt.ir.instance import Instance, Point
from nl2opt.ir.model import Constraint
from nl2opt.ir.nodes import Aggregate, Compare, Expr, Not, Number
from nl2opt.solvers.cpsat_solutions import solutions
from nl2opt.solvers.result import Result, SolveOptions, Termination
from nl2opt.solvers.routes import ROUTES

POINTS: Final = 4
"""Points a document gets; more would only be length."""
LENGTH: Final = 400
"""Characters of outputs that are kept as expected."""
TIME_LIMIT: Final = 20.0


def draft(folder: Folder) -> None:
    """Write both files of a folder; what is there of expected warnings stays."""
    expected: dict[str, Any] = {}
    points: list[dict[str, Any]] = []
    for name, instance in folder.instances.items():
        result = _solve(instance)
        optimum = None if result.objective is None else plain(Fraction(result.objective).limit_denominator(10**6))
        expected[name] = {"status": result.termination.value, "optimum": optimum}
        if result.termination is Termination.OPTIMAL and result.point is not None:
            expected[name] |= _only_outputs(instance)
            points += islice(_points(name, instance, optimum), POINTS)
            points += _outside(name, instance, result.point)
    held = folder.held("expected.json", {})
    expected |= {k: v for k, v in held.items() if k == "warnings"}
    _write(folder.path / "expected.json", expected)
    _write(folder.path / "perturbed.json", _varied(points))


def _solve(instance: Instance) -> Result:
    return ROUTES["cpsat"](instance, SolveOptions(time_limit=TIME_LIMIT))


def _only_outputs(instance: Instance) -> dict[str, Any]:
    """The outputs, where every optimal point has the same and they are few."""
    if not instance.model.outputs:
        return {}
    try:
        found = solutions(instance, SolveOptions(time_limit=TIME_LIMIT), limit=1)
    except Nl2optError as e:
        print(f"  solutions: {e.diagnostics[0].message}", file=sys.stderr)
        return {}
    only = found.complete and found.count == 1
    outputs = outputs_of(instance, found.points[0]) if only else {}
    return {"outputs": outputs} if outputs and len(json.dumps(outputs)) <= LENGTH else {}


def _outside(name: str, instance: Instance, point: Point) -> Iterator[dict[str, Any]]:
    """The solution with the first or last value of a variable beyond its bound or its set."""
    values = values_of(instance, point)
    for variable, family in instance.variables.items():
        if not len(family.domain):
            continue
        last = len(family.domain) - 1
        for place in (0, last) if family.domain.arity else (0,):
            upper, lower = (bound[place] if bound else None for bound in (family.upper, family.lower))
            wrong: list[Any] = [] if upper is None else [math.floor(upper) + 1]
            wrong += [] if lower is None else [math.ceil(lower) - 1]
            if family.within is not None:
                numbers = [e for e in family.within[place] if isinstance(e, int)]
                wrong = [max(numbers) + 1, min(numbers) - 1] if numbers else ["nobody"]
            given = values[variable]
            for value in wrong:
                held = [*given[:place], value, *given[place + 1 :]] if family.domain.arity else value
                yield {"instance": name, "point": {**values, variable: held}, "violates": variable}


def _points(name: str, instance: Instance, optimum: float | None) -> Iterator[dict[str, Any]]:
    if optimum is not None and len(instance.model.objectives) == 1:
        first = instance.model.objectives[0]
        away = Fraction(math.floor(optimum) + 1 if first.sense == "minimize" else math.ceil(optimum) - 1)
        held: Expr = Compare(">=" if first.sense == "minimize" else "<=", first.expr, Number(away))
        point = _found(instance, Constraint("held_away", held), held, len(instance.model.constraints))
        if point is not None:
            yield {"instance": name, "point": point, "suboptimal": True}
    for i, c in enumerate(instance.model.constraints):
        if c.penalty is None:
            over = c.over
            opposite = Not(Aggregate("all", c.expr, over) if over else c.expr)
            point = _found(instance, c, opposite, i)
            if point is not None:
                yield {"instance": name, "point": point, "violates": c.name}
            else:
                print(f"  {name}: no point breaks {c.name} alone", file=sys.stderr)


def _found(instance: Instance, constraint: Constraint, condition: Expr, place: int) -> dict[str, Any] | None:
    """The point that keeps all but the constraint at ``place``, and the condition in its stead."""
    constraints = list(instance.model.constraints)
    constraints[place : place + 1] = [replace(constraint, over=(), expr=condition, template="")]
    model = replace(instance.model, constraints=tuple(constraints), objectives=())
    try:
        result = _solve(replace(instance, model=model))
    except Nl2optError as e:
        print(f"  {constraint.name}: {e.diagnostics[0].message}", file=sys.stderr)
        return None
    return values_of(instance, result.point) if result.point is not None else None


def values_of(instance: Instance, point: Point) -> dict[str, Any]:
    """A point -> variable -> value, or its values in the order of its keys; as in `perturbed.json`."""
    held = {}
    for name, family in instance.variables.items():
        values = [plain(point[name][key]) for key in family.domain.keys]
        held[name] = values if family.domain.arity else values[0]
    return held


def _varied(points: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most `POINTS`, each reason once before any comes twice."""
    seen: dict[str, int] = {}
    ranked = []
    for i, p in enumerate(points):
        if p in points[:i]:
            continue
        reason = p.get("violates", "suboptimal")
        seen[reason] = seen.get(reason, 0) + 1
        ranked.append((reason in p["point"], seen[reason], "violates" in p, p))
    return [p for *_, p in sorted(ranked, key=lambda r: r[:3])][:POINTS]


def _write(path: Path, value: Any) -> None:
    """JSON, one item of the outermost container a line."""
    if isinstance(value, list):
        text = "[\n" + ",\n".join(json.dumps(v, ensure_ascii=False) for v in value) + "\n]\n"
    else:
        rows = [f" {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in value.items()]
        text = "{\n" + ",\n".join(rows) + "\n}\n"
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(argument, file=sys.stderr)
        draft(Folder(Path(argument)))
