"""LP or MPS file -> Rows: what it says, read by HiGHS, numbers as the exact decimals they were written as."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from nl2opt.errors import Diagnostic, DocumentError

ColumnKind = Literal["real", "integer", "semi-continuous", "semi-integer"]
_KINDS: tuple[ColumnKind, ...] = ("real", "integer", "semi-continuous", "semi-integer")
Bound = Fraction | None
"""None is open."""


@dataclass(frozen=True)
class Column:
    """A variable as the file names it."""

    name: str
    kind: ColumnKind
    lower: Bound
    upper: Bound

    @property
    def is_binary(self) -> bool:
        """True for a whole column between 0 and 1."""
        return self.kind in ("integer", "semi-integer") and self.lower == 0 and self.upper == 1


@dataclass(frozen=True)
class Row:
    """lower <= sum of coefficient * column <= upper."""

    name: str
    entries: tuple[tuple[Fraction, int], ...]
    lower: Bound
    upper: Bound


@dataclass(frozen=True)
class Rows:
    """A file's program. ``squares`` are entries (coefficient, column, column) of the objective."""

    title: str
    maximize: bool
    offset: Fraction
    costs: tuple[tuple[Fraction, int], ...]
    squares: tuple[tuple[Fraction, int, int], ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def read(path: Path) -> Rows:
    """File -> what it says. Raises DocumentError where there is none, or HiGHS cannot read it."""
    import highspy

    if not path.exists():
        raise DocumentError(Diagnostic("E002", "the file cannot be read", str(path), "No such file or directory"))
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    status = highs.readModel(str(path))
    model = highs.getModel()
    if status == highspy.HighsStatus.kError or not (model.lp_.num_col_ or model.lp_.num_row_):
        raise DocumentError(_unreadable(path))
    return _rows(model, path)


def _unreadable(path: Path) -> Diagnostic:
    fix = "in LP files write a two-sided row as two rows; quadratic rows, SOS and indicators are not read"
    return Diagnostic("E021", "no model can be read from this file", path.name, expected="an LP or MPS file", fix=fix)


def _rows(model: Any, path: Path) -> Rows:
    lp = model.lp_
    title = lp.model_name_ or path.name.split(".")[0]
    kinds = [_KINDS[int(k)] if int(k) < len(_KINDS) else "integer" for k in lp.integrality_] or ["real"] * lp.num_col_
    columns = tuple(
        Column(
            lp.col_names_[j] if lp.col_names_ else f"x{j}", kinds[j], _bound(lp.col_lower_[j]), _bound(lp.col_upper_[j])
        )
        for j in range(lp.num_col_)
    )
    entries: list[list[tuple[Fraction, int]]] = [[] for _ in range(lp.num_row_)]
    for major, minor, value in _entries(lp.a_matrix_):
        by_column = "Col" in str(lp.a_matrix_.format_)
        row, column = (minor, major) if by_column else (major, minor)
        entries[row].append((_exact(value), column))
    rows = tuple(
        Row(
            lp.row_names_[i] if lp.row_names_ else f"r{i}",
            tuple(sorted(entries[i], key=lambda e: e[1])),
            _bound(lp.row_lower_[i]),
            _bound(lp.row_upper_[i]),
        )
        for i in range(lp.num_row_)
    )
    costs = tuple((_exact(c), j) for j, c in enumerate(lp.col_cost_) if c)
    maximize = "kMax" in str(lp.sense_)
    return Rows(title, maximize, _exact(lp.offset_), costs, tuple(_squares(model.hessian_)), columns, rows)


def _entries(matrix: Any) -> Iterator[tuple[int, int, float]]:
    starts, index, value = list(matrix.start_), list(matrix.index_), list(matrix.value_)
    for major in range(len(starts) - 1):
        for k in range(starts[major], starts[major + 1]):
            yield major, index[k], value[k]


def _squares(hessian: Any) -> Iterator[tuple[Fraction, int, int]]:
    """Lower triangle of Q in x'Qx/2 -> coefficients of products."""
    if not hessian.dim_:
        return
    for j, i, value in _entries(hessian):
        if value:
            yield _exact(value) / (2 if i == j else 1), j, i


def _exact(value: float) -> Fraction:
    """A float -> its shortest decimal, the number the file most likely holds."""
    return Fraction(repr(float(value)))


def _bound(value: float) -> Bound:
    return None if math.isinf(value) or abs(value) >= 1e30 else _exact(value)
