"""Expression, Scope -> Type: what an expression is before any data are known, and what is wrong with it.

One walk serves everybody: `type_of` answers, and tells every slip it meets to ``report`` (the static checker collects
them; all others stay silent). Codes are those of docs/DIAGNOSTICS.md.
"""

from __future__ import annotations

from fractions import Fraction
from typing import assert_never

from nl2opt.ir.infer.ranges import range_values
from nl2opt.ir.infer.reports import Report, silent
from nl2opt.ir.infer.scope import Scope, Symbol
from nl2opt.ir.infer.signatures import as_number, call_type
from nl2opt.ir.infer.subscripts import check_subscript
from nl2opt.ir.infer.types import (
    BINARY,
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
    element_type,
    fit,
    join,
    wider,
    with_family,
)
from nl2opt.ir.model import IndexedElements, NamedExpression, Over, Parameter, Set, Variable
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
from nl2opt.ir.printing import print_number
from nl2opt.ir.spelling import nearest


def type_of(e: Expr, scope: Scope, report: Report = silent) -> Type:
    """Node -> its type; a bare array name is an `ArrayOf`."""
    match e:
        case Number(value):
            if value.denominator == 1:
                return Numeric("integer", values=frozenset((int(value),)))
            return REAL
        case Constant():
            return REAL
        case Boolean():
            return BINARY
        case Label(value):
            return Labelled(values=frozenset((value,)))
        case Name(name):
            return _name(e, name, scope, report)
        case Subscript():
            return _subscript(e, scope, report)
        case Tuple(items):
            return TupleOf(tuple(_scalar(i, scope, report) for i in items))
        case ListLiteral(items):
            return ListOf(_joined(items, scope, report, mixed=True))
        case SetLiteral() | SetOperation() | Comprehension(kind="set") | Call("range"):
            return SetOf(set_item(e, scope, report))
        case Comprehension(_, body, generators):
            return ListOf(type_of(body, enter(generators, scope, report), report))
        case Neg(arg):
            return Numeric(wider("integer", number(arg, scope, report).type))
        case Add(terms) if any(isinstance(t, ListLiteral) or _is_list(t) for t in terms):
            return _concatenation(terms, scope, report)
        case Add(terms):
            return Numeric(wider("integer", *(number(t, scope, report).type for t in terms)))
        case Mul(factors):
            return Numeric(wider(*(number(f, scope, report).type for f in factors)))
        case Binary():
            return _binary(e, scope, report)
        case Compare():
            _compare(e, scope, report)
            return BINARY
        case In(item, collection, _):
            sought = _scalar(item, scope, report)
            if isinstance(sought, SetOf | ListOf):
                fix = "a tuple stands in round brackets" if isinstance(item, ListLiteral) else ""
                report("E302", e, f"{describe(sought)} on the left of `in`", "an element", fix)
                sought = UNKNOWN
            _membership(e, sought, set_item(collection, scope, report), report)
            return BINARY
        case And(args) | Or(args):
            for a in args:
                condition(a, scope, report)
            return BINARY
        case Not(arg):
            condition(arg, scope, report)
            return BINARY
        case Implies(left, right) | Iff(left, right):
            condition(left, scope, report)
            condition(right, scope, report)
            return BINARY
        case IfElse(test, then, otherwise):
            condition(test, scope, report)
            x, y = _scalar(then, scope, report), _scalar(otherwise, scope, report)
            if fit(x, y) == "kinds":
                report("E302", e, f"{describe(x)} or else {describe(y)}", "branches of one kind", "")
            return join(x, y)
        case Aggregate():
            return _aggregate(e, scope, report)
        case Call():
            return call_type(e, scope, report, type_of)
        case _:
            assert_never(e)


def number(e: Expr, scope: Scope, report: Report = silent) -> Numeric:
    """Node in arithmetic -> its number type; labels, sets and bare arrays are reported."""
    return as_number(e, _scalar(e, scope, report), report)


def condition(e: Expr, scope: Scope, report: Report = silent) -> None:
    """Node as a condition: binary, or a constant number (nonzero is true); anything else is reported."""
    match t := _scalar(e, scope, report):
        case Numeric(type="binary") | Unknown() | Open():
            pass
        case Numeric():
            if scope.varies(e):
                report("E305", e, describe(t), "a condition", "compare it: `> 0`, `>= 1`, `== 0`")
        case _:
            report("E302", e, describe(t), "a condition", "compare it with something")


