"""Model -> the places of its expressions, and the findings made there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from nl2opt.check.codes import CODES
from nl2opt.errors import Diagnostic
from nl2opt.ir.model import Anchor, Model, Nested, Over, Value
from nl2opt.ir.nodes import Expr, Number
from nl2opt.ir.text import print_expression

Role = Literal["set", "value", "bound", "expression", "constraint", "penalty", "objective", "output"]


@dataclass(frozen=True, slots=True)
class Place:
    """An item of a section: `constraints[2]`, its name and why it is in the model."""

    section: str
    position: int
    name: str
    anchors: tuple[Anchor, ...] = ()

    def __str__(self) -> str:
        quote = next((a.text for a in self.anchors if a.kind == "quote"), "")
        shown = quote if len(quote) <= 60 else quote[:57] + "..."
        return f"{self.section}[{self.position}] `{self.name}`" + (f', from "{shown}"' if shown else "")


@dataclass(frozen=True, slots=True)
class Spot:
    """An expression at its place: ``over`` is bound around it, ``role`` says what is expected of it."""

    place: Place
    field: str
    expr: Expr
    over: Over
    role: Role


@dataclass
class Findings:
    """Diagnostics as they are found; the same finding at the same place counts once."""

    found: dict[tuple[str, ...], Diagnostic] = field(default_factory=dict)

    def add(self, code: str, where: str, found: str = "", expected: str = "", fix: str = "") -> None:
        """One finding; message and severity come from the table of codes."""
        known = CODES[code]
        d = Diagnostic(code, known.title, where, found, expected, fix, known.severity)
        self.found.setdefault((code, where, found), d)

    def at(self, place: Place, code: str, node: Expr, found: str, expected: str, fix: str) -> None:
        """A finding about a node of an expression: the node is shown where ``found`` does not say it."""
        shown = print_expression(node)
        shown = shown if len(shown) <= 80 else shown[:77] + "..."
        self.add(code, str(place), found if shown in found else f"{found} in `{shown}`", expected, fix)


def places(model: Model) -> Iterator[tuple[Place, object]]:
    """Model -> every item with its place, in document order."""
    sections = ("sets", "parameters", "variables", "expressions", "constraints", "objectives", "outputs")
    for section in sections:
        for i, item in enumerate(getattr(model, section)):
            yield (
                Place(section, i, getattr(item, "name", getattr(item, "sense", "")), getattr(item, "anchors", ())),
                item,
            )


def spots(model: Model) -> Iterator[Spot]:
    """Model -> every expression of the document that is no plain literal, with what is expected of it."""
    for place, _ in places(model):
        i = place.position
        match place.section:
            case "sets":
                elements = model.sets[i].elements
                if isinstance(elements, Expr):
                    yield Spot(place, "elements", elements, model.sets[i].over, "set")
            case "parameters":
                p = model.parameters[i]
                if p.within is not None:
                    yield Spot(place, "in", p.within, p.over, "set")
                cells = [*_cells(p.value), *((p.default,) if p.default is not None else ())]
                cells += [row[-1] for row in p.rows or () if not isinstance(row[-1], Number)]
                for cell in cells:
                    yield Spot(place, "value", cell, p.over, "value")
            case "variables":
                v = model.variables[i]
                if v.within is not None:
                    yield Spot(place, "in", v.within, v.over, "set")
                for name, bound in (("lower", v.lower), ("upper", v.upper)):
                    if bound is not None:
                        yield Spot(place, name, bound, v.over, "bound")
            case "expressions":
                n = model.expressions[i]
                yield Spot(place, "expr", n.expr, n.over, "expression")
            case "constraints":
                c = model.constraints[i]
                yield Spot(place, "expr", c.expr, c.over, "constraint")
                if c.penalty is not None:
                    yield Spot(place, "penalty", c.penalty, c.over, "penalty")
            case "objectives":
                yield Spot(place, "expr", model.objectives[i].expr, (), "objective")
            case "outputs":
                yield Spot(place, "expr", model.outputs[i].expr, (), "output")


def _cells(value: Value | None) -> Iterator[Expr]:
    """The values of a parameter that are no plain numbers."""
    stack = [value]
    while stack:
        cell = stack.pop()
        if isinstance(cell, Nested):
            stack.extend(cell.items)
        elif cell is not None and not isinstance(cell, Number):
            yield cell
