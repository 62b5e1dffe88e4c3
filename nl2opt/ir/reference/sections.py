"""The sections of the language reference: prose of this file around tables of the language's own modules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.ir import limits
from nl2opt.ir.document.schema import SECTIONS, TOP_LEVEL, Field
from nl2opt.ir.functions import ENTRIES, OPERATORS, WORLD, Entry
from nl2opt.ir.notation.names import Declared, Names
from nl2opt.ir.notation.normalise import RULES
from nl2opt.ir.notation.references import braced_ranges
from nl2opt.ir.reference.examples import BAKERY, CHOICES, MONTHS
from nl2opt.ir.text import Spelling, parse_expression


@dataclass(frozen=True, slots=True)
class Section:
    """One section: ``key`` names it for a program, ``title`` for a person, ``body`` is Markdown."""

    key: str
    title: str
    body: str


def sections() -> tuple[Section, ...]:
    """-> every section of the reference, in reading order."""
    return (
        Section("first", "A first model", _FIRST.format(example=_yaml(BAKERY))),
        Section("document", "The document", _DOCUMENT.format(top=_top_level(), sections=_sections())),
        Section("sets", "Sets and indices", _SETS),
        Section("data", "Data", _DATA),
        Section("variables", "Decisions", _VARIABLES),
        Section("expressions", "Expressions", _EXPRESSIONS.format(operators=_entries(OPERATORS, "written"))),
        Section("functions", "Functions", _FUNCTIONS.format(functions=_entries(ENTRIES.values(), "function"))),
        Section("examples", "Two more models", _EXAMPLES.format(months=_yaml(MONTHS), choices=_yaml(CHOICES))),
        Section("spellings", "Other spellings", _SPELLINGS.format(taken=_taken(), refused=_refused())),
        Section("errors", "When something is wrong", _ERRORS.format(example=_error("x <= 5,000"))),
        Section("limits", "Limits", _limits()),
        Section("world", "The names in the examples", _WORLD.format(world=_yaml(WORLD))),
    )  # fmt: skip


def document() -> str:
    """-> the whole reference as Markdown (docs/LANGUAGE.md)."""
    parts = [f"## {s.title}\n\n{s.body.strip()}\n" for s in sections()]
    return "\n".join([_HEAD, *parts])


# tables --------------------------------------------------------------------------------------------------------------


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(r) + " |" for r in rows)])


def _code(text: str) -> str:
    """Text -> code in a table, where a bar would end the cell."""
    return f"`{text}`".replace("|", "\\|")


def _yaml(text: str) -> str:
    return f"```yaml\n{text.strip()}\n```"


def _top_level() -> str:
    return _table(("field", "says"), ((_code(k), v) for k, v in TOP_LEVEL.items() if k not in SECTIONS))


def _sections() -> str:
    shared = {f.name: f for name in ("constraints", "parameters") for f in SECTIONS[name] if f.name in _SHARED}
    parts = []
    for name, fields in SECTIONS.items():
        own = [(_code(f.name), _says(f)) for f in fields if f.name not in _SHARED or f.main]
        also = ", ".join(f"`{f.name}`" for f in fields if f.name in _SHARED)
        parts.append(f"**{name}**: {_OF_SECTION[name]} Beside {also}:\n\n{_table(('field', 'says'), own)}")
    common = _table(("field", "says"), ((_code(n), f.doc) for n, f in shared.items()))
    return "\n\n".join([f"These fields mean the same wherever they stand:\n\n{common}", *parts])


def _says(f: Field) -> str:
    marks = ["**must be given**"] * f.required + ["may stand alone: `name: value`"] * f.main
    return "; ".join([f.doc.replace("|", "\\|"), *marks])


def _entries(entries: Iterable[Entry], first: str) -> str:
    return _table((first, "meaning", "example"), ((_code(e.form), e.meaning, _code(e.example)) for e in entries))


def _taken() -> str:
    shown = [r for r in RULES if r.taken and r.apply is not braced_ranges]
    pairs = [pair for r in shown for pair in ((r.written, r.taken), *r.also)]
    return _table(("written", "read as"), ((_code(written), _code(taken)) for written, taken in pairs))


def _refused() -> str:
    rows = []
    for text in ("x <= 5,000", "x.value <= 3", "a => b", "!a == b", "1/2x <= 3", "a -> b -> c", "x == 1 | y == 2 and a",
                 "sum_{i in I} w[i] + v[i] <= 3", "NoOverlap(start, length)", "w[i] <= 3 for all i"):  # fmt: skip
        found = _diagnostic(text)
        rows.append((_code(text), found.expected, found.fix.replace("|", "\\|")))
    return _table(("written", "expected", "write"), rows)


def _diagnostic(text: str) -> Diagnostic:
    names = Names({n: Declared("variables") for n in "abcxyvw"})
    try:
        parse_expression(text, "constraints[2] `budget`", Spelling(names, "condition"))
    except DocumentError as e:
        return e.diagnostics[0]
    raise AssertionError(f"{text} is read")


def _error(text: str) -> str:
    return f"```\n{_diagnostic(text)}\n```"


def _limits() -> str:
    rows = (
        ("an expression", f"{limits.EXPRESSION_CHARACTERS:,} characters, {limits.EXPRESSION_DEPTH} brackets deep, "
                          f"{limits.EXPRESSION_NODES:,} parts, {limits.GENERATORS} `for`, "
                          f"{limits.SUBSCRIPT_ARITY} indices"),
        ("a name", f"{limits.NAME_CHARACTERS} characters"),
        ("a number", "within 2^53, about 9,000,000,000,000,000"),
        ("a set", f"{limits.SET_ELEMENTS:,} elements"),
        ("a section", f"{limits.SECTION_ITEMS} items: index them over a set"),
        ("a document without its data", f"{limits.DOCUMENT_BYTES:,} bytes"),
        ("a model with its data", f"{limits.GROUNDED_TERMS:,} terms"),
    )  # fmt: skip
    return _table(("of", "at most"), rows)


# prose ---------------------------------------------------------------------------------------------------------------

_SHARED = ("name", "over", "unit", "description", "quotes", "template")
_OF_SECTION = {
    "sets": "the things that are counted over.",
    "parameters": "what is known.",
    "variables": "what is to be decided.",
    "expressions": "a formula with a name, used by that name elsewhere and reported in the answer.",
    "constraints": "what must hold. Without a name they are c1, c2, ...",
    "objectives": "what is best. None: any solution will do.",
    "outputs": "what to report besides the decisions.",
}

_HEAD = """\
# The model language

