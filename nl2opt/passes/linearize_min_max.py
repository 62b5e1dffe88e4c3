"""`min`, `max` over variables -> comparisons with each argument, or a variable that bounds them.

Theorem: `max(a, b) <= c` is `a <= c and b <= c`, `max(a, b) >= c` is `a >= c or b >= c`, and the mirror for min. Inside
arithmetic the maximum is a variable t with `t >= a and t >= b`: enough where a larger t never helps (the epigraph: it
is minimized, or stands on the small side of a comparison); where a smaller t never helps `t <= a or t <= b` is;
elsewhere both. Always exact.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(linearize_min_max, '''
... sets: {I: [a, b]}
... variables: {x: {over: I, type: real, upper: 9}, y: {type: real}}
... constraints: [{name: cap, expr: "max(x[i] for i in I) <= y"}]
... objectives: [{minimize: "max(x[i] for i in I) + y"}]
... '''))
x[I] real <= 9
y real
objective_max real >= -inf
minimize objective_max + y
cap: all(x[i] <= y for i in I)
objective_max_least: objective_max >= x[i] for i in I
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from nl2opt.ir.model import Model
from nl2opt.ir.nodes import (
    Aggregate,
    Call,
    Compare,
    CompareOp,
    Constant,
    Expr,
    Neg,
    conjunction,
    disjunction,
)
from nl2opt.ir.walk import bound_names
from nl2opt.passes.bounds import Bounds
from nl2opt.passes.facts import is_integral, is_known
from nl2opt.passes.rewrite import Context, Draft, Undo, apart, descend, mentioned, renamed, unchanged

_MIRROR: dict[CompareOp, CompareOp] = {"<=": ">=", ">=": "<=", "<": ">", ">": "<", "==": "==", "!=": "!="}


def linearize_min_max(model: Model) -> tuple[Model, Undo]:
    """Model -> the model whose minima and maxima are of constants."""
    draft = Draft(model)
    made: dict[tuple[Expr, object, int], Expr] = {}

    def visit(e: Expr, at: Context) -> Expr:
        if is_known(e, draft.model):
            return e
        if isinstance(e, Compare) and (compared := _compared(e, at, draft.model)) is not None:
            return visit(compared, at)
        if not _is_extreme(e):
            return descend(e, at, visit, draft.model)
        inner = replace(at, guarded=at.guarded or at.sign != _easy(e))
        e = descend(e, inner, visit, draft.model)
        key = (e, at.defining(e), at.sign)
        if key not in made:
            made[key] = _bounding(e, at, draft)
        return made[key]

    return draft.rewrite(visit), unchanged


def _is_extreme(e: Expr) -> bool:
    return isinstance(e, Aggregate | Call) and e.function in ("min", "max")


def _easy(e: Expr) -> int:
    """The sign of the place where one side of the definition is enough."""
    assert isinstance(e, Aggregate | Call)
    return 1 if e.function == "max" else -1


def _compared(e: Compare, at: Context, model: Model) -> Expr | None:
    """A comparison with a minimum or maximum alone on one side -> comparisons with its arguments."""
    for side, other, op in ((e.left, e.right, e.op), (e.right, e.left, _MIRROR[e.op])):
        if not _is_extreme(side) or is_known(side, model):
            continue
        largest = isinstance(side, Aggregate | Call) and side.function == "max"
        match op:
            case "==":
                return conjunction(_each(side, "<=", other, at), _each(side, ">=", other, at))
            case "!=":
                return disjunction(_each(side, "<", other, at), _each(side, ">", other, at))
            case _:
                every = (op in ("<=", "<")) == largest
                return _each(side, op, other, at, every)
    return None


def _each(side: Expr, op: CompareOp, other: Expr, at: Context, every: bool | None = None) -> Expr:
    """`argument op other` for every argument, or for some."""
    if every is None:
        largest = isinstance(side, Aggregate | Call) and side.function == "max"
        every = (op in ("<=", "<")) == largest
    if isinstance(side, Call):
        parts = [Compare(op, a, other) for a in side.args]
        return conjunction(*parts) if every else disjunction(*parts)
    assert isinstance(side, Aggregate)
    taken = bound_names(at.over) | mentioned(other)
    generators, (body,) = renamed(side.generators, (side.body,), taken)
    other = apart(other, taken | bound_names(generators))
    return Aggregate("all" if every else "any", Compare(op, body, other), generators)


def _bounding(e: Expr, at: Context, draft: Draft) -> Expr:
    """A variable equal to the minimum or maximum, or on its safe side where the sign of the place allows."""
    assert isinstance(e, Aggregate | Call)
    enough = at.sign == _easy(e)
    function: Literal["min", "max"] = "max" if e.function == "max" else "min"
    lower: Expr = Neg(Constant("inf"))
    upper: Expr | None = None
    if at.guarded or not enough:
        lower, upper = Bounds(draft).of(e, at.item)
    kind = "integer" if is_integral(e, draft.model) else "real"
    t = draft.variable(f"{at.item}_{function}", at.family(e), kind, lower, upper)  # type: ignore[arg-type]
    name = draft.variables[-1].name
    below: CompareOp = "<=" if function == "max" else ">="
    above: CompareOp = ">=" if function == "max" else "<="
    scope = at.defining(e)
    if at.sign != -_easy(e):
        every, more = (
            (Compare(above, t, e.body), e.generators) if isinstance(e, Aggregate) else (_all_of(e, above, t), ())
        )
        draft.require(f"{name}_least" if function == "max" else f"{name}_most", (*scope, *more), every)
    if not enough:
        draft.require(f"{name}_reached", scope, _each(e, _MIRROR[below], t, Context(at.item, scope), every=False))
    return t


def _all_of(e: Call, above: CompareOp, t: Expr) -> Expr:
    return conjunction(*(Compare(above, t, a) for a in e.args))
