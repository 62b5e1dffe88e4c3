"""Named expressions a program keeps by name: `made = sum(...)`, said once and read everywhere, as the person said it.

Theorem: a named expression denotes its expression (docs/SEMANTICS.md), so an expression of the program bound to the
name once may stand for it. Kept are whole numbers defined at every key whatever the variables: no index or divisor in
them is decided, every index is drawn from the set it looks into. All others are replaced where they are used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nl2opt.emitters.python.indices import plain_sources
from nl2opt.ir.instance import Domain, Instance, VariableDomain
from nl2opt.ir.model import Constraint, Model, NamedExpression, Over, Parameter, Variable
from nl2opt.ir.nodes import Add, Aggregate, Binary, Call, Compare, Expr, Mul, Name, Subscript, Tuple
from nl2opt.ir.walk import children, subexpressions
from nl2opt.passes.facts import is_formula, is_integral, is_known
from nl2opt.passes.members import surely_in

_FUNCTIONS = ("min", "max", "abs", "sum")


@dataclass(frozen=True, slots=True)
class Kept(Variable):
    """What stands for a kept expression in an emitted model; the constraint of the same name defines it."""


def keep_expressions(instance: Instance) -> Instance:
    """Instance -> the same, with a `Kept` and its definition in place of each expression that can be kept.

    The indices of its model are named (`prepared`).
    """
    model = instance.model
    used = {n.name for e in _read(model) for n in subexpressions(e) if isinstance(n, Name | Subscript)}
    kept: list[NamedExpression] = []
    while more := [n for n in model.expressions if n not in kept and n.name in used and _is_kept(n, kept, model)]:
        kept += more
    names = {n.name for n in kept}
    if not kept or names & {c.name for c in model.constraints}:
        return instance
    variables = tuple(Kept(n.name, n.over, "integer", unit=n.unit, description=n.description) for n in kept)
    definitions = tuple(
        Constraint(n.name, Compare("==", _reference(n), n.expr), n.over, anchors=n.anchors) for n in kept
    )
    families = {n.name: _family(n, instance) for n in kept}
    changed = replace(
        model,
        variables=(*model.variables, *variables),
        expressions=tuple(n for n in model.expressions if n.name not in names),
        constraints=(*definitions, *model.constraints),
    )
    return replace(instance, model=changed, variables={**instance.variables, **families})


def _read(model: Model) -> list[Expr]:
    """Expressions in which a name counts as used: hard and soft constraints, objectives, other expressions."""
    named = [n.expr for n in model.expressions]
    return [*(c.expr for c in model.constraints), *(o.expr for o in model.objectives), *named]


def _reference(n: NamedExpression) -> Expr:
    index = tuple(Name(t) for g in n.over for t in g.targets)
    return Subscript(n.name, index) if index else Name(n.name)


def _family(n: NamedExpression, instance: Instance) -> VariableDomain:
    axes = tuple(instance.sets[g.source.name] for g in n.over if isinstance(g.source, Name))
    domain = Domain(axes)
    ends = (None,) * len(domain.keys)
    return VariableDomain(n.name, domain, "integer", ends, ends)


def _is_kept(n: NamedExpression, kept: list[NamedExpression], model: Model) -> bool:
    """True for a number defined at every key, in which no other expressions than the ones kept before are read."""
    plain = plain_sources(n.over, model) and all(isinstance(g.source, Name) and len(g.targets) == 1 for g in n.over)
    worth = isinstance(n.expr, Add | Mul | Aggregate | Call)
    if not (plain and worth) or is_known(n.expr, model) or is_formula(n.expr, model):
        return False
    others = {x.name for x in model.expressions} - {x.name for x in kept}
    if any(isinstance(x, Name | Subscript) and x.name in others for x in subexpressions(n.expr)):
        return False
    return is_integral(n.expr, model) and _is_defined(n.expr, n.over, model)


def _is_defined(e: Expr, over: Over, model: Model) -> bool:
    """True where the form of a number shows that it has a value at every key."""
    match e:
        case Subscript(name, index):
            declared = model.symbols.get(name)
            if not isinstance(declared, Parameter | Variable | NamedExpression) or len(declared.over) != len(index):
                return False
            pairs = zip(index, declared.over, strict=True)
            plain = all(len(g.targets) == 1 and not g.conditions for g in declared.over)
            return plain and all(surely_in(i, g.source, over, model) for i, g in pairs)
        case Aggregate("sum" | "min" | "max", body, generators):
            if e.function != "sum" and any(g.conditions for g in generators):
                return False
            sources = all(isinstance(g.source, Name) and g.source.name in model.symbols for g in generators)
            conditions = all(_is_defined(c, (*over, *generators), model) for g in generators for c in g.conditions)
            return sources and conditions and _is_defined(body, (*over, *generators), model)
        case Call(function, args, _):
            return function in _FUNCTIONS and all(_is_defined(a, over, model) for a in args)
        case Aggregate() | Binary() | Tuple():
            return False
        case _:
            return all(_is_defined(c, over, model) for c in children(e))
