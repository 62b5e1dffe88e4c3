"""Grades can be trusted: gold passes, what is perturbed fails, a crash or an empty answer is never a hit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nl2opt.bench.answering import Task, answered, failed
from nl2opt.bench.forms import read_items, read_labels
from nl2opt.bench.grading import TOLERANCES, grade, grades, hits
from nl2opt.bench.items import Expected, Item, Label, versions_of
from nl2opt.bench.respondents import Asking, respondents
from nl2opt.bench.statistics import bootstrap, interval_of, mcnemar, near, pass_at, vote, wilson
from nl2opt.bench.summary import summarize
from nl2opt.bench.task import _with_reference, load, task_of

ROW = {
    "question": "A mill grinds rye and oats. Rye earns 3 and oats 2 a sack. At most 10.5 sacks; at least 2 of oats.",
    "variables": ["rye", "oats"],
    "objective": {"type": "objective", "direction": "maximize", "name": "profit", "terms": {"rye": "3", "oats": "2"}},
    "constraints": [
        {"type": "sum", "direction": "at most", "limit": "10.5", "operator": "LESS_OR_EQUAL"},
        {"type": "lowerbound", "direction": "at least", "limit": "2", "var": "oats", "operator": "GREATER_OR_EQUAL"},
    ],
    "spans": [],
    "var_mention_to_first_var": {},
}


def nl4opt(folder: Path, **changes: Any) -> Item:
    path = folder / "rows.jsonl"
    path.write_text(json.dumps({**ROW, "id": "mill", **changes}))
    return read_items(path, "nl4opt")[0]


def verdicts(item: Item, row: dict[str, Any], version: str = "published") -> dict[str, bool]:
    """Reading -> hit, at the tolerance that counts."""
    return {g["reading"]: g["hit"] for g in grade(row, item.label(version), version, 1e-6)}


def gold(item: Item) -> dict[str, Any]:
    row = answered(Asking(translator="reference", time_limit=20), Task(item, 0))
    row.pop("times")
    return row


def changed(item: Item, old: str, new: str) -> dict[str, Any]:
    """What comes of a reference with a mistake, compared with the right one: the log of a wrong answer."""
    from nl2opt.bench import answering
    from nl2opt.bench.respondents import Response
    from nl2opt.ir.document import read_document

    assert old in item.reference
    response = Response(model=read_document(item.reference.replace(old, new)))
    settings = Asking(time_limit=20)
    return {**answering._row(settings, Task(item, 0), response), **answering._outcome(settings, item, response)}


def test_readings_are_graded_apart(tmp_path: Path) -> None:
    """Over the reals 8.5 sacks of rye are ground, over whole numbers 8: both labels, each with its own answer."""
    item = nl4opt(tmp_path)
    label = item.labels["published"].readings
    assert (label["continuous"].value, label["whole"].value) == (29.5, 28.0)
    assert verdicts(item, gold(item)) == {"continuous": True, "whole": True}
    swapped = replace(item, labels={"published": Label({"continuous": label["whole"], "whole": label["continuous"]})})
    assert verdicts(swapped, gold(item)) == {"continuous": False, "whole": False}


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ('"real"}], "constraints"', '"real"}, {"name": "z", "type": "real"}], "constraints"', "variables"),
        ("(21 / 2)", "(23 / 2)", "data"),
        ("<= (21 / 2)", ">= (21 / 2)", "direction"),
        ('"maximize"', '"minimize"', "direction"),
        ("3 * x0_rye", "4 * x0_rye", "data"),
        ("3 * x0_rye", "180 * x0_rye", "unit"),
        ("1 * x1_oats >= 2", "0 * x1_oats >= 0", "missing constraint"),
        ("1 * x1_oats >= 2", "1 * x1_oats >= 2 and x0_rye <= 3", "extra constraint"),
    ],
)  # fmt: skip
def test_a_perturbed_answer_fails_with_its_kind(old: str, new: str, kind: str, tmp_path: Path) -> None:
    item = nl4opt(tmp_path)
    row = changed(item, old, new)
    graded = next(grade(row, item.label("published"), "published", 1e-6))
    if kind == "variables":  # one more that nothing asks for: the optimum is the same, the model is not
        assert graded["hit"] and row["differences"] == ["variables"]
        return
    assert not graded["hit"] and graded["failure"] == kind, row["differences"]


def test_infeasible_and_unbounded_labels(tmp_path: Path) -> None:
    more = {"type": "lowerbound", "direction": "at least", "limit": "99", "var": "rye", "operator": "GREATER_OR_EQUAL"}
    infeasible = nl4opt(tmp_path, constraints=[*ROW["constraints"], more])  # type: ignore[misc]
    unbounded = nl4opt(tmp_path, constraints=ROW["constraints"][1:])  # type: ignore[index]
    for item, status in ((infeasible, "infeasible"), (unbounded, "unbounded")):
        assert item.labels["published"].readings["continuous"] == Expected(status)
        assert verdicts(item, gold(item)) == {"continuous": True, "whole": True}
    assert not any(verdicts(infeasible, gold(unbounded)).values())


def test_gold_of_another_version_of_the_labels(tmp_path: Path) -> None:
    """A correction that states a model has a gold of its own; an item it says nothing of keeps the published one."""
    fix = {
        "id": "mill", "variables": ["rye", "oats"], "objective": {"direction": "maximize", "terms": [3, 2]},
        "constraints": [{"type": "bound", "var": 0, "op": "LE", "k": 4}, {"type": "sum", "op": "LE", "k": 10.5}],
    }  # fmt: skip
    (tmp_path / "fixes.json").write_text(json.dumps([fix]))
    (item,) = read_labels(tmp_path / "fixes.json", "corrected", [nl4opt(tmp_path)], "nl4opt")
    for version in ("published", "corrected"):
        row = answered(Asking(translator="reference", model=version, time_limit=20), Task(item, 0))
        found = {v: all(verdicts(item, row, v).values()) for v in ("published", "corrected")}
        assert found == {v: v == version for v in found}


def test_an_answer_that_is_no_objective_is_not_graded_by_documents() -> None:
    """The published number stays beside it: who answers by a number can be right."""
    published = Label({"declared": Expected("optimal", 1.0)})
    item = _with_reference(Item("industryor/11", "Not its text.", "qa", {"published": published}), "industryor")
    assert item.reference and item.label("published") == published
    assert not item.label("documents").readings and "`profit`" in item.label("documents").reason


@pytest.mark.parametrize("outcome", ["refused", "error", "limit", "crashed"])
def test_no_answer_is_never_a_hit(outcome: str, tmp_path: Path) -> None:
    """Whatever else the row may hold, and whatever is expected."""
    item = nl4opt(tmp_path)
    row = gold(item) | {"outcome": outcome}
    assert not any(verdicts(item, row).values())
    empty = failed(Asking(), Task(item, 0), outcome, "")
    for label in (item.label("published"), Label({"declared": Expected("infeasible")}), Label()):
        assert not any(g["hit"] for g in grade(empty, label, "published", 5e-2))


def test_a_fault_of_what_answers_is_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A translator that ends by an exception costs its row, and is told from one that answers nothing."""
    from nl2opt.bench import answering

    def broken(item: Item, sample: int) -> Any:
        return [][sample]

    monkeypatch.setattr(answering, "_ask", lambda settings: broken)
    item = nl4opt(tmp_path)
    row = answered(Asking(), Task(item, 0))
    assert (row["outcome"], row["detail"]) == ("crashed", "IndexError: list index out of range")
    assert {g["failure"] for g in grade(row, item.label("published"), "published", 1e-6)} == {"crash"}


