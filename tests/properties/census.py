"""Model -> how often each node stands in each context, read from the model itself.

A node is a class of `nl2opt.ir.nodes`, split where meaning does: an operator, a function, an index over variables, a
kind of variable. A context is the place of the innermost item: required, positive, negative, counted, objective, named
expression, filter.
"""

from __future__ import annotations

from collections import Counter

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


def census(model: Model) -> Census:
    """Model -> its census; a soft constraint is counted as one."""
    walk = _Walk(model)
    for c in model.constraints:
        walk.visit(c.expr, "required" if c.penalty is None else "counted")
        walk.found["penalty", "required"] += c.penalty is not None
        for g in c.over:
            for x in g.conditions:
                walk.visit(x, "filter")
    for o in model.objectives:
        walk.visit(o.expr, "objective")
    for n in model.expressions:
        walk.visit(n.expr, "named expression")
    if len(model.objectives) > 1:
        walk.found["priority", "objective"] += 1
    return walk.found


class _Walk:
    """Counts what it visits."""

    def __init__(self, model: Model) -> None:
        self.symbols = model.symbols
        self.found: Census = Counter()

    def visit(self, e: Expr, context: str) -> None:
        """A node in a context, and all below it in theirs."""
        if name := self.named(e):
            self.found[name, context] += 1
        within = {"required": "positive"}.get(context, context)
        match e:
            case And(args):
                for a in args:
                    self.visit(a, context)
            case Or(args):
                for a in args:
                    self.visit(a, within)
            case Not(arg):
                self.visit(arg, _FLIP.get(context, context))
            case Implies(left, right):
                self.visit(left, _FLIP.get(within, within))
                self.visit(right, within)
            case Iff(left, right):
                for a in (left, right):
                    self.visit(a, "counted" if context in _FLIP else context)
            case Compare(_, left, right):
                for a in (left, right):
                    self.visit(a, "counted" if self.is_condition(a) and context in _FLIP else context)
            case Aggregate(function, body, generators):
                counted = function == "sum" and self.is_condition(body) and context in _FLIP
                self.visit(body, "counted" if counted else within if function == "any" else context)
                for g in generators:
                    self.visit(g.source, "filter")
                    for c in g.conditions:
                        self.visit(c, "filter")
            case _:
                for a in children(e):
                    self.visit(a, "counted" if self.is_condition(a) and context in _FLIP else context)

    def is_condition(self, e: Expr) -> bool:
        """True for what is 0 or 1 by its form."""
        if isinstance(e, Compare | In | And | Or | Not | Implies | Iff):
            return True
        return isinstance(e, Aggregate | Call) and e.function in _CONDITIONS

    def varies(self, e: Expr) -> bool:
        """True where an expression reads a variable."""
        found = [self.symbols.get(n) for n in free_names(e)]
        return any(isinstance(s, Variable) or (isinstance(s, NamedExpression) and self.varies(s.expr)) for s in found)

    def named(self, e: Expr) -> str:
        """A node -> what the census calls it; '' for what is only a part of another."""
        match e:
            case Number() | Tuple() | ListLiteral() | Label():
                return ""
            case Constant(name):
                return name
            case Boolean():
                return "True, False"
            case Name(name) | Subscript(name, _):
                return self.referred(e, name)
            case Compare(op):
                return op
            case Binary(op, _, right):
                sign = " negative" if isinstance(right, Number) and right.value < 0 else ""
                return f"{op} by a variable" if self.varies(right) else f"{op}{sign}"
            case Mul(factors):
                count = sum(map(self.varies, factors))
                return "product of variables" if count > 1 else "multiple"
            case In(item, _, negated):
                return f"{'not ' * negated}in {'a table' if isinstance(item, Tuple) else 'a set'}"
            case Aggregate(function, _, generators):
                filtered = any(self.varies(c) for g in generators for c in g.conditions)
                return f"{function} for{' filtered by variables' * filtered}"
            case Call(function, args):
                known = function in ("floor", "ceil", "round", "sqrt", "exp", "log", "sin", "cos", "range", "len")
                optional = function in ("no_overlap", "cumulative") and self.optional(args[0], function)
                return f"{function}{' of constants' * known}{' optional' * optional}{', wrap' * e.wrap}"
            case IfElse(condition):
                return "if else" if self.varies(condition) else "if else known"
            case SetLiteral() | SetOperation() | Comprehension():
                return f"{type(e).__name__}"
            case Neg() | Add() | And() | Or() | Not() | Implies() | Iff():
                return type(e).__name__.lower()
        raise AssertionError(e)

    def optional(self, argument: Expr, function: str) -> bool:
        """True for intervals that may be absent."""
        rows = argument.items if isinstance(argument, ListLiteral) else (getattr(argument, "body", None),)
        return any(isinstance(r, Tuple) and len(r.items) == (3 if function == "no_overlap" else 4) for r in rows)

    def referred(self, e: Name | Subscript, name: str) -> str:
        """A name -> the kind of thing it names, and whether its index is over variables."""
        symbol = self.symbols.get(name)
        index = e.index if isinstance(e, Subscript) else ()
        chosen = " at a variable" * any(map(self.varies, index)) + " and another" * (sum(map(self.varies, index)) > 1)
        match symbol:
            case Variable(within=None):
                return f"{symbol.type} variable{chosen}"
            case Variable(within=within):
                return f"variable in {within.name if isinstance(within, Name) else 'a set'}{chosen}"
            case Parameter():
                return f"parameter{chosen}"
            case NamedExpression():
                return f"named expression{chosen}"
        return ""


_CONDITIONS = frozenset((
    "all", "any", "all_different", "circuit", "subcircuit", "no_overlap", "no_overlap_2d", "cumulative",
))  # fmt: skip
