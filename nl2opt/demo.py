"""The demo problems -> the whole flow, offline: text, model, answer, programs, and whether all routes agree."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

import nl2opt
from nl2opt import console
from nl2opt.emitters import targets
from nl2opt.errors import Nl2optError, TextRefused, Unsupported
from nl2opt.explain.answer import compare
from nl2opt.explain.numbers import in_numbers
from nl2opt.explain.report import number_text
from nl2opt.ir.instance import Instance
from nl2opt.resources import data_folder
from nl2opt.solvers.result import Result, SolveOptions
from nl2opt.solvers.routes import ROUTES

LIMIT = 60.0
"""Seconds a route gets for a problem."""

SAME, REFUSED, UNFINISHED, OTHER = "✓", "–", "…", "✗"
LEGEND = f"{SAME} same answer, {REFUSED} does not take it, {UNFINISHED} did not finish, {OTHER} disagrees"

Row = tuple[str, str, dict[str, str]]
"""A problem's name, its answer, and a mark for each route."""


def run() -> int:
    """-> 0 where every route that can solve a problem agrees on it, else 1."""
    rows: list[Row] = []
    trusted = first = True
    for path in sorted((data_folder("datasets") / "demo").glob("*.txt")):
        text = path.read_text(encoding="utf-8").strip()
        console.line()
        console.line(f"━━ {path.stem} " + "━" * 60, "bold")
        formulation = nl2opt.formulate(text)
        console.formulation(formulation)
        try:
            model = formulation.require_model()
        except TextRefused as e:
            console.line(f"  refused: {e.diagnostics[0].message}", "bold yellow")
            rows.append((path.stem, "refused", {}))
            continue
        instance = nl2opt.bind(model)
        console.model(model, in_numbers(instance))
        answer = nl2opt.solve(instance)
        console.explanation(nl2opt.explain(answer))
        if first:
            console.heading("The same model as a Pyomo program")
            console.line(nl2opt.emit(instance, "pyomo").source)
            first = False
        results = {answer.result.solver: answer.result}
        if answer.second is not None:
            results[answer.second.solver] = answer.second
        trusted = trusted and answer.trusted
        result = answer.result
        told = result.termination.value if result.objective is None else number_text(result.objective)
        rows.append((path.stem, told, marks(instance, result, results)))
    console.heading("Every problem by every route")
    console.out.print(table(rows))
    console.line()
    console.line(LEGEND, "dim")
    found = {mark for _, _, marked in rows for mark in marked.values()}
    if OTHER in found or not trusted:
        console.line("Routes disagree: see the table.", "bold red")
        return 1
    ends = " and finishes" if UNFINISHED in found else ""
    console.line(f"Every route that takes a problem{ends} agrees on it.", "bold green")
    return 0


def marks(instance: Instance, reference: Result, results: dict[str, Result]) -> dict[str, str]:
    """Native results so far -> a mark for each route, the emitted programs run too: is it the reference's answer?"""
    found: dict[str, str] = {}
    for name, route in ROUTES.items():
        try:
            result = results.get(name) or route(instance, SolveOptions(time_limit=LIMIT))
        except Nl2optError as e:
            missing = e.diagnostics[0].code == "E801"  # an extra that is not installed
            found[name] = REFUSED if missing or isinstance(e, Unsupported) else OTHER
            style = "dim" if found[name] == REFUSED else "bold red"
            console.line(f"  {found[name]} {name}: {e.diagnostics[0].message}", style)
            continue
        statement, agrees = compare(reference, result)
        found[name] = UNFINISHED if agrees is None else SAME if agrees else OTHER
        if not agrees:
            console.line(f"  {found[name]} {name}: {statement}", "bold red" if agrees is False else "yellow")
    return found


def table(rows: list[Row]) -> Table:
    """Problems and their marks -> a table, a route a row and a problem a column."""
    shown = Table(box=None, padding=(0, 1), show_header=False)
    shown.add_column(no_wrap=True)
    for _ in rows:
        shown.add_column(justify="center", no_wrap=True)
    shown.add_row("problem", *(escape(name.partition("_")[0]) for name, _, _ in rows), style="bold")
    shown.add_row("answer", *(escape(told) for _, told, _ in rows))
    for route in ROUTES:
        said = f"{route} program" if route in targets() else route
        shown.add_row(said, *(marked.get(route, "") for _, _, marked in rows))
    return shown
