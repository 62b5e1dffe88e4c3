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
from nl2opt.ir.nodes import (
    And,
    Call,
    Compare,
    Expr,
    Number,
)
from nl2opt.passes.facts import is_known


class GlobalWriter(ElementWriter):
    """Writes the constraints CPMpy has a name for."""

    def _circuit(self, e: Call, scope: Scope, required: bool = False) -> tuple[str, int]:
        listed, places = self.successors(e)
        if e.function == "subcircuit":
            function = "subcircuit" if required else "one_tour"
            self.functions.add(function)
            return f"{function}({listed})", ATOM
        return f"cp.{'AllDifferent' if places == 1 else 'Circuit'}({listed})", ATOM

    def _rectangles(self, e: Expr, scope: Scope) -> str:
        """The list of rectangles -> source of a list of tuples."""
        columns, clauses, inner = self.columns(e, 4, scope)
        rows = zip(*columns, strict=True)
        listed = ", ".join(f"({', '.join(self.write(self.whole(cell), inner, IF) for cell in row)})" for row in rows)
        return f"[{listed}{clauses}]"

    def _no_overlap(self, e: Call, scope: Scope) -> tuple[str, int]:
        columns, clauses, inner = self.columns(e.args[0], 2, scope)
        start, length, *present = columns
        starts, lengths = self.column(start, clauses, inner), self.column(length, clauses, inner)
        zero = Number(Fraction(0))
        certain = [isinstance(c, Number) and c.value > 0 for c in length]
        if not present and clauses and all(is_known(c, self.model) for c in length) and not all(certain):
            clauses += f" if {self.write(length[0], inner, SUM)} > 0"
            starts, lengths = self.column(start, clauses, inner), self.column(length, clauses, inner)
            return f"cp.NoOverlap({starts}, {lengths})", ATOM
        if not present and all(certain):
            return f"cp.NoOverlap({starts}, {lengths})", ATOM
        occupied: list[Expr] = [Compare(">", c, zero) for c in length]
        if present:
            occupied = [p if sure else And((p, o)) for p, o, sure in zip(present[0], occupied, certain, strict=True)]
        exists = self.column(occupied, clauses, inner)
        return f"cp.NoOverlapOptional({starts}, {lengths}, is_present={exists})", ATOM

    def _cumulative(self, e: Call, scope: Scope) -> tuple[str, int]:
        columns, clauses, inner = self.columns(e.args[0], 3, scope)
        start, length, amount, *present = (self.column(c, clauses, inner) for c in columns)
        capacity = self.write(self.whole(e.args[1]), scope)
        given = f"{start}, {length}, demand={amount}, capacity={capacity}"
        if present:
            return f"cp.CumulativeOptional({given}, is_present={present[0]})", ATOM
        return f"cp.Cumulative({given})", ATOM
