"""Global constraints -> OR-Tools source: tours, intervals that do not overlap, cumulative resources, rectangles.

A zero length occupies nothing (docs/SEMANTICS.md), while an interval of CP-SAT without length still may not lie inside
another; so what may have no length is filtered where lengths are known, else made absent.
"""

from __future__ import annotations

from fractions import Fraction

from nl2opt.emitters.python.cpsat_conditions import ConditionWriter
from nl2opt.emitters.python.known import SUM, Scope
from nl2opt.ir.nodes import And, Call, Compare, Expr, Number
from nl2opt.passes.facts import is_known

_ZERO = Number(Fraction(0))


class IntervalWriter(ConditionWriter):
    """Writes the calls that add global constraints."""

    def constraint(self, e: Call, scope: Scope) -> str:
        """A global constraint -> source of the call that adds it to the model."""
        match e.function:
            case "circuit" | "subcircuit":
                listed, _ = self.successors(e)
                partial = ", partial=True" if e.function == "subcircuit" else ""
                return f"model.add_circuit({self.use('tour')}(model, {listed}{partial}))"
            case "no_overlap":
                columns, clauses, inner = self.columns(e.args[0], 2, scope)
                start, length, *present = columns
                clauses += self._filter((length,), clauses, inner)
                made = self._intervals(start, length, present, (length,), clauses, inner)
                return f"model.add_no_overlap({self._listed_for(made, clauses)})"
            case "cumulative":
                columns, clauses, inner = self.columns(e.args[0], 3, scope)
                start, length, amount, *present = columns
                clauses += self._filter((length,), clauses, inner)
                made = self._intervals(start, length, present, (length,), clauses, inner)
                amounts = [self.affine(a, inner) for a in amount]
                capacity = self.affine(e.args[1], scope)
                rows = ", ".join(self._bracketed(x, clauses) for x in (made, amounts))
                return f"model.add_cumulative({rows}, {capacity})"
            case _:
                columns, clauses, inner = self.columns(e.args[0], 4, scope)
                x, width, y, height = columns
                clauses += self._filter((width, height), clauses, inner)
                across = self._intervals(x, width, [], (width, height), clauses, inner)
                upwards = self._intervals(y, height, [], (width, height), clauses, inner)
                rows = ", ".join(self._bracketed(side, clauses) for side in (across, upwards))
                return f"model.add_no_overlap_2d({rows})"

    def _bracketed(self, made: list[str], clauses: str) -> str:
        return f"[{', '.join(made)}{clauses}]"

    def _listed_for(self, made: list[str], clauses: str) -> str:
        return f"{made[0]}{clauses}" if clauses else f"[{', '.join(made)}]"

    def _filter(self, lengths: tuple[list[Expr], ...], clauses: str, scope: Scope) -> str:
        """` if length > 0` where the lengths are known and there is a loop to filter."""
        if not clauses or not all(is_known(c, self.model) for column in lengths for c in column):
            return ""
        open_ = [column[0] for column in lengths if not self.is_positive(column[0])]
        tests = [f"{self.write(c, scope, SUM)} > 0" for c in open_]
        return f" if {' and '.join(tests)}" if tests else ""

    def _intervals(
        self,
        start: list[Expr],
        length: list[Expr],
        present: list[list[Expr]],
        extents: tuple[list[Expr], ...],
        clauses: str,
        scope: Scope,
    ) -> list[str]:
        """Columns of a list of intervals -> the sources of its members; ``extents`` are what must be above 0."""
        made = []
        for k, (at, size) in enumerate(zip(start, length, strict=True)):
            conditions = [present[0][k]] if present else []
            for column in extents:
                known = is_known(column[k], self.model)
                if not (self.is_positive(column[k]) or (known and clauses)) and (column is not length or known):
                    conditions.append(Compare(">", column[k], _ZERO))
            made.append(self._interval(at, size, conditions, scope))
        return made

    def _interval(self, start: Expr, length: Expr, conditions: list[Expr], scope: Scope) -> str:
        at, size = self.affine(start, scope), self.affine(length, scope)
        conditions = [c for c in conditions if not (is_known(c, self.model) and c == Compare("==", _ZERO, _ZERO))]
        there = conditions[0] if len(conditions) == 1 else And(tuple(conditions)) if conditions else None
        if not is_known(length, self.model):
            present = f", {self.test(there, scope)}" if there is not None else ""
            return f"{self.use('interval')}(model, {at}, {size}{present})"
        if there is None:
            return f'model.new_fixed_size_interval_var({at}, {size}, "")'
        text, _ = self.literal(there, scope)
        return f'model.new_optional_fixed_size_interval_var({at}, {size}, {text}, "")'

    def is_positive(self, e: Expr) -> bool:
        """True where the form of a number puts it above 0, whatever the data."""
        return isinstance(e, Number) and e.value > 0
