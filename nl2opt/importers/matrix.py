"""Rows -> Model of a sparse matrix: sets of rows and columns by name, one constraint for each kind of row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.importers.naming import Names
from nl2opt.importers.rows import Column, Rows
from nl2opt.ir.model import Constraint, Model, NumberType, Objective, Parameter, Set, Variable
from nl2opt.ir.nodes import Constant, Expr, Label, Neg, Number
from nl2opt.ir.text import parse_expression, parse_over

_COLUMNS: tuple[tuple[str, NumberType, Callable[[Column], bool]], ...] = (
    ("x", "real", lambda c: c.kind == "real"),
    ("n", "integer", lambda c: c.kind == "integer" and not c.is_binary),
    ("b", "binary", lambda c: c.is_binary),
)
"""Families of variables: name, type, which columns they hold."""

_SIDES = (("equal", "==", "lower"), ("at_least", ">=", "lower"), ("at_most", "<=", "upper"))


@dataclass
class _Matrix:
    """What has been declared so far: ``families`` are names of variables with the labels of their columns by place."""

    rows: Rows
    columns: list[str]
    names: list[str]
    sets: list[Set] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)
    families: dict[str, dict[int, str]] = field(default_factory=dict)


def as_matrix(rows: Rows) -> Model:
    """Rows -> the model with its numbers as data. Raises DocumentError (E022) where a column is semi-continuous."""
    semi = [c.name for c in rows.columns if c.kind.startswith("semi")]
    if semi or rows.squares:
        found = f"column {semi[0]}" if semi else "squares in the objective"
        message = "too large to be read row by row, and no plain matrix"
        raise DocumentError(Diagnostic("E022", message, rows.title, found, "real and integer columns, linear rows"))
    m = _Matrix(rows, _labels([c.name for c in rows.columns], "column"), _labels([r.name for r in rows.rows], "row"))
    variables = [v for family in _COLUMNS if (v := _variables(m, *family))]
    for side in _SIDES:
        _side(m, *side)
    objective = _objective(m)
    name = Names().make(rows.title, "model")
    return Model(
        name, f"imported, {len(rows.rows)} rows and {len(rows.columns)} columns", "", tuple(m.sets),
        tuple(m.parameters), tuple(variables), (), tuple(m.constraints), objective,
    )  # fmt: skip


def _variables(m: _Matrix, name: str, kind: NumberType, belongs: Callable[[Column], bool]) -> Variable | None:
    """The columns of one type -> their family, bounds included."""
    own = {j: m.columns[j] for j, c in enumerate(m.rows.columns) if belongs(c)}
    if not own:
        return None
    m.families[name] = own
    m.sets.append(Set(f"Columns_{name}", tuple(own.values())))
    over = parse_over(f"c in Columns_{name}")
    if kind == "binary":
        return Variable(name, over, kind)
    return Variable(name, over, kind, None, _bounds(m, name, "lower", ">="), _bounds(m, name, "upper", "<="))


def _bounds(m: _Matrix, family: str, side: str, op: str) -> Expr | None:
    """The bounds of a family on one side: a number, a parameter, or a constraint where only some columns have one."""
    values: dict[str, Fraction | None] = {c: getattr(m.rows.columns[j], side) for j, c in m.families[family].items()}
    held = {c: v for c, v in values.items() if v is not None}
    free = Neg(Constant("inf")) if side == "lower" else None
    if not held:
        return free
    first = next(iter(held.values()))
    if len(held) == len(values) and all(v == first for v in held.values()):
        return None if side == "lower" and first == 0 else Number(first)
    name, where = f"{family}_{side}", f"Columns_{family}"
    if len(held) < len(values):
        where = f"Columns_{family}_with_{side}"
        m.sets.append(Set(where, tuple(held)))
        limit = parse_expression(f"{family}[c] {op} {name}[c]")
        m.constraints.append(Constraint(f"{family}_{side}_limit", limit, parse_over(f"c in {where}")))
    m.parameters.append(Parameter(name, parse_over(f"c in {where}"), rows=_table(held)))
    return parse_expression(f"{name}[c]") if len(held) == len(values) else free


def _side(m: _Matrix, name: str, op: str, of: str) -> None:
    """The rows held on one side -> their constraint; a row with two sides is in two of them."""
    held: dict[int, Fraction] = {}
    for i, r in enumerate(m.rows.rows):
        value = getattr(r, of)
        is_equal = r.lower is not None and r.lower == r.upper
        if value is not None and is_equal == (op == "=="):
            held[i] = value
    if not held:
        return
    parts = []
    for family, own in m.families.items():
        entries = {(m.names[i], own[j]): v for i in held for v, j in m.rows.rows[i].entries if j in own}
        if entries:
            where = f"Entries_{family}_{name}"
            m.sets.append(Set(where, tuple(entries)))
            table = tuple((Label(r), Label(c), Number(v)) for (r, c), v in entries.items())
            m.parameters.append(Parameter(f"a_{family}_{name}", parse_over(f"(r, c) in {where}"), rows=table))
            parts.append(f"sum(a_{family}_{name}[q, c] * {family}[c] for (q, c) in {where} if q == r)")
    m.sets.append(Set(f"Rows_{name}", tuple(m.names[i] for i in held)))
    over = parse_over(f"r in Rows_{name}")
    m.parameters.append(Parameter(f"side_{name}", over, rows=_table({m.names[i]: v for i, v in held.items()})))
    m.constraints.append(Constraint(name, parse_expression(f"{' + '.join(parts) or '0'} {op} side_{name}[r]"), over))


def _objective(m: _Matrix) -> tuple[Objective, ...]:
    parts = []
    for family, own in m.families.items():
        costs = {own[j]: value for value, j in m.rows.costs if j in own}
        if costs:
            over = parse_over(f"c in Columns_{family}")
            zero = Number(Fraction(0))
            m.parameters.append(Parameter(f"cost_{family}", over, rows=_table(costs), default=zero))
            parts.append(f"sum(cost_{family}[c] * {family}[c] for c in Columns_{family})")
    if not parts:
        return ()
    if m.rows.offset:
        m.parameters.append(Parameter("offset", value=Number(m.rows.offset)))
        parts.append("offset")
    return (Objective("maximize" if m.rows.maximize else "minimize", parse_expression(" + ".join(parts))),)


def _table(values: Mapping[str, Fraction]) -> tuple[tuple[Expr, ...], ...]:
    return tuple((Label(label), Number(value)) for label, value in values.items())


def _labels(names: Sequence[str], kind: str) -> list[str]:
    """Names of the file as labels; a name that occurs twice gets a number."""
    seen: set[str] = set()
    out = []
    for i, name in enumerate(names):
        label = name if name and name not in seen else f"{name or kind}#{i}"
        seen.add(label)
        out.append(label)
    return out
