"""Model -> findings about units: inferred through every equation of the model, and told where two of them differ.

Every declared unit is a product of base units, nouns and currencies among them. A symbol without one has an unknown
unit, which comparisons, sums, bounds and definitions determine as they are read. Three things keep false alarms away:
a literal number may have any unit, so a product with one says nothing, unless the quotes tell it as a share (`40 %`);
a binary or a condition counts one of whatever thing is counted; and an amount in a period is an amount a period where
an index runs through such periods. Two units that people declared are an error where they clash (U03); anything that
rests on inference is a doubt (W-unit).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from nl2opt.check.clashes import implausible, tell
from nl2opt.check.periods import periods_of
from nl2opt.check.places import Findings, Place, places
from nl2opt.check.quantities import COUNT, PLAIN, Equations, Quantity
from nl2opt.check.sources import shares_of_anchors
from nl2opt.check.unit_names import Vocabulary, units_of
from nl2opt.ir.infer.reports import Report, silent
from nl2opt.ir.infer.scope import mentioned
from nl2opt.ir.model import Constraint, Model, NamedExpression, Objective, Output, Over, Parameter, Variable, set_names
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    Label,
    ListLiteral,
    Mul,
    Name,
    Neg,
    Not,
    Number,
    Or,
    Subscript,
    Tuple,
)
from nl2opt.ir.walk import children

_SHARE = re.compile(r"(?:^|_)(?:ratio|share|fraction|percent|percentage|proportion|probability)$")
"""Names of data that are plain numbers, whatever things they compare."""

_MOST_NAMED = 4
Known = Quantity | None
"""None is any unit: a literal, an index, a value nothing is known of."""


def check_units(model: Model, found: Findings) -> None:
    """Comparisons, sums, bounds, definitions and penalties whose units differ; objectives in an odd unit."""
    if not units_of(model):
        return
    units = _Units(model)
    for place, item in places(model):
        report: Report = partial(found.at, place)
        at = _At(units, place, periods_of(getattr(item, "over", ()), model), report)
        match item:
            case Parameter():
                cells = [x for x in (item.value, item.default) if isinstance(x, Expr) and not isinstance(x, Number)]
                for cell in cells if item.within is None else ():
                    at.equate(units.symbol(item.name), at.of(cell), cell, also=Name(item.name))
            case Variable():
                for bound in (item.lower, item.upper):
                    if bound is not None:
                        at.equate(units.symbol(item.name), at.of(bound), bound, also=Name(item.name))
            case NamedExpression():
                at.equate(units.declared(item.unit), at.of(item.expr), item.expr, also=Name(item.name))
            case Constraint():
                at.conditions(item.over)
                at.of(item.expr)
            case Objective() | Output():
                at.of(item.expr)
            case _:
                pass
    _check_objectives(model, units, found)


def _check_objectives(model: Model, units: _Units, found: Findings) -> None:
    """The unit of each objective, and of what violating a soft constraint adds to the lowest of them."""
    for place, item in places(model):
        report: Report = partial(found.at, place)
        if isinstance(item, Objective):
            value = _At(units, place, frozenset(), silent).of(item.expr)
            if value is not None and (odd := implausible(units.equations.known(value), units.words)):
                report("W-unit", item.expr, *odd)
        elif isinstance(item, Constraint) and item.penalty is not None and model.objectives:
            lowest = min(model.objectives, key=lambda o: o.priority)
            at = _At(units, place, periods_of(item.over, model), report)
            violation = at.violation(item.expr)
            paid, goal = at.of(item.penalty), _At(units, place, frozenset(), silent).of(lowest.expr)
            if violation is not None and paid is not None:
                at.equate(paid.times(violation), goal, item.penalty, "added to an objective in", lowest.expr)


class _Units:
    """The units of a model's symbols, and what is known of those nobody declared."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.words = Vocabulary.of(model)
        self.equations = Equations()
        self.named: dict[str, Known] = {}

    def declared(self, text: str) -> Known:
        """A declared unit; None where there is none, or none that can be read."""
        powers = self.words.parse(text)
        return None if powers is None else Quantity(powers, stated=True)

    def symbol(self, name: str, index: tuple[Expr, ...] = ()) -> Known:
        """A name, with the index it stands with -> its unit. Labels in an index may choose another unit."""
        item = self.model.symbols.get(name)
        match item:
            case Variable(type="binary"):
                return COUNT
            case Parameter() | Variable():
                own = self.declared(item.unit)
                if own is not None or item.unit.strip() or item.within is not None:
                    return own
                if isinstance(item, Parameter) and _SHARE.search(name):
                    return Quantity(up=1, down=1)
                fixed = [str(i.value) if isinstance(i, Label | Number) else "" for i in index]
                key = f"{name}[{','.join(fixed)}]" if any(fixed) else name
                return Quantity(unknowns={key: Fraction(1)}, up=int(item.type != "real"))
            case NamedExpression():
                return self.expression(item)
            case _:
                return None

    def declarations(self, parts: Iterable[Expr]) -> str:
        """The units that people declared of the names in expressions: "`make` is in piece, `stock` in kg"."""
        names = dict.fromkeys(n for e in parts for n in mentioned(e))
        items = (self.model.symbols.get(n) for n in names)
        told = [
            f"`{i.name}` in {i.unit}"
            for i in items
            if isinstance(i, Parameter | Variable | NamedExpression) and i.unit.strip()
        ]
        return ", ".join(told[:_MOST_NAMED]).replace("` in ", "` is in ", 1)

    def expression(self, item: NamedExpression) -> Known:
        """A named expression -> its declared unit, else that of its expression."""
        if item.name not in self.named:
            self.named[item.name] = None  # of a definition that goes in a circle nothing is known
            place = Place("expressions", self.model.expressions.index(item), item.name)
            at = _At(self, place, frozenset(), silent)
            self.named[item.name] = self.declared(item.unit) or at.of(item.expr)
        return self.named[item.name]

    def measured(self, over: Over) -> frozenset[str]:
        """Sets that are summed over -> the things of which data say how many each element has."""
        found: set[str] = set()
        sources = set_names(over)
        for p in self.model.parameters:
            if p.over and p.unit.strip() and set(set_names(p.over)) <= set(sources) - {""}:
                powers = self.words.parse(p.unit) or {}
                found |= {b for b, power in powers.items() if len(powers) == 1 and power == 1}
        return frozenset(found)

    def loose(self, e: Expr) -> bool:
        """True for a number of the data without indices and unit: beside a binary most likely a big-M."""
        item = self.model.symbols.get(e.name) if isinstance(e, Name) else None
        return isinstance(item, Parameter) and not item.over and not item.unit.strip()


