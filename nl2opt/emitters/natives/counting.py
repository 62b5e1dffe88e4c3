"""Sum or constraint -> Count, GlobalCardinality: how often a value is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nl2opt.emitters.natives.forms import is_total
from nl2opt.ir.model import Constraint, Model
from nl2opt.ir.nodes import Aggregate, Compare, CompareOp, Comprehension, Expr, Generator, Name
from nl2opt.ir.walk import bound_names, free_names
from nl2opt.passes.facts import is_known

_MIRRORED: dict[CompareOp, CompareOp] = {"<=": ">=", ">=": "<=", "==": "=="}


@dataclass(frozen=True, slots=True)
class Count:
    """How many of ``values``, a list, are ``value``: `sum(x[i] == k for i in I)`."""

    values: Comprehension
    value: Expr


@dataclass(frozen=True, slots=True)
class GlobalCardinality:
    """For each ``index`` in ``cover``: the count of it among ``values`` is ``op`` ``times``, which may mention it.

    Values outside the cover are free. The cover is ordered and without duplicates, as every set is.
    """

    values: Comprehension
    index: str
    cover: Expr
    op: Literal["==", "<=", ">="]
    times: Expr


def count(e: Expr, model: Model) -> Count | None:
    """Sum of comparisons with one value -> Count. The values are decided, known filters stay in their generators."""
    match e:
        case Aggregate("sum", Compare("==", left, right), generators):
            pass
        case _:
            return None
    bound = bound_names(generators)
    if not all(is_known(c, model) for g in generators for c in (g.source, *g.conditions)):
        return None
    for values, value in ((left, right), (right, left)):
        if not free_names(value) & bound and not is_known(values, model) and free_names(values) & bound:
            total = is_total(values, model) and is_total(value, model)
            return Count(Comprehension("list", values, generators), value) if total else None
    return None


def global_cardinality(c: Constraint, model: Model) -> GlobalCardinality | None:
    """`sum(x[i] == k for i in I) == times[k]` for k in K -> GlobalCardinality; also with <= and >=."""
    match c.over, c.expr:
        case (Generator((index,), cover, ()),), Compare("==" | "<=" | ">=" as op, left, right):
            pass
        case _:
            return None
    for side, other, told in ((left, right, op), (right, left, _MIRRORED[op])):
        found = count(side, model)
        if found is None or found.value != Name(index) or index in free_names(found.values):
            continue
        if is_known(cover, model) and is_total(other, model):
            return GlobalCardinality(found.values, index, cover, told, other)  # type: ignore[arg-type]
    return None
