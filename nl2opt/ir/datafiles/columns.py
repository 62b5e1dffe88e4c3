"""The cells of one column -> exact numbers, or what is wrong with each.

How a column writes its numbers is decided over the whole column: `4,5` is a decimal comma only if no cell of the
column says otherwise, `1,250` alone is refused because it can mean two numbers. Nothing is guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from nl2opt.ir import limits
from nl2opt.ir.datafiles.grids import Cell

_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_COMMA_DECIMAL = re.compile(r"[+-]?(?:\d*,(?:\d{1,2}|\d{4,})|0,\d+|\d{4,},\d+)", re.ASCII)
_COMMA_EITHER = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_COMMA_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3})+\.\d*|(?:,\d{3}){2,})", re.ASCII)
_DOT_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3})+,\d*|(?:\.\d{3}){2,})", re.ASCII)
_SPACE_THOUSANDS = re.compile(r"([+-]?\d{1,3})((?:[ \u00a0\u202f'’]\d{3})+)((?:[.,]\d+)?)", re.ASCII)
_COMMA_FILE = "a decimal comma in a file separated by commas"
_MINUS = str.maketrans({"−": "-", "–": "-", "－": "-"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell's number, or why it is none (``problem``); ``note`` says how a spelling was taken."""

    value: int | Decimal | float | None
    problem: str = ""
    fix: str = ""
    note: str = ""


def read_column(cells: Sequence[Cell], comma_separated: bool) -> list[Reading]:
    """The cells of a column -> one reading each. ``comma_separated``: the file's delimiter is the comma."""
    texts = [_body(c.value) for c in cells if c.kind == "text"]
    style = _style(texts, comma_separated)
    readings = [_reading(c, style) for c in cells]
    percents = sum(1 for c in cells if c.kind == "text" and "%" in str(c.value))
    if 0 < percents < len(cells):
        mixed = "some cells of the column have a percent sign; this one is taken as it stands"
        readings = [
            Reading(r.value, r.problem, r.fix, r.note or mixed)
            if r.value is not None and c.kind == "text" and "%" not in str(c.value)
            else r
            for c, r in zip(cells, readings, strict=True)
        ]
    return readings


def _body(value: object) -> str:
    text = str(value).strip().translate(_MINUS)
    return text[:-1].strip() if text.endswith("%") else text


@dataclass(frozen=True, slots=True)
class _Style:
    comma: str
    """What a comma means in the column: `decimal`, `thousands`, `either`, or `refused` with ``why``."""
    dot_groups: bool
    why: str = ""


def _style(texts: Sequence[str], comma_separated: bool) -> _Style:
    decimal = any(_COMMA_DECIMAL.fullmatch(t) for t in texts)
    dot_groups = any(_DOT_THOUSANDS.fullmatch(t) for t in texts)
    comma_groups = any(_COMMA_THOUSANDS.fullmatch(t) for t in texts)
    either = any(_COMMA_EITHER.fullmatch(t) for t in texts)
    dot_decimal = any("." in t and _PLAIN.fullmatch(t) for t in texts)
    if comma_groups and not decimal and not dot_groups:
        return _Style("thousands", False)
    if (decimal or (dot_groups and "," in "".join(texts))) and not comma_groups:
        if comma_separated:
            return _Style("refused", False, _COMMA_FILE)
        if dot_decimal:
            return _Style("refused", False, "decimal commas and decimal points in one column")
        return _Style("decimal", dot_groups)
    if decimal or (dot_groups and comma_groups):
        return _Style("refused", False, "commas used in two ways in one column")
    return _Style("either" if either else "thousands", dot_groups)


def _reading(cell: Cell, style: _Style) -> Reading:
    match cell.kind:
        case "number" | "percent":
            return _in_range(cell.value if isinstance(cell.value, int | float) else float(str(cell.value)))
        case "boolean":
            return Reading(None, f"{str(cell.value).upper()} is no number", "write 1 or 0")
        case "date":
            return Reading(None, f"a date, {cell.text}", "format the cell as a number and type it again")
        case "error":
            return Reading(None, f"the error value {cell.value}")
        case "formula":
            fix = "open the file in a spreadsheet program and save it, so that values are stored"
            return Reading(None, f"the formula {cell.value} without a stored value", fix)
        case "text":
            return _from_text(str(cell.value), style)


def _from_text(raw: str, style: _Style) -> Reading:
    text = raw.strip().translate(_MINUS)
    percent = text.endswith("%")
    body = _body(raw)
    note = ""
    if _COMMA_EITHER.fullmatch(body) and style.comma == "either":
        thousands, fraction = body.replace(",", ""), body.replace(",", ".")
        return Reading(None, f"{raw.strip()} can mean {thousands} or {fraction}", f"write {thousands} or {fraction}")
    marks = "," if style.why == _COMMA_FILE else ",."
    if style.comma == "refused" and re.fullmatch(r"[+-]?[\d.,]+", body) and any(m in body for m in marks):
        return Reading(None, f"{raw.strip()}: {style.why}", "write the numbers with decimal points")
    if style.comma == "decimal" and re.fullmatch(r"[+-]?\d{1,3}\.\d{3}", body) and not style.dot_groups:
        return Reading(None, f"{raw.strip()} between decimal commas", "write one way throughout the column")
    if style.dot_groups and re.fullmatch(r"[+-]?[\d.]+(?:,\d*)?", body) and _grouped(body, "."):
        body, note = body.replace(".", "").replace(",", "."), "points taken as thousands separators"
    elif style.comma == "decimal" and "," in body:
        body, note = body.replace(",", "."), "commas taken as decimal commas"
    elif style.comma == "thousands" and "," in body and _grouped(body, ","):
        body, note = body.replace(",", ""), "commas taken as thousands separators"
    elif spaced := _SPACE_THOUSANDS.fullmatch(body):
        tail = spaced[3]
        if "," not in tail or style.comma == "decimal":
            body = spaced[1] + re.sub(r"\D", "", spaced[2]) + tail.replace(",", ".")
            note = "spaces taken as thousands separators"
    if not _PLAIN.fullmatch(body):
        unit = bool(re.match(r"[+-]?[\d.,]+\s*[^\W\d]", body)) or bool(re.match(r"[€$£¥]|[A-Z]{3}\s*\d", body))
        fix = "only the number; the unit belongs to the parameter" if unit else "write a number"
        return Reading(None, f"{raw.strip()[:40]!r} is no number", fix)
    number = Decimal(body)
    return _in_range(number / 100 if percent else number, note)


def _grouped(body: str, mark: str) -> bool:
    groups = body.split("." if mark == "," else ",")[0].split(mark)
    return all(len(g) == 3 for g in groups[1:]) and 1 <= len(groups[0].lstrip("+-")) <= 3


def _in_range(value: int | float | Decimal, note: str = "") -> Reading:
    if not math.isfinite(value):
        return Reading(None, f"{value} is no number of the language")
    if not -limits.EXACT_INTEGER <= value <= limits.EXACT_INTEGER:
        return Reading(None, f"{value} is beyond 2^53", "scale the unit")
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return Reading(int(value), note=note)
    return Reading(value, note=note)
