"""Language models behind the harness: documents, programs in the sandbox, what is logged of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from bench.provider import provider

from nl2opt import sandbox
from nl2opt.bench.answering import Task, answered
from nl2opt.bench.forms import read_items
from nl2opt.bench.grading import ALL, ONE, grade
from nl2opt.bench.items import Item
from nl2opt.bench.programs import run_program
from nl2opt.bench.respondents import Asking, _client
from nl2opt.errors import SolverFailure

DOCUMENT = json.dumps({
    "nl2opt": 1, "variables": [{"name": "x", "type": "integer", "upper": 4}],
    "objectives": [{"sense": "maximize", "expr": "3 * x"}],
})  # fmt: skip
CPMPY = """Here it is.
```python
import json
import cpmpy as cp
ratings = json.load(open("data.json"))["ratings"]
n = len(ratings)
x = cp.intvar(1, n, shape=n)
model = cp.Model(minimize=cp.sum(x))
for i in range(n - 1):
    if ratings[i] < ratings[i + 1]:
        model += x[i] < x[i + 1]
    if ratings[i] > ratings[i + 1]:
        model += x[i] > x[i + 1]
model.solve(solver="ortools")
found = [int(v) for v in x.value()]
print(json.dumps({"status": "optimal", "objective": sum(found), "values": {"z": sum(found), "x": found}}))
```"""
PYOMO = """```python
import json
import pyomo.environ as pyo
m = pyo.ConcreteModel()
m.x = pyo.Var(within=pyo.NonNegativeIntegers, bounds=(0, 4))
m.o = pyo.Objective(expr=3 * m.x, sense=pyo.maximize)
pyo.SolverFactory("appsi_highs").solve(m)
print(json.dumps({"status": "optimal", "objective": pyo.value(m.o), "values": {}}))
```"""


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No client and no reply of another test, and no key."""
    monkeypatch.setenv("NL2OPT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NL2OPT_API_KEY", "none")
    _client.client_of.cache_clear()
    from nl2opt.bench import answering

    answering._ask.cache_clear()


@pytest.fixture
def confined() -> None:
    if why := sandbox.why_unconfined():
        pytest.skip(why)


def question(folder: Path) -> Item:
    path = folder / "q.jsonl"
    path.write_text(
        json.dumps({"id": "q", "question": "At most four boxes at 3 each. How much at most?", "answer": 12})
    )
    return read_items(path, "qa")[0]


def candies(folder: Path) -> Item:
    row: dict[str, Any] = {
        "id": "own/candies", "question": "Few candies for children in a line.", "data_notes": [],
        "data": {"ratings": [1, 2, 3, 1]}, "output": {"z": "int", "x": "list[4] of int"}, "optimum": 7,
    }  # fmt: skip
    path = folder / "row.jsonl"
    path.write_text(json.dumps(row))
    return read_items(path, "cpbench")[0]


def test_a_language_model_is_logged_whole(tmp_path: Path) -> None:
    """Prompt, reply, tokens, cost; each sample is asked of its own; a second run asks nobody."""
    item = question(tmp_path)
    asked: list[list[dict[str, str]]] = []

    def reply(messages: list[dict[str, str]], n: int) -> str:
        asked.append(messages)
        return DOCUMENT

    with provider(reply) as url:
        settings = Asking("llm", "m", url, temperature=0.7, price_in=2.0, price_out=10.0)
        rows = [answered(settings, Task(item, k)) for k in range(3)]
        before = len(asked)
        again = answered(settings, Task(item, 1))
    assert before >= 3 and len(asked) == before
    assert again["times"]["cached"] == len(again["calls"]) and again["readings"] == rows[1]["readings"]
    first = rows[0]
    call = first["calls"][0]
    assert "At most four boxes at 3 each." in call["prompt"] and call["reply"] == DOCUMENT
    assert first["input_tokens"] == 100 * len(first["calls"]) > 0
    assert first["cost"] == pytest.approx(len(first["calls"]) * (100 * 2 + 20 * 10) / 1e6)
    assert next(grade(first, item.label("published"), "published", 1e-6))["hit"]


def test_nonsense_is_no_answer(tmp_path: Path) -> None:
    item = question(tmp_path)
    with provider(lambda messages, n: "12, surely.") as url:
        rows = [answered(Asking(t, "m", url), Task(item, 0)) for t in ("llm", "pyomo_code")]
    assert [r["outcome"] for r in rows] == ["refused", "refused"]
    assert not any(g["hit"] for r in rows for g in grade(r, item.label("published"), "published", 1e-6))


