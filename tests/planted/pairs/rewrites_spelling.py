"""Equivalence-preserving rewrites of spelling: names, labels, orders, where the numbers stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random

from nl2opt.errors import Nl2optError
from nl2opt.ir.evaluate import bindings
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Constraint, IndexedElements, Model, NamedExpression, Nested, Parameter
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Call,
    Compare,
    Expr,
    Label,
    Mul,
    Name,
    Number,
    Subscript,
    add,
    conjunction,
    joined_lists,
    mul,
    negative,
)
from nl2opt.ir.walk import all_names, bound_names, free_names, map_children, subexpressions, substitute
from planted.pairs.modelling import (
    VIEW,
    bottom_up,
    everywhere,
    fresh,
    in_rows,
    literal,
    numeric,
    ordered,
    renamed,
    renamed_over,
    uses_order_of,
    varies,
)

SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ka",
    "le",
    "mi",
    "no",
    "pu",
    "ra",
    "se",
    "ti",
    "vo",
    "xa",
    "ze",
    "lo",
    "ma",
    "ne",
    "pi",
]


def word(rng: Random, used: set[str]) -> str:
    """A made-up word that is not used yet."""
    while True:
        made = "".join(rng.choice(SYLLABLES) for _ in range(rng.choice((2, 3))))
        if made not in used:
            used.add(made)
            return made


def rename(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Every declared name, index and constraint has another name."""
    used: set[str] = set()
    short = rng.random() < 0.5
    names = {}
    for n, old in enumerate(sorted(all_names(model) - {VIEW})):
        item = model.symbols.get(old)
        prefix = {"Set": "S", "Parameter": "p", "Variable": "x", "NamedExpression": "e"}.get(type(item).__name__, "i")
        names[old] = f"{prefix}_{n}" if short else (word(rng, used) + ("_ix" if item is None else ""))
    out = everywhere(model, lambda e: renamed(e, names))
    return replace(
        out,
        name=word(rng, used),
        description="",
        sets=tuple(replace(s, name=names[s.name], over=renamed_over(s.over, names)) for s in out.sets),
        parameters=tuple(replace(p, name=names[p.name], over=renamed_over(p.over, names)) for p in out.parameters),
        variables=tuple(replace(v, name=names[v.name], over=renamed_over(v.over, names)) for v in out.variables),
        expressions=tuple(replace(e, name=names[e.name], over=renamed_over(e.over, names)) for e in out.expressions),
        constraints=tuple(replace(c, name=names[c.name], over=renamed_over(c.over, names)) for c in out.constraints),
    )


