"""The assistant's page without a browser: what a person enters -> what is shown; processes that are stopped or die."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("streamlit", reason="the page needs Streamlit: pip install 'nl2opt[app]'")
from llm.chat_server import chat_server
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "app"
SECONDS = 120

FERRY = "Ferry company"
BEANS = """
nl2opt: 1
name: beans
sets: {Kinds: null}
parameters:
  gain: {over: Kinds, value: null}
  space: {value: 100}
variables: {grow: {over: Kinds, type: real}}
constraints:
  - {name: space, expr: sum(grow) <= space}
objectives: [{maximize: "sum(gain[k] * grow[k] for k in Kinds)"}]
"""


@pytest.fixture(autouse=True)
def assistant_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit puts the page's folder on the path, and its script in the place of `__main__`; both are given back."""
    monkeypatch.syspath_prepend(str(APP))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def opened() -> AppTest:
    page = AppTest.from_file(str(APP / "main.py"), default_timeout=SECONDS).run()
    assert not page.exception
    return page


def session(page: AppTest) -> Any:
    return page.session_state["assistant"]


def settled(page: AppTest) -> AppTest:
    """The page after everything that is at work has ended."""
    deadline = time.monotonic() + SECONDS
    while session(page).jobs:
        assert time.monotonic() < deadline, "the work does not end"
        time.sleep(0.2)
        page.run()
        assert not page.exception
    return page


def modelled(text: str = "", example: str = "") -> AppTest:
    page = opened()
    if example:
        page.selectbox(key="example").select(example).run()
    else:
        page.text_area(key="text").input(text)
    page.button(key="model_it").click().run()
    return settled(page)


def of_document(name: str, content: str, data: tuple[str, str] | None = None) -> AppTest:
    page = opened()
    page.segmented_control(key="origin").set_value("A model file").run()
    page.file_uploader(key="document").set_value((name, content.encode(), "text/plain")).run()
    if data is not None:
        page.file_uploader(key="data").set_value([(data[0], data[1].encode(), "text/plain")]).run()
    page.button(key="model_it").click().run()
    return settled(page)


def solved(page: AppTest) -> AppTest:
    page.button(key="solve").click().run()
    return settled(page)


def told(page: AppTest) -> str:
    """All that the page shows, tags taken out."""
    return re.sub(r"<[^>]+>", " ", "\n".join([*(h.value for h in page.html), *(c.value for c in page.caption)]))


def test_a_text_becomes_a_model_and_an_answer() -> None:
    page = modelled(example=FERRY)
    shown = "\n".join(h.value for h in page.html)
    assert '<mark class="nl-decision" title="what is decided">cars</mark>' in shown
    assert "12·cars + 45·lorries ≤ 1350" in shown
    assert "at least 8 lorries must be on board" in told(page)
    assert any(r"\sum_{o \in \mathit{Options}}" in formula.value for formula in page.latex)
    solved(page)
    assert ">2930</div>" in "\n".join(h.value for h in page.html)  # 12*30 + 45*22 = 1350 and 2*30 + 5*22 = 170
    assert "1350 of 1350, nothing left" in told(page)
    assert "A second solver was asked" in told(page)


def test_a_contradiction_is_told_in_the_persons_sentences() -> None:
    page = solved(modelled(example="Glass factory"))
    assert "No plan can keep all the rules at once" in told(page)
    assert "A contract requires at least 500 bottles and at least 400 jars each shift." in told(page)
    assert "4·bottles + 6·jars ≤ 3600" in told(page)


def test_a_refused_text_shows_the_sentence() -> None:
    page = modelled(example="Night train")
    shown = "\n".join(h.value for h in page.html)
    assert "There is no model of this text" in shown
    assert '<span class="nl-wrong">Each city must be visited exactly once.</span>' in shown
    assert not [b for b in page.button if b.key == "solve"]


HOSTILE = (
    "<script>alert(1)</script> A farm grows <i>wheat</i> and $x^2$ **rye**. An acre of wheat earns $120 and an acre of "
    "rye earns $90. There are 100 acres of land. An acre of wheat needs 2 hours and an acre of rye needs 1 hour; "
    "150 hours are available. How many acres of each maximize earnings?"
)


@pytest.mark.parametrize(
    "text", [HOSTILE, "<script>alert(1)</script> $x^2$ **rye** [a](http://b.example) <i>wheat</i>."]
)
def test_a_hostile_text_is_only_ever_text(text: str) -> None:
    page = modelled(text)
    if session(page).study.instance is not None:
        solved(page)
        page.session_state["open_tab"] = "Code"
        settled(page.run())
    assert any("&lt;script&gt;alert(1)&lt;/script&gt;" in h.value for h in page.html)
    assert not any(tag in h.value for h in page.html for tag in ("<script", "<i>"))
    for piece in ("script", "x^2", "**rye**", "wheat</i>"):
        assert not any(piece in m.value for m in (*page.markdown, *page.caption, *page.latex, *page.error))


