"""Template algebra -> Pattern: what may stand in each slot, and which indices it has to mention.

An index of a pattern stands for a group of indices of the model: `all(... for r in R)` takes whatever the constraint is
stated for, a sum whatever it sums over. A decision written `x[r]` in the pattern mentions the group of `r` and no other
group of the pattern; `s[prev(t)]` mentions it shifted. Indices the pattern does not speak of are free.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import permutations
from typing import Final

from nl2opt.check.unit_names import Vocabulary
from nl2opt.ir.infer import type_of
from nl2opt.ir.infer.scope import Scope, mentioned, variables_of
from nl2opt.ir.infer.types import Numeric
from nl2opt.ir.model import Over, Parameter, Variable
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Boolean,
    Call,
    Compare,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    Name,
    Not,
    Number,
    Or,
    Subscript,
    Tuple,
)
from nl2opt.ir.walk import free_names, subexpressions
from nl2opt.templates import Template

CONDITIONS = Compare | In | And | Or | Not | Implies | Iff
MONEY: Final = frozenset(
    ("usd", "eur", "gbp", "chf", "jpy", "inr", "keur", "meur", "kusd", "musd", "pln", "cent", "penny", "money", "crown")
)
"""Base units a slot of the unit `money` takes."""

TIME: Final = frozenset(("second", "minute", "hour", "day", "week", "month", "year", "shift", "slot", "period"))
"""Base units a slot of the unit `time` takes."""

_DECIDED: Final = frozenset(("variable", "deviation", "choice", "condition", "expression", "total", "tuple"))


@dataclass(frozen=True)
class Pattern:
    """One algebra of a template: its body, what it is stated for, its slots, and the index groups bound so far."""

    expr: Expr
    kinds: Mapping[str, str]
    units: Mapping[str, str]
    over: Over = ()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @staticmethod
    def of(template: Template, expr: Expr) -> Pattern:
        """Template and one of its algebras, read -> a pattern; an outermost `all` is what it is stated for."""
        kinds, units = {s.name: s.kind for s in template.slots}, {s.name: s.unit for s in template.slots}
        match expr:
            case Aggregate("all", body, over):
                return Pattern(body, kinds, units, over)
            case _:
                return Pattern(expr, kinds, units)

    @cached_property
    def shifted(self) -> bool:
        """True where some decision is read one step before or after."""
        return any(isinstance(n, Subscript) and _is_shifted(n) for n in subexpressions(self.expr))

    def varies(self, e: Expr) -> bool:
        """True where a part of the pattern stands for something that depends on variables."""
        return any(self.kinds.get(n) in (*_DECIDED, "array") for n in mentioned(e))

    def stated_for(self, over: Over) -> Iterator[Pattern]:
        """The pattern with its outer indices bound to those of ``over``; nothing where it needs some and has none."""
        if not self.over:
            yield self
            return
        names = [t for g in over for t in g.targets]
        outer = [t for g in self.over for t in g.targets]
        if len(outer) == 1 and names:
            yield replace(self, groups={outer[0]: frozenset(names)})
        elif len(names) >= len(outer) > 1:
            for chosen in permutations(names, len(outer)):
                yield replace(self, groups={o: frozenset((n,)) for o, n in zip(outer, chosen, strict=True)})

    def within(self, own: Over, over: Over) -> Pattern:
        """The pattern inside a generator: its indices take those of ``over``; what a filter joins is one group."""
        if not over:
            return self
        inner = frozenset(t for g in over for t in g.targets)
        groups = dict(self.groups)
        for a, b in ((a, b) for g in over for c in g.conditions for a, b in _joins(c)):
            groups = {k: v | {a} if b in v else v | {b} if a in v else v for k, v in groups.items()}
        return replace(self, groups={**groups, **{t: inner for g in own for t in g.targets}})

    def takes_set(self, source: Name | Subscript, over: Over) -> bool:
        """True where generators fit the source of a pattern: `J[i]` depends on i by more than a join.

        A `window` depends on it by order or by arithmetic; a plain set takes any.
        """
        if isinstance(source, Name):
            return True
        outer = frozenset(n for g in self.groups.values() for n in g)
        tests = [c for g in over for c in g.conditions if outer & free_names(c) and not any(True for _ in _joins(c))]
        windows = any(isinstance(g.source, Call) and outer & free_names(g.source) for g in over)
        windows = windows or any(_is_order(c) for c in tests)
        if self.kinds[source.name] == "window":
            return windows
        return not windows and (bool(tests) or any(outer & free_names(g.source) for g in over))

    def fits(self, q: Name | Subscript, e: Expr, scope: Scope) -> bool:
        """True where ``e`` may stand in the slot of ``q``: of its kind, its unit, and over its indices."""
        kind, unit = self.kinds[q.name], self.units[q.name]
        match kind:
            case "condition":
                good = (
                    is_binary(e, scope) and not isinstance(e, Number | Boolean) and (scope.varies(e) or not self.over)
                )
            case "variable":
                good = _is_decision(e, scope) and (unit != "none" or is_binary(e, scope))
            case "expression" | "total":
                good = scope.varies(e) and not (unit == "amount" and is_binary(e, scope))
            case "deviation":
                good = _is_variable(e, scope) and _is_paid_for(e, scope)
            case "choice":
                good = is_binary(e, scope) and _is_variable(e, scope)
            case "tuple":
                good = isinstance(e, Tuple) and scope.varies(e)
            case "array" | "list" | "amount":
                good = True
            case _:
                good = not scope.varies(e)
        return good and (kind not in _DECIDED or self._spans(q, e))

    def measured(self, slots: Mapping[str, str], scope: Scope) -> bool:
        """True where the slots of money hold something declared in money, and those of time in time."""
        for unit, bases in (("money", MONEY), ("time", TIME)):
            asked = [slots[n] for n, u in self.units.items() if u.split("/")[0] == unit and n in slots]
            if asked and not _measure(" ".join(asked), bases, scope):
                return False
        return True

    def _spans(self, q: Name | Subscript, e: Expr) -> bool:
        wanted = set(mentioned(q)) & self.groups.keys()
        names = free_names(e)
        if any((g in wanted) != bool(names & group) for g, group in self.groups.items()):
            return False
        if not self.shifted or not isinstance(q, Subscript) or not wanted:
            return True
        moving = frozenset(n for g in wanted for n in self.groups[g])
        steps = {_step(i, moving) for n in subexpressions(e) if isinstance(n, Subscript) for i in n.index}
        return (steps - {0} or {0}) == {_step(i, wanted) for i in q.index if wanted & free_names(i)}


def before_the_first(e: Expr, scope: Scope) -> Expr:
    """`s[prev(t)] if t != first(T) else opening` -> `s[prev(t)]`: the branch over variables, the other being data."""
    match e:
        case IfElse(condition, then, otherwise) if not scope.varies(condition):
            varying = [b for b in (then, otherwise) if scope.varies(b)]
            return before_the_first(varying[0], scope) if len(varying) == 1 else e
        case _:
            return e


def is_binary(e: Expr, scope: Scope) -> bool:
    """True for a condition and for whatever is 0 or 1."""
    t = type_of(e, scope)
    return isinstance(t, Numeric) and t.type == "binary"


def _measure(text: str, bases: frozenset[str], scope: Scope) -> bool:
    """True where a name in an expression's text is declared in one of the base units."""
    words = Vocabulary.of(scope.model)
    for name in set(re.findall(r"[^\W\d]\w*", text)):
        symbol = scope.symbols.get(name)
        if isinstance(symbol, Parameter | Variable):
            powers = words.parse(symbol.unit) or {}
            if any(power > 0 and base in bases for base, power in powers.items()):
                return True
    return False


