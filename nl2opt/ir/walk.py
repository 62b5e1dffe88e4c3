"""Moving over expressions: children, rewriting, free names, substitution. No meaning lives here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from nl2opt.ir.model import Model, Over
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
    add,
    conjunction,
    disjunction,
    mul,
    negative,
    subscript,
)


def children(e: Expr) -> tuple[Expr, ...]:
    """Node -> its direct subexpressions, generators' sources and conditions included, in reading order."""
    match e:
        case Number() | Constant() | Boolean() | Label() | Name():
            return ()
        case Subscript(_, index):
            return index
        case Tuple(items) | SetLiteral(items) | ListLiteral(items):
            return items
        case SetOperation(_, left, right) | Binary(_, left, right) | Compare(_, left, right) | Iff(left, right):
            return (left, right)
        case Neg(arg) | Not(arg):
            return (arg,)
        case Add(terms):
            return terms
        case Mul(factors):
            return factors
        case In(item, collection, _):
            return (item, collection)
        case And(args) | Or(args) | Call(_, args, _):
            return args
        case Implies(condition, consequence):
            return (condition, consequence)
        case IfElse(condition, then, otherwise):
            return (condition, then, otherwise)
        case Aggregate(_, body, generators) | Comprehension(_, body, generators):
            return (*(x for g in generators for x in (g.source, *g.conditions)), body)
        case _:
            assert_never(e)


def map_children(e: Expr, f: Callable[[Expr], Expr]) -> Expr:
    """Node -> the same node over f(child), in canonical form; the node itself where nothing changed."""
    match e:
        case Number() | Constant() | Boolean() | Label() | Name():
            return e
        case Subscript(name, index):
            return subscript(name, *map(f, index))
        case Tuple(items):
            return Tuple(tuple(map(f, items)))
        case SetLiteral(items):
            return SetLiteral(tuple(map(f, items)))
        case ListLiteral(items):
            return ListLiteral(tuple(map(f, items)))
        case SetOperation(op, left, right):
            return SetOperation(op, f(left), f(right))
        case Neg(arg):
            return negative(f(arg))
        case Add(terms):
            return add(*map(f, terms))
        case Mul(factors):
            return mul(*map(f, factors))
        case Binary(op, left, right):
            return Binary(op, f(left), f(right))
        case Compare(op, left, right):
            return Compare(op, f(left), f(right))
        case In(item, collection, negated):
            return In(f(item), f(collection), negated)
        case And(args):
            return conjunction(*map(f, args))
        case Or(args):
            return disjunction(*map(f, args))
        case Not(arg):
            return Not(f(arg))
        case Implies(condition, consequence):
            return Implies(f(condition), f(consequence))
        case Iff(left, right):
            return Iff(f(left), f(right))
        case IfElse(condition, then, otherwise):
            return IfElse(f(condition), f(then), f(otherwise))
        case Aggregate(function, body, generators):
            mapped = map_over(generators, f)
            return Aggregate(function, f(body), mapped)
        case Comprehension(kind, body, generators):
            mapped = map_over(generators, f)
            return Comprehension(kind, f(body), mapped)
        case Call(function, args, wrap):
            return Call(function, tuple(map(f, args)), wrap)
        case _:
            assert_never(e)


def map_over(over: Over, f: Callable[[Expr], Expr]) -> Over:
    """Generators -> the same generators over f(source) and f(condition)."""
    return tuple(replace(g, source=f(g.source), conditions=tuple(map(f, g.conditions))) for g in over)


def subexpressions(e: Expr) -> Iterator[Expr]:
    """Node -> itself and everything below it, outermost first."""
    stack = [e]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def bound_names(generators: Over) -> frozenset[str]:
    """Generators -> the index names they bind."""
    return frozenset(t for g in generators for t in g.targets)


def free_names(e: Expr) -> frozenset[str]:
    """Node -> names it mentions that no generator inside it binds (declared things and outer indices)."""
    match e:
        case Name(name):
            return frozenset((name,))
        case Subscript(name, index):
            return frozenset((name,)).union(*map(free_names, index))
        case Aggregate(_, body, generators) | Comprehension(_, body, generators):
            names: set[str] = set()
            bound: set[str] = set()
            for g in generators:
                names |= free_names(g.source) - bound
                bound |= set(g.targets)
                for c in g.conditions:
                    names |= free_names(c) - bound
            return frozenset(names | (free_names(body) - bound))
        case _:
            return frozenset().union(*map(free_names, children(e)))


def substitute(e: Expr, values: Mapping[str, Expr]) -> Expr:
    """Node -> the node with free `Name`s replaced. The caller keeps generator names apart from the replacements'."""
    if not values:
        return e
    match e:
        case Name(name):
            return values.get(name, e)
        case Aggregate(_, _, generators) | Comprehension(_, _, generators):
            hidden = bound_names(generators)
            inner = {k: v for k, v in values.items() if k not in hidden}
            return map_children(e, lambda x: substitute(x, inner))
        case _:
            return map_children(e, lambda x: substitute(x, values))


def all_names(model: Model) -> set[str]:
    """Model -> every name in use, declared or bound by a generator, so that a new one can be made apart from them."""
    names = {c.name for c in model.constraints} | {o.name for o in model.outputs} | set(model.symbols)
    for over, exprs in scopes(model):
        names |= bound_names(over)
        for e in exprs:
            for node in subexpressions(e):
                if isinstance(node, Aggregate | Comprehension):
                    names |= bound_names(node.generators)
    return names


def scopes(model: Model) -> Iterator[tuple[Over, tuple[Expr, ...]]]:
    """Model -> (index bindings, expressions under them) for each item of each section, in document order."""
    expression = tuple(Expr.__args__)
    for s in model.sets:
        yield s.over, (s.elements,) if isinstance(s.elements, expression) else ()
    for p in model.parameters:
        own = tuple(x for x in (p.value, p.default, p.within) if isinstance(x, expression))
        yield p.over, own
    for v in model.variables:
        yield v.over, tuple(x for x in (v.lower, v.upper, v.within) if x is not None)
    for n in model.expressions:
        yield n.over, (n.expr,)
    for c in model.constraints:
        yield c.over, (c.expr, *((c.penalty,) if c.penalty is not None else ()))
    for o in model.objectives:
        yield (), (o.expr,)
    for out in model.outputs:
        yield (), (out.expr,)
