"""Canonical -> Graph: columns, atoms and rows as vertices, coefficients and places of arguments as edges.

Each column is drawn in a frame of its own, x = start + step * x', so that models that count it in other units, from
another start or the other way round are drawn alike: it starts at a finite bound, runs the way the first objective
wants it small, and a continuous one is counted in units of that objective, else of its own range.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from fractions import Fraction
from math import inf

from nl2opt.check.judge.canonical import Canonical
from nl2opt.check.judge.isomorphism import Graph
from nl2opt.check.judge.terms import Atom, Form, Limit, form_of

DIGITS = 10
"""Coefficients that agree in so many significant digits are the same number."""

Frame = tuple[Fraction, Fraction]
"""(start, step): the column is start + step * what is drawn."""
PLAIN: Frame = (Fraction(0), Fraction(1))


class Drawing:
    """The graph of a canonical form, and the vertex of each atom; ``affine``: objectives up to their unit and start."""

    def __init__(self, c: Canonical, *, affine: bool = False) -> None:
        self.graph = Graph()
        self.vertex_of: dict[Atom, int] = {}
        self._labels: dict[str, int] = {}
        self.frames = _frames(c)
        for column in c.kept:
            self._column(column)
        for row in c.rows:
            at = self.graph.vertex("row")
            self._argument(at, row.condition, None)
        for place, goal in enumerate(c.goals):
            at = self.graph.vertex("goal", place)
            if isinstance(goal.form, Form):
                self._sum(at, goal.form, None, scaled=affine, constant=not affine)
            elif not affine:
                self._argument(at, goal.form, None)

    def _column(self, a: Atom) -> int:
        if a not in self.vertex_of:
            kind = "element" if a.args[2] == "element" else "number"
            start, step = self.frames.get(a, PLAIN)
            ends = sorted(x if isinstance(x, float) and step > 0 else _at(x, start, step) for x in (a.low, a.high))
            self.vertex_of[a] = self.graph.vertex("column", kind, *map(rounded, ends), a.whole)
        return self.vertex_of[a]

    def _atom(self, a: Atom) -> int:
        """The vertex of an atom; its arguments are drawn at its first mention."""
        known = self.vertex_of.get(a)
        if known is not None:
            return known
        if a.op == "column":
            return self._column(a)
        at = self.vertex_of[a] = self.graph.vertex(a.op)
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
        """A sum in the frames of its columns; ``scaled``: as a multiple whose largest coefficient is 1."""
        const = Fraction(form.const)
        terms: dict[Atom, Fraction] = {}
        for a, c in form.terms.items():
            start, step = self.frames.get(a, PLAIN)
            const += c * start
            terms[a] = c * step
        k = 1 / max(map(abs, terms.values())) if scaled else Fraction(1)
        if len(terms) == 1 and const == 0 and next(iter(terms.values())) * k == 1:
            self.graph.edge(at, self._atom(next(iter(terms))), ("arg", label))
            return
        inner = self.graph.vertex("sum", rounded(const * k) if constant else None)
        self.graph.edge(at, inner, ("arg", label))
        for a, c in terms.items():
            self.graph.edge(inner, self._atom(a), ("times", rounded(c * k)))


def _at(x: Limit, start: Fraction, step: Fraction) -> Limit:
    if isinstance(x, float):
        return -x
    return (x - start) / step


def rounded(value: Limit) -> Limit:
    """A number as it is compared: exact where it is whole, else its first digits."""
    if isinstance(value, float):
        return value
    if value.denominator == 1:
        return int(value)
    return float(f"{float(value):.{DIGITS}g}")


def _frames(c: Canonical) -> dict[Atom, Frame]:
    """Columns -> their frames; one that is a factor of a product, or an argument of its own, keeps its own."""
    fixed = _factors(c)
    goal = c.goals[0].form if c.goals else 0
    weights = goal.terms if isinstance(goal, Form) else {}
    pulls = _pulls(c)
    frames: dict[Atom, Frame] = {}
    for x in c.kept:
        if x.args[2] != "number" or x in fixed:
            continue
        weight = Fraction(weights.get(x, 0))
        down = _runs_down(x, weight, pulls[x])
        near = x.high if down else x.low
        step = Fraction(1)
        if not x.whole:
            if weight:
                step = 1 / abs(weight)
            elif x.low > -inf and x.high < inf:
                step = Fraction(x.high) - Fraction(x.low)
        start = Fraction(0) if isinstance(near, float) else Fraction(near)
        frames[x] = (start, -step if down else step)
    return frames


def _runs_down(x: Atom, weight: Fraction, pulls: list[Fraction]) -> bool:
    """True where a column is counted downwards."""
    if (x.low == -inf) != (x.high == inf):
        return x.low == -inf
    if weight:
        return weight < 0
    return sorted(pulls) < sorted(-p for p in pulls)


def _pulls(c: Canonical) -> dict[Atom, list[Fraction]]:
    """Column -> its coefficients in the rows, each relative to the largest of its row."""
    found: dict[Atom, list[Fraction]] = defaultdict(list)
    for row in c.rows:
        form = form_of(row.condition)
        if form is None:
            continue
        largest = max(abs(Fraction(k)) for k in form.terms.values())
        for a, k in form.terms.items():
            found[a].append(k / largest)
    return found


def _factors(c: Canonical) -> set[Atom]:
    """Columns that stand as arguments of their own, not in a sum."""
    found: set[Atom] = set()
    seen: set[int] = set()
    stack: list[object] = [r.condition for r in c.rows] + [g.form for g in c.goals]
    while stack:
        x = stack.pop()
        if isinstance(x, Form):
            stack.extend(a for a in x.terms if a.op != "column")
        elif isinstance(x, Atom) and x.id not in seen:
            seen.add(x.id)
            if x.op == "column":
                found.add(x)
            else:
                stack.extend(x.args)
    return found
