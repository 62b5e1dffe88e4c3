"""Statements of a model: the mathematics, the same in figures, and the person's sentence."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant import markup
from assistant.task import Line


def show(lines: Sequence[Line]) -> None:
    """Each statement in a frame of its own."""
    for line in lines:
        with st.container(border=True, gap="xsmall"):
            if line.name:
                markup.show(markup.title(line.name, line.remark))
            if any(line.formula):
                st.latex(_display(line.formula), width="content")
            elif line.plain and not line.numbers:
                markup.show(f'<div class="nl-numbers">{markup.said(line.plain)}</div>')
            below = "".join(f'<div class="nl-numbers">{markup.said(n)}</div>' for n in line.numbers)
            below += markup.quotes(line.words if len(line.words) < 2 else [" … ".join(line.words)])
            if below:
                markup.show(below)


def _display(formula: Sequence[str]) -> str:
    if len(formula) == 1:
        return formula[0]
    rows = r" \\ ".join(f"& {line}" for line in formula)
    return rf"\begin{{aligned}} {rows} \end{{aligned}}"
