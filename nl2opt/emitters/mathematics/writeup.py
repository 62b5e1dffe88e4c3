"""Instance -> WriteUp: the parts of a written-up model, each statement as mathematics beside the person's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from nl2opt.emitters.mathematics.notation import Notation, breakable, escaped
from nl2opt.ir.instance import Instance, ParameterValue, flat
from nl2opt.ir.model import Anchor, Constraint, Element, Model, NamedExpression, Objective, Parameter, Set, Variable
from nl2opt.ir.nodes import Add, And, Compare, Constant, Expr, Neg, Number
from nl2opt.ir.text import print_number

LONG = 80
"""Visible characters of a formula from which a sum is broken into lines."""

_SHOWN = 60
"""Values of a parameter, or elements of a set, that are shown in full."""

_ACROSS = 72
"""Visible characters of the columns of a table."""

_NUMBERS = {"real": r"\mathbb{R}", "integer": r"\mathbb{Z}", "binary": r"\{0, 1\}"}


@dataclass(frozen=True)
class Statement:
    """A formula on one line or more, what it is called, and the words behind it."""

    name: str
    lines: tuple[str, ...]
    words: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True)
class Entry:
    """A declared set, parameter or variable: its symbol, what it means, its unit and what it holds."""

    symbol: str
    meaning: str
    unit: str
    holds: str
    """Mathematics: elements, a value, a domain; '' where a table shows them."""


@dataclass(frozen=True)
class Table:
    """Values of parameters, as text.

    Over two sets ``corner`` is the parameter's symbol, the rows begin with elements; over one set ``corner`` is '' and
    each row begins with the symbol of its parameter.
    """

    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class WriteUp:
    """A model as a person would write it up."""

    title: str
    text: str
    sets: tuple[Entry, ...]
    parameters: tuple[Entry, ...]
    tables: tuple[Table, ...]
    variables: tuple[Entry, ...]
    definitions: tuple[Statement, ...]
    objectives: tuple[Statement, ...]
    constraints: tuple[Statement, ...]
    assumptions: tuple[str, ...]


def write_up(instance: Instance, relax: bool) -> WriteUp:
    """Instance -> its parts; ``relax``: whole variables are shown as real ones."""
    model = instance.model
    n = Notation(model)
    return WriteUp(
        (model.description or model.name.replace("_", " ")).rstrip("."),
        model.text,
        tuple(_set(s, instance, n) for s in model.sets),
        tuple(_parameter(p, instance, n) for p in model.parameters),
        _tables(instance, n),
        tuple(_variable(v, n, relax) for v in model.variables),
        tuple(_definition(e, n) for e in model.expressions),
        tuple(_objective(o, n, model) for o in sorted(model.objectives, key=lambda o: -o.priority)),
        tuple(_constraint(c, n) for c in model.constraints),
        model.assumptions,
    )


def quotes(anchors: Sequence[Anchor]) -> tuple[str, ...]:
    """Anchors -> the person's words."""
    return tuple(a.text for a in anchors if a.kind == "quote")


def _set(s: Set, instance: Instance, n: Notation) -> Entry:
    name = n.member(s.name, n.indices(s.over))
    meaning = s.description or "; ".join(quotes(s.anchors))
    if s.over:
        values = instance.indexed_sets[s.name]
        return Entry(name, meaning, "", rf"\text{{{len(values)} sets}}")
    elements = instance.sets[s.name].elements
    shown = [_element(e) for e in elements]
    if len(shown) > _SHOWN:
        shown = [*shown[:3], r"\dots", shown[-1]]
    return Entry(name, meaning, "", rf"\{{{', '.join(shown)}\}}")


def _element(e: object) -> str:
    if isinstance(e, tuple):
        return f"({', '.join(map(_element, e))})"
    return str(e) if isinstance(e, int) else rf"\text{{{escaped(str(e))}}}"


def _parameter(p: Parameter, instance: Instance, n: Notation) -> Entry:
    name = n.member(p.name, n.indices(p.over))
    meaning = p.description or "; ".join(quotes(p.anchors))
    values = _values(instance.parameters[p.name])
    if not p.over:
        return Entry(name, meaning, p.unit, _value(values[0]))
    if len(values) and all(v == values[0] for v in values):
        return Entry(name, meaning, p.unit, rf"\text{{all }} {_value(values[0])}")
    return Entry(name, meaning, p.unit, "" if _is_shown(p, instance) else rf"\text{{{len(values)} values}}")


def _values(held: ParameterValue) -> tuple[Fraction | Element, ...]:
    return held.elements if held.elements is not None else held.exact


def _value(v: object) -> str:
    return print_number(v) if isinstance(v, Fraction) else _element(v)


def _is_shown(p: Parameter, instance: Instance) -> bool:
    """True where the values of a parameter fit in a table: over one set of few elements, or two."""
    held = instance.parameters[p.name]
    values, axes = _values(held), held.domain.axes
    if not p.over or not values or all(v == values[0] for v in values):
        return False
    square = len(axes) == 2 and held.domain.filtered is None
    columns = list(axes[1] if square else held.domain.keys)
    across = sum(2 + max(len(_cell(c)), len(_text(v))) for c, v in zip(columns, values, strict=False))
    return across <= _ACROSS and len(values) <= _SHOWN


