"""A bare array as an argument -> a generator over its keys.

Theorem: `sum(x)` is `sum(x[i] for i in I)` for `x` over `I`, and so for prod, min, max, all, any and all_different
(docs/SEMANTICS.md: a bare array name is all its elements in index order; `[..] + [..]` the elements of both). Always
exact. Several arguments stay arguments; `sum`, `prod`, `all`, `any` of several become `+`, `*`, `and`, `or`.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(expand_arrays, '''
... sets: {Crates: [a, b]}
... variables: {x: {over: Crates, type: real}, y: {type: real}}
... constraints: [{name: room, expr: "sum(x) <= max(x, y)"}]
... '''))
x[Crates] real
y real
room: sum(x[crate] for crate in Crates) <= max(max(x[crate] for crate in Crates), y)
"""

from __future__ import annotations

from dataclasses import replace

from nl2opt.ir.model import Model, Over, Set
from nl2opt.ir.nodes import (
    AGGREGATES,
    Aggregate,
    Call,
    Comprehension,
    Expr,
    Generator,
    ListLiteral,
    Name,
    Subscript,
    add,
    conjunction,
    disjunction,
    joined_lists,
    mul,
)
from nl2opt.ir.walk import bound_names, map_children
from nl2opt.passes.rewrite import Undo, member, mentioned, renamed, unchanged

_ARRAYS = frozenset((*AGGREGATES, "min", "max"))


def expand_arrays(model: Model) -> tuple[Model, Undo]:
    """Model -> the model with a generator in place of each bare array."""
    declared = frozenset(model.symbols)

    def expanded(e: Expr | None, over: Over = ()) -> Expr | None:
        return None if e is None else _expand(e, model, bound_names(over), declared)

    constraints = tuple(
        replace(c, expr=_expand(c.expr, model, bound_names(c.over), declared), penalty=expanded(c.penalty, c.over))
        for c in model.constraints
    )
    objectives = tuple(replace(o, expr=_expand(o.expr, model, frozenset(), declared)) for o in model.objectives)
    expressions = tuple(
        replace(n, expr=_expand(n.expr, model, bound_names(n.over), declared)) for n in model.expressions
    )
    changed = replace(model, constraints=constraints, objectives=objectives, expressions=expressions)
    return changed, unchanged


def _expand(e: Expr, model: Model, around: frozenset[str], declared: frozenset[str]) -> Expr:
    if isinstance(e, Aggregate | Comprehension):
        around = around | bound_names(e.generators)
    e = map_children(e, lambda x: _expand(x, model, around, declared))
    if not isinstance(e, Call) or e.function not in _ARRAYS:
        return e
    args: list[Expr] = []
    for a in e.args:
        for part in joined_lists(a) or (a,):
            args.extend(part.items if isinstance(part, ListLiteral) else (part,))
    expanded = [_generator(e.function, a, model, around | declared) for a in args]
    if len(expanded) == 1 and e.function != "all_different":
        return expanded[0]
    match e.function:
        case "sum":
            return add(*expanded)
        case "prod":
            return mul(*expanded)
        case "all":
            return conjunction(*expanded)
        case "any":
            return disjunction(*expanded)
        case "all_different":
            single = expanded[0]
            only = len(expanded) == 1 and isinstance(single, Aggregate) and single.function == "all_different"
            return single if only else Call(e.function, tuple(args))
        case _:
            return Call(e.function, tuple(expanded))


def _generator(function: str, a: Expr, model: Model, taken: frozenset[str]) -> Expr:
    """One argument -> the aggregate over its elements where it is an array, a list or a set; else itself."""
    if isinstance(a, Comprehension):
        return Aggregate(function, a.body, a.generators)  # type: ignore[arg-type]
    symbol = model.symbols.get(a.name) if isinstance(a, Name | Subscript) else None
    if symbol is None or (isinstance(a, Name) and a.name in taken - frozenset(model.symbols)):
        return a
    if isinstance(symbol, Set) and isinstance(a, Name | Subscript):
        over: Over = (Generator((index_name(a, taken),), a),)
        return Aggregate(function, Name(over[0].targets[0]), over)  # type: ignore[arg-type]
    if not symbol.over or not isinstance(a, Name):
        return a
    over = named(symbol.over, taken)
    return Aggregate(function, member(a.name, over), over)  # type: ignore[arg-type]


def named(over: Over, taken: frozenset[str] | set[str]) -> Over:
    """Bindings of a declaration -> the same with an index name each, apart from ``taken``."""
    names = set(taken)
    out = []
    for g in over:
        if not g.targets:
            g = replace(g, targets=(index_name(g.source, names),))
        names |= {t for t in g.targets if t not in taken}
        out.append(g)
    return renamed(tuple(out), (), set(taken))[0]


def index_name(source: Expr, taken: frozenset[str] | set[str]) -> str:
    """A set -> a readable index name: `Crates` -> `crate`."""
    base = source.name.lower() if isinstance(source, Name | Subscript) else "k"
    base = base[:-1] if len(base) > 2 and base.endswith("s") else base
    name, n = base, 2
    while name in taken or name in mentioned(source):
        name, n = f"{base}_{n}", n + 1
    return name
