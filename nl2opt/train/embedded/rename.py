"""Example -> Example: the same text about other things, every mention renamed alike.

A tagger that learns nouns fails on new ones; after renaming only the places say what is a variable.
"""

from __future__ import annotations

import random
import re

from nl2opt.formulate.embedded.wordpiece import stem_of, word_set
from nl2opt.train.embedded.corpus import Example, Piece
from nl2opt.train.embedded.names import draw, draw_names, plural

_WORD = re.compile(r"[^\W\d_]{3,}")
_KEPT = word_set("the and for with each type size rate option per trip hour day week")


def rename(example: Example, rng: random.Random) -> Example:
    """Whole names by new names where mentions do not overlap; else word by word, so that shared heads stay shared."""
    keys: dict[tuple[str, ...], list[Piece]] = {}
    for piece in example.pieces:
        if piece.label == "VAR":
            keys.setdefault(_key(example.text[piece.start : piece.end]), []).append(piece)
    if not keys:
        return example
    apart = not any(_within(a, b) for a in keys for b in keys if a != b)
    shared = len({key[-1] for key in keys}) < len(keys)
    if apart and not (shared and rng.random() < 0.5):
        return _whole(example, keys, rng)
    return _word_by_word(example, rng)


def _key(name: str) -> tuple[str, ...]:
    return tuple(stem_of(word) or word.lower() for word in re.findall(r"\w+", name)) or (name,)


def _within(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    return len(set(a) & set(b)) == len(set(a))


def _several(word: str) -> bool:
    return word.lower().endswith("s") and not word.lower().endswith(("ss", "us", "is"))


def _like(new: str, old: str) -> str:
    return new[:1].upper() + new[1:] if old[:1].isupper() and new[:1].islower() else new


def _whole(example: Example, keys: dict[tuple[str, ...], list[Piece]], rng: random.Random) -> Example:
    news = dict(zip(keys, draw_names(len(keys), rng), strict=True))
    edits = []
    for key, pieces in keys.items():
        for piece in pieces:
            old = example.text[piece.start : piece.end]
            new = news[key].many if _several(old) else news[key].one
            begins = re.search(r"(^|[.?!]\s+)$", example.text[: piece.start]) is not None
            edits.append((piece.start, piece.end, _like(new, old) if begins else new))
    return _edited(example, edits)


def _word_by_word(example: Example, rng: random.Random) -> Example:
    heads: dict[str, bool] = {}
    for piece in example.pieces:
        if piece.label == "VAR":
            words = _WORD.findall(example.text[piece.start : piece.end])
            for k, word in enumerate(words):
                if word.lower() not in _KEPT:
                    heads[stem_of(word)] = (
                        heads.get(stem_of(word), False) or (k == len(words) - 1 and k > 0) or _several(word)
                    )
    news: dict[str, str] = {}
    for word, is_head in heads.items():
        news[word] = draw("noun" if is_head else "modifier", rng, 0.25)
    edits = []
    for match in _WORD.finditer(example.text):
        new = news.get(stem_of(match[0]))
        if new and match[0].lower() not in _KEPT:
            new = plural(new) if _several(match[0]) else new
            edits.append((match.start(), match.end(), _like(new, match[0])))
    return _edited(example, edits)


def _edited(example: Example, edits: list[tuple[int, int, str]]) -> Example:
    """The text with places replaced and all pieces moved along; "a" and "an" follow the new word."""
    places = []
    for start, end, new in edits:
        places.append((start, end, new))
        before = re.search(r"\b(an?) $", example.text[:start], re.IGNORECASE)
        if before:
            fitting = before[1][0] + ("n" if new[:1].lower() in "aeiou" else "")
            places.append((before.start(1), before.end(1), fitting))
    text, at, moved = "", 0, {}
    for start, end, new in sorted(places):
        text += example.text[at:start]
        moved[start] = len(text)
        text += new
        moved[end] = len(text)
        at = end
    text += example.text[at:]
    ends = sorted({place[0] for place in places} | {place[1] for place in places})

    def shift(offset: int) -> int:
        if offset in moved:
            return moved[offset]
        before = max((e for e in ends if e <= offset), default=0)
        return moved.get(before, 0) + offset - before

    return Example(text, tuple(Piece(p.label, shift(p.start), shift(p.end)) for p in example.pieces))
