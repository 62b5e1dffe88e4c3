"""Piece ids -> tag scores: a six-layer BERT encoder in plain numpy, from int8 weights.

Sequences of a batch are laid end to end, so that no work is spent on padding; only attention goes one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulate.embedded.serial import one_thread

Floats = NDArray[np.float32]

_EPSILON: Final = np.float32(1e-12)
_HEAD_WIDTH: Final = 32
"""Width of an attention head. Source: configuration of MiniLM-L6-H384 (12 heads of 384)."""
_SHRINK: Final = np.float32(_HEAD_WIDTH**-0.5)
"""Attention divides by the root of the head's width: once in the weights, not per text."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input: ids, shapes and recurrences of equal length, at most `Encoder.max_length`."""

    ids: Sequence[int]
    shapes: Sequence[int]
    recurrences: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Layer:
    query_key_value: Floats
    query_key_value_bias: Floats
    mix: Floats
    mix_bias: Floats
    mix_norm: tuple[Floats, Floats]
    widen: Floats
    widen_bias: Floats
    narrow: Floats
    narrow_bias: Floats
    narrow_norm: tuple[Floats, Floats]


class Encoder:
    """Weights as arrays, read once from an npz file without pickles; `tags` names the columns of the scores.

    Matrices lie in the file as int8 rows with a float32 scale each; the word embeddings stay so in memory.
    """

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        self.pieces: list[str] = arrays["pieces"].tobytes().decode("utf-8").split("\n")
        self.tags: list[str] = arrays["tags"].tobytes().decode("utf-8").split("\n")
        self.transitions: Floats = arrays["transitions"]
        self._words = arrays["words.int8"]
        self._word_scales: Floats = arrays["words.scale"]
        self._positions: Floats = _matrix(arrays, "positions")
        self._shapes: Floats = arrays["shapes"]
        self._recurrences: Floats = arrays["recurrences"]
        self._norm: tuple[Floats, Floats] = (arrays["norm.weight"], arrays["norm.bias"])
        self._head: Floats = np.ascontiguousarray(arrays["head.weight"].T)
        self._head_bias: Floats = arrays["head.bias"]
        self._layers = [_layer(arrays, f"layers.{i}.") for i in range(int(arrays["depth"]))]
        self.max_length = len(self._positions)

    def adapted(self, paths: Mapping[str, tuple[Floats, Floats]]) -> Encoder:
        """The same encoder with narrow paths added to matrices: `3.mix` -> (rank, in) and (out, rank) of layer 3.

        Source: Hu and others, LoRA (2021).
        """
        other = copy(self)
        other._layers = [_adapted(layer, i, paths) for i, layer in enumerate(self._layers)]
        return other

    def scores(self, sequences: Sequence[Input]) -> list[Floats]:
        """Tag scores (length, tags) of each sequence."""
        return [part @ self._head + self._head_bias for part in self.hidden(sequences)]

    def hidden(self, sequences: Sequence[Input]) -> list[Floats]:
        """What the last layer makes of each sequence (length, width)."""
        if not sequences:
            return []
        ids = np.concatenate([np.asarray(s.ids) for s in sequences])
        shapes = np.concatenate([np.asarray(s.shapes) for s in sequences])
        recurrences = np.concatenate([np.asarray(s.recurrences) for s in sequences])
        lengths = [len(s.ids) for s in sequences]
        places = np.concatenate([np.arange(n) for n in lengths])
        hidden = self._words[ids].astype(np.float32) * self._word_scales[ids, None]
        hidden += self._positions[places]
        hidden += self._shapes[shapes]
        hidden += self._recurrences[recurrences]
        hidden = _normalise(hidden, self._norm)
        with one_thread():
            for layer in self._layers:
                hidden = _forward(layer, hidden, lengths)
        return list(_parts(hidden, lengths))


