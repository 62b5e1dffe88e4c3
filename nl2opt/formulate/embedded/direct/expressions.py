"""Tokens -> linear expressions: sums, multiples, differences of amounts, every way to read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nl2opt.formulate.embedded.direct.linear import Linear, Weight, amount, number
from nl2opt.formulate.embedded.direct.tokens import Token

Found = tuple[int, Linear]
"""Where an expression ends, and what it is."""

DEPTH: Final = 6
BARE: Final = 1.0
"""What it costs to take a number before a name for a weight without a word that says so."""
SPREAD: Final = 0.45
"""What it costs to spread a weight over a list: `twice X and Y` as twice both."""


@dataclass(frozen=True)
class Expressions:
    """The expressions of one sentence; `count` amounts there are."""

    tokens: tuple[Token, ...]
    count: int

    def mark(self, at: int) -> str:
        """The mark at a place, "" beyond the end."""
        return self.tokens[at].mark if at < len(self.tokens) else ""

    def past(self, at: int, weak: frozenset[str]) -> int:
        """The first place from here on whose mark is none of these."""
        while self.mark(at) in weak:
            at += 1
        return at

    def weight(self, at: int) -> Weight:
        """The number at a place."""
        token = self.tokens[at]
        return Weight(token.value, (token.quantity,) if token.quantity else ())

    def factors(self, at: int, depth: int = 0, summed: bool = False) -> Iterator[Found]:
        """One amount, weighted or not, a difference, a sum, or something in brackets."""
        if depth > DEPTH:
            return
        match self.mark(at):
            case "name":
                yield from self._named(at)
            case "number":
                yield from self._weighted(at, depth, summed)
            case "difference":
                yield from self._difference(at, depth)
            case "sum" | "all":
                yield from self._sum(at, depth)
            case "open":
                for end, inner in self.chains(at + 1, depth + 1, summed):
                    if self.mark(end) == "close":
                        yield end + 1, inner

    def chains(self, at: int, depth: int = 0, summed: bool = False) -> Iterator[Found]:
        """Factors joined by plus, minus, commas and `and`, the longest first."""
        for end, first in self.factors(at, depth, summed):
            for stop, total in self._more(end, first, depth, summed):
                yield from self._reweighted(stop, total)
                yield stop, total

    def _reweighted(self, at: int, total: Linear) -> Iterator[Found]:
        """`X and Y, with weights of 2 for X and 3 for Y`, `X and Y given their weights of 2 and 3`."""
        spot = self.past(at, frozenset(("comma", "open", "sum")))
        if self.mark(spot) != "weights":
            return
        spot = self.past(spot + 1, frozenset(("sum", "cost")))
        decisions, numbers = [], []
        joints = frozenset(("comma", "and", "respectively"))
        while self.mark(spot) in ("number", "name"):
            if self.mark(spot) == "name":
                decisions.append(self.tokens[spot].decision)
            else:
                numbers.append(self.weight(spot))
            end = spot + 1
            spot = self.past(end, joints)
            if len(numbers) == len(total.weights) and len(decisions) in (0, len(numbers)):
                named = decisions or list(total.weights)
                if set(named) == set(total.weights):
                    end = self.past(end, frozenset(("close", "respectively")))
                    yield end, Linear(dict(zip(named, numbers, strict=True)), total.constant, total.strain)

    def _more(self, at: int, so_far: Linear, depth: int, summed: bool, listing: bool = False) -> Iterator[Found]:
        """What may follow; `listing` after a comma that only an `and` can justify, as in `X, Y and Z`."""
        nxt = self.past(at, frozenset(("comma", "sum", "cost")))
        if any(self.mark(k) == "cost" for k in range(at, nxt)) and self.mark(nxt) not in ("and", "plus", "minus"):
            nxt = self.past(at, frozenset(("comma", "sum")))
        mark = self.mark(nxt)
        if mark in ("and", "or") or (
            mark in ("name", "number", "difference", "open") and nxt > at and self.mark(nxt - 1) == "comma"
        ):
            start = self.past(nxt + 1 if mark in ("and", "or") else nxt, frozenset(("sum", "all")))
            start = start + 1 if self.mark(start) in ("plus", "minus") else start
            sign = self.mark(start - 1)
            open_list = mark not in ("and", "or") and sign not in ("plus", "minus")
            if (
                mark == "and"
                and summed
                and self.mark(start) == "number"
                and self.mark(start + 1) in ("", "comma", "close")
            ):
                yield from self._more(start + 1, so_far.plus(number(self.weight(start))), depth, summed, listing)
            for end, term in self.factors(start, depth + 1, summed):
                if mark == "or" and not (_bare(so_far) and _bare(term)):
                    continue
                total = so_far.minus(term) if sign == "minus" else so_far.plus(term)
                yield from self._more(end, total, depth, summed, open_list)
        elif mark in ("plus", "minus") or self._dash(nxt):
            start = self.past(nxt + 1, frozenset(("sum", "all")))
            for end, term in self.factors(start, depth + 1, summed):
                total = so_far.plus(term) if mark == "plus" else so_far.minus(term)
                yield from self._more(end, total, depth, summed)
            start = self.past(nxt + 1, frozenset(("more",)))
            loose = self.mark(start + 1) == "more" and self.mark(start + 2) != "than"
            if self.mark(start) == "number" and (
                loose or self.mark(start + 1) not in ("name", "times", "more", "number")
            ):
                constant = number(self.weight(start))
                total = so_far.plus(constant) if mark == "plus" else so_far.minus(constant)
                yield from self._more(start + 1, total, depth, summed, listing)
        elif mark == "taken from":
            for end, term in self.factors(nxt + 1, depth + 1, summed):
                yield from self._more(end, term.minus(so_far), depth, summed, listing)
        if not listing:
            yield at, so_far

    def _dash(self, at: int) -> bool:
        """A dash between two amounts subtracts; so does `less` without `than`."""
        if self.mark(at) not in ("to", "fewer") or self.mark(at + 1) not in ("name", "number", "open"):
            return False
        token = self.tokens[at]
        return self.mark(at) == "fewer" or (token.end - token.start == 1 and self.mark(at - 1) in ("name", "close"))

    def _named(self, at: int) -> Iterator[Found]:
        single = amount(self.tokens[at].decision)
        inner = self.past(at + 1, frozenset(("open", "comma")))
        if self.mark(inner) == "multiplied" and self.mark(inner + 1) == "number":
            end = self.past(inner + 2, frozenset(("times",)))
            if inner > at + 1 and self.mark(end) in ("close", "comma"):
                end += 1
            yield end, single.scaled(self.weight(inner + 1))
            return
        if self._weighted_after(at + 1):
            yield at + 2, single.scaled(self.weight(at + 1))
        if self.mark(at + 1) == "times" and self.mark(at + 2) == "number":
            yield at + 3, single.scaled(self.weight(at + 2))
        yield at + 1, single

    def _weighted_after(self, at: int) -> bool:
        """`X twice plus Y once`: a multiple behind its amount, with nothing after it to weigh."""
        if self.mark(at) != "number":
            return False
        quantity = self.tokens[at].quantity
        return (
            quantity is not None
            and quantity.kind == "multiple"
            and self.mark(at + 1) in ("plus", "minus", "and", "comma", "ge", "le", "eq", "close", "")
        )

    def _weighted(self, at: int, depth: int, summed: bool) -> Iterator[Found]:
        token = self.tokens[at]
        said = token.quantity is not None and token.quantity.kind in ("multiple", "fraction", "percent")
        start = self.past(at + 1, frozenset(("times", "sum", "all", "more")))
        times = "times" in {self.mark(k) for k in range(at + 1, start)}
        glued = start == at + 1 and self.mark(start) == "name" and self.tokens[start].start == token.end
        strain = 0.0 if said or times or summed or glued else BARE
        if self.mark(start) == "multiplied":
            start += 1
        for end, inner in self.factors(start, depth + 1, summed):
            yield end, inner.scaled(self.weight(at)).strained(strain)
        if strain == 0.0 and self.mark(start) == "name":
            for end, inner in self._listed(start):
                yield end, inner.scaled(self.weight(at)).strained(SPREAD)

    def _listed(self, at: int) -> Iterator[Found]:
        """A bare list of names, two or more."""
        total = amount(self.tokens[at].decision)
        at += 1
        while True:
            nxt = self.past(at, frozenset(("comma", "and")))
            if nxt == at or self.mark(nxt) != "name":
                return
            total = total.plus(amount(self.tokens[nxt].decision))
            at = nxt + 1
            if self.mark(self.past(at, frozenset(("comma",)))) not in ("and",):
                yield at, total

    def _difference(self, at: int, depth: int) -> Iterator[Found]:
        start = self.past(at + 1, frozenset(("between", "sum", "each", "cost")))
        subtracted = False
        for end, inner in self.chains(start, depth + 1):
            if any(self.mark(k) == "minus" for k in range(start, end)):
                subtracted = True
                yield end, inner
        if subtracted:
            return
        for middle, left in self.factors(start, depth + 1):
            for cut, full in self._head(middle, left, depth):
                joint = self.past(cut, frozenset(("comma", "cost")))
                if self.mark(joint) not in ("and", "minus"):
                    continue
                after = joint + 1
                whole = self.mark(after) in ("sum", "open")
                after = self.past(after, frozenset(("all",)))
                for end, right in self.chains(after, depth + 1) if whole else self.factors(after, depth + 1):
                    yield end, full.minus(right)

    def _head(self, at: int, left: Linear, depth: int) -> Iterator[Found]:
        """The first side of a difference may itself be a sum said with plus."""
        yield at, left
        if self.mark(at) == "plus":
            for end, term in self.factors(at + 1, depth + 1):
                yield end, left.plus(term)

    def _sum(self, at: int, depth: int) -> Iterator[Found]:
        start = self.past(at, frozenset(("sum", "all", "cost", "between", "each", "by", "open")))
        opened = any(self.mark(k) == "open" for k in range(at, start))
        for end, inner in self.chains(start, depth + 1, summed=True):
            yield (end + 1 if opened and self.mark(end) == "close" else end), inner


def _bare(linear: Linear) -> bool:
    """Whether amounts stand without weights; "2 of X or 3 of Y" is no sum."""
    return linear.constant.value == 0 and all(w.value == 1 and not w.sources for w in linear.weights.values())
