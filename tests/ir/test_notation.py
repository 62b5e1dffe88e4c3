"""Near-miss spellings: each is taken as the language says it, or refused with the fix; canonical text never changes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_expressions import EXPRESSIONS, TOKENS

import nl2opt
from nl2opt.errors import DocumentError
from nl2opt.ir.document import read_document
from nl2opt.ir.document.printer import print_yaml
from nl2opt.ir.model import Model
from nl2opt.ir.notation import Names, normalise
from nl2opt.ir.notation.names import Declared, Position, Refused
from nl2opt.ir.notation.normalise import RULES
from nl2opt.ir.notation.tokens import Group, Items, read_items
from nl2opt.ir.text import Spelling, parse_expression, parse_set, print_expression, print_over

ROOM = """
nl2opt: 1
sets:
  Shops: [north, south, harbour]
  Days: "range(1, n + 1)"
  Paints: [red, blue]
  Roads: {elements: [[north, south], [south, harbour]]}
  Crews: null
parameters:
  n: {type: integer, value: 5}
  cost: {over: "Shops, Days", default: 1}
  fare: {over: Roads, default: 2}
variables:
  x: {type: integer, upper: 9}
  y: {type: integer, upper: 9}
  a: {type: binary}
  b: {type: binary}
  open: {over: s in Shops, type: binary}
  sell: {over: "Shops, Days", type: integer, upper: 9}
  succ: {over: Shops, in: Shops}
  start: {over: Days, type: integer, upper: 30}
  paint: {over: Shops, in: Paints}
  drive: {over: Roads, type: binary}
