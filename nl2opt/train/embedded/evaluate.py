"""Weights file, tagged questions -> precision, recall and F1 a label (`python -m nl2opt.train.embedded.evaluate`).

Runs the run time itself, int8 weights and border rules included. A span counts where label and both borders agree.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from nl2opt.formulate.embedded import tagger
from nl2opt.formulate.embedded.spans import LABELS
from nl2opt.train.embedded.corpus import Example, Piece, tidy


def read_dev(path: Path) -> list[Example]:
    """Examples of a JSONL file with `question` and `spans` (label, start, end), numbers made whole."""
    examples = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        pieces = sorted((Piece(s["label"], s["start"], s["end"]) for s in row["spans"]), key=lambda p: p.start)
        examples.append(tidy(Example(row["question"], tuple(pieces))))
    return examples


def counts(gold: Iterable[Piece], found: Iterable[Piece]) -> Counter[tuple[str, str]]:
    """(label, "gold" | "found" | "right") -> number of spans."""
    gold, found = set(gold), set(found)
    result: Counter[tuple[str, str]] = Counter()
    for kind, pieces in (("gold", gold), ("found", found), ("right", gold & found)):
        result.update((piece.label, kind) for piece in pieces)
    return result


def f1(count: Counter[tuple[str, str]], label: str) -> tuple[float, float, float]:
    """(precision, recall, F1) of a label; 0 where undefined."""
    right = count[label, "right"]
    precision = right / max(count[label, "found"], 1)
    recall = right / max(count[label, "gold"], 1)
    return precision, recall, 2 * right / max(count[label, "found"] + count[label, "gold"], 1)


def evaluate(examples: Sequence[Example], weights: Path = tagger.WEIGHTS) -> Counter[tuple[str, str]]:
    """Counts over all examples, tagged with the given weights file."""
    total: Counter[tuple[str, str]] = Counter()
    for example, spans in zip(examples, tagger.tag_many((e.text for e in examples), weights), strict=True):
        total += counts(example.pieces, (Piece(s.label, s.start, s.end) for s in spans))
    return total


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, required=True, help="JSONL with question and spans")
    parser.add_argument("--weights", type=Path, default=tagger.WEIGHTS, help="npz file; default the installed one")
    args = parser.parse_args()
    total = evaluate(read_dev(args.dev), args.weights)
    for label in LABELS:
        precision, recall, score = f1(total, label)
        print(f"{label:<10} precision {precision:.3f}  recall {recall:.3f}  F1 {score:.3f}  of {total[label, 'gold']}")


if __name__ == "__main__":
    main()
