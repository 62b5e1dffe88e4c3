"""Whatever a model's names and texts are, the emitted program has the same syntax tree up to strings and made names."""

from __future__ import annotations

import ast
import io
import tokenize
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nl2opt.emitters import Emission, write
from nl2opt.emitters.python.identifiers import comment_text, docstring_text, string_literal
from nl2opt.ir.bind import bind
from nl2opt.ir.model import Anchor, Constraint, Model, Objective, Parameter, Set, Variable
from nl2opt.ir.nodes import Aggregate, Compare, Expr, Generator, Label, Mul, Name, Number, Subscript

NASTY = (
    "model", "data", "pyo", "cp", "DATA", "build", "solve", "json", "math", "value", "values", "row", "scale", "zero",
    "goals", "variables", "labels", "order", "key", "lambda", "None", "True", "sum", "print", "len", "range", "dict",
    "__import__", "_", "__class__", "name", "clone", "objective", "x", "match", "i", "_data", "self", "sys",
    "größe", "变量", "ｍｏｄｅｌ", "ﬁ", "a b", "a-b", "a_b", "1st", "", "'", '"', '"""', "'''", "\\", "\\\"", "\n",
    "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x00", "#", "# x", "\u202e", "\u2066",
    "\u200b", "\ufeff", "\ud800",
    "{0}", "%s", "${x}", "import os", "); import os; (", "\n    import os", "]\nimport os", '"\nimport os\n"',
    "\t", "é", "e\u0301",
)  # fmt: skip
TARGETS = ("pyomo", "cpmpy", "ortools")

text = st.one_of(
    st.sampled_from(NASTY), st.lists(st.sampled_from(NASTY), max_size=4).map("".join), st.text(max_size=12)
)


@dataclass(frozen=True)
class Words:
    """Everything a person or a language model chose: names of things, labels, texts."""

    names: tuple[str, ...]
    labels: tuple[str, ...]
    texts: tuple[str, ...]


HARMLESS = Words(
    tuple(f"thing{k}" for k in range(13)), tuple(f"label{k}" for k in range(6)), tuple(f"text {k}" for k in range(9))
)

words = st.builds(
    Words,
    st.lists(text, min_size=13, max_size=13, unique=True).map(tuple),
    st.lists(text, min_size=6, max_size=6, unique=True).map(tuple),
    st.lists(text, min_size=9, max_size=9).map(tuple),
)


def _model(w: Words) -> Model:
    """One model of fixed structure over the given words: sets of labels and of tuples, both kinds of parameters,
    an index of each kind, a label in an expression, quotes, units, descriptions, assumptions."""
    site, town, road, cost, need, top, ship, i, j, k, first, second, title = w.names
    at = (Generator((i,), Name(site)),)
    arcs = (Generator((j, k), Name(road)),)

    def quote(n: int) -> tuple[Anchor, ...]:
        return (Anchor("quote", w.texts[n]), Anchor("assumption", w.texts[n - 1]))

    served: Expr = Aggregate("sum", Subscript(ship, (Name(j), Name(k))), (
        Generator((j, k), Name(road), (Compare("==", Name(j), Name(i)),)),))  # fmt: skip
    price: Expr = Aggregate(
        "sum", Mul((Subscript(cost, (Name(j), Name(k))), Subscript(ship, (Name(j), Name(k))))), arcs
    )
    return Model(
        name=title,
        description=w.texts[0],
        sets=(
            Set(site, w.labels[:3], description=w.texts[1]),
            Set(town, w.labels[3:], anchors=quote(2)),
            Set(road, tuple((a, b) for a in w.labels[:3] for b in w.labels[3:])),
        ),
        parameters=(
            Parameter(cost, (Generator((), Name(road)),), unit=w.texts[3], anchors=quote(4)),
            Parameter(need, at, value=Number(Fraction(2)), description=w.texts[5]),
            Parameter(top, type="integer", value=Number(Fraction(9)), unit=w.texts[6]),
        ),
        variables=(
            Variable(ship, (Generator((), Name(road)),), "integer", upper=Name(top), unit=w.texts[7], anchors=quote(8)),
        ),
        constraints=(
            Constraint(first, Compare(">=", served, Subscript(need, (Name(i),))), at, anchors=quote(1)),
            Constraint(second, Compare("<=", Subscript(ship, (Label(w.labels[0]), Label(w.labels[4]))), Name(top))),
        ),
        objectives=(Objective("minimize", price, anchors=quote(3)),),
        assumptions=(w.texts[0], w.texts[6]),
    )  # fmt: skip


def _emit(w: Words, target: str) -> Emission:
    model = _model(w)
    rows = [[a, b, 3] for a in w.labels[:3] for b in w.labels[3:]]
    need = dict.fromkeys(w.labels[:3], 2)
    return write(bind(model, {w.names[3]: rows, w.names[4]: need}), target)


def _shape(source: str) -> list[Any]:
    """Source -> its syntax tree, strings made alike, and in `build` identifiers numbered by first appearance.

    All other functions are the program's own and must not depend on the words at all.
    """
    numbers: dict[str, int] = {}

    def flat(node: Any, numbered: bool) -> Iterator[Any]:
        if isinstance(node, ast.AST):
            yield type(node).__name__
            inner = numbered or (isinstance(node, ast.FunctionDef) and node.name == "build")
            for field, value in ast.iter_fields(node):
                if inner and isinstance(value, str) and field in ("id", "arg", "name", "attr"):
                    yield numbers.setdefault(value, len(numbers))
                elif field == "value" and isinstance(node, ast.Constant) and isinstance(value, str):
                    yield "a string"
                else:
                    yield from flat(value, inner)
        elif isinstance(node, list):
            yield len(node)
            for item in node:
                yield from flat(item, numbered)
        else:
            yield node

    return list(flat(ast.parse(source), False))


SHAPES = {target: _shape(_emit(HARMLESS, target).program.source) for target in TARGETS}


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(words)
def test_words_never_change_the_program(target: str, w: Words) -> None:
    """The syntax tree is that of harmless words; nothing odd is left in the text; the data hold the words."""
    emission = _emit(w, target)
    source = emission.program.source
    same = _shape(source) == SHAPES[target]  # pytest would spend minutes on showing the difference
    assert same, source
    odd = {
        c
        for c in source
        if c != "\n" and (unicodedata.category(c)[0] in "C" or unicodedata.category(c) in ("Zl", "Zp"))
    }
    assert not odd
    assert list(emission.variables.values()) == [w.names[6]]
    assert emission.program.filename.isascii() and "/" not in emission.program.filename


@given(text)
def test_a_comment_stays_on_its_line(words: str) -> None:
    """A comment is one token of one line, whatever it says."""
    source = f"x = 1  # {comment_text(words)}\ny = 2\n"
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    assert [t.string for t in tokens if t.type == tokenize.NAME] == ["x", "y"]
    assert len(source.splitlines()) == 2


@given(text)
def test_a_string_literal_reads_back(words: str) -> None:
    """A literal is the text itself."""
    literal = string_literal(words)
    assert ast.literal_eval(literal) == words
    assert len(literal.splitlines()) == 1


@given(text)
def test_a_docstring_ends_where_it_should(words: str) -> None:
    """A text in a docstring cannot close it."""
    tree = ast.parse(f'"""{docstring_text(words)}"""')
    assert len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr)
