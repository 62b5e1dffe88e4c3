"""Model -> Model: no condition that need not hold reads a value that may be undefined.

Theorem: an index by a variable outside its set, or a zero divisor, makes the nearest enclosing condition false
(docs/SEMANTICS.md, Undefined). So `a[x] <= 3` is `x in I and a[x if x in I else first(I)] <= 3`, where `a` is read
inside its set only; the same with `b != 0` for a divisor b. Exact. A comparison that must hold, and reads the value
whatever else is chosen, is left as it is: the value's own constraint then holds the index in its set.
"""

from __future__ import annotations

from dataclasses import replace

from nl2opt.emitters.python.indices import dependent
from nl2opt.emitters.python.reasons import UNSUPPORTED
from nl2opt.emitters.python.signs import is_nonnegative
from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Constraint, Model, NamedExpression, Parameter, Set, Variable
from nl2opt.ir.nodes import (
    ONE,
    ZERO,
    Add,
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Comprehension,
    Expr,
    IfElse,
    Implies,
    In,
    Name,
    Not,
    Number,
    Or,
    Subscript,
    Tuple,
    conjunction,
    disjunction,
)
from nl2opt.ir.text import print_expression
from nl2opt.ir.walk import map_children
from nl2opt.passes.facts import is_formula, is_known
from nl2opt.passes.members import choice_of

Partial = tuple[Expr, tuple[Expr, ...]]
"""A number that is defined everywhere, and the conditions under which it is the one meant."""


def make_total(model: Model, instance: Instance) -> Model:
    """Model -> the same meaning, with the conditions of definedness written out where they are needed."""
    total = _Total(model, instance)
    constraints = [
        replace(c, expr=total.required(c.expr) if c.penalty is None else total.condition(c.expr))
        for c in model.constraints
    ]
    objectives = []
    for o in model.objectives:
        expr, needs = total.number(o.expr, held=True)
        objectives.append(replace(o, expr=expr))
        constraints += [Constraint(f"defined_{k + 1}", need) for k, need in enumerate(needs)]
    return replace(model, constraints=tuple(constraints), objectives=tuple(objectives))


def definedness(e: Expr, model: Model, instance: Instance) -> tuple[Expr, ...]:
    """A number, an element, or a tuple or list of them -> the conditions under which it has a value; each is itself
    defined where those before it hold."""
    return _Total(model, instance, plain=True).number(e, held=False)[1]


