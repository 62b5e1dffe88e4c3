"""Requests in words become typed edits of a model, shown as a difference; what is not understood is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import nl2opt
from nl2opt.formulate.refine import refine
from nl2opt.formulate.refine.edits import AddConstraint, ChangeNumber, DropConstraint
from nl2opt.ir.model import Model
from nl2opt.ir.text import print_expression, print_over

DEPOT = nl2opt.read("""
nl2opt: 1
name: depot
sets:
  Routes: [north, south, coast]
  Days: [mon, tue, wed]
  Drivers: [ada, bo]
  Roads: {elements: [[yard, mill], [yard, port], [mill, port]]}
parameters:
  fuel: {over: Routes, rows: [[north, 40], [south, 55], [coast, 70]], unit: litre/truck, description: a truck burns}
  tank: {value: "2 * 300", unit: litre, description: fuel in the tank}
  shift: {value: 480, unit: minute, description: length of the working day}
  wage: 21
variables:
  send: {over: "Routes, Days", type: integer, unit: truck, description: trucks sent on a route}
  drives: {over: Days, in: Drivers}
  buy: {over: Routes, type: binary, description: licences bought}
  flow: {over: "(a, b) in Roads", type: real, unit: pallet}
constraints:
  - {name: fuel_left, for: d in Days, expr: "sum(fuel[r] * send[r, d] for r in Routes) <= tank"}
  - {name: coast_served, expr: "sum(send['coast', d] for d in Days) >= 2"}
  - {name: licence, for: "r in Routes, d in Days", expr: "implies(send[r, d] > 0, buy[r])"}
