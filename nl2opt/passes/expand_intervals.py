"""`no_overlap`, `no_overlap_2d`, `cumulative` -> comparisons of starts and ends.

Theorem: intervals are disjoint exactly where of each pair one ends before the other starts (or one is absent or empty);
rectangles where they are apart in one of the two directions. With amounts that are not negative, the sum of the running
amounts is largest where some interval starts, so `cumulative` is one comparison for each start. A negative length
fails. Exact; over continuous starts two intervals that touch are apart.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(expand_intervals, '''
... sets: {Jobs: [a, b, c]}
... parameters: {days: {over: Jobs, type: integer, value: [1, 2, 3]}}
... variables: {start: {over: Jobs, type: integer, upper: 9}}
... constraints: [{name: one_saw, expr: "no_overlap([(start[j], days[j]) for j in Jobs])"}]
... '''))
start[Jobs] integer <= 9
one_saw: all(days[j] == 0 or days[j_2] == 0 or start[j] + days[j] <= start[j_2] or start[j_2] + days[j_2] <= start[j] \
for j in Jobs for j_2 in Jobs if position(j) < position(j_2)) and all(days[j] >= 0 for j in Jobs)
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from nl2opt.ir.model import Model, Over
from nl2opt.ir.nodes import (
    ONE,
    ZERO,
    Aggregate,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Expr,
    Implies,
    ListLiteral,
    Name,
    Not,
    Tuple,
    add,
    conjunction,
    disjunction,
    joined_lists,
    mul,
)
from nl2opt.passes.facts import is_known
from nl2opt.passes.pairs import pairs
from nl2opt.passes.rewrite import Context, Draft, Undo, descend, mentioned, negation, renamed, unchanged
from nl2opt.passes.unsupported import unsupported

INTERVALS = ("no_overlap", "no_overlap_2d", "cumulative")
Group = tuple[Over, tuple[Expr, ...]]
"""Bindings and the items of an interval under them: (start, length, present), (start, length, amount, present)."""


def expand_intervals(model: Model) -> tuple[Model, Undo]:
    """Model -> the model without no_overlap, no_overlap_2d and cumulative."""
    draft = Draft(model)

    def visit(e: Expr, at: Context) -> Expr:
        if isinstance(e, Call) and e.function in INTERVALS:
            return by_comparisons(e, {t for g in at.over for t in g.targets}, model, at.item)
        return descend(e, at, visit, draft.model)

    return draft.rewrite(visit), unchanged


def by_comparisons(e: Call, taken: set[str], model: Model, item: str) -> Expr:
    """One of these constraints -> the comparisons it amounts to; ``taken`` are the indices bound around it."""
    groups = _groups(e.args[0], e.function, item)
    if e.function == "cumulative":
        return _cumulative(groups, e.args[1], taken, model)
    return _disjoint(groups, taken, model, flat=e.function == "no_overlap")


def _groups(argument: Expr, function: str, item: str) -> list[Group]:
    sizes = {"no_overlap": (2, 3), "cumulative": (3, 4), "no_overlap_2d": (4, 4)}[function]
    parts: list[tuple[Over, Expr]] = []
    for part in joined_lists(argument) or (argument,):
        match part:
            case Comprehension("list", body, generators):
                parts.append((generators, body))
            case ListLiteral(items):
                parts += [((), i) for i in items]
    out: list[Group] = []
    for over, body in parts:
        if not isinstance(body, Tuple) or len(body.items) not in sizes:
            raise unsupported("intervals of this argument", item, function)
        missing = sizes[1] - len(body.items)
        out.append((over, (*body.items, *((Boolean(True),) * missing))))
    if not out and not (isinstance(argument, ListLiteral) and not argument.items):
        raise unsupported("intervals of this argument", item, function)
    return out


def _every(over: Over, condition: Expr) -> Expr:
    return Aggregate("all", condition, over) if over else condition


def _present(condition: Expr, consequence: Expr) -> Expr:
    return consequence if condition == Boolean(True) else Implies(condition, consequence)


def _disjoint(groups: list[Group], taken: set[str], model: Model, flat: bool) -> Expr:
    """Of each pair one is absent, empty, or before the other in some direction."""
    out: list[Expr] = []
    clause = _apart_1d if flat else _apart_2d
    for over, items in groups:
        if over:
            names = taken | {n for i in items for n in mentioned(i)}
            both, others = pairs(over, items, names)
            out.append(_every(both, clause(items, others, model)))
    for (over, items), (over2, items2) in combinations(groups, 2):
        names = taken | {n for i in items for n in mentioned(i)} | {t for g in over for t in g.targets}
        second, others = renamed(over2, items2, names)
        out.append(_every((*over, *second), clause(items, others, model)))
    for over, items in groups:
        lengths = (items[1],) if flat else (items[1], items[3])
        present = items[2] if flat else Boolean(True)
        out += [_every(over, _present(present, Compare(">=", length, ZERO))) for length in lengths if not _sure(length)]
    return conjunction(*out)


def _sure(length: Expr) -> bool:
    """True for a literal length that is not negative."""
    return getattr(length, "value", -1) >= 0


def _empty(length: Expr) -> list[Expr]:
    return [] if _sure(length) and getattr(length, "value", 0) > 0 else [Compare("==", length, ZERO)]


def _absent(present: Expr) -> list[Expr]:
    return [] if present == Boolean(True) else [Not(present)]


def _apart_1d(a: tuple[Expr, ...], b: tuple[Expr, ...], model: Model) -> Expr:
    ways = [*_absent(a[2]), *_absent(b[2]), *_nothing(a[1], model), *_nothing(b[1], model)]
    return disjunction(*ways, Compare("<=", add(a[0], a[1]), b[0]), Compare("<=", add(b[0], b[1]), a[0]))


def _apart_2d(a: tuple[Expr, ...], b: tuple[Expr, ...], model: Model) -> Expr:
    ways = [w for size in (a[1], a[3], b[1], b[3]) for w in _nothing(size, model)]
    for start, size in ((0, 1), (2, 3)):
        ways += [Compare("<=", add(x[start], x[size]), y[start]) for x, y in ((a, b), (b, a))]
    return disjunction(*ways)


def _nothing(length: Expr, model: Model) -> list[Expr]:
    """The condition under which a length occupies nothing; of variables `<= 0`, which needs no strict side."""
    return _empty(length) if is_known(length, model) else [Compare("<=", length, ZERO)]


def _cumulative(groups: list[Group], capacity: Expr, taken: set[str], model: Model) -> Expr:
    """At each start of an interval that is there: its amount and those running then stay within the capacity."""
    out: list[Expr] = []
    sane: list[Expr] = [Compare(">=", capacity, ZERO)]
    for n, (over, items) in enumerate(groups):
        start, length, amount, present = items
        names = taken | {x for i in items for x in mentioned(i)} | {t for g in over for t in g.targets}
        terms: list[Expr] = [amount]
        for m, (over2, items2) in enumerate(groups):
            if m == n and not over2:
                continue
            second, others = renamed(over2, items2, names)
            if m == n:
                both, others = _others(over, items2, names)
                second = both
            s2, l2, a2, p2 = others
            running = conjunction(
                *(() if p2 == Boolean(True) else (p2,)), Compare("<=", s2, start), Compare("<", start, add(s2, l2))
            )
            term = mul(a2, running) if a2 != ONE else running
            terms.append(Aggregate("sum", term, second) if second else term)
        there = conjunction(*(() if present == Boolean(True) else (present,)), *_long(length))
        fits = Compare("<=", add(*terms), capacity)
        out.append(_every(over, fits if there == Boolean(True) else Implies(there, fits)))
        if not _sure(length):
            sane.append(_every(over, _present(present, Compare(">=", length, ZERO))))
    return conjunction(*out, *sane)


def _others(over: Over, items: tuple[Expr, ...], names: set[str]) -> tuple[Over, tuple[Expr, ...]]:
    """Bindings -> those different from the one in scope, and the items there."""
    second, others = renamed(over, items, names)
    same = [
        Compare("==", Name(a), Name(b))
        for g, h in zip(over, second, strict=True)
        for a, b in zip(g.targets, h.targets, strict=True)
    ]
    last = replace(second[-1], conditions=(*second[-1].conditions, negation(conjunction(*same))))
    return (*second[:-1], last), others


def _long(length: Expr) -> list[Expr]:
    return [] if _sure(length) and getattr(length, "value", 0) > 0 else [Compare(">", length, ZERO)]
