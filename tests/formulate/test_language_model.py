"""A text through a language model: its document, its mistakes sent back, its ids as quotes, its mischief refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from llm.chat_server import Step, chat_server

import nl2opt
from nl2opt.errors import ModelFailure, TextRefused
from nl2opt.formulate.formulation import Formulation
from nl2opt.formulate.language_model import formulate_with
from nl2opt.formulate.language_model.prompt import guide, told
from nl2opt.formulate.language_model.reply import document_of, with_quotes
from nl2opt.ir.passage import segment
from nl2opt.llm.scripted import Scripted

TEXT = (
    "A tannery makes belts and bags. A belt takes 2 feet of leather and a bag takes 7; there are 90 feet. "
    "At least 5 bags are ordered. A belt earns 11 euros, a bag 30. How many of each earn the most?"
)
GOOD: dict[str, Any] = {
    "nl2opt": 1,
    "name": "tannery",
    "sets": [{"name": "Goods", "elements": ["belt", "bag"], "quotes": ["belts and bags"]}],
    "parameters": [
        {"name": "leather", "over": "Goods", "rows": [["belt", 2], ["bag", 7]], "quotes": ["N1", "N2"]},
        {"name": "stock", "value": 90, "quotes": ["N3"]},
        {"name": "ordered", "value": 5, "quotes": ["N4"]},
        {"name": "earns", "over": "Goods", "rows": [["belt", 11], ["bag", 30]], "quotes": ["S4"]},
    ],
    "variables": [{"name": "make", "over": "Goods", "type": "integer", "quotes": ["how many of each"]}],
    "constraints": [
        {"quotes": ["S2"], "name": "leather_there", "expr": "sum(leather[g] * make[g] for g in Goods) <= stock"},
        {"quotes": ["S3"], "name": "bags_ordered", "expr": "make['bag'] >= ordered"},
    ],
    "objectives": [{"quotes": ["S5"], "sense": "maximize", "expr": "sum(earns[g] * make[g] for g in Goods)"}],
}


def changed(**sections: Any) -> str:
    """The good document with other sections, as a reply."""
    return json.dumps({**GOOD, **sections})


BAD = changed(objectives=[{"sense": "maximize", "expr": "sum(earn[g] * make[g] for g in Goods)"}])


def asked(*replies: str) -> tuple[Formulation, Scripted]:
    """The text through a scripted model."""
    client = Scripted(replies)
    return formulate_with(TEXT, client, "local"), client


def test_one_reply_is_enough() -> None:
    """The optimum of the good document, each item with its quotes, no doubts."""
    found, client = asked(changed())
    answer = nl2opt.solve(found.require_model(), time_limit=20)
    assert answer.result.objective == pytest.approx(5 * 30 + 27 * 11)
    assert (len(client.asked), found.refusal, found.doubts) == (1, None, ())
    assert [a.text for a in found.require_model().constraints[1].anchors] == ["At least 5 bags are ordered."]


def test_errors_go_back_with_their_fix() -> None:
    """The second request holds the first reply and the diagnostic with the name that was meant."""
    found, client = asked(BAD, changed())
    assert found.model is not None and len(found.calls) == 2
    (first, second) = client.asked
    assert len(second.messages) == len(first.messages) + 2
    assert "`earns`" in second.messages[-1].content and second.messages[-2].content == BAD


def test_a_warning_is_asked_about_once() -> None:
    """A number left out is worth one question; the same answer again is taken with its doubt."""
    short = changed(
        constraints=GOOD["constraints"][:1], parameters=[p for p in GOOD["parameters"] if p["name"] != "ordered"]
    )
    found, client = asked(short, short, "never asked")
    assert len(client.asked) == 2 and found.model is not None
    assert any(d.code == "P01" for d in found.doubts)


def test_three_bad_replies_are_a_refusal() -> None:
    """With every error of the last, and no model."""
    found, client = asked(BAD, "I cannot help with that.", BAD)
    assert len(client.asked) == 3 and found.model is None
    with pytest.raises(TextRefused, match="no valid document in 3 replies"):
        found.require_model()
    assert any("earn" in d.found for d in found.doubts)


def test_a_good_reply_is_not_lost_to_a_bad_one() -> None:
    """Asked about a warning the model may break its document: the valid one is kept."""
    short = changed(
        constraints=GOOD["constraints"][:1], parameters=[p for p in GOOD["parameters"] if p["name"] != "ordered"]
    )
    found, _ = asked(short, BAD, BAD)
    assert found.model is not None


@pytest.mark.parametrize(
    "reply",
    [
        changed(),
        f"Here it is:\n```json\n{changed()}\n```\nLet me know!",
        f'Thinking {{not json}} about {{"x": 1}}... so\n{changed()}',
        json.dumps({"name": "draft", "sets": []}) + "\n" + changed(),
    ],
)
def test_the_document_is_found_in_the_reply(reply: str) -> None:
    assert document_of(reply)["name"] == "tannery"


@pytest.mark.parametrize("reply", ["", "no", "[1, 2]", '{"answer": 42}', "{" * 5000, '{"a":' * 3000 + "1" + "}" * 3000])
def test_what_holds_no_document(reply: str) -> None:
    """An error that can be sent back, also for nesting that would end a parser."""
    with pytest.raises(nl2opt.DocumentError, match="no document"):
        document_of(reply)


def test_ids_become_quotes() -> None:
    """Ids, quotes in another case, quotes that occur twice; what is not there stays for the checks to find."""
    passage = segment("Take 3 apples. Take 3 pears.")
    items = {"constraints": [{"quotes": ["S2", "N2", "take  3 APPLES", "not there", ""]}]}
    (item,) = with_quotes(items, passage)["constraints"]
    assert item["quotes"] == ["Take 3 pears.", {"text": "3", "nth": 2}, "Take 3 apples", "not there"]


@pytest.mark.parametrize(
    "expr",
    [
        "__import__('os').system('touch owned')",
        "().__class__.__bases__[0].__subclasses__()",
        "(lambda: 1)() >= 0",
        "open('owned', 'w') >= 0",
        "sum(make[g] for g in [x for x in ().__class__.__mro__]) >= 0",
        "9 ** 9 ** 9 ** 9 >= make['bag']",
        "(" * 900 + "1" + ")" * 900 + " >= 0",
    ],
)
def test_mischief_is_refused(expr: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing a model writes is run: each is an error of the document, and nothing appears in the folder."""
    monkeypatch.chdir(tmp_path)
    bad = changed(constraints=[{"expr": expr}])
    found, _ = asked(bad, bad, bad)
    assert found.model is None or not nl2opt.solve(found.model, time_limit=5).trusted
    assert os.listdir(tmp_path) == []