def set_item(e: Expr, scope: Scope, report: Report = silent) -> Type:
    """Set expression -> the type of its elements."""
    match e:
        case Name(name) if name not in scope.indices and isinstance(symbol := scope.symbols.get(name), Set):
            if symbol.over:
                report("E301", e, name, f"{name} with its indices", "it is an indexed set: one set a key")
            return declared_item(symbol, scope)
        case Call("range", args):
            types = [number(a, scope, report) for a in args]
            if any(t.type == "real" and not _from_data(a) for a, t in zip(args, types, strict=True)):
                report("E302", e, "a real number in range(...)", "integers", "use floor or ceil")
            if scope.varies(e):
                report("E309", e, "a variable in a set", "constants and parameters", "sets are known before solving")
            return Numeric("integer", values=range_values(args))
        case SetLiteral(items):
            return _joined(items, scope, report) if items else Open()
        case SetOperation(op, left, right):
            a, b = set_item(left, scope, report), set_item(right, scope, report)
            if fit(a, b) == "kinds":
                report("E302", e, f"{describe(a)} {op} {describe(b)}", "sets of one kind", "")
            return a if op == "-" else join(a, b)
        case Comprehension(_, body, generators):
            inner = enter(generators, scope, report)
            if scope.varies(e):
                report("E309", e, "a variable in a set", "constants and parameters", "sets are known before solving")
            return type_of(body, inner, report)
        case _:
            match t := type_of(e, scope, report):
                case SetOf(item) | ListOf(item):
                    return item
                case Unknown():
                    return UNKNOWN
                case _:
                    report("E308", e, describe(t), "a set", "a set name, range(...), {...}, or {... for ...}")
                    return UNKNOWN


def enter(over: Over, scope: Scope, report: Report = silent, filters: bool = True) -> Scope:
    """Generators -> the scope inside them. ``filters``: report conditions that depend on variables."""
    for g in over:
        item = set_item(g.source, scope, report)
        if scope.varies(g.source) and not isinstance(g.source, Call | Comprehension):
            report("E309", g.source, "a variable in a set", "constants and parameters", "sets are known before solving")
        bound: dict[str, Type] = {}
        for name in g.targets:
            if name in scope.symbols or name in scope.indices or name in bound:
                what = "a declared name" if name in scope.symbols else "an index around it"
                report("E204", Name(name), f"index {name}, also {what}", "an index name of its own", "rename the index")
        if len(g.targets) == 1:
            bound[g.targets[0]] = item
        elif g.targets:
            bound.update(zip(g.targets, _coordinates(g.source, item, len(g.targets), report), strict=True))
        scope = scope.bind(bound)
        for c in g.conditions:
            condition(c, scope, report)
            if filters and scope.varies(c):
                report("E307", c, "a filter over variables", "constants and parameters",
                       "put the condition into the body: all(... or ...), sum(... * (...))")  # fmt: skip
    return scope


def positions(over: Over, scope: Scope) -> tuple[Type, ...]:
    """Index bindings of a declaration -> the type of each coordinate of its keys."""
    found: list[Type] = []
    scope = scope.outermost()
    for g in over:
        item = set_item(g.source, scope)
        if len(g.targets) > 1:
            parts = _coordinates(g.source, item, len(g.targets), silent)
            scope = scope.bind(dict(zip(g.targets, parts, strict=True)))
        else:
            parts = item.items if isinstance(item, TupleOf) else (item,)
            scope = scope.bind(dict.fromkeys(g.targets, item))
        found.extend(parts)
    return tuple(found)


def declared_item(symbol: Set, scope: Scope) -> Type:
    """Declared set -> the type of an element (of each of its sets, where it is indexed)."""
    if symbol.name in scope.cache:
        return scope.cache[symbol.name]
    scope.cache[symbol.name] = UNKNOWN  # a set defined by itself is found elsewhere
    elements = symbol.elements
    item: Type
    if isinstance(elements, tuple):
        item = element_type(elements, symbol.name)
    elif isinstance(elements, IndexedElements):
        every = tuple(dict.fromkeys(x for part in elements.lists for x in part))
        item = element_type(every, "")
    elif elements is None:
        arity = scope.arities.get(symbol.name, 1)
        item = Open() if arity == 1 else TupleOf((Open(),) * arity)
        item = item if symbol.over else with_family(item, symbol.name)
    else:
        item = set_item(elements, enter(symbol.over, scope.outermost()))
        item = item if symbol.over else with_family(item, symbol.name)
    scope.cache[symbol.name] = item
    return item


