"""Ground terms: what a constraint says once its indices are known, however it was written.

A number is a polynomial over atoms, a condition is a formula over comparisons with zero. Atoms are made once (equal
terms are the same object), so that comparing two of them costs nothing. Comparisons are scaled to coprime whole
coefficients, tightened where everything in them is whole, and folded where the bounds decide them. What reads a
product of conditions, a chosen element or a conditional is written over the conditions themselves, so `cost[pick]` and
`sum(cost[k] * b[k])` differ only by what `b[k]` is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import ceil, gcd, inf, lcm
from typing import Any

from nl2opt.ir.instance import Key

Rational = int | Fraction
Limit = int | Fraction | float
"""A bound: a rational, or an infinity."""

MOST_TERMS = 200_000
"""The most monomials a product may have; a product of more is left to the other methods."""


MOST_SPLIT = 12
"""A comparison with the greatest of so many numbers is one with each of them."""


class NotCanonical(Exception):
    """A model says something for which there is no canonical form; the judge goes on without one."""


@dataclass(eq=False, slots=True)
class Atom:
    """One unknown of the ground terms: a column, or a function, product or condition of other terms.

    ``op`` says what it is, ``args`` of what; the order of the arguments counts unless ``commutative``. The values lie
    within ``low`` and ``high``; ``whole``: they are integers; ``condition``: it is a truth, 0 or 1.
    """

    id: int
    op: str
    args: tuple[Any, ...]
    low: Limit
    high: Limit
    whole: bool
    condition: bool
    commutative: bool


class Form:
    """A polynomial: coefficient of each atom (a product of atoms is an atom of its own) and a constant."""

    __slots__ = ("const", "key", "terms")

    def __init__(self, terms: Mapping[Atom, Rational], const: Rational) -> None:
        self.terms = terms
        self.const = const
        self.key = (tuple(sorted((a.id, c) for a, c in terms.items())), const)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Form) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


Number = Rational | Form
Condition = bool | Atom


class Terms:
    """The atoms of one instance, each made once, and the operations that keep terms canonical."""

    def __init__(self) -> None:
        self._atoms: dict[tuple[object, ...], Atom] = {}
        self.columns: list[Atom] = []

    # atoms -----------------------------------------------------------------------------------------------------------

    def atom(
        self, op: str, args: tuple[Any, ...], low: Limit = -inf, high: Limit = inf, *, whole: bool = False,
        condition: bool = False, commutative: bool = False,
    ) -> Atom:  # fmt: skip
        """The atom of an operation on arguments, made at its first mention."""
        if commutative:
            args = tuple(sorted(args, key=_order))
        place = (op, *(a.id if isinstance(a, Atom) else a for a in args), "#", *map(type, args))
        found = self._atoms.get(place)
        if found is None:
            found = Atom(len(self._atoms), op, args, low, high, whole, condition, commutative)
            self._atoms[place] = found
        return found

    def column(self, name: str, key: Key, low: Limit, high: Limit, whole: bool, kind: str = "number") -> Atom:
        """A new column. ``kind`` is `number`, `set` (a number out of a set with gaps) or `element`."""
        atom = self.atom("column", (name, key, kind), low, high, whole=whole)
        self.columns.append(atom)
        return atom

    # numbers ---------------------------------------------------------------------------------------------------------

    def of(self, atom: Atom) -> Form:
        """An atom as a number."""
        return Form({atom: 1}, 0)

    def number(self, value: Number | Condition) -> Number:
        """A condition counts 0 or 1; one that is a binary column in disguise is that column."""
        if isinstance(value, bool):
            return int(value)
        if not isinstance(value, Atom):
            return value
        if value.op == "le":
            form: Form = value.args[0]
            if len(form.terms) == 1:
                ((a, c),) = form.terms.items()
                if a.whole and (a.low, a.high) == (0, 1):
                    return self.of(a) if c < 0 else self.add(1, self.scale(self.of(a), -1))
        return self.of(value)

    def add(self, *numbers: Number) -> Number:
        """The sum."""
        const: Rational = 0
        terms: dict[Atom, Rational] = {}
        for n in numbers:
            if isinstance(n, Form):
                const += n.const
                for a, c in n.terms.items():
                    terms[a] = terms.get(a, 0) + c
            else:
                const += n
        kept = {a: c for a, c in terms.items() if c}
        return Form(kept, const) if kept else const

    def scale(self, n: Number, k: Rational) -> Number:
        """n times a constant."""
        if not isinstance(n, Form):
            return n * k
        return Form({a: c * k for a, c in n.terms.items()}, n.const * k) if k else 0

    def minus(self, a: Number, b: Number) -> Number:
        """a - b."""
        return self.add(a, self.scale(b, -1))

    def times(self, a: Number, b: Number) -> Number:
        """The product, multiplied out."""
        if not isinstance(a, Form):
            return self.scale(b, a)
        if not isinstance(b, Form):
            return self.scale(a, b)
        if len(a.terms) * len(b.terms) > MOST_TERMS:
            raise NotCanonical("a product of long sums")
        parts: list[Number] = [a.const * b.const, self.scale(Form(a.terms, 0), b.const)]
        parts.append(self.scale(Form(b.terms, 0), a.const))
        for p, c in a.terms.items():
            for q, d in b.terms.items():
                parts.append(self.scale(self._product(p, q), c * d))
        return self.add(*parts)

    def _product(self, p: Atom, q: Atom) -> Number:
        factors: list[Atom] = [*self._factors(p), *self._factors(q)]
        kept: list[Atom] = []
        for a in sorted(factors, key=lambda x: x.id):
            if a in kept and a.whole and (a.low, a.high) == (0, 1):
                continue  # a binary times itself is itself
            kept.append(a)
        if len(kept) == 1:
            return self.of(kept[0])
        low, high = _interval_product(kept)
        return self.of(self.atom("product", tuple(kept), low, high, whole=all(a.whole for a in kept), commutative=True))

    def _factors(self, a: Atom) -> tuple[Atom, ...]:
        return a.args if a.op == "product" else (a,)

    def power(self, base: Number, exponent: int) -> Number:
        """base to a whole power of 0 or more."""
        result: Number = 1
        for _ in range(exponent):
            result = self.times(result, base)
        return result

    def maximum(self, numbers: Sequence[Number]) -> Number:
        """The greatest of one or more numbers; what the bounds put below another is left out."""
        kept: list[Number] = []
        for n in dict.fromkeys(numbers):
            if not any(m is not n and self._below(n, m) for m in kept):
                kept = [m for m in kept if not self._below(m, n)]
                kept.append(n)
        if len(kept) == 1:
            return kept[0]
        spans = [self.span(n) for n in kept]
        low, high = max(s[0] for s in spans), max(s[1] for s in spans)
        whole = all(self.is_whole(n) for n in kept)
        return self.of(self.atom("max", tuple(kept), low, high, whole=whole, commutative=True))

    def even(self, n: Number) -> Number:
        """A number in which the greater of two is half their sum and half the size of their difference."""
        greater = [a for a in n.terms if a.op == "max" and len(a.args) == 2] if isinstance(n, Form) else []
        for a in greater:
            if not isinstance(n, Form) or a not in n.terms:  # gone with one before it
                continue
            p, q = a.args
            difference = self.minus(p, q)
            size = self.scale(difference, Fraction(1, 2))
            if isinstance(difference, Form):
                one = scaled_row(difference)
                x = next(iter(one.terms))
                k = difference.terms[x] / Fraction(one.terms[x])
                size = self.scale(self.maximum((one, self.scale(one, -1))), tidy(k / 2))
            told = self.add(self.scale(self.add(p, q), Fraction(1, 2)), size)
            n = self.add(n, self.scale(self.minus(told, self.of(a)), n.terms[a]))
        return n

    def _below(self, a: Number, b: Number) -> bool:
        difference = self.minus(a, b)
        return self.span(difference)[1] <= 0

    def span(self, n: Number) -> tuple[Limit, Limit]:
        """The least and the greatest value the bounds of its atoms leave to a number."""
        if not isinstance(n, Form):
            return n, n
        low: Limit = n.const
        high: Limit = n.const
        for a, c in n.terms.items():
            low += c * (a.low if c > 0 else a.high)
            high += c * (a.high if c > 0 else a.low)
        return low, high

    def is_whole(self, n: Number) -> bool:
        """True where a number takes whole values only."""
        if not isinstance(n, Form):
            return n == int(n)
        return n.const == int(n.const) and all(a.whole and c == int(c) for a, c in n.terms.items())

    # conditions ------------------------------------------------------------------------------------------------------

    def at_most_zero(self, n: Number, *, strict: bool = False) -> Condition:
        """n <= 0, or n < 0: scaled, tightened where all is whole, folded where the bounds decide."""
        if not isinstance(n, Form):
            return n < 0 if strict else n <= 0
        scaled = scaled_row(n)
        separate = all(a.whole for a in scaled.terms)
        const = scaled.const
        if separate:
            const = ceil(const) if not strict or const != int(const) else int(const) + 1
            strict = False
        form = Form(scaled.terms, const)
        greatest = next((a for a in form.terms if a.op == "max"), None)
        if greatest is not None and len(greatest.args) <= MOST_SPLIT:
            k = form.terms[greatest]
            rest = self.minus(form, self.scale(self.of(greatest), k))
            each = [self.at_most_zero(self.add(rest, self.scale(x, k)), strict=strict) for x in greatest.args]
            return self.every(each) if k > 0 else self.some(each)
        low, high = self.span(form)
        if high <= 0 and not (strict and high == 0):
            return True
        if low > 0:
            return False
        return self.atom("lt" if strict else "le", (form,), 0, 1, whole=True, condition=True)

    def is_zero(self, n: Number) -> Condition:
        """n == 0, as the two comparisons it is."""
        return self.every((self.at_most_zero(n), self.at_most_zero(self.scale(n, -1))))

    def negation(self, c: Condition) -> Condition:
        """not c, driven down to the comparisons; of a continuous `<=` it stays, since its boundary is on both sides."""
        if isinstance(c, bool):
            return not c
        if c.op in ("le", "lt"):
            form: Form = c.args[0]
            separate = all(a.whole for a in form.terms)
            if separate:
                return self.at_most_zero(self.add(1, self.scale(form, -1)))
            if c.op == "lt":
                return self.at_most_zero(self.scale(form, -1))
        if c.op in ("and", "or"):
            parts = [self.negation(a) for a in c.args]
            return self.some(parts) if c.op == "and" else self.every(parts)
        if c.op == "not":
            inner: Atom = c.args[0]
            return inner
        return self.atom("not", (c,), 0, 1, whole=True, condition=True)

    def every(self, parts: Iterable[Condition]) -> Condition:
        """All of the conditions."""
        return self._joined("and", parts, False)

    def some(self, parts: Iterable[Condition]) -> Condition:
        """At least one of the conditions."""
        return self._joined("or", parts, True)

    def _joined(self, op: str, parts: Iterable[Condition], stop: bool) -> Condition:
        flat: dict[Atom, None] = {}
        for p in parts:
            if isinstance(p, bool):
                if p is stop:
                    return stop
            elif p.op == op:
                flat.update(dict.fromkeys(p.args))
            else:
                flat[p] = None
        if not flat:
            return not stop
        if len(flat) == 1:
            return next(iter(flat))
        return self.atom(op, tuple(flat), 0, 1, whole=True, condition=True, commutative=True)

    def clause(self, c: Condition) -> Condition:
        """A condition that must hold: of alternatives that are binaries each, the row that one of them is 1."""
        if not isinstance(c, Atom) or c.op != "or":
            return c
        parts = [self.number(x) for x in c.args]
        if all(len(p.terms) == 1 and not next(iter(p.terms)).condition for p in parts if isinstance(p, Form)):
            return self.at_most_zero(self.minus(1, self.add(*parts)))
        return c

    def truth(self, n: Number | Condition) -> Condition:
        """A number that stands as a condition: of a constant, nonzero; of a binary, that it is 1."""
        if isinstance(n, bool) or (isinstance(n, Atom) and n.condition):
            return n
        if isinstance(n, Atom):
            raise NotCanonical("an element as a condition")
        if not isinstance(n, Form):
            return n != 0
        if len(n.terms) == 1 and n.const == 0:
            ((a, c),) = n.terms.items()
            if a.condition and c == 1:
                return a
        return self.at_most_zero(self.minus(1, n))


def form_of(c: Condition) -> Form | None:
    """A condition `form <= 0` -> the form; None for any other condition."""
    return c.args[0] if isinstance(c, Atom) and c.op == "le" else None


def scaled_row(form: Form) -> Form:
    """A form -> the positive multiple of it whose coefficients are coprime whole numbers."""
    denominator = lcm(*(c.denominator for c in form.terms.values()))
    divisor = gcd(*(int(c * denominator) for c in form.terms.values()))
    k = Fraction(denominator, divisor)
    if k == 1:
        return form
    return Form({a: int(c * k) for a, c in form.terms.items()}, tidy(form.const * k))


def columns_in(x: object) -> set[Atom]:
    """The columns a number, a condition or several of them are made of."""
    found: set[Atom] = set()
    seen: set[int] = set()
    stack = [x]
    while stack:
        x = stack.pop()
        if isinstance(x, Atom):
            if x.op == "column":
                found.add(x)
            elif x.id not in seen:
                seen.add(x.id)
                stack.extend(x.args)
        elif isinstance(x, Form):
            stack.extend(x.terms)
        elif isinstance(x, Sequence) and not isinstance(x, str):
            stack.extend(x)
    return found


def tidy(value: Rational) -> Rational:
    """A whole fraction as an int."""
    return value if isinstance(value, int) else value.numerator if value.denominator == 1 else value


def _interval_product(factors: Sequence[Atom]) -> tuple[Limit, Limit]:
    low: Limit = 1
    high: Limit = 1
    for a in factors:
        ends = [_times(x, y) for x in (low, high) for y in (a.low, a.high)]
        low, high = min(ends), max(ends)
    return low, high


def _times(x: Limit, y: Limit) -> Limit:
    return 0 if x == 0 or y == 0 else x * y


def _order(arg: object) -> tuple[int, object]:
    """A sorting key over arguments of every kind."""
    match arg:
        case Atom():
            return (0, arg.id)
        case Form():
            return (1, arg.key)
        case bool() | int() | Fraction():
            return (2, arg)
        case tuple():
            return (3, tuple(chain.from_iterable(_order(a) for a in arg)))
        case _:
            return (4, str(arg))
