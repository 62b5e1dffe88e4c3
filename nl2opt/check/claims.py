"""Model -> findings about the templates its constraints claim, and the template of an expression that claims none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from nl2opt.check.matching import Pattern, Slots, match
from nl2opt.check.places import Findings, places
from nl2opt.check.rows import inline
from nl2opt.errors import Diagnostic
from nl2opt.ir.infer import enter
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.model import Constraint, Model
from nl2opt.ir.nodes import Add, Aggregate, And, Call, Compare, Expr, Mul, Name
from nl2opt.ir.spelling import nearest
from nl2opt.ir.text import parse_expression
from nl2opt.ir.walk import subexpressions
from nl2opt.templates import Template, load_templates


@dataclass(frozen=True, slots=True)
class Recognition:
    """The template an expression is an instance of, and what fills its slots."""

    template: str
    slots: Slots


def check_claims(model: Model) -> tuple[Diagnostic, ...]:
    """Model (statically valid) -> a finding for every constraint that is no instance of the template it claims."""
    found = Findings()
    scope = Scope.of(model)
    known = load_templates()
    for place, item in places(model):
        if not isinstance(item, Constraint) or not item.template:
            continue
        if item.template not in known:
            found.add("T02", str(place), item.template, "a constraint template", nearest(item.template, known))
        elif instance_of(item, item.template, scope) is None:
            like = recognise(item, scope)
            fix = f"it looks like {like.template}" if like else "leave out `template`"
            expected = " or ".join(dict.fromkeys(known[item.template].algebra.values()))
            found.at(place, "T01", item.expr, f"template {item.template}", expected, fix)
    return tuple(found.found.values())


def instance_of(constraint: Constraint, template: str, scope: Scope) -> Slots | None:
    """Constraint and the name of a template -> its slots; None where it is no instance.

    Of several conditions joined by `and` every one must be an instance; the slots are those of the first.
    """
    inner = enter(constraint.over, scope)
    first: Slots | None = None
    for part, around in _parts(inline(constraint.expr, scope.model), inner):
        found = next((s for p in _patterns(template) if (s := match(p, part, around)) is not None), None)
        if found is None:
            return None
        first = first if first is not None else found
    return first


def recognise(constraint: Constraint, scope: Scope) -> Recognition | None:
    """Constraint -> the most specific template it is an instance of, None if there is none."""
    found = [
        Recognition(name, slots)
        for name in load_templates()
        if (slots := instance_of(constraint, name, scope)) is not None
    ]
    whole = _multiplies_a_sum(constraint.expr, scope)
    op = constraint.expr.op if isinstance(constraint.expr, Compare) else ""
    return min(found, key=lambda r: _specificity(load_templates()[r.template], whole, op), default=None)


def _specificity(template: Template, whole: bool, op: str) -> tuple[int, int, bool, str]:
    """Fewer slots come first, then the direction as written; of a share and a comparison the share, where a sum is
    multiplied as a whole."""
    directed = any(isinstance(p.expr, Compare) and p.expr.op == op for p in _patterns(template.name))
    parts = any(
        isinstance(n, Mul) and any(isinstance(f, Aggregate) for f in n.factors)
        for p in _patterns(template.name)
        for n in subexpressions(p.expr)
    )
    return (0 if parts and whole else 2 if parts else 1), len(template.slots), not directed, template.name


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


def _parts(e: Expr, scope: Scope) -> Iterator[tuple[Expr, Scope]]:
    """A condition -> the conditions it demands, with the scope around each."""
    match e:
        case And(args):
            for a in args:
                yield from _parts(a, scope)
        case Aggregate("all", body, generators):
            yield from _parts(body, enter(generators, scope))
        case _:
            yield e, scope


@cache
def _patterns(template: str) -> tuple[Pattern, ...]:
    known = load_templates()[template]
    algebras = dict.fromkeys(known.algebra.values())
    return tuple(Pattern.of(known, parse_expression(a, f"template {template}")) for a in algebras)
