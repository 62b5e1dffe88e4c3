"""Comparison -> Row: its terms moved to one side, so that two ways of writing the same row look the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Literal

from nl2opt.ir.infer import enter
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.model import Model, NamedExpression, Over
from nl2opt.ir.nodes import (
    ONE,
    Add,
    Aggregate,
    Binary,
    Call,
    Compare,
    Comprehension,
    Expr,
    Generator,
    ListLiteral,
    Mul,
    Name,
    Neg,
    Number,
    Subscript,
    mul,
)
from nl2opt.ir.polynomial import Polynomial, expression, plus, polynomial, scaled, times
from nl2opt.ir.walk import map_children, map_over, substitute


@dataclass(frozen=True)
class Term:
    """``coefficient * atom`` summed over ``generators``; the atom is None in the constant. ``scope`` is that inside."""

    generators: Over
    coefficient: Polynomial
    atom: Expr | None
    scope: Scope


@dataclass(frozen=True)
class Row:
    """``terms + constant`` <= 0, == 0 or != 0; ``strict`` where a `<` was written."""

    op: Literal["<=", "==", "!="]
    terms: tuple[Term, ...]
    constant: Polynomial
    strict: bool = False

    def negated(self) -> Row:
        """The row of an equation with every sign turned."""
        terms = tuple(replace(t, coefficient=scaled(t.coefficient, _MINUS)) for t in self.terms)
        return replace(self, terms=terms, constant=scaled(self.constant, _MINUS))


_MINUS = -ONE.value
Varies = Callable[[Expr], bool]


def row_of(e: Compare, scope: Scope, varies: Varies) -> Row:
    """Comparison -> its row; ``varies`` says what counts as depending on variables."""
    left, right = (e.right, e.left) if e.op in (">=", ">") else (e.left, e.right)
    found = [*_terms(left, scope, varies), *(_negative(t) for t in _terms(right, scope, varies))]
    total: Polynomial = {}
    merged: dict[tuple[Over, Expr], Term] = {}
    for t in found:
        if t.atom is None:
            total = plus(total, t.coefficient)
            continue
        key = _anonymous(t)
        if key in merged:
            t = replace(merged[key], coefficient=plus(merged[key].coefficient, t.coefficient))
        merged[key] = t
    op: Literal["<=", "==", "!="] = "==" if e.op == "==" else "!=" if e.op == "!=" else "<="
    return Row(op, tuple(t for t in merged.values() if t.coefficient), total, e.op in ("<", ">"))


def _negative(t: Term) -> Term:
    return replace(t, coefficient=scaled(t.coefficient, _MINUS))


def _terms(e: Expr, scope: Scope, varies: Varies) -> Iterator[Term]:
    if not varies(e):
        yield Term((), polynomial(e), None, scope)
        return
    match e:
        case Neg(arg):
            yield from (_negative(t) for t in _terms(arg, scope, varies))
        case Add(terms):
            for t in terms:
                yield from _terms(t, scope, varies)
        case Mul(factors) if sum(map(varies, factors)) == 1:
            fixed = polynomial(mul(*(f for f in factors if not varies(f))))
            inner = next(f for f in factors if varies(f))
            yield from (replace(t, coefficient=times(t.coefficient, fixed)) for t in _terms(inner, scope, varies))
        case Binary("/", left, right) if not varies(right):
            fixed = polynomial(Binary("/", ONE, right)) if not isinstance(right, Number) else {(): 1 / right.value}
            yield from (replace(t, coefficient=times(t.coefficient, fixed)) for t in _terms(left, scope, varies))
        case Aggregate("sum", body, generators):
            yield from _summed(body, generators, scope, varies)
        case Call("sum", (Name(name),)) if (over := array_over(name, scope)) is not None:
            generators, element = over
            yield from _summed(element, generators, scope, varies)
        case Call("sum", (ListLiteral(items),)) | Call("sum", items) if len(items) > 1:
            for item in items:
                yield from _terms(item, scope, varies)
        case Call("sum", (Comprehension("list", body, generators),)):
            yield from _summed(body, generators, scope, varies)
        case _:
            yield Term((), {(): ONE.value}, e, scope)


def _summed(body: Expr, generators: Over, scope: Scope, varies: Varies) -> Iterator[Term]:
    """The terms of a sum; a filter over variables multiplies a constant body."""
    tests = [c for g in generators for c in g.conditions if varies(c)]
    if tests and (varies(body) or len(tests) > 1):
        yield Term((), {(): ONE.value}, Aggregate("sum", body, generators), scope)
        return
    kept = tuple(replace(g, conditions=tuple(c for c in g.conditions if not varies(c))) for g in generators)
    for t in _terms(mul(body, tests[0]) if tests else body, enter(kept, scope), varies):
        if t.atom is None:
            whole = Aggregate("sum", body, generators)
            yield Term((), polynomial(whole) if not varies(body) else _wrapped(t, kept), None, scope)
        else:
            yield replace(t, generators=(*kept, *t.generators))


def _wrapped(t: Term, generators: Over) -> Polynomial:
    """The constant part of a sum's body, summed."""
    return polynomial(Aggregate("sum", expression(t.coefficient), generators))


