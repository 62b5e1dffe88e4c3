"""Soft constraints -> terms of the objective of the lowest priority.

Theorem: a constraint with penalty w for `for I` costs `sum(w * violation for I)`, added to what is minimized,
subtracted from what is maximized; the violation of `a <= b` is `max(0, a - b)`, of `a == b` `abs(a - b)`, of any
other condition 1 where it fails (docs/SEMANTICS.md, Soft constraints). Exact. On whole numbers `a < b` counts as
`a + 1 <= b`.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(soften_penalties, '''
... sets: {I: [a, b]}
... variables: {x: {over: I, type: real}, y: {over: I, type: binary}}
... constraints:
...   - {name: low, for: i in I, expr: "x[i] <= 3", penalty: 2}
...   - {name: pick, expr: "y['a'] or y['b']", penalty: 5}
... objectives: [{maximize: sum(x)}]
... '''))
x[I] real
y[I] binary
maximize sum(x) - sum(2 * max(0, x[i] - 3) for i in I) - 5 * (not (y['a'] or y['b']))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nl2opt.ir.model import Constraint, Model, Objective, Parameter, Variable
from nl2opt.ir.nodes import (
    ONE,
    ZERO,
    Aggregate,
    Call,
    Compare,
    Expr,
    IfElse,
    Label,
    Name,
    Not,
    Subscript,
    add,
    conjunction,
    mul,
    negative,
    subtract,
)
from nl2opt.ir.walk import bound_names, children, free_names, map_children
from nl2opt.passes.arithmetic import minus, times
from nl2opt.passes.elements import Chosen, element
from nl2opt.passes.facts import is_formula, is_integral, is_known, whole_elements
from nl2opt.passes.inline_expressions import inlined
from nl2opt.passes.rewrite import Context, Draft, Undo, unchanged
from nl2opt.passes.strictness import is_testable
from nl2opt.passes.unsupported import unsupported


def soften_penalties(model: Model) -> tuple[Model, Undo]:
    """Model -> the model whose constraints are all hard."""
    soft = [c for c in model.constraints if c.penalty is not None]
    if not soft:
        return model, unchanged
    hard = tuple(c for c in model.constraints if c.penalty is None)
    draft = Draft(model)
    costs = [_cost(c, draft) for c in soft]
    model = draft.model
    if not model.objectives:
        return replace(model, constraints=hard, objectives=(Objective("minimize", add(*costs)),)), unchanged
    lowest = min(model.objectives, key=lambda o: o.priority)
    if lowest.sense == "maximize":
        costs = [negative(c) for c in costs]
    changed = replace(lowest, expr=add(lowest.expr, *costs))
    objectives = tuple(changed if o is lowest else o for o in model.objectives)
    return replace(model, constraints=hard, objectives=objectives), unchanged


def _cost(c: Constraint, draft: Draft) -> Expr:
    assert c.penalty is not None
    expr = inlined(c.expr, c.over, draft)
    body = times(c.penalty, violation(expr, Context(c.name, c.over), draft))
    return Aggregate("sum", body, c.over) if c.over else body


def violation(e: Expr, at: Context, draft: Draft) -> Expr:
    """Condition -> by how much it is violated: the amount of a comparison of numbers, else 0 or 1."""
    model = draft.model
    if isinstance(e, Compare) and (chosen := _perhaps_undefined(e, at, model)) is not None:
        if (choice := _choice_around(e, chosen[0], model)) is not None:
            _require_outside(choice, at, model)
            branches = (violation(_replaced(e, choice, b), at, draft) for b in (choice.then, choice.otherwise))
            return IfElse(choice.condition, *branches)
        return _by_key(e, *chosen, at, draft)
    match e:
        case Compare(op, left, right) if not (_is_element(left, model) or _is_element(right, model)):
            step = _step(e, at, draft) if op in ("<", ">") else ZERO
            match op:
                case "<=":
                    return Call("max", (ZERO, minus(left, right)))
                case ">=":
                    return Call("max", (ZERO, minus(right, left)))
                case "<":
                    return Call("max", (ZERO, minus(add(left, step), right)))
                case ">":
                    return Call("max", (ZERO, minus(add(right, step), left)))
                case "==":
                    return Call("abs", (subtract(left, right),))
    return Not(e)


def _perhaps_undefined(e: Compare, at: Context, model: Model) -> tuple[Subscript, Chosen] | None:
    """An index by variable that may lie outside its set, where the comparison fails with no amount but 1."""
    for side in (e.left, e.right):
        for node in _values(side, model):
            if isinstance(node, Subscript) and not all(is_known(i, model) for i in node.index):
                chosen = element(node, at, model)
                if chosen.defined is not None:
                    return node, chosen
    return None


def _values(e: Expr, model: Model) -> Iterator[Expr]:
    """The nodes whose being undefined is the comparison's: not those inside a condition counted in it."""
    yield e
    if isinstance(e, Name | Subscript) or not is_formula(e, model):
        for child in children(e):
            yield from _values(child, model)


def _by_key(e: Compare, chosen: Subscript, parts: Chosen, at: Context, draft: Draft) -> Expr:
    """The violation at the key the index takes, 1 where it takes none."""
    _require_outside(chosen, at, draft.model)
    here = _replaced(e, chosen, parts.member)
    taken = conjunction(*parts.equalities)
    amount = violation(here, at.bind(parts.generators), draft)
    count = Aggregate("sum", taken, parts.generators)
    return add(Aggregate("sum", mul(amount, taken), parts.generators), ONE, negative(count))


def _choice_around(e: Compare, inner: Subscript, model: Model) -> IfElse | None:
    """The choice over variables that looks at ``inner`` in one of its branches only."""
    for node in (n for side in (e.left, e.right) for n in _values(side, model)):
        if not isinstance(node, IfElse) or is_known(node.condition, model):
            continue
        if any(inner in _values(branch, model) for branch in (node.then, node.otherwise)):
            return node
    return None


def _require_outside(e: Expr, at: Context, model: Model) -> None:
    """Raises Unsupported where ``e`` reads an index of a sum."""
    if free_names(e) - bound_names(at.over) - model.symbols.keys():
        raise unsupported(
            "a penalty on an index by variable inside a sum", at.item, fix="require the index to lie in the set"
        )


def _replaced(e: Expr, old: Expr, new: Expr) -> Expr:
    return new if e == old else map_children(e, lambda x: _replaced(x, old, new))


def _step(e: Compare, at: Context, draft: Draft) -> Expr:
    """What equal sides of a strict comparison cost: 1 of whole numbers, nothing of continuous ones."""
    if is_integral(e.left, draft.model) and is_integral(e.right, draft.model):
        return ONE
    if is_testable(e, draft.model):
        raise unsupported("a strict soft comparison of fractions", at.item, fix="use <= or >=")
    return ZERO


def _is_element(e: Expr, model: Model) -> bool:
    """True where ``e`` is a label: it compares, but has no amount."""
    match e:
        case Label():
            return True
        case IfElse(_, then, otherwise):
            return _is_element(then, model) or _is_element(otherwise, model)
        case Name(name) | Subscript(name, _):
            symbol = model.symbols.get(name)
            within = symbol.within if isinstance(symbol, Parameter | Variable) else None
            return within is not None and not whole_elements(within, model)
        case _:
            return False
