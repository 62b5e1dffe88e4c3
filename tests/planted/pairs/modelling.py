"""What the makers of pairs share: moving over a model, spelling data out, contexts of binaries, the view carried along.

While a model is rewritten or spoilt, its view stands in an output of its own, so that whatever happens to the variables
happens to the view as well; `finish` takes it out again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from nl2opt.check.static import check_model as check_static
from nl2opt.errors import Nl2optError
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.document.printer import print_yaml
from nl2opt.ir.instance import Instance, Key, flat
from nl2opt.ir.model import IndexedElements, Model, Nested, Output, Over, Parameter, Value, Variable
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Comprehension,
    Expr,
    Generator,
    IfElse,
    Iff,
    Implies,
    Label,
    ListLiteral,
    Mul,
    Name,
    Neg,
    Not,
    Number,
    Or,
    Subscript,
    subscript,
)
from nl2opt.ir.text import parse_expression, print_expression
from nl2opt.ir.walk import all_names, free_names, map_children, map_over, subexpressions

VIEW = "view_of_decisions"
ORDER = frozenset(("first", "last", "prev", "next", "position", "range", "len"))


def literal(value: Any) -> Expr:
    """A set element or a number -> its literal."""
    return Label(value) if isinstance(value, str) else Number(Fraction(value))


def element_values(instance: Instance, name: str) -> list[tuple[Key, Any]]:
    """A parameter -> (key, value) in order."""
    value = instance.parameters[name]
    return [(k, value.at(k)) for k in value.domain.keys]


# a model and its view ------------------------------------------------------------------------------------------------


def view_texts(instance: Instance) -> list[str]:
    """Every decision of an instance as numbers: a value a key, a comparison an element for variables in label sets."""
    out = []
    for name, family in instance.variables.items():
        for i, key in enumerate(family.domain.keys):
            place: Expr = Subscript(name, tuple(map(literal, key))) if key else Name(name)
            if family.within is None or family.within[i].is_integer:
                out.append(print_expression(place))
            else:
                out += [print_expression(Compare("==", place, literal(e))) for e in family.within[i]]
    return out


def with_view(model: Model, texts: list[str]) -> Model:
    """The model with its view in place of its outputs."""
    return replace(model, outputs=(Output(VIEW, ListLiteral(tuple(map(parse_expression, texts)))),))


def finish(model: Model, data: Mapping[str, Any] | None = None) -> tuple[str, list[str]] | None:
    """A model that carries its view -> its document and the view's texts; None where it is no valid model."""
    (output,) = model.outputs
    assert isinstance(output.expr, ListLiteral)
    texts = [print_expression(e) for e in output.expr.items]
    try:
        document = print_yaml(replace(model, outputs=()))
        read = read_document(document)
        if any(d.severity == "error" for d in check_static(read)):
            return None
        bind(read, data)
    except Nl2optError:
        return None
    return document, texts


def rebound(model: Model) -> Instance | None:
    """The model's instance, None where it has none or the model is not valid."""
    try:
        if any(d.severity == "error" for d in check_static(model)):
            return None
        return bind(model)
    except Nl2optError:
        return None


def with_data(model: Model, instance: Instance, data: Mapping[str, Any] | None) -> Model:
    """The model with what the data give, or what it leaves to data, written in it."""
    given = set(data or ())
    sets = []
    for s in model.sets:
        sized = isinstance(s.elements, Expr.__args__) and free_names(s.elements) & {p.name for p in model.parameters}
        if s.name in given or s.elements is None or (given and sized):
            if s.over:
                found = instance.indexed_sets[s.name]
                keys = tuple(k if len(k) > 1 else k[0] for k in found)
                s = replace(s, elements=IndexedElements(keys, tuple(v.elements for v in found.values())))
            else:
                s = replace(s, elements=instance.sets[s.name].elements)
        sets.append(s)
    parameters = [
        in_rows(p, instance) if p.name in given or (p.value is None and p.rows is None) else p for p in model.parameters
    ]
    return replace(model, sets=tuple(sets), parameters=tuple(parameters))


def in_rows(p: Parameter, instance: Instance) -> Parameter:
    """A parameter -> the same with a row a key (a scalar: its value)."""
    values = element_values(instance, p.name)
    if not p.over:
        return replace(p, value=literal(values[0][1]), rows=None, default=None)
    rows = tuple((*map(literal, k), *map(literal, flat(v) if isinstance(v, tuple) else (v,))) for k, v in values)
    return replace(p, value=None, rows=rows, default=None, symmetric=False)


