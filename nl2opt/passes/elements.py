"""`a[x]` with a variable index -> the member that is chosen, as a sum over the keys x may take."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nl2opt.ir.model import Model, NamedExpression, Over, Parameter, Variable
from nl2opt.ir.nodes import (
    Aggregate,
    Compare,
    Expr,
    Generator,
    IfElse,
    Label,
    Name,
    Subscript,
    conjunction,
    mul,
    subscript,
)
from nl2opt.ir.walk import bound_names, map_over, substitute
from nl2opt.passes.expand_arrays import named
from nl2opt.passes.facts import is_known
from nl2opt.passes.members import choice_of, surely_in
from nl2opt.passes.rewrite import Context, mentioned, renamed
from nl2opt.passes.unsupported import unsupported


@dataclass(frozen=True, slots=True)
class Chosen:
    """`a[x]` taken apart: generators over the keys, the equalities of each variable index, the member at the key.

    ``value`` is the sum of member * equalities; ``defined`` holds where x lies in the set, None where it always does.
    """

    generators: Over
    equalities: tuple[Expr, ...]
    member: Expr
    value: Expr
    defined: Expr | None


def is_element_valued(e: Expr, model: Model) -> bool:
    """True where ``e`` stands for an element of a set: it compares with == and !=."""
    match e:
        case Label():
            return True
        case IfElse(_, then, otherwise):
            return is_element_valued(then, model) or is_element_valued(otherwise, model)
        case Name(name) | Subscript(name, _):
            symbol = model.symbols.get(name)
            if isinstance(symbol, NamedExpression):
                return is_element_valued(symbol.expr, model)
            return isinstance(symbol, Parameter | Variable) and symbol.within is not None
        case _:
            return False


def element(e: Subscript, at: Context, model: Model) -> Chosen:
    """A subscript with variable indices -> its parts."""
    symbol = model.symbols[e.name]
    taken = bound_names(at.over) | set(model.symbols) | {n for i in e.index for n in mentioned(i)}
    over = named(symbol.over, taken)
    over, _ = renamed(over, (), taken)
    names = [t for g in over for t in g.targets]
    if len(names) != len(e.index):
        raise unsupported("a tuple as a variable index", at.item, e.name)
    key: list[Expr] = [Name(n) for n in names]
    equalities: list[Expr] = []
    total = True
    kept: list[Generator] = []
    known: dict[str, Expr] = {}
    position = 0
    for g in over:
        filters: list[Expr] = []
        for t in g.targets:
            index = e.index[position]
            if not is_known(index, model):
                equalities.append(Compare("==", index, Name(t)))
                choice = choice_of(index, model)
                total = total and len(g.targets) == 1 and choice is not None and choice.within == g.source
            elif len(g.targets) == 1 and surely_in(index, g.source, at.over, model):
                known[t] = index
                key[position] = index
            else:
                filters.append(Compare("==", Name(t), index))
                total = False
            position += 1
        if len(g.targets) == 1 and g.targets[0] in known:
            total = total and not g.conditions
            if g.conditions and kept:
                kept[-1] = replace(kept[-1], conditions=(*kept[-1].conditions, *g.conditions))
            continue
        total = total and not g.conditions
        kept.append(replace(g, conditions=(*g.conditions, *filters)))
    generators = map_over(tuple(kept), lambda x: substitute(x, known))
    member = subscript(e.name, *key)
    body = mul(member, conjunction(*equalities))
    value = Aggregate("sum", body, generators)
    defined = None if total else Aggregate("any", conjunction(*equalities), generators)
    return Chosen(generators, tuple(equalities), member, value, defined)
