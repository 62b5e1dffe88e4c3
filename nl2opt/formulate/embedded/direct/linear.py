"""Linear: a weighted sum of amounts plus a constant, each number with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from nl2opt.formulate.text import Quantity


@dataclass(frozen=True, slots=True)
class Weight:
    """A number of a linear expression: its value and the quantities of the text it was made of."""

    value: Fraction
    sources: tuple[Quantity, ...] = ()

    def scaled(self, other: Weight) -> Weight:
        """The product, with the sources of both."""
        return Weight(self.value * other.value, self.sources + other.sources)

    def plus(self, other: Weight) -> Weight:
        """The sum, with the sources of both."""
        return Weight(self.value + other.value, self.sources + other.sources)


ZERO = Weight(Fraction(0))
ONE = Weight(Fraction(1))
MINUS_ONE = Weight(Fraction(-1))


@dataclass(frozen=True, slots=True)
class Linear:
    """`sum(weights * amounts) + constant`; `strain` grows with what was supposed while reading it."""

    weights: Mapping[int, Weight] = field(default_factory=dict)
    constant: Weight = ZERO
    strain: float = 0.0

    def scaled(self, by: Weight) -> Linear:
        """Every number times one."""
        weights = {d: w.scaled(by) for d, w in self.weights.items()}
        return Linear(weights, self.constant.scaled(by) if self.constant.value else self.constant, self.strain)

    def plus(self, other: Linear) -> Linear:
        """The sum of both; an amount told twice counts twice."""
        weights = dict(self.weights)
        for d, w in other.weights.items():
            weights[d] = weights[d].plus(w) if d in weights else w
        return Linear(weights, self.constant.plus(other.constant), self.strain + other.strain)

    def minus(self, other: Linear) -> Linear:
        """The difference."""
        return self.plus(other.scaled(MINUS_ONE))

    def strained(self, by: float) -> Linear:
        """The same, supposed with more effort."""
        return Linear(self.weights, self.constant, self.strain + by)


def amount(decision: int, weight: Weight = ONE) -> Linear:
    """One amount, weighted."""
    return Linear({decision: weight})


def number(weight: Weight) -> Linear:
    """A constant."""
    return Linear({}, weight)


def all_of(count: int) -> Linear:
    """Every amount once."""
    return Linear(dict.fromkeys(range(count), ONE))
