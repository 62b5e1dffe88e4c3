"""Expression text and nodes: reading and printing are inverse, and nothing but DocumentError ever comes out."""

from __future__ import annotations

import string
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.errors import DocumentError
from nl2opt.ir import limits
from nl2opt.ir.model import Over
from nl2opt.ir.nodes import (
    AGGREGATES,
    FUNCTIONS,
    Aggregate,
    And,
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
    Or,
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
from nl2opt.ir.text import parse_expression, parse_over, parse_set, print_expression, print_over

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


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_reading_undoes_printing(e: Expr) -> None:
    """parse(print(e)) == e for every expression in canonical form, or the printed text is beyond a limit."""
    text = print_expression(e)
    try:
        found = parse_expression(text)
    except DocumentError as refused:
        assert {d.code for d in refused.diagnostics} <= {"E110"}
        return
    assert found == e
    assert print_expression(found) == text


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Reading raises DocumentError, or answers; nothing else."""
    for read in (parse_expression, parse_set, parse_over):
        try:
            read(text)
        except DocumentError as refused:
            assert all(d.code.startswith("E1") for d in refused.diagnostics)


TOKENS = (
    "x i sum for in if else not and or ( ) [ ] { } , + - * / // ** % <= == != < = 1 0.5 5,000 'red' \" ' prev . : "
    "wrap=True lambda is range | & ~ ^ @ ≤ ∈ await f'' b'' 1j ... None \\ #"
)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(TOKENS.split()), max_size=25).map(" ".join))
def test_any_tokens_are_read_or_refused(text: str) -> None:
    """Almost-expressions: what is read prints to something that reads the same."""
    for read in (parse_expression, parse_set):
        try:
            found = read(text)
        except DocumentError:
            continue
        assert read(print_expression(found)) == found


@pytest.mark.parametrize(
    "text",
    [
        "-" * 100_000 + "1",
        "(" * 1_000 + "1" + ")" * 1_000,
        "not " * 900 + "x",
        " + ".join(["x"] * 1_500),
        "x" + "[i]" * 900,
        "1 if x else " * 300 + "2",
        "x" * 5_000,
        "9" * 3_000,
        "1e999",
        "2 ** " * 500 + "2",
        "x[" * 100 + "1" + "]" * 100,
        "sum(1 " + "for i in I " * 7 + ")",
        "x[1, 2, 3, 4, 5, 6, 7]",
        "\x00",
        "'\udc80'",
    ],
)
def test_monsters_are_refused(text: str) -> None:
    """What would break `ast` or the walks after it is refused with a clear error, quickly."""
    with pytest.raises(DocumentError):
        parse_expression(text)


def test_long_flat_sums_are_read() -> None:
    """A sum of many terms is one node, not a deep tree."""
    terms = 600
    found = parse_expression(" + ".join(["x"] * terms))
    assert len(found.terms) == terms  # type: ignore[union-attr]
    assert terms > limits.EXPRESSION_DEPTH


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("x≤3", "x <= 3"),
        ("a − b", "a - b"),
        ("1 <= x <= 3", "1 <= x and x <= 3"),
        ("- - 2", "2"),
        ("+x", "x"),
        ("a - (b - c)", "a - (b - c)"),
        ("x[(i, j), k]", "x[i, j, k]"),
        ("2**-1", "2 ** -1"),
        ("x not in {1}", "x not in {1}"),
        ("'it\\'s'", '"it\'s"'),
        ("1_000", "1000"),
        ("no_overlap((s[i], d[i]) for i in I)", "no_overlap([(s[i], d[i]) for i in I])"),
    ],
)
def test_spellings(text: str, canonical: str) -> None:
    """One canonical spelling."""
    assert print_expression(parse_expression(text)) == canonical


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x <= 5,000", "E107"),
        ("x = 3", "E102"),
        ("x.value", "E102"),
        ("lambda: 1", "E102"),
        ("f(x)", "E105"),
        ("count(x)", "E105"),
        ("implies(a)", "E104"),
        ("prev(t, wrap=2)", "E104"),
        ("x is 3", "E102"),
        ("x[:, j]", "E102"),
        ("a & 1", "E102"),
        ("10 ** 400 * 1e400", "E106"),
        ("9007199254740993", "E106"),
        ("", "E101"),
        ("None", "E102"),
        ("'%s' % x == f'{x}'", "E102"),
    ],
)
def test_refusals(text: str, code: str) -> None:
    """What the language does not have is named by its code."""
    with pytest.raises(DocumentError) as refused:
        parse_expression(text)
    assert refused.value.diagnostics[0].code == code


@pytest.mark.parametrize(
    "text",
    ["Plants, Months", "p in Plants, m in Months if m > 1", "(i, j) in Arcs", "i in range(1, n + 1)", "j in near[i]"],
)
def test_bindings_print_as_they_are_read(text: str) -> None:
    """`for` and `over`."""
    over: Over = parse_over(text)
    assert print_over(over) == text


def test_every_function_reads_with_its_fewest_arguments() -> None:
    """The table of functions and the reader agree."""
    for name, (fewest, _) in FUNCTIONS.items():
        parse_expression(f"{name}({', '.join(['x'] * fewest)})")


def test_conditions_keep_their_brackets() -> None:
    """`or` inside `and`, a comparison compared."""
    e = And((Or((Name("a"), Name("b"))), Compare("==", Compare("<=", Name("x"), Number(Fraction(1))), Name("c"))))
    assert print_expression(e) == "(a or b) and (x <= 1) == c"
    assert parse_expression(print_expression(e)) == e
