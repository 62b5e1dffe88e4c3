"""PlainProgram -> what SCIP or GLOP says of it, one run at a time; Ctrl-C and the time limit leave the incumbent.

`pywraplp` is the lightest way in: it imports in a third of the time of MathOpt, stops when it is asked to, and reports
an unbounded program, which MathOpt's checks of SCIP's infinite values do not let through. A switched row becomes a
plain one by its exact bounds; where it has none, an indicator constraint, which goes in through the proto.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from nl2opt.errors import Diagnostic, SolverFailure
from nl2opt.ground.plain.forms import INFINITY, Affine, Bound, Literal, Number, minus, scaled
from nl2opt.ground.plain.grounding import PlainGoal, PlainProgram
from nl2opt.solvers.result import SolveOptions, Termination

WORDS = ("OPTIMAL", "FEASIBLE", "INFEASIBLE", "UNBOUNDED", "ABNORMAL", "MODEL_INVALID", "NOT_SOLVED")
"""What `Solve` answers, by number. Source: linear_solver.h of OR-Tools, MPSolver::ResultStatus."""

FEASIBILITY = 1e-9
"""How far a row may be violated: well within the tolerance of the referee."""

SCIP_INFINITY = 1e20

PARAMETERS = (
    "misc/catchctrlc = FALSE",  # Python hears Ctrl-C, and asks SCIP to stop
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
        solver = self._loaded(goal)
        word, interrupted = self._solve(solver)
        if word in ("ABNORMAL", "MODEL_INVALID"):
            raise SolverFailure(Diagnostic("E692", f"{self.engine} answered {word}",
                                           fix="scale the data, or solve with another solver"))  # fmt: skip
        limited = None
        if word in ("FEASIBLE", "NOT_SOLVED"):
            left = self.left()
            if interrupted:
                limited = Termination.INTERRUPTED
            elif left is not None and left < 0.05:
                limited = Termination.TIME_LIMIT
            else:
                raise SolverFailure(Diagnostic("E693", f"{self.engine} stopped with {word} before any limit"))
        if word not in ("OPTIMAL", "FEASIBLE"):
            return Outcome(word, None, float("nan"), limited)
        response = _protos().MPSolutionResponse()
        solver.FillSolutionResponseProto(response)
        return Outcome(word, list(response.variable_value), float(response.best_objective_bound), limited)

    @property
    def engine(self) -> str:
        """The solver that takes it."""
        return "GLOP" if self.is_linear else "SCIP"

    def _loaded(self, goal: PlainGoal | None) -> Any:
        from ortools.linear_solver import pywraplp

        solver = pywraplp.Solver.CreateSolver(self.engine)
        if solver is None:
            raise SolverFailure(Diagnostic("E690", f"this build of OR-Tools has no {self.engine}"))
        fault = solver.LoadModelFromProto(self._proto(goal))
        if fault:
            raise SolverFailure(Diagnostic("E691", f"{self.engine} refuses the model built for it", found=fault[:300]))
        if self.engine == "SCIP":
            text = "\n".join((*PARAMETERS, f"randomization/randomseedshift = {self.options.seed % (2**31)}"))
            if not solver.SetSolverSpecificParametersAsString(text):
                raise SolverFailure(Diagnostic("E691", "SCIP does not know the parameters set for it", found=text))
        return solver

    def _solve(self, solver: Any) -> tuple[str, bool]:
        """Run in a thread, so that Ctrl-C can ask it to stop -> (its word, was it asked to)."""
        from ortools.linear_solver import pywraplp

        left = self.left()
        if left is not None:
            solver.SetTimeLimit(max(1, int(left * 1000)))
        parameters = pywraplp.MPSolverParameters()
        parameters.SetDoubleParam(parameters.RELATIVE_MIP_GAP, self.options.relative_gap)
        parameters.SetDoubleParam(parameters.PRIMAL_TOLERANCE, FEASIBILITY)
        parameters.SetDoubleParam(parameters.DUAL_TOLERANCE, FEASIBILITY)
        if threading.current_thread() is not threading.main_thread():
            return _word(solver.Solve(parameters)), False
        said: list[int] = []
        done = threading.Event()  # not `join`: interrupted, it takes a thread that runs for one that has ended

        def work() -> None:
            try:
                said.append(solver.Solve(parameters))
            finally:
                done.set()

        interrupted = False
        threading.Thread(target=work, daemon=True).start()
        while not done.is_set():
            try:
                done.wait()
            except KeyboardInterrupt:
                interrupted = True
                solver.InterruptSolve()
        if not said:
            raise SolverFailure(Diagnostic("E692", f"{self.engine} failed"))
        return _word(said[0]), interrupted

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
                _fill(proto.constraint.add(), _loosened(literal, form, most), False)
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


def _loosened(literal: Literal, form: Affine, most: Bound) -> Affine:
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
