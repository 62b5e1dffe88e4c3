"""Declarations -> flat model -> optimum: how two readings of a text are compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Literal

import highspy

from nl2opt.formulate.embedded import Formulation
from nl2opt.formulate.embedded.declarations import (
    Bound,
    Cell,
    Choice,
    Comparison,
    Constraint,
    LinearRow,
    Op,
    Sense,
    Share,
    TotalBound,
)
from nl2opt.formulate.embedded.mentions import mention_roots

Status = Literal["optimal", "infeasible", "unbounded", "other"]


@dataclass(frozen=True, slots=True)
class FlatRow:
    """`sum(coefficients * variables) op bound`."""

    coefficients: tuple[Fraction, ...]
    op: Op
    bound: Fraction


@dataclass(frozen=True, slots=True)
class Flat:
    """A model over nonnegative variables, without names for its rows."""

    variables: tuple[str, ...]
    sense: Sense
    objective: tuple[Fraction, ...]
    rows: tuple[FlatRow, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Why the solver stopped, and the optimum if there is one."""

    status: Status
    value: float | None


def flat_of(formulation: Formulation) -> Flat | None:
    """The flat model of a formulation; None if it has no objective or no decisions."""
    names = tuple(decision.name for decision in formulation.decisions)
    if formulation.objective is None or not names:
        return None
    count = len(names)
    cells = formulation.objective.cells
    objective = _values(cells, count) if cells else (Fraction(1),) * count
    rows = tuple(row for declared in formulation.constraints for row in _rows(declared, count))
    return Flat(names, formulation.objective.sense, objective, rows)


def _values(cells: Sequence[Cell | None], count: int) -> tuple[Fraction, ...]:
    values = [cell.value if cell is not None else Fraction(0) for cell in cells]
    return tuple(values + [Fraction(0)] * (count - len(values)))


def _unit(index: int, count: int) -> list[Fraction]:
    return [Fraction(int(k == index)) for k in range(count)]


def _rows(declared: Constraint, count: int) -> list[FlatRow]:
    match declared:
        case LinearRow():
            return [FlatRow(_values(declared.cells, count), declared.op, declared.bound.value)]
        case Bound():
            return [FlatRow(tuple(_unit(declared.decision, count)), declared.op, declared.bound.value)]
        case TotalBound():
            members = tuple(Fraction(int(k in declared.members)) for k in range(count))
            return [FlatRow(members, declared.op, declared.bound.value)]
        case Share():
            unit = _unit(declared.decision, count)
            return [FlatRow(tuple(u - declared.part.value for u in unit), declared.op, Fraction(0))]
        case Comparison():
            values = _unit(declared.left, count)
            for other in (declared.right, *declared.others):
                values[other] -= declared.factor.value if declared.factor else 1
            return [FlatRow(tuple(values), declared.op, declared.offset.value if declared.offset else Fraction(0))]
        case Choice():
            if declared.kind == "implication":
                values = _unit(declared.members[0], count)
                values[declared.members[1]] -= 1
                return [FlatRow(tuple(values), "<=", Fraction(0))]
            return [
                FlatRow(
                    tuple(Fraction(int(k in declared.members)) for k in range(count)),
                    declared.op,
                    Fraction(declared.number),
                )
            ]


def solve(model: Flat, whole: bool) -> Outcome:
    """The optimum over nonnegative reals, or nonnegative integers."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 1e-9)
    for cost in model.objective:
        solver.addVar(0.0, highspy.kHighsInf)
        solver.changeColCost(solver.getNumCol() - 1, float(cost))
        if whole:
            solver.changeColIntegrality(solver.getNumCol() - 1, highspy.HighsVarType.kInteger)
    for row in model.rows:
        lower = -highspy.kHighsInf if row.op == "<=" else float(row.bound)
        upper = highspy.kHighsInf if row.op == ">=" else float(row.bound)
        entries = [(k, float(value)) for k, value in enumerate(row.coefficients) if value]
        solver.addRow(lower, upper, len(entries), [k for k, _ in entries], [value for _, value in entries])
    if model.sense == "maximize":
        solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kOptimal:
        return Outcome("optimal", solver.getInfo().objective_function_value)
    if status == highspy.HighsModelStatus.kUnboundedOrInfeasible:
        solver.setOptionValue("presolve", "off")
        solver.run()
        status = solver.getModelStatus()
    names: Mapping[object, Status] = {
        highspy.HighsModelStatus.kInfeasible: "infeasible",
        highspy.HighsModelStatus.kUnbounded: "unbounded",
    }
    return Outcome(names.get(status, "other"), None)


def same_outcome(left: Outcome, right: Outcome, tolerance: float) -> bool:
    """Same status and, where there is an optimum, the same value to a relative tolerance."""
    if left.status != right.status or left.status == "other":
        return False
    if left.value is None or right.value is None:
        return True
    return math.isclose(left.value, right.value, rel_tol=tolerance, abs_tol=tolerance)


def same_model(label: Flat, mine: Flat) -> bool:
    """Whether variables, objective and every constraint are equal, up to the order and scale of rows."""
    if len(label.variables) != len(mine.variables) or label.sense != mine.sense:
        return False
    order = matching_names(label.variables, mine.variables)
    if tuple(mine.objective[k] for k in order) != label.objective:
        return False
    ours = sorted(normal(tuple(row.coefficients[k] for k in order), row.op, row.bound) for row in mine.rows)
    theirs = sorted(normal(row.coefficients, row.op, row.bound) for row in label.rows)
    return set(ours) == set(theirs)


def matching_names(label: Sequence[str], mine: Sequence[str]) -> tuple[int, ...]:
    """For each label variable the answer's variable with the most similar name, one to one."""
    left = [set(mention_roots(name)) for name in label]
    right = [set(mention_roots(name)) for name in mine]

    def likeness(order: tuple[int, ...]) -> float:
        return sum(len(left[k] & right[j]) / max(len(left[k] | right[j]), 1) for k, j in enumerate(order))

    if len(label) > 7:
        return tuple(range(len(label)))
    return max(permutations(range(len(mine))), key=likeness)


def normal(coefficients: tuple[Fraction, ...], op: str, bound: Fraction) -> tuple[tuple[Fraction, ...], str, Fraction]:
    """A row as `<=` whose first coefficient is plus or minus one, or as `==` whose first coefficient is one."""
    if op == ">=":
        coefficients, op, bound = tuple(-c for c in coefficients), "<=", -bound
    first = next((c for c in coefficients if c), Fraction(1))
    scale = first if op == "==" else abs(first)
    return tuple(c / scale for c in coefficients), op, bound / scale
