"""Formulations as flat models: every expression of a comparison is in its row; how a row is written is no matter."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from nl2opt.bench.flat import Flat, FlatRow, flat_of, same_model, same_outcome, solve
from nl2opt.bench.nl4opt_parts import parts_of
from nl2opt.formulate.embedded import Formulation
from nl2opt.formulate.embedded.declarations import Cell, Comparison, Constraint, Decision, Objective, Op, TotalBound


def cell(value: int) -> Cell:
    return Cell(Fraction(value), "", (0, 0))


def formulation(*constraints: Constraint) -> Formulation:
    """Three crops, whose prices 5, 4 and 3 are to be earned, under these constraints."""
    crops = tuple(Decision(name, ()) for name in ("rye", "oats", "wheat"))
    objective = Objective("maximize", (cell(5), cell(4), cell(3)), "income", ())
    return Formulation("", (), (), decisions=crops, objective=objective, constraints=constraints, document={})


def label(*rows: tuple[tuple[int, int, int], Op, int]) -> Flat:
    """The label of the same crops with these rows."""
    told = tuple(FlatRow(tuple(map(Fraction, row)), op, Fraction(bound)) for row, op, bound in rows)
    return Flat(("rye", "oats", "wheat"), "maximize", (Fraction(5), Fraction(4), Fraction(3)), told)


AREA = TotalBound((0, 1, 2), "<=", cell(30), ())


def test_every_expression_of_a_comparison_is_in_its_row() -> None:
    """Rye is at most twice the oats and the wheat together, less 6; left out, the wheat would make it another model."""
    together = Comparison(0, "<=", 1, cell(2), cell(-6), (), others=(2,))
    mine = flat_of(formulation(AREA, together))
    assert mine is not None and mine.rows[1] == FlatRow((Fraction(1), Fraction(-2), Fraction(-2)), "<=", Fraction(-6))
    whole = label(((1, 1, 1), "<=", 30), ((1, -2, -2), "<=", -6))
    part = label(((1, 1, 1), "<=", 30), ((1, -2, 0), "<=", -6))
    assert same_model(whole, mine) and not same_model(part, mine)
    assert same_outcome(solve(whole, False), solve(mine, False), 1e-9)


def test_a_comparison_with_a_sum_is_found_as_a_row_of_numbers() -> None:
    """A label has no sum in its comparisons: it states them by a coefficient a variable."""
    question = {"variables": ["rye", "oats", "wheat"], "var_mention_to_first_var": {}}
    told = [{"type": "linear", "operator": "LESS_OR_EQUAL", "limit": "0"}]
    mine = formulation(Comparison(0, "<=", 1, None, None, (), others=(2,)))
    found = parts_of(question, told, mine)
    assert found.told == found.found == Counter({("upper_bound_weighted_sum", Fraction(0)): 1})


def test_an_equality_is_the_same_from_either_side() -> None:
    """Oats are twice the rye; the rye is half the oats. An inequality turned so is another."""
    mine = flat_of(formulation(Comparison(1, "==", 0, cell(2), None, ())))
    assert mine is not None
    assert same_model(label(((4, -2, 0), "==", 0)), mine)
    assert not same_model(label(((4, -2, 0), "<=", 0)), mine)
    turned = flat_of(formulation(Comparison(1, "<=", 0, cell(2), None, ())))
    assert turned is not None and not same_model(label(((4, -2, 0), "<=", 0)), turned)
    assert same_model(label(((4, -2, 0), ">=", 0)), turned)
