"""Lines of a program -> formatted text: long lines are broken at brackets the way a person would."""

from __future__ import annotations

import io
import re
import textwrap
import tokenize

WIDTH = 100
"""Columns of an emitted program."""

_OPEN, _CLOSE = "([{", ")]}"
_COMPARISONS = ("<=", ">=", "==", "!=", "<", ">")
_STATEMENT = re.compile(r"(\s*(?:return |\w+ = ))(.*)")


def wrapped(line: str, width: int = WIDTH) -> list[str]:
    """One logical line -> lines within ``width`` where its brackets allow it; a comment moves above the line."""
    if len(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    if line.lstrip().startswith("#"):
        return comment_lines(line.strip().removeprefix("#").strip(), indent, width)
    code, comment = _split_comment(line)
    if comment:
        return [*wrapped(f"{indent}{comment}", width), *wrapped(code, width)]
    opened = _STATEMENT.match(code)
    if opened is not None and len(_operands(opened[2])) > 1:
        parts = [part for line in _operands(opened[2]) for part in _operand(f"{indent}    {line}", width)]
        return [f"{opened[1]}(", *parts, f"{indent})"]
    group = _widest_group(code)
    if group is None:
        return [code]
    start, end = group
    inner = f"{indent}    "
    pieces = _pieces(code[start + 1 : end])
    clauses = " ".join(pieces[1:])
    if clauses.startswith("for ") and len(inner) + len(clauses) <= width:
        pieces = [pieces[0], clauses]
    body: list[str] = []
    for piece in pieces:
        body.extend(_operand(inner + piece, width))
    return [code[: start + 1], *body, *wrapped(indent + code[end:], width)]


def _operand(line: str, width: int) -> list[str]:
    """A piece inside brackets -> lines; one too long is broken before its weakest operators first."""
    if len(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    parts = _operands(line.strip())
    if len(parts) == 1 or line.lstrip().startswith(("for ", "if ")):
        return wrapped(line, width)
    return [part for operand in parts for part in _operand(indent + operand, width)]


def _operands(text: str) -> list[str]:
    """An expression -> its parts before each comparison, else before each `+` and `-`, outside of brackets."""
    depth, compared, added = 0, [], []
    previous = ""
    for token in _tokens(text):
        if token.string in _OPEN and token.type == tokenize.OP:
            depth += 1
        elif token.string in _CLOSE and token.type == tokenize.OP:
            depth -= 1
        elif depth == 0 and token.string in ("lambda", "for", "if", "else", "and", "or", "not", "="):
            return [text]
        elif depth == 0 and token.type == tokenize.OP and token.string in _COMPARISONS:
            compared.append(token.start[1])
        elif depth == 0 and token.string in ("+", "-") and (previous.isalnum() or previous[-1:] in ")]}\"'_"):
            added.append(token.start[1])
        if token.string.strip():
            previous = token.string[-1:]
    places = compared or added
    return [part.strip() for part in _cut(text, places)] if places else [text]


def comment_lines(text: str, indent: str = "", width: int = WIDTH) -> list[str]:
    """A text on one line -> comment lines within ``width``, broken at spaces."""
    start = f"{indent}# "
    lines = textwrap.wrap(
        text, width, initial_indent=start, subsequent_indent=start, break_long_words=False, break_on_hyphens=False
    )
    return lines or [start.rstrip()]


def _split_comment(line: str) -> tuple[str, str]:
    """Code line -> (code, its comment or ''); `#` inside strings is no comment."""
    for token in _tokens(line):
        if token.type == tokenize.COMMENT:
            return line[: token.start[1]].rstrip(), token.string
    return line, ""


def _tokens(line: str) -> list[tokenize.TokenInfo]:
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip() + "\n").readline):
            found.append(token)
    except (tokenize.TokenError, IndentationError):
        pass  # an open bracket at the end of the line
    shift = len(line) - len(line.lstrip())
    return [
        t._replace(start=(t.start[0], t.start[1] + shift), end=(t.end[0], t.end[1] + shift)) for t in found
    ]  # fmt: skip


def _widest_group(code: str) -> tuple[int, int] | None:
    """The outermost bracket pair with the most between its brackets."""
    stack: list[int] = []
    best: tuple[int, int] | None = None
    for token in _tokens(code):
        if token.type != tokenize.OP:
            continue
        if token.string in _OPEN:
            stack.append(token.start[1])
        elif token.string in _CLOSE and stack:
            start = stack.pop()
            wider = best is None or token.start[1] - start > best[1] - best[0]
            if not stack and wider and token.start[1] - start > 1:
                best = (start, token.start[1])
    return best


def _pieces(text: str) -> list[str]:
    """What stands between brackets -> its pieces: after each comma, or before each `for` and `if` of a generator."""
    commas, clauses = _breaks(text)
    if commas:
        parts = [p.strip() for p in _cut(text, [c + 1 for c in commas])]
        parts = [p for p in parts if p]
        if not parts[-1].endswith(","):
            parts[-1] += ","
        return parts
    return [p.strip() for p in _cut(text, clauses)]


def _breaks(text: str) -> tuple[list[int], list[int]]:
    depth = 0
    commas: list[int] = []
    clauses: list[int] = []
    lambdas = False
    for token in _tokens("x" + text if text[:1].isspace() else text):
        if token.type == tokenize.OP and token.string in _OPEN:
            depth += 1
        elif token.type == tokenize.OP and token.string in _CLOSE:
            depth -= 1
        elif depth == 0 and token.string == "lambda":
            lambdas = True
        elif depth == 0 and token.string == "," and not lambdas and not clauses:
            commas.append(token.start[1])
        elif depth == 0 and token.type == tokenize.NAME and token.string == "for":
            clauses.append(token.start[1])
            lambdas = False
        elif depth == 0 and token.string == ":":
            lambdas = False
    return ([], clauses) if clauses else (commas, [])


def _cut(text: str, places: list[int]) -> list[str]:
    ends = [*places, len(text)]
    return [text[a:b] for a, b in zip([0, *places], ends, strict=True) if text[a:b].strip()]
