"""Row of a pattern, row of a model -> slots: which terms are laid over which.

A single term takes a single term, a sum takes sums or terms written out, an expression what is left over; a row may be
scaled by a number. What stands inside a term is matched by ``nodes``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import permutations, product

from nl2opt.check.pattern import Pattern, before_the_first
from nl2opt.check.rows import Row, Term
from nl2opt.ir.infer.scope import Scope, mentioned
from nl2opt.ir.model import Over
from nl2opt.ir.nodes import Aggregate, Expr, Name, Number, Subscript, add, mul
from nl2opt.ir.polynomial import Polynomial, constant, expression, plus, scaled
from nl2opt.ir.text import print_expression, print_over
from nl2opt.ir.walk import free_names

Slots = Mapping[str, str]
"""Slot -> what stands there, as expression text."""

Nodes = Callable[[Pattern, Expr, Expr, Scope, Slots], Iterator[Slots]]
"""Ways to make a part of a pattern an expression."""

_MOST_SINGLES = 3
_MOST_TERMS = 7
"""Longer rows are not laid over a pattern of several sums or of several single terms."""

HEAD = "head of "
"""Before the name of a slot: the variable whose elements it takes, while matching."""


def shown(slots: Slots) -> Slots:
    """Slots without what is kept while matching."""
    return {n: t for n, t in slots.items() if not n.startswith(HEAD)}


def bind(slots: Slots, name: str, text: str) -> Iterator[Slots]:
    """A slot takes a text, or has it already."""
    if slots.get(name, text) == text:
        yield {**slots, name: text}


def sets_of(p: Pattern, over: Over) -> list[str]:
    """The slots for sets among the sources of a pattern's generators."""
    named = (g.source for g in over if isinstance(g.source, Name | Subscript))
    return [s.name for s in named if p.kinds.get(s.name) in ("set", "window")]


@dataclass(frozen=True)
class _Split:
    """One way to lay a row over a pattern: a term for each single term, some for each sum, the rest for the rest."""

    singles: tuple[tuple[Term, Term], ...]
    families: tuple[tuple[Term, tuple[Term, ...]], ...] = ()
    rest: tuple[Term, ...] = ()
    shared: bool = False
    """The first single term is a member of the family as well: its coefficient is the sum of both."""


def lay(nodes: Nodes, p: Pattern, pattern: Row, row: Row, slots: Slots) -> Iterator[Slots]:
    """Ways to lay a row over the row of a pattern."""
    rests = [t for t in pattern.terms if not t.generators and _is_rest(p, t)]
    singles = [t for t in pattern.terms if not t.generators and t not in rests]
    families = [t for t in pattern.terms if t.generators]
    if len(singles) > _MOST_SINGLES or len(families) > 2 or len(rests) > 1:
        return
    for split in _splits(singles, families, rests, row):
        scale = _scale(pattern, split, rests)
        if scale is None or (scale < 0 and row.op == "<=") or not scale:
            continue
        for found in _singles(nodes, p, split, scale, slots):
            for more in _families(nodes, p, split, scale, found):
                if rests:
                    yield from _rest(p, pattern, rests[0], split, row, scale, more)
                else:
                    yield from _coefficient(p, pattern.constant, row.constant, scale, more, free=True)


def _is_rest(p: Pattern, t: Term) -> bool:
    return isinstance(t.atom, Name | Subscript) and p.kinds.get(t.atom.name) in ("expression", "total")


def _splits(singles: list[Term], families: list[Term], rests: list[Term], row: Row) -> Iterator[_Split]:
    parts = len(families) + len(rests)
    if not parts and len(row.terms) != len(singles):
        return
    if len(row.terms) > _MOST_TERMS and (len(singles) > 1 or len(families) > 1 or (families and rests)):
        return
    for chosen in permutations(row.terms, len(singles)):
        if any(t.generators for t in chosen):
            continue
        others = tuple(t for t in row.terms if t not in chosen)
        pairs = tuple(zip(singles, chosen, strict=True))
        if not parts:
            yield _Split(pairs)
        elif not others:
            continue
        elif not families:
            yield _Split(pairs, rest=others)
        elif parts == 1:
            yield from _one_family(pairs, families[0], others)
        else:
            for places in product(range(parts), repeat=len(others)):
                groups = [tuple(t for t, k in zip(others, places, strict=True) if k == at) for at in range(parts)]
                if all(groups):
                    laid = tuple(zip(families, groups, strict=False))
                    yield _Split(pairs, laid, groups[-1] if rests else ())


def _one_family(pairs: tuple[tuple[Term, Term], ...], family: Term, others: tuple[Term, ...]) -> Iterator[_Split]:
    """A single term of the family's own variable (`x[k] <= p * sum(x)`) may be one of its members."""
    if len(pairs) != 1 or not _same_slot(pairs[0][0], family):
        yield _Split(pairs, ((family, others),))
    elif any(t.generators for t in others):
        if all(_same_slot(pairs[0][1], t) for t in others):
            yield _Split(pairs, ((family, others),))
    else:
        yield _Split(pairs, ((family, others),), shared=True)


