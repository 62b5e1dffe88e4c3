"""Model -> findings about its expressions: names, subscripts, types, variables where constants are needed."""

from __future__ import annotations

from functools import partial

from nl2opt.check.places import Findings, Spot, places, spots
from nl2opt.ir.infer import enter, number, set_item, type_of
from nl2opt.ir.infer.reports import Report
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.infer.signatures import as_number
from nl2opt.ir.infer.types import ArrayOf, Labelled, ListOf, Numeric, SetOf, TupleOf, describe, fit
from nl2opt.ir.model import Model, Parameter
from nl2opt.ir.nodes import Expr


def check_expressions(model: Model, found: Findings) -> None:
    """Every expression, filter and index binding of the model."""
    scope = Scope.of(model)
    inner: dict[tuple[str, int], Scope] = {}
    for place, item in places(model):
        report: Report = partial(found.at, place)
        inner[place.section, place.position] = enter(getattr(item, "over", ()), scope, report)
    for spot in spots(model):
        _check_spot(spot, inner[spot.place.section, spot.place.position], model, found)


def _check_spot(spot: Spot, scope: Scope, model: Model, found: Findings) -> None:
    report: Report = partial(found.at, spot.place)
    e = spot.expr
    if spot.role in ("set", "value", "bound", "penalty") and scope.varies(e):
        report("E309", e, f"a variable in `{spot.field}`", "constants and parameters", "")
    match spot.role:
        case "set":
            set_item(e, scope, report)
        case "bound" | "penalty" | "objective":
            number(e, scope, report)
        case "value":
            _check_value(spot, scope, model, report)
        case "constraint":
            _check_constraint(e, scope, report)
        case "expression":
            t = type_of(e, scope, report)
            if isinstance(t, ArrayOf | SetOf | ListOf | TupleOf):
                report("E302", e, describe(t), "a number or a condition", "give it `over` and indices")
        case "output":  # evaluated at the solution, where variables are known: a filter or a set may look at them
            type_of(e, scope, lambda code, *rest: None if code in ("E307", "E309", "N01") else report(code, *rest))


def _check_value(spot: Spot, scope: Scope, model: Model, report: Report) -> None:
    parameter: Parameter = model.parameters[spot.place.position]
    t = type_of(spot.expr, scope, report)
    if parameter.within is None:
        if not isinstance(t, ListOf | ArrayOf):
            as_number(spot.expr, t, report)
        return
    wanted = set_item(parameter.within, scope)
    match fit(t, wanted):
        case "kinds":
            report("E302", spot.expr, describe(t), describe(wanted), "")
        case "disjoint":
            report("E304", spot.expr, describe(t), describe(wanted), "")
        case _:
            pass


def _check_constraint(e: Expr, scope: Scope, report: Report) -> None:
    t = type_of(e, scope, report)
    match t:
        case Numeric(type=kind) if kind != "binary" and scope.varies(e):
            report("E311", e, describe(t), "a condition", "compare it with a bound: `... <= capacity`")
        case TupleOf():
            report("E311", e, describe(t), "a condition", "write 5000, not 5,000")
        case SetOf() | ListOf() | Labelled() | ArrayOf():
            report("E311", e, describe(t), "a condition", "all(...) of an array")
        case _:
            pass
