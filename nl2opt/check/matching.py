"""Template algebra, expression -> the slots that make them the same, or None.

Rows are compared as rows: terms may stand on either side, a row may be scaled, a sum may be written out, named
expressions are put in their place. Everything else is compared node by node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

from nl2opt.check.rows import Row, Term, array_over, row_of
from nl2opt.ir.infer import enter, type_of
from nl2opt.ir.infer.scope import Scope, mentioned
from nl2opt.ir.infer.types import Numeric
from nl2opt.ir.model import Model, Over, Variable
from nl2opt.ir.nodes import (
    Aggregate,
    And,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Expr,
    Iff,
    Implies,
    In,
    Name,
    Not,
    Number,
    Or,
    Subscript,
)
from nl2opt.ir.polynomial import Polynomial, constant, expression, plus, scaled
from nl2opt.ir.text import print_expression, print_over
from nl2opt.ir.walk import children
from nl2opt.templates import Template

Slots = Mapping[str, str]
"""Slot -> what stands there, as expression text."""

_MOST_SINGLES = 3
_CONDITIONS = Compare | In | And | Or | Not | Implies | Iff


@dataclass(frozen=True)
class Pattern:
    """A template's algebra and its slots."""

    expr: Expr
    kinds: Mapping[str, str]
    units: Mapping[str, str]

    @staticmethod
    def of(template: Template, expr: Expr) -> Pattern:
        """Template and one of its algebras, read -> a pattern."""
        return Pattern(expr, {s.name: s.kind for s in template.slots}, {s.name: s.unit for s in template.slots})

    def varies(self, e: Expr) -> bool:
        """True where a part of the pattern stands for something that depends on variables."""
        return any(self.kinds.get(n) in ("variable", "condition") for n in mentioned(e))


def match(pattern: Pattern, e: Expr, scope: Scope) -> Slots | None:
    """Pattern and expression (named expressions inlined) -> the first way to fill the slots, None if there is none."""
    return next(_match(pattern, pattern.expr, e, scope, {}), None)


def _match(p: Pattern, q: Expr, e: Expr, scope: Scope, slots: Slots) -> Iterator[Slots]:
    """Ways to make the part ``q`` of the pattern the expression ``e``."""
    match q, e:
        case Name(name) | Subscript(name, _), _ if name in p.kinds:
            yield from _fill(p, q, e, scope, slots)
        case Compare(), Compare():
            yield from _rows(p, q, e, scope, slots)
        case Implies(), Or(args) if len(args) == 2:
            for a, b in (args, args[::-1]):
                if isinstance(a, Not):
                    yield from _each(p, (q.condition, q.consequence), (a.arg, b), scope, slots)
        case Aggregate("any" | "all" as function, body, (generator,)), _:
            yield from _quantified(p, q, e, scope, slots)
            if isinstance(e, Or if function == "any" else And) and isinstance(generator.source, Name):
                yield from _written_out(p, body, generator.source.name, e.args, scope, slots)
        case Aggregate() | Comprehension(), _:
            yield from _quantified(p, q, e, scope, slots)
        case Number(), Number() | Boolean(), Boolean():
            if q == e:
                yield slots
        case _ if type(q) is type(e) and not isinstance(q, Name | Subscript):
            if getattr(q, "function", None) == getattr(e, "function", None):
                yield from _each(p, children(q), children(e), scope, slots)
        case _ if q == e:
            yield slots
        case _:
            return


def _each(p: Pattern, qs: tuple[Expr, ...], es: tuple[Expr, ...], scope: Scope, slots: Slots) -> Iterator[Slots]:
    if len(qs) != len(es):
        return
    if not qs:
        yield slots
        return
    for found in _match(p, qs[0], es[0], scope, slots):
        yield from _each(p, qs[1:], es[1:], scope, found)


def _fill(p: Pattern, q: Name | Subscript, e: Expr, scope: Scope, slots: Slots) -> Iterator[Slots]:
    """A slot takes an expression of its kind."""
    kind = p.kinds[q.name]
    fits = {
        "condition": lambda: _is_binary(e, scope),
        "variable": lambda: _is_decision(e, scope) and (p.units[q.name] != "none" or _is_binary(e, scope)),
        "number": lambda: not scope.varies(e),
        "parameter": lambda: not scope.varies(e),
        "element": lambda: not scope.varies(e),
        "set": lambda: not scope.varies(e),
    }
    if fits[kind]():
        yield from _bind(slots, q.name, print_expression(e))


def _bind(slots: Slots, name: str, text: str) -> Iterator[Slots]:
    if slots.get(name, text) == text:
        yield {**slots, name: text}


def _is_binary(e: Expr, scope: Scope) -> bool:
    t = type_of(e, scope)
    return isinstance(t, Numeric) and t.type == "binary"


