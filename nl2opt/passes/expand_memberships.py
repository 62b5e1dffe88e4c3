"""`x in S`, `(x, y) in T` over variables -> `any` of equalities.

Theorem: `(x, y) in T` is `any(x == a and y == b for (a, b) in T)`; `x in {a, b}` is `x == a or x == b`; `not in` is the
negation; a set chosen by a variable index, `x in near[y]`, is `any(y == i and x in near[i] for i in I)`. Always exact.

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

from nl2opt.ir.model import Model, Set
from nl2opt.ir.nodes import (
    Aggregate,
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
            return _equal_tuples(e, at)
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
    return negation(found) if e.negated else found


def _items(e: Expr) -> tuple[Expr, ...]:
    return e.items if isinstance(e, Tuple) else (e,)


def _equal(left: tuple[Expr, ...], right: tuple[Expr, ...], at: Context) -> Expr:
    if len(left) != len(right):
        raise unsupported("equality of these tuples", at.item)
    return conjunction(*(Compare("==", a, b) for a, b in zip(left, right, strict=True)))


def _equal_tuples(e: Compare, at: Context) -> Expr:
    assert isinstance(e.left, Tuple) and isinstance(e.right, Tuple)
    same = _equal(e.left.items, e.right.items, at)
    return negation(same) if e.op == "!=" else same
