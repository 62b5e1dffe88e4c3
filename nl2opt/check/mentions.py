"""Label, text -> where the text names it: plural endings, hyphens and the order of its words aside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from nl2opt.check.unit_names import forms

_WORD = re.compile(r"[^\W\d_]+|\d+")
_SHORT = 3
"""The fewest letters of a label that may be the beginning of a longer word: `mon` of Monday."""


@lru_cache(maxsize=1024)
def _words(text: str) -> tuple[tuple[int, frozenset[str]], ...]:
    """The words of a text: offset, and what the singular of each may be."""
    return tuple((m.start(), frozenset(forms(m[0].lower()))) for m in _WORD.finditer(text))


def mentions(text: str, label: str) -> Iterator[int]:
    """The offsets at which a text names a label by all its words, side by side in any order."""
    if len(label) == 1 and label.isalpha():
        yield from (m.start() for m in re.finditer(rf"\b{label}\b", text) if not _article(text, m))
        return
    wanted = [w for _, w in _words(label)]
    said = _words(text)
    turns = len(wanted) > 1 and not any(c.isdigit() for c in label)
    for i in range(len(said) - len(wanted) + 1 if wanted else 0):
        here = [w for _, w in said[i : i + len(wanted)]]
        if all(a & b for a, b in zip(wanted, here, strict=True)) or (
            turns and all(a & b for a, b in zip(wanted, reversed(here), strict=True))
        ):
            yield said[i][0]


def _article(text: str, m: re.Match[str]) -> bool:
    """True for `a`, and for `A` where it begins a sentence before a small word."""
    if m[0] not in "aA":
        return False
    opens = re.search(r"(?:^|[.!?:]\s+)$", text[: m.start()]) is not None
    return m[0] == "a" or (opens and re.match(r"\s+[a-z]", text[m.end() :]) is not None)


def named(text: str, labels: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Labels -> where a text names each; by a word no other label has, or by its first letters, where not in full."""
    labels = list(dict.fromkeys(labels))
    found = {label: tuple(mentions(text, label)) for label in labels}
    for label in labels:
        if not found[label]:
            found[label] = _by_own_word(text, label, labels) or _by_first_letters(text, label, labels)
    return {label: at for label, at in found.items() if at}


def _by_own_word(text: str, label: str, labels: list[str]) -> tuple[int, ...]:
    words = [w for _, w in _words(label)]
    others = [w for other in labels if other != label for _, w in _words(other)]
    own = [w for w in words if len(words) > 1 and not any(w & o for o in others) and len(min(w)) >= _SHORT]
    for w in own:
        if at := tuple(start for start, said in _words(text) if said & w):
            return at
    return ()


def _by_first_letters(text: str, label: str, labels: list[str]) -> tuple[int, ...]:
    key = label.lower()
    if len(key) < _SHORT or not key.isalpha() or any(o != label and o.lower().startswith(key) for o in labels):
        return ()
    return tuple(m.start() for m in _WORD.finditer(text) if m[0].lower().startswith(key))
