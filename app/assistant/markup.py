"""Text of a person -> HTML in which nothing of it is markup: the only place where the page makes HTML.

Every piece is escaped here. Nothing that a person wrote goes through Markdown, where `$`, `*` and `<` have meanings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Final

import streamlit as st

from nl2opt.errors import Diagnostic
from nl2opt.explain.report import one_line
from nl2opt.formulate.embedded.spans import Span

MEANINGS: Final[Mapping[str, tuple[str, str]]] = {
    "VAR": ("decision", "what is decided"),
    "PARAM": ("figure", "figures"),
    "LIMIT": ("limit", "limits"),
    "CONST_DIR": ("direction", "at least, at most"),
    "OBJ_DIR": ("aim", "the aim"),
    "OBJ_NAME": ("aim", "the aim"),
}
"""Label of a span -> class of its colour, and what it means to a person."""

_SEVERITY: Final = {"error": "Error", "warning": "Please check", "note": "Note"}


def style() -> None:
    """The page's style sheet."""
    st.html(Path(__file__).with_name("page.css"))


def show(html: str) -> None:
    """Put HTML made here on the page."""
    st.html(html)


def said(text: str) -> str:
    """Text -> the same, escaped, on one line."""
    return escape(one_line(" ".join(text.split())))


def heading(text: str) -> str:
    """The heading of a part of a panel."""
    return f'<div class="nl-heading" role="heading" aria-level="2">{said(text)}</div>'


def title(text: str, remark: str = "") -> str:
    """A small heading inside a panel."""
    more = f'<span class="nl-muted"> {said(remark)}</span>' if remark else ""
    return f'<div class="nl-title">{said(text)}{more}</div>'


def quotes(words: Iterable[str]) -> str:
    """The person's own words, each as a quotation."""
    return "".join(f'<div class="nl-quote">{said(w)}</div>' for w in words if w.strip())


def coloured(text: str, spans: Sequence[Span], marked: Sequence[str] = ()) -> str:
    """A text with what was recognised in colour; the sentences ``marked`` could not be placed."""
    inside = _class_of_each(text, spans)
    wrong = _places(text, marked)
    cuts = sorted({0, len(text), *(i for i in range(1, len(text)) if _differs(inside, wrong, i))})
    pieces = []
    for a, b in pairwise(cuts):
        piece = escape(text[a:b])
        if name := inside[a]:
            piece = f'<mark class="nl-{name[0]}" title="{escape(name[1])}">{piece}</mark>'
        pieces.append(f'<span class="nl-wrong">{piece}</span>' if a in wrong else piece)
    return f'<div class="nl-text">{"".join(pieces)}</div>'


def _class_of_each(text: str, spans: Sequence[Span]) -> list[tuple[str, str] | None]:
    inside: list[tuple[str, str] | None] = [None] * len(text)
    for s in spans:
        if s.label in MEANINGS:
            inside[s.start : s.end] = [MEANINGS[s.label]] * len(inside[s.start : s.end])
    return inside


def _places(text: str, marked: Sequence[str]) -> frozenset[int]:
    found: set[int] = set()
    for sentence in marked:
        start = text.find(sentence) if sentence else -1
        found.update(range(start, start + len(sentence)) if start >= 0 else ())
    return frozenset(found)


def _differs(inside: Sequence[object], wrong: frozenset[int], i: int) -> bool:
    return inside[i] != inside[i - 1] or (i in wrong) != (i - 1 in wrong)


def legend(spans: Sequence[Span]) -> str:
    """What the colours of a text mean, of those that occur."""
    shown = dict.fromkeys(MEANINGS[s.label] for s in spans if s.label in MEANINGS)
    marks = "".join(f'<mark class="nl-{name}">{escape(meaning)}</mark>' for name, meaning in shown)
    return f'<div class="nl-legend">{marks}</div>' if marks else ""


def finding(d: Diagnostic, label: str = "") -> str:
    """A finding as a card: what it is, the sentence or place it is about, what to do."""
    about = d.where.startswith("S") and d.where[1:].isdigit()
    lines = [
        f"<div><b>{said(label or _SEVERITY[d.severity])}</b> <span>{said(_told(d.message))}</span></div>",
        quotes([d.found]) if about else "",
        "" if about else _labelled("Where", d.where) + _labelled("Found", d.found),
        _labelled("Expected", d.expected),
        _labelled("What helps", d.fix),
    ]
    return f'<div class="nl-card nl-{d.severity}">{"".join(lines)}</div>'


def _told(message: str) -> str:
    """A message as a sentence; `S3`, the third sentence of the text, in words."""
    return re.sub(r"\bS(\d+)\b", r"sentence \1", message[:1].upper() + message[1:])


def _labelled(label: str, text: str) -> str:
    return f'<div class="nl-field"><span>{label}</span><span>{said(text)}</span></div>' if text else ""


def listed(sentences: Iterable[str]) -> str:
    """Sentences as a list."""
    return f'<ul class="nl-list">{"".join(f"<li>{said(s)}</li>" for s in sentences)}</ul>'


def table(columns: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]]) -> str:
    """A table; ``columns`` are titles, each with whether it holds numbers."""
    sides = [' class="nl-number"' if is_number else "" for _, is_number in columns]

    def row(tag: str, cells: Sequence[str]) -> str:
        shown = (f"<{tag}{side}>{said(c)}</{tag}>" for c, side in zip(cells, sides, strict=True))
        return f"<tr>{''.join(shown)}</tr>"

    head = row("th", [name for name, _ in columns])
    body = "".join(row("td", cells) for cells in rows)
    return f'<div class="nl-scroll"><table class="nl-table"><thead>{head}</thead><tbody>{body}</tbody></table></div>'


def headline(text: str, value: str, remark: str, mood: str) -> str:
    """The first thing to read of an answer; ``mood`` is good, bad or unsure."""
    figure = f'<div class="nl-value">{said(value)}</div>' if value else ""
    return (
        f'<div class="nl-headline nl-{mood}"><div class="nl-told">{said(text)}</div>{figure}'
        f'<div class="nl-muted">{said(remark)}</div></div>'
    )


def usage(words: str, state: str, share: float | None, is_binding: bool) -> str:
    """A limit at the solution, with a bar of how much of it is used where that has a meaning."""
    bar = ""
    if share is not None:
        bar = f'<div class="nl-bar"><div style="width:{max(0.0, min(1.0, share)) * 100:.1f}%"></div></div>'
    kind = "nl-binding" if is_binding else "nl-slack"
    return f'<div class="nl-row {kind}"><div>{said(words)}</div>{bar}<div class="nl-muted">{said(state)}</div></div>'


def check(holds: bool | None, what: str, statement: str) -> str:
    """One thing that was checked: it holds, it does not, or it could not be checked."""
    mark, name = {True: ("✓", "yes"), False: ("✗", "no"), None: ("–", "open")}[holds]
    told = f'<span>{said(what)}<br><span class="nl-muted">{said(statement)}</span></span>'
    return f'<div class="nl-check nl-check-{name}"><span>{mark}</span>{told}</div>'
