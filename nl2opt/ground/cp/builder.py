"""Formulas -> CP-SAT proto fields: variables, rows, literals made once a condition, constraints under enforcement.

`cp_model_helper` alone is imported: its protos are written field by field, which needs neither pandas nor expression
objects. With ``dry`` nothing is written: variables may then be unbounded, and rows required at the root are kept for
bound inference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from ortools.sat.python import cp_model_helper

from nl2opt.errors import Diagnostic, LimitExceeded
from nl2opt.ground.cp.unsupported import unsupported
from nl2opt.ground.cp.values import (
    INFINITY,
    Affine,
    Bound,
    Choice,
    Every,
    Exact,
    Formula,
    Native,
    Row,
    Same,
    Scalar,
    Some,
    Span,
    combine,
    complement,
    denominator,
    intersect,
    negation,
    size,
    span_of,
    times,
    whole_row,
)
from nl2opt.ir import limits
from nl2opt.ir.nodes import CompareOp

OVERFLOW = 2**62
"""Scaled sums stay below this. Source: CP-SAT's own validation, which refuses rows that may leave 64 bits."""
TABLE_ENTRIES = 200_000
"""Values an index by variables may reach before the table is refused."""


@dataclass(slots=True)
class _Literal:
    """A Boolean that stands for a condition, and which of its two directions were written."""

    literal: int
    positive: bool = False
    negative: bool = False