def relabel(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Every label of every set has another name; the numbers stay with their items."""
    labels = {
        c
        for s in instance.sets.values()
        for e in s
        for c in (e if isinstance(e, tuple) else (e,))
        if isinstance(c, str)
    }
    for sets in instance.indexed_sets.values():
        labels |= {
            c for s in sets.values() for e in s for c in (e if isinstance(e, tuple) else (e,)) if isinstance(c, str)
        }
    if not labels:
        return None
    used: set[str] = set(labels) | all_names(model)
    new = {old: word(rng, used) for old in sorted(labels)}

    def element(e):  # type: ignore[no-untyped-def]
        if isinstance(e, tuple):
            return tuple(map(element, e))
        return new.get(e, e) if isinstance(e, str) else e

    def elements(x):  # type: ignore[no-untyped-def]
        match x:
            case tuple():
                return tuple(map(element, x))
            case IndexedElements(keys, lists):
                return IndexedElements(
                    None if keys is None else tuple(map(element, keys)), tuple(tuple(map(element, s)) for s in lists)
                )
            case _:
                return x

    out = everywhere(model, bottom_up(lambda e: Label(new.get(e.value, e.value)) if isinstance(e, Label) else e))
    return replace(out, sets=tuple(replace(s, elements=elements(s.elements)) for s in out.sets))


def reorder_sets(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The elements of the sets stand in another order, where no meaning hangs on it."""
    if ordered(model):
        return None
    sets, changed = [], False
    for s in model.sets:
        if isinstance(s.elements, tuple) and not s.over and len(s.elements) > 1:
            elements = list(s.elements)
            rng.shuffle(elements)
            changed = changed or tuple(elements) != s.elements
            s = replace(s, elements=tuple(elements))
        elif isinstance(s.elements, IndexedElements) and s.elements.keys is None:
            found = instance.indexed_sets[s.name]
            keys = tuple(k if len(k) > 1 else k[0] for k in found)
            s = replace(s, elements=IndexedElements(keys, s.elements.lists))
        sets.append(s)
    if not changed:
        return None
    parameters = tuple(in_rows(p, instance) if isinstance(p.value, Nested) else p for p in model.parameters)
    return replace(model, sets=tuple(sets), parameters=parameters)


def reorder_declarations(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Variables, parameters and constraints are declared in another order."""

    def shuffled(items):  # type: ignore[no-untyped-def]
        items = list(items)
        rng.shuffle(items)
        return tuple(items)

    out = replace(
        model,
        variables=shuffled(model.variables),
        parameters=shuffled(model.parameters),
        constraints=shuffled(model.constraints),
    )
    return out if out != model else None


def reorder_terms(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Terms of sums and factors of products stand in another order."""

    def one(e: Expr) -> Expr:
        if isinstance(e, Add) and not joined_lists(e):
            return add(*rng.sample(e.terms, len(e.terms)))
        if isinstance(e, Mul):
            return mul(*rng.sample(e.factors, len(e.factors)))
        return e

    out = on_rows(model, bottom_up(one))
    return out if out != model else None


def on_rows(model: Model, f: Callable[[Expr], Expr]) -> Model:
    """The model with f over its named expressions, constraints and objectives."""
    return replace(
        model,
        expressions=tuple(replace(n, expr=f(n.expr)) for n in model.expressions),
        constraints=tuple(replace(c, expr=f(c.expr)) for c in model.constraints),
        objectives=tuple(replace(o, expr=f(o.expr)) for o in model.objectives),
    )


def swap_generators(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A sum over two independent indices is two sums, one in the other, the last index outside."""

    def one(e: Expr) -> Expr:
        match e:
            case Aggregate("sum", body, (g, h)) if (
                not h.conditions and not g.conditions and not (free_names(h.source) & frozenset(g.targets))
            ):
                return Aggregate("sum", Aggregate("sum", body, (g,)), (h,))
            case _:
                return e

    out = on_rows(model, bottom_up(one))
    return out if out != model else None


def inline_parameters(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Numbers stand where they are used, scalar parameters are gone."""
    values = {
        p.name: p.value
        for p in model.parameters
        if not p.over and p.within is None and isinstance(p.value, Expr.__args__)
    }
    values = {n: v for n, v in values.items() if not free_names(v)}
    if not values:
        return None
    out = everywhere(model, lambda e: substitute(e, values))
    return replace(out, parameters=tuple(p for p in out.parameters if p.name not in values))


def pull_parameters(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Numbers of the rows become parameters of their own."""
    made: dict[Fraction, str] = {}
    names = iter(fresh(model, *(f"given_{n}" for n in range(1, 60))))

    def pulled(e: Expr) -> Expr:
        if isinstance(e, Number) and e.value not in (0, 1, -1):
            if e.value not in made:
                made[e.value] = next(names)
            return Name(made[e.value])
        return e

    def one(e: Expr) -> Expr:
        match e:
            case Add() | Mul():
                return map_children(e, pulled)
            case Compare(_, left, right) if numeric(left, model) and numeric(right, model):
                return map_children(e, pulled)
            case _:
                return e

    def run(
        e: Expr,
    ) -> Expr:  # not inside subscripts, sets and calls, where a whole number or a literal may be asked for
        if isinstance(e, Subscript | Call):
            return e
        if isinstance(e, Aggregate):
            return replace(e, body=run(e.body))
        return one(map_children(e, run))

    try:
        out = on_rows(model, run)
    except StopIteration:
        return None
    if not made:
        return None
    new = tuple(
        Parameter(n, type="integer" if v.denominator == 1 else "real", value=Number(v)) for v, n in made.items()
    )
    return replace(out, parameters=(*out.parameters, *new))


def inline_expressions(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Named expressions stand where they are used."""
    if not model.expressions:
        return None
    for item in model.expressions:
        over = item.over
        if any(not g.targets or g.conditions for g in over) or uses_order_of(item.expr, bound_names(over)):
            return None
        targets = [t for g in over for t in g.targets]

        def one(e: Expr, item: NamedExpression = item, targets: list[str] = targets) -> Expr:
            match e:
                case Name(name) if name == item.name and not item.over:
                    return item.expr
                case Subscript(name, index) if name == item.name and len(index) == len(targets):
                    inner = {
                        t
                        for x in subexpressions(item.expr)
                        if isinstance(x, Aggregate)
                        for t in bound_names(x.generators)
                    }
                    outer = {n for i in index for n in free_names(i)}
                    own = renamed(item.expr, {t: f"{t}_in" for t in inner & outer})
                    return substitute(own, dict(zip(targets, index, strict=True)))
                case Call("sum" | "max" | "min" as function, (Name(name),), _) if name == item.name and item.over:
                    return Aggregate(function, item.expr, item.over)  # type: ignore[arg-type]
                case _:
                    return e

        rest = replace(model, expressions=tuple(x for x in model.expressions if x is not item))
        model = everywhere(rest, bottom_up(one))
    return model


def name_the_objective(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The objective is a named expression."""
    if len(model.objectives) != 1:
        return None
    (name,) = fresh(model, rng.choice(("total", "goal", "outcome")))
    (o,) = model.objectives
    return replace(
        model,
        expressions=(*model.expressions, NamedExpression(name, o.expr)),
        objectives=(replace(o, expr=Name(name), template=""),),
    )


def expand_family(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A family of constraints is one constraint a binding."""
    able = [c for c in model.constraints if c.over and not uses_order_of(c.expr, bound_names(c.over))]
    rng.shuffle(able)
    for c in able:
        found = list(bindings(c.over, instance))
        if not 1 < len(found) <= 12:
            continue
        used = {x.name for x in model.constraints}
        rows = []
        for n, (_, env) in enumerate(found, 1):
            name = f"{c.name}_{n}"
            if name in used:
                return None
            values = {t: literal(v[0] if isinstance(v, tuple) else v) for t, v in env.items()}
            if any(isinstance(v[0] if isinstance(v, tuple) else v, tuple) for v in env.values()):
                return None
            penalty = None if c.penalty is None else substitute(c.penalty, values)
            rows.append(replace(c, name=name, over=(), expr=substitute(c.expr, values), penalty=penalty))
        at = model.constraints.index(c)
        return replace(model, constraints=(*model.constraints[:at], *rows, *model.constraints[at + 1 :]))
    return None


def expand_sums(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A sum over a small set is written out."""

    def one(e: Expr) -> Expr:
        match e:
            case Aggregate("sum", body, (g,)) if (
                isinstance(g.source, Name) and len(g.targets) == 1 and not g.conditions
                and g.source.name in instance.sets and len(instance.sets[g.source.name]) <= 6
                and not uses_order_of(body, frozenset(g.targets))
            ):  # fmt: skip
                elements = instance.sets[g.source.name].elements
                if elements and not isinstance(elements[0], tuple):
                    return add(*(substitute(body, {g.targets[0]: literal(x)}) for x in elements))
        return e

    out = on_rows(model, bottom_up(one))
    return out if out != model else None


def merge_or_split_conditions(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Two constraints over the same indices are one with `and`; a chain or an `and` is several constraints."""
    for at, c in enumerate(model.constraints):
        if isinstance(c.expr, And) and c.penalty is None and all(varies(a, model) for a in c.expr.args):
            used = {x.name for x in model.constraints}
            rows = [replace(c, name=f"{c.name}_part{n}", expr=a, template="") for n, a in enumerate(c.expr.args, 1)]
            if not used & {r.name for r in rows}:
                return replace(model, constraints=(*model.constraints[:at], *rows, *model.constraints[at + 1 :]))
    for c in model.constraints:
        for d in model.constraints:
            if c is not d and c.over == d.over and c.penalty is None and d.penalty is None:
                both = Constraint(c.name, conjunction(c.expr, d.expr), c.over)
                return replace(model, constraints=tuple(both if x is c else x for x in model.constraints if x is not d))
    return None


def negate_objective(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The negative is optimized the other way."""
    if not model.objectives:
        return None
    other = {"minimize": "maximize", "maximize": "minimize"}
    return replace(
        model,
        objectives=tuple(
            replace(o, sense=other[o.sense], expr=_negated(o.expr), template="")
            for o in model.objectives
        ),
    )  # fmt: skip


def _negated(e: Expr) -> Expr:
    return add(*map(negative, e.terms)) if isinstance(e, Add) else negative(e)


def soft(model: Model) -> bool:
    """True where violation costs."""
    return any(c.penalty is not None for c in model.constraints)


def shift_objective(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A constant is added to the objective (fixed costs)."""
    if len(model.objectives) != 1:
        return None
    (o,) = model.objectives
    return replace(
        model,
        objectives=(replace(o, expr=add(o.expr, Number(Fraction(rng.choice((50, 125, 1000, -40))))), template=""),),
    )


def scale_objective(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The objective is counted in another unit (cents, thousands)."""
    if len(model.objectives) != 1 or soft(model):
        return None
    (o,) = model.objectives
    return replace(
        model, objectives=(replace(o, expr=mul(Number(Fraction(rng.choice((100, 10, 1000)))), o.expr), template=""),)
    )


def safe(
    f: Callable[[Model, Random, Instance], Model | None], model: Model, rng: Random, instance: Instance
) -> Model | None:
    """A rewrite, None where it cannot be done because a part has no value by itself."""
    try:
        return f(model, rng, instance)
    except Nl2optError:
        return None
