"""A label's declarations, an answer's -> how many are right: the metric of the NL4Opt competition's generation task.

R. Ramamonjison and others, "NL4Opt Competition: Formulating Optimization Problems Based on Their Natural Language
Descriptions", Proceedings of the NeurIPS 2022 Competitions Track, PMLR 220, 189-203, 2023 (arXiv 2303.08233), score a
set of problems by the declaration-level mapping accuracy

    1 - sum_i (FP_i + FN_i) / sum_i D_i

where problem i has D_i declarations, its objective and its constraints; FP_i are the declarations of the answer that
match none of them, FN_i those by which the answer has fewer constraints. What the formula leaves open is as in the
scorer that the competition handed out, `scoring.py` of github.com/nl4opt/nl4opt-subtask2-baseline:

- A constraint is its row of parameters, one a variable, and its limit, `>=` turned to `<=`; it matches where all these
  numbers are equal, and whether it is an equality does not count. A row said twice in an answer is one, in a label two.
- The objective is its row of parameters; its direction does not count. An answer always has one, if a wrong one.
- FP_i is no more than D_i, so that a problem's own accuracy is between 0 and 1. A problem without an answer has 0.

That is the rule `scored`. The rule `meant` beside it counts the same, but matches what states the same: the direction
of the objective and the operator of a constraint must be right, and a row may be written as a multiple of itself.

Variables are matched by their names, where the competition gave their order; numbers are equal to nine digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from nl2opt.bench.differences import linear, plain_rows
from nl2opt.bench.flat import Flat, FlatRow, matching_names, normal
from nl2opt.ir.instance import Instance

Rule = Literal["scored", "meant"]
RULES: Final[tuple[Rule, ...]] = ("scored", "meant")

Row = tuple[tuple[float, ...], str, float]
"""Parameters, operator and limit of a constraint as they are compared."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What an answer declares: a flat model, and how many constraints it has that are not of that form.

    ``flat`` None: no objective that is linear, and no constraint that is; they are all ``others``.
    """

    flat: Flat | None
    others: int = 0


NOTHING: Final = Declared(None)


@dataclass(frozen=True, slots=True)
class Counts:
    """The declarations of one label and what an answer got wrong; counts of several problems add up."""

    declared: int = 0
    false_positives: int = 0
    false_negatives: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.declared + other.declared,
            self.false_positives + other.false_positives,
            self.false_negatives + other.false_negatives,
        )

    @property
    def accuracy(self) -> float:
        """The share of declarations that is right; 0 where nothing is declared."""
        return 1 - (self.false_positives + self.false_negatives) / self.declared if self.declared else 0.0


def count(label: Flat, answer: Declared, rule: Rule = "scored") -> Counts:
    """One problem -> its counts under a rule."""
    told = _rows(label.rows, rule)
    if rule == "meant":
        told = list(dict.fromkeys(told))
    mine = None if answer.flat is None else _in_order(answer.flat, label)
    found = set(_rows(mine.rows, rule)) if mine is not None else set()
    predicted = len(found) + answer.others
    wrong = predicted - len(found & set(told)) + (not _same_objective(label, mine, rule))
    declared = 1 + len(told)
    return Counts(declared, min(wrong, declared), max(len(told) - predicted, 0))


def _same_objective(label: Flat, mine: Flat | None, rule: Rule) -> bool:
    if mine is None or (rule == "meant" and mine.sense != label.sense):
        return False
    return tuple(map(_rounded, mine.objective)) == tuple(map(_rounded, label.objective))


def _rows(rows: Iterable[FlatRow], rule: Rule) -> list[Row]:
    return [_row(row, rule) for row in rows]


def _row(row: FlatRow, rule: Rule) -> Row:
    if rule == "meant":
        coefficients, op, bound = normal(row.coefficients, row.op, row.bound)
        return tuple(map(_rounded, coefficients)), op, _rounded(bound)
    sign = -1 if row.op == ">=" else 1
    return tuple(_rounded(sign * c) for c in row.coefficients), "", _rounded(sign * row.bound)


def _rounded(value: Fraction) -> float:
    """A number to nine digits; a negative zero is zero."""
    return float(f"{float(value):.9g}") + 0.0


def _in_order(mine: Flat, label: Flat) -> Flat:
    """The answer with its variables in the order of the label's; as it is where it has more or fewer."""
    if len(mine.variables) != len(label.variables):
        return mine
    order = matching_names(label.variables, mine.variables)
    rows = tuple(FlatRow(tuple(row.coefficients[k] for k in order), row.op, row.bound) for row in mine.rows)
    names, objective = tuple(mine.variables[k] for k in order), tuple(mine.objective[k] for k in order)
    return Flat(names, mine.sense, objective, rows)


def declared_by(instance: Instance) -> Declared:
    """A bound document -> what it declares: rows as they are written, a variable's bounds as rows, >= 0 as none."""
    program = linear(instance)
    if program is None or len(program.goals) != 1:
        return Declared(None, len(instance.model.constraints))
    order = sorted(program.columns.first, key=program.columns.first.__getitem__)
    names = tuple(_words(name, key) for name in order for key in instance.variables[name].domain.keys)
    goal = program.goals[0]
    rows = dict.fromkeys(
        row for entries, lower, upper in plain_rows(program) for row in _sides(dict(entries), len(names), lower, upper)
    )
    return Declared(Flat(names, goal.sense, tuple(map(Fraction, goal.cost.tolist())), tuple(rows)))


def _sides(entries: dict[int, float], count: int, lower: float, upper: float) -> Iterable[FlatRow]:
    coefficients = tuple(Fraction(entries.get(k, 0.0)) for k in range(count))
    if lower == upper:
        yield FlatRow(coefficients, "==", Fraction(upper))
        return
    if upper != float("inf"):
        yield FlatRow(coefficients, "<=", Fraction(upper))
    if lower != -float("inf"):
        yield FlatRow(coefficients, ">=", Fraction(lower))


def _words(name: str, key: tuple[object, ...]) -> str:
    """A variable of a document -> the words of its name and key.

    >>> _words("x0_rye_bread", ()), _words("make", ("oats",))
    ('rye bread', 'make oats')
    """
    told = re.sub(r"^x\d+_", "", name)
    return " ".join((told, *map(str, key))).replace("_", " ")
