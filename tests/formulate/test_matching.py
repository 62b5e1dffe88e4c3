"""The Hungarian method against trying everything."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from nl2opt.formulate.embedded.assignment import best_matching


@pytest.mark.parametrize("seed", range(20))
def test_as_good_as_the_best_permutation(seed: int) -> None:
    """On small matrices the total equals the best over all permutations."""
    rng = random.Random(seed)
    rows, columns = rng.randint(1, 4), rng.randint(1, 5)
    gains = [[rng.uniform(-1, 1) for _ in range(columns)] for _ in range(rows)]
    matched = best_matching(gains)
    total = sum(gains[i][j] for i, j in enumerate(matched) if j >= 0)
    assert len({j for j in matched if j >= 0}) == min(rows, columns)
    if rows <= columns:
        best = max(sum(gains[i][p[i]] for i in range(rows)) for p in permutations(range(columns), rows))
    else:
        best = max(sum(gains[p[j]][j] for j in range(columns)) for p in permutations(range(rows), columns))
    assert total == pytest.approx(best)


def test_nothing_to_match() -> None:
    """No rows or no columns."""
    assert best_matching([]) == []
    assert best_matching([[], []]) == [-1, -1]
