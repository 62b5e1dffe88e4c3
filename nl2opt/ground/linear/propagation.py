"""Linear rows, declared bounds -> the bounds that follow from them, for big-M's of variables without declared ones.

Activity-based propagation: in a row sum(a_j x_j) <= u the least activity of the other terms bounds each term. Every
round keeps valid bounds, so stopping early is safe; whole variables are rounded inwards. Where the rows leave some
variable no value, the model is infeasible by rows that hold no big-M, and any finite bound is as valid as another.
Source: Savelsbergh, Preprocessing and probing techniques for mixed integer programming, ORSA J. on Computing 6 (1994).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ground.linear.axes import Data
from nl2opt.ground.linear.constants import Constants
from nl2opt.ir.instance import Key
from nl2opt.ir.model import Constraint, Model, Parameter, Variable
from nl2opt.ir.nodes import Expr, Name, Subscript
from nl2opt.ir.walk import subexpressions
from nl2opt.passes.declared import InferredBound
from nl2opt.passes.unsupported import UNSUPPORTED

Floats = npt.NDArray[np.float64]
_ROUNDS = 60
_SLACK = 1e-9
_HUGE = 1e12


@dataclass
class Rows:
    """lower <= A x <= upper by entries: the row, column and value of each."""

    row: Data
    column: Data
    value: Floats
    lower: Floats
    upper: Floats


def propagate(rows: Rows, lower: Floats, upper: Floats, whole: Data) -> tuple[Floats, Floats]:
    """Bounds of every column -> the tighter bounds that the rows imply."""
    lower, upper = lower.copy(), upper.copy()
    n = len(rows.lower)
    up = rows.value > 0
    for _ in range(_ROUNDS):
        least = np.where(up, lower[rows.column], upper[rows.column]) * rows.value
        most = np.where(up, upper[rows.column], lower[rows.column]) * rows.value
        new_lower, new_upper = lower.copy(), upper.copy()
        for activity, side, sign in ((least, rows.upper, 1.0), (most, rows.lower, -1.0)):
            rest = _others(activity, rows.row, n)
            with np.errstate(invalid="ignore", over="ignore"):
                limit = (side[rows.row] - rest) / rows.value
            limit = np.where(np.isfinite(limit) & (np.abs(limit) < _HUGE), limit, np.nan)
            above = up if sign > 0 else ~up  # the entry is bounded from above
            np.fmin.at(new_upper, rows.column[above], limit[above])
            np.fmax.at(new_lower, rows.column[~above], limit[~above])
        if _crossed(new_lower, new_upper, whole):
            return _closed(lower, upper)
        new_lower[whole] = np.ceil(new_lower[whole] - 1e-6)
        new_upper[whole] = np.floor(new_upper[whole] + 1e-6)
        if (new_lower > new_upper + 1e-6).any() or not _improved(lower, upper, new_lower, new_upper):
            break
        lower, upper = new_lower, new_upper
    return lower, upper


def _crossed(lower: Floats, upper: Floats, whole: Data) -> bool:
    """True where some column has no value left, by more than rounding explains."""
    slack = 1e-6 * (1 + np.abs(np.where(np.isfinite(lower), lower, 0.0)))
    low, high = lower - slack, upper + slack
    return bool((np.where(whole, np.ceil(low), low) > np.where(whole, np.floor(high), high)).any())


def _closed(lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Bounds -> the same, 0 or the other end for each infinite one."""
    low = np.where(np.isfinite(lower), lower, np.where(np.isfinite(upper), np.minimum(upper, 0.0), 0.0))
    return low, np.where(np.isfinite(upper), upper, np.maximum(low, 0.0))


def _others(activity: Floats, row: Data, n: int) -> Floats:
    """For each entry the sum of the activities of the other entries of its row, infinite where one of them is."""
    infinite = ~np.isfinite(activity)
    finite = np.where(infinite, 0.0, activity)
    totals = np.bincount(row, weights=finite, minlength=n)
    open_ = np.bincount(row, weights=infinite, minlength=n)
    rest = totals[row] - finite
    return np.where(open_[row] - infinite > 0, np.nan, rest)