@pytest.mark.usefixtures("confined")
def test_a_written_pyomo_program_is_graded_by_its_last_line(tmp_path: Path) -> None:
    item = question(tmp_path)
    with provider(lambda messages, n: PYOMO) as url:
        row = answered(Asking("pyomo_code", "m", url, time_limit=60), Task(item, 0))
    assert (row["outcome"], row["readings"][0]["objective"]) == ("answered", 12.0), row["detail"]
    assert row["program"] in PYOMO and next(grade(row, item.label("published"), "published", 1e-6))["hit"]


@pytest.mark.usefixtures("confined")
def test_a_written_cpmpy_program_is_run_on_hidden_data(tmp_path: Path) -> None:
    """It reads its data: every instance passes. With the numbers in it: only the one that was shown."""
    item = candies(tmp_path)
    copied = CPMPY.replace('json.load(open("data.json"))["ratings"]', "[1, 2, 3, 1]")
    replies = iter([CPMPY, copied])
    with provider(lambda messages, n: next(replies)) as url:
        rows = [answered(Asking("cpmpy_code", "m", url, time_limit=60), Task(item, k)) for k in range(2)]
    label = item.label("own instances")
    found = [{g["reading"]: g["hit"] for g in grade(r, label, "own instances", 1e-6)} for r in rows]
    assert found == [{ONE: True, ALL: True}, {ONE: True, ALL: False}], rows


HARM = {
    "reads your files": "print(open({secret!r}).read())",
    "writes your files": "open({secret!r}, 'a').write('x')",
    "asks the network": "import socket; socket.create_connection(('127.0.0.1', {port}), timeout=3)",
    "sees your processes": "import os; print([p for p in os.listdir('/proc') if p.isdigit() and int(p) > 50][0])",
    "changes the system": "open('/usr/lib/x', 'w')",
}


@pytest.mark.usefixtures("confined")
@pytest.mark.parametrize("deed", list(HARM))
def test_a_program_that_means_harm_gets_nowhere(deed: str, tmp_path: Path) -> None:
    """The deed succeeds outside and fails confined, so that the test can fail."""
    secret = tmp_path / "secret.txt"
    secret.write_text("42")
    with provider(lambda messages, n: "") as url:
        program = HARM[deed].format(secret=str(secret), port=url.split(":")[2].split("/")[0])
        said = 'print(\'{"status": "optimal", "objective": 1}\')'
        inside = run_program(f"{program}\n{said}", {}, 20)
        outside = run_program(f"{program}\n{said}", {}, 20, confined=False) if deed[0] != "c" else None
    assert inside.outcome == "crashed", inside
    assert outside is None or outside.outcome == "answered", outside
    assert secret.read_text() in ("42", "42x")


@pytest.mark.usefixtures("confined")
def test_endless_programs_end() -> None:
    assert run_program("while True: pass", {}, 1).outcome == "limit"
    assert run_program("while True: print('x' * 10000)", {}, 20).outcome == "limit"
    assert run_program("b = bytearray(5 * 2**30)", {}, 20).detail == "MemoryError"


def test_without_a_sandbox_programs_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """At once, before a model is asked; unless the person says otherwise."""
    found = shutil.which
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None if name == "bwrap" else found(name))
    sandbox.why_unconfined.cache_clear()
    try:
        with pytest.raises(SolverFailure, match=r"E803(.|\n)*--unconfined"):
            run_program("print(1)", {}, 5)
        with pytest.raises(sandbox.SandboxUnavailable):
            sandbox.run_python("print(1)", confined=True)
        said = 'print(\'{"status": "infeasible", "objective": null}\')'
        assert run_program(said, {}, 20, confined=False).status == "infeasible"
    finally:
        sandbox.why_unconfined.cache_clear()


@pytest.mark.parametrize(
    ("last", "told"),
    [
        ("12", "not the JSON object"), ('{"status": "done", "objective": 1}', "not the JSON object"), ("", "not the"),
        ('{"status": "optimal", "objective": "12"}', "the objective is"),
        ('{"status": "optimal", "objective": true}', "the objective is"),
        ('{"status": "optimal", "objective": NaN}', "the objective is"), ("[12]", "not the JSON object"),
    ],
)  # fmt: skip
def test_a_last_line_is_never_guessed_at(last: str, told: str) -> None:
    from nl2opt.bench.programs import printed_by

    found = printed_by(f'{{"status": "optimal", "objective": 12}}\n{last}\n' if last else "")
    assert found.outcome == "error" and told in found.detail
