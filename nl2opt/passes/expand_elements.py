"""`a[x]` with a variable index -> a sum over the keys x may take.

Theorem: `a[x]` is `sum(a[k] * (x == k) for k in K)` where x lies in the index set K of a; an index outside K makes the
nearest enclosing comparison false (docs/SEMANTICS.md, Undefined), so that comparison is joined with
`any(x == k for k in K)` unless x ranges over K itself. As a condition `a[x]` is
`any(x == k and a[k] for k in K)`. Where a holds elements, `a[x] == b` is
`any(x == k and a[k] == b for k in K)`. Always exact.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(expand_elements, '''
... sets: {Singers: [ada, bo], Rows: [front, back]}
... parameters: {cost: {over: Rows, value: [3, 2]}, late: {over: "range(4)", value: [0, 1, 1, 0]}}
... variables: {row: {over: Singers, in: Rows}, t: {type: integer, upper: 9}}
... constraints:
...   - {name: price, expr: "sum(cost[row[s]] for s in Singers) <= 5"}
...   - {name: slot, expr: "late[t] == 1"}
... '''))
row[Singers] in Rows
t integer <= 9
price: sum(sum(cost[row_2] * (row[s] == row_2) for row_2 in Rows) for s in Singers) <= 5
slot: any(t == k for k in range(4)) and sum(late[k] * (t == k) for k in range(4)) == 1
"""

from __future__ import annotations

from dataclasses import replace

from nl2opt.ir.model import Model, NamedExpression, Objective, Over, Set
from nl2opt.ir.nodes import Aggregate, Compare, Expr, IfElse, Implies, Not, Subscript, conjunction
from nl2opt.passes.elements import element, is_element_valued
from nl2opt.passes.facts import is_known
from nl2opt.passes.rewrite import Context, Draft, Undo, descend, unchanged


def expand_elements(model: Model, named_only: bool = False) -> tuple[Model, Undo]:
    """Model -> the model whose indices are known before solving; ``named_only``: those of named expressions."""
    expander = _Expander(model, named_only)
    constraints = [replace(c, expr=expander.closed(c.expr, Context(c.name, c.over))) for c in model.constraints]
    objectives = [expander.objective(o) for o in model.objectives]
    return expander.draft.finish(constraints, objectives), unchanged


class _Expander:
    """One model on its way, and what must hold for the indices met so far to be defined."""

    def __init__(self, model: Model, named_only: bool) -> None:
        self.model = model
        self.named_only = named_only
        self.draft = Draft(model)
        self.defined: list[tuple[Expr, Context]] = []

    def objective(self, o: Objective) -> Objective:
        """One objective; what its indices need becomes a constraint."""
        changed = self.draft.objective(o, self.visit)
        for condition in self.needed(Context("objective")):
            self.draft.require("objective_defined", (), condition)
        return changed

    def closed(self, e: Expr, at: Context) -> Expr:
        """A condition joined with what its indices need to be defined."""
        outer, self.defined = self.defined, []
        result = self.visit(e, at)
        needed = self.needed(at)
        self.defined = outer
        return conjunction(*needed, result)

    def atomic(self, e: Compare, at: Context) -> Expr:
        """A comparison joined with what its indices need."""
        outer, self.defined = self.defined, []
        result = descend(e, at, self.visit, self.model)
        needed = self.needed(at)
        self.defined = outer
        return conjunction(*needed, result)

    def needed(self, at: Context) -> list[Expr]:
        """The conditions noted under a context, closed over the bindings between, with their own indices expanded."""
        found: list[Expr] = []
        for condition in self.closing(at):
            whole = self.visit(condition, at)
            if whole not in found:
                found.append(whole)
        return found

    def closing(self, at: Context) -> list[Expr]:
        """The conditions noted under a context, closed over the bindings between; none is noted any more."""
        noted, self.defined = self.defined, []
        found: list[Expr] = []
        for condition, inner in noted:
            conditions, generators = between(at, inner)
            whole = Aggregate("all", condition, generators) if generators else condition
            found.append(Implies(conjunction(*conditions), whole) if conditions else whole)
        return found

    def choice(self, e: IfElse, at: Context) -> Expr:
        """A choice over variables: the indices of a branch need to be defined only where it is chosen."""
        branches: list[Expr] = []
        for test, part in ((e.condition, e.then), (Not(e.condition), e.otherwise)):
            outer, self.defined = self.defined, []
            branches.append(self.visit(part, at))
            inside = self.closing(at)
            self.defined = [*outer, *((Implies(test, c), at) for c in inside)]
        return IfElse(self.visit(e.condition, replace(at, sign=0, counted=False)), *branches)

    def visit(self, e: Expr, at: Context) -> Expr:
        match e:
            case Compare():
                pushed = self.pushed(e, at)
                return self.atomic(e, at) if pushed is None else self.visit(pushed, at)
            case IfElse(condition, _, _) if not is_known(condition, self.model):
                return self.choice(e, at)
            case Subscript() if self.is_chosen(e):
                chosen = element(e, at, self.model)
                if at.truth:  # a condition of its own, false where it is undefined
                    held = conjunction(*chosen.equalities, chosen.member)
                    return self.visit(Aggregate("any", held, chosen.generators), at)
                if chosen.defined is not None:
                    self.defined.append((chosen.defined, at))
                return self.visit(chosen.value, at)
            case _:
                return descend(e, at, self.visit, self.model)

    def is_chosen(self, e: Subscript) -> bool:
        """True for a parameter, variable or expression with a variable index."""
        symbol = self.model.symbols.get(e.name)
        if isinstance(symbol, Set) or (self.named_only and not isinstance(symbol, NamedExpression)):
            return False
        return not all(is_known(i, self.model) for i in e.index)

    def pushed(self, e: Compare, at: Context) -> Expr | None:
        """A comparison of elements: into the branches of a choice, to the keys of an index by variable."""
        if e.op not in ("==", "!="):
            return None
        for a, b in ((e.left, e.right), (e.right, e.left)):
            if not is_element_valued(a, self.model):
                continue
            if isinstance(a, IfElse):
                return IfElse(a.condition, Compare(e.op, a.then, b), Compare(e.op, a.otherwise, b))
            if isinstance(a, Subscript) and self.is_chosen(a):
                chosen = element(a, at, self.model)
                body = conjunction(*chosen.equalities, Compare(e.op, chosen.member, b))
                return Aggregate("any", body, chosen.generators)
        return None


def between(outer: Context, inner: Context) -> tuple[tuple[Expr, ...], Over]:
    """Two contexts, one inside the other -> the known conditions and the generators between them."""
    a, b = outer.bindings, inner.bindings
    known: list[Expr] = []
    if a and b:
        known = [c for c in b[len(a) - 1].conditions if c not in a[-1].conditions]
    extra = tuple(g for g in b[len(a) :] if g.targets != ("once",))
    once = [c for g in b[len(a) :] if g.targets == ("once",) for c in g.conditions]
    return (*known, *once), extra
