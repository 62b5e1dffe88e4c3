"""What is known of an expression's unit: powers of bases, powers of units nobody declared, and what it may count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from nl2opt.check.unit_names import Powers

Unknowns = Mapping[str, Fraction]
"""A symbol without a declared unit -> the power of its unit."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A unit as far as it is known.

    ``up`` things it may count beside what it says, ``down`` things it may count less (a binary is one of whatever is
    counted: a tank, a visit). ``periods`` are those its indices run through, `*` where only a name says it is time.
    ``measured`` are things it does not count: over the sets it is summed over, data say how many each element has.
    ``stated`` is True where a unit that a person declared is part of it, ``because`` how the rest was inferred.
    """

    powers: Powers = field(default_factory=dict)
    unknowns: Unknowns = field(default_factory=dict)
    up: int = 0
    down: int = 0
    periods: frozenset[str] = frozenset()
    measured: frozenset[str] = frozenset()
    stated: bool = False
    because: tuple[str, ...] = ()

    def times(self, other: Quantity, power: Fraction = Fraction(1)) -> Quantity:
        """This quantity times ``other ** power``."""
        up, down = (other.up, other.down) if power > 0 else (other.down, other.up)
        whole = -(-abs(power).numerator // abs(power).denominator)
        return Quantity(
            joined(self.powers, other.powers, power),
            joined(self.unknowns, other.unknowns, power),
            self.up + whole * up,
            self.down + whole * down,
            self.periods | other.periods,
            self.measured | other.measured,
            self.stated or other.stated,
            (*self.because, *(b for b in other.because if b not in self.because)),
        )

    def through(self, periods: frozenset[str], measured: frozenset[str] = frozenset()) -> Quantity:
        """The quantity summed over sets of periods, and of things that have so many of what is ``measured``."""
        return replace(self, periods=self.periods | periods, measured=self.measured | measured)


PLAIN = Quantity()
COUNT = Quantity(up=1)
"""A binary or a condition."""


def joined(a: Mapping[str, Fraction], b: Mapping[str, Fraction], power: Fraction) -> dict[str, Fraction]:
    """Powers of a product a * b ** power."""
    out = dict(a)
    for base, p in b.items():
        out[base] = out.get(base, Fraction(0)) + power * p
    return {base: p for base, p in out.items() if p}


@dataclass(frozen=True, slots=True)
class Clash:
    """Two quantities that cannot be one: ``gap`` is right / left where both are fully known."""

    left: Quantity
    right: Quantity
    gap: Powers

    @property
    def inferred(self) -> bool:
        """True where a unit nobody declared takes part."""
        return bool(self.left.because or self.right.because) or not (self.left.stated and self.right.stated)


class Equations:
    """Equations between quantities, solved for the units nobody declared as they come."""

    def __init__(self) -> None:
        self.solved: dict[str, Quantity] = {}

    def known(self, q: Quantity) -> Quantity:
        """A quantity with every unit that was inferred put in."""
        while found := next((u for u in q.unknowns if u in self.solved), None):
            power = q.unknowns[found]
            without = replace(q, unknowns={u: p for u, p in q.unknowns.items() if u != found})
            q = without.times(self.solved[found], power)
        return q

    def equate(self, a: Quantity, b: Quantity, place: str) -> Clash | None:
        """a == b -> the clash, None where they agree or an unknown unit is now known."""
        left, right = self.known(a), self.known(b)
        rest = right.times(left, Fraction(-1))
        if not rest.unknowns:
            return Clash(left, right, rest.powers) if rest.powers else None
        name = min(rest.unknowns, key=lambda u: (abs(rest.unknowns[u]) != 1, u))
        power = rest.unknowns[name]
        others = replace(rest, unknowns={u: p for u, p in rest.unknowns.items() if u != name}, because=())
        slack = rest.up + rest.down
        value = PLAIN.times(others, -1 / power)
        because = (*rest.because, f"`{name.partition('[')[0]}` by {place}")
        self.solved[name] = replace(value, up=slack, down=slack, because=because[:3])
        return None
