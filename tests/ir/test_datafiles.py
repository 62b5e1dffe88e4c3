"""Data files as people hand them over: every kind read rightly or refused with file, sheet, row and column."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.errors import DataError, Nl2optError
from nl2opt.ir.bind import bind
from nl2opt.ir.datafiles import read_data
from nl2opt.ir.datafiles.columns import read_column
from nl2opt.ir.datafiles.grids import Cell, letters
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model

CASES = Path(__file__).parents[1] / "cases"
BAD = CASES / "bad_input"


def read(body: str) -> Model:
    return read_document("nl2opt: 1\n" + body)


def values(instance: Instance, name: str) -> dict[Any, Any]:
    p = instance.parameters[name]
    return {k[0] if len(k) == 1 else k: p.at(k) for k in p.domain.keys}


def csv(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def xlsx(folder: Path, sheets: dict[str, list[list[Any]]], name: str = "plan.xlsx") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / name)
    return folder / name


def refused(paths: Any, model: Model) -> str:
    with pytest.raises(DataError) as caught:
        bind(model, read_data(paths, model).values)
    return str(caught.value)


# the files of a careless or hostile person ----------------------------------------------------------------------------

EXPECTED = json.loads((BAD / "expectations.json").read_text(encoding="utf-8"))["files"]
FILES = sorted(name for name in EXPECTED if name.startswith("data/"))


@pytest.mark.parametrize("name", FILES)
def test_hostile_file(name: str) -> None:
    """What has to happen with each file is said in expectations.json, written without knowledge of this code."""
    expected = EXPECTED[name]
    model = read_document(BAD / "data" / expected["document"])
    try:
        instance = bind(model, read_data(BAD / name, model).values)
    except Nl2optError as e:
        assert "refuse" in expected["must"], str(e)
        for kind, place in expected.get("at", {}).items():
            if kind != "file":
                assert (f"row {place}" if kind == "row" else str(place)) in str(e)
        return
    assert expected["must"].startswith("read")
    for parameter, wanted in expected["values"].items():
        found = {str(k): v for k, v in values(instance, parameter).items()}
        assert found == {k: Fraction(repr(v)) for k, v in wanted.items()}


def test_notes_say_what_was_taken_for_what() -> None:
    """Spaces, case, text for numbers, unused columns, hidden and unrelated sheets get a note with their place."""
    model = read_document(BAD / "data" / "plan_fixed.yaml")
    notes = {n.message for n in read_data(BAD / "data" / "spaces_case.csv", model).notes}
    assert notes == {"taken as `price`", "taken as `hours`", "taken as `product`",
                     "labels spelled otherwise than in the set"}  # fmt: skip
    plan = read_document(BAD / "data" / "plan.yaml")
    for file, message, place in (
        ("extra_column.csv", "binds to nothing", "row 1, column 'colour'"),
        ("number_as_text.xlsx", "stored as text", "cell B2"),
        ("hidden_sheet.xlsx", "hidden sheet", "'old'"),
        ("two_sheets.xlsx", "binds to nothing", "'notes'"),
        ("thousands.csv", "thousands", "row 2, column 'price'"),
        ("semicolon_decimal_comma.csv", "decimal commas", "row 2, column 'price'"),
    ):
        found = read_data(BAD / "data" / file, plan).notes
        assert any(message in n.message and place in n.where and n.severity == "note" for n in found), file


# forms of tables -----------------------------------------------------------------------------------------------------

PLAN = read(
    "sets: {P: [oak, pine], M: [jan, feb, mar]}\n"
    "parameters: {cost: {over: 'P, M'}, price: {over: P}, hours: {type: real}, days: {type: integer, value: 5}}"
)
LONG = "P,M,cost\noak,jan,1\noak,feb,2\noak,mar,3\npine,jan,4\npine,feb,5.5\npine,mar,6\n"
COST = {("oak", "jan"): 1, ("oak", "feb"): 2, ("oak", "mar"): 3, ("pine", "jan"): 4, ("pine", "feb"): Fraction(11, 2),
        ("pine", "mar"): 6}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("costs.csv", LONG),
        ("costs.csv", LONG.replace("P,M,cost", "wood,month,cost")),
        ("cost.csv", "P,jan,feb,mar\noak,1,2,3\npine,4,5.5,6\n"),
        ("cost.csv", ",mar,jan,feb\npine,6,4,5.5\noak,3,1,2\n"),
        ("cost.csv", LONG.replace("cost", "value")),
        ("x.csv", "cost,jan,feb,mar\noak,1,2,3\npine,4,5.5,6\n"),
        ("costs.csv", "M,cost,P\njan,1,oak\nfeb,2,oak\nmar,3,oak\njan,4,pine\nfeb,5.5,pine\nmar,6,pine\n"),
        ("costs.csv", LONG.replace("cost", "Cost [EUR]")),
    ],
    ids=["long", "by position", "matrix", "matrix reordered", "named file", "corner", "column order", "unit in header"],
)  # fmt: skip
def test_a_table_of_two_indices(tmp_path: Path, name: str, text: str) -> None:
    """Long form, in any column order, and matrices with headers hold the same values."""
    files = [csv(tmp_path, name, text), csv(tmp_path, "rest.csv", "name,value\nhours,7.5\n"),
             csv(tmp_path, "price.csv", "P,price\noak,10\npine,20\n")]  # fmt: skip
    data = read_data(files, PLAN)
    instance = bind(PLAN, data.values)
    assert values(instance, "cost") == COST
    assert values(instance, "price") == {"oak": 10, "pine": 20}
    assert values(instance, "hours") == {(): Fraction(15, 2)}


def test_a_workbook_with_a_sheet_for_each(tmp_path: Path) -> None:
    """Sheets named after parameters and sets, scalars by name, dates as labels."""
    model = read(
        "sets: {P: null, Days: null, Arcs: null, near: {over: P}}\n"
        "parameters: {cost: {over: 'P, Days'}, hours: {}, days: {type: integer}, fare: {over: '(a, b) in Arcs'},"
        " on: {over: P, type: binary}, paint: {over: P, in: P}}"
    )
    day = datetime.date(2026, 3, 1)
    path = xlsx(tmp_path, {
        "P": [["P", "on", "paint"], ["oak", True, "pine"], ["pine", 0, "oak"]],
        "cost": [[None, day, "later"], ["oak", 1, 2.5], ["pine", 3, 4]],
        "general": [["name", "value"], ["hours", 7.5], ["days", 5]],
        "Arcs": [["from", "to", "fare"], ["x", "y", 3], ["y", "z", 4]],
        "near": [["P", "near"], ["oak", "pine"], ["pine", "oak"], ["pine", "pine"]],
    })  # fmt: skip
    data = read_data(path, model)
    i = bind(model, data.values)
    assert i.sets["P"].elements == ("oak", "pine")
    assert i.sets["Days"].elements == ("2026-03-01", "later")
    assert values(i, "cost")["oak", "later"] == Fraction(5, 2)
    assert values(i, "hours") == {(): Fraction(15, 2)}
    assert values(i, "fare") == {("x", "y"): 3, ("y", "z"): 4}
    assert values(i, "on") == {"oak": 1, "pine": 0}
    assert i.parameters["paint"].elements == ("pine", "oak")
    assert i.indexed_sets["near"][("pine",)].elements == ("oak", "pine")
    assert any("date" in n.message for n in data.notes)


def test_sets_from_files(tmp_path: Path) -> None:
    """One column lists a set, several a set of tuples; whole numbers make integers."""
    model = read("sets: {P: null, Steps: null, Arcs: null}")
    files = [csv(tmp_path, "P.csv", "P\noak\npine\n"), csv(tmp_path, "steps.csv", "step\n3\n1\n2\n"),
             csv(tmp_path, "Arcs.csv", "from,to\n1,2\n2,10\n")]  # fmt: skip
    i = bind(model, read_data(files, model).values)
    assert i.sets["P"].elements == ("oak", "pine")
    assert i.sets["Steps"].elements == (3, 1, 2)
    assert i.sets["Arcs"].elements == ((1, 2), (2, 10))
    assert "first row is no header" in refused([csv(tmp_path, "P.csv", "oak\npine\n"), *files[1:]], model)


def test_csv_and_json_of_a_case_agree() -> None:
    """The two forms of one instance bind to the same instance."""
    folder = CASES / "b05_transport_csv"
    model = read_document(folder / "model.yaml")
    a = bind(model, read_data(sorted(folder.glob("*.csv")), model).values)
    b = bind(model, read_data(folder / "data.json", model).values)
    assert a.sets == b.sets
    assert {p: a.parameters[p].exact for p in a.parameters} == {p: b.parameters[p].exact for p in b.parameters}


def test_defaults_fill_empty_cells(tmp_path: Path) -> None:
    """With a declared default an empty cell or a missing row is the default."""
    model = read("sets: {P: [a, b, c]}\nparameters: {c: {over: P, default: 9}}")
    i = bind(model, read_data(csv(tmp_path, "x.csv", "P,c\na,1\nb,\n"), model).values)
    assert values(i, "c") == {"a": 1, "b": 9, "c": 9}


def test_json_decimals_are_exact(tmp_path: Path) -> None:
    """Decimals of any length keep their digits."""
    model = read("parameters: {a: null, b: null, c: null, d: null}")
    path = tmp_path / "data.json"
    path.write_text('{"a": 0.1, "b": 0.12345678901234567890123, "c": 1e-3, "d": 123456789.123456789}')
    i = bind(model, read_data(path, model).values)
    assert i.parameters["a"].exact == (Fraction(1, 10),)
    assert i.parameters["b"].exact == (Fraction("0.12345678901234567890123"),)
    assert i.parameters["c"].exact == (Fraction(1, 1000),)
    assert i.parameters["d"].exact == (Fraction("123456789.123456789"),)


def test_json_names_in_other_case_get_a_note(tmp_path: Path) -> None:
    """A JSON name is matched without regard to case only where that is unambiguous."""
    model = read("parameters: {a: null, b: null, B: null}")
    path = tmp_path / "data.json"
    path.write_text('{"A": 1, "b": 2, "B": 3}')
    data = read_data(path, model)
    assert dict(data.values) == {"a": 1, "b": 2, "B": 3}
    assert [n.code for n in data.notes] == ["D254"]


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({"a.csv": "P,price\noak,1\npine,2\n", "b.csv": "P,price\noak,1\npine,2\n"}, "given twice"),
        ({"a.csv": "P,price\noak,1\nelm,2\n"}, "row 3, column 'P'"),
        ({"a.csv": "P,price\noak,1\npien,2\n"}, "did you mean `pine`"),
        ({"a.csv": "P,price\noak,1\n,2\n"}, "a key is missing"),
        ({"a.csv": "P,price\noak,1\n"}, "no row for [pine]"),
        ({"a.csv": "x,y,price\noak,1,2\n"}, "cannot be told"),
        ({"a.csv": "P,price\noak,2026-03-01\npine,2\n"}, "row 2, column 'price'"),
        ({"a.csv": "P,price\noak,1_000\npine,2\n"}, "row 2, column 'price'"),
        ({"a.csv": "P,price\noak,0x10\npine,2\n"}, "row 2, column 'price'"),
        ({"a.csv": "P,price\noak,１２\npine,2\n"}, "row 2, column 'price'"),
        ({"a.csv": 'P,price\noak,"4,5"\npine,2\n'}, "separated by commas"),
        ({"a.csv": 'P;price\noak;"4,5"\npine;2.5\n'}, "decimal commas and decimal points"),
        ({"a.txt": "P price\noak 1\n"}, "nothing in this table"),
        ({"a.ods": "x"}, "a kind of file"),
        ({"a.csv": "name,value\nhuors,1\ndays,2\n"}, "did you mean `hours`"),
        ({"a.csv": "name,value\nhours,1\nhours,2\n"}, "given twice"),
        ({"cost.csv": ",jan,feb,jan\noak,1,2,3\n"}, "row 2, column 'jan'"),
        ({"cost.csv": ",jan,feb\noak,1\n"}, "row 2, column 'feb'"),
        ({"cost.csv": ",jan,dec\noak,1,2\n"}, "not an element of `M`"),
        ({"a.json": "[1, 2]"}, "object"),
        ({"a.json": '{"price": {"oak": 1, "oak": 2}}'}, "`price.oak`"),
    ],
)
def test_refused_with_its_place(tmp_path: Path, files: dict[str, str], text: str) -> None:
    """What cannot be read in one way only is refused, with its place."""
    assert text in refused([csv(tmp_path, n, t) for n, t in files.items()], PLAN)


def test_a_missing_file_and_all_faults_at_once(tmp_path: Path) -> None:
    """Faults of several files and cells come together."""
    good = csv(tmp_path, "a.csv", "P,price\noak,x\npine,y\n")
    with pytest.raises(DataError) as caught:
        read_data([tmp_path / "none.csv", good, csv(tmp_path, "b.csv", "M;cost\n")], PLAN)
    wheres = [d.where for d in caught.value.diagnostics]
    assert {"none.csv", "a.csv row 2, column 'price'", "a.csv row 3, column 'price'", "b.csv row 2"} <= set(wheres)


def test_thousands_of_like_faults_are_not_all_listed(tmp_path: Path) -> None:
    """Of faults of one kind in one file a hundred are enough."""
    text = "P,price\n" + "".join(f"p{i},x\n" for i in range(5000))
    model = read("sets: {P: null}\nparameters: {price: {over: P}}")
    with pytest.raises(DataError) as caught:
        read_data(csv(tmp_path, "a.csv", text), model)
    assert len(caught.value.diagnostics) == 101
    assert "more like it" in caught.value.diagnostics[-1].message


# how a column writes numbers -----------------------------------------------------------------------------------------

COLUMNS: list[tuple[list[str], bool, list[Any]]] = [
    (["1", "2.5", "-3", "+4", ".5", "5.", "1e3"], True, [1, "2.5", -3, 4, "0.5", 5, 1000]),
    (["4,5", "3,25", "5"], False, ["4.5", "3.25", 5]),
    (["4,5", "3,25"], True, [None, None]),
    (["1,250"], False, [None]),
    (["1,250"], True, [None]),
    (["1,250", "4,5"], False, ["1.25", "4.5"]),
    (["1,250", "1,250,000"], True, [1250, 1250000]),
    (["1.250,5", "2"], False, ["1250.5", 2]),
    (["1.250.000", "3"], False, [1250000, 3]),
    (["1.250", "4,5"], False, [None, None]),
    (["1.250"], False, ["1.25"]),
    (["0,250"], False, ["0.25"]),
    (["4,5", "2.5"], False, [None, None]),
    (["1,234.5", "4,5"], False, [None, None]),
    (["1 250", "1\u00a0250\u202f000", "12'500"], True, [1250, 1250000, 12500]),
    (["10 %", "12.5%", "150%"], True, ["0.1", "0.125", "1.5"]),
    (["12,5 %"], False, ["0.125"]),
    (["−3.5", "–2"], True, ["-3.5", -2]),
    (["nan", "inf", "1e400", "1e20", "", "--1", "1 2", "12 34", "3h", "$5", "n/a", "TRUE"], True, [None] * 12),
]


@pytest.mark.parametrize(("texts", "comma", "expected"), COLUMNS)
def test_column(texts: list[str], comma: bool, expected: list[Any]) -> None:
    """How a number is written is decided over the whole column; what can mean two numbers is refused."""
    readings = read_column([Cell(t, "text", n, 0) for n, t in enumerate(texts)], comma)
    found = [None if r.value is None else Fraction(str(r.value)) for r in readings]
    assert found == [None if e is None else Fraction(e) for e in expected]
    assert all(r.problem for r in readings if r.value is None)


@given(st.lists(st.decimals(-(10**9), 10**9, places=3), min_size=1, max_size=8), st.sampled_from([",", ";", "\t"]))
@settings(max_examples=150, deadline=None)
def test_printed_numbers_come_back(numbers: list[Decimal], delimiter: str) -> None:
    """Plain decimals read as themselves under every delimiter."""
    readings = read_column([Cell(str(n), "text", i, 0) for i, n in enumerate(numbers)], delimiter == ",")
    assert [Fraction(str(r.value)) for r in readings] == [Fraction(n) for n in numbers]


@given(st.text(max_size=12))
@settings(max_examples=300, deadline=None)
def test_any_cell_is_read_or_refused(text: str) -> None:
    """A cell gives one number or one reason."""
    (reading,) = read_column([Cell(text, "text", 1, 0)], True)
    assert (reading.value is None) == bool(reading.problem)


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """No file of any kind makes anything but data or a DataError."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for name in ("x.csv", "x.json", "x.xlsx"):
            path = Path(folder) / name
            path.write_bytes(raw)
            try:
                read_data(path, PLAN)
            except DataError as e:
                assert e.diagnostics


