"""Nodes -> expression text: `print_expression`, `print_over`, `print_number`; `text.parse_expression` reads it back."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from nl2opt.ir.model import Over
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

_IF, _OR, _AND, _NOT, _COMPARISON, _UNION, _INTERSECTION, _SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(1, 13)


def print_expression(e: Expr, shown: Callable[[Name | Subscript], str | None] | None = None) -> str:
    """Nodes -> canonical text; `parse_expression` reads it back to equal nodes.

    ``shown`` may return another spelling of a name or subscript (emitters, explanations), None to keep it.
    """
    return _print(e, 0, shown or (lambda _: None))


def print_over(over: Over) -> str:
    """Generators -> the text of `for` and `over`."""
    parts = []
    for g in over:
        source = print_expression(g.source)
        text = source if not g.targets else f"{_target(g.targets)} in {source}"
        parts.append(text + "".join(f" if {_print(c, _OR, lambda _: None)}" for c in g.conditions))
    return ", ".join(parts)


def _target(targets: tuple[str, ...]) -> str:
    return targets[0] if len(targets) == 1 else f"({', '.join(targets)})"


def print_number(value: Fraction) -> str:
    """Exact number -> decimal text where it has one, else `p / q`."""
    if value.denominator == 1:
        return str(value.numerator)
    twos = fives = 0
    rest = value.denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{value.numerator} / {value.denominator}"
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _print(e: Expr, level: int, shown: Callable[[Name | Subscript], str | None]) -> str:
    text, own = _spell(e, shown)
    return f"({text})" if own < level else text


def _spell(e: Expr, shown: Callable[[Name | Subscript], str | None]) -> tuple[str, int]:
    """Node -> (text, binding strength of its outermost operator)."""

    def p(x: Expr, level: int) -> str:
        return _print(x, level, shown)

    def listed(items: tuple[Expr, ...]) -> str:
        return ", ".join(p(i, _IF) for i in items)

    def clauses(generators: tuple[Generator, ...]) -> str:
        return " ".join(
            f"for {_target(g.targets)} in {p(g.source, _OR)}" + "".join(f" if {p(c, _OR)}" for c in g.conditions)
            for g in generators
        )

    match e:
        case Number(value):
            text = print_number(value)
            return text, _PRODUCT if "/" in text else _UNARY if value < 0 else _ATOM
        case Constant(name):
            return name, _ATOM
        case Boolean(value):
            return str(value), _ATOM
        case Label(value):
            return repr(value), _ATOM
        case Name(name):
            return shown(e) or name, _ATOM
        case Subscript(name, index):
            return shown(e) or f"{name}[{listed(index)}]", _ATOM
        case Tuple(items):
            return f"({listed(items)})", _ATOM
        case SetLiteral(items):
            return "{" + listed(items) + "}", _ATOM
        case ListLiteral(items):
            return f"[{listed(items)}]", _ATOM
        case SetOperation(op, left, right):
            own = {"|": _UNION, "&": _INTERSECTION, "-": _SUM}[op]
            return f"{p(left, own)} {op} {p(right, own + 1)}", own
        case Neg(arg):
            return f"-{p(arg, _UNARY)}", _UNARY
        case Add(terms):
            parts = [p(terms[0], _SUM)]
            for t in terms[1:]:
                if isinstance(t, Neg):
                    parts.append(f" - {p(t.arg, _PRODUCT)}")
                elif isinstance(t, Number) and t.value < 0:
                    parts.append(f" - {p(Number(-t.value), _PRODUCT)}")
                else:
                    parts.append(f" + {p(t, _PRODUCT)}")
            return "".join(parts), _SUM
        case Mul(factors):
            return " * ".join([p(factors[0], _PRODUCT), *(p(f, _UNARY) for f in factors[1:])]), _PRODUCT
        case Binary("**", left, right):
            return f"{p(left, _ATOM)} ** {p(right, _UNARY)}", _POWER
        case Binary(op, left, right):
            return f"{p(left, _PRODUCT)} {op} {p(right, _UNARY)}", _PRODUCT
        case Compare(op, left, right):
            return f"{p(left, _UNION)} {op} {p(right, _UNION)}", _COMPARISON
        case In(item, collection, negated):
            return f"{p(item, _UNION)} {'not in' if negated else 'in'} {p(collection, _UNION)}", _COMPARISON
        case And(args):
            return " and ".join(p(a, _NOT) for a in args), _AND
        case Or(args):
            return " or ".join(p(a, _AND) for a in args), _OR
        case Not(arg):
            return f"not {p(arg, _NOT)}", _NOT
        case Implies(condition, consequence):
            return f"implies({listed((condition, consequence))})", _ATOM
        case Iff(left, right):
            return f"iff({listed((left, right))})", _ATOM
        case IfElse(condition, then, otherwise):
            return f"{p(then, _OR)} if {p(condition, _OR)} else {p(otherwise, _IF)}", _IF
        case Aggregate(function, body, generators):
            return f"{function}({p(body, _IF)} {clauses(generators)})", _ATOM
        case Comprehension(kind, body, generators):
            text = f"{p(body, _IF)} {clauses(generators)}"
            return (f"[{text}]" if kind == "list" else "{" + text + "}"), _ATOM
        case Call(function, args, wrap):
            return f"{function}({listed(args)}{', wrap=True' if wrap else ''})", _ATOM
