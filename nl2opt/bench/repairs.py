"""Reference, answer of another form -> the one change that would make them the same model: the kind of its failure.

Models of any kind are compared, indexed or not: both are brought to their ground forms, and forms that are the same but
for names are the same model (see nl2opt.check.judge). Changes are tried in this order:

    data, unit           other numbers in the same places; a unit where they differ by factors between units
    integrality          whole numbers as reals, on both sides
    extra constraint     one constraint of the answer taken away
    missing constraint   one constraint of the reference taken away
    direction            another sense of the objective, or another comparison in one constraint

What no single change mends has no kind here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Final

from nl2opt.bench.differences import unit_between
from nl2opt.check.judge.isomorphism import Graph, OutOfTime, isomorphism
from nl2opt.check.judge.judge import same_form
from nl2opt.check.judge.labels import shared
from nl2opt.check.judge.side import Clock, Side
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Sense
from nl2opt.ir.nodes import Compare, CompareOp, Expr, Number
from nl2opt.ir.walk import map_children, scopes, subexpressions

OTHER_SENSE: Final[dict[Sense, Sense]] = {"minimize": "maximize", "maximize": "minimize"}
COMPARISONS: Final[tuple[CompareOp, ...]] = ("<=", ">=", "==")
STRICT: Final[dict[CompareOp, tuple[CompareOp, ...]]] = {"<": ("<=", ">", ">="), ">": (">=", "<", "<=")}
"""What a strict comparison may have been meant for; any other for the other two of COMPARISONS."""
VERTICES: Final = 3000
"""Vertices of a drawing beyond which numbers are not set aside: its search could be long."""


def repair(reference: Instance, answer: Instance, clock: Clock) -> str:
    """The kind of the change that makes them the same; '' where none does, or the clock ran out."""
    a, b = Side(reference, "reference", clock), Side(answer, "candidate", clock)
    if a.canonical is None or b.canonical is None:
        return ""
    if _same_but_numbers(a, b, clock):
        return _numbers_kind(reference, answer)
    if same_form(a.like(_as_reals(reference)), b.like(_as_reals(answer)), clock) is not None:
        return "integrality"
    trials: tuple[tuple[str, Iterator[Instance], bool], ...] = (
        ("extra constraint", _shorter(answer), True), ("missing constraint", _shorter(reference), False),
        ("direction", _turned(answer), True),
    )  # fmt: skip
    for kind, changed, of_answer in trials:
        for instance in changed:
            if clock.left <= 0:
                return ""
            pair = (a, b.like(instance)) if of_answer else (a.like(instance), b)
            if _alike(*pair, clock):
                return kind
    return ""


def _alike(a: Side, b: Side, clock: Clock) -> bool:
    """The same form, or so without columns that only one of them has."""
    if same_form(a, b, clock) is not None:
        return True
    return len(a.atoms) != len(b.atoms) and same_form(a.reduced(b), b.reduced(a), clock) is not None


def _as_reals(instance: Instance) -> Instance:
    families = {
        name: replace(family, type="real") if family.type == "integer" and family.within is None else family
        for name, family in instance.variables.items()
    }
    return replace(instance, variables=families)


def _shorter(instance: Instance) -> Iterator[Instance]:
    """The instance without each of its constraints."""
    held = instance.model.constraints
    for k in range(len(held)):
        yield replace(instance, model=replace(instance.model, constraints=(*held[:k], *held[k + 1 :])))


def _turned(instance: Instance) -> Iterator[Instance]:
    """The instance with its objectives the other way, and with each comparison of a constraint another one."""
    model = instance.model
    if model.objectives:
        goals = tuple(replace(o, sense=OTHER_SENSE[o.sense]) for o in model.objectives)
        yield replace(instance, model=replace(model, objectives=goals))
    for k, c in enumerate(model.constraints):
        compared = [e for e in subexpressions(c.expr) if isinstance(e, Compare) and e.op != "!="]
        for old in dict.fromkeys(compared):
            for op in STRICT.get(old.op, COMPARISONS):
                if op != old.op:
                    expr = _with(c.expr, old, Compare(op, old.left, old.right))
                    constraints = (*model.constraints[:k], replace(c, expr=expr), *model.constraints[k + 1 :])
                    yield replace(instance, model=replace(model, constraints=constraints))


def _with(e: Expr, old: Expr, new: Expr) -> Expr:
    return new if e == old else map_children(e, lambda child: _with(child, old, new))


def _same_but_numbers(a: Side, b: Side, clock: Clock) -> bool:
    """Whether the ground forms are the same once every number counts as any other of its sign."""
    if len(a.atoms) != len(b.atoms):
        return False
    mine, theirs = shared(a, b)
    left = next(a.drawings(mine)).graph
    if len(left.colours) > VERTICES:
        return False
    blank = _blank(left)
    try:
        return any(
            isomorphism(blank, _blank(right.graph), min(2.0, clock.left)) is not None for right in b.drawings(theirs)
        )
    except OutOfTime:
        return False


def _blank(graph: Graph) -> Graph:
    """A drawing without its numbers: the places of arguments and of objectives stay, and what has no limit."""
    return Graph([_unnumbered(c) for c in graph.colours], [(s, t, _unnumbered(e)) for s, t, e in graph.edges])


def _unnumbered(label: Hashable) -> Hashable:
    match label:
        case ("times", value):
            return "times", value > 0  # type: ignore[operator]
        case ("sum" | "constant" as op, value):
            return op, value is None
        case ("column", kind, low, high, whole, token):
            return "column", kind, _limited(low), _limited(high), whole, token
    return label


def _limited(value: object) -> bool:
    return not isinstance(value, float) or abs(value) != float("inf")


def _numbers_kind(reference: Instance, answer: Instance) -> str:
    """`unit` where the numbers that only one of them has are those of the other times factors between units."""
    theirs, mine = Counter(_numbers_of(reference)), Counter(_numbers_of(answer))
    missing, added = sorted((theirs - mine).elements()), sorted((mine - theirs).elements())
    apart = bool(missing) and len(missing) == len(added)
    return "unit" if apart and all(map(unit_between, added, missing)) else "data"


def _numbers_of(instance: Instance) -> Iterator[float]:
    """The size of every number of an instance but 0: its data, and those in its expressions."""
    for p in instance.model.parameters:
        values = instance.parameters[p.name]
        derived = isinstance(p.value, Expr) and not isinstance(p.value, Number)
        if values.elements is None and not derived:
            yield from (abs(float(v)) for v in values.exact if v)
    for _, exprs in scopes(instance.model):
        for e in exprs:
            yield from (
                abs(float(n.value)) for n in subexpressions(e) if isinstance(n, Number) and n.value != Fraction(0)
            )
