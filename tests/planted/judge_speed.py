"""Command: how many pairs of models the judge takes in a second without proofs, by their size.

    python -m planted.judge_speed [--seed N] [--most N] [--slowest N]

Run in `tests/`. Of each document two rewrites and one mistake are judged, read and bound beforehand, in processor time
of one core. The small ones have at most 6 decisions, all linear, as word problems of NL4Opt have; the larger linear
ones are the documents of OptMATH-Bench, those of constraint programming the documents of CP-Bench.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from nl2opt.check.judge import judge
from nl2opt.errors import Nl2optError
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.solvers.auto import choose
from planted.pairs.modelling import finish, rebound, view_texts, with_data, with_view
from planted.pairs.mutants import MISTAKES
from planted.pairs.references import ROOT, Reference, folder
from planted.pairs.rewrites import AFFINE, rewritten, seeded
from planted.pairs.rewrites_spelling import safe

SMALL = 6
GROUPS = {
    f"linear, at most {SMALL} decisions": ("tests/cases/[ab]*", "datasets/examples/*"),
    "OptMATH-Bench": ("datasets/optmath_bench/*",),
    "CP-Bench": ("datasets/cpbench/*",),
}


def documents(patterns: Sequence[str]) -> Iterator[Reference]:
    """The documents of some folders, in a fixed order."""
    for pattern in patterns:
        for path in sorted(ROOT.glob(f"{pattern}/model.yaml")):
            yield folder(path.parent)


def size(instance: Instance) -> int:
    """Scalar decisions."""
    return sum(len(v.domain) for v in instance.variables.values())


def candidates(reference: Reference, seed: int, used: Counter[str]) -> Iterator[tuple[str, str, bool]]:
    """A reference -> (kind, document, objective in another unit) of two rewrites and one mistake, where they can be."""
    instance = reference.instance()
    texts = view_texts(instance)
    right = with_view(with_data(reference.model(), instance, reference.data), texts)
    for turn in range(2):
        model, done = rewritten(right, bind(right), seeded("speed", seed, turn, reference.name), 1 + turn, used)
        used.update(done)
        finished = finish(model) if done else None
        if finished is not None:
            yield "rewrite", finished[0], bool(AFFINE & set(done))
    rng = seeded("speed", seed, reference.name)
    for name in sorted(MISTAKES, key=lambda n: (used[n], rng.random())):
        wrong = safe(MISTAKES[name], right, rng, instance)
        if wrong is not None and wrong != right and rebound(wrong) is not None and (told := finish(wrong)) is not None:
            used[name] += 1
            yield "mistake", told[0], False
            return


def timed(patterns: Sequence[str], seed: int, most: int, largest: int) -> list[tuple[float, str, str, int, str]]:
    """(seconds of the processor, document, kind, decisions, outcome) of each pair of a group."""
    found = []
    used: Counter[str] = Counter()
    for reference in list(documents(patterns))[:most]:
        try:
            mine = reference.instance()
            if size(mine) > largest or (largest == SMALL and choose(mine)[0] != "highs"):
                continue
            made = [
                (kind, bind(read_document(text)), affine) for kind, text, affine in candidates(reference, seed, used)
            ]
        except Nl2optError:
            continue
        for kind, theirs, affine in made:
            started = time.process_time()
            verdict = judge(mine, theirs, prove=False, affine=affine)
            spent = time.process_time() - started
            found.append((spent, reference.name, kind, size(mine), verdict.outcome))
    return found


def main() -> None:
    """Read the arguments, judge, print."""
    parser = argparse.ArgumentParser(prog="python -m planted.judge_speed", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=1000, help="documents of a group")
    parser.add_argument("--slowest", type=int, default=0, help="name so many of the slowest pairs")
    options = parser.parse_args()
    print(f"{'':36s} pairs decisions  pairs/s  median s  worst s")
    for name, patterns in GROUPS.items():
        found = timed(patterns, options.seed, options.most, SMALL if "most" in name else 10**6)
        seconds = sorted(f[0] for f in found)
        decisions = int(median(f[3] for f in found))
        rate = len(seconds) / sum(seconds)
        print(f"{name:36s} {len(found):5d} {decisions:9d} {rate:8.1f} {median(seconds):9.3f} {seconds[-1]:8.2f}")
        for kind in ("rewrite", "mistake"):
            outcomes = Counter(f[4] for f in found if f[2] == kind)
            print(f"  {kind}: " + ", ".join(f"{n} {outcome}" for outcome, n in outcomes.items()))
        for spent, document, kind, n, outcome in sorted(found, reverse=True)[: options.slowest]:
            print(f"  {spent:6.2f} {document} ({kind}, {n} decisions): {outcome}")


if __name__ == "__main__":
    main()
