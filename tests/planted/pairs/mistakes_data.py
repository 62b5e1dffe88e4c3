"""Real mistakes of modelling in numbers and declarations: a model -> the same with one of them, or None.

The model has its data inside.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model, Parameter
from nl2opt.ir.nodes import Compare, Constant, Expr, Mul, Name, Neg, Number, Subscript
from nl2opt.ir.walk import subexpressions
from planted.pairs.mistakes_rows import nodes, put
from planted.pairs.modelling import in_rows, varies


def _parameter(model: Model, old: Parameter, new: Parameter) -> Model:
    return replace(model, parameters=tuple(new if p.name == old.name else p for p in model.parameters))


def _used(model: Model, p: Parameter) -> bool:
    names = {
        x.name
        for item in (*model.constraints, *model.objectives, *model.expressions)
        for x in subexpressions(item.expr)
        if isinstance(x, Name | Subscript)
    }
    return p.name in names


def coefficient_swapped(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Two items have each other's number."""
    tables = [p for p in model.parameters if p.over and p.within is None and _used(model, p)]
    rng.shuffle(tables)
    for p in tables:
        rows = list(in_rows(p, instance).rows or ())
        pairs = [(i, j) for i in range(len(rows)) for j in range(i) if rows[i][-1] != rows[j][-1]]
        if p.symmetric or not pairs:
            continue
        i, j = rng.choice(pairs)
        rows[i], rows[j] = (*rows[i][:-1], rows[j][-1]), (*rows[j][:-1], rows[i][-1])
        return _parameter(model, p, replace(in_rows(p, instance), rows=tuple(rows)))
    return None


def tables_swapped(model: Model, rng: Random, instance: Instance) -> Model | None:
    """One table is used where another of the same shape belongs."""
    found = nodes(model, lambda e: isinstance(e, Subscript | Name) and e.name in instance.parameters)
    rng.shuffle(found)
    for section, at, e in found:
        assert isinstance(e, Subscript | Name)
        own = next(p for p in model.parameters if p.name == e.name)
        others = [
            p.name
            for p in model.parameters
            if p.name != own.name
            and p.within == own.within
            and [g.source for g in p.over] == [g.source for g in own.over]
        ]
        if others:
            new = Subscript(rng.choice(others), e.index) if isinstance(e, Subscript) else Name(rng.choice(others))
            return put(model, section, at, e, new)
    return None


def slip(value: Fraction, rng: Random) -> Fraction:
    """A number as it is misread: ten times too large, digits turned round, a little off."""
    ways = [value * 10, value / 10, value + rng.choice((1, -1, 2, 5))]
    digits = str(value.numerator)
    if value.denominator == 1 and len(digits) > 1 and digits[0] != digits[1] and digits[1] != "0" and value > 0:
        ways.append(Fraction(int(digits[1] + digits[0] + digits[2:])))
    return rng.choice(ways)


def number_changed(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A number of the data is misread."""
    tables = [p for p in model.parameters if p.within is None and _used(model, p)]
    if not tables:
        return None
    p = in_rows(rng.choice(tables), instance)
    whole = p.type != "real"

    def changed(e: Expr) -> Expr:
        assert isinstance(e, Number)
        new = slip(e.value, rng)
        return Number(Fraction(round(new)) if whole else new)

    if not p.over:
        assert isinstance(p.value, Number)
        return _parameter(model, p, replace(p, value=changed(p.value)))
    rows = list(p.rows or ())
    if not rows:
        return None
    at = rng.randrange(len(rows))
    rows[at] = (*rows[at][:-1], changed(rows[at][-1]))
    return _parameter(model, p, replace(p, rows=tuple(rows)))


def literal_changed(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A number written in a rule is misread."""
    places = [(s, i, x) for s, i, e in nodes(model, lambda e: isinstance(e, Compare | Mul) and varies(e, model))
              for x in ((e.left, e.right) if isinstance(e, Compare) else e.factors if isinstance(e, Mul) else ())
              if isinstance(x, Number) and x.value not in (0, -1)]  # fmt: skip
    if not places:
        return None
    section, at, e = rng.choice(places)
    assert isinstance(e, Number)
    new = slip(e.value, rng)
    return put(model, section, at, e, Number(Fraction(round(new)) if e.value.denominator == 1 else new))


def integrality_missing(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Halves of lorries: whole quantities are declared real."""
    found = [v for v in model.variables if v.type in ("integer", "binary")]
    if not found:
        return None
    v = rng.choice(found)
    relaxed = replace(v, type="real", upper=Number(Fraction(1)) if v.type == "binary" else v.upper)
    return replace(model, variables=tuple(relaxed if x is v else x for x in model.variables))


def integrality_added(model: Model, rng: Random, instance: Instance) -> Model | None:
    """Amounts that may be split are declared whole."""
    found = [v for v in model.variables if v.type == "real"]
    if not found:
        return None
    v = rng.choice(found)
    return replace(model, variables=tuple(replace(x, type="integer") if x is v else x for x in model.variables))


def bound_dropped(model: Model, rng: Random, instance: Instance) -> Model | None:
    """An upper or a lower bound of a variable was forgotten, or zero is no longer the least."""
    found = [(v, which) for v in model.variables if v.type in ("integer", "real") for which in ("upper", "lower")
             if getattr(v, which) is not None or which == "lower"]  # fmt: skip
    if not found:
        return None
    v, which = rng.choice(found)
    dropped = None if getattr(v, which) is not None else Neg(Constant("inf"))
    return replace(model, variables=tuple(replace(x, **{which: dropped}) if x is v else x for x in model.variables))


def bound_changed(model: Model, rng: Random, instance: Instance) -> Model | None:
    """A bound of a variable is misread."""
    found = [
        (v, w)
        for v in model.variables
        if v.type in ("integer", "real")
        for w in ("upper", "lower")
        if isinstance(getattr(v, w), Number)
    ]
    if not found:
        return None
    v, which = rng.choice(found)
    new = slip(getattr(v, which).value, rng)
    value = Number(Fraction(round(new)) if v.type == "integer" else new)
    return replace(model, variables=tuple(replace(x, **{which: value}) if x is v else x for x in model.variables))


def binary_as_count(model: Model, rng: Random, instance: Instance) -> Model | None:
    """What can be taken once is taken as often as one likes."""
    found = [v for v in model.variables if v.type == "binary"]
    if not found:
        return None
    v = rng.choice(found)
    return replace(
        model,
        variables=tuple(
            replace(x, type="integer", upper=Number(Fraction(3))) if x is v else x for x in model.variables
        ),
    )


def big_m_too_small(model: Model, rng: Random, instance: Instance) -> Model | None:
    """The number beside a binary cuts off amounts that are allowed."""
    switches = {v.name for v in model.variables if v.type == "binary"}

    def beside(e: Expr) -> bool:
        return isinstance(e, Mul) and any(isinstance(f, Name | Subscript) and f.name in switches for f in e.factors)

    found = []
    for i, c in enumerate(model.constraints):
        families = {
            x.name
            for x in subexpressions(c.expr)
            if isinstance(x, Name | Subscript) and x.name in {v.name for v in model.variables}
        }
        if families & switches and families - switches:
            found += [(i, x) for x in subexpressions(c.expr) if beside(x)]
    if not found:
        return None
    i, e = rng.choice(found)
    assert isinstance(e, Mul)
    rates = [f for f in e.factors if not varies(f, model)]
    if not rates:
        return None
    share = Number(Fraction(1, rng.choice((2, 3, 4))))
    return put(model, "constraints", i, rates[0], Mul((share, rates[0])))
