"""Expression over variables -> CPMpy source: logic, elements of sets, tables, global constraints.

A variable in a set of labels is a position in a list of the program (its *root*: the first declared set that holds all
its elements), so a label is written `Root.index("label")`. Negations are carried to the leaves, because `~` of a plain
Python truth value is not its negation; what is known is decided by Python's own `and`, `or`, `if`.
"""

from __future__ import annotations

from fractions import Fraction

from nl2opt.emitters.python.decimals import Decimals, fractional_parameters
from nl2opt.emitters.python.known import (
    AND,
    ATOM,
    BIT_AND,
    BIT_OR,
    COMPARISON,
    IF,
    OR,
    POWER,
    PRODUCT,
    SUM,
    UNARY,
    KnownWriter,
    Scope,
)
from nl2opt.ir.instance import Instance, SetValue
from nl2opt.ir.model import NamedExpression, Parameter, Set, Variable
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
    Label,
    ListLiteral,
    Mul,
    Name,
    Neg,
    Not,
    Number,
    Or,
    SetLiteral,
    Subscript,
    Tuple,
)
from nl2opt.ir.walk import map_children
from nl2opt.passes.facts import is_formula, is_known
from nl2opt.passes.rewrite import negation

UNSUPPORTED = {
    "real variable": "CP-SAT decides over integers only",
    "unbounded integer": "CP-SAT needs finite bounds, and none follow from the constraints",
    "division by a variable": "a quotient of variables is no whole number",
    "function of a variable": "the solver knows no functions of variables but abs, min and max",
    "element of a set with gaps": "an index by a variable is written for labels and for ranges",
    "element of filtered keys": "an index by a variable needs a value for each key of its axis",
    "labels of no declared set": "positions of labels are counted in one declared set that holds them all",
    "labels of different sets": "two labels are compared by their positions in one set",
    "choice that may be undefined": "both branches of a choice are evaluated",
    "piecewise": "CPMpy has no piecewise linear function",
    "global constraint as a condition": "this constraint can be required, not negated or counted",
    "decimals": "decimals are scaled to whole numbers in sums and products of one variable part",
    "all solutions": "the program finds one best solution",
}
"""Construct -> the reason the target cannot say it."""


