"""bind: every form of inline and outside data, sets sized by data, and every fault reported together."""

from __future__ import annotations

import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.errors import DataError, LimitExceeded, Nl2optError
from nl2opt.ir import limits
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model, Parameter, Set, Variable
from nl2opt.ir.text import parse_over

CASES = Path(__file__).parents[1] / "cases"


def read(body: str) -> Model:
    return read_document("nl2opt: 1\n" + body)


def values(instance: Instance, name: str) -> dict[tuple[Any, ...], Any]:
    p = instance.parameters[name]
    return {k: p.at(k) for k in p.domain.keys}


def codes(model: Model, data: Any = None) -> list[str]:
    with pytest.raises(DataError) as caught:
        bind(model, data)
    return [d.code for d in caught.value.diagnostics]


GRID = read("sets: {I: [a, b], J: [1, 2, 3]}\nparameters: {c: {over: 'I, J'}}")
WANTED = {(i, j): Fraction(n) for n, (i, j) in enumerate((i, j) for i in "ab" for j in (1, 2, 3))}


@pytest.mark.parametrize(
    "raw",
    [
        [[0, 1, 2], [3, 4, 5]],
        [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]],
        [[Decimal(0), 1, 2], [Fraction(3), 4, 5]],
        ((0, 1, 2), (3, 4, 5)),
        np.arange(6).reshape(2, 3),
        np.arange(6.0).reshape(2, 3),
        np.arange(6, dtype=np.float32).reshape(2, 3),
        {"a": {1: 0, 2: 1, 3: 2}, "b": {"1": 3, "2": 4, "3": 5}},
        {"a": [0, 1, 2], "b": [3, 4, 5]},
        {("a", 1): 0, ("a", 2): 1, ("a", 3): 2, ("b", 1): 3, ("b", 2): 4, ("b", "3"): 5},
        [["a", 1, 0], ["a", 2, 1], ["a", 3, 2], ["b", 1, 3], ["b", 2, 4], ["b", "3", 5]],
        {"rows": [["b", 1, 3], ["b", 2, 4], ["b", 3, 5], ["a", 1, 0], ["a", 2, 1], ["a", 3, 2]]},
    ],
    ids=["nested", "floats", "exact", "tuples", "ints", "array", "float32", "maps", "lists by key", "keys", "rows",
         "named rows"],
)  # fmt: skip
def test_every_form_of_data_gives_the_same_values(raw: Any) -> None:
    """Dense, keyed and row data, of Python or numpy numbers, mean the same."""
    assert values(bind(GRID, {"c": raw}), "c") == WANTED


def test_arithmetic_of_literals_in_data() -> None:
    """A text of numbers and signs is computed exactly, in every form of data, as in a document's `value`."""
    model = read("sets: {I: [a, b]}\nparameters: {c: {over: I}, s: {type: integer}}")
    for raw in (["1/4", "2*60"], {"a": "0.5 / 2", "b": "-(3 - 123)"}, [["a", "1/4"], ["b", 120]]):
        instance = bind(model, {"c": raw, "s": "7 * 24 * 60 - 1"})
        assert values(instance, "c") == {("a",): Fraction(1, 4), ("b",): 120}
        assert values(instance, "s") == {(): 10079}


def test_a_float_is_its_shortest_decimal() -> None:
    """0.1 is 1/10 whether it comes as a float, a float32, a Decimal or in an array."""
    model = read("sets: {I: [a]}\nparameters: {c: {over: I}, s: {}}")
    for raw in (0.1, np.float32(0.1), Decimal("0.1"), np.float64(0.1)):
        assert bind(model, {"c": [1], "s": raw}).parameters["s"].exact == (Fraction(1, 10),)
    for raw in ([0.1], np.array([0.1]), np.array([0.1], dtype=np.float32)):
        assert bind(model, {"c": raw, "s": 0}).parameters["c"].exact == (Fraction(1, 10),)