objectives: [{minimize: "sum(wage * send[r, d] for r in Routes for d in Days) + sum(flow)"}]
""")

ADDED = {
    "also at most three trucks on Monday": "sum(send[r, 'mon'] for r in Routes) <= 3",
    "At most three trucks each day.": "sum(send[r, d] for r in Routes) <= 3 for d in Days",
    "We must send at least 2 trucks to the coast on Tuesday": "send['coast', 'tue'] >= 2",
    "No more than 12 trucks in the north": "sum(send['north', d] for d in Days) <= 12",
    "at most 4 trucks per route and per day": "send[r, d] <= 4 for r in Routes, d in Days",
    "exactly two trucks go south on wednesday": "send['south', 'wed'] == 2",
    "Bo can drive at most one day": "sum(drives[d] == 'bo' for d in Days) <= 1",
    "At most 50 pallets from the yard to the port": (
        "sum(flow[a, b] for (a, b) in Roads if a == 'yard' and b == 'port') <= 50"
    ),
    "If we buy the north licence, then we must buy the coast licence.": "implies(buy['north'], buy['coast'])",
    "If the north licence is bought, the south licence must not be bought": "implies(buy['north'], not buy['south'])",
    "We cannot buy both the north and the south licence": "buy['north'] + buy['south'] <= 1",
    "Exactly one of north and coast is bought": "buy['north'] + buy['coast'] == 1",
    "At least one of north, south and coast must be bought": "buy['north'] or buy['south'] or buy['coast']",
}


def written(model: Model) -> str:
    """The last constraint of a model."""
    c = model.constraints[-1]
    return print_expression(c.expr) + (f" for {print_over(c.over)}" if c.over else "")


@pytest.mark.parametrize("request_", ADDED)
def test_a_rule_more(request_: str) -> None:
    """The constraint meant, with the request as its quote; the refined model is valid."""
    found = refine(DEPOT, request_)
    assert not found.refused, found.refused
    (edit,) = found.edits
    assert isinstance(edit, AddConstraint)
    assert written(found.after) == ADDED[request_]
    assert edit.constraint.anchors[0].text == request_.rstrip("\n")
    assert not [d for d in nl2opt.check(found.after) if d.severity == "error"]


@pytest.mark.parametrize(
    ("request_", "name", "key", "after"),
    [
        ("the wage is now 24", "wage", (), 24),
        ("Set the wage to 19.50", "wage", (), 19.5),
        ("The tank holds 700 litres instead of 600", "tank", (), 700),
        ("increase the tank by 10 %", "tank", (), 660),
        ("lower the tank by 100", "tank", (), 500),
        ("the shift is now 9 hours", "shift", (), 540),
        ("a truck to the coast burns 65 instead of 70 litres", "fuel", ("coast",), 65),
        ("change the fuel for the north to 42", "fuel", ("north",), 42),
    ],
)
def test_another_number(request_: str, name: str, key: tuple[str, ...], after: float) -> None:
    """The parameter meant by its name, its words, its labels or its old value; units are converted."""
    found = refine(DEPOT, request_)
    assert not found.refused, found.refused
    (edit,) = found.edits
    assert isinstance(edit, ChangeNumber)
    assert (edit.parameter, edit.key, float(edit.after)) == (name, key, after)
    assert nl2opt.bind(found.after).parameters[name].at(key) == edit.after


@pytest.mark.parametrize("request_", ["Forget the rule about fuel", "please drop the fuel limit", "remove fuel_left"])
def test_a_rule_less(request_: str) -> None:
    found = refine(DEPOT, request_)
    assert found.edits == (DropConstraint("fuel_left"),)
    assert [c.name for c in found.after.constraints] == ["coast_served", "licence"]


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ("paint the trucks blue", "one number"),
        ("three trucks on Monday", "direction"),
        ("at most three", "an amount"),
        ("at most three llamas on the moon", "an amount"),
        ("at most 3 or 4 trucks on Monday", "one number"),
        ("forget the rule about llamas", "one constraint"),
        ("the colour is now 5", "one number of the model"),
        ("We cannot buy both the north and the tuesday licence", "one set"),
        ("", ""),
    ],
)
def test_what_is_not_understood(request_: str, told: str) -> None:
    """Nothing is guessed: the model stays as it was, and the reason names what is missing."""
    found = refine(DEPOT, request_)
    assert found.after == DEPOT and not found.edits
    assert bool(found.refused) == bool(request_)
    assert all(told in d.expected for d in found.refused)


def test_several_requests_at_once() -> None:
    """Each sentence is an edit of its own; one that is not understood does not hold up the others."""
    found = refine(DEPOT, "At most three trucks on Monday. Paint them blue. The wage is now 24.")
    assert [type(e) for e in found.edits] == [AddConstraint, ChangeNumber]
    assert [d.where for d in found.refused] == ["Paint them blue."]
    assert "-  wage: 21" in found.difference.replace("    ", "  ") or "wage" in found.difference


def test_the_optimum_follows() -> None:
    """Refined models are solved: the added bound binds."""
    base = nl2opt.solve(DEPOT, time_limit=20).result.objective
    more = nl2opt.solve(refine(DEPOT, "at least 3 trucks each day").after, time_limit=20).result.objective
    assert (base, more) == (42.0, 189.0)


def test_quotes_stay_true_to_the_text() -> None:
    """A model that holds its text gets the request at its end, so every quote is still found."""
    formulated = nl2opt.formulate(
        "A farmer grows barley and beans. An acre of barley earns $120 and an acre of beans earns $90. "
        "Barley needs 3 hours of work per acre and beans need 2 hours per acre; 240 hours of work are available. "
        "The farmer has 100 acres of land. How many acres of each should be grown to maximize earnings?"
    ).require_model()
    found = refine(formulated, "At least 20 acres of beans. There are now 260 hours of work.")
    assert not found.refused, found.refused
    assert not [d for d in nl2opt.check(found.after) if d.severity == "error"]


def test_the_command_line(tmp_path: Path) -> None:
    """The difference is shown, the refined document written; a request not understood exits with 5."""
    from nl2opt.ir.document.printer import print_yaml

    old, new = tmp_path / "m.yaml", tmp_path / "new.yaml"
    old.write_text(print_yaml(DEPOT))

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "nl2opt.cli", "refine", str(old), *args]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    done = run("also at most three trucks on Monday", "-o", str(new))
    assert done.returncode == 0 and "+  expr:" in done.stdout.replace("+   ", "+  ")
    assert written(nl2opt.read(new)) == ADDED["also at most three trucks on Monday"]
    refused = run("paint it blue", "--json")
    assert refused.returncode == 5 and json.loads(refused.stdout)["refused"][0]["code"] == "R01"
