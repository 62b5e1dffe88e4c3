"""LinearProgram -> a HiGHS object that holds it; running it so that Ctrl-C and time limits leave the incumbent."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from nl2opt.errors import Diagnostic, SolverFailure
from nl2opt.ground.linear.grounding import Goal, LinearProgram
from nl2opt.solvers.result import SolveOptions, Termination

Floats = npt.NDArray[np.float64]
_Status = highspy.HighsModelStatus

TERMINATION: dict[Any, Termination] = {
    _Status.kOptimal: Termination.OPTIMAL,
    _Status.kInfeasible: Termination.INFEASIBLE,
    _Status.kUnbounded: Termination.UNBOUNDED,
    _Status.kUnboundedOrInfeasible: Termination.INFEASIBLE_OR_UNBOUNDED,
    _Status.kTimeLimit: Termination.TIME_LIMIT,
    _Status.kHighsInterrupt: Termination.INTERRUPTED,
    _Status.kInterrupt: Termination.INTERRUPTED,
    _Status.kSolutionLimit: Termination.SOLUTION_LIMIT,
}
"""HiGHS's word -> ours. Any other word is a SolverFailure: nothing here sets an objective bound, target or iteration
limit, so that HiGHS should not speak of one."""

WRONG_PRESOLVE = ("1.14.0",)
"""Versions whose presolve of mixed models is often wrong, so that it is never used: `tests/upstream`."""

SMALL, NODES = 20_000, 1000
"""A mixed program of at most so many entries is searched without the presolve first, for so many nodes: of 2,500
random models about one ends at a wrong point by the presolve of any version from 1.11 to 1.15 (`tests/upstream`)."""

_WITHOUT_END = (Termination.UNBOUNDED, Termination.INFEASIBLE_OR_UNBOUNDED)
_BY_COLUMN, _BY_ROW = 1, 2
_FEASIBLE = 2


@dataclass
class Outcome:
    """What one run said: why it stopped, values (None: no feasible point), the dual bound, duals of a linear run."""

    termination: Termination
    raw: str
    values: Floats | None
    objective: float
    bound: float
    column_duals: Floats | None = None
    row_duals: Floats | None = None


class Session:
    """One HiGHS object with one program in it."""

    def __init__(self, program: LinearProgram, options: SolveOptions) -> None:
        self.program = program
        self.options = options
        self.started = time.perf_counter()
        self.whole = np.zeros(0, np.int32) if options.relax_integrality else program.columns.integrality
        self.highs = highspy.Highs()
        _threads(options.threads)
        for name, value in (
            ("output_flag", False),
            ("threads", options.threads),
            ("random_seed", options.seed % (2**31)),
            ("mip_rel_gap", options.relative_gap),
            ("mip_abs_gap", min(1e-6, options.relative_gap)),
        ):
            self.highs.setOptionValue(name, value)
        self.presolve = "off" if self.distrusts_presolve else "choose"
        self.highs.setOptionValue("presolve", self.presolve)
        self.load(program.goals[0] if program.goals else None)

    @property
    def distrusts_presolve(self) -> bool:
        """True for a model with whole variables in a HiGHS whose presolve is known to call wrong points optimal."""
        return self.is_mip and self.highs.version() in WRONG_PRESOLVE

    @property
    def is_mip(self) -> bool:
        """True where the run has whole variables."""
        return bool(self.whole.any())

    def load(self, goal: Goal | None) -> None:
        """Hand the whole program over, in one call, without names."""
        self.goal = goal
        p, c = self.program, self.program.columns
        cost = np.zeros(len(c)) if goal is None else goal.cost
        sense = -1 if goal is not None and goal.sense == "maximize" else 1
        whole = self.whole if len(self.whole) else np.zeros(len(c), np.int32)
        status = self.highs.passModel(
            len(c), len(p.lower), p.nonzeros, _BY_ROW if p.by_row else _BY_COLUMN, sense,
            0.0 if goal is None else goal.offset, cost,
            c.lower, c.upper, p.lower, p.upper, p.start, p.index, p.value, whole,
        )  # fmt: skip
        if status == highspy.HighsStatus.kError:
            raise SolverFailure(Diagnostic("E691", "HiGHS refuses the model built for it"))

    def aim(self, goal: Goal) -> None:
        """Take another objective."""
        self.goal = goal
        n = len(self.program.columns)
        self.highs.changeColsCost(n, np.arange(n, dtype=np.int32), goal.cost)
        self.highs.changeObjectiveOffset(goal.offset)
        maximize = goal.sense == "maximize"
        self.highs.changeObjectiveSense(highspy.ObjSense.kMaximize if maximize else highspy.ObjSense.kMinimize)

    def hold(self, goal: Goal, value: float, slack: float) -> None:
        """Keep an earlier objective within ``slack`` of its value."""
        used = np.flatnonzero(goal.cost).astype(np.int32)
        limit = value - goal.offset
        low, high = (limit - slack, np.inf) if goal.sense == "maximize" else (-np.inf, limit + slack)
        self.highs.addRow(low, high, len(used), used, goal.cost[used])

    def fix_whole(self, values: Floats) -> None:
        """Fix the whole variables at rounded values and let the rest be a linear program, solved tightly."""
        self.highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
        columns = np.flatnonzero(self.program.columns.integrality).astype(np.int32)
        fixed = np.rint(values[columns])
        self.highs.changeColsBounds(len(columns), columns, fixed, fixed)
        self.highs.changeColsIntegrality(len(columns), columns, np.zeros(len(columns), np.uint8))
        self.whole = np.zeros(0, np.int32)

    def run(self) -> Outcome:
        """Solve; an objective without end and no solution are told apart, whatever HiGHS says first."""
        if not len(self.program.columns):
            return self._empty()
        if self.is_mip and self._may_run_away():
            raw = self._run_relaxed()
            if raw != _Status.kOptimal and raw in TERMINATION:
                relaxed = Outcome(TERMINATION[raw], f"{_word(raw)} of the relaxation", None, np.nan, np.nan)
                return self._told_apart(relaxed) if relaxed.termination in _WITHOUT_END else relaxed
        outcome = self._outcome(self._run_doubting())
        return self._told_apart(outcome) if outcome.termination in _WITHOUT_END else outcome

    def _run_doubting(self) -> Any:
        """Run; where the presolve may be wrong that there is no point, ask again without it.

        It has said so of linear programs without end, and of mixed ones that have points (`tests/upstream`). A mixed
        program is asked again for as long as three times the first run took, a second at least; then the word stands.
        """
        if self.presolve != "off" and self.is_mip and self.program.nonzeros <= SMALL:
            raw = self._run_briefly()
            if raw != _Status.kSolutionLimit:
                return raw
        started = time.perf_counter()
        raw = self._run()
        if raw != _Status.kInfeasible or not (self.is_mip or self._may_run_away()) or self.presolve == "off":
            return raw
        self.highs.clearSolver()
        self.highs.setOptionValue("presolve", "off")
        try:
            again = self._run(max(1.0, 3 * (time.perf_counter() - started)) if self.is_mip else None)
            return raw if again == _Status.kTimeLimit else again
        finally:
            self.highs.setOptionValue("presolve", self.presolve)
            self.highs.setOptionValue("time_limit", float("inf"))

    def _run_briefly(self) -> Any:
        """A search of some nodes without the presolve; it ends at their limit unless that is enough."""
        self.highs.setOptionValue("presolve", "off")
        self.highs.setOptionValue("mip_max_nodes", NODES)
        try:
            return self._run()
        finally:
            self.highs.setOptionValue("presolve", self.presolve)
            self.highs.setOptionValue("mip_max_nodes", highspy.kHighsIInf)

    def _may_run_away(self) -> bool:
        """True where the bounds of the columns alone do not bound the objective."""
        if self.goal is None:
            return False
        c, cost = self.program.columns, self.goal.cost * (-1 if self.goal.sense == "maximize" else 1)
        return bool((((cost > 0) & np.isneginf(c.lower)) | ((cost < 0) & np.isposinf(c.upper))).any())

    def _run_relaxed(self) -> Any:
        """Run without integrality: of mixed models without end HiGHS has said that they have an optimum."""
        columns = np.arange(len(self.program.columns), dtype=np.int32)
        self.highs.changeColsIntegrality(len(columns), columns, np.zeros(len(columns), np.uint8))
        whole, self.whole = self.whole, np.zeros(0, np.int32)
        try:
            return self._run_doubting()
        finally:
            self.highs.clearSolver()
            self.whole = whole
            self.highs.changeColsIntegrality(len(columns), columns, self.whole.astype(np.uint8))

    def _empty(self) -> Outcome:
        p = self.program
        ok = bool(((p.lower <= 1e-9) & (p.upper >= -1e-9)).all())
        offset = p.goals[0].offset if p.goals else 0.0
        if ok:
            return Outcome(Termination.OPTIMAL, "no variables", np.zeros(0), offset, offset)
        return Outcome(Termination.INFEASIBLE, "no variables", None, np.nan, np.nan)

    def _run(self, most: float | None = None) -> Any:
        """One run of HiGHS within what is left of the time, or ``most`` seconds of it."""
        spent = time.perf_counter() - self.started
        limits = [most, None if self.options.time_limit is None else max(self.options.time_limit - spent, 0.0)]
        left = min((x for x in limits if x is not None), default=None)
        if left is not None:
            self.highs.setOptionValue("time_limit", self.highs.getRunTime() + left)
        if threading.current_thread() is not threading.main_thread():
            status = self.highs.run()
        else:
            status = self._interruptible()
        if status == highspy.HighsStatus.kError:
            raise SolverFailure(Diagnostic("E692", "HiGHS failed", found=str(self.highs.getModelStatus())))
        return self.highs.getModelStatus()

    def _interruptible(self) -> Any:
        """Run in a thread, so that Ctrl-C can ask it to stop and keep what it has."""
        said: list[Any] = []
        done = threading.Event()

        def work() -> None:
            try:
                said.append(self.highs.run())
            finally:
                done.set()

        threading.Thread(target=work, daemon=True).start()
        while not done.is_set():
            try:
                done.wait()
            except KeyboardInterrupt:
                self.highs.HandleUserInterrupt = True
                self.highs.cancelSolve()
        return said[0] if said else highspy.HighsStatus.kError

    def _outcome(self, raw: Any) -> Outcome:
        if raw not in TERMINATION:
            raise SolverFailure(
                Diagnostic(
                    "E693",
                    "HiGHS ended with a status we do not know",
                    found=_word(raw),
                    fix="scale the data, or solve with another solver",
                )
            )
        info = self.highs.getInfo()
        solution = self.highs.getSolution()
        feasible = info.primal_solution_status == _FEASIBLE
        values = np.asarray(solution.col_value) if feasible else None
        objective = float(info.objective_function_value)
        if self.is_mip:
            return Outcome(TERMINATION[raw], _word(raw), values, objective, float(info.mip_dual_bound))
        proved = raw == _Status.kOptimal
        bound = objective if proved else np.nan
        outcome = Outcome(TERMINATION[raw], _word(raw), values, objective, bound)
        if proved:
            outcome.column_duals, outcome.row_duals = np.asarray(solution.col_dual), np.asarray(solution.row_dual)
        return outcome

    def _told_apart(self, outcome: Outcome) -> Outcome:
        """An objective without end, or no solution? With rational data a feasible program is then unbounded, also where
        it is the relaxation that has an objective without end.

        Source: Meyer, On the existence of optimal solutions to integer and mixed-integer programming problems,
        Mathematical Programming 7 (1974).
        """
        n = len(self.program.columns)
        self.highs.clearSolver()
        self.highs.changeColsCost(n, np.arange(n, dtype=np.int32), np.zeros(n))
        found = self._outcome(self._run())
        told = {
            Termination.OPTIMAL: Termination.UNBOUNDED,
            Termination.SOLUTION_LIMIT: Termination.UNBOUNDED,
            Termination.INFEASIBLE_OR_UNBOUNDED: Termination.INFEASIBLE,  # nothing runs away without an objective
        }
        termination = told.get(found.termination, found.termination)
        return Outcome(termination, f"{outcome.raw}, then {found.raw} without the objective", None, np.nan, np.nan)


_scheduler_threads: list[int] = []


def _threads(count: int) -> None:
    """HiGHS keeps one pool of threads for the process; another size needs a new pool."""
    if _scheduler_threads and _scheduler_threads[0] != count:
        highspy.Highs.resetGlobalScheduler(True)
    _scheduler_threads[:] = [count]


def _word(raw: Any) -> str:
    return str(raw).rsplit(".", 1)[-1]
