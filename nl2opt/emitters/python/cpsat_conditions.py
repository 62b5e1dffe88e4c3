"""Conditions over variables -> OR-Tools source: comparisons, and literals that are true where a condition holds."""

from __future__ import annotations

from abc import abstractmethod

from nl2opt.emitters.python.cpsat_numbers import NumberWriter
from nl2opt.emitters.python.known import AND, ATOM, BIT_OR, IF, OR, UNARY, Scope
from nl2opt.emitters.python.reasons import UNSUPPORTED
from nl2opt.ir.nodes import (
    Aggregate,
    And,
    Call,
    Compare,
    Comprehension,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    Name,
    Not,
    Or,
    SetLiteral,
    Subscript,
    Tuple,
    conjunction,
    disjunction,
)
from nl2opt.passes.facts import is_binary, is_formula, is_known
from nl2opt.passes.rewrite import negation


class ConditionWriter(NumberWriter):
    """Writes conditions, for use inside others; `cpsat_statements` writes those that must hold."""

    @abstractmethod
    def constraint(self, e: Call, scope: Scope) -> str:
        """A global constraint -> source of the call that adds it to the model."""

    def test(self, e: Expr, scope: Scope, positive: bool = False) -> str:
        """A condition -> a comparison, a literal or a truth value; a function of the program takes any of them."""
        if is_known(e, self.model):
            return self.write(e, scope, IF)
        if isinstance(e, Compare) and not self.is_of_tuples(e):
            return self.comparison(e, scope)
        if isinstance(e, In) and self.is_of_values(e):
            return self.membership(e, scope)
        text, own = self.literal(e, scope, positive)
        return f"({text})" if own < IF else text

    # comparisons ----------------------------------------------------------------------------------------------------

    def comparison(self, e: Compare, scope: Scope) -> str:
        """A comparison of two numbers or two labels."""
        left, right = e.left, e.right
        root = self.root_of(left) or self.root_of(right)
        if root is not None:
            a, b = (self.position(x, root, scope, BIT_OR) for x in (left, right))
        elif self.decimals.is_fractional(left) or self.decimals.is_fractional(right):
            self.scaled = True
            sides = [x if is_known(x, self.model) else self.decimals.spread(x) for x in (left, right)]
            a, b = (self.decimals.write(x, scope, BIT_OR) for x in sides)
        else:
            a, b = self.write(left, scope, BIT_OR), self.write(right, scope, BIT_OR)
        return f"{a} {e.op} {b}"

    def is_of_tuples(self, e: Compare) -> bool:
        return isinstance(e.left, Tuple) and isinstance(e.right, Tuple)

    def equalities(self, e: Compare) -> Expr:
        """A comparison of tuples -> one of their items."""
        assert isinstance(e.left, Tuple) and isinstance(e.right, Tuple)
        pairs = zip(e.left.items, e.right.items, strict=True)
        same = conjunction(*(Compare("==", a, b) for a, b in pairs))
        return same if e.op == "==" else negation(same)

    def is_of_values(self, e: In) -> bool:
        """True for one number or label in a set that is known."""
        if isinstance(e.item, Tuple) or is_known(e.item, self.model):
            return False
        return is_known(e.collection, self.model)

    def membership(self, e: In, scope: Scope) -> str:
        """A value in a known set."""
        root = self.root_of(e.item)
        allowed = self.allowed(e.collection, root, scope)
        item = self.write(self.whole(e.item), scope)
        if e.negated:
            return f"{self.use('outside')}({item}, {allowed})"
        return f"{self.use('within')}({item}, {allowed})"

    def allowed(self, collection: Expr, root: str | None, scope: Scope) -> str:
        """A known set -> source of the numbers or positions of its elements."""
        if root is None:
            return self.source(collection, scope)
        if isinstance(collection, SetLiteral):
            return f"[{', '.join(self.position(i, root, scope) for i in collection.items)}]"
        order = self.names[root]
        return f"[{order}.index(value) for value in {self.source(collection, scope)} if value in {order}]"

    # literals -------------------------------------------------------------------------------------------------------

    def literal(self, e: Expr, scope: Scope, positive: bool = False) -> tuple[str, int]:
        """A condition -> (source of a literal, binding strength); ``positive``: nothing rests on its being false."""
        if is_known(e, self.model):
            return f"{self.use('literal')}(model, {self.write(e, scope, IF)})", ATOM
        match e:
            case Compare() if self.is_of_tuples(e):
                return self.literal(self.equalities(e), scope, positive)
            case Compare() | In() if not isinstance(e, In) or self.is_of_values(e):
                return f"{self.use('literal')}(model, {self.test(e, scope)})", ATOM
            case In():
                return self._table(e, scope, positive)
            case Name() | Subscript():
                return self.spell(e, scope)
            case Not(arg):
                opposite = negation(arg)
                if not isinstance(opposite, Not):
                    return self.literal(opposite, scope, positive)
                return f"~{self.negatable(arg, scope)}", UNARY
            case And(args):
                return self._joined(args, "and", scope, positive)
            case Or(args):
                return self._joined(args, "or", scope, positive)
            case Implies(condition, consequence):
                return self.literal(disjunction(negation(condition), consequence), scope, positive)
            case Iff(left, right):
                both = f"{self.counted(left, scope)} == {self.counted(right, scope)}"
                return f"{self.use('literal')}(model, {both})", ATOM
            case IfElse(condition, then, otherwise):
                if is_known(condition, self.model):
                    yes, no = (self._at(x, scope, OR, positive) for x in (then, otherwise))
                    return f"{yes} if {self.write(condition, scope, OR)} else {no}", IF
                parts = (disjunction(negation(condition), then), disjunction(condition, otherwise))
                return self.literal(conjunction(*parts), scope, positive)
            case Aggregate("all" | "any", body, generators):
                clauses, inner = self.clauses(generators, scope)
                listed = f"[{self.test(body, inner, positive)} {clauses}]"
                return f"{self.use('all_of' if e.function == 'all' else 'any_of')}(model, {listed})", ATOM
            case Aggregate("all_different"):
                return f"{self.use('pairwise_different')}(model, {self.distinct_values(e, scope)})", ATOM
            case Call("all" | "any", args, _):
                return self._joined(args, "and" if e.function == "all" else "or", scope, positive)
            case Call("all_different"):
                return f"{self.use('pairwise_different')}(model, {self.distinct_values(e, scope)})", ATOM
            case Call() if is_formula(e, self.model):
                if positive:
                    return f"{self.use('switch')}(model, {self.constraint(e, scope)})", ATOM
                raise self.refuse(f"`{e.function}`", UNSUPPORTED["global constraint as a condition"], e)
            case _:
                raise self.refuse("a number as a condition", "a condition is a comparison or a binary variable", e)

    def distinct_values(self, e: Aggregate | Call, scope: Scope) -> str:
        """`all_different` -> source of the list of its values."""
        if isinstance(e, Aggregate):
            return self.listed(Comprehension("list", e.body, e.generators), scope)
        root = next((r for a in e.args if (r := self.root_of(a))), None)
        listed = [self.position(a, root, scope) if root else self.write(self.whole(a), scope) for a in e.args]
        return f"[{', '.join(listed)}]"

    def negatable(self, e: Expr, scope: Scope) -> str:
        """A condition whose negation is no plain condition -> source of a literal to put `~` before."""
        if is_binary(e, self.model) or not is_formula(e, self.model):
            return self.write(e, scope, ATOM)
        text, own = self.literal(e, scope)
        return f"({text})" if own < ATOM else text

    def counted(self, e: Expr, scope: Scope) -> str:
        """A condition -> source of a number that is 0 or 1."""
        if is_known(e, self.model):
            return f"bool({self.write(e, scope)})"
        text, own = self.literal(e, scope)
        return f"({text})" if own < BIT_OR else text

    def _at(self, e: Expr, scope: Scope, level: int, positive: bool) -> str:
        if is_known(e, self.model):
            return self.write(e, scope, level)
        text, own = self.literal(e, scope, positive)
        return f"({text})" if own < level else text

    def _joined(self, args: tuple[Expr, ...], word: str, scope: Scope, positive: bool) -> tuple[str, int]:
        """`and`, `or`: what is known first, by Python; the rest by a literal of the program."""
        known = [a for a in args if is_known(a, self.model)]
        decided = [a for a in args if not is_known(a, self.model)]
        own = AND if word == "and" else OR
        if len(decided) == 1:
            text, strength = self.literal(decided[0], scope, positive)
        else:
            function = self.use("all_of" if word == "and" else "any_of")
            text = f"{function}(model, [{', '.join(self.test(a, scope, positive) for a in decided)}])"
            strength = ATOM
        if not known:
            return text, strength
        rest = f"({text})" if strength < own + 1 else text
        return f" {word} ".join([*(self.truth(k, scope, own + 1) for k in known), rest]), own

    def _table(self, e: In, scope: Scope, positive: bool) -> tuple[str, int]:
        """A tuple in a set of tuples, or a value among values that are decided."""
        if isinstance(e.collection, SetLiteral) and not is_known(e.collection, self.model):
            anyof = disjunction(*(Compare("==", e.item, i) for i in e.collection.items))
            return self.literal(negation(anyof) if e.negated else anyof, scope, positive)
        if not isinstance(e.item, Tuple):
            raise self.refuse("a set of variables", UNSUPPORTED["labels of no declared set"], e)
        decided, cells, rows = self.table_rows(e.item.items, e.collection, scope)
        tests = ", ".join(f"{d} == {c}" for d, c in zip(decided, cells, strict=True))
        each = f"{self.use('all_of')}(model, [{tests}])" if len(decided) > 1 else tests
        text = f"{self.use('any_of')}(model, [{each} {rows}])"
        return (f"~{text}", UNARY) if e.negated else (text, ATOM)
