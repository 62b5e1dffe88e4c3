"""Call, Scope -> Type: the functions of the language that are no aggregates, one row each."""

from __future__ import annotations

from collections.abc import Callable

from nl2opt.ir.infer.reports import Report, silent
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.infer.types import (
    BINARY,
    INTEGER,
    REAL,
    UNKNOWN,
    ArrayOf,
    Labelled,
    ListOf,
    Numeric,
    Open,
    SetOf,
    TupleOf,
    Type,
    Unknown,
    describe,
    fit,
    wider,
)
from nl2opt.ir.model import Parameter, Variable
from nl2opt.ir.nodes import (
    LIST_FORMS,
    Add,
    Binary,
    Call,
    Expr,
    Label,
    ListLiteral,
    Mul,
    Name,
    Neg,
    Number,
    Subscript,
)

TypeOf = Callable[[Expr, Scope, Report], Type]
_INTERVALS = {"no_overlap": (2, 3), "cumulative": (3, 4), "no_overlap_2d": (4, 4), "piecewise": (2, 2)}


def call_type(e: Call, scope: Scope, report: Report, type_of: TypeOf) -> Type:
    """A call -> its type; ``type_of`` is that of its arguments."""
    if e.function == "len":
        return _length(e, scope, report, type_of)
    types = [type_of(a, scope, report) for a in e.args]
    match e.function:
        case "sum" | "prod" | "min" | "max" | "all" | "any" | "all_different":
            return _aggregate(e, types, scope, report)
        case "abs":
            return Numeric(as_number(e.args[0], types[0], report).type)
        case "floor" | "ceil":
            as_number(e.args[0], types[0], report)
            return INTEGER
        case "round":
            for a, t in zip(e.args, types, strict=True):
                as_number(a, t, report)
            return INTEGER if len(types) == 1 else REAL
        case "sqrt" | "exp" | "log" | "sin" | "cos":
            as_number(e.args[0], types[0], report)
            return REAL
        case "first" | "last":
            return _of_set(e, types[0], report)
        case "prev" | "next":
            return _neighbour(e, types, scope, report)
        case "position":
            if _is_coordinate(e.args[0], scope):
                report(
                    "E302", e, "a part of a tuple, drawn from no set of its own", "an index drawn from a set", _APART
                )
            elif isinstance(types[0], SetOf | ListOf | ArrayOf) or not _has_a_set(e.args[0], scope):
                report("E302", e, describe(types[0]), "an index, or a variable or parameter `in` a set", "")
            return INTEGER
        case "circuit" | "subcircuit":
            _successors(e, types[0], report)
            return BINARY
        case "no_overlap" | "no_overlap_2d" | "cumulative" | "piecewise":
            return _intervals(e, types, scope, report, type_of)
        case _:
            return UNKNOWN


def as_number(e: Expr, t: Type, report: Report) -> Numeric:
    """Node of type ``t`` in arithmetic -> its number type; labels, sets and bare arrays are reported."""
    match t:
        case Numeric():
            return t
        case Open(family):
            return Numeric("integer", family)
        case Labelled():
            report("E306", e, describe(t), "a number", "labels have no arithmetic and no order; use position(...)")
        case ArrayOf(name):
            report("E301", e, f"{name} without an index", "a number", f"{name}[...]")
        case Unknown():
            pass
        case _:
            report("E302", e, describe(t), "a number", "")
    return REAL


def _aggregate(e: Call, types: list[Type], scope: Scope, report: Report) -> Type:
    items = list(types)
    if len(types) == 1:
        match types[0]:
            case ArrayOf(_, item, _) | ListOf(item) | SetOf(item):
                items = [item]
            case Numeric() | Open() | Labelled() | TupleOf():
                report("E302", e, f"{e.function} of one value", "an array, several values, or ... for ...", "")
    if e.function == "all_different":
        for a, t in zip(e.args[1:], items[1:], strict=False):
            if fit(items[0], t) in ("kinds", "disjoint"):
                report("E302", a, f"{describe(t)} beside {describe(items[0])}", "numbers, or labels of one set", "")
        return BINARY
    nodes = e.args if len(types) > 1 else (e,)
    if e.function in ("all", "any"):
        for a, t in zip(nodes, items, strict=True):
            if isinstance(t, Labelled | TupleOf | SetOf | ListOf | ArrayOf):
                report("E302", a, describe(t), "conditions", "")
            elif isinstance(t, Numeric) and t.type != "binary" and scope.varies(a):
                report("E305", a, describe(t), "conditions", "compare them: all(x[i] >= 1 for i in I)")
        return BINARY
    kinds = [as_number(a, t, report).type for a, t in zip(nodes, items, strict=True)]
    return Numeric(wider("integer", *kinds) if e.function == "sum" else wider(*kinds))


