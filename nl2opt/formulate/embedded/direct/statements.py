"""What a sentence may state of amounts: limits on sums, limits on a whole, weights; and the base of its readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nl2opt.formulate.embedded.declarations import Op
from nl2opt.formulate.embedded.direct.expressions import Expressions
from nl2opt.formulate.embedded.direct.linear import Linear, Weight
from nl2opt.formulate.embedded.direct.tokens import Token


@dataclass(frozen=True, slots=True)
class Limit:
    """`left op 0`; `how` names the pattern, for people who look for the reason of a reading."""

    left: Linear
    op: Op
    start: int
    end: int
    how: str


@dataclass(frozen=True, slots=True)
class WholeLimit:
    """A limit on a whole that names no amount: of everything, or of what some row of weights measures.

    What is only `owned` ("the mill has 90 kg of flour") limits a row or nothing.
    """

    bound: Weight
    op: Op
    start: int
    end: int
    owned: bool = False


@dataclass(frozen=True, slots=True)
class Weights:
    """A number for each of some amounts."""

    of: Mapping[int, Weight]
    start: int
    end: int


Statement = Limit | WholeLimit | Weights


OPS: Final[Mapping[str, Op]] = {"ge": ">=", "le": "<=", "eq": "==", "min": ">=", "max": "<=", "over": ">="}
PARTS: Final = ("multiple", "fraction", "percent")
"""Numbers that weigh something else and never bound an amount by themselves."""
WEAK: Final = frozenset(("comma", "sum", "all", "open", "close", "cost", "to", "each", "has"))
BEFORE_BOUND: Final = frozenset(("sum", "cost", "min", "max", "by", "all", "open", "has"))
JOINTS: Final = frozenset(("comma", "and", "or", "while", "open", "close"))
IN_PAIR: Final = frozenset(("cost", "has", "each", "open", "close", "all", "sum"))

Step = tuple[int, float, tuple[Statement, ...]]
"""Where a statement ends, what it costs to read it so, what it says."""


@dataclass(frozen=True)
class Phrases:
    """A reader of statements in one sentence."""

    x: Expressions

    def place(self, at: int, end: int) -> tuple[int, int]:
        """Offsets of some tokens."""
        return self.x.tokens[at].start, self.x.tokens[end - 1].end

    def limit(self, left: Linear, op: Op, at: int, end: int, how: str) -> Step:
        """One limit as a step."""
        return end, left.strain, (Limit(left, op, *self.place(at, end), how),)


def is_part(token: Token) -> bool:
    """Whether a number weighs something else: `twice`, `a third`, `30 %`."""
    return token.quantity is not None and token.quantity.kind in PARTS
