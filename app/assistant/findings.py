"""Doubts, errors, refusals and assumptions, plainly, each with the sentence it is about."""

from __future__ import annotations

import streamlit as st

from assistant import markup
from assistant.session import Session, Work
from assistant.task import Study

_ORDER = ("error", "warning", "note")
_SHOWN = 12


def show(study: Study) -> None:
    """Why there is no model, what is doubtful or wrong in it, what it assumes."""
    if study.refusal is not None:
        markup.show(markup.finding(study.refusal, "Why there is no model"))
    others = [d for d in study.findings if d.message != (study.refusal.message if study.refusal else "")]
    others.sort(key=lambda d: _ORDER.index(d.severity))
    grave = [d for d in others if d.severity != "note"]
    if grave:
        markup.show("".join(map(markup.finding, grave[:_SHOWN])))
    if len(grave) > _SHOWN:
        st.caption(f"and {len(grave) - _SHOWN} more")
    notes = [d for d in others if d.severity == "note"]
    if notes:
        with st.expander(f"How it was read ({len(notes)})"):
            markup.show("".join(map(markup.finding, notes[:_SHOWN])))
    if study.assumptions:
        markup.show(markup.title("What is assumed") + markup.listed(study.assumptions))


def show_failure(session: Session, work: Work) -> None:
    """Why a work came to nothing."""
    if found := session.failures.get(work):
        markup.show("".join(map(markup.finding, found[:_SHOWN])))
