"""The model: its aim and constraints as mathematics and in figures, beside the sentences they come from."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant import markup, statements
from assistant.session import Session
from assistant.task import Line

_SHOWN = 25


def show_nothing(session: Session) -> None:
    """What is said before there is a model, and where a text was refused."""
    if session.study is not None:
        markup.show(
            '<div class="nl-empty"><b>There is no model of this text.</b><br>'
            "The sentence that could not be placed is underlined on the left, with the reason. Say it in another way, "
            "leave it out, or try a language model as translator.</div>"
        )
        return
    markup.show(
        '<div class="nl-empty"><b>What you will see here</b><ul class="nl-list">'
        "<li>the model: what is decided, what is best, each rule beside your own sentence</li>"
        "<li>the numbers, to be changed and solved again</li>"
        "<li>the answer: what to do, what holds it back, how it was checked</li>"
        "<li>the same model as code, to take along</li></ul></div>"
    )


def show(session: Session) -> None:
    """The panel."""
    study = session.study
    assert study is not None
    wishes = study.model is not None and any(c.penalty is not None for c in study.model.constraints)
    nothing = "As little cost of wishes not met as possible" if wishes else "Any plan that keeps every rule"
    _section("The aim", study.objectives or (Line("", nothing),))
    _section("The rules", study.constraints)
    _section("What is decided", study.variables)
    _section("Names for parts of it", study.definitions)
    if study.sets:
        with st.expander(f"Lists ({len(study.sets)})"):
            statements.show(study.sets)


def _section(title: str, lines: Sequence[Line]) -> None:
    if not lines:
        return
    markup.show(markup.heading(title))
    statements.show(lines[:_SHOWN])
    if len(lines) > _SHOWN:
        with st.expander(f"{len(lines) - _SHOWN} more"):
            statements.show(lines[_SHOWN:])
