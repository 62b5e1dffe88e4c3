"""Expression -> MiniZinc source.

What is known before solving and what variables decide is written alike: MiniZinc tells them apart by itself, computes
the first when it flattens, and takes one branch of a condition that is known. Its partial functions are relational as
docs/SEMANTICS.md asks. Conditions are Booleans, which MiniZinc counts as 0 and 1 where a number is asked for.
"""

from __future__ import annotations

from fractions import Fraction

from nl2opt.emitters.mzn.declared import (
    AND,
    ATOM,
    COMPARISON,
    CONJUNCTION,
    IFF,
    IMPLY,
    OR,
    POWER,
    PRODUCT,
    SUM,
    UNARY,
    UNION,
    Index,
    Scope,
)
from nl2opt.emitters.mzn.reasons import UNSUPPORTED
from nl2opt.emitters.mzn.sets import SetWriter
from nl2opt.emitters.natives import count
from nl2opt.emitters.natives.forms import is_total
from nl2opt.ir.model import NamedExpression, Over, Parameter, Variable
from nl2opt.ir.nodes import (
    ONE,
    ZERO,
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
    Generator,
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
    conjunction,
    mul,
)
from nl2opt.ir.walk import free_names
from nl2opt.passes.elements import is_element_valued
from nl2opt.passes.facts import GLOBALS, is_formula, is_known
from nl2opt.passes.rewrite import negation

_FUNCTIONS = {"ceil": "ceil", "floor": "floor", "sqrt": "sqrt", "exp": "exp", "log": "ln", "sin": "sin", "cos": "cos"}
_AGGREGATES = {"sum": "sum", "prod": "product", "min": "min", "max": "max", "all": "forall", "any": "exists"}


NOT_COUNTED = frozenset(("circuit", "subcircuit", "no_overlap", "cumulative"))
"""Global constraints that solvers can require and not reify."""

TOLERANCE = "1e-6"
"""How far apart two unequal sides are at least, where decimals have five places."""


