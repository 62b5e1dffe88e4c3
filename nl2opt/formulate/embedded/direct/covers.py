"""Tokens of a sentence -> covers: the cheapest ways to read all of it as statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nl2opt.formulate.embedded.direct.bounds import Bounds
from nl2opt.formulate.embedded.direct.comparisons import Comparisons
from nl2opt.formulate.embedded.direct.expressions import Expressions
from nl2opt.formulate.embedded.direct.statements import OPS, Limit, Statement, Step, Weights, WholeLimit
from nl2opt.formulate.embedded.direct.tokens import Token


@dataclass(frozen=True, slots=True)
class Cover:
    """One way to read a sentence; `left_over` are tokens that no statement took."""

    cost: float
    statements: tuple[Statement, ...]
    left_over: tuple[Token, ...]

    @property
    def complete(self) -> bool:
        """Whether every number and every side was taken up."""
        return not any(t.mark in _TOLD for t in self.left_over)


_SKIP: Final[Mapping[str, float]] = {
    "number": 10.0, "ge": 3.0, "le": 3.0, "eq": 3.0, "le0": 3.0, "ge0": 3.0, "name": 0.3, "over": 1.0,
    "min": 0.6, "max": 0.6, "difference": 2.0, "minus": 2.0, "plus": 1.0, "taken from": 2.0, "multiplied": 2.0,
    "ratio": 3.0, "for every": 3.0, "at least so": 3.0, "at most so": 3.0, "more": 0.4,
    "fewer": 0.4, "than": 0.4, "not": 3.0, "not more": 3.0, "not fewer": 3.0, "one in": 3.0,
    "times": 1.5, "sum": 0.15, "each": 0.1, "between": 0.1, "respectively": 0.3,
}  # fmt: skip
_TOLD: Final = frozenset(
    (
        "number", "ge", "le", "eq", "le0", "ge0", "ratio", "for every", "at least so",
        "at most so", "taken from", "not", "not more", "not fewer", "one in",
    )
)  # fmt: skip
"""What no reading may leave out."""
_EACH: Final = 0.05
"""What a statement costs: fewer are better."""
KEEP: Final = 3


def covers(tokens: Sequence[Token], count: int) -> list[Cover]:
    """The cheapest ways to read a sentence, best first; texts differ in what the statements say."""
    reader = _Reader(Expressions(tuple(tokens), count))
    n = len(tokens)
    best: list[list[Cover]] = [[] for _ in range(n + 1)]
    best[0] = [Cover(0.0, (), ())]
    for at in range(n):
        ways = best[at] = _cheapest(best[at])
        if not ways:
            continue
        steps = list(reader.statements(at))
        for way in ways:
            skipped = Cover(way.cost + _SKIP.get(tokens[at].mark, 0.02), way.statements, (*way.left_over, tokens[at]))
            best[at + 1].append(skipped)
            for end, cost, found in steps:
                best[end].append(Cover(way.cost + cost + _EACH, (*way.statements, *found), way.left_over))
    return _cheapest(best[n])


def _cheapest(ways: Sequence[Cover]) -> list[Cover]:
    kept: list[Cover] = []
    seen: set[object] = set()
    for way in sorted(ways, key=lambda w: w.cost):
        key = tuple(_key(s) for s in way.statements)
        if key not in seen:
            seen.add(key)
            kept.append(way)
        if len(kept) == KEEP:
            break
    return kept


def _key(statement: Statement) -> object:
    match statement:
        case Limit():
            values = tuple(sorted((d, w.value) for d, w in statement.left.weights.items()))
            return (statement.op, values, statement.left.constant.value)
        case WholeLimit():
            return (statement.op, statement.bound.value, statement.start)
        case Weights():
            return tuple(sorted((d, w.value) for d, w in statement.of.items()))


class _Reader(Comparisons, Bounds):
    """All statements that begin at a token."""

    def statements(self, at: int) -> Iterator[Step]:
        """Each with where it ends and what it costs."""
        mark = self.x.mark(at)
        if mark in ("name", "number", "difference", "sum", "open", "all"):
            yield from self.compared(at)
        if mark in OPS:
            yield from self.bounded(at)
            yield from self.beyond(at)
            yield from self.pairs_after(at)
            yield from self.share(at)
        if mark in ("sum", "all", "each", "has") or mark in OPS:
            yield from self.whole(at)
        if mark in ("ratio", "for every"):
            yield from self.proportional(at)
        if mark in ("more", "fewer", "not more", "not fewer"):
            yield from self.outnumbered(at)
        if mark == "not":
            yield from self.negated(at)
        if mark in ("name", "number", "between", "min"):
            yield from self.ranges(at)
        if mark in ("name", "number", "each", "cost", "all", "sum"):
            yield from self.weights(at)
        if mark == "number" and self.x.mark(self.x.past(at + 1, frozenset(("sum", "cost")))) in ("among", "between"):
            yield from self.divided(at)
        if mark == "number":
            yield from self.left_of(at)