@given(st.sampled_from(["optimal", "time_limit", "infeasible", "error"]), st.floats(allow_nan=True) | st.none(),
       st.floats(-1e9, 1e9))  # fmt: skip
def test_only_the_right_value_with_a_proof_hits(status: str, value: float | None, expected: float) -> None:
    found = hits({"status": status, "objective": value}, Expected("optimal", expected), 1e-6)
    right = status == "optimal" and value is not None and abs(value - expected) <= 1e-6 * max(1, abs(expected))
    assert found is right


@pytest.mark.parametrize(
    ("value", "decimals", "hit"),
    [(12.3333333, None, True), (12.0, None, False), (12.3333333, 0, True), (12.0, 0, True), (12.3, 1, True),
     (12.33, 1, False), (12.1, 0, False), (13.0, 0, False), (12.4, 1, False), (11.0, 0, False)],
)  # fmt: skip
def test_a_question_that_wants_its_answer_rounded(value: float, decimals: int | None, hit: bool) -> None:
    """It takes the optimum itself and the optimum rounded, and nothing between them."""
    found = {"status": "optimal", "objective": value}
    assert hits(found, Expected("optimal", 12.3333333, decimals), 1e-6) is hit


def test_every_label_and_tolerance_in_one_table(tmp_path: Path) -> None:
    """The same answer under two versions of its label and four tolerances; an ungraded item is in no count."""
    item = nl4opt(tmp_path)
    item = item.with_label("corrected", Label({"continuous": Expected("optimal", 29.502)}, reason="a printing error"))
    silent = replace(item, id="silent", labels={"published": Label()})
    rows = [gold(item), {**gold(item), "id": "silent", "key": "silent#0"}]
    every = list(grades(rows, {i.id: i for i in (item, silent)}, versions_of([item, silent])))
    found = summarize([item, silent], rows, every, {"seed": 0, "samples": 1})
    told = {(r["labels"], r["tolerance"]): (r["hits"], r["graded"]) for r in found["table"]}
    assert told == {
        (v, t): (int(v == "published" or t >= 1e-4), 1) for v in ("published", "corrected") for t in TOLERANCES
    }