def array_over(name: str, scope: Scope) -> tuple[Over, Expr] | None:
    """Bare array name -> the generators over all its elements, and one element; None for anything else."""
    over: Over = getattr(scope.symbols.get(name), "over", ())
    if not over:
        return None
    taken = {*scope.indices, *scope.symbols}
    named: list[Generator] = []
    for g in over:
        targets = g.targets or (_fresh(g.source, taken),)
        taken.update(targets)
        named.append(replace(g, targets=targets))
    index = tuple(Name(t) for g in named for t in g.targets)
    return tuple(named), Subscript(name, index)


def _fresh(source: Expr, taken: set[str]) -> str:
    stem = source.name[0].lower() if isinstance(source, Name) else "i"
    return next(n for n in chain((stem,), (f"{stem}{k}" for k in count(1))) if n not in taken)


def _anonymous(t: Term) -> tuple[Over, Expr]:
    """A term's generators and atom with the indices renamed in order, so that equal terms are equal."""
    names = {old: Name(f"_{k}") for k, old in enumerate(n for g in t.generators for n in g.targets)}
    renamed = map_over(t.generators, lambda e: substitute(e, names))
    generators = tuple(replace(g, targets=tuple(names[n].name for n in g.targets)) for g in renamed)
    assert t.atom is not None
    return generators, substitute(t.atom, names)


def inline(e: Expr, model: Model, depth: int = 0) -> Expr:
    """Expression -> the same with named expressions in their place; their inner indices are renamed apart."""
    match e:
        case Name(name) | Subscript(name, _) if isinstance(symbol := model.symbols.get(name), NamedExpression):
            index = tuple(inline(i, model, depth) for i in e.index) if isinstance(e, Subscript) else ()
            targets = [t for g in symbol.over for t in g.targets]
            if len(targets) != len(index):
                return e
            body = _apart(symbol.expr, depth)
            return inline(substitute(body, dict(zip(targets, index, strict=True))), model, depth + 1)
        case _:
            return map_children(e, lambda x: inline(x, model, depth))


def _apart(e: Expr, depth: int) -> Expr:
    """Expression -> the same with the indices of its generators renamed, so that nothing put into it is captured."""
    match e:
        case Aggregate(_, body, generators) | Comprehension(_, body, generators):
            names = {n: Name(f"{n}_{depth + 1}") for g in generators for n in g.targets}
            renamed: Over = ()
            for g in generators:
                source, conditions = substitute(g.source, names), tuple(substitute(c, names) for c in g.conditions)
                targets = tuple(names[n].name for n in g.targets)
                parts = tuple(_apart(c, depth) for c in conditions)
                renamed = (*renamed, Generator(targets, _apart(source, depth), parts))
            return replace(e, body=_apart(substitute(body, names), depth), generators=renamed)
        case _:
            return map_children(e, lambda x: _apart(x, depth))
