"""Checkpoint -> weights file of the run time: int8 rows, fewer pieces (`python -m nl2opt.train.embedded.export`)."""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nl2opt.train.embedded.network import TAGS, pretrained, read_vocabulary
from nl2opt.train.embedded.train import MAX_LENGTH

KEPT_MARKS = ("[UNK]", "[CLS]", "[SEP]")
FORBIDDEN = -1e4
"""Score of a transition that BIO forbids; finite, so that no not-a-number arises."""


def kept(piece: str) -> bool:
    """Whether the run time keeps the piece: all of Latin script and marks; no unused slots, no other scripts."""
    if piece.startswith("[") and piece.endswith("]") and len(piece) > 1:
        return piece in KEPT_MARKS
    body = piece.removeprefix("##")
    return all(ord(c) < 0x250 or unicodedata.category(c)[0] in "PSN" for c in body)


def quantise(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """(int8 rows, scale of each row): the row is int8 * scale, to half a step of the row's largest entry / 127."""
    scale = np.maximum(np.abs(matrix).max(axis=1), 1e-8).astype(np.float32) / np.float32(127)
    return np.rint(matrix / scale[:, None]).astype(np.int8), scale


def transitions(tags: Sequence[str]) -> NDArray[np.float32]:
    """(from, to) scores: 0 where the step is allowed, FORBIDDEN where not.

    Forbidden are an I- that nothing of its label precedes, as in BIO, and two pieces of one label without a word
    between: what looks so is one name ("decoupled" "line"), but for 5 of 18,000 in the public corpus.
    """
    table = np.zeros((len(tags), len(tags)), np.float32)
    for i, before in enumerate(tags):
        for j, after in enumerate(tags):
            if after != "O" and (after.startswith("I-")) != (before[2:] == after[2:]):
                table[i, j] = FORBIDDEN
    return table


def export(state: Mapping[str, Tensor], path: Path) -> None:
    """Write the npz file that `formulate.embedded.encoder.Encoder` reads."""
    values = {name: value.detach().float().numpy() for name, value in state.items()}
    vocabulary = read_vocabulary(pretrained())
    rows = [i for i, piece in enumerate(vocabulary) if kept(piece)]
    arrays: dict[str, NDArray[np.generic]] = {
        "pieces": np.frombuffer("\n".join(vocabulary[i] for i in rows).encode("utf-8"), np.uint8),
        "tags": np.frombuffer("\n".join(TAGS).encode("utf-8"), np.uint8),
        "transitions": transitions(TAGS),
        "shapes": values["shape.weight"],
        "recurrences": values["recurrence.weight"],
        "norm.weight": values["bert.embeddings.LayerNorm.weight"],
        "norm.bias": values["bert.embeddings.LayerNorm.bias"],
        "head.weight": values["head.weight"],
        "head.bias": values["head.bias"],
    }

    def put(name: str, matrix: NDArray[np.float32]) -> None:
        arrays[name + ".int8"], arrays[name + ".scale"] = quantise(matrix)

    put("words", values["bert.embeddings.word_embeddings.weight"][rows])
    positions = values["bert.embeddings.position_embeddings.weight"][:MAX_LENGTH]
    put("positions", positions + values["bert.embeddings.token_type_embeddings.weight"][0])
    depth = 0
    while (source := f"bert.encoder.layer.{depth}.") + "attention.self.query.weight" in values:
        target = f"layers.{depth}."
        attention = [source + f"attention.self.{part}." for part in ("query", "key", "value")]
        put(target + "query_key_value", np.concatenate([values[a + "weight"] for a in attention]))
        arrays[target + "query_key_value.bias"] = np.concatenate([values[a + "bias"] for a in attention])
        for ours, theirs in (
            ("mix", "attention.output.dense"),
            ("widen", "intermediate.dense"),
            ("narrow", "output.dense"),
        ):
            put(target + ours, values[source + theirs + ".weight"])
            arrays[target + ours + ".bias"] = values[source + theirs + ".bias"]
        for ours, theirs in (("mix_norm", "attention.output.LayerNorm"), ("narrow_norm", "output.LayerNorm")):
            arrays[target + ours + ".weight"] = values[source + theirs + ".weight"]
            arrays[target + ours + ".bias"] = values[source + theirs + ".bias"]
        depth += 1
    arrays["depth"] = np.array(depth)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **arrays)  # type: ignore[arg-type]  # numpy types the keywords as one of its own options


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, help="tagger.pt, as train writes it")
    parser.add_argument("--out", type=Path, required=True, help="the npz file")
    args = parser.parse_args()
    export(torch.load(args.checkpoint, weights_only=True), args.out)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
