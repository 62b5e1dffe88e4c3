"""Model -> findings about variables that only their lower bound of 0 keeps from falling, choices among them.

The objective wants such a variable smaller, and every constraint would allow it: either it may be negative, or what it
must cover is missing. Where a sign is not known (data to come, a condition, an equation) nothing is said, except for
an equation that does nothing but define the variable as a difference of others.
"""

from __future__ import annotations

from nl2opt.check.places import Findings, places
from nl2opt.check.rows import inline
from nl2opt.check.slopes import Signs, signs_of
from nl2opt.ir.infer.scope import Scope, mentioned, variables_of
from nl2opt.ir.model import Constraint, Model, Variable
from nl2opt.ir.nodes import (
    ZERO,
    Add,
    Compare,
    Name,
    negative,
)


def check_pushes(model: Model, found: Findings) -> None:
    """Numeric variables from 0 that the objective pushes down and nothing holds up."""
    pushed = pushed_down(model)
    if not pushed:
        return
    scope = Scope.of(model)
    told = _differences(model, scope, pushed)
    for c in model.constraints:
        pushed -= _held(c, model, scope, pushed)
    for place, item in places(model):
        if isinstance(item, Variable) and item.name in told:
            found.add("W-lower", str(place), f"`{told[item.name]}` makes `{item.name}` a difference that is minimized",
                      "`lower: -inf`, as a difference may be negative",
                      "`lower: -inf`; or say `lower: 0`, if it may not")  # fmt: skip
        elif isinstance(item, Variable) and item.name in pushed and item.type == "binary":
            found.add("W-lower", str(place), f"the objective keeps `{item.name}` at 0, and nothing asks for it",
                      "a constraint that needs the choice to be made",
                      "link it to what it allows: `implies(amount > 0, choice)`")  # fmt: skip
        elif isinstance(item, Variable) and item.name in pushed:
            found.add("W-lower", str(place), f"the objective makes `{item.name}` as small as it may be",
                      "something besides `lower: 0` that holds it up",
                      "`lower: -inf` if it may be negative; else a constraint it has to meet")  # fmt: skip


def pushed_down(model: Model) -> set[str]:
    """Variables that the first objective to mention them wants smaller, and that start at 0."""
    wanted: Signs = {}
    for o in sorted(model.objectives, key=lambda o: -o.priority):
        e = inline(o.expr, model)
        signs = signs_of(e if o.sense == "minimize" else negative(e), 1, model)
        wanted |= {name: found for name, found in signs.items() if name not in wanted}
    starting = {v.name for v in model.variables if v.type is not None and v.lower in (None, ZERO)}
    return {name for name, signs in wanted.items() if signs == {1}} & starting


def _differences(model: Model, scope: Scope, pushed: set[str]) -> dict[str, str]:
    """Pushed variables without a stated lower bound that one equation defines as a difference -> that constraint."""
    out: dict[str, str] = {}
    for v in model.variables:
        if v.name not in pushed or v.over or v.lower is not None:
            continue
        reading = [c for c in model.constraints if v.name in variables_of(c.expr, scope)]
        if len(reading) != 1 or reading[0].over or reading[0].penalty is not None:
            continue
        match inline(reading[0].expr, model):
            case Compare("==", Name(name), other) | Compare("==", other, Name(name)) if name == v.name:
                signs = signs_of(other, 1, model)
                varying = {n: s for n, s in signs.items() if n in scope.varying}
                added, taken = ({n for n, s in varying.items() if k in s} for k in (1, -1))
                if v.name not in signs and added and taken and not any(0 in s for s in varying.values()):
                    out[v.name] = reading[0].name
            case _:
                continue
    return out


def _held(c: Constraint, model: Model, scope: Scope, pushed: set[str]) -> set[str]:
    """The variables that a constraint may keep from falling."""
    named = variables_of(c.expr, scope) & pushed
    if not named:
        return set()
    e = inline(c.expr, model)
    filters = {n for g in c.over for x in (g.source, *g.conditions) for n in mentioned(x)}
    match e:
        case Compare("<=" | "<" | ">=" | ">" as op, left, right) if c.penalty is None:
            small, large = (left, right) if op in ("<=", "<") else (right, left)
            signs = signs_of(Add((small, negative(large))), 1, model)
            return {n for n in named if signs.get(n) != {1} or n in filters}
        case _:
            return set(named)
