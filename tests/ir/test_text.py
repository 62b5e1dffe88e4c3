"""Expression text and nodes: reading and printing are inverse, and nothing but DocumentError ever comes out."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_expressions import EXPRESSIONS, TOKENS

from nl2opt.errors import DocumentError
from nl2opt.ir import limits
from nl2opt.ir.model import Over
from nl2opt.ir.nodes import (
    FUNCTIONS,
    And,
    Compare,
    Expr,
    Name,
    Number,
    Or,
)
from nl2opt.ir.text import parse_expression, parse_over, parse_set, print_expression, print_over


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_reading_undoes_printing(e: Expr) -> None:
    """parse(print(e)) == e for every expression in canonical form, or the printed text is beyond a limit."""
    text = print_expression(e)
    try:
        found = parse_expression(text)
    except DocumentError as refused:
        assert {d.code for d in refused.diagnostics} <= {"E106", "E110"}  # a power beyond 2^53 is refused too
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


@pytest.mark.parametrize("text", ["9 ** 9 ** 9 ** 9", "2 ** 54", "(-3) ** 40", "0.5 ** -60", "10 ** 10 ** 10 >= x"])
def test_a_power_beyond_all_numbers_is_refused_before_it_is_computed(text: str) -> None:
    with pytest.raises(DocumentError, match="E106"):
        parse_expression(text)


@pytest.mark.parametrize("text", ["2 ** 53", "2 ** 0.5", "0.5 ** 60", "x ** 80", "0 ** -1", "n ** 9 ** 2"])
def test_other_powers_are_read(text: str) -> None:
    assert parse_expression(text)
