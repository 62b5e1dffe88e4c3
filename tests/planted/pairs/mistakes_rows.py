"""Real mistakes of modelling in constraints and objectives: a model -> the same with one of them, or None.

Each function makes one mistake at a place the generator of random numbers chooses; whether it changes what the model
means is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random

from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    Compare,
    CompareOp,
    Expr,
    Generator,
    Label,
    Mul,
    Name,
    Number,
    Subscript,
    add,
    mul,
    negative,
    subtract,
)
from nl2opt.ir.walk import free_names, map_children, subexpressions
from planted.pairs.modelling import numeric, varies

Mistake = Callable[[Model, Random, Instance], Model | None]


def nodes(
    model: Model, wanted: Callable[[Expr], bool], constraints: bool = True, objectives: bool = True, named: bool = True
) -> list[tuple[str, int, Expr]]:
    """Every node of the rows that is wanted: section, position, node."""
    out: list[tuple[str, int, Expr]] = []
    sections = (("constraints", constraints), ("objectives", objectives), ("expressions", named))
    for section, on in sections:
        for i, item in enumerate(getattr(model, section) if on else ()):
            out += [(section, i, x) for x in subexpressions(item.expr) if wanted(x)]
    return out


def put(model: Model, section: str, at: int, old: Expr, new: Expr) -> Model:
    """The model with one node of one row replaced; the very node, not its equals."""

    def swap(e: Expr) -> Expr:
        return new if e is old else map_children(e, swap)

    items = list(getattr(model, section))
    changed = {"expr": swap(items[at].expr)} | ({"template": ""} if section != "expressions" else {})
    items[at] = replace(items[at], **changed)
    return replace(model, **{section: tuple(items)})


def without(model: Model, at: int) -> Model:
    """The model without one constraint."""
    return replace(model, constraints=(*model.constraints[:at], *model.constraints[at + 1 :]))


def pick(rng: Random, items: list[tuple[str, int, Expr]]) -> tuple[str, int, Expr] | None:
    """One of them, or None."""
    return rng.choice(items) if items else None


# relations -----------------------------------------------------------------------------------------------------------

FLIPPED: dict[CompareOp, CompareOp] = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}


def direction_flipped(model: Model, rng: Random, instance: Instance) -> Model | None:
    """At least for at most."""
    found = pick(
        rng,
        nodes(
            model,
            lambda e: isinstance(e, Compare) and e.op in FLIPPED and varies(e, model),
            objectives=False,
            named=False,
        ),
    )
    if found is None:
        return None
    section, at, e = found
    assert isinstance(e, Compare)
    return put(model, section, at, e, replace(e, op=FLIPPED[e.op]))


def equality_for_limit(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Exactly for at most or at least, and the other way round."""
    found = pick(
        rng,
        nodes(
            model,
            lambda e: (
                isinstance(e, Compare)
                and e.op in ("<=", ">=", "==")
                and varies(e, model)
                and numeric(e.left, model)
                and numeric(e.right, model)
            ),
            objectives=False,
            named=False,
        ),
    )
    if found is None:
        return None
    section, at, e = found
    assert isinstance(e, Compare)
    return put(model, section, at, e, replace(e, op=rng.choice(("<=", ">=")) if e.op == "==" else "=="))


