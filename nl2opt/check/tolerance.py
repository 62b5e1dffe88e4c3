"""Condition + point of floats -> can it be taken to hold: comparisons by their sense, within a tolerance.

A solver holds closed conditions within a tolerance, so over continuous values a point near a boundary belongs to both
sides: a comparison that must hold may be off by the tolerance, and so may one that must fail. `holds` and `fails`
follow the condition down to its comparisons with that rule; a comparison counted inside a sum may count 0 or 1 where
it stands at its boundary (`span`). Everything exact, and everything over integers alone, is judged exactly.

Source: docs/SEMANTICS.md, Strict comparisons and The referee.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from nl2opt.ir.evaluate import Evaluator
from nl2opt.ir.evaluate.arithmetic import ROUNDING, Number, canonical, is_exact
from nl2opt.ir.evaluate.globals import cumulative, no_overlap, no_overlap_2d
from nl2opt.ir.evaluate.outcomes import Env, Undefined, is_number
from nl2opt.ir.model import NamedExpression, Variable
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Boolean,
    Call,
    Compare,
    CompareOp,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    Mul,
    Name,
    Neg,
    Not,
    Or,
    SetLiteral,
    Subscript,
    conjunction,
    mul,
)
from nl2opt.ir.nodes import Number as Numeral
from nl2opt.ir.walk import children, map_children, subexpressions

RELATIVE = ROUNDING
"""Allowed violation of a comparison, relative to 1 + its largest |term|. Source: docs/SEMANTICS.md, The referee."""

_OPPOSITE: dict[CompareOp, CompareOp] = {"<=": ">", ">=": "<", "<": ">=", ">": "<=", "==": "!=", "!=": "=="}

_PLACED = {"no_overlap": (2, (1,)), "no_overlap_2d": (4, (1, 3)), "cumulative": (3, (1,))}
"""Schedules: the numbers of a row, and which of them are lengths."""

_WAYS = 64
"""In how many ways the counts that a function reads are tried at most; beyond, it is taken at their values."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Does a comparison hold, by how much is it violated, and how much would have been allowed."""

    holds: bool
    amount: Number
    allowed: Number


