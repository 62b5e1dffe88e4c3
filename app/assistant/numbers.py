"""The data as tables to be changed: parameters over the same keys side by side; what differs is solved anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import streamlit as st

from assistant import markup
from assistant.session import Session
from assistant.task import Edits
from nl2opt.explain.report import key_text, one_line
from nl2opt.ir.instance import Instance, Key
from nl2opt.ir.model import Parameter

_CELLS = 2_000
"""A parameter with more values is not shown; its data are changed in their file."""


@dataclass(frozen=True)
class Grid:
    """A table of numbers: ``cells[row][column]`` says which number stands where, ``label`` what the rows are."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[tuple[str, Key], ...], ...]
    whole: tuple[bool, ...]


def show(session: Session) -> None:
    """The panel."""
    study = session.study
    assert study is not None
    if study.instance is None:
        st.caption("The numbers are shown once the data are complete.")
        return
    tables = grids(study.instance)
    if not tables:
        st.caption("This model has no numbers of its own to change.")
        return
    st.caption("Change a number, then solve again. Every change is noted among the assumptions.")
    edits: dict[tuple[str, Key], Fraction] = {}
    for i, grid in enumerate(tables):
        edits |= _edited(grid, study.instance, f"grid_{session.revision}_{i}")
    label = f"Solve with {len(edits)} changed number{'s' * (len(edits) != 1)}" if edits else "Solve with these numbers"
    st.button(
        label, type="primary", icon=":material/replay:", key="apply", disabled=not edits, on_click=session.change,
        args=(edits,),
    )  # fmt: skip


def grids(instance: Instance) -> list[Grid]:
    """Instance -> its numeric parameters as tables: the single numbers, then those over the same keys, then squares."""
    shown = [p for p in instance.model.parameters if p.within is None and 0 < _size(p, instance) <= _CELLS]
    single = [p for p in shown if not p.over]
    found = [_single(single)] if single else []
    shared: dict[tuple[Key, ...], list[Parameter]] = {}
    for p in shown:
        domain = instance.parameters[p.name].domain
        if not p.over:
            continue
        if len(domain.axes) == 2 and domain.dense and all(a.arity == 1 for a in domain.axes):
            found.append(_square(p, instance))
        else:
            shared.setdefault(domain.keys, []).append(p)
    alike = [_alike(keys, parameters) for keys, parameters in shared.items()]
    return [*found[: bool(single)], *alike, *found[bool(single) :]]


def _size(p: Parameter, instance: Instance) -> int:
    return len(instance.parameters[p.name].domain)


def _single(parameters: Sequence[Parameter]) -> Grid:
    return Grid(
        "Single numbers",
        tuple(_title(p) for p in parameters),
        ("value",),
        tuple(((p.name, ()),) for p in parameters),
        (all(p.type != "real" for p in parameters),),
    )


def _alike(keys: Sequence[Key], parameters: Sequence[Parameter]) -> Grid:
    return Grid(
        "",
        tuple(map(key_text, keys)),
        tuple(map(_title, parameters)),
        tuple(tuple((p.name, key) for p in parameters) for key in keys),
        tuple(p.type != "real" for p in parameters),
    )


def _square(p: Parameter, instance: Instance) -> Grid:
    down, across = instance.parameters[p.name].domain.axes
    return Grid(
        _title(p),
        tuple(one_line(str(e)) for e in down),
        tuple(one_line(str(e)) for e in across),
        tuple(tuple((p.name, (a, b)) for b in across) for a in down),  # type: ignore[misc]
        (p.type != "real",) * len(across),
    )


def _title(p: Parameter) -> str:
    return p.name.replace("_", " ") + (f" [{one_line(p.unit)}]" if p.unit else "")


def _edited(grid: Grid, instance: Instance, key: str) -> Edits:
    """A table on the page -> the numbers that differ from those of the instance."""
    if grid.title:
        markup.show(markup.title(grid.title))
    before = [[float(instance.parameters[name].at(k)) for name, k in row] for row in grid.cells]  # type: ignore[arg-type]
    names = [f"c{j}" for j in range(len(grid.columns))]
    data: dict[str, Any] = {"of": list(grid.rows)}
    data |= {name: [row[j] for row in before] for j, name in enumerate(names)}
    heads: dict[str, Any] = {"of": st.column_config.TextColumn("", disabled=True, pinned=True)}
    for name, title, whole in zip(names, grid.columns, grid.whole, strict=True):
        heads[name] = st.column_config.NumberColumn(title, required=True, step=1 if whole else None)
    after = st.data_editor(data, hide_index=True, column_config=heads, key=key, num_rows="fixed")
    return changes(grid, before, [list(after[name]) for name in names])


def changes(grid: Grid, before: Sequence[Sequence[float]], after: Sequence[Sequence[float | None]]) -> Edits:
    """Rows as they were, and columns as they are -> what was changed to a finite number."""
    found: dict[tuple[str, Key], Fraction] = {}
    for j, column in enumerate(after):
        for i, value in enumerate(column):
            if value is not None and math.isfinite(value) and float(value) != before[i][j]:
                found[grid.cells[i][j]] = Fraction(repr(float(value)))
    return found
