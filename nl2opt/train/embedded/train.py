"""Examples -> checkpoint: fine-tune the encoder as a tagger (`python -m nl2opt.train.embedded.train --help`)."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from nl2opt.formulate.embedded.wordpiece import WordPiece
from nl2opt.train.embedded.corpus import Example, read_conll
from nl2opt.train.embedded.network import TAGS, Network, encode, pretrained, read_vocabulary

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
            targets[first] = TAGS.index(tag)
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
            columns.append(
                torch.tensor([rows[i][field] + [fill] * (length - len(rows[i][0])) for i in group])
            )
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


def fit(
    make_examples: Callable[[int], Sequence[Example]],
    *,
    epochs: int,
    rate: float = 2e-4,
    decay: float = 0.85,
    size: int = 16,
    seed: int = 0,
    average_from: float = 1.0,
    log: Callable[[str], None] = print,
) -> Network:
    """Train on `make_examples(epoch)` for each epoch, one-cycle learning rate.

    With `average_from` < 1 the result is the mean of the weights over the steps after that fraction of the training.
    """
    torch.manual_seed(seed)
    rng = random.Random(seed)
    wordpiece = WordPiece(read_vocabulary(pretrained()))
    network = Network()
    groups = parameter_groups(network, rate, decay)
    optimizer = torch.optim.AdamW(groups)
    rows = rows_of(make_examples(0), wordpiece)
    steps = epochs * ((len(rows) + size - 1) // size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=[float(str(g["lr"])) for g in groups],
        total_steps=steps + epochs,
        pct_start=0.1,
        anneal_strategy="linear",
        cycle_momentum=False,
    )
    loss_of = nn.CrossEntropyLoss(ignore_index=-100, label_smoothing=0.02)
    mean: dict[str, Tensor] = {}
    averaged = step = 0
    for epoch in range(epochs):
        started, total, count = time.monotonic(), 0.0, 0
        if epoch:
            rows = rows_of(make_examples(epoch), wordpiece)
        network.train()
        for ids, shapes, recurrences, targets, mask in batches(rows, size, rng):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                scores = network(ids, shapes, recurrences, mask)
            loss = loss_of(scores.float().flatten(0, 1), targets.flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            if step < steps + epochs - 1:
                schedule.step()
            step += 1
            total, count = total + loss.item(), count + 1
            if step > average_from * steps and step % 5 == 0:
                averaged += 1
                for name, value in network.state_dict().items():
                    if name not in mean:
                        mean[name] = value.detach().clone().float()
                    else:
                        mean[name] += (value - mean[name]) / averaged
        log(f"epoch {epoch + 1}: loss {total / count:.4f}, {time.monotonic() - started:.0f} s")
    if mean:
        network.load_state_dict(mean, strict=False)
    return network.eval()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--conll", type=Path, required=True, help="token and BIO tag a line, texts apart by empty lines"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--average-from", type=float, default=1.0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    real = read_conll(args.conll)
    network = fit(
        lambda epoch: real, epochs=args.epochs, rate=args.rate, seed=args.seed, average_from=args.average_from
    )
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), args.out / "tagger.pt")


if __name__ == "__main__":
    main()
