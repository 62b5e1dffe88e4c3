"""Two models -> are they the same for all data: their indexed normal forms drawn as graphs, and an isomorphism of them.

The form keeps what the model says and drops how: names, the order of terms, rows and declarations, named expressions,
sums of sums, which side of a relation a term stands on, a common factor, the sense of the objective. Data are not
looked at, only that the same data are asked for; a parameter of one model is that of the other it plays the part of.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from nl2opt.check.judge.isomorphism import Graph, OutOfTime, isomorphism
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model, Over, Parameter, Set, Variable
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Constant,
    Expr,
    Generator,
    IfElse,
    Iff,
    Implies,
    In,
    Label,
    ListLiteral,
    Mul,
    Name,
    Neg,
    Not,
    Number,
    Or,
    SetLiteral,
    SetOperation,
    Subscript,
    Tuple,
    negative,
    number,
    subtract,
)
from nl2opt.ir.walk import bound_names
from nl2opt.passes.inline_expressions import inline_expressions

MOST = 4000
"""Vertices of a drawing beyond which no isomorphism is looked for."""
_UNORDERED = frozenset(("sum", "prod", "min", "max", "all", "any", "all_different"))


def same_for_all_data(a: Instance, b: Instance, seconds: float) -> bool:
    """True where the models are proved the same whatever their data are; False where that is not shown.

    The isomorphism must carry the data at hand into each other as well, so that it pairs what plays the same part.
    """
    asked = _open(a.model) & _open(b.model)
    one, two = _drawn(a, asked), _drawn(b, asked)
    if one is None or two is None or len(one.colours) > MOST:
        return False
    try:
        return isomorphism(one, two, seconds) is not None
    except OutOfTime:
        return False


def _open(model: Model) -> set[str]:
    """The parameters whose values only the data tell."""
    return {p.name for p in model.parameters if p.value is None and p.rows is None}


def _drawn(instance: Instance, asked: set[str]) -> Graph | None:
    """A model as a graph; the parameters ``asked`` for by both keep their names, for what is told them is the same."""
    try:
        return _Drawing(instance, inline_expressions(instance.model)[0], asked).graph
    except KeyError:  # a named expression that stands where it cannot be replaced, as an array
        return None


class _Drawing:
    """One model as a graph: a vertex for each declaration, each index, each node of an expression."""

    def __init__(self, instance: Instance, model: Model, asked: set[str]) -> None:
        self.graph = Graph()
        self.instance = instance
        self.names: dict[str, int] = {}
        for s in model.sets:
            self.names[s.name] = self.graph.vertex("set", bool(s.over), _size(instance, s))
        for p in model.parameters:
            self.names[p.name] = self.graph.vertex(
                "parameter", p.type == "real", _fingerprint(instance, p), p.name if p.name in asked else ""
            )
        for v in model.variables:
            self.names[v.name] = self.graph.vertex("variable", v.type, v.within is not None)
        for s in model.sets:
            if isinstance(s.elements, Expr):
                self._link(self.names[s.name], self.expression(s.elements, {}), "is")
        for p in model.parameters:
            scope = self._declared(self.names[p.name], p.over)
            if isinstance(p.value, Expr) and not isinstance(p.value, Number):
                self._link(self.names[p.name], self.expression(p.value, scope), "is")
        for v in model.variables:
            self._variable(v)
        for c in model.constraints:
            self._constraint(c.over, c.expr, c.penalty)
        for place, o in enumerate(sorted(model.objectives, key=lambda o: -o.priority)):
            e = o.expr if o.sense == "minimize" else negative(o.expr)
            self._link(self.graph.vertex("goal", place), self.sum_of(e, {}, scale=False))

    def _link(self, source: int, target: int, label: object = None) -> None:
        self.graph.edge(source, target, label)

    def _declared(self, at: int, over: Over) -> dict[str, int]:
        """The indices of a declaration, by position: a subscript's place is which axis it reads."""
        scope: dict[str, int] = {}
        for place, g in enumerate(over):
            self._generator(at, g, scope, ("axis", place))
        return scope

    def _generator(self, at: int, g: Generator, scope: dict[str, int], label: object) -> None:
        binding = self.graph.vertex("for")
        self._link(at, binding, label)
        self._link(binding, self.expression(g.source, scope), "in")
        for k, t in enumerate(g.targets):
            scope[t] = self.graph.vertex("index")
            self._link(binding, scope[t], ("target", k))
        for c in g.conditions:
            for part in c.args if isinstance(c, And) else (c,):
                self._link(binding, self.expression(part, scope), "if")

    def _variable(self, v: Variable) -> None:
        at = self.names[v.name]
        scope = self._declared(at, v.over)
        if v.within is not None:
            self._link(at, self.expression(v.within, scope), "within")
            return
        low = number(0) if v.lower is None else v.lower
        self._link(at, self.expression(low, scope), "lower")
        if v.type == "binary" and v.upper is None:
            self._link(at, self.expression(number(1), scope), "upper")
        elif v.upper is not None:
            self._link(at, self.expression(v.upper, scope), "upper")

    def _constraint(self, over: Over, e: Expr, penalty: Expr | None) -> None:
        """A constraint, its conjunctions and `all(...)` apart."""
        if penalty is None and isinstance(e, And):
            for arg in e.args:
                self._constraint(over, arg, None)
            return
        if penalty is None and isinstance(e, Aggregate) and e.function == "all":
            self._constraint((*over, *e.generators), e.body, None)
            return
        if penalty is None and isinstance(e, Compare) and e.op == "==":
            difference = subtract(e.left, e.right)
            for form in (difference, negative(difference)):
                self._row(over, Compare("<=", form, number(0)), None)
            return
        self._row(over, e, penalty)

    def _row(self, over: Over, e: Expr, penalty: Expr | None) -> None:
        at = self.graph.vertex("row")
        scope: dict[str, int] = {}
        for g in over:
            self._generator(at, g, scope, "for")
        if isinstance(e, Compare) and e.op in ("<=", ">=", "<", ">") and penalty is None:
            left, right = (e.left, e.right) if e.op in ("<=", "<") else (e.right, e.left)
            strict = self.graph.vertex("strict", e.op in ("<", ">"))
            self._link(at, strict)
            self._link(at, self.sum_of(subtract(left, right), scope, scale=True))
        else:
            self._link(at, self.expression(e, scope))
        if penalty is not None:
            self._link(at, self.expression(penalty, scope), "penalty")

    def sum_of(self, e: Expr, scope: dict[str, int], *, scale: bool) -> int:
        """A sum -> its vertex: one edge a term with its coefficient, sums of sums taken apart; ``scale``: coprime."""
        terms = _terms(e)
        constant = sum((c for c, f, gs in terms if not f and not gs), Fraction(0))
        rest = [(c, f, gs) for c, f, gs in terms if f or gs]
        k = _common([c for c, _, _ in rest]) if scale else Fraction(1)
        at = self.graph.vertex("sum", constant * k)
        for c, factors, generators in rest:
            inner = dict(scope)
            term = self.graph.vertex("term", c * k)
            self._link(at, term)
            for g in generators:
                self._generator(term, g, inner, "for")
            for f in factors:
                self._link(term, self.expression(f, inner))
        return at

    def expression(self, e: Expr, scope: dict[str, int]) -> int:
        """An expression -> its vertex."""
        match e:
            case Name(name):
                return scope[name] if name in scope else self.names[name]
            case Number(value):
                return self.graph.vertex("number", value)
            case Constant(name):
                return self.graph.vertex("constant", name)
            case Boolean(value):
                return self.graph.vertex("boolean", value)
            case Label(value):
                return self.graph.vertex("label", value)
            case Subscript(name, index):
                at = self.graph.vertex("at")
                self._link(at, scope[name] if name in scope else self.names[name], "of")
                return self._ordered(at, index, scope)
            case Add() | Mul() | Neg():
                return self.sum_of(e, scope, scale=False)
            case Aggregate("sum", _, _):
                return self.sum_of(e, scope, scale=False)
            case Compare(op, left, right):
                if op in (">=", ">"):
                    left, right, op = right, left, "<=" if op == ">=" else "<"
                at = self.graph.vertex("compare", op)
                if op in ("==", "!="):
                    self._link(at, self.expression(left, scope))
                    self._link(at, self.expression(right, scope))
                    return at
                return self._ordered(at, (left, right), scope)
            case And(args) | Or(args):
                at = self.graph.vertex(type(e).__name__)
                for a in args:
                    self._link(at, self.expression(a, scope))
                return at
            case Iff(left, right):
                at = self.graph.vertex("iff")
                self._link(at, self.expression(left, scope))
                self._link(at, self.expression(right, scope))
                return at
            case Implies(condition, consequence):
                return self.expression(Or((Not(condition), consequence)), scope)
            case Not(Not(inner)):
                return self.expression(inner, scope)
            case Not(arg):
                return self._ordered(self.graph.vertex("not"), (arg,), scope)
            case In(item, collection, negated):
                return self._ordered(self.graph.vertex("in", negated), (item, collection), scope)
            case Binary(op, left, right):
                return self._ordered(self.graph.vertex("binary", op), (left, right), scope)
            case IfElse(condition, then, otherwise):
                return self._ordered(self.graph.vertex("if"), (condition, then, otherwise), scope)
            case SetOperation(op, left, right):
                return self._ordered(self.graph.vertex("set operation", op), (left, right), scope)
            case Tuple(items) | ListLiteral(items):
                return self._ordered(self.graph.vertex(type(e).__name__), items, scope)
            case SetLiteral(items):
                return self._ordered(self.graph.vertex("set"), items, scope)
            case Aggregate(function, body, generators) | Comprehension(function, body, generators):
                at = self.graph.vertex("over", function)
                within = dict(scope)
                for place, g in enumerate(generators):
                    self._generator(at, g, within, "for" if function in _UNORDERED else ("for", place))
                self._link(at, self.expression(body, within), "body")
                return at
            case Call(function, args, wrap):
                at = self.graph.vertex("call", function, wrap)
                if function in _UNORDERED:
                    for a in args:
                        self._link(at, self.expression(a, scope))
                    return at
                return self._ordered(at, args, scope)

    def _ordered(self, at: int, args: tuple[Expr, ...], scope: dict[str, int]) -> int:
        for place, a in enumerate(args):
            self._link(at, self.expression(a, scope), place)
        return at


