"""A comparison guarded by binaries -> the comparison relaxed by a big-M for each guard that is off.

Theorem: with M >= the greatest value of a - b, `implies(y, a <= b)` is `a <= b + M * (1 - y)`: the guard on leaves
a <= b, the guard off leaves what always holds. M is a derived parameter for each binding, written from the declared
bounds (`max(0, ...)`, so that several guards may be off), never one large constant. An equality is two comparisons.
Exact wherever the bounds are finite; where one is not, the grounding says which variable needs a bound.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(comparison_to_big_m, '''
... sets: {I: [a, b]}
... parameters: {least: {over: I, value: [3, 4]}, most: {over: I, value: [8, 9]}}
... variables: {x: {over: i in I, type: real, upper: "most[i]"}, on: {over: I, type: binary}}
... constraints:
...   - {name: start, for: i in I, expr: "implies(on[i], x[i] >= least[i])"}
...   - {name: stop, for: i in I, expr: "implies(not on[i], x[i] == 0)"}
... '''))
x[i in I] real <= most[i]
on[I] binary
start_big_m[i in I] = max(0, least[i])
stop_big_m[i in I] = max(0, most[i])
start: x[i] + start_big_m[i] * (1 - on[i]) >= least[i] for i in I
stop: x[i] <= stop_big_m[i] * on[i] for i in I
"""

from __future__ import annotations

from dataclasses import replace

from nl2opt.ir.model import Constraint, Model, Variable
from nl2opt.ir.nodes import ZERO, Compare, Expr, Implies, Name, Number, Subscript
from nl2opt.passes.arithmetic import extreme, minus, plus, times
from nl2opt.passes.bounds import Bounds
from nl2opt.passes.literals import count_false
from nl2opt.passes.rewrite import Context, Draft, Undo, unchanged


def comparison_to_big_m(model: Model) -> tuple[Model, Undo]:
    """Model -> the model whose constraints are plain comparisons."""
    draft = Draft(model)
    bounds = Bounds(draft)
    constraints: list[Constraint] = []
    for c in model.constraints:
        if not isinstance(c.expr, Implies) or not isinstance(c.expr.consequence, Compare):
            constraints.append(c)
            continue
        relaxed = _relaxed(c.expr.condition, c.expr.consequence, c, draft, bounds)
        for n, e in enumerate(relaxed):
            constraints.append(replace(c, expr=e, name=c.name if n == 0 else draft.fresh(f"{c.name}_{n + 1}")))
    return draft.finish(constraints, model.objectives), unchanged


def _relaxed(guard: Expr, e: Compare, c: Constraint, draft: Draft, bounds: Bounds) -> list[Compare]:
    """A guarded comparison -> one or two plain ones."""
    off = count_false(guard)
    out: list[Compare] = []
    lower, upper = bounds.of(minus(e.left, e.right), c.name)
    if e.op in ("<=", "==") and not _never_above(e, draft.model):
        m = _constant(extreme("max", (ZERO, upper)), c, draft)
        out.append(Compare("<=", e.left, plus(e.right, times(m, off))))
    if e.op in (">=", "==") and not _never_below(e, draft.model):
        m = _constant(extreme("max", (ZERO, minus(ZERO, lower))), c, draft)
        out.append(Compare(">=", plus(e.left, times(m, off)), e.right))
    return out


def _never_above(e: Compare, model: Model) -> bool:
    return _at_bound(e.left, e.right, model)


def _never_below(e: Compare, model: Model) -> bool:
    return _at_bound(e.right, e.left, model)


def _at_bound(small: Expr, large: Expr, model: Model) -> bool:
    """True where `large >= small` says no more than that a variable is not below its lower bound of 0."""
    if small != ZERO or not isinstance(large, Name | Subscript):
        return False
    symbol = model.symbols.get(large.name)
    return isinstance(symbol, Variable) and (symbol.lower is None or symbol.lower == ZERO)


def _constant(m: Expr, c: Constraint, draft: Draft) -> Expr:
    """A big-M as a number, or as a derived parameter of the constraint's bindings."""
    if isinstance(m, Number):
        return m
    over = Context(c.name, c.over).family(m)
    description = f"by how much `{c.name}` may be exceeded where its condition is off"
    return draft.parameter(f"{c.name}_big_m", over, m, description)
