"""Two sides -> which column of one is which column of the other: by isomorphism, by names, or by structure.

A matching found by structure is a guess that a proof may rest on (a proof tells whether it was right) and a difference
may not: another matching could do better.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import permutations, product
from math import factorial, prod

from nl2opt.check.judge.digits import in_digits
from nl2opt.check.judge.graphs import Drawing
from nl2opt.check.judge.onehot import one_hot
from nl2opt.check.judge.side import Side
from nl2opt.check.judge.terms import Atom, Form, Number, Rational, Terms
from nl2opt.check.judge.translation import Image
from nl2opt.ir.instance import Key

DEPTH = 6
"""Rounds of refinement a resemblance by structure is measured in."""
MOST_ORDERS = 24
"""Matchings that keep the objective are tried one by one up to so many."""
MOST = 400
"""Columns a matching by structure is looked for among."""


@dataclass(frozen=True)
class Matching:
    """Columns of the reference and of the candidate that are each other.

    ``candidate`` says what columns (or conditions) of the candidate are over those of the reference, ``reference`` the
    other way round; a column of elements is the conditions of its elements. ``certain``: by isomorphism, by the same
    names or by an objective, so that a difference under it is a difference.
    """

    pairs: dict[Atom, Atom]
    candidate: dict[Atom, Image]
    reference: dict[Atom, Image]
    by: str
    certain: bool


def paired(a: Side, b: Side, pairs: dict[Atom, Atom], by: str, certain: bool) -> Matching:
    """Columns one by one -> the matching; elements of the same label are the same, else those at the same place."""
    candidate: dict[Atom, Image] = {}
    reference: dict[Atom, Image] = {}
    for x, y in pairs.items():
        if x.args[2] == "element":
            order = _order(a, b, x, y)
            if order is not None:
                reference[x] = tuple(_is(b, y, k) for k in order)
                candidate[y] = tuple(_is(a, x, order.index(k)) for k in range(len(order)))
            continue
        reference[x], candidate[y] = _of(b, y), _of(a, x)
    return Matching(pairs, candidate, reference, by, certain)


def _terms(side: Side) -> Terms:
    assert side.canonical is not None
    return side.canonical.ground.terms


def _of(side: Side, column: Atom) -> Number:
    return _terms(side).of(column)


def _is(side: Side, column: Atom, k: int) -> Atom:
    return _terms(side).atom("is", (column, k), 0, 1, whole=True, condition=True)


def by_isomorphism(a: Side, left: Drawing, b: Side, right: Drawing, vertices: dict[int, int]) -> Matching:
    """An isomorphism of the drawings -> the matching it is."""
    mine, theirs = columns_of(a, left), columns_of(b, right)
    back = {v: x for x, v in theirs.items()}
    pairs = {x: back[vertices[v]] for x, v in mine.items()}
    return Matching(pairs, {}, {}, "structure", True)


def columns_of(side: Side, drawing: Drawing) -> dict[Atom, int]:
    """The columns of a side -> their vertices in a drawing of it."""
    assert side.canonical is not None
    return {x: drawing.vertex_of[y] for x, y in zip(side.canonical.kept, drawing.form.columns, strict=True)}


def by_aims(a: Side, b: Side) -> list[Matching]:
    """All matchings that keep the objectives term by term, where they are few and known to be all.

    A model that is the other one but for the names of its columns is so under one of these.
    """
    left, right = _weights(a), _weights(b)
    if left is None or right is None or len(a.atoms) != len(b.atoms) or left.keys() != right.keys():
        return []
    if any(len(left[w]) != len(right[w]) for w in left) or prod(factorial(len(x)) for x in left.values()) > MOST_ORDERS:
        return []
    choices = [[tuple(zip(left[w], order, strict=True)) for order in permutations(right[w])] for w in left]
    return [
        paired(a, b, pairs, "objective", True)
        for chosen in product(*choices)
        for pairs in [dict(pair for part in chosen for pair in part)]
    ]  # fmt: skip


def _weights(side: Side) -> dict[tuple[Rational, ...], list[Atom]] | None:
    """Coefficients in the objectives -> the columns that have them; None where an objective is not linear."""
    assert side.canonical is not None
    goals = [g.form for g in side.canonical.goals]
    if not goals or any(isinstance(g, Form) and any(x.op != "column" for x in g.terms) for g in goals):
        return None
    if any(x.args[2] == "element" for x in side.atoms.values()):
        return None
    out: dict[tuple[Rational, ...], list[Atom]] = defaultdict(list)
    for x in side.atoms.values():
        out[tuple(g.terms.get(x, 0) if isinstance(g, Form) else 0 for g in goals)].append(x)
    if any(not any(w) for w in out):  # a column without weight could be counted the other way round
        return None
    return out


def guesses(a: Side, b: Side) -> list[Matching]:
    """The matchings worth a try, the likeliest first."""
    out = []
    named = _by_names(a, b)
    hot = _by_values(a, b, named)
    if hot is not None:
        out.append(hot)
    if named is not None:
        out.append(named)
    if (named is not None and named.certain) or a.drawing is None or b.drawing is None:
        return out
    if len(a.atoms) <= MOST and len(b.atoms) <= MOST:
        found = _by_structure(a, b, a.drawing, b.drawing)
        if found is not None:
            out.append(found)
    return out


def _by_values(a: Side, b: Side, named: Matching | None) -> Matching | None:
    """Columns of one side as binaries of the other, one a value or one a digit; the rest by names."""
    known = named or Matching({}, {}, {}, "names", False)
    for find in (one_hot, in_digits):
        found = find(a, b)
        if found is not None:
            rows, reference, candidate = found
            pairs = {x: y for x, row in rows.items() for y in row if y is not None}
        else:
            found = find(b, a)
            if found is None:
                continue
            rows, candidate, reference = found
            pairs = {x: y for y, row in rows.items() for x in row if x is not None}
        return Matching(known.pairs | pairs, known.candidate | candidate, known.reference | reference, "values", False)
    return None


def _by_names(a: Side, b: Side) -> Matching | None:
    """Columns of the same name and key; certain where all of one side have their namesakes."""
    there = {(plain(name), plain_key(key)): atom for (name, key), atom in b.atoms.items()}
    pairs = {}
    for (name, key), atom in a.atoms.items():
        other = there.get((plain(name), plain_key(key)))
        if other is not None and (atom.args[2] == "element") == (other.args[2] == "element"):
            pairs[atom] = other
    if not pairs:
        return None
    complete = len(pairs) == len(a.atoms) == len(b.atoms)
    return paired(a, b, pairs, "names", complete)


def plain(name: str) -> str:
    """A name without what spellings differ in."""
    return name.casefold().replace("_", "")


def plain_key(key: Key) -> tuple[str, ...]:
    return tuple(plain(str(k)) for k in key)


def _order(a: Side, b: Side, x: Atom, y: Atom) -> list[int] | None:
    """The elements of one column -> their places in the other; None where there are not as many."""
    mine, theirs = labels(a, x), labels(b, y)
    if len(mine) != len(theirs):
        return None
    return [theirs.index(e) for e in mine] if set(mine) == set(theirs) else list(range(len(mine)))


def labels(side: Side, column: Atom) -> list[str]:
    """The elements a column takes, as plain texts."""
    name, key, _ = column.args
    family = side.instance.variables[name]
    assert family.within is not None
    return [plain(str(e)) for e in family.within[family.domain.position[key]].elements]


def _by_structure(a: Side, b: Side, left: Drawing, right: Drawing) -> Matching | None:
    """Columns that look alike in their surroundings; where several do, those whose names are nearest are told apart."""
    n = len(left.graph.colours)
    labels: dict[object, int] = {}
    links: list[list[tuple[int, int]]] = [[] for _ in range(n + len(right.graph.colours))]
    for graph, shift in ((left.graph, 0), (right.graph, n)):
        for s, t, label in graph.edges:
            k = labels.setdefault(label, len(labels))
            links[s + shift].append((2 * k, t + shift))
            links[t + shift].append((2 * k + 1, s + shift))
    first: dict[object, int] = {}
    colours = [first.setdefault(c, len(first)) for c in (*left.graph.colours, *right.graph.colours)]
    mine = {v: x for x, v in columns_of(a, left).items()}
    theirs = {v + n: y for y, v in columns_of(b, right).items()}
    pairs: dict[Atom, Atom] = {}
    while mine and theirs:
        levels = _levels(colours, links)
        found = _closest(levels, mine, theirs)
        if not found:
            break
        for v, w in found:
            pairs[mine.pop(v)] = theirs.pop(w)
            colours[v] = colours[w] = max(colours) + 1
    return paired(a, b, pairs, "structure", False) if pairs else None


def _levels(colours: list[int], links: list[list[tuple[int, int]]]) -> list[list[int]]:
    """The colourings after each round of refinement."""
    out = [colours]
    for _ in range(DEPTH):
        names: dict[object, int] = {}
        before = out[-1]
        after = [
            names.setdefault((c, tuple(sorted((k, before[w]) for k, w in links[v]))), len(names))
            for v, c in enumerate(before)
        ]  # fmt: skip
        out.append(after)
        if len(names) == len(set(before)):
            break
    return out


def _closest(levels: list[list[int]], mine: dict[int, Atom], theirs: dict[int, Atom]) -> list[tuple[int, int]]:
    """At the deepest level with a common class: all classes of one on each side, else one pair of the smallest."""
    for colours in reversed(levels):
        classes: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for v in mine:
            classes[colours[v]][0].append(v)
        for w in theirs:
            classes[colours[w]][1].append(w)
        shared = [c for c in classes.values() if c[0] and c[1]]
        single = [(c[0][0], c[1][0]) for c in shared if len(c[0]) == len(c[1]) == 1]
        if single:
            return single
        if shared:
            left, right = min(shared, key=lambda c: len(c[0]) * len(c[1]))
            return [max(((v, w) for v in left for w in right), key=lambda p: _alike(mine[p[0]], theirs[p[1]]))]
    return []


def _alike(a: Atom, b: Atom) -> float:
    one, two = (f"{x.args[0]} {' '.join(map(str, x.args[1]))}" for x in (a, b))
    return SequenceMatcher(None, one, two).ratio()
