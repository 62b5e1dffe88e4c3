"""Instance -> what tells two answers apart: the single values its outputs report, as expressions of the emitted model.

Asked for only where the model wants all answers or their number (`answer.find`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nl2opt.emitters.python.indices import name_indices, prepared
from nl2opt.emitters.python.total import definedness
from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model, Objective, Over
from nl2opt.ir.nodes import Comprehension, Expr, ListLiteral, Name, Tuple
from nl2opt.ir.text import print_expression
from nl2opt.passes.facts import is_known
from nl2opt.passes.rewrite import Rewrite

REASON = "what an output reports is written where it is a number, a label or a list of them, always defined"
"""Why a program finds one answer where all are asked for."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One value, for each binding of ``over``; a whole array of variables where ``expr`` is its bare name."""

    expr: Expr
    over: Over = ()


def shown_values(instance: Instance, pipeline: tuple[Rewrite, ...]) -> tuple[Shown, ...] | None:
    """Instance -> its shown values, all variables where it has no outputs; None where an output is none of these."""
    if not instance.model.outputs:
        return tuple(Shown(Name(v.name)) for v in instance.model.variables)
    asked = tuple(Objective("minimize", o.expr, priority=k) for k, o in enumerate(instance.model.outputs))
    try:
        model = prepared(replace(instance.model, constraints=(), objectives=asked), instance)
        for rewrite in pipeline:
            model, _ = rewrite(model)
        model = name_indices(model, instance)
        return tuple(s for o in model.objectives for s in _leaves(o.expr, (), model, instance))
    except Unsupported:
        return None


def _leaves(e: Expr, over: Over, model: Model, instance: Instance) -> Iterator[Shown]:
    match e:
        case ListLiteral(items) | Tuple(items):
            for item in items:
                yield from _leaves(item, over, model, instance)
        case Comprehension("list", body, generators):
            yield from _leaves(body, (*over, *generators), model, instance)
        case _ if is_known(e, model):
            return
        case _:
            if definedness(e, model, instance):
                raise _undefined(e)
            yield Shown(e, over)


def _undefined(e: Expr) -> Unsupported:
    return Unsupported(Diagnostic("E601", "cannot write an output", found=print_expression(e), expected=REASON))
