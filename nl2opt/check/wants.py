"""Model -> what its objective wants of each variable, and the limits that do not stand against it."""

from __future__ import annotations

from collections.abc import Iterator

from nl2opt.check.rows import inline
from nl2opt.check.slopes import Signs, signs_of
from nl2opt.check.wording import Side
from nl2opt.ir.infer.scope import Scope, variables_of
from nl2opt.ir.model import Constraint, Model, Parameter
from nl2opt.ir.nodes import Add, Aggregate, And, Compare, Expr, Implies, Subscript, negative

Desires = dict[str, set[int]]
"""Variable -> 1 where the objective wants it larger, -1 where smaller, directly or to make room for another."""


def desires(model: Model) -> Desires:
    """Model -> what its objective wants of each variable, through the limits that stand in the way.

    A limit that keeps a wanted variable back makes those in it of which the objective does not speak wanted so that
    they give way; in anything but a comparison of sums they may be wanted either way.
    """
    varying = {v.name for v in model.variables}
    wanted: Desires = {}
    for o in sorted(model.objectives, key=lambda o: -(o.priority or 0)):
        signs = signs_of(inline(o.expr, model), -1 if o.sense == "minimize" else 1, model, 1)
        for name in signs.keys() & varying - wanted.keys():
            wanted[name] = {-1, 1} if 0 in signs[name] else set(signs[name])
    scope = Scope.of(model)
    direct = set(wanted)
    rows: list[Signs] = []
    for c in model.constraints:
        own = list(_rows(inline(c.expr, model), model))
        rows += own
        if not own:
            for name in variables_of(c.expr, scope) - direct:
                wanted[name] = {-1, 1}
    changed = True
    while changed:
        changed = False
        for row in rows:
            for name in row.keys() & varying - direct:
                way = _way(name, row, wanted)
                if not way <= wanted.get(name, set()):
                    wanted.setdefault(name, set()).update(way)
                    changed = True
    return wanted


def _way(name: str, row: Signs, wanted: Desires) -> set[int]:
    """Where a variable should go so that a row gives way to the others it keeps back; empty where it keeps none."""
    if not any(0 in v or v & wanted[k] for k, v in row.items() if k != name and k in wanted):
        return set()
    return {-1, 1} if 0 in row[name] else {-s for s in row[name]}


def _resists(row: Signs, wanted: Desires) -> bool:
    """True where a row `sum <= 0` may keep back what is wanted."""
    return any(0 in signs or signs & wanted.get(name, set()) for name, signs in row.items() if name in wanted)


def _rows(e: Expr, model: Model) -> Iterator[Signs]:
    """A constraint -> its sums that are at most 0, as signs; none where it is of another form."""
    match e:
        case Compare("<=" | "<", left, right):
            yield signs_of(Add((left, negative(right))), 1, model, 1)
        case Compare(">=" | ">", left, right):
            yield signs_of(Add((right, negative(left))), 1, model, 1)
        case Compare("==", left, right):
            signs = signs_of(Add((left, negative(right))), 1, model, 1)
            yield signs
            yield {name: {-s for s in found} for name, found in signs.items()}
        case Implies(condition, consequence):
            under = list(_rows(condition, model)) or [signs_of(condition, -1, model, 1)]
            then = list(_rows(consequence, model)) or [signs_of(consequence, -1, model, 1)]
            for first in under:
                for then_ in then:
                    turned = {name: {-s for s in found} for name, found in first.items()}
                    yield {name: turned.get(name, set()) | then_.get(name, set()) for name in {*turned, *then_}}
        case Aggregate("all", body, _):
            yield from _rows(body, model)
        case And(args):
            for a in args:
                yield from _rows(a, model)
        case _:
            return


def runs_backwards(c: Constraint, model: Model) -> bool:
    """True for `start[a] + days[a] >= start[b]`: an order of two of a kind, the length on the larger side."""
    match c.expr:
        case Compare(">=" | ">", Add(terms), Subscript(name, index)) | Compare(
            "<=" | "<", Subscript(name, index), Add(terms)
        ):
            own = [t for t in terms if isinstance(t, Subscript) and t.name == name and t.index != index]
            lengths = [
                t for t in terms if isinstance(t, Subscript) and isinstance(model.symbols.get(t.name), Parameter)
            ]
            return len(terms) == 2 and len(own) == 1 and len(lengths) == 1 and lengths[0].index == own[0].index
        case _:
            return False


def idle_side(c: Constraint, wanted: Desires, model: Model, written: Side | None) -> Side | None:
    """A constraint -> the side it is written on where it keeps nothing back that is wanted; None for every other."""
    match c.expr:
        case Compare("<=" | "<" | ">=" | ">" as op, _, _):
            (row,) = _rows(inline(c.expr, model), model)
        case _:
            return None
    asked = {name for name in row if name in wanted}
    if not asked or c.penalty is not None or _resists(row, wanted):
        return None
    return written or ("<=" if op in ("<=", "<") else ">=")
