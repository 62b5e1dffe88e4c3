"""Instance -> Program: the model written up in Markdown, its mathematics between dollars."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from nl2opt.emitters import Emission, Program
from nl2opt.emitters.mathematics.writeup import Entry, Statement, Table, WriteUp, sentence, write_up
from nl2opt.emitters.python.identifiers import ascii_identifier, comment_text
from nl2opt.ir.instance import Instance
from nl2opt.passes.rewrite import unchanged

PIPELINE: Final = ()
"""Nothing is rewritten: a reader sees the model as it was stated."""

UNSUPPORTED: Final[dict[str, str]] = {}
"""Every construct has its notation."""

RUNNER: Final = None


def write(instance: Instance, relax: bool = False) -> Emission:
    """Instance -> its write-up in Markdown; ``relax``: whole variables are shown as real ones."""
    text = "\n".join(_lines(write_up(instance, relax))) + "\n"
    filename = f"{ascii_identifier(instance.model.name) or 'model'}.md"
    return Emission(Program("markdown", "markdown", filename, text, {}), {}, unchanged)


def _lines(w: WriteUp) -> Iterator[str]:
    yield f"# {_escaped(sentence(w.title))}"
    if w.text:
        yield from ("", *(f"> {_escaped(line)}" for line in w.text.strip().splitlines()))
    yield from _entries("Sets", "Elements", w.sets)
    yield from _entries("Data", "Value", w.parameters)
    for table in w.tables:
        yield from ("", *_table(table))
    yield from _entries("Variables", "Domain", w.variables)
    yield from _statements("Definitions", w.definitions)
    yield from _statements("Objective" if len(w.objectives) < 2 else "Objectives, in order", w.objectives)
    yield from _statements("Constraints", w.constraints)
    if w.assumptions:
        yield from ("", "## Assumptions", "", *(f"- {_escaped(a)}" for a in w.assumptions))


def _entries(title: str, holds: str, entries: Sequence[Entry]) -> Iterator[str]:
    """A table of declarations; columns that say nothing are left out."""
    if not entries:
        return
    shown = [("Symbol", [f"${e.symbol}$" for e in entries]), ("Meaning", [_escaped(e.meaning) for e in entries]),
             ("Unit", [_escaped(e.unit) for e in entries]),
             (holds, [f"${_piped(e.holds)}$" if e.holds else "see below" for e in entries])]  # fmt: skip
    columns = [(head, cells) for head, cells in shown if any(cells)]
    yield from ("", f"## {title}", "", f"| {' | '.join(h for h, _ in columns)} |", "|---" * len(columns) + "|")
    for i in range(len(entries)):
        yield f"| {' | '.join(cells[i] for _, cells in columns)} |"


def _table(t: Table) -> Iterator[str]:
    yield f"| {f'${t.corner}$' if t.corner else ''} | {' | '.join(map(_escaped, t.columns))} |"
    yield "|---" + "|---:" * len(t.columns) + "|"
    for head, *cells in t.rows:
        yield f"| {_escaped(head) if t.corner else f'${head}$'} | {' | '.join(map(_escaped, cells))} |"


def _statements(title: str, statements: Sequence[Statement]) -> Iterator[str]:
    if not statements:
        return
    yield from ("", f"## {title}")
    for s in statements:
        words = " ".join(f"*“{_escaped(w)}”*" for w in s.words)
        remark = f"({s.remark})" if s.remark else ""
        name = f"**{_escaped(sentence(s.name))}.**" if s.name else ""
        if name or words or remark:
            yield from ("", " ".join(p for p in (name, words, remark) if p))
        yield from ("", "$$", *_display(s.lines), "$$")


def _display(lines: Sequence[str]) -> Iterator[str]:
    if len(lines) == 1:
        yield lines[0]
        return
    yield r"\begin{aligned}"
    yield from (f"& {line}" + (r" \\" if k + 1 < len(lines) else "") for k, line in enumerate(lines))
    yield r"\end{aligned}"


def _escaped(text: str) -> str:
    """Text -> the same in Markdown on one line, nothing of it markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|$~])", r"\\\1", comment_text(text))


def _piped(mathematics: str) -> str:
    """Mathematics inside a table: a bar would end the cell."""
    return mathematics.replace("|", r"\vert ")