class ChoiceWriter(KnownWriter):
    """Writes expressions over integer variables and positions."""

    exact = True

    def __init__(self, instance: Instance, reserved: frozenset[str] = frozenset()) -> None:
        super().__init__(instance, reserved)
        self.decimals = Decimals(self, fractional_parameters(instance))
        self.roots = {v.name: self._root(v) for v in self.model.variables if self._is_labelled(v.name)}
        self.scaled = False

    # positions -----------------------------------------------------------------------------------------------------------

    def _is_labelled(self, variable: str) -> bool:
        within = self.instance.variables[variable].within
        return within is not None and not all(s.is_integer for s in within)

    def _root(self, v: Variable) -> str:
        needed = {e for s in self.instance.variables[v.name].within or () for e in s}
        for s in self.model.sets:
            if not s.over and needed <= set(self.instance.sets[s.name]):
                return s.name
        raise self.refuse("a variable in this set", UNSUPPORTED["labels of no declared set"], v.within)

    def root_of(self, e: Expr) -> str | None:
        """Decided expression -> the set its label's position is counted in; None for numbers."""
        match e:
            case Name(name) | Subscript(name, _):
                declared = self.model.symbols.get(name)
                if isinstance(declared, Parameter) and not is_known(e, self.model):
                    held = self.instance.parameters[name].elements
                    labels = held is not None and not all(isinstance(x, int) for x in held)
                    return self._holding(SetValue("", tuple(dict.fromkeys(held or ())))) if labels else None
                return self.roots.get(name)
            case IfElse(_, then, otherwise):
                return self.root_of(then) or self.root_of(otherwise)
            case _:
                return None

    def _holding(self, elements: SetValue) -> str:
        for s in self.model.sets:
            if not s.over and set(elements) <= set(self.instance.sets[s.name]):
                return s.name
        raise self.refuse("these labels", UNSUPPORTED["labels of no declared set"])

    def position(self, e: Expr, root: str, scope: Scope, level: int = 0) -> str:
        """Label or tuple, known or decided -> source of its position in the root."""
        if is_known(e, self.model):
            return f"{self.names[root]}.index({self.write(e, scope)})"
        own = self.root_of(e)
        if own != root and not isinstance(e, IfElse):
            raise self.refuse("this comparison", UNSUPPORTED["labels of different sets"], e)
        if isinstance(e, IfElse):
            then, otherwise = self.position(e.then, root, scope, OR), self.position(e.otherwise, root, scope, IF)
            text = self._choice(e.condition, then, otherwise, scope)
            return f"({text[0]})" if text[1] < level else text[0]
        return self.write(e, scope, level)

    # numbers and conditions ----------------------------------------------------------------------------------------------

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
                if is_formula(then) or is_formula(otherwise):
                    parts = (Implies(condition, then), Implies(negation(condition), otherwise))
                    return self._joined(parts, "and", scope)
                self._require_defined(e)
                return self._choice(condition, w(then, UNARY), w(otherwise, UNARY), scope)
            case Aggregate():
                return self._aggregate(e, scope)
            case Call():
                return self._function(e, scope)
        raise AssertionError(e)

    def _choice(self, condition: Expr, then: str, otherwise: str, scope: Scope) -> tuple[str, int]:
        """A number that depends on a condition: each branch times its truth."""
        yes, no = self.write(condition, scope, UNARY), self.write(negation(condition), scope, UNARY)
        parts = [f"{t} * {c}" for t, c in ((then, yes), (otherwise, no)) if t != "0"]
        return " + ".join(parts) or "0", SUM

    def _require_defined(self, e: IfElse) -> None:
        from nl2opt.ir.walk import subexpressions

        for branch in (e.then, e.otherwise):
            for node in subexpressions(branch):
                decided_index = isinstance(node, Subscript) and not all(is_known(i, self.model) for i in node.index)
                divided = isinstance(node, Binary) and node.op != "**" and not is_known(node.right, self.model)
                if decided_index or divided:
                    raise self.refuse("a choice", UNSUPPORTED["choice that may be undefined"], e)

    def _division(self, e: Binary, scope: Scope) -> tuple[str, int]:
        left, right = e.left, e.right
        if e.op == "/":
            reason = UNSUPPORTED["division by a variable" if not is_known(right, self.model) else "decimals"]
            raise self.refuse("a quotient", reason, e)
        if self.decimals.is_fractional(left) or self.decimals.is_fractional(right):
            raise self.refuse(f"`{e.op}` of decimals", UNSUPPORTED["decimals"], e)
        if e.op == "**":
            return f"{self.write(left, scope, ATOM)} ** {self.write(right, scope, UNARY)}", POWER
        if self._is_nonnegative(left) and self._is_nonnegative(right):
            return f"{self.write(left, scope, PRODUCT)} {e.op} {self.write(right, scope, UNARY)}", PRODUCT
        name = "floor_div" if e.op == "//" else "floor_mod"
        self.functions.add(name)
        return f"{name}({self.write(left, scope)}, {self.write(right, scope)})", ATOM

    def _is_nonnegative(self, e: Expr) -> bool:
        match e:
            case Number(value):
                return value >= 0
            case Name(name) | Subscript(name, _):
                if name in self.instance.variables:
                    family = self.instance.variables[name]
                    if family.within is not None:
                        return all(x >= 0 for s in family.within for x in s if isinstance(x, int))
                    return all(low is not None and low >= 0 for low in family.lower)
                held = self.instance.parameters.get(name)
                return held is not None and held.elements is None and all(v >= 0 for v in held.exact)
            case Add(parts) | Mul(parts):
                return all(self._is_nonnegative(p) for p in parts)
            case Aggregate("sum" | "prod" | "min" | "max", body, _):
                return self._is_nonnegative(body)
            case Compare() | Call("abs" | "position", _, _):
                return True
            case _:
                return False

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

    def spread(self, e: Expr) -> Expr:
        """Condition -> the same with every comparison that has decimals in the form `Decimals` scales."""
        if isinstance(e, Compare) and (self.decimals.is_fractional(e.left) or self.decimals.is_fractional(e.right)):
            sides = [x if is_known(x, self.model) else self.decimals.spread(x) for x in (e.left, e.right)]
            return Compare(e.op, *sides)
        return e if is_known(e, self.model) else map_children(e, self.spread)

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
        return f" {word} ".join([*(self.write(k, scope, own + 1) for k in known), text]), own

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
                return name in self.instance.variables
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

    def _aggregate(self, e: Aggregate, scope: Scope) -> tuple[str, int]:
        clauses, inner = self.clauses(e.generators, scope)
        if e.function == "all_different":
            root = self.root_of(e.body)
            body = self.position(e.body, root, inner, IF) if root else self.write(e.body, inner, IF)
            return f"cp.AllDifferent([{body} {clauses}])", ATOM
        body = self.write(e.body, inner, IF)
        if e.function == "prod":
            self.imports.add("math")
            return f"math.prod([{body} {clauses}])", ATOM
        return f"cp.{e.function}([{body} {clauses}])", ATOM

    # elements and tables -------------------------------------------------------------------------------------------------

    def _subscript(self, e: Subscript, scope: Scope) -> tuple[str, int]:
        if all(is_known(i, self.model) for i in e.index):
            return f"{self.names[e.name]}[{', '.join(self.write(i, scope) for i in e.index)}]", ATOM
        declared = self.model.symbols[e.name]
        assert isinstance(declared, Parameter | Variable | NamedExpression)
        domain = (
            self.instance.variables[e.name].domain
            if isinstance(declared, Variable)
            else self.instance.parameters[e.name].domain
        )
        if not domain.dense or any(a.arity > 1 for a in domain.axes) or len(domain.axes) != len(e.index):
            raise self.refuse("an index by a variable", UNSUPPORTED["element of filtered keys"], e)
        places, loops, key = [], [], []
        for g, i in zip(declared.over, e.index, strict=True):
            if is_known(i, self.model):
                key.append(self.write(i, scope))
                continue
            name = self.identifiers.make("ijklmn"[len(loops)], "k")
            key.append(name)
            loops.append((name, self.source(g.source, {})))
            places.append(self._place(i, g.source, scope))
        value = f"{self.names[e.name]}[{', '.join(key)}]"
        root = self.root_of(e)
        if root is not None and isinstance(declared, Parameter):
            value = f"{self.names[root]}.index({value})"
        table = value
        for name, source in reversed(loops):
            table = f"[{table} for {name} in {source}]"
        for name, _ in loops:
            self.identifiers.release(name)
        if len(loops) == 1:
            return f"cp.Element({table}, {places[0]})", ATOM
        return f"cp.cpm_array({table})[{', '.join(places)}]", ATOM

    def _place(self, i: Expr, axis: Expr, scope: Scope) -> str:
        """A decided index -> source of its place in the axis, from 0; out of range is CPMpy's own undefined."""
        root = self.root_of(i)
        if root is not None:
            if axis != Name(root):
                raise self.refuse("an index by a variable", UNSUPPORTED["labels of different sets"], i)
            return self.position(i, root, scope)
        if not self.is_consecutive(axis):
            elements = self.instance.sets[axis.name].elements if isinstance(axis, Name) else ()
            whole = [x for x in elements if isinstance(x, int)]
            if not whole or whole != list(range(whole[0], whole[0] + len(elements))):
                raise self.refuse("an index by a variable", UNSUPPORTED["element of a set with gaps"], i)
        start = self._start(axis, scope)
        return self.write(i, scope) if start == "0" else f"{self.write(i, scope, SUM)} - {start}"

    def _start(self, axis: Expr, scope: Scope) -> str:
        """The first element of a range of integers, '0' where it is known to be."""
        source = axis
        if isinstance(axis, Name):
            declared = self.model.symbols[axis.name]
            if isinstance(declared, Set) and isinstance(declared.elements, Call):
                source = declared.elements
        if isinstance(source, Call) and source.function == "range" and len(source.args) == 1:
            return "0"
        return f"{self.collection(axis, scope)}[0]"

    def _membership(self, e: In, scope: Scope) -> tuple[str, int]:
        if isinstance(e.collection, SetLiteral) and not all(is_known(i, self.model) for i in e.collection.items):
            anyof: Expr = Or(tuple(Compare("==", e.item, i) for i in e.collection.items))
            anyof = anyof.args[0] if isinstance(anyof, Or) and len(anyof.args) == 1 else anyof
            return self.spell(negation(anyof) if e.negated else anyof, scope)
        tilde = "~" if e.negated else ""
        if isinstance(e.item, Tuple):
            text = self._table(e.item.items, e.collection, scope)
        else:
            if is_known(e.item, self.model):
                raise self.refuse("a set of variables", UNSUPPORTED["labels of no declared set"], e)
            root = self.root_of(e.item)
            allowed = self.source(e.collection, scope)
            if root is not None:
                if isinstance(e.collection, SetLiteral):
                    items = ", ".join(self.position(i, root, scope) for i in e.collection.items)
                    allowed = f"[{items}]"
                else:
                    allowed = f"[{self.names[root]}.index(value) for value in {allowed}]"
            text = f"cp.InDomain({self.write(e.item, scope)}, {allowed})"
        return f"{tilde}{text}", UNARY if tilde else ATOM

    def _table(self, items: tuple[Expr, ...], collection: Expr, scope: Scope) -> str:
        """`(x, i, y) in Rows`: one of the rows that fit what is known."""
        columns = [self.identifiers.make(f"column_{k + 1}") for k in range(len(items))]
        kept, cells, decided = [], [], []
        for item, column in zip(items, columns, strict=True):
            if is_known(item, self.model):
                kept.append(f"{column} == {self.write(item, scope, BIT_OR)}")
                continue
            root = self.root_of(item)
            decided.append(self.write(item, scope))
            cells.append(f"{self.names[root]}.index({column})" if root else column)
        for column in columns:
            self.identifiers.release(column)
        condition = f" if {' and '.join(kept)}" if kept else ""
        rows = f"for {', '.join(columns)} in {self.source(collection, scope)}{condition}"
        if len(decided) == 1:
            return f"cp.InDomain({decided[0]}, [{cells[0]} {rows}])"
        tests = " & ".join(f"({d} == {c})" for d, c in zip(decided, cells, strict=True))
        return f"cp.any([{tests} {rows}])"

    # functions -----------------------------------------------------------------------------------------------------------

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
            listed = [self.position(a, root, scope) if root else self.write(a, scope) for a in args]
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
            return f"cp.all(disjoint({self._listed(rows, scope)}))", ATOM
        raise self.refuse(f"`{function}`", UNSUPPORTED["piecewise" if function == "piecewise" else
                                                       "function of a variable"], e)  # fmt: skip

    def _listed(self, e: Expr, scope: Scope) -> str:
        return self.collection(e, scope)

    def _circuit(self, e: Call, scope: Scope) -> tuple[str, int]:
        array = e.args[0]
        declared = self.model.symbols.get(array.name) if isinstance(array, Name) else None
        if not isinstance(declared, Variable) or len(declared.over) != 1:
            raise self.refuse(f"`{e.function}`", "its argument is one variable array over a set", e)
        axis, index = declared.over[0].source, declared.over[0].targets[0]
        place = self._place(Subscript(declared.name, (Name(index),)), axis, {index: axis})
        listed = f"[{place} for {self.names[index]} in {self.source(axis, scope)}]"
        if e.function == "subcircuit":
            self.functions.add("subcircuit")
            return f"subcircuit({listed})", ATOM
        if len(self.instance.variables[declared.name].domain) == 1:
            return f"cp.AllDifferent({listed})", ATOM
        return f"cp.Circuit({listed})", ATOM

    def _intervals(self, e: Expr, width: int, scope: Scope) -> tuple[list[list[Expr]], str, Scope]:
        """The list of intervals -> its columns, and the generator clauses where it has them."""
        if isinstance(e, Comprehension) and isinstance(e.body, Tuple):
            clauses, inner = self.clauses(e.generators, scope)
            return [[i] for i in e.body.items], f" {clauses}", inner
        if isinstance(e, ListLiteral) and all(isinstance(i, Tuple) for i in e.items):
            rows = [i.items for i in e.items if isinstance(i, Tuple)]
            if len({len(r) for r in rows}) == 1:
                return [list(c) for c in zip(*rows, strict=True)], "", scope
            longest = [r if len(r) == width + 1 else (*r, Compare("==", Number(Fraction(0)), Number(Fraction(0)))) for r in rows]
            return [list(c) for c in zip(*longest, strict=True)], "", scope
        raise self.refuse("these intervals", "they are written as a list of tuples", e)

    def _column(self, cells: list[Expr], clauses: str, scope: Scope) -> str:
        return f"[{', '.join(self.write(c, scope, IF) for c in cells)}{clauses}]"

    def _no_overlap(self, e: Call, scope: Scope) -> tuple[str, int]:
        columns, clauses, inner = self._intervals(e.args[0], 2, scope)
        start, length, *present = columns
        starts, lengths = self._column(start, clauses, inner), self._column(length, clauses, inner)
        zero = Number(Fraction(0))
        certain = [isinstance(c, Number) and c.value > 0 for c in length]
        if not present and clauses and all(is_known(c, self.model) for c in length) and not all(certain):
            clauses += f" if {self.write(length[0], inner, SUM)} > 0"
            starts, lengths = self._column(start, clauses, inner), self._column(length, clauses, inner)
            return f"cp.NoOverlap({starts}, {lengths})", ATOM
        if not present and all(certain):
            return f"cp.NoOverlap({starts}, {lengths})", ATOM
        occupied: list[Expr] = [Compare(">", c, zero) for c in length]
        if present:
            occupied = [p if sure else And((p, o)) for p, o, sure in zip(present[0], occupied, certain, strict=True)]
        exists = self._column(occupied, clauses, inner)
        return f"cp.NoOverlapOptional({starts}, {lengths}, is_present={exists})", ATOM

    def _cumulative(self, e: Call, scope: Scope) -> tuple[str, int]:
        columns, clauses, inner = self._intervals(e.args[0], 3, scope)
        start, length, amount, *present = (self._column(c, clauses, inner) for c in columns)
        capacity = self.write(e.args[1], scope)
        given = f"{start}, {length}, demand={amount}, capacity={capacity}"
        if present:
            return f"cp.CumulativeOptional({given}, is_present={present[0]})", ATOM
        return f"cp.Cumulative({given})", ATOM


__all__ = ["UNSUPPORTED", "ChoiceWriter", "Label"]
