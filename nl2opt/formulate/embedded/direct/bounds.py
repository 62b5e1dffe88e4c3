"""Tokens -> bounds: `at least 50 of X and 30 of Y`, `the total is limited to 200`, `X between 10 and 50`."""

from __future__ import annotations

from collections.abc import Iterator

from nl2opt.formulate.embedded.declarations import Op
from nl2opt.formulate.embedded.direct.linear import all_of, amount, number
from nl2opt.formulate.embedded.direct.lists import Lists
from nl2opt.formulate.embedded.direct.statements import (
    BEFORE_BOUND,
    JOINTS,
    OPS,
    PARTS,
    Limit,
    Statement,
    Step,
    WholeLimit,
    is_part,
)


class Bounds(Lists):
    """Statements whose far side is a number."""

    def bounded(self, at: int) -> Iterator[Step]:
        """`at least 50 of E`, `at least 50 of X and 30 of Y`."""
        x = self.x
        op = OPS[x.mark(at)]
        place = x.past(at + 1, BEFORE_BOUND)
        if x.mark(place) != "number" or is_part(x.tokens[place]):
            return
        bound = number(x.weight(place))
        first = x.past(place + 1, frozenset(("sum", "cost", "each", "between", "open", "all")))
        apart = any(x.mark(k) == "each" for k in range(place + 1, first))
        summed = any(x.mark(k) in ("sum", "between", "open") for k in range(max(0, at - 2), first))
        for end, left in x.chains(first) if x.mark(first) in ("name", "difference", "number", "open") else ():
            if not left.weights or left.strain:
                continue
            if x.mark(x.past(end, frozenset(("close",)))) in ("than",):
                continue
            if x.mark(first - 1) == "open" and x.mark(end) == "close":
                end += 1
            many = len(left.weights) > 1
            alike = many and all(w.value == 1 for w in left.weights.values())
            if alike:
                every = tuple(Limit(amount(d).minus(bound), op, *self.place(at, end), "each") for d in left.weights)
                yield end, 0.0 if apart else (1.0 if summed else 0.4), every
            one = Limit(left.minus(bound), op, *self.place(at, end), "bounded")
            yield end, (1.0 if apart and many else 0.0), (one,)
            yield from self._further(at, end, op, one)
        yield from self._row(at, place, op)
        name = place + 1
        if x.mark(name) == "name" and x.mark(name + 1) == "each" and x.mark(name + 2) == "name":
            each = amount(x.tokens[name + 2].decision).scaled(x.weight(place))
            gap = amount(x.tokens[name].decision).minus(each)
            yield name + 3, 0.0, (Limit(gap, op, *self.place(at, name + 3), "for each"),)

    def share(self, at: int) -> Iterator[Step]:
        """`at least 30 % of the total must be X`, `at most half of all of them can be X or Y`."""
        x = self.x
        place = x.past(at + 1, BEFORE_BOUND)
        first = x.past(place + 1, frozenset(("sum", "all")))
        if x.mark(place) != "number" or not is_part(x.tokens[place]) or first == place + 1:
            return
        for end, left in x.chains(first) if x.mark(first) == "name" else ():
            if not left.strain and all(w.value == 1 for w in left.weights.values()):
                gap = left.minus(all_of(x.count).scaled(x.weight(place)))
                yield end, 0.1, (Limit(gap, OPS[x.mark(at)], *self.place(at, end), "share"),)

    def _further(self, at: int, end: int, op: Op, one: Limit) -> Iterator[Step]:
        """`at most 50 of X and Y combined, and 30 of Z and W`: the side holds on."""
        x = self.x
        place = x.past(end, JOINTS | frozenset(("sum",)))
        if place == end or x.mark(place) != "number" or is_part(x.tokens[place]):
            return
        first = x.past(place + 1, frozenset(("sum", "cost")))
        if x.mark(first) != "name":
            return
        for stop, left in x.chains(first):
            if left.strain == 0 and len(left.weights) > 1:
                more = Limit(left.minus(number(x.weight(place))), op, *self.place(at, stop), "further")
                yield stop, 0.0, (one, more)

    def _row(self, at: int, place: int, op: Op) -> Iterator[Step]:
        """`at most 3 X, 4 Y and 5 Z`: one side, several bounds."""
        x = self.x
        found: list[Statement] = []
        spot = place
        while x.mark(spot) == "number":
            name = x.past(spot + 1, frozenset(("cost", "sum", "open")))
            if x.mark(name) != "name":
                break
            left = amount(x.tokens[name].decision).minus(number(x.weight(spot)))
            found.append(Limit(left, op, *self.place(spot, name + 1), "row"))
            if len(found) > 1:
                yield name + 1, 0.1, tuple(found)
            spot = x.past(name + 1, JOINTS)

    def pairs_after(self, at: int) -> Iterator[Step]:
        """`a maximum for X is 7 and for Y 8`."""
        x = self.x
        op = OPS[x.mark(at)]
        spot = x.past(
            at + 1, frozenset(("sum", "cost", "each", "open", "close", "comma", "to", "all", "while", "min", "max"))
        )
        found: list[Statement] = []
        forwards = x.mark(spot) == "name"
        while True:
            pair = self._pair(spot, forwards)
            if pair is None or any(q.kind in PARTS for q in pair[2].sources):
                break
            end, decision, w = pair
            found.append(Limit(amount(decision).minus(number(w)), op, *self.place(spot, end), "pairs"))
            yield end, 0.1 if len(found) > 1 or x.mark(at) in ("min", "max") else 0.4, tuple(found)
            spot = x.past(end, JOINTS)
        for end, names, numbers in self._lists(spot if not found else at + 1):
            rows = tuple(
                Limit(amount(d).minus(number(w)), op, *self.place(at, end), "lists")
                for d, w in zip(names, numbers, strict=True)
            )
            yield end, 0.1, rows

    def whole(self, at: int) -> Iterator[Step]:
        """`the total is limited to 200`: no amount is named."""
        x = self.x
        side = x.past(at, frozenset(("sum", "all", "cost", "comma", "open", "close", "to", "each", "and")))
        subject = [x.mark(k) for k in range(at, side)]
        each = "each" in subject and "sum" not in subject[subject.index("each") :]
        said = any(x.mark(k) in ("sum", "all") for k in range(at, side))
        if x.mark(side) == "between" and said and (ends := self._span(side + 1)):
            low, high = x.weight(side + 1), x.weight(ends[1])
            where = self.place(at, ends[0])
            yield ends[0], 0.1, (WholeLimit(low, ">=", *where), WholeLimit(high, "<=", *where))
        named = any(t.mark == "name" for t in x.tokens)
        if x.mark(side) == "number" and "sum" in subject and not named and not is_part(x.tokens[side]):
            yield side + 1, 0.7, (WholeLimit(x.weight(side), "==", *self.place(at, side + 1)),)
        owned = x.mark(side) == "has"
        if x.mark(side) not in OPS and not owned:
            return
        place = x.past(side + 1, BEFORE_BOUND)
        if x.mark(place) != "number" or x.mark(place + 1) in ("more", "times") or is_part(x.tokens[place]):
            return
        op: Op = "<=" if owned else OPS[x.mark(side)]
        bound = x.weight(place)
        after = x.mark(place + 1)
        end = place + 2 if after in ("sum", "each") else place + 1
        if each or after == "each":
            rows = tuple(
                Limit(amount(d).minus(number(bound)), op, *self.place(at, end), "each of all") for d in range(x.count)
            )
            yield end, 0.15, rows
        if after != "each":
            said = said or after == "sum"
            yield end, (0.2 if said else 2.0 if named else 0.9), (WholeLimit(bound, op, *self.place(at, end), owned),)

    def left_of(self, at: int) -> Iterator[Step]:
        """`70 or more are needed`, `with 40 hours available`: a number before its side, no amount named."""
        x = self.x
        mark = x.mark(at + 1)
        if is_part(x.tokens[at]) or x.tokens[at].quantity is None:
            return
        last = mark in ("ge", "le") and x.mark(at + 2) in ("", "comma", "while", "and")
        if mark in ("at least so", "at most so") or last:
            op: Op = ">=" if mark in ("at least so", "ge") else "<="
            yield at + 2, 0.5, (WholeLimit(x.weight(at), op, *self.place(at, at + 2)),)
            for end, left in x.chains(at + 2):
                if left.weights and not left.strain:
                    gap = left.minus(number(x.weight(at)))
                    yield end, 0.1, (Limit(gap, op, *self.place(at, end), "so many"),)
        elif mark == "on hand":
            yield at + 2, 0.2, (WholeLimit(x.weight(at), "<=", *self.place(at, at + 2), owned=True),)

    def divided(self, at: int) -> Iterator[Step]:
        """`300 are divided among X, Y and Z`."""
        x = self.x
        if is_part(x.tokens[at]) or x.tokens[at].quantity is None:
            return
        end = x.past(at + 1, frozenset(("sum", "cost", "among", "between", "all")))
        names, stop = self._run(end, "name")
        stop = stop if len(names) == x.count else end
        yield stop, 0.3, (WholeLimit(x.weight(at), "==", *self.place(at, stop)),)

    def ranges(self, at: int) -> Iterator[Step]:
        """`X between 10 and 50`, `X (10 - 50)`, `between 10 and 50 X`, `a minimum of 10 and a maximum of 50 X`."""
        x = self.x
        if x.mark(at) == "name":
            low = x.past(at + 1, frozenset(("between", "open", "cost", "to", "all", "has")))
            ends = self._span(low)
            said = any(x.mark(k) in ("between", "open", "all") for k in range(at + 1, low)) or (
                ends is not None and any(x.mark(k) in ("le", "max", "to") for k in range(low, ends[1]))
            )
            if ends and said:
                yield from self._range(at, ends[0], x.tokens[at].decision, low, ends[1])
        else:
            low = at if x.mark(at) == "number" else at + 1
            ends = self._span(low)
            if ends:
                name = x.past(ends[0], frozenset(("sum", "cost", "to")))
                if x.mark(name) == "name":
                    yield from self._range(at, name + 1, x.tokens[name].decision, low, ends[1])

    def _span(self, low: int) -> tuple[int, int] | None:
        """Where a span of two numbers ends, and the place of the greater one."""
        x = self.x
        high = x.past(low + 1, frozenset(("and", "to", "le", "max")))
        if x.mark(low) != "number" or high == low + 1 or x.mark(high) != "number":
            return None
        if all(x.mark(k) == "and" for k in range(low + 1, high)) and x.mark(low - 1) not in ("between", "min"):
            return None
        return (high + 1, high) if x.tokens[low].value <= x.tokens[high].value else None

    def _range(self, at: int, end: int, decision: int, low: int, high: int) -> Iterator[Step]:
        x = self.x
        place = self.place(at, end)
        rows = (
            Limit(amount(decision).minus(number(x.weight(low))), ">=", *place, "range"),
            Limit(amount(decision).minus(number(x.weight(high))), "<=", *place, "range"),
        )
        yield x.past(end, frozenset(("close",))), 0.0, rows