def test_labels_of_a_document_are_only_ever_text() -> None:
    hostile = "</div><script>alert(1)</script>$$"
    document = f"""
nl2opt: 1
sets: {{Kinds: ["{hostile}", "$$ **b** $$"]}}
parameters: {{gain: {{over: Kinds, value: [3, 2], unit: "<b>x</b>"}}}}
variables: {{grow: {{over: Kinds, type: integer, upper: 4}}}}
constraints:
  - {{name: most, expr: "grow['{hostile}'] <= 3", quotes: ["<img src=x onerror=alert(1)>"]}}
objectives: [{{maximize: "sum(gain[k] * grow[k] for k in Kinds)"}}]
"""
    page = solved(of_document("model.yaml", document))
    assert ">17</div>" in "\n".join(h.value for h in page.html)
    assert not any(tag in h.value for h in page.html for tag in ("<script", "<img", "<b>x"))
    formulas = [f.value.removeprefix("$$\n").removesuffix("\n$$") for f in page.latex]  # as Streamlit wraps them
    assert formulas and not any("$$" in f or "\n" in f for f in formulas)


def test_missing_data_are_asked_for_and_then_taken() -> None:
    page = of_document("beans.yaml", BEANS)
    assert "gain" in told(page) and not [b for b in page.button if b.key == "solve"]
    page = of_document(
        "beans.yaml", BEANS, ("data.json", '{"Kinds": ["bush", "pole"], "gain": {"bush": 2, "pole": 3}}')
    )
    assert ">300</div>" in "\n".join(h.value for h in solved(page).html)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("model.yaml", "nl2opt: 1\nvariables: {x: {type: nonsense}}\n", "type"),
        ("model.yaml", "a: [", "YAML"),
        ("model.json", '{"nl2opt": 1, ', "JSON"),
        ("model.lp", "this is no LP file", ""),
        ("beans.yaml", BEANS.replace("null", "{{{"), ""),
    ],
)
def test_a_broken_document_is_a_message(name: str, content: str, expected: str) -> None:
    page = of_document(name, content)
    assert session(page).failures["model"] and session(page).study is None
    assert "Error" in told(page) and expected in told(page) and "Traceback" not in told(page)


def test_a_file_of_another_program_is_a_model() -> None:
    file = "Maximize\n gain: 3 x + 2 y\nSubject To\n hours: 2 x + y <= 10\nBounds\n y <= 4\nEnd\n"
    page = solved(of_document("plan.lp", file))
    assert ">17</div>" in "\n".join(h.value for h in page.html)  # y = 4, x = 3


def test_a_long_answer_shows_what_is_not_zero_and_the_rest_behind_a_click() -> None:
    document = """
nl2opt: 1
sets: {I: range(60)}
variables: {x: {over: I, type: integer, upper: 1}}
constraints: [{name: few, expr: sum(x) <= 5}]
objectives: [{maximize: "sum((i + 1) * x[i] for i in I)"}]
"""
    page = solved(of_document("model.yaml", document))
    table = next(h.value for h in page.html if "<table" in h.value)
    assert table.count("<tr>") == 1 + 5 and ">290</div>" in "\n".join(h.value for h in page.html)
    assert len(page.dataframe[-1].value) == 60


def test_broken_data_are_a_message() -> None:
    page = of_document("beans.yaml", BEANS, ("data.json", '{"Kinds": ["bush"], "gain": {"bush": "much"}}'))
    assert session(page).study.instance is None
    assert "much" in told(page)


def test_a_changed_number_is_solved_and_said() -> None:
    page = modelled(example=FERRY)
    key = f"grid_{session(page).revision}_1"  # cars, lorries down; square meters, minutes, euros across
    page.session_state[key] = {"edited_rows": {0: {"c2": 40}}, "added_rows": [], "deleted_rows": []}
    page.run()
    page.button(key="apply").click().run()
    settled(page)
    found = session(page)
    assert found.solved.objective == str(best_ferry(40)) != str(best_ferry(28))
    assert "euros (cars) is 40 instead of 28." in told(page)
    assert "cars: 40" in found.study.document.split("euros:")[1]


def best_ferry(car_fare: int) -> int:
    """The optimum by enumeration."""
    points = ((c, b) for c in range(113) for b in range(8, 31) if 12 * c + 45 * b <= 1350 and 2 * c + 5 * b <= 170)
    return max(car_fare * c + 95 * b for c, b in points)


