"""A variable `in` a set -> one binary variable an element, exactly one of them 1.

Theorem: x in S is the same as binaries `x_is[k]`, k in S, with sum 1: `x == k` is `x_is[k]`, a whole number x is
`sum(k * x_is[k])`, `position(x)` is `sum(position(k) * x_is[k])`. Two such variables are equal where
`x_is[k] <= y_is[k]` for every k, different where `x_is[k] + y_is[k] <= 1`.
Always exact. The way back reads the element from the binary that is 1.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(expand_variables_in_sets, '''
... sets: {Singers: [ada, bo], Rows: [front, back]}
... variables: {row: {over: Singers, in: Rows}}
... constraints:
...   - {name: three, expr: "sum(row[s] == 'front' for s in Singers) == 1"}
...   - {name: place, expr: "position(row['bo']) <= 1"}
...   - {name: friends, expr: "row['ada'] == row['bo']"}
... '''))
row_is[singer in Singers, row_2 in Rows] binary
three: sum(row_is[s, 'front'] for s in Singers) == 1
place: sum(position(row_2) * row_is['bo', row_2] for row_2 in Rows) <= 1
friends: all(row_is['ada', row_2] <= row_is['bo', row_2] for row_2 in Rows)
row_one: sum(row_is[singer, row_2] for row_2 in Rows) == 1 for singer in Singers
"""

from __future__ import annotations

from dataclasses import replace

from nl2opt.ir.instance import Key, Point, Value
from nl2opt.ir.model import Constraint, Model, Set, Variable
from nl2opt.ir.nodes import (
    ONE,
    Aggregate,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Expr,
    Generator,
    IfElse,
    In,
    Name,
    Not,
    Subscript,
    Tuple,
    add,
    mul,
    subscript,
)
from nl2opt.ir.walk import bound_names
from nl2opt.passes.arithmetic import minus, negated
from nl2opt.passes.declared import Indicator
from nl2opt.passes.expand_arrays import index_name, named
from nl2opt.passes.facts import is_known
from nl2opt.passes.members import Choice, choice_of, shifted, surely_in
from nl2opt.passes.rewrite import Context, Draft, Undo, descend, member, mentioned, negation, renamed


def expand_variables_in_sets(model: Model) -> tuple[Model, Undo]:
    """Model -> the model whose variables are numbers and whose indices are known before solving."""
    expander = _Expander(model)
    draft = expander.draft
    changed = draft.rewrite(expander.visit)
    variables = tuple(v for v in changed.variables if v.within is None)
    return replace(changed, variables=variables), expander.undo


