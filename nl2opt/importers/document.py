"""Rows -> Model a person reads: a constraint a row, a variable a column, families where names have brackets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from nl2opt.importers.naming import Names, Place, places
from nl2opt.importers.rows import Bound, Column, Row, Rows
from nl2opt.ir import limits
from nl2opt.ir.model import Constraint, Element, Model, NumberType, Objective, Parameter, Set, Variable
from nl2opt.ir.nodes import (
    Binary,
    Compare,
    CompareOp,
    Constant,
    Expr,
    Generator,
    Label,
    Name,
    Neg,
    Number,
    add,
    conjunction,
    disjunction,
    mul,
    negative,
    subscript,
)

_TERMS = 200
"""Entries of the longest row that is still read as an expression (an expression has at most 4,000 characters)."""


def fits(rows: Rows) -> bool:
    """True where the program is small enough to be read row by row."""
    longest = max((len(r.entries) for r in rows.rows), default=0)
    return (
        len(rows.rows) <= limits.SECTION_ITEMS
        and len(rows.columns) <= limits.SECTION_ITEMS
        and max(longest, len(rows.costs) + len(rows.squares)) <= _TERMS
    )


def as_document(rows: Rows) -> Model:
    """Rows -> the model that says the same."""
    names = Names()
    where = places([c.name for c in rows.columns], [_type(c) for c in rows.columns], names, "v")
    columns = [_reference(p) for p in where]
    sets: list[Set] = []
    parameters: list[Parameter] = []
    variables: list[Variable] = []
    limiting: list[Constraint] = []
    for family in dict.fromkeys(p.family for p in where):
        members = [(p, c) for p, c in zip(where, rows.columns, strict=True) if p.family == family]
        made = _family(family, members, names)
        sets += made.sets
        parameters += made.parameters
        variables.append(made.variable)
        limiting += made.constraints
    constraints = [
        *(_constraint(row, columns, names) for row in rows.rows),
        *limiting,
        *_semi(rows.columns, columns, names),
    ]
    aim = add(
        *(_term(value, columns[j]) for value, j in rows.costs),
        *(_term(value, _product(columns[i], columns[j])) for value, i, j in rows.squares),
        *([Number(rows.offset)] if rows.offset else []),
    )
    sense = "maximize" if rows.maximize else "minimize"
    objectives = (Objective(sense, aim),) if rows.costs or rows.squares else ()  # type: ignore[arg-type]
    name = Names().make(rows.title, "model")
    return Model(
        name, f"imported, {len(rows.rows)} rows and {len(rows.columns)} columns", "", tuple(sets), tuple(parameters),
        tuple(variables), (), tuple(constraints), objectives,
    )  # fmt: skip


def _type(column: Column) -> NumberType:
    if column.kind in ("integer", "semi-integer"):
        return "binary" if column.is_binary else "integer"
    return "real"


def _reference(place: Place) -> Expr:
    index = [Number(Fraction(k)) if isinstance(k, int) else Label(k) for k in place.key]
    return subscript(place.family, *index) if index else Name(place.family)


@dataclass
class _Family:
    """A family of columns as declarations: its keys, and its bounds where they differ from key to key."""

    variable: Variable
    sets: list[Set] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)


def _family(family: str, members: Sequence[tuple[Place, Column]], names: Names) -> _Family:
    """Columns of one family -> its declarations; where only some keys have a bound, it is a constraint."""
    columns = [c for _, c in members]
    keys = [p.key for p, _ in members]
    kind = _type(columns[0])
    said = columns[0].name if len(members) == 1 and columns[0].name != family else ""
    semi = any(c.kind.startswith("semi") for c in columns)
    lowers: list[Bound] = [Fraction(0) if semi else c.lower for c in columns]
    uppers: list[Bound] = [c.upper for c in columns]
    if not keys[0]:
        return _Family(_variable(family, (), kind, _bound(lowers[0], -1), _bound(uppers[0], 1), said))
    index = tuple("ijklmn"[i] for i in range(len(keys[0])))
    domain = names.make(f"{family}_keys", "keys")
    over = (Generator(index, Name(domain)),)
    made = _Family(_variable(family, over, kind, None, None, said), [Set(domain, _elements(keys))])

    def bound(side: str, values: list[Bound], sign: int) -> Expr | None:
        if len(set(values)) == 1:
            return _bound(values[0], sign)
        held = {key: v for key, v in zip(keys, values, strict=True) if v is not None}
        name = names.make(f"{family}_{side}", side)
        rows = tuple((*map(_literal, key), Number(v)) for key, v in held.items())
        where = over
        if len(held) < len(keys):
            bounded = names.make(f"{family}_with_{side}", "keys")
            made.sets.append(Set(bounded, _elements(list(held))))
            where = (Generator(index, Name(bounded)),)
        made.parameters.append(Parameter(name, where, "real", rows=rows))
        limit = subscript(name, *map(Name, index))
        if len(held) == len(keys):
            return limit
        own = names.make(f"{family}_{side}_limit", "row")
        comparison = Compare(">=" if sign < 0 else "<=", subscript(family, *map(Name, index)), limit)
        made.constraints.append(Constraint(own, comparison, where))
        return _bound(None, sign)

    lower, upper = bound("lower", lowers, -1), bound("upper", uppers, 1)
    made.variable = _variable(family, over, kind, lower, upper, said)
    return made


def _elements(keys: Sequence[tuple[str | int, ...]]) -> tuple[Element, ...]:
    return tuple(k if len(k) > 1 else k[0] for k in keys)


def _literal(key: str | int) -> Expr:
    return Number(Fraction(key)) if isinstance(key, int) else Label(key)


def _bound(value: Bound, sign: int) -> Expr | None:
    """A bound as the language says it: an open one is none above and -inf below."""
    if value is None:
        return Neg(Constant("inf")) if sign < 0 else None
    return Number(value)


def _variable(
    name: str, over: tuple[Generator, ...], kind: NumberType, lower: Expr | None, upper: Expr | None, said: str
) -> Variable:
    if kind == "binary":
        return Variable(name, over, kind, description=said)
    return Variable(name, over, kind, None, None if lower == Number(Fraction(0)) else lower, upper, description=said)


def _term(value: Fraction, x: Expr) -> Expr:
    """A coefficient times what it stands at, subtracted where it is negative."""
    size = x if abs(value) == 1 else mul(Number(abs(value)), x)
    return negative(size) if value < 0 else size


def _product(x: Expr, y: Expr) -> Expr:
    return Binary("**", x, Number(Fraction(2))) if x == y else mul(x, y)


def _constraint(row: Row, columns: Sequence[Expr], names: Names) -> Constraint:
    """A row -> a constraint; one with two sides is two comparisons."""
    left = add(*(_term(v, columns[j]) for v, j in row.entries))
    name = names.make(row.name, "row")
    if row.lower is not None and row.lower == row.upper:
        return Constraint(name, Compare("==", left, Number(row.lower)))
    sides: list[tuple[CompareOp, Bound]] = [(">=", row.lower), ("<=", row.upper)]
    return Constraint(name, conjunction(*(Compare(op, left, Number(s)) for op, s in sides if s is not None)))


def _semi(columns: Sequence[Column], references: Sequence[Expr], names: Names) -> Iterable[Constraint]:
    """Semi-continuous columns: zero, or within their bounds."""
    for c, x in zip(columns, references, strict=True):
        if c.kind.startswith("semi") and c.lower:
            yield Constraint(
                names.make(f"{c.name}_or_none", "semi"),
                disjunction(Compare("<=", x, Number(Fraction(0))), Compare(">=", x, Number(c.lower))),
            )
