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

from nl2opt.ir.model import Model, NamedExpression
from nl2opt.ir.nodes import (
    Aggregate,
    Comprehension,
    Expr,
    Generator,
    In,
    Name,
    SetLiteral,
    Subscript,
    Tuple,
)
from nl2opt.ir.walk import bound_names, map_children, map_over, substitute
from nl2opt.passes.expand_elements import expand_elements
from nl2opt.passes.facts import is_formula, is_known
from nl2opt.passes.rewrite import Undo, apart, mentioned, renamed, unchanged, unsupported


def inline_expressions(model: Model) -> tuple[Model, Undo]:
    """Model -> the model without named expressions."""
    for _ in range(_MOST_NESTED):
        if not model.expressions:
            return model, unchanged
        model = _inlined(model)
        if model.expressions:  # some have a variable index
            model, _back = expand_elements(model, named_only=True)
    raise unsupported("deeply nested expressions", f"at most {_MOST_NESTED} levels of variable indices", "expressions")


_MOST_NESTED = 20


def _inlined(model: Model) -> Model:
    inline = _Inliner(model)
    constraints = []
    for c in model.constraints:
        inner = bound_names(c.over)
        penalty = inline(c.penalty, inner) if c.penalty is not None else None
        over = map_over(c.over, lambda x, inner=inner: inline(x, inner))  # type: ignore[misc]
        constraints.append(replace(c, expr=inline(c.expr, inner), over=over, penalty=penalty))
    objectives = tuple(replace(o, expr=inline(o.expr, frozenset())) for o in model.objectives)
    variables = tuple(
        replace(
            v,
            over=map_over(v.over, lambda x: inline(x, frozenset())),
            lower=inline(v.lower, bound_names(v.over)) if v.lower is not None else None,
            upper=inline(v.upper, bound_names(v.over)) if v.upper is not None else None,
        )
        for v in model.variables
    )
    return replace(
        model,
        expressions=model.expressions if inline.left else (),
        constraints=tuple(constraints),
        objectives=objectives,
        variables=variables,
    )


class _Inliner:
    """Replaces names of expressions; knows which indices are bound around the place."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.named = {n.name: n for n in model.expressions}
        self.open: list[str] = []
        self.left = False

    def __call__(self, e: Expr, around: frozenset[str]) -> Expr:
        match e:
            case Name(name) if name in self.named and name not in around:
                item = self.named[name]
                return self.body(item, {}, around) if not item.over else e
            case Subscript(name, index) if name in self.named:
                index = tuple(self(i, around) for i in index)
                if all(is_known(i, self.model) for i in index):
                    return self.use(self.named[name], index, around)
                self.left = True
                return Subscript(name, index)
        if isinstance(e, Aggregate | Comprehension):
            around = around | bound_names(e.generators)
        return map_children(e, lambda x: self(x, around))

    def body(self, item: NamedExpression, values: dict[str, Expr], around: frozenset[str]) -> Expr:
        if item.name in self.open:
            raise unsupported("a cyclic expression", "a named expression may not use itself", item.name)
        self.open.append(item.name)
        taken = around | frozenset(n for v in values.values() for n in mentioned(v))
        expr = apart(item.expr, taken)
        expr = substitute(expr, values)
        result = self(expr, taken)
        self.open.pop()
        return result

    def use(self, item: NamedExpression, index: tuple[Expr, ...], around: frozenset[str]) -> Expr:
        """`e[i, j]` -> the body with its own indices replaced, position by position."""
        targets = [t for g in item.over for t in g.targets]
        if not targets:
            return self.body(item, {}, around)
        if len(targets) == len(index) and all(g.targets for g in item.over):
            return self.body(item, dict(zip(targets, index, strict=True)), around)
        # `e[a]` for a tuple a: its coordinates have no names here, so they are found by a generator
        names = set(around) | {n for i in index for n in mentioned(i)}
        over, (expr,) = renamed(item.over, (apart(item.expr, names),), names)
        if len(over) != 1 or len(index) != 1:
            raise unsupported("a tuple as one index of several", "name its coordinates", item.name)
        same = In(Tuple(tuple(Name(t) for t in over[0].targets)), SetLiteral(index))
        generator = Generator(over[0].targets, over[0].source, (*over[0].conditions, same))
        inner = frozenset(names) | bound_names(over)
        return Aggregate("any" if is_formula(expr, self.model) else "sum", self(expr, inner), (generator,))
