"""Model -> findings about variables that only their lower bound of 0 keeps from falling, choices among them.

The objective wants such a variable smaller, and every constraint would allow it: either it may be negative, or what it
must cover is missing. Where a sign is not known (data to come, a condition, an equation) nothing is said, except for
an equation that does nothing but define the variable as a difference of others.
"""

from __future__ import annotations

from collections.abc import Iterator

from nl2opt.check.places import Findings, places
from nl2opt.check.rows import inline
from nl2opt.ir.infer.scope import Scope, mentioned, variables_of
from nl2opt.ir.model import Constraint, Model, Nested, Parameter, Value, Variable
from nl2opt.ir.nodes import (
    ZERO,
    Add,
    Aggregate,
    Binary,
    Call,
    Compare,
    Expr,
    Mul,
    Name,
    Neg,
    Number,
    Subscript,
    negative,
)

Signs = dict[str, set[int]]
"""Variable -> the signs of its coefficients; 0 where one is not known, or where it stands in anything but a sum."""


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
    """Variables every objective that mentions them wants smaller, and that start at 0."""
    wanted: Signs = {}
    for o in model.objectives:
        e = inline(o.expr, model)
        for name, signs in _signs(e if o.sense == "minimize" else negative(e), 1, model).items():
            wanted.setdefault(name, set()).update(signs)
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
                signs = _signs(other, 1, model)
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
            signs = _signs(Add((small, negative(large))), 1, model)
            return {n for n in named if signs.get(n) != {1} or n in filters}
        case _:
            return set(named)


def _signs(e: Expr, sign: int, model: Model) -> Signs:
    """A sum -> the signs with which its variables stand."""
    found: Signs = {}
    for name, s in _terms(e, sign, model):
        found.setdefault(name, set()).add(s)
    return found


def _terms(e: Expr, sign: int, model: Model) -> Iterator[tuple[str, int]]:
    match e:
        case Neg(arg):
            yield from _terms(arg, -sign, model)
        case Add(terms):
            for t in terms:
                yield from _terms(t, sign, model)
        case Aggregate("sum", body, generators):
            yield from _terms(body, sign, model)
            yield from ((n, 0) for g in generators for x in (g.source, *g.conditions) for n in mentioned(x))
        case Call("sum", args, _):
            for a in args:
                yield from _terms(a, sign, model)
        case Mul(factors):
            signs = {f: _sign(f, model) for f in factors}
            for f in factors:
                others = sign
                for g in factors:
                    others *= signs[g] if g is not f else 1
                yield from _terms(f, others, model)
        case Binary("/", left, right):
            yield from _terms(left, sign * _sign(right, model), model)
            yield from ((n, 0) for n in mentioned(right))
        case Name(name):
            yield name, sign
        case Subscript(name, index):
            yield name, sign
            yield from ((n, 0) for i in index for n in mentioned(i))
        case _:
            yield from ((n, 0) for n in mentioned(e))


def _sign(e: Expr, model: Model) -> int:
    """A factor -> 1 or -1 where its sign is known from the document, else 0."""
    match e:
        case Number(value):
            return (value > 0) - (value < 0)
        case Name(name) | Subscript(name, _):
            match model.symbols.get(name):
                case Parameter() as p:
                    return _sign_of_data(p)
                case Variable() as v:
                    return int(v.type is not None and v.lower in (None, ZERO))
                case _:
                    return 0
        case Neg(arg):
            return -_sign(arg, model)
        case Mul(factors):
            total = 1
            for f in factors:
                total *= _sign(f, model)
            return total
        case Add(terms):
            signs = {_sign(t, model) for t in terms}
            return signs.pop() if len(signs) == 1 else 0
        case Aggregate("sum", body, _):
            return _sign(body, model)
        case Compare():
            return 1
        case _:
            return 0


def _sign_of_data(p: Parameter) -> int:
    """The sign of a parameter's values, where the document gives them."""
    cells = list(_cells(p.value)) if p.rows is None else [r[-1] for r in p.rows]
    cells += [p.default] if p.default is not None else []
    if not cells or not all(isinstance(c, Number) for c in cells):
        return 0
    values = [c.value for c in cells if isinstance(c, Number)]
    return 1 if min(values) >= 0 else -1 if max(values) <= 0 else 0


def _cells(value: Value | None) -> Iterator[Expr]:
    if isinstance(value, Nested):
        for item in value.items:
            yield from _cells(item)
    elif value is not None:
        yield value
