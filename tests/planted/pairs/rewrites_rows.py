"""Equivalence-preserving rewrites of rows and objectives; a soft constraint, whose amount counts, is left as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random

from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Constraint, Model, Variable
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Call,
    Compare,
    CompareOp,
    Constant,
    Expr,
    Implies,
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
from planted.pairs.modelling import (
    everywhere,
    fresh,
    indices,
    named_over,
    numeric,
    place,
    renamed,
    varies,
    whole,
)

OTHER_WAY: dict[CompareOp, CompareOp] = {"<=": ">=", ">=": "<=", "==": "==", "<": ">", ">": "<", "!=": "!="}


def comparisons(model: Model, *ops: str) -> Iterator[tuple[int, Constraint, Compare]]:
    """Hard constraints that are one numeric comparison with one of ``ops`` over variables."""
    for i, c in enumerate(model.constraints):
        e = c.expr
        if c.penalty is None and isinstance(e, Compare) and e.op in ops and varies(e, model):
            yes = numeric(e.left, model), numeric(e.right, model)
            if e.op in ("==", "!=") and not all(yes):
                continue
            yield i, c, e


def instead(model: Model, at: int, *rows: Constraint) -> Model:
    """The model with other constraints in the place of one."""
    return replace(model, constraints=(*model.constraints[:at], *rows, *model.constraints[at + 1 :]))


def _each(
    model: Model, rng: Random, ops: tuple[str, ...], f: Callable[[Compare], Expr | None], share: float = 0.7
) -> Model | None:
    changed = False
    for i, c, e in list(comparisons(model, *ops)):
        new = f(e) if rng.random() < share else None
        if new is not None and new != e:
            model = instead(model, i, replace(c, expr=new, template=""))
            changed = True
    return model if changed else None


def scale_rows(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Both sides are multiplied by a positive number, or by a negative one with the relation turned."""

    def one(e: Compare) -> Expr:
        k = (
            Fraction(rng.choice((2, 3, 10, 60, 100, -1, -2)))
            if rng.random() < 0.8
            else Fraction(1, rng.choice((2, 4, 10)))
        )

        def times(side: Expr) -> Expr:
            if isinstance(side, Number):
                return Number(side.value * k)
            if isinstance(side, Add) and rng.random() < 0.6:
                return add(
                    *(negative(mul(Number(k), t.arg)) if isinstance(t, Neg) else mul(Number(k), t) for t in side.terms)
                )
            return mul(Number(k), side)

        return Compare(e.op if k > 0 else OTHER_WAY[e.op], times(e.left), times(e.right))

    return _each(model, rng, ("<=", ">=", "=="), one)


def flip_sides(model: Model, rng: Random, instance: Instance) -> Model | None:
    """What stood left stands right."""
    return _each(model, rng, ("<=", ">=", "==", "<", ">"), lambda e: Compare(OTHER_WAY[e.op], e.right, e.left))


