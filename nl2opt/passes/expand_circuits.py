"""`circuit`, `subcircuit` -> all different successors and an order of the visits.

Theorem (Miller, Tucker and Zemlin): successors that are pairwise different form cycles; there is one cycle through all
nodes exactly where numbers `order` exist that rise along every step except the one back to the first node. For
`subcircuit` the node where the numbers may fall is chosen, once at most, among the nodes visited. Exact where the
constraint must hold; as a condition (negated, counted) unsupported.
Source: Miller, Tucker, Zemlin, Integer programming formulation of traveling salesman problems, J. ACM 7 (1960).

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(expand_circuits, '''
... sets: {N: range(5)}
... variables: {go: {over: N, in: N}}
... constraints: [{name: tour, expr: circuit(go)}]
... '''))
go[N] in N
tour_order[n in N] real <= len(N) - 1
tour: all_different(go[n] for n in N)
tour_rises: implies(go[n] == n_2, tour_order[n_2] >= tour_order[n] + 1) for n in N, n_2 in N if n_2 != first(N)
"""

from __future__ import annotations

from dataclasses import replace

from nl2opt.ir.model import Constraint, Model, Over, Variable
from nl2opt.ir.nodes import (
    ONE,
    Aggregate,
    Call,
    Compare,
    Comprehension,
    Expr,
    Generator,
    Implies,
    Name,
    Not,
    add,
    conjunction,
    subscript,
    subtract,
)
from nl2opt.passes.expand_arrays import named
from nl2opt.passes.rewrite import Context, Draft, Undo, descend, renamed, unchanged
from nl2opt.passes.unsupported import unsupported


def expand_circuits(model: Model) -> tuple[Model, Undo]:
    """Model -> the model without circuit and subcircuit."""
    draft = Draft(model)

    def visit(e: Expr, at: Context) -> Expr:
        if not (isinstance(e, Call) and e.function in ("circuit", "subcircuit")):
            return descend(e, at, visit, draft.model)
        if at.counted or at.guarded or at.sign != 1:
            raise unsupported("a tour as a condition", at.item, e.function, "require it, or solve with CP-SAT")
        return _tour(e, at, draft)

    return draft.rewrite(visit), unchanged


def _tour(e: Call, at: Context, draft: Draft) -> Expr:
    over, successor = _successors(e.args[0], at, draft)
    taken = {t for g in (*at.over, *over) for t in g.targets} | set(draft.model.symbols)
    second, (next_one,) = renamed(over, (_index(over),), taken)
    nodes = over[0].source
    last = subtract(Call("len", (nodes,)), ONE)
    draft.variable(f"{at.item}_order", (*at.over, *over), "real", None, last, "place in the tour")
    order = draft.variables[-1].name
    outer = tuple(Name(t) for g in at.over for t in g.targets)
    step = Compare("==", successor, next_one)
    rises = Compare(">=", subscript(order, *outer, next_one), add(subscript(order, *outer, _index(over)), ONE))
    different = Aggregate("all_different", successor, over)
    if e.function == "circuit":
        filtered = (*second[:-1], replace(second[-1], conditions=(Compare("!=", next_one, Call("first", (nodes,))),)))
        draft.constraints.append(
            Constraint(draft.fresh(f"{at.item}_rises"), Implies(step, rises), (*at.bindings, *over, *filtered))
        )
        return different
    starts = draft.variable(f"{at.item}_starts", (*at.over, *over), "binary", description="the tour may start here")
    start_name = draft.variables[-1].name
    moved = Implies(starts, Compare("!=", successor, _index(over)))
    apart_ = (*second[:-1], replace(second[-1], conditions=(Compare("!=", next_one, _index(over)),)))
    falls = subscript(start_name, *outer, next_one)
    draft.constraints += [
        Constraint(draft.fresh(f"{at.item}_start_moves"), moved, (*at.bindings, *over)),
        Constraint(
            draft.fresh(f"{at.item}_one_start"), Compare("<=", Aggregate("sum", starts, over), ONE), at.bindings
        ),
        Constraint(
            draft.fresh(f"{at.item}_rises"),
            Implies(conjunction(step, Not(falls)), rises),
            (*at.bindings, *over, *apart_),
        ),
    ]
    return different


def _successors(argument: Expr, at: Context, draft: Draft) -> tuple[Over, Expr]:
    """The argument of circuit -> bindings over the nodes, and the successor under them."""
    taken = {t for g in at.over for t in g.targets} | set(draft.model.symbols)
    if isinstance(argument, Name):
        symbol = draft.model.symbols[argument.name]
        assert isinstance(symbol, Variable)
        over = named(symbol.over, taken)
        return over, subscript(argument.name, *(Name(t) for g in over for t in g.targets))
    if isinstance(argument, Comprehension) and len(argument.generators) == 1:
        over, (body,) = renamed(argument.generators, (argument.body,), taken)
        return over, body
    raise unsupported("a tour of this argument", at.item)


def _index(over: tuple[Generator, ...]) -> Expr:
    return Name(over[0].targets[0])
