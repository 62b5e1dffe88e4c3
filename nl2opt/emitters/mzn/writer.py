"""Expression -> MiniZinc source.

What is known before solving and what variables decide is written alike: MiniZinc tells them apart by itself, computes
the first when it flattens, and takes one branch of a condition that is known. Its partial functions are relational as
docs/SEMANTICS.md asks. Conditions are Booleans, which MiniZinc counts as 0 and 1 where a number is asked for.
"""

from __future__ import annotations

from nl2opt.emitters.mzn.comparisons import ComparisonWriter
from nl2opt.emitters.mzn.declared import (
    AND,
    ATOM,
    CONJUNCTION,
    IFF,
    IMPLY,
    OR,
    POWER,
    PRODUCT,
    SUM,
    UNARY,
    UNION,
    Scope,
)
from nl2opt.emitters.mzn.reasons import UNSUPPORTED
from nl2opt.emitters.natives import count
from nl2opt.emitters.natives.forms import is_total
from nl2opt.emitters.python.signs import is_nonnegative
from nl2opt.ir.model import NamedExpression, Over, Parameter, Variable
from nl2opt.ir.nodes import (
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


class Writer(ComparisonWriter):
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
            if isinstance(right, Number) and right.value in (2, 3) and not self.is_whole(left):
                return self.spell(Mul((left,) * int(right.value)), scope)
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
        if is_nonnegative(left, self.instance) and is_nonnegative(right, self.instance):
            op = "div" if e.op == "//" else "mod"
            return f"{self.write(left, scope, PRODUCT)} {op} {self.write(right, scope, POWER)}", PRODUCT
        name = "floor_div" if e.op == "//" else "floor_mod"
        self.functions.add(name)
        return f"{name}({self.write(left, scope)}, {self.write(right, scope)})", ATOM

    # aggregates and calls -------------------------------------------------------------------------------------------

    def aggregate(self, e: Aggregate, scope: Scope) -> str:
        """`sum(body for ...)` and its kin."""
        if e.function == "all_different":
            return self.all_different(Comprehension("list", e.body, e.generators), scope)
        found = count(e, self.model)
        whole = found is not None and self.is_whole(found.value) and self.is_whole(found.values.body)
        if found is not None and whole and not self._holds_labels(found.values.body):
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