class _At:
    """The walk over the expressions of one place, inside indices that run through ``periods``."""

    def __init__(self, units: _Units, place: Place, periods: frozenset[str], report: Report) -> None:
        self.units = units
        self.place = place
        self.periods = periods
        self.report = report
        self.shares = shares_of_anchors(place.anchors)

    def inside(self, over: Over) -> _At:
        """The walk inside further index bindings."""
        return _At(self.units, self.place, self.periods | periods_of(over, self.units.model), self.report)

    def equate(self, a: Known, b: Known, node: Expr, op: str = "beside", also: Expr | None = None) -> None:
        """Two units that must agree: what nobody declared is inferred, what clashes is reported.

        The finding is about ``node``; it names the units declared in it and in ``also``.
        """
        if a is None or b is None:
            return
        a, b = a.through(self.periods), b.through(self.periods)
        clash = self.units.equations.equate(a, b, f"{self.place.section}[{self.place.position}] `{self.place.name}`")
        if clash is not None and (told := tell(clash, op, self.units.words)):
            code, found, expected, fix = told
            declared = self.units.declarations((*((also,) if also is not None else ()), node))
            self.report(code, node, found, f"{expected}; {declared}" if declared else expected, fix)

    def same(self, parts: Iterable[Expr], op: str = "beside") -> Known:
        """Parts that must agree -> the unit of the one that is known best; literals fit everything."""
        found = [(p, q) for p in parts if (q := self.of(p)) is not None]
        if not found:
            return None
        first, best = min(found, key=lambda x: (bool(self._known(x[1]).unknowns), x[1].up + x[1].down))
        for p, q in found:
            if p is not first:
                self.equate(best, q, p, op, first)
        return best

    def _known(self, q: Quantity) -> Quantity:
        return self.units.equations.known(q)

    def conditions(self, over: Over) -> None:
        """The filters of generators."""
        for g in over:
            for c in g.conditions:
                self.of(c)

    def of(self, e: Expr) -> Known:
        """Node -> its unit; every equation inside is told on the way."""
        match e:
            case Name(name):
                found = self.units.symbol(name)
                over: Over = getattr(self.units.model.symbols.get(name), "over", ())
                if found is None or not over:
                    return found
                return found.through(periods_of(over, self.units.model), self.units.measured(over))
            case Subscript(name, index):
                for i in index:
                    self.of(i)
                return self.units.symbol(name, index)
            case Boolean():
                return COUNT
            case Number(value) if value in self.shares:
                return PLAIN
            case Neg(arg):
                return self.of(arg)
            case Add(terms):
                return self.same(terms)
            case Mul(factors):
                return self.product(factors)
            case Binary("/" | "//", left, right):
                above, below = self.of(left), self.of(right)
                return None if above is None or below is None else above.times(below, Fraction(-1))
            case Binary("%", left, right):
                return self.same((left, right), "%")
            case Binary("**", left, Number(value)):
                base = self.of(left)
                return None if base is None else PLAIN.times(base, value)
            case Compare(op, left, right):
                self.equate(self.of(left), self.of(right), e, op)
                return COUNT
            case In() | And() | Or() | Not() | Implies() | Iff():
                for c in children(e):
                    self.of(c)
                return COUNT
            case IfElse(condition, then, otherwise):
                self.of(condition)
                return self.same((then, otherwise))
            case Aggregate(_, body, generators) | Comprehension(_, body, generators):
                inner = self.inside(generators)
                inner.conditions(generators)
                each = inner.of(body)
                if isinstance(e, Aggregate) and e.function in ("all", "any", "all_different"):
                    return COUNT
                if each is None or (isinstance(e, Aggregate) and e.function == "prod"):
                    return None
                return each.through(periods_of(generators, self.units.model), self.units.measured(generators))
            case Call(function, args, _):
                return self.call(function, args)
            case _:
                for c in children(e):
                    self.of(c)
                return None

    def product(self, factors: Sequence[Expr]) -> Known:
        """Factors -> their product's unit; a big-M beside a binary may have any."""
        found = [self.of(f) for f in factors]
        counted = any(q is not None and not q.powers and not q.unknowns and q.up > q.down for q in found)
        if counted and any(map(self.units.loose, factors)):
            return None
        total: Known = PLAIN
        for q in found:
            total = None if total is None or q is None else total.times(q)
        return total

    def call(self, function: str, args: tuple[Expr, ...]) -> Known:
        """A function of the language -> its unit, the parts of its arguments that must agree told on the way."""
        match function, args:
            case (("abs" | "floor" | "ceil" | "round"), (arg, *_)):
                return self.of(arg)
            case (("sum" | "min" | "max"), _):
                return self.same([i for a in args for i in (a.items if isinstance(a, ListLiteral) else (a,))])
            case "sqrt", (arg,):
                inner = self.of(arg)
                return None if inner is None else PLAIN.times(inner, Fraction(1, 2))
            case (("all" | "any"), _):
                for a in args:
                    self.of(a)
                return COUNT
            case "cumulative", (intervals, capacity):
                self.intervals(intervals, (0, 1), (2,), (capacity,))
                return COUNT
            case "no_overlap", (intervals,):
                self.intervals(intervals, (0, 1))
                return COUNT
            case "no_overlap_2d", (rectangles,):
                self.intervals(rectangles, (0, 1), (2, 3))
                return COUNT
            case "piecewise", (x, ListLiteral(points)):
                pairs = [p.items for p in points if isinstance(p, Tuple) and len(p.items) == 2]
                self.same((x, *(p[0] for p in pairs)))
                return self.same([p[1] for p in pairs])
            case _:
                for a in args:
                    self.of(a)
                return COUNT if function in ("all_different", "circuit", "subcircuit") else None

    def intervals(self, e: Expr, *groups: tuple[int, ...] | tuple[Expr, ...]) -> None:
        """Tuples of a global constraint: the places of each group, and expressions beside the last, share a unit."""
        beside = tuple(x for g in groups for x in g if not isinstance(x, int))
        match e:
            case ListLiteral(items):
                rows, at = [i.items for i in items if isinstance(i, Tuple)], self
            case Comprehension(_, Tuple(items), generators):
                rows, at = [items], self.inside(generators)
                at.conditions(generators)
            case _:
                self.of(e)
                return
        wanted = [[k for k in g if isinstance(k, int)] for g in groups]
        wanted = [g for g in wanted if g]
        for n, group in enumerate(wanted):
            last = n == len(wanted) - 1
            at.same([r[k] for r in rows for k in group if k < len(r)] + list(beside if last else ()))
        for r in rows:
            for k, x in enumerate(r):
                if not any(k in g for g in wanted):
                    at.of(x)

    def violation(self, e: Expr) -> Known:
        """A condition -> the unit of the amount by which it is violated."""
        if not isinstance(e, Compare) or (e.op in ("==", "!=") and isinstance(e.left, Label)):
            return replace(PLAIN, up=1)
        silenced = _At(self.units, self.place, self.periods, silent)
        return silenced.same((e.left, e.right))