def strictness(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Fewer than for at most, more than for at least."""
    other: dict[CompareOp, CompareOp] = {"<=": "<", ">=": ">", "<": "<=", ">": ">="}
    found = pick(rng, nodes(model, lambda e: isinstance(e, Compare) and e.op in other and varies(e, model)))
    if found is None:
        return None
    section, at, e = found
    assert isinstance(e, Compare)
    return put(model, section, at, e, replace(e, op=other[e.op]))


def constraint_missing(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A sentence was overlooked."""
    return without(model, rng.randrange(len(model.constraints))) if model.constraints else None


def families(model: Model, e: Expr) -> set[str]:
    """The variable families an expression reads."""
    names = {v.name for v in model.variables}
    return {x.name for x in subexpressions(e) if isinstance(x, Name | Subscript) and x.name in names}


def linking_missing(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The row that ties a choice to an amount, or two kinds of decisions, was forgotten."""
    found = [i for i, c in enumerate(model.constraints) if len(families(model, c.expr)) > 1]
    return without(model, rng.choice(found)) if found else None


# sums ----------------------------------------------------------------------------------------------------------------


def _sums(model: Model) -> list[tuple[str, int, Expr]]:
    return nodes(model, lambda e: isinstance(e, Aggregate) and e.function == "sum" and varies(e, model))


def sum_over_wrong_index(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The sum runs over the other index: a row total for a column total."""
    found = []
    for i, c in enumerate(model.constraints):
        for x in subexpressions(c.expr):
            if isinstance(x, Aggregate) and x.function == "sum" and len(x.generators) == 1 and len(c.over) == 1:
                found.append((i, x))
    rng.shuffle(found)
    for i, x in found:
        c = model.constraints[i]
        (inner,), (outer,) = x.generators, c.over
        if len(inner.targets) == 1 and len(outer.targets) == 1 and not inner.conditions and not outer.conditions:
            from planted.pairs.modelling import renamed

            names = {inner.targets[0]: outer.targets[0], outer.targets[0]: inner.targets[0]}
            body = renamed(x.body, names)
            out = put(model, "constraints", i, x, replace(x, body=body))
            if inner.source == outer.source:
                return out
            # another set behind each index: the family runs over what was summed, and its right side no longer fits
            turned = Aggregate("sum", x.body, (Generator(outer.targets, outer.source),))
            rest = put(model, "constraints", i, x, turned).constraints[i]
            if free_names(rest.expr) & {outer.targets[0]}:
                continue
            return replace(
                model,
                constraints=tuple(
                    replace(rest, over=(inner,)) if n == i else y for n, y in enumerate(model.constraints)
                ),
            )
    return None


def wrong_set(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A sum or a family leaves out an element: the first, the last, or a named one."""
    places: list[tuple[str, int, Expr | None, Generator]] = []
    for i, c in enumerate(model.constraints):
        places += [("constraints", i, None, g) for g in c.over]
    for section, i, e in nodes(model, lambda e: isinstance(e, Aggregate) and varies(e, model)):
        assert isinstance(e, Aggregate)
        places += [(section, i, e, g) for g in e.generators]
    rng.shuffle(places)
    for section, i, e, g in places:
        if len(g.targets) != 1 or not isinstance(g.source, Name) or g.source.name not in instance.sets:
            continue
        elements = instance.sets[g.source.name].elements
        if len(elements) < 3 or isinstance(elements[0], tuple):
            continue
        left_out = rng.choice(elements)
        other = Label(left_out) if isinstance(left_out, str) else Number(Fraction(left_out))
        narrowed = replace(g, conditions=(*g.conditions, Compare("!=", Name(g.targets[0]), other)))
        if e is None:
            c = model.constraints[i]
            row = replace(c, over=tuple(narrowed if x is g else x for x in c.over), template="")
            return replace(model, constraints=tuple(row if n == i else x for n, x in enumerate(model.constraints)))
        assert isinstance(e, Aggregate)
        return put(model, section, i, e, replace(e, generators=tuple(narrowed if x is g else x for x in e.generators)))
    return None


def per_period_for_total(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A limit on the total is put on each part, or a limit on each part on the total."""
    found: list[tuple[int, str]] = []
    for i, c in enumerate(model.constraints):
        if isinstance(c.expr, Compare) and c.penalty is None:
            if any(isinstance(s, Aggregate) and s.function == "sum" for s in (c.expr.left, c.expr.right)):
                found.append((i, "each"))
            if c.over and all(g.targets for g in c.over) and c.expr.op in ("<=", ">="):
                found.append((i, "total"))
    rng.shuffle(found)
    for i, way in found:
        c = model.constraints[i]
        assert isinstance(c.expr, Compare)
        if way == "each":
            side = next(s for s in (c.expr.left, c.expr.right) if isinstance(s, Aggregate) and s.function == "sum")
            out = put(model, "constraints", i, side, side.body)
            row = replace(out.constraints[i], over=(*c.over, *side.generators))
            return replace(out, constraints=tuple(row if n == i else x for n, x in enumerate(out.constraints)))
        limit, amount = (c.expr.right, c.expr.left) if varies(c.expr.left, model) else (c.expr.left, c.expr.right)
        bound = {t for g in c.over for t in g.targets}
        if varies(limit, model) or free_names(limit) & bound:
            continue
        out = put(model, "constraints", i, amount, Aggregate("sum", amount, c.over))
        row = replace(out.constraints[i], over=())
        return replace(out, constraints=tuple(row if n == i else x for n, x in enumerate(out.constraints)))
    return None


def coefficient_missing(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A weighted sum lost its weights: pieces are counted instead of kilos."""
    found = pick(
        rng,
        nodes(
            model, lambda e: isinstance(e, Mul) and any(not varies(f, model) for f in e.factors) and varies(e, model)
        ),
    )
    if found is None:
        return None
    section, at, e = found
    assert isinstance(e, Mul)
    constants = [f for f in e.factors if not varies(f, model)]
    dropped = rng.choice(constants)
    return put(model, section, at, e, mul(*(f for f in e.factors if f is not dropped)))


def term_missing(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A part of a sum was overlooked: one of the costs, one of the flows."""
    found = pick(rng, nodes(model, lambda e: isinstance(e, Add) and varies(e, model)))
    if found is None:
        return None
    section, at, e = found
    assert isinstance(e, Add)
    gone = rng.randrange(len(e.terms))
    return put(model, section, at, e, add(*(t for n, t in enumerate(e.terms) if n != gone)))


def balance_sign(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A term of a balance, or of any sum, has the other sign."""
    equations = [(s, i, x) for s, i, x in nodes(model, lambda e: isinstance(e, Add) and varies(e, model))]
    found = pick(rng, equations)
    if found is None:
        return None
    section, at, e = found
    assert isinstance(e, Add)
    turned = rng.randrange(len(e.terms))
    return put(model, section, at, e, add(*(negative(t) if n == turned else t for n, t in enumerate(e.terms))))


def share_of_wrong_total(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A share is taken of the others only, of one item, or of the resource instead of what is used."""
    found = []
    for i, c in enumerate(model.constraints):
        e = c.expr
        if isinstance(e, Compare):
            for part, whole_ in ((e.left, e.right), (e.right, e.left)):
                if (
                    isinstance(whole_, Mul)
                    and varies(whole_, model)
                    and varies(part, model)
                    and any(not varies(f, model) for f in whole_.factors)
                ):
                    found.append((i, part, whole_))
    if not found:
        return None
    i, part, whole_ = rng.choice(found)
    total = next(f for f in whole_.factors if varies(f, model))
    share = [f for f in whole_.factors if f is not total]
    scalars = [
        p.name for p in model.parameters if not p.over and p.within is None and instance.parameters[p.name].at(()) > 2
    ]  # type: ignore[operator]
    ways = ["others", "item"] + (["resource"] if scalars else [])
    match rng.choice(ways):
        case "others":
            new = subtract(total, part)
        case "item":
            items = [
                x
                for x in subexpressions(total)
                if isinstance(x, Subscript | Name) and families(model, x) and x != total
            ]
            items = [x for x in items if isinstance(x, Subscript) and not free_names(x) - {x.name}] or [part]
            new = rng.choice(items)
        case _:
            new = Name(rng.choice(scalars))
    return put(model, "constraints", i, whole_, mul(*share, new))


def share_side_swapped(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Twice as many of the wrong one: a ratio stands on the other side."""
    found = []
    for i, c in enumerate(model.constraints):
        e = c.expr
        if isinstance(e, Compare) and varies(e.left, model) and varies(e.right, model):
            for part, whole_ in ((e.left, e.right), (e.right, e.left)):
                if isinstance(whole_, Mul) and any(not varies(f, model) for f in whole_.factors):
                    found.append((i, part, whole_))
    if not found:
        return None
    i, part, whole_ = rng.choice(found)
    e = model.constraints[i].expr
    assert isinstance(e, Compare)
    rates = [f for f in whole_.factors if not varies(f, model)]
    amounts = [f for f in whole_.factors if varies(f, model)]
    left, right = (mul(*rates, part), mul(*amounts)) if e.left is part else (mul(*amounts), mul(*rates, part))
    return put(model, "constraints", i, e, Compare(e.op, left, right))
