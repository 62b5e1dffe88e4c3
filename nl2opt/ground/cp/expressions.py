"""Expression of an instance -> its value before solving: constants folded, variables as affine forms and conditions.

Known conditions come first: `if`, `and`, `or`, `implies` and filters whose condition is known take one branch and never
look at the other. What a part needs to be defined is collected and joined to the nearest enclosing condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from nl2opt.ground.cp.arithmetic import Numeric, choose, divide_floor, power, product, tabulate
from nl2opt.ground.cp.calls import aggregate, call
from nl2opt.ground.cp.conditions import compare, coordinates, equal, equal_any, is_member
from nl2opt.ground.cp.globals import truth
from nl2opt.ground.cp.lookup import chosen, look_up
from nl2opt.ground.cp.names import Names
from nl2opt.ground.cp.scope import failure
from nl2opt.ground.cp.unsupported import unsupported
from nl2opt.ground.cp.values import (
    CONDITIONS,
    FORMULAS,
    INFINITY,
    Affine,
    Choice,
    Exact,
    Formula,
    Scalar,
    combine,
    conjunction,
    disjunction,
    equivalence,
    members,
    negation,
    size,
    tidy,
    times,
)
from nl2opt.ir import limits
from nl2opt.ir.model import Set
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
    joined_lists,
)

PI = Fraction("3.141592653589793")


class Grounder(Names):
    """Values of the expressions of one instance over the variables of one builder."""

    # conditions ------------------------------------------------------------------------------------------------------

    def atom(self, compute: Callable[[], Formula]) -> Formula:
        """A condition that is false where a part of it is undefined."""
        holds, needs = self.apart(compute)
        return conjunction((needs, holds))

    def condition(self, e: Expr) -> Formula:
        """Condition -> a formula that is false where the condition is undefined."""
        return self.atom(lambda: truth(self.b, self.value(e)))

    def known_first(self, args: tuple[Expr, ...], stop: bool) -> Formula:
        """`or` (stop=True), `and` (stop=False): a known condition that decides hides what stands to its right."""
        parts: list[Formula] = []
        for arg in args:
            f = self.condition(arg)
            if f is stop:
                return stop
            parts.append(f)
        return disjunction(parts) if stop else conjunction(parts)

    def membership(self, e: In) -> Formula:
        """`item in collection`."""
        b = self.b
        item = self.value(e.item)
        if isinstance(item, Choice) and isinstance(item.elements[0], tuple):
            item = coordinates(b, item) if isinstance(e.collection, SetLiteral) else item
        if isinstance(e.collection, SetLiteral):
            found = equal_any(b, item, [self.value(i) for i in e.collection.items])
        elif isinstance(e.collection, Subscript) and e.collection.name in self.instance.indexed_sets:
            found = self.in_indexed(item, e.collection)
        else:
            found = is_member(b, item, self.set_of(e.collection))
        return negation(found) if e.negated else found

    def in_indexed(self, item: Scalar, e: Subscript) -> Formula:
        """Membership in the set an index, perhaps a variable, selects."""
        index = self.key(e)
        sets = self.instance.indexed_sets[e.name]
        if not any(isinstance(i, Affine | Choice) for i in index):
            return is_member(self.b, item, self.set_of(e))
        reached = [
            (conjunction([equal(self.b, i, k) for i, k in zip(index, key, strict=True)]), s) for key, s in sets.items()
        ]
        self.need(disjunction([r for r, _ in reached]))
        return disjunction([conjunction((r, is_member(self.b, item, s))) for r, s in reached if r is not False])

    # values ----------------------------------------------------------------------------------------------------------

    def value(self, e: Expr) -> Scalar:
        """Expression -> its value; what it needs to be defined goes to the enclosing condition."""
        match e:
            case Name(name):
                return self.env[name] if name in self.env else self.declared(name)
            case Number(value):
                return tidy(value)
            case Subscript(name, _):
                return self.subscripted(e)
            case Mul(factors):
                result = self.number(factors[0])
                for f in factors[1:]:
                    result = product(self.b, result, self.number(f))
                return result
            case Add(terms):
                return self.total(self.value(t) for t in terms)
            case Compare(op, left, right):
                return self.atom(lambda: compare(self.b, op, self.value(left), self.value(right)))
            case Aggregate():
                return self.aggregate(e)
            case Neg(arg):
                inner = self.value(arg)
                return -inner if isinstance(inner, float) else times(self.b.number(inner), -1)
            case Binary():
                return self.binary(e)
            case IfElse():
                return self.if_else(e)
            case And(args):
                return self.known_first(args, stop=False)
            case Or(args):
                return self.known_first(args, stop=True)
            case Not(arg):
                return negation(self.condition(arg))
            case Implies(condition, consequence):
                return self.known_first((Not(condition), consequence), stop=True)
            case Iff(left, right):
                return equivalence(self.condition(left), self.condition(right))
            case In():
                return self.atom(lambda: self.membership(e))
            case Label(value) | Boolean(value):
                return value
            case Constant(name):
                return INFINITY if name == "inf" else PI
            case Tuple(items):
                return tuple(c for i in items for c in coordinates(self.b, self.value(i)))
            case Call():
                return call(self, e)
            case ListLiteral() | Comprehension() | SetLiteral() | SetOperation():
                raise unsupported("a symbolic set", self.b.where, "a list or set where a number belongs")

    def number(self, e: Expr) -> Numeric:
        """Expression -> its number."""
        return self.b.number(self.value(e))

    def total(self, values: Iterator[Scalar]) -> Scalar:
        """Sum, gathered in one dictionary of terms."""
        terms: dict[int, Exact] = {}
        const: Exact | float = 0
        for value in values:
            if isinstance(value, float):
                const = const + value
                continue
            n = self.b.number(value)
            if isinstance(n, Affine):
                self.b.charge(len(n.terms))
                const = const + n.const
                for v, c in n.terms.items():
                    terms[v] = terms[v] + c if v in terms else c
            else:
                const = const + n
        if isinstance(const, float):
            return const
        kept = {v: tidy(c) for v, c in terms.items() if c}
        return Affine(kept, tidy(const)) if kept else tidy(const)

    def binary(self, e: Binary) -> Scalar:
        """`/`, `//`, `%`, `**`."""
        b = self.b
        left, before = self.number(e.left), self.reads
        right = self.number(e.right)
        if e.op == "**":
            return self.raised(left, right)
        if not isinstance(right, Affine) and right == 0:
            if self.reads > before:
                self.need(False)
                return 0
            raise failure(self, "V103", "division by zero")
        if e.op == "/":
            if not isinstance(right, Affine):
                return times(left, Fraction(1) / right)
            return product(b, left, self.reciprocal(right))
        quotient, defined = divide_floor(b, left, right)
        self.need(defined)
        return quotient if e.op == "//" else combine(left, product(b, quotient, right), -1)

    def reciprocal(self, y: Affine) -> Numeric:
        """1 / y for a whole y of few values."""
        return self.function_of(y, lambda v: Fraction(1, v) if v else None, "division by a variable", 200)

    def raised(self, base: Numeric, exponent: Numeric) -> Numeric:
        """base ** exponent."""
        if isinstance(exponent, Affine):
            if isinstance(base, Affine):
                raise unsupported("power with a variable exponent", self.b.where, "a variable to a variable power")
            fixed = base
            return self.function_of(
                exponent, lambda k: None if not fixed and k < 0 else Fraction(fixed) ** k,
                "power with a variable exponent", 64,
            )  # fmt: skip
        whole = tidy(exponent)
        if isinstance(whole, int) and (whole >= 0 or not isinstance(base, Affine)):
            if whole < 0 and base == 0:
                raise failure(self, "V103", "zero to a negative power")
            if not isinstance(base, Affine) and not limits.is_power_small(Fraction(base), whole):
                raise failure(self, "V103", "no real value, or one out of range")
            return power(self.b, base, whole) if whole >= 0 else tidy(Fraction(base) ** whole)  # type: ignore[arg-type]
        if isinstance(whole, int) and isinstance(base, Affine):
            negative = whole
            return self.function_of(base, lambda v: Fraction(v) ** negative if v else None, "real power", 200)
        if isinstance(base, Affine) or base < 0:
            raise unsupported("real power", self.b.where, f"exponent {exponent}")
        return Fraction(repr(float(base) ** float(exponent)))

    def function_of(self, x: Affine, f: Callable[[int], Fraction | None], construct: str, most: int) -> Numeric:
        """A function of a whole variable of at most ``most`` values, as a table."""
        low, high = self.b.whole_bounds(x)
        if low == -INFINITY or high == INFINITY or size(self.b.span(x)) > most or x.const.denominator > 1:
            raise unsupported(construct, self.b.where, f"values from {low} to {high}")
        table = {v: f(v) for v in members(self.b.span(x))}
        found, defined = tabulate(self.b, x, {v: tidy(y) for v, y in table.items() if y is not None}, construct)
        self.need(defined)
        return found

    def if_else(self, e: IfElse) -> Scalar:
        """`then if condition else otherwise`: one branch where the condition is known, else the chosen value."""
        condition = self.condition(e.condition)
        if isinstance(condition, bool):
            return self.value(e.then if condition else e.otherwise)
        then, needs_then = self.apart(lambda: self.value(e.then))
        otherwise, needs_otherwise = self.apart(lambda: self.value(e.otherwise))
        opposite = negation(condition)
        self.need(disjunction((opposite, needs_then)))
        self.need(disjunction((condition, needs_otherwise)))
        if isinstance(then, FORMULAS) and isinstance(otherwise, FORMULAS):
            return conjunction((disjunction((opposite, then)), disjunction((condition, otherwise))))
        if isinstance(then, str | tuple | Choice):
            place = choose(self.b, condition, 1, 0)
            return chosen(self, place, {0: otherwise, 1: then})
        return choose(self.b, condition, self.b.number(then), self.b.number(otherwise))

    # names -----------------------------------------------------------------------------------------------------------

    def declared(self, name: str) -> Scalar:
        """A bare declared name -> its scalar value."""
        if name not in self.instance.model.symbols:
            raise failure(self, "V105", f"unknown name `{name}`")
        if self.instance.model.symbols[name].over:
            raise failure(self, "V106", f"`{name}` needs an index here")
        return self.entry(name, ())

    def key(self, e: Subscript) -> tuple[Scalar, ...]:
        """A subscript -> its coordinates."""
        out: list[Scalar] = []
        for i in e.index:
            value = self.env[i.name] if isinstance(i, Name) and i.name in self.env else self.value(i)
            if isinstance(value, CONDITIONS):
                out.append(self.b.count(value))
            else:
                out.extend((value,) if isinstance(value, str | int) else coordinates(self.b, value))
        return tuple(tidy(v) if isinstance(v, Fraction) else v for v in out)

    def at_indices(self, e: Subscript) -> Scalar | None:
        """The entry where every subscript is a bound index, as nearly always; None where it takes a longer look."""
        name, env = e.name, self.env
        variables = self.variables.get(name)
        family = variables if variables is not None else self._parameters.get(name)
        if family is None:
            return None
        key = []
        for i in e.index:
            if type(i) is not Name or i.name not in env:
                return None
            key.append(env[i.name])
        found = family.get(tuple(key))  # type: ignore[arg-type]
        if found is not None and variables is not None:
            self.reads += 1
        return found

    def subscripted(self, e: Subscript) -> Scalar:
        """`name[i, j]` -> the entry at that key, or the one the variables among the indices reach."""
        plain = self.at_indices(e)
        if plain is not None:
            return plain
        before = self.reads
        index = self.key(e)
        if any(isinstance(i, Affine | Choice) for i in index):
            return look_up(self, e.name, index)
        if self.reads > before and index not in self.keys(e.name):
            self.need(False)
            return 0
        return self.entry(e.name, index)  # type: ignore[arg-type]

    # arguments and aggregates ----------------------------------------------------------------------------------------

    def listing(self, args: tuple[Expr, ...]) -> list[Scalar]:
        """Arguments -> values; a bare array or a list stands for all its elements."""
        out: list[Scalar] = []
        for arg in args:
            item = self.instance.model.symbols.get(arg.name) if isinstance(arg, Name) else None
            match arg:
                case Name(name) if name not in self.env and isinstance(item, Set):
                    out.extend(self.instance.sets[name].elements)
                case Name(name) if name not in self.env and item is not None and item.over:
                    out.extend(self.entry(name, key) for key in self.keys(name))
                case Subscript(name, _) if name in self.instance.indexed_sets:
                    out.extend(self.set_of(arg).elements)
                case ListLiteral(items):
                    out.extend(self.listing(items))
                case Comprehension("list", body, generators):
                    for kept in self.each(generators):
                        if not isinstance(kept, bool):
                            raise unsupported("filter over variables", self.b.where, "a list")
                        if kept:
                            out.append(self.value(body))
                case Comprehension() | SetLiteral() | SetOperation():
                    out.extend(self.set_of(arg).elements)
                case _ if lists := joined_lists(arg):
                    out.extend(self.listing(lists))
                case _:
                    out.append(self.value(arg))
        return out

    def aggregate(self, e: Aggregate) -> Scalar:
        """`function(body for ...)`."""
        match e.function:
            case "sum":
                self.announce(e)
                return self.total(self.summands(e))
            case "all" | "any":
                return self.quantified(e, stop=e.function == "any")
            case "all_different":
                return self.atom(lambda: truth(self.b, aggregate(self, e.function, self.bodies(e))))
            case _:
                return aggregate(self, e.function, self.bodies(e))

    def announce(self, e: Aggregate) -> None:
        """Refuse a sum over plain sets whose size alone is beyond the limit."""
        if len(e.generators) == 1 and not e.generators[0].conditions and not isinstance(e.body, Compare):
            count = len(self.set_of(e.generators[0].source))
            if self.b.terms + count > limits.GROUNDED_TERMS:
                self.b.charge(count)

    def summands(self, e: Aggregate) -> Iterator[Scalar]:
        """The terms of a sum; a filter over variables multiplies."""
        for kept in self.each(e.generators):
            term = self.value(e.body)
            yield term if kept is True else product(self.b, self.b.count(kept), self.b.number(term))

    def quantified(self, e: Aggregate, stop: bool) -> Formula:
        """`all` (stop=False), `any` (stop=True); a filter over variables implies."""
        parts: list[Formula] = []
        for kept in self.each(e.generators):
            body = self.condition(e.body)
            part = conjunction((kept, body)) if stop else disjunction((negation(kept), body))
            if part is stop:
                return stop
            parts.append(part)
        return disjunction(parts) if stop else conjunction(parts)

    def bodies(self, e: Aggregate) -> list[Scalar]:
        """The values of an aggregate that takes no filter over variables."""
        out = []
        for kept in self.each(e.generators):
            if not isinstance(kept, bool):
                raise unsupported("filter over variables", self.b.where, e.function)
            if kept:
                out.append(self.value(e.body))
        return out
