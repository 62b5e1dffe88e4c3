"""`range(...)` before data are known: its numbers where they are literal, and whether one range lies inside another."""

from __future__ import annotations

from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.model import Element
from nl2opt.ir.nodes import ONE, ZERO, Call, Expr, Number
from nl2opt.ir.polynomial import difference

_MOST = 10_000


def range_values(args: tuple[Expr, ...]) -> frozenset[Element] | None:
    """Arguments of range -> its numbers where all are literal and there are at most 10,000, else None."""
    whole = [int(a.value) for a in args if isinstance(a, Number) and a.value.denominator == 1]
    if len(whole) != len(args) or (len(whole) == 3 and whole[2] == 0):
        return None
    found = range(*whole)
    return frozenset(found) if len(found) <= _MOST else None


def narrower(inner: str, outer: str, scope: Scope) -> bool:
    """Names of two declared sets -> True where both are ranges and the first lies strictly inside the second."""
    a, b = _ends(inner, scope), _ends(outer, scope)
    if a is None or b is None:
        return False
    low, high = difference(a[0], b[0]), difference(b[1], a[1])
    return low is not None and high is not None and low >= 0 and high >= 0 and (low > 0 or high > 0)


def _ends(name: str, scope: Scope) -> tuple[Expr, Expr] | None:
    elements = getattr(scope.symbols.get(name), "elements", None)
    match elements:
        case Call("range", (stop,)):
            return ZERO, stop
        case Call("range", (start, stop)) | Call("range", (start, stop, Number(value=ONE.value))):
            return start, stop
        case _:
            return None
