"""Hypothesis strategies of expressions in canonical form, and of tokens that almost make one."""

from __future__ import annotations

import string
from fractions import Fraction

from hypothesis import strategies as st

from nl2opt.ir.nodes import (
    AGGREGATES,
    Aggregate,
    Binary,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Constant,
    Expr,
    Generator,
    IfElse,
    Iff,
    Implies,
    In,
    Label,
    ListLiteral,
    Name,
    Not,
    Number,
    SetLiteral,
    SetOperation,
    Subscript,
    Tuple,
    add,
    conjunction,
    disjunction,
    mul,
    negative,
)

NAMES = st.sampled_from(["x", "y", "cost", "stock_2", "größe", "A", "if_"])
INDICES = st.sampled_from(["i", "j", "t", "k1"])
NUMBERS = st.one_of(
    st.integers(-(10**6), 10**6).map(lambda n: Number(Fraction(n))),
    st.decimals(-1000, 1000, places=3, allow_nan=False).map(lambda d: Number(Fraction(d))),
)
LABELS = st.text(string.ascii_letters + " -'\"äé#", min_size=1, max_size=8).map(Label)
LEAVES = st.one_of(
    NUMBERS,
    NAMES.map(Name),
    LABELS,
    st.sampled_from([Boolean(True), Boolean(False), Constant("inf"), Constant("pi")]),
)


def _grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Every construct of the language over smaller expressions, in canonical form."""
    several = st.lists(inner, min_size=2, max_size=4)
    few = st.lists(inner, min_size=1, max_size=3)
    subscripts = st.builds(lambda n, index: Subscript(n, tuple(index)), NAMES, few).filter(_plain_index)
    sets = st.one_of(
        NAMES.map(Name),
        st.lists(inner, max_size=3).map(lambda items: SetLiteral(tuple(items))),
        inner.map(lambda e: Call("range", (e,))),
        st.builds(SetOperation, st.sampled_from(["|", "&", "-"]), NAMES.map(Name), NAMES.map(Name)),
    )
    generators = st.lists(
        st.builds(
            lambda targets, source, conditions: Generator(tuple(targets), source, tuple(conditions)),
            st.lists(INDICES, min_size=1, max_size=2),
            sets,
            st.lists(inner, max_size=2),
        ),
        min_size=1,
        max_size=2,
    ).map(tuple)
    return st.one_of(
        subscripts,
        several.map(lambda items: Tuple(tuple(items))),
        st.lists(inner, max_size=3).map(lambda items: ListLiteral(tuple(items))),
        sets.filter(lambda s: isinstance(s, SetLiteral)),
        inner.map(negative),
        several.map(lambda items: add(*items)),
        several.map(lambda items: mul(*items)),
        st.builds(Binary, st.sampled_from(["/", "//", "%", "**"]), inner, inner),
        st.builds(Compare, st.sampled_from(["<=", ">=", "==", "!=", "<", ">"]), inner, inner),
        st.builds(In, inner, sets, st.booleans()),
        several.map(lambda items: conjunction(*items)),
        several.map(lambda items: disjunction(*items)),
        inner.map(Not),
        st.builds(Implies, inner, inner),
        st.builds(Iff, inner, inner),
        st.builds(IfElse, inner, inner, inner),
        st.builds(Aggregate, st.sampled_from(sorted(AGGREGATES)), inner, generators),
        st.builds(Comprehension, st.sampled_from(["list", "set"]), inner, generators),
        st.builds(lambda a: Call("abs", (a,)), inner),
        st.builds(lambda a, w: Call("prev", (a,), w), inner, st.booleans()),
        several.map(lambda items: Call("max", tuple(items))),
        sets.map(lambda s: Call("len", (s,))),
    )


def _plain_index(e: Subscript) -> bool:
    return not any(isinstance(i, Tuple) for i in e.index)


EXPRESSIONS = st.recursive(LEAVES, _grown, max_leaves=12)


TOKENS = (
    "x i sum for in if else not and or ( ) [ ] { } , + - * / // ** % <= == != < = 1 0.5 5,000 'red' \" ' prev . : "
    "wrap=True lambda is range | & ~ ^ @ ≤ ∈ await f'' b'' 1j ... None \\ #"
)