"""

TAKEN = [
    # characters of mathematics
    ("x ≤ 5", "x <= 5"),
    ("x ≥ 2", "x >= 2"),
    ("x ≠ y", "x != y"),
    ("2·x − 3×y ≤ 4", "2 * x - 3 * y <= 4"),
    ("x² + y³ <= 9", "x ** 2 + y ** 3 <= 9"),
    ("∑(open[s] for s ∈ Shops) ≤ 2", "sum(open[s] for s in Shops) <= 2"),
    ("∑_{s ∈ Shops} open[s] ≥ 1", "sum(open[s] for s in Shops) >= 1"),
    ("∑_{s∈Shops} ∑_{d∈Days} cost[s,d]·sell[s,d] ≤ 90",
     "sum(sum(cost[s, d] * sell[s, d] for d in Days) for s in Shops) <= 90"),
    ("∀ s ∈ Shops: open[s] ≤ 1", "all(open[s] <= 1 for s in Shops)"),
    ("open[s] ≤ 1, ∀ s ∈ Shops", "all(open[s] <= 1 for s in Shops)"),
    ("x =< 3", "x <= 3"),
    ("x <> 3", "x != 3"),
    ("a ∧ ¬b", "a and not b"),
    ("a ⇒ b", "implies(a, b)"),
    # powers, equality, products
    ("x^2 <= 9", "x ** 2 <= 9"),
    ("2^x <= 9", "2 ** x <= 9"),
    ("x = 3", "x == 3"),
    ("sum(paint[s] = 'red' for s in Shops) <= 1", "sum(paint[s] == 'red' for s in Shops) <= 1"),
    ("x = y = 3", "x == y and y == 3"),
    ("2x + 3y <= 12", "2 * x + 3 * y <= 12"),
    ("2(x + 1) >= y", "2 * (x + 1) >= y"),
    ("3open['north'] <= x", "3 * open['north'] <= x"),
    ("0.5x <= 2", "0.5 * x <= 2"),
    ("2x^2 <= 9", "2 * x ** 2 <= 9"),
    # logic
    ("a && b", "a and b"),
    ("a || !b", "a or not b"),
    ("!(x >= 3 && y >= 3)", "not (x >= 3 and y >= 3)"),
    ("x == 1 & y == 2", "x == 1 and y == 2"),
    ("x == 1 | y == 2", "x == 1 or y == 2"),
    ("(x == 1) & (y == 2)", "x == 1 and y == 2"),
    ("a & b", "a and b"),
    ("~a | b", "not a or b"),
    ("x == 1 & a | y == 2", "x == 1 and a or y == 2"),
    ("a -> b", "implies(a, b)"),
    ("x >= 3 => y >= 2", "implies(x >= 3, y >= 2)"),
    ("a <-> x >= 1", "iff(a, x >= 1)"),
    ("x == 1 <=> y == 2", "iff(x == 1, y == 2)"),
    ("a -> (b -> x >= 1)", "implies(a, implies(b, x >= 1))"),
    ("a && b -> x >= 1", "implies(a and b, x >= 1)"),
    ("a AND NOT b", "a and not b"),
    ("(a == true) OR b", "a == True or b"),
    # quantifiers
    ("forall(s in Shops)(open[s] <= 1)", "all(open[s] <= 1 for s in Shops)"),
    ("forall(s in Shops, d in Days)(sell[s, d] <= x)", "all(sell[s, d] <= x for s in Shops for d in Days)"),
    ("forall(s in Shops where s != 'north')(open[s] <= 1)", "all(open[s] <= 1 for s in Shops if s != 'north')"),
    ("forall(d, e in Days where d < e)(start[d] <= start[e])",
     "all(start[d] <= start[e] for d in Days for e in Days if d < e)"),
    ("forall(open[s] <= 1 for s in Shops)", "all(open[s] <= 1 for s in Shops)"),
    ("forall(s in Shops, open[s] <= 1)", "all(open[s] <= 1 for s in Shops)"),
    ("a and (open[s] <= 1 for all s in Shops)", "a and all(open[s] <= 1 for s in Shops)"),
    ("exists(s in Shops)(open[s] == 1)", "any(open[s] == 1 for s in Shops)"),
    ("forall(s in Shops) (open[s] + x) <= 3", "all(open[s] + x <= 3 for s in Shops)"),
    ("forall(s in Shops)(open[s] <= 1) -> a", "implies(all(open[s] <= 1 for s in Shops), a)"),
    ("max(s in Shops)(open[s]) * 2 <= 3", "max(open[s] for s in Shops) * 2 <= 3"),
    ("sum_{s in Shops} (open[s] - 2)^2 <= 30", "sum((open[s] - 2) ** 2 for s in Shops) <= 30"),
    ("sum(s in Shops)(open[s]) <= 2", "sum(open[s] for s in Shops) <= 2"),
    ("sum(s in Shops) open[s] <= 2", "sum(open[s] for s in Shops) <= 2"),
    ("sum_{s in Shops} open[s] + x <= 2", "sum(open[s] for s in Shops) + x <= 2"),
    ("sum_{s in Shops, d in Days} cost[s][d] * sell[s][d] <= 90",
     "sum(cost[s, d] * sell[s, d] for s in Shops for d in Days) <= 90"),
    ("sum(open[s], s in Shops) <= 2", "sum(open[s] for s in Shops) <= 2"),
    ("sum(sell[s, d], s in Shops, d in Days) <= 20", "sum(sell[s, d] for s in Shops for d in Days) <= 20"),
    ("sum(sell[s, d] for s in Shops, d in Days) <= 20", "sum(sell[s, d] for s in Shops for d in Days) <= 20"),
    ("sum(sell[s, d] for s in Shops, d in Days if d > 1) <= 20",
     "sum(sell[s, d] for s in Shops for d in Days if d > 1) <= 20"),
    ("sum(max(sell[s, d], d in Days), s in Shops) <= 20", "sum(max(sell[s, d] for d in Days) for s in Shops) <= 20"),
    ("sum(open[s] for all s in Shops) <= 2", "sum(open[s] for s in Shops) <= 2"),
    ("open[s] <= 1 for all s in Shops", "all(open[s] <= 1 for s in Shops)"),
    ("open[s] <= 1 for s in Shops", "all(open[s] <= 1 for s in Shops)"),
    ("sell[s, d] <= 3 for each s in Shops, d in Days", "all(sell[s, d] <= 3 for s in Shops for d in Days)"),
    ("for s in Shops: open[s] <= 1", "all(open[s] <= 1 for s in Shops)"),
    ("drive[r] <= 1 forall (r, q) in Roads", None),
    ("drive[r, q] <= 1 forall (r, q) in Roads", "all(drive[r, q] <= 1 for (r, q) in Roads)"),
    ("all(start[d] != start[e] for d, e in Days if d < e)",
     "all(start[d] != start[e] for d in Days for e in Days if d < e)"),
    # sets, subscripts, labels
    ("x in 1..n", "x in range(1, n + 1)"),
    ("x in {1..5}", "x in range(1, 6)"),
    ("sum(start[d] for d in 1..n-1) <= 9", "sum(start[d] for d in range(1, n - 1 + 1)) <= 9"),
    ("sell['north'][2] <= 4", "sell['north', 2] <= 4"),
    ("sum(sell[:, 2]) <= 4", "sum(sell[i, 2] for i in Shops) <= 4"),
    ("sum(sell['north', *]) <= 4", "sum(sell['north', i] for i in Days) <= 4"),
    ("all_different(start[:])", "all_different(start)"),
    ("max(sell[:, :]) <= 4", "max(sell) <= 4"),
    ("paint['north'] == red", "paint['north'] == 'red'"),
    ("sell[north, 2] <= 4", "sell['north', 2] <= 4"),
    ("paint[north] in {red, blue}", "paint['north'] in {'red', 'blue'}"),
    ("paint['north'] == “red”", "paint['north'] == 'red'"),
    # functions of other libraries
    ("AllDifferent(start)", "all_different(start)"),
    ("alldifferent(start[d] for d in Days)", "all_different(start[d] for d in Days)"),
    ("AllDiff(start)", "all_different(start)"),
    ("Circuit(succ)", "circuit(succ)"),
    ("NoOverlap([(start[d], 2) for d in Days])", "no_overlap([(start[d], 2) for d in Days])"),
    ("disjunctive([(start[d], 2) for d in Days])", "no_overlap([(start[d], 2) for d in Days])"),
    ("Cumulative([(start[d], 2, 1) for d in Days], 3)", "cumulative([(start[d], 2, 1) for d in Days], 3)"),
    ("Sum(open) <= 2", "sum(open) <= 2"),
    ("quicksum(open[s] for s in Shops) <= 2", "sum(open[s] for s in Shops) <= 2"),
    ("ceiling(n / 2) <= x", "ceil(n / 2) <= x"),
]  # fmt: skip


def read(expr: str, more: str = "") -> Model:
    """One constraint, its text quoted as YAML has it, in the room of declarations."""
    quoted = expr.replace("'", "''")
    return read_document(f"{ROOM}constraints:\n  - {{name: rule, expr: '{quoted}'{more}}}\n")


@pytest.mark.parametrize(("written", "canonical"), [t for t in TAKEN if t[1]])
def test_taken(written: str, canonical: str) -> None:
    """Read as the canonical text is, with a note that says so; the printed document has it and brings no note."""
    model = read(written)
    assert print_expression(model.constraints[0].expr) == canonical
    assert model == read(canonical)
    assert model.notes and all(n.severity == "note" and n.code == "N01" for n in model.notes)
    kinds = [n.message for n in model.notes]
    assert len(set(kinds)) == len(kinds), "a kind is noted once an item"
    assert not read_document(print_yaml(model)).notes


REFUSED = [
    ("x <= 5,000", "E107", "5000"),
    ("x <= 1,234,567", "E107", "1234567"),
    ("max(x, y + 5,200) <= 3", "E107", "5200"),
    ("x.value <= 3", "E102", "attributes"),
    ("math.floor(x) <= 3", "E102", "methods"),
    ("a => b", "E102", "`a >= b` compares"),
    ("a -> b -> a", "E102", "implies"),
    ("1 <= x => 3", "E102", "`a >= b` compares"),
    ("sum(s in Shops)(x - 2)^2 <= 3", "E102", "sum(... for ...)"),
    ("max_{s in Shops} open[s] * 2 <= 3", "E102", "max(... for ...)"),
    ("prod(s in Shops) open[s] * 2 <= 3", "E102", "prod(... for ...)"),
    ("!a == b", "E102", "not (a == b)"),
    ("not a & b", "E102", "bind"),
    ("x == 1 | y == 2 and a", "E102", "bind"),
    ("x & 1 == 0", "E102", "bits"),
    ("|x| <= 3", "E102", "abs(x)"),
    ("(x == 1) ^ (y == 1)", "E102", "!="),
    ("any((open[s] == 1 for s in Shops), a)", "E102", ""),
    ("a and (open[s] <= 1 for s in Shops)", "E102", ""),
    ("2z <= 3", "E101", "2 * z"),
    ("1/2x <= 3", "E101", "1 / 2 * x"),
    ("n(x + 1) <= 3", "E101", "n * (x + 1)"),
    ("(x + 1)(y + 1) <= 3", "E101", "(x + 1) * (y + 1)"),
    ("cost['north', 1] x <= 3", "E101", "cost['north', 1] * x"),
    ("2 x y <= 3", "E101", "x * y"),
    ("sum_{s in Shops} open[s] + paint[s] <= 3", "E102", "sum(... for ...)"),
    ("sum_{s} open[s] <= 3", "E103", "for i in I"),
    ("open[s] <= 1 for all s", "E103", "for s in I"),
    ("forall(c, d in Crews)(x <= 1)", "E103", "c in S, d in S"),
    ("disjunctive(start, n)", "E104", "one list of tuples"),
    ("cumulative(start, n, n, 3)", "E104", ""),
    ("sell[:, 2] <= 4", "E102", "sum(x[i, j] for i in I)"),
    ("sum(fare[:, 'north']) <= 4", "E102", "fare[i, j]"),
    ("x in {1..3, 7}", "E102", "A | B"),
    ("count(start, 3) <= 2", "E105", "sum of comparisons"),
    ("If(a, x, y) <= 2", "E105", "if c else"),
    ("summ(open) <= 2", "E105", "sum"),
    ("x = 3 if a else y = 2 -> b", "E102", "brackets"),
    ("x == 1 <= ,", "E101", ""),
]


@pytest.mark.parametrize(("written", "code", "fix"), REFUSED)
def test_refused(written: str, code: str, fix: str) -> None:
    """What could mean two things, or nothing, is an error that says how to write it."""
    with pytest.raises(DocumentError) as e:
        read(written)
    assert e.value.diagnostics[0].code == code
    assert fix in e.value.diagnostics[0].fix


LEFT = [
    "max(x, y) in {1, 2}",
    "x in Days & {1, 2}",
    "x in Days | {1, 2} and a",
    "max(x, x in Days) <= 3",
    "sum(max(x, y in {1, 3}) for d in Days) <= 2",
    "sum(max(x, y in {1, 3}) - a for d in Days) <= 2",
    "paint['north'] != 'red & blue -> 5,000 x^2'",
    "prev(1, wrap=True) == 2",
    "sum(drive[r, q] for (r, q) in Roads) <= 2",
    "len({s for s in Shops if s in {'north'} & Shops}) <= 2",
    "min(5, 200) <= x",
    "len({d for d in range(2, x) if all(d % e != 0 for e in range(2, d))}) <= 2",
    "sum(x for d in Days if any(d == e for e in Days) and max(d, 2) > 1) <= 2",
]


@pytest.mark.parametrize("written", LEFT)
def test_left_alone(written: str) -> None:
    """Canonical text that looks like a slip."""
    assert normalise(written, "condition", NAMED)[0] == written
    assert not normalise(written, "condition", NAMED)[1]


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("s in Shops, d in Days", "s in Shops, d in Days"),
        ("for s in Shops", "s in Shops"),
        ("for all s in Shops, d in Days", "s in Shops, d in Days"),
        ("∀ s ∈ Shops", "s in Shops"),
        ("forall s in Shops, forall d in Days", "s in Shops, d in Days"),
        ("d, e in Days", "d in Days, e in Days"),
        ("p, q in Roads", "(p, q) in Roads"),
        ("d in Days, e in Days, d != e", "d in Days, e in Days if d != e"),
        ("d in Days where d > 1", "d in Days if d > 1"),
        ("d in 1..n", "d in range(1, n + 1)"),
        ("d in Days if d > 1 && d < 4", "d in Days if d > 1 and d < 4"),
        ("d in Days if d = 1", "d in Days if d == 1"),
        ("s in Shops if s ≠ north", "s in Shops if s != 'north'"),
        ("red in Paints", "red in Paints"),
    ],
)
def test_bindings(written: str, canonical: str) -> None:
    """The field `for`."""
    more = f', for: "{written}"'
    assert print_over(read("x <= 3", more).constraints[0].over) == canonical


def test_a_pair_of_a_set_from_data_is_asked() -> None:
    """`c, d in Crews` may be pairs or single elements, as the data will have it."""
    with pytest.raises(DocumentError, match="c in S, d in S"):
        read("x <= 3", ', for: "c, d in Crews"')


@pytest.mark.parametrize("rest", ["for all s", "for all s in Shops", "∀ s ∈ Shops"])
def test_for_all_said_twice(rest: str) -> None:
    """What the field `for` binds already is not bound again."""
    model = read(f"open[s] <= 1 {rest}", ", for: s in Shops")
    assert print_expression(model.constraints[0].expr) == "open[s] <= 1"
    assert model.notes


def test_for_all_of_another_set_is_no_repetition() -> None:
    """The same index over another set is left to the check of shadowing."""
    model = read("start[s] <= 1 for all s in Days", ", for: s in Shops")
    assert print_expression(model.constraints[0].expr) == "all(start[s] <= 1 for s in Days)"


def test_a_label_that_looks_like_a_constant() -> None:
    """`true` where a set lists the label `true`: either could be meant."""
    with pytest.raises(DocumentError, match="'true' or True"):
        read_document("""
