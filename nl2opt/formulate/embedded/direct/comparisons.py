"""Tokens -> comparisons: `E at least R`, `30 more X than Y`, `10 <= X <= 40`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nl2opt.formulate.embedded.declarations import Op
from nl2opt.formulate.embedded.direct.linear import ZERO, Linear, all_of, amount, number
from nl2opt.formulate.embedded.direct.statements import BEFORE_BOUND, JOINTS, OPS, WEAK, Limit, Phrases, Step, is_part

SIGNED: Final = 0.3
"""What it costs to take "the difference between X and Y is at most 10" for X - Y alone."""


class Comparisons(Phrases):
    """Statements with an expression on either side."""

    def compared(self, at: int) -> Iterator[Step]:
        """`E at least R`."""
        if self.x.mark(at) == "number" and (sided := self.sided(at)):
            yield from sided
        for end, left in self._lefts(at):
            if not left.weights:
                continue
            side = self.x.past(end, WEAK)
            if self.x.mark(side) == "and" and self.x.mark(side + 1) in OPS and self._computed(at, end):
                side += 1
            mark = self.x.mark(side)
            yield from self._so(at, side, left)
            if mark in ("le0", "ge0"):
                yield self.limit(left, "<=" if mark == "le0" else ">=", at, side + 1, "sign")
            if mark in ("more", "fewer") and self.x.mark(side + 1) == "than":
                for stop, right in self._right(side + 2):
                    yield self.limit(left.minus(right), ">=" if mark == "more" else "<=", at, stop, "than")
            if mark not in OPS:
                continue
            yield from self._short_of(at, side, left)
            for stop, right in self._right(side + 1):
                op = OPS[mark]
                apart = self._apart(at, left, right, op)
                if apart:
                    yield self._either_way(left, right, at, stop)
                signed = left.minus(right).strained(SIGNED if apart else 0.0)
                yield self.limit(signed, op, at, stop, "compared")
                if not right.weights:
                    first = self.limit(left.minus(right), op, at, stop, "compared")
                    yield from self._again(at, stop, left, first)
                    yield from self._carried(at, stop, op, first)

    def _computed(self, at: int, end: int) -> bool:
        """Whether a sum is told with its signs, so that `and` after it begins no further amount."""
        return any(self.x.mark(k) in ("plus", "minus", "times") for k in range(at, end))

    def _lefts(self, at: int) -> Iterator[tuple[int, Linear]]:
        """Expressions that begin here; bare weights hold where `combined` follows: `5 of X and 3 of Y combined`."""
        yield from self.x.chains(at)
        if self.x.mark(at) == "number":
            for end, left in self.x.chains(at, summed=True):
                if self.x.mark(end) == "sum" and len(left.weights) > 1:
                    yield end + 1, left

    def _so(self, at: int, place: int, left: Linear) -> Iterator[Step]:
        """`E 40 or more`."""
        x = self.x
        if (
            x.mark(place) == "number"
            and x.mark(place + 1) in ("at least so", "at most so")
            and not is_part(x.tokens[place])
        ):
            op: Op = ">=" if x.mark(place + 1) == "at least so" else "<="
            yield self.limit(left.minus(number(x.weight(place))), op, at, place + 2, "so")

    def _short_of(self, at: int, side: int, left: Linear) -> Iterator[Step]:
        """`E at least 10 less than R`: the shortfall is at least 10."""
        x = self.x
        place = x.past(side + 1, BEFORE_BOUND)
        if x.mark(place) == "number" and x.mark(place + 1) == "fewer" and x.mark(place + 2) == "than":
            for end, right in x.chains(place + 3):
                gap = right.minus(left).minus(number(x.weight(place)))
                yield self.limit(gap, OPS[x.mark(side)], at, end, "short of")

    def _carried(self, at: int, end: int, op: Op, first: Step) -> Iterator[Step]:
        """`X is limited to 40 and Y to 30`: the side holds on."""
        x = self.x
        spot = x.past(end, JOINTS)
        if spot == end or x.mark(spot) != "name":
            return
        left = amount(x.tokens[spot].decision)
        place = x.past(spot + 1, BEFORE_BOUND | frozenset(("to",)))
        if (
            x.mark(place) == "number"
            and not is_part(x.tokens[place])
            and x.mark(place + 1) not in ("name", "times", "more")
        ):
            second = Limit(left.minus(number(x.weight(place))), op, *self.place(spot, place + 1), "carried")
            step = (place + 1, first[1] + 0.15, (*first[2], second))
            yield step
            yield from self._carried(at, place + 1, op, step)

    def proportional(self, at: int) -> Iterator[Step]:
        """`the ratio of X to Y is at least 2`, `for every Y there must be at least 2 X`."""
        x = self.x
        weak = frozenset(("between", "and", "to", "sum", "comma", "has", "cost"))
        first = x.past(at + 1, weak)
        if x.mark(first) == "number" and x.mark(at) == "for every" and x.tokens[first].value == 1:
            first = x.past(first + 1, weak)
        second = x.past(first + 1, weak)
        if x.mark(first) != "name":
            return
        one = amount(x.tokens[first].decision)
        if x.mark(at) == "ratio" and x.mark(second) == "name":
            side = x.past(second + 1, WEAK)
            place = x.past(side + 1, BEFORE_BOUND)
            if x.mark(side) in OPS and x.mark(place) == "number":
                other = amount(x.tokens[second].decision).scaled(x.weight(place))
                yield self.limit(one.minus(other), OPS[x.mark(side)], at, place + 1, "ratio")
        elif x.mark(at) == "for every" and x.mark(second) in OPS and x.mark(second + 1) == "number":
            name = x.past(second + 2, frozenset(("sum", "cost")))
            if x.mark(name) == "name":
                many = amount(x.tokens[name].decision)
                gap = many.minus(one.scaled(x.weight(second + 1)))
                yield self.limit(gap, OPS[x.mark(second)], at, name + 1, "for every")

    def _apart(self, at: int, left: Linear, right: Linear, op: Op) -> bool:
        """Whether two single amounts are kept close: `the difference between X and Y is at most 10`."""
        weights = sorted(w.value for w in left.weights.values())
        near = op == "<=" and not right.weights and right.constant.value > 0
        return (
            near
            and len(weights) == 2
            and weights[0] < 0 < weights[1]
            and any(self.x.mark(k) == "difference" for k in range(at, min(at + 3, len(self.x.tokens))))
        )

    def _either_way(self, left: Linear, right: Linear, at: int, end: int) -> Step:
        """The difference on either side."""
        place = self.place(at, end)
        one = Limit(left.minus(right), "<=", *place, "apart")
        other = Limit(number(ZERO).minus(left).minus(right), "<=", *place, "apart")
        return end, left.strain, (one, other)

    def _again(self, at: int, end: int, left: Linear, first: Step) -> Iterator[Step]:
        """`E at least 10 but at most 40`: a second side of the same sum."""
        x = self.x
        side = x.past(end, JOINTS | frozenset(("cost", "has")))
        place = x.past(side + 1, BEFORE_BOUND)
        if (
            side == end
            or x.mark(side) not in OPS
            or x.mark(place) != "number"
            or x.mark(place + 1) in ("name", "more", "times")
        ):
            return
        second = Limit(left.minus(number(x.weight(place))), OPS[x.mark(side)], *self.place(at, place + 1), "again")
        yield place + 1, first[1], (*first[2], second)

    def sided(self, at: int) -> list[Step]:
        """`10 <= X <= 40`."""
        side = at + 1
        if self.x.mark(side) not in ("le", "ge"):
            return []
        found: list[Step] = []
        low: Op = "<=" if self.x.mark(side) == "ge" else ">="
        for end, left in self.x.chains(side + 1):
            first = Limit(left.minus(number(self.x.weight(at))), low, *self.place(at, end), "sided")
            if self.x.mark(end) in ("le", "ge") and self.x.mark(end + 1) == "number":
                op: Op = "<=" if self.x.mark(end) == "le" else ">="
                second = Limit(left.minus(number(self.x.weight(end + 1))), op, *self.place(at, end + 2), "sided")
                found.append((end + 2, left.strain, (first, second)))
            else:
                found.append((end, left.strain + 0.1, (first,)))
        return found

    def _right(self, at: int) -> Iterator[tuple[int, Linear]]:
        """What stands on the far side: a number, `30 more than E`, `E by 30`, `E plus 30`."""
        x = self.x
        start = x.past(at, BEFORE_BOUND)
        if x.mark(start) == "number":
            w = number(x.weight(start))
            if x.mark(start + 1) in ("more", "by", "plus"):
                far = x.past(start + 2, frozenset(("than", "sum", "comma")))
                for end, right in x.chains(far):
                    yield end, right.plus(w)
            if is_part(x.tokens[start]) and (whole := self._everything(start + 1)):
                yield whole, all_of(x.count).scaled(x.weight(start))
                if x.mark(start + 1) == "more" and x.mark(start + 2) not in ("than", "name"):
                    yield start + 1, w
            elif x.mark(start + 1) != "times" and not is_part(x.tokens[start]):
                yield start + 1, w
        for origin in dict.fromkeys((at, start)):
            for end, right in x.chains(origin):
                yield from self._by(end, right)
                if right.weights:
                    yield end, right.strained(0.05)

    def _everything(self, at: int) -> int:
        """Where `of the total` ends, if no amount is named after it; else 0."""
        end = self.x.past(at, frozenset(("sum", "all")))
        return end if end > at and self.x.mark(end) not in ("name", "number", "open", "difference") else 0

    def _by(self, at: int, right: Linear) -> Iterator[tuple[int, Linear]]:
        """`E by more than 30`."""
        x = self.x
        far = x.past(at, frozenset(("comma",)))
        if x.mark(far) == "by":
            far = x.past(far + 1, frozenset(("ge", "more", "than", "min", "le", "eq")))
            if x.mark(far) == "number":
                yield x.past(far + 1, frozenset(("more",))), right.plus(number(x.weight(far)))

    def outnumbered(self, at: int) -> Iterator[Step]:
        """`more X than Y`, `there cannot be more X than Y`."""
        x = self.x
        side: Op = ">=" if x.mark(at) in ("more", "not fewer") else "<="
        for middle, left in x.chains(x.past(at + 1, frozenset(("cost", "has", "sum")))):
            if x.mark(middle) == "than":
                for end, right in x.chains(middle + 1):
                    yield self.limit(left.minus(right), side, at, end, "outnumbered")

    def negated(self, at: int) -> Iterator[Step]:
        """`cannot let X exceed 40`, `may not have X exceed Y`."""
        for end, left in self.x.chains(self.x.past(at + 1, frozenset(("has", "all")))):
            side = self.x.past(end, WEAK)
            if self.x.mark(side) == "over" and left.weights:
                for stop, right in self._right(side + 1):
                    yield self.limit(left.minus(right), "<=", at, stop, "negated")

    def beyond(self, at: int) -> Iterator[Step]:
        """`at least 30 more X than Y`, `at least twice as many X as Y`."""
        x = self.x
        op = OPS[x.mark(at)]
        place = x.past(at + 1, frozenset(("by", "min")))
        if x.mark(place) != "number":
            return
        w = x.weight(place)
        if x.mark(place + 1) in ("more", "fewer"):
            sign = 1 if x.mark(place + 1) == "more" else -1
            for middle, left in x.chains(place + 2):
                if x.mark(middle) == "than":
                    for end, right in x.chains(middle + 1):
                        gap = left.minus(right) if sign == 1 else right.minus(left)
                        if is_part(x.tokens[place]):
                            yield self.limit(left.minus(right.scaled(w)), op, at, end, "times more")
                        else:
                            yield self.limit(gap.minus(number(w)), op, at, end, "more than")
        token = x.tokens[place]
        after = x.past(place + 1, frozenset(("times",)))
        if (is_part(token) or after > place + 1) and x.mark(after) == "name" and x.mark(after + 1) == "name":
            left, right = amount(x.tokens[after].decision), amount(x.tokens[after + 1].decision)
            yield self.limit(left.minus(right.scaled(w)), op, at, after + 2, "as many")
