"""Named expressions -> their expressions in their place.

Theorem: a named expression denotes its expression (docs/SEMANTICS.md, Expressions), so replacing the name by the
expression, its indices replaced by those of the use, changes no value. Always exact. Indices bound inside the
expression are renamed where a name around the use would capture them; a use with a variable index is first taken apart
by keys (`expand_elements`).

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(inline_expressions, '''
... sets: {I: [a, b]}
... variables: {x: {over: I, type: real}}
... expressions: {made: {over: i in I, expr: "x[i] + 1"}, all_made: "sum(made[i] for i in I)"}
... constraints: [{name: fair, for: i in I, expr: "made[i] <= 0.7 * all_made"}]
... '''))
x[I] real
fair: x[i] + 1 <= 0.7 * sum(x[i_2] + 1 for i_2 in I) for i in I
"""

from __future__ import annotations

from dataclasses import replace

from nl2opt.ir.model import Model, NamedExpression, Over, Parameter
from nl2opt.ir.nodes import (
    ZERO,
    Aggregate,
    Call,
    Compare,
    Comprehension,
    Expr,
    In,
    Name,
    SetLiteral,
    Subscript,
    Tuple,
    add,
    conjunction,
    subscript,
)
from nl2opt.ir.walk import bound_names, map_children, map_over, subexpressions, substitute
from nl2opt.passes.elements import is_element_valued
from nl2opt.passes.expand_elements import expand_elements
from nl2opt.passes.facts import is_formula, is_known
from nl2opt.passes.members import surely_in
from nl2opt.passes.rewrite import Draft, Undo, apart, mentioned, renamed, unchanged
from nl2opt.passes.unsupported import unsupported
from nl2opt.passes.variables_as_filters import variables_as_filters


def inline_expressions(model: Model) -> tuple[Model, Undo]:
    """Model -> the model without named expressions."""
    for _ in range(_MOST_NESTED):
        if not model.expressions:
            return model, unchanged
        model = _inlined(model)
        if model.expressions:  # some have a variable index, perhaps in a filter
            model, _kept = variables_as_filters(model)
            model, _back = expand_elements(model, named_only=True)
    raise unsupported("deeply nested expressions", "expressions")


_MOST_NESTED = 20


def _inlined(model: Model) -> Model:
    draft = Draft(model)
    inline = _Inliner(draft)
    constraints = []
    for c in model.constraints:
        penalty = inline(c.penalty, c.over) if c.penalty is not None else None
        over = map_over(c.over, lambda x, inner=c.over: inline(x, inner))  # type: ignore[misc]
        constraints.append(replace(c, expr=inline(c.expr, c.over), over=over, penalty=penalty))
    objectives = tuple(replace(o, expr=inline(o.expr, ())) for o in model.objectives)
    variables = tuple(
        replace(
            v,
            over=map_over(v.over, lambda x: inline(x, ())),
            lower=inline(v.lower, v.over) if v.lower is not None else None,
            upper=inline(v.upper, v.over) if v.upper is not None else None,
        )
        for v in model.variables
    )
    return replace(
        draft.model,
        expressions=model.expressions if inline.left else (),
        constraints=tuple(constraints),
        objectives=objectives,
        variables=variables,
    )


def inlined(e: Expr, around: Over, draft: Draft) -> Expr:
    """One expression with the named expressions of known indices replaced; ``around`` are the bindings there."""
    return _Inliner(draft)(e, around) if draft.model.expressions else e


