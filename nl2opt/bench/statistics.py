"""Hits and misses -> numbers with their uncertainty: intervals, pass@k, vote@k, paired tests, risk-coverage curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

RESAMPLES: Final = 10_000


def wilson(hits: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Hits of n trials -> the 95 % interval of the rate. Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927).

    >>> [round(x, 3) for x in wilson(8, 10)]
    [0.49, 0.943]
    """
    if n == 0:
        return 0.0, 1.0
    p, zz = hits / n, z * z
    middle, spread = p + zz / (2 * n), z * math.sqrt(p * (1 - p) / n + zz / (4 * n * n))
    return max(0.0, (middle - spread) / (1 + zz / n)), min(1.0, (middle + spread) / (1 + zz / n))


def bootstrap(values: Sequence[float], seed: int, resamples: int = RESAMPLES) -> tuple[float, float]:
    """A value an item -> the 95 % percentile interval of their mean, items drawn again with replacement.

    Items of one value are drawn together: how often each value comes is multinomial, and there are few, whatever the
    number of items. Source: B. Efron, Ann. Statist. 7 (1979).
    """
    if not values:
        return 0.0, 1.0
    found, counts = np.unique(np.asarray(values, dtype=float), return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(values), counts / len(values), size=resamples)
    low, high = np.percentile(drawn @ found / len(values), [2.5, 97.5])
    return float(low), float(high)


def interval_of(values: Sequence[float], seed: int) -> tuple[float, float]:
    """Shares from 0 to 1, one an item -> the 95 % interval of their mean: bootstrap, Wilson where all are alike.

    Drawn again, items that are all alike always give the same mean, which says nothing of the next item.

    >>> [round(x, 3) for x in interval_of([0.0] * 84, 0)]
    [0.0, 0.044]
    """
    if len(set(values)) > 1:
        return bootstrap(values, seed)
    return wilson(round(sum(values)), len(values))


def pass_at(k: int, n: int, hits: int) -> float:
    """Chance that one of k samples is right, unbiased from n samples of which ``hits`` are.

    Source: M. Chen et al., arXiv:2107.03374 (2021), equation 1.

    >>> pass_at(1, 4, 1), pass_at(2, 4, 1), pass_at(4, 4, 1), pass_at(3, 4, 2)
    (0.25, 0.5, 1.0, 1.0)
    """
    if not 1 <= k <= n:
        raise ValueError(f"pass@{k} of {n} samples")
    return 1.0 - math.comb(n - hits, k) / math.comb(n, k)


def vote(outcomes: Sequence[tuple[str, float | None] | None], tolerance: float) -> tuple[int | None, float]:
    """Outcomes of samples (status, value; None: no answer) -> the sample the largest group begins with, its share.

    Values within ``tolerance`` of the first of a group are in it. Of groups of one size the first met wins.

    >>> vote([("optimal", 3.0), ("optimal", 4.0), ("optimal", 4.0 + 1e-9), None], 1e-6)
    (1, 0.5)
    """
    groups: list[tuple[int, tuple[str, float | None], int]] = []
    for k, outcome in enumerate(outcomes):
        if outcome is None:
            continue
        for g, (first, held, size) in enumerate(groups):
            if _same(held, outcome, tolerance):
                groups[g] = (first, held, size + 1)
                break
        else:
            groups.append((k, outcome, 1))
    if not groups:
        return None, 0.0
    first, _, size = max(groups, key=lambda g: (g[2], -g[0]))
    return first, size / len(outcomes)


def _same(a: tuple[str, float | None], b: tuple[str, float | None], tolerance: float) -> bool:
    if a[0] != b[0] or (a[1] is None) != (b[1] is None):
        return False
    return a[1] is None or b[1] is None or near(a[1], b[1], tolerance)


def near(found: float, expected: float, tolerance: float) -> bool:
    """Within ``tolerance`` relative to the larger of 1 and |expected|."""
    return abs(found - expected) <= tolerance * max(1.0, abs(expected))


@dataclass(frozen=True, slots=True)
class Paired:
    """Two runs on the same items: right in ``both``, only one, or neither; ``p``: exact two-sided McNemar."""

    both: int
    only_first: int
    only_second: int
    neither: int
    p: float


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> Paired:
    """Hits of two runs, item by item -> Paired. Source: Q. McNemar, Psychometrika 12 (1947), exact binomial form.

    >>> mcnemar([True] * 8 + [False] * 2, [False] * 6 + [True] * 2 + [False, True])
    Paired(both=2, only_first=6, only_second=1, neither=1, p=0.125)
    """
    pairs = list(zip(first, second, strict=True))
    b, c = pairs.count((True, False)), pairs.count((False, True))
    tail = sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)
    return Paired(pairs.count((True, True)), b, c, pairs.count((False, False)), min(1.0, 2 * tail))


def risk_coverage(ranked: Sequence[bool]) -> list[dict[str, Any]]:
    """Hits from the surest answer to the least sure -> precision at each coverage, a point where it changes hands.

    Items not answered at all come last and are misses.
    """
    points, right = [], 0
    for k, hit in enumerate(ranked, 1):
        right += hit
        points.append({"coverage": k / len(ranked), "precision": right / k})
    return points


def area_under_risk(ranked: Sequence[bool]) -> float:
    """Mean risk over all coverages, 0 is best. Source: Y. Geifman, R. El-Yaniv, NeurIPS (2017).

    >>> area_under_risk([True, True]), area_under_risk([False, True])
    (0.0, 0.75)
    """
    points = risk_coverage(ranked)
    return sum(1 - p["precision"] for p in points) / len(points) if points else 0.0