def _same_slot(single: Term, family: Term) -> bool:
    a, b = single.atom, family.atom
    return isinstance(a, Name | Subscript) and isinstance(b, Name | Subscript) and a.name == b.name


def _own(split: _Split, term: Term) -> Polynomial:
    """The coefficient a single term has by itself, that of its membership in the family taken away."""
    if not split.shared:
        return term.coefficient
    return plus(term.coefficient, scaled(split.families[0][1][0].coefficient, Fraction(-1)))


def _scale(pattern: Row, split: _Split, rests: list[Term]) -> Fraction | None:
    """By what the pattern is multiplied to give the row: from a term whose coefficient is a plain number."""
    for q, t in split.singles:
        if (c := constant(q.coefficient)) is not None:
            found = constant(_own(split, t))
            return None if found is None else found / c
    for q, members in split.families:
        if (c := constant(q.coefficient)) is not None:
            found = constant(members[0].coefficient)
            return None if found is None else found / c
    if rests and pattern.op == "==" and (c := constant(split.rest[0].coefficient)) is not None and c < 0:
        return Fraction(-1)
    return Fraction(1)


def _singles(nodes: Nodes, p: Pattern, split: _Split, scale: Fraction, slots: Slots) -> Iterator[Slots]:
    found: list[Slots] = [slots]
    for q, t in split.singles:
        assert q.atom is not None and t.atom is not None
        step: list[Slots] = []
        for s in found:
            for filled in _atom(nodes, p, q.atom, t.atom, t.scope, s):
                step.extend(_coefficient(p, q.coefficient, _own(split, t), scale, filled))
        found = step
    yield from found


def _atom(nodes: Nodes, p: Pattern, q: Expr, atom: Expr, scope: Scope, slots: Slots) -> Iterator[Slots]:
    """`x`, or `x[k]` with k a slot of its own: an element of the family x. One slot is one family of decisions."""
    if p.shifted:
        atom = before_the_first(atom, scope)
    if isinstance(q, Subscript) and p.kinds.get(q.name) == "variable":
        name = atom.name if isinstance(atom, Name | Subscript) else print_expression(atom)
        if not p.fits(q, atom, scope) or slots.get(HEAD + q.name, name) != name:
            return
        for index in q.index:
            if isinstance(index, Name) and p.kinds.get(index.name) == "element":
                own = atom.index if isinstance(atom, Subscript) else (atom,)
                slots = {**slots, index.name: ", ".join(print_expression(i) for i in own)}
        yield {**slots, q.name: name, HEAD + q.name: name}
        return
    yield from nodes(p, q, atom, scope, slots)


def _families(nodes: Nodes, p: Pattern, split: _Split, scale: Fraction, slots: Slots) -> Iterator[Slots]:
    """Every sum of the pattern against the terms laid over it; two sums of one slot are of one family of decisions."""
    heads: dict[str, frozenset[str]] = {}
    for q, members in split.families:
        if isinstance(q.atom, Subscript):
            own = frozenset(t.atom.name for t in members if isinstance(t.atom, Name | Subscript))
            if heads.setdefault(q.atom.name, own) != own:
                return
        found = next(_family(nodes, p, q, members, split, scale, slots), None)
        if found is None:
            return
        slots = found
    yield slots


def _family(
    nodes: Nodes,
    p: Pattern,
    q: Term,
    own: tuple[Term, ...],
    split: _Split,
    scale: Fraction,
    slots: Slots,
) -> Iterator[Slots]:
    """`sum(a[i] * x[i] for i in I)` against terms: sums, or terms written out."""
    assert q.atom is not None
    several = len(split.families) > 1 or bool(split.rest)
    members = (*(t for _, t in split.singles), *own) if split.shared else own
    named = sorted({n for m in q.coefficient for a in m for n in mentioned(a) if n in p.kinds})
    weighted = any(p.kinds[n] == "parameter" for n in named)
    if (not weighted or p.over) and len(members) < 2 and not members[0].generators and not several:
        return
    texts: dict[str, list[str]] = {}
    atoms: list[str] = []
    for t in members:
        assert t.atom is not None
        if not all(p.takes_set(g.source, t.generators) for g in q.generators if isinstance(g.source, Name | Subscript)):
            return
        inside = p.within(q.generators, t.generators)
        coefficient = own[0].coefficient if split.shared else t.coefficient
        inner = next(_atom(nodes, inside, q.atom, t.atom, t.scope, {}), None)
        value = next(_coefficient(inside, q.coefficient, coefficient, scale, {} if weighted else slots), None)
        if inner is None or value is None:
            return
        if not weighted:
            slots = value
            value = {}
        for name, text in {**shown(inner), **value}.items():
            texts.setdefault(name, []).append(text)
        atoms.append(print_expression(t.atom))
    weights = [t for n in named if p.kinds[n] == "parameter" for t in texts.get(n, [])]
    chosen = isinstance(q.atom, Name | Subscript) and p.units.get(q.atom.name) == "none"
    if weights and (any if several or p.over or chosen else all)(t.startswith("-") for t in weights):
        return  # weights turned: the bound from the other side
    numbers = {n: ts[0] for n, ts in texts.items() if p.kinds.get(n) in ("number", "positive", "fraction")}
    if any(set(ts) != {numbers[n]} for n, ts in texts.items() if n in numbers):
        return
    slots = {**slots, **{n: ", ".join(ts) for n, ts in texts.items()}, **numbers}
    yield {**slots, **_family_names(p, q, members, atoms)}


