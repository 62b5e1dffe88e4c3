"""The demo problems -> the whole flow, offline: text, model, answer, programs, and whether all routes agree."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

import nl2opt
from nl2opt import console
from nl2opt.errors import Nl2optError, TextRefused, Unsupported
from nl2opt.explain.answer import ROUTES, compare
from nl2opt.explain.numbers import in_numbers
from nl2opt.explain.report import number_text
from nl2opt.ir.instance import Instance
from nl2opt.resources import data_folder
from nl2opt.solvers.result import Result, SolveOptions

EMITTED = ("pyomo", "cpmpy")


def run() -> int:
    """-> 0 where every route that can solve a problem agrees on it, else 1."""
    rows: list[tuple[str, dict[str, str]]] = []
    agreed = True
    first = True
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
            rows.append((path.stem, {"answer": "refused"}))
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
        cells, same = _routes(instance, answer.result, results)
        agreed = agreed and same and answer.trusted
        result = answer.result
        told = result.termination.value if result.objective is None else number_text(result.objective)
        rows.append((path.stem, {"answer": told, **cells}))
    _table(rows)
    console.line()
    if agreed:
        console.line("Every route that takes a problem agrees on it.", "bold green")
    else:
        console.line("Routes disagree: see the table.", "bold red")
    return 0 if agreed else 1


def _routes(instance: Instance, reference: Result, results: dict[str, Result]) -> tuple[dict[str, str], bool]:
    """Native results so far -> a cell a route, the emitted programs run too; whether all agree with the reference."""
    cells: dict[str, str] = {}
    same = True
    for name in ROUTES:
        try:
            result = results.get(name) or ROUTES[name](instance, SolveOptions(time_limit=60))
        except Unsupported as e:
            cells[name] = "–"
            console.line(f"  – no {name}: {e.diagnostics[0].message}", "dim")
            continue
        except Nl2optError as e:
            if e.diagnostics[0].code == "E801":  # an extra that is not installed
                cells[name] = "–"
                console.line(f"  – no {name}: {e.diagnostics[0].message}", "dim")
                continue
            cells[name], same = "✗", False
            console.line(f"  ✗ {name}: {e.diagnostics[0].message}", "bold red")
            continue
        _, agrees = compare(reference, result)
        same = same and agrees is True
        cells[name] = "✓" if agrees else "✗"
    return cells, same


def _table(rows: list[tuple[str, dict[str, str]]]) -> None:
    console.heading("Native routes and emitted programs: ✓ same answer, – does not take it, ✗ disagrees")
    table = Table(box=None, padding=(0, 1))
    table.add_column("problem", no_wrap=True)
    table.add_column("answer", justify="right", no_wrap=True)
    for name in ROUTES:
        table.add_column(f"{name}.py" if name in EMITTED else name, justify="center", no_wrap=True)
    for stem, cells in rows:
        table.add_row(escape(stem), escape(cells["answer"]), *(escape(cells.get(name, "")) for name in ROUTES))
    console.out.print(table)
