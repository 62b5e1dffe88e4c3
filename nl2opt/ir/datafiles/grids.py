"""CSV or XLSX file -> grids of cells, each cell with its place; what is not a readable table is reported.

Only cells that hold something are kept, so a stray cell in the last corner of a sheet costs nothing.
"""

from __future__ import annotations

import csv
import datetime
import io
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nl2opt.errors import Diagnostic

MOST_BYTES = 500_000_000
"""Unpacked size of a workbook beyond which it is refused unread."""

CellKind = Literal["text", "number", "percent", "boolean", "date", "error", "formula"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that holds something. ``column`` counts from 0; `formula`: its value was never computed and stored."""

    value: Any
    kind: CellKind
    row: int
    column: int

    @property
    def text(self) -> str:
        """The cell as a label: outer spaces gone, Unicode composed, a whole float without its `.0`."""
        if self.kind == "date":
            is_day = isinstance(self.value, datetime.datetime) and self.value.time() == datetime.time()
            return str(self.value.date().isoformat() if is_day else self.value.isoformat())
        if isinstance(self.value, float) and self.value.is_integer():
            return str(int(self.value))
        return unicodedata.normalize("NFC", str(self.value)).strip()


@dataclass(slots=True)
class Grid:
    """One table: ``name`` is the file's stem or the sheet's title; ``rows`` maps column to cell, without blank rows."""

    file: str
    name: str
    sheet: str
    rows: list[dict[int, Cell]] = field(default_factory=list)
    delimiter: str = ""
    header: dict[int, str] = field(default_factory=dict)

    def where(self, row: int, column: int | None = None) -> str:
        """A place as the person sees it: `prices.csv row 4, column 'cost'` or `plan.xlsx sheet 'may' cell B4`."""
        named = f", column '{self.header[column]}'" if column is not None and column in self.header else ""
        if self.sheet:
            cell = f" cell {letters(column)}{row}" if column is not None else f" row {row}"
            return f"{self.file} sheet '{self.sheet}'{cell}{named}"
        position = f", column {column + 1}" if column is not None and not named else named
        return f"{self.file} row {row}{position}"


def letters(column: int) -> str:
    """Column from 0 -> its letters in a spreadsheet."""
    out = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        out = chr(65 + digit) + out
    return out


def read_grids(path: Path, found: list[Diagnostic], notes: list[Diagnostic]) -> list[Grid]:
    """A file -> its tables; errors go to ``found``, remarks to ``notes``."""
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _workbook(path, found, notes)
    text = read_text(path, found)
    return [] if text is None else _delimited(path, text, found)


def read_text(path: Path, found: list[Diagnostic]) -> str | None:
    """A text file -> its text: UTF-8, or UTF-16 with its mark; anything else is refused, not guessed."""
    try:
        raw = path.read_bytes()
    except OSError as e:
        found.append(Diagnostic("D201", "the file cannot be read", path.name, e.strerror or str(e)))
        return None
    wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as e:
        found.append(Diagnostic("D201", "not a text file in UTF-8", path.name,
                                f"byte {e.start} is {raw[e.start : e.start + 1]!r}; Latin-1 or Windows-1252 perhaps",
                                "UTF-8, or UTF-16 with its mark", "save it as UTF-8"))  # fmt: skip
        return None
    if "\x00" in text:
        found.append(Diagnostic("D201", "not a text file", path.name, "zero bytes", "CSV, JSON or XLSX"))
        return None
    return text


# delimited text ------------------------------------------------------------------------------------------------------


def _delimited(path: Path, text: str, found: list[Diagnostic]) -> list[Grid]:
    if not text.strip():
        found.append(Diagnostic("D201", "the file is empty", path.name, fix="a header row and rows of data"))
        return []
    grid = Grid(path.name, path.stem, "", delimiter=_delimiter(text))
    number = 0
    try:
        for number, values in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=grid.delimiter, strict=True), 1
        ):
            cells = {i: Cell(v, "text", number, i) for i, v in enumerate(values) if v.strip()}
            if cells:
                grid.rows.append(cells)
    except csv.Error as e:
        message = "a quote that never closes" if "unexpected end" in str(e) else f"unreadable ({e})"
        found.append(Diagnostic("D201", message, grid.where(number + 1), expected="quotes in pairs"))
        return []
    return [grid]


def _delimiter(text: str) -> str:
    """The delimiter under which most rows have as many fields as the header."""

    def score(delimiter: str) -> tuple[int, int]:
        rows = []
        try:
            for values in csv.reader(io.StringIO(text[:20_000], newline=""), delimiter=delimiter):
                if any(v.strip() for v in values):
                    rows.append(len(values))
                if len(rows) >= 50:
                    break
        except csv.Error:
            pass
        width = rows[0] if rows else 1
        return (sum(r == width for r in rows), width) if width > 1 else (0, 0)

    return max(("\t", ";", ","), key=score)


# workbooks -----------------------------------------------------------------------------------------------------------


def _workbook(path: Path, found: list[Diagnostic], notes: list[Diagnostic]) -> list[Grid]:
    import openpyxl

    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(i.file_size for i in packed.infolist())
        if size > MOST_BYTES:
            found.append(Diagnostic("D201", "the workbook is too large", path.name, f"{size} bytes unpacked",
                                    f"at most {MOST_BYTES}"))  # fmt: skip
            return []
        values = openpyxl.load_workbook(path, read_only=True, data_only=True)
        formulas = openpyxl.load_workbook(path, read_only=True, data_only=False)
    except Exception as e:  # openpyxl raises what the broken part raises: KeyError, zlib, expat, ...
        reason = str(e) or type(e).__name__
        found.append(Diagnostic("D201", "not a readable workbook", path.name, reason[:120], "an .xlsx file"))
        return []
    grids = []
    try:
        for title in values.sheetnames:
            if values[title].sheet_state != "visible":
                notes.append(Diagnostic("D251", "a hidden sheet is not read", f"{path.name} sheet '{title}'",
                                        severity="note"))  # fmt: skip
                continue
            grid = Grid(path.name, title, title)
            for cell in _cells(values[title], formulas[title]):
                if not grid.rows or next(iter(grid.rows[-1].values())).row != cell.row:
                    grid.rows.append({})
                grid.rows[-1][cell.column] = cell
            grids.append(grid)
    except Exception as e:
        found.append(Diagnostic("D201", "not a readable workbook", path.name, (str(e) or type(e).__name__)[:120]))
        return []
    finally:
        values.close()
        formulas.close()
    if not any(g.rows for g in grids):
        names = ", ".join(f"'{g.name}'" for g in grids)
        found.append(Diagnostic("D201", "an empty workbook", f"{path.name} sheet {names}", fix="a header row and rows"))
    return grids


def _cells(values: Any, formulas: Any) -> Iterator[Cell]:
    for sheet in (values, formulas):
        if hasattr(sheet, "reset_dimensions"):
            sheet.reset_dimensions()  # the declared size may be a lie, or the whole sheet
    rows = zip(values.iter_rows(), formulas.iter_rows(), strict=True)
    for value_row, formula_row in rows:
        for cell, source in zip(value_row, formula_row, strict=True):
            if source.value is None or (isinstance(source.value, str) and not source.value.strip()):
                continue
            row, column = source.row, source.column - 1
            if source.data_type == "f" and cell.value is None:
                yield Cell(source.value, "formula", row, column)
            elif cell.data_type == "e":
                yield Cell(cell.value, "error", row, column)
            elif isinstance(cell.value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
                yield Cell(cell.value, "date", row, column)
            elif isinstance(cell.value, bool):
                yield Cell(cell.value, "boolean", row, column)
            elif isinstance(cell.value, str):
                yield Cell(cell.value, "text", row, column)
            else:
                percent = "%" in (cell.number_format or "")
                yield Cell(cell.value, "percent" if percent else "number", row, column)
