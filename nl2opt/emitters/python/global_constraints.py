"""Global constraints -> CPMpy source: circuits, intervals, cumulative resources.

A zero length occupies nothing (docs/SEMANTICS.md), so what may have none is filtered, or made absent.
"""

from __future__ import annotations

from fractions import Fraction

from nl2opt.emitters.python.elements import ElementWriter
from nl2opt.emitters.python.known import (
    ATOM,
    IF,
    SUM,
    Scope,
)
from nl2opt.ir.model import Variable
from nl2opt.ir.nodes import (
    And,
    Call,
    Compare,
    Comprehension,
    Expr,
    ListLiteral,
    Name,
    Number,
    Subscript,
    Tuple,
)
from nl2opt.passes.facts import is_known


class GlobalWriter(ElementWriter):
    """Writes the constraints CPMpy has a name for."""

    def _circuit(self, e: Call, scope: Scope) -> tuple[str, int]:
        array = e.args[0]
        declared = self.model.symbols.get(array.name) if isinstance(array, Name) else None
        if not isinstance(declared, Variable) or len(declared.over) != 1:
            raise self.refuse(f"`{e.function}`", "its argument is one variable array over a set", e)
        axis, index = declared.over[0].source, declared.over[0].targets[0]
        place = self._place(Subscript(declared.name, (Name(index),)), axis, {index: axis})
        listed = f"[{place} for {self.names[index]} in {self.source(axis, scope)}]"
        if e.function == "subcircuit":
            self.functions.add("subcircuit")
            return f"subcircuit({listed})", ATOM
        if len(self.instance.variables[declared.name].domain) == 1:
            return f"cp.AllDifferent({listed})", ATOM
        return f"cp.Circuit({listed})", ATOM

    def _intervals(self, e: Expr, width: int, scope: Scope) -> tuple[list[list[Expr]], str, Scope]:
        """The list of intervals -> its columns, and the generator clauses where it has them."""
        if isinstance(e, Comprehension) and isinstance(e.body, Tuple):
            clauses, inner = self.clauses(e.generators, scope)
            return [[i] for i in e.body.items], f" {clauses}", inner
        if isinstance(e, ListLiteral) and all(isinstance(i, Tuple) for i in e.items):
            rows = [i.items for i in e.items if isinstance(i, Tuple)]
            if len({len(r) for r in rows}) == 1:
                return [list(c) for c in zip(*rows, strict=True)], "", scope
            longest = [
                r if len(r) == width + 1 else (*r, Compare("==", Number(Fraction(0)), Number(Fraction(0))))
                for r in rows
            ]
            return [list(c) for c in zip(*longest, strict=True)], "", scope
        raise self.refuse("these intervals", "they are written as a list of tuples", e)

    def _rectangles(self, e: Expr, scope: Scope) -> str:
        """The list of rectangles -> source of a list of tuples."""
        columns, clauses, inner = self._intervals(e, 4, scope)
        rows = zip(*columns, strict=True)
        listed = ", ".join(f"({', '.join(self.write(cell, inner, IF) for cell in row)})" for row in rows)
        return f"[{listed}{clauses}]"

    def _column(self, cells: list[Expr], clauses: str, scope: Scope) -> str:
        return f"[{', '.join(self.write(c, scope, IF) for c in cells)}{clauses}]"

    def _no_overlap(self, e: Call, scope: Scope) -> tuple[str, int]:
        columns, clauses, inner = self._intervals(e.args[0], 2, scope)
        start, length, *present = columns
        starts, lengths = self._column(start, clauses, inner), self._column(length, clauses, inner)
        zero = Number(Fraction(0))
        certain = [isinstance(c, Number) and c.value > 0 for c in length]
        if not present and clauses and all(is_known(c, self.model) for c in length) and not all(certain):
            clauses += f" if {self.write(length[0], inner, SUM)} > 0"
            starts, lengths = self._column(start, clauses, inner), self._column(length, clauses, inner)
            return f"cp.NoOverlap({starts}, {lengths})", ATOM
        if not present and all(certain):
            return f"cp.NoOverlap({starts}, {lengths})", ATOM
        occupied: list[Expr] = [Compare(">", c, zero) for c in length]
        if present:
            occupied = [p if sure else And((p, o)) for p, o, sure in zip(present[0], occupied, certain, strict=True)]
        exists = self._column(occupied, clauses, inner)
        return f"cp.NoOverlapOptional({starts}, {lengths}, is_present={exists})", ATOM

    def _cumulative(self, e: Call, scope: Scope) -> tuple[str, int]:
        columns, clauses, inner = self._intervals(e.args[0], 3, scope)
        start, length, amount, *present = (self._column(c, clauses, inner) for c in columns)
        capacity = self.write(e.args[1], scope)
        given = f"{start}, {length}, demand={amount}, capacity={capacity}"
        if present:
            return f"cp.CumulativeOptional({given}, is_present={present[0]})", ATOM
        return f"cp.Cumulative({given})", ATOM
