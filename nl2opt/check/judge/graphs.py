"""Framed -> Graph: columns, atoms and rows as vertices, coefficients and places of arguments as edges."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from fractions import Fraction
from types import MappingProxyType

from nl2opt.check.judge.frames import Framed
from nl2opt.check.judge.isomorphism import Graph
from nl2opt.check.judge.terms import Atom, Form, Limit

DIGITS = 10
"""Coefficients that agree in so many significant digits are the same number."""


class Drawing:
    """The graph of a form, and the vertex of each atom; ``affine``: objectives up to their unit and start.

    ``tokens``: what columns and elements (in their frames) must have in common with their partners.
    """

    def __init__(
        self, form: Framed, tokens: Mapping[Atom, Hashable] = MappingProxyType({}), *, affine: bool = False
    ) -> None:
        self.graph = Graph()
        self.form = form
        self.tokens = tokens
        self.vertex_of: dict[Atom, int] = {}
        self._labels: dict[str, int] = {}
        for column in form.columns:
            self._column(column)
        for condition in form.rows:
            self._argument(self.graph.vertex("row"), condition, None)
        for place, goal in enumerate(form.goals):
            at = self.graph.vertex("goal", place)
            if isinstance(goal, Form):
                self._sum(at, goal, None, scaled=affine, constant=not affine)
            elif not affine:
                self._argument(at, goal, None)

    def _column(self, a: Atom) -> int:
        if a not in self.vertex_of:
            kind = "element" if a.args[2] == "element" else "number"
            self.vertex_of[a] = self.graph.vertex(
                "column", kind, rounded(a.low), rounded(a.high), a.whole, self.tokens.get(a)
            )
        return self.vertex_of[a]

    def _atom(self, a: Atom) -> int:
        """The vertex of an atom; its arguments are drawn at its first mention."""
        known = self.vertex_of.get(a)
        if known is not None:
            return known
        if a.op == "column":
            return self._column(a)
        at = self.vertex_of[a] = self.graph.vertex(a.op, self.tokens.get(a))
        if a.op == "is":  # that an element column takes one of its values; which one has no meaning of its own
            self.graph.edge(at, self._atom(a.args[0]))
            return at
        if a.op in ("le", "lt"):
            self._sum(at, a.args[0], None, scaled=True)
            return at
        for place, arg in enumerate(a.args):
            self._argument(at, arg, None if a.commutative else place)
        return at

    def _argument(self, at: int, arg: object, label: Hashable) -> None:
        match arg:
            case Atom():
                self.graph.edge(at, self._atom(arg), ("arg", label))
            case Form():
                self._sum(at, arg, label, scaled=False)
            case int() | Fraction():
                self.graph.edge(at, self.graph.vertex("constant", rounded(arg)), ("arg", label))
            case _:  # a label: the same wherever it stands, whatever it is called
                if str(arg) not in self._labels:
                    self._labels[str(arg)] = self.graph.vertex("label")
                self.graph.edge(at, self._labels[str(arg)], ("arg", label))

    def _sum(self, at: int, form: Form, label: Hashable, *, scaled: bool, constant: bool = True) -> None:
        """A sum; ``scaled``: as the multiple of it whose largest coefficient is 1."""
        k = 1 / max(abs(Fraction(c)) for c in form.terms.values()) if scaled else Fraction(1)
        if len(form.terms) == 1 and form.const == 0 and next(iter(form.terms.values())) * k == 1:
            self.graph.edge(at, self._atom(next(iter(form.terms))), ("arg", label))
            return
        inner = self.graph.vertex("sum", rounded(form.const * k) if constant else None)
        self.graph.edge(at, inner, ("arg", label))
        for a, c in form.terms.items():
            self.graph.edge(inner, self._atom(a), ("times", rounded(c * k)))


def rounded(value: Limit) -> Limit:
    """A number as it is compared: exact where it is whole, else its first digits."""
    if isinstance(value, float):
        return value
    if value.denominator == 1:
        return int(value)
    return float(f"{float(value):.{DIGITS}g}")
