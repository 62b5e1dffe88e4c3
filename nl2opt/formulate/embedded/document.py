"""Declarations -> document: the model in the language's JSON form, indexed, data apart, every item with its quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from nl2opt.formulate.embedded.declarations import (
    Bound,
    Cell,
    Choice,
    Comparison,
    Constraint,
    Decision,
    LinearRow,
    Objective,
    Place,
    Share,
    TotalBound,
)
from nl2opt.formulate.embedded.identifiers import Identifiers
from nl2opt.formulate.embedded.integrality import Integrality
from nl2opt.formulate.embedded.quotes import Quote, phrase, quotes
from nl2opt.formulate.embedded.wording import coefficient_name, limit_name, set_name
from nl2opt.formulate.text import Passage

Item = dict[str, Any]


def build_document(
    passage: Passage, decisions: Sequence[Decision], objective: Objective | None, constraints: Sequence[Constraint],
    kind: Integrality, assumptions: Sequence[str],
) -> Item:  # fmt: skip
    """The document of a complete parse."""
    writer = _Writer(passage, decisions, kind)
    for constraint in constraints:
        writer.constrain(constraint)
    if objective is not None:
        writer.aim(objective)
    return {
        "nl2opt": 1,
        "name": writer.title(objective),
        "sets": [writer.set_item],
        "parameters": writer.parameters,
        "variables": [writer.variable],
        "constraints": writer.constraints,
        "objectives": writer.objectives,
        "assumptions": list(assumptions),
    }


@dataclass
class _Writer:
    """The sections of a document while it is written."""

    passage: Passage
    decisions: Sequence[Decision]
    kind: Integrality
    parameters: list[Item] = field(default_factory=list)
    constraints: list[Item] = field(default_factory=list)
    objectives: list[Item] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = Identifiers()
        self.labels = _labels(self.decisions)
        self.set = self.names.make(set_name(self.passage.text, [d.name for d in self.decisions]), "Options")
        self.amount = self.names.make("chosen" if self.kind.type == "binary" else "amount", "amount")
        self.index = self.names.make(next((c for c in self.set.lower() if c.isalpha()), "i"), "i")
        first = [d.places[0] for d in self.decisions if d.places]
        self.set_item: Item = {"name": self.set, "elements": self.labels, "quotes": self._quotes(first)}
        self.variable: Item = {"name": self.amount, "over": self.set, "type": self.kind.type}
        if self.kind.unit:
            self.variable["unit"] = self.kind.unit
        self.variable["quotes"] = self._quotes(first)
        self._rows: dict[tuple[object, ...], str] = {}

    def title(self, objective: Objective | None) -> str:
        """The model's name: `maximize_profit`."""
        if objective is None:
            return Identifiers().make(f"feasible_{self.set.lower()}", "model")
        name = coefficient_name(self.passage, objective.cells) if objective.cells else "total"
        return Identifiers().make(f"{objective.sense}_{name}", "model")

    def _quotes(self, places: Sequence[Place]) -> list[Quote]:
        return quotes(self.passage.text, places)

    def _at(self, decision: int) -> str:
        label = self.labels[decision].replace("\\", "\\\\").replace("'", "\\'")
        return f"{self.amount}['{label}']"

    def _row(self, cells: Sequence[Cell | None]) -> str:
        """The parameter that holds a row of coefficients; a row told once is written once."""
        key = tuple(None if cell is None else (cell.quantity, cell.value) for cell in cells)
        if key in self._rows:
            return self._rows[key]
        name = self.names.make(coefficient_name(self.passage, cells), "coefficient")
        rows = [[label, written(cell)] for label, cell in zip(self.labels, cells, strict=True) if cell is not None]
        item: Item = {"name": name, "over": self.set, "rows": rows}
        if len(rows) < len(self.labels):
            item["default"] = 0
        item["quotes"] = self._quotes([phrase(self.passage, cell.place) for cell in cells if cell is not None])
        self.parameters.append(item)
        self._rows[key] = name
        return name

    def _scalar(self, name: str, cell: Cell) -> str:
        made = self.names.make(name, "limit")
        self.parameters.append(
            {"name": made, "value": written(cell), "quotes": self._quotes([phrase(self.passage, cell.place)])}
        )
        return made

    def _sum(self, members: Sequence[int]) -> str:
        if len(members) == len(self.labels):
            return f"sum({self.amount})"
        return " + ".join(self._at(d) for d in members)

    def _weighted(self, name: str) -> str:
        i = self.index
        return f"sum({name}[{i}] * {self.amount}[{i}] for {i} in {self.set})"

    def _add(self, name: str, template: str | None, expr: str, places: Sequence[Place]) -> None:
        item: Item = {"quotes": self._quotes(places)}
        if template is not None:
            item["template"] = template
        item["name"] = self.names.make(name, "limit")
        item["expr"] = expr
        self.constraints.append(item)

    def aim(self, objective: Objective) -> None:
        """The objective: a weighted sum, or the number of everything."""
        expr = self._weighted(self._row(objective.cells)) if objective.cells else f"sum({self.amount})"
        self.objectives.append({"quotes": self._quotes(objective.places), "sense": objective.sense, "expr": expr})

    def constrain(self, declared: Constraint) -> None:
        """One declaration -> one constraint, with the parameters it needs."""
        match declared:
            case LinearRow():
                row = self._row(declared.cells)
                limit = self._scalar(limit_name(self.passage, declared.bound, row, declared.op), declared.bound)
                self._add(
                    f"{row}_limit" if declared.op == "<=" else f"enough_{row}", _side(declared.op, "weighted_sum"),
                    f"{self._weighted(row)} {declared.op} {limit}", declared.places,
                )  # fmt: skip
            case Bound():
                label = self.labels[declared.decision]
                word = {"<=": "most", ">=": "least", "==": "exact"}[declared.op]
                limit = self._scalar(f"{word} {label}", declared.bound)
                self._add(
                    f"{label} {'at ' if word != 'exact' else ''}{word}", _side(declared.op, "variable"),
                    f"{self._at(declared.decision)} {declared.op} {limit}", declared.places,
                )  # fmt: skip
            case TotalBound():
                word = {"<=": "most", ">=": "least", "==": "exact"}[declared.op]
                limit = self._scalar(f"{word}_total", declared.bound)
                self._add(
                    f"total_{word}", _side(declared.op, "sum"),
                    f"{self._sum(declared.members)} {declared.op} {limit}", declared.places,
                )  # fmt: skip
            case Share():
                label = self.labels[declared.decision]
                part = self._scalar(f"share of {label}", declared.part)
                self._add(
                    f"{label} share", _side(declared.op, "share"),
                    f"{self._at(declared.decision)} {declared.op} {part} * sum({self.amount})", declared.places,
                )  # fmt: skip
            case Comparison():
                self._compare(declared)
            case Choice():
                self._choose(declared)

    def _compare(self, declared: Comparison) -> None:
        left, right = self.labels[declared.left], self.labels[declared.right]
        times = f"{self._scalar(f'{left} per {right}', declared.factor)} * " if declared.factor else ""
        plus = f" + {self._scalar(f'{left} beyond {right}', declared.offset)}" if declared.offset else ""
        summed = " + ".join(self._at(d) for d in (declared.right, *declared.others))
        right_side = f"({summed})" if declared.others and times else summed
        expr = f"{self._at(declared.left)} {declared.op} {times}{right_side}{plus}"
        template = (
            "comparison"
            if declared.offset is None
            and not declared.others
            and (declared.op == ">=" or (declared.op == "<=" and declared.factor is None))
            else None
        )
        self._add(f"{left} against {right}", template, expr, declared.places)

    def _choose(self, declared: Choice) -> None:
        if declared.kind == "implication":
            first, second = declared.members[0], declared.members[1]
            self._add(
                f"{self.labels[first]} needs {self.labels[second]}", "implication",
                f"implies({self._at(first)}, {self._at(second)})", declared.places,
            )  # fmt: skip
            return
        template = (
            {"==": "exactly_one", ">=": "at_least_one", "<=": "at_most_one"}[declared.op]
            if declared.number == 1
            else None
        )
        bound: str = str(declared.number)
        if declared.quantity is not None and declared.number != 1:
            bound = self._scalar("how_many", declared.quantity)
        self._add(
            template or "how_many_chosen",
            template,
            f"{self._sum(declared.members)} {declared.op} {bound}",
            declared.places,
        )


def _labels(decisions: Sequence[Decision]) -> list[str]:
    """The person's words, made different where two are spelt alike."""
    labels: list[str] = []
    for decision in decisions:
        name = " ".join(decision.name.split())
        label, n = name, 2
        while label in labels:
            label, n = f"{name} {n}", n + 1
        labels.append(label)
    return labels


def _side(op: str, kind: str) -> str | None:
    if op == "==":
        return None
    return f"{'upper' if op == '<=' else 'lower'}_bound_{kind}"


def written(cell: Cell) -> int | float | str:
    """The number as the text gives it, with the factor that changes its unit: `8 * 60`."""
    if cell.times == 1:
        return exact(cell.value)
    base, times = exact(cell.value / cell.times), cell.times
    if times.numerator == 1:
        return f"{base} / {times.denominator}"
    return f"{base} * {exact(times)}"


def exact(value: Fraction) -> int | float | str:
    """An integer, a decimal that reads back exactly, or a quotient as an expression."""
    if value.denominator == 1:
        return value.numerator
    decimal = float(value)
    if Fraction(repr(decimal)) == value:
        return decimal
    return f"{value.numerator} / {value.denominator}"
