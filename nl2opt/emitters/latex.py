"""Instance -> Program: the model written up in LaTeX, a document of its own for pdflatex, xelatex or lualatex."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from nl2opt.emitters import Emission, Program
from nl2opt.emitters.mathematics.notation import escaped
from nl2opt.emitters.mathematics.writeup import Entry, Statement, Table, WriteUp, sentence, width, write_up
from nl2opt.emitters.python.identifiers import ascii_identifier
from nl2opt.ir.instance import Instance
from nl2opt.passes.rewrite import unchanged

PIPELINE: Final = ()
"""Nothing is rewritten: a reader sees the model as it was stated."""

UNSUPPORTED: Final[dict[str, str]] = {}
"""Every construct has its notation."""

RUNNER: Final = None

_HEAD = r"""\documentclass[11pt,a4paper]{article}
\usepackage{iftex}
\iftutex\usepackage{fontspec}\else\usepackage[utf8]{inputenc}\fi
\usepackage{amsmath,amssymb,array,longtable,graphicx}
\usepackage[margin=25mm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\allowdisplaybreaks
\begin{document}"""


_WIDEST: Final = 88
"""Visible characters of a formula that a line of the page takes."""

_BREAK: Final = r",\allowbreak{} "
"""Between the elements of a set, so that a long one stays in its column."""


def write(instance: Instance, relax: bool = False) -> Emission:
    """Instance -> its write-up in LaTeX; ``relax``: whole variables are shown as real ones."""
    text = "\n".join(_lines(write_up(instance, relax))) + "\n"
    filename = f"{ascii_identifier(instance.model.name) or 'model'}.tex"
    return Emission(Program("latex", "latex", filename, text, {}), {}, unchanged)


def _lines(w: WriteUp) -> Iterator[str]:
    yield _HEAD
    yield rf"\section*{{{escaped(sentence(w.title))}}}"
    if w.text:
        yield from (r"\begin{quote}", *(escaped(line) for line in w.text.strip().splitlines()), r"\end{quote}")
    yield from _entries("Sets", w.sets)
    yield from _entries("Data", w.parameters)
    for table in w.tables:
        yield from _table(table)
    yield from _entries("Variables", w.variables)
    yield from _statements("Definitions", w.definitions)
    yield from _statements("Objective" if len(w.objectives) < 2 else "Objectives, in order", w.objectives)
    yield from _statements("Constraints", w.constraints)
    if w.assumptions:
        yield from (r"\subsection*{Assumptions}", r"\begin{itemize}")
        yield from (rf"\item {escaped(a)}" for a in w.assumptions)
        yield r"\end{itemize}"
    yield r"\end{document}"


def _entries(title: str, entries: Sequence[Entry]) -> Iterator[str]:
    """Declarations in three columns: symbol, what it holds, meaning with its unit."""
    if not entries:
        return
    yield rf"\subsection*{{{title}}}"
    columns = r">{\raggedright\arraybackslash}p{0.42\textwidth}>{\raggedright\arraybackslash}p{0.34\textwidth}"
    yield rf"\begin{{longtable}}{{@{{}}l{columns}@{{}}}}"
    for e in entries:
        meaning = escaped(e.meaning) + (f" [{escaped(e.unit)}]" if e.unit else "")
        holds = "$" + e.holds.replace(", ", _BREAK) + "$" if e.holds else "see the table"
        yield rf"${e.symbol}$ & {holds} & {meaning} \\"
    yield r"\end{longtable}"


def _table(t: Table) -> Iterator[str]:
    yield rf"\[\begin{{array}}{{l|{'r' * len(t.columns)}}}"
    yield rf"{t.corner} & {' & '.join(_cell(c) for c in t.columns)} \\ \hline"
    for head, *cells in t.rows:
        yield rf"{' & '.join([_cell(head) if t.corner else head, *map(_cell, cells)])} \\"
    yield r"\end{array}\]"


def _cell(text: str) -> str:
    return rf"\text{{{escaped(text)}}}" if text else ""


def _statements(title: str, statements: Sequence[Statement]) -> Iterator[str]:
    if not statements:
        return
    yield rf"\subsection*{{{title}}}"
    for s in statements:
        words = " ".join(rf"\emph{{``{escaped(w)}''}}" for w in s.words)
        remark = f"({s.remark})" if s.remark else ""
        name = rf"\textbf{{{escaped(sentence(s.name))}.}}" if s.name else ""
        if name or words or remark:
            yield " ".join(p for p in (name, words, remark) if p)
        yield from _display(s.lines)


def _display(lines: Sequence[str]) -> Iterator[str]:
    if len(lines) == 1:
        yield rf"\[ {_fitted(lines[0])} \]"
        return
    yield r"\begin{align*}"
    yield from (f"& {_fitted(line)}" + (r" \\" if k + 1 < len(lines) else "") for k, line in enumerate(lines))
    yield r"\end{align*}"


def _fitted(line: str) -> str:
    """A formula; one that is wider than the page and has no sum to break is made smaller."""
    return line if width(line) <= _WIDEST else rf"\resizebox{{0.97\linewidth}}{{!}}{{$\displaystyle {line}$}}"