def _rest(p: Pattern, pattern: Row, q: Term, split: _Split, row: Row, scale: Fraction, slots: Slots) -> Iterator[Slots]:
    """A slot for an expression takes all terms that are left, and the constant where the pattern has none."""
    own = constant(q.coefficient)
    if own is None or not isinstance(q.atom, Name | Subscript):
        return
    factor = 1 / (own * scale)
    terms = [_written(t, factor) for t in split.rest]
    if pattern.constant:
        found = list(_coefficient(p, pattern.constant, row.constant, scale, slots, free=True))
    else:
        found = [slots]
        if row.constant and p.kinds[q.atom.name] == "total":
            return
        terms += [expression(scaled(row.constant, factor))] if row.constant else []
    e, scope = add(*terms), split.rest[0].scope if not split.rest[0].generators else None
    for s in found:
        if p.fits(q.atom, e, scope or _outside(split, row)):
            yield from bind(s, q.atom.name, print_expression(e))


def _outside(split: _Split, row: Row) -> Scope:
    """The scope of the row itself, from a term of it."""
    t = split.rest[0]
    inner = {n for g in t.generators for n in g.targets}
    return replace(t.scope, indices={n: kind for n, kind in t.scope.indices.items() if n not in inner})


def _written(t: Term, factor: Fraction) -> Expr:
    assert t.atom is not None
    body = mul(*(f for f in (expression(scaled(t.coefficient, factor)), t.atom) if f != Number(Fraction(1))))
    return Aggregate("sum", body, t.generators) if t.generators else body


def _family_names(p: Pattern, q: Term, members: tuple[Term, ...], atoms: list[str]) -> Slots:
    over = [print_over(t.generators) for t in members if t.generators]
    text = over[0] if len(members) == 1 and over else "{" + ", ".join(atoms) + "}"
    variable = q.atom.name if isinstance(q.atom, Name | Subscript) else ""
    return {**dict.fromkeys(sets_of(p, q.generators), text), **({variable: ", ".join(atoms)} if variable else {})}


def _coefficient(
    p: Pattern, q: Polynomial, found: Polynomial, scale: Fraction, slots: Slots, free: bool = False
) -> Iterator[Slots]:
    """A coefficient or constant of the pattern, affine in its slots -> their values; ``free``: of any sign.

    Of two slots the one with an index takes what depends on the indices around, the other what does not.
    """
    value = scaled(found, 1 / scale)
    own = {next((n for a in m for n in mentioned(a) if n in p.kinds), ""): (m, c) for m, c in q.items()}
    names = sorted(own.keys() - {""})
    rest = {m: c for m, c in q.items() if own.get("", ((), 0))[0] == m and "" in own}
    left = plus(value, scaled(rest, Fraction(-1)))
    if not names:
        if not left:
            yield slots
        return
    if len(names) > 2 or any(len(own[n][0]) != 1 for n in names):
        return
    if len(names) == 2:
        inner = frozenset(n for g in p.groups.values() for n in g)
        of_indices = {m: c for m, c in left.items() if any(inner & free_names(a) for a in m)}
        indexed = [n for n in names if isinstance(own[n][0][0], Subscript)]
        if len(indexed) != 1 or not of_indices or len(of_indices) == len(left):
            return
        plain = next(n for n in names if n not in indexed)
        parts = {indexed[0]: of_indices, plain: {m: c for m, c in left.items() if m not in of_indices}}
    else:
        parts = {names[0]: left}
    for name, part in parts.items():
        solved = scaled(part, 1 / own[name][1])
        kind = p.kinds[name]
        below = kind == "positive" or (kind in ("number", "fraction") and not free)
        if below and all(c <= 0 for c in solved.values()):
            return
        if kind == "fraction" and (known := constant(solved)) is not None and known > 1:
            return
        if slots.get(name, text := print_expression(expression(solved))) != text:
            return
        slots = {**slots, name: text}
    yield slots
