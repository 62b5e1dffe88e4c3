"""Instance -> the number of terms each constraint grounds to, counted from the sizes of sets before anything is built.

A term is one variable at one binding. The first count multiplies the sizes of the sets bound around it, as if no filter
left anything out; only where that passes the limit are the bindings counted as the filters keep them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf

from nl2opt.errors import Diagnostic, LimitExceeded, Nl2optError
from nl2opt.ground.linear.axes import Frame
from nl2opt.ground.linear.binding import bind, restrict
from nl2opt.ground.linear.constants import Constants
from nl2opt.ir import limits
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import NamedExpression, Over, Variable
from nl2opt.ir.nodes import Aggregate, Comprehension, Expr, IfElse, Implies, Name, Or, Subscript
from nl2opt.ir.walk import children, free_names

Enter = Callable[["float | Frame", Over], "float | Frame"]
"""What is bound -> what is bound inside further generators: a number of bindings, or a frame of them."""


@dataclass(frozen=True, slots=True)
class Size:
    """What an item grounds to; ``exact`` is False where a filter may leave something out that was not looked at."""

    where: str
    rows: float
    terms: float
    exact: bool


def check_size(instance: Instance, filters: bool = True) -> None:
    """Raise LimitExceeded, naming the largest constraint and its size, where the model grounds beyond the limit.

    ``filters`` False looks at no filter: for a route that counts filtered rows itself before it makes them.
    """
    sizes = _Sizes(instance)
    found = list(sizes.items(1.0, sizes.multiplied))
    if sum(s.terms for s in found) <= limits.GROUNDED_TERMS:
        return
    known = [s for s in found if s.exact]
    if sum(s.terms for s in known) <= limits.GROUNDED_TERMS:
        if not filters:
            return
        try:
            known = list(sizes.items(Frame(), sizes.bound))
        except LimitExceeded as e:
            raise LimitExceeded(replace(d, where=d.where or sizes.where) for d in e.diagnostics) from None
        except Nl2optError:  # a model that is wrong is told where its rows are made
            return
    total = sum(s.terms for s in known)
    if total > limits.GROUNDED_TERMS:
        raise _too_large(max(known, key=lambda s: s.terms), total)


def _too_large(largest: Size, total: float) -> LimitExceeded:
    rows = f"{_shown(largest.rows)} rows with " if largest.where.startswith("constraint") else ""
    whole = f", {_shown(total)} in the whole model" if total > largest.terms else ""
    return LimitExceeded(
        Diagnostic(
            "V114",
            "the grounded model is too large",
            largest.where,
            f"{rows}{_shown(largest.terms)} terms{whole}",
            f"at most {_shown(limits.GROUNDED_TERMS)} terms",
            "sum over fewer combinations (a filter, a set of the pairs that exist), or aggregate the data",
        )
    )


def _shown(n: float) -> str:
    return f"{int(n):,}" if n < inf else "no end of"


class _Sizes:
    """Counting the terms of a model's constraints and objectives."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.model = instance.model
        self.constants: Constants | None = None
        self.where = ""
        self.exact = True

    def items(self, start: float | Frame, enter: Enter) -> Iterator[Size]:
        """The size of every constraint and objective."""
        for c in self.model.constraints:
            self.where, self.exact = f"constraint `{c.name}`", True
            inside = enter(start, c.over)
            terms = self.terms(c.expr, inside, enter)
            yield Size(self.where, _bindings(inside), terms, self.exact)
        for n, o in enumerate(self.model.objectives):
            self.where, self.exact = f"objectives[{n}]", True
            terms = self.terms(o.expr, start, enter)
            yield Size(self.where, 1, terms, self.exact)

    def terms(self, e: Expr, inside: float | Frame, enter: Enter) -> float:
        """Expression -> the variables it reads, over all bindings."""
        match e:
            case Name(name) | Subscript(name, _):
                inner = sum(self.terms(c, inside, enter) for c in children(e))
                match self.model.symbols.get(name):
                    case Variable():
                        whole = isinstance(e, Name)
                        return inner + _bindings(inside) * (len(self.instance.variables[name].domain) if whole else 1)
                    case NamedExpression() as named:
                        start = Frame() if isinstance(inside, Frame) else 1.0
                        around = enter(start, named.over)
                        every = self.terms(named.expr, around, enter)
                        if isinstance(e, Name) or not 0 < _bindings(around) < inf:
                            return inner + _bindings(inside) * every if every else inner
                        return inner + _bindings(inside) * every / _bindings(around)
                    case _:
                        return inner
            case Aggregate(_, body, generators) | Comprehension(_, body, generators):
                if not self.varies(e):
                    return 0
                return self.terms(body, enter(inside, generators), enter)
            case IfElse(condition, then, otherwise) if not self.varies(condition):
                return max(self.terms(then, inside, enter), self.terms(otherwise, inside, enter))
            case Implies(condition, consequence) if not self.varies(condition):
                return self.terms(consequence, self.restricted(inside, condition), enter)
            case Or(args) if not all(map(self.varies, args)):
                return 0  # most bindings may be settled by what is known; the route counts what it makes
            case _:
                return sum(self.terms(c, inside, enter) for c in children(e))

    def restricted(self, inside: float | Frame, condition: Expr) -> float | Frame:
        """The bindings for which a known condition holds; all of them while sizes are only multiplied."""
        if isinstance(inside, Frame):
            return restrict(self._constants(), inside, condition)
        self.exact = False
        return inside

    def varies(self, e: Expr) -> bool:
        """True where a variable is read below."""
        return any(isinstance(self.model.symbols.get(n), Variable | NamedExpression) for n in free_names(e))

    def multiplied(self, inside: float | Frame, over: Over) -> float:
        """A number of bindings times the sizes of further sets; filters are taken to keep all."""
        n = _bindings(inside)
        for g in over:
            self.exact = self.exact and not g.conditions and isinstance(g.source, Name)
            n = n * self._size(g.source) if n else 0
        return n

    def _size(self, source: Expr) -> float:
        match source:
            case Name(name) if name in self.instance.sets:
                return len(self.instance.sets[name])
            case Subscript(name, _) if name in self.instance.indexed_sets:
                return max(map(len, self.instance.indexed_sets[name].values()), default=0)
            case _:
                return inf  # counted with its bindings

    def bound(self, inside: float | Frame, over: Over) -> Frame:
        """The frame inside further generators, their known filters applied."""
        assert isinstance(inside, Frame)
        known = (replace(g, conditions=tuple(c for c in g.conditions if not self.varies(c))) for g in over)
        return bind(self._constants(), inside, tuple(known))

    def _constants(self) -> Constants:
        if self.constants is None:
            self.constants = Constants(self.instance, self.model)
        return self.constants


def _bindings(inside: float | Frame) -> float:
    return inside.size if isinstance(inside, Frame) else inside