# expressions of a model ----------------------------------------------------------------------------------------------


def everywhere(model: Model, f: Callable[[Expr], Expr]) -> Model:
    """The model with every expression e replaced by f(e), the keys and values of data included."""
    return by_context(model, lambda e, _: f(e))


def by_context(model: Model, f: Callable[[Expr, bool], Expr]) -> Model:
    """The same; f is told whether the expression stands as a condition."""

    def over(o: Over) -> Over:
        return tuple(
            replace(g, source=f(g.source, False), conditions=tuple(f(c, True) for c in g.conditions)) for g in o
        )

    def maybe(e: Expr | None, condition: bool = False) -> Expr | None:
        return None if e is None else f(e, condition)

    def value(v: Value | None) -> Value | None:
        if isinstance(v, Nested):
            return Nested(tuple(x for i in v.items if (x := value(i)) is not None))
        return maybe(v)

    expression = tuple(Expr.__args__)
    return replace(
        model,
        sets=tuple(
            replace(
                s, over=over(s.over),
                elements=f(s.elements, False) if isinstance(s.elements, expression) else s.elements,
            )
            for s in model.sets
        ),
        parameters=tuple(
            replace(
                p, over=over(p.over), within=maybe(p.within), value=value(p.value), default=maybe(p.default),
                rows=None if p.rows is None else tuple(tuple(f(e, False) for e in r) for r in p.rows),
            )
            for p in model.parameters
        ),
        variables=tuple(
            replace(v, over=over(v.over), within=maybe(v.within), lower=maybe(v.lower), upper=maybe(v.upper))
            for v in model.variables
        ),
        expressions=tuple(replace(n, over=over(n.over), expr=f(n.expr, False)) for n in model.expressions),
        constraints=tuple(
            replace(c, over=over(c.over), expr=f(c.expr, True), penalty=maybe(c.penalty)) for c in model.constraints
        ),
        objectives=tuple(replace(o, expr=f(o.expr, False)) for o in model.objectives),
        outputs=tuple(replace(o, expr=f(o.expr, False)) for o in model.outputs),
    )  # fmt: skip


def bottom_up(f: Callable[[Expr], Expr]) -> Callable[[Expr], Expr]:
    """f of one node -> f of every node, the inner ones first."""

    def run(e: Expr) -> Expr:
        return f(map_children(e, run))

    return run


def with_context(e: Expr, condition: bool, f: Callable[[Expr, bool], Expr | None]) -> Expr:
    """Every node with whether it stands as a condition; f answers a replacement, or None to go on below."""
    new = f(e, condition)
    if new is not None:
        return new

    def down(inner: bool) -> Callable[[Expr], Expr]:
        return lambda x: with_context(x, inner, f)

    match e:
        case And() | Or() | Not() | Implies() | Iff():
            return map_children(e, down(True))
        case IfElse(test, then, otherwise):
            return IfElse(down(True)(test), down(condition)(then), down(condition)(otherwise))
        case Aggregate(function, body, generators) | Comprehension(function, body, generators):
            mapped = tuple(
                replace(g, source=down(False)(g.source), conditions=tuple(map(down(True), g.conditions)))
                for g in generators
            )
            return replace(e, body=down(function in ("all", "any"))(body), generators=mapped)
        case _:
            return map_children(e, down(False))


def mentioned(model: Model) -> Iterator[Expr]:
    """Every node of every expression of the model but the view and the data."""
    roots: list[Expr] = []

    def note(e: Expr) -> Expr:
        roots.append(e)
        return e

    everywhere(replace(model, parameters=(), outputs=()), note)
    for root in roots:
        yield from subexpressions(root)


def ordered(model: Model) -> bool:
    """True where a meaning hangs on the order of a set."""
    return any(isinstance(e, Call) and e.function in ORDER for e in mentioned(model))


def bare(model: Model, name: str) -> bool:
    """True where the whole array is named without subscripts."""
    indexed = bool(getattr(model.symbols[name], "over", ()))
    return indexed and any(isinstance(e, Name) and e.name == name for e in mentioned(model))


