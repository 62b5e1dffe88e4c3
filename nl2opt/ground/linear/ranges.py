"""LinearProgram -> warnings about numbers a solver in floating point cannot keep apart.

HiGHS decides within 1e-6 or so of the size of a row, and a binary may be off by 1e-6: where a coefficient is 1e9 times
another of its row, or a big-M is above 1e6, a solver may call true what is false. The rows are told in the person's
terms: the constraint of the source model and the binding. Source: the tolerances of docs/SEMANTICS.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nl2opt.errors import Diagnostic
from nl2opt.ground.linear.grounding import Floats, LinearProgram, RowFamily
from nl2opt.ir.model import Constraint, Model
from nl2opt.ir.nodes import Compare, Name, Subscript
from nl2opt.ir.walk import subexpressions

WIDEST = 1e9
"""Largest over smallest coefficient, of a row and of the matrix."""
LARGEST_M = 1e6
"""A big-M, and how many times the other coefficients of its row."""
MOST_TOLD = 5

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Rows:
    """Smallest and largest size of a coefficient of each row, inf and 0 where it has none."""

    low: Floats
    high: Floats


def check_ranges(program: LinearProgram, source: Model) -> tuple[Diagnostic, ...]:
    """The rows of a program whose coefficients lie too far apart, and its huge big-Ms; one finding a constraint."""
    size = np.abs(program.value)
    used = (size > 0) & np.isfinite(size)
    if not used.any():
        return ()
    least, most = float(size[used].min()), float(size[used].max())
    if most <= LARGEST_M and most <= LARGEST_M * least:
        return ()
    rows, columns, _ = program.entries()
    rows, columns, size = rows[used], columns[used], size[used]
    switched = list(_switched(program, rows, columns, size, source))
    told = {d.where for d in switched}
    wide = [d for d in _wide(program, rows, size, source) if d.where not in told] if most > WIDEST * least else []
    if most > WIDEST * least and not wide and not switched:
        wide = [_whole(program, rows, size, source)]
    return (*switched[:MOST_TOLD], *wide[:MOST_TOLD])


def _extremes(rows: npt.NDArray[np.integer], size: Floats, count: int) -> _Rows:
    low, high = np.full(count, np.inf), np.zeros(count)
    np.minimum.at(low, rows, size)
    np.maximum.at(high, rows, size)
    return _Rows(low, high)


def _wide(program: LinearProgram, rows: npt.NDArray[np.integer], size: Floats, source: Model) -> Iterator[Diagnostic]:
    """Rows with coefficients that lie too far apart."""
    found = _extremes(rows, size, len(program.lower))
    ratio = np.divide(found.high, found.low, out=np.zeros_like(found.high), where=found.high > 0)
    for family, row in _worst(program, ratio, WIDEST):
        yield _finding(
            "W-range",
            _place(program, family, row, source),
            f"coefficients from {found.low[row]:.3g} to {found.high[row]:.3g}",
            f"at most a factor of {WIDEST:,.0f} between the largest and the smallest",
            "measure the large quantity in thousands or millions, or the small one in a smaller unit",
        )


def _whole(program: LinearProgram, rows: npt.NDArray[np.integer], size: Floats, source: Model) -> Diagnostic:
    """The matrix as a whole: where its smallest and its largest coefficient stand."""
    small, large = int(size.argmin()), int(size.argmax())
    low, high = (_place(program, _family(program, int(rows[k])), int(rows[k]), source) for k in (small, large))
    return _finding(
        "W-range",
        f"{low} and {high}",
        f"coefficients from {size[small]:.3g} to {size[large]:.3g}",
        f"at most a factor of {WIDEST:,.0f} between the largest and the smallest of the model",
        "measure the large quantity in thousands or millions, or the small one in a smaller unit",
    )


def _switched(
    program: LinearProgram,
    rows: npt.NDArray[np.integer],
    columns: npt.NDArray[np.integer],
    size: Floats,
    source: Model,
) -> Iterator[Diagnostic]:
    """Rows a rewrite made that a binary switches off by a huge amount."""
    c = program.columns
    binary = (c.integrality > 0) & (c.lower >= 0) & (c.upper <= 1)
    made = np.zeros(len(program.lower), np.bool_)
    for family in program.rows:
        if _is_made(family, program, source):
            made[family.first : family.first + family.count] = True
    if not made.any() or not binary.any():
        return
    switch = binary[columns]
    of_switches = _extremes(rows[switch], size[switch], len(made)).high
    others = _extremes(rows[~switch], size[~switch], len(made)).high
    huge = made & (others > 0)
    ratio = np.divide(of_switches, others, out=np.zeros_like(others), where=others > 0)
    score = np.where(huge, np.maximum(ratio, of_switches), 0.0)
    for family, row in _worst(program, score, LARGEST_M):
        yield _finding(
            "W-big-m",
            _place(program, family, row, source),
            f"switched by {of_switches[row]:,.10g}, the largest amount its bounds allow",
            f"at most {LARGEST_M:,.0f}, and at most that many times the rest of the row",
            "give the quantities of the condition tighter bounds (`upper`), or measure them in larger units",
        )


def _is_made(family: RowFamily, program: LinearProgram, source: Model) -> bool:
    """True for rows that are no comparison of the source model, or that read a parameter a rewrite derived."""
    own = next((c for c in source.constraints if c.name == family.name), None)
    if own is None or not isinstance(own.expr, Compare):
        return True
    derived = {p.name for p in program.constants.model.parameters} - {p.name for p in source.parameters}
    now = next(c for c in program.constants.model.constraints if c.name == family.name)
    return any(isinstance(e, Name | Subscript) and e.name in derived for e in subexpressions(now.expr))


def _worst(program: LinearProgram, score: Floats, limit: float) -> Iterator[tuple[RowFamily, int]]:
    """The worst row of each constraint beyond a limit, the worst constraint first."""
    found: list[tuple[float, RowFamily, int]] = []
    for family in program.rows:
        part = score[family.first : family.first + family.count]
        if len(part) and part.max() > limit:
            found.append((float(part.max()), family, family.first + int(part.argmax())))
    for _, family, row in sorted(found, key=lambda x: -x[0]):
        yield family, row


def _family(program: LinearProgram, row: int) -> RowFamily:
    return next(f for f in program.rows if f.first <= row < f.first + f.count)


def _place(program: LinearProgram, family: RowFamily, row: int, source: Model) -> str:
    """A row -> the constraint of the source model it serves, its binding, and the words it comes from."""
    own = _own(family.name, source)
    name = own.name if own else family.name
    binding = [b for b in program.bindings(family)[row - family.first] if not own or len(own.over)]
    at = f" [{', '.join(map(str, binding))}]" if binding else ""
    quote = next((a.text for a in own.anchors if a.kind == "quote"), "") if own else ""
    return f"constraint `{name}`{at}" + (f', from "{quote}"' if quote else "")


def _own(name: str, source: Model) -> Constraint | None:
    """The constraint whose rows a rewrite named after it: `link_2` serves `link`."""
    serving = [c for c in source.constraints if name == c.name or name.startswith(f"{c.name}_")]
    return max(serving, key=lambda c: len(c.name), default=None)


def _finding(code: str, where: str, found: str, expected: str, fix: str) -> Diagnostic:
    title = {"W-range": "numbers of very different size", "W-big-m": "a huge big-M"}[code]
    return Diagnostic(code, title, where, found, expected, fix, "warning")
