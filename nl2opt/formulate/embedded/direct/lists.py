"""Tokens -> numbers told for several amounts at once: `5 for X and 3 for Y`, `X and Y cost 5 and 3 respectively`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nl2opt.formulate.embedded.direct.linear import Weight
from nl2opt.formulate.embedded.direct.statements import IN_PAIR, JOINTS, Phrases, Step, Weights

_BETWEEN_LISTS: Final = frozenset(
    ("cost", "each", "open", "close", "sum", "comma", "eq", "all", "and", "respectively", "times")
)


class Lists(Phrases):
    """Pairs and lists of names and numbers."""

    def _pair(self, at: int, forwards: bool) -> tuple[int, int, Weight] | None:
        x = self.x
        far = x.past(at + 1, IN_PAIR | frozenset(("comma",)) if forwards else IN_PAIR)
        first, second = ("name", "number") if forwards else ("number", "name")
        if x.mark(at) != first or x.mark(far) != second:
            return None
        name, value = (at, far) if forwards else (far, at)
        return far + 1, x.tokens[name].decision, x.weight(value)

    def weights(self, at: int) -> Iterator[Step]:
        """`each X and Y costs 10 and 20 respectively`, `5 for X and 3 for Y`."""
        x = self.x
        told = any(t.mark == "cost" for t in x.tokens)
        strain = 0.0 if told else 1.2
        start = x.past(at, frozenset(("each", "cost", "all")))
        for end, sum_of in x.chains(start):
            plain = (
                not sum_of.strain and not sum_of.constant.value and all(w.value > 0 for w in sum_of.weights.values())
            )
            if len(sum_of.weights) > 1 and plain and any(x.mark(k) == "plus" for k in range(start, end)):
                yield end, strain + 0.1, (Weights(sum_of.weights, *self.place(at, end)),)
        for end, names, numbers in self._lists(start):
            pairs = dict(zip(names, numbers, strict=True))
            yield end, strain, (Weights(pairs, *self.place(at, end)),)
        for forwards in (True, False):
            pairs = {}
            spot = start
            while (pair := self._pair(spot, forwards)) is not None and pair[1] not in pairs:
                pairs[pair[1]] = pair[2]
                ends = pair[0]
                yield ends, strain + (0.3 if len(pairs) == 1 else 0.0), (Weights(dict(pairs), *self.place(at, ends)),)
                spot = x.past(ends, JOINTS | frozenset(("each", "cost")))

    def _lists(self, at: int) -> Iterator[tuple[int, tuple[int, ...], tuple[Weight, ...]]]:
        """A list of names and one of numbers, as long; all names if the numbers stand alone."""
        x = self.x
        names, end = self._run(at, "name")
        if names:
            far = x.past(end, _BETWEEN_LISTS)
            values, stop = self._run(far, "number")
            if len(values) == len(names) > 1:
                yield self._matched(stop, names, values)
            return
        values, end = self._run(at, "number")
        if len(values) < 2:
            return
        names, stop = self._run(
            x.past(end, frozenset(("cost", "each", "open", "close", "sum", "comma", "all"))), "name"
        )
        if len(names) == len(values):
            yield self._matched(stop, names, values)
        elif len(values) == x.count and any(t.mark == "respectively" for t in x.tokens):
            weights = tuple(x.weight(k) for k in values)
            yield x.past(end, frozenset(("comma", "respectively"))), tuple(range(x.count)), weights

    def _matched(self, at: int, names: list[int], values: list[int]) -> tuple[int, tuple[int, ...], tuple[Weight, ...]]:
        x = self.x
        end = x.past(at, frozenset(("respectively", "comma")))
        return end, tuple(x.tokens[k].decision for k in names), tuple(x.weight(k) for k in values)

    def _run(self, at: int, mark: str) -> tuple[list[int], int]:
        """Places of one mark joined by commas and `and`, and where the run ends."""
        x = self.x
        places: list[int] = []
        end = at
        while x.mark(at) == mark:
            places.append(at)
            end = at + 1
            at = x.past(end, frozenset(("comma", "and", "or")))
        decisions = [x.tokens[k].decision for k in places]
        if mark == "name" and len(set(decisions)) < len(decisions):
            return [], end
        return places, end
