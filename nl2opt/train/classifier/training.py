"""Examples -> a trained network: the lower layers once, the upper ones with their narrow paths epoch by epoch."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from nl2opt.formulate.embedded.wordpiece import WordPiece
from nl2opt.train.classifier.examples import batches, pieces_of
from nl2opt.train.classifier.network import Network
from nl2opt.wordings import Told

BATCH: Final = 64
RATE: Final = 2e-3
"""Largest step of the optimizer; it rises for a tenth of the steps, then falls to nothing."""
SMOOTHING: Final = 0.05


@dataclass(frozen=True)
class Reader:
    """A network and what it reads sentences with."""

    network: Network
    wordpiece: WordPiece

    def lower(self, texts: Sequence[str]) -> list[Tensor]:
        """What the lower layers make of each sentence, (length, width)."""
        rows = [pieces_of(text, self.wordpiece) for text in texts]
        found: list[Tensor] = [torch.empty(0)] * len(rows)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            for batch in batches([len(r.ids) for r in rows], BATCH):
                longest = max(len(rows[i].ids) for i in batch)

                def padded(part: Sequence[list[int]], length: int = longest) -> Tensor:
                    return torch.tensor([row + [0] * (length - len(row)) for row in part])

                lengths = torch.tensor([len(rows[i].ids) for i in batch])
                mask = torch.arange(longest)[None, :] < lengths[:, None]
                hidden = self.network.lower(
                    padded([rows[i].ids for i in batch]), padded([rows[i].shapes for i in batch]),
                    padded([rows[i].recurrences for i in batch]), mask,
                )  # fmt: skip
                for k, i in enumerate(batch):
                    found[i] = hidden[k, : len(rows[i].ids)].clone()
        return found

    def upper(self, hidden: Sequence[Tensor]) -> Tensor:
        """Scores of the templates for sentences whose lower layers are known."""
        longest = max(map(len, hidden))
        padded = torch.zeros(len(hidden), longest, hidden[0].shape[1], dtype=torch.bfloat16)
        for k, h in enumerate(hidden):
            padded[k, : len(h)] = h
        mask = torch.arange(longest)[None, :] < torch.tensor([len(h) for h in hidden])[:, None]
        with torch.autocast("cpu", torch.bfloat16):
            scores: Tensor = self.network(padded, mask).float()
        return scores

    def scores(self, texts: Sequence[str]) -> Tensor:
        """(sentences, templates)."""
        hidden = self.lower(texts)
        found: list[Tensor] = [torch.empty(0)] * len(hidden)
        self.network.eval()
        with torch.no_grad():
            for batch in batches([len(h) for h in hidden], BATCH):
                for i, row in zip(batch, self.upper([hidden[i] for i in batch]), strict=True):
                    found[i] = row
        return torch.stack(found)


def train(examples: Sequence[Told], names: Sequence[str], weights: Path, epochs: int, seed: int = 0) -> Reader:
    """Sentences and their templates, the encoder's weights file -> a reader. The same for the same arguments."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    network = Network(weights, len(names))
    reader = Reader(network, WordPiece(network.pieces))
    started = time.monotonic()
    hidden = reader.lower([x.text for x in examples])
    wanted = torch.tensor([names.index(x.template) for x in examples])
    groups = batches([len(h) for h in hidden], BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=epochs * len(groups) + 1, pct_start=0.1)
    for epoch in range(epochs):
        network.train()
        total = 0.0
        order = list(range(len(hidden)))
        rng.shuffle(order)  # sentences of one length meet others each time
        groups = [[order[i] for i in g] for g in batches([len(hidden[i]) for i in order], BATCH)]
        rng.shuffle(groups)
        for group in groups:
            loss = cross_entropy(reader.upper([hidden[i] for i in group]), wanted[group], label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(group)
        print(f"epoch {epoch + 1}: loss {total / len(hidden):.3f}, {time.monotonic() - started:.0f} s", flush=True)
    return reader
