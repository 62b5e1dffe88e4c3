"""Bindings -> every pair of different bindings, each pair once: what all_different and no_overlap range over."""

from __future__ import annotations

from dataclasses import replace

from nl2opt.ir.model import Over
from nl2opt.ir.nodes import Call, Compare, Expr, Name, conjunction, disjunction
from nl2opt.passes.rewrite import negation, renamed


def pairs(over: Over, bodies: tuple[Expr, ...], taken: set[str]) -> tuple[Over, tuple[Expr, ...]]:
    """Generators with bodies -> generators over pairs, and the bodies at the second binding of each pair.

    The second binding comes later in the order of the sets; where tuples are unpacked, which have no place in an order
    by their coordinates, it is a different one, so that a pair comes twice.
    """
    names = {t for g in over for t in g.targets} | taken
    second, others = renamed(over, bodies, names)
    condition = _differ(over, second) if any(len(g.targets) > 1 for g in over) else _later(over, second)
    last = replace(second[-1], conditions=(*second[-1].conditions, condition))
    return (*over, *second[:-1], last), others


def _later(over: Over, second: Over) -> Expr:
    first, other = over[0].targets[0], second[0].targets[0]
    before = Compare("<", Call("position", (Name(first),)), Call("position", (Name(other),)))
    if len(over) == 1:
        return before
    return disjunction(before, conjunction(Compare("==", Name(first), Name(other)), _later(over[1:], second[1:])))


def _differ(over: Over, second: Over) -> Expr:
    same = [
        Compare("==", Name(a), Name(b))
        for g, h in zip(over, second, strict=True)
        for a, b in zip(g.targets, h.targets, strict=True)
    ]
    return negation(conjunction(*same))
