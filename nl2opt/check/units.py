"""Model -> findings about units: both sides of a comparison, a sum or a bound declare theirs, and they differ.

First version: a unit is inferred only where it follows from declarations alone. A literal other than 0, 1, -1 may carry
any unit and makes its term unknown; binaries and conditions count things and fit everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

from nl2opt.check.places import Findings, places, spots
from nl2opt.ir.infer.reports import Report
from nl2opt.ir.model import Model, NamedExpression, Parameter, Variable
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    Binary,
    Call,
    Compare,
    Expr,
    IfElse,
    ListLiteral,
    Mul,
    Name,
    Neg,
    Number,
    Subscript,
)
from nl2opt.ir.walk import children

Unit = dict[str, int]
"""Base unit -> power, none of them 0."""

_SAME = {
    "$": "USD", "dollar": "USD", "usd": "USD", "€": "EUR", "euro": "EUR", "eur": "EUR", "£": "GBP", "pound": "GBP",
    "h": "hour", "hr": "hour", "min": "minute", "s": "second", "sec": "second", "d": "day", "wk": "week",
    "kilogram": "kg", "gram": "g", "kilometre": "km", "kilometer": "km", "metre": "m", "meter": "m", "liter": "litre",
    "l": "litre", "ton": "tonne", "t": "tonne", "unit": "piece", "item": "piece", "pc": "piece", "pcs": "piece",
}  # fmt: skip
_TIMES = frozenset(("second", "minute", "hour", "day", "shift", "week", "month", "quarter", "year", "period"))
_TOKEN = re.compile(r"\s*(?:([^\W\d]+|[$€£])(?:\s*(?:\^|\*\*)\s*(\d))?|([*/·()])|(1)(?=\s*/))")


def parse_unit(text: str) -> Unit | None:
    """`EUR/crate`, `kg*m/s^2`, `EUR per piece` -> powers of base units; None where it cannot be read; '' is None."""
    text = re.sub(r"\bper\b", "/", text.strip())
    if not text:
        return None
    unit: Unit = {}
    sign, below, at = 1, False, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return None
        word, power, mark, _ = match.groups()
        if word:
            base = _base(word)
            unit[base] = unit.get(base, 0) + sign * int(power or 1)
            sign = -1 if below else 1
        elif mark == "/":
            sign = -1
        elif mark == "(":
            below = sign == -1
        elif mark == ")":
            sign, below = 1, False
        at = match.end()
    return {b: p for b, p in unit.items() if p}


def _base(word: str) -> str:
    """A word of a unit -> its base unit, in the singular: `Boxes` and `box` are one."""
    lower = word.lower()
    singular = lower
    if len(lower) > 3 and lower.endswith("s") and not lower.endswith("ss"):
        if lower.endswith("ies"):
            singular = lower[:-3] + "y"
        else:
            singular = lower[:-2] if re.search(r"(?:x|ch|sh|ss|z)es$", lower) else lower[:-1]
    return next((_SAME[form] for form in (word, lower, singular) if form in _SAME), singular)


def show_unit(unit: Unit) -> str:
    """Powers of base units -> `EUR/crate`; a plain number is `1`."""
    above = [f"{b}^{p}" if p > 1 else b for b, p in unit.items() if p > 0]
    below = [f"{b}^{-p}" if p < -1 else b for b, p in unit.items() if p < 0]
    return "*".join(above or ["1"]) + "".join(f"/{b}" for b in below)


def check_units(model: Model, found: Findings) -> None:
    """Comparisons, sums, bounds and named expressions whose declared units differ."""
    units = _Units(model)
    for place, item in places(model):
        if isinstance(item, Variable):
            own = parse_unit(item.unit)
            for bound in (item.lower, item.upper):
                if bound is not None:
                    _agree(own, units.of(bound, partial(found.at, place)), bound, partial(found.at, place))
        elif isinstance(item, NamedExpression):
            report: Report = partial(found.at, place)
            _agree(parse_unit(item.unit), units.of(item.expr, report), item.expr, report)
    for spot in spots(model):
        if spot.role in ("constraint", "objective"):
            units.of(spot.expr, partial(found.at, spot.place))


def _agree(a: Unit | None, b: Unit | None, node: Expr, report: Report, op: str = "beside") -> None:
    """Report two known units that differ; a plain number (a count) fits everything."""
    if not a or not b or a == b:
        return
    quotient = {u: a.get(u, 0) - b.get(u, 0) for u in sorted({*a, *b}) if a.get(u, 0) != b.get(u, 0)}
    single_time = set(quotient) <= _TIMES and len(quotient) == 1
    missing = show_unit({u: -p for u, p in quotient.items()})
    code = "W-unit" if single_time else "U03"
    found = f"{show_unit(a)} {op} {show_unit(b)}"
    report(code, node, found, "the same unit on both sides", f"multiply by something in {missing}")


class _Units:
    """The units of a model's declarations, and of the expressions over them."""

    def __init__(self, model: Model) -> None:
        self.declared: dict[str, Unit | None] = {}
        self.expressions = {n.name: n for n in model.expressions}
        items: tuple[Parameter | Variable, ...] = (*model.parameters, *model.variables)
        for item in items:
            counted = item.type == "binary" and not item.unit
            self.declared[item.name] = {} if counted else parse_unit(item.unit)

    def of(self, e: Expr, report: Report) -> Unit | None:
        """Node -> its unit, None where it does not follow from declarations."""
        match e:
            case Name(name) | Subscript(name, _):
                return self.named(name)
            case Neg(arg):
                return self.of(arg, report)
            case Number(value):
                return {} if value in (1, -1) else None
            case Add(terms):
                return self.same(terms, report)
            case Mul(factors):
                return self.product([(f, 1) for f in factors], report)
            case Binary("/", left, right):
                return self.product([(left, 1), (right, -1)], report)
            case Binary("**", left, Number(value)) if value.denominator == 1:
                base = self.of(left, report)
                return None if base is None else {b: p * int(value) for b, p in base.items() if value}
            case Aggregate("sum" | "min" | "max", body, generators):
                for g in generators:
                    for c in g.conditions:
                        self.of(c, report)
                return self.of(body, report)
            case Call("abs" | "floor" | "ceil", (arg,), _):
                return self.of(arg, report)
            case Call("sum" | "min" | "max", args, _):
                parts = [i for a in args for i in (a.items if isinstance(a, ListLiteral) else (a,))]
                return self.same(parts, report)
            case IfElse(condition, then, otherwise):
                self.of(condition, report)
                return self.same((then, otherwise), report)
            case Compare(op, left, right):
                _agree(self.of(left, report), self.of(right, report), e, report, op)
                return {}
            case _:
                for c in children(e):
                    self.of(c, report)
                return None

    def named(self, name: str) -> Unit | None:
        expression = self.expressions.get(name)
        if expression is None:
            return self.declared.get(name)
        if name not in self.declared:
            self.declared[name] = None
            self.declared[name] = parse_unit(expression.unit) or self.of(expression.expr, lambda *_: None)
        return self.declared[name]

    def same(self, terms: Iterable[Expr], report: Report) -> Unit | None:
        """Units of terms that must agree -> the common one, where all of them are known."""
        found: Unit | None = None
        certain = True
        for t in terms:
            unit = self.of(t, report)
            if unit is None:
                certain = certain and isinstance(t, Number)
            elif found:
                _agree(found, unit, t, report, "beside")
            else:
                found = unit
        return found if certain else None

    def product(self, factors: list[tuple[Expr, int]], report: Report) -> Unit | None:
        total: Unit = {}
        known = True
        for f, sign in factors:
            unit = self.of(f, report)
            if unit is None:
                known = False
            else:
                for b, p in unit.items():
                    total[b] = total.get(b, 0) + sign * p
        return {b: p for b, p in total.items() if p} if known else None
