"""Constraints and objectives against their words: at most and at least, minimize and maximize (P05).

Three witnesses, the first that speaks decides: words that state a side or suggest one; and where the words are silent,
the objective. A limit stands against what the objective wants; one that only pushes the same way is idle, and where no
word asks for it, it was turned round.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from nl2opt.check.aims import aims_in, aims_of_nouns
from nl2opt.check.mentions import mentions, named
from nl2opt.check.places import Findings, places
from nl2opt.check.rows import Row, Term, row_of
from nl2opt.check.told import DOUBLY, LEANS, asks, compared_side, told_side
from nl2opt.check.wants import desires, idle_side, runs_backwards
from nl2opt.check.wording import Side
from nl2opt.ir.infer import enter
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.model import Constraint, Model, Objective, Over, Parameter
from nl2opt.ir.nodes import (
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Comprehension,
    Expr,
    Label,
    Mul,
    Name,
    Number,
    Subscript,
)
from nl2opt.ir.passage import segment
from nl2opt.ir.polynomial import Polynomial
from nl2opt.ir.walk import subexpressions

_LAG = re.compile(r"\b(?:within|at most|no later|no longer|latest|no more|not more|up to|wait)\b", re.I)
"""Words of a greatest distance in time, the one thing an end after a start may mean."""


def check_directions(model: Model, found: Findings) -> None:
    """Constraints whose words, or else the objective, put the limit on the other side."""
    scope = Scope.of(model)
    wanted = desires(model)
    said = {"<=": "at most", ">=": "at least"}
    for place, item in places(model):
        if not isinstance(item, Constraint):
            continue
        words = [a.text for a in item.anchors if a.kind == "quote"]
        written = written_side(item.expr, item.over, scope, " ".join(words))
        told = told_side(words, *_values_of(item.expr, model))
        if told and (by_number := _side_of_number(item, words, model)):
            written = by_number
        elif told is None and written and _two_things(item, model):
            told = compared_side(words)
        if told is None and written == ">=" and any(LEANS.search(w) for w in words) and not asks(written, words):
            told = "<="
        if told and written and told != written:
            found.at(place, "P05", item.expr, f"the words say {said[told]}, the expression {said[written]}",
                     f"{said[told]}, or another quote", "turn the comparison round")  # fmt: skip
            continue
        if runs_backwards(item, model) and not any(_LAG.search(w) for w in words):
            found.at(place, "P05", item.expr, "an end that is no earlier than the next start",
                     "the end of one at most the start of the other", "turn the comparison round")  # fmt: skip
            continue
        plain = bool(words) and told is None and not any(DOUBLY.search(w) for w in words)
        side = idle_side(item, wanted, model, written) if plain else None
        if side and not asks(side, words):
            found.at(place, "P05", item.expr,
                         f"no word says {said[side]}, and the objective needs no such limit",
                         "a limit against what the objective wants", "turn the comparison round")  # fmt: skip


def check_aims(model: Model, found: Findings) -> None:
    """Objectives whose words state the other sense and not their own: those quoted, else those around them, else, of a
    single objective, those of the whole text."""
    for place, item in places(model):
        if not isinstance(item, Objective):
            continue
        quotes = [a.text for a in item.anchors if a.kind == "quote"]
        sentences = [s.text for s in segment(model.text).sentences if any(q in s.text for q in quotes)]
        whole = [model.text] if len(model.objectives) == 1 else []
        readings = [(aims_in, quotes), (aims_in, sentences), (aims_of_nouns, quotes), (aims_in, whole)]
        for reading, texts in readings:
            told = {sense for t in texts for sense in reading(t)}
            if item.sense in told:
                break
            if told:
                other = told.pop()
                found.add("P05", str(place), f"{item.sense}, and the words {other}", other, "turn the sense round")
                break


def _values_of(e: Expr, model: Model) -> tuple[frozenset[Fraction], frozenset[Fraction]]:
    """The numbers an expression computes with, literals and single numbers it names; and those that only choose what it
    speaks of, in its filters."""
    filters = [
        x
        for n in subexpressions(e)
        if isinstance(n, Aggregate | Comprehension)
        for g in n.generators
        for x in g.conditions
    ]
    chosen, every = [x for f in filters for x in _single(f, model)], list(_single(e, model))
    for v in chosen:
        every.remove(v)
    return frozenset(every), frozenset(chosen) - frozenset(every)


def _single(e: Expr, model: Model) -> Iterator[Fraction]:
    for n in subexpressions(e):
        symbol = model.symbols.get(n.name) if isinstance(n, Name) else n
        value = symbol.value if isinstance(symbol, Parameter) else symbol
        if isinstance(value, Number):
            yield value.value


def written_side(e: Expr, over: Over, scope: Scope, words: str = "") -> Side | None:
    """A constraint -> the side on which it holds what ``words`` speak of first; None for every other form."""
    scope = enter(over, scope)
    match e:
        case Compare("<=" | ">=" | "<" | ">"):
            return _side(row_of(e, scope, scope.varies), words)
        case Aggregate("all", body, generators):
            return written_side(body, generators, scope, words)
        case And(args):
            sides = {written_side(a, (), scope, words) for a in args}
            return sides.pop() if len(sides) == 1 else None
        case _:
            return None


def _side_of_number(c: Constraint, words: Sequence[str], model: Model) -> Side | None:
    """The side on which a constraint holds what is compared with the one number of its words: `<=` where that number
    stands with what is larger. None where it is not plain.

    In `weight * goes <= 50 * made` the 50 is an upper bound, whatever the words speak of first.
    """
    if not isinstance(c.expr, Compare) or c.expr.op in ("==", "!="):
        return None
    numbers = {q.value for w in words for q in segment(w).quantities if q.kind != "name"}
    scope = enter(c.over, Scope.of(model))
    row = row_of(c.expr, scope, scope.varies)
    if any(isinstance(t.atom, Binary | Call) for t in row.terms):
        return None
    signs: set[int] = set()
    for p in (row.constant, *(t.coefficient for t in row.terms)):
        for monomial, coefficient in p.items():
            if any(n in numbers for n in _numbers_in(monomial, coefficient, model)):
                signs.add(1 if coefficient > 0 else -1)
    return None if len(signs) != 1 else "<=" if signs == {-1} else ">="


def _numbers_in(monomial: Iterable[Expr], coefficient: Fraction, model: Model) -> Iterator[Fraction]:
    """The numbers of a product: its coefficient, and the single numbers of the document in it."""
    if abs(coefficient) != 1:
        yield abs(coefficient)
    for atom in monomial:
        symbol = model.symbols.get(atom.name) if isinstance(atom, Name) else None
        if isinstance(symbol, Parameter) and isinstance(symbol.value, Number):
            yield abs(symbol.value.value)


def _two_things(c: Constraint, model: Model) -> bool:
    """True where a constraint compares one variable with another, a number aside."""
    if not isinstance(c.expr, Compare):
        return False
    scope = enter(c.over, Scope.of(model))
    row = row_of(c.expr, scope, scope.varies)
    plain = all(isinstance(t.atom, Subscript | Name) and not t.generators for t in row.terms)
    return len(row.terms) == 2 and plain and all(not m for m in row.constant)


def _side(row: Row, words: str) -> Side | None:
    """terms + constant <= 0: an upper bound where the signs of the terms are plus, a lower one where they are minus.

    Where they differ, amounts are compared: the one that is meant is named by its label or name, or named first.
    """
    one = len(row.terms) == 1 and isinstance(row.terms[0].atom, Call) and row.terms[0].atom.function in ("abs", "max")
    if not one and any(isinstance(t.atom, Mul | Binary | Call) for t in row.terms):
        return None  # of what is not linear the words may mean any part
    signs = {_sign(t.coefficient, t.scope.model) for t in row.terms}
    if len(signs) > 1:
        signs = {_sign(t.coefficient, t.scope.model) for t in _subjects(row, words)}
    elif not row.constant and len(row.terms) != 1:
        return None
    return "<=" if signs == {1} else ">=" if signs == {-1} else None


def _subjects(row: Row, words: str) -> Sequence[Term]:
    """The terms of a comparison that its words speak of first."""
    labels = {id(t): [n.value for n in subexpressions(t.atom) if isinstance(n, Label)] for t in row.terms if t.atom}
    with_label = [t for t in row.terms if labels.get(id(t))]
    if with_label and len(with_label) < len(row.terms):
        return with_label
    if not with_label:
        labels = {id(t): [t.atom.name] for t in row.terms if isinstance(t.atom, Name)}
        if len(labels) < len(row.terms):
            return ()
    every = [label for found in labels.values() for label in found]
    where = {k: min(at) for k, at in named(words, every).items()}
    where |= {k: min(at) for k in every if (at := list(mentions(words, k)))}
    first = [(min((where[k] for k in labels[id(t)] if k in where), default=-1), t) for t in row.terms]
    if not with_label and sum(at >= 0 for at, _ in first) == 1:
        return [t for at, t in first if at >= 0]
    if any(at < 0 for at, _ in first) or len({at for at, _ in first}) < len(first):
        return ()
    return [min(first, key=lambda pair: pair[0])[1]]


def _sign(p: Polynomial, model: Model) -> int:
    """The sign of a coefficient: by the values of its single numbers where it has no others; else, of parameters that
    are not negative, that of its indexed part; 0 where it is not plain."""
    signs = {1 if c > 0 else -1 for c in p.values() if c}
    if len(signs) == 1:
        return signs.pop()
    values = [_valued(m, c, model) for m, c in p.items()]
    if all(v is not None for v in values):
        total = sum((v for v in values if v is not None), Fraction(0))
        return (total > 0) - (total < 0)
    indexed = {1 if c > 0 else -1 for m, c in p.items() if c and any(isinstance(a, Subscript) for a in m)}
    return indexed.pop() if len(indexed) == 1 else 0


def _valued(monomial: Iterable[Expr], coefficient: Fraction, model: Model) -> Fraction | None:
    """A product of single numbers -> its value; None where one is no literal."""
    for atom in monomial:
        p = model.symbols.get(atom.name) if isinstance(atom, Name) else None
        value = p.value if isinstance(p, Parameter) else None
        match value:
            case Number(v):
                coefficient *= v
            case Binary("/", Number(a), Number(b)) if b:
                coefficient *= a / b
            case _:
                return None
    return coefficient
