"""A real server with faults: what is retried, what is asked for less, what becomes an error a person understands."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from llm.chat_server import Step, chat_server

from nl2opt.errors import ModelFailure
from nl2opt.llm import Message, Request
from nl2opt.llm.cache import Cached
from nl2opt.llm.openai_compatible import OpenAICompatible

REQUEST = Request("local", (Message("user", "hello"),), schema={"type": "object"})
SECRET = "sk-secret-0123456789"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own keys stay out of it."""
    for name in ("NL2OPT_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def failure(client: OpenAICompatible, request: Request = REQUEST) -> tuple[str, str]:
    """What is raised: code and whole message."""
    with pytest.raises(ModelFailure) as caught:
        client.complete(request)
    (found,) = caught.value.diagnostics
    return found.code, str(caught.value)


def test_a_reply() -> None:
    """Text and tokens come back; the schema was asked for; the key went in the header."""
    with chat_server(["fine"]) as server:
        done = OpenAICompatible(server.url).complete(REQUEST)
    assert (done.text, done.input_tokens, done.output_tokens, done.cached) == ("fine", 11, 7, False)
    assert server.asked[0]["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert server.asked[0]["temperature"] == 0.0


def test_a_server_that_knows_no_schema_is_asked_for_less_once() -> None:
    """First the schema, then JSON, then plain text; what is refused is not asked again."""
    refusal = Step("response_format of this type is not supported", 400)
    with chat_server([refusal, refusal, "fine"]) as server:
        client = OpenAICompatible(server.url)
        assert client.complete(REQUEST).text == client.complete(REQUEST).text == "fine"
    formats = [a.get("response_format", {}).get("type") for a in server.asked]
    assert formats == ["json_schema", "json_object", None, None]


def test_a_model_without_temperature() -> None:
    with chat_server([Step("Unsupported value: 'temperature'", 400), "fine"]) as server:
        assert OpenAICompatible(server.url).complete(REQUEST).text == "fine"
    assert "temperature" not in server.asked[1]


@pytest.mark.parametrize("fault", [Step("oops", 500), Step("slow down", 429), Step("busy", 503), Step(drop=True)])
def test_what_passes_is_tried_again(fault: Step) -> None:
    """A fault of the moment and a lost connection are retried by the client."""
    with chat_server([fault, "fine"]) as server:
        assert OpenAICompatible(server.url, retries=1).complete(REQUEST).text == "fine"
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Step("no such key", 401), "E904"),
        (Step("no such model", 404), "E904"),
        (Step("oops", 500), "E904"),
        (Step("slow down", 429), "E905"),
        (Step(drop=True), "E903"),
        (Step("late", wait=1.0), "E903"),
        (Step(None), "E906"),
        (Step("  \n"), "E906"),
        (Step(raw=b'{"id": "x", "object": "chat.completion", "choices": []}'), "E906"),
    ],
)
def test_what_does_not_pass_is_an_error(fault: Step, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One diagnostic with the server's address and no key in it."""
    monkeypatch.setenv("NL2OPT_API_KEY", SECRET)
    with chat_server([fault]) as server:
        found, text = failure(OpenAICompatible(server.url, timeout=0.3, retries=0))
    assert found == code
    assert server.url in text and SECRET not in text
    assert server.keys[0] == f"Bearer {SECRET}"


def test_an_answer_that_is_no_json() -> None:
    """HTML from a proxy, half an answer: an error, never a traceback of another package."""
    for raw in (b"<html>gateway</html>", b'{"id": "x", "choi', b"\xff\xfe"):
        with chat_server([Step(raw=raw)]) as server:
            code, _ = failure(OpenAICompatible(server.url, timeout=2, retries=0))
        assert code in ("E903", "E904", "E906")


def test_nobody_listens() -> None:
    with chat_server(["fine"]) as server:
        url = server.url
    assert failure(OpenAICompatible(url, timeout=1, retries=0))[0] == "E903"


def test_no_key_for_a_server_that_needs_one() -> None:
    """Without --base-url the key is asked for, by the name of its variable."""
    with pytest.raises(ModelFailure, match="NL2OPT_API_KEY"):
        OpenAICompatible()


def test_a_request_is_asked_once(tmp_path: Path) -> None:
    """The same request comes from the file, in another process too; another one does not."""
    path = tmp_path / "deep" / "kept.sqlite"
    with chat_server(["one", "two", "three"]) as server:
        first = Cached(OpenAICompatible(server.url), server.url, path)
        assert [first.complete(REQUEST).text for _ in range(3)] == ["one"] * 3
        again = Cached(OpenAICompatible(server.url), server.url, path)
        assert again.complete(REQUEST).cached
        assert again.complete(replace(REQUEST, sample=1)).text == "two"
        assert Cached(OpenAICompatible(server.url), "elsewhere", path).complete(REQUEST).text == "three"
    assert len(server.asked) == 3


def test_a_broken_cache_is_done_without(tmp_path: Path) -> None:
    """A file that is no database, or cannot be made, costs a request and nothing else."""
    path = tmp_path / "kept.sqlite"
    path.write_bytes(b"not a database" * 100)
    with chat_server(["fine"]) as server:
        for where in (path, tmp_path / "kept.sqlite" / "below"):
            assert Cached(OpenAICompatible(server.url), server.url, where).complete(REQUEST).text == "fine"


def test_the_key_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept is the reply, under a hash of the request."""
    monkeypatch.setenv("NL2OPT_API_KEY", SECRET)
    path = tmp_path / "kept.sqlite"
    with chat_server(["fine"]) as server:
        Cached(OpenAICompatible(server.url), server.url, path).complete(REQUEST)
    with sqlite3.connect(path) as connection:
        assert SECRET not in json.dumps(connection.execute("SELECT * FROM completions").fetchall())
