"""Instance -> the instance a MiniZinc model is written from: passes applied, named expressions kept where they may be.

A named expression is a declaration of its own where it is defined at every key and whatever the variables are, because
a declaration is undefined as a whole where one cell is; else it stands where it is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from nl2opt.emitters.natives.forms import is_total
from nl2opt.emitters.python.given import without_replaced
from nl2opt.emitters.python.indices import dependent, name_indices, prepared
from nl2opt.emitters.python.inferred import with_inferred
from nl2opt.errors import EvaluationError
from nl2opt.ir.evaluate import bindings, evaluate
from nl2opt.ir.instance import Instance, Point
from nl2opt.ir.model import Constraint, Model, NamedExpression
from nl2opt.ir.nodes import ZERO, Add, Aggregate, Call, Comprehension, Expr, Name, Subscript, add
from nl2opt.ir.walk import map_children, subexpressions
from nl2opt.passes.elements import is_element_valued
from nl2opt.passes.expand_arrays import expand_arrays
from nl2opt.passes.facts import is_known
from nl2opt.passes.inline_expressions import inline_expressions
from nl2opt.passes.rewrite import Rewrite


def prepare(instance: Instance, pipeline: Iterable[Rewrite]) -> Instance:
    """Instance -> the same after the passes, every index named, every inferred value known."""
    instance = without_replaced(instance)
    model, _ = expand_arrays(prepared(instance.model, instance))
    model = _inlined(model, kept(model, instance))
    for rewrite in pipeline:
        model, _ = rewrite(model)
    model = _without_markers(model, instance)
    return with_inferred(replace(instance, model=name_indices(model, instance)), instance)


def _without_markers(model: Model, instance: Instance) -> Model:
    """Model -> the model without parameters that a rewrite made to be 0 wherever a key is defined; where they are
    looked up, every key is."""
    made = frozenset(p.name for p in model.parameters if p.name not in instance.parameters and p.value == ZERO)

    def cleared(e: Expr) -> Expr:
        if isinstance(e, Subscript) and e.name in made:
            return ZERO
        changed = map_children(e, cleared)
        return add(*(t for t in changed.terms if t != ZERO)) if isinstance(changed, Add) else changed

    return replace(
        model,
        parameters=tuple(p for p in model.parameters if p.name not in made),
        expressions=tuple(replace(n, expr=cleared(n.expr)) for n in model.expressions),
        constraints=tuple(replace(c, expr=cleared(c.expr)) for c in model.constraints),
        objectives=tuple(replace(o, expr=cleared(o.expr)) for o in model.objectives),
    )


def kept(model: Model, instance: Instance) -> frozenset[str]:
    """Model -> the named expressions that are used and may be declarations."""
    point = _some_point(instance)
    used = _used(model)
    return frozenset(n.name for n in model.expressions if n.name in used and _is_plain(n, model, instance, point))


def _some_point(instance: Instance) -> Point:
    """Instance -> a value for each variable, any that fits its type."""
    return {
        name: {
            key: family.within[place].elements[0] if family.within is not None else family.lower[place] or Fraction(0)
            for place, key in enumerate(family.domain.keys)
            if family.within is None or family.within[place].elements
        }
        for name, family in instance.variables.items()
    }


def _used(model: Model) -> set[str]:
    """Named expressions that constraints and objectives need, through others too."""
    found: set[str] = set()
    waiting: list[Expr] = [c.expr for c in model.constraints] + [o.expr for o in model.objectives]
    waiting += [c.penalty for c in model.constraints if c.penalty is not None]
    while waiting:
        for node in subexpressions(waiting.pop()):
            if isinstance(node, Name | Subscript) and node.name not in found:
                declared = model.symbols.get(node.name)
                if isinstance(declared, NamedExpression):
                    found.add(node.name)
                    waiting.append(declared.expr)
    return found


def _is_plain(n: NamedExpression, model: Model, instance: Instance, point: Point) -> bool:
    """True where the expression is a number or condition, always defined, over a product of sets."""
    if dependent(n.over) or any(g.conditions for g in n.over) or not is_total(n.expr, model):
        return False
    if is_element_valued(n.expr, model) or is_known(n.expr, model):
        return False
    for node in subexpressions(n.expr):
        if isinstance(node, Call) and node.function == "piecewise":
            return False  # its x is kept between two points wherever it is declared
        if isinstance(node, Aggregate | Comprehension) and not all(
            is_known(c, model) for g in node.generators for c in g.conditions
        ):
            return False
    try:
        for _, at in bindings(n.over, instance):
            evaluate(n.expr, instance, point, at)
    except EvaluationError:
        return False
    return True


def _inlined(model: Model, kept: frozenset[str]) -> Model:
    """Model -> the model whose only named expressions are the kept ones; these are inlined into as all others are."""
    stay = [n for n in model.expressions if n.name in kept]
    leave = tuple(n for n in model.expressions if n.name not in kept)
    if not leave:
        return model
    standing = tuple(Constraint(f"expression {n.name}", n.expr, n.over) for n in stay)
    changed, _ = inline_expressions(
        replace(model, expressions=leave, constraints=(*standing, *model.constraints))
    )  # fmt: skip
    bodies = {c.name: c for c in changed.constraints}
    names = {c.name for c in standing}
    expressions = tuple(
        replace(n, expr=bodies[f"expression {n.name}"].expr, over=bodies[f"expression {n.name}"].over) for n in stay
    )
    constraints = tuple(c for c in changed.constraints if c.name not in names)
    return replace(changed, constraints=constraints, expressions=expressions)
