"""Expression -> LaTeX mathematics, as a textbook of the field would print it.

`Σ`-signs with their index sets below, subscripts for indices, `t-1` for the element before `t` (`⊖` where the order
is cyclic), Iverson brackets [..] where a condition counts 0 or 1. Only amsmath and amssymb are needed, and what
KaTeX and MathJax know of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from string import ascii_lowercase

from nl2opt.ir.model import Model, Over, Parameter, Variable
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
)
from nl2opt.ir.text import print_number
from nl2opt.passes.facts import is_formula

_RELATION = {"<=": r"\le", ">=": r"\ge", "==": "=", "!=": r"\ne", "<": "<", ">": ">"}
_SETS = {"|": r"\cup", "&": r"\cap", "-": r"\setminus"}
_BIG = {"sum": r"\sum", "prod": r"\prod", "min": r"\min", "max": r"\max", "all": r"\bigwedge", "any": r"\bigvee"}
_LOGIC, _COMPARE, _SUM, _PRODUCT, _ATOM = range(5)
_GREEK = frozenset(
    ("alpha", "beta", "gamma", "delta", "epsilon", "lambda", "mu", "rho", "sigma", "tau", "theta", "omega")
)
_FUNCTIONS = {"sin": r"\sin", "cos": r"\cos", "log": r"\ln"}
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\^{}", "~": r"\~{}", "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip


def escaped(text: str) -> str:
    """Text -> the same as LaTeX text on one line; control characters are dropped."""
    line = re.sub(r"\s+", " ", text).strip()
    return "".join(_SPECIAL.get(c, c) for c in line if c.isprintable())


def symbol(name: str) -> str:
    """Name -> a symbol: a letter, a Greek letter, else a word in italics; `_` becomes a small gap."""
    if len(name) == 1:
        return name if name.isascii() else rf"\textit{{{name}}}"
    if name in _GREEK:
        return rf"\{name}"
    if re.fullmatch(r"[A-Za-z]\d+", name):
        return rf"{name[0]}_{{{name[1:]}}}"
    return (
        rf"\mathit{{{name.strip('_').replace('_', chr(92) + ',')}}}"
        if name.isascii()
        else rf"\textit{{{escaped(name)}}}"
    )


def breakable(e: Expr) -> tuple[Expr, ...]:
    """The terms of a sum, where a long line may be broken; () for anything else."""
    return e.terms if isinstance(e, Add) else ()


class Notation:
    """Writes the expressions of one model."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def condition(self, e: Expr) -> str:
        """A condition, or a number that stands alone."""
        return self._show(e, _LOGIC)

    def number(self, e: Expr, level: int = _SUM) -> str:
        """An expression where a number stands; a condition there counts 0 or 1."""
        if is_formula(e, self.model):
            return rf"\left[\,{self._show(e, _LOGIC)}\,\right]"
        return self._show(e, level)

    def member(self, name: str, index: Iterable[str]) -> str:
        """A name with its index symbols below."""
        inner = ",".join(index)
        base = symbol(name)
        if not inner:
            return base
        return f"{base}_{{{inner}}}" if "_" not in base else f"{{{base}}}_{{{inner}}}"

    def indices(self, over: Over) -> list[str]:
        """The index symbols of a declaration, made where it names none."""
        return [symbol(t) for g in self.named(over) for t in g.targets]

    def named(self, over: Over) -> Over:
        """Index bindings, each with a name: of an `over` by position the first letter of its set, or the next free."""
        taken = {t for g in over for t in g.targets}
        out = []
        for g in over:
            if not g.targets:
                letter = (
                    g.source.name[:1].lower() if isinstance(g.source, Name) and g.source.name[:1].isascii() else "i"
                )
                start = ascii_lowercase.find(letter)
                name = next(c for c in ascii_lowercase[start:] + ascii_lowercase[:start] if c not in taken)
                taken.add(name)
                g = replace(g, targets=(name,))
            out.append(g)
        return tuple(out)

    def over(self, over: Over) -> str:
        r"""Index bindings -> `i \in I,\ (a, b) \in \mathit{Arcs}:\ a < b`."""
        bound = [self._binding(g) for g in self.named(over)]
        filters = [self.condition(c) for g in over for c in g.conditions]
        return r",\ ".join(bound) + (r":\ " + r",\ ".join(filters) if filters else "")

    def _binding(self, g: Generator) -> str:
        names = [symbol(t) for t in g.targets]
        target = names[0] if len(names) == 1 else f"({','.join(names)})"
        return rf"{target} \in {self.set(g.source)}"

    def set(self, e: Expr) -> str:
        r"""A set expression -> `\{1,\dots,n\}`, `A \cup B`, or the set of what fulfils a condition."""
        match e:
            case Call("range", (stop,)):
                return rf"\{{0,\dots,{self._before(stop)}\}}"
            case Call("range", (start, stop)):
                return rf"\{{{self.number(start)},\dots,{self._before(stop)}\}}"
            case SetOperation(op, left, right):
                return rf"{self.set(left)} {_SETS[op]} {self.set(right)}"
            case Comprehension("set", body, generators):
                return rf"\{{{self._show(body, _LOGIC)} : {self.over(generators)}\}}"
            case _:
                return self._show(e, _ATOM)

    def _before(self, stop: Expr) -> str:
        """The last element of a half-open range."""
        match stop:
            case Number(value):
                return print_number(value - 1)
            case Add(terms) if any(isinstance(t, Number) and t.value == 1 for t in terms):
                rest = tuple(t for t in terms if not (isinstance(t, Number) and t.value == 1))
                return self.number(rest[0] if len(rest) == 1 else Add(rest))
            case _:
                return f"{self.number(stop)}-1"

    def _show(self, e: Expr, level: int) -> str:
        text, own = self._spell(e)
        return rf"\left({text}\right)" if own < level else text

    def _spell(self, e: Expr) -> tuple[str, int]:
        match e:
            case Number(value):
                return _numeral(print_number(value)), _ATOM if value >= 0 else _SUM
            case Constant(name):
                return r"\infty" if name == "inf" else r"\pi", _ATOM
            case Boolean(value):
                return rf"\text{{{'true' if value else 'false'}}}", _ATOM
            case Label(text):
                return rf"\text{{{escaped(text)}}}", _ATOM
            case Name(name):
                return symbol(name), _ATOM
            case Subscript(name, index):
                return self.member(name, (self.number(i) for i in index)), _ATOM
            case Tuple(items):
                return rf"\left({', '.join(map(self.number, items))}\right)", _ATOM
            case SetLiteral(items):
                return rf"\left\{{{', '.join(map(self.number, items))}\right\}}", _ATOM
            case ListLiteral(items):
                return rf"\left[{', '.join(map(self.number, items))}\right]", _ATOM
            case SetOperation() | Comprehension("set"):
                return self.set(e), _SUM
            case Comprehension(_, body, generators):
                return rf"\left[{self.number(body)} : {self.over(generators)}\right]", _ATOM
            case Neg() | Add() | Mul() | Binary():
                return self._arithmetic(e)
            case IfElse(condition, then, otherwise):
                cases = rf"{self._show(then, _LOGIC)} & \text{{if }} {self.condition(condition)} \\ "
                rest = rf"{self._show(otherwise, _LOGIC)} & \text{{otherwise}}"
                return rf"\begin{{cases}} {cases}{rest} \end{{cases}}", _ATOM
            case Aggregate(function, body, generators):
                return self._aggregate(function, body, generators)
            case Call(function, args, wrap):
                return self._call(function, args, wrap)
            case _:
                return self._logic(e)

    def _arithmetic(self, e: Expr) -> tuple[str, int]:
        match e:
            case Neg(arg):
                return f"-{self.number(arg, _PRODUCT)}", _SUM
            case Add(terms):
                return "".join(self.term(t, first=k == 0) for k, t in enumerate(terms)), _SUM
            case Mul(factors):
                return self._product(factors), _PRODUCT
            case Binary("/", left, right):
                return rf"\frac{{{self.number(left)}}}{{{self.number(right)}}}", _PRODUCT
            case Binary("//", left, right):
                return rf"\left\lfloor\frac{{{self.number(left)}}}{{{self.number(right)}}}\right\rfloor", _ATOM
            case Binary("%", left, right):
                return rf"{self.number(left, _PRODUCT)} \bmod {self.number(right, _ATOM)}", _PRODUCT
            case Binary(_, left, right):
                base = self.number(left, _ATOM)
                return rf"{{{base}}}^{{{self.number(right)}}}", _PRODUCT
            case _:
                raise TypeError(e)

    def term(self, t: Expr, first: bool) -> str:
        """One term of a sum with its sign."""
        match t:
            case Neg(arg):
                return f"{'-' if first else ' - '}{self.number(arg, _PRODUCT)}"
            case Number(value) if value < 0:
                return f"{'-' if first else ' - '}{_numeral(print_number(-value))}"
            case _:
                return f"{'' if first else ' + '}{self.number(t, _PRODUCT if not first else _SUM)}"

    def _product(self, factors: tuple[Expr, ...]) -> str:
        """Factors beside each other; a dot before a digit, which would else run into the one before."""
        out = ""
        for k, f in enumerate(factors):
            closed = isinstance(f, Neg | Add) or (isinstance(f, Aggregate) and k + 1 < len(factors))
            text = self.number(f, _ATOM if closed else _PRODUCT)
            out += (r" \cdot " if k and (text[:1].isdigit() or text.startswith("-")) else r"\, " if k else "") + text
        return out

    def _logic(self, e: Expr) -> tuple[str, int]:
        match e:
            case Compare(op, left, right):
                sides = self._side(left), self._side(right)
                return f"{sides[0]} {_RELATION[op]} {sides[1]}", _COMPARE
            case In(item, collection, negated):
                sign = r"\notin" if negated else r"\in"
                return f"{self._side(item)} {sign} {self.set(collection)}", _COMPARE
            case And(args):
                if chain := self._chain(args):
                    return chain, _COMPARE
                return r" \wedge ".join(self._show(a, _COMPARE) for a in args), _LOGIC
            case Or(args):
                return r" \vee ".join(self._show(a, _COMPARE) for a in args), _LOGIC
            case Not(arg):
                return rf"\neg {self._show(arg, _ATOM)}", _COMPARE
            case Implies(left, right):
                return rf"{self._show(left, _COMPARE)} \;\Rightarrow\; {self._show(right, _COMPARE)}", _LOGIC
            case Iff(left, right):
                return rf"{self._show(left, _COMPARE)} \;\Leftrightarrow\; {self._show(right, _COMPARE)}", _LOGIC
            case _:
                raise TypeError(e)

    def _side(self, e: Expr) -> str:
        """A side of a comparison."""
        return self.number(e, _SUM)

    def _chain(self, args: tuple[Expr, ...]) -> str:
        """`a <= b` and `b <= c` -> one chain; '' where the comparisons do not share their sides."""
        if not all(isinstance(a, Compare) for a in args):
            return ""
        compared = [a for a in args if isinstance(a, Compare)]
        if any(left.right != right.left for left, right in pairwise(compared)):
            return ""
        rest = "".join(f" {_RELATION[c.op]} {self._side(c.right)}" for c in compared)
        return self._side(compared[0].left) + rest

    def _aggregate(self, function: str, body: Expr, generators: Over) -> tuple[str, int]:
        if function == "all_different":
            return rf"\operatorname{{alldifferent}}\left({self.number(body)} : {self.over(generators)}\right)", _ATOM
        below = rf"{_BIG[function]}_{{{self.over(generators)}}}"
        if function in ("all", "any"):
            return f"{below} {self._show(body, _COMPARE)}", _COMPARE
        return f"{below} {self.number(body, _PRODUCT)}", _PRODUCT

    def _call(self, function: str, args: tuple[Expr, ...], wrap: bool) -> tuple[str, int]:
        match function, args:
            case ("prev" | "next", (element, *places)):
                sign = (
                    {"prev": "-", "next": "+"}[function]
                    if not wrap
                    else {"prev": r"\ominus ", "next": r"\oplus "}[function]
                )
                return f"{self.number(element)}{sign}{self.number(places[0]) if places else '1'}", _SUM
            case "abs", (arg,):
                return rf"\left|{self.number(arg)}\right|", _ATOM
            case "len", (arg,):
                return rf"\left|{self._show(arg, _LOGIC)}\right|", _ATOM
            case "floor" | "ceil", (arg,):
                side = "floor" if function == "floor" else "ceil"
                return rf"\left\l{side}{self.number(arg)}\right\r{side}", _ATOM
            case "sqrt", (arg,):
                return rf"\sqrt{{{self.number(arg)}}}", _ATOM
            case "exp", (arg,):
                return rf"e^{{{self.number(arg)}}}", _ATOM
            case ("sum" | "prod", (Name(name),)):
                declared = self.model.symbols.get(name)
                below = self.indices(declared.over) if isinstance(declared, Parameter | Variable) else []
                return f"{_BIG[function]}_{{{','.join(below)}}} {self.whole(name)}", _PRODUCT
            case ("min" | "max" | "all" | "any", _):
                word = {"all": r"\operatorname{all}", "any": r"\operatorname{any}"}.get(function) or _BIG[function]
                return rf"{word}\left({', '.join(self._argument(a) for a in args)}\right)", _ATOM
            case _:
                known = {"all_different": "alldifferent", "no_overlap": "disjunctive", "no_overlap_2d": "diffn"}
                word = _FUNCTIONS.get(function) or rf"\operatorname{{{escaped(known.get(function, function))}}}"
                return rf"{word}\left({', '.join(self._argument(a) for a in args)}\right)", _ATOM

    def _argument(self, e: Expr) -> str:
        """An argument; the name of a whole family shows the index it runs over."""
        return self.whole(e.name) if isinstance(e, Name) else self.number(e)

    def whole(self, name: str) -> str:
        """A name as an argument: the family's member with its indices, else the name."""
        declared = self.model.symbols.get(name)
        if isinstance(declared, Parameter | Variable) and declared.over:
            return self.member(name, self.indices(declared.over))
        return symbol(name)


def _numeral(text: str) -> str:
    """Digits in threes from 10,000 on, with a thin space; a fraction as one."""
    if "/" in text:
        above, below = text.split("/")
        return rf"\tfrac{{{above.strip()}}}{{{below.strip()}}}"
    whole, point, rest = text.partition(".")
    if len(whole.lstrip("-")) > 4 and whole.lstrip("-").isdigit():
        whole = re.sub(r"(?<=\d)(?=(\d{3})+$)", r"\\,", whole)
    return whole + point + rest
