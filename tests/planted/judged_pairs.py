"""Command: what the judge of models says of the planted pairs, by level, beside coarser checks.

    python -m planted.judged_pairs [--seed N] [--every K] [--seconds S] [--fast] [--show]

Run in `tests/`. Of mutants only those count whose difference has been shown without the judge.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from nl2opt.check.judge import Verdict, judge
from nl2opt.errors import Nl2optError
from nl2opt.ir.document import read_document
from planted.pairs.collection import SEED, VERDICTS, pairs
from planted.pairs.pair import Pair


@dataclass(frozen=True)
class Judged:
    """A pair with the verdict on it; ``verdict`` is None where the judge failed, and how."""

    pair: Pair
    verdict: Verdict | None
    seconds: float
    failure: str = ""

    @property
    def wrong(self) -> bool:
        """The verdict says the opposite of what is known."""
        opposite = {"equivalent": "different", "different": "equivalent"}
        return self.verdict is not None and opposite.get(self.verdict.outcome) == self.pair.label


def judged(found: Iterable[Pair], seconds: float, prove: bool = True) -> Iterator[Judged]:
    """Pairs -> the same with verdicts."""
    for p in found:
        started = time.perf_counter()
        try:
            verdict = judge(
                read_document(p.reference), read_document(p.candidate), p.data,
                candidate_data=p.candidate_data or {}, prove=prove, affine=p.goal == "affine", seconds=seconds,
            )  # fmt: skip
            yield Judged(p, verdict, time.perf_counter() - started)
        except Nl2optError as e:
            yield Judged(p, None, time.perf_counter() - started, str(e))


def table(found: list[Judged]) -> str:
    """What was said of the pairs of each level, and how a coarser check would have fared."""
    levels: dict[str, list[Judged]] = defaultdict(list)
    for j in found:
        levels[f"{j.pair.level} ({j.pair.label})"].append(j)
    rows = [f"{'level':34s} pairs equivalent  agrees different undecided failed s/pair"]
    for level, of_level in sorted(levels.items()):
        said = Counter(j.verdict.outcome if j.verdict else "failed" for j in of_level)
        mean = sum(j.seconds for j in of_level) / len(of_level)
        rows.append(
            f"{level:34s} {len(of_level):5d} {said['equivalent']:10d} {said['agrees']:7d} {said['different']:9d} "
            f"{said['undecided']:9d} {said['failed']:6d} {mean:6.2f}"
        )
    methods = Counter((j.pair.label, j.verdict.outcome, j.verdict.method) for j in found if j.verdict)
    rows += [
        f"  {label:10s} -> {outcome:10s} by {method:10s} {n:5d}"
        for (label, outcome, method), n in sorted(methods.items())
    ]
    different = [j for j in found if j.pair.label == "different" and j.verdict]
    by_status = sum(j.verdict.method == "status" for j in different if j.verdict)
    by_new = sum(j.verdict.method == "resampled" and j.verdict.outcome == "different" for j in different if j.verdict)
    rows.append(f"told apart by the optimum alone {by_status}, with new data {by_status + by_new}, of {len(different)}")
    return "\n".join(rows)


def main() -> None:
    """Read the arguments, judge, print."""
    parser = argparse.ArgumentParser(prog="python -m planted.judged_pairs", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--every", type=int, default=1, help="only each K-th pair")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--fast", action="store_true", help="without proofs that solve")
    parser.add_argument("--show", action="store_true", help="name the pairs that were not recognised")
    options = parser.parse_args()
    found = []
    for j in judged(islice(pairs(options.seed, VERDICTS), 0, None, options.every), options.seconds, not options.fast):
        found.append(j)
        if j.wrong or (options.show and (j.verdict is None or j.verdict.outcome != j.pair.label)):
            said = j.verdict.statement if j.verdict else j.failure
            print(f"{'WRONG ' * j.wrong}{j.pair.id} [{j.pair.kind}] {said}", flush=True)
    print(table(found))


if __name__ == "__main__":
    main()