def test_a_million_numbers_bind_fast() -> None:
    """The numpy path makes no fraction of any value."""
    model = read("sets: {I: range(1000), J: range(1000)}\nparameters: {c: {over: 'I, J'}}")
    raw = np.random.default_rng(0).random((1000, 1000))
    bind(model, {"c": raw})
    best = min(_seconds(lambda: bind(model, {"c": raw})) for _ in range(3))
    assert best < 0.3, f"{best:.3f} s; about 0.03 on an idle machine"
    p = bind(model, {"c": raw}).parameters["c"]
    assert p.at((3, 7)) == Fraction(repr(float(raw[3, 7])))
    assert p._exact is None
    assert np.array_equal(p.array, raw.ravel())


def _seconds(run: Any) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def test_sets_sized_by_data_that_index_by_them() -> None:
    """`range(len(p))`, `range(len(p[0]))` read the shape of data whose sets do not exist yet."""
    model = read("sets: {I: range(len(c)), J: 'range(1, len(c[0]) + 1)'}\nparameters: {c: {over: 'I, J'}}")
    for raw in ([[1, 2, 3], [4, 5, 6]], np.ones((2, 3)), {0: {1: 1, 2: 1, 3: 1}, 1: {1: 1, 2: 1, 3: 1}}):
        instance = bind(model, {"c": raw})
        assert instance.sets["I"].elements == (0, 1)
        assert instance.sets["J"].elements == (1, 2, 3)
    inline = read("sets: {I: range(len(c))}\nparameters: {c: {over: I, value: [5, 6]}}")
    assert bind(inline).sets["I"].elements == (0, 1)


def test_declarations_resolve_in_any_order() -> None:
    """Sets, derived parameters and indexed sets may use what is declared below them."""
    model = read(
        "sets:\n  Big: '{i for i in I if p[i] > 1}'\n  I: range(n)\n  near: {over: i in I, elements: '{j for j in I"
        " if abs(i - j) == 1}'}\n"
        "parameters:\n  q: {over: i in I, value: '2 * p[i]'}\n  p: {over: I, value: [1, 2, 3]}\n  n: {value: 3}\n"
    )
    instance = bind(model)
    assert instance.sets["Big"].elements == (1, 2)
    assert values(instance, "q") == {(0,): 2, (1,): 4, (2,): 6}
    assert instance.indexed_sets["near"][(1,)].elements == (0, 2)


def test_circles_are_named() -> None:
    """A set that needs itself through a parameter is reported with the circle."""
    model = read("sets: {I: range(n)}\nparameters: {n: {value: sum(p)}, p: {over: I, value: 1}}")
    with pytest.raises(DataError) as caught:
        bind(model)
    assert [d.code for d in caught.value.diagnostics] == ["D110"]
    assert "I -> n -> p -> I" in caught.value.diagnostics[0].found


def test_inline_values() -> None:
    """Rows, defaults, symmetry, labels, expressions and tuple sets, as a document writes them."""
    model = read(
        "sets: {N: range(3), C: [red, blue], Arcs: {elements: [[a, b], [b, c]]}, T: [jan, feb]}\n"
        "parameters:\n"
        "  d: {over: 'N, N', symmetric: true, default: 0, rows: [[0, 1, 6], [0, 2, 9.5], [2, 0, 1]]}\n"
        "  paint: {over: N, in: C, value: [red, red, blue]}\n"
        "  first: {in: C, value: blue}\n"
        "  cost: {over: Arcs, value: [3, 4]}\n"
        "  fare: {over: '(a, b) in Arcs', rows: [[b, c, 2], [a, b, 1]]}\n"
        "  h: {value: '5 * 60'}\n"
        "  month: {over: T, value: {jan: 1, feb: '1 / 3'}}\n"
        "  grow: {over: t in T, value: 'position(t) + month[t]'}\n"
        "  opt: {default: 7}\n"
        "  pairs: {over: 'i in N, j in N if i < j', value: [1, 2, 3]}\n"
        "  full: {over: 'i in N, j in N if i < j', value: [[9, 1, 2], [9, 9, 3], [9, 9, 9]]}\n"
    )
    i = bind(model)
    assert values(i, "d") == {
        (0, 0): 0, (0, 1): 6, (0, 2): Fraction(19, 2), (1, 0): 6, (1, 1): 0, (1, 2): 0, (2, 0): 1, (2, 1): 0, (2, 2): 0,
    }  # fmt: skip
    assert i.parameters["paint"].elements == ("red", "red", "blue")
    assert i.parameters["first"].elements == ("blue",)
    assert values(i, "cost") == {("a", "b"): 3, ("b", "c"): 4}
    assert values(i, "fare") == {("a", "b"): 1, ("b", "c"): 2}
    assert values(i, "h") == {(): 300}
    assert values(i, "grow") == {("jan",): 1, ("feb",): Fraction(4, 3)}
    assert values(i, "opt") == {(): 7}
    assert values(i, "pairs") == values(i, "full") == {(0, 1): 1, (0, 2): 2, (1, 2): 3}


