"""`piecewise(x, points)` -> weights on the points, two neighbours at most.

Theorem: the line through (x0, y0), (x1, y1), ... at x is sum(y_k * w_k) for weights w >= 0 with sum 1 and
sum(x_k * w_k) == x of which only two neighbours are not 0; which two is chosen by a binary for each piece. Exact; x is
held within the first and the last point. Where the place is only a condition, unsupported.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(linearize_piecewise, '''
... variables: {x: {type: real}}
... objectives: [{minimize: "piecewise(x, [(0, 0), (10, 30), (20, 40)])"}]
... '''))
x real
objective_weight[point in range(3)] real
objective_piece[point in range(3)] binary
minimize 30 * objective_weight[1] + 40 * objective_weight[2]
objective_at: 10 * objective_weight[1] + 20 * objective_weight[2] == x
objective_whole: sum(objective_weight[point] for point in range(3)) == 1
objective_one_piece: sum(objective_piece[point] for point in range(2)) == 1
objective_neighbours: objective_weight[point] <= (objective_piece[point] if point < 2 else 0) \
+ (objective_piece[point - 1] if point > 0 else 0) for point in range(3)
"""

from __future__ import annotations

from nl2opt.ir.model import Model, Over
from nl2opt.ir.nodes import (
    ONE,
    ZERO,
    Aggregate,
    Call,
    Compare,
    Comprehension,
    Expr,
    Generator,
    IfElse,
    ListLiteral,
    Name,
    Tuple,
    add,
    mul,
    number,
    subscript,
    subtract,
)
from nl2opt.ir.text import print_expression
from nl2opt.ir.walk import bound_names, subexpressions
from nl2opt.passes.arithmetic import plus, times
from nl2opt.passes.facts import is_known
from nl2opt.passes.rewrite import Context, Draft, Undo, descend, renamed, unchanged
from nl2opt.passes.strictness import is_testable
from nl2opt.passes.unsupported import unsupported


def linearize_piecewise(model: Model) -> tuple[Model, Undo]:
    """Model -> the model whose piecewise functions are of constants."""
    draft = Draft(model)

    def visit(e: Expr, at: Context) -> Expr:
        if is_known(e, draft.model):
            return e
        if isinstance(e, Compare) and _is_strict(e, at) and is_testable(e, draft.model) and _has_piecewise(e):
            fix = "`<=` and a margin, or solve with CP-SAT or SCIP"
            construct = "a strict comparison of piecewise over whole variables"
            raise unsupported(construct, at.item, print_expression(e), fix)
        if isinstance(e, Call) and e.function == "piecewise":
            if at.guarded:
                raise unsupported("piecewise inside a condition", at.item, fix="name its value by a variable")
            return _weighted(e, visit(e.args[0], at), at, draft)
        return descend(e, at, visit, draft.model)

    return draft.rewrite(visit), unchanged


def _is_strict(e: Compare, at: Context) -> bool:
    """True where the comparison, or its negation if that is what must hold, leaves out its boundary."""
    return at.sign >= 0 if e.op in ("<", ">") else at.sign <= 0 and e.op in ("<=", ">=")


def _has_piecewise(e: Compare) -> bool:
    return any(isinstance(x, Call) and x.function == "piecewise" for x in subexpressions(e))


def _weighted(e: Call, x: Expr, at: Context, draft: Draft) -> Expr:
    family, scope = at.family(e), at.defining(e)
    taken = bound_names(scope) | set(draft.model.symbols)
    points = e.args[1]
    if isinstance(points, Comprehension) and len(points.generators) == 1 and isinstance(points.body, Tuple):
        over, (body,) = renamed(points.generators, (points.body,), taken)
        g = over[0]
        if len(g.targets) != 1 or g.conditions:
            raise unsupported("piecewise over these points", at.item)
        return _over_set(x, body, g, family, scope, at, draft)
    if not isinstance(points, ListLiteral) or not all(isinstance(i, Tuple) for i in points.items):
        raise unsupported("piecewise over these points", at.item)
    n = len(points.items)
    k = "point"
    while k in taken:
        k += "_2"
    every = Generator((k,), Call("range", (number(n),)))
    weight, piece = _families(family, every, at, draft)
    w = [_at(weight, family, number(i)) for i in range(n)]
    coordinates = [p.items for p in points.items if isinstance(p, Tuple)]
    here = plus(*(times(c[0], wk) for c, wk in zip(coordinates, w, strict=True)))
    if n > 1:
        pieces = Generator((k,), Call("range", (number(n - 1),)))
        one = Compare("==", Aggregate("sum", _at(piece, family, Name(k)), (pieces,)), ONE)
        draft.require(f"{at.item}_at", scope, Compare("==", here, x))
        draft.require(f"{at.item}_whole", scope, _whole(weight, family, every))
        draft.require(f"{at.item}_one_piece", scope, one)
        after = IfElse(Compare("<", Name(k), number(n - 1)), _at(piece, family, Name(k)), ZERO)
        before = IfElse(Compare(">", Name(k), ZERO), _at(piece, family, subtract(Name(k), ONE)), ZERO)
        near = Compare("<=", _at(weight, family, Name(k)), add(after, before))
        draft.require(f"{at.item}_neighbours", (*scope, every), near)
    else:
        draft.require(f"{at.item}_at", scope, Compare("==", here, x))
        draft.require(f"{at.item}_whole", scope, _whole(weight, family, every))
    return plus(*(times(c[1], wk) for c, wk in zip(coordinates, w, strict=True)))


def _over_set(x: Expr, body: Expr, g: Generator, family: Over, scope: Over, at: Context, draft: Draft) -> Expr:
    """Points of an ordered set: the piece of k lies between k and the next one."""
    assert isinstance(body, Tuple)
    k = Name(g.targets[0])
    weight, piece = _families(family, g, at, draft)
    w, s = _at(weight, family, k), _at(piece, family, k)
    first, last = Call("first", (g.source,)), Call("last", (g.source,))
    draft.require(f"{at.item}_at", scope, Compare("==", Aggregate("sum", mul(body.items[0], w), (g,)), x))
    draft.require(f"{at.item}_whole", scope, _whole(weight, family, g))
    draft.require(f"{at.item}_one_piece", scope, Compare("==", Aggregate("sum", s, (g,)), ONE))
    before = IfElse(Compare("!=", k, first), _at(piece, family, Call("prev", (k,))), ZERO)
    draft.require(f"{at.item}_neighbours", (*scope, g), Compare("<=", w, add(s, before)))
    ends = Compare("!=", first, last)
    draft.require(f"{at.item}_last_piece", scope, Compare("<=", _at(piece, family, last), IfElse(ends, ZERO, ONE)))
    return Aggregate("sum", mul(body.items[1], w), (g,))


def _families(family: Over, points: Generator, at: Context, draft: Draft) -> tuple[str, str]:
    over = (*family, points)
    draft.variable(f"{at.item}_weight", over, "real", description="weight of a point of the piecewise function")
    weight = draft.variables[-1].name
    draft.variable(f"{at.item}_piece", over, "binary", description="1 where x lies on the piece after this point")
    return weight, draft.variables[-1].name


def _at(name: str, family: Over, k: Expr) -> Expr:
    return subscript(name, *(Name(t) for g in family for t in g.targets), k)


def _whole(weight: str, family: Over, g: Generator) -> Expr:
    return Compare("==", Aggregate("sum", _at(weight, family, Name(g.targets[0])), (g,)), ONE)