def _of_set(e: Call, t: Type, report: Report) -> Type:
    if isinstance(t, SetOf | ListOf):
        return t.item
    if not isinstance(t, Unknown):
        report("E308", e, describe(t), "a set", f"{e.function}(S) of the set itself")
    return UNKNOWN


_PART = "a part of a tuple, drawn from no set of its own"
_APART = "bind it by its set, and filter: `for a in A for b in B if (a, b) in Pairs`"


def _is_coordinate(e: Expr, scope: Scope) -> bool:
    return isinstance(e, Name) and e.name in scope.coordinates


def _has_a_set(e: Expr, scope: Scope) -> bool:
    """True where an element may come from a set: an index, `first(S)`, a parameter or variable `in` a set."""
    match e:
        case Name(name) | Subscript(name, _) if name not in scope.indices:
            symbol = scope.symbols.get(name)
            return not isinstance(symbol, Parameter | Variable) or symbol.within is not None
        case _:
            return not isinstance(e, Add | Mul | Neg | Binary | Number | Label)


def _neighbour(e: Call, types: list[Type], scope: Scope, report: Report) -> Type:
    if _is_coordinate(e.args[0], scope):
        report("E302", e, _PART, "an index drawn from a set", _APART)
    elif not _has_a_set(e.args[0], scope):
        report("E302", e, describe(types[0]), "an index drawn from a set", "prev(t, 2) goes two back")
    elif not isinstance(types[0], Numeric | Labelled | Open | TupleOf | Unknown):
        report("E302", e, describe(types[0]), "an index drawn from a set", "")
    if len(types) == 2 and as_number(e.args[1], types[1], report).type == "real":
        report("E302", e, "a real number of steps", "an integer", "")
    t = types[0]
    return Numeric(t.type, t.family) if isinstance(t, Numeric) else t


def _length(e: Call, scope: Scope, report: Report, type_of: TypeOf) -> Type:
    """`len(S)`, and `len(p)`, `len(p[0])`: the shape of the data of p."""
    match e.args[0]:
        case Name(name) | Subscript(name, _) as arg if isinstance(symbol := scope.symbols.get(name), Parameter):
            index = arg.index if isinstance(arg, Subscript) else ()
            for i in index:
                type_of(i, scope, report)
            if len(index) >= sum(len(g.targets) or 1 for g in symbol.over):
                report("E308", e, f"a value of {name}", "a set, or the data of an indexed parameter", "")
            return INTEGER
        case arg:
            t = type_of(arg, scope, report)
            if not isinstance(t, SetOf | ListOf | Unknown):
                report("E308", e, describe(t), "a set, or the data of a parameter", "count with sum(... for ...)")
            return INTEGER


def _successors(e: Call, t: Type, report: Report) -> None:
    match t:
        case ArrayOf(_, item, (position,)):
            if fit(item, position) in ("kinds", "disjoint"):
                report("E302", e, f"{describe(position)} to {describe(item)}", "succ: {over: N, in: N}", "")
        case ListOf() | Unknown():
            pass
        case _:
            report("E302", e, describe(t), "succ: {over: N, in: N}", "give the array by its name")


def _intervals(e: Call, types: list[Type], scope: Scope, report: Report, type_of: TypeOf) -> Type:
    low, high = _INTERVALS[e.function]
    wanted, form = f"{low}" if low == high else f"{low} or {high}", LIST_FORMS[e.function]
    place = -1 if e.function == "piecewise" else 0
    rows, nodes = types[place], e.args[place]
    items: list[tuple[Expr, Type]] = [(e, rows.item)] if isinstance(rows, ListOf) else []
    if isinstance(nodes, ListLiteral):
        items = [(i, type_of(i, scope, silent)) for i in nodes.items]
    elif not isinstance(rows, ListOf | Unknown):
        report("E302", e, describe(rows), f"a list of tuples of {wanted}", form)
    odd = [(i, t) for i, t in items if not isinstance(t, TupleOf | Unknown | Open)]
    if odd and len(odd) < len(items):
        item, found = odd[0]
        kind = "a list" if isinstance(found, ListOf) else "a number" if isinstance(found, Numeric) else describe(found)
        report("E302", item, f"{kind} among tuples", f"tuples throughout in {e.function}", form)
    elif odd:
        report("E302", odd[0][0], describe(odd[0][1]), f"tuples of {wanted} in {e.function}", form)
    for item, t in items:
        if isinstance(t, TupleOf) and not low <= len(t.items) <= high:
            report("E302", item, describe(t), f"tuples of {wanted} in {e.function}", form)
        elif isinstance(t, TupleOf) and any(isinstance(i, Labelled | SetOf | ListOf) for i in t.items):
            report("E302", item, describe(t), "tuples of numbers", "")
    if e.function == "piecewise":
        as_number(e.args[0], types[0], report)
        return REAL
    if e.function == "cumulative":
        as_number(e.args[1], types[1], report)
    return BINARY
