"""Pairs of models with known labels, made without any code of the judge they are to measure.

Equivalent alternatives and near misses by hand, equivalent rewrites and mutants with a real mistake by seed. `pairs`
gives them all; ``python -m planted.pairs`` from `tests` prints how many of which kind there are.
"""

from planted.pairs.collection import pairs
from planted.pairs.pair import Pair

__all__ = ["Pair", "pairs"]
