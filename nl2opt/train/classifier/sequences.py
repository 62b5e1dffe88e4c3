"""Examples -> weights of word sequences for each template: ridge regression by conjugate gradients.

A sequence of words is looked at only where several wordings hold it: one that a single wording holds teaches that
wording. Its strength in a sentence is as formulate/classify/network.py counts it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from nl2opt.formulate.classify.features import grams, tokens
from nl2opt.wordings import Told

WORDINGS: Final = 3
"""In how many wordings a sequence must occur."""
STRENGTH: Final = 4.0
"""Weight of the sequences beside the encoder."""
_RIDGE: Final = 1.0
_STEPS: Final = 40


@dataclass(frozen=True)
class Sequences:
    """`rarity` and `weights` (sequences, templates) in the order of `grams`."""

    grams: tuple[str, ...]
    rarity: Tensor
    weights: Tensor
    bias: Tensor

    def scores(self, texts: Sequence[str]) -> Tensor:
        """(sentences, templates)."""
        places = {g: i for i, g in enumerate(self.grams)}
        return torch.mm(_strengths(texts, places, self.rarity), self.weights) + self.bias


def learn(examples: Sequence[Told], names: Sequence[str]) -> Sequences:
    """Sentences and their templates -> the weights, larger where a sequence speaks for a template."""
    held = defaultdict[str, set[tuple[str, int]]](set)
    times = Counter[str]()
    for x in examples:
        for gram in set(grams(tokens(x.text))):
            held[gram].add((x.template, x.wording))
            times[gram] += 1
    kept = tuple(sorted(g for g, where in held.items() if len(where) >= WORDINGS))
    rarity = torch.tensor([math.log((1 + len(examples)) / (1 + times[g])) + 1 for g in kept])
    strengths = _strengths([x.text for x in examples], {g: i for i, g in enumerate(kept)}, rarity)
    wanted = torch.full((len(examples), len(names)), -1.0)
    wanted[torch.arange(len(examples)), torch.tensor([names.index(x.template) for x in examples])] = 1.0
    bias = wanted.mean(0)
    weights = _solved(strengths, wanted - bias)
    return Sequences(kept, rarity, STRENGTH * weights, STRENGTH * bias)


def _strengths(texts: Sequence[str], places: Mapping[str, int], rarity: Tensor) -> Tensor:
    """(sentences, sequences), sparse; each row has length one."""
    rows, columns, values = [], [], []
    for row, text in enumerate(texts):
        found = Counter(places[g] for g in grams(tokens(text)) if g in places)
        strength = {at: (1 + math.log(n)) * float(rarity[at]) for at, n in found.items()}
        length = math.sqrt(sum(v * v for v in strength.values())) or 1.0
        for at, value in strength.items():
            rows.append(row)
            columns.append(at)
            values.append(value / length)
    shape = (len(texts), len(places))
    return torch.sparse_coo_tensor(torch.tensor([rows, columns]), values, shape, check_invariants=False).coalesce()


def _solved(x: Tensor, y: Tensor) -> Tensor:
    """The w that makes |x w - y|^2 + ridge |w|^2 least, all columns at once. Source: Hestenes and Stiefel (1952)."""
    back = x.t().coalesce()

    def applied(w: Tensor) -> Tensor:
        return torch.sparse.mm(back, torch.sparse.mm(x, w)) + _RIDGE * w

    left = torch.sparse.mm(back, y)
    found, step = torch.zeros_like(left), left.clone()
    size = (left * left).sum(0)
    for _ in range(_STEPS):
        moved = applied(step)
        far = size / (step * moved).sum(0).clamp_min(1e-30)
        found += far * step
        left -= far * moved
        before, size = size, (left * left).sum(0)
        step = left + size / before.clamp_min(1e-30) * step
    return found