class _Total:
    """The walk; ``held``: the number stands in a condition that must hold, so its own index may be constrained;
    ``plain``: only the conditions are asked for, the numbers in them stay as they are."""

    def __init__(self, model: Model, instance: Instance, plain: bool = False) -> None:
        self.model = model
        self.instance = instance
        self.plain = plain

    def required(self, e: Expr) -> Expr:
        """A condition that must hold."""
        if is_known(e, self.model):
            return e
        match e:
            case And(args):
                return conjunction(*map(self.required, args))
            case Aggregate("all", body, generators):
                return Aggregate("all", self.required(body), generators)
            case Implies(known, consequence) if is_known(known, self.model):
                return Implies(known, self.required(consequence))
            case Or((known, *rest)) if is_known(known, self.model):
                return disjunction(known, self.required(disjunction(*rest)))
            case Compare() | In() | Call() | Aggregate("all_different"):
                return self._leaf(e, held=True)
            case _:
                return self.condition(e)

    def condition(self, e: Expr) -> Expr:
        """A condition that may fail."""
        if self.plain or is_known(e, self.model):
            return e
        match e:
            case Compare() | In() | Aggregate("all_different") | Subscript():
                return self._leaf(e, held=False)
            case Call() if is_formula(e, self.model):
                return self._leaf(e, held=False)
            case Aggregate(function, body, generators):
                return Aggregate(function, self.condition(body), generators)
            case _:
                return map_children(e, self.condition)

    def _leaf(self, e: Expr, held: bool) -> Expr:
        parts: list[tuple[Expr, ...]] = []

        def inner(x: Expr) -> Expr:
            expr, needs = self.number(x, held)
            parts.append(needs)
            return expr

        rewritten = self._aggregated(e, held, parts) if isinstance(e, Aggregate) else map_children(e, inner)
        if isinstance(e, Subscript):
            rewritten, needs = self.number(e, held)
            parts = [needs]
        return conjunction(*dict.fromkeys(n for needs in parts for n in needs), rewritten)

    def number(self, e: Expr, held: bool) -> Partial:
        """A number (or a list of them), or a condition counted in one."""
        if is_known(e, self.model):
            return e, ()
        if is_formula(e, self.model):
            return self.condition(e), ()
        parts: list[tuple[Expr, ...]] = []

        def inner(x: Expr) -> Expr:
            expr, needs = self.number(x, held)
            parts.append(needs)
            return expr

        match e:
            case Subscript():
                expr = self._subscript(e, parts, held)
            case Binary("//" | "%" | "/", left, right) if not is_known(right, self.model):
                numerator, divisor = inner(left), inner(right)
                if not held and not self._is_nonzero(divisor):
                    nonzero = Compare("!=", divisor, ZERO)
                    parts.append((nonzero,))
                    divisor = divisor if self.plain else IfElse(nonzero, divisor, ONE)
                expr = Binary(e.op, numerator, divisor)
            case IfElse(condition, then, otherwise):
                test = self.condition(condition)
                branches = [self.number(x, held and is_known(condition, self.model)) for x in (then, otherwise)]
                for guard, (_, needs) in zip((test, Not(test)), branches, strict=True):
                    parts.append(tuple(Implies(guard, n) for n in needs))
                expr = IfElse(test, branches[0][0], branches[1][0])
            case Aggregate() | Comprehension():
                expr = self._aggregated(e, held, parts)
            case _:
                expr = map_children(e, inner)
        return expr, tuple(n for needs in parts for n in needs)

    def _aggregated(self, e: Aggregate | Comprehension, held: bool, parts: list[tuple[Expr, ...]]) -> Expr:
        body, needs = self.number(e.body, held)
        parts.append(tuple(Aggregate("all", n, e.generators) for n in needs))
        return replace(e, body=body)

    def _subscript(self, e: Subscript, parts: list[tuple[Expr, ...]], held: bool) -> Expr:
        symbol = self.model.symbols.get(e.name)
        index = []
        for i in e.index:
            expr, needs = self.number(i, held)
            parts.append(needs)
            index.append(expr)
        decided = [k for k, i in enumerate(index) if not is_known(i, self.model)]
        if not decided or held or not isinstance(symbol, Parameter | Variable | NamedExpression | Set):
            return Subscript(e.name, tuple(index))
        if isinstance(symbol, Set) and not self.plain:
            return Subscript(e.name, tuple(index))
        apart = len(symbol.over) == len(index) and not dependent(symbol.over)
        if not apart or any(g.conditions for g in symbol.over):
            if self.plain:
                key = Tuple(tuple(index)) if len(index) > 1 else index[0]
                targets = tuple(Name(t) for g in symbol.over for t in g.targets)
                keys = Comprehension("set", Tuple(targets) if len(targets) > 1 else targets[0], symbol.over)
                parts.append((In(key, keys),))
                return Subscript(e.name, tuple(index))
            found, reason = print_expression(e), UNSUPPORTED["element of filtered keys"]
            raise Unsupported(Diagnostic("E601", "cannot write an index by a variable", found=found, expected=reason))
        for k in decided:
            axis = symbol.over[k].source
            choice = choice_of(index[k], self.model)
            if choice is not None and choice.within == axis:
                continue
            inside = In(index[k], axis)
            parts.append((inside,))
            if not self.plain:
                index[k] = IfElse(inside, index[k], Call("first", (axis,)))
        return Subscript(e.name, tuple(index))

    def _is_nonzero(self, e: Expr) -> bool:
        """True where these data keep a divisor above 0."""
        match e:
            case Number(value):
                return value > 0
            case Name(name) | Subscript(name, _) if name in self.instance.variables:
                family = self.instance.variables[name]
                if family.within is not None:
                    return all(isinstance(x, int) and x > 0 for s in family.within for x in s)
                return all(low is not None and low > 0 for low in family.lower)
            case Add(terms):
                return any(map(self._is_nonzero, terms)) and all(is_nonnegative(t, self.instance) for t in terms)
            case _:
                return False
