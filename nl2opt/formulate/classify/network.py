"""Sentences -> scores of all templates: the tagger's encoder with narrow paths, beside sequences of words.

Two judges that err differently are added up: what the encoder makes of the whole sentence, and which words follow
which. `python -m nl2opt.train.classifier` makes the weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulate.classify.features import grams, tokens
from nl2opt.formulate.embedded.encoder import Encoder, Input
from nl2opt.formulate.embedded.tagger import WEIGHTS as ENCODER
from nl2opt.formulate.embedded.tagger import loaded
from nl2opt.formulate.embedded.wordpiece import WordPiece, split_words

Floats = NDArray[np.float32]

WEIGHTS: Final = Path(__file__).parent / "weights" / "classifier.npz"
MAX_CHARACTERS: Final = 600
"""What is read of a sentence; the rest of a longer one is not looked at."""


@dataclass(frozen=True)
class Network:
    """The weights, ready to use: `templates` names the columns of the scores."""

    templates: tuple[str, ...]
    encoder: Encoder
    wordpiece: WordPiece
    head: Floats
    head_bias: Floats
    gram_names: tuple[str, ...]
    grams: Mapping[str, int]
    gram_rarity: Floats
    gram_weights: Floats
    gram_bias: Floats

    def scores(self, sentences: Sequence[str]) -> Floats:
        """(sentences, templates): the logarithm of each template's share, rows adding up to one."""
        hidden = self.encoder.hidden([self.input_of(s) for s in sentences])
        pooled = np.stack([np.concatenate([part[0], part.mean(axis=0)]) for part in hidden])
        found = pooled @ self.head + self.head_bias
        for row, sentence in zip(found, sentences, strict=True):
            at, strength = self.heard(sentence)
            row += strength @ self.gram_weights[at].astype(np.float32) + self.gram_bias
        found -= found.max(axis=1, keepdims=True)
        return np.asarray(found - np.log(np.exp(found).sum(axis=1, keepdims=True)), np.float32)

    def heard(self, sentence: str) -> tuple[NDArray[np.intp], Floats]:
        """The known word sequences of a sentence, and how much each counts; together they have length one."""
        known = [g for g in grams(tokens(sentence[:MAX_CHARACTERS])) if g in self.grams]
        at, times = np.unique(np.array([self.grams[g] for g in known], np.intp), return_counts=True)
        strength = (1 + np.log(times)) * self.gram_rarity[at] if len(at) else np.zeros(0)
        return at, np.asarray(strength / (np.linalg.norm(strength) or 1), np.float32)

    def input_of(self, sentence: str) -> Input:
        """The pieces of a sentence as the encoder reads them, with the two end marks."""
        sentence = sentence[:MAX_CHARACTERS]
        ids, shapes, recurrences = [self.wordpiece.first], [0], [0]
        for word in split_words(sentence):
            pieces = self.wordpiece.encode(sentence[word.start : word.end])
            ids += pieces
            shapes += [word.shape] * len(pieces)
            recurrences += [word.recurrence] * len(pieces)
        stop = self.encoder.max_length - 1
        return Input([*ids[:stop], self.wordpiece.last], [*shapes[:stop], 0], [*recurrences[:stop], 0])


@lru_cache(maxsize=1)
def network(weights: Path = WEIGHTS) -> Network:
    """The weights file, read once."""
    with np.load(weights, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}

    def words(name: str) -> list[str]:
        return bytes(arrays[name].tobytes()).decode("utf-8").split("\n")

    def matrix(name: str) -> Floats:
        return np.asarray(arrays[name + ".int8"].astype(np.float32) * arrays[name + ".scale"][:, None])

    encoder, wordpiece = loaded(ENCODER)
    places = {name.rsplit(".", 2)[0] for name in arrays if name.endswith(".down.int8")}
    paths = {place: (matrix(place + ".down"), matrix(place + ".up")) for place in places}
    return Network(
        tuple(words("templates")), encoder.adapted(paths), wordpiece, np.ascontiguousarray(matrix("head").T),
        arrays["head.bias"],
        tuple(words("grams")), {g: i for i, g in enumerate(words("grams"))}, arrays["grams.rarity"].astype(np.float32),
        matrix("grams"), arrays["grams.bias"],
    )  # fmt: skip
