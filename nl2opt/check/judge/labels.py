"""Names as far as two models share them: what must not be exchanged when one is laid over the other.

A model that is another one with the prices of two goods exchanged is the same but for names; where both call the goods
by the same labels it is nevertheless another model. So columns keep their labels, and their names, where both sides
have the same ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nl2opt.check.judge.terms import Atom
from nl2opt.ir.instance import Instance, Key

if TYPE_CHECKING:
    from nl2opt.check.judge.side import Side

Labels = Mapping[Atom, Hashable]
"""Column, or the condition that a column takes an element -> what it must have in common with its partner."""


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


def shared(a: Side, b: Side) -> tuple[Shared, Shared]:
    """What the columns and elements of two sides must keep."""
    mine, theirs = ({(plain(n), plain_key(k)): x for (n, k), x in side.atoms.items()} for side in (a, b))
    common = mine.keys() & theirs.keys()
    labels = _tokens(a, b)
    named = (frozenset(side[place] for place in common) for side in (mine, theirs))
    one, two = (Shared(found, names) for found, names in zip(labels, named, strict=True))
    return one, two


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