def declared_type(symbol: Parameter | Variable | NamedExpression, scope: Scope) -> Type:
    """Declaration -> the type of one of its values."""
    if symbol.name in scope.cache:
        return scope.cache[symbol.name]
    scope.cache[symbol.name] = UNKNOWN
    inner = enter(symbol.over, scope.outermost())
    found: Type
    if isinstance(symbol, NamedExpression):
        found = _scalar(symbol.expr, inner, silent)
    elif symbol.within is not None:
        found = set_item(symbol.within, inner)
        found = Numeric("integer", found.family) if isinstance(found, Numeric) else found
    else:
        found = Numeric(symbol.type or "real")
    scope.cache[symbol.name] = found
    return found


def _name(e: Expr, name: str, scope: Scope, report: Report) -> Type:
    if name in scope.indices:
        return scope.indices[name]
    symbol = scope.symbols.get(name)
    if symbol is None:
        fix = nearest(name, scope.known()) or f"{name!r} if it is a label; an index is named by `over`, `for`"
        report("E201", e, name, "a declared name or an index", fix)
        return UNKNOWN
    if isinstance(symbol, Set):
        return SetOf(set_item(e, scope, report))
    item = declared_type(symbol, scope)
    return ArrayOf(name, item, positions(symbol.over, scope)) if symbol.over else item


def _subscript(e: Subscript, scope: Scope, report: Report) -> Type:
    given = tuple(_index_type(i, scope, report) for i in e.index)
    symbol: Symbol | None = scope.symbols.get(e.name)
    if e.name in scope.indices:
        report("E301", e, f"index {e.name} with a subscript", "a parameter, variable or expression", "")
        return UNKNOWN
    if symbol is None:
        report("E201", e, e.name, "a declared name", nearest(e.name, scope.symbols))
        return UNKNOWN
    check_subscript(e, given, positions(symbol.over, scope), scope, report)
    if isinstance(symbol, Set):
        return SetOf(declared_item(symbol, scope)) if symbol.over else UNKNOWN
    return declared_type(symbol, scope)


def _index_type(e: Expr, scope: Scope, report: Report) -> Type:
    """Type of an index; `m - 1` of a label is told as the neighbour it means, and not as a number too."""
    match e:
        case Add((Name(name) as index, Number(value))) if isinstance(scope.indices.get(name), Labelled):
            steps = f", {print_number(abs(value))}" if abs(value) != 1 else ""
            function = "prev" if value < 0 else "next"
            report("E306", index, describe(scope.indices[name]), "a number", f"{function}({name}{steps})")
            return UNKNOWN
        case _:
            return type_of(e, scope, report)


def _scalar(e: Expr, scope: Scope, report: Report) -> Type:
    """Type of a node that stands for one value; a bare array is reported."""
    t = type_of(e, scope, report)
    if isinstance(t, ArrayOf):
        expected = f"{t.name} with {len(t.positions)} {'index' if len(t.positions) == 1 else 'indices'}"
        report("E301", e, f"{t.name} without an index", expected, f"{t.name}[...], or sum({t.name}) of all")
        return t.item
    return t


def _joined(items: tuple[Expr, ...], scope: Scope, report: Report, mixed: bool = False) -> Type:
    """Items of a set or list -> the type of one; a list may be ``mixed``."""
    if not items:
        return Open()
    types = [type_of(i, scope, report) for i in items]
    found = types[0]
    for item, t in zip(items[1:], types[1:], strict=True):
        if fit(found, t) == "kinds" and not mixed:
            report("E302", item, f"{describe(t)} beside {describe(found)}", "elements of one kind", "")
        found = join(found, t)
    return found


def _is_list(e: Expr) -> bool:
    return isinstance(e, Comprehension) and e.kind == "list"