def _adapted(layer: _Layer, i: int, paths: Mapping[str, tuple[Floats, Floats]]) -> _Layer:
    def added(part: str, matrix: Floats) -> Floats:
        if f"{i}.{part}" not in paths:
            return matrix
        down, up = paths[f"{i}.{part}"]
        change = (up @ down).T
        if part == "query_key_value":
            change[:, : len(change)] *= _SHRINK
        return np.ascontiguousarray(matrix + change)

    return replace(
        layer,
        query_key_value=added("query_key_value", layer.query_key_value),
        mix=added("mix", layer.mix),
        widen=added("widen", layer.widen),
        narrow=added("narrow", layer.narrow),
    )


def _forward(layer: _Layer, hidden: Floats, lengths: Sequence[int]) -> Floats:
    width = hidden.shape[1]
    heads = width // _HEAD_WIDTH
    joint = hidden @ layer.query_key_value
    joint += layer.query_key_value_bias
    mixed = np.empty_like(hidden)
    start = 0
    for length in lengths:
        stop = start + length
        part = joint[start:stop].reshape(length, 3, heads, _HEAD_WIDTH).transpose(1, 2, 0, 3)
        weights = part[0] @ part[1].transpose(0, 2, 1)
        weights -= weights.max(axis=-1, keepdims=True)
        np.exp(weights, out=weights)
        weights /= weights.sum(axis=-1, keepdims=True)
        mixed[start:stop] = (weights @ part[2]).transpose(1, 0, 2).reshape(length, width)
        start = stop
    mixed = mixed @ layer.mix
    mixed += layer.mix_bias
    mixed += hidden
    hidden = _normalise(mixed, layer.mix_norm)
    wide = hidden @ layer.widen
    wide += layer.widen_bias
    narrow = _gelu(wide) @ layer.narrow
    narrow += layer.narrow_bias
    narrow += hidden
    return _normalise(narrow, layer.narrow_norm)


def _normalise(x: Floats, norm: tuple[Floats, Floats]) -> Floats:
    x -= x.mean(axis=1, keepdims=True)
    scale = np.einsum("ij,ij->i", x, x) / np.float32(x.shape[1])
    x *= (np.float32(1) / np.sqrt(scale + _EPSILON))[:, None]
    x *= norm[0]
    x += norm[1]
    return x


def _gelu(x: Floats) -> Floats:
    """The tanh form of gelu. Source: Hendrycks and Gimpel, 2016, section 2."""
    inner = x * x
    inner *= np.float32(0.044715)
    inner += np.float32(1)
    inner *= x
    inner *= np.float32(0.7978845608)
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    inner *= x
    inner *= np.float32(0.5)
    return inner


def _parts(array: Floats, lengths: Sequence[int]) -> Iterator[Floats]:
    start = 0
    for length in lengths:
        yield array[start : start + length]
        start += length


def _matrix(arrays: dict[str, NDArray[np.float32]], name: str) -> Floats:
    """int8 rows times their scales."""
    return arrays[name + ".int8"].astype(np.float32) * arrays[name + ".scale"][:, None]


def _layer(arrays: dict[str, NDArray[np.float32]], prefix: str) -> _Layer:
    def weight(name: str) -> Floats:
        return np.ascontiguousarray(_matrix(arrays, prefix + name).T)

    query_key_value = weight("query_key_value")
    query_key_value_bias = arrays[prefix + "query_key_value.bias"].copy()
    width = query_key_value.shape[0]
    query_key_value[:, :width] *= _SHRINK
    query_key_value_bias[:width] *= _SHRINK
    return _Layer(
        query_key_value=query_key_value,
        query_key_value_bias=query_key_value_bias,
        mix=weight("mix"),
        mix_bias=arrays[prefix + "mix.bias"],
        mix_norm=(arrays[prefix + "mix_norm.weight"], arrays[prefix + "mix_norm.bias"]),
        widen=weight("widen"),
        widen_bias=arrays[prefix + "widen.bias"],
        narrow=weight("narrow"),
        narrow_bias=arrays[prefix + "narrow.bias"],
        narrow_norm=(arrays[prefix + "narrow_norm.weight"], arrays[prefix + "narrow_norm.bias"]),
    )