class Writer(SetWriter):
    """Writes expressions of one instance."""

    # numbers and conditions -----------------------------------------------------------------------------------------

    def spell(self, e: Expr, scope: Scope) -> tuple[str, int]:
        """Node -> (source, binding strength of its outermost operator)."""

        def w(x: Expr, level: int = 0) -> str:
            return self.write(x, scope, level)

        match e:
            case Number(value):
                return self.number(value)
            case Constant(name):
                return ("infinity", ATOM) if name == "inf" else ("3.141592653589793", ATOM)
            case Boolean(value):
                return str(value).lower(), ATOM
            case Label(value):
                return self.bases.label(value), ATOM
            case Name(name):
                if name in scope:
                    return scope[name].text, ATOM
                if name not in self.names:
                    raise self.refuse(f"`{name}`", UNSUPPORTED["an element that is a tuple"], e)
                return self.names[name], ATOM
            case Subscript():
                text = self.subscript(e, scope)
                if self.is_boolean(e) and not is_total(e, self.model):
                    return self._counted_element(e.name, text), ATOM
                return text, 0 if text.startswith("let ") else ATOM
            case SetLiteral() | SetOperation() | Comprehension("set", _, _) | Call("range", _, _):
                return self.collection(e, scope, ATOM), ATOM
            case Neg(arg):
                return f"-{w(arg, UNARY)}", UNARY
            case Add(terms):
                return self._sum(terms, scope), SUM
            case Mul(factors):
                if self.is_continuous and (chosen := self._switched(factors)) is not None:
                    return self.spell(chosen, scope)
                ordered = sorted(factors, key=lambda f: not is_known(f, self.model))
                return " * ".join(w(f, PRODUCT if i == 0 else POWER) for i, f in enumerate(ordered)), PRODUCT
            case Binary():
                return self._division(e, scope)
            case Compare():
                return self.compare(e, scope)
            case In():
                return self.membership(e, scope)
            case And(args):
                return CONJUNCTION.join(self.condition(a, scope, AND) for a in args), AND
            case Or(args):
                return " \\/ ".join(self.condition(a, scope, AND) for a in args), OR
            case Not(arg):
                return self.negated(arg, scope)
            case Implies(condition, consequence):
                if not self.is_testable_condition(condition):
                    return self.spell(Or((negation(condition), consequence)), scope)
                return f"{self.condition(condition, scope, OR)} -> {self.condition(consequence, scope, OR)}", IMPLY
            case Iff(left, right):
                return f"{self.condition(left, scope, IMPLY)} <-> {self.condition(right, scope, IMPLY)}", IFF
            case IfElse(condition, then, otherwise):
                write = self.condition if self.is_boolean(e) else self.write
                test = self.condition(condition, scope)
                return f"if {test} then {write(then, scope)} else {write(otherwise, scope)} endif", ATOM
            case Aggregate():
                return self.aggregate(e, scope), ATOM
            case Call():
                return self.call(e, scope)
            case _:
                raise self.refuse("this expression", UNSUPPORTED["an element that is a tuple"], e)

    def element(self, e: Subscript, scope: Scope) -> str:
        """A binary element that stands as a condition, false where it is undefined."""
        text = self.subscript(e, scope)
        return f"({text})" if text.startswith("let ") else text

    def _counted_element(self, name: str, cell: str) -> str:
        """A binary element that stands as a number: where it is undefined, the comparison around it is false, so it is
        looked up among integers."""
        array = self.names[name]
        axes = len(self.frames[name].axes)
        sets = [f"index_set_{k + 1}of{axes}({array})" for k in range(axes)] if axes > 1 else [f"index_set({array})"]
        numbers = f"array{axes}d({', '.join(sets)}, [bool2int(other) | other in {array}])"
        return f"({cell.replace(f'{array}[', f'{numbers}[', 1)})"

    def _switched(self, factors: tuple[Expr, ...]) -> Expr | None:
        """A product of conditions and one number that is not whole -> a choice, which is linear."""
        decided = [f for f in factors if not is_known(f, self.model)]
        switches = [f for f in decided if self.is_boolean(f)]
        rest = [f for f in factors if f not in switches]
        if not switches or len(decided) - len(switches) != 1 or all(map(self.is_whole, rest)):
            return None
        return IfElse(conjunction(*switches), mul(*rest), ZERO)

    def _sum(self, terms: tuple[Expr, ...], scope: Scope) -> str:
        match terms:
            case (Call("position", _), Neg(Call("position", _) as other)):
                a, b = self._without_positions(terms[0], other, scope)
                terms = (a, Neg(b))
            case _:
                pass
        parts: list[str] = []
        for i, term in enumerate(terms):
            inner = term.arg if isinstance(term, Neg) else term
            text = self.write(inner, scope, PRODUCT if i or isinstance(term, Neg) else SUM)
            if i == 0:
                parts.append(f"-{text}" if isinstance(term, Neg) else text)
            elif not isinstance(term, Neg) and text.startswith("-"):
                parts.append(f" - {text[1:]}")
            else:
                parts.append(f" {'-' if isinstance(term, Neg) else '+'} {text}")
        return "".join(parts)

    def _division(self, e: Binary, scope: Scope) -> tuple[str, int]:
        left, right = e.left, e.right
        if e.op == "**":
            return f"{self.write(left, scope, ATOM)} ^ {self.write(right, scope, UNARY)}", POWER
        if e.op == "/":
            return f"{self.write(left, scope, PRODUCT)} / {self.write(right, scope, POWER)}", PRODUCT
        if not self.is_whole(left) or not self.is_whole(right):
            if not is_known(e, self.model):
                raise self.refuse(f"`{e.op}` of decimals", UNSUPPORTED["division of decimals"], e)
            whole = f"floor({self.write(left, scope, PRODUCT)} / {self.write(right, scope, POWER)})"
            if e.op == "//":
                return whole, ATOM
            return f"{self.write(left, scope, SUM)} - {self.write(right, scope, POWER)} * {whole}", SUM
        if self.is_nonnegative(left) and self.is_nonnegative(right):
            op = "div" if e.op == "//" else "mod"
            return f"{self.write(left, scope, PRODUCT)} {op} {self.write(right, scope, POWER)}", PRODUCT
        name = "floor_div" if e.op == "//" else "floor_mod"
        self.functions.add(name)
        return f"{name}({self.write(left, scope)}, {self.write(right, scope)})", ATOM

    # conditions -----------------------------------------------------------------------------------------------------

    def compare(self, e: Compare, scope: Scope, demanded: bool = False) -> tuple[str, int]:
        """A comparison; over continuous sides a strict one is closed (docs/SEMANTICS.md, Strict comparisons).

        Sides over whole variables that are no whole numbers are floats here: they are told apart by half the least
        step that decimals of five places make, unless the comparison is ``demanded`` and closed.
        """
        left, right, op = *self._without_positions(e.left, e.right, scope), e.op
        if isinstance(left, Tuple) and isinstance(right, Tuple):
            pairs = tuple(Compare("==", a, b) for a, b in zip(left.items, right.items, strict=True))
            same: Expr = And(pairs) if len(pairs) > 1 else pairs[0]
            return self.spell(same if op == "==" else Not(same), scope)
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
        if isinstance(arg, In) and is_total(arg.item, self.model):
            return self.spell(In(arg.item, arg.collection, not arg.negated), scope)
        if isinstance(arg, Compare) and arg.op in ("==", "!=") and is_total(arg, self.model):
            return self.spell(opposite, scope)
        if isinstance(arg, Call) and arg.function in ("circuit", "subcircuit", "no_overlap_2d"):
            raise self.refuse("a negation", UNSUPPORTED["global constraint as a condition"], arg)
        return f"not {self.condition(arg, scope, ATOM)}", UNARY

    def membership(self, e: In, scope: Scope) -> tuple[str, int]:
        """`x in S`, `(x, y) in T`."""
        item, collection = e.item, e.collection
        if isinstance(item, Tuple):
            text = self._rows_member(item.items, collection, scope)
            return (f"not {text}", UNARY) if e.negated else (text, ATOM)
        if e.negated and not is_total(item, self.model):
            each = Aggregate("all", Compare("!=", item, Name("other_")), (Generator(("other_",), collection),))
            inner = dict(scope) | {"other_": Index("other", collection)}
            return f"forall(other in {self.collection(collection, scope)})({self.write(each.body, inner)})", ATOM
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

    # aggregates and calls -------------------------------------------------------------------------------------------

    def aggregate(self, e: Aggregate, scope: Scope) -> str:
        """`sum(body for ...)` and its kin."""
        if e.function == "all_different":
            return self.all_different(Comprehension("list", e.body, e.generators), scope)
        found = count(e, self.model)
        if found is not None and not self._holds_labels(found.values.body):
            return f"count({self.listed(found.values, scope)}, {self.write(found.value, scope)})"
        name = _AGGREGATES[e.function]
        array = self.whole_array(e.body, e.generators, scope)
        if array and (e.function != "prod" or is_known(e, self.model)):
            return f"{name}({array})"
        clauses, inner = self.clauses(e.generators, scope)
        if e.function in ("all", "any"):
            return f"{name}({clauses})({self.condition(e.body, inner)})"
        if e.function == "prod" and not is_known(e, self.model):
            self.functions.add("product_of")
            return f"product_of([{self.write(e.body, inner)} | {clauses}])"
        if e.function == "sum" and is_formula(e.body, self.model):
            return f"count({clauses})({self.condition(e.body, inner)})"
        return f"{name}({clauses})({self.write(e.body, inner)})"

    def _holds_labels(self, e: Expr) -> bool:
        """True for a variable or parameter whose values are labels (or tuples); MiniZinc 2.6 fails to count those."""
        if not isinstance(e, Name | Subscript):
            return is_element_valued(e, self.model)
        family, held = self.instance.variables.get(e.name), self.instance.parameters.get(e.name)
        elements = [x for s in family.within or () for x in s] if family else held.elements if held else ()
        return any(not isinstance(x, int) for x in elements or ())

    def all_different(self, values: Comprehension, scope: Scope) -> str:
        """The values of a list are pairwise different."""
        self.includes.add("alldifferent")
        return f"alldifferent({self.listed(values, scope)})"

    def listed(self, e: Comprehension, scope: Scope, whole: bool = True) -> str:
        """A list with generators -> an array; the array's own name where it is all of one."""
        array = self.whole_array(e.body, e.generators, scope) if whole else ""
        if array:
            return array
        clauses, inner = self.clauses(e.generators, scope)
        return f"[{self.write(e.body, inner)} | {clauses}]"

    def whole_array(self, body: Expr, over: Over, scope: Scope) -> str:
        """`x[i, j] for i in I for j in J` -> `x`, where x is declared over just these; '' for anything else."""
        if not isinstance(body, Subscript):
            return ""
        declared = self.model.symbols.get(body.name)
        frame = self.frames.get(body.name)
        if not isinstance(declared, Parameter | Variable | NamedExpression) or frame is None or not frame.full:
            return ""
        targets = tuple(Name(t) for g in over for t in g.targets)
        same = len(over) == len(declared.over) and all(
            a.source == b.source and not a.conditions and not b.conditions and not free_names(a.source) & set(scope)
            for a, b in zip(over, declared.over, strict=True)
        )
        return self.names[body.name] if same and body.index == targets else ""

    def call(self, e: Call, scope: Scope) -> tuple[str, int]:
        """A function of the language."""
        function, args = e.function, e.args
        if function in ("first", "last"):
            return f"{'min' if function == 'first' else 'max'}({self.ordered(args[0], scope)})", ATOM
        if function in ("prev", "next"):
            return self.neighbour(e, scope)
        if function == "position":
            return self.position(args[0], scope)
        if function == "len":
            return self._length(args[0], scope), ATOM
        if function in NOT_COUNTED and not self._is_pairwise(e):
            raise self.refuse(f"`{function}` as a condition", UNSUPPORTED["global constraint as a condition"], e)
        if function in GLOBALS - {"all_different"} or function == "piecewise":
            return self.constraint(e, scope), ATOM
        listed = ", ".join(self.write(a, scope) for a in args)
        if function == "round":
            self.functions.add("round_even")
            if len(args) == 1:
                return f"round_even({listed})", ATOM
            digits = f"pow(10, {self.write(args[1], scope)})"
            return f"round_even({self.write(args[0], scope, PRODUCT)} * {digits}) / {digits}", PRODUCT
        if function == "abs":
            return f"{function}({listed})", ATOM
        if function in _FUNCTIONS:
            if not is_known(e, self.model):
                raise self.refuse(f"`{function}` of a variable", UNSUPPORTED["function of a variable"], e)
            return f"{_FUNCTIONS[function]}({listed})", ATOM
        array = args[0] if len(args) == 1 and isinstance(args[0], Name) else None
        if array is not None and function in _AGGREGATES and array.name in self.frames:
            return f"{_AGGREGATES[function]}({self.names[array.name]})", ATOM
        if function == "prod":
            return self.spell(Mul(args), scope)
        if function in ("min", "max", "sum"):
            return f"{_AGGREGATES[function]}([{listed}])", ATOM
        if function in ("all", "any"):
            conditions = ", ".join(self.condition(a, scope) for a in args)
            return f"{_AGGREGATES[function]}([{conditions}])", ATOM
        if function == "all_different":
            self.includes.add("alldifferent")
            return f"alldifferent([{listed}])", ATOM
        raise self.refuse(f"`{function}`", UNSUPPORTED["function of a variable"], e)

    def _is_pairwise(self, e: Call) -> bool:
        """True for intervals that are told apart two by two, which may be a condition."""
        rows = e.args[0]
        return e.function == "no_overlap" and isinstance(rows, ListLiteral)

    def constraint(self, e: Call, scope: Scope, counted: bool = True) -> str:
        """A global constraint; written where they are."""
        raise self.refuse(f"`{e.function}`", UNSUPPORTED["function of a variable"], e)

    def _length(self, e: Expr, scope: Scope) -> str:
        """`len`: of a set, or of nested data before their sets exist, which is a number of the data."""
        if isinstance(e, Name | Subscript) and isinstance(self.model.symbols.get(e.name), Parameter):
            depth = len(e.index) if isinstance(e, Subscript) else 0
            key = f"{e.name}.{depth}"
            if key not in self.sizes:
                wanted = f"n_{self.names[e.name]}" + (f"_{depth + 1}" if depth else "")
                size = self.instance.parameters[e.name].domain.shape[depth]
                self.sizes[key] = (self.identifiers.make(wanted, "n"), size)
            return self.sizes[key][0]
        table = self.rows_of(e)
        if table is not None and isinstance(e, Subscript):
            tests = [
                f"{c}[other] = {self.write(i, scope, UNION)}" for c, i in zip(table.columns, e.index, strict=False)
            ]
            return f"count(other in {table.name})({CONJUNCTION.join(tests)})"
        return f"card({self.collection(e, scope)})"