def test_letters() -> None:
    """Columns are named as spreadsheets name them."""
    assert [letters(c) for c in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


# where a wrong value came from ------------------------------------------------------------------------------------

SHOP = """
sets: {Goods: [soap, wax]}
parameters:
  n: {type: integer, value: null}
  cost: {over: Goods, type: integer, value: null}
"""


def test_values_of_a_wrong_type_name_their_cell(tmp_path: Path) -> None:
    """D109 of a table: the file, the row and the column of the value."""
    table = csv(tmp_path, "costs.csv", "Goods,cost\nsoap,2\nwax,2.5\n")
    numbers = csv(tmp_path, "numbers.csv", "name,value\nn,1.5\n")
    text = refused([table, numbers], read(SHOP))
    assert "parameter `cost`, costs.csv" in text and "costs.csv row 3, column 'cost'" in text
    assert "numbers.csv row 2" in text


def test_keys_and_names_of_a_json_file_name_the_file(tmp_path: Path) -> None:
    """D102, D103 and D104 of a JSON file."""
    data = tmp_path / "shop.json"
    data.write_text('{"n": 1, "cost": {"soap": 1, "wick": 2}, "rent": 3}', encoding="utf-8")
    with pytest.raises(DataError) as caught:
        bind(read(SHOP), read_data(data, read(SHOP)).values)
    found = {d.code: d.where for d in caught.value.diagnostics}
    assert set(found) == {"D102", "D103", "D104"}
    assert all("shop.json" in where for where in found.values())


def test_a_missing_column_names_the_nearest_headers_only(tmp_path: Path) -> None:
    """Of many headers the three nearest are shown, beside the name that is missing."""
    table = csv(
        tmp_path,
        "shop.csv",
        "Goods,n,colour,width,costs_of_1,weight,height,age\nsoap,1,a,b,1,2,3,4\nwax,1,a,b,1,2,3,4\n",
    )
    text = refused(table, read(SHOP.replace("n: {type", "n: {over: Goods, type")))
    assert "asks for: cost" in text and "costs_of_1" in text
    assert sum(h in text for h in ("colour", "width", "weight", "height", "age")) <= 2
