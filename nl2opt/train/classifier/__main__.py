"""Wordings -> the classifier's weights: `python -m nl2opt.train.classifier [--measure] [--out FILE]`.

With --measure one wording in five is kept back, the accuracy on its sentences printed, and nothing written.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nl2opt.formulate.classify.network import WEIGHTS
from nl2opt.formulate.embedded.tagger import WEIGHTS as ENCODER
from nl2opt.train.classifier.examples import sentences, templates
from nl2opt.train.classifier.sequences import Sequences, learn
from nl2opt.train.classifier.training import Reader, train

TIMES = 2
"""Sentences a wording."""
EPOCHS = 10


def export(reader: Reader, sequences: Sequences, path: Path) -> None:
    """Write the npz file that formulate/classify/network.py reads: int8 with scales, compressed."""
    state = {name: value.detach().float().numpy() for name, value in reader.network.state_dict().items()}
    arrays: dict[str, NDArray[np.generic]] = {
        "templates": np.frombuffer("\n".join(templates()).encode(), np.uint8),
        "grams": np.frombuffer("\n".join(sequences.grams).encode(), np.uint8),
        "grams.rarity": sequences.rarity.numpy().astype(np.float16),
        "grams.bias": sequences.bias.numpy(),
        "head.bias": state["head.bias"],
    }

    def put(name: str, matrix: NDArray[np.float32], scale: NDArray[np.float32]) -> None:
        arrays[name + ".int8"] = np.clip(np.rint(matrix / scale[:, None]), -127, 127).astype(np.int8)
        arrays[name + ".scale"] = scale

    def by_row(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(np.maximum(np.abs(matrix).max(axis=1), 1e-8) / 127, np.float32)

    put("head", state["head.weight"], by_row(state["head.weight"]))
    for name, matrix in state.items():
        if name.startswith("paths."):
            layer, rest = name.removeprefix("paths.").split("_", 1)
            part, way = rest.rsplit("_", 1)
            put(f"{layer}.{part}.{way}", matrix, by_row(matrix))
    weights = sequences.weights.numpy()
    # one coarse step for all, so that most are 0 and the file is small
    put("grams", weights, np.full(len(weights), np.abs(weights).max() / 127, np.float32))
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]  # numpy types the keywords as one of its own options


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m nl2opt.train.classifier", description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the npz file")
    parser.add_argument("--measure", action="store_true", help="keep wordings back and print the accuracy on them")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    args = parser.parse_args()
    torch.set_num_threads(1)  # one thread, so that sums come out the same
    names = templates()
    examples = sentences(TIMES, measured=args.measure)
    print(f"{len(examples)} sentences of {len(names)} templates", flush=True)
    reader = train(examples, names, ENCODER, args.epochs)
    sequences = learn(examples, names)
    print(f"{len(sequences.grams)} sequences of words", flush=True)
    if args.measure:
        back = sentences(TIMES, measured=True, back=True)
        texts, wanted = [x.text for x in back], torch.tensor([names.index(x.template) for x in back])
        for title, scores in (
            ("sequences", sequences.scores(texts)),
            ("encoder", reader.scores(texts)),
            ("both", sequences.scores(texts) + reader.scores(texts)),
        ):
            right = float((scores.argmax(1) == wanted).float().mean())
            third = float((scores.topk(3).indices == wanted[:, None]).any(1).float().mean())
            print(f"{title}: {right:.1%} right, {third:.1%} among the first three, of {len(back)} sentences kept back")
    else:
        export(reader, sequences, args.out)
        print(f"{args.out}: {args.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
