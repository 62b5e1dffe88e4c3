"""Template algebra, expression -> the slots that make them the same, or None.

Rows are compared as rows: terms may stand on either side, a row may be scaled, a sum may be written out, named
expressions are put in their place. Everything else is compared node by node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import permutations, product

from nl2opt.check.pattern import Pattern, before_the_first, is_binary
from nl2opt.check.rows import Row, Term, array_over, row_of
from nl2opt.ir.infer import enter
from nl2opt.ir.infer.scope import Scope, mentioned
from nl2opt.ir.model import Model, Over
from nl2opt.ir.nodes import (
    ZERO,
    Add,
    Aggregate,
    And,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Expr,
    Iff,
    Implies,
    ListLiteral,
    Name,
    Not,
    Number,
    Or,
    Subscript,
    Tuple,
    add,
    joined_lists,
    mul,
)
from nl2opt.ir.polynomial import Polynomial, constant, expression, plus, scaled
from nl2opt.ir.text import print_expression, print_over
from nl2opt.ir.walk import children, free_names

Slots = Mapping[str, str]
"""Slot -> what stands there, as expression text."""

_MOST_SINGLES = 3
_MOST_TERMS = 7
"""Longer rows are not laid over a pattern of several sums or of several single terms."""

_HEAD = "head of "


def match(pattern: Pattern, e: Expr, scope: Scope, over: Over = ()) -> Slots | None:
    """Pattern and expression (named expressions inlined) stated for ``over`` -> the first way to fill the slots."""
    for p in pattern.stated_for(over):
        slots = {n: print_over(over) for n in _sets(p, p.over)}
        for found in _match(p, p.expr, e, scope, slots):
            if p.measured(found, scope):
                return _shown(found)
    return None


def match_objective(pattern: Pattern, e: Expr, scope: Scope) -> Slots | None:
    """Pattern of a goal and what is optimized -> slots; a positive multiple and a constant beside it do not matter."""
    wanted = row_of(Compare("<=", pattern.expr, ZERO), Scope.of(Model()), pattern.varies)
    row = row_of(Compare("<=", e, ZERO), scope, scope.varies)
    found = _row(pattern, wanted, replace(row, constant={}), {}) if row.terms else ()
    return next((_shown(s) for s in found if pattern.measured(s, scope)), None)


def _shown(slots: Slots) -> Slots:
    return {n: t for n, t in slots.items() if not n.startswith(_HEAD)}


def _match(p: Pattern, q: Expr, e: Expr, scope: Scope, slots: Slots) -> Iterator[Slots]:
    """Ways to make the part ``q`` of the pattern the expression ``e``."""
    match q, e:
        case Subscript(name, index), _ if p.kinds.get(name) == "array":
            moving = [i for i in e.index if scope.varies(i)] if isinstance(e, Subscript) else []
            if isinstance(e, Subscript) and moving and isinstance(index[0], Name):
                for found in _bind(slots, name, e.name):
                    yield from _bind(found, index[0].name, ", ".join(map(print_expression, moving)))
        case Name(name) | Subscript(name, _), _ if name in p.kinds:
            if p.fits(q, e, scope):
                moved = p.shifted and p.kinds[name] == "variable" and isinstance(e, Subscript)
                yield from _bind(slots, name, e.name if moved and isinstance(e, Subscript) else print_expression(e))
        case Compare(), Compare():
            yield from _rows(p, q, e, scope, slots)
        case Implies(), Or(args) if len(args) == 2:
            for a, b in (args, args[::-1]):
                if isinstance(a, Not):
                    yield from _each(p, (q.condition, q.consequence), (a.arg, b), scope, slots)
        case (And(wanted), And(args)) | (Or(wanted), Or(args)) | (Iff() as wanted, Iff() as args):
            ordered = children(q)
            for chosen in permutations(children(e)) if len(ordered) == len(children(e)) <= _MOST_SINGLES else ():
                yield from _each(p, ordered, chosen, scope, slots)
        case Aggregate() | Comprehension(), _:
            yield from _quantified(p, q, e, scope, slots)
        case Tuple(wanted), Tuple(items) if len(items) == len(wanted) + 1 and is_binary(items[-1], scope):
            yield from _each(p, wanted, items[:-1], scope, slots)
        case Number(), Number() | Boolean(), Boolean():
            if q == e:
                yield slots
        case _ if type(q) is type(e) and not isinstance(q, Name | Subscript):
            if all(getattr(q, f, None) == getattr(e, f, None) for f in ("function", "negated", "op")):
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


def _bind(slots: Slots, name: str, text: str) -> Iterator[Slots]:
    if slots.get(name, text) == text:
        yield {**slots, name: text}


def _quantified(p: Pattern, q: Aggregate | Comprehension, e: Expr, scope: Scope, slots: Slots) -> Iterator[Slots]:
    """`any(x[i] for i in I)` against the same over a set, over a bare array, or written out."""
    if isinstance(e, Call) and isinstance(q, Aggregate) and e.function == q.function and len(e.args) == 1:
        inner = e.args[0]
        if isinstance(inner, Name) and (found := array_over(inner.name, scope)):
            e = Aggregate(q.function, found[1], found[0])
        elif isinstance(inner, Comprehension):
            e = Aggregate(q.function, inner.body, inner.generators)
    if isinstance(e, Aggregate | Comprehension) and _same_function(q, e):
        if not all(p.takes_set(g.source, e.generators) for g in q.generators if isinstance(g.source, Name | Subscript)):
            return
        inside = p.within(q.generators, e.generators)
        for found_slots in _bind_sets(p, q.generators, e.generators, slots):
            yield from _match(inside, q.body, e.body, enter(e.generators, scope), found_slots)
    elif (items := _items(q, e)) and len(q.generators) == 1:
        yield from _written_out(p, q, items, scope, slots)


def _same_function(q: Aggregate | Comprehension, e: Aggregate | Comprehension) -> bool:
    return type(e) is type(q) and getattr(e, "function", "") == getattr(q, "function", "")


def _items(q: Aggregate | Comprehension, e: Expr) -> tuple[tuple[Expr, Over], ...]:
    """What is written out in place of a generator: `a or b`, `max(a, b)`, `[a, b] + [c for ...]`."""
    plain: tuple[Expr, ...] = ()
    match q, e:
        case (Aggregate("any"), Or(args)) | (Aggregate("all"), And(args)):
            plain = args
        case Aggregate(function), Call(called, (ListLiteral(args),)) if function == called:
            plain = args
        case Aggregate(function), Call(called, args) if function == called and len(args) > 1:
            plain = args
        case Comprehension("list"), ListLiteral(args):
            plain = args
        case Comprehension("list"), Add():
            found: list[tuple[Expr, Over]] = []
            for part in joined_lists(e):
                match part:
                    case ListLiteral(args):
                        found += [(a, ()) for a in args]
                    case Comprehension(_, body, generators):
                        found.append((body, generators))
            return tuple(found)
    return tuple((a, ()) for a in plain)


def _sets(p: Pattern, over: Over) -> list[str]:
    named = (g.source for g in over if isinstance(g.source, Name | Subscript))
    return [s.name for s in named if p.kinds.get(s.name) in ("set", "window")]


def _bind_sets(p: Pattern, pattern: Over, over: Over, slots: Slots) -> Iterator[Slots]:
    """The sets of a pattern's generators take the sets of an expression's; one set may stand for several."""
    names = _sets(p, pattern)
    if len(names) == 1:
        yield from _bind(slots, names[0], print_over(over))
    elif len(names) == len(over):
        found: Slots | None = slots
        for name, g in zip(names, over, strict=True):
            found = next(_bind(found, name, print_over((g,))), None) if found is not None else None
        if found is not None:
            yield found


def _written_out(
    p: Pattern, q: Aggregate | Comprehension, items: Iterable[tuple[Expr, Over]], scope: Scope, slots: Slots
) -> Iterator[Slots]:
    """`a or b` against `any(x[i] for i in I)`: each is an x."""
    texts: dict[str, list[str]] = {}
    shown = []
    for item, over in items:
        inside = p.within(q.generators, over)
        filled = next(_match(inside, q.body, item, enter(over, scope), {}), None)
        if filled is None:
            return
        shown.append(print_expression(item))
        for name, text in filled.items():
            texts.setdefault(name, []).append(text)
    own = {name: ", ".join(all_of) for name, all_of in texts.items()}
    for found in _bind(slots, _sets(p, q.generators)[0], "{" + ", ".join(shown) + "}"):
        yield {**found, **own}


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
    """One way to lay a row over a pattern: a term for each single term, some for each sum, the rest for the rest."""

    singles: tuple[tuple[Term, Term], ...]
    families: tuple[tuple[Term, tuple[Term, ...]], ...] = ()
    rest: tuple[Term, ...] = ()
    shared: bool = False
    """The first single term is a member of the family as well: its coefficient is the sum of both."""


def _row(p: Pattern, pattern: Row, row: Row, slots: Slots) -> Iterator[Slots]:
    rests = [t for t in pattern.terms if not t.generators and _is_rest(p, t)]
    singles = [t for t in pattern.terms if not t.generators and t not in rests]
    families = [t for t in pattern.terms if t.generators]
    if len(singles) > _MOST_SINGLES or len(families) > 2 or len(rests) > 1:
        return
    for split in _splits(singles, families, rests, row):
        scale = _scale(pattern, split, rests)
        if scale is None or (scale < 0 and row.op == "<=") or not scale:
            continue
        for found in _singles(p, split, scale, slots):
            for more in _families(p, split, scale, found):
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


def _singles(p: Pattern, split: _Split, scale: Fraction, slots: Slots) -> Iterator[Slots]:
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
    """`x`, or `x[k]` with k a slot of its own: an element of the family x. One slot is one family of decisions."""
    if p.shifted:
        atom = before_the_first(atom, scope)
    if isinstance(q, Subscript) and p.kinds.get(q.name) == "variable":
        name = atom.name if isinstance(atom, Name | Subscript) else print_expression(atom)
        if not p.fits(q, atom, scope) or slots.get(_HEAD + q.name, name) != name:
            return
        for index in q.index:
            if isinstance(index, Name) and p.kinds.get(index.name) == "element":
                own = atom.index if isinstance(atom, Subscript) else (atom,)
                slots = {**slots, index.name: ", ".join(print_expression(i) for i in own)}
        yield {**slots, q.name: name, _HEAD + q.name: name}
        return
    yield from _match(p, q, atom, scope, slots)


def _families(p: Pattern, split: _Split, scale: Fraction, slots: Slots) -> Iterator[Slots]:
    """Every sum of the pattern against the terms laid over it; two sums of one slot are of one family of decisions."""
    several = len(split.families) > 1 or bool(split.rest)
    heads: dict[str, frozenset[str]] = {}
    for q, members in split.families:
        if isinstance(q.atom, Subscript):
            own = frozenset(t.atom.name for t in members if isinstance(t.atom, Name | Subscript))
            if heads.setdefault(q.atom.name, own) != own:
                return
        found = next(_family(p, q, members, split, scale, slots, several), None)
        if found is None:
            return
        slots = found
    yield slots


def _family(
    p: Pattern, q: Term, own: tuple[Term, ...], split: _Split, scale: Fraction, slots: Slots, several: bool
) -> Iterator[Slots]:
    """`sum(a[i] * x[i] for i in I)` against terms: sums, or terms written out."""
    assert q.atom is not None
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
        inner = next(_atom(inside, q.atom, t.atom, t.scope, {}), None)
        value = next(_coefficient(inside, q.coefficient, coefficient, scale, {} if weighted else slots), None)
        if inner is None or value is None:
            return
        if not weighted:
            slots = value
            value = {}
        for name, text in {**_shown(inner), **value}.items():
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
            yield from _bind(s, q.atom.name, print_expression(e))


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
    return {**dict.fromkeys(_sets(p, q.generators), text), **({variable: ", ".join(atoms)} if variable else {})}


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
