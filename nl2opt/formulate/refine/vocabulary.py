"""Model -> the words it goes by: which of its labels, variables, sets and constraints a sentence speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from nl2opt.formulate.embedded.wordpiece import stem_of
from nl2opt.ir.bind import bind
from nl2opt.ir.instance import flat
from nl2opt.ir.model import Anchor, IndexedElements, Model, Set
from nl2opt.ir.walk import free_names

_EMPTY = frozenset(
    ("the", "and", "for", "per", "each", "every", "must", "should", "not", "than", "more", "les", "least", "most",
     "all", "are", "also", "only", "that", "with", "about", "rule", "constraint", "limit", "number", "total", "amount")
)  # fmt: skip
"""Stems that say nothing about which item is meant."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A label of a set, and where in the sentence it stands."""

    set_name: str
    label: str | int
    start: int
    end: int


def stems(text: str) -> list[tuple[str, int, int]]:
    """Text -> its words without plural endings, with their places."""
    found = ((m[0], m.start(), m.end()) for m in re.finditer(r"[^\W_]+", text))
    return [(_stem(w), start, end) for w, start, end in found]


def _stem(word: str) -> str:
    stem = stem_of(word) or word.lower()
    return stem[:-1] if len(stem) > 2 and stem.endswith("y") else stem  # `days` and `day` are one word


def sets_of(model: Model) -> dict[str, tuple[object, ...]]:
    """The plain sets whose elements the document lists or computes, by name."""
    known = Model(sets=tuple(s for s in model.sets if not s.over and s.elements is not None and _is_closed(s, model)))
    return {name: value.elements for name, value in bind(known).sets.items()}


def _is_closed(s: Set, model: Model) -> bool:
    """True where the elements need nothing but other closed sets."""
    if isinstance(s.elements, tuple | IndexedElements) or s.elements is None:
        return True
    names = free_names(s.elements) & set(model.symbols)
    others = {t.name: t for t in model.sets if t.name != s.name}
    return all(n in others and others[n].elements is not None and _is_closed(others[n], model) for n in names)


def mentions(sentence: str, model: Model) -> list[Mention]:
    """The labels a sentence names, in its order; the longest where several fit, each place once."""
    words = stems(sentence)
    found: list[Mention] = []
    for name, elements in sets_of(model).items():
        for atom in dict.fromkeys(a for e in elements for a in flat(e)):  # type: ignore[arg-type]
            if isinstance(atom, str):
                found += [Mention(name, atom, *at) for at in _places(words, [w for w, _, _ in stems(atom)])]
    found.sort(key=lambda m: (m.start, m.start - m.end, not _is_plain(m, model)))
    kept: list[Mention] = []
    for m in found:
        if all(m.start >= k.end or m.end <= k.start for k in kept):
            kept.append(m)
    return kept


def _is_plain(m: Mention, model: Model) -> bool:
    """True where the label is an element, not a coordinate of one."""
    return m.label in sets_of(model)[m.set_name]


def _places(words: list[tuple[str, int, int]], wanted: list[str]) -> Iterable[tuple[int, int]]:
    """Where a label's words stand one after the other; a short label may be the beginning of a word (`mon`)."""
    if not wanted:
        return
    for i in range(len(words) - len(wanted) + 1):
        part = words[i : i + len(wanted)]
        if all(_alike(w, label) for (w, _, _), label in zip(part, wanted, strict=True)):
            yield part[0][1], part[-1][2]


def _alike(word: str, label: str) -> bool:
    return word == label or (len(label) == 3 and word.startswith(label) and len(word) > 4)


def overlap(sentence: str, *texts: str) -> float:
    """How much of some texts a sentence repeats: telling words shared, against how many there are; 0 for none."""
    own = _telling(*texts)
    return float(len(_telling(sentence) & own) / (1 + len(own)) ** 0.5)


def shared_words(sentence: str, *texts: str) -> set[str]:
    """The telling words a sentence shares with some texts."""
    return _telling(sentence) & _telling(*texts)


def _telling(*texts: str) -> set[str]:
    return {w for t in texts for w, start, end in stems(t) if end - start > 2} - _EMPTY


def quoted(anchors: Iterable[Anchor]) -> str:
    """What an item quotes, as one text."""
    return " ".join(a.text for a in anchors)
