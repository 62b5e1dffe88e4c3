"""Expression text <-> a tree of tokens: words, numbers, quoted labels, symbols, and what stands between brackets.

Quoted text is one token that no rule looks into. Line breaks and comments become a blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_DIGITS = r"[0-9](?:_?[0-9])*"
_TOKEN = re.compile(
    rf"""(?P<space>(?:\s|\#[^\n]*)*+)(?:
    (?P<string>'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|“[^“”]*”|‘[^‘’]*’)
  | (?P<number>0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+
      |(?:{_DIGITS}(?:\.(?!\.)(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?[0-9]+)?)
  | (?P<name>[^\W\d{SUPERSCRIPTS}][^\W{SUPERSCRIPTS}]*)
  | (?P<symbol><==>|<=>|<->|==>|=>|->|<=|>=|==|!=|<>|=<|\*\*|//|&&|\|\||\.\.\.|\.\.|:=|[{SUPERSCRIPTS}]+|.)
    )""",
    re.VERBOSE | re.DOTALL,
)  # fmt: skip
_CLOSE = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token; ``space`` is the blank before it."""

    kind: Literal["string", "number", "name", "symbol"]
    text: str
    space: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What stands between two brackets; ``end`` is the blank before the closing one."""

    open: str
    items: tuple[Item, ...]
    space: str = ""
    end: str = ""


Item = Token | Group
Items = tuple[Item, ...]


def read_items(text: str) -> Items | None:
    """Text -> its tokens, grouped by brackets; None where brackets or quotes do not close."""
    stack: list[tuple[str, str, list[Item]]] = [("", "", [])]
    at, blank = 0, ""
    while found := _TOKEN.match(text, at):
        at, kind = found.end(), found.lastgroup
        raw, shown = found["space"], found[kind or "symbol"]
        blank = " " if "\n" in raw or "\r" in raw or "#" in raw else raw
        if kind == "symbol" and shown in "'\"“”‘’\\`":
            return None
        if kind == "symbol" and shown in _CLOSE:
            stack.append((shown, blank, []))
        elif kind == "symbol" and shown in ")]}":
            opened, before, items = stack.pop()
            if not stack or _CLOSE[opened] != shown:
                return None
            stack[-1][2].append(Group(opened, tuple(items), before, blank))
        else:
            stack[-1][2].append(Token(kind, shown, blank))  # type: ignore[arg-type]
    return tuple(stack[0][2]) if len(stack) == 1 else None


def write_items(items: Iterable[Item]) -> str:
    """Tokens -> text."""
    parts: list[str] = []
    for i in items:
        if isinstance(i, Token):
            parts += (i.space, i.text)
        else:
            parts += (i.space, i.open, write_items(i.items), i.end, _CLOSE[i.open])
    return "".join(parts)


def shown(items: Iterable[Item]) -> str:
    """Tokens -> text for a message: no blank around it, not too long."""
    text = write_items(items).strip()
    return text if len(text) <= 80 else text[:77] + "..."


def word(text: str, space: str = " ") -> Token:
    """A word of the language."""
    return Token("name", text, space)


def symbol(text: str, space: str = "") -> Token:
    """An operator or separator."""
    return Token("symbol", text, space)


def spaced(items: Sequence[Item], space: str) -> Items:
    """Tokens with another blank before the first."""
    return (replace(items[0], space=space), *items[1:]) if items else ()


def call(name: str, *args: Sequence[Item], space: str = "") -> Items:
    """`name(arg, arg)`."""
    inner: list[Item] = []
    for i, arg in enumerate(args):
        inner += [*([symbol(",")] if i else []), *spaced(arg, " " if i else "")]
    return (word(name, space), Group("(", tuple(inner)))


def is_word(item: Item | None, *texts: str) -> bool:
    """Whether the item is one of these words; any word where none is given."""
    return isinstance(item, Token) and item.kind == "name" and (not texts or item.text in texts)


def is_symbol(item: Item | None, *texts: str) -> bool:
    """Whether the item is one of these symbols."""
    return isinstance(item, Token) and item.kind == "symbol" and item.text in texts


def is_group(item: Item | None, brackets: str = "([{") -> bool:
    """Whether the item stands between one of these brackets."""
    return isinstance(item, Group) and item.open in brackets
