"""Sentences with the templates they word -> how well they are recognised: macro-F1, accuracy, the worst, who for whom.

    python -m nl2opt.bench.templates FILE.yaml [--show] [--worst N]

FILE is a list of maps with `template`, `text` and, where other templates are right as well, `also`. An answer that
`also` names counts as the sentence's own template. Sentences are printed only with `--show`.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from nl2opt.formulate.classify import classify_many


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence, the template it words, and further templates that are right."""

    text: str
    template: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """`f1` by template; `first` and `third` are the shares whose template is first, or among the first three."""

    sentences: int
    macro: float
    first: float
    third: float
    f1: Mapping[str, float]
    confused: Sequence[tuple[tuple[str, str], int]]


def read(path: Path) -> list[Labelled]:
    """The sentences of a file."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Labelled(str(r["text"]), str(r["template"]), tuple(r.get("also") or ())) for r in rows]


def answers(rows: Sequence[Labelled]) -> list[tuple[str, ...]]:
    """The first three templates of each sentence; one that `also` names stands as the sentence's own."""
    ranked = classify_many([r.text for r in rows], 3)
    return [
        tuple(row.template if r.template in row.also else r.template for r in found)
        for row, found in zip(rows, ranked, strict=True)
    ]


def score(rows: Sequence[Labelled], given: Sequence[Sequence[str]]) -> Score:
    """Sentences and the templates given for each, best first -> the figures. F1 is over the templates that occur."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    confused = Counter[tuple[str, str]]()
    for row, found in zip(rows, given, strict=True):
        first = found[0] if found else ""
        if first == row.template:
            right[first] += 1
        else:
            wrong[first] += 1
            missed[row.template] += 1
            confused[row.template, first] += 1
    f1 = {
        name: 2 * right[name] / (2 * right[name] + wrong[name] + missed[name])
        for name in sorted({row.template for row in rows})
    }
    third = sum(row.template in found[:3] for row, found in zip(rows, given, strict=True))
    return Score(
        len(rows), sum(f1.values()) / len(f1), right.total() / len(rows), third / len(rows), f1,
        sorted(confused.items(), key=lambda item: (-item[1], item[0])),
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser(prog="python -m nl2opt.bench.templates", description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--show", action="store_true", help="print the sentences that are taken for another template")
    parser.add_argument("--worst", type=int, default=15, help="how many templates and confusions to list")
    options = parser.parse_args(arguments)
    rows = read(options.file)
    given = answers(rows)
    found = score(rows, given)
    print(f"{found.sentences} sentences of {len(found.f1)} templates")
    print(f"macro-F1 {found.macro:.1%}  accuracy {found.first:.1%}  among the first three {found.third:.1%}")
    for name, value in sorted(found.f1.items(), key=lambda item: (item[1], item[0]))[: options.worst]:
        print(f"  F1 {value:.2f}  {name}")
    for (wanted, got), count in found.confused[: options.worst]:
        print(f"  {count} x {wanted} taken for {got}")
    if options.show:
        for row, first in zip(rows, given, strict=True):
            if first[0] != row.template:
                print(f"  {row.template} / {first[0]}: {row.text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
