"""The assistant's page in a real browser: a text typed in, modelled, solved, shown as code; hostile text stays text."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import require_tool

pytest.importorskip("streamlit", reason="the page needs Streamlit: pip install 'nl2opt[app]'")
webdriver = pytest.importorskip("selenium.webdriver", reason="a browser is driven by selenium")
exceptions = pytest.importorskip("selenium.common.exceptions")
APP = Path(__file__).resolve().parents[2] / "app"
SECONDS = 90
TEXT = (
    "<script>document.title = 'owned'</script> A <b>bold</b> farm grows $x^2$ wheat and *rye*, see [here](http://b.example)."
    " An acre of wheat earns $150 and an acre of rye earns $90. There are 100 acres of land. An acre of wheat needs 2"
    " hours and an acre of rye needs 1 hour; 150 hours are available. How many acres of each maximize earnings?"
)
OPTIMUM = "12000"
"""50 acres of each: both rules hold with equality, 150 * 50 + 90 * 50."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The page, served on a free port by the command that people use."""
    with closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, str(APP), f"--server.port={port}", "--server.headless=true"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        until(lambda: _listens(port), "the server")
        yield f"http://localhost:{port}"
        server.terminate()


def _listens(port: int) -> bool:
    with closing(socket.socket()) as s:
        return s.connect_ex(("localhost", port)) == 0


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser without a screen."""
    options = webdriver.ChromeOptions()
    options.binary_location = require_tool("chromium")
    profile = tmp_path_factory.mktemp("profile")
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--window-size=1400,1000",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(require_tool("chromedriver")))
    yield driver
    driver.quit()


def until(holds: Callable[[], Any], what: str) -> Any:
    """What becomes true within SECONDS, while the page redraws itself."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            if found := holds():
                return found
        except exceptions.WebDriverException:  # what was looked at is gone: the page was drawn anew
            pass
        time.sleep(0.2)
    raise AssertionError(f"not seen: {what}")


def seen(browser: Any) -> str:
    return str(browser.find_element("tag name", "body").text)


def press(browser: Any, label: str) -> None:
    """A click on the button or tab with a label."""

    def click() -> bool:
        for element in browser.find_elements("css selector", "button, [role=tab]"):
            if element.is_displayed() and element.is_enabled() and label in element.text:
                browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
                element.click()
                return True
        return False

    until(click, label)


def test_a_typed_text_is_modelled_solved_and_written_as_code(browser: Any, address: str) -> None:
    browser.get(address)
    area = until(lambda: browser.find_element("tag name", "textarea"), "the text area")
    area.send_keys(TEXT)
    press(browser, "Model it")
    until(lambda: "The rules" in seen(browser), "the model")
    assert "2·wheat + rye ≤ 150" in seen(browser)
    assert browser.find_elements("css selector", ".katex")
    assert not browser.find_elements("css selector", ".katex-error")

    press(browser, "Solve")
    until(lambda: "What was checked" in seen(browser), "the answer")
    assert OPTIMUM in seen(browser) and "Proved: no plan does better" in seen(browser)

    press(browser, "Code")
    press(browser, "Pyomo")
    until(lambda: "import pyomo.environ as pyo" in seen(browser), "the program")
    assert "Download" in seen(browser)

    shown = browser.find_element("css selector", ".nl-text").text
    for piece in (
        "<script>document.title = 'owned'</script>",
        "<b>bold</b>",
        "$x^2$",
        "*rye*",
        "[here](http://b.example)",
    ):
        assert piece in shown
    assert "owned" not in browser.title
    assert not browser.find_elements("css selector", ".nl-text b, .nl-text a, .nl-text em, .nl-text .katex")
    assert "Traceback" not in seen(browser)


def test_a_narrow_window_shows_everything_below_each_other(browser: Any, address: str) -> None:
    browser.set_window_size(500, 900)
    browser.get(address)
    until(lambda: "Model it" in seen(browser), "the form")
    wide = browser.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