nl2opt: 1
sets: {Answers: ['true', 'false']}
variables: {x: {in: Answers}}
constraints: ["x == true"]
""")


def test_sets_and_values() -> None:
    """Fields that hold sets, numbers and objectives."""
    model = read_document(
        """
nl2opt: 1
sets: {A: 1..3, B: 0..n-1, C: "A ∪ B", D: "{i in A | i > 1}"}
parameters: {n: 4, p: "2n^2"}
variables: {x: {type: integer, upper: 2n}}
objectives: [{maximize: "3x − 2"}]
""".replace(', D: "{i in A | i > 1}"', "")
    )
    shown = [print_expression(s.elements) for s in model.sets]  # type: ignore[arg-type]
    assert shown == ["range(1, 4)", "range(0, n - 1 + 1)", "A | B"]
    assert print_expression(model.parameters[1].value) == "2 * n ** 2"  # type: ignore[arg-type]
    assert print_expression(model.objectives[0].expr) == "3 * x - 2"


@pytest.mark.parametrize("field", ["objectives: [{minimize: 'z = 2 * x'}]", "expressions: {total: 'z = 2 * x'}",
                                   "outputs: {total: 'z = 2 * x'}"])  # fmt: skip
def test_a_value_has_no_name_of_its_own(field: str) -> None:
    """`z = ...` names a value where a value is expected: refused."""
    with pytest.raises(DocumentError, match="leave out"):
        read_document(f"{ROOM}{field}\n")


def test_every_rule_keeps_its_word() -> None:
    """The example of each rule in the table is what it does, and refused where it says so."""
    for rule in RULES:
        assert (rule.apply.__doc__ or "").strip(), rule.name
        position: Position = "over" if rule.name == "bindings_of_over" else "condition"
        if rule.taken:
            for written, taken in ((rule.written, rule.taken), *rule.also):
                assert normalise(written, position, EXAMPLES)[0] == taken, rule.name
        else:
            with pytest.raises(Refused):
                normalise(rule.written, position, EXAMPLES)


@pytest.mark.parametrize(
    "written", ["b in Goods", "a in Shops, b in Goods if cost[b] > 0", "(b, c) in Routes if b != c", "a in Shops"]
)
def test_an_index_that_is_a_label_too_stays_an_index(written: str) -> None:
    """`b` is a label of both sets, `c` of one; bound here, neither is taken for its label."""
    labels = {"Shops": ("a", "b", "c"), "Goods": ("a", "b")}
    names = Names({s: Declared("sets", arity=1, labels=frozenset(found)) for s, found in labels.items()})
    assert normalise(written, "over", names) == (written, ())
    with pytest.raises(DocumentError, match="E201"):
        parse_expression("a == b", spelling=Spelling(names))


EXAMPLES = Names(
    {
        "I": Declared("sets", arity=1),
        "J": Declared("sets", arity=1),
        "Colours": Declared("sets", arity=1, labels=frozenset(("red", "green"))),
        "x": Declared("variables"),
        "n": Declared("parameters"),
        "a": Declared("variables"),
        "b": Declared("variables"),
        "w": Declared("variables", (("", "I"),)),
        "open": Declared("variables", (("", "I"),)),
        "cost": Declared("parameters", (("", "I"), ("", "J"))),
        "f": Declared("variables", (("", "I"), ("", "J"))),
        "colour": Declared("variables", (("", "I"),)),
    },
    {"r": "I"},
)
NAMED = Names({"x": Declared("variables"), "y": Declared("variables"), "a": Declared("variables"),
               "Days": Declared("sets", arity=1), "Shops": Declared("sets", arity=1),
               "Roads": Declared("sets", arity=2)}, {})  # fmt: skip
HYPOTHESIS = Names(
    {n: Declared("sets") for n in ["x", "y", "cost", "stock_2", "größe", "A", "if_"]},
    dict.fromkeys(["i", "j", "t", "k1"], "A"),
)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, st.sampled_from(["condition", "value", "inner"]), st.sampled_from([None, HYPOTHESIS]))
def test_canonical_text_is_never_changed(e: object, position: Position, names: Names | None) -> None:
    """Printed text comes out as it went in, without a note, whatever is known of the names."""
    text = print_expression(e)  # type: ignore[arg-type]
    assert normalise(text, position, names) == (text, ())


SLIPS = (
    "∑ ∈ ∀ ≤ ² ^ -> => <-> && || ! ~ & | .. forall exists where all each sum_ A B i 2x 2 ( ) [ ] { } : = , “q” AND Red"
)


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from((TOKENS + SLIPS).split()), max_size=14), st.sampled_from(["", " "]), st.booleans(),
       st.sampled_from(["condition", "value", "set", "over"]))  # fmt: skip
def test_twice_is_once(tokens: list[str], blank: str, known: bool, position: Position) -> None:
    """What comes out is spelled: a second look changes nothing that can be read, and notes nothing."""
    names = EXAMPLES if known else None
    try:
        once, _ = normalise(blank.join(tokens), position, names)
        (parse_set if position == "set" else parse_expression)(once)
    except (Refused, DocumentError):
        return
    if position == "over" and once.split()[:1] == ["where"]:
        return  # a name like any other to the parser, and the word before a filter to the reader: no binding at all
    assert normalise(once, position, names) == (once, ())


@settings(max_examples=300, deadline=None)
@given(st.text("ab ≤²^&|->=!.,∑'1\"\\", max_size=10), st.sampled_from([
    "x ≤ 3 && c == {}", "forall(i in I)(c[i] = {})", "2x^2 + f[{}] -> !a", "sum_{{i in I}} w[i] + g[{}] <= 1..2",
]))  # fmt: skip
def test_labels_in_quotes_are_never_touched(label: str, slip: str) -> None:
    """A label is the person's own text."""
    quoted = repr(label)
    try:
        found, notes = normalise(slip.format(quoted), "condition", EXAMPLES)
    except Refused:
        return
    assert notes
    assert quoted in _strings(read_items(found) or ())


