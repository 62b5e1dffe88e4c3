"""`x in S`, `(x, y) in T` over variables -> `any` of equalities.

Theorem: `(x, y) in T` is `any(x == a and y == b for (a, b) in T)`; `x in {a, b}` is `x == a or x == b`; `not in` is the
negation; a set chosen by a variable index, `x in near[y]`, is `any(y == i and x in near[i] for i in I)`. Always exact:
where x may be undefined, `not in` and `!=` of tuples ask for `x == x` too, which is false then, as they are.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(expand_memberships, '''
... sets: {N: range(5), Links: {elements: [[0, 1], [1, 2]]}}
... variables: {x: {in: N}, y: {in: N}}
... constraints:
...   - {name: linked, expr: "(x, y) in Links"}
...   - {name: few, expr: "x not in {1, y}"}
... '''))
x in N
y in N
linked: any(x == link and y == link_2 for (link, link_2) in Links)
few: x != 1 and x != y
"""

from __future__ import annotations

from collections.abc import Iterator

from nl2opt.ir.model import Model, Set
from nl2opt.ir.nodes import (
    Aggregate,
    Binary,
    Compare,
    Expr,
    Generator,
    In,
    Name,
    SetLiteral,
    Subscript,
    Tuple,
    conjunction,
    disjunction,
)
from nl2opt.ir.walk import subexpressions
from nl2opt.passes.elements import element
from nl2opt.passes.expand_arrays import index_name
from nl2opt.passes.facts import is_known
from nl2opt.passes.rewrite import Context, Draft, Undo, descend, mentioned, negation, unchanged
from nl2opt.passes.unsupported import unsupported


def expand_memberships(model: Model) -> tuple[Model, Undo]:
    """Model -> the model whose memberships are known before solving."""
    draft = Draft(model)

    def visit(e: Expr, at: Context) -> Expr:
        e = descend(e, at, visit, model)
        if isinstance(e, In) and not is_known(e, model):
            return membership(e, at, model)
        if isinstance(e, Compare) and isinstance(e.left, Tuple) and isinstance(e.right, Tuple):
            return _equal_tuples(e, at, model)
        return e

    return draft.rewrite(visit), unchanged


def membership(e: In, at: Context, model: Model) -> Expr:
    """`item in collection` over variables -> a disjunction of equalities."""
    items = e.item.items if isinstance(e.item, Tuple) else (e.item,)
    if isinstance(e.collection, SetLiteral):
        found = disjunction(*(_equal(items, _items(c), at) for c in e.collection.items))
    elif is_known(e.collection, model):
        taken = {t for g in at.over for t in g.targets} | set(model.symbols) | mentioned(e)
        names: list[str] = []
        for _ in items:
            names.append(index_name(e.collection, taken | set(names)))
        equal = _equal(items, tuple(Name(n) for n in names), at)
        found = Aggregate("any", equal, (Generator(tuple(names), e.collection),))
    elif isinstance(e.collection, Subscript) and isinstance(model.symbols.get(e.collection.name), Set):
        chosen = element(e.collection, at, model)
        inside = In(e.item, chosen.member, e.negated)
        inner = at.bind(chosen.generators)
        body = conjunction(*chosen.equalities, inside if is_known(inside, model) else membership(inside, inner, model))
        return Aggregate("any", body, chosen.generators)
    else:
        raise unsupported("membership in this set", at.item)
    return conjunction(*_defined(items, at, model), negation(found)) if e.negated else found


def _defined(items: tuple[Expr, ...], at: Context, model: Model) -> Iterator[Expr]:
    """Items -> for each that may be undefined, a comparison that is true where it is not."""
    for item in items:
        for part in subexpressions(item):
            chosen = isinstance(part, Subscript) and not all(is_known(i, model) for i in part.index)
            divided = isinstance(part, Binary) and part.op != "**" and not is_known(part.right, model)
            if divided or (chosen and element(part, at, model).defined is not None):  # type: ignore[arg-type]
                yield Compare("==", item, item)
                break


def _items(e: Expr) -> tuple[Expr, ...]:
    return e.items if isinstance(e, Tuple) else (e,)


def _equal(left: tuple[Expr, ...], right: tuple[Expr, ...], at: Context) -> Expr:
    if len(left) != len(right):
        raise unsupported("equality of these tuples", at.item)
    return conjunction(*(Compare("==", a, b) for a, b in zip(left, right, strict=True)))


def _equal_tuples(e: Compare, at: Context, model: Model) -> Expr:
    assert isinstance(e.left, Tuple) and isinstance(e.right, Tuple)
    same = _equal(e.left.items, e.right.items, at)
    if e.op == "==":
        return same
    return conjunction(*_defined((*e.left.items, *e.right.items), at, model), negation(same))
