"""A point of an instance -> what its ground terms are worth there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from nl2opt.check.judge.grounding import Ground
from nl2opt.check.judge.terms import Atom, Condition, Form, NotCanonical
from nl2opt.ir.evaluate import globals as definitions
from nl2opt.ir.instance import Instance, Point

TOLERANCE = 1e-6
"""A comparison may be off by this, relative to 1 + its largest term. Source: docs/SEMANTICS.md, The referee."""
_FUNCTIONS = {"exp": math.exp, "sin": math.sin, "cos": math.cos, "sqrt": math.sqrt, "log": math.log}


NO_DIGITS: Mapping[Atom, Sequence[Atom]] = MappingProxyType({})


class Values:
    """Ground terms at one point; ``made`` are the columns that binary digits write."""

    def __init__(
        self, instance: Instance, ground: Ground, point: Point, made: Mapping[Atom, Sequence[Atom]] = NO_DIGITS
    ) -> None:
        self._known: dict[Atom, Any] = {}
        self._made_of = made
        for c in ground.columns:
            if c.atom is None:
                continue
            value: Any = point[c.name][c.key]
            family = instance.variables[c.name]
            if c.atom.args[2] == "element":
                assert family.within is not None
                self._known[c.atom] = family.within[family.domain.position[c.key]].position[value]
            else:
                self._known[c.atom] = value

    def number(self, n: object) -> float:
        """The value of a number. Raises NotCanonical where it has none here."""
        if isinstance(n, Form):
            return float(n.const) + sum(float(c) * self.number(a) for a, c in n.terms.items())
        if isinstance(n, Atom):
            return float(self._atom(n))
        if isinstance(n, int | Fraction):
            return float(n)
        raise NotCanonical(f"{n!r} as a number")

    def holds(self, c: Condition) -> bool:
        """Does a condition hold within the tolerance?"""
        return c if isinstance(c, bool) else bool(self._atom(c))

    def excess(self, c: Condition) -> float:
        """By how much a condition that fails fails: a comparison by its amount, any other by 1."""
        return self.number(c.args[0]) if isinstance(c, Atom) and c.op == "le" else 1.0

    def slack(self, form: Form) -> float:
        """How far `form <= 0` is from its limit, relative to 1 + its largest term; negative where it is violated."""
        largest = max([abs(float(form.const)), *(abs(float(c) * self.number(a)) for a, c in form.terms.items())])
        return -self.number(form) / (1 + largest)

    def _atom(self, a: Atom) -> Any:
        if a not in self._known:
            try:
                self._known[a] = self._made(a)
            except (ZeroDivisionError, ValueError, OverflowError) as e:
                raise NotCanonical(f"no value here: {e}") from e
        return self._known[a]

    def _made(self, a: Atom) -> Any:
        match a.op:
            case "column":
                return sum(2**d * self._atom(b) for d, b in enumerate(self._made_of[a]))
            case "is":
                return self._atom(a.args[0]) == a.args[1]
            case "le" | "lt":
                return self.slack(a.args[0]) >= -TOLERANCE
            case "and":
                return all(self._atom(x) for x in a.args)
            case "or":
                return any(self._atom(x) for x in a.args)
            case "not":
                return not self._atom(a.args[0])
            case "product":  # where a condition fails, what it guards need have no value
                if any(not self._atom(x) for x in a.args if x.condition):
                    return 0
                return math.prod(self.number(x) for x in a.args)
            case "max":
                return max(self.number(x) for x in a.args)
            case "/":
                return self.number(a.args[0]) / self.number(a.args[1])
            case "//":
                return self.number(a.args[0]) // self.number(a.args[1])
            case "%":
                return self.number(a.args[0]) % self.number(a.args[1])
            case "exp" | "sin" | "cos" | "sqrt" | "log":
                return _FUNCTIONS[a.op](self.number(a.args[0]))
            case "piecewise":
                x, *flat = (self.number(v) for v in a.args)
                return definitions.piecewise(x, list(zip(flat[::2], flat[1::2], strict=True)))
            case "all_different":
                values = sorted(self.number(x) for x in a.args)
                return all(p < q for p, q in pairwise(values))
            case "no_overlap" | "cumulative" | "no_overlap_2d":
                return self._global(a)
            case _:
                raise NotCanonical(f"a {a.op} at a point")

    def _global(self, a: Atom) -> bool:
        bag: Atom = a.args[0]
        rows = list(self._rows(bag, {"no_overlap": 2, "cumulative": 3, "no_overlap_2d": 4}[a.op]))
        if a.op == "no_overlap":
            return definitions.no_overlap([(s, d) for s, d in rows])
        if a.op == "no_overlap_2d":
            return definitions.no_overlap_2d([(x, w, y, h) for x, w, y, h in rows])
        return definitions.cumulative([(s, d, u) for s, d, u in rows], self.number(a.args[1]))

    def _rows(self, bag: Atom, width: int) -> Iterator[tuple[float, ...]]:
        for row in bag.args:
            values = tuple(self.number(x) for x in row.args)
            if len(values) == width or values[width]:
                yield values[:width]
