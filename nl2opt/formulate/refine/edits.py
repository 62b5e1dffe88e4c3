"""Typed edits of a model: a constraint more, one less, a number changed. Each says itself in a sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from nl2opt.ir.model import Anchor, Constraint, Model, Parameter
from nl2opt.ir.nodes import Expr, Label, Number
from nl2opt.ir.text import print_expression, print_number, print_over

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class AddConstraint:
    """One constraint more."""

    constraint: Constraint

    def __str__(self) -> str:
        c = self.constraint
        each = f" for {print_over(c.over)}" if c.over else ""
        return f"adds the constraint {c.name}: {print_expression(c.expr)}{each}"


@dataclass(frozen=True, slots=True)
class DropConstraint:
    """One constraint less."""

    name: str

    def __str__(self) -> str:
        return f"drops the constraint {self.name}"


@dataclass(frozen=True, slots=True)
class ChangeNumber:
    """Another value for a parameter, at ``key`` where it is indexed."""

    parameter: str
    key: Key
    before: Fraction
    after: Fraction
    anchor: Anchor

    def __str__(self) -> str:
        at = f"[{', '.join(map(str, self.key))}]" if self.key else ""
        return f"changes {self.parameter}{at} from {print_number(self.before)} to {print_number(self.after)}"


Edit = AddConstraint | DropConstraint | ChangeNumber


def applied(model: Model, edit: Edit) -> Model:
    """The model after an edit; the edit was made for it."""
    match edit:
        case AddConstraint(constraint):
            return replace(model, constraints=(*model.constraints, constraint))
        case DropConstraint(name):
            return replace(model, constraints=tuple(c for c in model.constraints if c.name != name))
        case ChangeNumber():
            changed = (_changed(p, edit) if p.name == edit.parameter else p for p in model.parameters)
            return replace(model, parameters=tuple(changed))


def _changed(p: Parameter, edit: ChangeNumber) -> Parameter:
    """The parameter with its new value; the words that gave the old one no longer do."""
    value = Number(edit.after)
    if not edit.key:
        return replace(p, value=value, anchors=(edit.anchor,))
    rows = tuple((*row[:-1], value) if key_of(row) == edit.key else row for row in p.rows or ())
    return replace(p, rows=rows, anchors=(*p.anchors, edit.anchor))


def key_of(row: tuple[Expr, ...]) -> Key:
    """A row of a parameter -> its key."""
    return tuple(_atom(e) for e in row[:-1])


def _atom(e: Expr) -> str | int:
    if isinstance(e, Label):
        return e.value
    assert isinstance(e, Number)
    return int(e.value)
