"""Names as far as two models share them: what must not be exchanged when one is laid over the other.

A model that is another one with the prices of two goods exchanged is the same but for names; where both call the goods
by the same labels it is nevertheless another model. So columns keep their labels, and their names, where both sides
have the same ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nl2opt.check.judge.terms import Atom
from nl2opt.ir.instance import Instance, Key

if TYPE_CHECKING:
    from nl2opt.check.judge.canonical import Canonical
    from nl2opt.check.judge.side import Side

Labels = Mapping[Atom, Hashable]
"""Column, or the condition that a column takes an element -> what it must have in common with its partner."""


MOST_SQUARE = 3
"""Square families whose axes are exchanged, one at a time."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What the columns of a side have in common with the other side: labels, and names and labels (``named``)."""

    labels: Labels
    named: frozenset[Atom]


def plain(name: object) -> str:
    """A name without what spellings differ in."""
    return str(name).casefold().replace("_", "").replace(" ", "")


def plain_key(key: Key) -> tuple[str, ...]:
    """A key without what spellings differ in."""
    return tuple(map(plain, key))


def elements(instance: Instance, column: Atom) -> list[str]:
    """The elements a column takes, as plain texts."""
    name, key, _ = column.args
    family = instance.variables[name]
    assert family.within is not None
    return [plain(e) for e in family.within[family.domain.position[key]].elements]


Named = tuple[str, tuple[str, ...]]
Naming = Callable[[str, Key], Named]


def naming(*forms: Canonical) -> Naming:
    """Forms -> how their columns are called in common: without what spellings differ in, unless two of one form would
    then be the same; else exactly."""
    for c in forms:
        if len({(plain(x.name), plain_key(x.key)) for x in c.ground.columns}) < len(c.ground.columns):
            return lambda name, key: (name, tuple(map(str, key)))
    return lambda name, key: (plain(name), plain_key(key))


def shared(a: Side, b: Side) -> tuple[Shared, Shared]:
    """What the columns and elements of two sides must keep: their names, where both have them, else labels."""
    assert a.canonical is not None and b.canonical is not None
    called = naming(a.canonical, b.canonical)
    mine, theirs = ({called(n, k): x for (n, k), x in side.atoms.items()} for side in (a, b))
    ranges = [_keys(c, called) for c in (a.canonical, b.canonical)]
    common = {
        (name, key)
        for name, key in mine.keys()
        & theirs.keys()  # the numbers of a range are no labels: another range, other numbers
        if ranges[0][name] == ranges[1][name] or any(any(map(str.isalpha, label)) for label in key)
    }
    one, two = (
        Shared({**labels, **{side[place]: ("named", place) for place in common}}, frozenset(side[p] for p in common))
        for side, labels in zip((mine, theirs), _tokens(a, b), strict=True)
    )
    return one, two


def _keys(c: Canonical, called: Naming) -> dict[str, set[tuple[str, ...]]]:
    """Names of families -> their keys."""
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for x in c.ground.columns:
        name, key = called(x.name, x.key)
        found[name].add(key)
    return found


def transposed(b: Side, shared: Shared) -> Iterator[Shared]:
    """The same with the axes of a square family exchanged: a table may be kept by rows or by columns."""
    families: dict[str, dict[Key, Atom]] = defaultdict(dict)
    for (name, key), x in b.atoms.items():
        if x in shared.named and len(key) == 2:
            families[name][key] = x
    square = [f for f in families.values() if f.keys() == {(j, i) for i, j in f}]
    for family in square[:MOST_SQUARE]:
        turned = {x: shared.labels[family[key[::-1]]] for key, x in family.items()}
        yield Shared({**shared.labels, **turned}, shared.named)


def _tokens(a: Side, b: Side) -> tuple[Labels, Labels]:
    """What columns and elements have in common with their partners."""
    mine, theirs = _columns(a), _columns(b)
    out: tuple[dict[Atom, Hashable], dict[Atom, Hashable]] = ({}, {})
    for depth in (2, 1):
        one, two = ({x: token[:depth] for x, token in side.items()} for side in (mine, theirs))
        if Counter(one.values()) == Counter(two.values()):
            out = (dict(one), dict(two))
            break
    common = common_words(a, b)
    if not out[0]:  # at least the labels that both know
        for side, found in zip((a, b), out, strict=True):
            found.update({x: said for x in side.atoms.values() if (said := labels_of(x, common))})
    labels = [Counter(e for x in side.atoms.values() if x.args[2] == "element" for e in elements(side.instance, x))
              for side in (a, b)]  # fmt: skip
    for side, found in zip((a, b), out, strict=True):
        found.update({x: e for x, e in _elements(side) if labels[0] == labels[1] or e in common})
    return out


def common_words(a: Side, b: Side) -> set[str]:
    """The labels both sides know, numbers left out."""
    return _vocabulary(a) & _vocabulary(b)


def _vocabulary(side: Side) -> set[str]:
    """The labels a side's columns have or take, numbers left out."""
    assert side.canonical is not None
    keys = {label for c in side.canonical.ground.columns for label in plain_key(c.key)}
    taken = {e for x in side.atoms.values() if x.args[2] == "element" for e in elements(side.instance, x)}
    return {label for label in keys | taken if any(map(str.isalpha, label))}


def labels_of(x: Atom, words: Set[str]) -> tuple[str, ...]:
    """Those of the words that are labels of a column, in any order."""
    return tuple(sorted(label for label in plain_key(x.args[1]) if label in words))


def _columns(side: Side) -> dict[Atom, tuple[Hashable, ...]]:
    """Column -> its labels in any order, then its name."""
    return {x: (tuple(sorted(plain_key(key))), plain(name)) for (name, key), x in side.atoms.items()}


def _elements(side: Side) -> Iterable[tuple[Atom, Hashable]]:
    assert side.canonical is not None
    for x in side.atoms.values():
        if x.args[2] == "element":
            for k, e in enumerate(elements(side.instance, x)):
                yield side.canonical.terms.atom("is", (x, k), 0, 1, whole=True, condition=True), e
