"""A statement of MiniZinc on one line -> lines a person can read: broken at operators, commas and brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

WIDTH = 100
"""Columns a line should not pass."""

_OPEN, _CLOSE = "([{", ")]}"
_BREAKS = (
    (" | ",), (", ",), (" <-> ",), (" -> ",), (" \\/ ",), (" /\\ ",), (" = ", " != ", " <= ", " >= ", " < ", " > "),
    (" + ", " - "),
)  # fmt: skip
"""What a line may be broken after outside all brackets, the weakest first."""
_CONSTRAINT = re.compile(r"constraint (?::: \"[^\"]*\" )?")


def laid_out(text: str, indent: int = 0) -> list[str]:
    """One statement -> lines; what fits stays on a line."""
    space = " " * indent
    if indent + len(text) <= WIDTH:
        return [space + text]
    head = _head(text)
    if head and not _wraps(text[head:]):
        return [space + text[:head].rstrip(), *laid_out(text[head:], indent + 2)]
    pieces = [] if head else _split(text)
    if len(pieces) > 1:
        return _joined(pieces, indent)
    group = _body(text) or _widest(text)
    if group is None:
        return [space + text]
    start, end = group
    inner = laid_out(text[start + 1 : end], indent + 2)
    return [*laid_out(text[: start + 1], indent), *inner, *laid_out(text[end:], indent)]


def _head(text: str) -> int:
    """Length of what a statement declares, before its expression; 0 for an expression."""
    if not text.endswith(";"):
        return 0
    constraint = _CONSTRAINT.match(text)
    if constraint:
        return constraint.end()
    found = _outside(text, (" = ",))
    return found[0] if found and _outside(text[: found[0]], (": ",)) else 0


def _wraps(text: str) -> bool:
    """True for one call or list, whose bracket may open on the line of what it is declared as."""
    groups = _groups(text)
    return len(_split(text.rstrip(";"))) == 1 and bool(groups) and groups[-1][1] >= len(text.rstrip(";")) - 1


def _joined(pieces: list[str], indent: int) -> list[str]:
    """Pieces -> lines; short ones share a line."""
    lines: list[str] = []
    row = ""
    for piece in pieces:
        if row and indent + len(row) + 1 + len(piece) <= WIDTH:
            row = f"{row} {piece}"
            continue
        if row:
            lines.append(" " * indent + row)
        row = piece
        if indent + len(piece) > WIDTH:
            lines += laid_out(piece, indent)
            row = ""
    return [*lines, " " * indent + row] if row else lines


def _split(text: str) -> list[str]:
    """Text -> its parts at the weakest breaks it has."""
    for operators in _BREAKS:
        parts: list[str] = []
        last = 0
        for place in _outside(text, operators):
            parts.append(text[last:place].strip())
            last = place
        if parts:
            return [p for p in (*parts, text[last:].strip()) if p]
    return [text]


def _scan(text: str) -> Iterator[tuple[int, str, int]]:
    """Each character outside strings, with the depth of brackets after it."""
    depth, quoted = 0, False
    for i, c in enumerate(text):
        if c == '"' and text[i - 1 : i] != "\\":
            quoted = not quoted
        elif not quoted:
            depth += (c in _OPEN) - (c in _CLOSE)
            yield i, c, depth


def _outside(text: str, operators: tuple[str, ...]) -> list[int]:
    """Places just behind an operator that stands outside all brackets."""
    places = []
    for i, _, depth in _scan(text):
        found = next((o for o in operators if depth == 0 and text.startswith(o, i)), None)
        if found:
            places.append(i + len(found))
    return places


def _groups(text: str) -> list[tuple[int, int]]:
    """Outermost bracket pairs."""
    found: list[tuple[int, int]] = []
    start = 0
    for i, c, depth in _scan(text):
        if c in _OPEN and depth == 1:
            start = i
        elif c in _CLOSE and depth == 0:
            found.append((start, i))
    return found


def _body(text: str) -> tuple[int, int] | None:
    """The body of a generator call `forall(...)(body)` that takes up most of the line."""
    groups = _groups(text)
    for (_, end), (start, stop) in pairwise(groups):
        if start == end + 1 and stop - start > len(text) // 2:
            return start, stop
    return None


def _widest(text: str) -> tuple[int, int] | None:
    groups = [g for g in _groups(text) if g[1] - g[0] > 1]
    return max(groups, key=lambda g: g[1] - g[0], default=None)
