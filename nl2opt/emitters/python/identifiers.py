"""Names and texts of a model -> identifiers, string literals and comments of a Python program.

Identifiers are made, never copied: ASCII, apart from keywords, builtins, the names of the program's own scaffold and
each other. Texts of a person reach the program as string literals or as one-line comments in which every character that
could end the line or deceive the eye is escaped.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable

SCAFFOLD = frozenset(
    (
        "DATA", "Fraction", "argparse", "bounds", "build", "chosen", "cp", "data", "disjoint", "element", "floor_div",
        "floor_mod", "goals", "json", "labels", "math", "model", "pyo", "row", "scale", "solution", "solve", "step",
        "subcircuit", "sys", "value", "values", "variables", "zero",
    )
)  # fmt: skip
"""Names the programs use themselves."""

_RESERVED = SCAFFOLD | frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | frozenset(dir(builtins))
_KINDS = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "Æ": "AE", "Ø": "O", "Ł": "L", "đ": "d"}


class Identifiers:
    """Makes identifiers that are apart from each other and from what the program uses: of Python, unless ``usual`` says
    what another language uses."""

    def __init__(self, reserved: Iterable[str] = (), usual: Iterable[str] = _RESERVED) -> None:
        self._taken = set(usual) | set(reserved)

    def make(self, wanted: str, kind: str = "x") -> str:
        """A name of the model -> a new identifier as close to it as is safe; ``kind`` serves where nothing is left."""
        base = ascii_identifier(wanted) or kind
        name, n = base, 2
        while name in self._taken:
            name, n = f"{base}_{n}", n + 1
        self._taken.add(name)
        return name

    def release(self, name: str) -> None:
        """Give back an identifier whose scope, one expression, has ended."""
        self._taken.discard(name)


def ascii_identifier(text: str) -> str:
    """Text -> an ASCII identifier that does not begin with an underscore, '' where no letter is left."""
    spelled = "".join(_KINDS.get(c, c) for c in text)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    cleaned = re.sub(r"_{2,}", "_", re.sub(r"\W", "_", plain)).strip("_")
    if not re.search("[A-Za-z]", cleaned):
        return ""
    return cleaned if not cleaned[0].isdigit() else f"n{cleaned}"


def string_literal(text: str) -> str:
    """Text -> a Python string literal on one line; invisible and direction-changing characters are escaped."""
    out = []
    for c in text:
        if c in '\\"':
            out.append("\\" + c)
        elif is_plain(c):
            out.append(c)
        else:
            out.append(_escape(c))
    return '"' + "".join(out) + '"'


def comment_text(text: str) -> str:
    """Text -> one line for a comment: runs of white space become a space, all other odd characters are escaped."""
    line = re.sub(r"[ \t\r\n]+", " ", text).strip()
    return "".join(c if is_plain(c) else _escape(c) for c in line)


def docstring_text(text: str) -> str:
    """Text -> one line that may stand in a triple-quoted string."""
    return comment_text(text).replace("\\", "\\\\").replace('"', '\\"')


def is_plain(c: str) -> bool:
    """True for characters that are printed as themselves and leave line and direction alone."""
    if c == " ":
        return True
    return c.isprintable() and unicodedata.category(c)[0] not in "CZ" and unicodedata.category(c) != "Mn"


def _escape(c: str) -> str:
    code = ord(c)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