class _Inliner:
    """Replaces names of expressions; knows which indices are bound around the place.

    An index that its form does not show to be a key reads a parameter of zeros over the keys as well, which fails with
    the binding where the index is none.
    """

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.model = draft.model
        self.named = {n.name: n for n in draft.model.expressions}
        self.open: list[str] = []
        self.left = False

    def __call__(self, e: Expr, around: Over) -> Expr:
        match e:
            case Name(name) if name in self.named and name not in bound_names(around):
                item = self.named[name]
                return self.body(item, {}, around) if not item.over else e
            case Subscript(name, index) if name in self.named:
                index = tuple(self(i, around) for i in index)
                if all(is_known(i, self.model) for i in index):
                    return self.use(self.named[name], index, around)
                self.left = True
                return Subscript(name, index)
        if isinstance(e, Aggregate | Comprehension):
            around = (*around, *e.generators)
        return map_children(e, lambda x: self(x, around))

    def body(self, item: NamedExpression, values: dict[str, Expr], around: Over) -> Expr:
        if item.name in self.open:
            raise unsupported("a cyclic expression", item.name)
        self.open.append(item.name)
        taken = bound_names(around) | frozenset(n for v in values.values() for n in mentioned(v))
        expr = substitute(apart(item.expr, taken), values)
        result = self(expr, around)
        self.open.pop()
        return result

    def use(self, item: NamedExpression, index: tuple[Expr, ...], around: Over) -> Expr:
        """`e[i, j]` -> the body with its own indices replaced, position by position."""
        targets = [t for g in item.over for t in g.targets]
        placed = _placed(item.expr) & {t for t, i in zip(targets, index, strict=False) if not isinstance(i, Name)}
        if targets and len(targets) == len(index) and all(g.targets for g in item.over) and not placed:
            expr = self.body(item, dict(zip(targets, index, strict=True)), around)
            return expr if self.is_key(item, index, around) else self.checked(item, index, expr)
        if not targets:
            expr = self.body(item, {}, around)
            return expr if self.is_key(item, index, around) else self.checked(item, index, expr)
        # `e[a]` for a tuple a: its coordinates have no names here, so they are found by a generator; so is an index of
        # `prev`, `next` or `position`, which ask for the set it was drawn from
        names = bound_names(around) | {n for i in index for n in mentioned(i)}
        over, (expr,) = renamed(item.over, (apart(item.expr, names),), names)
        found = [Name(t) for g in over for t in g.targets]
        if len(found) == len(index):
            same = conjunction(*(Compare("==", f, i) for f, i in zip(found, index, strict=True)))
        elif len(over) == len(index) == 1:
            same = In(Tuple(tuple(found)), SetLiteral(index))
        else:
            raise unsupported("a tuple as one index of several", item.name)
        (*first, last) = over
        generators = (*first, replace(last, conditions=(*last.conditions, same)))
        body = self(expr, (*around, *over))
        return Aggregate("any" if is_formula(expr, self.model) else "sum", body, generators)

    def is_key(self, item: NamedExpression, index: tuple[Expr, ...], around: Over) -> bool:
        """True where the form of the indices shows that they are a key."""
        if any(g.conditions for g in item.over):
            return False
        if len(item.over) == len(index):
            pairs = zip(item.over, index, strict=True)
            return all(len(g.targets) <= 1 and surely_in(i, g.source, around, self.model) for g, i in pairs)
        (g, *rest) = item.over
        names = tuple(i.name for i in index if isinstance(i, Name))
        return not rest and any(x.source == g.source and x.targets == names for x in around)

    def checked(self, item: NamedExpression, index: tuple[Expr, ...], expr: Expr) -> Expr:
        """The expression, and a look at its keys."""
        keys = next((p.name for p in self.draft.parameters if p.over == item.over and p.value == ZERO), "")
        if not keys:
            keys = self.draft.fresh(f"{item.name}_key")
            self.draft.declare(Parameter(keys, item.over, value=ZERO, description=f"0 at each key of {item.name}"))
        key = subscript(keys, *index)
        if is_formula(expr, self.model):
            return conjunction(Compare("==", key, ZERO), expr)
        return expr if is_element_valued(expr, self.model) else add(expr, key)


def _placed(e: Expr) -> frozenset[str]:
    """The names whose place in their set an expression asks for."""
    calls = [c for c in subexpressions(e) if isinstance(c, Call) and c.function in ("prev", "next", "position")]
    return frozenset(c.args[0].name for c in calls if isinstance(c.args[0], Name))
