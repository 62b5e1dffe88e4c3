"""Numbers over variables -> OR-Tools source: linear expressions, and calls that return a variable for the rest."""

from __future__ import annotations

from abc import abstractmethod

from nl2opt.emitters.python.kept import Kept
from nl2opt.emitters.python.known import ATOM, IF, OR, PRODUCT, SUM, UNARY, Scope
from nl2opt.emitters.python.positions import PositionWriter
from nl2opt.emitters.python.reasons import UNSUPPORTED
from nl2opt.emitters.python.signs import is_nonnegative
from nl2opt.ir.model import Parameter
from nl2opt.ir.nodes import (
    ZERO,
    Add,
    Aggregate,
    Binary,
    Call,
    Expr,
    IfElse,
    Mul,
    Name,
    Neg,
    Number,
    Subscript,
)
from nl2opt.passes.facts import is_formula, is_known


class NumberWriter(PositionWriter):
    """Writes numbers over integer variables and positions; a condition among them counts by its literal."""

    @abstractmethod
    def literal(self, e: Expr, scope: Scope, positive: bool = False) -> tuple[str, int]:
        """A condition -> (source of a literal, binding strength); ``positive``: nothing rests on its being false."""

    @abstractmethod
    def test(self, e: Expr, scope: Scope, positive: bool = False) -> str:
        """A condition -> source of a comparison, a literal or a truth value, for a function of the program."""

    def use(self, function: str) -> str:
        """A function the program must define -> its name."""
        self.functions.add(function)
        return function

    def spell(self, e: Expr, scope: Scope) -> tuple[str, int]:
        """Node -> (source, binding strength)."""
        if is_known(e, self.model):
            return self.known(e, scope)
        if is_formula(e, self.model):
            return self.literal(e, scope)

        def w(x: Expr, level: int = 0) -> str:
            return self.write(x, scope, level)

        match e:
            case Name(name):
                return self.names[name], ATOM
            case Subscript(name, index):
                if all(is_known(i, self.model) for i in index):
                    return f"{self.names[name]}[{', '.join(w(i) for i in index)}]", ATOM
                return self.picked(e, scope)
            case Neg(arg):
                return f"-{w(arg, UNARY)}", UNARY
            case Add(terms):
                signed = [(isinstance(t, Neg), t.arg if isinstance(t, Neg) else t) for t in terms]
                return self.sum_of(signed, w), SUM
            case Mul(factors):
                return self._product(factors, scope)
            case Binary():
                return self._division(e, scope)
            case IfElse(condition, then, otherwise):
                if is_known(condition, self.model):
                    return f"{w(then, OR)} if {w(condition, OR)} else {w(otherwise, IF)}", IF
                return self.choice(e, w(then), w(otherwise), scope)
            case Aggregate("sum", body, generators):
                clauses, inner = self.clauses(generators, scope)
                return f"sum({self.write(body, inner, IF)} {clauses})", ATOM
            case Aggregate(function, body, generators):
                clauses, inner = self.clauses(generators, scope)
                listed = f"[{self.write(body, inner, IF)} {clauses}]"
                return (self._multiplied(listed) if function == "prod" else self.reduced(function, listed)), ATOM
            case Call():
                return self._function(e, scope)
            case _:
                raise self.refuse("this expression", UNSUPPORTED["function of a variable"], e)

    # functions ------------------------------------------------------------------------------------------------------

    def choice(self, e: IfElse, then: str, otherwise: str, scope: Scope) -> tuple[str, int]:
        """A number times a literal where the other branch is 0 and nothing is decided, else a call."""
        if e.otherwise == ZERO and is_known(e.then, self.model):
            text, own = self.literal(e.condition, scope)
            return f"{then} * {f'({text})' if own < UNARY else text}", PRODUCT
        return f"{self.use('choice')}(model, {self.test(e.condition, scope)}, {then}, {otherwise})", ATOM

    def reduced(self, function: str, listed: str) -> str:
        """`sum`, or a call of the program's own `maximum`, `minimum`."""
        if function == "sum":
            return f"sum({listed[1:-1] if ' for ' in listed else listed})"
        return f"{self.use('maximum' if function == 'max' else 'minimum')}(model, {listed})"

    def magnitude(self, value: str) -> str:
        """A call of the program's own `absolute`."""
        return f"{self.use('absolute')}(model, {value})"

    def _multiplied(self, listed: str) -> str:
        return f"{self.use('product')}(model, {listed})"

    def _product(self, factors: tuple[Expr, ...], scope: Scope) -> tuple[str, int]:
        known = [f for f in factors if is_known(f, self.model)]
        decided = [f for f in factors if not is_known(f, self.model)]
        if len(decided) == 1:
            texts = [self.write(f, scope, PRODUCT if i == 0 else UNARY) for i, f in enumerate([*known, *decided])]
            return " * ".join(texts), PRODUCT
        made = self._multiplied(f"[{', '.join(self.write(f, scope, IF) for f in decided)}]")
        if not known:
            return made, ATOM
        texts = [self.write(f, scope, PRODUCT if i == 0 else UNARY) for i, f in enumerate(known)]
        return " * ".join([*texts, made]), PRODUCT

    def _division(self, e: Binary, scope: Scope) -> tuple[str, int]:
        left, right = e.left, e.right
        if e.op == "/":
            reason = UNSUPPORTED["division by a variable" if not is_known(right, self.model) else "decimals"]
            raise self.refuse("a quotient", reason, e)
        a, b = self.write(self.whole(left), scope), self.write(self.whole(right), scope)
        if e.op == "**":
            if not is_known(right, self.model) or not is_nonnegative(right, self.instance):
                raise self.refuse("a power", UNSUPPORTED["power"], e)
            times = f"{self.write(right, scope, UNARY)}"
            return self._multiplied(f"[{a}] * {times}"), ATOM
        return f"{self.use('floor_div' if e.op == '//' else 'floor_mod')}(model, {a}, {b})", ATOM

    def _function(self, e: Call, scope: Scope) -> tuple[str, int]:
        function, args = e.function, e.args
        if function == "abs":
            return self.magnitude(self.write(args[0], scope)), ATOM
        if function in ("min", "max", "sum"):
            return self.reduced(function, f"[{', '.join(self.write(a, scope, IF) for a in args)}]"), ATOM
        if function == "prod":
            return self._product(args, scope)
        if function == "position":
            root, source = self.root_of(args[0]), self.drawn(args[0], scope)
            if root is not None and source == Name(root):
                return self.write(args[0], scope), ATOM
            raise self.refuse("`position`", UNSUPPORTED["labels of different sets"], e)
        reason = "piecewise" if function == "piecewise" else "function of a variable"
        raise self.refuse(f"`{function}`", UNSUPPORTED[reason], e)

    # elements -------------------------------------------------------------------------------------------------------

    def picked(self, e: Subscript, scope: Scope, scaled: bool = False) -> tuple[str, int]:
        """An element of a list, or of rows where the keys are no plain product of ranges and whole label sets."""
        if not self.is_listed(e):
            return self._of_rows(e, scope, scaled), ATOM
        place, listed = self.place_and_list(e, scope, scaled)
        return f"{self.use('element')}(model, {place}, {listed})", ATOM

    def place_and_list(self, e: Subscript, scope: Scope, scaled: bool = False) -> tuple[str, str]:
        """`a[x]` -> (source of a place, source of the list of values it is a place in)."""
        value, loops, places = self.looked_into(e, scope, scaled)
        listed = f"[{value} {' '.join(f'for {name} in {source}' for name, source in loops)}]"
        place = places[0]
        for (_, source), next_place in zip(loops[1:], places[1:], strict=True):
            inner = place if place.isidentifier() or place.endswith("]") else f"({place})"
            place = f"len({source}) * {inner} + {next_place}"
        return place, listed

    def is_listed(self, e: Subscript) -> bool:
        """True where each variable index has a place in its axis."""
        if not self.is_dense(e):
            return False
        over, _ = self.indexed_domain(e)
        return all(
            is_known(i, self.model)
            or (g.source == Name(root) if (root := self.root_of(i)) is not None else self.is_contiguous(g.source))
            for g, i in zip(over, e.index, strict=True)
        )

    def _of_rows(self, e: Subscript, scope: Scope, scaled: bool) -> str:
        """`a[x]` -> a row of keys and values; the values are known."""
        if not isinstance(self.model.symbols.get(e.name), Parameter):
            raise self.refuse("an index by a variable", UNSUPPORTED["element of filtered keys"], e)
        over, _ = self.indexed_domain(e)
        targets = [t for g in over for t in g.targets]
        if len(targets) != len(e.index):
            raise self.refuse("an index by a variable", UNSUPPORTED["element of filtered keys"], e)
        name = self.names[e.name]
        columns = [self.identifiers.make(f"key_{k + 1}") for k in range(len(targets))]
        kept, cells, decided = [], [], []
        for i, column in zip(e.index, columns, strict=True):
            if is_known(i, self.model):
                kept.append(f"{column} == {self.write(i, scope, OR)}")
                continue
            root = self.root_of(i)
            decided.append(self.write(self.whole(i), scope))
            if root is not None:
                kept.append(f"{column} in {self.names[root]}")
            cells.append(f"{self.names[root]}.index({column})" if root is not None else column)
        for column in columns:
            self.identifiers.release(column)
        holder = self.root_of(e)
        value = f"{self.names[holder]}.index(value)" if holder is not None else "value"
        value = "int(scale * value)" if scaled else value
        key = columns[0] if len(columns) == 1 else f"({', '.join(columns)})"
        condition = f" if {' and '.join(kept)}" if kept else ""
        rows = f"[({', '.join([*cells, value])}) for {key}, value in {name}.items(){condition}]"
        return f"{self.use('looked_up')}(model, [{', '.join(decided)}], {rows})"

    def is_affine(self, e: Expr) -> bool:
        """True where the form of a number shows at most one variable, once."""
        if is_known(e, self.model):
            return True
        match e:
            case Name(name) | Subscript(name, _):
                return not isinstance(self.model.symbols.get(name), Kept)
            case Neg(arg):
                return self.is_affine(arg)
            case Add(parts) | Mul(parts):
                decided = [p for p in parts if not is_known(p, self.model)]
                return len(decided) == 1 and self.is_affine(decided[0])
            case Call("min" | "max" | "abs" | "prod") | Aggregate("min" | "max" | "prod"):
                return True
            case _:
                return isinstance(e, Number)

    def affine(self, e: Expr, scope: Scope) -> str:
        """A whole number -> source with at most one variable."""
        text = self.write(self.whole(e), scope, IF)
        return text if self.is_affine(e) else f"{self.use('variable')}(model, {text})"
