"""Families sampled, told and judged: the same for the same seed, true to their data, resumed after a kill."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.check.feasible import referee
from nl2opt.errors import DocumentError
from nl2opt.records import read_rows
from nl2opt.synth.family import Family, load_families
from nl2opt.synth.narrate import narrate
from nl2opt.synth.run import attempt, run
from nl2opt.synth.sample import Sample, sample

FAMILIES = load_families()
MIX = FAMILIES["product_mix"]


def best_mix(drawn: Sample) -> float:
    """The optimum of a product mix by enumeration, from its data alone."""
    data: dict[str, Any] = dict(drawn.data)
    use = {(r, g): v for r, g, v in data["use"]}
    stock, profit, ordered = (dict(map(tuple, data[name])) for name in ("stock", "profit", "ordered"))
    goods = data["Goods"]
    most = [min(stock[r] // use[r, g] for r in stock) for g in goods]
    best = -1.0
    for amounts in itertools.product(
        *(range(ordered.get(g, 0), m + 1) for g, m in zip(goods[:-1], most, strict=False))
    ):
        left = {r: stock[r] - sum(use[r, g] * a for g, a in zip(goods, amounts, strict=False)) for r in stock}
        last = min(left[r] // use[r, goods[-1]] for r in stock)
        if last >= ordered.get(goods[-1], 0):
            best = max(best, sum(profit[g] * a for g, a in zip(goods, (*amounts, last), strict=True)))
    return best


@given(st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_the_optimum_of_a_record_is_that_of_its_data(seed: int) -> None:
    """Found by enumeration; every number of the data stands in the text."""
    drawn = sample(MIX, seed)
    row = attempt(MIX, seed)
    assert row["optimum"] == pytest.approx(best_mix(drawn))
    for name in ("use", "stock", "profit", "ordered"):
        for *_, value in drawn.data[name]:
            assert str(value) in row["text"]


def test_the_same_seed_gives_the_same_record() -> None:
    """And another seed another one; styles and scenarios all occur."""
    rows = [attempt(MIX, s) for s in range(12)]
    assert rows[:4] == [attempt(MIX, s) for s in range(4)]
    assert len({r["text"] for r in rows}) == 12
    assert {r["style"] for r in rows} == set(range(len(MIX.narrations)))
    assert len({r["scenario"] for r in rows}) == len(MIX.scenarios)


def test_the_point_drawn_around_is_feasible_where_the_stock_allows() -> None:
    """Orders are a part of what the point makes, so an instance with enough stock has it as a solution."""
    drawn = sample(MIX, 5)
    zero = {"make": {(g,): Fraction(max((v for k, v in drawn.data["ordered"] if k == g), default=0))
                     for g in drawn.data["Goods"]}}  # fmt: skip
    assert referee(drawn.instance, zero).ok


def test_what_is_not_translated_back_is_recorded_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong number in the narration is a record that is not kept, with what came back."""
    import nl2opt.synth.run as room

    true = room.narrate

    def false(family: Family, drawn: Sample) -> Any:
        told = true(family, drawn)
        stock = str(drawn.data["stock"][0][-1])
        return type(told)(told.text.replace(stock, "7", 1), told.style)

    monkeypatch.setattr(room, "narrate", false)
    row = attempt(MIX, 3)
    assert not row["kept"] and not row["verdict"]["agrees"] and row["optimum"] != row["candidate_optimum"]


def test_a_run_goes_on(tmp_path: Path) -> None:
    """Records of an earlier run stay, the rest is made; the file is that of one run."""
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    run(MIX, 4, 0, one)
    run(MIX, 2, 0, two)
    with two.open("ab") as file:
        file.write(b'{"key": "product_mix-2", "torn')
    assert run(MIX, 4, 0, two) == (4, sum(r["kept"] for r in read_rows(one)))
    assert one.read_bytes() == two.read_bytes()


def test_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "mix.jsonl"
    command = [sys.executable, "-m", "nl2opt.cli", "synth", "run", "--count", "2", "-o", str(out)]
    done = subprocess.run(
        [*command, "--family", "product_mix"], capture_output=True, text=True, timeout=120, check=True
    )
    assert "2 records" in done.stdout and len(out.read_text().splitlines()) == 2
    unknown = subprocess.run([*command, "--family", "soup"], capture_output=True, text=True, timeout=60, check=False)
    assert unknown.returncode == 2 and "product_mix" in unknown.stderr


@pytest.mark.parametrize("family", FAMILIES.values(), ids=list(FAMILIES))
def test_every_scenario_and_style_is_told(family: Family) -> None:
    """No gap of a template stays empty, no sentence is without its end."""
    for seed in range(3 * len(family.scenarios)):
        for style in range(len(family.narrations)):
            text = narrate(family, sample(family, seed), style).text
            assert "{" not in text and "  " not in text and text.endswith(("?", "."))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"draw": [{"set": "Goods"}]}, "draw"),
        ({"narrations": []}, "narrations"),
        ({"name": "other"}, "name"),
        ({"extra": 1}, "fields"),
    ],
)
def test_a_broken_family_is_named(change: dict[str, Any], told: str, tmp_path: Path) -> None:
    import yaml

    from nl2opt.resources import data_folder

    raw = yaml.safe_load((data_folder("templates") / "problems" / "product_mix.yaml").read_text())
    (tmp_path / "product_mix.yaml").write_text(json.dumps({**raw, **change}))
    with pytest.raises(DocumentError, match=told):
        load_families(tmp_path)


def test_a_narration_runs_nothing(tmp_path: Path) -> None:
    """Templates are rendered in a sandbox: one that reaches for Python is an error."""
    from dataclasses import replace

    evil = replace(MIX, narrations=("{{ who.__class__.__mro__[1].__subclasses__() }}",))
    with pytest.raises(DocumentError, match="E041"):
        narrate(evil, sample(MIX, 0))