class _Expander:
    """One model on its way, and the families of binaries made."""

    def __init__(self, model: Model) -> None:
        self.source = model
        self.draft = Draft(model)
        self.family: dict[str, str] = {}
        self.arity: dict[str, int] = {}
        for v in model.variables:
            if v.within is not None:
                self.declare(v)

    def declare(self, v: Variable) -> None:
        assert v.within is not None
        taken = set(self.draft.model.symbols)
        over = named(v.over, taken)
        over, (within,) = renamed(over, (v.within,), taken)
        k = index_name(within, taken | bound_names(over) | {n for g in over for n in mentioned(g.source)})
        inside = (Generator((k,), within),)
        name = self.family[v.name] = self.draft.fresh(f"{v.name}_is")
        arity = self.arity[v.name] = element_arity(within, self.source)
        every = (*over, *inside)
        text = f"1 where {v.name} is this element"
        self.draft.decide(Indicator(name, every, "binary", description=text, variable=v.name, arity=arity))
        reference = member(name, every)
        one = Compare("==", Aggregate("sum", reference, inside), ONE)
        self.draft.constraints.append(Constraint(self.draft.fresh(f"{v.name}_one"), one, over, anchors=v.anchors))

    def undo(self, point: Point) -> Point:
        """Point of the binaries -> point with an element for each variable in a set."""
        out: dict[str, dict[Key, Value]] = {
            name: dict(values) for name, values in point.items() if name not in self.family.values()
        }
        for name, family in self.family.items():
            best: dict[Key, tuple[float, Key]] = {}
            n = self.arity[name]
            for key, value in point[family].items():
                owner, chosen = key[:-n], key[-n:]
                if owner not in best or float(value) > best[owner][0]:  # type: ignore[arg-type]
                    best[owner] = (float(value), chosen)  # type: ignore[arg-type]
            out[name] = {key: chosen[0] if n == 1 else chosen for key, (_, chosen) in best.items()}
        return out

    # nodes -----------------------------------------------------------------------------------------------------------

    def visit(self, e: Expr, at: Context) -> Expr:
        model = self.source
        if isinstance(e, Name | Subscript) and (choice := choice_of(e, model)) is not None:
            return self.number(choice, at)
        match e:
            case Compare("==" | "!=" as op, left, right):
                return self.equality(e, op == "==", left, right, at)
            case Compare():
                return descend(e, at, self.visit, self.draft.model)
            case Call("position", (arg,), _) if (choice := choice_of(arg, model)) is not None:
                return self.number(choice, at, lambda k: Call("position", (k,)))
            case _:
                return descend(e, at, self.visit, self.draft.model)

    def number(self, choice: Choice, at: Context, of: object = None) -> Expr:
        """A variable in a set of integers as a number; ``of`` maps the element to what is summed."""
        k = self.index(choice, at)
        weight = of(Name(k)) if callable(of) else Name(k)
        reference = self.member(choice, Name(k))
        return Aggregate("sum", mul(weight, reference), (Generator((k,), choice.within),))

    def index(self, choice: Choice, at: Context) -> str:
        taken = bound_names(at.over) | set(self.draft.model.symbols) | {n for i in choice.index for n in mentioned(i)}
        return index_name(choice.within, taken)

    def member(self, choice: Choice, k: Expr) -> Expr:
        return subscript(self.family[choice.variable.name], *choice.index, k)

    def equality(self, e: Compare, positive: bool, left: Expr, right: Expr, at: Context) -> Expr:
        """`left == right` (or `!=`) where elements may be involved."""
        model = self.source
        for a, b in ((left, right), (right, left)):
            part = shifted(a, model)
            if part is not None and is_known(b, model):
                k = b if part.rest == add() and part.sign == 1 else minus(b, part.rest)
                k = negated(k) if part.sign == -1 else k
                literal = self.literal(part.choice, k, at)
                return literal if positive else self.opposite(literal, at)
        x, y = choice_of(left, model), choice_of(right, model)
        if x is not None and y is not None:
            return self.same(x, y, positive, at)
        return descend(e, at, self.visit, self.draft.model)

    def opposite(self, literal: Expr, at: Context) -> Expr:
        return Boolean(not literal.value) if isinstance(literal, Boolean) else Not(literal)

    def literal(self, choice: Choice, k: Expr, at: Context) -> Expr:
        """`x == k` -> the binary of k, 0 where k is no element of the set of x."""
        sure = surely_in(k, choice.within, at.over, self.source)
        if sure is False:
            return Boolean(False)
        reference = self.member(choice, k)
        return reference if sure else IfElse(In(k, choice.within), reference, Boolean(False))

    def same(self, x: Choice, y: Choice, positive: bool, at: Context) -> Expr:
        """`x == y`, `x != y` of two variables in sets, in the form the sign of the place asks for."""
        name = self.index(x, at)
        k = Name(name)
        taken = {n for i in y.index for n in mentioned(i)}
        while k.name in taken:
            k = Name(k.name + "_2")
        each = Generator((k.name,), x.within)
        both = each if x.within == y.within else replace(each, conditions=(In(k, y.within),))
        a, b = self.member(x, k), self.member(y, k)
        sign = -at.sign if at.counted else at.sign
        if sign == 0:
            count = Aggregate("sum", mul(a, b), (both,))
            return Compare(">=" if positive else "<", count, ONE)
        if (sign > 0) == positive:
            guarded = b if x.within == y.within else IfElse(In(k, y.within), b, Boolean(False))
            equal = Aggregate("all", Compare("<=", a, guarded), (each,))
            return equal if positive else negation(equal)
        differ = Aggregate("all", Compare("<=", add(a, b), ONE), (both,))
        return Not(differ) if positive else differ


def element_arity(source: Expr, model: Model) -> int:
    """Set expression -> coordinates of an element as far as its form shows; 1 where only data can say."""
    match source:
        case Name(name) | Subscript(name, _):
            symbol = model.symbols.get(name)
            elements = symbol.elements if isinstance(symbol, Set) else None
            if isinstance(elements, tuple):
                return len(elements[0]) if elements and isinstance(elements[0], tuple) else 1
            return element_arity(elements, model) if isinstance(elements, Expr) else 1
        case Comprehension(_, Tuple(items), _):
            return len(items)
        case _:
            return 1