def _is_decision(e: Expr, scope: Scope) -> bool:
    """True for a variable and for a condition that is counted."""
    if isinstance(e, IfElse):
        return not scope.varies(e.condition) and all(_is_decision(b, scope) for b in (e.then, e.otherwise))
    return _is_variable(e, scope) or isinstance(e, CONDITIONS)


def _is_variable(e: Expr, scope: Scope) -> bool:
    return isinstance(e, Name | Subscript) and isinstance(scope.symbols.get(e.name), Variable)


def _is_paid_for(e: Expr, scope: Scope) -> bool:
    """True for a variable that an objective reads and no more than one constraint."""
    names = set(mentioned(e))
    objectives = any(names & variables_of(o.expr, scope) for o in scope.model.objectives)
    return objectives and sum(bool(names & variables_of(c.expr, scope)) for c in scope.model.constraints) <= 1


def _is_shifted(q: Subscript) -> bool:
    return any(isinstance(i, Call) and i.function in ("prev", "next") for i in q.index)


def _step(index: Expr, moving: Set[str]) -> int:
    """An index -> -1 where it is one of ``moving`` some steps before, 1 where after, 0 where it stands still."""
    if not moving & free_names(index):
        return 0
    match index:
        case Call("prev", _):
            return -1
        case Call("next", _):
            return 1
        case Add((_, Number(value))) | Add((Number(value), _)):
            return 1 if value > 0 else -1
        case _:
            return 0


def _joins(c: Expr) -> Iterator[tuple[str, str]]:
    """A filter -> the indices it makes the same."""
    match c:
        case Compare("==", Name(a), Name(b)):
            yield a, b
        case And(args):
            for arg in args:
                yield from _joins(arg)
        case _:
            return


def _is_order(c: Expr) -> bool:
    return any(isinstance(n, Compare) and n.op in ("<", "<=", ">", ">=") for n in subexpressions(c))