def test_data_go_before_inline_values() -> None:
    """Inline values are only defaults of the instance."""
    model = read("sets: {I: [a, b]}\nparameters: {n: {value: 3}, c: {over: I, value: [1, 2]}}")
    i = bind(model, {"n": 4, "I": ["x", "y"], "c": {"x": 5, "y": 6}})
    assert values(i, "n") == {(): 4}
    assert values(i, "c") == {("x",): 5, ("y",): 6}


def test_variables() -> None:
    """Bounds, filters, sets by key; lower 0 unless given, binary in 0..1, -inf frees."""
    model = read(
        "sets: {N: range(3), near: {over: N, elements: [[1], [0, 2], [1]]}}\n"
        "parameters: {cap: {over: N, value: [4, 5.5, 6]}}\n"
        "variables:\n"
        "  x: {over: i in N, type: real, upper: 'cap[i]'}\n"
        "  y: {over: 'i in N, j in N if i != j', type: integer, lower: -inf, upper: sum(cap)}\n"
        "  b: {over: N, type: binary}\n"
        "  go: {over: i in N, in: 'near[i]'}\n"
        "  pick: {in: N}\n"
    )
    v = bind(model).variables
    assert v["x"].upper == (4, Fraction(11, 2), 6) and v["x"].lower == (0, 0, 0)
    assert v["y"].domain.keys == ((0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1))
    assert v["y"].lower == (None,) * 6 and v["y"].upper == (Fraction(31, 2),) * 6
    assert v["b"].lower == (0,) * 3 and v["b"].upper == (1,) * 3
    assert v["go"].within is not None and [s.elements for s in v["go"].within] == [(1,), (0, 2), (1,)]
    assert v["pick"].within is not None and v["pick"].within[0].elements == (0, 1, 2)


def test_indexed_sets_from_data() -> None:
    """By key, by position, and by an index drawn from another indexed set."""
    model = read("sets: {I: [a, b], of: {over: I}}\nvariables: {x: {over: 'i in I, k in of[i]', type: binary}}")
    for raw in ({"a": [1, 2], "b": [2]}, [[1, 2], [2]]):
        i = bind(model, {"of": raw})
        assert i.indexed_sets["of"][("b",)].elements == (2,)
        assert i.variables["x"].domain.keys == (("a", 1), ("a", 2), ("b", 2))
        assert i.variables["x"].domain.axes[1].elements == (1, 2)


def test_text_and_integers_meet_where_the_set_decides() -> None:
    """An integer set takes text that spells an integer, a label set a number by its text; never both at once."""
    numbers = read("sets: {I: [1, 2]}\nparameters: {c: {over: I}}")
    assert values(bind(numbers, {"c": {"1": 5, "2": 6}}), "c") == {(1,): 5, (2,): 6}
    labels = read("sets: {I: ['1', '2']}\nparameters: {c: {over: I}}")
    assert values(bind(labels, {"c": {1: 5, 2: 6}}), "c") == {("1",): 5, ("2",): 6}
    assert codes(numbers, {"c": {"1": 5, 1: 6, 2: 7}}) == ["D106"]


