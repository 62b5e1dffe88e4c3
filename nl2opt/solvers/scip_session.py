"""PlainProgram -> what SCIP or GLOP says of it, one run at a time; Ctrl-C and the time limit leave the incumbent.

The engine runs in a process of its own (`apart`). `pywraplp` is the lightest way in: it imports in a third of the time
of MathOpt, stops when it is asked to, and reports an unbounded program, which MathOpt's checks of SCIP's infinite
values do not let through. A switched row becomes a
plain one by its exact bounds; where it has none, an indicator constraint, which goes in through the proto.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from nl2opt.errors import Diagnostic, SolverFailure
from nl2opt.ground.plain.forms import INFINITY, Affine, Bound, Literal, Number, minus, scaled
from nl2opt.ground.plain.grounding import PlainGoal, PlainProgram
from nl2opt.solvers.apart import ask
from nl2opt.solvers.result import SolveOptions, Termination

WORDS = ("OPTIMAL", "FEASIBLE", "INFEASIBLE", "UNBOUNDED", "ABNORMAL", "MODEL_INVALID", "NOT_SOLVED")
"""What `Solve` answers, by number. Source: linear_solver.h of OR-Tools, MPSolver::ResultStatus."""

FEASIBILITY = 1e-9
"""How far a row may be violated: well within the tolerance of the referee."""

SCIP_INFINITY = 1e20

PARAMETERS = (
    "constraints/indicator/maxprerounds = 0",  # presolving them, SCIP 10.0.0 calls wrong points optimal, and crashes
    "constraints/indicator/dualreductions = FALSE",
)
"""What is set for every run of SCIP."""

LARGEST = 10**5
"""A switched row that its bounds hold below this becomes a plain row; only one without bounds becomes an indicator."""


@dataclass
class Outcome:
    """What one run said: its word, values (None: no point), the dual bound, and what stopped it, if anything did."""

    word: str
    values: list[float] | None
    bound: float
    limited: Termination | None = None


class Session:
    """One program, run for one goal after another. ``held`` are rows added on the way, ``fixed`` column values."""

    def __init__(self, program: PlainProgram, options: SolveOptions, started: float) -> None:
        self.program = program
        self.options = options
        self.started = started
        self.held: list[Affine] = []
        self.fixed: dict[int, int] = {}

    @property
    def is_linear(self) -> bool:
        """True where GLOP can take it: no whole column is left, and so no indicator."""
        return self.options.relax_integrality or len(self.fixed) == sum(self.program.store.whole)

    def left(self) -> float | None:
        """Seconds left of the time limit, which counts the build; None without a limit."""
        limit = self.options.time_limit
        return None if limit is None else limit - (time.perf_counter() - self.started)

    def run(self, goal: PlainGoal | None) -> Outcome:
        """Solve for a goal, or for any solution. A word that is no result raises SolverFailure."""
        left = self.left()
        if left is not None and left <= 0:
            return Outcome("NOT_SOLVED", None, float("nan"), Termination.TIME_LIMIT)
        reply = ask("ortools_mip", self._request(goal, left), left)
        if reply.ending == "overran":
            stopped = Termination.INTERRUPTED if reply.interrupted else Termination.TIME_LIMIT
            return Outcome("NOT_SOLVED", None, float("nan"), stopped)
        if reply.ending == "crashed":
            raise SolverFailure(Diagnostic("E692", f"{self.engine} broke down", found=reply.detail,
                                           fix="solve with another solver"))  # fmt: skip
        if "fault" in reply.value:
            raise SolverFailure(
                Diagnostic("E691", f"{self.engine} refuses the model built for it", found=reply.value["fault"])
            )
        word = _word(reply.value["status"])
        limited = self._limited(word, reply.interrupted)
        return Outcome(word, reply.value["values"], reply.value["bound"], limited)

    def _limited(self, word: str, interrupted: bool) -> Termination | None:
        """What stopped a run that ended with a word, if anything did. A word that is no result raises SolverFailure."""
        if word in ("OPTIMAL", "INFEASIBLE", "UNBOUNDED"):
            return None
        if interrupted and word != "MODEL_INVALID":  # asked to stop before it has a point, SCIP says ABNORMAL
            return Termination.INTERRUPTED
        if word in ("ABNORMAL", "MODEL_INVALID"):
            raise SolverFailure(Diagnostic("E692", f"{self.engine} answered {word}",
                                           fix="scale the data, or solve with another solver"))  # fmt: skip
        left = self.left()
        if left is None or left >= 0.05:
            raise SolverFailure(Diagnostic("E693", f"{self.engine} stopped with {word} before any limit"))
        return Termination.TIME_LIMIT

    @property
    def engine(self) -> str:
        """The solver that takes it."""
        return "GLOP" if self.is_linear else "SCIP"

    def _request(self, goal: PlainGoal | None, left: float | None) -> dict[str, Any]:
        scip = (*PARAMETERS, f"randomization/randomseedshift = {self.options.seed % (2**31)}")
        return {
            "engine": self.engine,
            "model": self._proto(goal).SerializeToString(),
            "milliseconds": None if left is None else max(1, int(left * 1000)),
            "gap": self.options.relative_gap,
            "tolerance": FEASIBILITY,
            "parameters": "\n".join(scip) if self.engine == "SCIP" else "",
        }

    def _proto(self, goal: PlainGoal | None) -> Any:
        store = self.program.store
        proto = _protos().MPModelProto()
        relaxed = self.options.relax_integrality
        for v, (low, high, whole) in enumerate(zip(store.lower, store.upper, store.whole, strict=True)):
            value = self.fixed.get(v)
            proto.variable.add(
                lower_bound=float(low if value is None else value),
                upper_bound=float(high if value is None else value),
                is_integer=whole and value is None and not relaxed,
            )
        for form, equal in [*store.rows, *((h, False) for h in self.held)]:
            _fill(proto.constraint.add(), form, equal)
        for literal, form in store.switched:
            value = self.fixed.get(literal.column)
            most = store.span(form)[1]
            if most <= 0:
                continue
            if value is None and most <= LARGEST:
                _fill(proto.constraint.add(), loosened(literal, form, most), False)
            elif value is None:
                indicator = proto.general_constraint.add().indicator_constraint
                indicator.var_index, indicator.var_value = literal.column, int(literal.positive)
                _fill(indicator.constraint, form, False)
            elif value == int(literal.positive):
                _fill(proto.constraint.add(), form, False)
        if goal is not None:
            proto.maximize = goal.sense == "maximize"
            if isinstance(goal.value, Affine):
                proto.objective_offset = float(goal.value.const)
                for v, c in goal.value.terms:
                    proto.variable[v].objective_coefficient = float(c)
            else:
                proto.objective_offset = float(goal.value)
        return proto


def _protos() -> Any:
    from ortools.linear_solver import linear_solver_pb2

    return linear_solver_pb2


def _fill(row: Any, form: Affine, equal: bool) -> None:
    """``form <= 0`` or ``form == 0`` -> a row of the proto."""
    side = float(-form.const)
    row.var_index.extend([v for v, _ in form.terms])
    row.coefficient.extend([float(c) for _, c in form.terms])
    row.lower_bound, row.upper_bound = side if equal else -INFINITY, side


def loosened(literal: Literal, form: Affine, most: Bound) -> Affine:
    """``literal -> form <= 0`` of a form that its bounds hold within ``most`` -> the same as a row."""
    assert isinstance(most, int | Fraction)
    column = Affine(((literal.column, 1),))
    slack = minus(1, column) if literal.positive else column
    row = minus(form, scaled(slack, most))
    return row if isinstance(row, Affine) else Affine((), row)


def _word(status: int) -> str:
    if not 0 <= status < len(WORDS):
        raise SolverFailure(Diagnostic("E693", "OR-Tools ended with a status we do not know", found=str(status)))
    return WORDS[status]


def at(form: Number, values: Sequence[float]) -> float:
    """A number of the program at values of its columns."""
    if isinstance(form, Affine):
        return float(form.const) + sum(float(c) * values[v] for v, c in form.terms)
    return float(form)
