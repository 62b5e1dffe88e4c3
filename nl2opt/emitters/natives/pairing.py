"""Constraint -> AllDifferent, Inverse: what is said of each pair, or of there and back."""

from __future__ import annotations

from dataclasses import dataclass

from nl2opt.emitters.natives.forms import is_before, is_total, renamed
from nl2opt.ir.model import Constraint, Model, Over, Variable
from nl2opt.ir.nodes import Aggregate, Compare, Comprehension, Expr, Generator, Name, Subscript
from nl2opt.ir.walk import free_names
from nl2opt.passes.facts import is_known


@dataclass(frozen=True, slots=True)
class AllDifferent:
    """No two of ``values``, a list, are equal; for each binding of ``over``."""

    over: Over
    values: Comprehension


@dataclass(frozen=True, slots=True)
class Inverse:
    """`there[x] == y` exactly where `back[y] == x`: two arrays over ``source``, their values in it."""

    there: str
    back: str
    source: Expr


def all_different(c: Constraint, model: Model) -> AllDifferent | None:
    """`x[i] != x[j]` for each pair of two different indices of one set -> AllDifferent.

    The pairs are those with `i < j` (integers), `position(i) < position(j)` or `i != j`; they are the last two
    generators of `for`, or those of an `all` that is the whole condition.
    """
    over, expr = c.over, c.expr
    if isinstance(expr, Aggregate) and expr.function == "all":
        over, expr = (*over, *expr.generators), expr.body
    match over, expr:
        case (*outer, Generator((first,), source, ()), Generator((second,), again, (condition,))), Compare(
            "!=", left, right
        ) if source == again:
            pass
        case _:
            return None
    unequal = condition in (Compare("!=", Name(first), Name(second)), Compare("!=", Name(second), Name(first)))
    if not unequal and not any(is_before(condition, a, b, source, model) for a, b in _both(first, second)):
        return None
    for a, b in _both(first, second):
        apart = a in free_names(left) and b not in free_names(left)
        if apart and renamed(left, {a: b}) == right and not is_known(left, model) and is_total(left, model):
            return AllDifferent(tuple(outer), Comprehension("list", left, (Generator((a,), source),)))
    return None


def inverse(c: Constraint, model: Model) -> Inverse | None:
    """`back[there[i]] == i` for i in I -> Inverse, where both are arrays over I with values in I.

    `there` then takes different values, as many as I has elements, so it is a bijection and `back` its inverse. Over
    two sets the form says so only where they are of one size, which is for the data to know: that is no Inverse.
    """
    match c.over, c.expr:
        case (Generator((index,), source, ()),), Compare("==", Subscript() as outer, Name(name)):
            pass
        case (Generator((index,), source, ()),), Compare("==", Name(name), Subscript() as outer):
            pass
        case _:
            return None
    match outer:
        case Subscript(back, (Subscript(there, (Name(inner),)),)) if inner == index == name:
            maps = _is_map(there, source, model) and _is_map(back, source, model)
            return Inverse(there, back, source) if maps else None
        case _:
            return None


def _is_map(name: str, source: Expr, model: Model) -> bool:
    """True for a variable array over a set with values in it."""
    v = model.symbols.get(name)
    if not isinstance(v, Variable) or v.within != source or len(v.over) != 1:
        return False
    return v.over[0].source == source and not v.over[0].conditions


def _both(first: str, second: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (first, second), (second, first)
