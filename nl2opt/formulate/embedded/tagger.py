"""Text -> Span: variables, numbers, directions and objective of a question, by the embedded encoder.

Runs on numpy alone. Weights load at the first call and stay. Texts longer than a window are read in overlapping
windows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nl2opt.errors import Diagnostic, LimitExceeded
from nl2opt.formulate.embedded.borders import to_spans
from nl2opt.formulate.embedded.encoder import Encoder, Input
from nl2opt.formulate.embedded.lone import without_bystanders
from nl2opt.formulate.embedded.spans import LABELS, Span
from nl2opt.formulate.embedded.wordpiece import Word, WordPiece, split_words

Floats = NDArray[np.float32]

MAX_CHARACTERS: Final = 60_000
"""Longest text read, some 12,000 words and 20 s of one core; questions have 500 to 5,000 characters."""

OVERLAP: Final = 96
"""Pieces that two windows share; a word is judged in the window where it lies further from the border."""

BATCH: Final = 1536
"""Pieces that go through the encoder together; bounds memory (the widest array has 1536 float32 a piece)."""

WEIGHTS: Final = Path(__file__).parent / "weights" / "tagger.npz"


def tag(text: str) -> list[Span]:
    """Spans of `text` in order, disjoint; empty for a text without words.

    Raises `LimitExceeded` beyond MAX_CHARACTERS.
    """
    return tag_many([text])[0]


def tag_many(texts: Iterable[str], weights: Path = WEIGHTS) -> list[list[Span]]:
    """Spans of each text, the same as `tag` gives one by one up to rounding; faster by sharing the matrix products.

    `weights` names another weights file, for those who train one.
    """
    texts = list(texts)
    for text in texts:
        if len(text) > MAX_CHARACTERS:
            raise LimitExceeded(
                Diagnostic(
                    "E01",
                    "the text is too long for the embedded translator",
                    found=f"{len(text)} characters",
                    expected=f"at most {MAX_CHARACTERS}",
                    fix="keep the problem statement and bind the data from files",
                )
            )
    encoder, wordpiece = loaded(weights)
    words = [split_words(text) for text in texts]
    windows = [
        window for i, text in enumerate(texts) for window in _windows(i, text, words[i], wordpiece, encoder.max_length)
    ]
    scores = [np.zeros((len(w), len(encoder.tags)), np.float32) for w in words]
    margins = [np.full(len(w), -1) for w in words]
    for batch in _batches(windows):
        for window, found in zip(batch, encoder.scores([w.input for w in batch]), strict=True):
            n = len(window.firsts)
            margin = np.minimum(np.arange(n), np.arange(n)[::-1])
            here = slice(window.first_word, window.first_word + n)
            better = margin > margins[window.text][here]
            margins[window.text][here][better] = margin[better]
            scores[window.text][here][better] = found[window.firsts][better]
    return [_decode(text, w, s, encoder) for text, w, s in zip(texts, words, scores, strict=True)]


@lru_cache(maxsize=1)
def loaded(weights: Path) -> tuple[Encoder, WordPiece]:
    """A weights file, read once: the encoder and the pieces it knows."""
    encoder = Encoder(weights)
    return encoder, WordPiece(encoder.pieces)


@dataclass(frozen=True, slots=True)
class _Window:
    text: int
    first_word: int
    input: Input
    firsts: list[int]


def _windows(text: int, source: str, words: Sequence[Word], wordpiece: WordPiece, length: int) -> list[_Window]:
    """The text in windows of at most `length` pieces, one where it fits."""
    pieces = [wordpiece.encode(source[w.start : w.end]) for w in words]
    windows = []
    start = 0
    while start < len(words):
        ids, shapes, recurrences, firsts = [wordpiece.first], [0], [0], []
        stop = start
        while stop < len(words) and len(ids) + len(pieces[stop]) < length:
            firsts.append(len(ids))
            ids += pieces[stop]
            shapes += [words[stop].shape] * len(pieces[stop])
            recurrences += [words[stop].recurrence] * len(pieces[stop])
            stop += 1
        input_ = Input([*ids, wordpiece.last], [*shapes, 0], [*recurrences, 0])
        windows.append(_Window(text, start, input_, firsts))
        if stop == len(words):
            break
        back, shared = stop, 0
        while back > start + 1 and shared < OVERLAP:
            back -= 1
            shared += len(pieces[back])
        start = back
    return windows


def _batches(windows: Sequence[_Window]) -> Iterable[list[_Window]]:
    batch: list[_Window] = []
    size = 0
    for window in windows:
        if batch and size + len(window.input.ids) > BATCH:
            yield batch
            batch, size = [], 0
        batch.append(window)
        size += len(window.input.ids)
    if batch:
        yield batch


def _decode(text: str, words: Sequence[Word], scores: Floats, encoder: Encoder) -> list[Span]:
    if not words:
        return []
    scores = scores - scores.max(axis=1, keepdims=True)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    tags = [encoder.tags[k] for k in best_path(logs, encoder.transitions)]
    return without_bystanders(to_spans(text, words, tags, label_shares(np.exp(logs), encoder.tags)))


def label_shares(probabilities: Floats, tags: Sequence[str]) -> Floats:
    """Tag probabilities (words, tags) -> label probabilities (words, LABELS and OUTSIDE): B- and I- added up."""
    columns = [probabilities[:, [k for k, t in enumerate(tags) if t[2:] == label]].sum(axis=1) for label in LABELS]
    return np.stack([*columns, probabilities[:, tags.index("O")]], axis=1)


def best_path(logs: Floats, transitions: Floats) -> list[int]:
    """The likeliest tag sequence under the transition scores (Viterbi); the text begins as if after an O (tag 0)."""
    best = logs[0] + transitions[0]
    back = []
    for row in logs[1:]:
        steps = best[:, None] + transitions
        choice = steps.argmax(axis=0)
        back.append(choice)
        best = steps[choice, np.arange(len(row))] + row
    path = [int(best.argmax())]
    for choice in reversed(back):
        path.append(int(choice[path[-1]]))
    return path[::-1]
