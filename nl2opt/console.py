"""What a person sees: text with coloured spans, mathematics beside its sentences, tables, findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from nl2opt.errors import Diagnostic
from nl2opt.explain.mathematics import constraint_line, expression_line, objective_line, variable_line
from nl2opt.explain.report import Explanation, answer_text, key_text, number_text, one_line, quoted, value_text
from nl2opt.ir.evaluate.outcomes import shown, shown_key
from nl2opt.ir.model import Anchor, Model, Nested, Parameter
from nl2opt.ir.nodes import Expr, Label, Number
from nl2opt.ir.text import print_expression

if TYPE_CHECKING:
    from nl2opt.check.judge.verdict import Verdict
    from nl2opt.check.solution import SolutionReport
    from nl2opt.formulate.classify import Ranked
    from nl2opt.formulate.formulation import Formulation
    from nl2opt.templates import Template

_COLOURS = {
    "VAR": "bold green", "PARAM": "cyan", "LIMIT": "bold magenta", "CONST_DIR": "yellow", "OBJ_DIR": "bold blue",
    "OBJ_NAME": "blue",
}  # fmt: skip
_LEGEND = {
    "VAR": "what is decided", "PARAM": "data", "LIMIT": "limits", "CONST_DIR": "directions", "OBJ_DIR": "the aim",
}  # fmt: skip
_SEVERITY = {"error": "bold red", "warning": "yellow", "note": "dim"}

out = Console(highlight=False, soft_wrap=False)
err = Console(highlight=False, stderr=True)


def line(text: str = "", style: str = "") -> None:
    """One line, its text taken literally."""
    out.print(Text(one_line(text), style=style))


def heading(text: str) -> None:
    """A section's title."""
    out.print()
    out.print(Text(text, style="bold underline"))


def diagnostics(found: Iterable[Diagnostic]) -> None:
    """Findings, to standard error, the gravest first."""
    order = ["error", "warning", "note"]
    for d in sorted(found, key=lambda d: order.index(d.severity)):
        told = replace(
            d,
            message=one_line(d.message),
            where=one_line(d.where),
            found=one_line(d.found),
            expected=one_line(d.expected),
            fix=one_line(d.fix),
        )
        first, *rest = str(told).split("\n")
        err.print(Text(first, style=_SEVERITY[d.severity]))
        for r in rest:
            err.print(Text(r))


def formulation(found: Formulation) -> None:
    """The text with what was recognised in colour, then the doubts."""
    heading("The problem")
    text = Text(found.text)
    for span in found.spans:
        if span.label in _COLOURS:
            text.stylize(_COLOURS[span.label], span.start, span.end)
    out.print(Padding(text, (0, 2)))
    legend = Text("  ")
    for label, meaning in _LEGEND.items():
        legend.append(meaning, style=_COLOURS[label])
        legend.append("   ")
    out.print(legend)
    for doubt in found.doubts:
        line(f"  doubt: {doubt.message}", "yellow")


def model(m: Model, numbers: Mapping[str, Sequence[str]] | None = None) -> None:
    """The model as mathematics, each line beside the sentence it comes from; ``numbers``: with the data in."""
    numbers = numbers or {}
    heading("The model")
    table = Table(show_header=False, box=None, padding=(0, 2), pad_edge=True)
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=2, overflow="fold", style="dim italic")
    for s in m.sets:
        elements = ", ".join(map(str, s.elements)) if isinstance(s.elements, tuple) else _source(s.elements)
        _row(
            table,
            f"{s.name} = {{{elements}}}" if isinstance(s.elements, tuple) else f"{s.name} = {elements}",
            s.anchors,
        )
    for p in m.parameters:
        _row(table, _parameter_line(p), p.anchors)
    for v in m.variables:
        _row(table, variable_line(v) + (f"   [{v.unit}]" if v.unit else ""), v.anchors, "green")
    for n in m.expressions:
        _row(table, expression_line(n), n.anchors)
    for i, o in enumerate(m.objectives):
        _row(table, objective_line(o), o.anchors, "bold blue", numbers.get(f"objective {i}", ()))
    for c in m.constraints:
        _row(table, constraint_line(c), c.anchors, "bold", numbers.get(c.name, ()))
    out.print(table)


def _source(elements: object) -> str:
    if elements is None:
        return "from data"
    return print_expression(elements) if isinstance(elements, Expr) else "by index"


def _row(
    table: Table, mathematics: str, anchors: tuple[Anchor, ...], style: str = "", numbers: Sequence[str] = ()
) -> None:
    quotes = quoted(anchors)
    left = Text(one_line(mathematics), style=style)
    for text in numbers:
        if text != mathematics:
            left.append(f"\n  {one_line(text)}", style="dim")
    table.add_row(left, Text(f"“{quotes}”" if quotes else ""))


