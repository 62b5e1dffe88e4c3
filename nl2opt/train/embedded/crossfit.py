"""Examples -> their tags by networks that never saw them (`python -m nl2opt.train.embedded.crossfit --help`).

What the assembly practises on without labels, and a measure on seven times the texts of the development file.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import torch

from nl2opt.formulate.embedded import tagger
from nl2opt.formulate.embedded.spans import LABELS
from nl2opt.train.embedded.corpus import Piece, folds, read_conll
from nl2opt.train.embedded.evaluate import counts, f1
from nl2opt.train.embedded.export import export
from nl2opt.train.embedded.train import add_recipe, recipe, train


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_recipe(parser)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--out", type=Path, required=True, help="JSONL: text, spans, gold")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    total: Counter[tuple[str, str]] = Counter()
    lines = []
    for known, unknown in folds(read_conll(args.conll), args.folds):
        network = train(known, recipe(args))
        with tempfile.TemporaryDirectory() as folder:
            weights = Path(folder) / "tagger.npz"
            export(network.state_dict(), weights)
            found = tagger.tag_many((e.text for e in unknown), weights)
        for example, spans in zip(unknown, found, strict=True):
            total += counts(example.pieces, (Piece(s.label, s.start, s.end) for s in spans))
            gold = [{**asdict(piece), "text": example.text[piece.start : piece.end]} for piece in example.pieces]
            lines.append({"text": example.text, "spans": [asdict(span) for span in spans], "gold": gold})
        for label in LABELS:
            precision, recall, score = f1(total, label)
            print(f"{label:<10} precision {precision:.3f}  recall {recall:.3f}  F1 {score:.3f}")
        print(flush=True)
    with args.out.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


if __name__ == "__main__":
    main()