_Term = tuple[Fraction, tuple[Expr, ...], Over]


def _terms(e: Expr) -> list[_Term]:
    """A sum -> (coefficient, factors, generators) of each of its terms, sums inside sums and products taken apart."""
    match e:
        case Number(value):
            return [(value, (), ())]
        case Neg(arg):
            return [(-c, f, g) for c, f, g in _terms(arg)]
        case Add(terms):
            return [t for x in terms for t in _terms(x)]
        case Aggregate("sum", body, generators):
            return [(c, f, (*generators, *g)) for c, f, g in _terms(body)]
        case Mul(factors):
            products: list[_Term] = [(Fraction(1), (), ())]
            for x in factors:
                parts = _terms(x)
                if any(bound_names(g) & bound_names(i) for _, _, g in products for _, _, i in parts):
                    parts = [(Fraction(1), (x,), ())]  # two sums over one index name are told apart as they stand
                products = [(c * d, (*f, *h), (*g, *i)) for c, f, g in products for d, h, i in parts]
            return products
        case Binary("/", left, Number(value)) if value:
            return [(c / value, f, g) for c, f, g in _terms(left)]
        case _:
            return [(Fraction(1), (e,), ())]


def _common(coefficients: list[Fraction]) -> Fraction:
    """The positive factor that makes coefficients coprime whole numbers."""
    if not coefficients:
        return Fraction(1)
    denominator = lcm(*(c.denominator for c in coefficients))
    divisor = gcd(*(int(c * denominator) for c in coefficients))
    return Fraction(denominator, divisor or 1)


def _size(instance: Instance, s: Set) -> int:
    return len(instance.indexed_sets[s.name]) if s.over else len(instance.sets[s.name])


def _fingerprint(instance: Instance, p: Parameter) -> tuple[object, ...]:
    """What a parameter of the other model must hold to play the part of this one: the same values."""
    values = instance.parameters[p.name]
    if values.elements is not None:
        return ("elements", len(values.elements))
    return tuple(sorted(values.exact))
