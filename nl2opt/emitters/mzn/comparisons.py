"""Comparisons and memberships -> MiniZinc source: closed, with a tolerance, or by rows, as docs/SEMANTICS.md asks."""

from __future__ import annotations

from fractions import Fraction

from nl2opt.emitters.mzn.declared import (
    ATOM,
    COMPARISON,
    CONJUNCTION,
    PRODUCT,
    SUM,
    UNARY,
    UNION,
    Scope,
)
from nl2opt.emitters.mzn.reasons import UNSUPPORTED
from nl2opt.emitters.mzn.sets import SetWriter
from nl2opt.emitters.natives.forms import is_total
from nl2opt.emitters.python.total import definedness
from nl2opt.ir.nodes import (
    ONE,
    And,
    Call,
    Compare,
    Expr,
    Generator,
    In,
    Label,
    Not,
    Number,
    Or,
    SetLiteral,
    Tuple,
    conjunction,
)
from nl2opt.passes.elements import is_element_valued
from nl2opt.passes.facts import is_formula, is_known
from nl2opt.passes.rewrite import negation

TOLERANCE = "1e-6"
"""How far apart two unequal sides are at least, where decimals have five places."""


class ComparisonWriter(SetWriter):
    """Writes conditions that compare."""

    def compare(self, e: Compare, scope: Scope, demanded: bool = False) -> tuple[str, int]:
        """A comparison; over continuous sides a strict one is closed (docs/SEMANTICS.md, Strict comparisons).

        Sides over whole variables that are no whole numbers are floats here: they are told apart by half the least
        step that decimals of five places make, unless the comparison is ``demanded`` and closed.
        """
        left, right, op = *self._without_positions(e.left, e.right, scope), e.op
        if isinstance(left, Tuple) and isinstance(right, Tuple):
            pairs = tuple(Compare("==", a, b) for a, b in zip(left.items, right.items, strict=True))
            same: Expr = And(pairs) if len(pairs) > 1 else pairs[0]
            if op == "==":
                return self.spell(same, scope)
            return self.spell(conjunction(*self._defined(left, right), Not(same)), scope)
        for side, other in ((left, right), (right, left)):
            if (
                self.is_boolean(side)
                and is_total(side, self.model)
                and other in (Number(Fraction(0)), Number(Fraction(1)))
                and op in ("==", "!=")
            ):
                holds = (other == ONE) == (op == "==")
                return self.spell(side if holds else Not(side), scope)
        if not self.is_testable_condition(e) and op in ("<", ">"):
            op = "<=" if op == "<" else ">="
        if not (self.is_whole(left) and self.is_whole(right)) and self.is_testable_condition(e):
            decimals = is_formula(e, self.model) and not is_known(e, self.model) and not self._is_labelled_side(left)
            if decimals and not (demanded and op in ("<=", ">=", "==")):
                return self._told_apart(left, op, right, scope)
        total = is_total(left, self.model) and is_total(right, self.model)
        if total and self.is_boolean(left) and self.is_boolean(right) and op in ("==", "!="):
            a, b = self.condition(left, scope, UNION), self.condition(right, scope, UNION)
        else:
            a, b = self.write(left, scope, UNION), self.write(right, scope, UNION)
        return f"{a} {'=' if op == '==' else op} {b}", COMPARISON

    def _is_labelled_side(self, e: Expr) -> bool:
        return is_element_valued(e, self.model)

    def _told_apart(self, left: Expr, op: str, right: Expr, scope: Scope) -> tuple[str, int]:
        """A comparison of floats with a tolerance on its exact side."""
        a, b = self.write(left, scope, UNION), self.write(right, scope, SUM)
        match op:
            case "<=":
                return f"{a} <= {b} + {TOLERANCE}", COMPARISON
            case ">":
                return f"{a} > {b} + {TOLERANCE}", COMPARISON
            case ">=":
                return f"{a} >= {b} - {TOLERANCE}", COMPARISON
            case "<":
                return f"{a} < {b} - {TOLERANCE}", COMPARISON
            case _:
                c = self.write(right, scope, PRODUCT)
                return (
                    f"abs({self.write(left, scope, SUM)} - {c}) {'<=' if op == '==' else '>'} {TOLERANCE}",
                    COMPARISON,
                )

    def _without_positions(self, left: Expr, right: Expr, scope: Scope) -> tuple[Expr, Expr]:
        """`position(a) < position(b)` in one set is `a < b`."""
        match left, right:
            case Call("position", (a,)), Call("position", (b,)):
                same = self.drawn(a, scope) == self.drawn(b, scope) and self.is_stretch(self.drawn(a, scope))
                return (a, b) if same else (left, right)
            case _:
                return left, right

    def negated(self, arg: Expr, scope: Scope) -> tuple[str, int]:
        """`not e`; over continuous sides carried inwards, where the comparisons can be closed."""
        opposite = negation(arg)
        if not isinstance(opposite, Not) and not self.is_testable_condition(arg):
            return self.spell(opposite, scope)
        if isinstance(arg, Not):
            return self.spell(arg.arg, scope)
        if isinstance(arg, In) and is_total(arg.item, self.model) and is_total(arg.collection, self.model):
            return self.spell(In(arg.item, arg.collection, not arg.negated), scope)
        if isinstance(arg, Compare) and arg.op in ("==", "!=") and is_total(arg, self.model):
            return self.spell(opposite, scope)
        if isinstance(arg, Call) and arg.function in ("circuit", "subcircuit", "no_overlap_2d"):
            raise self.refuse("a negation", UNSUPPORTED["global constraint as a condition"], arg)
        return f"not {self.condition(arg, scope, ATOM)}", UNARY

    def membership(self, e: In, scope: Scope) -> tuple[str, int]:
        """`x in S`, `(x, y) in T`."""
        item, collection = e.item, e.collection
        if e.negated and (needs := self._defined(item, collection)):
            return self.spell(conjunction(*needs, Not(In(item, collection))), scope)
        if isinstance(item, Tuple):
            text = self._rows_member(item.items, collection, scope)
            return (f"not {text}", UNARY) if e.negated else (text, ATOM)
        if isinstance(collection, SetLiteral) and not all(is_known(i, self.model) for i in collection.items):
            anyof = tuple(Compare("==", item, i) for i in collection.items)
            found: Expr = Or(anyof) if len(anyof) > 1 else anyof[0]
            return self.spell(Not(found) if e.negated else found, scope)
        labelled = is_element_valued(item, self.model) or isinstance(item, Label)
        if not self.is_whole(item) and not labelled and not is_known(e, self.model):
            quantifier, op = ("forall", ">") if e.negated else ("exists", "<=")
            test = f"abs({self.write(item, scope, SUM)} - other) {op} {TOLERANCE}"
            return f"{quantifier}(other in {self.collection(collection, scope)})({test})", ATOM
        text = f"{self.write(item, scope, UNION)} in {self.collection(collection, scope, UNION)}"
        return (f"not ({text})", UNARY) if e.negated else (text, COMPARISON)

    def _defined(self, *read: Expr) -> tuple[Expr, ...]:
        """What a `not` around a condition needs beside it, so that an undefined side makes it false."""
        return tuple(dict.fromkeys(n for e in read for n in definedness(e, self.model, self.instance)))

    def _rows_member(self, items: tuple[Expr, ...], collection: Expr, scope: Scope) -> str:
        targets = tuple(f"column_{k + 1}_" for k in range(len(items)))
        clauses, inner = self.clauses((Generator(targets, collection),), scope)
        tests = [self._same(i, inner[t].text, scope) for i, t in zip(items, targets, strict=True)]
        return f"exists({clauses})({CONJUNCTION.join(tests)})"

    def _same(self, e: Expr, cell: str, scope: Scope) -> str:
        """A value is that of a cell; floats are told apart with a tolerance."""
        if self.is_whole(e) or is_element_valued(e, self.model) or isinstance(e, Label):
            return f"{self.write(e, scope, UNION)} = {cell}"
        return f"abs({self.write(e, scope, SUM)} - {cell}) <= {TOLERANCE}"