def move_terms(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Terms cross the relation: all of them, or one."""

    def one(e: Compare) -> Expr:
        way = rng.randint(0, 2)
        if way == 2 and isinstance(e.right, Add):
            moved = rng.choice(e.right.terms)
            rest = [t for t in e.right.terms if t is not moved]
            return Compare(e.op, subtract(e.left, moved), add(*rest))
        if way == 0:
            return Compare(e.op, _difference(e.left, e.right), Number(Fraction(0)))
        return Compare(e.op, Number(Fraction(0)), _difference(e.right, e.left))

    return _each(model, rng, ("<=", ">=", "=="), one)


def _difference(a: Expr, b: Expr) -> Expr:
    if isinstance(b, Number) and b.value == 0:
        return a
    if isinstance(b, Add):
        return add(a, *map(negative, b.terms))
    return negative(b) if isinstance(a, Number) and a.value == 0 else subtract(a, b)


def split_equality(model: Model, rng: Random, instance: Instance) -> Model | None:
    """An equation is two inequalities."""
    found = list(comparisons(model, "=="))
    if not found:
        return None
    i, c, e = rng.choice(found)
    used = {x.name for x in model.constraints}
    if {f"{c.name}_floor", f"{c.name}_cap"} & used:
        return None
    return instead(
        model,
        i,
        replace(c, name=f"{c.name}_floor", expr=Compare(">=", e.left, e.right), template=""),
        replace(c, name=f"{c.name}_cap", expr=Compare("<=", e.left, e.right), template=""),
    )


def introduce_slack(model: Model, rng: Random, instance: Instance) -> Model | None:
    """An inequality is an equation with a variable that takes up the rest."""
    found = [(i, c, e) for i, c, e in comparisons(model, "<=", ">=") if all(g.targets for g in c.over)]
    if not found:
        return None
    i, c, e = rng.choice(found)
    (name,) = fresh(model, rng.choice(("spare", "rest", "slack", "unused")))
    kind = "integer" if whole(e, model, instance) else "real"
    taken = place(name, c.over)
    left = add(e.left, taken) if e.op == "<=" else subtract(e.left, taken)
    out = instead(model, i, replace(c, expr=Compare("==", left, e.right), template=""))
    return replace(out, variables=(*out.variables, Variable(name, c.over, kind)))  # type: ignore[arg-type]


def duplicate_row(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A constraint is said twice, once from the other side."""
    if not model.constraints:
        return None
    found = list(comparisons(model, "<=", ">=", "=="))
    hard = [c for c in model.constraints if c.penalty is None]
    if not hard:
        return None
    if found and rng.random() < 0.7:
        _, c, e = rng.choice(found)
        copy: Expr = Compare(OTHER_WAY[e.op], mul(Number(Fraction(2)), e.right), mul(Number(Fraction(2)), e.left))
    else:
        c = rng.choice(hard)
        copy = c.expr
    name = f"{c.name}_again"
    if name in {x.name for x in model.constraints}:
        return None
    return replace(model, constraints=(*model.constraints, replace(c, name=name, expr=copy, template="")))


def dominated_row(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A weaker form of a constraint is said beside it."""
    found = list(comparisons(model, "<=", ">="))
    if not found:
        return None
    _, c, e = rng.choice(found)
    room = Number(Fraction(rng.choice((1, 5, 20))))
    weaker = Compare(e.op, e.left, add(e.right, room) if e.op == "<=" else subtract(e.right, room))
    name = f"{c.name}_roughly"
    if name in {x.name for x in model.constraints}:
        return None
    return replace(model, constraints=(*model.constraints, replace(c, name=name, expr=weaker, template="")))


def bounds_to_rows(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Bounds of variables are constraints; where they do not matter, the lower bound 0 stays."""
    variables, rows = [], []
    for v in model.variables:
        if v.type in ("real", "integer") and (v.upper is not None or v.lower is not None or rng.random() < 0.3):
            over = named_over(model, v.over)
            at = place(v.name, over)
            free = isinstance(v.lower, Neg) and isinstance(v.lower.arg, Constant)
            if v.upper is not None and not isinstance(v.upper, Constant):
                rows.append(Constraint(f"most_{v.name}", Compare("<=", at, v.upper), over))
            if not free:
                rows.append(Constraint(f"least_{v.name}", Compare(">=", at, v.lower or Number(Fraction(0))), over))
            v = replace(v, over=over, upper=None, lower=Neg(Constant("inf")))
        variables.append(v)
    if not rows or {r.name for r in rows} & {c.name for c in model.constraints}:
        return None
    return replace(model, variables=tuple(variables), constraints=(*model.constraints, *rows))


def rows_to_bounds(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A constraint on one variable alone is its bound."""
    for i, c, e in comparisons(model, "<=", ">="):
        for at, limit, op in ((e.left, e.right, e.op), (e.right, e.left, OTHER_WAY[e.op])):
            if not isinstance(at, Subscript | Name) or varies(limit, model):
                continue
            v = next((x for x in model.variables if x.name == at.name and x.type in ("real", "integer")), None)
            if v is None or (v.upper if op == "<=" else v.lower) is not None:
                continue
            index = at.index if isinstance(at, Subscript) else ()
            sources = tuple(g.source for g in v.over)
            if (
                index != indices(c.over)
                or tuple(g.source for g in c.over) != sources
                or any(g.conditions for g in (*c.over, *v.over))
            ):
                continue
            if op == ">=" and not _at_least_zero(limit, instance):
                continue  # a bound below the default one is none
            bounded = replace(v, over=c.over, **{"upper" if op == "<=" else "lower": limit})
            kept = (
                replace(bounded, lower=_moved(v, c) or bounded.lower)
                if op == "<="
                else replace(bounded, upper=_moved(v, c, "upper"))
            )
            out = instead(model, i)
            return replace(out, variables=tuple(kept if x is v else x for x in out.variables))
    return None


def _moved(v: Variable, c: Constraint, which: str = "lower") -> Expr | None:
    """The other bound under the constraint's index names."""
    bound = getattr(v, which)
    if bound is None:
        return None
    old = [t for g in v.over for t in g.targets]
    return renamed(bound, dict(zip(old, (t for g in c.over for t in g.targets), strict=False)))


def _at_least_zero(e: Expr, instance: Instance) -> bool:
    match e:
        case Number(value):
            return value >= 0
        case Name(name) | Subscript(name, _) if name in instance.parameters:
            return instance.parameters[name].elements is None and min(instance.parameters[name].exact, default=0) >= 0
        case _:
            return False


def whole_strictness(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Between whole numbers a <= b is a < b + 1."""

    def one(e: Compare) -> Expr | None:
        if not whole(e, model, instance):
            return None
        one_ = Number(Fraction(1))
        return (
            Compare("<", e.left, add(e.right, one_)) if e.op == "<=" else Compare(">", e.left, subtract(e.right, one_))
        )

    return _each(model, rng, ("<=", ">="), one)


def definition_variable(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A sum that is used has a variable of its own, equal to it."""
    sums = []
    for root in (*(c.expr for c in model.constraints), *(o.expr for o in model.objectives)):
        for e in subexpressions(root):
            closed = (isinstance(e, Aggregate) and e.function == "sum") or (isinstance(e, Call) and e.function == "sum")
            if closed and varies(e, model) and free_names(e) <= set(model.symbols):
                sums.append(e)
    if not sums:
        return None
    chosen = rng.choice(sums)
    total, row = fresh(model, rng.choice(("total", "sum_of_all", "altogether")), "defines")
    kind = "integer" if whole(chosen, model, instance) else "real"

    def swapped(e: Expr) -> Expr:
        return Name(total) if e == chosen else map_children(e, swapped)

    out = everywhere(model, swapped)
    return replace(
        out,
        variables=(*out.variables, Variable(total, (), kind, lower=Neg(Constant("inf")))),  # type: ignore[arg-type]
        constraints=(*out.constraints, Constraint(row, Compare("==", Name(total), chosen))),
    )


def objective_variable(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The objective is a variable of its own: equal to it, or held on the side that matters."""
    if len(model.objectives) != 1:
        return None
    (o,) = model.objectives
    z, row = fresh(model, rng.choice(("z", "value", "objective_value")), "is_objective")
    kind = "integer" if whole(o.expr, model, instance) else "real"
    op = "==" if rng.random() < 0.5 else ("<=" if o.sense == "maximize" else ">=")
    return replace(
        model,
        variables=(*model.variables, Variable(z, (), kind, lower=Neg(Constant("inf")))),  # type: ignore[arg-type]
        constraints=(*model.constraints, Constraint(row, Compare(op, Name(z), o.expr))),  # type: ignore[arg-type]
        objectives=(replace(o, expr=Name(z), template=""),),
    )


def logic_shape(model: Model, rng: Random, instance: Instance) -> Model | None:
    """`implies(a, b)` is `not a or b`, or `a <= b` of binaries; `a or b` of binaries is `a + b >= 1`."""

    def binary(e: Expr) -> bool:
        item = model.symbols.get(e.name) if isinstance(e, Name | Subscript) else None
        return isinstance(item, Variable) and item.type == "binary"

    def one(e: Expr) -> Expr:
        match e:
            case Implies(a, b) if binary(a) and binary(b) and rng.random() < 0.6:
                return Compare("<=", a, b)
            case Implies(a, b) if varies(a, model) and varies(b, model):
                return disjunction(Not(a), b)
            case Or(args) if all(map(binary, args)):
                return Compare(">=", add(*args), Number(Fraction(1)))
            case Not(a) if binary(a):
                return Compare("==", a, Number(Fraction(0)))
            case Compare("<=", a, b) if binary(a) and binary(b):
                return Implies(a, b)
            case _:
                return e

    changed = tuple(
        replace(c, expr=_top(c.expr, one), template="") if c.penalty is None else c for c in model.constraints
    )
    return (
        replace(model, constraints=changed)
        if [c.expr for c in changed] != [c.expr for c in model.constraints]
        else None
    )


def _top(e: Expr, f: Callable[[Expr], Expr]) -> Expr:
    """f at the outermost condition, and below `and`."""
    return conjunction(*(_top(a, f) for a in e.args)) if isinstance(e, And) else f(e)