def _is_decision(e: Expr, scope: Scope) -> bool:
    """True for a variable and for a condition that is counted."""
    match e:
        case Name(name) | Subscript(name, _):
            return isinstance(scope.symbols.get(name), Variable)
        case _:
            return isinstance(e, _CONDITIONS)


def _quantified(p: Pattern, q: Aggregate | Comprehension, e: Expr, scope: Scope, slots: Slots) -> Iterator[Slots]:
    """`any(x[i] for i in I)` against the same over a set, or over a bare array."""
    if isinstance(e, Call) and isinstance(q, Aggregate) and e.function == q.function:
        array = e.args[0] if len(e.args) == 1 else None
        if isinstance(array, Name) and (found := array_over(array.name, scope)):
            e = Aggregate(q.function, found[1], found[0])
    same = type(e) is type(q) and getattr(e, "function", "") == getattr(q, "function", "")
    if not isinstance(e, Aggregate | Comprehension) or not same:
        return
    for found_slots in _bind_sets(p, q.generators, e.generators, slots):
        yield from _match(p, q.body, e.body, enter(e.generators, scope), found_slots)


def _bind_sets(p: Pattern, pattern: Over, over: Over, slots: Slots) -> Iterator[Slots]:
    """The sets of a pattern's generators take the sets of an expression's; one set may stand for several."""
    names = [g.source.name for g in pattern if isinstance(g.source, Name) and p.kinds.get(g.source.name) == "set"]
    if len(names) == 1:
        yield from _bind(slots, names[0], print_over(over))
    elif len(names) == len(over):
        found: Slots | None = slots
        for name, g in zip(names, over, strict=True):
            found = next(_bind(found, name, print_over((g,))), None) if found is not None else None
        if found is not None:
            yield found


def _written_out(
    p: Pattern, body: Expr, set_name: str, args: Iterable[Expr], scope: Scope, slots: Slots
) -> Iterator[Slots]:
    """`a or b` against `any(x[i] for i in I)`: each is an x."""
    atoms = tuple(args)
    names = [n for n in mentioned(body) if n in p.kinds]
    for a in atoms:
        if next(_match(p, body, a, scope, {}), None) is None:
            return
    text = ", ".join(print_expression(a) for a in atoms)
    for found in _bind(slots, set_name, "{" + text + "}"):
        yield {**found, **dict.fromkeys(names[:1], text)}


# rows -----------------------------------------------------------------------------------------------------------------


def _rows(p: Pattern, q: Compare, e: Compare, scope: Scope, slots: Slots) -> Iterator[Slots]:
    pattern = row_of(q, Scope.of(Model()), p.varies)
    row = row_of(e, scope, scope.varies)
    if pattern.op != row.op or not row.terms:
        return
    for candidate in (row,) if row.op == "<=" else (row, row.negated()):
        yield from _row(p, pattern, candidate, slots)


@dataclass(frozen=True)
class _Split:
    """One way to lay a row over a pattern: a term for each single term, the rest for the family."""

    singles: tuple[tuple[Term, Term], ...]
    rest: tuple[Term, ...]
    shared: bool = False
    """The first single term is a member of the family as well: its coefficient is the sum of both."""


def _row(p: Pattern, pattern: Row, row: Row, slots: Slots) -> Iterator[Slots]:
    singles = [t for t in pattern.terms if not t.generators]
    families = [t for t in pattern.terms if t.generators]
    if len(singles) > _MOST_SINGLES or len(families) > 1:
        return
    for split in _splits(singles, families, row):
        scale = _scale(pattern, split, families)
        if scale is None or (scale < 0 and row.op == "<=") or not scale:
            continue
        for found in _singles(p, split, scale, families, slots):
            for more in _family(p, families, split, scale, found):
                yield from _coefficient(p, pattern.constant, row.constant, scale, more, free=True)


def _splits(singles: list[Term], families: list[Term], row: Row) -> Iterator[_Split]:
    for chosen in permutations(row.terms, len(singles)):
        if any(t.generators for t in chosen):
            continue
        rest = tuple(t for t in row.terms if t not in chosen)
        pairs = tuple(zip(singles, chosen, strict=True))
        if not families:
            if not rest:
                yield _Split(pairs, ())
        elif rest and not (len(singles) == 1 and _same_slot(singles[0], families[0])):
            yield _Split(pairs, rest)
        elif rest and any(t.generators for t in rest):
            if all(_same_slot(chosen[0], t) for t in rest):
                yield _Split(pairs, rest)
        elif rest:
            yield _Split(pairs, rest, shared=True)


def _same_slot(single: Term, family: Term) -> bool:
    a, b = single.atom, family.atom
    return isinstance(a, Name | Subscript) and isinstance(b, Name | Subscript) and a.name == b.name


def _own(split: _Split, term: Term) -> Polynomial:
    """The coefficient a single term has by itself, that of its membership in the family taken away."""
    return plus(term.coefficient, scaled(split.rest[0].coefficient, Fraction(-1))) if split.shared else term.coefficient


