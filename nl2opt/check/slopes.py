"""Expression -> the signs with which its names stand in it: whether it grows where they grow.

A factor counts by its own sign where the document gives its data or its bound of 0; of a parameter whose data are to
come the caller says what is supposed. `max`, `min` and powers with a positive exponent grow with what they are taken
of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nl2opt.ir.infer.scope import mentioned
from nl2opt.ir.model import Model, Nested, Parameter, Value, Variable
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    Binary,
    Call,
    Compare,
    Comprehension,
    Constant,
    Expr,
    IfElse,
    ListLiteral,
    Mul,
    Name,
    Neg,
    Number,
    Subscript,
)

Signs = dict[str, set[int]]
"""Name -> the signs of its coefficients; 0 where one is not known, or where it stands in anything but a sum."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A model, and the sign that data to come are supposed to have."""

    model: Model
    supposed: int


def signs_of(e: Expr, sign: int, model: Model, supposed: int = 0) -> Signs:
    """A sum -> the signs with which its variables stand; ``supposed`` is the sign of data to come, 0 for none."""
    found: Signs = {}
    for name, s in _terms(e, sign, _Known(model, supposed)):
        found.setdefault(name, set()).add(s)
    return found


def _terms(e: Expr, sign: int, known: _Known) -> Iterator[tuple[str, int]]:
    match e:
        case Neg(arg):
            yield from _terms(arg, -sign, known)
        case Add(terms):
            for t in terms:
                yield from _terms(t, sign, known)
        case Aggregate("sum" | "max" | "min", body, generators) | Comprehension("list", body, generators):
            yield from _terms(body, sign, known)
            yield from ((n, 0) for g in generators for x in (g.source, *g.conditions) for n in mentioned(x))
        case ListLiteral(args) | Call("sum" | "max" | "min", args, _):
            for a in args:
                yield from _terms(a, sign, known)
        case Mul(factors):
            signs = {f: _sign(f, known) for f in factors}
            for f in factors:
                others = sign
                for g in factors:
                    others *= signs[g] if g is not f else 1
                yield from _terms(f, others, known)
        case IfElse(condition, then, otherwise):
            yield from ((n, 0) for n in mentioned(condition))
            yield from _terms(then, sign, known)
            yield from _terms(otherwise, sign, known)
        case Binary("**", base, Number(exponent)) if exponent > 0 and _sign(base, known) == 1:
            yield from _terms(base, sign, known)
        case Binary("/" | "//", left, right):
            yield from _terms(left, sign * _sign(right, known), known)
            yield from ((n, 0) for n in mentioned(right))
        case Name(name):
            yield name, sign
        case Subscript(name, index):
            yield name, sign
            yield from ((n, 0) for i in index for n in mentioned(i))
        case _:
            yield from ((n, 0) for n in mentioned(e))


def _sign(e: Expr, known: _Known) -> int:
    """A factor -> 1 or -1 where its sign is known from the document, else 0."""
    match e:
        case Number(value):
            return (value > 0) - (value < 0)
        case Name(name) | Subscript(name, _):
            match known.model.symbols.get(name):
                case Parameter() as p:
                    return _sign_of_data(p, known.supposed)
                case Variable() as v:
                    return int(v.type is not None and (v.lower is None or _at_least_zero(v.lower)))
                case _:
                    return 0
        case Neg(arg):
            return -_sign(arg, known)
        case Mul(factors):
            total = 1
            for f in factors:
                total *= _sign(f, known)
            return total
        case Add(terms):
            signs = {_sign(t, known) for t in terms}
            return signs.pop() if len(signs) == 1 else 0
        case Aggregate("sum" | "max" | "min", body, _) | Comprehension("list", body, _):
            return _sign(body, known)
        case Call("sum" | "max" | "min", args, _) | ListLiteral(args):
            signs = {_sign(a, known) for a in args}
            return signs.pop() if len(signs) == 1 else 0
        case Binary("/", left, right):
            return _sign(left, known) * _sign(right, known)
        case Binary("**", base, _):
            return int(_sign(base, known) == 1)
        case Constant():
            return 1
        case Compare():
            return 1
        case _:
            return 0


def _at_least_zero(bound: Expr) -> bool:
    return isinstance(bound, Number) and bound.value >= 0


def _sign_of_data(p: Parameter, supposed: int) -> int:
    """The sign of a parameter's values where the document gives them, else what is supposed."""
    cells = list(_cells(p.value)) if p.rows is None else [r[-1] for r in p.rows]
    cells += [p.default] if p.default is not None else []
    if p.value is None and p.rows is None and p.within is None:
        return supposed
    if not cells or not all(isinstance(c, Number) for c in cells):
        return 0
    values = [c.value for c in cells if isinstance(c, Number)]
    return 1 if min(values) >= 0 else -1 if max(values) <= 0 else 0


def _cells(value: Value | None) -> Iterator[Expr]:
    if isinstance(value, Nested):
        for item in value.items:
            yield from _cells(item)
    elif value is not None:
        yield value