@pytest.mark.parametrize("name", ["examples", "own"])
def test_gold_of_shipped_tasks_passes(name: str) -> None:
    """A sample of what comes with the package; whole tasks are run by their owners."""
    items = load(name, None, "").items
    assert len(items) == task_of(name).size
    for item in items[:: max(1, len(items) // 6)]:
        row = answered(Asking(translator="reference", time_limit=30), Task(item, 0))
        found = next(grade(row, item.label("published"), "published", 1e-6))
        assert found["hit"] or not item.label("published").readings, (item.id, row["detail"])


def test_where_any_solution_will_do_there_is_nothing_to_compare() -> None:
    """That a model has a solution is no hit: the number of answers is one where it is asked for, else nothing is."""
    items = {i.id: i for i in load("own", None, "").items}
    label = items["pier_anglers"].label("published")
    assert not label.readings and label.reason == "any solution will do"
    item = items["dinner_table"]
    assert item.label("published").readings == {"declared": Expected("optimal", 64)}
    assert verdicts(item, gold(item)) == {"declared": True}
    assert '"find": "count"' in item.reference or "find: count" in item.reference
    one = changed(item, "find: count", "find: best")
    assert one["readings"][0]["status"] == "optimal" and verdicts(item, one) == {"declared": False}
    assert not hits({"status": "optimal", "objective": None}, Expected("optimal"), 1e-6)


def test_samples_votes_and_intervals() -> None:
    """pass@k by counting every choice of k, votes by tolerance, intervals that hold the mean, and the seed decides."""
    from itertools import combinations

    for n, c in ((5, 0), (5, 2), (6, 3), (4, 4)):
        for k in range(1, n + 1):
            picks = list(combinations([j < c for j in range(n)], k))
            assert pass_at(k, n, c) == pytest.approx(sum(map(any, picks)) / len(picks))
    with pytest.raises(ValueError, match="pass@3 of 2"):
        pass_at(3, 2, 1)
    assert vote([None, ("optimal", 1.0), ("infeasible", None), ("optimal", 1.0 + 1e-8)], 1e-6) == (1, 0.5)
    assert vote([None, None], 1e-6) == (None, 0.0)
    low, high = bootstrap([1.0] * 30 + [0.0] * 70, 1)
    assert 0.2 < low < 0.3 < high < 0.4
    assert bootstrap([1.0] * 9, 1) == (1.0, 1.0) and interval_of([1.0] * 9, 1) == wilson(9, 9)
    assert interval_of([1.0] * 30 + [0.0] * 70, 1) == (low, high)
    values = [k / 97 for k in range(97)]
    rng = np.random.default_rng(5)
    means = [rng.choice(values, len(values)).mean() for _ in range(4000)]  # drawn one by one
    assert bootstrap(values, 1) == pytest.approx(np.percentile(means, [2.5, 97.5]), abs=0.005)
    assert bootstrap(values, 1) == bootstrap(values, 1) != bootstrap(values, 2)
    assert mcnemar([True] * 5, [True] * 5).p == 1.0
    assert mcnemar([True] * 10, [False] * 10).p == pytest.approx(2 / 1024)
    assert near(1e9 + 1, 1e9, 1e-6) and not near(1e-5, 0, 1e-6)


def test_pass_and_vote_of_a_run(tmp_path: Path) -> None:
    """Two of three samples are right at one item, one at the other: the vote is right at the first only."""
    rows = [{"id": i, "question": f"{i}?", "answer": 4} for i in ("a", "b")]
    said = [
        {"id": i, "sample": k, "answer": v} for i, vs in (("a", (4, 5, 4)), ("b", (7, 7, 4))) for k, v in enumerate(vs)
    ]
    for name, held in (("q.jsonl", rows), ("p.jsonl", said)):
        (tmp_path / name).write_text("".join(json.dumps(r) + "\n" for r in held))
    items = read_items(tmp_path / "q.jsonl", "qa")
    asking = Asking(translator="published", predictions=str(tmp_path / "p.jsonl"))
    answers = [answered(asking, Task(item, k)) for item in items for k in range(3)]
    every = list(grades(answers, {i.id: i for i in items}, ("published",)))
    held = summarize(items, answers, every, {"seed": 0, "samples": 3})["labels"]["published"]
    assert held["pass"] == {"1": pytest.approx(0.5), "2": pytest.approx(5 / 6), "3": 1.0}
    assert held["vote"] == {"2": pytest.approx(0.5), "3": pytest.approx(0.5)}
    assert held["sure"]["answered"] == 2 and held["sure"]["precision"] == 0.5


def test_every_respondent_can_be_prepared_or_says_why() -> None:
    """A registry without a broken member."""
    assert set(respondents()) == {"embedded", "reference", "llm", "published", "pyomo_code", "cpmpy_code"}
    assert all(callable(module.prepare) for module in respondents().values())
