"""Real mistakes of modelling in items, indices, logic and aims: a model -> the same with one of them, or None."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    Label,
    Mul,
    Name,
    Not,
    Number,
    Or,
    Subscript,
    add,
    conjunction,
    disjunction,
    mul,
)
from planted.pairs.mistakes_rows import families, nodes, pick, put, without
from planted.pairs.modelling import varies

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
            and bool(families(model, e))
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
