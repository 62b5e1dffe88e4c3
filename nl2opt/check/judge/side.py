"""One of the two models under judgement: its instance, and what is found about it when it is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Literal

from nl2opt.check.feasible import referee
from nl2opt.check.judge.canonical import Canonical, canonical
from nl2opt.check.judge.elimination import without_surplus
from nl2opt.check.judge.frames import Framed, framed, turnings
from nl2opt.check.judge.graphs import Drawing
from nl2opt.check.judge.labels import Labels, Shared
from nl2opt.check.judge.points import Values
from nl2opt.check.judge.terms import Atom, NotCanonical
from nl2opt.check.judge.translation import Saying
from nl2opt.errors import EvaluationError, LimitExceeded, SolverFailure, Unsupported
from nl2opt.ir.instance import Instance, Point
from nl2opt.ir.model import Constraint, Objective
from nl2opt.ir.nodes import Expr
from nl2opt.solvers import auto
from nl2opt.solvers.result import Result, SolveOptions, Termination
from nl2opt.solvers.routes import ROUTES

FINISHED = (Termination.OPTIMAL, Termination.INFEASIBLE, Termination.UNBOUNDED)
"""What says all there is to say; "infeasible or unbounded" does not, and would tell equal models apart."""


ASKED = "asked_for_"
"""What the names of rows begin with that the judge adds to a question."""


class Side:
    """An instance with its canonical form, its drawing and its optimum, each made once."""

    def __init__(
        self,
        instance: Instance,
        name: Literal["reference", "candidate"],
        clock: Clock,
        *,
        affine: bool = False,
    ) -> None:
        self.instance = instance
        self.name = name
        self.clock = clock
        self.affine = affine
        self.why_not = ""
        self.meaningless = ""

    def like(self, instance: Instance) -> Side:
        """Another instance in the same role."""
        return Side(instance, self.name, self.clock, affine=self.affine)

    def reduced(self, other: Side) -> Side:
        """The side without columns of which the other side has fewer; itself where none can be eliminated."""
        if self.canonical is None or other.canonical is None:
            return self
        return self._with(without_surplus(self.canonical, other.canonical, self.clock.share))

    @cached_property
    def least(self) -> Side:
        """The side without all columns that can be eliminated."""
        return self if self.canonical is None else self._with(without_surplus(self.canonical, None, self.clock.share))

    def _with(self, form: Canonical) -> Side:
        if form is self.canonical:
            return self
        less = self.like(self.instance)
        less.__dict__.update({k: v for k, v in self.__dict__.items() if k == "result"}, canonical=form)
        return less

    @cached_property
    def canonical(self) -> Canonical | None:
        """The canonical form; None where the model says something that has none (``why_not``)."""
        try:
            return canonical(self.instance)
        except EvaluationError as e:
            self.meaningless = e.diagnostics[0].message
            self.why_not = f"the {self.name} has no meaning on this data: {self.meaningless}"
            return None
        except (NotCanonical, LimitExceeded, RecursionError) as e:
            self.why_not = f"the {self.name} has no canonical form: {e}"
            return None

    def drawings(self, shared: Shared) -> Iterator[Drawing]:
        """The canonical form as a graph; then with families turned round, where nothing says which way they run."""
        if self.canonical is None:
            return
        plain = framed(self.canonical, named=shared.named, affine=self.affine)
        yield self._drawn(self.canonical, plain, shared.labels)
        for chosen in turnings(plain.undirected):
            yield self._drawn(
                self.canonical, framed(self.canonical, chosen, shared.named, affine=self.affine), shared.labels
            )

    def _drawn(self, c: Canonical, form: Framed, labels: Labels) -> Drawing:
        inside = {y: labels[x] for x, y in (*zip(c.kept, form.columns, strict=True), *form.elements) if x in labels}
        return Drawing(form, inside, affine=self.affine)

    @cached_property
    def result(self) -> Result | None:
        """The solved instance; None where no route takes it."""
        return self.solve(self.instance, self.clock.left)

    @property
    def finished(self) -> bool:
        """True where the solve said all there is to say."""
        return self.result is not None and self.result.termination in FINISHED

    @cached_property
    def trusted(self) -> bool:
        """False where the referee does not take the point of the solve."""
        point = self.result.point if self.result is not None else None
        return point is None or referee(self.instance, point).ok

    @cached_property
    def atoms(self) -> dict[tuple[str, tuple[str | int, ...]], Atom]:
        """Scalar variable -> its column, of those that stay in the canonical form."""
        if self.canonical is None:
            return {}
        return {(x.args[0], x.args[1]): x for x in self.canonical.kept}

    @property
    def saying(self) -> Saying:
        """Ground terms -> expressions over the variables of the instance."""
        return Saying(self.instance, self.canonical.made if self.canonical is not None else {})

    def values(self, point: Point) -> Values:
        """What ground terms are worth at a point."""
        assert self.canonical is not None
        return Values(self.instance, self.canonical.ground, point, self.canonical.made)

    def solve(self, instance: Instance, seconds: float) -> Result | None:
        """An instance of this model, perhaps with other rows or another aim -> its result."""
        if seconds <= 0:
            return None
        try:
            return ROUTES[auto.choose(instance)[0]](instance, SolveOptions(time_limit=seconds))
        except (Unsupported, SolverFailure, EvaluationError, LimitExceeded):
            return None

    def with_rows(self, asked: Sequence[Expr], aim: tuple[Literal["minimize", "maximize"], Expr] | None) -> Instance:
        """The hard rows of the instance, more rows, and another aim (None: any solution)."""
        model = replace(self.instance.model, outputs=())
        hard = tuple(c for c in model.constraints if c.penalty is None)
        added = tuple(Constraint(f"{ASKED}{k}", row) for k, row in enumerate(asked))
        objectives = () if aim is None else (Objective(*aim),)
        return replace(self.instance, model=replace(model, constraints=(*hard, *added), objectives=objectives))


class Clock:
    """How much of a budget is left."""

    def __init__(self, seconds: float) -> None:
        self.started = time.perf_counter()
        self.seconds = seconds

    @property
    def left(self) -> float:
        """Seconds left, 0 when over."""
        return max(0.0, self.seconds - self.spent)

    @property
    def share(self) -> float:
        """Seconds that one of several questions may take: a third of what is left."""
        return self.left / 3

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started
