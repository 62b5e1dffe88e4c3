"""Expression known before solving -> Python source: numbers, conditions on indices, elements, sets and their order.

Sets are lists or ranges in the program, parameters numbers or dicts by key, indexed sets dicts of lists. `prev` and
`next` become look-ups in a dict of neighbours (`before_Months[m]`), made once, so that a step over the end is a
KeyError as docs/SEMANTICS.md asks, never a silent wrap.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from nl2opt.emitters.python.identifiers import Identifiers, string_literal
from nl2opt.emitters.python.indices import generators
from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Over, Parameter, Set
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
from nl2opt.ir.text import print_expression, print_number
from nl2opt.ir.walk import bound_names
from nl2opt.passes.facts import is_known

IF, OR, AND, NOT, COMPARISON, BIT_OR, BIT_AND, SUM, PRODUCT, UNARY, POWER, ATOM = range(1, 13)
"""Binding strengths of Python's operators, weakest first."""

Scope = Mapping[str, Expr]
"""Index in scope -> the set expression it was drawn from."""

_MATH = {"floor": "floor", "ceil": "ceil", "sqrt": "sqrt", "exp": "exp", "log": "log", "sin": "sin", "cos": "cos"}


class KnownWriter:
    """Writes known expressions; a target extends it with what it says about expressions over variables."""

    exact = False
    """True where numbers that are not whole must stay exact (`Fraction`)."""

    def __init__(self, instance: Instance, reserved: frozenset[str] = frozenset()) -> None:
        self.instance = instance
        self.model = instance.model
        self.identifiers = Identifiers(reserved)
        declared = list(self.model.symbols)
        indices = dict.fromkeys(t for g in generators(self.model) for t in g.targets)
        kinds = {Set: "S", Parameter: "p"}
        self.names = {n: self.identifiers.make(n, kinds.get(type(self.model.symbols[n]), "x")) for n in declared}
        self.names |= {n: self.identifiers.make(n, "i") for n in indices if n not in self.names}
        self.imports: set[str] = set()
        self.neighbours: dict[str, tuple[str, str, str]] = {}
        self.functions: set[str] = set()

    # entry points ---------------------------------------------------------------------------------------------------

    def write(self, e: Expr, scope: Scope, level: int = 0) -> str:
        """Node -> source, in parentheses where its outermost operator binds weaker than ``level``."""
        text, own = self.spell(e, scope)
        return f"({text})" if own < level else text

    def spell(self, e: Expr, scope: Scope) -> tuple[str, int]:
        """Node -> (source, binding strength of its outermost operator)."""
        return self.known(e, scope)

    def clauses(self, generators: Over, scope: Scope) -> tuple[str, Scope]:
        """Generators -> `for i in I if c ...` and the scope inside."""
        parts = []
        inner = dict(scope)
        for g in generators:
            parts.append(f"for {self.target(g.targets)} in {self.source(g.source, inner)}")
            inner |= dict.fromkeys(g.targets, g.source)
            parts += [f"if {self.write(c, inner, OR)}" for c in g.conditions]
        return " ".join(parts), inner

    def target(self, targets: tuple[str, ...]) -> str:
        """Index names -> the target of a `for`."""
        return ", ".join(self.names[t] for t in targets)

    def key(self, targets: tuple[str, ...]) -> str:
        """Index names -> the key of a dict: a name, or a tuple in parentheses."""
        return self.names[targets[0]] if len(targets) == 1 else f"({self.target(targets)})"

    def refuse(self, construct: str, reason: str, e: Expr | None = None) -> Unsupported:
        """The exception for a construct the target cannot say."""
        found = print_expression(e) if e is not None else ""
        return Unsupported(Diagnostic("E601", f"cannot write {construct}", found=found, expected=reason))

    def named(self, name: str, e: Expr) -> str:
        """A name of the model -> its identifier."""
        if name not in self.names:
            raise self.refuse(f"`{name}`", "a declared name or an index", e)
        return self.names[name]

    # numbers, conditions, elements ----------------------------------------------------------------------------------

    def known(self, e: Expr, scope: Scope) -> tuple[str, int]:
        """Known node -> (source, binding strength)."""

        def w(x: Expr, level: int = 0) -> str:
            return self.write(x, scope, level)

        match e:
            case Number(value):
                return self.number(value)
            case Constant(name):
                self.imports.add("math")
                return f"math.{name}", ATOM
            case Boolean(value):
                return str(value), ATOM
            case Label(value):
                return string_literal(value), ATOM
            case Name(name):
                return self.named(name, e), ATOM
            case Subscript(name, index):
                return f"{self.named(name, e)}[{', '.join(w(i) for i in index)}]", ATOM
            case Tuple(items):
                return f"({', '.join(w(i) for i in items)})", ATOM
            case SetLiteral() | SetOperation() | Comprehension() | ListLiteral():
                return self.collection(e, scope), ATOM
            case Neg(arg):
                return f"-{w(arg, UNARY)}", UNARY
            case Add(terms):
                return self.sum_of([(isinstance(t, Neg), t.arg if isinstance(t, Neg) else t) for t in terms], w), SUM
            case Mul(factors):
                return " * ".join(w(f, PRODUCT if i == 0 else UNARY) for i, f in enumerate(factors)), PRODUCT
            case Binary():
                return self.arithmetic(e, scope)
            case Compare(op, left, right):
                return f"{w(left, BIT_OR)} {op} {w(right, BIT_OR)}", COMPARISON
            case In(item, collection, negated):
                return f"{w(item, BIT_OR)} {'not in' if negated else 'in'} {self.source(collection, scope)}", COMPARISON
            case And(args):
                return " and ".join(w(a, NOT) for a in args), AND
            case Or(args):
                return " or ".join(w(a, AND) for a in args), OR
            case Not(arg):
                return f"not {w(arg, NOT)}", NOT
            case Implies(condition, consequence):
                return f"{w(Not(condition), AND)} or {w(consequence, AND)}", OR
            case Iff(left, right):
                return f"bool({w(left)}) == bool({w(right)})", COMPARISON
            case IfElse(condition, then, otherwise):
                return f"{w(then, OR)} if {w(condition, OR)} else {w(otherwise, IF)}", IF
            case Aggregate():
                return self.aggregate(e, scope)
            case Call():
                return self.call(e, scope)
            case _:
                raise self.refuse("this expression", "it is none the emitters know", e)

    def number(self, value: Fraction) -> tuple[str, int]:
        """Exact number -> its literal."""
        if value.denominator == 1:
            return str(value.numerator), ATOM if value >= 0 else UNARY
        text = print_number(value)
        if self.exact:
            self.imports.add("Fraction")
            return (f"Fraction({value.numerator}, {value.denominator})" if "/" in text else f'Fraction("{text}")'), ATOM
        return text, PRODUCT if "/" in text else ATOM if value >= 0 else UNARY

    def sum_of(self, terms: list[tuple[bool, Expr]], w: object) -> str:
        """Signed terms -> `a + b - c`."""
        write = w
        parts = []
        for i, (negated, term) in enumerate(terms):
            text = write(term, PRODUCT if i or negated else SUM)  # type: ignore[operator]
            if i == 0:
                parts.append(f"-{text}" if negated else text)
            elif not negated and text.startswith("-"):
                parts.append(f" - {text[1:]}")
            else:
                parts.append(f" {'-' if negated else '+'} {text}")
        return "".join(parts)

    def arithmetic(self, e: Binary, scope: Scope) -> tuple[str, int]:
        """Known `/`, `//`, `%`, `**` -> source; exact where the program is."""
        if e.op == "**":
            return f"{self.write(e.left, scope, ATOM)} ** {self.write(e.right, scope, UNARY)}", POWER
        left, right = self.write(e.left, scope, PRODUCT), self.write(e.right, scope, UNARY)
        if e.op == "/" and self.exact:
            self.imports.add("Fraction")
            plain = isinstance(e.left, Number) and e.left.value.denominator == 1
            left = f"Fraction({left})"
            if plain and isinstance(e.right, Number) and e.right.value.denominator == 1:
                return f"{left[:-1]}, {right})", ATOM
        return f"{left} {e.op} {right}", PRODUCT

    def aggregate(self, e: Aggregate, scope: Scope) -> tuple[str, int]:
        """Known `sum(... for ...)` and its kin -> Python's own."""
        clauses, inner = self.clauses(e.generators, scope)
        body = f"{self.write(e.body, inner, IF)} {clauses}"
        if e.function == "all_different":
            return self.distinct(f"[{body}]"), COMPARISON
        if e.function == "prod":
            self.imports.add("math")
        return f"{'math.prod' if e.function == 'prod' else e.function}({body})", ATOM

    def distinct(self, values: str) -> str:
        """A list of known values -> the condition that no two are equal."""
        return f"len(set({values})) == len({values})"

    # functions ------------------------------------------------------------------------------------------------------

    def call(self, e: Call, scope: Scope) -> tuple[str, int]:
        """Known function -> source."""
        function, args = e.function, e.args
        if len(args) == 1 and function in ("sum", "min", "max", "all", "any") and (array := self.array(args[0])):
            return f"{function}({array})", ATOM
        listed = ", ".join(self.write(a, scope, IF) for a in args)
        if function in ("first", "last"):
            return f"{self.collection(args[0], scope)}[{0 if function == 'first' else -1}]", ATOM
        if function in ("prev", "next"):
            return self.neighbour(e, scope)
        if function == "position":
            return f"{self.collection(self.drawn(args[0], scope), scope)}.index({listed})", ATOM
        if function == "len":
            return f"len({self.length(args[0], scope)})", ATOM
        if function in _MATH:
            self.imports.add("math")
            return f"math.{_MATH[function]}({listed})", ATOM
        if function in ("abs", "round", "min", "max", "range"):
            return f"{function}({listed})", ATOM
        if function in ("sum", "all", "any"):
            return f"{function}([{listed}])", ATOM
        if function == "prod":
            self.imports.add("math")
            return f"math.prod([{listed}])", ATOM
        if function == "all_different":
            return self.distinct(f"[{listed}]"), COMPARISON
        raise self.refuse(f"`{function}` of constants", "it is a condition over variables", e)

    def array(self, e: Expr) -> str:
        """A bare array of parameters -> source of its values; '' for anything else."""
        declared = self.model.symbols.get(e.name) if isinstance(e, Name) else None
        indexed = isinstance(declared, Parameter) and bool(declared.over)
        return f"{self.names[declared.name]}.values()" if indexed and declared is not None else ""

    def length(self, e: Expr, scope: Scope) -> str:
        """The argument of `len`: a set, or the nested data of a parameter before its index sets exist."""
        if isinstance(e, Name | Subscript) and isinstance(self.model.symbols.get(e.name), Parameter):
            index = e.index if isinstance(e, Subscript) else ()
            return f"data[{string_literal(e.name)}]" + "".join(f"[{self.write(i, scope)}]" for i in index)
        return self.source(e, scope)

    def drawn(self, e: Expr, scope: Scope) -> Expr:
        """An element -> the set expression it was drawn from."""
        match e:
            case Name(name) if name in scope:
                return scope[name]
            case Call("prev" | "next", (inner, *_), _):
                return self.drawn(inner, scope)
            case Call("first" | "last", (source,), _):
                return source
            case Name(name) | Subscript(name, _):
                declared = self.model.symbols.get(name)
                within = getattr(declared, "within", None)
                if within is not None and not getattr(declared, "over", ()):
                    return within  # type: ignore[no-any-return]
        raise self.refuse("the place of an element", "it is drawn from no set that is known here", e)

    def neighbour(self, e: Call, scope: Scope) -> tuple[str, int]:
        """`prev`, `next` -> arithmetic where the set is a range, else a look-up in a dict of neighbours."""
        source = self.drawn(e.args[0], scope)
        element = self.write(e.args[0], scope, SUM)
        steps = e.args[1] if len(e.args) > 1 else Number(Fraction(1))
        if self.is_consecutive(source) and not e.wrap:
            return f"{element} {'-' if e.function == 'prev' else '+'} {self.write(steps, scope, PRODUCT)}", SUM
        if not isinstance(steps, Number) or not isinstance(source, Name) or steps.value < 0:
            order = self.collection(source, scope)
            self.functions.add("step")
            sign = "-" if e.function == "prev" else ""
            wrap = ", wrap=True" if e.wrap else ""
            return f"step({order}, {element}, {sign}{self.write(steps, scope, UNARY)}{wrap})", ATOM
        order, k = self.names[source.name], int(steps.value)
        name = f"{'before' if e.function == 'prev' else 'after'}_{order}" + (f"_{k}" if k != 1 else "")
        name += "_cyclic" if e.wrap else ""
        if e.wrap:
            a, b = (f"-{k}:", f":-{k}") if e.function == "prev" else (f"{k}:", f":{k}")
            pairs = f"{order}, [*{order}[{a}], *{order}[{b}]]"
        else:
            pairs = f"{order}[{k}:], {order}" if e.function == "prev" else f"{order}, {order}[{k}:]"
        if name not in self.neighbours:
            self.neighbours[name] = (order, self.identifiers.make(name), f"dict(zip({pairs}))")
        return f"{self.neighbours[name][1]}[{self.write(e.args[0], scope)}]", ATOM

    # sets -----------------------------------------------------------------------------------------------------------

    def is_consecutive(self, source: Expr) -> bool:
        """True where the set is a range with step 1 by its own expression."""
        if isinstance(source, Name):
            declared = self.model.symbols.get(source.name)
            return isinstance(declared, Set) and not declared.over and self.is_consecutive(declared.elements)  # type: ignore[arg-type]
        return isinstance(source, Call) and source.function == "range" and len(source.args) <= 2

    def source(self, e: Expr, scope: Scope) -> str:
        """Set expression -> what is iterated over or looked into."""
        if isinstance(e, SetLiteral | ListLiteral):
            items = ", ".join(self.write(i, scope) for i in e.items)
            return f"({items}{',' if len(e.items) == 1 else ''})"
        return self.collection(e, scope)

    def collection(self, e: Expr, scope: Scope) -> str:
        """Set expression -> a list or range in its order, without duplicates."""
        match e:
            case Name() | Subscript():
                return self.write(e, scope)
            case Call("range"):
                return self.write(e, scope)
            case SetLiteral(items) | ListLiteral(items):
                listed = ", ".join(self.write(i, scope) for i in items)
                if isinstance(e, ListLiteral) or all(isinstance(i, Number | Label) for i in items):
                    return f"[{listed}]"
                return f"list(dict.fromkeys([{listed}]))"
            case SetOperation("|", left, right):
                both = f"*{self.source(left, scope)}, *{self.source(right, scope)}"
                return f"list(dict.fromkeys([{both}]))"
            case SetOperation(op, left, right):
                test = "in" if op == "&" else "not in"
                a, b = self.source(left, scope), self.source(right, scope)
                return f"[value for value in {a} if value {test} {b}]"
            case Comprehension(kind, body, generators):
                clauses, inner = self.clauses(generators, scope)
                listed = f"[{self.write(body, inner, IF)} {clauses}]"
                return listed if kind == "list" or _is_identity(body, generators) else f"list(dict.fromkeys({listed}))"
            case _:
                return self.write(e, scope)


def _is_identity(body: Expr, generators: Over) -> bool:
    """True where each binding gives another element, so that nothing can be met twice."""
    items = body.items if isinstance(body, Tuple) else (body,)
    names = [i.name for i in items if isinstance(i, Name)]
    return len(names) == len(items) == len(set(names)) and set(names) == set(bound_names(generators))


def is_decided(e: Expr, writer: KnownWriter) -> bool:
    """True where a variable has a say in the value of ``e``."""
    return not is_known(e, writer.model)