def _parameter_line(p: Parameter) -> str:
    unit = f" {p.unit}" if p.unit else ""
    if p.rows is not None:
        cells = [f"{', '.join(_cell(k) for k in row[:-1])}: {_cell(row[-1])}" for row in p.rows[:8]]
        more = ", ..." if len(p.rows) > 8 else ""
        return f"{p.name} = ({', '.join(cells)}{more}){unit}"
    match p.value:
        case None:
            return f"{p.name}: from data{unit}"
        case Nested():
            return f"{p.name} = {_nested(p.value)}{unit}"
        case _:
            return f"{p.name} = {_cell(p.value)}{unit}"


def _cell(e: Expr | Nested) -> str:
    match e:
        case Label(text):
            return text
        case Number(value):
            return number_text(value)
        case Nested():
            return _nested(e)
        case _:
            return print_expression(e)


def _nested(n: Nested) -> str:
    shown = ", ".join(_cell(i) for i in n.items[:8])
    return f"[{shown}{', ...' if len(n.items) > 8 else ''}]"


def explanation(e: Explanation, rows: int = 40) -> None:
    """The answer: values, limits in the person's words, conflict, what was checked, what was assumed."""
    heading("The answer")
    good = e.status in ("optimal", "solution_limit")
    line(f"  {e.headline}", "bold green" if good else "bold red")
    if e.values:
        _values(e, rows)
    if e.answers:
        line("  All answers", "bold")
        for k, shown_answer in enumerate(e.answers[:rows], 1):
            line(f"  {k:>4}  {answer_text(shown_answer)}")
        if len(e.answers) > rows:
            line(f"  … and {len(e.answers) - rows} more; --json gives all", "dim")
    if e.conflict:
        line("  These cannot all hold:", "bold")
        for sentence in e.conflict:
            line(f"    {sentence}")
    shown = sorted(e.limits, key=lambda limit: (not limit.missed, not limit.binding))
    if shown:
        heading("What holds it back")
        for limit in shown[:12]:
            mark = "▲" if limit.missed else "■" if limit.binding else "□"
            line(f"  {mark} {limit.sentence()}", "" if mark != "□" else "dim")
        if len(shown) > 12:
            line(f"  … and {len(shown) - 12} more")
    heading("What was checked")
    marks = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("–", "dim")}
    for item in e.evidence:
        mark, style = marks[item.holds]
        line(f"  {mark} {item.check}: {item.statement}", style)
    for note in e.notes:
        line(f"  · {note}", "dim")
    diagnostics(e.diagnostics)
    if e.assumptions:
        heading("What was assumed")
        for sentence in e.assumptions:
            line(f"  · {sentence}")


def _values(e: Explanation, rows: int) -> None:
    table = Table(box=None, padding=(0, 2), pad_edge=True)
    for title in ("variable", "of", "value", "unit"):
        table.add_column(title, justify="right" if title == "value" else "left", header_style="dim")
    entries = [*e.values, *e.expressions]
    nonzero = [entry for entry in entries if entry[2] != 0]
    shown = entries if len(entries) <= rows else nonzero[:rows]
    for name, key, value, unit in shown:
        table.add_row(escape(name), escape(key_text(key)), escape(value_text(value)), escape(one_line(unit)))
    out.print(table)
    if len(shown) < len(entries):
        line(f"  … {len(entries) - len(shown)} more, most of them 0", "dim")


def passes(theorems: Mapping[str, tuple[str, str]]) -> None:
    """The passes in their order, each with what it does and its theorem."""
    for name, (title, theorem) in theorems.items():
        out.print(Text(name, style="bold"), Text(title))
        out.print(Padding(Text(theorem, style="dim"), (0, 0, 1, 4)))


def step(name: str, changes: Sequence[str]) -> None:
    """One pass and the lines it changes; a pass that changes nothing is one dim line."""
    if not changes:
        line(f"{name}: nothing to do", style="dim")
        return
    line(name, style="bold")
    for change in changes:
        out.print(Text(f"  {change}", style="red" if change.startswith("-") else "green"), soft_wrap=True)


def support(tables: Mapping[str, Mapping[tuple[str, str], str | None]]) -> None:
    """Constructs down, targets across: in how many of the contexts the language allows each is said."""
    nodes = list(dict.fromkeys(node for table in tables.values() for node, _ in table))
    table = Table(box=None, header_style="bold")
    table.add_column("construct")
    for name in tables:
        table.add_column(name, justify="right")
    for node in nodes:
        cells = []
        for found in tables.values():
            reasons = [reason for (n, _), reason in found.items() if n == node]
            said = sum(reason is None for reason in reasons)
            style = "green" if said == len(reasons) else "red" if not said else "yellow"
            mark = "all" if said == len(reasons) else "-" if not said else f"{said} of {len(reasons)}"
            cells.append(Text(mark, style=style))
        table.add_row(node, *cells)
    out.print(table)
    line("all: in every context the language allows (required, positive, negative, counted, ...); `nl2opt targets NAME`"
         " says which, and why not", style="dim")  # fmt: skip


