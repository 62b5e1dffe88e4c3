"""Reports: one page that loads nothing, every item open to what was asked, answered and expected."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nl2opt.bench.comparison import compare
from nl2opt.bench.forms import read_items
from nl2opt.bench.manifest import Settings
from nl2opt.bench.report import write_report
from nl2opt.bench.respondents import Asking
from nl2opt.bench.run import run

HOSTILE = "<script>alert(1)</script> How many <b>boxes</b> of 3 & more?"


def made(folder: Path, answers: list[float | None]) -> Path:
    """A finished run of as many questions, two times each number expected, and these answers."""
    rows = [{"id": f"q{k}", "question": f"{HOSTILE} {k}", "answer": 2 * k, "difficulty": "hard" if k % 2 else "easy"}
            for k in range(len(answers))]  # fmt: skip
    said = [{"id": f"q{k}", "answer": a, "confidence": k} for k, a in enumerate(answers)]
    folder.mkdir()
    for name, held in (("q.jsonl", rows), ("p.jsonl", said)):
        (folder / name).write_text("".join(json.dumps(r) + "\n" for r in held))
    items = read_items(folder / "q.jsonl", "qa")
    asking = Asking(translator="published", predictions=str(folder / "p.jsonl"))
    run(items, Settings("small", "qa", {}, "0", asking), folder / "run", executor="threads")
    return folder / "run"


def test_a_page_that_loads_nothing_and_runs_nothing_of_a_text(tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    folder = made(tmp_path / "a", [0.0, 2.0, 5.0, None, 8.0, 10.0])
    markdown, page = write_report(folder)
    text = page.read_text(encoding="utf-8")
    assert "<script>alert" not in text and "&lt;script&gt;alert(1)&lt;/script&gt; How many" in text
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", text) and text.count("<svg") >= 3
    assert text.count('<details class="item"') == 6 and text.count('data-verdict="wrong"') == 2
    told = markdown.read_text(encoding="utf-8")
    assert "**4 of 6 right: 66.7 %**" in told and "| not parsed | 1 |" in told and "## By difficulty" in told
    before = page.read_bytes()
    write_report(folder)
    assert page.read_bytes() == before


def test_two_runs_are_paired(tmp_path: Path) -> None:
    a = made(tmp_path / "a", [0.0, 2.0, 4.0, 6.0, None, 99.0])
    b = made(tmp_path / "b", [0.0, 2.0, 99.0, 6.0, 8.0, 10.0])
    found = compare(a, b)
    assert (found["items"], found["only_first"], found["only_second"]) == (6, ["q2"], ["q4", "q5"])
    assert found["paired"] == {"both": 3, "only_first": 1, "only_second": 2, "neither": 0, "p": 1.0}
    assert found["difference"] == pytest.approx(1 / 6) and found["low"] < 0 < found["high"]


def test_the_page_in_a_browser(tmp_path: Path) -> None:
    """No error in the console; a verdict chosen shows only its items."""
    from conftest import require_tool

    pytest.importorskip("matplotlib")
    webdriver = pytest.importorskip("selenium.webdriver")
    driver_path, browser = require_tool("chromedriver"), require_tool("chromium")
    from selenium.webdriver.chrome.service import Service

    _, page = write_report(made(tmp_path / "a", [0.0, 2.0, 5.0, None]))
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service(driver_path))
    try:
        driver.get(page.as_uri())
        choose = "const v = document.getElementById('verdict'); v.value = 'wrong'; v.dispatchEvent(new Event('input'))"
        driver.execute_script(choose)
        assert driver.find_element("id", "count").text == "2 of 4"
        assert [e for e in driver.get_log("browser") if e["level"] == "SEVERE"] == []
    finally:
        driver.quit()
