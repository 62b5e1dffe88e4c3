"""Equivalence-preserving rewrites of what is decided: complements, units, shifts, digits, transposed tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random

from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Constraint, Model, Nested, Set, Variable
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    Binary,
    Call,
    Compare,
    Constant,
    Expr,
    Generator,
    In,
    Mul,
    Name,
    Neg,
    Not,
    Number,
    Subscript,
    add,
    mul,
    subtract,
)
from nl2opt.ir.walk import map_children, subexpressions, substitute
from planted.pairs.modelling import (
    bare,
    bottom_up,
    by_context,
    everywhere,
    fresh,
    in_rows,
    named_over,
    place,
    varies,
    with_context,
)


def spelled_out(model: Model, name: str) -> Model | None:
    """`sum(x)` -> `sum(x[i] for i in I)`; None where a bare array stands elsewhere."""
    item = next(v for v in model.variables if v.name == name)
    if not bare(model, name):
        return model
    over = named_over(model, item.over)
    if any(g.conditions or not isinstance(g.source, Name) for g in over):
        return None
    if any(model.symbols.get(g.source.name) is None for g in over):  # type: ignore[union-attr]
        return None

    def one(e: Expr) -> Expr:
        match e:
            case Call("sum" | "max" | "min" as function, (Name(x),), _) if x == name:
                return Aggregate(function, place(name, over), over)  # type: ignore[arg-type]
            case _:
                return e

    out = everywhere(model, bottom_up(one))
    return None if bare(out, name) else out


def chosen(model: Model, rng: Random, *types: str) -> tuple[Model, Variable] | None:
    """A variable family of one of these types, with no bare use left."""
    found = [v for v in model.variables if v.type in types]
    rng.shuffle(found)
    for v in found:
        out = spelled_out(model, v.name)
        if out is not None:
            return out, v
    return None


def stands(e: Expr, name: str) -> bool:
    """Is this the variable, at an index or by itself?"""
    return isinstance(e, Name | Subscript) and e.name == name


def at_same_place(e: Expr, name: str) -> Expr:
    """The same index under another name."""
    return Subscript(name, e.index) if isinstance(e, Subscript) else Name(name)


def complement_binary(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A binary is counted from the other side: closed instead of open."""
    found = chosen(model, rng, "binary")
    if found is None:
        return None
    model, v = found
    if v.lower is not None or v.upper is not None:
        return None
    (name,) = fresh(model, f"not_{v.name}")

    def one(e: Expr, condition: bool) -> Expr | None:
        if not stands(e, v.name):
            return None
        other = at_same_place(e, name)
        return Not(other) if condition else subtract(Number(Fraction(1)), other)

    out = by_context(model, lambda e, condition: with_context(e, condition, one))
    return _with(out, v, replace(v, name=name, anchors=(), description=""))


def _with(model: Model, old: Variable, *new: Variable) -> Model:
    """The model with other variables in the place of one."""
    out: list[Variable] = []
    for v in model.variables:
        out += new if v.name == old.name else (v,)
    return replace(model, variables=tuple(out))


def _substituted(model: Model, v: Variable, new: Variable, f: Callable[[Expr], Expr]) -> Model:
    """Every x in the model replaced by f(y), y at the same index; where x is a condition, by f(y) != 0."""

    def one(e: Expr) -> Expr:
        return f(at_same_place(e, new.name)) if stands(e, v.name) else e

    return _with(everywhere(model, bottom_up(one)), v, new)


def _free(e: Expr | None) -> bool:
    return isinstance(e, Neg) and isinstance(e.arg, Constant)


