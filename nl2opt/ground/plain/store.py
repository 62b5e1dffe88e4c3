"""Columns, rows and switched rows as they are written down, and the conditions that become them.

A condition that must hold becomes rows. Under a binary column it becomes switched rows, `literal -> affine <= 0`: SCIP
takes indicator constraints, so that no bound has to be known and none is made up. A disjunction gets one binary column
for each part that is not a literal already; a condition that is counted gets one that equals it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor, gcd

from nl2opt.errors import Diagnostic, LimitExceeded
from nl2opt.ground.plain.forms import (
    FORMULAS,
    INFINITY,
    Affine,
    Bound,
    Choice,
    Demand,
    Equation,
    Exact,
    Formula,
    Junction,
    Literal,
    Number,
    Row,
    Scalar,
    minus,
    opposite,
    plus,
    scaled,
    some,
    tidy,
    weighted,
)
from nl2opt.ground.plain.unsupported import unsupported
from nl2opt.ir import limits

FINEST = Fraction(1, 10**7)
"""The smallest step, relative to the largest coefficient, at which two values of a row are told apart."""


def common_step(numbers: Sequence[Fraction]) -> Fraction:
    """The greatest number of which all are multiples; 0 where all are 0."""
    found = Fraction(0)
    for x in numbers:
        top = gcd(found.numerator * x.denominator, x.numerator * found.denominator)
        found = Fraction(top, found.denominator * x.denominator)
    return found


class Store:
    """What has been written down so far. ``where`` is the place in the model that errors name."""

    def __init__(self, nonlinear: bool = False) -> None:
        self.where = ""
        self.smooth: list[Equation] | None = [] if nonlinear else None
        """What columns are defined by nonlinear equations; None where the solver takes rows only."""
        self.lower: list[Bound] = []
        self.upper: list[Bound] = []
        self.whole: list[bool] = []
        self.rows: list[tuple[Affine, bool]] = []
        """(affine, equal): ``affine <= 0``, or ``affine == 0``."""
        self.switched: list[tuple[Literal, Affine]] = []
        """literal -> ``affine <= 0``."""
        self.contradiction = False
        self.cases: dict[Affine, tuple[tuple[Exact, Formula], ...]] = {}
        """An affine form -> the values it can take, each with the condition that it takes it; asked through `known`."""
        self.bits: dict[Affine, tuple[Exact, list[tuple[Exact, Number]]]] = {}
        """An affine form -> its least value, and the weighted bits that make up the rest."""
        self._terms = 0
        self._implied: dict[Formula, Literal] = {}
        self._exact: dict[Formula, Literal] = {}

    # columns ---------------------------------------------------------------------------------------------------------

    def column(self, lower: Bound, upper: Bound, whole: bool) -> Affine:
        """A new column."""
        if lower > upper:
            self.contradiction = True
        self.lower.append(lower)
        self.upper.append(upper)
        self.whole.append(whole)
        self.charge(1)
        return Affine(((len(self.lower) - 1, 1),))

    def binary(self) -> Literal:
        """A new 0/1 column."""
        return Literal(self.column(0, 1, True).terms[0][0])

    def charge(self, terms: int) -> None:
        """Count terms against the limit of a grounded model."""
        self._terms += terms
        if self._terms > limits.GROUNDED_TERMS:
            raise LimitExceeded(Diagnostic("E605", "the model grounds beyond the limit", self.where,
                                           f"more than {limits.GROUNDED_TERMS} terms"))  # fmt: skip

    def is_binary(self, column: int) -> bool:
        """True for a whole column within 0..1."""
        return self.whole[column] and self.lower[column] >= 0 and self.upper[column] <= 1

    def known(self, x: Affine) -> tuple[tuple[Exact, Formula], ...] | None:
        """The cases of a form that is spelled out, or whose only column is; None of any other."""
        if x in self.cases or len(x.terms) != 1:
            return self.cases.get(x)
        ((column, c),) = x.terms
        base = self.cases.get(Affine(((column, 1),)))
        return None if base is None else tuple((tidy(c * v + x.const), pick) for v, pick in base)

    def span(self, x: Number) -> tuple[Bound, Bound]:
        """Least and greatest value the bounds of the columns allow."""
        if not isinstance(x, Affine):
            return x, x
        low: Bound = x.const
        high: Bound = x.const
        for v, c in x.terms:
            ends = (self.lower[v], self.upper[v]) if c > 0 else (self.upper[v], self.lower[v])
            low = low + (c * ends[0] if abs(ends[0]) != INFINITY else -INFINITY)
            high = high + (c * ends[1] if abs(ends[1]) != INFINITY else INFINITY)
        return low, high

    def step(self, x: Number) -> Exact:
        """The greatest number whose multiples, from one value of ``x`` on, are all its values; 0 where continuous."""
        if not isinstance(x, Affine):
            return 1
        if not all(self.whole[v] for v, _ in x.terms):
            return 0
        return tidy(common_step([Fraction(c) for _, c in x.terms]))

    # comparisons -----------------------------------------------------------------------------------------------------

    def compare(self, x: Number, op: str, continuous: bool = False) -> Formula:
        """``x op 0``: exact where x takes separate values, closed where it is continuous (or is to count as that)."""
        if op in (">=", ">"):
            x, op = scaled(x, -1), "<=" if op == ">=" else "<"
        if not isinstance(x, Affine):
            return {"<=": x <= 0, "<": x < 0, "==": x == 0, "!=": x != 0}[op]
        if len(x.terms) == 1 and self.is_binary(x.terms[0][0]) and not continuous:
            return self._of_binary(x, op)
        step = 0 if continuous else self.step(x)
        strict = op == "<"
        if not step:
            return Row(x, "==" if op == "==" else "!=" if op == "!=" else "<=", 0, strict)
        if op in ("==", "!="):
            if x.const % step:
                return op == "!="
            row = Row(x, "==" if op == "==" else "!=", step)
        else:
            const = step * ceil(Fraction(x.const) / step)
            if strict:
                const = step * (floor(Fraction(x.const) / step) + 1)
            row = Row(Affine(x.terms, tidy(const)), "<=", step)
        sizes = [Fraction(1), *(abs(Fraction(c)) for _, c in x.terms)]
        if step < FINEST * max(sizes):
            if strict or op == "!=":
                raise unsupported("steps below the tolerance", self.where)
            return Demand(Row(x, row.op, 0), "steps below the tolerance")
        return row

    def _of_binary(self, x: Affine, op: str) -> Formula:
        ((column, c),) = x.terms
        at_zero = self.compare(x.const, op)
        at_one = self.compare(x.const + c, op)
        if at_zero == at_one:
            return at_zero
        return Literal(column, at_one is True)

    # conditions ------------------------------------------------------------------------------------------------------

    def require(self, f: Formula) -> None:
        """``f`` must hold."""
        match f:
            case bool():
                self.contradiction = self.contradiction or not f
            case Literal(column, positive):
                if positive:
                    self.lower[column] = max(self.lower[column], 1)
                else:
                    self.upper[column] = min(self.upper[column], 0)
                self.contradiction = self.contradiction or self.lower[column] > self.upper[column]
            case Row(form, "!=", _):
                self.require(self._apart(f))
            case Row(form, op, _):
                self.charge(len(form.terms))
                self.rows.append((form, op == "=="))
            case Junction(True, parts):
                for part in parts:
                    self.require(part)
            case Junction(_, parts):
                self._clause(parts)
            case Demand():
                self.require(self._demanded(f))

    def _apart(self, f: Row) -> Formula:
        """``affine != 0`` of a whole affine: below or above."""
        if not f.step:
            raise unsupported("`==` of continuous expressions that must fail", self.where)
        return some((self.compare(plus(f.affine, f.step), "<="), self.compare(minus(f.affine, f.step), ">=")))

    def _demanded(self, f: Demand) -> Formula:
        if f.formula is False:
            raise unsupported(f.construct, self.where)
        return f.formula

    def _clause(self, parts: Sequence[Formula]) -> None:
        """One of the parts must hold."""
        literals = [p for p in parts if isinstance(p, Literal)]
        others = [p for p in parts if not isinstance(p, Literal)]
        if len(literals) == 1 and len(others) == 1:
            self.under(Literal(literals[0].column, not literals[0].positive), others[0])
            return
        literals += [self.implied(p) for p in others]
        self.require(self.compare(minus(self.total(literals), 1), ">="))

    def total(self, parts: Sequence[Formula]) -> Number:
        """How many of the parts hold."""
        return weighted((1, self.count(p)) for p in parts)

    def under(self, literal: Literal, f: Formula) -> None:
        """``f`` must hold where the literal does."""
        match f:
            case bool():
                if not f:
                    self.require(opposite(literal))
            case Literal():
                self.require(self.compare(minus(self.count(literal), self.count(f)), "<="))
            case Row(_, "!=", _):
                self.under(literal, self._apart(f))
            case Row(form, op, _):
                for side in (form, scaled(form, -1)) if op == "==" else (form,):
                    self._switch(literal, side)
            case Junction(True, parts):
                for part in parts:
                    self.under(literal, part)
            case Junction(_, parts):
                self.require(some((opposite(literal), *parts)))
            case Demand():
                self.under(literal, self._demanded(f))

    def _switch(self, literal: Literal, form: Number) -> None:
        low, high = self.span(form)
        if high <= 0 or not isinstance(form, Affine):
            return
        if low > 0:
            self.require(opposite(literal))
            return
        self.charge(len(form.terms))
        self.switched.append((literal, form))

    def implied(self, f: Formula) -> Literal:
        """A literal under which ``f`` holds; it may be 0 though ``f`` holds."""
        if isinstance(f, Literal):
            return f
        found = self._exact.get(f) or self._implied.get(f)
        if found is None:
            found = self._implied[f] = self.binary()
            self.under(found, f)
        return found

    def exact(self, f: Formula) -> Literal:
        """A literal that equals ``f``; at the boundary of a continuous row it may be either."""
        if isinstance(f, Literal):
            return f
        if f not in self._exact:
            found = self.implied(f)
            other = opposite(found)
            assert isinstance(other, Literal)
            self._exact[f], self._exact[opposite(f)] = found, other
            self.under(other, opposite(f))
        return self._exact[f]

    def count(self, f: Formula) -> Number:
        """1 where ``f`` holds, else 0."""
        if isinstance(f, bool):
            return int(f)
        literal = self.exact(f)
        column = Affine(((literal.column, 1),))
        return column if literal.positive else minus(1, column)

    def number(self, value: Scalar) -> Number:
        """Value -> its number; a condition counts 0 or 1."""
        if isinstance(value, FORMULAS):
            return self.count(value)
        if isinstance(value, int | Fraction | Affine):
            return value
        if isinstance(value, Choice | str | tuple):
            raise unsupported("a label as a number", self.where, str(value) if isinstance(value, str) else "")
        raise unsupported("an infinite number", self.where)

    def truth(self, value: Scalar) -> Formula:
        """Value that stands as a condition -> the condition; of constants nonzero is true."""
        if isinstance(value, FORMULAS):
            return value
        if isinstance(value, Affine):
            low, high = self.span(value)
            if self.step(value) == 1 and low >= 0 and high <= 1:
                return self.compare(minus(value, 1), ">=")
            raise unsupported("a number as a condition", self.where)
        if isinstance(value, int | Fraction | float):
            return value != 0
        raise unsupported("a label as a number", self.where)
