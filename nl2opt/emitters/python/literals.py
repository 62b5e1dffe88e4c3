"""DATA -> the block of source that holds it: one entry a line where it fits, tables row by row."""

from __future__ import annotations

from collections.abc import Sequence

from nl2opt.emitters.python.data import Entry, Json
from nl2opt.emitters.python.identifiers import string_literal
from nl2opt.emitters.python.layout import WIDTH, comment_lines


def data_block(entries: Sequence[Entry]) -> list[str]:
    """Entries -> the lines of `DATA = {...}`."""
    if not entries:
        return ["DATA = {}"]
    lines = ["DATA = {"]
    for entry in entries:
        for comment in entry.comments:
            lines += comment_lines(comment, "    ")
        body = _value_lines(entry.value, 4, f"{string_literal(entry.name)}: ", ",")
        if entry.unit and len(body[0]) + len(entry.unit) + 4 <= WIDTH:
            body[0] += f"  # {entry.unit}"
        elif entry.unit:
            lines += comment_lines(entry.unit, "    ")
        lines += body
    return [*lines, "}"]


def literal(value: Json) -> str:
    """A JSON value -> its Python literal on one line."""
    match value:
        case str():
            return string_literal(value)
        case dict():
            return "{" + ", ".join(f"{string_literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(literal, value)) + "]"
        case _:
            return repr(value)


def _value_lines(value: Json, indent: int, prefix: str, suffix: str) -> list[str]:
    """One value -> lines; what is too long for a line is broken at its items, short items sharing lines."""
    space = " " * indent
    text = f"{space}{prefix}{literal(value)}{suffix}"
    if len(text) <= WIDTH or not isinstance(value, list | dict) or not value:
        return [text]
    open_, close = "[]" if isinstance(value, list) else "{}"
    lines = [f"{space}{prefix}{open_}"]
    items = (
        [("", v) for v in value]
        if isinstance(value, list)
        else [(f"{string_literal(k)}: ", v) for k, v in value.items()]
    )
    row = ""
    for name, item in items:
        single = f"{name}{literal(item)},"
        table_row = isinstance(item, dict) or (isinstance(item, list) and name != "")
        if row and (table_row or len(space) + 4 + len(row) + 1 + len(single) > WIDTH):
            lines.append(f"{space}    {row}")
            row = ""
        if table_row or len(space) + 4 + len(single) > WIDTH:
            lines += _value_lines(item, indent + 4, name, ",")
        else:
            row = f"{row} {single}" if row else single
    if row:
        lines.append(f"{space}    {row}")
    return [*lines, f"{space}{close}{suffix}"]
