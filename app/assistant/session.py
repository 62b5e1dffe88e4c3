"""One person's visit: what was entered, what is at work, what was found. Nothing here is shared between visits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

import streamlit as st

from assistant.job import Job
from assistant.task import (
    Edits,
    EditTask,
    Failed,
    File,
    ModelTask,
    Outcome,
    Programs,
    ProgramsTask,
    Solved,
    SolveTask,
    Study,
    Task,
)
from nl2opt.errors import Diagnostic

Work = Literal["model", "answer", "programs"]
TABS: Final = ("Model", "Numbers", "Answer", "Code")
OPEN_TAB: Final = "open_tab"
"""Key of the state that holds which of TABS is in front."""
SECONDS: Final = "seconds"
"""Key of the state that holds how long a solve may take."""

SOLVE_SECONDS: Final = 30
MODEL_SECONDS: Final = {"embedded": 120.0, "llm": 600.0}
PROGRAMS_SECONDS: Final = 120.0


@dataclass
class Session:
    """The state of a visit. ``jobs`` holds at most one of each kind; ``failures`` say why one came to nothing."""

    study: Study | None = None
    solved: Solved | None = None
    programs: Programs | None = None
    files: tuple[File, ...] = ()
    revision: int = 0
    solve_next: bool = False
    jobs: dict[Work, Job] = field(default_factory=dict)
    failures: dict[Work, tuple[Diagnostic, ...]] = field(default_factory=dict)

    def model(self, task: ModelTask) -> None:
        """Start over with a text or a document."""
        self.stop_all()
        self.study, self.solved, self.programs, self.files, self.solve_next = None, None, None, task.files, False
        self._start("model", task, MODEL_SECONDS[task.translation.translator])
        st.session_state[OPEN_TAB] = "Model"

    def change(self, edits: Edits) -> None:
        """Put other numbers into the model, and solve that."""
        assert self.study is not None
        self.stop_all()
        self.solved, self.programs, self.solve_next = None, None, True
        self._start("model", EditTask(self.study, edits, self.files), MODEL_SECONDS["embedded"])
        st.session_state[OPEN_TAB] = "Answer"

    def solve(self) -> None:
        """Solve what stands there."""
        assert self.study is not None and self.study.instance is not None
        self.stop("answer")
        self.solved = None
        seconds = float(st.session_state.get(SECONDS, SOLVE_SECONDS))
        self._start("answer", SolveTask(self.study.instance, seconds), 4 * seconds + 30)
        st.session_state[OPEN_TAB] = "Answer"

    def write_programs(self) -> None:
        """Have the programs written, unless they are or cannot be."""
        if (
            self.study is not None
            and self.study.instance is not None
            and self.programs is None
            and "programs" not in self.jobs
            and "programs" not in self.failures
        ):
            self._start("programs", ProgramsTask(self.study.instance), PROGRAMS_SECONDS)

    def _start(self, work: Work, task: Task, seconds: float) -> None:
        self.failures.pop(work, None)
        self.jobs[work] = Job(task, seconds)

    def stop(self, work: Work) -> None:
        """End one work, if it is going on."""
        if job := self.jobs.pop(work, None):
            job.stop()

    def cancel(self, work: Work) -> None:
        """End one work as the person asked."""
        self.stop(work)
        self.solve_next = False
        self.failures[work] = (Diagnostic("", "Stopped.", severity="note"),)

    def stop_all(self) -> None:
        """End whatever is going on, and forget what failed."""
        for work in tuple(self.jobs):
            self.stop(work)
        self.failures.clear()

    def collect(self) -> bool:
        """Take in what is done -> whether anything was."""
        done = [work for work, job in self.jobs.items() if job.is_done]
        for work in done:
            self._take(work, self.jobs.pop(work).outcome())
        return bool(done)

    def _take(self, work: Work, outcome: Outcome) -> None:
        match outcome:
            case Failed(findings):
                self.failures[work] = findings
                self.solve_next = False
            case Study():
                self.study = outcome
                self.revision += 1
                if self.solve_next and outcome.instance is not None:
                    self.solve()
                self.solve_next = False
            case Solved():
                self.solved = outcome
            case Programs():
                self.programs = outcome


def current() -> Session:
    """The session of this visit."""
    if "assistant" not in st.session_state:
        st.session_state["assistant"] = Session()
    session: Session = st.session_state["assistant"]
    return session


@st.fragment(run_every=0.5)
def watch(session: Session, work: Work, doing: str) -> None:
    """What is going on, for how long, and a way to stop it; the page is drawn anew when it is done."""
    job = session.jobs.get(work)
    if job is None or job.is_done:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{doing} · {job.elapsed:.0f} s")
        st.button(
            "Stop",
            key=f"stop_{work}",
            type="tertiary",
            icon=":material/stop_circle:",
            on_click=session.cancel,
            args=(work,),
        )
