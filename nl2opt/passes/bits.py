"""A whole-valued expression -> its least value and binaries that make up the rest: its binary expansion.

Theorem: a whole e with l <= e <= u is l + sum(2**k * b[k]) for exactly one choice of n binaries b, n the digits of
u - l in base 2; every such choice with e <= u stands for a value of e. Exact. How many binaries there are is an
expression over the bounds, so that other data make another number of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from nl2opt.ir.model import Over
from nl2opt.ir.nodes import (
    ONE,
    Aggregate,
    Binary,
    Call,
    Compare,
    Expr,
    Generator,
    Name,
    Number,
    add,
    mul,
)
from nl2opt.ir.walk import bound_names
from nl2opt.passes.arithmetic import minus, plus
from nl2opt.passes.bounds import Bounds
from nl2opt.passes.declared import InferredBound
from nl2opt.passes.rewrite import Context, Draft, mentioned, renamed

TWO = Number(Fraction(2))
MOST = 2**20
"""The widest literal range that is expanded: a binary that is off by the tolerance of a solver must not matter."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """``least + sum(2**k * bit[k])`` over ``each``; ``bit`` is the binary at the bindings in scope and at k."""

    least: Expr
    bit: Expr
    weight: Expr
    each: Generator

    def times(self, other: Expr, over: Over) -> Expr:
        """The expansion times another expression under bindings, multiplied out."""
        generators, (weight, bit) = renamed((self.each,), (self.weight, self.bit), bound_names(over) | mentioned(other))
        return add(mul(self.least, other), Aggregate("sum", mul(weight, bit, other), generators))


def expansion(draft: Draft, bounds: Bounds, e: Expr, at: Context) -> Expansion | None:
    """A whole expression -> its expansion, required to equal it; None where its bounds are not declared."""
    least, most = bounds.of(e, at.item)
    names = {n for x in (least, most) for n in mentioned(x)}
    if any(isinstance(p, InferredBound) and p.name in names for p in draft.model.parameters):
        return None
    width = minus(most, least)
    if isinstance(width, Number) and not 0 <= width.value <= MOST:
        return None
    k, taken = "bit", bound_names(at.over) | set(draft.model.symbols) | mentioned(e) | names
    while k in taken:
        k += "_2"
    each = Generator((k,), Call("range", (_digits(width),)))
    over: Over = at.family(e)
    inside: Over = (*over, each)
    reference = draft.variable(f"{at.item}_bit", inside, "binary", description="a binary digit of a factor")
    weight = Binary("**", TWO, Name(k))
    total = Aggregate("sum", mul(weight, reference), (each,))
    draft.require(f"{at.item}_bits", at.defining(e), Compare("==", e, plus(least, total)))
    return Expansion(least, reference, weight, each)


def _digits(width: Expr) -> Expr:
    """How many binary digits numbers from 0 to ``width`` have; one that is known by then is written out."""
    if isinstance(width, Number):
        return Number(Fraction(int(width.value).bit_length()))
    logarithm = Binary("/", Call("log", (plus(width, ONE),)), Call("log", (TWO,)))
    return plus(Call("floor", (logarithm,)), ONE)
