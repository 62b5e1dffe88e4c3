"""Model -> Kind: what sort of problem it is, and which expressions make it so.

The kind is a name for people and for `--solver auto`; the features are the facts behind it, each with its first place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from nl2opt.ir.infer import declared_type, enter, type_of
from nl2opt.ir.infer.degree import Degree, continuous, degree
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.infer.types import Labelled, Numeric
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model, NamedExpression, Over
from nl2opt.ir.nodes import (
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    Mul,
    Name,
    Not,
    Or,
    Subscript,
)
from nl2opt.ir.walk import children

KindName = Literal["LP", "MILP", "QP", "QCP", "MIQP", "MIQCP", "CP", "NLP", "MINLP"]
FeatureName = Literal[
    "continuous",  # a real variable
    "integer",  # an integer or binary variable
    "in set",  # a variable that takes an element of a set
    "labels",  # ... of a set of labels
    "logic",  # a condition over variables that is no constraint by itself
    "piecewise",  # abs, min, max, piecewise of variables
    "element",  # an index that is a variable
    "membership",  # a tuple of variables in a table, a variable in a set
    "global",  # all_different, circuit, no_overlap, cumulative, ...
    "binary product",  # a product of variables with at most one that is not binary
    "integer product",  # a product of variables, all discrete
    "mixed product",  # a product of a continuous variable and an integer one that is not binary
    "product",  # a product of continuous variables
    "integer division",  # // or % of variables
    "nonlinear",  # sqrt, exp, ..., a variable divisor or exponent, degree above 2
    "soft",  # a constraint with a penalty
]
_GLOBAL = frozenset(("all_different", "circuit", "subcircuit", "no_overlap", "no_overlap_2d", "cumulative"))
_PIECEWISE = frozenset(("abs", "min", "max", "piecewise"))
_SMOOTH = frozenset(("sqrt", "exp", "log", "sin", "cos", "floor", "ceil", "round"))


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that makes a model the kind it is, and the first place it stands."""

    name: FeatureName
    where: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of problem a model is.

    LP: continuous and affine. MILP: with integers, or logic that becomes integers. QP, MIQP: a quadratic objective;
    QCP, MIQCP: quadratic constraints too. CP: discrete throughout, and said with globals, elements, memberships, labels
    or products of integers. NLP, MINLP: functions, powers, quotients of variables.
    """

    name: KindName
    features: tuple[Feature, ...]

    def has(self, *names: FeatureName) -> bool:
        """True where any of the features is there."""
        return any(f.name in names for f in self.features)

    def why(self) -> str:
        """The features as one line: `CP: global (constraints[0] `tour`), in set (variables[0] `succ`)`."""
        return f"{self.name}: " + ", ".join(f"{f.name} ({f.where})" for f in self.features)


def kind_of(model: Model) -> Kind:
    """Model -> its kind. The model is statically valid."""
    found: dict[FeatureName, str] = {}
    for name, where in _features(model):
        found.setdefault(name, where)
    features = tuple(Feature(name, where) for name, where in found.items())
    return Kind(_name(model, frozenset(found)), features)


def kind_of_instance(instance: Instance) -> Kind:
    """Instance -> the kind of its model, with variable types as bound (a variable `in` a data set of integers)."""
    kind = kind_of(instance.model)
    labels = [v for v in instance.variables.values() if v.within and any(not s.is_integer for s in v.within)]
    if labels and not kind.has("labels"):
        return Kind(kind.name, (*kind.features, Feature("labels", f"variables `{labels[0].name}`")))
    return kind


def _name(model: Model, found: frozenset[FeatureName]) -> KindName:
    mixed = bool(found - {"continuous", "product", "nonlinear", "soft"})
    real = "continuous" in found
    if "nonlinear" in found and real:
        return "MINLP" if mixed else "NLP"
    if not real and found & {"global", "element", "membership", "labels", "integer product", "integer division"}:
        return "CP"
    if not real and "nonlinear" in found:
        return "CP" if _whole(model) else "MINLP"
    if found & {"product", "mixed product"}:
        scope = Scope.of(model)
        inside = all(_products_only_in_objective(c.expr, scope) for c in model.constraints)
        return ("MIQP" if mixed else "QP") if inside else ("MIQCP" if mixed else "QCP")
    if mixed:
        return "MILP"
    return "LP"


def _whole(model: Model) -> bool:
    """True where no constraint or objective leaves the integers: powers and products, no roots or quotients."""
    scope = Scope.of(model)
    for over, e in _roots(model):
        stack = [(e, enter(over, scope))]
        while stack:
            node, inner = stack.pop()
            match node:
                case Call(function) if function in _SMOOTH and scope.varies(node):
                    return False
                case Binary("/", _, right) if scope.varies(right):
                    return False
                case _:
                    stack.extend((c, inner) for c in children(node))
    return True


def _products_only_in_objective(e: Expr, scope: Scope) -> bool:
    match e:
        case Mul(factors) if sum(continuous(f, scope) for f in factors) >= 1 and degree(e, scope) >= Degree.QUADRATIC:
            return False
        case Binary("**", left, _) if continuous(left, scope):
            return False
        case Name(name) | Subscript(name, _) if isinstance(s := scope.symbols.get(name), NamedExpression):
            return _products_only_in_objective(s.expr, scope)
        case _:
            return all(_products_only_in_objective(c, scope) for c in children(e))


def _roots(model: Model) -> Iterator[tuple[Over, Expr]]:
    """The expressions that decide: constraints, objectives, and the named expressions among them."""
    for c in model.constraints:
        yield c.over, c.expr
    for o in model.objectives:
        yield (), o.expr
    for n in model.expressions:
        yield n.over, n.expr


def _features(model: Model) -> Iterator[tuple[FeatureName, str]]:
    scope = Scope.of(model)
    for i, v in enumerate(model.variables):
        where = f"variables[{i}] `{v.name}`"
        if v.within is not None:
            yield "in set", where
            if isinstance(declared_type(v, scope), Labelled):
                yield "labels", where
        else:
            yield ("continuous" if v.type == "real" else "integer"), where
    for i, c in enumerate(model.constraints):
        where = f"constraints[{i}] `{c.name}`"
        if c.penalty is not None:
            yield "soft", where
        yield from _of_condition(c.expr, enter(c.over, scope), where)
    for i, o in enumerate(model.objectives):
        yield from _of_node(o.expr, scope, f"objectives[{i}]")
    used = {name for _, e in _roots(model) for name in _names(e)}
    for i, n in enumerate(model.expressions):
        if n.name in used:
            yield from _of_node(n.expr, enter(n.over, scope), f"expressions[{i}] `{n.name}`")


def _names(e: Expr) -> Iterator[str]:
    stack = [e]
    while stack:
        node = stack.pop()
        if isinstance(node, Name | Subscript):
            yield node.name
        stack.extend(children(node))


def _of_condition(e: Expr, scope: Scope, where: str) -> Iterator[tuple[FeatureName, str]]:
    """Features of a condition that is demanded: a comparison or a conjunction of them is no logic."""
    match e:
        case And(args):
            for a in args:
                yield from _of_condition(a, scope, where)
        case Aggregate("all", body, generators):
            yield from _of_condition(body, enter(generators, scope), where)
        case Compare(op, left, right) if op in ("<=", ">=", "==", "<", ">"):
            for side in (left, right):
                yield from _of_node(side, scope, where)
        case Name() | Subscript() if not isinstance(scope.symbols.get(e.name), NamedExpression):
            yield from _of_node(e, scope, where)
        case Not(Name() | Subscript() as arg):
            yield from _of_node(arg, scope, where)
        case Implies(condition, consequence) if not scope.varies(condition):
            yield from _of_condition(consequence, scope, where)
        case _:
            yield from _of_node(e, scope, where)


def _of_node(e: Expr, scope: Scope, where: str) -> Iterator[tuple[FeatureName, str]]:
    if not scope.varies(e):
        return
    inner = scope
    match e:
        case IfElse(condition) | Implies(condition) if not scope.varies(condition):
            pass  # known before solving: one branch is taken
        case And(args) | Or(args) if sum(map(scope.varies, args)) == 1:
            pass
        case Compare() | And() | Or() | Not() | Implies() | Iff() | IfElse():
            yield "logic", where
        case In():
            yield "membership", where
        case Subscript(_, index) if any(scope.varies(i) for i in index):
            yield "element", where
        case Call(function) | Aggregate(function=function) if function in _GLOBAL:
            yield "global", where
        case Call(function) | Aggregate(function=function) if function in _PIECEWISE:
            yield "piecewise", where
        case Call(function) if function in _SMOOTH:
            yield "nonlinear", where
        case Call("all" | "any") | Aggregate(function="all" | "any"):
            yield "logic", where
        case Call("prod") | Aggregate(function="prod"):
            yield ("nonlinear" if continuous(e, scope) else "integer product"), where
        case Aggregate(_, body, generators) if any(scope.varies(c) for g in generators for c in g.conditions):
            yield "logic", where
            if scope.varies(body):
                yield "binary product", where
        case Mul(factors):
            yield from ((name, where) for name in _product([f for f in factors if scope.varies(f)], scope))
        case Binary(op, left, right):
            yield from ((name, where) for name in _binary(op, left, right, scope))
        case _:
            pass
    if isinstance(e, Aggregate):
        inner = enter(e.generators, scope)
    for c in children(e):
        yield from _of_node(c, inner, where)


def _product(factors: list[Expr], scope: Scope) -> Iterator[FeatureName]:
    """Factors that depend on variables -> what their product is."""
    if len(factors) < 2:
        return
    types = [type_of(f, scope) for f in factors]
    binaries = sum(isinstance(t, Numeric) and t.type == "binary" for t in types)
    reals = sum(continuous(f, scope) for f in factors)
    total = sum(degree(f, scope) for f in factors)
    if binaries >= len(factors) - 1:
        yield "binary product"
    elif reals == 0:
        yield "integer product"
    elif reals == len(factors) - binaries and reals >= 2:
        yield "product" if total - binaries <= Degree.QUADRATIC else "nonlinear"
    else:
        yield "mixed product" if total - binaries <= Degree.QUADRATIC else "nonlinear"


def _binary(op: str, left: Expr, right: Expr, scope: Scope) -> Iterator[FeatureName]:
    match op:
        case "//" | "%":
            yield "integer division"
        case "/" if scope.varies(right):
            yield "nonlinear"
        case "**" if scope.varies(right) or not degree(Binary("**", left, right), scope) <= Degree.QUADRATIC:
            yield "nonlinear"
        case "**":
            yield "product" if continuous(left, scope) else "integer product"
        case _:
            pass