class Builder:
    """One proto in the making. ``where`` names the constraint being ground, for messages."""

    def __init__(self, dry: bool = False) -> None:
        self.dry = dry
        self.proto: Any = cp_model_helper.CpModelProto()
        self.lower: list[Bound] = []
        self.upper: list[Bound] = []
        self.sparse: dict[int, Span] = {}
        self.rows: list[Row] = []
        self.terms = 0
        self.where = ""
        self.memo: dict[tuple[object, ...], Any] = {}
        self._literals: dict[Formula, _Literal] = {}
        self._true: int | None = None

    # variables -------------------------------------------------------------------------------------------------------

    def variable(self, span: Span) -> int:
        """Span -> the position of a new variable over it."""
        low, high = span[0][0], span[-1][1]
        if not self.dry:
            if low == -INFINITY or high == INFINITY:
                raise unsupported("unbounded integer", self.where, "an expression without a finite bound")
            if max(abs(low), abs(high)) >= OVERFLOW:
                raise unsupported("large numbers", self.where, f"a value between {low} and {high}")
            self.proto.variables.add().domain.extend([int(x) for pair in span for x in pair])
        self.lower.append(low)
        self.upper.append(high)
        if len(span) > 1:
            self.sparse[len(self.lower) - 1] = span
        return len(self.lower) - 1

    def boolean(self) -> int:
        """A new variable over 0 and 1."""
        return self.variable(((0, 1),))

    def bounds(self, a: Affine | Exact) -> tuple[Exact | float, Exact | float]:
        """Value -> the least and greatest number it may be, by the bounds of its variables."""
        if not isinstance(a, Affine):
            return a, a
        low: Exact | float = a.const
        high: Exact | float = a.const
        for v, c in a.terms.items():
            x, y = self.lower[v], self.upper[v]
            low += c * x if c > 0 else c * y
            high += c * y if c > 0 else c * x
        return low, high

    def whole_bounds(self, a: Affine | Exact) -> tuple[Bound, Bound]:
        """Value that is always whole -> its bounds as integers or infinities."""
        low, high = self.bounds(a)
        return (low if isinstance(low, float) else ceil(low), high if isinstance(high, float) else floor(high))

    def span(self, a: Affine | Exact) -> Span:
        """Value that is always whole -> a span that holds every value it may take."""
        low, high = self.whole_bounds(a)
        if isinstance(a, Affine) and len(a.terms) == 1:
            (v, c), *_ = a.terms.items()
            if v in self.sparse and abs(c) == 1 and isinstance(a.const, int):
                shifted = sorted(tuple(sorted((c * x + a.const, c * y + a.const))) for x, y in self.sparse[v])
                return tuple((int(x), int(y)) for x, y in shifted)
        return ((low, high),)

    def charge(self, terms: int) -> None:
        """Count grounded terms. Raises LimitExceeded, naming the constraint, before more memory is used."""
        self.terms += terms
        if self.terms > limits.GROUNDED_TERMS:
            fix = "filter the sums, or split the problem"
            message = "the model grounds beyond the limits of the language"
            found, most = f"more than {limits.GROUNDED_TERMS} terms", f"at most {limits.GROUNDED_TERMS}"
            raise LimitExceeded(Diagnostic("E605", message, self.where, found, most, fix))

    # rows ------------------------------------------------------------------------------------------------------------

    def compare(self, a: Affine | Exact | float, op: CompareOp) -> Formula:
        """`a op 0` -> a row, folded where the bounds of its variables decide it."""
        if not isinstance(a, Affine):
            return {"<=": a <= 0, ">=": a >= 0, "==": a == 0, "!=": a != 0, "<": a < 0, ">": a > 0}[op]
        if isinstance(a.const, float):  # an infinite constant decides alone
            return self.compare(a.const, op)
        terms, value, flipped = whole_row(a)
        if flipped:
            mirror: dict[CompareOp, CompareOp] = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
            op = mirror.get(op, op)
        low, high = self._sum_bounds(terms)
        span: Span
        match op:
            case "<=":
                span = ((-INFINITY, floor(value)),)
            case ">=":
                span = ((ceil(value), INFINITY),)
            case "<":
                span = ((-INFINITY, ceil(value) - 1),)
            case ">":
                span = ((floor(value) + 1, INFINITY),)
            case "==":
                span = ((int(value), int(value)),) if value.denominator == 1 else ()
            case "!=":
                if value.denominator != 1:
                    return True
                span = complement(((int(value), int(value)),), -INFINITY, INFINITY)
        return self.row(terms, span, low, high)

    def is_in(self, a: Affine | Exact, values: Iterable[int]) -> Formula:
        """`a` takes one of the whole values -> a row."""
        if not isinstance(a, Affine):
            return a in set(values)
        terms, value, _ = whole_row(a)
        scale = self.slope(a, terms)
        wanted = [value + Fraction(v) / scale for v in values]
        span = span_of(int(w) for w in wanted if w.denominator == 1)
        return self.row(terms, span, *self._sum_bounds(terms))

    @staticmethod
    def slope(a: Affine, terms: tuple[tuple[int, int], ...]) -> Fraction:
        """How much `a` grows where the whole terms of its row grow by one."""
        v, c = terms[0]
        return Fraction(a.terms[v]) / c

    def _sum_bounds(self, terms: tuple[tuple[int, int], ...]) -> tuple[Bound, Bound]:
        low: Bound = 0
        high: Bound = 0
        for v, c in terms:
            x, y = self.lower[v], self.upper[v]
            low += c * x if c > 0 else c * y
            high += c * y if c > 0 else c * x
        return low, high

    def row(self, terms: tuple[tuple[int, int], ...], span: Span, low: Bound, high: Bound) -> Formula:
        """Terms and span -> a formula; True or False where bounds decide."""
        if len(terms) == 1 and terms[0][1] == 1 and terms[0][0] in self.sparse:
            own = self.sparse[terms[0][0]]
            shared = intersect(span, own)
            if not shared:
                return False
            if shared == own:
                return True
        span = intersect(span, ((low, high),))
        if not span:
            return False
        if span == ((low, high),):
            return True
        return Row(terms, span, low, high)

    # conditions ------------------------------------------------------------------------------------------------------

    def true(self) -> int:
        """A literal that always holds."""
        if self._true is None:
            self._true = self.variable(((1, 1),))
        return self._true

    def literal(self, f: Formula, positive: bool = True, negative: bool = True) -> int:
        """Condition -> a literal; it implies the condition if ``positive``, its opposite the opposite if ``negative``.

        A literal is made once a condition; a direction asked for later is added to it.
        """
        if isinstance(f, bool):
            return self.true() if f else -self.true() - 1
        plain = self._plain(f)
        if plain is not None:
            return plain
        known = self._literals.get(f)
        if known is None and isinstance(f, Row):
            opposite = negation(f)
            other = self._literals.get(opposite)
            if other is not None:
                return -self.literal(opposite, negative, positive) - 1
        if known is None:
            known = self._literals[f] = _Literal(self.boolean())
        if positive and not known.positive:
            known.positive = True
            self.require(f, (known.literal,))
        if negative and not known.negative:
            known.negative = True
            self.require(negation(f), (-known.literal - 1,))
        return known.literal

    def _plain(self, f: Formula) -> int | None:
        """The literal of a row that only says what one 0/1 variable is."""
        if isinstance(f, Row) and len(f.terms) == 1:
            (v, c), *_ = f.terms
            if c == 1 and self.lower[v] == 0 and self.upper[v] == 1:
                return v if f.span[0][0] == 1 else -v - 1
        return None

    def count(self, f: Formula) -> Affine | Exact:
        """Condition -> 1 where it holds, else 0."""
        if isinstance(f, bool):
            return int(f)
        literal = self.literal(f)
        return Affine({literal: 1}) if literal >= 0 else Affine({-literal - 1: -1}, 1)

    def require(self, f: Formula, under: tuple[int, ...] = ()) -> None:
        """Write that the condition holds wherever all literals of ``under`` do."""
        match f:
            case True:
                return
            case False:
                self._clause((), under)
            case Row():
                self._require_row(f, under)
            case Every(parts):
                for part in parts:
                    self.require(part, under)
            case Some(parts):
                plain = [(p, self._plain(p)) for p in parts]
                rest = [p for p, literal in plain if literal is None]
                literals = [literal for _, literal in plain if literal is not None]
                if len(rest) == 1:
                    self.require(rest[0], (*under, *(-x - 1 for x in literals)))
                    return
                literals += [self.literal(p, negative=False) for p in rest]
                self._clause(tuple(literals), under)
            case Same(left, right):
                literal = self.literal(left)
                self.require(right, (*under, literal))
                self.require(negation(right), (*under, -literal - 1))
            case Native(post, _):
                if not self.dry:
                    post(under)

    def _clause(self, literals: tuple[int, ...], under: tuple[int, ...]) -> None:
        if not self.dry:
            self.charge(len(literals) + len(under))
            c = self.proto.constraints.add()
            c.bool_or.literals.extend([*literals, *(-x - 1 for x in under)])

    def _require_row(self, row: Row, under: tuple[int, ...]) -> None:
        if self.dry:
            if not under:
                self.charge(len(row.terms))
                self.rows.append(row)
            return
        self.charge(len(row.terms))
        self._check_size(row)
        c = self.proto.constraints.add()
        linear = c.linear
        linear.vars.extend([v for v, _ in row.terms])
        linear.coeffs.extend([k for _, k in row.terms])
        linear.domain.extend([int(x) for pair in row.span for x in pair])
        if under:
            c.enforcement_literal.extend(list(under))

    def _check_size(self, row: Row) -> None:
        total = sum(abs(c) * max(abs(self.lower[v]), abs(self.upper[v])) for v, c in row.terms)
        if total >= OVERFLOW:
            largest = max(abs(c) for _, c in row.terms)
            raise unsupported("large numbers", self.where,
                              f"scaled sum up to {total}, largest coefficient {largest}")  # fmt: skip

    # expressions of other constraints --------------------------------------------------------------------------------

    def single(self, a: Affine | Exact) -> Affine | int:
        """Whole value -> the same in one variable at most, which is what most CP-SAT constraints take."""
        if not isinstance(a, Affine):
            return int(a)
        if len(a.terms) == 1 and denominator(a) == 1:
            return a
        return self.define(a)

    def define(self, a: Affine, span: Span | None = None) -> Affine:
        """Whole affine form -> a variable that equals it."""
        key = ("define", a.key)
        if key not in self.memo:
            z = Affine({self.variable(span or self.span(a)): 1})
            self.require(self.compare(combine(z, a, -1), "=="))
            self.memo[key] = z
        result: Affine = self.memo[key]
        return result

    def write(self, message: Any, a: Affine | Exact, factor: int = 1) -> None:
        """Whole value -> fields of a LinearExpressionProto."""
        if isinstance(a, Affine):
            message.vars.extend(list(a.terms))
            message.coeffs.extend([int(c * factor) for c in a.terms.values()])
            message.offset = int(a.const * factor)
        else:
            message.offset = int(a * factor)

    def constraint(self, under: tuple[int, ...] = ()) -> Any:
        """A new constraint of the proto, under literals."""
        c = self.proto.constraints.add()
        if under:
            c.enforcement_literal.extend(list(under))
        return c

    def number(self, value: Scalar) -> Affine | Exact:
        """Any number or condition -> a number; conditions count. Raises Unsupported for elements."""
        kind = type(value)
        if kind is int or kind is Affine or kind is Fraction:
            return value  # type: ignore[return-value]  # the usual kinds, told apart without an abstract class
        if isinstance(value, Affine | int | Fraction):
            return int(value) if isinstance(value, bool) else value
        if isinstance(value, Choice):
            raise unsupported("a label as a number", self.where, "a label where a number belongs", "use position(x)")
        if isinstance(value, str | tuple | float):
            raise unsupported("real value in whole arithmetic", self.where, repr(value))
        return self.count(value)

    def scaled(self, *values: Affine | Exact) -> tuple[int, list[Affine | Exact]]:
        """Values -> (d, values * d) with d the least number that makes them all whole."""
        d = denominator(*values)
        return d, ([times(v, d) for v in values] if d > 1 else list(values))

    def values(self, a: Affine | Exact) -> Span:
        """Whole value -> the values it may take. Raises Unsupported where they are too many for a table."""
        span = self.span(a)
        count = size(span)
        if count > TABLE_ENTRIES:
            raise unsupported("a large table", self.where, f"{count} values")
        return span