A model says what is known, what is decided, what must hold and what is best. It is one document, written in YAML by a
person or in JSON by a program. What every construct means exactly is said in [SEMANTICS.md](SEMANTICS.md). This page is
generated from the program's own tables by `make reference`; every example on it is read and checked by a test.
"""

_FIRST = """\
{example}

Read it from above. There are two `Loaves`. For each loaf its flour and its price are known; 60 kg of flour are left.
`bake[l]` is how many loaves of kind `l` to bake: a whole number, and not below zero, because nothing else is said.
Two rules follow. The flour used, summed over the loaves, is at most the stock; and *for* each loaf `l` at least ten
are baked. Of all plans that keep the rules, the one with the highest takings is wanted.

The `quotes` are pieces of the problem's text, word for word. They cost nothing, and they let an answer say which
sentence stands in the way.
"""

_DOCUMENT = """\
A document begins with `nl2opt: 1`, the version of the language. Then come its sections, all of them optional. In YAML
a section is a map `name: ...`; in JSON it is a list of objects, each with its `name`. Names are letters, digits and
`_`, no function of this language and no word of Python such as `for`.

{top}

{sections}
"""

_SETS = """\
A set is a list of labels (`[rye, wheat]`), of integers, or of tuples (`[[north, south], [south, harbour]]`); or it is
computed: `range(1, 6)` is 1, 2, 3, 4, 5 (the last number is left out), `{(i, j) for i in A for j in A if i < j}` the
pairs, `A | B`, `A & B`, `A - B` union, intersection and difference. Sets keep the order they are written in.

`over: Loaves` gives one value for each loaf. `over: "l in Loaves, d in Days if d > 1"` names the indices, so that a
bound or a filter can use them. `for:` on a constraint says the same: the rule holds for each of them. `(a, b) in
Roads` takes the pairs of a set of pairs. A set may depend on an index: `near[a]`.

In a formula a label stands in quotes, `'rye'`; in lists of data it needs none.
"""

_DATA = """\
`value` is a number, a list in the order of the set (a list of lists for two indices), or a map by label. `rows` are
`[key, key, value]`; what is not given takes `default`. A parameter without a value is asked of the data: give `--data
prices.csv` (also XLSX and JSON), whose columns are named after the sets and parameters.
"""

_VARIABLES = """\
A decision has a `type`, `real`, `integer` or `binary` (0 or 1), or it takes an element of a set: `{over: Singers, in:
Rows}`. It is at least 0 unless `lower` says otherwise (`-inf` for no bound), and has no upper bound unless `upper`
says one. A binary is a condition: `open[s]` holds where it is 1, and counts 1 in a sum. So does a comparison:
`sum(row[s] == 'front' for s in Singers) == 2`.
"""

_EXPRESSIONS = """\
Formulas are written as in Python. From the loosest to the tightest:

{operators}

Numbers are exact: `0.7` is seven tenths. `x[i, j]` is the value at i and j; the index may be a decision. `inf` and
`pi` are constants. Lists stand in arguments of functions and in outputs: `[a, b]`, `[x[i] for i in I]`, and with `+`
one after the other.
"""

_FUNCTIONS = """\
These are all. `for i in I` may be repeated, and each may have `if`. A bare array stands for all its values:
`max(start)`.

{functions}
"""

_EXAMPLES = """\
Months in an order, a rule that may be broken at a price (`penalty`), and a list to report:

{months}

Decisions that are labels, pairs, and a rule between two indices:

{choices}
"""

_SPELLINGS = """\
What is plainly meant is read, with a note that says how; the printed document has the spelling of this page.

{taken}

What could mean two things is refused, and the message says what to write:

{refused}
"""

_WORLD = """\
The examples of operators and functions are about this model:

{world}
"""

_ERRORS = """\
All errors come at once, each with its place, what was found, what was expected and what to do:

{example}

Errors mean that there is no model, warnings that it may not say what was meant, notes need no action. The codes are
listed in [DIAGNOSTICS.md](DIAGNOSTICS.md).
"""
