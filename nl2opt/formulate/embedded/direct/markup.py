"""Text with formulas and escapes -> plain text of the same length, so that every offset still holds."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from nl2opt.formulate.text import Passage

_FORMULA: Final = re.compile(r"(?<![\\\w])\$((?:\\\$|[^$\n]){1,90}?)(?<!\\)\$(?!\d)")
"""`$...$` on one line; what stands inside decides whether it is a formula or two prices."""
_INSIDE: Final = re.compile(
    r"(?:\\[a-zA-Z]+|\\[^a-zA-Z]|[A-Za-z](?:_?\{?\d{1,2}\}?)?(?![A-Za-z])|[\d\s.,;:+*/<>=()\-\[\]%$])+"
)
_SIGNS: Final = (
    (re.compile(r"\\(?:leqslant|leq|le)(?![a-zA-Z])"), "<="),
    (re.compile(r"\\(?:geqslant|geq|ge)(?![a-zA-Z])"), ">="),
    (re.compile(r"\\(?:times|cdot)(?![a-zA-Z])"), "*"),
    (re.compile(r"\\(?:[,;:! ()\[\]%&_{}\\]|quad|left|right|text|mathrm)"), ""),
    (re.compile(r"\\(?=\$)"), ""),
)
_BREAK: Final = re.compile(r"\\n(?!(?:eq|e|u|eg|ot|abla)(?![a-z]))")
"""A line break that came as two characters."""
_BULLET: Final = re.compile(r"(?<=[.:;!?])\s?-(?=\s?[A-Z])")
"""A list written on: `the following:- Each barn ...`; the dash begins a sentence."""


def plain(text: str) -> str:
    r"""The same text without the marks of formulas; every character keeps its place.

    >>> plain(r"crop $X$ costs $\$5$ or \$6")
    'crop  X  costs   $5 or  $6'
    """
    found = _BREAK.sub("\n\n", text)
    found = _FORMULA.sub(_unwrapped, found)
    for pattern, sign in _SIGNS:
        found = _swapped(found, pattern, sign)
    return _BULLET.sub(lambda match: "\n".ljust(len(match[0]), "\n"), found)


def _swapped(text: str, pattern: re.Pattern[str], sign: str) -> str:
    return pattern.sub(lambda match: sign.ljust(len(match[0])), text)


def restored(passage: Passage, source: str) -> Passage:
    """The sentences and quantities of the plain text with the words of its source."""
    sentences = tuple(replace(s, text=source[s.start : s.end]) for s in passage.sentences)
    quantities = tuple(replace(q, text=source[q.start : q.end]) for q in passage.quantities)
    return Passage(source, sentences, quantities)


def _unwrapped(match: re.Match[str]) -> str:
    inner = match[1]
    if not _INSIDE.fullmatch(inner) or not re.search(r"[A-Za-z\\\d]", inner):
        return match[0]
    return f" {inner} "
