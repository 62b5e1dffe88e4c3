"""(seed, index) -> a random model that puts constructs into constructs: the snippets of the probes, one in another.

Models come in blocks. Within a block each model is built around the (node, context) pairs that stand in the fewest
models of the block before it, as the census finds them there: any block covers the pairs about evenly, and a model is
made again from its seed and index alone, by making the block up to it. Where a campaign has left some pairs rare, more
models are built around these (`around`).
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from composing import Composer
from snippets import Needs

from nl2opt.errors import Nl2optError

BLOCK = 300
"""How many models share their needs."""

MIXED = 4
"""Every so many models one has continuous variables."""


def document(seed: int, index: int) -> str:
    """(seed, index) -> the text of a model; every `MIXED`th has continuous variables."""
    return _block(seed, index // BLOCK).text(index % BLOCK)


def around(seed: int, first: int, seen: Mapping[tuple[str, str], int]) -> Iterator[tuple[int, str]]:
    """How often each pair was seen -> further models from the index ``first`` on, around those seen least."""
    block = _Block(seed, 0, Needs(Counter(seen)))
    for index in itertools.count(first):
        if (index - first) % BLOCK == 0:  # what could not be placed so far is tried as often as the rest again
            block = _Block(seed, 0, Needs(block.needs.seen))
        yield index, block.another(index)


@dataclass
class _Block:
    """The models of one block that were made so far."""

    seed: int
    number: int
    needs: Needs = field(default_factory=Needs)
    texts: list[str] = field(default_factory=list)

    def text(self, place: int) -> str:
        """The model at a place of the block; those before it are made first."""
        while len(self.texts) <= place:
            self.texts.append(self.another(self.number * BLOCK + len(self.texts)))
        return self.texts[place]

    def another(self, index: int) -> str:
        """The next model: what its pairs need decides what it is built around."""
        for attempt in range(50):
            digest = hashlib.sha256(f"{self.seed}:{index}:{attempt}".encode()).digest()
            rng = random.Random(int.from_bytes(digest[:8], "big"))
            composer = Composer(rng, self.needs, index % MIXED == MIXED - 1)
            try:
                text = composer.document(f"composed_{self.seed}_{index}")
            except Nl2optError:  # a composition without a meaning: undefined constants, numbers too large
                continue
            if text:
                self.needs.add(text, composer.planted)
                return text
        raise AssertionError(f"no model for seed {self.seed}, index {index}")


_block = lru_cache(maxsize=4)(_Block)
