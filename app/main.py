"""The modelling assistant, a page of Streamlit: `make app`, or `streamlit run main.py`."""

from __future__ import annotations

import streamlit as st
from assistant import answer, markup, model, numbers, problem, programs
from assistant.session import OPEN_TAB, TABS, current

st.set_page_config("nl2opt", ":material/function:", layout="wide")
markup.style()
session = current()
session.collect()

markup.show(
    '<div class="nl-brand">nl2opt</div>'
    '<div class="nl-muted">Describe a decision. Get a model you can read, an answer that was checked, and code.</div>'
)
left, right = st.columns([5, 7], gap="large")
with left:
    problem.show(session)
with right:
    if session.study is None or session.study.model is None:
        model.show_nothing(session)
    else:
        panels = (model.show, numbers.show, answer.show, programs.show)
        for tab, panel in zip(st.tabs(TABS, key=OPEN_TAB, on_change="rerun"), panels, strict=True):
            with tab:
                panel(session)
