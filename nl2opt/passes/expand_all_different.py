"""`all_different` -> at most one of each value, or pairwise `!=`.

Theorem: the values are pairwise different exactly where each possible value is taken at most once; possible values
are known where every member is a variable in a set, perhaps shifted by a constant (`queen[i] + i`). Else every pair
differs. Always exact.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(expand_all_different, '''
... sets: {Rows: range(4), Seats: [a, b, c]}
... variables: {queen: {over: Rows, in: Rows}, p: {type: integer, upper: 5}, q: {type: integer, upper: 5}}
... constraints:
...   - {name: columns, expr: "all_different(queen[i] for i in Rows)"}
...   - {name: diagonals, expr: "all_different(queen[i] + i for i in Rows)"}
...   - {name: apart, expr: "all_different(p, q)"}
... '''))
queen[Rows] in Rows
p integer <= 5
q integer <= 5
columns: all(sum(queen[i] == value for i in Rows) <= 1 for value in Rows)
diagonals: all(sum(queen[i] + i == value for i in Rows) <= 1 for value in {row + i for i in Rows for row in Rows})
apart: p != q
"""

from __future__ import annotations

from itertools import combinations

from nl2opt.ir.model import Model, Over, Variable
from nl2opt.ir.nodes import (
    ONE,
    ZERO,
    Aggregate,
    Call,
    Compare,
    Comprehension,
    Expr,
    Generator,
    Name,
    SetOperation,
    add,
    conjunction,
    mul,
    number,
)
from nl2opt.ir.walk import bound_names, free_names
from nl2opt.passes.arithmetic import plus
from nl2opt.passes.expand_arrays import index_name, named
from nl2opt.passes.members import Shifted, shifted
from nl2opt.passes.pairs import pairs
from nl2opt.passes.rewrite import Context, Draft, Undo, descend, member, mentioned, renamed, unchanged

Group = tuple[Over, Expr]


def expand_all_different(model: Model) -> tuple[Model, Undo]:
    """Model -> the model without all_different."""
    draft = Draft(model)

    def visit(e: Expr, at: Context) -> Expr:
        if isinstance(e, Aggregate | Call) and e.function == "all_different":
            return by_comparisons(e, at, model)
        return descend(e, at, visit, model)

    return draft.rewrite(visit), unchanged


def by_comparisons(e: Aggregate | Call, at: Context, model: Model) -> Expr:
    """`all_different` of a generator or of several arguments -> the comparisons it amounts to."""
    if isinstance(e, Aggregate):
        return _different([(e.generators, e.body)], at, model)
    taken = bound_names(at.over) | set(model.symbols)
    return _different([_argument(a, model, taken) for a in e.args], at, model)


def _argument(a: Expr, model: Model, taken: set[str] | frozenset[str]) -> Group:
    symbol = model.symbols.get(a.name) if isinstance(a, Name) else None
    if isinstance(a, Name) and isinstance(symbol, Variable) and symbol.over:
        over = named(symbol.over, taken)
        return over, member(a.name, over)
    if isinstance(a, Comprehension):
        return a.generators, a.body
    return (), a


def _different(groups: list[Group], at: Context, model: Model) -> Expr:
    parts = [shifted(body, model) for _, body in groups]
    if all(p is not None for p in parts):
        return _once_each(groups, [p for p in parts if p is not None], at, model)
    taken = set(bound_names(at.over))
    out: list[Expr] = []
    for over, body in groups:
        if over:
            both, (other,) = pairs(over, (body,), taken | mentioned(body))
            out.append(Aggregate("all", Compare("!=", body, other), both))
    for (over, body), (over2, body2) in combinations(groups, 2):
        second, (other,) = renamed(over2, (body2,), taken | mentioned(body) | bound_names(over))
        differ = Compare("!=", body, other)
        out.append(Aggregate("all", differ, (*over, *second)) if over or second else differ)
    return conjunction(*out)


def _once_each(groups: list[Group], parts: list[Shifted], at: Context, model: Model) -> Expr:
    """At most one member takes each value that some member may take."""
    taken = set(bound_names(at.over)) | set(model.symbols) | {n for _, body in groups for n in mentioned(body)}
    taken |= {n for over, _ in groups for n in bound_names(over)}
    value = "value"
    while value in taken:
        value += "_2"
    domains: list[Expr] = []
    for (over, _), part in zip(groups, parts, strict=True):
        domain = _domain(over, part, taken)
        if domain not in domains:
            domains.append(domain)
    values = domains[0]
    for d in domains[1:]:
        values = SetOperation("|", values, d)
    counts = []
    for over, body in groups:
        takes = Compare("==", body, Name(value))
        counts.append(Aggregate("sum", takes, over) if over else takes)
    return Aggregate("all", Compare("<=", add(*counts), ONE), (Generator((value,), values),))


def _domain(over: Over, part: Shifted, taken: set[str]) -> Expr:
    """The set of values the members of one group may take."""
    within = part.choice.within
    plain = part.sign == 1 and part.rest == ZERO
    if plain and not free_names(within) & bound_names(over):
        return within
    k = index_name(within, taken)
    scaled = Name(k) if part.sign == 1 else mul(number(-1), Name(k))
    body = Name(k) if plain else plus(scaled, part.rest)
    return Comprehension("set", body, (*over, Generator((k,), within)))