def support_of(target: str, found: Mapping[tuple[str, str], str | None], contexts: Sequence[str]) -> None:
    """One target: constructs down, contexts across, the reasons below."""
    table = Table(box=None, header_style="bold", title=target, title_justify="left")
    table.add_column("construct")
    for context in contexts:
        table.add_column(context, justify="center")
    reasons = list(dict.fromkeys(r for r in found.values() if r))
    for node in dict.fromkeys(node for node, _ in found):
        cells = []
        for context in contexts:
            if (node, context) not in found:
                cells.append(Text(""))
            elif reason := found[node, context]:
                cells.append(Text(f"({reasons.index(reason) + 1})", style="yellow"))
            else:
                cells.append(Text("yes", style="green"))
        table.add_row(node, *cells)
    out.print(table)
    for k, reason in enumerate(reasons, 1):
        out.print(Padding(Text(f"({k}) {reason}"), (0, 0, 0, 2)))


@contextmanager
def progress(
    total: int, doing: str = "grading", counted: str = "correct"
) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """A bar on standard error -> what is to be called with each row; counts the rows whose ``counted`` is true."""
    right = 0
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                  console=err, transient=True) as bar:  # fmt: skip
        task = bar.add_task(doing, total=total)

        def step(row: Mapping[str, Any]) -> None:
            nonlocal right
            right += bool(row[counted])
            bar.update(task, advance=1, description=f"{doing}, {right} {counted}")

        yield step


def refinement(edits: Sequence[str], difference: str, refused: Sequence[Diagnostic]) -> None:
    """What a request changed: each edit as a sentence, then the lines that went and came."""
    for edit in edits:
        line(edit, style="bold")
    for text in difference.splitlines()[2:]:
        style = {"-": "red", "+": "green"}.get(text[:1], "dim")
        out.print(Text(f"  {text}", style=style), soft_wrap=True)
    diagnostics(refused)


def ranked(found: Sequence[Ranked]) -> None:
    """Templates a sentence may be: each with its share and the words that spoke for it."""
    table = Table(box=None, padding=(0, 2))
    for title in ("share", "template", "because of"):
        table.add_column(title, header_style="bold", overflow="fold")
    for r in found:
        table.add_row(Text(f"{r.score:.0%}"), Text(r.template), Text(f"“{r.why}”" if r.why else ""))
    out.print(table)


def templates(found: Sequence[Template]) -> None:
    """The constraint templates as a table: name, algebra, how it is said."""
    table = Table(box=None, padding=(0, 2))
    for title in ("template", "algebra", "said as"):
        table.add_column(title, header_style="bold", overflow="fold")
    for t in found:
        table.add_row(Text(t.name), Text(t.algebra["milp"]), Text("; ".join(t.cues[:4])))
    out.print(table)


def verdict(found: Verdict) -> None:
    """A judgement of two models: the statement, what tells them apart, what it rests on."""
    style = {"equivalent": "bold green", "different": "bold red"}.get(found.outcome, "bold yellow")
    line(found.statement, style)
    if found.counterexample is not None:
        for breach in found.counterexample.breaches[:10]:
            line(f"  ✗ {breach}")
        if found.counterexample.point is not None:
            heading(f"The solution of the {found.counterexample.side}")
            for name, values in found.counterexample.point.items():
                told = ", ".join(f"{shown_key(k)[1:-1] or name} {shown(v)}" for k, v in list(values.items())[:40])
                line(f"  {name}: {told}")
    if found.matching:
        heading(f"What is what (by {found.matched_by})")
        for pair in found.matching[:12]:
            line(f"  {pair}", "dim")
        if len(found.matching) > 12:
            line(f"  … and {len(found.matching) - 12} more; --json gives all", "dim")
    if found.outcome != "different" and found.unexercised:
        line(f"No data set made these tight: {', '.join(found.unexercised)}", "yellow")
    if found.ambiguous:
        line(f"Numbers not tied to each other: {'; '.join(found.ambiguous[:8])}", "dim")
    if found.reason and found.outcome != "undecided":
        line(f"Note: {found.reason}", "dim")


def solution(report: SolutionReport) -> None:
    """A person's own solution: what it violates, in whose words, or what it is worth."""
    words = {True: ("it holds", "bold green"), False: ("it does not hold", "bold red"), None: ("undecided", "yellow")}
    text, style = words[report.holds]
    line(f"{text}{f': {report.reason}' if report.reason else ''}", style)
    for f in report.faults:
        at = f" ({f.binding})" if f.binding else ""
        line(f"  ✗ {f.name}{at}: {f.text}, off by {f.amount:.6g}")
        for quote in f.quotes[:2]:
            line(f'      "{quote}"', "dim")
    if report.objective is not None:
        best = "" if report.best is None else f"; the optimum is {report.best:.10g}"
        line(f"  objective {report.objective:.10g}{best}")
    if report.chosen:
        line(f"  not given, chosen as well as can be: {', '.join(report.chosen[:12])}", "dim")
