"""References to variables `in` a set: which one, in which set, shifted by what; and is an element surely in a set?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from nl2opt.ir.model import Model, Over, Set, Variable
from nl2opt.ir.nodes import ZERO, Add, Call, Expr, Label, Mul, Name, Neg, Number, Subscript, add, negative
from nl2opt.ir.walk import substitute
from nl2opt.passes.facts import is_known


@dataclass(frozen=True, slots=True)
class Choice:
    """A reference to a variable in a set: its declaration, its indices, the set at these indices."""

    variable: Variable
    index: tuple[Expr, ...]
    within: Expr


@dataclass(frozen=True, slots=True)
class Shifted:
    """`sign * choice + rest` with a known rest."""

    choice: Choice
    sign: int
    rest: Expr


def choice_of(e: Expr, model: Model) -> Choice | None:
    """A bare reference to a variable in a set -> what it refers to; its indices must be known."""
    if not isinstance(e, Name | Subscript):
        return None
    symbol = model.symbols.get(e.name)
    if not isinstance(symbol, Variable) or symbol.within is None:
        return None
    index = e.index if isinstance(e, Subscript) else ()
    if not all(is_known(i, model) for i in index):
        return None
    within = at_index(symbol.within, symbol.over, index)
    return None if within is None else Choice(symbol, index, within)


def at_index(e: Expr, over: Over, index: tuple[Expr, ...]) -> Expr | None:
    """An expression of a declaration -> the same at the indices of a use; None where these are not one a target."""
    targets = [t for g in over for t in g.targets]
    if not targets:
        return e
    if len(targets) != len(index) or not all(g.targets for g in over):
        return None
    values: Mapping[str, Expr] = dict(zip(targets, index, strict=True))
    return substitute(e, values)


def shifted(e: Expr, model: Model) -> Shifted | None:
    """`x`, `x + c`, `c - x` for one variable x in a set and known c -> its parts."""
    if (choice := choice_of(e, model)) is not None:
        return Shifted(choice, 1, ZERO)
    match e:
        case Neg(arg):
            inner = shifted(arg, model)
            return None if inner is None else Shifted(inner.choice, -inner.sign, negative(inner.rest))
        case Mul((Number(value), arg)) if value == Fraction(-1):
            return shifted(Neg(arg), model)
        case Add(terms):
            varying = [t for t in terms if not is_known(t, model)]
            known = [t for t in terms if is_known(t, model)]
            inner = shifted(varying[0], model) if len(varying) == 1 else None
            return None if inner is None else Shifted(inner.choice, inner.sign, add(inner.rest, *known))
        case _:
            return None


def surely_in(element: Expr, source: Expr, over: Over, model: Model) -> bool | None:
    """Is a known element in a set, by its form: drawn from it, or among its inline elements? None = data say."""
    if isinstance(element, Name):
        for g in over:
            if g.targets == (element.name,) and g.source == source:
                return True
        return None
    value: object
    if isinstance(element, Label):
        value = element.value
    elif isinstance(element, Number) and element.value.denominator == 1:
        value = int(element.value)
    else:
        return None
    if isinstance(source, Name):
        symbol = model.symbols.get(source.name)
        if isinstance(symbol, Set) and isinstance(symbol.elements, tuple):
            return value in symbol.elements
        if isinstance(symbol, Set) and isinstance(symbol.elements, Call):
            source = symbol.elements
    if isinstance(source, Call) and source.function == "range" and all(isinstance(a, Number) for a in source.args):
        bounds = [int(a.value) for a in source.args if isinstance(a, Number)]
        return value in range(*bounds)
    return None
