"""Two sides -> which column of one is which column of the other: by isomorphism, by names, or by structure.

A matching found by structure is a guess that a proof may rest on (a proof tells whether it was right) and a difference
may not: another matching could do better.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import permutations
from types import MappingProxyType

from nl2opt.check.judge.frames import Frame, frames_of, turnings
from nl2opt.check.judge.graphs import Drawing
from nl2opt.check.judge.labels import elements, naming, plain, plain_key, shared
from nl2opt.check.judge.onehot import one_hot
from nl2opt.check.judge.side import Side
from nl2opt.check.judge.terms import Atom, Condition, Form, Number, Rational, Terms, tidy
from nl2opt.check.judge.translation import Image

DEPTH = 6
"""Rounds of refinement a resemblance by structure is measured in."""
MOST_AXES = 3
"""Coordinates that are tried in every order."""
MOST = 400
"""Columns a matching by structure is looked for among."""
UNFRAMED: Mapping[Atom, Frame] = MappingProxyType({})


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
    choices: tuple[tuple[Condition, ...], ...] = ()
    """Conditions over the candidate, and (``chosen``) over the reference, of which exactly one must hold."""
    chosen: tuple[tuple[Condition, ...], ...] = ()


def paired(
    a: Side, b: Side, pairs: dict[Atom, Atom], by: str, certain: bool, frames: Mapping[Atom, Frame] = UNFRAMED
) -> Matching:
    """Columns one by one -> the matching; elements of the same label are the same, else those at the same place.

    Columns with ``frames`` are the same in these, else as they stand.
    """
    candidate: dict[Atom, Image] = {}
    reference: dict[Atom, Image] = {}
    for x, y in pairs.items():
        if x.args[2] == "element":
            order = _order(a, b, x, y)
            if order is not None:
                reference[x] = tuple(_is(b, y, k) for k in order)
                candidate[y] = tuple(_is(a, x, order.index(k)) for k in range(len(order)))
            continue
        (start, step), (other, width) = frames.get(x, (0, 1)), frames.get(y, (0, 1))
        t, u = _terms(a), _terms(b)  # (x - start) / step = (y - other) / width
        k = Fraction(step) / Fraction(width)
        reference[x] = u.add(u.scale(_of(b, y), tidy(k)), tidy(Fraction(start - other * k)))
        candidate[y] = t.add(t.scale(_of(a, x), tidy(1 / k)), tidy(Fraction(other - start / k)))
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


def guesses(a: Side, b: Side) -> list[Matching]:
    """The matchings worth a try, the likeliest first."""
    if a.canonical is None or b.canonical is None:
        return []
    named = _by_names(a, b)
    values = _by_values(a, b)
    found = [named] if named is not None else []
    if named is None or not named.certain:
        values = values or _by_values(a, b, by_place=True)
        look = Resemblance(a, b) if max(len(a.atoms), len(b.atoms)) <= MOST else None
        if look is not None:
            for pairs, by in ((_by_families(a, b, look), "labels"), (_by_structure(look), "structure")):
                found += [paired(a, b, pairs, by, False, frames) for frames in _frames(a, b) if pairs]
    if values is not None:  # the columns that are no values of others by any of the other ways
        found = [*(_joined(m, values) for m in found), values, *found]
    return _unlike(found)


def _joined(known: Matching, values: Matching) -> Matching:
    """A matching of columns, and one by values of those it says something of."""
    return Matching(
        known.pairs | values.pairs,
        known.candidate | values.candidate,
        known.reference | values.reference,
        "values",
        False,
        values.choices,
        values.chosen,
    )


def _frames(a: Side, b: Side) -> Iterator[Mapping[Atom, Frame]]:
    """The frames columns may be the same in: those of the canonical forms, perhaps turned; and as they stand."""
    assert a.canonical is not None and b.canonical is not None
    mine, theirs = shared(a, b)
    own, either = frames_of(a.canonical, frozenset(), mine.named, affine=a.affine)
    other, undirected = frames_of(b.canonical, frozenset(), theirs.named, affine=b.affine)
    yield own | other
    for turned in turnings(undirected):
        yield own | frames_of(b.canonical, turned, theirs.named, affine=b.affine)[0]
    for turned in turnings(either):
        yield frames_of(a.canonical, turned, mine.named, affine=a.affine)[0] | other
    yield UNFRAMED


def _unlike(found: list[Matching]) -> list[Matching]:
    """Matchings without those that say the same as one before."""
    kept: list[Matching] = []
    for m in found:
        if not any(m.candidate == k.candidate and m.reference == k.reference for k in kept):
            kept.append(m)
    return kept


def _by_values(a: Side, b: Side, by_place: bool = False) -> Matching | None:
    """Columns of one side as conditions of the other, one a value."""
    found = one_hot(a, b, by_place)
    if found is not None:
        pairs, reference, candidate, choices, chosen = found
        pairs = {x: y for y, x in pairs.items()}
    else:
        found = one_hot(b, a, by_place)
        if found is None:
            return None
        pairs, candidate, reference, chosen, choices = found
    return Matching(pairs, candidate, reference, "values", False, choices, chosen)


def _by_names(a: Side, b: Side) -> Matching | None:
    """Columns of the same name and key; certain where all have their namesakes, perhaps fixed by bounds."""
    assert a.canonical is not None and b.canonical is not None
    called = naming(a.canonical, b.canonical)
    there = {called(name, key): atom for (name, key), atom in b.atoms.items()}
    axes = _axes(a, b)
    pairs = {}
    for (name, key), atom in a.atoms.items():
        order = axes.get(plain(name), range(len(key)))
        other = there.get(called(name, tuple(key[i] for i in order)))
        if other is not None and (atom.args[2] == "element") == (other.args[2] == "element"):
            pairs[atom] = other
    found = paired(a, b, pairs, "names", False)
    candidate = {y: v for y, v in constants(a, b).items() if y not in found.candidate}
    reference = {x: v for x, v in constants(b, a).items() if x not in found.reference}
    if not pairs and not candidate and not reference:
        return None
    known = len(pairs) + len(candidate) == len(b.atoms) and len(pairs) + len(reference) == len(a.atoms)
    known = known and len(set(pairs.values())) == len(found.candidate) == len(found.reference) == len(pairs)
    complete = known and not any(v == () for v in (*candidate.values(), *reference.values()))
    if not complete:
        return found
    return replace(found, candidate=found.candidate | candidate, reference=found.reference | reference, certain=True)


def _axes(a: Side, b: Side) -> dict[str, tuple[int, ...]]:
    """Names of families whose keys are those of their namesake in one other order of the coordinates -> the order."""
    mine, theirs = ({plain(n): columns for n, columns in _families(side).items()} for side in (a, b))
    found: dict[str, tuple[int, ...]] = {}
    for name, columns in mine.items():
        rivals = theirs.get(name, {})
        width = len(next(iter(columns)))
        if columns.keys() == rivals.keys() or len(columns) != len(rivals) or not 1 < width <= MOST_AXES:
            continue
        orders = [o for o in permutations(range(width)) if {tuple(k[i] for i in o) for k in columns} == rivals.keys()]
        if len(orders) == 1:
            found[name] = orders[0]
    return found


def constants(one: Side, two: Side) -> dict[Atom, Image]:
    """Columns of the second side whose namesakes the bounds of the first fix -> the value; () for none it takes."""
    assert one.canonical is not None
    assert two.canonical is not None
    called = naming(one.canonical, two.canonical)
    fixed = {called(c.name, c.key): c.value for c in one.canonical.ground.columns if c.atom is None}
    found: dict[Atom, Image] = {}
    for (name, key), y in two.atoms.items():
        if called(name, key) not in fixed:
            continue
        value = fixed[called(name, key)]
        if y.args[2] == "element":
            takes = tuple(e == plain(value) for e in elements(two.instance, y))
            found[y] = takes if any(takes) else ()
        else:
            found[y] = tidy(Fraction(value)) if isinstance(value, int | Fraction) else ()
    return found


def _order(a: Side, b: Side, x: Atom, y: Atom) -> list[int] | None:
    """The elements of one column -> their places in the other; None where there are not as many."""
    mine, theirs = elements(a.instance, x), elements(b.instance, y)
    if len(mine) != len(theirs):
        return None
    return [theirs.index(e) for e in mine] if set(mine) == set(theirs) else list(range(len(mine)))


class Resemblance:
    """How alike columns of two sides are: the rounds of refinement in which they cannot be told apart."""

    def __init__(self, a: Side, b: Side) -> None:
        mine, theirs = shared(a, b)
        left, right = next(a.drawings(mine)), next(b.drawings(theirs))
        n = len(left.graph.colours)
        labels: dict[Hashable, int] = {}
        self.links: list[list[tuple[int, int]]] = [[] for _ in range(n + len(right.graph.colours))]
        for graph, shift in ((left.graph, 0), (right.graph, n)):
            for s, t, label in graph.edges:
                k = labels.setdefault(label, len(labels))
                self.links[s + shift].append((2 * k, t + shift))
                self.links[t + shift].append((2 * k + 1, s + shift))
        first: dict[Hashable, int] = {}
        self.colours = [first.setdefault(c, len(first)) for c in (*left.graph.colours, *right.graph.colours)]
        self.left = columns_of(a, left)
        self.right = {x: v + n for x, v in columns_of(b, right).items()}

    def levels(self) -> list[list[int]]:
        """The colourings after each round of refinement."""
        out = [self.colours]
        for _ in range(DEPTH):
            names: dict[Hashable, int] = {}
            before = out[-1]
            after = [
                names.setdefault((c, tuple(sorted((k, before[w]) for k, w in self.links[v]))), len(names))
                for v, c in enumerate(before)
            ]  # fmt: skip
            out.append(after)
            if len(names) == len(set(before)):
                break
        return out


def _by_families(a: Side, b: Side, look: Resemblance) -> dict[Atom, Atom]:
    """Families of columns with the same labels, in any order of their coordinates; of several the most alike."""
    levels = look.levels()
    mine, theirs = _families(a), _families(b)
    offers: list[tuple[float, str, str, tuple[int, ...]]] = []
    for name, columns in mine.items():
        for other, rivals in theirs.items():
            if len(columns) != len(rivals) or _kinds(columns) != _kinds(rivals):
                continue
            width = len(next(iter(columns)))
            for order in permutations(range(width)) if width <= MOST_AXES else ():
                if {tuple(key[i] for i in order) for key in columns} == rivals.keys():
                    score = sum(
                        _depth(levels, look.left[x], look.right[rivals[tuple(key[i] for i in order)]])
                        for key, x in columns.items()
                    )
                    near = SequenceMatcher(None, name, other).ratio() / 2
                    near += _weights_of(a, columns.values()) == _weights_of(b, rivals.values())
                    offers.append((score / len(columns) + near, name, other, order))
    pairs: dict[Atom, Atom] = {}
    used: set[tuple[int, str]] = set()
    for _, name, other, order in sorted(offers, reverse=True):
        if (0, name) not in used and (1, other) not in used:
            used |= {(0, name), (1, other)}
            pairs.update({x: theirs[other][tuple(key[i] for i in order)] for key, x in mine[name].items()})
    return pairs


def _weights_of(side: Side, columns: Iterable[Atom]) -> Counter[Rational]:
    """The coefficients of columns in the first objective."""
    assert side.canonical is not None
    goals = side.canonical.goals
    goal = goals[0].form if goals else 0
    return Counter(goal.terms.get(x, 0) if isinstance(goal, Form) else 0 for x in columns)


def _families(side: Side) -> dict[str, dict[tuple[str, ...], Atom]]:
    found: dict[str, dict[tuple[str, ...], Atom]] = defaultdict(dict)
    for (name, key), x in side.atoms.items():
        found[name][plain_key(key)] = x
    return found


def _kinds(columns: dict[tuple[str, ...], Atom]) -> set[bool]:
    return {x.args[2] == "element" for x in columns.values()}


def _depth(levels: list[list[int]], v: int, w: int) -> int:
    return sum(colours[v] == colours[w] for colours in levels)


def _by_structure(look: Resemblance) -> dict[Atom, Atom]:
    """Columns that look alike in their surroundings; where several do, those whose names are nearest are told apart."""
    mine = {v: x for x, v in look.left.items()}
    theirs = {w: y for y, w in look.right.items()}
    pairs: dict[Atom, Atom] = {}
    while mine and theirs:
        found = _closest(look.levels(), mine, theirs)
        if not found:
            break
        for v, w in found:
            pairs[mine.pop(v)] = theirs.pop(w)
            look.colours[v] = look.colours[w] = max(look.colours) + 1
    return pairs


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
