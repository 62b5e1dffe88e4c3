"""Wordings -> examples for training: sentences as pieces, and those of some wordings kept back to measure on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nl2opt.formulate.embedded.wordpiece import WordPiece, split_words
from nl2opt.wordings import Told, told, wordings

KEPT_BACK: Final = 5
"""One in so many wordings is kept back when measuring."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """A sentence as the encoder reads it: ids of pieces, shapes and recurrences of their words."""

    ids: list[int]
    shapes: list[int]
    recurrences: list[int]


def templates() -> list[str]:
    """All templates that have wordings, in the order of the scores."""
    return sorted(wordings())


def sentences(times: int, measured: bool = False, back: bool = False) -> list[Told]:
    """Up to `times` sentences a wording; with `measured` without the wordings kept back, or with `back` only these."""
    return [
        sentence
        for name in templates()
        for i in range(len(wordings()[name]))
        if back == (measured and _kept_back(name, wordings()[name][i]))
        for sentence in told(name, i, times)
    ]


def pieces_of(text: str, wordpiece: WordPiece) -> Pieces:
    """A sentence's pieces with the two end marks."""
    ids, shapes, recurrences = [wordpiece.first], [0], [0]
    for word in split_words(text):
        found = wordpiece.encode(text[word.start : word.end])
        ids += found
        shapes += [word.shape] * len(found)
        recurrences += [word.recurrence] * len(found)
    return Pieces([*ids, wordpiece.last], [*shapes, 0], [*recurrences, 0])


def batches(lengths: Sequence[int], size: int) -> list[list[int]]:
    """Lengths -> indices in groups of about the same length."""
    order = sorted(range(len(lengths)), key=lambda i: lengths[i])
    return [order[i : i + size] for i in range(0, len(order), size)]


def _kept_back(name: str, wording: str) -> bool:
    return hashlib.sha256(f"{name}/{wording}".encode()).digest()[0] % KEPT_BACK == 0