def _scale(pattern: Row, split: _Split, families: list[Term]) -> Fraction | None:
    """By what the pattern is multiplied to give the row: from a term whose coefficient is a plain number."""
    for q, t in split.singles:
        if (c := constant(q.coefficient)) is not None:
            found = constant(_own(split, t))
            return None if found is None else found / c
    for q in families:
        if (c := constant(q.coefficient)) is not None:
            found = constant(split.rest[0].coefficient)
            return None if found is None else found / c
    return Fraction(1)


def _singles(p: Pattern, split: _Split, scale: Fraction, families: list[Term], slots: Slots) -> Iterator[Slots]:
    found: list[Slots] = [slots]
    for q, t in split.singles:
        assert q.atom is not None and t.atom is not None
        step: list[Slots] = []
        for s in found:
            for filled in _atom(p, q.atom, t.atom, t.scope, s):
                step.extend(_coefficient(p, q.coefficient, _own(split, t), scale, filled))
        found = step
    yield from found


def _atom(p: Pattern, q: Expr, atom: Expr, scope: Scope, slots: Slots) -> Iterator[Slots]:
    """`x`, or `x[k]` with k a slot of its own: an element of the family x."""
    if isinstance(q, Subscript) and p.kinds.get(q.name) == "variable":
        if next(_fill(p, Name(q.name), atom, scope, {}), None) is None:
            return
        for index in q.index:
            if isinstance(index, Name) and p.kinds.get(index.name) == "element":
                own = atom.index if isinstance(atom, Subscript) else (atom,)
                slots = {**slots, index.name: ", ".join(print_expression(i) for i in own)}
        name = atom.name if isinstance(atom, Name | Subscript) else print_expression(atom)
        yield {**slots, q.name: name}
        return
    yield from _match(p, q, atom, scope, slots)


def _family(p: Pattern, families: list[Term], split: _Split, scale: Fraction, slots: Slots) -> Iterator[Slots]:
    """`sum(a[i] * x[i] for i in I)` against the terms that are left: sums, or terms written out."""
    if not families:
        yield slots
        return
    q = families[0]
    assert q.atom is not None
    members = (*(t for _, t in split.singles), *split.rest) if split.shared else split.rest
    weighted = any(p.kinds.get(n) == "parameter" for m in q.coefficient for a in m for n in mentioned(a))
    if not weighted and len(members) < 2 and not members[0].generators:
        return
    coefficients: dict[str, list[str]] = {}
    atoms: list[str] = []
    for t in members:
        assert t.atom is not None
        coefficient = split.rest[0].coefficient if split.shared else t.coefficient
        inner = next(_atom(p, q.atom, t.atom, t.scope, {}), None)
        if inner is None:
            return
        value = next(_coefficient(p, q.coefficient, coefficient, scale, {} if weighted else slots), None)
        if value is None:
            return
        if not weighted:
            slots = value
        for name, text in value.items():
            coefficients.setdefault(name, []).append(text)
        atoms.append(print_expression(t.atom))
    if weighted:
        if all(t.startswith("-") for texts in coefficients.values() for t in texts):
            return  # every weight turned: the bound from the other side
        slots = {**slots, **{name: ", ".join(texts) for name, texts in coefficients.items()}}
    yield {**slots, **_family_names(p, q, members, atoms)}


def _family_names(p: Pattern, q: Term, members: tuple[Term, ...], atoms: list[str]) -> Slots:
    over = [print_over(t.generators) for t in members if t.generators]
    text = over[0] if len(members) == 1 and over else "{" + ", ".join(atoms) + "}"
    sets = [g.source.name for g in q.generators if isinstance(g.source, Name) and p.kinds.get(g.source.name) == "set"]
    variable = q.atom.name if isinstance(q.atom, Name | Subscript) else ""
    return {**dict.fromkeys(sets, text), **({variable: ", ".join(atoms)} if variable else {})}


def _coefficient(
    p: Pattern, q: Polynomial, found: Polynomial, scale: Fraction, slots: Slots, free: bool = False
) -> Iterator[Slots]:
    """A coefficient or constant of the pattern, affine in one slot -> the slot's value; ``free``: of any sign."""
    value = scaled(found, 1 / scale)
    names = sorted({n for m in q for a in m for n in mentioned(a) if n in p.kinds})
    if not names:
        if value == dict(q):
            yield slots
        return
    if len(names) > 1:
        return
    rest = {m: c for m, c in q.items() if not any(n in p.kinds for a in m for n in mentioned(a))}
    own = [c for m, c in q.items() if len(m) == 1 and any(n in p.kinds for a in m for n in mentioned(a))]
    if len(own) != 1:
        return
    solved = scaled(plus(value, scaled(rest, Fraction(-1))), 1 / own[0])
    known = constant(solved)
    if known is not None and known <= 0 and not free and p.kinds[names[0]] == "number":
        return
    yield from _bind(slots, names[0], print_expression(expression(solved)))