def _tables(instance: Instance, n: Notation) -> tuple[Table, ...]:
    """The parameters that fit in tables; those over the same keys share one, a row each."""
    shared: dict[tuple[object, ...], list[tuple[str, ...]]] = {}
    tables: list[Table] = []
    for p in instance.model.parameters:
        if not _is_shown(p, instance):
            continue
        held = instance.parameters[p.name]
        name, values, axes = n.member(p.name, n.indices(p.over)), _values(held), held.domain.axes
        if len(axes) == 2 and held.domain.filtered is None:
            width = len(axes[1])
            rows = tuple(
                (_cell(e), *(_text(v) for v in values[i * width : (i + 1) * width])) for i, e in enumerate(axes[0])
            )
            tables.append(Table(name, tuple(_cell(e) for e in axes[1]), rows))
        else:
            shared.setdefault(tuple(held.domain.keys), []).append((name, *(_text(v) for v in values)))
    alike = (Table("", tuple(_cell(k) for k in keys), tuple(rows)) for keys, rows in shared.items())
    return (*alike, *tables)


def _cell(element: object) -> str:
    return ", ".join(map(str, flat(element)))  # type: ignore[arg-type]


def _text(v: object) -> str:
    return print_number(v) if isinstance(v, Fraction) else _cell(v)


def _variable(v: Variable, n: Notation, relax: bool) -> Entry:
    """A variable and where it lives: `0 <= x_i <= u_i, integer`."""
    name = n.member(v.name, n.indices(v.over))
    where = rf" \quad {n.over(v.over)}" if v.over else ""
    if v.within is not None:
        domain = rf"\in {n.set(v.within)}"
    else:
        kind = v.type if not (relax and v.type == "integer") else "real"
        domain = rf"\in {_NUMBERS[kind or 'real']}"
        if v.type != "binary":
            domain = _bounded(v, name, n, kind or "real")
    return Entry(name, v.description or "; ".join(quotes(v.anchors)), v.unit, f"{name} {domain}{where}")


def _bounded(v: Variable, name: str, n: Notation, kind: str) -> str:
    free = isinstance(v.lower, Neg) and v.lower.arg == Constant("inf")
    zero = v.lower is None or (isinstance(v.lower, Number) and v.lower.value == 0)
    if v.upper is None:
        if free or zero:
            return rf"\in {_NUMBERS[kind]}" + ("" if free else r"_{\ge 0}")
        return rf"\ge {n.number(v.lower)},\; {name} \in {_NUMBERS[kind]}"  # type: ignore[arg-type]
    lower = "" if free else rf"{n.number(v.lower) if v.lower is not None else '0'} \le "
    return rf"\in {_NUMBERS[kind]},\; {lower}{name} \le {n.number(v.upper)}"


def _definition(e: NamedExpression, n: Notation) -> Statement:
    left = n.member(e.name, n.indices(e.over))
    return Statement(e.name, _lines(f"{left} :=", e.expr, n, n.over(e.over)), quotes(e.anchors), e.description)


def _objective(o: Objective, n: Notation, model: Model) -> Statement:
    several = len(model.objectives) > 1
    word = rf"\{o.sense[:3]}\;"
    return Statement(f"priority {o.priority}" if several else "", _lines(word, o.expr, n, ""), quotes(o.anchors))


def _constraint(c: Constraint, n: Notation) -> Statement:
    remark = "" if c.penalty is None else f"soft: each unit of violation costs ${n.number(c.penalty)}$"
    for_all = rf"\forall\, {n.over(c.over)}" if c.over else ""
    return Statement(c.name.replace("_", " "), _lines("", c.expr, n, for_all), quotes(c.anchors), remark)


def _lines(head: str, e: Expr, n: Notation, tail: str) -> tuple[str, ...]:
    """A formula on one line, or its conditions and the terms of its sums on several."""
    one = " ".join(p for p in (head, n.condition(e), rf"\qquad {tail}" if tail else "") if p)
    if width(one) <= LONG:
        return (one,)
    lines: list[str]
    match e:
        case And(args) if not head:
            lines = [line for a in args for line in _lines("", a, n, "")]
        case Compare(op, left, right) if breakable(left):
            lines = _terms(head, left, n)
            lines[-1] += f" {n.condition(Compare(op, Number(Fraction(0)), right))[1:].strip()}"
        case Compare(op, left, right) if breakable(right):
            start = n.condition(Compare(op, left, Number(Fraction(0)))).removesuffix("0").strip()
            lines = _terms(f"{head} {start}".strip(), right, n)
        case Add():
            lines = _terms(head, e, n)
        case _:
            lines = [" ".join(p for p in (head, n.condition(e)) if p)]
    if tail:
        lines.append(rf"\qquad {tail}")
    return tuple(lines)


def width(formula: str) -> int:
    """Characters a formula takes in print, about."""
    return len(re.sub(r"\\[a-zA-Z]+|[{}_^\\]", "", formula))


def _terms(head: str, e: Expr, n: Notation) -> list[str]:
    """A sum, as many terms a line as are easily read."""
    lines, line = [], head
    for k, t in enumerate(breakable(e)):
        part = n.term(t, first=k == 0)
        if k and width(line) + width(part) > LONG:
            lines.append(line)
            line = r"\quad"
        line = f"{line} {part.strip()}".strip()
    return [*lines, line]


def sentence(name: str) -> str:
    """A name as a heading: `flour limit` -> `Flour limit`."""
    return name[:1].upper() + name[1:]