def _concatenation(terms: tuple[Expr, ...], scope: Scope, report: Report) -> Type:
    """`[a, b] + [c for ...]` -> a list; a term that is no list is reported."""
    found: Type = Open()
    for k, term in enumerate(terms):
        t = type_of(term, scope, report)
        if isinstance(t, ListOf) and (isinstance(term, ListLiteral) or _is_list(term)):
            found = join(found, t.item) if k else t.item
        elif not isinstance(t, Unknown):
            fix = f"[{t.name}[i] for i in ...]" if isinstance(t, ArrayOf) else "[...] around it"
            report("E302", term, f"a list plus {describe(t)}", "lists on both sides of +", fix)
    return ListOf(found)


def _coordinates(source: Expr, item: Type, count: int, report: Report) -> tuple[Type, ...]:
    match item:
        case TupleOf(items) if len(items) == count:
            return items
        case Open() | Unknown():
            return (Open(),) * count
        case TupleOf(items):
            report("E301", source, f"{count} names for elements of {len(items)} coordinates", f"{len(items)} names", "")
        case _:
            report("E301", source, f"{count} names for {describe(item)}", "one name", "")
    return (UNKNOWN,) * count


def _binary(e: Binary, scope: Scope, report: Report) -> Type:
    a, b = number(e.left, scope, report), number(e.right, scope, report)
    match e.op:
        case "/":
            if isinstance(e.right, Number) and e.right.value == 0:
                report("E406", e, "division by zero", "a divisor that is not zero", "")
            return REAL
        case "//" | "%":
            return Numeric(wider("integer", a.type, b.type))
        case "**":
            if scope.varies(e.right):
                report("E309", e.right, "a variable as exponent", "a constant exponent", "use exp and log")
            whole = isinstance(e.right, Number) and e.right.value.denominator == 1 and e.right.value >= Fraction(0)
            return Numeric(wider("integer", a.type)) if whole or (b.type != "real" and a.type != "real") else REAL


def _compare(e: Compare, scope: Scope, report: Report) -> None:
    if e.op in ("<", ">", "<=", ">="):
        number(e.left, scope, report)
        number(e.right, scope, report)
        return
    a, b = _scalar(e.left, scope, report), _scalar(e.right, scope, report)
    for side, t in ((e.left, a), (e.right, b)):
        if isinstance(t, SetOf | ListOf):
            report("E302", side, describe(t), "a number or an element", "compare elements one by one, or use `in`")
            return
    _membership(e, a, b, report)


def _membership(e: Compare | In, a: Type, b: Type, report: Report) -> None:
    match fit(a, b):
        case "kinds":
            report("E302", e, f"{describe(a)} with {describe(b)}", "both sides of one kind", "")
        case "disjoint" if isinstance(e, In) or any(isinstance(x, Label) for x in (e.left, e.right)):
            report("E304", e, f"{describe(a)} with {describe(b)}", "a label of the set", _labels(a, b))
        case "disjoint":
            report("E303", e, f"{describe(a)} with {describe(b)}", "labels of one set", "")
        case _:
            pass


def _labels(a: Type, b: Type) -> str:
    for label, other in ((a, b), (b, a)):
        if isinstance(label, Labelled) and isinstance(other, Labelled) and label.values and len(label.values) == 1:
            return nearest(str(next(iter(label.values))), sorted(str(v) for v in other.values or ()))
    return ""


_FILTERED = {"sum": "sum(... * (...))", "all": "all(implies(..., ...))", "any": "any(... and ...)"}
"""Aggregates that take a filter over variables -> what it is the same as."""


def _aggregate(e: Aggregate, scope: Scope, report: Report) -> Type:
    inner = enter(e.generators, scope, report, filters=e.function not in _FILTERED)
    for c in (c for g in e.generators for c in g.conditions if e.function in _FILTERED and inner.varies(c)):
        report("N01", c, f"a filter over variables in {e.function}", f"taken as {_FILTERED[e.function]}", "")
    match e.function:
        case "all" | "any":
            condition(e.body, inner, report)
            return BINARY
        case "all_different":
            _scalar(e.body, inner, report)
            return BINARY
        case "sum":
            return Numeric(wider("integer", number(e.body, inner, report).type))
        case "prod" | "min" | "max":
            return Numeric(number(e.body, inner, report).type)
        case _:
            assert_never(e.function)


def _from_data(e: Expr) -> bool:
    """True where a real type is only a declared one: data may well be whole."""
    return not isinstance(e, Number | Constant) and not (isinstance(e, Binary) and e.op == "/")