def _improved(lower: Floats, upper: Floats, new_lower: Floats, new_upper: Floats) -> bool:
    with np.errstate(invalid="ignore"):
        better = (new_lower > lower + 1e-3 * (1 + np.abs(lower))) | (new_upper < upper - 1e-3 * (1 + np.abs(upper)))
        first = (np.isinf(lower) & np.isfinite(new_lower)) | (np.isinf(upper) & np.isfinite(new_upper))
    return bool(better.any() or first.any())


# what depends on inferred bounds -------------------------------------------------------------------------------------


def inferred_bounds(model: Model) -> tuple[InferredBound, ...]:
    """Model -> the bounds that only the instance can tell."""
    return tuple(p for p in model.parameters if isinstance(p, InferredBound))


def dependent(model: Model) -> frozenset[str]:
    """Parameters whose value needs an inferred bound, the inferred ones included."""
    found = {p.name for p in inferred_bounds(model)}
    while True:
        more = {
            p.name
            for p in model.parameters
            if p.name not in found and isinstance(p.value, Expr) and mentions(p.value) & found
        }
        if not more:
            return frozenset(found)
        found |= more


def mentions(e: Expr) -> set[str]:
    """Node -> every name in it."""
    return {x.name for x in subexpressions(e) if isinstance(x, Name | Subscript)}


def depends(item: Constraint | Variable, names: frozenset[str]) -> bool:
    """Does a constraint, or a bound of a variable, need one of these parameters?"""
    parts = (item.expr,) if isinstance(item, Constraint) else (item.lower, item.upper)
    return any(p is not None and mentions(p) & names for p in parts)


def values(p: InferredBound, lower: Floats, upper: Floats) -> Floats:
    """Bounds of the columns of one family -> the values of the parameter, a little outside."""
    bound = lower if p.side == "lower" else upper
    sign = -1.0 if p.side == "lower" else 1.0
    with np.errstate(invalid="ignore"):
        wide = bound + sign * _SLACK * (1 + np.abs(bound))
    whole = np.isfinite(bound) & (bound == np.rint(bound))
    return np.where(whole | np.isinf(bound), bound, wide)


def unbounded(name: str, model: Model, k: Constants) -> Unsupported:
    """A big-M of a constraint came out infinite -> the exception that asks for the bounds it needs."""
    asked: list[str] = []
    for p in _needed(name, model):
        value = k.inferred.get(p.name)
        symbol = model.symbols[p.variable]
        assert isinstance(symbol, Variable)
        if value is not None and np.isinf(value).any():
            key = k.domain(symbol)[0].key(int(np.flatnonzero(np.isinf(value))[0]))
            asked.append(f"{p.variable}{_shown(key)} has no {p.side} bound")
    fix = "declare `upper` (and `lower`) of the variable, or add a constraint that limits it"
    return Unsupported(
        Diagnostic(
            "E604",
            "a condition needs a bound that does not follow from the model",
            f"constraint `{name}`",
            "; ".join(asked) or "an infinite coefficient",
            UNSUPPORTED["a condition over variables without bounds"],
            fix,
        )
    )


def _shown(key: Key) -> str:
    return f"[{', '.join(map(str, key))}]" if key else ""


def _needed(name: str, model: Model) -> Iterator[InferredBound]:
    """The inferred bounds behind a constraint's coefficients."""
    names: set[str] = set()
    for c in model.constraints:
        if c.name == name:
            names |= mentions(c.expr)
    seen: set[str] = set()
    while names - seen:
        for n in sorted(names - seen):
            seen.add(n)
            symbol = model.symbols.get(n)
            if isinstance(symbol, InferredBound):
                yield symbol
            elif isinstance(symbol, Parameter) and isinstance(symbol.value, Expr):
                names |= mentions(symbol.value)
