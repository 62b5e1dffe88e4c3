"""Two sides -> the matchings that are all there can be, so that a difference under each of them is a difference.

By the objectives: columns that differ in what they cost, or by labels and names of sets that both models know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from itertools import permutations, product
from math import factorial, prod

from nl2opt.check.judge.frames import Frame
from nl2opt.check.judge.implied import stated
from nl2opt.check.judge.labels import Labels, common_words, plain, shared
from nl2opt.check.judge.matching import Matching, paired
from nl2opt.check.judge.side import Side
from nl2opt.check.judge.terms import Atom, Form
from nl2opt.ir.instance import Key
from nl2opt.ir.nodes import Name

MOST = 24
"""Matchings that are tried one by one."""
ALIKE = 0.5
"""The share of rows that are the same under one of the matchings by labels: else the columns may mean other things."""


def every_matching(a: Side, b: Side) -> list[Matching]:
    """All matchings there can be; none where they are not known to be all."""
    if a.canonical is None or b.canonical is None or len(a.atoms) != len(b.atoms):
        return []
    return _by_aims(a, b) or _by_labels(a, b)


def _by_aims(a: Side, b: Side) -> list[Matching]:
    """Those that keep the objectives term by term, and shared labels, where they are few.

    A model that is the other one but for the names of its columns is so under one of these.
    """
    mine, theirs = shared(a, b)
    left, right = _weights(a, mine.labels), _weights(b, theirs.labels)
    if left is None or right is None or left.keys() != right.keys():
        return []
    if any(len(left[w]) != len(right[w]) for w in left) or prod(factorial(len(x)) for x in left.values()) > MOST:
        return []
    choices = [[tuple(zip(left[w], order, strict=True)) for order in permutations(right[w])] for w in left]
    return [
        paired(a, b, pairs, "objective", True)
        for chosen in product(*choices)
        for pairs in [dict(pair for part in chosen for pair in part)]
    ]  # fmt: skip


def _weights(side: Side, kept: Labels) -> dict[Hashable, list[Atom]] | None:
    """Coefficients in the objectives, and labels -> the columns that have them; None where they do not tell enough."""
    assert side.canonical is not None
    goals = [g.form for g in side.canonical.goals]
    if not goals or any(isinstance(g, Form) and any(x.op != "column" for x in g.terms) for g in goals):
        return None
    if any(x.args[2] == "element" for x in side.atoms.values()):
        return None
    out: dict[Hashable, list[Atom]] = defaultdict(list)
    for x in side.atoms.values():
        weights = tuple(g.terms.get(x, 0) if isinstance(g, Form) else 0 for g in goals)
        if not any(weights):  # a column without weight could be counted the other way round
            return None
        out[kept.get(x), weights, x.low, x.high].append(x)  # other bounds: it may be counted from another start
    return out


Family = dict[Key, Atom]
"""Columns by their keys in words both models know."""


def _by_labels(a: Side, b: Side) -> list[Matching]:
    """Those that keep the labels, each family from its start or the other way round; most rows must be the same."""
    mine, theirs = _families(a, b), _families(b, a)
    if mine is None or theirs is None or len(mine) != len(theirs):
        return []
    chosen: list[list[tuple[dict[Atom, Atom], dict[Atom, Frame]]]] = []
    for name, family in mine.items():
        partners = [other for other, rivals in theirs.items() if any(_orders(family, rivals))]
        if len(partners) != 1 or sum(any(_orders(f, theirs[partners[0]])) for f in mine.values()) != 1:
            return []
        rivals = theirs[partners[0]]
        same = plain(name) == plain(partners[0])
        options = [
            option
            for order in _orders(family, rivals)
            for pairs in [{x: rivals[tuple(key[i] for i in order)] for key, x in family.items()}]
            for option in _counted(pairs, same)
        ]
        if not options:
            return []
        chosen.append(options)
    if prod(map(len, chosen)) > MOST:
        return []
    found = []
    for parts in product(*chosen):
        pairs = {x: y for columns, _ in parts for x, y in columns.items()}
        frames = {x: frame for _, counted in parts for x, frame in counted.items()}
        found.append(paired(a, b, pairs, "labels", True, frames))
    return found if any(stated(a, b, m.candidate) >= ALIKE for m in found) else []


def _orders(family: Family, rivals: Family) -> Iterator[tuple[int, ...]]:
    """The orders of coordinates in which one family has the keys of the other."""
    width = len(next(iter(family)))
    if len(family) == len(rivals) and len(next(iter(rivals))) == width <= 3:
        for order in permutations(range(width)):
            if {tuple(key[i] for i in order) for key in family} == rivals.keys():
                yield order


def _counted(pairs: dict[Atom, Atom], same: bool) -> Iterator[tuple[dict[Atom, Atom], dict[Atom, Frame]]]:
    """Columns and their partners of the same range: from their starts, and the other way round."""
    if any("element" in (x.args[2], y.args[2]) or isinstance(x.high - x.low, float) or x.whole != y.whole
           or x.high - x.low != y.high - y.low for x, y in pairs.items()):  # fmt: skip
        return
    if any(x.whole and x.high - x.low > 1 for x in pairs):  # whose number, or the number of whom
        return
    if same:
        yield pairs, {}
        return
    starts: dict[Atom, Frame] = {x: (x.low, 1) for x in pairs}  # type: ignore[misc]
    yield pairs, starts | {y: (y.low, 1) for y in pairs.values()}  # type: ignore[misc]
    yield pairs, starts | {y: (y.high, -1) for y in pairs.values()}  # type: ignore[misc]


def _families(side: Side, other: Side) -> dict[str, Family] | None:
    """The families of a side by keys that both models know: words, or numbers of a set both have by the same name."""
    words = common_words(side, other)
    found: dict[str, Family] = defaultdict(dict)
    for (name, key), x in side.atoms.items():
        told = _told(side, other, name, key, words)
        if told is None:
            return None
        found[name][told] = x
    return found


def _told(side: Side, other: Side, name: str, key: Key, words: set[str]) -> Key | None:
    variable = next((v for v in side.instance.model.variables if v.name == name), None)
    sources: list[str] = []
    for g in variable.over if variable is not None else ():
        sources += [g.source.name if isinstance(g.source, Name) and len(g.targets) < 2 else ""] * max(1, len(g.targets))
    if len(sources) != len(key):
        return None
    told: list[str | int] = []
    for source, label in zip(sources, key, strict=True):
        if plain(label) in words:
            told.append(plain(label))
        elif source and _same_set(side, other, source):
            told.append(label)
        else:
            return None
    return tuple(told)


def _same_set(side: Side, other: Side, name: str) -> bool:
    mine: Mapping[str, object] = {s: v.elements for s, v in side.instance.sets.items()}
    theirs: Mapping[str, object] = {s: v.elements for s, v in other.instance.sets.items()}
    return name in mine and mine[name] == theirs.get(name)
