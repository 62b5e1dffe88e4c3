"""Model -> Draft -> Model: what every rewrite shares, the walk with its context and the making of new declarations.

A rewrite is a function `apply(model) -> (model, undo)`; `undo` maps a point of the new model back to one of the old.
The walk `descend` knows, at every node, the index bindings in scope and the *sign*: +1 where replacing a number by a
larger one (a condition by a stronger one) never admits a new solution, -1 where a smaller (weaker) one does not, 0
where only an equal one will do.
Source for polarity: Plaisted and Greenbaum, A structure-preserving clause form translation, J. Symbolic Comp. 2 (1986).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Protocol

from nl2opt.ir import limits
from nl2opt.ir.instance import Point
from nl2opt.ir.model import Constraint, Model, NumberType, Objective, Over, Parameter, Set, Variable
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Comprehension,
    Expr,
    Generator,
    IfElse,
    Iff,
    Implies,
    Mul,
    Name,
    Neg,
    Not,
    Number,
    Or,
    add,
    conjunction,
    disjunction,
    mul,
    negative,
    subscript,
)
from nl2opt.ir.walk import all_names, bound_names, free_names, map_children, map_over, subexpressions, substitute
from nl2opt.passes.facts import is_formula, is_known, sign_of

Undo = Callable[[Point], Point]


class Rewrite(Protocol):
    """One theorem: a model, and an equivalent one with the way back for its points."""

    def __call__(self, model: Model, /) -> tuple[Model, Undo]: ...


def unchanged(point: Point) -> Point:
    """The way back of a rewrite that keeps the variables."""
    return point


@dataclass(frozen=True, slots=True)
class Context:
    """Where a node stands: in which item, under which bindings and known conditions, with which sign.

    ``counted``: a condition here is a 0/1 number. ``guarded``: it need not hold as a whole for the item to hold.
    ``truth``: the node stands as a condition, not as a number.
    """

    item: str
    over: Over = ()
    known: tuple[Expr, ...] = ()
    sign: int = 1
    counted: bool = False
    guarded: bool = False
    truth: bool = True

    def bind(self, generators: Over) -> Context:
        """The context inside generators."""
        return replace(self, over=(*self.bindings, *generators), known=()) if generators else self

    def given(self, *conditions: Expr) -> Context:
        """The context where known conditions hold."""
        return replace(self, known=(*self.known, *conditions)) if conditions else self

    def flip(self) -> Context:
        """The context under a negation."""
        return replace(self, sign=-self.sign)

    def signed(self, sign: int) -> Context:
        """The context with its sign times ``sign``."""
        return replace(self, sign=self.sign * sign)

    @property
    def bindings(self) -> Over:
        """The index bindings with the known conditions as their filter."""
        if not self.known:
            return self.over
        if self.over:
            return (*self.over[:-1], replace(self.over[-1], conditions=(*self.over[-1].conditions, *self.known)))
        return (Generator(("once",), Call("range", (Number(Fraction(1)),)), self.known),)

    def family(self, e: Expr) -> Over:
        """The bindings an auxiliary for ``e`` is indexed by: those it mentions, and those a filter mentions."""
        return tuple(g for g in self.defining(e) if g.targets != ("once",))

    def defining(self, e: Expr) -> Over:
        """The bindings under which ``e`` is defined: its family, and the known conditions of a scalar item."""
        over = self.bindings
        needed = set(free_names(e))
        for g in over:
            for c in g.conditions:
                needed |= free_names(c)
        kept: list[Generator] = []
        for g in reversed(over):
            if needed & set(g.targets) or g.conditions:
                kept.append(g)
                needed |= free_names(g.source)
        return tuple(reversed(kept))


Visit = Callable[[Expr, Context], Expr]


def descend(e: Expr, at: Context, visit: Visit, model: Model) -> Expr:
    """Node -> the node over visit(child, context of the child), in canonical form."""

    def number(x: Expr, context: Context) -> Expr:
        if is_formula(x, model) and not context.counted:
            return visit(x, replace(context, counted=True, guarded=True, truth=False))
        return visit(x, replace(context, truth=False))

    def condition(x: Expr, context: Context) -> Expr:
        return visit(x, replace(context, counted=False, truth=True))

    if is_formula(e, model) and at.counted:
        at = replace(at, sign=-at.sign, counted=False, guarded=True, truth=True)
    match e:
        case Neg(arg):
            return negative(number(arg, at.flip()))
        case Add(terms):
            return add(*(number(t, at) for t in terms))
        case Mul(factors):
            return mul(*(number(f, _factor(f, factors, at, model)) for f in factors))
        case Binary("/", left, right) if is_known(right, model):
            return Binary("/", number(left, at.signed(sign_of(right, model))), right)
        case Compare(op, left, right):
            sides = {"<=": (1, -1), "<": (1, -1), ">=": (-1, 1), ">": (-1, 1)}.get(op, (0, 0))
            at = replace(at, guarded=at.guarded or op == "!=")
            return Compare(op, number(left, at.signed(sides[0])), number(right, at.signed(sides[1])))
        case And(args):
            return conjunction(*_in_turn(args, at, condition, model, lambda known: known))
        case Or(args):
            inner = replace(at, guarded=True)
            return disjunction(*_in_turn(args, inner, condition, model, Not))
        case Not(arg):
            return Not(condition(arg, replace(at.flip(), guarded=True)))
        case Implies(left, right):
            inner = replace(at, guarded=True)
            then = inner.given(left) if is_known(left, model) else inner
            return Implies(condition(left, inner.flip()), condition(right, then))
        case Iff(left, right):
            inner = replace(at, sign=0, guarded=True)
            return Iff(condition(left, inner), condition(right, inner))
        case IfElse():
            return _choice(e, at, condition, number, model)
        case Aggregate(function, body, generators):
            inner = at.bind(generators)
            if function in ("all", "any"):
                inner = replace(inner, guarded=at.guarded or function == "any")
                return Aggregate(function, condition(body, inner), generators)
            keep = 1 if function in ("sum", "min", "max") else 0
            return Aggregate(function, number(body, inner.signed(keep)), generators)
        case Comprehension(kind, body, generators):
            return Comprehension(kind, number(body, replace(at.bind(generators), sign=0)), generators)
        case Call("min" | "max" | "sum", args, wrap):
            return Call(e.function, tuple(number(a, at) for a in args), wrap)
        case _:
            return map_children(e, lambda x: number(x, replace(at, sign=0)))


def _factor(f: Expr, factors: tuple[Expr, ...], at: Context, model: Model) -> Context:
    """The context of one factor: its sign survives only beside known factors of one sign."""
    sign, guarded = 1, at.guarded
    for other in factors:
        if other is not f:
            known = is_known(other, model)
            sign *= sign_of(other, model) if known else 0
            guarded = guarded or not known
    return replace(at.signed(sign), guarded=guarded)


def _in_turn(
    args: tuple[Expr, ...], at: Context, visit: Visit, model: Model, learn: Callable[[Expr], Expr]
) -> list[Expr]:
    """Arguments of `and`, `or` from left to right: what is known on the left guards what stands to its right."""
    out = []
    for a in args:
        out.append(visit(a, at))
        if is_known(a, model):
            at = at.given(learn(a))
    return out


def _choice(e: IfElse, at: Context, condition: Visit, number: Visit, model: Model) -> Expr:
    branch = condition if is_formula(e, model) else number
    if is_known(e.condition, model):
        return IfElse(
            e.condition, branch(e.then, at.given(e.condition)), branch(e.otherwise, at.given(Not(e.condition)))
        )
    inner = replace(at, guarded=True)
    test = condition(e.condition, replace(inner, sign=0))
    return IfElse(test, branch(e.then, inner), branch(e.otherwise, inner))


@dataclass
class Draft:
    """A model being rewritten: takes new declarations and constraints, with names apart from all that exist."""

    model: Model
    names: set[str] = field(default_factory=set)
    sets: list[Set] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = all_names(self.model)

    def fresh(self, wanted: str) -> str:
        """A wanted name -> it, or it with a number: apart from every other name."""
        base = re.sub(r"\W", "_", wanted)[: limits.NAME_CHARACTERS - 5]
        name, n = base, 2
        while name in self.names:
            name, n = f"{base}_{n}", n + 1
        self.names.add(name)
        return name

    def variable(
        self, wanted: str, over: Over, type: NumberType, lower: Expr | None = None, upper: Expr | None = None,
        description: str = "",
    ) -> Expr:  # fmt: skip
        """A new family of variables over bindings -> the reference to the member of the binding in scope."""
        name = self.fresh(wanted)
        self.decide(Variable(name, over, type, None, lower, upper, description=description))
        return member(name, over)

    def decide(self, variable: Variable) -> None:
        """Add variables whose name is already fresh."""
        self.variables.append(variable)
        self.model = replace(self.model, variables=(*self.model.variables, variable))

    def parameter(self, wanted: str, over: Over, value: Expr, description: str = "") -> Expr:
        """A new derived parameter over bindings -> the reference to the value of the binding in scope."""
        name = self.fresh(wanted)
        self.declare(Parameter(name, over, "real", value=value, description=description))
        return member(name, over)

    def declare(self, parameter: Parameter) -> None:
        """Add a parameter whose name is already fresh."""
        self.parameters.append(parameter)
        self.model = replace(self.model, parameters=(*self.model.parameters, parameter))

    def require(self, wanted: str, over: Over, expr: Expr, like: Constraint | None = None) -> None:
        """Add a constraint of its own."""
        anchors = like.anchors if like is not None else ()
        self.constraints.append(Constraint(self.fresh(wanted), expr, over, anchors=anchors))

    def finish(self, constraints: Iterable[Constraint], objectives: Iterable[Objective]) -> Model:
        """The rewritten items and everything new -> the model."""
        return replace(
            self.model, constraints=(*constraints, *self.constraints), objectives=tuple(objectives)
        )  # fmt: skip

    def rewrite(self, visit: Visit) -> Model:
        """Every constraint and objective through ``visit``."""
        constraints = [replace(c, expr=visit(c.expr, Context(c.name, c.over))) for c in self.model.constraints]
        return self.finish(constraints, [self.objective(o, visit) for o in self.model.objectives])

    def objective(self, o: Objective, visit: Visit) -> Objective:
        """One objective through ``visit``: the larger is worse where it is minimized."""
        sign = 1 if o.sense == "minimize" else -1
        at = Context("objective", sign=sign, truth=False)
        return replace(
            o, expr=visit(o.expr, replace(at, counted=True, guarded=True) if is_formula(o.expr, self.model) else at)
        )


def member(name: str, over: Over) -> Expr:
    """A family over bindings -> its member at the binding in scope."""
    index = [Name(t) for g in over for t in g.targets]
    return subscript(name, *index) if index else Name(name)


def negation(e: Expr) -> Expr:
    """A condition -> its negation, carried inwards as far as it goes (negation normal form)."""
    opposite = {"<=": ">", ">": "<=", ">=": "<", "<": ">=", "==": "!=", "!=": "=="}
    match e:
        case Compare(op, left, right):
            return Compare(opposite[op], left, right)  # type: ignore[arg-type]
        case Not(arg):
            return arg
        case And(args):
            return disjunction(*(negation(a) for a in args))
        case Or(args):
            return conjunction(*(negation(a) for a in args))
        case Implies(condition, consequence):
            return conjunction(condition, negation(consequence))
        case Iff(left, right):
            return Iff(left, negation(right))
        case IfElse(condition, then, otherwise):
            return IfElse(condition, negation(then), negation(otherwise))
        case Aggregate("all", body, generators):
            return Aggregate("any", negation(body), generators)
        case Aggregate("any", body, generators):
            return Aggregate("all", negation(body), generators)
        case _:
            return Not(e)


def renamed(
    generators: Over, bodies: tuple[Expr, ...], taken: set[str] | frozenset[str]
) -> tuple[Over, tuple[Expr, ...]]:
    """Generators and what stands under them, with index names apart from ``taken``."""
    clash = [t for g in generators for t in g.targets if t in taken]
    if not clash:
        return generators, bodies
    inside = {n for b in bodies for n in mentioned(b)} | set(taken)
    new: dict[str, str] = {}
    for t in clash:
        n = 2
        while f"{t}_{n}" in inside or f"{t}_{n}" in new.values():
            n += 1
        new[t] = f"{t}_{n}"
    values: Mapping[str, Expr] = {old: Name(name) for old, name in new.items()}
    over = tuple(
        replace(g, targets=tuple(new.get(t, t) for t in g.targets))
        for g in map_over(generators, lambda x: substitute(x, values))
    )
    return over, tuple(substitute(b, values) for b in bodies)


def mentioned(e: Expr) -> set[str]:
    """Node -> every name in it, bound ones and targets of generators included."""
    names: set[str] = set(free_names(e))
    for node in subexpressions(e):
        if isinstance(node, Aggregate | Comprehension):
            names |= bound_names(node.generators)
        elif isinstance(node, Name):
            names.add(node.name)
    return names


def apart(e: Expr, taken: set[str] | frozenset[str]) -> Expr:
    """Node -> the same with its inner generators' indices named apart from ``taken`` (capture avoided)."""
    if isinstance(e, Aggregate | Comprehension):
        generators, (body,) = renamed(e.generators, (e.body,), taken)
        e = replace(e, generators=generators, body=body)
    return map_children(e, lambda x: apart(x, taken))
