"""Template algebra, expression -> the slots that make them the same, or None.

Rows are compared as rows: terms may stand on either side, a row may be scaled, a sum may be written out, named
expressions are put in their place. Everything else is compared node by node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import permutations

from nl2opt.check.laying import Slots, bind, lay, sets_of, shown
from nl2opt.check.pattern import Pattern, is_binary
from nl2opt.check.rows import array_over, row_of
from nl2opt.ir.infer import enter
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.model import Model, Over
from nl2opt.ir.nodes import (
    ZERO,
    Add,
    Aggregate,
    And,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Expr,
    Iff,
    Implies,
    ListLiteral,
    Name,
    Not,
    Number,
    Or,
    Subscript,
    Tuple,
    joined_lists,
)
from nl2opt.ir.text import print_expression, print_over
from nl2opt.ir.walk import children

_MOST_PERMUTED = 3


def match(pattern: Pattern, e: Expr, scope: Scope, over: Over = ()) -> Slots | None:
    """Pattern and expression (named expressions inlined) stated for ``over`` -> the first way to fill the slots."""
    for p in pattern.stated_for(over):
        slots = {n: print_over(over) for n in sets_of(p, p.over)}
        for found in _match(p, p.expr, e, scope, slots):
            if p.measured(found, scope):
                return shown(found)
    return None


def match_objective(pattern: Pattern, e: Expr, scope: Scope) -> Slots | None:
    """Pattern of a goal and what is optimized -> slots; a positive multiple and a constant beside it do not matter."""
    wanted = row_of(Compare("<=", pattern.expr, ZERO), Scope.of(Model()), pattern.varies)
    row = row_of(Compare("<=", e, ZERO), scope, scope.varies)
    found = lay(_match, pattern, wanted, replace(row, constant={}), {}) if row.terms else ()
    return next((shown(s) for s in found if pattern.measured(s, scope)), None)


def _match(p: Pattern, q: Expr, e: Expr, scope: Scope, slots: Slots) -> Iterator[Slots]:
    """Ways to make the part ``q`` of the pattern the expression ``e``."""
    match q, e:
        case Subscript(name, index), _ if p.kinds.get(name) == "array":
            moving = [i for i in e.index if scope.varies(i)] if isinstance(e, Subscript) else []
            if isinstance(e, Subscript) and moving and isinstance(index[0], Name):
                for found in bind(slots, name, e.name):
                    yield from bind(found, index[0].name, ", ".join(map(print_expression, moving)))
        case Name(name) | Subscript(name, _), _ if name in p.kinds:
            if p.fits(q, e, scope):
                moved = p.shifted and p.kinds[name] == "variable" and isinstance(e, Subscript)
                yield from bind(slots, name, e.name if moved and isinstance(e, Subscript) else print_expression(e))
        case Compare(), Compare():
            yield from _rows(p, q, e, scope, slots)
        case Implies(), Or(args) if len(args) == 2:
            for a, b in (args, args[::-1]):
                if isinstance(a, Not):
                    yield from _each(p, (q.condition, q.consequence), (a.arg, b), scope, slots)
        case (And(wanted), And(args)) | (Or(wanted), Or(args)) | (Iff() as wanted, Iff() as args):
            ordered = children(q)
            for chosen in permutations(children(e)) if len(ordered) == len(children(e)) <= _MOST_PERMUTED else ():
                yield from _each(p, ordered, chosen, scope, slots)
        case Aggregate() | Comprehension(), _:
            yield from _quantified(p, q, e, scope, slots)
        case Tuple(wanted), Tuple(items) if len(items) == len(wanted) + 1 and is_binary(items[-1], scope):
            yield from _each(p, wanted, items[:-1], scope, slots)
        case (Number(), Number()) | (Boolean(), Boolean()):
            if q == e:
                yield slots
        case _ if type(q) is type(e) and not isinstance(q, Name | Subscript):
            if all(getattr(q, f, None) == getattr(e, f, None) for f in ("function", "negated", "op")):
                yield from _each(p, children(q), children(e), scope, slots)
        case _ if q == e:
            yield slots
        case _:
            return


def _each(p: Pattern, qs: tuple[Expr, ...], es: tuple[Expr, ...], scope: Scope, slots: Slots) -> Iterator[Slots]:
    if len(qs) != len(es):
        return
    if not qs:
        yield slots
        return
    for found in _match(p, qs[0], es[0], scope, slots):
        yield from _each(p, qs[1:], es[1:], scope, found)


def _quantified(p: Pattern, q: Aggregate | Comprehension, e: Expr, scope: Scope, slots: Slots) -> Iterator[Slots]:
    """`any(x[i] for i in I)` against the same over a set, over a bare array, or written out."""
    if isinstance(e, Call) and isinstance(q, Aggregate) and e.function == q.function and len(e.args) == 1:
        inner = e.args[0]
        if isinstance(inner, Name) and (found := array_over(inner.name, scope)):
            e = Aggregate(q.function, found[1], found[0])
        elif isinstance(inner, Comprehension):
            e = Aggregate(q.function, inner.body, inner.generators)
    if isinstance(e, Aggregate | Comprehension) and _same_function(q, e):
        if not all(p.takes_set(g.source, e.generators) for g in q.generators if isinstance(g.source, Name | Subscript)):
            return
        inside = p.within(q.generators, e.generators)
        for found_slots in _bind_sets_of(p, q.generators, e.generators, slots):
            yield from _match(inside, q.body, e.body, enter(e.generators, scope), found_slots)
    elif (items := _items(q, e)) and len(q.generators) == 1:
        yield from _written_out(p, q, items, scope, slots)


def _same_function(q: Aggregate | Comprehension, e: Aggregate | Comprehension) -> bool:
    return type(e) is type(q) and getattr(e, "function", "") == getattr(q, "function", "")


def _items(q: Aggregate | Comprehension, e: Expr) -> tuple[tuple[Expr, Over], ...]:
    """What is written out in place of a generator: `a or b`, `max(a, b)`, `[a, b] + [c for ...]`."""
    plain: tuple[Expr, ...] = ()
    match q, e:
        case (Aggregate("any"), Or(args)) | (Aggregate("all"), And(args)):
            plain = args
        case Aggregate(function), Call(called, (ListLiteral(args),)) if function == called:
            plain = args
        case Aggregate(function), Call(called, args) if function == called and len(args) > 1:
            plain = args
        case Comprehension("list"), ListLiteral(args):
            plain = args
        case Comprehension("list"), Add():
            found: list[tuple[Expr, Over]] = []
            for part in joined_lists(e):
                match part:
                    case ListLiteral(args):
                        found += [(a, ()) for a in args]
                    case Comprehension(_, body, generators):
                        found.append((body, generators))
            return tuple(found)
    return tuple((a, ()) for a in plain)


def _bind_sets_of(p: Pattern, pattern: Over, over: Over, slots: Slots) -> Iterator[Slots]:
    """The sets of a pattern's generators take the sets of an expression's; one set may stand for several."""
    names = sets_of(p, pattern)
    if len(names) == 1:
        yield from bind(slots, names[0], print_over(over))
    elif len(names) == len(over):
        found: Slots | None = slots
        for name, g in zip(names, over, strict=True):
            found = next(bind(found, name, print_over((g,))), None) if found is not None else None
        if found is not None:
            yield found


def _written_out(
    p: Pattern, q: Aggregate | Comprehension, items: Iterable[tuple[Expr, Over]], scope: Scope, slots: Slots
) -> Iterator[Slots]:
    """`a or b` against `any(x[i] for i in I)`: each is an x."""
    texts: dict[str, list[str]] = {}
    shown = []
    for item, over in items:
        inside = p.within(q.generators, over)
        filled = next(_match(inside, q.body, item, enter(over, scope), {}), None)
        if filled is None:
            return
        shown.append(print_expression(item))
        for name, text in filled.items():
            texts.setdefault(name, []).append(text)
    own = {name: ", ".join(all_of) for name, all_of in texts.items()}
    for found in bind(slots, sets_of(p, q.generators)[0], "{" + ", ".join(shown) + "}"):
        yield {**found, **own}


def _rows(p: Pattern, q: Compare, e: Compare, scope: Scope, slots: Slots) -> Iterator[Slots]:
    pattern = row_of(q, Scope.of(Model()), p.varies)
    row = row_of(e, scope, scope.varies)
    if pattern.op != row.op or not row.terms:
        return
    for candidate in (row,) if row.op == "<=" else (row, row.negated()):
        yield from lay(_match, p, pattern, candidate, slots)