class Judge:
    """Conditions of one instance at one point; ``exact``: the point was given in exact numbers."""

    def __init__(self, evaluator: Evaluator, exact: bool) -> None:
        self.evaluator = evaluator
        self.exact = exact
        self._nested: dict[int, tuple[Expr, bool]] = {}
        self._plain: dict[int, tuple[Expr, Aggregate]] = {}

    def verdict(self, e: Expr, env: Env) -> Verdict:
        """A constraint at a binding -> its verdict; the amount of anything but a comparison is 0 or 1."""
        if isinstance(e, Compare):
            return self.comparison(e, env)
        holds = self.holds(e, env)
        return Verdict(holds, 0 if holds else 1, 0)

    # conditions ------------------------------------------------------------------------------------------------------

    def holds(self, e: Expr, env: Env) -> bool:
        """Can ``e`` be taken to hold here?"""
        return self._judged(e, env, True)

    def fails(self, e: Expr, env: Env) -> bool:
        """Can ``e`` be taken to fail here?"""
        return self._judged(e, env, False)

    def _judged(self, e: Expr, env: Env, wanted: bool) -> bool:
        match e:
            case Compare():
                return self._side(e, env, wanted)
            case And(args) | Or(args):
                results = (self._judged(a, env, wanted) for a in args)
                return all(results) if isinstance(e, And) == wanted else any(results)
            case Not(arg):
                return self._judged(arg, env, not wanted)
            case Implies(condition, consequence):
                sides = ((condition, not wanted), (consequence, wanted))
                results = (self._judged(x, env, side) for x, side in sides)
                return any(results) if wanted else all(results)
            case Iff(left, right):
                pairs = ((True, wanted), (False, not wanted))
                return any(self._judged(left, env, a) and self._judged(right, env, b) for a, b in pairs)
            case IfElse(condition, then, otherwise):
                return any(
                    self._judged(condition, env, side) and self._judged(branch, env, wanted)
                    for side, branch in ((True, then), (False, otherwise))
                )
            case Aggregate("all" | "any"):
                plain = self._unfiltered(e)
                every = (e.function == "all") == wanted
                results = (
                    self._judged(plain.body, env, wanted)
                    for kept in self.evaluator.generate(plain.generators, env)
                    if kept
                )
                return all(results) if every else any(results)
            case Call(function) if function in _PLACED:
                return self._placed(e, env, wanted)
            case In():
                return self._member(e, env, wanted)
            case Name() | Subscript():
                inner = self._body(e, env)
                if inner is not None:
                    return self._judged(inner[0], inner[1], wanted)
                return self.evaluator.condition(e, env) == wanted
            case _:
                return self.evaluator.condition(e, env) == wanted

    def _member(self, e: In, env: Env, wanted: bool) -> bool:
        """A number is in a set where it equals one of its elements, each of which is a comparison."""
        evaluator = self.evaluator
        if evaluator.condition(e, env) == wanted:
            return True
        try:
            if not is_number(evaluator.value(e.item, env)):
                return False
            if isinstance(e.collection, SetLiteral):
                members = e.collection.items
                if not all(is_number(evaluator.value(m, env)) for m in members):
                    return False
            else:
                members = tuple(Numeral(Fraction(v)) for v in evaluator.set_of(e.collection, env) if isinstance(v, int))
        except Undefined:
            return False
        inside = wanted != e.negated
        sides = (self._side(Compare("==", e.item, m), env, inside) for m in members)
        return any(sides) if inside else all(sides)

    def _placed(self, e: Call, env: Env, wanted: bool) -> bool:
        """A schedule of continuous intervals: each may be shorter by the tolerance, or longer where it must fail."""
        evaluator = self.evaluator
        reals = evaluator.reals
        holds = evaluator.condition(e, env)
        if holds == wanted or self.exact or evaluator.reals == reals:
            return holds == wanted
        width, lengths = _PLACED[e.function]
        try:
            rows: Any = [r[:width] for r in evaluator.value(e.args[0], env) if len(r) == width or r[width] != 0]
            capacity: Any = evaluator.number(e.args[1], env) if e.function == "cumulative" else 0
        except Undefined:
            return not wanted
        slack = RELATIVE * (1 + max((Fraction(abs(v)) for r in (*rows, (capacity,)) for v in r), default=Fraction(0)))
        longer = -slack if wanted else slack
        moved = [[Fraction(v) + longer * (i in lengths) for i, v in enumerate(r)] for r in rows]
        kept: Any = [tuple(r) for r in moved if all(r[i] > 0 for i in lengths)]
        if any(r[i] < -slack for r in rows for i in lengths):
            return not wanted
        if e.function == "cumulative":
            return cumulative(kept, capacity - longer) == wanted
        return (no_overlap if e.function == "no_overlap" else no_overlap_2d)(kept) == wanted

    def _body(self, e: Name | Subscript, env: Env) -> tuple[Expr, Env] | None:
        """A named expression -> its expression and its own indices; None for anything else or outside its keys."""
        item = self.evaluator.symbols.get(e.name)
        if not isinstance(item, NamedExpression) or (isinstance(e, Name) and item.over):
            return None
        try:
            key = () if isinstance(e, Name) else self.evaluator.key(e, env)[0]
        except Undefined:
            return None
        own = self.evaluator.bind(item.over, key)
        return None if own is None else (item.expr, own)

    # comparisons -----------------------------------------------------------------------------------------------------

    def _side(self, e: Compare, env: Env, wanted: bool) -> bool:
        verdict = self.comparison(e if wanted else Compare(_OPPOSITE[e.op], e.left, e.right), env, undefined=not wanted)
        return verdict.holds

    def comparison(self, e: Compare, env: Env, undefined: bool = False) -> Verdict:
        """A comparison that must hold -> its verdict. ``undefined``: what it is worth where a side has no value."""
        evaluator = self.evaluator
        reals = evaluator.reals
        try:
            left, right = self.span(e.left, env), self.span(e.right, env)
        except Undefined:
            return Verdict(undefined, 0 if undefined else 1, 0)
        continuous = evaluator.reals > reals
        if not (is_number(left[0]) and is_number(right[0])):
            holds = evaluator.compare(e.op, left[0], right[0], e, env)
            return Verdict(holds, 0 if holds else 1, 0)
        op = e.op
        if continuous:
            op = {"<": "<=", ">": ">="}.get(op, op)  # type: ignore[assignment]
        if op == "!=":
            holds = left[0] != left[1] or right[0] != right[1] or left[0] != right[0] or (continuous and not self.exact)
            return Verdict(holds, 0 if holds else 1, 0)
        excess = self._excess(op, left, right)
        strict = op in ("<", ">")
        if excess < 0 or (excess == 0 and not strict):
            return Verdict(True, 0, 0)
        whole = all(is_exact(v) and canonical(v).denominator == 1 for v in (*left, *right))  # type: ignore[union-attr]
        if strict and whole:
            excess += 1
        if self.exact or whole or strict:
            return Verdict(False, excess, 0)
        allowed = RELATIVE * (1 + Fraction(self.magnitude(Add((e.left, e.right)), env)))
        return Verdict(excess <= allowed, excess, allowed)

    def _excess(self, op: CompareOp, left: tuple[Any, Any], right: tuple[Any, Any]) -> Number:
        below: Number = left[0] - right[1]
        above: Number = right[0] - left[1]
        return below if op in ("<=", "<") else above if op in (">=", ">") else max(below, above, 0)

    # values that count comparisons ---------------------------------------------------------------------------------

    def span(self, e: Expr, env: Env) -> tuple[Any, Any]:
        """Least and greatest value of ``e`` over the ways its comparisons at a boundary may be counted."""
        if not self._counts(e):
            value = self.evaluator.value(e, env)
            return value, value
        match e:
            case Compare() | In() | And() | Or() | Not() | Implies() | Iff() | Aggregate("all" | "any"):
                return self._counted(e, env)
            case Call(function) if function in _PLACED:
                return self._counted(e, env)
            case Name() | Subscript():
                self.evaluator.value(e, env)
                inner = self._body(e, env)
                return self.span(*inner) if inner is not None else (self.evaluator.value(e, env),) * 2
            case Neg(arg):
                low, high = self.span(arg, env)
                return -high, -low
            case Add(terms):
                spans = [self.span(t, env) for t in terms]
                return sum(s[0] for s in spans), sum(s[1] for s in spans)
            case Mul(factors):
                product: tuple[Any, Any] = (1, 1)
                for f in factors:
                    other = self.span(f, env)
                    corners = [a * b for a in product for b in other]
                    product = (min(corners), max(corners))
                return product
            case Aggregate("sum"):
                plain = self._unfiltered(e)
                terms_ = [self.span(plain.body, env) for kept in self.evaluator.generate(plain.generators, env) if kept]
                return sum(t[0] for t in terms_), sum(t[1] for t in terms_)
            case IfElse(condition, then, otherwise):
                self.evaluator.value(e, env)
                sides = ((True, then), (False, otherwise))
                spans = [self.span(x, env) for side, x in sides if self._judged(condition, env, side)]
                return min(s[0] for s in spans), max(s[1] for s in spans)
            case Binary() | Call():
                return self._of_parts(e, env)
            case _:
                value = self.evaluator.value(e, env)
                return value, value

    def _of_parts(self, e: Binary | Call, env: Env) -> tuple[Any, Any]:
        """A function of counts -> its least and greatest value over what its arguments may be counted as."""
        value = self.evaluator.value(e, env)
        parts = [_between(*self.span(c, env)) if self._counts(c) else None for c in children(e)]
        ways = math.prod(len(p) for p in parts if p)
        if not is_number(value) or not 1 < ways <= _WAYS:
            return value, value
        found: list[Any] = [value]
        for chosen in itertools.product(*(p or (None,) for p in parts)):
            with suppress(Undefined):
                found.append(self.evaluator.value(_with_parts(e, chosen), env))
        return min(found), max(found)

    def _counted(self, e: Expr, env: Env) -> tuple[int, int]:
        """A condition -> what it may count; 0 or 1 is no continuous value, whatever is read in it."""
        reals = self.evaluator.reals
        span = int(not self.fails(e, env)), int(self.holds(e, env))
        self.evaluator.reals = reals
        return span

    def _unfiltered(self, e: Aggregate) -> Aggregate:
        """sum, all or any -> the same with its filters over variables in its body, as docs/SEMANTICS.md reads them."""
        if id(e) not in self._plain:
            decided = [c for g in e.generators for c in g.conditions if self._varies(c)]
            generators = tuple(
                replace(g, conditions=tuple(c for c in g.conditions if not self._varies(c))) for g in e.generators
            )
            match (decided, e.function):
                case ([], _):
                    body = e.body
                case (_, "sum"):
                    body = mul(conjunction(Boolean(True), *decided), e.body)
                case (_, "all"):
                    body = Implies(conjunction(*decided), e.body)
                case _:
                    body = conjunction(*decided, e.body)
            self._plain[id(e)] = (e, Aggregate(e.function, body, generators))
        return self._plain[id(e)][1]

    def _varies(self, e: Expr) -> bool:
        """True where an expression reads a variable, by named expressions too."""
        found = [self.evaluator.symbols.get(n) for n in self.evaluator.free(e)]
        return any(isinstance(s, Variable) or (isinstance(s, NamedExpression) and self._varies(s.expr)) for s in found)

    def _counts(self, e: Expr) -> bool:
        """True where a comparison stands inside ``e``, named expressions included."""
        known = self._nested.get(id(e))
        if known is None:
            self._nested[id(e)] = (e, False)
            known = self._nested[id(e)] = (e, any(map(self._is_comparison, subexpressions(e))))
        return known[1]

    def _is_comparison(self, e: Expr) -> bool:
        if isinstance(e, Name | Subscript):
            item = self.evaluator.symbols.get(e.name)
            return isinstance(item, NamedExpression) and self._counts(item.expr)
        return isinstance(e, Compare) or (isinstance(e, Call) and e.function in _PLACED)

    # the size of a row -----------------------------------------------------------------------------------------------

    def magnitude(self, e: Expr, env: Env) -> Number:
        """The largest |term| of an expression, sums opened up."""
        match e:
            case Add(terms):
                return max(self.magnitude(t, env) for t in terms)
            case Neg(arg):
                return self.magnitude(arg, env)
            case Mul(factors):
                size: Number = 1
                for f in factors:
                    size = size * self.magnitude(f, env)
                return size
            case Aggregate("sum" | "min" | "max", body, generators):
                return max((self.magnitude(body, env) for _ in self.evaluator.generate(generators, env)), default=0)
            case Call("abs" | "min" | "max" | "sum", args):
                return max(self.magnitude(a, env) for a in args)
            case IfElse(condition, then, otherwise):
                return self.magnitude(then if self.evaluator.condition(condition, env) else otherwise, env)
            case Binary("/", left, right):
                divisor = self._size(right, env)
                return self.magnitude(left, env) / divisor if divisor else 0
            case Name() | Subscript():
                inner = self._body(e, env)
                return self.magnitude(*inner) if inner is not None else self._size(e, env)
            case Compare() | In() | And() | Or() | Not() | Implies() | Iff():
                return 1
            case _:
                return self._size(e, env)

    def _size(self, e: Expr, env: Env) -> Number:
        try:
            value = self.evaluator.value(e, env)
        except Undefined:
            return 0
        values = value if isinstance(value, list) else [value]
        sizes: list[Number] = [v if v >= 0 else -v for v in values if is_number(v)]
        return max(sizes, default=0)


def _with_parts(e: Expr, values: Sequence[Number | None]) -> Expr:
    """A node -> the same over numbers, where there are any, in place of its children."""
    left = iter(values)

    def taken(child: Expr) -> Expr:
        value = next(left)
        return child if value is None else Numeral(Fraction(value))

    return map_children(e, taken)


def _between(low: Any, high: Any) -> tuple[Number, ...]:
    """What may be counted from ``low`` to ``high``: whole numbers; the ends where these are not whole, or far apart."""
    if not is_number(low) or low == high:
        return ()
    whole = is_exact(low) and is_exact(high) and canonical(low).denominator == canonical(high).denominator == 1  # type: ignore[union-attr]
    return tuple(range(int(low), int(high) + 1)) if whole and high - low <= 4 else (low, high)