ONE = "sets: {I: [oak, pine]}\nparameters: {c: {over: I}}"
FAULTS: list[tuple[str, str, Any, list[str], str]] = [
    ("missing", ONE, None, ["D101"], "c over I"),
    ("missing scalar and set", "sets: {I: null}\nparameters: {n: {unit: EUR}}", {}, ["D101"], "I (a set), n [EUR]"),
    ("unknown name", ONE, {"c": [1, 2], "d": 1}, ["D102"], "`d`"),
    ("near name", ONE, {"C": [1, 2], "c": [1, 2]}, ["D102"], "did you mean `c`"),
    ("a variable", ONE + "\nvariables: {x: {type: real}}", {"c": [1, 2], "x": 1}, ["D102"], "a decision"),
    ("missing key", ONE, {"c": {"oak": 1}}, ["D103"], "c[pine]"),
    ("null", ONE, {"c": [1, None]}, ["D103"], "c[pine]"),
    ("extra key", ONE, {"c": {"oak": 1, "pine": 2, "elm": 3}}, ["D104"], "[elm]"),
    ("near key", ONE, {"c": {"oak": 1, "pne": 2}}, ["D104", "D103"], "did you mean `pine`"),
    ("arity of a key", ONE, {"c": {("oak", 1): 1}}, ["D104", "D103"], "1 coordinates"),
    ("too long", ONE, {"c": [1, 2, 3]}, ["D105"], "3 values"),
    ("too deep", ONE, {"c": [[1, 2]]}, ["D105"], "2 values (I)"),
    ("a number for a table", ONE, {"c": 5}, ["D105"], "one value"),
    ("a table for a number", "parameters: {n: null}", {"n": [1]}, ["D105"], "one number"),
    ("array shape", ONE, {"c": np.ones((2, 2))}, ["D105"], "2 x 2"),
    ("text", ONE, {"c": ["1", 2]}, ["D107"], "without quotes"),
    ("a truth value", ONE, {"c": [True, 2]}, ["D107"], "c[oak] is True"),
    ("not finite", ONE, {"c": [float("nan"), float("inf")]}, ["D107"], "c[pine] = inf"),
    ("no limit", ONE, {"c": [1, "inf"]}, ["D107"], "leave the key out"),
    ("no limit, a float", ONE, {"c": [1, float("inf")]}, ["D107"], "leave the key out"),
    ("no arithmetic", ONE, {"c": ["1/0", "2 * oak"]}, ["D107"], "c[oak] is the text '1/0', c[pine]"),
    ("not finite array", ONE, {"c": np.array([np.nan, 1])}, ["D107"], "c[oak]"),
    ("too big", ONE, {"c": [2**60, 1]}, ["D107"], "c[oak]"),
    ("too big exact", ONE, {"c": [Fraction(2**60), 1]}, ["D112"], "c[oak]"),
    ("not whole", "parameters: {n: {type: integer}}", {"n": 2.5}, ["D109"], "n = 2.5"),
    ("not binary", "sets: {I: [a, b]}\nparameters: {n: {over: I, type: binary}}", {"n": [0, 2]}, ["D109"], "n[b]"),
    ("not an element", "sets: {C: [red]}\nparameters: {n: {in: C}}", {"n": "rde"}, ["D108"], "did you mean `red`"),
    ("element twice", "sets: {I: null}", {"I": ["a", "b", "a"]}, ["D106"], "a"),
    ("mixed set", "sets: {I: null}", {"I": ["a", 1]}, ["D111"], "a, 1"),
    ("mixed arity", "sets: {I: null}", {"I": [["a", "b"], ["a", "b", "c"]]}, ["D111"], "a"),
    ("no element", "sets: {I: null}", {"I": ["a", 1.5]}, ["D111"], "1.5"),
    ("no list", "sets: {I: null}", {"I": "abc"}, ["D105"], "list of elements"),
    ("key of an indexed set", "sets: {I: [a], of: {over: I}}", {"of": {"b": [1]}}, ["D104", "D103"], "b"),
    ("lists of an indexed set", "sets: {I: [a], of: {over: I}}", {"of": [[1], [2]]}, ["D105", "D103"], "1 lists"),
    ("row twice", ONE, {"c": {"rows": [["oak", 1], ["oak", 2], ["pine", 1]]}}, ["D106"], "c[oak]"),
    ("outside set", ONE + "\nvariables: {x: {over: i in I, type: real, upper: 'c[next(i)]'}}", {"c": [1, 2]},
     ["V102"], "i = pine"),
    ("bound without value", "variables: {x: {type: real, upper: 1 / 0}}", None, ["V103"], "variable `x`"),
    ("a variable in a bound", "variables: {x: {type: real}, y: {type: real, upper: x}}", None, ["V110"], "`x`"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "data", "expected", "text"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_fault(body: str, data: Any, expected: list[str], text: str) -> None:
    """Each fault has its code and names its place."""
    with pytest.raises(DataError) as caught:
        bind(read(body), data)
    assert [d.code for d in caught.value.diagnostics] == expected
    assert text in str(caught.value)


def test_all_faults_at_once() -> None:
    """Independent faults are reported together; what only follows from them is not."""
    model = read("sets: {I: [a, b], J: null}\nparameters: {n: {type: integer}, c: {over: I}, d: {over: J}, e: null}")
    assert codes(model, {"n": 1.5, "c": [1], "z": 1}) == ["D101", "D102", "D109", "D105"]


@pytest.mark.parametrize("text", ["range(10 ** 9)", "range(2 * 10 ** 6)"])
def test_limits(text: str) -> None:
    """A set beyond the limit is refused at once."""
    with pytest.raises(LimitExceeded):
        bind(read(f"sets: {{I: '{text}'}}"))
    with pytest.raises(LimitExceeded):
        bind(read("sets: {I: range(3000)}\nvariables: {x: {over: 'I, I', type: binary}}"))


def test_too_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deriving a set is bounded in steps, not only in size."""
    monkeypatch.setattr(limits, "SET_STEPS", 10**4)
    with pytest.raises(LimitExceeded):
        bind(Model(sets=(read("sets: {I: '{i for i in range(10 ** 6) for j in range(10 ** 6) if i + j < 0}'}").sets)))


def test_names_of_the_dataclasses_suffice() -> None:
    """A model built without a document binds too."""
    model = Model(
        sets=(Set("I", ("a", "b")),),
        parameters=(Parameter("c", parse_over("I")),),
        variables=(Variable("x", parse_over("I"), "real"),),
    )
    assert bind(model, {"c": [1, 2]}).variables["x"].lower == (0, 0)


@pytest.mark.parametrize("path", sorted(CASES.glob("*/model.yaml")), ids=lambda p: p.parent.name)
def test_every_case_binds(path: Path) -> None:
    """The instance of every case binds from its document and data.json."""
    from nl2opt.ir.datafiles import read_data

    model = read_document(path)
    data = path.with_name("data.json")
    instance = bind(model, read_data(data, model).values if data.exists() else None)
    assert set(instance.variables) == {v.name for v in model.variables}


@given(
    st.lists(
        st.lists(st.one_of(st.integers(-9, 9), st.floats(-9, 9), st.text(max_size=2), st.none()), max_size=4),
        max_size=4,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_nested_list_binds_or_is_refused(raw: list[list[Any]]) -> None:
    """No data make anything but an instance or a DataError."""
    try:
        instance = bind(GRID, {"c": raw})
    except Nl2optError as e:
        assert e.diagnostics
    else:
        assert len(instance.parameters["c"].exact) == 6
