"""Canonical -> Graph: columns, atoms and rows as vertices, coefficients and places of arguments as edges."""

from __future__ import annotations

from fractions import Fraction

from nl2opt.check.judge.canonical import Canonical
from nl2opt.check.judge.isomorphism import Graph
from nl2opt.check.judge.terms import Atom, Form, Limit

DIGITS = 12
"""Coefficients that agree in so many significant digits are the same number."""


class Drawing:
    """The graph of a canonical form, and the vertex of each of its atoms."""

    def __init__(self, c: Canonical) -> None:
        self.graph = Graph()
        self.vertex_of: dict[Atom, int] = {}
        for column in c.kept:
            self._column(column)
        for row in c.rows:
            at = self.graph.vertex("row")
            self._argument(at, row.condition, None)
        for place, goal in enumerate(c.goals):
            at = self.graph.vertex("goal", place)
            self._argument(at, goal.form, None)

    def _column(self, a: Atom) -> int:
        if a not in self.vertex_of:
            kind = "element" if a.args[2] == "element" else "number"
            self.vertex_of[a] = self.graph.vertex("column", kind, _rounded(a.low), _rounded(a.high), a.whole)
        return self.vertex_of[a]

    def _atom(self, a: Atom) -> int:
        """The vertex of an atom, its arguments drawn at its first mention (without recursion into columns twice)."""
        known = self.vertex_of.get(a)
        if known is not None:
            return known
        if a.op == "column":
            return self._column(a)
        if a.op == "is":  # that an element column takes one of its values; which one has no meaning of its own
            at = self.vertex_of[a] = self.graph.vertex("is")
            self.graph.edge(at, self._atom(a.args[0]))
            return at
        at = self.vertex_of[a] = self.graph.vertex(a.op)
        for place, arg in enumerate(a.args):
            self._argument(at, arg, None if a.commutative else place)
        return at

    def _argument(self, at: int, arg: object, label: object) -> None:
        match arg:
            case Atom():
                self.graph.edge(at, self._atom(arg), ("arg", label))
            case Form() if arg.const == 0 and len(arg.terms) == 1 and next(iter(arg.terms.values())) == 1:
                self.graph.edge(at, self._atom(next(iter(arg.terms))), ("arg", label))
            case Form():
                inner = self.graph.vertex("sum", _rounded(arg.const))
                self.graph.edge(at, inner, ("arg", label))
                for a, c in arg.terms.items():
                    self.graph.edge(inner, self._atom(a), ("times", _rounded(c)))
            case _:
                constant = self.graph.vertex("constant", _rounded(arg) if isinstance(arg, int | Fraction) else arg)
                self.graph.edge(at, constant, ("arg", label))


def _rounded(value: Limit) -> Limit:
    """A number as it is compared: exact where it is whole, else its first digits."""
    if isinstance(value, int):
        return value
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return float(f"{float(value):.{DIGITS}g}")
