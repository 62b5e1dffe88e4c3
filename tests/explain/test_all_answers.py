"""`answer: {find: all}` and `count` through the main flow: every answer judged, told, and said to be all or not."""

from __future__ import annotations

import json

import nl2opt
from nl2opt.explain.document import answer_object

TWINS = """
nl2opt: 1
name: twins
sets: {Seats: "range(1, 5)"}
variables: {ada: {in: Seats}, bo: {in: Seats}}
constraints:
  - {expr: "all_different(ada, bo)"}
  - {expr: abs(ada - bo) == 2}
outputs: {first: "min(ada, bo)"}
answer: {find: FIND}
"""


def solved(find: str, text: str = TWINS) -> nl2opt.Answer:
    """The puzzle with what is asked for."""
    return nl2opt.solve(nl2opt.read(text.replace("FIND", find)), time_limit=20)


def test_all_answers_are_told() -> None:
    """By hand: seats 1 and 3, 2 and 4; ada and bo exchanged count once, for the output is the same."""
    answer = solved("all")
    told = nl2opt.explain(answer)
    assert sorted(told.answers) == [(("first", 1),), (("first", 2),)]
    assert "2 answers that differ in the outputs" in told.headline
    assert any(e.check == "all answers" and e.holds and "no others" in e.statement for e in answer.evidence)
    found = json.loads(json.dumps(answer_object(answer)))
    assert found["count"] == {"found": 2, "complete": True}
    assert sorted(a["first"] for a in found["answers"]) == [1, 2]


def test_a_count_is_told_without_its_answers() -> None:
    told = nl2opt.explain(solved("count", TWINS.replace('outputs: {first: "min(ada, bo)"}\n', "")))
    assert "4 answers" in told.headline and told.answers == ()


def test_a_limit_says_that_there_may_be_more() -> None:
    told = nl2opt.explain(solved("all, limit: 1"))
    assert "1 or more answers" in told.headline


def test_one_answer_is_one_answer() -> None:
    """Nothing is listed where the best is asked for."""
    answer = solved("best")
    assert answer.every is None and answer_object(answer)["answers"] is None


def test_penalties_alone_are_totalled() -> None:
    """A model with soft constraints and no objective says what they cost."""
    text = "nl2opt: 1\nname: m\nvariables: {x: {type: integer, upper: 9}}\nconstraints:\n"
    text += "- {expr: x >= 7, penalty: 2}\n- {expr: x <= 4, penalty: 5}\n"
    assert "penalties: 6" in nl2opt.explain(nl2opt.solve(nl2opt.read(text), time_limit=20)).headline
