"""Model -> how often each node stands in each context, read from the model itself.

A node is a class of `nl2opt.ir.nodes`, split where meaning does: an operator, a function, an index over variables, a
kind of variable; and what the probes tell apart beside: `sum of conditions`, `max of reals`, `in labels`. A context is
the place of the innermost item: required, positive, negative, counted, objective, named expression, filter. A named
expression is counted once, and only where the model uses it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nl2opt.ir.model import Model, NamedExpression, Parameter, Variable
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Constant,
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
    SetLiteral,
    SetOperation,
    Subscript,
    Tuple,
)
from nl2opt.ir.walk import children, free_names

Census = Counter[tuple[str, str]]
"""(node, context) -> how often."""

_FLIP = {"required": "negative", "positive": "negative", "negative": "positive"}
_LOGIC = And | Or | Not | Implies | Iff


def census(model: Model) -> Census:
    """Model -> its census; a soft constraint is counted as one."""
    walk = _Walk(model)
    for c in model.constraints:
        walk.visit(c.expr, "required" if c.penalty is None else "counted", True)
        if c.penalty is not None:
            walk.found["penalty", "required"] += 1
        for g in c.over:
            for x in g.conditions:
                walk.visit(x, "filter", True)
    for o in model.objectives:
        walk.visit(o.expr, "objective")
    for n in used_expressions(model):
        walk.visit(n.expr, "named expression")
    if len(model.objectives) > 1:
        walk.found["priority", "objective"] += 1
    return walk.found


def used_expressions(model: Model) -> list[NamedExpression]:
    """Model -> the named expressions that a constraint, an objective or a used one of them mentions."""
    reached: set[str] = set()
    waiting = [e.expr for e in (*model.constraints, *model.objectives)]
    while waiting:
        for name in free_names(waiting.pop()) - reached:
            reached.add(name)
            if isinstance(symbol := model.symbols.get(name), NamedExpression):
                waiting.append(symbol.expr)
    return [n for n in model.expressions if n.name in reached]


class _Walk:
    """Counts what it visits."""

    def __init__(self, model: Model) -> None:
        self.symbols = model.symbols
        self.found: Census = Counter()

    def visit(self, e: Expr, context: str, condition: bool = False) -> None:
        """A node in a context, and all below it in theirs; ``condition``: it stands as a condition."""
        for name in self.names(e, condition):
            self.found[name, context] += 1
        within = {"required": "positive"}.get(context, context)
        match e:
            case And(args):
                for a in args:
                    self.visit(a, context, True)
            case Or(args):
                for a in args:
                    self.visit(a, within, True)
            case Not(arg):
                self.visit(arg, _FLIP.get(context, context), True)
            case Implies(left, right):
                self.visit(left, _FLIP.get(within, within), True)
                self.visit(right, within, True)
            case Iff(left, right):
                for a in (left, right):
                    self.visit(a, "counted" if context in _FLIP else context, True)
            case Compare(_, left, right):
                for a in (left, right):
                    self.visit(a, "counted" if self.is_condition(a) and context in _FLIP else context)
            case Aggregate(function, body, generators):
                counted = function == "sum" and self.is_condition(body) and context in _FLIP
                place = "counted" if counted else within if function == "any" else context
                self.visit(body, place, function in ("all", "any"))
                for g in generators:
                    self.visit(g.source, "filter")
                    for c in g.conditions:
                        self.visit(c, "filter", True)
            case _:
                for n, a in enumerate(children(e)):
                    chooses = isinstance(e, IfElse) and n == 0
                    counted = self.is_condition(a) and context in _FLIP
                    self.visit(a, "counted" if counted else context, chooses)

    # what an expression is -------------------------------------------------------------------------------------------

    def is_condition(self, e: Expr) -> bool:
        """True for what is 0 or 1 by its form."""
        if isinstance(e, Compare | In | _LOGIC):
            return True
        if isinstance(e, IfElse):
            return self.is_condition(e.then)
        return isinstance(e, Aggregate | Call) and e.function in _CONDITIONS

    def read(self, e: Expr) -> Iterator[Variable]:
        """The variables an expression reads."""
        for n in free_names(e):
            symbol = self.symbols.get(n)
            if isinstance(symbol, Variable):
                yield symbol
            elif isinstance(symbol, NamedExpression):
                yield from self.read(symbol.expr)

    def varies(self, e: Expr) -> bool:
        """True where an expression reads a variable."""
        return any(True for _ in self.read(e))

    def is_real(self, e: Expr) -> bool:
        """True where a number reads a continuous variable, in a condition or outside one."""
        return any(v.type == "real" and v.within is None for v in self.read(e))

    def is_label(self, e: Expr) -> bool:
        """True for a label, or a variable or a parameter in a set of labels."""
        if isinstance(e, Label):
            return True
        symbol = self.symbols.get(e.name) if isinstance(e, Name | Subscript) else None
        return isinstance(symbol, Variable | Parameter) and symbol.within == Name("L")

    def kind(self, e: Expr) -> str:
        """A factor -> what kind of number it is."""
        if self.is_condition(e):
            return "condition"
        symbol = self.symbols.get(e.name) if isinstance(e, Name | Subscript) else None
        if isinstance(symbol, Variable) and symbol.type == "binary":
            return "binary"
        return "real" if self.is_real(e) else "integer"

    # what it is called -----------------------------------------------------------------------------------------------

    def names(self, e: Expr, condition: bool) -> Iterator[str]:
        """A node -> what the census calls it; nothing for what is only a part of another."""
        match e:
            case Number(value):
                yield from ("fraction",) * (value.denominator != 1)
            case Tuple() | ListLiteral() | Label():
                return
            case Constant(name):
                yield name
            case Boolean():
                yield "True, False"
            case Name(name) | Subscript(name, _):
                yield from self.referred(e, name, condition)
            case Compare(op, left, right):
                yield op
                if self.is_label(left) and self.is_label(right):
                    yield f"labels of {sum(map(self.varies, (left, right)))} variables"
                elif self.is_real(e):
                    yield f"{op} of reals"
            case Binary(op, _, right):
                sign = " negative" if isinstance(right, Number) and right.value < 0 else ""
                yield f"{op} by a variable" if self.varies(right) else f"{op}{sign}"
            case Mul(factors):
                kinds = sorted(self.kind(f) for f in factors if self.varies(f))
                yield f"product of {' and '.join(kinds)}" if len(kinds) > 1 else "multiple"
            case In(item, collection, negated):
                yield from self.member(item, collection, negated)
            case Aggregate():
                yield from self.aggregated(e)
            case Call():
                yield from self.called(e)
            case IfElse(chooser, then, _):
                yield "if else" if self.varies(chooser) else "if else known"
                if self.varies(chooser):
                    yield "if else of conditions" if self.is_condition(then) else "if else of numbers"
                if self.is_real(e):
                    yield "if else of reals"
            case SetLiteral() | SetOperation() | Comprehension():
                yield type(e).__name__
            case Add(terms):
                yield "difference" if any(_is_negative(t) for t in terms) else "add"
            case Neg() | And() | Or() | Not() | Implies() | Iff():
                yield type(e).__name__.lower()

    def member(self, item: Expr, collection: Expr, negated: bool) -> Iterator[str]:
        """A membership -> its names."""
        yield f"{'not ' * negated}in {'a table' if isinstance(item, Tuple) else 'a set'}"
        match collection:
            case SetLiteral() if self.is_label(item):
                yield "in labels"
            case SetLiteral():
                yield "in a literal of variables" if self.varies(collection) else "in a literal"
            case Subscript():
                yield f"in an indexed set{' chosen by a variable' * self.varies(collection)}"
            case SetOperation(op, _, _):
                yield f"in a set of {op}"
            case Comprehension():
                yield "in a set comprehension"

    def aggregated(self, e: Aggregate) -> Iterator[str]:
        """An aggregate -> its names."""
        yield f"{e.function} for"
        conditions = [c for g in e.generators for c in g.conditions]
        if any(map(self.varies, conditions)):
            yield f"{e.function} filtered by variables"
        elif conditions:
            yield f"{e.function} filtered"
        if self.is_condition(e.body) and e.function in ("sum", "prod"):
            yield f"{e.function} of conditions"
        if any(len(g.targets) > 1 for g in e.generators):
            yield "generator over tuples"
        if any(isinstance(g.source, Subscript) for g in e.generators):
            yield "generator over an indexed set"
        if self.is_real(e):
            yield f"{e.function} of reals"

    def called(self, e: Call) -> Iterator[str]:
        """A call -> its names."""
        known = e.function in ("floor", "ceil", "round", "sqrt", "exp", "log", "sin", "cos", "range", "len")
        yield f"{e.function}{' of constants' * known}{', wrap' * e.wrap}"
        first = e.args[0]
        if isinstance(first, Name) and getattr(self.symbols.get(first.name), "over", ()) and e.function in _ARRAYS:
            yield f"{e.function} of an array"
        if e.function == "position" and self.varies(first):
            yield "position of a variable"
        if e.function == "all_different" and all(map(self.is_label, e.args)):
            yield "all_different of labels"
        if e.function in _INTERVALS:
            rows = first.items if isinstance(first, ListLiteral) else (getattr(first, "body", None),)
            tuples = [r.items for r in rows if isinstance(r, Tuple)]
            if any(len(t) == _INTERVALS[e.function] for t in tuples):
                yield f"{e.function} optional"
            if any(self.varies(t[1]) for t in tuples):
                yield f"{e.function} of variable lengths"
            if e.function == "cumulative" and any(self.varies(t[2]) for t in tuples):
                yield "cumulative of variable amounts"
        if self.is_real(e):
            yield f"{e.function} of reals"

    def referred(self, e: Name | Subscript, name: str, condition: bool) -> Iterator[str]:
        """A name -> the kind of thing it names, whether it is a condition, and whether its index is over variables."""
        match symbol := self.symbols.get(name):
            case Variable(within=None):
                kind = f"{symbol.type} variable"
            case Variable(within=within):
                kind = f"variable in {within.name if isinstance(within, Name) else 'a set'}"
            case Parameter():
                kind = "parameter in labels" if self.is_label(e) else f"{symbol.type} parameter"
            case NamedExpression():
                kind = "named expression"
            case _:
                return
        yield f"{kind} as a condition" if condition else kind
        chosen = [i for i in (e.index if isinstance(e, Subscript) else ()) if self.varies(i)]
        if chosen:
            several = " and another" * (len(chosen) > 1)
            yield f"{kind} at {'a label' if self.is_label(chosen[0]) else 'a variable'}{several}"
            if not all(self.inside(i) for i in chosen):
                yield f"{kind} at a variable that may lie outside"

    def inside(self, index: Expr) -> bool:
        """True for an index that is a variable in the set of the positions themselves."""
        symbol = self.symbols.get(index.name) if isinstance(index, Name | Subscript) else None
        return isinstance(symbol, Variable) and symbol.within in (Name("K"), Name("L"))


def _is_negative(e: Expr) -> bool:
    """True for a term that is taken away."""
    first = e.factors[0] if isinstance(e, Mul) else e
    return isinstance(first, Neg) or (isinstance(first, Number) and first.value < 0)


_CONDITIONS = frozenset((
    "all", "any", "all_different", "circuit", "subcircuit", "no_overlap", "no_overlap_2d", "cumulative",
))  # fmt: skip
_ARRAYS = frozenset(("sum", "min", "max", "all", "all_different"))
_INTERVALS = {"no_overlap": 3, "cumulative": 4}
"""Function -> how long a tuple is with its condition of presence."""