def renamed(e: Expr, names: Mapping[str, str]) -> Expr:
    """Names and indices of an expression replaced, bound ones included."""

    def one(x: Expr) -> Expr:
        match x:
            case Name(name):
                return Name(names.get(name, name))
            case Subscript(name, index):
                return subscript(names.get(name, name), *index)
            case Aggregate() | Comprehension():
                return replace(x, generators=renamed_over(x.generators, names))
            case _:
                return x

    return bottom_up(one)(e)


def renamed_over(over: Over, names: Mapping[str, str]) -> Over:
    """The targets of generators replaced; their expressions stay."""
    return tuple(replace(g, targets=tuple(names.get(t, t) for t in g.targets)) for g in over)


def fresh(model: Model, *wanted: str) -> list[str]:
    """Wished names -> names the model does not use."""
    used = all_names(model) | {VIEW}
    out = []
    for w in wanted:
        name, n = w, 2
        while name in used:
            name, n = f"{w}{n}", n + 1
        used.add(name)
        out.append(name)
    return out


def named_over(model: Model, over: Over) -> Over:
    """An `over` with an index name for each generator that has none."""
    wanted = fresh(model, *(f"k{i + 1}" for i in range(len(over))))
    return tuple(g if g.targets else replace(g, targets=(w,)) for g, w in zip(over, wanted, strict=True))


def indices(over: Over) -> tuple[Expr, ...]:
    """Generators -> their index names as expressions, in order."""
    return tuple(Name(t) for g in over for t in g.targets)


def place(name: str, over: Over) -> Expr:
    """A declared name at the indices of an `over`."""
    return Subscript(name, indices(over)) if over else Name(name)


# what an expression is -----------------------------------------------------------------------------------------------


def numeric(e: Expr, model: Model) -> bool:
    """True where an expression surely is a number and no condition or label."""
    match e:
        case Number() | Add() | Mul() | Neg() | Binary():
            return True
        case Aggregate(function, _, _):
            return function in ("sum", "prod", "min", "max")
        case Call(function, _, _):
            return function in ("sum", "abs", "min", "max")
        case Name(name) | Subscript(name, _):
            item = model.symbols.get(name)
            match item:
                case Variable():
                    return item.type is not None
                case Parameter():
                    return item.within is None
                case _:
                    return item is not None and hasattr(item, "expr") and numeric(item.expr, model)
        case _:
            return False


def whole(e: Expr, model: Model, instance: Instance) -> bool:
    """True where an expression surely takes whole values."""
    for x in subexpressions(e):
        match x:
            case Number(value) if value.denominator != 1:
                return False
            case Binary(op, _, _) if op in ("/", "**"):
                return False
            case Call(function, _, _) if function in ("sqrt", "exp", "log", "sin", "cos", "piecewise"):
                return False
            case Name(name) | Subscript(name, _):
                item = model.symbols.get(name)
                match item:
                    case Variable():
                        if item.type == "real":
                            return False
                    case Parameter():
                        if item.within is None and any(
                            Fraction(v).denominator != 1 for _, v in element_values(instance, name)
                        ):
                            return False
                    case _ if item is not None and hasattr(item, "expr"):
                        if not whole(item.expr, model, instance):
                            return False
    return True


def varies(e: Expr, model: Model) -> bool:
    """True where an expression reads a variable."""
    for x in subexpressions(e):
        if isinstance(x, Name | Subscript):
            item = model.symbols.get(x.name)
            if isinstance(item, Variable) or (hasattr(item, "expr") and varies(item.expr, model)):
                return True
    return False


def uses_order_of(e: Expr, names: frozenset[str]) -> bool:
    """True where an index stands in a function that asks for the order of the set it was drawn from."""
    return any(
        isinstance(x, Call)
        and x.function in ORDER
        and any(isinstance(y, Name) and y.name in names for y in subexpressions(x))
        for x in subexpressions(e)
    )


__all__ = [
    "VIEW",
    "Generator",
    "bare",
    "bottom_up",
    "by_context",
    "element_values",
    "everywhere",
    "finish",
    "fresh",
    "in_rows",
    "indices",
    "literal",
    "map_over",
    "mentioned",
    "named_over",
    "numeric",
    "ordered",
    "place",
    "rebound",
    "renamed",
    "renamed_over",
    "uses_order_of",
    "varies",
    "view_texts",
    "whole",
    "with_context",
    "with_data",
    "with_view",
]  # fmt: skip
