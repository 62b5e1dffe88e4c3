"""Model -> findings about the templates its items claim, and the template of an expression that claims none.

Of several templates an expression is an instance of, the most specific one is its own: a template that `kind_of` names
as another's parent gives way to it. An instance of a child is an instance of its parents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from nl2opt.check.laying import Slots
from nl2opt.check.matching import match, match_objective
from nl2opt.check.pattern import Pattern
from nl2opt.check.places import Findings, Place, places
from nl2opt.check.rows import inline
from nl2opt.errors import Diagnostic
from nl2opt.ir.infer import enter
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.model import Constraint, Model, Objective, Over
from nl2opt.ir.nodes import Add, Aggregate, And, Call, Compare, Expr, Mul, Name
from nl2opt.ir.spelling import nearest
from nl2opt.ir.text import parse_expression
from nl2opt.ir.walk import subexpressions
from nl2opt.templates import Template, load_objectives, load_templates


@dataclass(frozen=True, slots=True)
class Recognition:
    """The template an expression is an instance of, and what fills its slots."""

    template: str
    slots: Slots


def check_claims(model: Model) -> tuple[Diagnostic, ...]:
    """Model (statically valid) -> a finding for every item that is no instance of the template it claims."""
    found = Findings()
    scope = Scope.of(model)
    for place, item in places(model):
        if isinstance(item, Constraint) and item.template:
            true = item.template in load_templates() and instance_of(item, item.template, scope) is not None
            if not true:
                _refuse(found, place, item.template, item.expr, load_templates(), recognise(item, scope))
        elif isinstance(item, Objective) and item.template:
            true = item.template in load_objectives() and goal_of(item, item.template, scope) is not None
            if not true:
                _refuse(found, place, item.template, item.expr, load_objectives(), recognise_objective(item, scope))
    return tuple(found.found.values())


def _refuse(
    found: Findings, place: Place, claim: str, e: Expr, known: Mapping[str, Template], like: Recognition | None
) -> None:
    if claim not in known:
        kind = "objective" if place.section == "objectives" else "constraint"
        found.add("T02", str(place), claim, f"{'an' if kind == 'objective' else 'a'} {kind} template",
                  nearest(claim, known))  # fmt: skip
        return
    fix = f"it looks like {like.template}" if like else "leave out `template`"
    expected = " or ".join(dict.fromkeys(known[claim].algebra.values()))
    found.at(place, "T01", e, f"template {claim}", expected, fix)


def instance_of(constraint: Constraint, template: str, scope: Scope) -> Slots | None:
    """Constraint and the name of a template -> its slots; None where it is no instance of it or of a child.

    Of several conditions joined by `and` every one must be an instance; the slots are those of the first.
    """
    e = inline(constraint.expr, scope.model)
    kinds = (template, *sorted(_descendants(template)))
    return next((s for n in kinds if (s := _constraint(n, constraint, e, scope)) is not None), None)


def goal_of(objective: Objective, template: str, scope: Scope) -> Slots | None:
    """Objective and the name of an objective template -> its slots; None where it is no instance."""
    e = inline(objective.expr, scope.model)
    known = load_objectives()
    kinds = (template, *sorted(n for n, t in known.items() if template in _ancestors(t, known)))
    return next((s for n in kinds if (s := _goal(known[n], objective, e, scope)) is not None), None)


def recognise(constraint: Constraint, scope: Scope) -> Recognition | None:
    """Constraint -> the most specific template it is an instance of, None if there is none."""
    known = load_templates()
    e = inline(constraint.expr, scope.model)
    found = {n: s for n in known if (s := _constraint(n, constraint, e, scope)) is not None}
    whole = _multiplies_a_sum(constraint.expr, scope)
    op = constraint.expr.op if isinstance(constraint.expr, Compare) else ""
    best = min(_most_specific(found, known), key=lambda n: _specificity(known[n], whole, op), default=None)
    return Recognition(best, found[best]) if best else None


def recognise_objective(objective: Objective, scope: Scope) -> Recognition | None:
    """Objective -> the most specific objective template it is an instance of, None if there is none."""
    known = load_objectives()
    e = inline(objective.expr, scope.model)
    found = {n: s for n, t in known.items() if (s := _goal(t, objective, e, scope)) is not None}
    best = min(_most_specific(found, known), key=lambda n: (len(known[n].slots), n), default=None)
    return Recognition(best, found[best]) if best else None


def _constraint(name: str, constraint: Constraint, e: Expr, scope: Scope) -> Slots | None:
    if load_templates()[name].soft and constraint.penalty is None:
        return None
    e, inner, stated = _stated(e, enter(constraint.over, scope), constraint.over)
    if isinstance(e, And) and (found := _first(name, e, inner, stated)) is not None:
        return found
    slots: Slots | None = None
    for part, around, over in _parts(e, inner, stated):
        found = _first(name, part, around, over)
        if found is None:
            return None
        slots = slots if slots is not None else found
    return slots


def _stated(e: Expr, scope: Scope, over: Over) -> tuple[Expr, Scope, Over]:
    """`all(... for ...)` as a condition stated for what it ranges over."""
    match e:
        case Aggregate("all", body, generators):
            return _stated(body, enter(generators, scope), (*over, *generators))
        case _:
            return e, scope, over


def _first(name: str, e: Expr, scope: Scope, over: Over) -> Slots | None:
    patterns = _patterns(load_templates()[name])
    return next((s for p in patterns if (s := match(p, e, scope, over)) is not None), None)


def _goal(template: Template, objective: Objective, e: Expr, scope: Scope) -> Slots | None:
    if template.sense and template.sense != objective.sense:
        return None
    if template.soft and all(c.penalty is None for c in scope.model.constraints):
        return None
    return next((s for p in _patterns(template) if (s := match_objective(p, e, scope)) is not None), None)


def _ancestors(template: Template, known: Mapping[str, Template]) -> frozenset[str]:
    own = frozenset(template.kind_of)
    return own.union(*(_ancestors(known[n], known) for n in own))


def _descendants(name: str) -> frozenset[str]:
    known = load_templates()
    return frozenset(n for n, t in known.items() if name in _ancestors(t, known))


def _most_specific(found: Mapping[str, Slots], known: Mapping[str, Template]) -> list[str]:
    """Names of templates -> those that are no parent of another of them."""
    general = frozenset[str]().union(*(_ancestors(known[n], known) for n in found))
    return [n for n in found if n not in general]


def _specificity(
    template: Template, whole: bool, op: str
) -> tuple[bool, int, int, bool, int, bool, int, int, bool, str]:
    """What is paid for first, then what speaks of conditions, of choices, of a family, then what leaves least open.

    Fewer slots come first, then the direction as written; of a share and a comparison the share, where a sum is
    multiplied as a whole.
    """
    kinds = [slot.kind for slot in template.slots]
    choices = sum(slot.kind == "variable" and slot.unit == "none" for slot in template.slots)
    patterns = _patterns(template)
    directed = any(isinstance(p.expr, Compare) and p.expr.op == op for p in patterns)
    parts = any(
        isinstance(n, Mul) and any(isinstance(f, Aggregate) for f in n.factors)
        for p in patterns
        for n in subexpressions(p.expr)
    )
    shares = 0 if parts and whole else 2 if parts else 1
    family = not any(p.over for p in patterns)
    plain = not any(slot.unit == "money" for slot in template.slots)
    logic = -kinds.count("condition") - 2 * kinds.count("total")  # an amount beside a condition says more than two
    return (not template.soft, logic, shares, plain, -choices, family, kinds.count("expression"),
            len(kinds), not directed, template.name)  # fmt: skip


def _multiplies_a_sum(e: Expr, scope: Scope) -> bool:
    for node in subexpressions(e):
        if isinstance(node, Mul):
            for f in node.factors:
                sums = isinstance(f, Add | Aggregate) or (isinstance(f, Call) and f.function == "sum")
                if (sums or (isinstance(f, Name) and f.name in _expressions(scope))) and scope.varies(f):
                    return True
    return False


def _expressions(scope: Scope) -> frozenset[str]:
    return frozenset(n.name for n in scope.model.expressions)


def _parts(e: Expr, scope: Scope, over: Over) -> Iterator[tuple[Expr, Scope, Over]]:
    """A condition -> the conditions it demands, each with the scope around and what it is stated for."""
    match e:
        case And(args):
            for a in args:
                yield from _parts(a, scope, over)
        case Aggregate("all", body, generators):
            yield from _parts(body, enter(generators, scope), (*over, *generators))
        case _:
            yield e, scope, over


@cache
def _patterns_of(template: str, objective: bool) -> tuple[Pattern, ...]:
    known = (load_objectives() if objective else load_templates())[template]
    algebras = dict.fromkeys((*known.algebra.values(), *known.also))
    return tuple(Pattern.of(known, parse_expression(a, f"template {template}")) for a in algebras)


def _patterns(template: Template) -> tuple[Pattern, ...]:
    return _patterns_of(template.name, template.objective)
