"""Model -> findings about pitfalls of templates: a valid model of the right form that says something else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nl2opt.check.claims import instance_of
from nl2opt.check.pattern import MONEY
from nl2opt.check.periods import ANY, LENGTHS, periods_of
from nl2opt.check.places import Findings, places, spots
from nl2opt.check.pushes import pushed_down
from nl2opt.check.rows import Term, inline, row_of
from nl2opt.check.unit_names import Vocabulary, forms
from nl2opt.errors import Diagnostic
from nl2opt.ir.infer import enter
from nl2opt.ir.infer.scope import Scope, mentioned, variables_of
from nl2opt.ir.model import Anchor, Constraint, Model, Objective, Over, Parameter, Variable, set_names
from nl2opt.ir.nodes import Aggregate, Compare, Expr, Name, Subscript
from nl2opt.ir.polynomial import constant
from nl2opt.ir.text import print_expression
from nl2opt.ir.walk import subexpressions

_OF_THE_WHOLE: Final = re.compile(r"\bof (?:the |its |their )?(?:total|whole|all|everything|entire)\b|\bof all\b", re.I)
_COST: Final = frozenset(("cost", "expense", "wage", "salary", "rent", "fee", "purchase", "fare"))


def check_lints(model: Model) -> tuple[Diagnostic, ...]:
    """Model (statically valid) -> the pitfalls it fell into."""
    found = Findings()
    scope = Scope.of(model)
    _charges(model, scope, found)
    for place, item in places(model):
        if isinstance(item, Constraint) and isinstance(e := inline(item.expr, model), Compare):
            inner = enter(item.over, scope)
            if total := _total_of_periods(item, e, inner):
                found.add("L02", str(place), *total)
            if share := _share_without_itself(item, e, inner):
                found.add("L03", str(place), *share)
        if isinstance(item, Constraint) and (tour := _closes_no_tour(item, scope)):
            found.add("L04", str(place), *tour)
        if isinstance(item, Objective) and item.sense == "maximize":
            for cost in _costs_left_out(item, model, scope):
                found.add("L05", str(place), *cost)
    return tuple(found.found.values())


def _charges(model: Model, scope: Scope, found: Findings) -> None:
    """Choices that cost, are asked for, and are tied to no amount, while an amount is decided for the same things.

    A choice that nothing asks for is W-lower.
    """
    rows = [variables_of(c.expr, scope) for c in model.constraints]
    cheap = pushed_down(model)
    for place, v in places(model):
        if not isinstance(v, Variable) or v.type != "binary" or v.name not in cheap or not v.over:
            continue
        reading = [names for names in rows if v.name in names]
        if not reading or any(names - {v.name} for names in reading):
            continue
        own = set(set_names(v.over)) - {""}
        amounts = (a.name for a in model.variables if a.type in ("real", "integer") and own <= set(set_names(a.over)))
        if own and (amount := next(amounts, None)):
            found.add("L01", str(place), f"`{v.name}` costs, and no constraint ties it to `{amount}`",
                      "an amount only where the choice is made",
                      f"`implies({amount} > 0, {v.name})` for each, or an upper bound times the choice")  # fmt: skip


def _total_of_periods(c: Constraint, e: Compare, scope: Scope) -> tuple[str, str, str] | None:
    """A sum over periods beside a number that is told for one of them."""
    row = row_of(e, scope, scope.varies)
    if row.op != "<=" or not row.terms:
        return None
    summed = [_periods(t.generators, scope.model) for t in row.terms]
    periods = summed[0].intersection(*summed[1:]) - periods_of(c.over, scope.model) - {ANY}
    names = {n for m in row.constant for a in m for n in mentioned(a)}
    bounds = [p for p in scope.model.parameters if p.name in names and not periods_of(p.over, scope.model)]
    for period in sorted(periods):
        for p in bounds:
            told = _told_for(period, p.anchors) or (period in _per(p.unit, scope.model) and f"unit {p.unit}")
            if told:
                return (f"a sum over every {period} beside `{p.name}`, told for one ({told})",
                        f"the amount of each {period} beside it",
                        f"state the constraint `for` each {period}, or multiply by how many there are")  # fmt: skip
    return None


def _periods(over: Over, model: Model) -> frozenset[str]:
    return frozenset().union(*(periods_of((g,), model) for g in over))


def _told_for(period: str, anchors: tuple[Anchor, ...]) -> str:
    """The quote that tells something for each period: `40 hours a week`."""
    said = re.compile(rf"\b(?:an?|each|every|per|in one|in any) {period}\b|\b{period}ly\b", re.I)
    return next((f"“{a.text}”" for a in anchors if a.kind == "quote" and said.search(a.text)), "")


def _per(unit: str, model: Model) -> frozenset[str]:
    """The periods a unit is divided by."""
    powers = Vocabulary.of(model).parse(unit) or {}
    return frozenset(base for base, power in powers.items() if power < 0 and base in LENGTHS)


def _share_without_itself(c: Constraint, e: Compare, scope: Scope) -> tuple[str, str, str] | None:
    """`x['a'] <= p * (x['b'] + x['c'])` where the words say: of the total."""
    quotes = [a.text for a in c.anchors if a.kind == "quote" and _OF_THE_WHOLE.search(a.text)]
    row = row_of(e, scope, scope.varies)
    if not quotes or row.op != "<=" or row.constant or len(row.terms) < 2:
        return None
    for part in row.terms:
        others = [t for t in row.terms if t is not part]
        own = constant(part.coefficient)
        if own in (1, -1) and _family(part) and all(_family(t) == _family(part) for t in others):
            signs = {(constant(t.coefficient) or 0) * own for t in others}
            if len(signs) == 1 and -1 < signs.pop() < 0 and not any(t.generators for t in row.terms):
                assert part.atom is not None
                shown = print_expression(part.atom)
                return (f"a share “{quotes[0]}” of a sum without `{shown}`", f"the total with `{shown}` in it",
                        f"add `{shown}` to the sum")  # fmt: skip
    return None


def _family(t: Term) -> str:
    return t.atom.name if isinstance(t.atom, Subscript) else ""


def _closes_no_tour(c: Constraint, scope: Scope) -> tuple[str, str, str] | None:
    """Positions that grow along every leg, the one back to the start too, though each place is left once."""
    over = (*c.over, *(c.expr.generators if isinstance(c.expr, Aggregate) and c.expr.function == "all" else ()))
    whole = {g.source.name for g in over if isinstance(g.source, Name)}
    if len(over) != 2 or len(whole) != 1 or any(not _only_apart(x) for g in over for x in g.conditions):
        return None
    slots = instance_of(c, "ordered_if_chosen", scope)
    legs = re.match(r"\w+", (slots or {}).get("v", ""))
    if not legs:
        return None
    for other in scope.model.constraints:
        leaves = legs[0] in variables_of(other.expr, scope) and not any(g.conditions for g in other.over)
        if leaves and _over_all(other, whole) and instance_of(other, "exactly_one", scope) is not None:
            found = f"`{legs[0]}` may lead back to the first place, and the positions would grow all the way round"
            return found, "positions that begin anew at one place", "leave one place out, or say `circuit(succ)`"
    return None


def _over_all(c: Constraint, whole: set[str]) -> bool:
    """True where a constraint stands for each element of a set, and sums over no other, which may have more places."""
    summed = [g.source for e in subexpressions(c.expr) if isinstance(e, Aggregate) for g in e.generators]
    return set(set_names(c.over)) == whole and all(isinstance(s, Name) and s.name in whole for s in summed)


def _only_apart(condition: Expr) -> bool:
    """True for `i != j` between two indices, which leaves no place out."""
    return (
        isinstance(condition, Compare)
        and condition.op == "!="
        and isinstance(condition.left, Name)
        and isinstance(condition.right, Name)
    )


def _costs_left_out(o: Objective, model: Model, scope: Scope) -> Iterator[tuple[str, str, str]]:
    """Costs in money that only a side calculation reads, while the goal counts money; one nothing reads is W-unused."""
    counted = set(mentioned(inline(o.expr, model)))
    money = {p.name for p in model.parameters if _is_money(p, model)}
    if not counted & money:
        return
    binding = {n for c in model.constraints for n in mentioned(inline(c.expr, model))}
    aside = {n for s in spots(model) if s.role in ("expression", "output") for n in mentioned(s.expr)}
    derived = {n for s in spots(model) if s.role in ("value", "bound", "set", "penalty") for n in mentioned(s.expr)}
    for p in model.parameters:
        words = {f for w in re.findall(r"[a-z]+", p.name.lower()) for f in forms(w)}
        if p.name in (money & aside) - counted - binding - derived and words & _COST:
            yield (f"the goal counts money, and `{p.name}` is only told beside it", "what is earned less what is spent",
                   f"subtract what `{p.name}` comes to, or leave it out")  # fmt: skip


def _is_money(p: Parameter, model: Model) -> bool:
    powers = Vocabulary.of(model).parse(p.unit) or {}
    return any(power > 0 and base in MONEY for base, power in powers.items())