def test_the_guide_teaches_what_the_reader_takes() -> None:
    """The example of the prompt is valid, and its quotes are in its text."""
    from nl2opt.formulate.language_model import prompt

    passage = segment("\n".join(line[4:] for line in prompt._EXAMPLE_TEXT.splitlines() if line.startswith("S")))
    example = with_quotes(prompt._EXAMPLE, passage)
    model = nl2opt.read(json.dumps({**example, "text": passage.text}))
    assert not nl2opt.check(model)
    assert told(passage) == prompt._EXAMPLE_TEXT
    assert "all_different" in guide() and len(guide()) < 40_000


def run(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    own = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")}
    return subprocess.run(
        [sys.executable, "-m", "nl2opt.cli", *args], capture_output=True, text=True, timeout=120, check=False,
        env={**own, **environment},
    )  # fmt: skip


def test_the_command_line(tmp_path: Path) -> None:
    """Solved from a real server; the second run is answered from the cache."""
    with chat_server([changed()]) as server:
        options = ("--translator", "llm", "--model", "local", "--base-url", server.url, "--json")
        runs = [run("solve", "--text", TEXT, *options, NL2OPT_CACHE=str(tmp_path)) for _ in range(2)]
    assert [r.returncode for r in runs] == [0, 0], runs[0].stderr
    assert {json.loads(r.stdout)["objective"] for r in runs} == {447.0}
    assert len(server.asked) == 1


def test_the_command_line_without_an_answer(tmp_path: Path) -> None:
    """A server that refuses, no model named, no key: one message each, no traceback."""
    with chat_server([Step("no such key", 401)]) as server:
        refused = run("solve", "--text", TEXT, "--translator", "llm", "--model", "m", "--base-url", server.url,
                      NL2OPT_CACHE=str(tmp_path))  # fmt: skip
    unnamed = run("solve", "--text", TEXT, "--translator", "llm")
    keyless = run("solve", "--text", TEXT, "--translator", "llm", "--model", "m")
    unknown = run("solve", "--text", TEXT, "--translator", "oracle")
    assert [r.returncode for r in (refused, unnamed, keyless, unknown)] == [9, 2, 9, 2]
    assert "E904" in refused.stderr and "E902" in keyless.stderr
    assert not any("Traceback" in r.stderr for r in (refused, unnamed, keyless, unknown))


def test_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NL2OPT_CACHE", str(tmp_path))
    with chat_server([changed()]) as server:
        found = nl2opt.formulate(TEXT, translator="llm", model="local", base_url=server.url)
    assert found.model is not None and found.calls[0].input_tokens == 11
    monkeypatch.delenv("NL2OPT_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelFailure):
        nl2opt.formulate(TEXT, translator="llm", model="local")
