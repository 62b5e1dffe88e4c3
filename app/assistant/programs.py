"""The same model as code: its document and a program for every target, each to be taken along; or why there is none."""

from __future__ import annotations

from typing import Final

import streamlit as st

from assistant import findings, markup
from assistant.session import OPEN_TAB, Session, watch
from nl2opt.emitters import Program
from nl2opt.errors import Diagnostic

_NAMES: Final = {
    "pyomo": "Pyomo", "cpmpy": "CPMpy", "ortools": "OR-Tools", "minizinc": "MiniZinc", "lp": "LP", "mps": "MPS",
    "latex": "LaTeX", "markdown": "Markdown",
}  # fmt: skip
_HIGHLIGHTED: Final = ("python", "latex", "markdown", "yaml", "json")
_CHARACTERS: Final = 60_000
"""So much of a program is shown; the whole is in the download."""


def show(session: Session) -> None:
    """The panel."""
    study = session.study
    assert study is not None and study.model is not None
    if st.session_state.get(OPEN_TAB) == "Code":
        session.write_programs()
    found = session.programs.by_target if session.programs is not None else {}
    tabs = st.tabs(["Document", *(_NAMES.get(t, t) for t in found)])
    with tabs[0]:
        st.caption("The model itself, as a document to keep, check and change.")
        _text(study.document, "yaml", "model.yaml", "document")
    for tab, (target, program) in zip(tabs[1:], found.items(), strict=True):
        with tab:
            _program(target, program)
    if "programs" in session.jobs:
        watch(session, "programs", "Writing the programs")
    elif study.instance is None:
        st.caption("Programs are written once the model and its data are complete.")
    findings.show_failure(session, "programs")


def _program(target: str, program: Program | Diagnostic) -> None:
    match program:
        case Diagnostic():
            st.caption(f"{_NAMES.get(target, target)} cannot say this model:")
            markup.show(markup.finding(program))
        case Program():
            _text(program.source, program.language, program.filename, target)
            for name, text in program.files.items():
                _text(text, "", name, f"{target}_{name}")


def _text(text: str, language: str, filename: str, key: str) -> None:
    st.download_button(
        "Download", text, filename, "text/plain", key=f"download_{key}", icon=":material/download:",
        on_click="ignore",
    )  # fmt: skip
    if len(text) > _CHARACTERS:
        st.caption("The beginning; the whole is in the file.")
    st.code(text[:_CHARACTERS], language=language if language in _HIGHLIGHTED else None, height=520)