def test_every_target_is_code_or_a_reason() -> None:
    from nl2opt.emitters import Program, targets

    page = modelled(example="Toy workshop")
    page.session_state["open_tab"] = "Code"
    settled(page.run())
    found = session(page).programs.by_target
    assert set(found) == set(targets())
    assert {"Document", "Pyomo", "CPMpy"} <= {t.label for t in page.tabs}
    sources = [c.value.strip() for c in page.code]
    assert session(page).study.document.strip() in sources
    assert all(p.source.strip() in sources for p in found.values() if isinstance(p, Program))
    assert len(page.get("download_button")) >= len(sources)


def test_the_text_is_there_when_it_is_changed_again() -> None:
    page = modelled(example=FERRY)
    page.button(key="edit").click().run()
    assert page.text_area(key="text").value.startswith("A ferry company")
    page.button(key="back").click().run()
    assert page.button(key="solve") and not page.text_area


def test_nothing_entered_is_a_message() -> None:
    page = opened()
    page.button(key="model_it").click().run()
    assert "Please describe the problem" in told(page) and not session(page).jobs
    page.segmented_control(key="origin").set_value("A model file").run()
    page.button(key="model_it").click().run()
    assert "Please choose a model file" in told(page) and not session(page).jobs


def test_too_much_is_a_message() -> None:
    page = opened()
    page.session_state["text"] = "a " * 5000
    page.run()
    page.button(key="model_it").click().run()
    assert "longer than 8000 characters" in told(page) and not session(page).jobs
    page.session_state["text"] = "a short text"
    page.file_uploader(key="data").set_value([(f"d{i}.csv", b"a,b\n1,2\n", "text/csv") for i in range(9)]).run()
    page.button(key="model_it").click().run()
    assert "At most 8 data files" in told(page) and not session(page).jobs


def test_visits_share_nothing() -> None:
    first, second = modelled(example=FERRY), opened()
    assert session(first).study is not None and session(second).study is None
    assert "ferry" not in told(second).lower()


def test_a_language_model_is_asked_for_its_name() -> None:
    page = opened()
    page.text_area(key="text").input("Make bread.")
    page.selectbox(key="translator").select("llm").run()
    page.button(key="model_it").click().run()
    assert "name the language model" in told(page)
    assert not any(word in t.label.lower() for t in page.text_input for word in ("key", "token", "password"))
    page.text_input(key="llm_model").input("some-model")
    page.text_input(key="llm_url").input("http://127.0.0.1:9/v1")  # nobody listens there
    page.button(key="model_it").click().run()
    settled(page)
    assert "cannot be reached" in told(page) or "openai is not installed" in told(page)


