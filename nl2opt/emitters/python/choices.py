"""Expression over variables -> CPMpy source: arithmetic and logic.

Negations are carried to the leaves, because `~` of a plain Python truth value is not its negation; what is known is
decided by Python's own `and`, `or`, `if`.
"""

from __future__ import annotations

from fractions import Fraction

from nl2opt.emitters.natives import count
from nl2opt.emitters.python.global_constraints import GlobalWriter
from nl2opt.emitters.python.kept import Kept
from nl2opt.emitters.python.known import (
    AND,
    ATOM,
    BIT_AND,
    BIT_OR,
    COMPARISON,
    IF,
    OR,
    PRODUCT,
    SUM,
    UNARY,
    Scope,
)
from nl2opt.emitters.python.reasons import UNSUPPORTED
from nl2opt.emitters.python.signs import is_nonnegative
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Comprehension,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    Mul,
    Name,
    Neg,
    Not,
    Number,
    Or,
    Subscript,
    Tuple,
)
from nl2opt.ir.walk import subexpressions
from nl2opt.passes.facts import is_formula, is_known
from nl2opt.passes.rewrite import negation


class ChoiceWriter(GlobalWriter):
    """Writes expressions over integer variables and positions."""

    # numbers and conditions -----------------------------------------------------------------------------------------

    def spell(self, e: Expr, scope: Scope) -> tuple[str, int]:
        """Node -> (source, binding strength)."""
        if is_known(e, self.model):
            return self.known(e, scope)

        def w(x: Expr, level: int = 0) -> str:
            return self.write(x, scope, level)

        match e:
            case Name(name):
                return self.names[name], ATOM
            case Subscript():
                return self._subscript(e, scope)
            case Neg(arg):
                return f"-{w(arg, UNARY)}", UNARY
            case Add(terms):
                signed = [(isinstance(t, Neg), t.arg if isinstance(t, Neg) else t) for t in terms]
                return self.sum_of(signed, lambda t, level: self.write(t, scope, level)), SUM
            case Mul(factors):
                ordered = sorted(factors, key=lambda f: not is_known(f, self.model))
                return " * ".join(w(f, PRODUCT if i == 0 else UNARY) for i, f in enumerate(ordered)), PRODUCT
            case Binary():
                return self._division(e, scope)
            case Compare():
                return self._compare(e, scope)
            case In():
                return self._membership(e, scope)
            case And(args):
                return self._joined(args, "and", scope)
            case Or(args):
                return self._joined(args, "or", scope)
            case Not(arg):
                opposite = negation(arg)
                if isinstance(opposite, Not):
                    if isinstance(arg, Call) and arg.function in ("circuit", "subcircuit", "no_overlap_2d"):
                        raise self.refuse("a negation", UNSUPPORTED["global constraint as a condition"], arg)
                    return f"~{w(arg, ATOM)}", UNARY
                return self.spell(opposite, scope)
            case Implies(condition, consequence):
                return self._implies(condition, consequence, scope)
            case Iff(left, right):
                return f"{w(left, BIT_OR)} == {w(right, BIT_OR)}", COMPARISON
            case IfElse(condition, then, otherwise):
                if is_known(condition, self.model):
                    return f"{w(then, OR)} if {w(condition, OR)} else {w(otherwise, IF)}", IF
                if is_formula(then, self.model) or is_formula(otherwise, self.model):
                    parts = (Implies(condition, then), Implies(negation(condition), otherwise))
                    return self._joined(parts, "and", scope)
                self._require_defined(e)
                return self.choice(e, w(then, UNARY), w(otherwise, UNARY), scope)
            case Aggregate():
                return self._aggregate(e, scope)
            case Call():
                return self._function(e, scope)
            case _:
                raise self.refuse("this expression", UNSUPPORTED["function of a variable"], e)

    def required(self, e: Expr, scope: Scope) -> str:
        """A condition that must hold -> source; a membership of several variables is a table there, a tour through
        some places has numbers of its own."""
        decided = isinstance(e, In) and not is_known(e.item, self.model) and is_known(e.collection, self.model)
        if decided and isinstance(e, In) and isinstance(e.item, Tuple) and not e.negated:
            return self._table(e.item.items, e.collection, scope, required=True)
        if isinstance(e, Call) and e.function == "subcircuit":
            return self._circuit(e, scope, required=True)[0]
        return self.write(e, scope)

    def _require_defined(self, e: IfElse) -> None:
        for branch in (e.then, e.otherwise):
            for node in subexpressions(branch):
                if self._is_partial(node):
                    raise self.refuse("a choice", UNSUPPORTED["choice that may be undefined"], e)

    def _division(self, e: Binary, scope: Scope) -> tuple[str, int]:
        left, right = e.left, e.right
        if e.op == "/":
            reason = UNSUPPORTED["division by a variable" if not is_known(right, self.model) else "decimals"]
            raise self.refuse("a quotient", reason, e)
        if self.decimals.is_fractional(left) or self.decimals.is_fractional(right):
            raise self.refuse(f"`{e.op}` of decimals", UNSUPPORTED["decimals"], e)
        if e.op == "**":
            return self._power(left, right, e, scope)
        if is_nonnegative(left, self.instance) and is_nonnegative(right, self.instance):
            return f"{self.write(left, scope, PRODUCT)} {e.op} {self.write(right, scope, UNARY)}", PRODUCT
        name = "floor_div" if e.op == "//" else "floor_mod"
        self.functions.add(name)
        return f"{name}({self.write(left, scope)}, {self.write(right, scope)})", ATOM

    def _power(self, base: Expr, exponent: Expr, e: Expr, scope: Scope) -> tuple[str, int]:
        """A whole power as a product: CPMpy's own was measured slower by orders of magnitude."""
        if not is_known(exponent, self.model) or not is_nonnegative(exponent, self.instance):
            raise self.refuse("a power", UNSUPPORTED["power"], e)
        if exponent == Number(Fraction(2)) and isinstance(base, Name | Subscript):
            factor = self.write(base, scope, UNARY)
            return f"{factor} * {factor}", PRODUCT
        self.imports.add("math")
        return f"math.prod([{self.write(base, scope)}] * {self.write(exponent, scope, UNARY)})", ATOM

    def _compare(self, e: Compare, scope: Scope) -> tuple[str, int]:
        left, right = e.left, e.right
        root = self.root_of(left) or self.root_of(right)
        if root is not None:
            a, b = (self.position(x, root, scope, BIT_OR) for x in (left, right))
            return f"{a} {e.op} {b}", COMPARISON
        if isinstance(left, Tuple) and isinstance(right, Tuple):
            pairs = tuple(Compare("==", a, b) for a, b in zip(left.items, right.items, strict=True))
            same: Expr = And(pairs)
            return self.spell(same if e.op == "==" else negation(same), scope)
        if self.decimals.is_fractional(left) or self.decimals.is_fractional(right):
            self.scaled = True
            sides = [x if is_known(x, self.model) else self.decimals.spread(x) for x in (left, right)]
            a, b = (self.decimals.write(x, scope, BIT_OR) for x in sides)
            return f"{a} {e.op} {b}", COMPARISON
        return f"{self.write(left, scope, BIT_OR)} {e.op} {self.write(right, scope, BIT_OR)}", COMPARISON

    def _joined(self, args: tuple[Expr, ...], word: str, scope: Scope) -> tuple[str, int]:
        """`and`, `or`: what is known first, by Python; then `&`, `|` of two, `cp.all`, `cp.any` of more."""
        known = [a for a in args if is_known(a, self.model)]
        decided = [a for a in args if not is_known(a, self.model)]
        own = AND if word == "and" else OR
        if len(decided) == 1:
            text = self.write(decided[0], scope, own + 1)
        elif len(decided) == 2:
            level = BIT_AND if word == "and" else BIT_OR
            sides = [self.write(a, scope, level + 1) for a in decided]
            text = f" {'&' if word == 'and' else '|'} ".join(sides)
            if not known:
                return text, level
        else:
            text = f"cp.{'all' if word == 'and' else 'any'}([{', '.join(self.write(a, scope) for a in decided)}])"
        if not known:
            return text, ATOM if len(decided) > 2 else own
        return f" {word} ".join([*(self.truth(k, scope, own + 1) for k in known), text]), own

    def _implies(self, condition: Expr, consequence: Expr, scope: Scope) -> tuple[str, int]:
        if is_known(condition, self.model) or is_known(consequence, self.model):
            return self._joined((negation(condition), consequence), "or", scope)
        if self._is_solid(condition):
            return f"{self.write(condition, scope, ATOM)}.implies({self.write(consequence, scope)})", ATOM
        return f"cp.any([{self.write(negation(condition), scope)}, {self.write(consequence, scope)}])", ATOM

    def _is_solid(self, e: Expr) -> bool:
        """True where ``e`` is a CPMpy expression whatever the data: a variable stands outside every sum and choice."""
        match e:
            case Name(name) | Subscript(name, _):
                return name in self.instance.variables and not isinstance(self.model.symbols[name], Kept)
            case Compare(_, left, right):
                return self._is_solid(left) or self._is_solid(right)
            case Add(parts) | Mul(parts):
                return any(self._is_solid(p) for p in parts)
            case And(parts) | Or(parts):
                return len(parts) == 2 and all(self._is_solid(p) for p in parts)
            case Not(arg) | Neg(arg):
                return self._is_solid(arg)
            case _:
                return False

    def is_expression(self, e: Expr) -> bool:
        """True where the source of ``e`` is a CPMpy expression, no plain value, with these data."""
        match e:
            case Add(parts) | Mul(parts) | Call("min" | "max" | "sum", parts, _):
                return any(map(self.is_expression, parts))
            case Neg(arg) | Call("abs", (arg,), _):
                return self.is_expression(arg)
            case IfElse(condition, then, otherwise) if is_known(condition, self.model):
                return self.is_expression(then) and self.is_expression(otherwise)
            case Aggregate("sum" | "min" | "max", body, generators):
                sets = [g.source.name for g in generators if isinstance(g.source, Name) and not g.conditions]
                filled = [bool(self.instance.sets[n].elements) for n in sets if n in self.instance.sets]
                return len(filled) == len(generators) and all(filled) and self.is_expression(body)
            case Call("circuit" | "subcircuit" | "cumulative" | "all_different", _, _) | Aggregate("all_different"):
                return True
            case Subscript(_, index) if any(map(self.is_expression, index)):
                return True
            case _:
                return self._is_solid(e)

    def reads_beyond(self, e: Expr) -> bool:
        """True where a condition inside a number may read an array beyond its end, or divide by zero."""
        conditions = [n for n in subexpressions(e) if is_formula(n, self.model) and not is_known(n, self.model)]
        return any(self._is_partial(n) for c in conditions for n in subexpressions(c))

    def _is_partial(self, e: Expr) -> bool:
        """True for an index or a divisor that variables decide."""
        if isinstance(e, Subscript):
            return not all(is_known(i, self.model) for i in e.index)
        return isinstance(e, Binary) and e.op != "**" and not is_known(e.right, self.model)

    def _aggregate(self, e: Aggregate, scope: Scope) -> tuple[str, int]:
        if e.function == "all_different":
            return f"cp.AllDifferent({self.listed(Comprehension('list', e.body, e.generators), scope)})", ATOM
        if (found := count(e, self.model)) is not None and not self.decimals.is_fractional(found.values.body):
            root = self.root_of(found.values.body)
            value = self.position(found.value, root, scope) if root else self.write(self.whole(found.value), scope)
            return f"cp.Count({self.listed(found.values, scope)}, {value})", ATOM
        clauses, inner = self.clauses(e.generators, scope)
        body = self.write(e.body, inner, IF)
        if e.function == "prod":
            self.imports.add("math")
            return f"math.prod([{body} {clauses}])", ATOM
        return f"cp.{e.function}([{body} {clauses}])", ATOM

    # functions ------------------------------------------------------------------------------------------------------

    def _function(self, e: Call, scope: Scope) -> tuple[str, int]:
        function, args = e.function, e.args
        if function == "abs":
            return f"cp.abs({self.write(args[0], scope)})", ATOM
        if function in ("min", "max", "sum", "all", "any"):
            return f"cp.{function}([{', '.join(self.write(a, scope, IF) for a in args)}])", ATOM
        if function == "prod":
            return self.spell(Mul(args), scope)
        if function == "all_different":
            root = next((r for a in args if (r := self.root_of(a))), None)
            listed = [self.position(a, root, scope) if root else self.write(self.whole(a), scope) for a in args]
            return f"cp.AllDifferent([{', '.join(listed)}])", ATOM
        if function == "position":
            root, source = self.root_of(args[0]), self.drawn(args[0], scope)
            if root is not None and source == Name(root):
                return self.write(args[0], scope), ATOM
            raise self.refuse("`position`", UNSUPPORTED["labels of different sets"], e)
        if function in ("circuit", "subcircuit"):
            return self._circuit(e, scope)
        if function == "no_overlap":
            return self._no_overlap(e, scope)
        if function == "cumulative":
            return self._cumulative(e, scope)
        if function == "no_overlap_2d":
            self.functions.add("disjoint")
            (rows,) = args
            return f"cp.all(disjoint({self._rectangles(rows, scope)}))", ATOM
        raise self.refuse(f"`{function}`", UNSUPPORTED["piecewise" if function == "piecewise" else
                                                       "function of a variable"], e)  # fmt: skip
