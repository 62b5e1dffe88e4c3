"""Subscript, types of its indices and of the positions -> findings: how many, of which kind, drawn from which set."""

from __future__ import annotations

from nl2opt.ir.infer.ranges import narrower
from nl2opt.ir.infer.reports import Report
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.infer.types import Labelled, Numeric, Open, TupleOf, Type, Unknown, describe, family, fit, values
from nl2opt.ir.model import Set
from nl2opt.ir.nodes import Expr, Label, Name, Number, Subscript
from nl2opt.ir.spelling import nearest


def check_subscript(
    e: Subscript, given: tuple[Type, ...], wanted: tuple[Type, ...], scope: Scope, report: Report
) -> None:
    """Compare each index with the set of its position; a tuple counts as its coordinates."""
    if not wanted:
        what = "set" if isinstance(scope.symbols[e.name], Set) else "scalar"
        report("E301", e, f"the {what} {e.name} with an index", f"{e.name} alone", "")
        return
    indices: list[tuple[Expr, Type]] = []
    for node, t in zip(e.index, given, strict=True):
        indices.extend((node, item) for item in (t.items if isinstance(t, TupleOf) else (t,)))
    if len(indices) != len(wanted):
        if not _may_fit([t for _, t in indices], wanted):
            found = f"{len(indices)} {'index' if len(indices) == 1 else 'indices'}"
            expected = f"{len(wanted)}: {e.name}[{', '.join(_shown(p) for p in wanted)}]"
            report("E301", e, found, expected, "")
        return
    for (node, t), position in zip(indices, wanted, strict=True):
        _check_position(e, node, t, position, scope, report)


def _may_fit(indices: list[Type], wanted: tuple[Type, ...]) -> bool:
    """Whether data may yet bring tuples that make the counts agree."""
    if any(isinstance(t, Unknown) for t in (*indices, *wanted)):
        return True
    if len(indices) > len(wanted):
        return any(isinstance(p, Open) for p in wanted)
    taken = frozenset().union(*(family(p) for p in wanted))
    return any(isinstance(t, Open) and not family(t) & taken for t in indices)


def _check_position(e: Subscript, node: Expr, t: Type, position: Type, scope: Scope, report: Report) -> None:
    wanted = f"{_shown(position)} at this position of {e.name}"
    if isinstance(t, Numeric) and t.type == "real" and not isinstance(position, Unknown):
        if scope.varies(node) or isinstance(node, Number) or isinstance(position, Labelled):
            report("E302", e, f"a real number as an index of {e.name}", wanted, "an index is an integer or a label")
        return
    if not isinstance(t, Numeric | Labelled | Open | Unknown):
        report("E302", e, f"{describe(t)} as an index of {e.name}", wanted, "")
        return
    known, allowed = values(t), values(position)
    if fit(t, position) == "kinds":
        report("E302", e, f"{describe(t)} as an index of {e.name}", wanted, "")
    elif known is not None and allowed is not None and not known & allowed:
        if isinstance(node, Label | Number):
            shown = next(iter(known))
            fix = nearest(str(shown), sorted(str(a) for a in allowed))
            report("E304", e, f"{shown!r} is no element", wanted, fix)
        else:
            report("E303", e, f"{describe(t)} as an index of {e.name}", wanted, "")
    elif family(t) and family(position) and not family(t) & family(position):
        if _is_part(t, position, scope) or _not_told(t, position, scope):
            return
        if any(narrower(a, b, scope) for a in family(t) for b in family(position)):
            return
        report("W-index", e, f"an index of {_names(t)}", wanted, "are the indices swapped?")


def _is_part(t: Type, position: Type, scope: Scope) -> bool:
    """True where all an index can be are elements of the position's set: listed labels, or some listed integers."""
    known, allowed = values(t), values(position)
    if known is None or allowed is None or not known <= allowed:
        return False
    listed = all(isinstance(getattr(scope.symbols.get(n), "elements", None), tuple) for n in family(t))
    return isinstance(t, Labelled) or (listed and known < allowed)


def _not_told(t: Type, position: Type, scope: Scope) -> bool:
    """True where data bring one of the two sets and no array is indexed by both: it may be a part of the other."""
    if not isinstance(t, Open) and not isinstance(position, Open):
        return False
    for symbol in scope.symbols.values():
        over = {g.source.name for g in symbol.over if isinstance(g.source, Name)}
        if over & family(t) and over & family(position):
            return False
    return True


def _names(t: Type) -> str:
    return ", ".join(sorted(family(t)))


def _shown(t: Type) -> str:
    return _names(t) or describe(t)
