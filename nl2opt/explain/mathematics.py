"""Model -> mathematics a person reads: one line a declaration, in plain Unicode."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, count

from nl2opt.ir.model import Constraint, Model, NamedExpression, Objective, Over, Variable
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Expr,
    Generator,
    IfElse,
    Iff,
    Implies,
    In,
    Label,
    Mul,
    Name,
    Neg,
    Not,
    Number,
    Or,
    Subscript,
)
from nl2opt.ir.text import print_expression, print_number

_RELATION = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠", "<": "<", ">": ">"}
_BIG = {"sum": "Σ", "prod": "Π", "all": "∀", "any": "∃", "min": "min", "max": "max", "all_different": "all different"}
_LOGIC, _COMPARE, _SUM, _PRODUCT, _ATOM = range(5)


def constraint_line(c: Constraint) -> str:
    """Constraint -> `Σ cost[v]·amount[v] ≤ budget   for v ∈ Vehicles`."""
    suffix = f"   for {over_text(c.over)}" if c.over else ""
    soft = f"   (or pay {math(c.penalty)} a unit)" if c.penalty is not None else ""
    return math(c.expr) + suffix + soft


def objective_line(o: Objective) -> str:
    """Objective -> `maximize Σ profit[p]·make[p]`."""
    return f"{o.sense} {math(o.expr)}"


def variable_line(v: Variable) -> str:
    """Variable -> `amount[v] ∈ {0, 1, 2, ...} for v ∈ Vehicles`."""
    indices = ", ".join(t for g in with_indices(v.over) for t in g.targets)
    name = f"{v.name}[{indices}]" if v.over else v.name
    upper = f" ≤ {math(v.upper)}" if v.upper is not None else ""
    if v.within is not None:
        domain = f"{name} ∈ {print_expression(v.within)}"
    elif v.type == "binary":
        domain = f"{name} ∈ {{0, 1}}"
    else:
        lower = "" if _is_free(v.lower) else f"{math(v.lower) if v.lower is not None else '0'} ≤ "
        domain = f"{lower}{name}{upper}{', whole' if v.type == 'integer' else ''}"
    suffix = f"   for {over_text(v.over)}" if v.over else ""
    return domain + suffix


def expression_line(n: NamedExpression) -> str:
    """Named expression -> `wrap_day = max(...)`."""
    suffix = f"   for {over_text(n.over)}" if n.over else ""
    return f"{n.name} = {math(n.expr)}{suffix}"


def model_lines(model: Model) -> list[str]:
    """Model -> every line, in the order of the document."""
    return [
        *(variable_line(v) for v in model.variables),
        *(expression_line(n) for n in model.expressions),
        *(objective_line(o) for o in model.objectives),
        *(constraint_line(c) for c in model.constraints),
    ]


def over_text(over: Over) -> str:
    """Index bindings -> `p ∈ Plants, m ∈ Months, m > 1`."""
    return ", ".join(_generator(g) for g in with_indices(over))


def with_indices(over: Over) -> Over:
    """Index bindings -> the same, each with an index of its own: `Cells, Cells` is `c in Cells, c2 in Cells`."""
    taken = {t for g in over for t in g.targets}
    out = []
    for g in over:
        if not g.targets:
            first = g.source.name[:1].lower() if isinstance(g.source, Name) else "i"
            index = next(t for t in chain([first], (f"{first}{n}" for n in count(2))) if t not in taken)
            g = replace(g, targets=(index,))
            taken.add(index)
        out.append(g)
    return tuple(out)


def math(e: Expr) -> str:
    """Expression -> mathematics."""
    return _show(e, _LOGIC)


def _is_free(lower: Expr | None) -> bool:
    return lower is not None and print_expression(lower) == "-inf"


def _generator(g: Generator) -> str:
    source = print_expression(g.source)
    target = g.targets[0] if len(g.targets) == 1 else f"({', '.join(g.targets)})"
    return ", ".join([f"{target} ∈ {source}", *(math(c) for c in g.conditions)])


def _show(e: Expr, level: int) -> str:
    text, own = _spell(e)
    return f"({text})" if own < level else text


def _spell(e: Expr) -> tuple[str, int]:
    match e:
        case Number(value):
            return print_number(value), _ATOM if value >= 0 else _SUM
        case Label(text):
            return text, _ATOM
        case Subscript(name, index):
            return f"{name}[{', '.join(_show(i, _LOGIC) for i in index)}]", _ATOM
        case Neg(arg):
            return f"−{_show(arg, _PRODUCT)}", _SUM
        case Add(terms):
            parts = [_show(terms[0], _SUM)]
            for t in terms[1:]:
                match t:
                    case Neg(arg):
                        parts.append(f" − {_show(arg, _PRODUCT)}")
                    case Number(value) if value < 0:
                        parts.append(f" − {print_number(-value)}")
                    case _:
                        parts.append(f" + {_show(t, _PRODUCT)}")
            return "".join(parts), _SUM
        case Mul(factors):
            return "·".join(_show(f, _ATOM if isinstance(f, Neg | Add) else _PRODUCT) for f in factors), _PRODUCT
        case Binary("/", left, right):
            return f"{_show(left, _PRODUCT)} / {_show(right, _ATOM)}", _PRODUCT
        case Binary("**", left, right):
            return f"{_show(left, _ATOM)}^{_show(right, _ATOM)}", _PRODUCT
        case Compare(op, left, right):
            return f"{_show(left, _SUM)} {_RELATION[op]} {_show(right, _SUM)}", _COMPARE
        case In(item, collection, negated):
            return f"{_show(item, _SUM)} {'∉' if negated else '∈'} {_show(collection, _ATOM)}", _COMPARE
        case And(args):
            return " and ".join(_show(a, _COMPARE) for a in args), _LOGIC
        case Or(args):
            return " or ".join(_show(a, _COMPARE) for a in args), _LOGIC
        case Not(arg):
            return f"not {_show(arg, _ATOM)}", _COMPARE
        case Implies(condition, consequence):
            return f"{_show(condition, _COMPARE)}  ⇒  {_show(consequence, _COMPARE)}", _LOGIC
        case Iff(left, right):
            return f"{_show(left, _COMPARE)}  ⇔  {_show(right, _COMPARE)}", _LOGIC
        case IfElse(condition, then, otherwise):
            parts = [f"{_show(then, _SUM)} if {_show(condition, _COMPARE)}", _show(otherwise, _SUM)]
            return ", else ".join(parts), _LOGIC
        case Aggregate("sum" | "prod" as function, body, generators):
            return f"{_BIG[function]}({over_text(generators)}) {_show(body, _PRODUCT)}", _PRODUCT
        case Aggregate(function, body, generators):
            return f"{_BIG[function]}({_show(body, _LOGIC)} for {over_text(generators)})", _ATOM
        case Call("abs", (arg,)):
            return f"|{_show(arg, _SUM)}|", _ATOM
        case Call(function, args):
            return f"{function}({', '.join(_show(a, _LOGIC) for a in args)})", _ATOM
        case _:
            return print_expression(e), _ATOM