@pytest.mark.parametrize("is_own", [False, True])
def test_a_language_model_makes_the_model(is_own: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("openai", reason="a language model is asked with openai: pip install 'nl2opt[llm]'")
    text = "Each loaf earns 3 euros. The oven holds 7 loaves. How many loaves earn most?"
    document = {
        "nl2opt": 1,
        "parameters": [
            {"name": "gain", "value": 3, "quotes": ["3 euros"]},
            {"name": "places", "value": 7, "quotes": ["7 loaves"]},
        ],
        "variables": [{"name": "loaves", "type": "integer", "quotes": ["loaf"]}],
        "constraints": [{"name": "oven", "expr": "loaves <= places", "quotes": ["The oven holds 7 loaves"]}],
        "objectives": [{"sense": "maximize", "expr": "gain * loaves", "quotes": ["earn most"]}],
    }
    with chat_server([json.dumps(document)]) as server:
        monkeypatch.setenv("NL2OPT_API_KEY", "a-secret-key")
        monkeypatch.setenv("NL2OPT_CACHE", str(tmp_path))
        monkeypatch.setenv("NL2OPT_BASE_URL", server.url if is_own else "")
        page = opened()
        page.text_area(key="text").input(text)
        page.selectbox(key="translator").select("llm").run()
        page.text_input(key="llm_model").input("some-model")
        page.text_input(key="llm_url").input(server.url)
        page.button(key="model_it").click().run()
        settled(page)
        assert any("a-secret-key" in key for key in server.keys) is is_own and server.asked
    shown = "\n".join(h.value for h in solved(page).html)
    assert ">21</div>" in shown and "a-secret-key" not in shown
    assert '<mark class="nl-figure" title="figures">3 euros</mark>' in shown
    assert (
        '<mark class="nl-limit" title="limits">The oven holds </mark>' in shown
    )  # the figure in it has its own colour


# processes -----------------------------------------------------------------------------------------------------------


def market_split() -> Any:
    """A small instance that no solver finishes in the seconds of a test: rows of a market split problem."""
    import nl2opt

    rng = random.Random("market split")
    rows = [[rng.randrange(100) for _ in range(40)] for _ in range(5)]
    constraints = "\n".join(
        f'  - {{name: r{i}, expr: "sum(a{i}[j] * x[j] for j in J) == {sum(row) // 2}"}}' for i, row in enumerate(rows)
    )
    parameters = "\n".join(f"  a{i}: {{over: J, value: {row}}}" for i, row in enumerate(rows))
    return nl2opt.read(
        f"nl2opt: 1\nsets: {{J: range(40)}}\nparameters:\n{parameters}\nvariables: {{x: {{over: J, type: binary}}}}\n"
        f"constraints:\n{constraints}\n"
    )


def at_work() -> AppTest:
    """A page that solves and solves."""
    from nl2opt.ir.document.printer import print_yaml

    page = of_document("model.yaml", print_yaml(market_split()))
    page.session_state["seconds"] = 600
    page.button(key="solve").click().run()
    assert "answer" in session(page).jobs
    return page


def is_alive(process: Any) -> bool:
    return process.poll() is None


def test_a_solve_can_be_stopped_and_the_page_goes_on() -> None:
    page = at_work()
    process = session(page).jobs["answer"]._process
    page.button(key="stop_answer").click().run()
    assert not page.exception and not session(page).jobs and not is_alive(process)
    assert "Stopped." in told(page)
    assert page.button(key="solve")


def test_a_killed_solver_is_a_message() -> None:
    page = at_work()
    os.kill(session(page).jobs["answer"]._process.pid, signal.SIGKILL)
    settled(page)
    assert "ended abruptly (signal 9)" in told(page)


def test_a_page_that_is_left_ends_its_solve() -> None:
    page = at_work()
    job = session(page).jobs["answer"]
    process = job._process
    session(page).jobs.clear()
    del page, job
    import gc

    gc.collect()
    assert eventually(lambda: not is_alive(process))


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


def test_a_worker_ends_itself_at_its_deadline() -> None:
    from assistant.job import Job
    from assistant.task import Failed, SolveTask

    import nl2opt

    job = Job(SolveTask(nl2opt.bind(market_split()), 600.0), 2)
    assert eventually(lambda: job.is_done, 30)
    outcome = job.outcome()
    assert isinstance(outcome, Failed) and "within 2 seconds" in outcome.findings[0].message


@pytest.mark.parametrize(
    ("translator", "address", "own", "given"),
    [
        ("embedded", "", "", False),
        ("llm", "", "", True),
        ("llm", "http://elsewhere.example/v1", "", False),
        ("llm", "http://elsewhere.example/v1", "http://own.example/v1", False),
        ("llm", "http://own.example/v1", "http://own.example/v1", True),
    ],
)
def test_a_key_goes_only_where_it_may(
    translator: str, address: str, own: str, given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant import job
    from assistant.task import ModelTask, Translation

    monkeypatch.setenv("NL2OPT_API_KEY", "secret")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv(job.SERVER, own)
    environment = job._environment(ModelTask("a text", None, Translation(translator, "m", address)))
    assert ("secret" in environment.values()) is given


def test_numbers_of_a_grid() -> None:
    from assistant.numbers import changes, grids

    import nl2opt

    instance = nl2opt.bind(
        nl2opt.read(
            "nl2opt: 1\nsets: {A: [p, q], B: [1, 2]}\nparameters:\n"
            "  one: {value: 0.1}\n  line: {over: A, value: [1, 2]}\n"
            "  square: {over: 'A, B', value: [[1, 2], [3, 4]]}\n  near: {over: A, in: B, value: [1, 2]}\n"
            "variables: {x: {type: integer, upper: one}}\n"
        )
    )
    single, line, square = grids(instance)
    assert single.cells == ((("one", ()),),)
    assert line.rows == ("p", "q") and line.columns == ("line",)
    assert square.cells[1] == (("square", ("q", 1)), ("square", ("q", 2)))
    before = [[1.0, 2.0], [3.0, 4.0]]
    assert changes(square, before, [[1.0, 3.5], [None, float("inf")]]) == {("square", ("q", 1)): Fraction(7, 2)}


def test_the_launcher_says_what_is_missing() -> None:
    code = f"import sys, runpy; sys.modules['streamlit'] = None; runpy.run_path({str(APP)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "nl2opt[app]" in done.stderr and "Traceback" not in done.stderr
