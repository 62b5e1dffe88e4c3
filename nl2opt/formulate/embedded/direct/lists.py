"""Tokens -> numbers told for several amounts at once: `5 for X and 3 for Y`, `X and Y cost 5 and 3 respectively`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nl2opt.formulate.embedded.direct.linear import Weight
from nl2opt.formulate.embedded.direct.statements import IN_PAIR, JOINTS, OPS, Phrases, Step, Weights

_SIDES: Final = frozenset((*OPS, "more", "fewer", "than", "not more", "not fewer", "at least so", "at most so"))
"""What a sentence that only tells coefficients does not say."""
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
        marks = [t.mark for t in x.tokens]
        told = "cost" in marks or marks.count("each") > 1
        every = marks.count("number") == x.count and not set(marks) & _SIDES
        strain = 0.0 if told else 0.2 if every else 1.2
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
        earlier = self._earlier(at, len(values))
        if len(names) == len(values):
            yield self._matched(stop, names, values)
        elif earlier and x.mark(x.past(end, frozenset(("comma",)))) == "respectively":
            yield self._matched(end, earlier, values)
        elif len(values) == x.count and any(t.mark in ("respectively", "cost") for t in x.tokens) and self._alone():
            weights = tuple(x.weight(k) for k in values)
            yield x.past(end, frozenset(("comma", "respectively"))), tuple(range(x.count)), weights

    def _alone(self) -> bool:
        """Whether a sentence names no amount, or says `respectively`."""
        marks = {t.mark for t in self.x.tokens}
        return "respectively" in marks or not marks & {"name", "ge", "le", "over", "min", "max"}

    def _earlier(self, at: int, many: int) -> list[int]:
        """The last list of so many names before a place: `X and Y together, with limits of 50 and 60 respectively`."""
        for start in range(at - 1, -1, -1):
            if self.x.mark(start) == "name" and (start == 0 or self.x.mark(start - 1) not in ("and", "comma")):
                names, _ = self._run(start, "name")
                return names if len(names) == many else []
        return []

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
