"""Real mistakes of modelling in constraints and objectives: a model -> the same with one of them, or None.

Each function makes one mistake at a place the generator of random numbers chooses; whether it changes what the model
means is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random

from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Constraint, Model
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    CompareOp,
    Expr,
    Generator,
    IfElse,
    Iff,
    Implies,
    In,
    Label,
    Mul,
    Name,
    Neg,
    Not,
    Number,
    Or,
    Subscript,
    add,
    conjunction,
    disjunction,
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


def _families(model: Model, e: Expr) -> set[str]:
    names = {v.name for v in model.variables}
    return {x.name for x in subexpressions(e) if isinstance(x, Name | Subscript) and x.name in names}


def linking_missing(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The row that ties a choice to an amount, or two kinds of decisions, was forgotten."""
    found = [i for i, c in enumerate(model.constraints) if len(_families(model, c.expr)) > 1]
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
                if isinstance(x, Subscript | Name) and _families(model, x) and x != total
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


# items and indices ---------------------------------------------------------------------------------------------------


def item_confused(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A rule is put on another item of the set."""
    found = pick(
        rng,
        nodes(
            model, lambda e: isinstance(e, Subscript) and any(isinstance(i, Label) for i in e.index), objectives=False
        ),
    )
    if found is None:
        return None
    section, at, e = found
    assert isinstance(e, Subscript)
    n = next(k for k, i in enumerate(e.index) if isinstance(i, Label))
    own = e.index[n]
    homes = [s for s in instance.sets.values() if isinstance(own, Label) and own.value in s]
    others = [x for s in homes[:1] for x in s if isinstance(x, str) and isinstance(own, Label) and x != own.value]
    if not others:
        return None
    return put(model, section, at, e, replace(e, index=(*e.index[:n], Label(rng.choice(others)), *e.index[n + 1 :])))


def index_shifted(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A period too early or too late: `next` for `prev`, the same period for the one before, one more or one less."""
    found = pick(
        rng, nodes(model, lambda e: isinstance(e, Call) and e.function in ("prev", "next") and varies_around(model, e))
    )
    if found is not None and rng.random() < 0.8:
        section, at, e = found
        assert isinstance(e, Call)
        if len(e.args) == 2 and rng.random() < 0.6:
            return put(model, section, at, e, replace(e, args=(e.args[0], add(e.args[1], Number(Fraction(1))))))
        if e.wrap and rng.random() < 0.5:
            return put(model, section, at, e, replace(e, function="next" if e.function == "prev" else "prev"))
        return put(model, section, at, e, e.args[0])
    steps = nodes(
        model,
        lambda e: (
            isinstance(e, Subscript)
            and any(isinstance(i, Name | Add) and not varies(i, model) for i in e.index)
            and bool(_families(model, e))
        ),
    )
    rng.shuffle(steps)
    for section, at, e in steps:
        assert isinstance(e, Subscript)
        for n, i in enumerate(e.index):
            if isinstance(i, Name) and _whole_index(model, instance, e.name, n):
                shifted = add(i, Number(Fraction(rng.choice((1, -1)))))
                return put(model, section, at, e, replace(e, index=(*e.index[:n], shifted, *e.index[n + 1 :])))
    return None


def varies_around(model: Model, e: Expr) -> bool:
    """`prev` and `next` wherever they stand."""
    return bool(model.variables)


def _whole_index(model: Model, instance: Instance, name: str, n: int) -> bool:
    domain = instance.variables[name].domain if name in instance.variables else None
    return domain is not None and all(isinstance(k[n], int) for k in domain.keys if n < len(k))


def off_by_one(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A step, a distance or a count is one too many or too few."""
    found = pick(
        rng,
        nodes(
            model,
            lambda e: (
                isinstance(e, Compare | Add)
                and varies(e, model)
                and any(isinstance(x, Number) and x.value.denominator == 1 for x in _operands(e))
            ),
        ),
    )
    if found is None:
        return None
    section, at, e = found
    number = rng.choice([x for x in _operands(e) if isinstance(x, Number) and x.value.denominator == 1])
    return put(model, section, at, number, Number(number.value + rng.choice((1, -1))))


def _operands(e: Expr) -> tuple[Expr, ...]:
    match e:
        case Compare(_, left, right):
            return (left, right)
        case Add(terms):
            return terms
        case _:
            return ()


# logic ---------------------------------------------------------------------------------------------------------------


def implication_reversed(model: Model, rng: Random, instance: Instance) -> Model | None:
    """If A then B is read as if B then A."""
    found = pick(rng, nodes(model, lambda e: isinstance(e, Implies) and varies(e, model)))
    if found is None:
        return None
    section, at, e = found
    assert isinstance(e, Implies)
    return put(model, section, at, e, Implies(e.consequence, e.condition))


def implication_doubled(model: Model, rng: Random, instance: Instance) -> Model | None:
    """If is read as if and only if."""
    found = pick(rng, nodes(model, lambda e: isinstance(e, Implies | Iff) and varies(e, model)))
    if found is None:
        return None
    section, at, e = found
    new: Expr = Iff(e.condition, e.consequence) if isinstance(e, Implies) else Implies(e.left, e.right)  # type: ignore[union-attr]
    return put(model, section, at, e, new)


def negation_lost(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A `not` was overlooked, or `!=` became `==`."""

    def wanted(e: Expr) -> bool:
        return varies(e, model) and (
            isinstance(e, Not) or (isinstance(e, Compare) and e.op == "!=") or (isinstance(e, In))
        )

    found = pick(rng, nodes(model, wanted))
    if found is None:
        return None
    section, at, e = found
    match e:
        case Not(arg):
            return put(model, section, at, e, arg)
        case Compare(_, left, right):
            return put(model, section, at, e, Compare("==", left, right))
        case In(item, collection, negated):
            return put(model, section, at, e, In(item, collection, not negated))
        case _:
            return None


def and_for_or(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Both for either, all for some."""

    def wanted(e: Expr) -> bool:
        return varies(e, model) and (
            isinstance(e, And | Or) or (isinstance(e, Aggregate) and e.function in ("all", "any"))
        )

    found = pick(rng, nodes(model, wanted))
    if found is None:
        return None
    section, at, e = found
    match e:
        case And(args):
            return put(model, section, at, e, disjunction(*args))
        case Or(args):
            return put(model, section, at, e, conjunction(*args))
        case Aggregate(function, _, _):
            return put(model, section, at, e, replace(e, function="any" if function == "all" else "all"))
        case _:
            return None


def extremes_confused(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The largest for the smallest, or the sum for the largest."""

    def wanted(e: Expr) -> bool:
        return varies(e, model) and isinstance(e, Aggregate | Call) and e.function in ("max", "min")

    found = pick(rng, nodes(model, wanted))
    if found is None:
        return None
    section, at, e = found
    assert isinstance(e, Aggregate | Call)
    options = ["min" if e.function == "max" else "max", "sum"]
    return put(model, section, at, e, replace(e, function=rng.choice(options)))  # type: ignore[arg-type]


def global_weakened(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A tour may leave places out, places only have to follow each other pairwise, amounts are not counted."""
    found = pick(
        rng,
        nodes(
            model,
            lambda e: (
                (isinstance(e, Call) and e.function in ("circuit", "subcircuit", "all_different", "cumulative"))
                or (isinstance(e, Aggregate) and e.function == "all_different")
            ),
        ),
    )
    if found is None:
        return None
    section, at, e = found
    match e:
        case Call("circuit", args, _):
            return put(model, section, at, e, Call(rng.choice(("subcircuit", "all_different")), args))
        case Call("subcircuit", args, _):
            return put(model, section, at, e, Call(rng.choice(("circuit", "all_different")), args))
        case Call("cumulative", (tasks, capacity), _):
            more = add(capacity, Number(Fraction(rng.choice((1, -1)))))
            return put(model, section, at, e, Call("cumulative", (tasks, more)))
        case Aggregate(_, body, (g, *rest)) if (
            len(g.targets) == 1 and isinstance(g.source, Name) and g.source.name in instance.sets
        ):
            last = instance.sets[g.source.name].elements[-1]
            other = Label(last) if isinstance(last, str) else Number(Fraction(last)) if isinstance(last, int) else None
            if other is None:
                return None
            kept = replace(g, conditions=(*g.conditions, Compare("!=", Name(g.targets[0]), other)))
            return put(model, section, at, e, Aggregate("all_different", body, (kept, *rest)))
        case _:
            return without(model, at) if section == "constraints" else None


# objectives ----------------------------------------------------------------------------------------------------------


def sense_swapped(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Smallest for largest."""
    if not model.objectives:
        return None
    at = rng.randrange(len(model.objectives))
    o = model.objectives[at]
    turned = replace(o, sense="minimize" if o.sense == "maximize" else "maximize", template="")
    return replace(model, objectives=tuple(turned if n == at else x for n, x in enumerate(model.objectives)))


def priorities_swapped(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The second aim goes before the first."""
    if len(model.objectives) < 2:
        return None
    a, b = rng.sample(model.objectives, 2)
    other = {id(a): b.priority, id(b): a.priority}
    return replace(model, objectives=tuple(replace(o, priority=other.get(id(o), o.priority)) for o in model.objectives))


def objective_counts_pieces(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The objective lost the prices."""
    found = pick(
        rng,
        nodes(
            model,
            lambda e: isinstance(e, Mul) and any(not varies(f, model) for f in e.factors) and varies(e, model),
            constraints=False,
            named=False,
        ),
    )
    if found is None:
        return None
    section, at, e = found
    assert isinstance(e, Mul)
    return put(model, section, at, e, mul(*(f for f in e.factors if varies(f, model))))


def unit_not_converted(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Hours against minutes, cents against euros: a row is off by the factor that was forgotten."""
    parameters = [p for p in model.parameters if isinstance(p.value, Mul)]
    if parameters and rng.random() < 0.8:
        p = rng.choice(parameters)
        assert isinstance(p.value, Mul)
        kept = [f for f in p.value.factors if not (isinstance(f, Number) and f.value in (7, 12, 24, 60, 100, 1000))]
        return replace(
            model,
            parameters=tuple(
                replace(x, value=mul(*kept or p.value.factors[:1])) if x is p else x for x in model.parameters
            ),
        )
    factor = Number(Fraction(rng.choice((60, 1000, 100))))
    found = [
        i
        for i, c in enumerate(model.constraints)
        if isinstance(c.expr, Compare) and c.expr.op in ("<=", ">=") and varies(c.expr, model)
    ]
    if not found:
        return None
    i = rng.choice(found)
    e = model.constraints[i].expr
    assert isinstance(e, Compare)
    side = e.right if rng.random() < 0.5 else e.left
    if isinstance(side, Number) and side.value == 0:
        return None
    return put(model, "constraints", i, side, mul(factor, side) if rng.random() < 0.5 else Binary("/", side, factor))


def branch_swapped(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The two branches of a case are confused."""
    found = pick(rng, nodes(model, lambda e: isinstance(e, IfElse)))
    if found is None:
        return None
    section, at, e = found
    assert isinstance(e, IfElse)
    return put(model, section, at, e, IfElse(e.condition, e.otherwise, e.then))


def first_period_free(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The opening stock was forgotten: the first period starts from nothing."""
    found = pick(
        rng, nodes(model, lambda e: isinstance(e, IfElse) and (varies(e.then, model) or varies(e.otherwise, model)))
    )
    if found is None:
        return None
    section, at, e = found
    assert isinstance(e, IfElse)
    zero = Number(Fraction(0))
    constant = e.then if not varies(e.then, model) else e.otherwise
    if varies(constant, model):
        return None
    return put(model, section, at, constant, zero)


def rows_of(model: Model) -> Iterator[Constraint]:
    """The hard constraints."""
    return (c for c in model.constraints if c.penalty is None)


assert Neg