def change_unit(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A continuous quantity is counted in a unit a thousand, a hundred or sixty times smaller or larger."""
    found = chosen(model, rng, "real")
    if found is None:
        return None
    model, v = found
    (name,) = fresh(model, f"{v.name}_in_other_unit")
    k = Number(Fraction(rng.choice((1000, 100, 60))))
    smaller = rng.random() < 0.6

    def there(e: Expr | None) -> Expr | None:
        if e is None or _free(e) or isinstance(e, Constant):
            return e
        return mul(k, e) if smaller else Binary("/", e, k)

    def back(y: Expr) -> Expr:
        return Binary("/", y, k) if smaller else mul(k, y)

    new = replace(v, name=name, lower=there(v.lower), upper=there(v.upper), unit="", anchors=())
    return _substituted(model, v, new, back)


def shift_variable(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A quantity is counted from another zero: what is above a plan, below a capacity."""
    found = chosen(model, rng, "integer", "real")
    if found is None:
        return None
    model, v = found
    (name,) = fresh(model, f"{v.name}_beyond")
    c = Number(Fraction(rng.choice((1, 5, 10))))

    def there(e: Expr | None) -> Expr | None:
        return e if e is None or _free(e) or isinstance(e, Constant) else subtract(e, c)

    lower = there(v.lower if v.lower is not None else Number(Fraction(0)))
    new = replace(v, name=name, lower=lower, upper=there(v.upper), anchors=())
    return _substituted(model, v, new, lambda y: add(y, c))


def turn_around(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A bounded quantity is counted down from its upper bound: what is left instead of what is used."""
    found = chosen(model, rng, "integer", "real")
    if found is None:
        return None
    model, v = found
    if v.upper is None or isinstance(v.upper, Constant) or _free(v.lower):
        return None
    if v.over and any(not g.targets or g.conditions for g in v.over) and varies_by_index(v):
        return None
    (name,) = fresh(model, f"{v.name}_left")
    targets = [t for g in v.over for t in g.targets]
    upper = v.upper
    new = replace(
        v,
        name=name,
        lower=Number(Fraction(0)),
        upper=upper if v.lower is None else subtract(upper, v.lower),
        anchors=(),
    )

    def one(e: Expr) -> Expr:
        if not stands(e, v.name):
            return e
        index = e.index if isinstance(e, Subscript) else ()
        if len(index) != len(targets) and targets:
            raise _Refused
        limit = substitute(upper, dict(zip(targets, index, strict=False)))
        return subtract(limit, at_same_place(e, name))

    try:
        return _with(everywhere(model, bottom_up(one)), v, new)
    except _Refused:
        return None


class _Refused(Exception):
    pass


def varies_by_index(v: Variable) -> bool:
    """Does a bound mention the index?"""
    return any(b is not None and not isinstance(b, Number | Constant) for b in (v.lower, v.upper))


def swap_axes(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A table is indexed the other way round."""
    tables = [*model.variables, *model.parameters]
    rng.shuffle(tables)
    for item in tables:
        if len(item.over) != 2 or any(
            g.conditions or len(g.targets) > 1 or not isinstance(g.source, Name) for g in item.over
        ):
            continue
        if bare(model, item.name) or any(
            instance.sets[g.source.name].arity != 1 for g in item.over if g.source.name in instance.sets
        ):  # type: ignore[union-attr]
            continue
        if getattr(item, "symmetric", False):
            continue

        def one(e: Expr, name: str = item.name) -> Expr:
            if isinstance(e, Subscript) and e.name == name:
                if len(e.index) != 2:
                    raise _Refused
                return Subscript(name, e.index[::-1])
            return e

        try:
            out = everywhere(model, bottom_up(one))
        except _Refused:
            continue
        if isinstance(item, Variable):
            turned = tuple(replace(v, over=v.over[::-1]) if v.name == item.name else v for v in out.variables)
            return replace(out, variables=turned)
        parameters = []
        for p in out.parameters:
            if p.name == item.name:
                if isinstance(p.value, Nested) or p.rows is not None:
                    p = in_rows(p, instance)
                    p = replace(p, rows=tuple((r[1], r[0], *r[2:]) for r in p.rows or ()))
                p = replace(p, over=p.over[::-1])
            parameters.append(p)
        return replace(out, parameters=tuple(parameters))
    return None


def binary_as_integer(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A binary that is never a condition is an integer between 0 and 1."""
    for v in model.variables:
        if v.type != "binary" or v.upper is not None:
            continue
        conditions = []

        def look(e: Expr, condition: bool, v: Variable = v, conditions: list[Expr] = conditions) -> Expr | None:
            if condition and stands(e, v.name):
                conditions.append(e)
            return None

        by_context(model, lambda e, c, look=look: with_context(e, c, look))
        if not conditions:
            return _with(model, v, replace(v, type="integer", upper=Number(Fraction(1))))
    return None


def integer_by_digits(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A bounded integer is the sum of its binary digits."""
    found = chosen(model, rng, "integer")
    if found is None:
        return None
    model, v = found
    family = instance.variables[v.name]
    if any(b != 0 for b in family.lower) or any(b is None for b in family.upper) or len(family.domain) > 12:
        return None
    largest = max(int(b) for b in family.upper if b is not None)
    if not 1 <= largest <= 63 or any(not g.targets and not isinstance(g.source, Name) for g in v.over):
        return None
    bits, digit, name, row = fresh(model, "Digits", "d", f"{v.name}_digit", f"cap_of_{v.name}")
    over = named_over(model, v.over)
    if any(g.conditions for g in over):
        return None
    count = largest.bit_length()
    in_bits = Generator((digit,), Name(bits))

    def one(e: Expr) -> Expr:
        if not stands(e, v.name):
            return e
        index = e.index if isinstance(e, Subscript) else ()
        return Aggregate(
            "sum",
            mul(Binary("**", Number(Fraction(2)), Name(digit)), Subscript(name, (*index, Name(digit)))),
            (in_bits,),
        )

    out = _with(everywhere(model, bottom_up(one)), v, Variable(name, (*over, in_bits), "binary"))
    digits = Set(bits, Call("range", (Number(Fraction(count)),)))
    out = replace(out, sets=(*out.sets, digits))
    upper = v.upper
    if upper is not None and not (isinstance(upper, Number) and upper.value == 2**count - 1):
        out = replace(
            out, constraints=(*out.constraints, Constraint(row, Compare("<=", one(place(v.name, over)), upper), over))
        )
    return out


def pairwise_different(model: Model, rng: Random, instance: Instance) -> Model | None:
    """`all_different` is a family of `!=`."""
    for at, c in enumerate(model.constraints):
        match c.expr:
            case Call("all_different", (Name(name),), _) if c.penalty is None:
                v = next((x for x in model.variables if x.name == name), None)
                if v is None or len(v.over) != 1 or v.over[0].conditions or not isinstance(v.over[0].source, Name):
                    continue
                if instance.sets.get(v.over[0].source.name) is None or instance.sets[v.over[0].source.name].arity != 1:
                    continue
                source, body, target = v.over[0].source, None, None
            case Aggregate("all_different", inner, (g,)) if (
                c.penalty is None and not g.conditions and len(g.targets) == 1
            ):
                source, body, target = g.source, inner, g.targets[0]
            case _:
                continue
        i, j = fresh(model, "one", "other")

        def value(index: str, body: Expr | None = body, target: str | None = target) -> Expr:
            if body is None or target is None:
                return Subscript(name, (Name(index),))
            return substitute(body, {target: Name(index)})

        earlier = Compare("<", Call("position", (Name(i),)), Call("position", (Name(j),)))
        over = (*c.over, Generator((i,), source), Generator((j,), source, (earlier,)))
        row = replace(c, over=over, expr=Compare("!=", value(i), value(j)), template="")
        return replace(model, constraints=(*model.constraints[:at], row, *model.constraints[at + 1 :]))
    return None


def labels_as_assignment(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A choice out of a set is a binary an element: `job[w] == j` is `does[w, j]`, a table at the choice is a sum."""
    for v in model.variables:
        if not isinstance(v.within, Name) or v.within.name not in instance.sets or bare(model, v.name):
            continue
        over = named_over(model, v.over)
        if any(g.conditions for g in over) or instance.sets[v.within.name].arity != 1:
            continue
        takes, e_, row = fresh(model, f"{v.name}_is", "e", f"one_{v.name}")
        choices = Generator((e_,), v.within)

        def one(e: Expr, v: Variable = v, takes: str = takes, e_: str = e_, choices: Generator = choices) -> Expr:
            match e:
                case Compare("==" | "!=" as op, left, right) if stands(left, v.name) != stands(right, v.name):
                    at, other = (left, right) if stands(left, v.name) else (right, left)
                    if varies(other, model):
                        raise _Refused
                    index = at.index if isinstance(at, Subscript) else ()
                    counted = Aggregate(
                        "sum",
                        Subscript(takes, (*index, Name(e_))),
                        (replace(choices, conditions=(Compare("==", Name(e_), other),)),),
                    )
                    literal_ = Subscript(takes, (*index, other)) if not isinstance(other, Name | Subscript) else counted
                    return literal_ if op == "==" else subtract(Number(Fraction(1)), literal_)
                case Subscript(name, index) if name in instance.parameters and any(stands(i, v.name) for i in index):
                    chosen_at = [n for n, i in enumerate(index) if stands(i, v.name)]
                    if len(chosen_at) != 1:
                        raise _Refused
                    at = index[chosen_at[0]]
                    table = Subscript(name, tuple(Name(e_) if n == chosen_at[0] else i for n, i in enumerate(index)))
                    pick = Subscript(takes, (*(at.index if isinstance(at, Subscript) else ()), Name(e_)))
                    return Aggregate("sum", mul(table, pick), (choices,))
                case In() | Call() if any(stands(x, v.name) for x in _below(e)):
                    raise _Refused
                case _ if stands(e, v.name):
                    raise _Refused
                case _:
                    return map_children(e, one)

        def rows(e: Expr, condition: bool, one: Callable[[Expr], Expr] = one) -> Expr:
            new = one(e)
            return Compare("==", new, Number(Fraction(1))) if condition and new != e and not _condition(new) else new

        try:
            out = by_context(model, rows)
        except _Refused:
            continue
        binary = Variable(takes, (*over, choices), "binary")
        exactly = Constraint(
            row, Compare("==", Aggregate("sum", place(takes, (*over, choices)), (choices,)), Number(Fraction(1))), over
        )
        return replace(_with(out, v, binary), constraints=(exactly, *out.constraints))
    return None


def _condition(e: Expr) -> bool:
    return not isinstance(e, Add | Mul | Aggregate | Subscript | Name | Neg)


def _below(e: Expr) -> tuple[Expr, ...]:

    return tuple(subexpressions(e))
