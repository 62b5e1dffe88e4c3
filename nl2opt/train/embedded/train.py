"""Examples -> checkpoint: fine-tune the encoder as a tagger (`python -m nl2opt.train.embedded.train --help`)."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import torch
from torch import Tensor, nn

from nl2opt.formulate.embedded.wordpiece import WordPiece
from nl2opt.train.embedded.corpus import Example, read_conll
from nl2opt.train.embedded.grammar import write
from nl2opt.train.embedded.network import TAGS, Network, encode, pretrained, read_vocabulary
from nl2opt.train.embedded.rename import rename

MAX_LENGTH = 320
"""Pieces of a training text that are read; longer texts are cut."""

Row = tuple[list[int], list[int], list[int], list[int]]


def rows_of(examples: Sequence[Example], wordpiece: WordPiece) -> list[Row]:
    """(ids, shapes, recurrences, targets) of each example; the target is -100 on pieces that bear no label."""
    rows = []
    for example in examples:
        ids, shapes, recurrences, firsts = encode(example.text, wordpiece)
        targets = [-100] * len(ids)
        for first, tag in zip(firsts, example.tags(), strict=True):
            targets[first] = TAGS.index(tag) if tag in TAGS else -100
        rows.append((ids[:MAX_LENGTH], shapes[:MAX_LENGTH], recurrences[:MAX_LENGTH], targets[:MAX_LENGTH]))
    return rows


def batches(rows: Sequence[Row], size: int, rng: random.Random) -> Iterator[tuple[Tensor, ...]]:
    """Shuffled batches of texts of like length: ids, shapes, recurrences, targets, mask, each (batch, length)."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]) * rng.uniform(0.85, 1.15))
    groups = [order[i : i + size] for i in range(0, len(order), size)]
    rng.shuffle(groups)
    for group in groups:
        length = max(len(rows[i][0]) for i in group)
        columns = []
        for field, fill in enumerate((0, 0, 0, -100)):
            columns.append(torch.tensor([rows[i][field] + [fill] * (length - len(rows[i][0])) for i in group]))
        mask = torch.tensor([[1] * len(rows[i][0]) + [0] * (length - len(rows[i][0])) for i in group])
        yield (*columns, mask)


def parameter_groups(network: Network, rate: float, decay: float) -> list[dict[str, object]]:
    """Learning rates that shrink by `decay` a layer downwards; piece embeddings stay as they were pretrained."""
    depth = network.bert.config.num_hidden_layers
    groups = []
    for name, parameter in network.named_parameters():
        if "word_embeddings" in name:
            parameter.requires_grad = False
            continue
        if name.startswith("bert.encoder.layer."):
            scale = decay ** (depth - 1 - int(name.split(".")[3]))
        else:
            scale = 3.0 if name.startswith(("head", "shape", "recurrence")) else decay**depth
        weight_decay = 0.01 if parameter.ndim > 1 else 0.0
        groups.append({"params": [parameter], "lr": rate * scale, "weight_decay": weight_decay})
    return groups


@dataclass(frozen=True, slots=True)
class Recipe:
    """What varies between trainings; the defaults made the shipped weights (README.md)."""

    epochs: int = 6
    rate: float = 2e-4
    decay: float = 0.85
    """Factor on the learning rate from a layer to the one below it."""
    size: int = 16
    """Texts a step."""
    seed: int = 0
    average_from: float = 0.8
    """Fraction of the training after which the weights are averaged; 1 keeps the last."""
    swap: float = 0.6
    """Share of the real texts whose variables are renamed, drawn anew each epoch."""
    synthetic: int = 800
    """Written texts in the first epoch; their number falls linearly to 0 in the last."""


def train(real: Sequence[Example], recipe: Recipe, log: Callable[[str], None] = print) -> Network:
    """Fine-tune the pretrained encoder on real texts, renamed ones and written ones."""
    torch.manual_seed(recipe.seed)
    rng = random.Random(recipe.seed)
    wordpiece = WordPiece(read_vocabulary(pretrained()))
    network = Network()
    optimizer = torch.optim.AdamW(parameter_groups(network, recipe.rate, recipe.decay))
    tops = [group["lr"] for group in optimizer.param_groups]
    loss_of = nn.CrossEntropyLoss(ignore_index=-100, label_smoothing=0.02)
    mean: dict[str, Tensor] = {}
    averaged = 0
    for epoch in range(recipe.epochs):
        started, losses = time.monotonic(), []
        drawn = list(batches(rows_of(_draw(real, recipe, epoch, rng), wordpiece), recipe.size, rng))
        network.train()
        for step, (ids, shapes, recurrences, targets, mask) in enumerate(drawn):
            progress = (epoch + step / len(drawn)) / recipe.epochs
            for group, top in zip(optimizer.param_groups, tops, strict=True):
                group["lr"] = top * min(progress / 0.1, (1 - progress) / 0.9 + 0.01)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                scores = network(ids, shapes, recurrences, mask)
            loss = loss_of(scores.float().flatten(0, 1), targets.flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            if progress > recipe.average_from and step % 4 == 0:
                averaged += 1
                for name, value in network.state_dict().items():
                    if value.is_floating_point():
                        mean.setdefault(name, torch.zeros_like(value)).lerp_(value, 1 / averaged)
        log(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.4f}, {time.monotonic() - started:.0f} s")
    network.load_state_dict(mean, strict=False)
    network.eval()
    return network


def _draw(real: Sequence[Example], recipe: Recipe, epoch: int, rng: random.Random) -> list[Example]:
    """The texts of an epoch."""
    drawn = [rename(example, rng) if rng.random() < recipe.swap else example for example in real]
    share = 1 - epoch / max(recipe.epochs - 1, 1)
    return drawn + [write(rng) for _ in range(round(recipe.synthetic * share))]


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """The options of a recipe, and those of reading."""
    parser.add_argument("--conll", type=Path, required=True, help="token and BIO tag a line")
    parser.add_argument("--threads", type=int, default=1)
    for field in fields(Recipe):
        kind = float if isinstance(field.default, float) else int
        parser.add_argument("--" + field.name.replace("_", "-"), type=kind, default=field.default)


def recipe(args: argparse.Namespace) -> Recipe:
    """Parsed options -> Recipe."""
    return Recipe(**{field.name: getattr(args, field.name) for field in fields(Recipe)})


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_recipe(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    network = train(read_conll(args.conll), recipe(args))
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), args.out / "tagger.pt")


if __name__ == "__main__":
    main()