def _strings(items: Items) -> list[str]:
    return [s for i in items for s in (_strings(i.items) if isinstance(i, Group) else [i.text] * (i.kind == "string"))]


CARELESS = """
{"nl2opt": 1, "name": "staff",
"sets": [{"name": "Days", "elements": "1..7"}, {"name": "Staff", "elements": ["ann", "bob", "cy"]},
         {"name": "Shifts", "elements": ["early", "late"]}],
"parameters": [{"name": "need", "over": "Days, Shifts", "value": [[1,1],[1,1],[1,1],[1,1],[1,1],[1,0],[1,0]]},
               {"name": "wage", "over": "Staff", "value": [10, 12, 11]}],
"variables": [{"name": "work", "over": "s in Staff, d in Days, k in Shifts", "type": "binary"}],
"constraints": [
 {"name": "cover", "for": "∀ d ∈ Days, k ∈ Shifts", "expr": "∑_{s ∈ Staff} work[s][d][k] ≥ need[d,k]"},
 {"name": "one_shift", "expr": "forall(s in Staff, d in Days)(work[s,d,early] + work[s,d,late] <= 1)"},
 {"name": "rest", "expr": "work[s,d,late] -> !work[s,d+1,early] for all s in Staff, d in 1..6"},
 {"name": "week", "for": "s in Staff", "expr": "sum(work[s, d, k] for d in Days, k in Shifts) <= 5"},
 {"name": "ann_off", "expr": "work[ann,7,early] = 0 && work[ann,7,late] = 0"}],
"objectives": [{"sense": "minimize", "expr": "sum(wage[s] * work[s,d,k], s in Staff, d in Days, k in Shifts)"}]}
"""


def test_a_careless_document_is_solved() -> None:
    """Twelve shifts: ann and cy, the cheapest, take five each and bob two, 50 + 55 + 24."""
    model = nl2opt.read(CARELESS)
    assert not [d for d in nl2opt.check(model) if d.severity == "error"]
    assert nl2opt.solve(model).result.objective == pytest.approx(129)
    assert nl2opt.read(print_yaml(model)) == model and not nl2opt.read(print_yaml(model)).notes
