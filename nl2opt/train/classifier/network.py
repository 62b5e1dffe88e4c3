"""Pieces of words -> scores of templates: the tagger's encoder with learned narrow paths in its upper layers.

The encoder stays as it is: beside each matrix of the upper layers a narrow path is learned, and a linear head on top.
The run time's twin is formulate/classify/network.py. Source of the narrow paths: Hu and others, LoRA (2021).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, layer_norm, linear

RANK: Final = 16
"""Width of a narrow path."""
LOWER: Final = 1
"""Layers below the first with paths: what they make of a sentence never changes, and is computed once."""
_HEAD_WIDTH: Final = 32
_MATRICES: Final = ("query_key_value", "mix", "widen", "narrow")


class Network(nn.Module):  # type: ignore[misc, unused-ignore]  # Any where torch is not installed
    """The frozen layers as buffers; trained are the paths, the head and nothing else."""

    def __init__(self, weights: Path, templates: int, rank: int = RANK) -> None:
        super().__init__()
        with np.load(weights, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        self.pieces: list[str] = arrays["pieces"].tobytes().decode("utf-8").split("\n")
        self.depth = int(arrays["depth"])
        self.paths = nn.ParameterDict()

        def keep(name: str, array: np.ndarray) -> None:
            self.register_buffer(name.replace(".", "_"), torch.from_numpy(np.array(array, np.float32)))

        def matrix(name: str) -> np.ndarray:
            return np.asarray(arrays[name + ".int8"].astype(np.float32) * arrays[name + ".scale"][:, None])

        for name in ("words", "positions"):
            keep(name, matrix(name))
        for name in ("shapes", "recurrences", "norm.weight", "norm.bias"):
            keep(name, arrays[name])
        for i in range(self.depth):
            for part in _MATRICES:
                name = f"layers.{i}.{part}"
                whole = matrix(name)
                self.register_buffer(name.replace(".", "_"), torch.from_numpy(whole).bfloat16())
                keep(name + ".bias", arrays[name + ".bias"])
                if i < LOWER:
                    continue
                down = torch.randn(rank, whole.shape[1]) * whole.shape[1] ** -0.5
                self.paths[f"{i}_{part}_down"] = nn.Parameter(down)
                self.paths[f"{i}_{part}_up"] = nn.Parameter(torch.zeros(whole.shape[0], rank))
            for part in ("mix_norm", "narrow_norm"):
                for kind in ("weight", "bias"):
                    keep(f"layers.{i}.{part}.{kind}", arrays[f"layers.{i}.{part}.{kind}"])
        width = len(arrays["norm.weight"])
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(2 * width, templates)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def lower(self, ids: Tensor, shapes: Tensor, recurrences: Tensor, mask: Tensor) -> Tensor:
        """What the lower layers make of pieces, (batch, length, width); `mask` is true on pieces, false on padding."""
        hidden = self.words[ids] + self.positions[: ids.shape[1]] + self.shapes[shapes] + self.recurrences[recurrences]
        hidden = self._norm(hidden, "norm")
        for i in range(LOWER):
            hidden = self._layer(hidden, mask, i)
        return hidden.bfloat16()

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Scores of the templates, (batch, templates), from what `lower` made of the pieces."""
        for i in range(LOWER, self.depth):
            hidden = self._layer(hidden, mask, i)
        weight = mask[:, :, None].to(hidden.dtype)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        scores: Tensor = self.head(self.dropout(torch.cat([hidden[:, 0], mean], 1)))
        return scores

    def _layer(self, hidden: Tensor, mask: Tensor, i: int) -> Tensor:
        batch, length, width = hidden.shape
        joint = self._matrix(hidden, i, "query_key_value").view(batch, length, 3, width // _HEAD_WIDTH, _HEAD_WIDTH)
        query, key, value = joint.permute(2, 0, 3, 1, 4)
        bias = torch.zeros_like(mask, dtype=query.dtype).masked_fill(~mask, -1e4)[:, None, None, :]
        attended = torch.softmax(query @ key.transpose(-1, -2) * _HEAD_WIDTH**-0.5 + bias, -1) @ value
        mixed = attended.transpose(1, 2).reshape(batch, length, width)
        hidden = self._norm(self._matrix(mixed, i, "mix") + hidden, f"layers_{i}_mix_norm")
        wide = gelu(self._matrix(hidden, i, "widen"), approximate="tanh")
        return self._norm(self._matrix(wide, i, "narrow") + hidden, f"layers_{i}_narrow_norm")

    def _matrix(self, x: Tensor, i: int, part: str) -> Tensor:
        name = f"layers_{i}_{part}"
        whole = linear(x, getattr(self, name), getattr(self, name + "_bias"))
        if i < LOWER:
            return whole
        return whole + linear(linear(x, self.paths[f"{i}_{part}_down"]), self.paths[f"{i}_{part}_up"])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        weight, bias = getattr(self, name + "_weight"), getattr(self, name + "_bias")
        return layer_norm(x.float(), weight.shape, weight, bias, 1e-12)
